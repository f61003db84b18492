/* similarity.c - FUNCTION compute.similarity OPTIONS (emb_col, src_table, src_emb_col,
 * src_label_col, top_k, result_col) AS (q): to each row the labels of the table's nearest vectors.
 *
 * q's rows with one more column: with top_k 1, the label of the row of src_table whose vector has
 * the highest cosine with the row's own; with more, a JSON list of that many labels, nearest first.
 * The table is read once, into memory. The means that compute.groupby_emb_mean makes are such a
 * table.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/near.h"
#include "simd/distance.h"
#include "sql/function/vector.h"
#include "sql/plan/plan.h"
#include "sql/statement/source.h"

enum { FLOATS_MAX = 1 << 27, ROWS_MAX = 1 << 22, TOP_MAX = 1000 };

static const struct sql_option SIMILARITY_OPTIONS[] = {
    {.name = "emb_col", .type = OPTION_NAME},
    {.name = "src_table", .type = OPTION_NAME, .required = true},
    {.name = "src_emb_col", .type = OPTION_NAME, .fallback = "emb_mean_result"},
    {.name = "src_label_col", .type = OPTION_NAME, .fallback = "label"},
    {.name = "top_k", .type = OPTION_INTEGER, .fallback = "1", .min = 1, .max = TOP_MAX},
    {.name = "result_col",
        .type = OPTION_NAME,
        .fallback = "similarity_result",
        .also = {"column_name"}},
};

/* The rows of src_table. */
struct sources {
    sqlite3_value **labels;
    float *vectors;
    size_t count, capacity;
    int dim;
};

struct found {
    size_t row;
    double distance;
};

/* --- planning --------------------------------------------------------------------------------- */

static enum status no_source_column(
    struct sql_step *s, sqlite3_stmt *all, const char *option, struct err *e)
{
    const struct sql_literal *given = sql_option_given(&s->options, option);
    const char *name = sql_option_text(&s->options, option), *near = NULL;
    for (int i = 0; i < sqlite3_column_count(all); i++)
        near_consider(name, sqlite3_column_name(all, i), &near);
    enum status st = err_set(e, ST_NOT_FOUND, "table %s has no column %s%s%s",
        sql_option_text(&s->options, "src_table"), name, near != NULL ? "; did you mean " : "",
        near != NULL ? near : "");
    if (given == NULL && e != NULL)
        st = err_set(e, ST_NOT_FOUND, "table %s has no column %s; name one with %s",
            sql_option_text(&s->options, "src_table"), name, option);
    return sql_at(&s->plan->ast, given != NULL ? given->first : s->node->at, st, e);
}

static int column_of(sqlite3_stmt *stmt, const char *name)
{
    for (int i = 0; i < sqlite3_column_count(stmt); i++)
        if (sqlite3_stricmp(sqlite3_column_name(stmt, i), name) == 0) return i;
    return -1;
}

/* SELECT * or the two columns of src_table. */
static enum status open_source(struct sql_step *s, bool all, sqlite3_stmt **out, struct err *e)
{
    struct buf sql;
    buf_init(&sql);
    buf_add_str(&sql, "SELECT ");
    if (!all) sql_add_name(&sql, sql_option_text(&s->options, "src_label_col"));
    if (!all) buf_add_char(&sql, ',');
    if (!all) sql_add_name(&sql, sql_option_text(&s->options, "src_emb_col"));
    buf_add_str(&sql, all ? "* FROM " : " FROM ");
    sql_add_name(&sql, sql_option_text(&s->options, "src_table"));
    int rc =
        sql.failed ? SQLITE_NOMEM : sqlite3_prepare_v2(s->session->db, sql.data, -1, out, NULL);
    buf_deinit(&sql);
    enum status st = rc == SQLITE_OK ? ST_OK : sql_word(s->session, rc, e);
    if (e != NULL) e->offset = -1;
    return st;
}

static enum status check_models(const struct store_column *own, const struct store_column *source,
    struct sql_step *s, struct err *e)
{
    bool known = own->fingerprint[0] != '\0' && source->fingerprint[0] != '\0';
    if (!known || strcmp(own->fingerprint, source->fingerprint) == 0) return ST_OK;
    return sql_at(&s->plan->ast, sql_option_given(&s->options, "src_table")->first,
        err_set(e, ST_MISMATCH, "column %s holds vectors of model %s, %s.%s of model %s",
            s->query_names[s->vector_column], own->model, sql_option_text(&s->options, "src_table"),
            sql_option_text(&s->options, "src_emb_col"), source->model),
        e);
}

