/* test_cli_output.c - the forms of rows to the byte, widths in a box, text made visible, progress
 * lines. */
#include <math.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "cli/format.h"
#include "cli/progress.h"
#include "cli/text.h"
#include "test.h"

enum { COLUMNS = 4 };
static const char *const names[COLUMNS] = {"n", "x", "text", "v"};

static struct cell text_cell(const char *s)
{
    return (struct cell){.kind = CELL_TEXT, .data = s, .bytes = strlen(s)};
}

/* What the form prints of one row (and a second, of NULLs), in a buffer that the next call reuses.
 */
static const char *printed(const struct format *how, const struct cell row[COLUMNS], size_t width)
{
    static char out[65536];
    static const struct cell nulls[COLUMNS];
    struct output o;
    struct err e = ERR_INIT;
    FILE *f = fmemopen(out, sizeof out, "w");
    assert_non_null(f);
    output_init(&o, f, how);
    o.width = width;
    output_begin(&o, names, NULL, COLUMNS);
    output_row(&o, row);
    output_row(&o, nulls);
    output_end(&o);
    assert_ok(output_check(&o, &e), &e);
    assert_int_equal(o.rows, 2);
    output_deinit(&o);
    fclose(f);
    return out;
}

static const float vector[] = {0.5f, -1.0f, 0.1f};

static void make_row(struct cell row[COLUMNS], const char *text)
{
    row[0] = (struct cell){.kind = CELL_INTEGER, .integer = -42};
    row[1] = (struct cell){.kind = CELL_FLOAT, .number = 0.1};
    row[2] = text_cell(text);
    row[3] =
        (struct cell){.kind = CELL_VECTOR, .data = (const char *)vector, .bytes = sizeof vector};
}

static void tsv_keeps_a_row_a_line(void **state)
{
    (void)state;
    struct cell row[COLUMNS];
    make_row(row, "a\tb\nc\\d\re \xff");
    assert_string_equal(printed(&format_tsv, row, 0),
        "-42\t0.1\ta\\tb\\nc\\\\d\\re \xff\t[0.5,-1,0.1]\n\\N\t\\N\t\\N\t\\N\n");
}

static void csv_follows_the_rfc(void **state)
{
    (void)state;
    struct cell row[COLUMNS];
    make_row(row, "say \"hi\", you");
    assert_string_equal(printed(&format_csv, row, 0),
        "n,x,text,v\r\n-42,0.1,\"say \"\"hi\"\", you\",\"[0.5,-1,0.1]\"\r\n,,,\r\n");
    make_row(row, "");
    assert_non_null(strstr(printed(&format_csv, row, 0), ",\"\",")); /* empty is not NULL */
}

static void json_is_json(void **state)
{
    (void)state;
    struct cell row[COLUMNS];
    make_row(row, "a\"b\n\xff");
    assert_string_equal(printed(&format_json, row, 0),
        "[{\"n\":-42,\"x\":0.1,\"text\":\"a\\\"b\\n\xef\xbf\xbd\",\"v\":[0.5,-1,0.1]},\n"
        " {\"n\":null,\"x\":null,\"text\":null,\"v\":null}]\n");
    row[1].number = (double)NAN;
    row[2] = (struct cell){.kind = CELL_BLOB, .data = "\x01\xab", .bytes = 2};
    assert_string_equal(printed(&format_json, row, 0),
        "[{\"n\":-42,\"x\":null,\"text\":\"01ab\",\"v\":[0.5,-1,0.1]},\n"
        " {\"n\":null,\"x\":null,\"text\":null,\"v\":null}]\n");
}

static void box_aligns_wide_letters(void **state)
{
    (void)state;
    struct cell row[COLUMNS];
    make_row(row, "고양이");
    assert_string_equal(printed(&format_box, row, 0),
        "┌─────┬─────┬────────┬──────────────┐\n"
        "│   n │   x │ text   │ v            │\n"
        "├─────┼─────┼────────┼──────────────┤\n"
        "│ -42 │ 0.1 │ 고양이 │ [0.5,-1,0.1] │\n"
        "│     │     │        │              │\n"
        "└─────┴─────┴────────┴──────────────┘\n");
}

