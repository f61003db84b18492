/* test_cli_formats.c - ClickHouse's forms to the byte, the types they name, numbers as it writes
 * them. */
#include <math.h>
#include <stdlib.h>

#include "cli/format.h"
#include "cli/types.h"
#include "test.h"

enum { COLUMNS = 4 };
static const char *const names[COLUMNS] = {"id", "it's", "x", "v"};
static const char *const declared[COLUMNS] = {"Int64", "", "Float32", "Array(Float32)"};
static const float vector[] = {0.5f, -1.0f, 0.1f};

static struct cell text_cell(const char *s)
{
    return (struct cell){.kind = CELL_TEXT, .data = s, .bytes = strlen(s)};
}

/* Two rows, the second with NULLs. */
static void add_rows(struct output *o)
{
    struct cell rows[2][COLUMNS] = {
        {{.kind = CELL_INTEGER, .integer = 7}, text_cell("a\tb'\"\n\\"),
            {.kind = CELL_FLOAT, .number = (double)0.1f, .single = true},
            {.kind = CELL_VECTOR, .data = (const char *)vector, .bytes = sizeof vector}},
        {{.kind = CELL_INTEGER, .integer = 1234567890123456789}, {.kind = CELL_NULL},
            {.kind = CELL_FLOAT, .number = 2.0, .single = true}, {.kind = CELL_NULL}},
    };
    for (int i = 0; i < 2; i++) output_row(o, rows[i]);
}

/* What a form prints, in a buffer that the next call reuses. rows false: of no rows. */
static const char *printed(const char *form, bool rows, const struct output_cost *cost)
{
    static char out[65536];
    struct output o;
    struct err e = ERR_INIT;
    memset(out, 0, sizeof out);
    FILE *f = fmemopen(out, sizeof out, "w");
    assert_non_null(f);
    assert_non_null(format_find(form));
    output_init(&o, f, format_find(form));
    if (cost != NULL) o.cost = *cost;
    output_begin(&o, names, declared, COLUMNS);
    if (rows) add_rows(&o);
    output_end(&o);
    assert_ok(output_check(&o, &e), &e);
    output_deinit(&o);
    fclose(f);
    return out;
}

#define TAB_ROWS                                                                                   \
    "7\ta\\tb\\'\"\\n\\\\\t0.1\t[0.5,-1,0.1]\n"                                                    \
    "1234567890123456789\t\\N\t2\t\\N\n"

static void lines_are_clickhouses(void **state)
{
    (void)state;
    assert_string_equal(printed("TabSeparated", true, NULL), TAB_ROWS);
    assert_string_equal(printed("TSV", true, NULL), TAB_ROWS);
    assert_string_equal(
        printed("TabSeparatedWithNames", true, NULL), "id\tit\\'s\tx\tv\n" TAB_ROWS);
    assert_string_equal(printed("TabSeparatedWithNamesAndTypes", true, NULL),
        "id\tit\\'s\tx\tv\nInt64\tNullable(String)\tFloat32\tArray(Float32)\n" TAB_ROWS);
    assert_string_equal(printed("TabSeparatedWithNamesAndTypes", false, NULL),
        "id\tit\\'s\tx\tv\nInt64\tNullable(Nothing)\tFloat32\tArray(Float32)\n");
    assert_string_equal(printed("CSV", true, NULL),
        "7,\"a\tb'\"\"\n\\\",0.1,\"[0.5,-1,0.1]\"\n1234567890123456789,\\N,2,\\N\n");
    assert_string_equal(printed("CSVWithNames", false, NULL), "\"id\",\"it's\",\"x\",\"v\"\n");
    assert_string_equal(printed("Null", true, NULL), "");
    assert_string_equal(printed("Vertical", true, NULL),
        "Row 1:\n──────\nid:   7\nit's: a\\tb'\"\\n\\\nx:    0.1\nv:    [0.5,-1,0.1]\n"
        "\nRow 2:\n──────\nid:   1234567890123456789\nit's: ᴺᵁᴸᴸ\nx:    2\nv:    ᴺᵁᴸᴸ\n");
}

#define META                                                                                       \
    "{\n\t\"meta\":\n\t[\n"                                                                        \
    "\t\t{\n\t\t\t\"name\": \"id\",\n\t\t\t\"type\": \"Int64\"\n\t\t},\n"                          \
    "\t\t{\n\t\t\t\"name\": \"it's\",\n\t\t\t\"type\": \"Nullable(String)\"\n\t\t},\n"             \
    "\t\t{\n\t\t\t\"name\": \"x\",\n\t\t\t\"type\": \"Float32\"\n\t\t},\n"                         \
    "\t\t{\n\t\t\t\"name\": \"v\",\n\t\t\t\"type\": \"Array(Float32)\"\n\t\t}\n"                   \
    "\t],\n\n\t\"data\":\n\t[\n"

