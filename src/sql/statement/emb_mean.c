/* emb_mean.c - FUNCTION compute.groupby_emb_mean OPTIONS (label_col, emb_col, result_col) AS (q):
 * the mean vector of each label.
 *
 * A row for each label of q, in the labels' order (numbers, then texts): label_col and the mean,
 * not scaled, of its rows' vectors. Rows without a label or a vector are left out. Labels are told
 * apart by type and value in an open-addressed table; a sum is kept in doubles.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "sql/function/vector.h"
#include "sql/plan/plan.h"
#include "sql/statement/source.h"

enum { SUMS_MAX = 1 << 26, LABELS_MAX = 1 << 20 };

static const struct sql_option MEAN_OPTIONS[] = {
    {.name = "label_col", .type = OPTION_NAME},
    {.name = "emb_col", .type = OPTION_NAME},
    {.name = "result_col",
        .type = OPTION_NAME,
        .fallback = "emb_mean_result",
        .also = {"column_name"}},
};

struct group {
    sqlite3_value *label;
    size_t number; /* in the order they were met */
    uint64_t rows;
};

struct means {
    struct group *groups;
    double *sums; /* capacity x dim */
    size_t count, capacity;
    size_t *slots; /* number + 1 of a group; 0: free */
    size_t slot_count;
    int dim;
};

/* A column that must be there, by an option or its default. */
static enum status need_column(
    struct sql_step *s, const char *option, const char *name, int *column, struct err *e)
{
    enum status st = source_column(s, option, name, column, e);
    if (st != ST_OK || *column >= 0) return st;
    return sql_at(&s->plan->ast, s->node->at,
        err_set(e, ST_NOT_FOUND, "the query has no column %s; name one with %s", name, option), e);
}

static enum status plan_mean(struct sql_step *s, struct err *e)
{
    struct store_column declared;
    enum status st = need_column(s, "label_col", "label", &s->label_column, e);
    if (st == ST_OK) st = need_column(s, "emb_col", "convert_result", &s->vector_column, e);
    if (st == ST_OK) st = trace_column(s->session, s->rows, s->vector_column, &declared, e);
    if (st != ST_OK) return st;
    const char *type = sqlite3_column_decltype(s->rows, s->label_column);
    char *label_type = arena_printf(&s->plan->arena, "%s", type != NULL ? type : "");
    char *vector_type = arena_printf(&s->plan->arena, "VECTOR_BLOB(%d)", declared.dim);
    struct step_column *c = label_type != NULL
        ? step_column_add(s, s->query_names[s->label_column], step_plain_type(label_type))
        : NULL;
    if (c == NULL || vector_type == NULL) return mem_err(e, 0);
    c->computed = s->computed_count++;
    c = step_column_add(s, sql_option_text(&s->options, "result_col"),
        declared.dim > 0 ? vector_type : "VECTOR_BLOB");
    if (c == NULL) return mem_err(e, 0);
    c->computed = s->computed_count++;
    c->declared = declared;
    return ST_OK;
}

static enum status open_mean(struct step_run *r, struct err *e)
{
    r->state = mem_zalloc(1, sizeof(struct means));
    return r->state != NULL ? ST_OK : mem_err(e, 0);
}

static void close_mean(struct step_run *r)
{
    struct means *m = r->state;
    for (size_t i = 0; i < m->count; i++) sqlite3_value_free(m->groups[i].label);
    mem_free(m->groups);
    mem_free(m->sums);
    mem_free(m->slots);
    mem_free(m);
}

/* --- labels ----------------------------------------------------------------------------------- */

/* A number's value is told apart from its text; numbers before texts before blobs. */
static int order_of(sqlite3_value *v)
{
    static const int RANKS[] = {
        [SQLITE_INTEGER] = 0, [SQLITE_FLOAT] = 0, [SQLITE_TEXT] = 1, [SQLITE_BLOB] = 2};
    return RANKS[sqlite3_value_type(v)];
}

static int compare(sqlite3_value *a, sqlite3_value *b)
{
    int rank = order_of(a);
    if (rank != order_of(b)) return rank < order_of(b) ? -1 : 1;
    if (rank == 0) {
        double x = sqlite3_value_double(a), y = sqlite3_value_double(b);
        return x < y ? -1 : x > y;
    }
    int m = sqlite3_value_bytes(a), n = sqlite3_value_bytes(b), least = m < n ? m : n;
    int order = least > 0 ? memcmp(sqlite3_value_blob(a), sqlite3_value_blob(b), (size_t)least) : 0;
    return order != 0 ? order : m < n ? -1 : m > n;
}

static uint64_t hash_of(sqlite3_value *v)
{
    double d = sqlite3_value_double(v) + 0.0; /* -0 is 0 */
    if (order_of(v) == 0) return hash_64(&d, sizeof d, 0);
    int bytes = sqlite3_value_bytes(v);
    return bytes > 0 ? hash_64(sqlite3_value_blob(v), (size_t)bytes, 1) : 1;
}

/* The slot of a label, or the free one where it goes. */
static size_t slot_of(const struct means *m, sqlite3_value *label)
{
    size_t at = (size_t)hash_of(label) & (m->slot_count - 1);
    while (m->slots[at] != 0 && compare(m->groups[m->slots[at] - 1].label, label) != 0)
        at = (at + 1) & (m->slot_count - 1);
    return at;
}