static void box_fits_the_window(void **state)
{
    (void)state;
    struct cell row[COLUMNS];
    make_row(row, "/home/me/Pictures/a long way down/여름/and further/IMG_0001.jpg");
    const char *out = printed(&format_box, row, 60), *line = out;
    for (const char *end; (end = strchr(line, '\n')) != NULL; line = end + 1)
        assert_int_equal(utf8_width(line, (size_t)(end - line)), 60);
    assert_non_null(strstr(out, "…"));
    assert_non_null(strstr(out, "IMG_0001.jpg"));
}

static void box_is_drawn_in_stretches(void **state)
{
    (void)state;
    struct output o;
    struct err e = ERR_INIT;
    FILE *f = tmpfile();
    output_init(&o, f, &format_box);
    output_begin(&o, names, NULL, 1);
    struct cell c = {.kind = CELL_INTEGER};
    for (c.integer = 1; c.integer <= 2 * BOX_ROWS + 1; c.integer++) output_row(&o, &c);
    output_end(&o);
    assert_ok(output_check(&o, &e), &e);
    assert_int_equal(o.rows, 2 * BOX_ROWS + 1);
    output_deinit(&o);
    rewind(f);
    int lines = 0, borders = 0, ch;
    char line[256];
    while (fgets(line, sizeof line, f) != NULL) {
        lines++;
        ch = strncmp(line, "│", strlen("│"));
        borders += ch != 0;
    }
    assert_int_equal(borders, 9); /* three boxes */
    assert_int_equal(lines, 2 * BOX_ROWS + 1 + 9 + 3);
    fclose(f);
}

static void a_refusing_file_is_an_error(void **state)
{
    (void)state;
    struct output o;
    struct err e = ERR_INIT;
    FILE *f = fopen("/dev/full", "w");
    if (f == NULL) skip();
    output_init(&o, f, &format_tsv);
    output_begin(&o, names, NULL, COLUMNS);
    struct cell row[COLUMNS];
    make_row(row, "x");
    output_row(&o, row);
    output_end(&o);
    assert_fails(output_check(&o, &e), ST_DISK_FULL, &e, "can't be written");
    output_deinit(&o);
    fclose(f);
}

static void doubles_read_back(void **state)
{
    (void)state;
    static const double values[] = {0.1, 1.0, -0.0, 1e300, 5e-324, 1.0 / 3, 123456789.125};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        struct buf b;
        buf_init(&b);
        cell_add_double(&b, values[i]);
        assert_true(strtod(b.data, NULL) == values[i]);
        buf_deinit(&b);
    }
    struct buf b;
    buf_init(&b);
    cell_add_double(&b, 1.0);
    assert_string_equal(b.data, "1.0");
    buf_deinit(&b);
}

static void hostile_text_is_made_visible(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } rows[] = {
        {"plain", "plain"},
        {"\x1b[31mred", "\\x1b[31mred"},
        {"a\nb\tc\rd", "a\\nb\\tc\\rd"},
        {"\xff\xfe", "\\xff\\xfe"},
        {"\xc2\x9b", "\\x9b"}, /* the one-byte CSI */
        {"\xe2\x80\xae"
         "gpj",
            "\\u202egpj"}, /* what would turn the name around */
        {"고양이 🐈", "고양이 🐈"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buf b;
        buf_init(&b);
        text_add_visible(&b, rows[i].in, strlen(rows[i].in));
        assert_string_equal(b.data, rows[i].out);
        buf_deinit(&b);
    }
}

static void shortening_never_passes_the_width(void **state)
{
    (void)state;
    static const char text[] = "가나다/abc/日本語/def/🐈🐈/e\xcc\x81nd.png";
    for (size_t width = 0; width < 40; width++) {
        struct buf b;
        buf_init(&b);
        text_add_shortened(&b, text, strlen(text), width);
        assert_true(utf8_width(b.data, b.bytes) <= width);
        assert_true(utf8_valid(b.data, b.bytes));
        buf_deinit(&b);
    }
}

