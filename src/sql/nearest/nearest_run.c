/* nearest_run.c - a nearest-neighbour step at work.
 *
 * Everything happens in xFilter: the query vector is read, the column's index brought up to the
 * transaction (store/vectors.h), FROM and WHERE handed over as a filter, and the rowids kept in the
 * cursor. Where the index can't be used or believed, the step ranks the rows itself, which is what
 * SQLite would have done. A query vector that is NULL or no vector passes every row on, so that
 * the SELECT says about it what it would have said. Memory lives with the plan and is used again.
 * Threads: the session's.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sql/function/vector.h"
#include "sql/nearest/nearest.h"
#include "sql/plan/plan.h"
#include "sql/statement/statement.h"

static const char EVERY_ROW[] = "LIMIT takes every row", MOST_ROWS[] = "LIMIT takes most rows";

enum { COLUMN_ROWID, COLUMN_DETAIL, COLUMN_DISTANCE }; /* as nearest_open adds them */

struct ranked {
    double distance; /* NaN: not known */
    int64_t rowid;
};

struct nearest_cursor {
    sqlite3_vtab_cursor base;
    struct sql_step *step;
    struct ranked *rows;
    size_t count, capacity, at;
    struct buf detail;
    bool explains; /* one row with what was done, instead of the rowids */
};

/* One execution: the arguments' values. */
struct nearest_call {
    struct nearest *n;
    struct nearest_cursor *cursor;
    sqlite3_value **argv;
    int argc;
    uint64_t wanted; /* rowids; UINT64_MAX: all */
    const char *why; /* rows were read: why; NULL: the index was used */
};

static enum status fail(const struct nearest *n, int rc, struct err *e)
{
    return sql_word(n->step->session, rc, e);
}

/* --- the step's own statements ---------------------------------------------------------------- */

/* Resets one and binds what it takes. */
static enum status begin(const struct nearest_call *c, enum nearest_query which, struct err *e)
{
    sqlite3_stmt *stmt = c->n->stmt[which];
    sqlite3_reset(stmt);
    int count = sqlite3_bind_parameter_count(stmt), rc = SQLITE_OK;
    if (count > 0) rc = sqlite3_bind_value(stmt, 1, c->argv[NEAREST_ARG_QUERY]);
    for (int i = NEAREST_ARGS; rc == SQLITE_OK && i < c->argc && i < count; i++)
        rc = sqlite3_bind_value(stmt, i + 1, c->argv[i]);
    return rc == SQLITE_OK ? ST_OK : fail(c->n, rc, e);
}

static enum status step_one(
    const struct nearest *n, enum nearest_query which, bool *row, struct err *e)
{
    int rc = sqlite3_step(n->stmt[which]);
    *row = rc == SQLITE_ROW;
    if (rc == SQLITE_ROW || rc == SQLITE_DONE) return ST_OK;
    enum status st = fail(n, rc, e);
    sqlite3_reset(n->stmt[which]);
    return st;
}

static void end_all(struct nearest *n)
{
    for (int i = 0; i < NEAREST_QUERIES; i++) sqlite3_reset(n->stmt[i]);
}

void nearest_finalize(struct nearest *n)
{
    for (int i = 0; n != NULL && i < NEAREST_QUERIES; i++) {
        sqlite3_finalize(n->stmt[i]);
        n->stmt[i] = NULL;
    }
}

void nearest_close(struct nearest *n)
{
    if (n == NULL) return;
    nearest_finalize(n);
    vec_answer_deinit(&n->answer);
}

/* --- the filter ------------------------------------------------------------------------------- */

static enum status filter_next(void *user, int64_t *rowid, bool *row, struct err *e)
{
    const struct nearest_call *c = user;
    enum status st = step_one(c->n, NEAREST_LIST, row, e);
    if (st == ST_OK && *row) *rowid = sqlite3_column_int64(c->n->stmt[NEAREST_LIST], 0);
    return st;
}

static enum status filter_probe(void *user, int64_t rowid, bool *passes, struct err *e)
{
    const struct nearest_call *c = user;
    sqlite3_stmt *stmt = c->n->stmt[NEAREST_PROBE];
    sqlite3_reset(stmt);
    int rc = sqlite3_bind_int64(stmt, 2, rowid);
    return rc == SQLITE_OK ? step_one(c->n, NEAREST_PROBE, passes, e) : fail(c->n, rc, e);
}

/* --- rowids ----------------------------------------------------------------------------------- */

