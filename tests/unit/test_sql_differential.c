/* test_sql_differential.c - what is SQLite's stays SQLite's: generated statements through a session
 * and through a plain connection, side by side. Both must take or refuse the same, with the same
 * words, and give the same columns, rows and effects.
 *
 * Statements come from a small grammar of SQLite's language over tables with odd names and mixed
 * values: joins, subqueries, common table expressions, windows, aggregates, DML, comments, every
 * way to quote. One in eight is damaged by a word left out, doubled or put in. A statement that
 * SQLite refuses and the session takes must hold a form of another dialect, and only of such a one
 * are the words of a refusal our own.
 */
#include <math.h>
#include <sqlite3.h>

#include "base/buf.h"
#include "sql/session.h"
#include "sql/text/scan.h"
#include "test.h"

enum { STATEMENTS = 12000, ROWS_MAX = 400, SEED = 20240131, DEPTH_MAX = 4, WORDS_BYTES = 50 };

/* --- chance ----------------------------------------------------------------------------------- */

struct gen {
    uint64_t state;
    struct buf out;
    int depth;
    int tables; /* tables in the FROM around */
    bool grouped;
};

static uint32_t below(struct gen *g, uint32_t n)
{
    g->state ^= g->state << 13;
    g->state ^= g->state >> 7;
    g->state ^= g->state << 17;
    return (uint32_t)(g->state >> 33) % n;
}

static bool chance(struct gen *g, uint32_t percent)
{
    return below(g, 100) < percent;
}

#define PICK(g, list) (list)[below(g, (uint32_t)(sizeof(list) / sizeof(list)[0]))]

static void put(struct gen *g, const char *text)
{
    buf_add_str(&g->out, text);
}

/* Blanks, line ends and comments between words. */
static void gap(struct gen *g)
{
    static const char *const GAPS[] = {" ", " ", " ", " ", " ", " ", "\n", "\t", "  ", " /* c */ ",
        " -- c; ' \" [\n", "/**/ ", " /* ' ; [1, 2] :: */ "};
    put(g, PICK(g, GAPS));
}

static void word(struct gen *g, const char *text)
{
    put(g, text);
    gap(g);
}

/* --- names and values ------------------------------------------------------------------------- */

static const char *const TABLES[] = {"t", "\"odd name\"", "[select]", "`größe`", "u"};
static const char *const COLUMNS[] = {
    "a", "b", "\"order\"", "[group by]", "`c d`", "image", "search", "model", "\"x\"\"y\"", "列"};
enum { TABLE_COUNT = 5, COLUMN_COUNT = 10 };

static void literal(struct gen *g)
{
    static const char *const VALUES[] = {"0", "1", "-1", "2.5", "1e3", "9223372036854775807",
        "-9223372036854775808", "0x1F", ".5", "NULL", "''", "'a'", "'A'", "'it''s'", "'a;b'",
        "'--'", "'/*'", "'[1,2]'", "'ä'", "x'00ff'", "X''", "TRUE", "FALSE", "'10'", "'1.5x'",
        "\"a string\"", "CURRENT_DATE IS NULL", "1.0", "3", "7"};
    put(g, PICK(g, VALUES));
}

static void column(struct gen *g)
{
    if (g->tables > 1 && chance(g, 99)) {
        static const char *const ALIASES[] = {"x0.", "x1.", "x2."};
        put(g, ALIASES[below(g, (uint32_t)g->tables)]);
    }
    put(g, PICK(g, COLUMNS));
}

static void expr(struct gen *g);
static void select_body(struct gen *g, int columns);

static void list(struct gen *g, int count)
{
    for (int i = 0; i < count; i++) {
        if (i > 0) word(g, ",");
        expr(g);
    }
}

