/* test_sql_kept.c - a text prepared again gives a kept statement that nobody can tell from a new
 * one: no parameters, no rows, the schema and the settings of now. */
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "sql/kept.h"
#include "test.h"

static struct sql_session *open_at(const char *path)
{
    struct sql_session *s;
    struct err e = ERR_INIT;
    assert_ok(sql_session_open(path, &(struct store_options){.create = true}, &s, &e), &e);
    return s;
}

static struct sql_stmt *prepare(struct sql_session *s, const char *sql)
{
    struct sql_stmt *st = NULL;
    struct err e = ERR_INIT;
    const char *tail;
    assert_ok(sql_prepare(s, sql, strlen(sql), &st, &tail, &e), &e);
    assert_non_null(st);
    assert_string_equal(tail, "");
    return st;
}

/* The next row as "a|b"; "" when there is none. */
static const char *step(struct sql_stmt *st)
{
    static char out[1024];
    struct err e = ERR_INIT;
    bool row;
    assert_ok(sql_step(st, &row, &e), &e);
    out[0] = '\0';
    for (int i = 0; row && i < sql_column_count(st); i++) {
        const char *text = sql_column_text(st, i);
        snprintf(out + strlen(out), sizeof out - strlen(out), "%s%s", i > 0 ? "|" : "",
            text != NULL ? text : "NULL");
    }
    return out;
}

static void run(struct sql_session *s, const char *sql)
{
    struct sql_stmt *st = prepare(s, sql);
    while (step(st)[0] != '\0') continue;
    sql_finalize(st);
}

static int kept(const struct sql_session *s)
{
    int count = 0;
    for (const struct sql_stmt *k = s->kept; k != NULL; k = k->next_kept) count++;
    return count;
}

static void fill(struct sql_session *s)
{
    run(s, "CREATE TABLE t(a INTEGER PRIMARY KEY, b)");
    run(s, "INSERT INTO t VALUES(1,'one'),(2,'two'),(3,'three')");
}

static void comes_back_as_new(void **state)
{
    (void)state;
    struct sql_session *s = open_at(":memory:");
    struct err e = ERR_INIT;
    const char *sql = "SELECT b, ?1 FROM t WHERE a >= ifnull(?2, 1)";
    fill(s);
    struct sql_stmt *st = prepare(s, sql);
    assert_ok(sql_bind_text(st, 1, "x", -1, &e), &e);
    assert_ok(sql_bind_int(st, 2, 2, &e), &e);
    assert_string_equal(step(st), "two|x");
    sql_finalize(st); /* in the middle of its rows */
    struct sql_stmt *again = prepare(s, sql);
    assert_ptr_equal(again, st);
    assert_int_equal(sql_column_type(again, 0), SQL_NULL);
    assert_string_equal(step(again), "one|NULL");
    assert_string_equal(step(again), "two|NULL");

    struct sql_stmt *second = prepare(s, sql); /* the same text twice at once */
    assert_ptr_not_equal(second, again);
    assert_string_equal(step(second), "one|NULL");
    assert_string_equal(step(again), "three|NULL");
    assert_string_equal(step(again), "");
    sql_finalize(second);
    sql_finalize(again);
    sql_session_close(s);
}

static void numbered_parameters_are_empty_again(void **state)
{
    (void)state;
    struct sql_session *s = open_at(":memory:");
    struct err e = ERR_INIT;
    for (int i = 0; i < 2; i++) {
        struct sql_stmt *st = prepare(s, "SELECT $2, $1");
        assert_int_equal(sql_bind_count(st), 2);
        if (i == 0) assert_ok(sql_bind_int(st, 2, 7, &e), &e);
        assert_string_equal(step(st), i == 0 ? "7|NULL" : "NULL|NULL");
        sql_finalize(st);
    }
    sql_session_close(s);
}

static void schema_and_settings_are_those_of_now(void **state)
{
    (void)state;
    struct sql_session *s = open_at(":memory:");
    fill(s);
    const char *sql = "SELECT * FROM t WHERE a = 1";
    run(s, sql);
    assert_int_equal(kept(s), 2);
    run(s, "ALTER TABLE t ADD COLUMN c DEFAULT 'new'");
    assert_int_equal(kept(s), 0);
    struct sql_stmt *st = prepare(s, sql);
    assert_int_equal(sql_column_count(st), 3);
    assert_string_equal(step(st), "1|one|new");
    sql_finalize(st);
    run(s, "SET hnsw.ef_search = 77");
    assert_int_equal(kept(s), 0);
    run(s, sql);
    run(s, "PRAGMA case_sensitive_like = ON");
    assert_int_equal(kept(s), 0);
    run(s, "DROP TABLE t");
    struct err e = ERR_INIT;
    const char *tail;
    assert_fails(
        sql_prepare(s, sql, strlen(sql), &st, &tail, &e), ST_NOT_FOUND, &e, "no such table: t");
    sql_session_close(s);
}