static enum status add_row(struct nearest_cursor *c, struct ranked row, struct err *e)
{
    if (c->count == c->capacity) {
        size_t capacity = c->capacity > 0 ? c->capacity * 2 : 64;
        struct ranked *grown = mem_resize(c->rows, capacity, sizeof *grown);
        if (grown == NULL) return mem_err(e, capacity * sizeof *grown);
        c->rows = grown;
        c->capacity = capacity;
    }
    c->rows[c->count++] = row;
    return ST_OK;
}

static int by_rowid(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    return (x->rowid > y->rowid) - (x->rowid < y->rowid);
}

/* Rows come in the order of their rowids, whatever SQLite listed them by. */
static void sort_rows(struct nearest_cursor *c)
{
    for (size_t i = 1; i < c->count; i++)
        if (by_rowid(&c->rows[i - 1], &c->rows[i]) > 0) {
            qsort(c->rows, c->count, sizeof *c->rows, by_rowid);
            return;
        }
}

static enum status add_all(struct nearest_call *c, struct err *e)
{
    bool row = true;
    enum status st = begin(c, NEAREST_LIST, e);
    c->cursor->count = 0;
    while (st == ST_OK && row) {
        int64_t rowid;
        st = filter_next(c, &rowid, &row, e);
        if (st == ST_OK && row) st = add_row(c->cursor, (struct ranked){NAN, rowid}, e);
    }
    sort_rows(c->cursor);
    return st;
}

/* --- ranking rows ----------------------------------------------------------------------------- */

struct ranking {
    struct ranked *at;
    size_t count, capacity;
    uint64_t seen; /* rows with a distance */
    double worst;  /* no farther row is needed */
    bool cut;      /* of the last's ties those with the smallest rowids */
};

static int by_distance(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    int no = isnan(x->distance) - isnan(y->distance);
    if (no != 0) return no;
    if (x->distance < y->distance || x->distance > y->distance)
        return x->distance < y->distance ? -1 : 1;
    return (x->rowid > y->rowid) - (x->rowid < y->rowid);
}

/* Sorts, leaves each row once (a join may give it often) and what lies behind the wanted ones and
 * their ties out. */
static void rank(struct ranking *r, uint64_t wanted)
{
    size_t kept = 0;
    if (r->count == 0) return;
    qsort(r->at, r->count, sizeof *r->at, by_distance);
    for (size_t i = 0; i < r->count; i++) {
        if (kept > 0 && r->at[kept - 1].rowid == r->at[i].rowid &&
            r->at[kept - 1].distance == r->at[i].distance)
            continue;
        if (kept >= wanted && (r->cut || r->at[i].distance > r->at[wanted - 1].distance)) break;
        r->at[kept++] = r->at[i];
    }
    r->count = kept;
    if (kept >= wanted) r->worst = r->at[wanted - 1].distance;
}

static enum status rank_row(struct ranking *r, uint64_t wanted, struct ranked row, struct err *e)
{
    r->seen++;
    if (row.distance > r->worst) return ST_OK;
    if (r->count == r->capacity) rank(r, wanted);
    if (r->count * 2 > r->capacity || r->capacity == 0) {
        size_t capacity = r->capacity > 0 ? r->capacity * 2 : 256;
        struct ranked *grown = mem_resize(r->at, capacity, sizeof *grown);
        if (grown == NULL) return mem_err(e, capacity * sizeof *grown);
        r->at = grown;
        r->capacity = capacity;
    }
    r->at[r->count++] = row;
    return ST_OK;
}

static enum status rank_all(struct nearest_call *c, struct ranking *r, struct err *e)
{
    sqlite3_stmt *stmt = c->n->stmt[NEAREST_RANK];
    bool row = true;
    enum status st = begin(c, NEAREST_RANK, e);
    while (st == ST_OK && row) {
        st = step_one(c->n, NEAREST_RANK, &row, e);
        if (st != ST_OK || !row || sqlite3_column_type(stmt, 1) == SQLITE_NULL) continue;
        struct ranked at = {sqlite3_column_double(stmt, 1), sqlite3_column_int64(stmt, 0)};
        st = rank_row(r, c->wanted, at, e);
    }
    rank(r, c->wanted);
    return st;
}

/* Every row that passes, in the order of distances; those without one behind the others. */
static enum status rank_every(struct nearest_call *c, struct err *e)
{
    struct nearest_cursor *cursor = c->cursor;
    sqlite3_stmt *stmt = c->n->stmt[NEAREST_RANK];
    bool row = true;
    enum status st = begin(c, NEAREST_RANK, e);
    cursor->count = 0;
    while (st == ST_OK && row) {
        st = step_one(c->n, NEAREST_RANK, &row, e);
        if (st != ST_OK || !row) continue;
        bool null = sqlite3_column_type(stmt, 1) == SQLITE_NULL;
        double distance = null ? NAN : sqlite3_column_double(stmt, 1);
        st = add_row(cursor, (struct ranked){distance, sqlite3_column_int64(stmt, 0)}, e);
    }
    if (cursor->count > 0) qsort(cursor->rows, cursor->count, sizeof *cursor->rows, by_distance);
    return st;
}