static void call(struct gen *g)
{
    static const struct {
        const char *name;
        int args;
    } CALLS[] = {{"abs", 1}, {"length", 1}, {"lower", 1}, {"UPPER", 1}, {"coalesce", 2},
        {"ifnull", 2}, {"nullif", 2}, {"substr", 3}, {"typeof", 1}, {"quote", 1}, {"round", 1},
        {"min", 2}, {"max", 3}, {"hex", 1}, {"instr", 2}, {"replace", 3}, {"trim", 1},
        {"unicode", 1}, {"printf", 2}, {"iif", 3}, {"substring", 2}, {"\"abs\"", 1},
        {"json_array", 2}, {"sign", 1}, {"ltrim", 1}, {"ltrim", 2}, {"char", 2}, {"likely", 1},
        {"date", 1}, {"sqrt", 1}};
    uint32_t i = below(g, sizeof CALLS / sizeof CALLS[0]);
    bool wrong = chance(g, 1);
    word(g, wrong && i % 2 > 0 ? "nosuch" : CALLS[i].name);
    put(g, "(");
    list(g, CALLS[i].args + wrong);
    put(g, ")");
}

static void aggregate(struct gen *g)
{
    static const char *const NAMES[] = {
        "sum", "avg", "count", "total", "min", "max", "group_concat"};
    put(g, PICK(g, NAMES));
    put(g, "(");
    if (chance(g, 15)) word(g, "DISTINCT");
    column(g);
    put(g, ")");
    if (chance(g, 15)) {
        put(g, " FILTER (WHERE ");
        column(g);
        put(g, " > 1)");
    }
}

static void window(struct gen *g)
{
    static const char *const NAMES[] = {"row_number()", "rank()", "sum(a)", "avg(b)", "count(*)",
        "lag(a)", "first_value(b)", "group_concat(a)", "ntile(3)"};
    static const char *const FRAMES[] = {"", " ROWS 1 PRECEDING",
        " ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING", " RANGE UNBOUNDED PRECEDING",
        " GROUPS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING EXCLUDE TIES"};
    put(g, PICK(g, NAMES));
    put(g, " OVER (");
    if (chance(g, 50)) {
        put(g, "PARTITION BY ");
        column(g);
        put(g, " ");
    }
    put(g, "ORDER BY ");
    column(g);
    put(g, ", a, b");
    put(g, PICK(g, FRAMES));
    put(g, ")");
}

static void binary(struct gen *g)
{
    static const char *const OPERATORS[] = {"+", "-", "*", "/", "%", "||", "<", "<=", ">",
        ">=", "=", "==", "<>", "!=", "AND", "OR", "IS", "IS NOT", "&", "|", "<<", ">>", "LIKE",
        "NOT LIKE", "GLOB", "IS DISTINCT FROM", "NOT GLOB", "COLLATE NOCASE =", "COLLATE rtrim <"};
    bool brackets = chance(g, 40);
    if (brackets) put(g, "(");
    expr(g);
    gap(g);
    word(g, PICK(g, OPERATORS));
    expr(g);
    if (brackets) put(g, ")");
}

static void special(struct gen *g)
{
    static const char *const TYPES[] = {"INTEGER", "TEXT", "REAL", "BLOB", "NUMERIC", "VARCHAR(10)",
        "\"odd type\"", "DOUBLE PRECISION", "DECIMAL(10, 2)", "date"};
    switch (below(g, 9)) {
    case 0:
        put(g, "CASE WHEN ");
        expr(g);
        put(g, " THEN ");
        expr(g);
        put(g, " ELSE ");
        expr(g);
        put(g, " END");
        break;
    case 1:
        put(g, "CAST(");
        expr(g);
        put(g, " AS ");
        put(g, PICK(g, TYPES));
        put(g, ")");
        break;
    case 2:
        expr(g);
        put(g, chance(g, 50) ? " BETWEEN " : " NOT BETWEEN ");
        list(g, 1);
        put(g, " AND ");
        list(g, 1);
        break;
    case 3:
        expr(g);
        put(g, chance(g, 50) ? " IN (" : " NOT IN (");
        list(g, (int)below(g, 4));
        put(g, ")");
        break;
    case 4:
        expr(g);
        put(g, " IN (SELECT ");
        put(g, PICK(g, COLUMNS));
        put(g, " FROM ");
        put(g, PICK(g, TABLES));
        put(g, ")");
        break;
    case 5:
        put(g, chance(g, 50) ? "EXISTS (" : "NOT EXISTS (");
        select_body(g, 1);
        put(g, ")");
        break;
    case 6:
        put(g, "(");
        select_body(g, 1);
        put(g, chance(g, 50) ? " LIMIT 1)" : ")");
        break;
    case 7:
        if (!chance(g, 30)) {
            put(g, "(1, a) IN (SELECT 1, 2)");
            break;
        }
        put(g, "(");
        list(g, 2);
        put(g, chance(g, 50) ? ") = (" : ") < (");
        list(g, 2);
        put(g, ")");
        break;
    default: expr(g); put(g, chance(g, 50) ? " ISNULL" : " NOT NULL");
    }
}

