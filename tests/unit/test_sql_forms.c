/* test_sql_forms.c - our grammar takes the forms of SQLite's language, and refuses what SQLite
 * refuses: each is prepared by SQLite as it stands, and by us with a distance operator put into it.
 */
#include <sqlite3.h>

#include "sql/session.h"
#include "sql_fake_model.h"
#include "test.h"

static const char SCHEMA[] =
    "CREATE TABLE t(a,b);CREATE INDEX i ON t(a);CREATE TABLE u(a UNIQUE);CREATE TABLE v(a);"
    "CREATE VIEW vw AS SELECT * FROM t;";

static const char *const EXPRESSIONS[] = {
    "1",
    "-1",
    "+1.5e3",
    ".5",
    "0x1F",
    "'a''b'",
    "x'00ff'",
    "NULL",
    "CURRENT_TIMESTAMP",
    "current_date",
    "a",
    "t.a",
    "main.t.a",
    "\"a\"",
    "[a]",
    "`a`",
    "a COLLATE nocase",
    "CAST(a AS TEXT)",
    "CAST(a AS VARCHAR(10))",
    "CAST(a AS DECIMAL(10,2))",
    "CAST(a AS DOUBLE PRECISION)",
    "CAST(a AS \"my type\")",
    "CAST(a AS DECIMAL(-10,+2))",
    "count(*)",
    "count(DISTINCT a)",
    "max(a,b)",
    "abs(a)",
    "count(*) FILTER (WHERE a>1)",
    "sum(a) OVER ()",
    "sum(a) OVER (PARTITION BY b ORDER BY a ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)",
    "sum(a) OVER (ORDER BY a RANGE BETWEEN UNBOUNDED PRECEDING AND 1 FOLLOWING EXCLUDE TIES)",
    "sum(a) OVER (ORDER BY a GROUPS CURRENT ROW EXCLUDE NO OTHERS)",
    "sum(a) OVER (ORDER BY a ROWS UNBOUNDED PRECEDING EXCLUDE GROUP)",
    "row_number() OVER (ORDER BY a DESC NULLS LAST)",
    "a AND b OR NOT a",
    "a = b",
    "a == b",
    "a <> b",
    "a != b",
    "a < b",
    "a <= b",
    "a << 2 | 1 & 3 >> 1",
    "a + b * 2 - 3 / 4 % 5",
    "a || b",
    "a -> '$'",
    "a ->> '$'",
    "a LIKE 'x'",
    "a NOT LIKE 'x' ESCAPE '\\'",
    "a GLOB 'x*'",
    "a ISNULL",
    "a NOTNULL",
    "a NOT NULL",
    "a IS NULL",
    "a IS NOT NULL",
    "a IS b",
    "a IS NOT DISTINCT FROM b",
    "a IS DISTINCT FROM b",
    "~a",
    "- - a",
    "NOT NOT a",
    "a BETWEEN 1 AND 2",
    "a NOT BETWEEN 1 AND 2 AND b",
    "a IN (1,2)",
    "a NOT IN ()",
    "a IN (SELECT 1)",
    "a IN t",
    "a IN main.t",
    "a IN (VALUES (1),(2))",
    "a IN json_each('[1]')",
    "(1,2) = (a,b)",
    "(a,b) IN (SELECT 1,2)",
    "(SELECT 1)",
    "EXISTS (SELECT 1)",
    "NOT EXISTS (SELECT 1)",
    "CASE a WHEN 1 THEN 2 ELSE 3 END",
    "CASE WHEN a THEN 2 WHEN b THEN 3 END",
    "CASE a WHEN 1 THEN 2 END + 1",
    "a AS x",
    "a x",
    "a 'x'",
    "a \"x\"",
    "t.*",
    "*",
    "iif(a,b,1)",
    "replace(a,'x','y')",
    "like('a','b')",
    "glob('a','b')",
    "a IS TRUE",
    "true",
    "false",
    "rowid",
    "oid",
    "'a' 'b'",
    "a b c",
    "1 + ",
    "(1",
    "1)",
    "f(",
    "coalesce(a, b) COLLATE rtrim",
    "(((((a)))))",
    "a=b=1",
    "a<b<1",
    "1 IN (1) IN (1)",
    "a IS NULL IS NULL",
    "json_extract(a,'$.x')",
    "printf('%d', a)",
    "quote(x'')",
    "1e5",
    "1e",
    "1.e5",
    "0x",
    "12a",
    "? ",
    "?5",
    ":name",
    "@name",
    "$name",
    "current_time || 'x'",
    "if",
    "key",
    "replace",
    "rollback",
    "cast",
    "row",
    "first",
};