static void json_is_clickhouses(void **state)
{
    (void)state;
    struct output_cost cost = {.elapsed_us = 1500, .rows_read = 12, .bytes_read = 345};
    assert_string_equal(printed("JSONEachRow", true, NULL),
        "{\"id\":7,\"it's\":\"a\\tb'\\\"\\n\\\\\",\"x\":0.1,\"v\":[0.5,-1,0.1]}\n"
        "{\"id\":1234567890123456789,\"it's\":null,\"x\":2,\"v\":null}\n");
    assert_string_equal(printed("JSONCompact", true, &cost),
        META "\t\t[7, \"a\\tb'\\\"\\n\\\\\", 0.1, [0.5,-1,0.1]],\n"
             "\t\t[1234567890123456789, null, 2, null]\n\t],\n\n\t\"rows\": 2,\n\n"
             "\t\"statistics\":\n\t{\n\t\t\"elapsed\": 0.0015,\n\t\t\"rows_read\": 12,\n"
             "\t\t\"bytes_read\": 345\n\t}\n}\n");
    assert_string_equal(printed("JSON", true, NULL),
        META "\t\t{\n\t\t\t\"id\": 7,\n\t\t\t\"it's\": \"a\\tb'\\\"\\n\\\\\",\n\t\t\t\"x\": 0.1,\n"
             "\t\t\t\"v\": [0.5,-1,0.1]\n\t\t},\n"
             "\t\t{\n\t\t\t\"id\": 1234567890123456789,\n\t\t\t\"it's\": null,\n\t\t\t\"x\": 2,\n"
             "\t\t\t\"v\": null\n\t\t}\n\t],\n\n\t\"rows\": 2\n}\n");
    cost.rows_read = cost.bytes_read = -1; /* what isn't known is left out */
    assert_non_null(strstr(printed("JSON", false, &cost),
        "\t[\n\n\t],\n\n\t\"rows\": 0,\n\n\t\"statistics\":\n\t{\n\t\t\"elapsed\": "
        "0.0015\n\t}\n}\n"));
}

static void pretty_is_clickhouses(void **state)
{
    (void)state;
    assert_string_equal(printed("Pretty", true, NULL),
        "   ┏━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━┳━━━━━┳━━━━━━━━━━━━━━┓\n"
        "   ┃                  id ┃ it's      ┃   x ┃ v            ┃\n"
        "   ┡━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━╇━━━━━╇━━━━━━━━━━━━━━┩\n"
        "1. │                   7 │ a\\tb'\"\\n\\ │ 0.1 │ [0.5,-1,0.1] │\n"
        "   ├─────────────────────┼───────────┼─────┼──────────────┤\n"
        "2. │ 1234567890123456789 │ ᴺᵁᴸᴸ      │   2 │ ᴺᵁᴸᴸ         │\n"
        "   └─────────────────────┴───────────┴─────┴──────────────┘\n");
    assert_string_equal(printed("PrettyCompact", true, NULL),
        "   ┌──────────────────id─┬─it's──────┬───x─┬─v────────────┐\n"
        "1. │                   7 │ a\\tb'\"\\n\\ │ 0.1 │ [0.5,-1,0.1] │\n"
        "2. │ 1234567890123456789 │ ᴺᵁᴸᴸ      │   2 │ ᴺᵁᴸᴸ         │\n"
        "   └─────────────────────┴───────────┴─────┴──────────────┘\n");
    assert_string_equal(printed("Pretty", false, NULL), "");
}

/* Row numbers go on from box to box, and their width with them. */
static void pretty_counts_on(void **state)
{
    (void)state;
    struct output o;
    struct err e = ERR_INIT;
    char *text = NULL;
    size_t bytes = 0;
    FILE *f = open_memstream(&text, &bytes);
    output_init(&o, f, &format_click_pretty_compact);
    output_begin(&o, names, declared, 1);
    for (int i = 1; i <= BOX_ROWS + 1; i++)
        output_row(&o, &(struct cell){.kind = CELL_INTEGER, .integer = i});
    output_end(&o);
    assert_ok(output_check(&o, &e), &e);
    output_deinit(&o);
    fclose(f);
    assert_non_null(strstr(text, "\n   1. │    1 │\n"));
    assert_non_null(strstr(text, "\n1000. │ 1000 │\n"));
    assert_non_null(strstr(text, "\n      ┌───id─┐\n1001. │ 1001 │\n"));
    free(text);
}