static void another_connection_changes_the_schema(void **state)
{
    (void)state;
    char dir[] = "/tmp/fovea-kept-XXXXXX";
    assert_non_null(mkdtemp(dir));
    char *path = file_join(dir, "k.db");
    struct sql_session *s = open_at(path), *other = open_at(path);
    fill(s);
    run(s, "SELECT * FROM t WHERE a = 1");
    run(other, "ALTER TABLE t ADD COLUMN c DEFAULT 'new'");
    struct sql_stmt *st = prepare(s, "SELECT * FROM t WHERE a = 1");
    assert_string_equal(step(st), "1|one|new");
    assert_int_equal(sql_column_count(st), 3);
    sql_finalize(st);
    run(other, "DROP TABLE t");
    st = prepare(s, "SELECT * FROM t WHERE a = 1");
    struct err e = ERR_INIT;
    bool row;
    assert_fails(sql_step(st, &row, &e), ST_NOT_FOUND, &e, "no such table: t");
    sql_finalize(st);
    sql_session_close(other);
    sql_session_close(s);
    mem_free(path);
    assert_int_equal(file_remove_tree(dir, NULL), ST_OK);
}

/* What was written from the schema is written anew. */
static void another_connection_makes_other_vectors(void **state)
{
    (void)state;
    static const char *const INSERT = "INSERT INTO v(id, e) VALUES(7, '[1]')";
    static const char *const SUM = "SELECT a + a FROM u";
    char dir[] = "/tmp/fovea-kept-XXXXXX";
    assert_non_null(mkdtemp(dir));
    char *path = file_join(dir, "k.db");
    struct sql_session *s = open_at(path), *other = open_at(path);
    run(s, "CREATE TABLE v(id INTEGER, e vector(1))");
    run(s, "CREATE TABLE u(a)");
    run(s, "INSERT INTO u VALUES(1)");
    run(s, INSERT);
    run(s, SUM);
    assert_int_equal(kept(s), 3);
    run(other, "DROP TABLE v");
    run(other, "CREATE TABLE v(e TEXT, id INTEGER)");
    run(other, "DROP TABLE u");
    run(other, "CREATE TABLE u(a vector(2))");
    run(other, "INSERT INTO u VALUES('[1,2]')");
    run(s, INSERT);
    struct sql_stmt *st = prepare(s, "SELECT typeof(e), e FROM v");
    assert_string_equal(step(st), "text|[1]");
    sql_finalize(st);
    struct err e = ERR_INIT;
    bool row;
    st = prepare(s, SUM);
    assert_ok(sql_step(st, &row, &e), &e);
    assert_int_equal(sql_column_type(st, 0), SQL_VECTOR);
    sql_finalize(st);
    sql_session_close(other);
    sql_session_close(s);
    mem_free(path);
    assert_int_equal(file_remove_tree(dir, NULL), ST_OK);
}

/* What was found out of the columns goes when SQLite prepares SELECT * anew. */
static void columns_are_looked_at_again(void **state)
{
    (void)state;
    struct sql_session *s = open_at(":memory:");
    struct err e = ERR_INIT;
    bool row;
    run(s, "CREATE TABLE t(a BLOB)");
    run(s, "INSERT INTO t VALUES(x'0000803f')");
    struct sql_stmt *st = prepare(s, "SELECT * FROM t");
    assert_ok(sql_step(st, &row, &e), &e);
    assert_int_equal(sql_column_type(st, 0), SQL_BLOB);
    assert_string_equal(sql_column_type_text(st, 0), "BLOB");
    assert_ok(sql_reset(st, &e), &e);
    for (int i = 0; i < 20; i++) {
        char sql[96];
        snprintf(sql, sizeof sql, "ALTER TABLE t ADD COLUMN v%d vector(1)", i);
        run(s, sql);
    }
    run(s, "UPDATE t SET v19 = '[1]', v0 = '[2]'");
    assert_ok(sql_step(st, &row, &e), &e);
    assert_int_equal(sql_column_count(st), 21);
    assert_int_equal(sql_column_type(st, 20), SQL_VECTOR);
    assert_string_equal(sql_column_type_text(st, 20), "vector(1)");
    assert_ok(sql_reset(st, &e), &e);
    run(s, "ALTER TABLE t DROP COLUMN a");
    assert_ok(sql_step(st, &row, &e), &e);
    assert_int_equal(sql_column_type(st, 0), SQL_VECTOR);
    assert_string_equal(sql_column_type_text(st, 0), "vector(1)");
    sql_finalize(st);
    sql_session_close(s);
}

