/* step_run.c - a step at work: a cursor reads q, computes in batches, hands rows out in q's order.
 *
 * With a batch of 1 q's current row is the row shown and nothing is copied; else values are
 * duplicated, since q moves on before they are shown. Each cursor runs a q of its own: the step's
 * prepared one, or, when another cursor is using that, a second one. Memory is bounded by the
 * batch. A kind that gathers (statement.h) reads all of q first and then has rows of its own.
 * Threads: the session's.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "sql/plan/plan.h"
#include "sql/statement/statement.h"

int step_table_connect(
    sqlite3 *db, void *aux, int argc, const char *const *argv, sqlite3_vtab **out, char **message)
{
    (void)argc, (void)argv, (void)message;
    struct sql_step *s = aux;
    struct buf sql;
    buf_init(&sql);
    step_declare(s, &sql);
    int rc = sql.failed ? SQLITE_NOMEM : sqlite3_declare_vtab(db, sql.data);
    buf_deinit(&sql);
    if (rc != SQLITE_OK) return rc;
    sqlite3_vtab_config(db, SQLITE_VTAB_DIRECTONLY);
    struct step_table *t = mem_zalloc(1, sizeof *t);
    if (t == NULL) return SQLITE_NOMEM;
    t->step = s;
    *out = &t->base;
    return SQLITE_OK;
}

int step_table_disconnect(sqlite3_vtab *vtab)
{
    mem_free(vtab);
    return SQLITE_OK;
}

int step_table_args(sqlite3_vtab *vtab, sqlite3_index_info *info)
{
    const struct sql_step *s = ((struct step_table *)vtab)->step;
    int found = 0;
    for (int i = 0; i < info->nConstraint; i++) {
        int arg = info->aConstraint[i].iColumn - step_args_at(s);
        if (arg < 0 || arg >= s->arg_count ||
            info->aConstraint[i].op != SQLITE_INDEX_CONSTRAINT_EQ || !info->aConstraint[i].usable ||
            info->aConstraintUsage[i].argvIndex != 0)
            continue;
        info->aConstraintUsage[i].argvIndex = arg + 1;
        info->aConstraintUsage[i].omit = 1;
        found++;
    }
    return found < s->arg_count ? SQLITE_CONSTRAINT : SQLITE_OK;
}

static int table_best_index(sqlite3_vtab *vtab, sqlite3_index_info *info)
{
    info->estimatedCost = 1e7;
    info->estimatedRows = 10000;
    return step_table_args(vtab, info);
}

static int cursor_open(sqlite3_vtab *vtab, sqlite3_vtab_cursor **out)
{
    struct step_run *r = mem_zalloc(1, sizeof *r);
    if (r == NULL) return SQLITE_NOMEM;
    r->step = ((struct step_table *)vtab)->step;
    *out = &r->base;
    return SQLITE_OK;
}

/* --- rows of q -------------------------------------------------------------------------------- */

static void release_values(struct step_run *r)
{
    int columns = r->rows != NULL ? sqlite3_column_count(r->step->rows) : 0;
    for (int i = 0; r->values != NULL && i < r->count * columns; i++) {
        sqlite3_value_free(r->values[i]);
        r->values[i] = NULL;
    }
    r->count = 0;
}

static void clear_cells(struct step_run *r)
{
    int count = r->cells != NULL ? r->cell_rows * r->step->computed_count : 0;
    for (int i = 0; i < count; i++) {
        sqlite3_value_free(r->cells[i].value);
        mem_free(r->cells[i].owned_text);
        r->cells[i] = (struct step_cell){.vector = NULL};
    }
}

static void run_end(struct step_run *r)
{
    release_values(r);
    clear_cells(r);
    if (r->state != NULL) r->step->statement->close(r);
    mem_free(r->values);
    mem_free(r->cells);
    r->state = NULL;
    mem_free_aligned(r->vectors);
    mem_free_aligned(r->queries);
    r->values = NULL;
    r->cells = NULL;
    r->vectors = r->queries = NULL;
    if (r->rows != NULL && r->rows == r->step->rows) {
        sqlite3_reset(r->rows);
        sqlite3_clear_bindings(r->rows);
        r->step->busy = false;
    } else {
        sqlite3_finalize(r->rows);
    }
    r->rows = NULL;
    for (int i = 0; i < STEP_ARGS_MAX; i++) {
        sqlite3_value_free(r->args[i]);
        r->args[i] = NULL;
    }
}