static void expr(struct gen *g)
{
    static const char *const UNARY[] = {"-", "NOT ", "~", "+", "- "};
    if (g->depth >= DEPTH_MAX || chance(g, 30)) {
        if (chance(g, 55))
            column(g);
        else
            literal(g);
        return;
    }
    g->depth++;
    uint32_t kind = below(g, 100);
    if (g->grouped && kind < 25) {
        aggregate(g);
    } else if (kind < 50) {
        binary(g);
    } else if (kind < 60) {
        put(g, PICK(g, UNARY));
        expr(g);
    } else if (kind < 80) {
        call(g);
    } else {
        special(g);
    }
    g->depth--;
}

/* --- queries ---------------------------------------------------------------------------------- */

static void source(struct gen *g, int i)
{
    static const char *const VALUES =
        "(SELECT 1 AS a, 'v' AS b, 2 AS image, 3 AS search, 4 AS model, 5 AS "
        "\"order\", 6 AS \"group by\", 7 AS \"c d\", 8 AS \"x\"\"y\", 9 AS 列)";
    if (chance(g, 12))
        put(g, VALUES);
    else
        put(g, PICK(g, TABLES));
    put(g, chance(g, 70) ? " AS x" : " x");
    buf_printf(&g->out, "%d ", i);
}

static int from(struct gen *g)
{
    static const char *const JOINS[] = {", ", " JOIN ", " LEFT JOIN ", " CROSS JOIN ",
        " INNER JOIN ", " LEFT OUTER JOIN ", " FULL JOIN "};
    int tables = 1 + (g->depth < 2 && chance(g, 35)) + (g->depth == 0 && chance(g, 8));
    put(g, " FROM ");
    for (int i = 0; i < tables; i++) {
        const char *join = PICK(g, JOINS);
        if (i > 0) put(g, join);
        source(g, i);
        if (i > 0 && join[0] == ' ' && join[1] != 'C')
            buf_printf(&g->out, "ON x%d.%s = x%d.a ", i - 1, PICK(g, COLUMNS), i);
    }
    return tables;
}

static void order(struct gen *g, int columns)
{
    static const char *const HOW[] = {
        "", " ASC", " DESC", " DESC NULLS LAST", " NULLS FIRST", " COLLATE NOCASE"};
    put(g, " ORDER BY ");
    for (int i = 0; i < columns; i++) {
        buf_printf(&g->out, "%s%d", i > 0 ? ", " : "", i + 1);
        put(g, PICK(g, HOW));
    }
}

/* The result columns are written before FROM is known: they are made twice from one place of
 * chance. */
