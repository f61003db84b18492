/* pgvector_sums.c - sums and means of vectors, and of what only running tells to be vectors or
 * numbers.
 *
 * vector_sum and vector_avg take vectors. fovea_sum and fovea_avg stand for sum and avg where the
 * argument comes out of a query and may be either (dialect/vectors.c): blobs are vectors, and
 * everything else is summed as SQLite's own do it: whole numbers exactly, with an error beyond 64
 * bits, until the first fraction; text as the number it begins with. A sum of vectors is kept in
 * double, one number a dimension, so that a window can take rows out of it again.
 */
#include <math.h>

#include "base/limits.h"
#include "base/mem.h"
#include "sql/function/function.h"

struct sums {
    double *sum; /* by dimension; NULL before the first vector */
    int dim;
    int64_t vectors, numbers;
    double real;
    int64_t whole;
    bool approximate, overflow;
};

static enum status add_vector(
    struct sums *s, const struct sql_value *arg, double sign, struct err *e)
{
    struct vector_arg v;
    enum status st = function_vector(arg, "a sum of vectors", &v, e);
    if (st == ST_OK && v.v != NULL && s->sum == NULL) {
        s->sum = mem_zalloc((size_t)v.dim, sizeof *s->sum);
        s->dim = v.dim;
        if (s->sum == NULL) st = mem_err(e, (size_t)v.dim * sizeof *s->sum);
    }
    if (st == ST_OK && v.v != NULL && v.dim != s->dim)
        st = err_set(e, ST_MISMATCH, "different vector dimensions %d and %d", s->dim, v.dim);
    if (st == ST_OK && v.v != NULL) {
        for (int i = 0; i < v.dim; i++) s->sum[i] += sign * (double)v.v[i];
        s->vectors += sign > 0 ? 1 : -1;
    }
    vector_arg_deinit(&v);
    return st;
}

/* Numbers beside vectors are refused when the sum is asked for. */
static void add_number(struct sums *s, const struct sql_value *arg, int sign)
{
    int type = sqlite3_value_numeric_type((sqlite3_value *)(uintptr_t)arg);
    if (type == SQLITE_NULL) return;
    s->numbers += sign;
    s->real += sign * sql_value_double(arg);
    if (type != SQLITE_INTEGER) {
        s->approximate = true;
        return;
    }
    int64_t n = sql_value_int(arg);
    bool over = sign > 0 ? __builtin_add_overflow(s->whole, n, &s->whole)
                         : __builtin_sub_overflow(s->whole, n, &s->whole);
    if (over && !s->approximate) s->approximate = s->overflow = true;
}

static enum status add_any(struct sums *s, const struct sql_value *arg, int sign, struct err *e)
{
    if (sql_value_type(arg) == SQL_BLOB) return add_vector(s, arg, sign, e);
    add_number(s, arg, sign);
    return ST_OK;
}

#define STEP(f, add, sign)                                                                         \
    static enum status f(struct sql_session *session, void *state, struct sql_value *const *args,  \
        int count, struct err *e)                                                                  \
    {                                                                                              \
        (void)session, (void)count;                                                                \
        return add(state, args[0], sign, e);                                                       \
    }
STEP(vectors_step, add_vector, 1)
STEP(vectors_inverse, add_vector, -1)
STEP(any_step, add_any, 1)
STEP(any_inverse, add_any, -1)
#undef STEP

static enum status give_vector(
    const struct sums *s, double divisor, struct sql_result *out, struct err *e)
{
    float v[LIMIT_VECTOR_DIM];
    for (int i = 0; i < s->dim; i++) {
        v[i] = (float)(s->sum[i] / divisor);
        if (!isfinite(v[i]))
            return err_set(e, ST_INVALID, "a sum of vectors: value out of range: overflow");
    }
    sql_result_vector(out, v, s->dim);
    return ST_OK;
}

static enum status give(const struct sums *s, bool mean, struct sql_result *out, struct err *e)
{
    if (s->vectors > 0 && s->numbers > 0)
        return err_set(e, ST_MISMATCH, "vectors and numbers can't be summed together");
    if (s->vectors > 0) return give_vector(s, mean ? (double)s->vectors : 1, out, e);
    if (s->numbers == 0) return ST_OK;
    if (mean)
        sql_result_double(out, s->real / (double)s->numbers);
    else if (s->overflow)
        return err_set(e, ST_INVALID, "integer overflow");
    else if (s->approximate)
        sql_result_double(out, s->real);
    else
        sql_result_int(out, s->whole);
    return ST_OK;
}

#define GIVE(value_f, final_f, mean)                                                               \
    static enum status value_f(                                                                    \
        struct sql_session *session, void *state, struct sql_result *out, struct err *e)           \
    {                                                                                              \
        (void)session;                                                                             \
        return give(state, mean, out, e);                                                          \
    }                                                                                              \
    static enum status final_f(                                                                    \
        struct sql_session *session, void *state, struct sql_result *out, struct err *e)           \
    {                                                                                              \
        enum status st = out != NULL ? value_f(session, state, out, e) : ST_OK;                    \
        mem_free(((struct sums *)state)->sum);                                                     \
        return st;                                                                                 \
    }
GIVE(sum_value, sum_final, false)
GIVE(avg_value, avg_final, true)
#undef GIVE

// clang-format off
#define SUM(sql_name, step_f, inverse_f, value_f, final_f)                                         \
    {.name = sql_name, .args_min = 1, .args_max = 1, .state_bytes = sizeof(struct sums),           \
        .step = step_f, .final = final_f, .value = value_f, .inverse = inverse_f}
static const struct sql_aggregate AGGREGATES[] = {
    SUM("vector_sum", vectors_step, vectors_inverse, sum_value, sum_final),
    SUM("vector_avg", vectors_step, vectors_inverse, avg_value, avg_final),
    SUM("fovea_sum", any_step, any_inverse, sum_value, sum_final),
    SUM("fovea_avg", any_step, any_inverse, avg_value, avg_final),
};
// clang-format on

const struct function_set FUNCTIONS_PGVECTOR_SUMS = {
    .aggregates = AGGREGATES, .aggregate_count = FUNCTION_COUNT(AGGREGATES)};
