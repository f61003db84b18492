/* test_sql_faults.c - memory runs out at every allocation of ours in turn: a statement fails with
 * words or gives its answer, nothing is lost, and the session goes on. Limits: what is too long or
 * too deep. */
#include "base/buf.h"
#include "base/limits.h"
#include "sql/session.h"
#include "sql_fake_model.h"
#include "test.h"

static enum status run(struct sql_session *s, const char *sql, struct err *e)
{
    struct sql_stmt *st = NULL;
    const char *tail;
    bool row = true;
    enum status rc = sql_prepare(s, sql, strlen(sql), &st, &tail, e);
    while (rc == ST_OK && row) {
        rc = sql_step(st, &row, e);
        for (int i = 0; rc == ST_OK && row && i < sql_column_count(st); i++)
            (void)sql_column_type(st, i);
    }
    sql_finalize(st);
    return rc;
}

static const char *const SETUP[] = {
    "CREATE TABLE t(id INTEGER PRIMARY KEY, image_path BLOB, label)",
    "INSERT INTO t VALUES (1, CAST('picture black cat' AS BLOB), 'a'), (2, x'00', 'b'), (3, NULL, "
    "'c')",
};

static const char *const STATEMENTS[] = {
    "SELECT id, '[1,2]' <-> '[2,1]' AS d, vector_text(vector('[1]')) FROM t WHERE id > ?",
    "WITH c AS (SELECT * FROM t) SELECT s.id FROM (SEARCH IMAGE texts=['cat', 'it\\'s'] USING mini "
    "AS"
    " (SELECT * FROM c WHERE label <> :x)) s JOIN t USING (id)",
    "SELECT label, (SELECT count(*) FROM (SEARCH IMAGE text='cat' USING mini AS (SELECT * FROM t b"
    " WHERE b.id = a.id))) FROM t a",
    "CONVERT USING mini OPTIONS (table_name='t', batch_size=2) AS SELECT * FROM t",
    "CREATE TABLE u AS SELECT id, mini_clip AS e FROM t",
    "SELECT id FROM u WHERE e <=> embed_text('mini', 'cat') < 1",
    "SELECT search_result FROM (SEARCH IMAGE texts=['cat'] USING mini OPTIONS (top_k=2) AS SELECT *"
    " FROM t)",
    "SEARCH IMAGE USING mini OPTIONS (search_by='text', search_input='cat') AS (CONVERT USING mini"
    " OPTIONS (convert_type='text', text_col='label') AS SELECT * FROM t)",
    "SELECT predicted, predict_result FROM (PREDICT USING mini OPTIONS (labels=['cat', 'dog'],"
    " template=['{}', 'a {}']) AS SELECT * FROM t)",
    "EVALUATE USING mini OPTIONS (labels=['a', 'b'], image_col='image_path') AS SELECT * FROM t",
    "SEARCH KEYWORD USING mini OPTIONS (keywords=['cat', 'dog']) AS SELECT * FROM t",
    "SEARCH IMAGE text='cat' USING mini AS (SELECT * FROM t) WHERE id > 1 ORDER BY $1::int LIMIT 1",
    "SELECT t.id, e.value FROM t, json_array_elements('[1, \"a\", null]') AS e",
    "SEARCH KEYWORD USING mini OPTIONS (text_col='x') AS SELECT *, 'a black cat' AS x FROM t",
    "CREATE TABLE IF NOT EXISTS means AS SELECT * FROM (FUNCTION compute.groupby_emb_mean OPTIONS"
    " (emb_col='mini_clip') AS SELECT * FROM t)",
    "FUNCTION compute.similarity OPTIONS (emb_col='mini_clip', src_table='means', top_k=2) AS"
    " SELECT * FROM t",
    "CREATE INDEX IF NOT EXISTS i ON t USING hnsw (mini_clip vector_cosine_ops)",
    "SELECT id, label FROM t a WHERE id > 0 AND EXISTS (SELECT 1 FROM t WHERE id = a.id)"
    " ORDER BY mini_clip <=> embed_text('mini', 'cat') LIMIT 1 SETTINGS exact = 1",
    "EXPLAIN SELECT id FROM t ORDER BY cosineDistance(mini_clip, embed_text('mini', 'cat'))"
    " LIMIT 1",
    "SELECT (SELECT id FROM t x WHERE x.id <= t.id AND x.label > 'a'"
    " ORDER BY L2Distance(x.mini_clip, embed_text('mini', 'cat')) LIMIT 1) FROM t",
    "SELECT * FROM knn('t', 'mini_clip', embed_text('mini', 'cat'), 1, 'id > 0')",
    "SELECT * FROM near_duplicates('t', 'mini_clip', 2)",
    "SELECT * FROM vector_indexes()",
    "REINDEX INDEX i",
    "SET LOCAL exact = 1",
    "SHOW ALL",
    "DROP INDEX IF EXISTS i",
    "EXPLAIN CONVERT USING mini OPTIONS (table_name='t') AS SELECT * FROM t",
    "CREATE TABLE files USING mini OPTIONS (file_type=['nosuch'], overwrite=True) FROM "
    "'/usr/share/pixmaps/..'",
};