/* Room for one more group: twice as many, and four slots for each. */
static enum status grow(struct means *m, struct err *e)
{
    size_t capacity = m->capacity > 0 ? m->capacity * 2 : 16, dim = (size_t)m->dim;
    if (m->count < m->capacity) return ST_OK;
    if (m->count == LABELS_MAX) return err_set(e, ST_LIMIT, "more than %d labels", LABELS_MAX);
    if (m->count * dim >= SUMS_MAX)
        return err_set(e, ST_LIMIT, "%zu labels of %zu dimensions: at most %d numbers are kept",
            m->count + 1, dim, (int)SUMS_MAX);
    struct group *groups = mem_resize(m->groups, capacity, sizeof *groups);
    if (groups != NULL) m->groups = groups;
    double *sums = groups != NULL ? mem_resize(m->sums, capacity * dim, sizeof *sums) : NULL;
    if (sums != NULL) m->sums = sums;
    size_t *slots = sums != NULL ? mem_zalloc(capacity * 4, sizeof *slots) : NULL;
    if (slots == NULL) return mem_err(e, capacity * dim * sizeof *sums);
    mem_free(m->slots);
    m->slots = slots;
    m->slot_count = capacity * 4;
    m->capacity = capacity;
    for (size_t i = 0; i < m->count; i++) m->slots[slot_of(m, m->groups[i].label)] = i + 1;
    return ST_OK;
}

static enum status find_group(
    struct means *m, sqlite3_value *label, struct group **out, struct err *e)
{
    enum status st = grow(m, e);
    if (st != ST_OK) return st;
    size_t slot = slot_of(m, label);
    if (m->slots[slot] == 0) {
        sqlite3_value *copy = sqlite3_value_dup(label);
        if (copy == NULL) return mem_err(e, 0);
        m->groups[m->count] = (struct group){.label = copy, .number = m->count};
        memset(m->sums + m->count * (size_t)m->dim, 0, (size_t)m->dim * sizeof *m->sums);
        m->slots[slot] = ++m->count;
    }
    *out = &m->groups[m->slots[slot] - 1];
    return ST_OK;
}

/* --- rows ------------------------------------------------------------------------------------- */

static enum status add_vector(
    struct step_run *r, sqlite3_value *label, const struct vector_arg *v, struct err *e)
{
    struct means *m = r->state;
    struct group *g = NULL;
    if (m->dim == 0) m->dim = v->dim;
    if (v->dim != m->dim)
        return err_set(e, ST_MISMATCH, "column %s holds vectors of %d and of %d dimensions",
            r->step->query_names[r->step->vector_column], m->dim, v->dim);
    enum status st = find_group(m, label, &g, e);
    if (st != ST_OK) return st;
    double *sum = m->sums + g->number * (size_t)m->dim;
    for (int i = 0; i < m->dim; i++) sum[i] += v->v[i];
    g->rows++;
    return ST_OK;
}

static enum status compute_mean(struct step_run *r, struct err *e)
{
    const struct sql_step *s = r->step;
    struct vector_arg v;
    char what[120];
    sqlite3_value *label = step_value(r, 0, s->label_column);
    if (sqlite3_value_type(label) == SQLITE_NULL) return ST_OK;
    snprintf(what, sizeof what, "column %s", s->query_names[s->vector_column]);
    struct sql_value *value = (struct sql_value *)step_value(r, 0, s->vector_column);
    enum status st = vector_arg_init(&v, value, what, e);
    if (st == ST_OK && v.v != NULL) st = add_vector(r, label, &v, e);
    vector_arg_deinit(&v);
    return st;
}

static int by_label(const void *a, const void *b)
{
    return compare(((const struct group *)a)->label, ((const struct group *)b)->label);
}

static enum status finish_mean(struct step_run *r, struct err *e)
{
    struct means *m = r->state;
    size_t dim = (size_t)m->dim;
    r->vectors = mem_alloc_aligned((m->count * dim + 1) * sizeof(float));
    if (r->vectors == NULL) return mem_err(e, m->count * dim * sizeof(float));
    enum status st = step_run_rows(r, (int)m->count, e);
    if (st != ST_OK) return st;
    if (m->count > 1) qsort(m->groups, m->count, sizeof *m->groups, by_label);
    for (size_t i = 0; i < m->count; i++) {
        struct group *g = &m->groups[i];
        float *mean = r->vectors + i * dim;
        const double *sum = m->sums + g->number * dim;
        for (size_t k = 0; k < dim; k++) mean[k] = (float)(sum[k] / (double)g->rows);
        r->cells[2 * i].value = g->label;
        g->label = NULL;
        r->cells[2 * i + 1].vector = mean;
        r->cells[2 * i + 1].dim = m->dim;
    }
    return ST_OK;
}

static void describe_mean(const struct sql_step *s, struct buf *out)
{
    buf_printf(out, "labels from column %s, vectors from column %s",
        s->query_names[s->label_column], s->query_names[s->vector_column]);
}

const struct sql_statement statement_emb_mean = {
    .name = "FUNCTION compute.groupby_emb_mean",
    .token = TK_FUNCTION,
    .function = "compute.groupby_emb_mean",
    .no_model = true,
    .options = MEAN_OPTIONS,
    .option_count = sizeof MEAN_OPTIONS / sizeof MEAN_OPTIONS[0],
    .plan = plan_mean,
    .open = open_mean,
    .compute = compute_mean,
    .finish = finish_mean,
    .close = close_mean,
    .describe = describe_mean,
};