static enum status check_source(struct sql_step *s, struct err *e)
{
    sqlite3_stmt *all = NULL;
    struct store_column own, source;
    enum status st = open_source(s, true, &all, e);
    if (st != ST_OK)
        return sql_at(&s->plan->ast, sql_option_given(&s->options, "src_table")->first, st, e);
    int vector = column_of(all, sql_option_text(&s->options, "src_emb_col"));
    if (column_of(all, sql_option_text(&s->options, "src_label_col")) < 0)
        st = no_source_column(s, all, "src_label_col", e);
    else if (vector < 0)
        st = no_source_column(s, all, "src_emb_col", e);
    if (st == ST_OK) st = trace_column(s->session, all, vector, &source, e);
    if (st == ST_OK) st = trace_column(s->session, s->rows, s->vector_column, &own, e);
    if (st == ST_OK) st = check_models(&own, &source, s, e);
    sqlite3_finalize(all);
    return st;
}

static enum status plan_similarity(struct sql_step *s, struct err *e)
{
    enum status st = source_column(s, "emb_col", "convert_result", &s->vector_column, e);
    if (st == ST_OK && s->vector_column < 0)
        st = sql_at(&s->plan->ast, s->node->at,
            err_set(
                e, ST_NOT_FOUND, "the query has no column convert_result; name one with emb_col"),
            e);
    if (st == ST_OK) st = check_source(s, e);
    if (st == ST_OK) st = step_columns_of_query(s, -1, e);
    if (st != ST_OK) return st;
    struct step_column *c = step_column_add(s, sql_option_text(&s->options, "result_col"), "");
    if (c == NULL) return mem_err(e, 0);
    c->computed = s->computed_count++;
    return ST_OK;
}

/* --- the table -------------------------------------------------------------------------------- */

static void close_similarity(struct step_run *r)
{
    struct sources *t = r->state;
    for (size_t i = 0; i < t->count; i++) sqlite3_value_free(t->labels[i]);
    mem_free(t->labels);
    mem_free(t->vectors);
    mem_free(t);
}

static enum status grow(struct sources *t, struct err *e)
{
    size_t capacity = t->capacity > 0 ? t->capacity * 2 : 64, dim = (size_t)t->dim;
    if (t->count < t->capacity) return ST_OK;
    size_t room = FLOATS_MAX / dim < ROWS_MAX ? FLOATS_MAX / dim : ROWS_MAX;
    if (t->count >= room)
        return err_set(e, ST_LIMIT, "compute.similarity keeps %zu vectors of %d dimensions at most",
            room, t->dim);
    sqlite3_value **labels = mem_resize(t->labels, capacity, sizeof *labels);
    if (labels != NULL) t->labels = labels;
    float *vectors =
        labels != NULL ? mem_resize(t->vectors, capacity * dim, sizeof *vectors) : NULL;
    if (vectors == NULL) return mem_err(e, capacity * dim * sizeof *vectors);
    t->vectors = vectors;
    t->capacity = capacity;
    return ST_OK;
}

static enum status add_source(struct sources *t, sqlite3_stmt *row, const char *what, struct err *e)
{
    struct vector_arg v;
    enum status st = vector_arg_init(&v, (struct sql_value *)sqlite3_column_value(row, 1), what, e);
    if (st != ST_OK || v.v == NULL || sqlite3_column_type(row, 0) == SQLITE_NULL) {
        vector_arg_deinit(&v);
        return st;
    }
    if (t->dim == 0) t->dim = v.dim;
    if (v.dim != t->dim)
        st = err_set(
            e, ST_MISMATCH, "%s holds vectors of %d and of %d dimensions", what, t->dim, v.dim);
    if (st == ST_OK) st = grow(t, e);
    sqlite3_value *label = st == ST_OK ? sqlite3_value_dup(sqlite3_column_value(row, 0)) : NULL;
    if (st == ST_OK && label == NULL) st = mem_err(e, 0);
    if (st == ST_OK) {
        size_t dim = (size_t)t->dim;
        memcpy(t->vectors + t->count * dim, v.v, dim * sizeof *v.v);
        t->labels[t->count++] = label;
    }
    vector_arg_deinit(&v);
    return st;
}

