/* stmt.c - running a statement: steps, parameters, columns; the same for SQLite's own and for
 * plans.
 *
 * A plan that finds its tables changed since it was made is made again before its first row; after
 * that it is an error, as rows of two shapes can't be one answer. A plan that is saved computes and
 * writes at its first step, then shows its rows.
 */
#include "sql/stmt.h"

#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "sql/dialect/types.h"
#include "sql/dialect/vectors.h"
#include "sql/kept.h"
#include "sql/nearest/nearest.h"
#include "sql/plan/plan.h"
#include "sql/plan/save.h"
#include "sql/statement/analyze.h"
#include "sql/statement/command.h"

sqlite3_stmt *stmt_prepared(const struct sql_stmt *st)
{
    return st->plan != NULL ? st->plan->stmt : st->plain;
}

static sqlite3_stmt *rows_of(const struct sql_stmt *st)
{
    return st->spool != NULL ? sql_spool_rows(st->spool) : stmt_prepared(st);
}

static void end_run(struct sql_stmt *st)
{
    sqlite3_reset(stmt_prepared(st));
    sql_spool_close(st->spool);
    st->spool = NULL;
    if (st->started) st->session->running--;
    st->started = false;
    st->rows = NULL;
}

/* What was found out of its columns. */
static void forget_columns(struct sql_stmt *st)
{
    for (int i = 0; st->types != NULL && i < st->type_count; i++) mem_free(st->types[i]);
    mem_free(st->types);
    st->types = NULL;
    mem_free(st->vectors);
    st->vectors = NULL;
}

void sql_finalize(struct sql_stmt *st)
{
    if (st == NULL) return;
    end_run(st);
    if (!sql_kept_put(st)) stmt_free(st);
}

static void free_moved(struct stmt_moved *m)
{
    while (m != NULL) {
        struct stmt_moved *next = m->next;
        rewrite_deinit(&m->how);
        mem_free(m->source);
        mem_free(m);
        m = next;
    }
}

void stmt_free(struct sql_stmt *st)
{
    sqlite3_finalize(st->plain);
    sql_plan_close(st->plan);
    sql_command_close(st->command);
    sql_analyze_close(st->analysis);
    mem_free(st->text);
    mem_free(st->key);
    mem_free(st->after.before);
    mem_free(st->after.behind);
    forget_columns(st);
    free_moved(st->moved);
    arena_deinit(&st->arena);
    mem_free(st);
}

static void begin_run(struct sql_stmt *st)
{
    struct sql_session *s = st->session;
    if (s->running++ == 0) {
        atomic_store(&s->cancel, 0);
        s->read = (struct sql_statistics){-1, -1};
        s->changed = -1;
    }
    s->fault = ERR_INIT;
    s->replan = false;
    st->started = true;
    st->done = false;
}

static enum status make_plan_again(struct sql_stmt *st, struct err *e)
{
    struct arena arena;
    struct sql_scan scan;
    struct sql_plan *plan = NULL;
    st->session->replan = false;
    st->session->fault = ERR_INIT;
    sqlite3_reset(st->plan->stmt);
    arena_init(&arena, 0);
    st->version = sql_data_version(st->session);
    enum status status = sql_scan_next(st->text, (size_t)st->text_bytes, &arena, &scan, e);
    if (status == ST_OK) status = sql_plan_open(st->session, &scan, &arena, &plan, e);
    arena_deinit(&arena);
    if (status != ST_OK) return status;
    int count = sqlite3_bind_parameter_count(st->plan->stmt);
    if (count > 0 && count == sqlite3_bind_parameter_count(plan->stmt))
        sqlite3_transfer_bindings(st->plan->stmt, plan->stmt);
    for (int i = 1; i <= plan->parameters.count && i <= st->plan->parameters.count; i++)
        plan->parameters.at[i].bound = st->plan->parameters.at[i].bound;
    sql_plan_close(st->plan);
    st->plan = plan;
    forget_columns(st);
    return ST_OK;
}

static enum status step_rows(struct sql_stmt *st, bool *row, struct err *e)
{
    int rc = sqlite3_step(rows_of(st));
    *row = rc == SQLITE_ROW;
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? ST_OK : sql_word(st->session, rc, e);
}

/* The first step of a plan that writes its rows to a table. */
static enum status step_saved(struct sql_stmt *st, bool *row, struct err *e)
{
    *row = false;
    if (st->plan->save->skip) return ST_OK;
    enum status status = sql_save_run(st->plan, &st->spool, e);
    return status == ST_OK && st->plan->save->show ? step_rows(st, row, e) : status;
}