static void select_core(struct gen *g, int columns)
{
    bool grouped = chance(g, 18), around = g->grouped;
    int before = g->tables;
    static const char *const NAMES[] = {
        "", "", " AS c", " alias", " AS \"odd\"", " AS [of it]", " 'text'"};
    struct gen head = *g;
    buf_init(&head.out);
    head.depth = g->depth + 1;
    int tables = from(&head);
    g->state = head.state;
    g->tables = tables;
    g->grouped = grouped;
    word(g, "SELECT");
    if (chance(g, 10)) word(g, chance(g, 70) ? "DISTINCT" : "ALL");
    for (int i = 0; i < columns; i++) {
        if (i > 0) word(g, ",");
        if (!grouped && g->depth == 0 && chance(g, 6))
            window(g);
        else
            expr(g);
        put(g, PICK(g, NAMES));
    }
    buf_add(&g->out, head.out.data, head.out.bytes);
    buf_deinit(&head.out);
    g->grouped = false;
    if (chance(g, 55)) {
        word(g, "WHERE");
        expr(g);
    }
    if (grouped && chance(g, 70)) {
        put(g, " GROUP BY ");
        column(g);
        g->grouped = true;
        if (chance(g, 30)) {
            put(g, " HAVING ");
            expr(g);
        }
    }
    g->grouped = around;
    g->tables = before;
}

static void select_body(struct gen *g, int columns)
{
    static const char *const COMPOUNDS[] = {" UNION ", " UNION ALL ", " EXCEPT ", " INTERSECT "};
    g->depth++;
    select_core(g, columns);
    if (chance(g, 8)) {
        put(g, PICK(g, COMPOUNDS));
        select_core(g, columns);
    }
    g->depth--;
}

static void query(struct gen *g)
{
    int columns = 1 + (int)below(g, 4);
    g->depth = 0;
    g->tables = 1;
    if (chance(g, 12)) {
        put(g,
            "WITH c1(a, b) AS (SELECT a, b FROM t WHERE a < 9), c2 AS NOT MATERIALIZED (SELECT * "
            "FROM c1) ");
        put(g, "SELECT count(*), max(c1.a), min(c2.b) FROM c1, c2 WHERE ");
        put(g, "c1.a IS c2.a");
        return;
    }
    if (chance(g, 4)) {
        buf_printf(&g->out,
            "WITH RECURSIVE n(i) AS (VALUES(%u) UNION ALL SELECT i + 1 FROM n WHERE i < %u) SELECT "
            "i, i %% 3 "
            "FROM n",
            below(g, 5), 5 + below(g, 20));
        return;
    }
    if (chance(g, 4)) {
        put(g, "VALUES (1, 'a'), (");
        list(g, 2);
        put(g, ")");
        return;
    }
    select_core(g, columns);
    if (chance(g, 6)) {
        put(g, " UNION ALL ");
        select_core(g, columns);
    }
    order(g, columns);
    if (chance(g, 40)) buf_printf(&g->out, " LIMIT %u", below(g, 30));
    if (g->out.bytes > 0 && g->out.data[g->out.bytes - 1] != ' ' && chance(g, 5)) put(g, " ");
}

/* --- other statements ------------------------------------------------------------------------- */

static void insert(struct gen *g)
{
    static const char *const HOW[] = {
        "INSERT INTO ", "INSERT OR IGNORE INTO ", "INSERT OR REPLACE INTO ", "REPLACE INTO "};
    static const char *const THEN[] = {"", "", " ON CONFLICT DO NOTHING",
        " ON CONFLICT (a) DO UPDATE SET b = excluded.b || 'u' WHERE excluded.a > 3",
        " RETURNING a, b AS [r]", " RETURNING *"};
    put(g, PICK(g, HOW));
    put(g, PICK(g, TABLES));
    put(g, " (a, b, [group by]) ");
    if (chance(g, 40)) {
        put(g, "SELECT a + 100, b, \"order\" FROM ");
        put(g, PICK(g, TABLES));
        put(g, " WHERE a < 4");
    } else {
        g->tables = 1;
        buf_printf(&g->out, "VALUES (%u, ", below(g, 60));
        literal(g);
        put(g, ", 'n')");
        if (chance(g, 30)) buf_printf(&g->out, ", (%u, 'x;', NULL)", below(g, 90));
    }
    put(g, PICK(g, THEN));
}