static const char *const SOURCES[] = {
    "FROM t",
    "FROM t AS x",
    "FROM t x",
    "FROM main.t",
    "FROM t, u",
    "FROM t JOIN u",
    "FROM t JOIN u ON t.a=u.a",
    "FROM t LEFT JOIN u USING (a)",
    "FROM t NATURAL JOIN u",
    "FROM t LEFT OUTER JOIN u ON 1",
    "FROM t FULL OUTER JOIN u ON 1",
    "FROM t RIGHT JOIN u ON 1",
    "FROM t CROSS JOIN u",
    "FROM t INNER JOIN u",
    "FROM (SELECT * FROM t)",
    "FROM (SELECT * FROM t) AS s",
    "FROM (t JOIN u ON 1)",
    "FROM (t)",
    "FROM t INDEXED BY i",
    "FROM t NOT INDEXED",
    "FROM json_each('[1]')",
    "FROM json_each('[1]') j, t",
    "FROM t WHERE a",
    "FROM t GROUP BY a",
    "FROM t GROUP BY a HAVING b",
    "FROM t ORDER BY a DESC NULLS FIRST, b COLLATE nocase ASC",
    "FROM t LIMIT 1",
    "FROM t LIMIT 1 OFFSET 2",
    "FROM t LIMIT 1, 2",
    "FROM t UNION SELECT 1",
    "FROM t UNION ALL SELECT 1 EXCEPT SELECT 2 INTERSECT SELECT 3 ORDER BY 1",
    "FROM t WINDOW w AS (ORDER BY a), v AS (w ROWS 1 PRECEDING)",
    "FROM (VALUES (1,2),(3,4))",
    "FROM t JOIN u JOIN v ON 1",
    "FROM t, (SELECT 1) x LEFT JOIN u ON x=1",
    "FROM (t, u)",
    "FROM (t JOIN (u JOIN v))",
    "FROM pragma_table_info('t')",
    "FROM t AS 'x'",
    "FROM t LEFT JOIN (u JOIN v USING (a)) USING (a)",
};

/* %s: an expression. */
static const char *const STATEMENTS[] = {
    "INSERT INTO t(a) VALUES (%s)",
    "INSERT OR REPLACE INTO t(a,b) VALUES (1,%s)",
    "REPLACE INTO t(a) SELECT %s",
    "INSERT INTO t AS x (a) VALUES (%s) ON CONFLICT DO NOTHING",
    "INSERT INTO u(a) VALUES (1) ON CONFLICT(a) WHERE a > 0 DO UPDATE SET a = excluded.a"
    " + %s WHERE a > 0 RETURNING a AS z",
    "INSERT INTO t(a) VALUES (%s) RETURNING *",
    "UPDATE t SET a = %s",
    "UPDATE OR IGNORE t SET (a,b) = (1,%s) WHERE a",
    "UPDATE t SET a=1, b=%s FROM u WHERE t.a=u.a RETURNING t.a",
    "UPDATE t AS x SET a=%s",
    "UPDATE t INDEXED BY i SET b=%s WHERE a=1",
    "DELETE FROM t WHERE %s",
    "DELETE FROM t AS x WHERE %s RETURNING a",
    "DELETE FROM t WHERE %s ORDER BY a LIMIT 1",
    "UPDATE t SET a=%s ORDER BY a LIMIT 1",
    "WITH c AS (SELECT 1) DELETE FROM t WHERE a IN c AND %s",
    "WITH c AS (SELECT 1) UPDATE t SET a=%s",
    "WITH c(x) AS MATERIALIZED (SELECT 1) INSERT INTO t(a) SELECT x+%s FROM c",
    "WITH c AS NOT MATERIALIZED (SELECT 1) SELECT %s",
    "WITH RECURSIVE c(x) AS (SELECT 1 UNION SELECT x+1 FROM c WHERE x<3) SELECT x,%s FROM c",
    "VALUES (1,%s),(2,3)",
    "SELECT DISTINCT %s",
    "SELECT ALL %s",
    "CREATE TABLE IF NOT EXISTS zz AS SELECT %s AS q",
    "CREATE TEMP TABLE zt AS SELECT %s AS q",
    "CREATE VIEW IF NOT EXISTS zv AS SELECT %s AS q",
    "CREATE TEMP VIEW zw(q) AS SELECT %s",
    "CREATE UNIQUE INDEX IF NOT EXISTS zi ON t(a, abs(%s))",
    "CREATE INDEX zj ON t(b DESC) WHERE a > %s",
    "CREATE TRIGGER tr BEFORE UPDATE OF a, b ON t FOR EACH ROW WHEN new.a > %s BEGIN"
    " SELECT RAISE(IGNORE); DELETE FROM u WHERE a=old.a; END",
    "CREATE TEMP TRIGGER IF NOT EXISTS ts INSTEAD OF INSERT ON vw BEGIN UPDATE t SET"
    " a=%s; INSERT INTO t(a) VALUES(1); END",
    "EXPLAIN QUERY PLAN SELECT %s FROM t",
    "SELECT 1 WHERE %s",
};