static int cursor_close(sqlite3_vtab_cursor *base)
{
    run_end((struct step_run *)base);
    mem_free(base);
    return SQLITE_OK;
}

static enum status take_query(struct step_run *r, struct err *e)
{
    struct sql_step *s = r->step;
    int rc = SQLITE_OK;
    if (!s->busy) {
        s->busy = true;
        r->rows = s->rows;
    } else {
        rc = sqlite3_prepare_v2(s->session->db, s->query, -1, &r->rows, NULL);
    }
    int count = sqlite3_bind_parameter_count(r->rows);
    for (int i = 0; rc == SQLITE_OK && i < count; i++)
        rc = sqlite3_bind_value(r->rows, i + 1, r->args[i]);
    return rc == SQLITE_OK ? ST_OK : sql_word(s->session, rc, e);
}

/* SQLite prepares q anew when a table under it has changed; the plan was made for the columns it
 * had. */
static bool columns_changed(const struct step_run *r)
{
    const struct sql_step *s = r->step;
    if (sqlite3_column_count(r->rows) != s->query_columns) return true;
    for (int i = 0; i < s->query_columns; i++) {
        const char *name = sqlite3_column_name(r->rows, i);
        if (name != NULL && strcasecmp(s->query_names[i], name) != 0) return true;
    }
    return false;
}

/* One row of q into row number r->count of the batch. *row false: there is none. */
static enum status take_row(struct step_run *r, bool *row, struct err *e)
{
    struct sql_session *session = r->step->session;
    int rc = sqlite3_step(r->rows);
    *row = rc == SQLITE_ROW;
    if (rc != SQLITE_ROW && rc != SQLITE_DONE) return sql_word(session, rc, e);
    if (r->done == 0 && r->count == 0 && columns_changed(r)) {
        session->replan = true;
        return err_set(e, ST_BUSY, "a table has changed since the statement was prepared");
    }
    if (!*row) return ST_OK;
    int columns = sqlite3_column_count(r->rows);
    for (int i = 0; r->values != NULL && i < columns; i++) {
        sqlite3_value **slot = &r->values[r->count * columns + i];
        *slot = sqlite3_value_dup(sqlite3_column_value(r->rows, i));
        if (*slot == NULL) {
            r->count++; /* so that what this row has is released */
            return mem_err(e, 0);
        }
    }
    r->count++;
    return ST_OK;
}

/* --- what EXPLAIN ANALYZE tells --------------------------------------------------------------- */

static int64_t now_us(const struct step_run *r)
{
    return r->step->session->analyzes ? run_now_us() : 0;
}

/* What the kind has embedded since. */
static void count_embedded(struct step_run *r, const struct sql_embedded *before)
{
    const struct sql_embedded *now = &r->step->session->embedded;
    struct sql_embedded *sum = &r->step->work.embedded;
    sum->pictures += now->pictures - before->pictures;
    sum->texts += now->texts - before->texts;
    sum->remembered += now->remembered - before->remembered;
    sum->asked += now->asked - before->asked;
    sum->decode_us += now->decode_us - before->decode_us;
    sum->model_us += now->model_us - before->model_us;
}

static enum status compute(struct step_run *r, struct err *e)
{
    struct sql_embedded before = r->step->session->embedded;
    uint64_t unreadable = r->unreadable;
    enum status st = r->step->statement->compute(r, e);
    count_embedded(r, &before);
    r->step->work.query_rows += (uint64_t)r->count;
    r->step->work.unreadable += r->unreadable - unreadable;
    return st;
}