static void update(struct gen *g)
{
    g->tables = 1;
    g->depth = 1;
    put(g, "UPDATE ");
    put(g, PICK(g, TABLES));
    put(g, " SET b = ");
    expr(g);
    if (chance(g, 30)) put(g, ", (image, search) = (1, 'two')");
    put(g, " WHERE ");
    expr(g);
    if (chance(g, 25)) put(g, " RETURNING a, typeof(b)");
}

static void delete_from(struct gen *g)
{
    g->tables = 1;
    g->depth = 2;
    put(g, "DELETE FROM ");
    put(g, PICK(g, TABLES));
    buf_printf(&g->out, " WHERE a > %u AND ", 20 + below(g, 60));
    expr(g);
    if (chance(g, 30)) put(g, " RETURNING *");
}

static void other(struct gen *g)
{
    static const char *const TEXTS[] = {
        "CREATE VIEW IF NOT EXISTS v AS SELECT a, b FROM t WHERE a < 5",
        "SELECT * FROM v ORDER BY 1", "DROP VIEW IF EXISTS v",
        "CREATE TEMP TABLE IF NOT EXISTS tmp(a, b)",
        "INSERT INTO tmp SELECT a, b FROM u LIMIT 3 RETURNING a", "SELECT count(*) FROM tmp",
        "CREATE INDEX IF NOT EXISTS by_b ON t(b, length(a)) WHERE a > 1", "DROP INDEX by_b",
        "SAVEPOINT s; ", "RELEASE s", "ROLLBACK TO s", "BEGIN", "COMMIT", "ROLLBACK",
        "PRAGMA user_version",
        "CREATE TRIGGER IF NOT EXISTS tr AFTER UPDATE ON u WHEN new.a > 2 BEGIN INSERT INTO t(a, "
        "b) VALUES "
        "(new.a + 1000, 'tr'); SELECT 1; END",
        "DROP TRIGGER tr", "ALTER TABLE u ADD COLUMN extra", "ALTER TABLE u DROP COLUMN extra",
        "PRAGMA table_info(`größe`)", "ANALYZE", "REINDEX",
        "SELECT name, type FROM pragma_table_info('t') ORDER BY 1, 2", ";", "  ",
        "-- only a comment", "SELECT 1; SELECT 2",
        "SELECT list.a FROM t AS list, t model WHERE list.a = model.a ORDER BY 1",
        "SELECT search FROM (SELECT search FROM t) AS search ORDER BY 1",
        "SELECT a format, b settings FROM t ORDER BY 1, 2",
        "SELECT [a], `b`, \"order\" FROM t ORDER BY a", "SELECT left.a FROM t AS left ORDER BY 1",
        "SELECT a interval, b array FROM t ORDER BY 1, 2", "SELECT 1 WHERE 'a' LIKE 'A' ESCAPE 'x'",
        "EXPLAIN QUERY PLAN SELECT a FROM t WHERE rowid = 1",
        "SELECT sum(a), avg(a), total(a), length(b) FROM t", "SELECT sum(b) FROM u",
        "SELECT sum(s), avg(s), sum(s) OVER (), length(s) FROM (SELECT a + 0.5 AS s, image FROM t)",
        "SELECT avg(s), sum(s) FROM (SELECT b || '' AS s, image FROM t UNION ALL SELECT a, 1 FROM "
        "u) WHERE "
        "typeof(s) <> 'blob'",
        "SELECT sum(s) FROM (SELECT 9223372036854775807 AS s, image FROM t)",
        "SELECT sum(s) OVER (ORDER BY s ROWS 1 PRECEDING), length(s) FROM (SELECT a AS s, image "
        "FROM t) ORDER BY 1",
        "SELECT sum(9223372036854775807 + 0 * a), count() FROM t",
        "SELECT avg(a) OVER (ORDER BY a ROWS 2 PRECEDING), sum(a) OVER (ORDER BY a, b) FROM t "
        "ORDER BY a, 1, 2",
        "SELECT final.a FROM t final WHERE final.a = 1",
        "SELECT x.a FROM t x NATURAL JOIN u ORDER BY 1", "SELECT a FROM t WHERE a = (1) + (2)",
        "SELECT json_extract('{\"a\":[1,2]}', '$.a[1]')",
        "WITH with_(a) AS (SELECT 1), first AS (SELECT 2) SELECT * FROM with_, first"};
    put(g, PICK(g, TEXTS));
}

