/* test_sql_limits.c - SQL that is large or deep: long scripts, long statements, a thousand
 * brackets, long rows of operators. A clear failure, or SQLite's own answer; never a crash, and no
 * wait that grows faster than the text.
 */
#include "base/buf.h"
#include "base/limits.h"
#include "sql/session.h"
#include "sql_fake_model.h"
#include "test.h"

enum { SCRIPT_BYTES = 10 << 20 };

static struct sql_session *open_memory(void)
{
    struct sql_session *s;
    struct err e = ERR_INIT;
    assert_ok(sql_session_open(":memory:", &(struct store_options){.create = true}, &s, &e), &e);
    return s;
}

static void add_times(struct buf *out, const char *text, int times)
{
    for (int i = 0; i < times; i++) buf_add_str(out, text);
}

static enum status prepare(struct sql_session *s, const struct buf *text, struct err *e)
{
    struct sql_stmt *st = NULL;
    const char *tail;
    *e = ERR_INIT;
    enum status rc = sql_prepare(s, text->data, text->bytes, &st, &tail, e);
    sql_finalize(st);
    return rc;
}

/* before, word as often as is said, middle, after as often; NULL: nothing. */
struct row {
    const char *before, *word, *middle, *after;
};

static enum status prepare_row(struct sql_session *s, struct row row, int times, struct err *e)
{
    struct buf text;
    buf_init(&text);
    buf_add_str(&text, row.before);
    add_times(&text, row.word, times);
    buf_add_str(&text, row.middle);
    if (row.after != NULL) add_times(&text, row.after, times);
    enum status rc = prepare(s, &text, e);
    buf_deinit(&text);
    return rc;
}

/* Ten million bytes of statements, one after the other. */
static void test_long_script(void **state)
{
    (void)state;
    struct sql_session *s = open_memory();
    struct buf text;
    struct err e = ERR_INIT;
    buf_init(&text);
    while (text.bytes < SCRIPT_BYTES) {
        buf_add_str(&text, "SELECT '");
        add_times(&text, "a;b ", 500);
        buf_add_str(&text, "' AS \"x;y\" /* ; */; -- ;\n");
    }
    const char *at = text.data, *end = text.data + text.bytes, *tail;
    int count = 0;
    while (at < end) {
        struct sql_stmt *st = NULL;
        assert_ok(sql_prepare(s, at, (size_t)(end - at), &st, &tail, &e), &e);
        assert_true(tail > at);
        count += st != NULL;
        sql_finalize(st);
        at = tail;
    }
    assert_true(count > 5000);
    buf_deinit(&text);
    sql_session_close(s);
}

/* One statement of ten million bytes is SQLite's, one that is longer than any is refused. */
static void test_long_statement(void **state)
{
    (void)state;
    struct sql_session *s = open_memory();
    struct err e = ERR_INIT;
    assert_ok(prepare_row(
                  s, (struct row){"SELECT '", "0123456789", "' AS a", NULL}, SCRIPT_BYTES / 10, &e),
        &e);
    assert_ok(prepare_row(s, (struct row){"SELECT '[1]' <-> '", "0123456789", "' AS a", NULL},
                  SCRIPT_BYTES / 10, &e),
        &e);
    assert_ok(prepare_row(s, (struct row){"SELECT 1 IN (0", ",1", ")", NULL}, 500000, &e), &e);
    assert_fails(prepare_row(s, (struct row){"SELECT '", "0123456789abcdef", "'", NULL},
                     (int)(LIMIT_SQL_BYTES / 16) + 1, &e),
        ST_LIMIT, &e, "longer than");
    assert_int_equal(e.line, 1);
    assert_fails(
        prepare_row(s, (struct row){"SELECT 1", ",1", "", NULL}, LIMIT_SQL_TOKENS / 2 + 1, &e),
        ST_LIMIT, &e, "words");
    sql_session_close(s);
}