/* A head that names types goes out once HELD_BYTES wait, and says that it can't know the rest. */
static void types_of_a_long_result(void **state)
{
    (void)state;
    static char large[1 << 20];
    struct output o;
    struct err e = ERR_INIT;
    char *text = NULL;
    size_t bytes = 0;
    FILE *f = open_memstream(&text, &bytes);
    memset(large, 'x', sizeof large - 1);
    output_init(&o, f, &format_click_tab_types);
    output_begin(&o, names, NULL, 1);
    int rows = HELD_BYTES / (int)sizeof large + 2;
    for (int i = 0; i < rows; i++) {
        struct cell c = text_cell(large);
        output_row(&o, &c);
        fflush(f);
        if (i + 1 < HELD_BYTES / (int)sizeof large) assert_int_equal(bytes, 0);
    }
    output_end(&o);
    assert_ok(output_check(&o, &e), &e);
    output_deinit(&o);
    fclose(f);
    assert_memory_equal(text, "id\nNullable(String)\nxxx", 22);
    assert_int_equal(bytes, 20 + (size_t)rows * sizeof large - 0);
    free(text);
}

static void forms_are_found(void **state)
{
    (void)state;
    assert_ptr_equal(format_find("csv"), &format_csv); /* two forms, told by their case */
    assert_ptr_equal(format_find("CSV"), &format_click_csv);
    assert_ptr_equal(format_find("json"), &format_json);
    assert_ptr_equal(format_find("JSON"), &format_click_json);
    assert_ptr_equal(format_find("jsoneachrow"), &format_click_json_rows);
    assert_ptr_equal(format_find("tsv"), &format_tsv);
    assert_ptr_equal(format_find("TSV"), &format_click_tab);
    assert_ptr_equal(format_find("column"), &format_box);
    assert_null(format_find("yaml"));
}

