/* test_sql_nearest.c - a SELECT in the order of a distance gives the same rows through the vector
 * engine as over rows.
 *
 * Statements are put together at random from parts: distances, filters, joins, orders, limits,
 * nesting. Each is run as it is, and once more with a + before its distance, which no step is made
 * for: SQLite then reads and sorts the rows itself. Both must give the same rows in the same order.
 * The seed is fixed. That the engine did answer is checked through EXPLAIN.
 */
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "sql/session.h"
#include "sql_fake_model.h"
#include "test.h"

static uint64_t seed = 20260731;

static unsigned pick(unsigned below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (unsigned)((seed >> 11) % below);
}

static char folder[] = "/tmp/fovea-test-nearest-XXXXXX";
static struct sql_session *session;

static void run(const char *sql)
{
    struct err e = ERR_INIT;
    const char *tail = sql, *end = sql + strlen(sql);
    while (tail < end) {
        struct sql_stmt *st;
        bool row = true;
        if (sql_prepare(session, tail, (size_t)(end - tail), &st, &tail, &e) != ST_OK)
            fail_msg("%s: %s", sql, e.text);
        while (st != NULL && row)
            if (sql_step(st, &row, &e) != ST_OK) fail_msg("%s: %s", sql, e.text);
        sql_finalize(st);
    }
}

static void add_value(struct buf *out, struct sql_stmt *st, int i)
{
    if (sql_column_type(st, i) == SQL_FLOAT)
        buf_printf(out, "%a|", sql_column_double(st, i));
    else if (sql_column_type(st, i) == SQL_NULL)
        buf_add_str(out, "NULL|");
    else
        buf_printf(
            out, "%.*s|", (int)sql_column_bytes(st, i), (const char *)sql_column_blob(st, i));
}

/* What the parameters are: ?1 and ?2. */
struct binding {
    const float *query;
    int dim;
    int64_t limit;
};

/* The statement's answer as text: its rows, or its error. */
static void answer(const char *sql, const struct binding *b, struct buf *out)
{
    struct err e = ERR_INIT;
    struct sql_stmt *st = NULL;
    const char *tail;
    bool row = true;
    buf_clear(out);
    enum status rc = sql_prepare(session, sql, strlen(sql), &st, &tail, &e);
    for (int turn = 0; rc == ST_OK && turn < 2; turn++) { /* and again on the same statement */
        buf_clear(out);
        if (sql_bind_count(st) > 0) rc = sql_bind_blob(st, 1, b->query, b->dim * 4, &e);
        if (rc == ST_OK && sql_bind_count(st) > 1) rc = sql_bind_int(st, 2, b->limit, &e);
        row = true;
        while (rc == ST_OK && row) {
            rc = sql_step(st, &row, &e);
            for (int i = 0; rc == ST_OK && row && i < sql_column_count(st); i++)
                add_value(out, st, i);
            if (row) buf_add_char(out, '\n');
        }
    }
    if (rc != ST_OK) buf_printf(out, "error: %s", e.text);
    sql_finalize(st);
}

static void add_vector(struct buf *sql, int dim)
{
    unsigned kind = pick(20);
    if (kind == 0) {
        buf_add_str(sql, "NULL");
        return;
    }
    buf_add_str(sql, "vector('[");
    for (int i = 0; i < dim; i++)
        buf_printf(sql, "%s%d", i > 0 ? "," : "", kind == 1 ? 0 : (int)pick(7) - 3);
    buf_add_str(sql, "]')");
}

static void insert_rows(int first, int count, int dim)
{
    struct buf sql;
    buf_init(&sql);
    buf_add_str(&sql, "INSERT INTO t(id, v, g, label) VALUES ");
    for (int i = 0; i < count; i++) {
        buf_printf(&sql, "%s(%d,", i > 0 ? "," : "", first + i);
        add_vector(&sql, dim);
        buf_printf(&sql, ",%u,'%c')", pick(5), 'a' + (char)pick(4));
    }
    run(sql.data);
    buf_deinit(&sql);
}

