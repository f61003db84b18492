/* knn.c - knn(): the k nearest rows of a column, as a table.
 *
 * It is a SELECT in the order of the distance, prepared and run as if it had been written: same
 * rule, same engine, same rows. Rows without a distance are none of the nearest and are left out,
 * so fewer than k come when fewer have one.
 */
#include "sql/nearest/knn.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "sql/function/vector.h"
#include "sql/internal.h"
#include "sql/nearest/distance.h"
#include "sql/plan/step.h"
#include "store/columns.h"
#include "store/vectors.h"

/* --- the column ------------------------------------------------------------------------------- */

static enum metric metric_of_name(const char *name)
{
    for (int m = 0; m < METRIC_COUNT; m++)
        if (strcmp(metric_name((enum metric)m), name) == 0) return (enum metric)m;
    return METRIC_COSINE;
}

/* An index that was asked for says more than a declaration. */
static enum status find_metric(struct knn_column *c, struct sql_session *s, struct err *e)
{
    struct store_index *list = NULL;
    struct store_column declared = {.dim = 0};
    size_t count = 0;
    enum status st = store_column_find(s->store, c->table, c->column, &declared, e);
    c->metric = declared.dim > 0 ? (int)metric_of_name(declared.metric) : METRIC_COSINE;
    if (st == ST_OK) st = store_index_list(s->store, &list, &count, e);
    for (size_t i = 0; st == ST_OK && i < count; i++)
        if (list[i].graph && sqlite3_stricmp(list[i].table, c->table) == 0 &&
            sqlite3_stricmp(list[i].column, c->column) == 0 &&
            sqlite3_stricmp(list[i].schema, c->schema) == 0) {
            c->metric = (int)list[i].metric;
            break;
        }
    mem_free(list);
    c->function = sql_distance_of((enum metric)c->metric)->name;
    return st;
}

static bool has_column(struct sql_session *s, const struct knn_column *c, const char *column)
{
    return sqlite3_table_column_metadata(
               s->db, c->schema, c->table, column, NULL, NULL, NULL, NULL, NULL) == SQLITE_OK;
}

enum status knn_column_init(struct knn_column *c, struct sql_session *s, const char *const names[2],
    const char *what, struct err *e)
{
    if (names[0] == NULL || names[1] == NULL)
        return err_set(e, ST_INVALID, "%s takes the names of a table and a column", what);
    const char *dot = strchr(names[0], '.');
    *c = (struct knn_column){.schema = "main"};
    snprintf(c->table, sizeof c->table, "%s", names[0]);
    snprintf(c->column, sizeof c->column, "%s", names[1]);
    if (dot != NULL && !has_column(s, c, NULL)) {
        snprintf(c->schema, sizeof c->schema, "%.*s", (int)(dot - names[0]), names[0]);
        snprintf(c->table, sizeof c->table, "%s", dot + 1);
    }
    if (!has_column(s, c, NULL))
        return err_set(e, ST_NOT_FOUND, "%s: no such table: %s", what, names[0]);
    if (!has_column(s, c, c->column))
        return err_set(e, ST_NOT_FOUND, "%s: no such column: %s.%s", what, names[0], names[1]);
    return find_metric(c, s, e);
}

/* --- the search ------------------------------------------------------------------------------- */

enum { ARG_TABLE, ARG_COLUMN, ARG_QUERY, ARG_K, ARG_FILTER };

struct knn {
    struct sql_stmt *stmt;
};

static enum status prepare(struct knn *k, struct sql_session *s, const struct knn_column *c,
    const char *filter, struct err *e)
{
    struct buf sql;
    const char *tail;
    buf_init(&sql);
    buf_printf(&sql, "SELECT _rowid_, %s(", c->function);
    sql_add_name(&sql, c->column);
    buf_add_str(&sql, ", ?1) AS fovea_d FROM ");
    sql_add_name(&sql, c->schema);
    buf_add_char(&sql, '.');
    sql_add_name(&sql, c->table);
    /* The line end closes a comment that the filter may end with. */
    if (filter != NULL) buf_printf(&sql, " WHERE (%s\n)", filter);
    buf_add_str(&sql, " ORDER BY fovea_d NULLS LAST LIMIT ?2");
    enum status st = buf_check(&sql, e);
    if (st == ST_OK) st = sql_prepare(s, sql.data, sql.bytes, &k->stmt, &tail, e);
    if (st == ST_OK && tail < sql.data + sql.bytes)
        st = err_set(e, ST_SYNTAX, "knn(): the filter is more than one condition");
    if (st != ST_OK && e != NULL) e->offset = -1, e->line = e->column = 0;
    buf_deinit(&sql);
    return st;
}

static enum status bind(struct knn *k, struct sql_value *const *args, struct err *e)
{
    struct vector_arg q;
    int64_t count = sql_value_int(args[ARG_K]);
    if (sql_value_type(args[ARG_K]) != SQL_INTEGER || count < 0)
        return err_set(e, ST_INVALID, "knn(): k is a whole number, 0 or more");
    enum status st = vector_arg_init(&q, args[ARG_QUERY], "knn()", e);
    if (st == ST_OK && q.v == NULL) st = err_set(e, ST_INVALID, "knn(): the query is NULL");
    if (st == ST_OK) st = vector_arg_check(&q, "knn()", e);
    if (st == ST_OK)
        st = sql_bind_blob(k->stmt, 1, q.v, (int64_t)q.dim * (int64_t)sizeof(float), e);
    if (st == ST_OK) st = sql_bind_int(k->stmt, 2, count, e);
    vector_arg_deinit(&q);
    return st;
}

static void close_knn(void *cursor)
{
    struct knn *k = cursor;
    sql_finalize(k->stmt);
    mem_free(k);
}

static enum status open_knn(
    struct sql_session *s, struct sql_value *const *args, int count, void **cursor, struct err *e)
{
    (void)count;
    struct knn_column c;
    const char *names[] = {sql_value_text(args[ARG_TABLE]), sql_value_text(args[ARG_COLUMN])};
    struct knn *k = mem_zalloc(1, sizeof *k);
    if (k == NULL) return mem_err(e, sizeof *k);
    enum status st = knn_column_init(&c, s, names, "knn()", e);
    if (st == ST_OK) st = prepare(k, s, &c, sql_value_text(args[ARG_FILTER]), e);
    if (st == ST_OK) st = bind(k, args, e);
    if (st == ST_OK)
        *cursor = k;
    else
        close_knn(k);
    return st;
}

static enum status next_knn(void *cursor, bool *row, struct err *e)
{
    struct knn *k = cursor;
    enum status st = sql_step(k->stmt, row, e);
    if (st == ST_OK && *row && sql_column_type(k->stmt, 1) == SQL_NULL) *row = false;
    return st;
}

static void knn_value(void *cursor, int column, struct sql_result *out)
{
    const struct knn *k = cursor;
    if (column == 0)
        sql_result_int(out, sql_column_int(k->stmt, 0));
    else
        sql_result_double(out, sql_column_double(k->stmt, 1));
}

enum status sql_knn_add(struct sql_session *s, struct err *e)
{
    /* Its filter is text that is run: a view of a foreign file must not bring one. */
    static const struct sql_tabfn FUNCTION = {.name = "knn",
        .columns = "rowid INTEGER, distance REAL",
        .args = "tbl, col, query, k, filter",
        .args_required = 4,
        .direct_only = true,
        .reads_only = true,
        .open = open_knn,
        .next = next_knn,
        .column = knn_value,
        .close = close_knn};
    return sql_tabfn_add(s, &FUNCTION, e);
}