static enum status every_row(struct nearest_call *c, struct err *e)
{
    return c->n->ordered && !c->cursor->explains ? rank_every(c, e) : add_all(c, e);
}

static enum status from_rows(struct nearest_call *c, struct err *e)
{
    struct ranking r = {.worst = INFINITY, .cut = c->n->cut};
    enum status st = rank_all(c, &r, e);
    if (st == ST_OK) sql_count_read(c->n->step->session, r.seen, -1);
    c->cursor->count = 0;
    if (st == ST_OK && r.count < c->wanted) st = every_row(c, e);
    for (size_t i = 0; st == ST_OK && r.count >= c->wanted && i < r.count; i++)
        st = add_row(c->cursor, r.at[i], e);
    mem_free(r.at);
    return st;
}

/* --- searching -------------------------------------------------------------------------------- */

static struct store_vectors_ask ask_of(const struct nearest *n)
{
    return (struct store_vectors_ask){.schema = n->schema,
        .table = n->table,
        .column = n->column,
        .metric = n->distance->metric,
        .run = &n->step->session->run};
}

enum status nearest_warm(struct nearest *n, struct err *e)
{
    struct store_vectors *v;
    struct store_vectors_ask ask = ask_of(n);
    n->warm = true;
    return store_vectors_get(n->step->session->store, &ask, &v, e);
}

/* Is anybody told how it was searched? */
static bool tells(const struct nearest_call *c)
{
    return c->cursor->explains || c->n->step->session->analyzes;
}

static void describe_answer(const struct nearest_call *c, const struct store_vectors *v)
{
    const struct vec_answer *a = &c->n->answer;
    const struct vec_index *ix = store_vectors_state(v);
    struct buf *out = &c->cursor->detail;
    if (!tells(c)) return;
    buf_printf(out, "%s%s, %u rows", vec_path_name(a->path),
        a->fell_through ? " after a graph that came back short" : "", vec_index_rows(ix));
    if (vec_index_tail(ix) > 0) buf_printf(out, " (%u newer)", vec_index_tail(ix));
    if (a->probed) buf_printf(out, ", %llu probed", (unsigned long long)a->stats.probes);
    if (!a->probed && a->passing != UINT64_MAX)
        buf_printf(out, ", %llu passing", (unsigned long long)a->passing);
    if (a->ef > 0) buf_printf(out, ", ef %u", a->ef);
    buf_printf(out, ", %llu candidates at 4 bits, %llu at 8, %llu re-checked",
        (unsigned long long)a->stats.codes4, (unsigned long long)a->stats.codes8,
        (unsigned long long)a->stats.rechecks);
    if (a->stats.hops > 0) buf_printf(out, ", %llu hops", (unsigned long long)a->stats.hops);
    if (a->elsewhere) buf_add_str(out, ", a question unlike the rows");
    buf_printf(out, ", expected recall %.3g", a->recall);
}

/* Rows whose codes, nodes or vectors were read. */
static void count_answer(const struct nearest_call *c, const struct store_vectors *v)
{
    const struct vec_stats *s = &c->n->answer.stats;
    uint64_t rows = s->codes4 + s->hops;
    sql_count_read(c->n->step->session, rows > s->rechecks ? rows : s->rechecks,
        (int64_t)vec_index_bytes_read(store_vectors_state(v), s));
}

static void take_settings(struct nearest *n, struct vec_ask *ask)
{
    struct sql_session *s = n->step->session;
    const struct sql_overlay *o = &n->step->plan->overlay;
    ask->ef = (uint32_t)sql_setting(s, o, SETTING_EF_SEARCH);
    ask->recall_target = sql_setting(s, o, SETTING_RECALL_TARGET);
    ask->exact = sql_setting(s, o, SETTING_EXACT) != 0 || ask->recall_target >= 1;
    ask->run = &s->run;
}