static const struct {
    const char *function, *operator, * ops, *direction;
} DISTANCES[] = {{"cosineDistance", "<=>", "vector_cosine_ops", ""},
    {"L2Distance", "<->", "vector_l2_ops", ""},
    {"fovea_negative_inner_product", "<#>", "vector_ip_ops", ""},
    {"L1Distance", "<+>", "vector_l1_ops", ""}, {"dotProduct", NULL, "vector_ip_ops", " DESC"},
    {"cosine_similarity", NULL, "vector_cosine_ops", " DESC"}};
enum { DISTANCE_COUNT = sizeof DISTANCES / sizeof DISTANCES[0] };

static const char *const FROMS[] = {"t", "t", "t", "main.t", "t AS t", "t JOIN u ON u.tid = t.id",
    "u JOIN t ON u.tid = t.id", "t LEFT JOIN u ON u.tid = t.id", "u LEFT JOIN t ON u.tid = t.id",
    "t, u", "u CROSS JOIN t", "t NATURAL JOIN n", "t INDEXED BY tg", "t JOIN t AS s ON s.id = t.g",
    "(SELECT * FROM t WHERE g > 0) AS t", "u RIGHT JOIN t ON u.tid = t.id",
    "t LEFT JOIN u ON u.tid = t.id LEFT JOIN n ON n.g = u.w"};
static const char *const WHERES[] = {"", "", " WHERE t.g = 2", " WHERE t.label IN ('a','c')",
    " WHERE t.id % 7 = 3", " WHERE t.g >= 1 AND t.label <> 'b'", " WHERE t.v IS NOT NULL",
    " WHERE 0", " WHERE t.id IN (SELECT tid FROM u WHERE w > 2)", " WHERE t.id = 17",
    " WHERE EXISTS (SELECT 1 FROM u x WHERE x.tid = t.id)", " WHERE t.g = ?3 OR t.g = 1",
    " WHERE t.id BETWEEN 20 AND 60", " WHERE t.g = 1 OR 1=1"};
static const char *const LIMITS[] = {" LIMIT 1", " LIMIT 5", " LIMIT 10", " LIMIT 3 OFFSET 4",
    " LIMIT 2, 7", " LIMIT ?2", " LIMIT 0", " LIMIT -1", " LIMIT 1000000000", " LIMIT 2+3",
    " LIMIT 4 OFFSET -2", " LIMIT 30 OFFSET 145", " LIMIT (SELECT 6)", " LIMIT ?2 OFFSET ?2"};
static const char *const ORDERS[] = {"", ", t.id", ", t.label DESC, t.id", ", t.id DESC"};
#define PICK(table) (table)[pick(sizeof(table) / sizeof(table)[0])]

struct parts {
    const char *from, *where, *order, *limit, *nulls;
    char distance[200];
    unsigned shape, metric;
};

/* The statement; plain: with a + before the distance that it is in the order of. */
static void write_text(struct buf *sql, const struct parts *p, bool plain)
{
    const char *direction = DISTANCES[p->metric].direction, *plus = plain ? "+" : "";
    const char *nulls =
        plain && direction[0] == '\0' && p->nulls[0] == '\0' ? " NULLS LAST" : p->nulls;
    buf_clear(sql);
    if (p->shape == 1)
        buf_printf(sql, "SELECT t.id, %s AS d FROM %s%s ORDER BY %s%s%s%s%s%s", p->distance,
            p->from, p->where, plain ? "+" : "", plain ? p->distance : "d", direction, nulls,
            p->order, p->limit);
    else if (p->shape == 2)
        buf_printf(sql, "SELECT t.id, %s FROM %s%s ORDER BY %s%s%s%s%s%s", p->distance, p->from,
            p->where, plus, plain ? p->distance : "2", direction, nulls, p->order, p->limit);
    else if (p->shape == 3)
        buf_printf(sql,
            "SELECT count(*), sum(id) FROM (SELECT t.id FROM %s%s ORDER BY %s%s%s%s%s%s)", p->from,
            p->where, plus, p->distance, direction, nulls, p->order, p->limit);
    else if (p->shape == 4)
        buf_printf(sql,
            "WITH near AS (SELECT t.id AS i FROM %s%s ORDER BY %s%s%s%s%s%s) SELECT near.i, o.g,"
            " (SELECT t.id FROM t WHERE t.g = o.g ORDER BY %s%s%s%s, t.id LIMIT 1)"
            " FROM near JOIN t AS o ON o.id = near.i ORDER BY 1, 2",
            p->from, p->where, plus, p->distance, direction, nulls, p->order, p->limit, plus,
            p->distance, direction, nulls);
    else
        buf_printf(sql, "SELECT t.id, t.label, t.* FROM %s%s ORDER BY %s%s%s%s%s%s", p->from,
            p->where, plus, p->distance, direction, nulls, p->order, p->limit);
}