/* A cursor has a row, or none. */
static void count_row(struct step_run *r, int64_t began_us)
{
    r->step->work.us += now_us(r) - began_us;
    r->step->work.rows += r->at < r->count;
}

static enum status fill_batch(struct step_run *r, struct err *e)
{
    bool row = true;
    release_values(r);
    r->at = 0;
    enum status st = run_check(&r->step->session->run, e);
    int64_t began_us = now_us(r);
    while (st == ST_OK && row && r->count < r->step->batch) st = take_row(r, &row, e);
    r->step->work.query_us += now_us(r) - began_us;
    if (st != ST_OK) return st;
    r->last = !row;
    if (r->count == 0) return ST_OK;
    sql_count_read(r->step->session, (uint64_t)r->count, -1);
    clear_cells(r);
    st = compute(r, e);
    r->done += (uint64_t)r->count;
    return st;
}

/* What a person is told once, at the end of q. */
static void report_unreadable(const struct step_run *r)
{
    char note[400];
    if (r->unreadable == 0) return;
    snprintf(note, sizeof note, "%llu of %llu pictures can't be read, the first: %s",
        (unsigned long long)r->unreadable, (unsigned long long)r->done, r->first_unreadable);
    run_report(&r->step->session->run,
        &(struct run_progress){
            .what = "embedding", .done = r->done, .total = r->done, .note = note});
}

static enum status next_row(struct step_run *r, struct err *e)
{
    r->rowid++;
    r->at++;
    if (r->at < r->count || r->last) return ST_OK;
    enum status st = fill_batch(r, e);
    if (st == ST_OK && r->last) report_unreadable(r);
    return st;
}

enum status step_run_rows(struct step_run *r, int rows, struct err *e)
{
    clear_cells(r);
    mem_free(r->cells);
    r->cell_rows = r->count = 0;
    r->cells = mem_zalloc((size_t)rows * (size_t)r->step->computed_count, sizeof *r->cells);
    if (r->cells == NULL) return mem_err(e, 0);
    r->cell_rows = r->count = rows;
    return ST_OK;
}

/* All of q goes by, then the kind makes its rows. */
static enum status gather(struct step_run *r, struct err *e)
{
    enum status st;
    do st = fill_batch(r, e);
    while (st == ST_OK && !r->last);
    release_values(r);
    mem_free(r->values);
    r->values = NULL;
    if (st == ST_OK) report_unreadable(r);
    struct sql_embedded before = r->step->session->embedded;
    if (st == ST_OK) st = r->step->statement->finish(r, e);
    count_embedded(r, &before);
    r->rowid = 1;
    return st;
}

static int run_fault(struct step_run *r, const struct err *e)
{
    return sql_fault_vtab(r->step->session, r->base.pVtab, e);
}

static int cursor_next(sqlite3_vtab_cursor *base)
{
    struct step_run *r = (struct step_run *)base;
    struct err e = ERR_INIT;
    int64_t began_us = now_us(r);
    enum status st = next_row(r, &e);
    count_row(r, began_us);
    return st == ST_OK ? SQLITE_OK : run_fault(r, &e);
}

/* Counting q's rows costs little beside embedding their pictures, where q is plain: no brackets, so
 * neither calls nor other queries in it, and nothing from the rows around it. */
static bool is_counted(const struct sql_step *s)
{
    const struct run *run = &s->session->run;
    if (run->progress == NULL || s->picture_column < 0 || s->vector_column >= 0) return false;
    for (int i = 0; i < s->arg_count; i++)
        if (s->args[i].parameter == 0) return false;
    return strchr(s->query, '(') == NULL;
}

static uint64_t count_rows(const struct step_run *r)
{
    struct buf sql;
    sqlite3_stmt *count = NULL;
    uint64_t rows = 0;
    buf_init(&sql);
    buf_printf(&sql, "SELECT count(*) FROM (%s)", r->step->query);
    int rc = sql.failed ? SQLITE_NOMEM
                        : sqlite3_prepare_v2(r->step->session->db, sql.data, -1, &count, NULL);
    int args = sqlite3_bind_parameter_count(count);
    for (int i = 0; rc == SQLITE_OK && i < args; i++)
        rc = sqlite3_bind_value(count, i + 1, r->args[i]);
    if (rc == SQLITE_OK && sqlite3_step(count) == SQLITE_ROW)
        rows = (uint64_t)sqlite3_column_int64(count, 0);
    sqlite3_finalize(count);
    buf_deinit(&sql);
    return rows;
}