/* A statement that something must follow: both in one transaction. */
static enum status step_followed(struct sql_stmt *st, bool *row, struct err *e)
{
    struct store *store = st->session->store;
    enum status status = store_begin(store, e);
    if (status != ST_OK) return status;
    if (st->after.before != NULL) status = store_exec(store, st->after.before, e);
    if (status == ST_OK) status = step_rows(st, row, e);
    sqlite3_reset(stmt_prepared(st));
    if (status == ST_OK && st->after.behind != NULL)
        status = store_exec(store, st->after.behind, e);
    if (status == ST_OK) status = store_commit(store, e);
    if (status != ST_OK) store_rollback(store);
    return status;
}

static enum status step_once(struct sql_stmt *st, bool *row, struct err *e)
{
    if (st->command != NULL) return sql_command_run(st->session, st->command, e);
    if (st->spool == NULL && st->plan != NULL && st->plan->save != NULL)
        return step_saved(st, row, e);
    bool followed = st->after.before != NULL || st->after.behind != NULL;
    return followed ? step_followed(st, row, e) : step_rows(st, row, e);
}

/* What the vector engine makes once for a column is made before the statement that asks runs. */
static enum status warm(struct sql_plan *p, struct err *e)
{
    enum status st = ST_OK;
    for (struct sql_step *s = p->steps; st == ST_OK && s != NULL; s = s->next_of_plan)
        if (s->nearest != NULL && !s->nearest->warm && !p->rows_only && !p->ast.explain_query_plan)
            st = nearest_warm(s->nearest, e);
    return st;
}

/* Where the parameters lie in the text the plan has a copy of; a plain statement's is gone. */
static enum status take_parameters(struct sql_stmt *st, struct err *e)
{
    const struct sql_parameters *p = st->plan != NULL ? &st->plan->parameters : &st->parameters;
    return p->typed ? sql_parameters_take(st->session, p, stmt_prepared(st), st->text, e) : ST_OK;
}

/* SQLite prepares a statement anew when the schema has changed, SELECT * with other columns. */
static void see_columns(struct sql_stmt *st)
{
    sqlite3_stmt *p = stmt_prepared(st); /* NULL: a command */
    int anew = p != NULL ? sqlite3_stmt_status(p, SQLITE_STMTSTATUS_REPREPARE, 0) : 0;
    if (anew != st->anew) forget_columns(st);
    st->anew = anew;
    st->columns = sql_column_count(st);
}

/* A plan that was kept, over data that turned out to be other than then once it was read. */
static bool is_old(const struct sql_stmt *st)
{
    return st->taken && st->plan != NULL && sql_data_version(st->session) != st->version;
}

/* The first step of a run. */
static enum status step_first(struct sql_stmt *st, bool *row, struct err *e)
{
    sql_kept_before(st);
    begin_run(st);
    enum status status = run_check(&st->session->run, e);
    if (status == ST_OK) status = take_parameters(st, e);
    if (status == ST_OK && st->plan != NULL) status = warm(st->plan, e);
    if (status == ST_OK && st->analysis != NULL) status = sql_analyze_run(st, e);
    bool ran = status == ST_OK;
    if (ran) status = step_once(st, row, e);
    if ((ran && is_old(st)) || (status != ST_OK && st->session->replan && st->plan != NULL)) {
        status = make_plan_again(st, e);
        if (status == ST_OK) status = warm(st->plan, e);
        if (status == ST_OK) status = step_once(st, row, e);
    }
    st->taken = false;
    see_columns(st);
    return status;
}

/* A failure of the run lies in the text of the plan: its place in the user's. */
static void place_moved(const struct sql_stmt *st, struct err *e)
{
    for (const struct stmt_moved *m = st->moved; m != NULL; m = m->next)
        if (e != NULL && e->line > 0) err_place(e, m->source, rewrite_source(&m->how, e->offset));
}

enum status sql_step(struct sql_stmt *st, bool *row, struct err *e)
{
    enum status status;
    *row = false;
    if (!st->started) {
        status = step_first(st, row, e);
    } else {
        status = run_check(&st->session->run, e);
        if (status == ST_OK) status = step_once(st, row, e);
    }
    st->rows = *row ? rows_of(st) : NULL;
    if (st->rows != NULL && status == ST_OK) return ST_OK;
    end_run(st);
    st->done = status == ST_OK;
    if (!st->done) place_moved(st, e);
    return status;
}

enum status sql_reset(struct sql_stmt *st, struct err *e)
{
    (void)e;
    end_run(st);
    return ST_OK;
}

/* --- parameters ------------------------------------------------------------------------------- */

/* Whose they are: EXPLAIN ANALYZE has those of the statement behind it. */
static struct sql_stmt *owner_of(const struct sql_stmt *st)
{
    return st->analysis != NULL ? st->analysis->child : (struct sql_stmt *)(uintptr_t)st;
}

