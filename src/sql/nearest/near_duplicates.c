/* near_duplicates.c - every pair of rows of a column that are at most so far apart, as a table.
 *
 * The pairs come from the vector engine; where it can't be used, from a join of the table with
 * itself, which gives the same pairs. They are kept until they are shown, up to a bound.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "sql/internal.h"
#include "sql/nearest/knn.h"
#include "sql/plan/step.h"
#include "store/vectors.h"

enum { PAIRS_MAX = 64 << 20 };

struct pair {
    int64_t a, b;
    double distance;
};

struct pairs {
    struct pair *at;
    size_t count, capacity, shown;
    double threshold;
};

static enum status add_pair(void *user, int64_t a, int64_t b, double distance, struct err *e)
{
    struct pairs *p = user;
    if (p->count == PAIRS_MAX)
        return err_set(e, ST_LIMIT,
            "near_duplicates(): more than %d pairs: take a smaller threshold", PAIRS_MAX);
    if (p->count == p->capacity) {
        size_t capacity = p->capacity > 0 ? p->capacity * 2 : 64;
        struct pair *grown = mem_resize(p->at, capacity, sizeof *grown);
        if (grown == NULL) return mem_err(e, capacity * sizeof *grown);
        p->at = grown;
        p->capacity = capacity;
    }
    p->at[p->count++] = (struct pair){a, b, distance};
    return ST_OK;
}

static enum status from_engine(
    struct pairs *p, struct sql_session *s, const struct knn_column *c, bool *done, struct err *e)
{
    struct store_vectors *v = NULL;
    struct store_vectors_ask ask = {.schema = c->schema,
        .table = c->table,
        .column = c->column,
        .metric = (enum metric)c->metric,
        .run = &s->run};
    *done = false;
    enum status st = store_vectors_get(s->store, &ask, &v, e);
    if (st != ST_OK || v == NULL) return st;
    struct vec_pairs how = {.radius = p->threshold, .run = &s->run, .found = add_pair, .user = p};
    st = store_vectors_pairs(v, &how, e);
    *done = st != ST_CORRUPT;
    if (*done) return st;
    err_clear(e);
    p->count = 0;
    return ST_OK;
}

static enum status from_rows(
    struct pairs *p, struct sql_session *s, const struct knn_column *c, struct err *e)
{
    struct buf sql, column;
    sqlite3_stmt *stmt = NULL;
    buf_init(&sql);
    buf_init(&column);
    sql_add_name(&column, c->column);
    buf_printf(&sql, "SELECT a._rowid_, b._rowid_, %s(a.%s, b.%s) AS d FROM ", c->function,
        column.failed ? "" : column.data, column.failed ? "" : column.data);
    for (int i = 0; i < 2; i++) {
        sql_add_name(&sql, c->schema);
        buf_add_char(&sql, '.');
        sql_add_name(&sql, c->table);
        buf_add_str(&sql, i == 0 ? " a JOIN " : " b ON a._rowid_ < b._rowid_ AND d <= ?1");
    }
    buf_add_str(&sql, " ORDER BY 3, 1, 2");
    enum status st = column.failed ? mem_err(e, 0) : buf_check(&sql, e);
    int rc = st == ST_OK ? sqlite3_prepare_v2(s->db, sql.data, -1, &stmt, NULL) : SQLITE_OK;
    if (rc == SQLITE_OK && st == ST_OK) rc = sqlite3_bind_double(stmt, 1, p->threshold);
    while (st == ST_OK && rc == SQLITE_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        st = add_pair(p, sqlite3_column_int64(stmt, 0), sqlite3_column_int64(stmt, 1),
            sqlite3_column_double(stmt, 2), e);
        rc = SQLITE_OK;
    }
    if (st == ST_OK && rc != SQLITE_OK && rc != SQLITE_DONE) st = sql_word(s, rc, e);
    sqlite3_finalize(stmt);
    buf_deinit(&sql);
    buf_deinit(&column);
    return st;
}

static void close_pairs(void *cursor)
{
    struct pairs *p = cursor;
    mem_free(p->at);
    mem_free(p);
}

static enum status open_pairs(
    struct sql_session *s, struct sql_value *const *args, int count, void **cursor, struct err *e)
{
    (void)count;
    static const char NAME[] = "near_duplicates()";
    struct knn_column c;
    bool done = false;
    const char *names[] = {sql_value_text(args[0]), sql_value_text(args[1])};
    enum sql_type type = sql_value_type(args[2]);
    if (type != SQL_INTEGER && type != SQL_FLOAT)
        return err_set(e, ST_INVALID, "%s: the threshold is a number", NAME);
    struct pairs *p = mem_zalloc(1, sizeof *p);
    if (p == NULL) return mem_err(e, sizeof *p);
    p->threshold = sql_value_double(args[2]);
    enum status st = knn_column_init(&c, s, names, NAME, e);
    if (st == ST_OK) st = from_engine(p, s, &c, &done, e);
    if (st == ST_OK && !done) st = from_rows(p, s, &c, e);
    if (st == ST_OK)
        *cursor = p;
    else
        close_pairs(p);
    return st;
}

static enum status next_pair(void *cursor, bool *row, struct err *e)
{
    (void)e;
    struct pairs *p = cursor;
    *row = p->shown++ < p->count;
    return ST_OK;
}

static void pair_value(void *cursor, int column, struct sql_result *out)
{
    const struct pairs *p = cursor;
    const struct pair *at = &p->at[p->shown - 1];
    if (column == 2)
        sql_result_double(out, at->distance);
    else
        sql_result_int(out, column == 0 ? at->a : at->b);
}

enum status sql_near_duplicates_add(struct sql_session *s, struct err *e)
{
    static const struct sql_tabfn FUNCTION = {.name = "near_duplicates",
        .columns = "a INTEGER, b INTEGER, distance REAL",
        .args = "tbl, col, threshold",
        .args_required = 3,
        .direct_only = true,
        .reads_only = true,
        .open = open_pairs,
        .next = next_pair,
        .column = pair_value,
        .close = close_pairs};
    return sql_tabfn_add(s, &FUNCTION, e);
}