/* c->why set: the rows are to be read. */
static enum status search(
    struct nearest_call *c, struct store_vectors *v, const float *query, struct err *e)
{
    struct nearest *n = c->n;
    struct vec_filter filter = {.next = filter_next, .probe = filter_probe, .user = c};
    struct vec_ask ask = {
        .k = (uint32_t)c->wanted, .filter = n->filtered ? &filter : NULL, .cut = n->cut};
    take_settings(n, &ask);
    n->answer.stats = (struct vec_stats){0};
    enum status st = ST_OK;
    if (n->filtered) st = begin(c, NEAREST_LIST, e);
    if (st == ST_OK && n->filtered) st = begin(c, NEAREST_PROBE, e);
    if (st == ST_OK) st = store_vectors_search(v, query, &ask, &n->answer, e);
    if (st == ST_CORRUPT) {
        err_clear(e);
        c->why = "a checksum of the index is wrong";
        return ST_OK;
    }
    if (st != ST_OK) return st;
    describe_answer(c, v);
    count_answer(c, v);
    c->cursor->count = 0;
    if (n->answer.hits.count < c->wanted) return every_row(c, e);
    for (size_t i = 0; st == ST_OK && i < n->answer.hits.count; i++) {
        const struct vec_hit *h = &n->answer.hits.at[i];
        st = add_row(c->cursor, (struct ranked){h->distance, h->rowid}, e);
    }
    return st;
}

/* LIMIT and OFFSET as SQLite takes them: below 0 there is no limit, an offset below 0 is 0. What is
 * no whole number SQLite refuses before it asks for rows. */
static uint64_t wanted_of(sqlite3_value **argv)
{
    sqlite3_int64 limit = sqlite3_value_int64(argv[NEAREST_ARG_LIMIT]);
    sqlite3_int64 offset = sqlite3_value_int64(argv[NEAREST_ARG_OFFSET]);
    if (limit < 0) return UINT64_MAX;
    return (uint64_t)limit + (offset > 0 ? (uint64_t)offset : 0);
}

/* A row found by the engine is looked up, where a row of a scan is just there: it costs about eight
 * times as much. */
static bool takes_most(const struct nearest_call *c, uint32_t rows)
{
    enum { FEW = 1000, LOOK_UP = 8 };
    return c->wanted >= rows || (rows >= FEW && c->wanted >= rows / LOOK_UP);
}

/* Why the index can't answer this query; NULL: it can. */
static const char *refuse(const struct store_vectors *v, const struct vector_arg *q)
{
    if (q->dim != store_vectors_index(v)->dim) return "the query has other dimensions";
    return vector_arg_check(q, "", NULL) != ST_OK ? "the query is not finite" : NULL;
}

static enum status answer_vector(struct nearest_call *c, const struct vector_arg *q,
    struct store_vectors_ask *ask, struct err *e)
{
    struct store_vectors *v = NULL;
    enum status st = store_vectors_get(c->n->step->session->store, ask, &v, e);
    if (st != ST_OK) return st;
    c->why = v == NULL ? ask->why : refuse(v, q);
    if (c->why == NULL && takes_most(c, vec_index_rows(store_vectors_state(v)))) {
        c->why = MOST_ROWS;
        return every_row(c, e);
    }
    if (c->why == NULL) st = search(c, v, q->v, e);
    return st == ST_OK && c->why != NULL ? from_rows(c, e) : st;
}

static enum status answer(struct nearest_call *c, struct err *e)
{
    struct store_vectors_ask ask = ask_of(c->n);
    struct vector_arg q = {0};
    enum status st = ST_OK;
    bool is = vector_arg_init(&q, (struct sql_value *)c->argv[0], "", NULL) == ST_OK && q.v != NULL;
    if (c->wanted == 0)
        c->why = "LIMIT 0";
    else if (c->wanted == UINT64_MAX || !is)
        c->why = is ? EVERY_ROW : "the query is no vector";
    if (c->why == NULL)
        st = answer_vector(c, &q, &ask, e);
    else if (c->wanted > 0)
        st = every_row(c, e);
    vector_arg_deinit(&q);
    end_all(c->n);
    if (c->why != NULL && tells(c)) buf_printf(&c->cursor->detail, "rows: %s", c->why);
    return st;
}

/* --- the virtual table ------------------------------------------------------------------------ */

static bool comes_ordered(const struct sql_step *s, const sqlite3_index_info *info)
{
    return s->nearest->ordered && info->nOrderBy == 1 && !info->aOrderBy[0].desc &&
        info->aOrderBy[0].iColumn == step_columns_at(s) + COLUMN_DISTANCE;
}