/* NULL: they are SQLite's. */
static struct sql_parameters *parameters_of(struct sql_stmt *st)
{
    if (st->plan != NULL) return &st->plan->parameters;
    return st->parameters.count > 0 ? &st->parameters : NULL;
}

static const struct sql_parameters *parameters_at(const struct sql_stmt *st)
{
    return parameters_of((struct sql_stmt *)(uintptr_t)st);
}

int sql_bind_count(const struct sql_stmt *st)
{
    st = owner_of(st);
    const struct sql_parameters *p = parameters_at(st);
    return p != NULL ? p->count : sqlite3_bind_parameter_count(st->plain);
}

int sql_bind_index(const struct sql_stmt *st, const char *name)
{
    st = owner_of(st);
    const struct sql_parameters *p = parameters_at(st);
    return p != NULL ? sql_parameters_find(p, name) : sqlite3_bind_parameter_index(st->plain, name);
}

const char *sql_bind_name(const struct sql_stmt *st, int i)
{
    st = owner_of(st);
    const struct sql_parameters *p = parameters_at(st);
    if (p == NULL) return sqlite3_bind_parameter_name(st->plain, i);
    return i >= 1 && i <= p->count && p->at != NULL ? p->at[i].name : NULL;
}

static enum status bound(const struct sql_stmt *st, int i, int rc, struct err *e)
{
    const struct sql_parameters *p = parameters_at(st);
    if (rc == SQLITE_OK && p != NULL && p->at != NULL) p->at[i].bound = true;
    if (rc == SQLITE_OK) return ST_OK;
    if (rc == SQLITE_RANGE || st->command != NULL)
        return err_set(
            e, ST_INVALID, "there is no parameter %d: the statement has %d", i, sql_bind_count(st));
    if (rc == SQLITE_MISUSE)
        return err_set(e, ST_INVALID, "the statement is running: reset it before binding");
    return sql_word(st->session, rc, e);
}

enum status sql_bind_null(struct sql_stmt *st, int i, struct err *e)
{
    st = owner_of(st);
    return bound(st, i, sqlite3_bind_null(stmt_prepared(st), i), e);
}

enum status sql_bind_int(struct sql_stmt *st, int i, int64_t v, struct err *e)
{
    st = owner_of(st);
    return bound(st, i, sqlite3_bind_int64(stmt_prepared(st), i, v), e);
}

enum status sql_bind_double(struct sql_stmt *st, int i, double v, struct err *e)
{
    st = owner_of(st);
    return bound(st, i, sqlite3_bind_double(stmt_prepared(st), i, v), e);
}

/* {name:Type}: the text of a value of that type. */
static enum status bind_typed(
    struct sql_stmt *st, int i, const char *t, int64_t bytes, struct err *e)
{
    struct sql_parameter *p = &parameters_of(st)->at[i];
    char *text = bytes < 0 ? mem_strdup(t) : mem_strndup(t, (size_t)bytes);
    if (text == NULL) return mem_err(e, 0);
    enum status status = sql_parameter_bind(p, stmt_prepared(st), i, text, e);
    if (status == ST_OK) p->bound = true;
    mem_free(text);
    return status;
}

enum status sql_bind_text(struct sql_stmt *st, int i, const char *t, int64_t bytes, struct err *e)
{
    st = owner_of(st);
    if (t == NULL) return sql_bind_null(st, i, e);
    struct sql_parameters *p = parameters_of(st);
    if (p != NULL && p->typed && i >= 1 && i <= p->count && p->at[i].type != NULL)
        return bind_typed(st, i, t, bytes, e);
    sqlite3_uint64 n = bytes < 0 ? strlen(t) : (sqlite3_uint64)bytes;
    return bound(
        st, i, sqlite3_bind_text64(stmt_prepared(st), i, t, n, SQLITE_TRANSIENT, SQLITE_UTF8), e);
}

enum status sql_bind_blob(struct sql_stmt *st, int i, const void *d, int64_t bytes, struct err *e)
{
    st = owner_of(st);
    if (d == NULL) return sql_bind_null(st, i, e);
    return bound(st, i,
        sqlite3_bind_blob64(stmt_prepared(st), i, d, (sqlite3_uint64)bytes, SQLITE_TRANSIENT), e);
}

/* --- columns ---------------------------------------------------------------------------------- */

int sql_column_count(const struct sql_stmt *st)
{
    if (st->rows != NULL) return st->columns;
    const struct sql_save *save = st->plan != NULL ? st->plan->save : NULL;
    if (save != NULL && !save->show) return 0;
    return sqlite3_column_count(stmt_prepared(st)) - (save != NULL && save->by_rowid);
}

