/* test_image_bad.c - files that must be refused, each with its own reason; odd ones that must not;
 * and memory that runs out at any point. */
#include "image_case.h"

static const struct image_spec SPEC = {
    .width = 32, .height = 32, .resize = 32, .filter = IMAGE_BICUBIC};
static struct json_doc *doc;

static enum status status_named(const char *name)
{
    for (int st = 0; st < ST_COUNT; st++)
        if (strcmp(status_row((enum status)st)->name, name) == 0) return (enum status)st;
    fail_msg("no status %s", name);
    return ST_OK;
}

static enum status prepare(const uint8_t *data, size_t bytes, struct err *e)
{
    uint8_t out[32 * 32 * 3];
    return image_prepare(data, bytes, &SPEC, out, NULL, e);
}

static void check_bad(const struct json_node *row)
{
    struct err e = ERR_INIT;
    const char *name = json_str(json_get(row, "file"), ""),
               *words = json_str(json_get(row, "words"), "");
    enum status want = status_named(json_str(json_get(row, "status"), ""));
    size_t bytes;
    uint8_t *data = case_read("bad", name, &bytes);
    enum status st = prepare(data, bytes, &e);
    print_message("  %-22s %s\n", name, e.text);
    if (st != want || strstr(e.text, words) == NULL)
        fail_msg("%s: gave %s \"%s\", not \"%s\"", name, status_row(st)->name, e.text, words);
    mem_free(data);
}

static void test_bad(void **state)
{
    (void)state;
    const struct json_node *bad = json_get(json_root(doc), "bad");
    assert_true(json_count(bad) > 20);
    for (size_t i = 0; i < json_count(bad); i++) check_bad(json_at(bad, i));
}

/* Sizes that pass the limit are refused with no memory to be had at all. */
static void test_huge_takes_no_memory(void **state)
{
    (void)state;
    static const char *const HUGE_FILES[] = {
        "huge.png", "huge.jpg", "huge.gif", "huge.bmp", "huge.webp"};
    for (size_t i = 0; i < sizeof HUGE_FILES / sizeof *HUGE_FILES; i++) {
        struct err e = ERR_INIT;
        size_t bytes;
        uint8_t *data = case_read("bad", HUGE_FILES[i], &bytes);
        mem_fault_set(1, true);
        enum status st = prepare(data, bytes, &e);
        mem_fault_set(0, false);
        assert_int_equal(st, ST_LIMIT);
        mem_free(data);
    }
}

/* Every cut of a small file of each format is refused or read, and never crashes; most are refused.
 */
static void test_truncated_anywhere(void **state)
{
    (void)state;
    static const char *const FILES[] = {"odd.jpg", "progressive.jpg", "P4.png", "lossy.webp",
        "lossless.webp", "plain.gif", "rle8.bmp", "565.bmp"};
    for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++) {
        size_t bytes, refused = 0, tried = 0;
        uint8_t *data = case_read("files", FILES[i], &bytes);
        for (size_t cut = 0; cut < bytes * 9 / 10; cut += 1 + cut / 16) {
            struct err e = ERR_INIT;
            uint8_t *part = mem_alloc(cut);
            if (cut > 0) memcpy(part, data, cut);
            tried++;
            if (prepare(part, cut, &e) != ST_OK) refused += e.text[0] != '\0';
            mem_free(part);
        }
        if (refused != tried) fail_msg("%s: %zu of %zu cuts refused", FILES[i], refused, tried);
        mem_free(data);
    }
}

/* The n-th allocation fails, for every n: NO_MEMORY, nothing leaks (the sanitizer's part), then
 * success. */
static void test_out_of_memory(void **state)
{
    (void)state;
    static const char *const FILES[] = {"420.jpg", "cmyk.jpg", "grey16.png", "RGBA.png",
        "alpha.webp", "transparent.gif", "24.bmp", "orientation6.jpg"};
    for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++) {
        size_t bytes;
        uint8_t *data = case_read("files", FILES[i], &bytes);
        enum status st = ST_NO_MEMORY;
        for (uint64_t n = 1; st != ST_OK && n < 100; n++) {
            struct err e = ERR_INIT;
            mem_fault_set(n, false);
            st = prepare(data, bytes, &e);
            mem_fault_set(0, false);
            if (st != ST_OK && st != ST_NO_MEMORY)
                fail_msg("%s, allocation %d: %s", FILES[i], (int)n, e.text);
        }
        assert_int_equal(st, ST_OK);
        mem_free(data);
    }
}

static void test_names(void **state)
{
    (void)state;
    assert_true(image_name_known("a.jpg"));
    assert_true(image_name_known("/x y/B.JPeG"));
    assert_true(image_name_known("c.old.PNG"));
    assert_true(image_name_known(".webp"));
    assert_true(image_name_known("d.Gif"));
    assert_true(image_name_known("e.DIB"));
    assert_false(image_name_known("f.tiff"));
    assert_false(image_name_known("jpg"));
    assert_false(image_name_known("g.jpg/readme"));
    assert_false(image_name_known("h.jpg.part"));
    assert_false(image_name_known(""));
}

/* Content tells the format, whatever the name says. */
static void test_formats(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        enum image_format format;
    } CASES[] = {{"444.jpg", IMAGE_JPEG}, {"RGBA.jpg", IMAGE_PNG}, {"animated.webp", IMAGE_WEBP},
        {"animated.gif", IMAGE_GIF}, {"core.bmp", IMAGE_BMP}};
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        size_t bytes;
        uint8_t *data = case_read("files", CASES[i].file, &bytes);
        assert_int_equal(image_format_find(data, bytes), CASES[i].format);
        mem_free(data);
    }
    assert_int_equal(image_format_find(NULL, 0), IMAGE_NONE);
    assert_string_equal(image_format_name(IMAGE_WEBP), "webp");
}

static void test_bad_spec(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    uint8_t out[3];
    size_t bytes;
    uint8_t *data = case_read("files", "odd.jpg", &bytes);
    struct image_spec spec = {.width = 1, .height = 0, .stretch = true};
    assert_fails(image_prepare(data, bytes, &spec, out, NULL, &e), ST_INVALID, &e, "1 x 0");
    spec = (struct image_spec){.width = 30, .height = 20, .resize = 25};
    assert_fails(image_prepare(data, bytes, &spec, out, NULL, &e), ST_INVALID, &e, "resized to 25");
    mem_free(data);
}

static int setup(void **state)
{
    (void)state;
    doc = case_json();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    json_close(doc);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_huge_takes_no_memory),
        cmocka_unit_test(test_truncated_anywhere),
        cmocka_unit_test(test_out_of_memory),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_formats),
        cmocka_unit_test(test_bad_spec),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