static void types_are_named(void **state)
{
    (void)state;
    enum {
        N = 1 << CELL_NULL,
        I = 1 << CELL_INTEGER,
        F = 1 << CELL_FLOAT,
        T = 1 << CELL_TEXT,
        B = 1 << CELL_BLOB,
        V = 1 << CELL_VECTOR
    };
    static const struct {
        const char *declared;
        unsigned seen;
        bool unseen;
        const char *type;
    } rows[] = {
        {"", 0, false, "Nullable(Nothing)"},
        {"", N, false, "Nullable(Nothing)"},
        {"", I, false, "Int64"},
        {"", I, true, "Nullable(Int64)"},
        {"", I | F, false, "Float64"},
        {"", I | T, false, "String"},
        {"", B, false, "String"},
        {"", V, false, "Array(Float32)"},
        {"", V | N, false, "Array(Float32)"},
        {"INTEGER", I, false, "Int64"},
        {"INTEGER", I | N, false, "Nullable(Int64)"},
        {"bigint", 0, false, "Int64"},
        {"varchar(10)", T, false, "String"},
        {"INTEGER", T, false, "String"}, /* values rule */
        {"DOUBLE PRECISION", F | I, false, "Float64"},
        {"vector(3)", V, false, "Array(Float32)"},
        {"halfvec(3)", V | N, true, "Array(Float32)"},
        {"UInt8", I, true, "UInt8"},
        {"UInt8", I | N, false, "Nullable(UInt8)"},
        {"Nullable(Float32)", F | N, false, "Nullable(Float32)"},
        {"LowCardinality(String)", T | N, false, "LowCardinality(String)"},
        {"Array(Float32)", N, false, "Array(Float32)"},
        {"DateTime64(3)", T, false, "DateTime64(3)"},
        {"Float32", T, false, "String"},
        {"Date", T, false, "Date"},
        {"date", T, false, "String"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct column_type t = {rows[i].declared, rows[i].seen, rows[i].unseen};
        struct buf b;
        buf_init(&b);
        type_add(&b, &t);
        assert_string_equal(b.data, rows[i].type);
        buf_deinit(&b);
    }
    assert_true(type_is_single("Float32") && type_is_single("Nullable(Float32)"));
    assert_false(type_is_single("Float64") || type_is_single(NULL) || type_is_single("FLOAT"));
    assert_true(type_is_truth("LowCardinality(Nullable(Bool))"));
    assert_false(type_is_truth("BOOLEAN"));
}

static void numbers_are_shortest(void **state)
{
    (void)state;
    static const struct {
        double d;
        bool single;
        const char *text;
    } rows[] = {
        {0, false, "0"},
        {-0.0, false, "-0"},
        {1, false, "1"},
        {-2.5, false, "-2.5"},
        {100, false, "100"},
        {0.1, false, "0.1"},
        {0.30000000000000004, false, "0.30000000000000004"},
        {1e-6, false, "0.000001"},
        {1e-7, false, "1e-7"},
        {1.5e-7, false, "1.5e-7"},
        {1e20, false, "100000000000000000000"},
        {1e21, false, "1e21"},
        {1.7976931348623157e308, false, "1.7976931348623157e308"},
        {5e-324, false, "5e-324"},
        {123456789.125, false, "123456789.125"},
        {(double)0.1f, true, "0.1"},
        {(double)16777216.0f, true, "16777216"},
        {(double)3.4028235e38f, true, "3.4028235e38"},
        {(double)NAN, false, "nan"},
        {(double)INFINITY, false, "inf"},
        {-(double)INFINITY, false, "-inf"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buf b;
        buf_init(&b);
        cell_add_number(&b, rows[i].d, rows[i].single);
        assert_string_equal(b.data, rows[i].text);
        buf_deinit(&b);
    }
    srand(7);
    for (int i = 0; i < 20000; i++) { /* any bits: what is printed reads back */
        uint64_t bits = (uint64_t)(unsigned)rand() << 42 ^ (uint64_t)(unsigned)rand() << 21 ^
            (uint64_t)(unsigned)rand();
        double d;
        struct buf b;
        memcpy(&d, &bits, sizeof d);
        if (!isfinite(d)) continue;
        buf_init(&b);
        cell_add_number(&b, d, false);
        assert_true(strtod(b.data, NULL) == d);
        buf_deinit(&b);
    }
}

/* The quick way of middling floats gives what trying gives. */
static void floats_are_shortest(void **state)
{
    (void)state;
    srand(8);
    for (int i = 0; i < 200000; i++) {
        float f;
        uint32_t bits = (uint32_t)(unsigned)rand() << 16 ^ (uint32_t)(unsigned)rand();
        if (i % 2 == 0) bits = (bits & 0x807fffff) | (uint32_t)(110 + rand() % 40) << 23;
        memcpy(&f, &bits, sizeof f);
        if (i % 16 == 0) f = (float)(rand() % 2000000 - 1000000) / (float)(1 << rand() % 12);
        if (!isfinite(f)) continue;
        char tried[40];
        for (int digits = 6; digits <= 9; digits++) {
            snprintf(tried, sizeof tried, "%.*g", digits, (double)f);
            if (strtof(tried, NULL) == f) break;
        }
        struct buf b;
        buf_init(&b);
        cell_add_float(&b, f);
        assert_string_equal(b.data, tried);
        buf_deinit(&b);
    }
}

/* Bool, blobs, and what JSON has not. */
static void values_of_their_own(void **state)
{
    (void)state;
    struct buf b;
    struct cell truth = {.kind = CELL_INTEGER, .integer = 1, .truth = true};
    struct cell blob = {.kind = CELL_BLOB, .data = "\x01\xff", .bytes = 2};
    struct cell inf = {.kind = CELL_FLOAT, .number = (double)INFINITY};
    buf_init(&b);
    cell_add_click(&b, &truth);
    cell_add_text(&b, &truth);
    cell_add_json(&b, &truth, true);
    cell_add_click(&b, &blob);
    cell_add_text(&b, &blob);
    cell_add_json(&b, &blob, true);
    cell_add_json(&b, &blob, false);
    cell_add_click(&b, &inf);
    cell_add_json(&b, &inf, true);
    assert_string_equal(b.data,
        "true1true\x01\xff"
        "x'01ff'\"\\u0001\xef\xbf\xbd\"\"01ff\"infnull");
    buf_deinit(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_clickhouses),
        cmocka_unit_test(json_is_clickhouses),
        cmocka_unit_test(pretty_is_clickhouses),
        cmocka_unit_test(pretty_counts_on),
        cmocka_unit_test(types_of_a_long_result),
        cmocka_unit_test(forms_are_found),
        cmocka_unit_test(types_are_named),
        cmocka_unit_test(numbers_are_shortest),
        cmocka_unit_test(floats_are_shortest),
        cmocka_unit_test(values_of_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