static void choose(struct parts *p, unsigned metric, int dim, const float *query)
{
    char text[400] = "?1";
    *p = (struct parts){.from = PICK(FROMS),
        .where = PICK(WHERES),
        .order = PICK(ORDERS),
        .limit = PICK(LIMITS),
        .nulls = "",
        .shape = pick(6),
        .metric = metric};
    if (pick(8) == 0) p->nulls = pick(2) ? " NULLS LAST" : " NULLS FIRST";
    /* Rows that are equally far come in no order that two plans share, unless one is asked for. */
    if (strcmp(p->from, "t") != 0 || p->where[0] != '\0' || p->shape == 3)
        p->order = strchr(p->from, 'u') != NULL || strstr(p->from, "JOIN") != NULL ? ", t.id, 1, 2"
                                                                                   : ", t.id";
    if (strstr(p->from, " u") != NULL || strstr(p->from, "u ") != NULL)
        p->order = ", t.id, u.rowid";
    if (pick(3) == 0) {
        size_t used = (size_t)snprintf(text, sizeof text, "'[");
        for (int i = 0; i < dim; i++)
            used += (size_t)snprintf(
                text + used, sizeof text - used, "%s%g", i > 0 ? "," : "", (double)query[i]);
        snprintf(text + used, sizeof text - used, "]'");
    }
    if (p->shape == 4) p->limit = " LIMIT 5";
    const char *op = DISTANCES[metric].operator;
    bool swap = pick(4) == 0, call = op == NULL || pick(2) == 0;
    const char *a = swap ? text : "t.v", *b = swap ? "t.v" : text;
    if (call)
        snprintf(
            p->distance, sizeof p->distance, "%s(%.60s, %.60s)", DISTANCES[metric].function, a, b);
    else
        snprintf(p->distance, sizeof p->distance, "(%.60s %s %.60s)", a, op, b);
}

/* What differs, and what was done. */
static void report(
    struct buf *sql, const struct buf *got, const struct buf *want, const struct binding *b)
{
    struct buf how, explain;
    buf_init(&how);
    buf_init(&explain);
    buf_printf(&explain, "EXPLAIN %s", sql->data);
    answer(explain.data, b, &how);
    fail_msg("%s\n%s\ngave\n%s\nnot\n%s", sql->data, how.data, got->data != NULL ? got->data : "",
        want->data != NULL ? want->data : "");
}

static void compare(unsigned metric, int dim, int count)
{
    struct buf sql, plain, got, want;
    buf_init(&sql);
    buf_init(&plain);
    buf_init(&got);
    buf_init(&want);
    for (int n = 0; n < count; n++) {
        struct parts p;
        float query[64];
        for (int i = 0; i < dim; i++) query[i] = (float)((int)pick(9) - 4);
        if (pick(10) == 0) memset(query, 0, sizeof query);
        choose(&p, metric, dim, query);
        int64_t limit = (int64_t)pick(40);
        write_text(&sql, &p, false);
        write_text(&plain, &p, true);
        answer(sql.data, &(struct binding){query, dim, limit}, &got);
        answer(plain.data, &(struct binding){query, dim, limit}, &want);
        bool same = got.bytes == want.bytes &&
            (got.bytes == 0 || memcmp(got.data, want.data, got.bytes) == 0);
        if (!same) report(&sql, &got, &want, &(struct binding){query, dim, limit});
    }
    buf_deinit(&sql);
    buf_deinit(&plain);
    buf_deinit(&got);
    buf_deinit(&want);
}