static enum status run_begin(struct step_run *r, struct err *e)
{
    const struct sql_step *s = r->step;
    enum status st = take_query(r, e);
    if (st != ST_OK) return st;
    size_t columns = (size_t)sqlite3_column_count(s->rows), batch = (size_t)s->batch;
    if (batch > 1) r->values = mem_zalloc(batch * columns, sizeof *r->values);
    r->cells = mem_zalloc(batch * (size_t)s->computed_count, sizeof *r->cells);
    if (r->cells == NULL || (batch > 1 && r->values == NULL)) return mem_err(e, 0);
    r->cell_rows = s->batch;
    if (is_counted(s)) r->total = count_rows(r);
    struct sql_embedded before = s->session->embedded;
    if (s->statement->open != NULL) st = s->statement->open(r, e);
    count_embedded(r, &before);
    if (st != ST_OK) return st;
    return s->statement->finish != NULL ? gather(r, e) : next_row(r, e);
}

static int cursor_filter(
    sqlite3_vtab_cursor *base, int number, const char *plan, int argc, sqlite3_value **argv)
{
    (void)number, (void)plan;
    struct step_run *r = (struct step_run *)base;
    struct err e = ERR_INIT;
    run_end(r);
    r->rowid = 0;
    r->done = r->unreadable = r->total = 0;
    r->at = r->count = 0;
    r->last = false;
    for (int i = 0; i < argc; i++) {
        r->args[i] = sqlite3_value_dup(argv[i]);
        if (r->args[i] == NULL) return SQLITE_NOMEM;
    }
    int64_t began_us = now_us(r);
    enum status st = run_begin(r, &e);
    r->step->work.runs++;
    count_row(r, began_us);
    return st == ST_OK ? SQLITE_OK : run_fault(r, &e);
}

static int cursor_eof(sqlite3_vtab_cursor *base)
{
    const struct step_run *r = (const struct step_run *)base;
    return r->at >= r->count;
}

sqlite3_value *step_value(const struct step_run *r, int row, int column)
{
    if (r->values == NULL) return sqlite3_column_value(r->rows, column);
    return r->values[row * sqlite3_column_count(r->rows) + column];
}

static void show_cell(const struct step_run *r, const struct step_column *c, sqlite3_context *ctx)
{
    const struct step_cell *cell = &r->cells[r->at * r->step->computed_count + c->computed];
    const char *text = cell->text != NULL ? cell->text : cell->owned_text;
    if (cell->vector != NULL)
        sql_result_vector((struct sql_result *)ctx, cell->vector,
            cell->dim > 0 ? cell->dim : model_info(r->step->model)->dim);
    else if (cell->value != NULL)
        sqlite3_result_value(ctx, cell->value);
    else if (text != NULL)
        sqlite3_result_text(ctx, text, -1, SQLITE_TRANSIENT);
    else if (cell->has_number)
        sqlite3_result_double(ctx, cell->number);
}

static int cursor_column(sqlite3_vtab_cursor *base, sqlite3_context *ctx, int column)
{
    const struct step_run *r = (const struct step_run *)base;
    const struct sql_step *s = r->step;
    if (column >= s->column_count)
        sqlite3_result_value(ctx, r->args[column - s->column_count]);
    else if (s->columns[column].from >= 0)
        sqlite3_result_value(ctx, step_value(r, r->at, s->columns[column].from));
    else
        show_cell(r, &s->columns[column], ctx);
    return SQLITE_OK;
}

static int cursor_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *rowid)
{
    *rowid = ((struct step_run *)base)->rowid;
    return SQLITE_OK;
}

const sqlite3_module step_module = {
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
