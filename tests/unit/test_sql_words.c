/* test_sql_words.c - tokens, and that no name is taken from anybody: every word of SQLite's, in
 * every place a name can stand, is read by our grammar just as by SQLite. */
#include <sqlite3.h>

#include "sql/session.h"
#include "sql/text/rewrite.h"
#include "sql/text/scan.h"
#include "sql_fake_model.h"
#include "test.h"

static struct sql_scan scan_of(struct arena *a, const char *text)
{
    struct sql_scan scan;
    struct err e = ERR_INIT;
    assert_ok(sql_scan_next(text, strlen(text), a, &scan, &e), &e);
    return scan;
}

static void test_statement_ends(void **state)
{
    (void)state;
    static const struct {
        const char *text, *tail;
        int count;
    } CASES[] = {
        {"SELECT 1; SELECT 2", " SELECT 2", 2},
        {";; SELECT ';' -- ;\n; x", " x", 2},
        {"SELECT [a;b], \"c;d\", `e;f` /* ; */ # ;\n; x", " x", 6},
        {"CREATE TRIGGER a AFTER INSERT ON t BEGIN SELECT 1; SELECT CASE WHEN 1 THEN 2 END; END; x",
            " x", 20},
        {"CREATE TABLE trigger(a); x", " x", 6},
        {" -- nothing\n ; ", "", 0},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct arena a;
        arena_init(&a, 0);
        struct sql_scan scan = scan_of(&a, CASES[i].text);
        assert_string_equal(CASES[i].text + scan.end, CASES[i].tail);
        assert_int_equal(scan.count, CASES[i].count);
        arena_deinit(&a);
    }
}

static void test_what_is_ours(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        unsigned holds;
    } CASES[] = {
        {"SELECT a <=> b", HOLDS_OPERATOR},
        {"SELECT a <= b, a < -> b, '<=>', \"<->\", [<#>] -- <+>", 0},
        {"SEARCH anything", HOLDS_STEP},
        {"EXPLAIN SEARCH anything", HOLDS_STEP},
        {"EXPLAIN QUERY PLAN CONVERT x", HOLDS_STEP},
        {"SELECT * FROM (SEARCH IMAGE text='a' USING m AS SELECT 1)", HOLDS_STEP},
        {"SELECT * FROM (SEARCH IMAGE USING m AS SELECT 1)", HOLDS_STEP},
        {"SELECT * FROM (search image)", 0},
        {"SELECT (search) FROM (search)", 0},
        {"SELECT search FROM convert USING", 0},
        {"SELECT * FROM (convert USING m", HOLDS_STEP},
        {"CREATE TABLE t USING m FROM 'd'", HOLDS_STEP},
        {"CREATE TEMP TABLE IF NOT EXISTS main.\"t\" USING m", HOLDS_STEP},
        {"CREATE TABLE using(a)", 0},
        {"CREATE VIRTUAL TABLE t USING fts5(a)", 0},
        {"CREATE TABLE t AS SELECT 1", HOLDS_CREATE_AS},
        {"CREATE TABLE t(a AS (1))", 0},
        {"DROP TABLE t", HOLDS_DROP},
        {"SELECT L2Distance(a, b), L2Distance", HOLDS_DISTANCE},
        {"PREDICT", HOLDS_STEP},
        {"PRINT IMAGE AS SELECT 1", HOLDS_STEP},
        {"SELECT * FROM (PREDICT USING m AS SELECT 1)", HOLDS_STEP},
        {"SELECT * FROM (predict using)", HOLDS_STEP}, /* which SQLite has no place for either */
        {"SELECT * FROM (predict)", 0},
        {"SELECT predict(a), (list), print FROM (list), build, fit", 0},
        {"SELECT * FROM (LIST TABLE)", HOLDS_STEP},
        {"SELECT * FROM (LIST THANOSQL DATASET)", HOLDS_STEP},
        {"SELECT * FROM (list model)", HOLDS_MAYBE},
        {"SELECT * FROM (function a)", 0},
        {"SELECT * FROM (FUNCTION a.b FROM 'x')", HOLDS_STEP},
        {"SELECT (function a.b)", 0},
        {"SELECT 1 FORMAT CSV", 0},
        {"SELECT 1 SETTINGS a = 1", HOLDS_SETTINGS},
        {"SELECT $1, {a:Int8}", HOLDS_NUMBERED},
        {"SELECT ?1, $a", 0},
        {"SELECT 1 # comment", HOLDS_COMMENT},
        {"SELECT /* a /* b */ */ 1", HOLDS_COMMENT},
        {"SELECT '#', \"/* /*\" -- #", 0},
        {"SELECT E'a'", HOLDS_MAYBE},
        {"COPY t FROM 'x'", 0},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct arena a;
        arena_init(&a, 0);
        struct sql_scan scan = scan_of(&a, CASES[i].text);
        if (scan.holds != CASES[i].holds) fail_msg("%s: %u", CASES[i].text, scan.holds);
        arena_deinit(&a);
    }
}