static int table_best_index(sqlite3_vtab *vtab, sqlite3_index_info *info)
{
    const struct sql_step *s = ((struct step_table *)vtab)->step;
    int detail = step_columns_at(s) + COLUMN_DETAIL;
    info->idxNum = (info->colUsed & (sqlite3_uint64)1 << detail) != 0;
    info->estimatedCost = 100;
    info->orderByConsumed = comes_ordered(s, info);
    info->estimatedRows = 10;
    return step_table_args(vtab, info);
}

static int cursor_open(sqlite3_vtab *vtab, sqlite3_vtab_cursor **out)
{
    struct nearest_cursor *c = mem_zalloc(1, sizeof *c);
    if (c == NULL) return SQLITE_NOMEM;
    c->step = ((struct step_table *)vtab)->step;
    *out = &c->base;
    return SQLITE_OK;
}

static int cursor_close(sqlite3_vtab_cursor *base)
{
    struct nearest_cursor *c = (struct nearest_cursor *)base;
    mem_free(c->rows);
    buf_deinit(&c->detail);
    mem_free(c);
    return SQLITE_OK;
}

/* For EXPLAIN ANALYZE. */
static void count_work(const struct nearest_cursor *c, int64_t began_us)
{
    struct sql_work *w = &c->step->work;
    if (!c->step->session->analyzes) return;
    w->runs++;
    w->rows += c->count;
    w->us += run_now_us() - began_us;
    snprintf(w->detail, sizeof w->detail, "%s", c->detail.data != NULL ? c->detail.data : "");
}

static int cursor_filter(
    sqlite3_vtab_cursor *base, int explains, const char *plan, int argc, sqlite3_value **argv)
{
    (void)plan;
    struct nearest_cursor *c = (struct nearest_cursor *)base;
    struct err e = ERR_INIT;
    struct nearest_call call = {.n = c->step->nearest, .cursor = c, .argv = argv, .argc = argc};
    call.wanted = wanted_of(argv);
    c->explains = explains != 0;
    c->at = c->count = 0;
    buf_clear(&c->detail);
    int64_t began_us = c->step->session->analyzes ? run_now_us() : 0;
    if (answer(&call, &e) != ST_OK) return sql_fault_vtab(c->step->session, base->pVtab, &e);
    count_work(c, began_us);
    if (c->explains) c->count = 1;
    return SQLITE_OK;
}

static int cursor_next(sqlite3_vtab_cursor *base)
{
    ((struct nearest_cursor *)base)->at++;
    return SQLITE_OK;
}

static int cursor_eof(sqlite3_vtab_cursor *base)
{
    const struct nearest_cursor *c = (const struct nearest_cursor *)base;
    return c->at >= c->count;
}

/* What is not known is NULL, but where it gives the order: SQLite, should it sort, has NULL first.
 */
static void give_distance(const struct nearest_cursor *c, sqlite3_context *ctx)
{
    double distance = c->rows[c->at].distance;
    if (!isnan(distance))
        sqlite3_result_double(ctx, distance);
    else if (c->step->nearest->ordered)
        sqlite3_result_double(ctx, INFINITY);
}

static int cursor_column(sqlite3_vtab_cursor *base, sqlite3_context *ctx, int column)
{
    const struct nearest_cursor *c = (const struct nearest_cursor *)base;
    column -= step_columns_at(c->step);
    if (column == COLUMN_ROWID && !c->explains)
        sqlite3_result_int64(ctx, c->rows[c->at].rowid);
    else if (column == COLUMN_DISTANCE && !c->explains)
        give_distance(c, ctx);
    else if (column == COLUMN_DETAIL && c->detail.data != NULL)
        sqlite3_result_text(ctx, c->detail.data, (int)c->detail.bytes, SQLITE_TRANSIENT);
    return SQLITE_OK;
}

static int cursor_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *rowid)
{
    *rowid = (sqlite3_int64)((struct nearest_cursor *)base)->at;
    return SQLITE_OK;
}

static const sqlite3_module MODULE = {
    .xConnect = step_table_connect, /* no xCreate: eponymous only */
    .xBestIndex = table_best_index,
    .xDisconnect = step_table_disconnect,
    .xOpen = cursor_open,
    .xClose = cursor_close,
    .xFilter = cursor_filter,
    .xNext = cursor_next,
    .xEof = cursor_eof,
    .xColumn = cursor_column,
    .xRowid = cursor_rowid,
};

/* What is known before it runs. */
static void describe(const struct sql_step *s, struct buf *out)
{
    const struct nearest *n = s->nearest;
    buf_printf(out, "%s.%s, %s: ", n->table, n->column, metric_name(n->distance->metric));
}

const struct sql_statement statement_nearest = {
    .name = "NEAREST",
    .module = &MODULE,
    .describe = describe,
};