/* One word is left out, doubled, or another put in. */
static void damage(struct gen *g)
{
    static const char *const WORDS[] = {" SELECT ", " , ", " ( ", " ) ", " FROM ", " ' ", " AND ",
        " 1 ", " a ", " WHERE ", " . ", " AS ", " GROUP ", " \" ", " = ", " \x01 ", " ; ", " @ "};
    struct buf text = g->out;
    size_t at = text.bytes > 0 ? below(g, (uint32_t)text.bytes) : 0;
    while (at < text.bytes && text.data[at] != ' ') at++;
    size_t end = at < text.bytes ? at + 1 : at;
    while (end < text.bytes && text.data[end] != ' ') end++;
    buf_init(&g->out);
    buf_add(&g->out, text.data, at);
    uint32_t how = below(g, 3);
    if (how == 0) put(g, PICK(g, WORDS));
    if (how > 0 && how == 2) buf_add(&g->out, text.data + at, end - at);
    buf_add(&g->out, text.data + (how == 1 ? end : at), text.bytes - (how == 1 ? end : at));
    buf_deinit(&text);
}

static void statement(struct gen *g)
{
    buf_clear(&g->out);
    g->depth = 0;
    g->tables = 1;
    g->grouped = false;
    uint32_t kind = below(g, 100);
    if (kind < 66)
        query(g);
    else if (kind < 76)
        insert(g);
    else if (kind < 84)
        update(g);
    else if (kind < 88)
        delete_from(g);
    else
        other(g);
    if (chance(g, 12)) damage(g);
    if (chance(g, 30)) put(g, ";");
}

/* --- both sides ------------------------------------------------------------------------------- */

struct both {
    struct sql_session *session;
    sqlite3 *plain;
    int taken, refused, dialect, rows;
};

static void setup(sqlite3 *db)
{
    static const char *const DDL = "CREATE TABLE %s(a INTEGER PRIMARY KEY, b, \"order\" TEXT, "
                                   "[group by] REAL, `c d` INT, image, search TEXT, "
                                   "model VARCHAR(3), \"x\"\"y\" BLOB, 列 NUMERIC)";
    static const char *const VALUES[] = {
        "NULL", "1", "2.5", "'a'", "'B'", "x'00ff'", "''", "'10'", "-3", "'it''s'", "1e10", "'ä'"};
    struct gen g = {.state = SEED};
    for (int t = 0; t < TABLE_COUNT; t++) {
        char sql[1024];
        snprintf(sql, sizeof sql, DDL, TABLES[t]);
        assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
        for (int r = 1; r <= 12; r++) {
            buf_init(&g.out);
            buf_printf(&g.out, "INSERT INTO %s VALUES(%d", TABLES[t], r);
            for (int c = 1; c < COLUMN_COUNT; c++) buf_printf(&g.out, ",%s", PICK(&g, VALUES));
            put(&g, ")");
            assert_int_equal(sqlite3_exec(db, g.out.data, NULL, NULL, NULL), SQLITE_OK);
            buf_deinit(&g.out);
        }
    }
}

