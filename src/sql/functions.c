/* functions.c - the functions every session has: the distances and those of models here, the rest
 * in sets, one file each (function/).
 *
 * A NULL argument gives NULL. Distances are "smaller is nearer"; cosine over a zero vector has no
 * value and is NULL. Vectors may be given as BLOB or as text. What a function of a constant
 * computes is remembered by the session (embed.h), so that embed_text(m, 'a dog') in a WHERE runs
 * its model once.
 */
#include <math.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "sql/dialect/translate.h"
#include "sql/distance.h"
#include "sql/embed.h"
#include "sql/function/function.h"

/* Both vectors of a function of two. */
static enum status take_two(struct sql_value *const *args, const char *name, struct vector_arg v[2],
    struct sql_result *out, struct err *e)
{
    v[0] = v[1] = (struct vector_arg){0};
    enum status st = ST_OK;
    for (int i = 0; st == ST_OK && i < 2; i++)
        st = sql_value_type(args[i]) == SQL_TEXT ? vector_arg_keep(&v[i], args[i], i, out, e)
                                                 : vector_arg_init(&v[i], args[i], name, e);
    if (st != ST_OK) return st;
    bool null = v[0].v == NULL || v[1].v == NULL;
    if (null || v[0].dim == v[1].dim) return ST_OK;
    return err_set(
        e, ST_MISMATCH, "%s: different vector dimensions %d and %d", name, v[0].dim, v[1].dim);
}

struct distance {
    const char *name; /* "L2Distance()" */
    enum metric metric;
    double scale, offset; /* of metric_distance's answer */
};

static enum status distance_of(
    const struct distance *d, struct sql_value *const *args, struct sql_result *out, struct err *e)
{
    struct vector_arg v[2];
    enum status st = take_two(args, d->name, v, out, e);
    if (st == ST_OK && v[0].v != NULL && v[1].v != NULL) {
        double x = metric_distance(d->metric, v[0].v, v[1].v, (size_t)v[0].dim);
        /* Looking at every number costs as much as the distance: only a strange answer is looked
         * into. */
        if (!isfinite(x)) st = vector_arg_check(&v[0], d->name, e);
        if (!isfinite(x) && st == ST_OK) st = vector_arg_check(&v[1], d->name, e);
        if (st == ST_OK && !isnan(x)) sql_result_double(out, d->offset + d->scale * x);
    }
    vector_arg_deinit(&v[0]);
    vector_arg_deinit(&v[1]);
    return st;
}

#define X(id, sql_name, m, s, o)                                                                   \
    static enum status call_##id(struct sql_session *session, struct sql_value *const *args,       \
        int count, struct sql_result *out, struct err *e)                                          \
    {                                                                                              \
        static const struct distance D = {                                                         \
            .name = sql_name "()", .metric = m, .scale = s, .offset = o};                          \
        (void)session, (void)count;                                                                \
        return distance_of(&D, args, out, e);                                                      \
    }
SQL_DISTANCES(X)
#undef X

/* --- models ----------------------------------------------------------------------------------- */

static enum status model_of(struct sql_session *s, const struct sql_value *name,
    const char *function, struct model **out, struct err *e)
{
    if (sql_value_type(name) != SQL_TEXT)
        return err_set(e, ST_INVALID, "%s() takes a model's name first", function);
    enum status st = sql_model_get(s, sql_value_text(name), out, e);
    if (st == ST_OK && model_info(*out)->dim > LIMIT_VECTOR_DIM)
        st = err_set(e, ST_LIMIT, "the model has %d dimensions, at most %d", model_info(*out)->dim,
            LIMIT_VECTOR_DIM);
    return st;
}