static void progress_tells_rate_and_rest(void **state)
{
    (void)state;
    struct progress p;
    struct progress_state s = {.what = "indexing", .done = 0, .total = 2000};
    FILE *f = tmpfile();
    struct buf b;
    progress_init(&p, f, false);
    progress_show(&p, &s, 1000);
    assert_int_equal(ftell(f), 0); /* not a terminal: quiet at first */
    s.done = 1000;
    buf_init(&b);
    progress_add_line(&b, &p, &s, 11000);
    assert_string_equal(b.data, "1,000 of 2,000  100/s  0:10 left");
    buf_deinit(&b);
    progress_show(&p, &s, 11000);
    assert_true(ftell(f) > 0);
    fclose(f);
}

static void notes_are_bounded(void **state)
{
    (void)state;
    struct progress p;
    struct progress_state s = {.what = "indexing", .note = "a.jpg: \x1b[2J"};
    FILE *f = tmpfile();
    char line[256];
    int lines = 0;
    progress_init(&p, f, false);
    for (int i = 0; i < 1000; i++) progress_show(&p, &s, 1);
    rewind(f);
    while (fgets(line, sizeof line, f) != NULL) {
        lines++;
        assert_null(strchr(line, '\x1b'));
    }
    assert_int_equal(lines, PROGRESS_NOTES + 1);
    fclose(f);
}

/* What is quick draws nothing; what is not has one line, which goes again. */
static void a_living_line(void **state)
{
    (void)state;
    char *text = NULL;
    size_t bytes = 0;
    FILE *f = open_memstream(&text, &bytes);
    struct progress p;
    struct progress_state s = {.what = "reading", .done = 0, .total = 8000000};
    progress_init(&p, f, true);
    progress_show(&p, &s, 1000);
    progress_show(&p, &s, 1000 + PROGRESS_FIRST_MS - 1);
    progress_clear(&p);
    fflush(f);
    assert_int_equal(bytes, 0);
    s.done = 2000000;
    progress_show(&p, &s, 2000);
    progress_show(&p, &s, 2000 + PROGRESS_DRAW_MS - 1); /* not so soon again */
    progress_clear(&p);
    fflush(f);
    assert_string_equal(text,
        "\rreading  █████                 2.0 MB of 8.0 MB  2.0 MB/s  0:03 left"
        "\033[K\r\033[K");
    fclose(f);
    free(text);
}

static void amounts_of_bytes(void **state)
{
    (void)state;
    static const struct {
        uint64_t total;
        const char *text;
    } rows[] = {{999000, "0.0 KB of 999.0 KB"}, {1500000, "0.0 KB of 1.5 MB"},
        {23400000000, "0.0 KB of 23.4 GB"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct progress p = {.what = "reading"};
        struct progress_state s = {.what = "reading", .total = rows[i].total};
        struct buf b;
        buf_init(&b);
        progress_add_line(&b, &p, &s, 0);
        assert_string_equal(b.data, rows[i].text);
        buf_deinit(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tsv_keeps_a_row_a_line),
        cmocka_unit_test(csv_follows_the_rfc),
        cmocka_unit_test(json_is_json),
        cmocka_unit_test(box_aligns_wide_letters),
        cmocka_unit_test(box_fits_the_window),
        cmocka_unit_test(box_is_drawn_in_stretches),
        cmocka_unit_test(a_refusing_file_is_an_error),
        cmocka_unit_test(doubles_read_back),
        cmocka_unit_test(hostile_text_is_made_visible),
        cmocka_unit_test(shortening_never_passes_the_width),
        cmocka_unit_test(progress_tells_rate_and_rest),
        cmocka_unit_test(a_living_line),
        cmocka_unit_test(amounts_of_bytes),
        cmocka_unit_test(notes_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