static void check(sqlite3 *db, struct sql_session *s, const char *plain, const char *ours)
{
    sqlite3_stmt *theirs = NULL;
    struct sql_stmt *st = NULL;
    struct err e = ERR_INIT;
    const char *tail;
    bool taken = sqlite3_prepare_v2(db, plain, -1, &theirs, NULL) == SQLITE_OK;
    enum status rc = sql_prepare(s, ours, strlen(ours), &st, &tail, &e);
    if (taken != (rc == ST_OK))
        fail_msg("SQLite: %s: %s\nours: %s: %s", plain, sqlite3_errmsg(db), ours, e.text);
    sqlite3_finalize(theirs);
    sql_finalize(st);
}

static void test_forms(void **state)
{
    (void)state;
    struct sql_session *s;
    struct err e = ERR_INIT;
    sqlite3 *db;
    char plain[1024], ours[1024];
    struct store_options how = {.create = true};
    assert_ok(sql_session_open(":memory:", &how, &s, &e), &e);
    assert_ok(store_exec(sql_session_store(s), SCHEMA, &e), &e);
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, SCHEMA, NULL, NULL, NULL), SQLITE_OK);
    for (size_t i = 0; i < sizeof EXPRESSIONS / sizeof EXPRESSIONS[0]; i++) {
        snprintf(plain, sizeof plain, "SELECT %s, 1 AS zzz FROM t", EXPRESSIONS[i]);
        snprintf(ours, sizeof ours, "SELECT %s, '[1]' <-> '[1]' AS zzz FROM t", EXPRESSIONS[i]);
        check(db, s, plain, ours);
    }
    for (size_t i = 0; i < sizeof SOURCES / sizeof SOURCES[0]; i++) {
        snprintf(plain, sizeof plain, "SELECT 1, 1 AS z %s", SOURCES[i]);
        snprintf(ours, sizeof ours, "SELECT 1, '[1]' <-> '[2]' AS z %s", SOURCES[i]);
        check(db, s, plain, ours);
    }
    for (size_t i = 0; i < sizeof STATEMENTS / sizeof STATEMENTS[0]; i++) {
        const char *at = strstr(STATEMENTS[i], "%s");
        int head = (int)(at - STATEMENTS[i]);
        snprintf(plain, sizeof plain, "%.*s1%s", head, STATEMENTS[i], at + 2);
        snprintf(ours, sizeof ours, "%.*s('[1]' <-> '[2]')%s", head, STATEMENTS[i], at + 2);
        check(db, s, plain, ours);
    }
    sqlite3_close(db);
    sql_session_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_forms)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