static enum status call_embed_text(struct sql_session *s, struct sql_value *const *args, int count,
    struct sql_result *out, struct err *e)
{
    struct model *m;
    float v[LIMIT_VECTOR_DIM];
    if (function_any_null(args, count)) return ST_OK;
    enum status st = model_of(s, args[0], "embed_text", &m, e);
    const char *text = st == ST_OK ? sql_value_text(args[1]) : NULL;
    if (st == ST_OK && text == NULL) st = mem_err(e, 0);
    if (st == ST_OK)
        st = embed_text(s, m, (struct embed_words){text, (size_t)sql_value_bytes(args[1])}, v, e);
    if (st == ST_OK) sql_result_vector(out, v, model_info(m)->dim);
    return st;
}

static enum status call_embed_image(struct sql_session *s, struct sql_value *const *args, int count,
    struct sql_result *out, struct err *e)
{
    struct model *m;
    float v[LIMIT_VECTOR_DIM];
    if (function_any_null(args, count)) return ST_OK;
    enum status st = model_of(s, args[0], "embed_image", &m, e);
    if (st != ST_OK) return st;
    struct embed_picture p = {.out = v};
    if (sql_value_type(args[1]) == SQL_BLOB) {
        p.data = sql_value_blob(args[1]);
        p.bytes = (size_t)sql_value_bytes(args[1]);
        if (p.data == NULL) p.data = "";
    } else {
        p.path = sql_value_text(args[1]);
        if (p.path == NULL) return mem_err(e, 0);
    }
    st = embed_pictures(s, m, &p, 1, e);
    if (st == ST_OK && p.status != ST_OK) st = err_set(e, p.status, "%s", p.reason);
    if (st == ST_OK) sql_result_vector(out, v, model_info(m)->dim);
    return st;
}

/* embed_image reads files, so it is refused in views and triggers, which a foreign file could
 * bring. */
static const struct sql_scalar FUNCTIONS[] = {
#define X(id, sql_name, m, s, o)                                                                   \
    {.name = sql_name, .args_min = 2, .args_max = 2, .deterministic = true, .call = call_##id},
    SQL_DISTANCES(X)
#undef X
    {.name = "embed_text",
        .args_min = 2,
        .args_max = 2,
        .deterministic = true,
        .call = call_embed_text},
    {.name = "embed_image",
        .args_min = 2,
        .args_max = 2,
        .direct_only = true,
        .call = call_embed_image},
};

static const struct function_set OWN = {
    .scalars = FUNCTIONS, .scalar_count = sizeof FUNCTIONS / sizeof FUNCTIONS[0]};

static enum status set_add(struct sql_session *s, const struct function_set *set, struct err *e)
{
    enum status st = ST_OK;
    for (size_t i = 0; st == ST_OK && i < set->scalar_count; i++)
        st = sql_scalar_add(s, &set->scalars[i], e);
    for (size_t i = 0; st == ST_OK && i < set->aggregate_count; i++)
        st = sql_aggregate_add(s, &set->aggregates[i], e);
    for (size_t i = 0; st == ST_OK && i < set->table_count; i++)
        st = sql_tabfn_add(s, &set->tables[i], e);
    return st;
}

enum status sql_functions_add(struct sql_session *s, struct err *e)
{
    static const struct function_set *const SETS[] = {&OWN, &FUNCTIONS_PGVECTOR,
        &FUNCTIONS_PGVECTOR_BITS, &FUNCTIONS_PGVECTOR_SUMS, &FUNCTIONS_CLICKHOUSE_VECTOR, &FUNCTIONS_CLICKHOUSE,
        &FUNCTIONS_CLICKHOUSE_CONVERT, &FUNCTIONS_AGGREGATE, &FUNCTIONS_ORDERED,
        &FUNCTIONS_POSTGRES, &FUNCTIONS_POSTGRES_ARRAY, &FUNCTIONS_POSTGRES_TEXT, &FUNCTIONS_POSTGRES_TIME, &FUNCTIONS_SERIES,
        &FUNCTIONS_DIALECT, &FUNCTIONS_VECTOR_ARITHMETIC};
    enum status st = ST_OK;
    for (size_t i = 0; st == ST_OK && i < sizeof SETS / sizeof SETS[0]; i++)
        st = set_add(s, SETS[i], e);
    return st;
}