static bool is_fault(enum status st)
{
    return st == ST_NO_MEMORY;
}

static void test_memory_runs_out(void **state)
{
    (void)state;
    struct sql_session *s;
    struct err e = ERR_INIT;
    assert_ok(sql_session_open(":memory:", &(struct store_options){.create = true}, &s, &e), &e);
    for (size_t i = 0; i < sizeof SETUP / sizeof SETUP[0]; i++) assert_ok(run(s, SETUP[i], &e), &e);
    for (size_t i = 0; i + 1 < sizeof STATEMENTS / sizeof STATEMENTS[0]; i++) {
        enum status st = ST_NO_MEMORY;
        for (uint64_t n = 1; st != ST_OK; n++) {
            e = ERR_INIT;
            mem_fault_set(n, true);
            st = run(s, STATEMENTS[i], &e);
            mem_fault_set(0, false);
            if (st != ST_OK && !is_fault(st))
                fail_msg("%s\nallocation %d: %s: %s", STATEMENTS[i], (int)n, status_row(st)->name,
                    e.text);
            if (n > 100000) fail_msg("%s never succeeds", STATEMENTS[i]);
            if (i == 4 && st == ST_OK) break;
        }
    }
    sql_session_close(s);
}

static void test_open_runs_out(void **state)
{
    (void)state;
    enum status st = ST_NO_MEMORY;
    for (uint64_t n = 1; st != ST_OK; n++) {
        struct sql_session *s = NULL;
        struct err e = ERR_INIT;
        mem_fault_set(n, true);
        st = sql_session_open(":memory:", &(struct store_options){.create = true}, &s, &e);
        mem_fault_set(0, false);
        if (st != ST_OK) assert_int_equal(st, ST_NO_MEMORY);
        sql_session_close(s);
        assert_true(n < 10000);
    }
}

static void repeat(struct buf *b, const char *piece, int times)
{
    for (int i = 0; i < times; i++) buf_add_str(b, piece);
}

static void expect(
    const char *head, const char *piece, int times, const char *tail, enum status want)
{
    struct sql_session *s;
    struct err e = ERR_INIT;
    struct buf text;
    buf_init(&text);
    buf_add_str(&text, head);
    repeat(&text, piece, times);
    buf_add_str(&text, tail);
    assert_ok(sql_session_open(":memory:", &(struct store_options){.create = true}, &s, &e), &e);
    enum status got = run(s, text.data, &e);
    if (got != want) fail_msg("%s… x %d: %s: %s", head, times, status_row(got)->name, e.text);
    sql_session_close(s);
    buf_deinit(&text);
}

static void test_limits(void **state)
{
    (void)state;
    expect("SELECT '", "x", LIMIT_SQL_BYTES, "'", ST_LIMIT);
    expect("SELECT 1", "-- a comment\n", (int)(LIMIT_SQL_BYTES / 20), "", ST_OK);
    expect("SELECT '[1]' <-> ", "(", 1000, "1", ST_LIMIT);
    expect("SELECT ", "(", 1000, "1", ST_LIMIT);
    expect("SELECT 1", " <-> 1", 1000, "", ST_LIMIT);
    expect("SELECT 1", " <-> 1", 15, "", ST_INVALID); /* runs: a number is no vector */
    expect("SEARCH IMAGE texts=['a'", ", 'b'", 100, "] USING mini AS SELECT 1 AS path", ST_LIMIT);
    expect("SELECT 1 <-> ", "/*", 200000, "", ST_SYNTAX);
    expect("SELECT * FROM ", "(SEARCH IMAGE text='a' USING mini AS (SELECT * FROM ", 100, "t",
        ST_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory_runs_out),
        cmocka_unit_test(test_open_runs_out),
        cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