/* A thousand brackets: SQLite's refusal for what is SQLite's, ours for what is ours. */
static void test_deep(void **state)
{
    (void)state;
    struct sql_session *s = open_memory();
    struct err e = ERR_INIT;
    static const struct row CASES[] = {
        {"SELECT ", "(", "1", ")"},
        {"SELECT '[1]' <-> ", "(", "'[1]'", ")"},
        {"SELECT * FROM ", "(SELECT * FROM ", "(SELECT 1)", ")"},
        {"SELECT '[1]' <-> '[1]' FROM ", "(SELECT * FROM ", "(SELECT 1)", ")"},
        {"SELECT '[1]' <-> ", "[", "1", "]"},
        {"SELECT * FROM ", "(SEARCH IMAGE text='a' USING mini AS (SELECT * FROM ", "x", "))"},
        {"SELECT ", "CASE WHEN 1 THEN ", "1", " END"},
        {"SELECT '[1]' <-> ", "CASE WHEN 1 THEN ", "1", " END"},
        {"SELECT ", "- - ", "vector('[1]')", ""},
        {"SELECT ", "abs(", "1", ")"},
        {"CONVERT USING mini OPTIONS (image_col=", "[", "1", "]) AS SELECT 1"},
        {"SELECT 1", "::int", "", ""},
        {"WITH ", "f(", "1", ")"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        enum status rc = prepare_row(s, CASES[i], 1000, &e);
        if (rc == ST_OK || e.text[0] == '\0' || e.line == 0)
            fail_msg("%s%s: %s", CASES[i].before, CASES[i].word, rc == ST_OK ? "taken" : e.text);
    }
    sql_session_close(s);
}

/* What is read by functions that call themselves is bounded before the stack is. */
static void test_deeper_than_a_stack(void **state)
{
    (void)state;
    struct sql_session *s = open_memory();
    struct err e = ERR_INIT;
    static const struct row CASES[] = {
        {"COPY t OPTIONS (a=", "[", "1", "]"},
        {"UPLOAD MODEL t OPTIONS (a=", "[", "1", "]"},
        {"SELECT ", "ARRAY[", "1", "]"},
        {"SELECT '[1]' <-> ", "[", "1", "]"},
        {"SELECT ", "[-", "1", "]"},
        {"SELECT ", "array[ + ", "1", "]::int[]"},
        {"CREATE TABLE a(b ", "Nullable(", "Int8", ")"},
        {"SELECT {x:", "Array(", "Int8", ")"},
        {"SELECT /*", "/*", "1", "*/"},
        {"SELECT 1 FROM ", "(CONVERT USING mini AS ", "SELECT 1", ")"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        enum status rc = prepare_row(s, CASES[i], 100000, &e);
        if (rc == ST_OK || e.text[0] == '\0')
            fail_msg("%s%s: %s", CASES[i].before, CASES[i].word, rc == ST_OK ? "taken" : e.text);
    }
    sql_session_close(s);
}

/* What SQLite takes alone it takes with a word of ours: rewriting adds no depth. */
static void test_no_depth_added(void **state)
{
    (void)state;
    struct sql_session *s = open_memory();
    struct err e = ERR_INIT;
    assert_ok(prepare_row(s, (struct row){"SELECT ", "(", "1", ")"}, 80, &e), &e);
    assert_ok(prepare_row(s, (struct row){"SELECT '[1]' <-> ", "(", "'[1]'", ")"}, 80, &e), &e);
    assert_ok(
        prepare_row(
            s, (struct row){"SELECT * FROM ", "(SELECT * FROM ", "(SELECT 1 AS a)", ")"}, 12, &e),
        &e);
    assert_ok(prepare_row(s,
                  (struct row){"SELECT '[1]' <-> '[2]' AS d, a FROM ", "(SELECT * FROM ",
                      "(SELECT 1 AS a)", ")"},
                  12, &e),
        &e);
    assert_ok(
        prepare_row(s,
            (struct row){"SELECT * FROM ", "(SEARCH IMAGE text='a' USING mini AS (SELECT * FROM ",
                "(SELECT 'a.png' AS image_path)", "))"},
            20, &e),
        &e);
    sql_session_close(s);
}

/* Rows of what could be looked at again and again. */
static void test_long_rows(void **state)
{
    (void)state;
    struct sql_session *s = open_memory();
    struct err e = ERR_INIT;
    static const char *const WORDS[] = {"/* ", "/*", "/*/* */", "[a ", "[1,", "{a:", "E'", "$1 ",
        "# ", "(", "with f(", "WITH ", "\nSELECT ", "\nSEARCH ", "a + ", "'[1]' <-> ", "::int",
        "FORMAT ", " SETTINGS a = 1", "x OPTIONS (", "LIST ", "ILIKE ", "FOR UPDATE ", "-- \n",
        ". ", "?1,", ":a,", "CASE ", "\xea\xb0\x80 ", "ORDER BY v <-> '[1]' LIMIT 1 ",
        "AS (SELECT "};
    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++) {
        enum status rc = prepare_row(s, (struct row){"SELECT ", WORDS[i], "1", NULL}, 100000, &e);
        assert_true(rc == ST_OK || e.text[0] != '\0');
        rc = prepare_row(s, (struct row){"SELECT '[1]' <-> ", WORDS[i], "1", NULL}, 100000, &e);
        assert_true(rc == ST_OK || e.text[0] != '\0');
    }
    sql_session_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_long_script),
        cmocka_unit_test(test_long_statement),
        cmocka_unit_test(test_deep),
        cmocka_unit_test(test_deeper_than_a_stack),
        cmocka_unit_test(test_no_depth_added),
        cmocka_unit_test(test_long_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