const char *sql_column_name(const struct sql_stmt *st, int i)
{
    return sqlite3_column_name(stmt_prepared(st), i);
}

static bool find_vector(const struct sql_stmt *st, int i)
{
    struct store_column c;
    const char *type = sqlite3_column_decltype(stmt_prepared(st), i);
    int dim;
    if (dialect_type_is_vector(type, &dim)) return true;
    const char *name = sqlite3_column_name(stmt_prepared(st), i);
    if (st->plan != NULL && name != NULL && dialect_result_is_vector(st->plan, name)) return true;
    return trace_column(st->session, stmt_prepared(st), i, &c, NULL) == ST_OK && c.dim > 0;
}

/* Of a blob: does its column hold vectors? Found out once for each column, and only when asked. */
static bool is_vector(struct sql_stmt *st, int i)
{
    int count = sql_column_count(st);
    if (st->vectors == NULL) st->vectors = mem_zalloc((size_t)count, 1);
    if (st->vectors == NULL || i < 0 || i >= count) return false;
    if (st->vectors[i] == STMT_VECTOR_UNKNOWN)
        st->vectors[i] = find_vector(st, i) ? STMT_VECTOR_YES : STMT_VECTOR_NO;
    return st->vectors[i] == STMT_VECTOR_YES;
}

enum sql_type sql_column_type(const struct sql_stmt *st, int i)
{
    static const enum sql_type TYPES[] = {[SQLITE_INTEGER] = SQL_INTEGER,
        [SQLITE_FLOAT] = SQL_FLOAT,
        [SQLITE_TEXT] = SQL_TEXT,
        [SQLITE_BLOB] = SQL_BLOB,
        [SQLITE_NULL] = SQL_NULL};
    sqlite3_stmt *rows = st->rows;
    if (rows == NULL) return SQL_NULL;
    enum sql_type type = TYPES[sqlite3_column_type(rows, i)];
    if (type != SQL_BLOB) return type;
    int bytes = sqlite3_column_bytes(rows, i);
    if (bytes == 0 || bytes % (int)sizeof(float) != 0) return type;
    if (sqlite3_value_subtype(sqlite3_column_value(rows, i)) == SQL_SUBTYPE_VECTOR)
        return SQL_VECTOR;
    return is_vector((struct sql_stmt *)(uintptr_t)st, i) ? SQL_VECTOR : SQL_BLOB;
}

int64_t sql_column_int(const struct sql_stmt *st, int i)
{
    return st->rows != NULL ? sqlite3_column_int64(st->rows, i) : 0;
}

double sql_column_double(const struct sql_stmt *st, int i)
{
    return st->rows != NULL ? sqlite3_column_double(st->rows, i) : 0;
}

const char *sql_column_text(const struct sql_stmt *st, int i)
{
    return st->rows != NULL ? (const char *)sqlite3_column_text(st->rows, i) : NULL;
}

const void *sql_column_blob(const struct sql_stmt *st, int i)
{
    return st->rows != NULL ? sqlite3_column_blob(st->rows, i) : NULL;
}

int64_t sql_column_bytes(const struct sql_stmt *st, int i)
{
    return st->rows != NULL ? sqlite3_column_bytes(st->rows, i) : 0;
}

/* Types that SQLite takes only as a quoted name are kept without the quotes. */
const char *sql_column_type_text(struct sql_stmt *st, int i)
{
    struct buf text;
    const char *type = sqlite3_column_decltype(stmt_prepared(st), i);
    if (type == NULL || strchr(type, '"') == NULL) return type != NULL ? type : "";
    if (st->types == NULL) {
        st->type_count = sqlite3_column_count(stmt_prepared(st));
        st->types = mem_zalloc((size_t)st->type_count, sizeof *st->types);
    }
    if (st->types == NULL || i >= st->type_count) return "";
    buf_init(&text);
    if (st->types[i] == NULL) {
        dialect_type_text(type, &text);
        st->types[i] = buf_take(&text);
    }
    return st->types[i] != NULL ? st->types[i] : "";
}

/* --- what else there is to say ---------------------------------------------------------------- */

const char *sql_message(const struct sql_stmt *st)
{
    if (!st->done) return NULL;
    if (st->command != NULL) return st->command->kind->message;
    bool created = st->plan != NULL && st->plan->ast.create_using != NULL;
    return created && !st->plan->ast.explain ? "Success" : NULL;
}

const char *sql_format(const struct sql_stmt *st)
{
    return st->format;
}

int sql_picture_column(const struct sql_stmt *st)
{
    return st->plan != NULL ? st->plan->picture_column : -1;
}