static void copy_pragma(struct both *b, const char *name)
{
    char sql[100];
    sqlite3_stmt *stmt;
    sqlite3 *ours = store_sqlite(sql_session_store(b->session));
    snprintf(sql, sizeof sql, "PRAGMA %s", name);
    assert_int_equal(sqlite3_prepare_v2(ours, sql, -1, &stmt, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    snprintf(sql, sizeof sql, "PRAGMA %s=%d", name, sqlite3_column_int(stmt, 0));
    sqlite3_finalize(stmt);
    assert_int_equal(sqlite3_exec(b->plain, sql, NULL, NULL, NULL), SQLITE_OK);
}

/* Our words may go on behind SQLite's: "; did you mean …". A long piece of the text in them is cut.
 */
static void check_words(const char *text, const char *ours, const char *theirs)
{
    size_t n = strlen(theirs);
    if (strncmp(ours, theirs, n) == 0 && (ours[n] == '\0' || ours[n] == ';')) return;
    if (n > WORDS_BYTES && strncmp(ours, theirs, WORDS_BYTES) == 0) return;
    fail_msg("%s\nSQLite: %s\nhere:   %s", text, theirs, ours);
}

static void check_value(const char *text, struct sql_stmt *ours, sqlite3_stmt *theirs, int i)
{
    static const enum sql_type TYPES[] = {[SQLITE_INTEGER] = SQL_INTEGER,
        [SQLITE_FLOAT] = SQL_FLOAT,
        [SQLITE_TEXT] = SQL_TEXT,
        [SQLITE_BLOB] = SQL_BLOB,
        [SQLITE_NULL] = SQL_NULL};
    enum sql_type type = TYPES[sqlite3_column_type(theirs, i)];
    if (sql_column_type(ours, i) != type) fail_msg("%s\ncolumn %d is of another type", text, i);
    const void *data = sqlite3_column_blob(theirs, i), *mine = sql_column_blob(ours, i);
    int bytes = sqlite3_column_bytes(theirs, i);
    if (sql_column_bytes(ours, i) != bytes || (bytes > 0 && memcmp(data, mine, (size_t)bytes) != 0))
        fail_msg("%s\ncolumn %d is %.*s, not %.*s", text, i, (int)sql_column_bytes(ours, i),
            (const char *)mine, bytes, (const char *)data);
}

/* Steps both to the end. */
static void run_both(struct both *b, const char *text, struct sql_stmt *ours, sqlite3_stmt *theirs)
{
    struct err e = ERR_INIT;
    for (int rows = 0; rows < ROWS_MAX; rows++) {
        bool row = false;
        int rc = sqlite3_step(theirs);
        enum status st = sql_step(ours, &row, &e);
        bool refused = rc != SQLITE_ROW && rc != SQLITE_DONE;
        if (refused != (st != ST_OK))
            fail_msg("%s\nSQLite: %s\nhere:   %s", text, sqlite3_errmsg(b->plain), e.text);
        if (refused) {
            check_words(text, e.text, sqlite3_errmsg(b->plain));
            b->refused++;
            return;
        }
        if (row != (rc == SQLITE_ROW)) fail_msg("%s\nanother number of rows: row %d", text, rows);
        if (!row) return;
        b->rows++;
        for (int i = 0; i < sqlite3_column_count(theirs); i++) check_value(text, ours, theirs, i);
    }
}

static void check_columns(const char *text, const struct sql_stmt *ours, sqlite3_stmt *theirs)
{
    if (sql_column_count(ours) != sqlite3_column_count(theirs)) fail_msg("%s\nother columns", text);
    for (int i = 0; i < sqlite3_column_count(theirs); i++)
        if (strcmp(sql_column_name(ours, i), sqlite3_column_name(theirs, i)) != 0)
            fail_msg("%s\ncolumn %d is called %s, not %s", text, i, sql_column_name(ours, i),
                sqlite3_column_name(theirs, i));
    if (sql_bind_count(ours) != sqlite3_bind_parameter_count(theirs))
        fail_msg("%s\nother parameters", text);
}

/* Or was it cut before a line that begins with a statement's first word? Ours then has said where
 * it ends. */
static bool holds_dialect(const char *text, size_t bytes, const char *tail)
{
    struct arena a;
    struct sql_scan scan;
    arena_init(&a, 0);
    enum status st = sql_scan_next(text, bytes, &a, &scan, NULL);
    unsigned ours = HOLDS_OURS | HOLDS_MAYBE | HOLDS_FORMS | HOLDS_NUMBERED | HOLDS_COMMENT;
    bool holds = st == ST_OK && ((scan.holds & ours) != 0 || tail < text + scan.end);
    arena_deinit(&a);
    return holds;
}

/* One text: its first statement. */
static void compare(struct both *b, const char *text, size_t bytes)
{
    struct err e = ERR_INIT;
    struct sql_stmt *ours = NULL;
    sqlite3_stmt *theirs = NULL;
    const char *tail, *their_tail = text;
    enum status st = sql_prepare(b->session, text, bytes, &ours, &tail, &e);
    /* Empty statements before it are skipped, as a session does. */
    int rc = SQLITE_OK;
    do rc = sqlite3_prepare_v2(b->plain, their_tail, -1, &theirs, &their_tail);
    while (rc == SQLITE_OK && theirs == NULL && *their_tail != '\0');
    if (rc != SQLITE_OK && st == ST_OK && holds_dialect(text, bytes, tail)) {
        b->dialect++;
    } else if ((rc == SQLITE_OK) != (st == ST_OK)) {
        fail_msg("%s\nSQLite: %s\nhere:   %s", text, sqlite3_errmsg(b->plain), e.text);
    } else if (rc != SQLITE_OK) {
        if (!holds_dialect(text, bytes, tail)) check_words(text, e.text, sqlite3_errmsg(b->plain));
        b->refused++;
    } else if ((ours == NULL) != (theirs == NULL)) {
        fail_msg("%s\nis a statement on one side only", text);
    } else if (theirs != NULL) {
        if (tail != their_tail)
            fail_msg("%s\nends at %td, not %td", text, tail - text, their_tail - text);
        check_columns(text, ours, theirs);
        b->taken++;
        run_both(b, text, ours, theirs);
    }
    sql_finalize(ours);
    sqlite3_finalize(theirs);
}

/* A table with a vector column in the session: names of its are looked at wherever they stand, sums
 * of what comes out of a query are ours. */
static void declare_vector(struct sql_session *s)
{
    static const char SQL[] = "CREATE TABLE fovea_beside(id INTEGER PRIMARY KEY, image vector(2))";
    struct err e = ERR_INIT;
    struct sql_stmt *st;
    const char *tail;
    bool row;
    assert_ok(sql_prepare(s, SQL, sizeof SQL - 1, &st, &tail, &e), &e);
    assert_ok(sql_step(st, &row, &e), &e);
    sql_finalize(st);
}

static void run(int statements, uint64_t seed, bool vectors)
{
    struct both b = {0};
    struct err e = ERR_INIT;
    assert_ok(
        sql_session_open(":memory:", &(struct store_options){.create = true}, &b.session, &e), &e);
    assert_int_equal(sqlite3_open(":memory:", &b.plain), SQLITE_OK);
    static const char *const PRAGMAS[] = {"foreign_keys", "recursive_triggers",
        "case_sensitive_like", "trusted_schema", "temp_store"};
    for (size_t i = 0; i < sizeof PRAGMAS / sizeof PRAGMAS[0]; i++)
        if (i != 2) copy_pragma(&b, PRAGMAS[i]);
    setup(store_sqlite(sql_session_store(b.session)));
    setup(b.plain);
    if (vectors) declare_vector(b.session);
    struct gen g = {.state = seed};
    buf_init(&g.out);
    for (int i = 0; i < statements; i++) {
        statement(&g);
        assert_false(g.out.failed);
        compare(&b, g.out.data != NULL ? g.out.data : "", g.out.bytes);
    }
    buf_deinit(&g.out);
    print_message("%d statements ran, %d were refused, %d rows, %d are another dialect's\n",
        b.taken, b.refused, b.rows, b.dialect);
    assert_true(
        b.taken > statements / 2 && b.refused > statements / 20 && b.dialect < statements / 50);
    sqlite3_close(b.plain);
    sql_session_close(b.session);
}

static void test_statements(void **state)
{
    (void)state;
    run(STATEMENTS, SEED, false);
}

static void test_beside_vectors(void **state)
{
    (void)state;
    run(STATEMENTS / 2, SEED + 1, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_statements), cmocka_unit_test(test_beside_vectors)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