/* Does the engine answer? */
static void check_engine(unsigned metric, int dim)
{
    struct buf got;
    float query[64] = {1, 2, 3};
    char sql[200];
    buf_init(&got);
    snprintf(sql, sizeof sql, "EXPLAIN SELECT id FROM t ORDER BY %s(v, ?1)%s LIMIT 3",
        DISTANCES[metric].function, DISTANCES[metric].direction);
    answer(sql, &(struct binding){query, dim, 0}, &got);
    if (strstr(got.data, "rows: ") != NULL || strstr(got.data, "re-checked") == NULL)
        fail_msg("%s: %s", sql, got.data);
    buf_deinit(&got);
}

static void open_table(int dim)
{
    char sql[400];
    struct err e = ERR_INIT;
    struct store_options how = {.create = true};
    snprintf(sql, sizeof sql, "%s/%d.db", folder, dim);
    if (sql_session_open(sql, &how, &session, &e) != ST_OK) fail_msg("%s", e.text);
    snprintf(sql, sizeof sql,
        "CREATE TABLE t(id INTEGER PRIMARY KEY, v vector(%d), g, label TEXT);"
        "CREATE INDEX tg ON t(g); CREATE INDEX tl ON t(label);"
        "CREATE TABLE u(tid, w); CREATE TABLE n(g, name); INSERT INTO n VALUES (1,'one'),(2,'two');"
        "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 50)"
        " INSERT INTO u SELECT i * 37 %% 200, i %% 6 FROM c",
        dim);
    run(sql);
    insert_rows(1, 160, dim);
    run("SET exact = 1"); /* a graph may miss some */
}

static void test_same_rows(void **state)
{
    (void)state;
    static const int DIMS[] = {1, 2, 3, 8};
    for (size_t d = 0; d < sizeof DIMS / sizeof DIMS[0]; d++) {
        open_table(DIMS[d]);
        for (unsigned m = 0; m < DISTANCE_COUNT; m++) {
            char sql[200];
            snprintf(sql, sizeof sql, "CREATE INDEX IF NOT EXISTS i%s ON t USING hnsw (v %s)",
                DISTANCES[m].ops, DISTANCES[m].ops);
            run(sql);
            check_engine(m, DIMS[d]);
            compare(m, DIMS[d], 150);
            run("BEGIN");
            run("DELETE FROM t WHERE id % 11 = 5; UPDATE t SET g = 2, v = (SELECT v FROM t WHERE"
                " id = 9) WHERE id % 17 = 1");
            insert_rows(1000 + (int)m, 1, DIMS[d]);
            compare(m, DIMS[d], 40);
            run("ROLLBACK");
            compare(m, DIMS[d], 20);
            run("UPDATE t SET id = -id WHERE id % 29 = 3; DELETE FROM t WHERE id % 31 = 4");
            insert_rows(2000 + 10 * (int)m, 3, DIMS[d]);
            compare(m, DIMS[d], 40);
        }
        sql_session_close(session);
    }
}

/* Nobody asked for an index: the rows are ranked by the step itself. */
static void test_without_index(void **state)
{
    (void)state;
    open_table(5);
    for (unsigned m = 0; m < DISTANCE_COUNT; m++) compare(m, 5, 100);
    run("DELETE FROM t");
    compare(0, 5, 30);
    run("INSERT INTO t(v, g, label) VALUES (vector('[1,0,0,0,0]'), 1, 'a')");
    compare(0, 5, 30);
    sql_session_close(session);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_rows),
        cmocka_unit_test(test_without_index),
    };
    if (mkdtemp(folder) == NULL) return 2;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    char command[100];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command) != 0 ? 2 : failed;
}