static void nearest_finds_the_index_of_now(void **state)
{
    (void)state;
    struct sql_session *s = open_at(":memory:");
    const char *sql = "SELECT id FROM v ORDER BY e <-> '[2,0]' LIMIT 2";
    run(s, "CREATE TABLE v(id INTEGER PRIMARY KEY, e vector(2))");
    run(s, "INSERT INTO v VALUES(1,'[1,0]'),(2,'[2,0]'),(3,'[3,0]'),(9,'[9,0]')");
    for (int i = 0; i < 3; i++) {
        if (i == 1) run(s, "CREATE INDEX v_e ON v USING hnsw (e vector_l2_ops)");
        if (i == 2) run(s, "DELETE FROM v WHERE id = 2");
        struct sql_stmt *st = prepare(s, sql);
        assert_string_equal(step(st), i < 2 ? "2" : "1");
        assert_string_equal(step(st), i < 2 ? "1" : "3");
        assert_string_equal(step(st), "");
        sql_finalize(st);
    }
    sql_session_close(s);
}

static void a_plan_over_other_data_is_made_again(void **state)
{
    (void)state;
    char dir[] = "/tmp/fovea-kept-XXXXXX";
    assert_non_null(mkdtemp(dir));
    char *path = file_join(dir, "k.db");
    struct sql_session *s = open_at(path), *other = open_at(path);
    const char *sql = "SELECT id FROM v ORDER BY e <-> '[2,0]' LIMIT 2";
    run(s, "CREATE TABLE v(id INTEGER PRIMARY KEY, e vector(2))");
    run(s, "INSERT INTO v VALUES(1,'[1,0]'),(3,'[3.5,0]'),(9,'[9,0]')");
    run(s, sql);
    for (int i = 0; i < 3; i++) {
        if (i == 1) run(other, "INSERT INTO v VALUES(2,'[2,0]')");
        struct sql_stmt *st = prepare(s, sql);
        const struct sql_plan *kept_plan = st->plan;
        assert_non_null(kept_plan);
        unsigned version = st->version;
        assert_string_equal(step(st), i < 1 ? "1" : "2");
        assert_int_equal(st->version != version, i == 1);
        assert_string_equal(step(st), i < 1 ? "3" : "1");
        assert_string_equal(step(st), "");
        sql_finalize(st);
    }
    sql_session_close(other);
    sql_session_close(s);
    mem_free(path);
    assert_int_equal(file_remove_tree(dir, NULL), ST_OK);
}

static void what_hangs_on_more_is_not_kept(void **state)
{
    (void)state;
    struct sql_session *s = open_at(":memory:");
    fill(s);
    run(s, "CREATE TABLE w(e vector(2))");
    static const char *const SQL[] = {"SELECT * FROM t FORMAT CSV",
        "SELECT l2Distance(e, e) FROM w", "PRAGMA user_version", "BEGIN", "COMMIT",
        "SET param_x = 1", "SELECT {x:Int64}", "CREATE TABLE u AS SELECT 1", "SHOW hnsw.ef_search"};
    for (size_t i = 0; i < sizeof SQL / sizeof SQL[0]; i++) {
        sql_kept_clear(s);
        struct sql_stmt *st = prepare(s, SQL[i]);
        while (step(st)[0] != '\0') continue;
        sql_kept_clear(s);
        sql_finalize(st);
        if (kept(s) != 0) fail_msg("kept: %s", SQL[i]);
    }
    sql_session_close(s);
}

static void the_oldest_go(void **state)
{
    (void)state;
    struct sql_session *s = open_at(":memory:");
    char sql[64], expected[16];
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 50; i++) {
            snprintf(sql, sizeof sql, "SELECT %d", i);
            snprintf(expected, sizeof expected, "%d", i);
            struct sql_stmt *st = prepare(s, sql);
            assert_string_equal(step(st), expected);
            sql_finalize(st);
            assert_in_range(kept(s), 1, 16);
        }
    assert_int_equal(kept(s), 16);
    sql_session_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_back_as_new),
        cmocka_unit_test(numbered_parameters_are_empty_again),
        cmocka_unit_test(schema_and_settings_are_those_of_now),
        cmocka_unit_test(another_connection_changes_the_schema),
        cmocka_unit_test(another_connection_makes_other_vectors),
        cmocka_unit_test(columns_are_looked_at_again),
        cmocka_unit_test(nearest_finds_the_index_of_now),
        cmocka_unit_test(a_plan_over_other_data_is_made_again),
        cmocka_unit_test(what_hangs_on_more_is_not_kept),
        cmocka_unit_test(the_oldest_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
