/* test_base_text.c - errors, buffers, arenas, memory faults, UTF-8. */
#include "test.h"

#include <errno.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"

static void test_err_place_counts_characters(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    const char *sql = "SELECT 1;\nSELECT '\xea\xb3\xa0' x y";
    assert_int_equal(err_set(&e, ST_SYNTAX, "near \"%s\"", "y"), ST_SYNTAX);
    err_place(&e, sql, (int)(strstr(sql, " y") + 1 - sql));
    assert_int_equal(e.line, 2);
    assert_int_equal(e.column, 14);
    assert_string_equal(e.text, "near \"y\"");
}

static void test_err_text_is_cut_between_characters(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    char many[2000];
    for (size_t i = 0; i + 3 < sizeof many; i += 3) memcpy(many + i, "\xea\xb3\xa0", 4);
    for (int lead = 0; lead < 3; lead++) {
        err_set(&e, ST_INVALID, "%.*s%s", lead, "ab", many);
        assert_true(utf8_valid(e.text, strlen(e.text)));
        assert_true(strlen(e.text) > ERR_TEXT_BYTES - 8);
    }
}

static void test_err_errno_picks_a_status(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    assert_int_equal(err_set_errno(&e, ENOENT, "%s", "a.jpg"), ST_NOT_FOUND);
    assert_string_equal(e.text, "a.jpg: No such file or directory");
    assert_int_equal(err_set_errno(&e, ENOSPC, "x"), ST_DISK_FULL);
    assert_int_equal(err_set_errno(NULL, EACCES, "x"), ST_DENIED);
}

static void test_statuses_round_trip_through_sqlite(void **state)
{
    (void)state;
    for (int i = 0; i < ST_COUNT; i++) {
        const struct status_row *row = status_row((enum status)i);
        assert_non_null(row->name);
        assert_int_equal(strlen(row->sqlstate), 5);
        enum status back = status_from_sqlite(row->sqlite);
        assert_true((back == ST_OK) == (i == ST_OK));
    }
    assert_int_equal(status_from_sqlite(13), ST_DISK_FULL);
    assert_int_equal(status_from_sqlite(10 | 3 << 8), ST_IO);
    assert_int_equal(status_from_sqlite(99), ST_INTERNAL);
}

static void test_buf_builds_and_takes(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b);
    for (int i = 0; i < 1000; i++) buf_printf(&b, "%d,", i);
    buf_add(&b, "\0x", 2);
    assert_int_equal(b.bytes, 3890 + 2);
    assert_int_equal(b.data[b.bytes], 0);
    char *taken = buf_take(&b);
    assert_non_null(taken);
    assert_null(b.data);
    mem_free(taken);
}

static void test_buf_json_escapes(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b);
    const char *text = "a\"b\\c\n\x01\xff\xea\xb3\xa0";
    buf_add_json(&b, text, strlen(text));
    assert_string_equal(b.data, "\"a\\\"b\\\\c\\n\\u0001\xef\xbf\xbd\xea\xb3\xa0\"");
    buf_deinit(&b);
}

static void test_buf_failure_is_sticky(void **state)
{
    (void)state;
    struct buf b;
    struct err e = ERR_INIT;
    buf_init(&b);
    mem_fault_set(1, false);
    buf_add_str(&b, "lost");
    mem_fault_set(0, false);
    buf_add_str(&b, "also lost");
    assert_int_equal(b.bytes, 0);
    assert_fails(buf_check(&b, &e), ST_NO_MEMORY, &e, "out of memory");
    assert_null(buf_take(&b));
}

static void test_arena_zeroes_aligns_and_stops(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 100000);
    for (size_t i = 1; i < 200; i++) {
        unsigned char *p = arena_alloc(&a, i);
        assert_non_null(p);
        assert_int_equal((uintptr_t)p % 16, 0);
        for (size_t k = 0; k < i; k++) assert_int_equal(p[k], 0);
        memset(p, 0xee, i);
    }
    assert_null(arena_alloc(&a, 100000));
    assert_null(arena_array(&a, SIZE_MAX / 2, 4));
    assert_string_equal(arena_printf(&a, "%s-%d", "x", 7), "x-7");
    arena_deinit(&a);
    assert_int_equal(a.used_bytes, 0);
}

static void test_mem_refuses_overflow_and_fails_on_demand(void **state)
{
    (void)state;
    assert_null(mem_zalloc(SIZE_MAX / 2, 3));
    assert_null(mem_alloc_aligned(SIZE_MAX - 10));
    mem_fault_set(2, false);
    void *first = mem_alloc(8), *second = mem_alloc(8), *third = mem_alloc(8);
    assert_int_equal(mem_fault_set(0, false), 3);
    assert_non_null(first);
    assert_null(second);
    assert_non_null(third);
    mem_free(first);
    mem_free(third);
}

static void test_utf8_refuses_what_is_not(void **state)
{
    (void)state;
    static const char *const BAD[] = {
        "\xc0\x80", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xe2\x82", "\x80", "\xe0\x80\xaf"};
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        uint32_t cp;
        assert_int_equal(utf8_next(BAD[i], BAD[i] + strlen(BAD[i]), &cp), 1);
        assert_int_equal(cp, 0xfffd);
        assert_false(utf8_valid(BAD[i], strlen(BAD[i])));
    }
    assert_true(utf8_valid("\xf0\x9f\x98\x80 \xef\xbf\xbd", 8));
}

static void test_utf8_nfc_lower_width_class(void **state)
{
    (void)state;
    struct buf b;
    struct err e = ERR_INIT;
    buf_init(&b);
    const char *jamo = "\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab"; /* h a n as jamo */
    assert_ok(utf8_nfc(jamo, strlen(jamo), &b, &e), &e);
    assert_string_equal(b.data, "\xed\x95\x9c");
    buf_clear(&b);
    utf8_lower("\xc4\xb0\xce\xa3 ABC", 8, &b);
    assert_string_equal(b.data, "i\xcc\x87\xcf\x83 abc");
    buf_deinit(&b);
    assert_int_equal(utf8_width("a\xed\x95\x9c", 4), 3);
    assert_int_equal(utf8_class(0xac00), UTF8_LETTER);
    assert_int_equal(utf8_class(0x301), UTF8_MARK);
    assert_int_equal(utf8_class(0xbd), UTF8_NUMBER);
    assert_int_equal(utf8_class(0x3000), UTF8_SPACE);
    assert_int_equal(utf8_class('!'), UTF8_OTHER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_err_place_counts_characters),
        cmocka_unit_test(test_err_text_is_cut_between_characters),
        cmocka_unit_test(test_err_errno_picks_a_status),
        cmocka_unit_test(test_statuses_round_trip_through_sqlite),
        cmocka_unit_test(test_buf_builds_and_takes),
        cmocka_unit_test(test_buf_json_escapes),
        cmocka_unit_test(test_buf_failure_is_sticky),
        cmocka_unit_test(test_arena_zeroes_aligns_and_stops),
        cmocka_unit_test(test_mem_refuses_overflow_and_fails_on_demand),
        cmocka_unit_test(test_utf8_refuses_what_is_not),
        cmocka_unit_test(test_utf8_nfc_lower_width_class),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