static enum status open_similarity(struct step_run *r, struct err *e)
{
    struct sql_step *s = r->step;
    struct sources *t = r->state = mem_zalloc(1, sizeof *t);
    sqlite3_stmt *rows = NULL;
    char what[200];
    if (t == NULL) return mem_err(e, sizeof *t);
    snprintf(what, sizeof what, "%s.%s", sql_option_text(&s->options, "src_table"),
        sql_option_text(&s->options, "src_emb_col"));
    enum status st = open_source(s, false, &rows, e);
    int rc = SQLITE_DONE;
    while (st == ST_OK && (rc = sqlite3_step(rows)) == SQLITE_ROW)
        st = add_source(t, rows, what, e);
    if (st == ST_OK && rc != SQLITE_DONE) st = sql_word(s->session, rc, e);
    sqlite3_finalize(rows);
    return st;
}

/* --- rows ------------------------------------------------------------------------------------- */

/* The nearest ones so far, in order; ties stay in the table's order. */
static int keep(struct found *list, int count, int room, struct found new)
{
    int at = count;
    while (at > 0 && list[at - 1].distance > new.distance) at--;
    if (at == room) return count;
    if (count == room) count--;
    memmove(list + at + 1, list + at, (size_t)(count - at) * sizeof *list);
    list[at] = new;
    return count + 1;
}

static void add_label(struct buf *json, sqlite3_value *label)
{
    int type = sqlite3_value_type(label);
    const char *text = (const char *)sqlite3_value_text(label);
    size_t bytes = (size_t)sqlite3_value_bytes(label);
    if (text == NULL)
        buf_add_str(json, "null");
    else if (type == SQLITE_INTEGER || type == SQLITE_FLOAT)
        buf_add_str(json, text);
    else
        buf_add_json(json, text, bytes);
}

static enum status show(struct step_run *r, const struct found *list, int count, struct err *e)
{
    const struct sources *t = r->state;
    struct step_cell *cell = &r->cells[0];
    if (count == 0) return ST_OK;
    if (sql_option_integer(&r->step->options, "top_k") == 1) {
        cell->value = sqlite3_value_dup(t->labels[list[0].row]);
        return cell->value != NULL ? ST_OK : mem_err(e, 0);
    }
    struct buf json;
    buf_init(&json);
    for (int i = 0; i < count; i++) {
        buf_add_char(&json, i > 0 ? ',' : '[');
        add_label(&json, t->labels[list[i].row]);
    }
    buf_add_char(&json, ']');
    cell->owned_text = buf_take(&json);
    return cell->owned_text != NULL ? ST_OK : mem_err(e, 0);
}

static enum status rank(struct step_run *r, const struct vector_arg *v, struct err *e)
{
    const struct sources *t = r->state;
    struct found list[TOP_MAX];
    int count = 0, room = sql_option_integer(&r->step->options, "top_k");
    if (t->count > 0 && v->dim != t->dim)
        return err_set(e, ST_MISMATCH, "column %s holds vectors of %d dimensions, %s of %d",
            r->step->query_names[r->step->vector_column], v->dim,
            sql_option_text(&r->step->options, "src_table"), t->dim);
    for (size_t i = 0; i < t->count; i++) {
        double d =
            metric_distance(METRIC_COSINE, v->v, t->vectors + i * (size_t)t->dim, (size_t)t->dim);
        if (!isnan(d)) count = keep(list, count, room, (struct found){i, d});
    }
    return show(r, list, count, e);
}

static enum status compute_similarity(struct step_run *r, struct err *e)
{
    const struct sql_step *s = r->step;
    struct vector_arg v;
    char what[120];
    snprintf(what, sizeof what, "column %s", s->query_names[s->vector_column]);
    struct sql_value *value = (struct sql_value *)step_value(r, 0, s->vector_column);
    enum status st = vector_arg_init(&v, value, what, e);
    if (st == ST_OK && v.v != NULL) st = rank(r, &v, e);
    vector_arg_deinit(&v);
    return st;
}

static void describe_similarity(const struct sql_step *s, struct buf *out)
{
    buf_printf(out, "vectors from column %s, labels from table %s",
        s->query_names[s->vector_column], sql_option_text(&s->options, "src_table"));
}

const struct sql_statement statement_similarity = {
    .name = "FUNCTION compute.similarity",
    .token = TK_FUNCTION,
    .function = "compute.similarity",
    .no_model = true,
    .options = SIMILARITY_OPTIONS,
    .option_count = sizeof SIMILARITY_OPTIONS / sizeof SIMILARITY_OPTIONS[0],
    .plan = plan_similarity,
    .open = open_similarity,
    .compute = compute_similarity,
    .close = close_similarity,
    .describe = describe_similarity,
};
