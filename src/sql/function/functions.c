/* functions.c - the functions every session has: the distances here, the rest in sets, one file
 * each (function/).
 *
 * A NULL argument gives NULL. Distances are "smaller is nearer"; cosine over a zero vector has no
 * value and is NULL. Vectors may be given as BLOB or as text.
 */
#include <math.h>
#include <string.h>

#include "sql/dialect/translate.h"
#include "sql/function/sparse.h"
#include "sql/nearest/distance.h"

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

static enum status answer(const struct distance *d, double x, struct sql_result *out)
{
    if (!isnan(x)) sql_result_double(out, d->offset + d->scale * x);
    return ST_OK;
}

static enum status distance_of(
    const struct distance *d, struct sql_value *const *args, struct sql_result *out, struct err *e)
{
    struct vector_arg v[2];
    if (sparse_is(args[0]) || sparse_is(args[1])) {
        struct sparse_question q = {d->name, d->metric};
        double x;
        enum status st = sparse_distance(&q, args, out, &x, e);
        return st == ST_OK ? answer(d, x, out) : st;
    }
    enum status st = take_two(args, d->name, v, out, e);
    if (st == ST_OK && v[0].v != NULL && v[1].v != NULL) {
        double x = metric_distance(d->metric, v[0].v, v[1].v, (size_t)v[0].dim);
        /* Looking at every number costs as much as the distance: only a strange answer is looked
         * into. */
        if (!isfinite(x)) st = vector_arg_check(&v[0], d->name, e);
        if (!isfinite(x) && st == ST_OK) st = vector_arg_check(&v[1], d->name, e);
        if (st == ST_OK) st = answer(d, x, out);
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

static const struct sql_scalar FUNCTIONS[] = {
#define X(id, sql_name, m, s, o)                                                                   \
    {.name = sql_name, .args_min = 2, .args_max = 2, .deterministic = true, .call = call_##id},
    SQL_DISTANCES(X)
#undef X
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
        &FUNCTIONS_PGVECTOR_BITS, &FUNCTIONS_PGVECTOR_SUMS, &FUNCTIONS_CLICKHOUSE_VECTOR,
        &FUNCTIONS_CLICKHOUSE, &FUNCTIONS_CLICKHOUSE_CONVERT, &FUNCTIONS_AGGREGATE,
        &FUNCTIONS_ORDERED, &FUNCTIONS_POSTGRES, &FUNCTIONS_POSTGRES_ARRAY,
        &FUNCTIONS_POSTGRES_JSON, &FUNCTIONS_POSTGRES_TEXT, &FUNCTIONS_POSTGRES_TIME,
        &FUNCTIONS_SERIES, &FUNCTIONS_REGEX, &FUNCTIONS_REGEX_REPLACE, &FUNCTIONS_SPARSE,
        &FUNCTIONS_DIALECT, &FUNCTIONS_VECTOR_ARITHMETIC, &FUNCTIONS_ENCODE};
    enum status st = ST_OK;
    for (size_t i = 0; st == ST_OK && i < sizeof SETS / sizeof SETS[0]; i++)
        st = set_add(s, SETS[i], e);
    return st;
}