static bool runs_in_sqlite(sqlite3 *db, const char *sql)
{
    return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

static bool runs_in_ours(struct sql_session *s, const char *sql)
{
    struct sql_stmt *st = NULL;
    struct err e = ERR_INIT;
    const char *tail;
    bool row;
    enum status rc = sql_prepare(s, sql, strlen(sql), &st, &tail, &e);
    if (rc == ST_OK) rc = sql_step(st, &row, &e);
    sql_finalize(st);
    return rc == ST_OK;
}

/* %1$s is the word. The operator makes the text ours; SQLite gets the same with a comparison. */
static const char *const PLACES[] = {
    "SELECT 1 AS %1$s WHERE ",
    "SELECT 1 %1$s WHERE ",
    "SELECT %1$s FROM (SELECT 1 AS \"%1$s\") WHERE ",
    "SELECT t.%1$s FROM (SELECT 1 AS \"%1$s\") t WHERE ",
    "SELECT %1$s.a FROM (SELECT 1 AS a) AS %1$s WHERE ",
    "SELECT * FROM (SELECT 1 AS a) %1$s WHERE ",
    "WITH %1$s AS (SELECT 1 AS a) SELECT * FROM %1$s WHERE ",
    "SELECT a + %1$s FROM (SELECT 1 AS a, 2 AS \"%1$s\") WHERE ",
    "SELECT max(%1$s) FROM (SELECT 1 AS a, 2 AS \"%1$s\") WHERE ",
    "SELECT * FROM (SELECT 1 AS \"%1$s\") JOIN (SELECT 1 AS \"%1$s\") USING (%1$s) WHERE ",
};

static void test_no_name_is_taken(void **state)
{
    (void)state;
    struct sql_session *s;
    struct err e = ERR_INIT;
    sqlite3 *db;
    assert_ok(sql_session_open(":memory:", &(struct store_options){.create = true}, &s, &e), &e);
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    static const char *const OURS[] = {"SEARCH", "IMAGE", "CONVERT", "OPTIONS", "TEXT", "MODEL",
        "TEXTS", "IMAGES", "PREDICT", "EVALUATE", "FUNCTION", "LIST", "BUILD", "FIT", "PRINT",
        "COPY", "GET", "UPLOAD", "FORMAT", "SETTINGS", "KEYWORD", "AUDIO", "VIDEO", "DATASET",
        "THANOSQL", "TRANSFORM", "GENERATE", "ARRAY", "E", "JSON", "CSV", "SHOW", "param_x"};
    int ours = (int)(sizeof OURS / sizeof OURS[0]), words = sqlite3_keyword_count();
    for (int w = 0; w < words + ours; w++) {
        const char *name = w < words ? NULL : OURS[w - words];
        int length = name != NULL ? (int)strlen(name) : 0;
        if (name == NULL) sqlite3_keyword_name(w, &name, &length);
        char word[32], text[512];
        snprintf(word, sizeof word, "%.*s", length, name);
        for (size_t i = 0; i < sizeof PLACES / sizeof PLACES[0]; i++) {
            snprintf(text, sizeof text, PLACES[i], word);
            size_t used = strlen(text);
            snprintf(text + used, sizeof text - used, "1 = 1");
            bool theirs = runs_in_sqlite(db, text);
            snprintf(text + used, sizeof text - used, "'[1]' <-> '[1]' = 0");
            if (runs_in_ours(s, text) != theirs)
                fail_msg("%s: SQLite %s", text, theirs ? "takes it" : "doesn't");
        }
    }
    sqlite3_close(db);
    sql_session_close(s);
}

static void test_places_survive(void **state)
{
    (void)state;
    static const char TEXT[] = "0123456789abcdef";
    struct rewrite r;
    rewrite_init(&r);
    rewrite_add_source(&r, TEXT, 2, 5);   /* 234 */
    rewrite_add(&r, 7, "%s", "word");     /* word */
    rewrite_add_source(&r, TEXT, 10, 12); /* ab */
    assert_string_equal(r.sql.data, "234wordab");
    assert_int_equal(rewrite_source(&r, 0), 2);
    assert_int_equal(rewrite_source(&r, 2), 4);
    assert_int_equal(rewrite_source(&r, 3), 7);
    assert_int_equal(rewrite_source(&r, 6), 7);
    assert_int_equal(rewrite_source(&r, 8), 11);
    rewrite_deinit(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_statement_ends),
        cmocka_unit_test(test_what_is_ours),
        cmocka_unit_test(test_no_name_is_taken),
        cmocka_unit_test(test_places_survive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
