/* vector_arithmetic.c - what + - * / of vectors are written as: vector_combine('+-', a, b, c) is
 * a + b - c; vector_multiply and vector_divide are of a vector and a number, or number by number of
 * two vectors.
 */
#include <math.h>
#include <string.h>

#include "base/limits.h"
#include "sql/function/function.h"

static bool is_number(const struct sql_value *v)
{
    enum sql_type type = sql_value_type(v);
    return type == SQL_INTEGER || type == SQL_FLOAT;
}

static enum status give(
    struct sql_result *out, const float *v, int dim, const char *name, struct err *e)
{
    for (int i = 0; i < dim; i++)
        if (!isfinite(v[i]))
            return err_set(e, ST_INVALID, "%s: the result's number %d is none", name, i + 1);
    sql_result_vector(out, v, dim);
    return ST_OK;
}

static enum status scale(const struct sql_value *vector, double by, const char *name,
    struct sql_result *out, struct err *e)
{
    struct vector_arg v;
    float r[LIMIT_VECTOR_DIM];
    enum status st = function_vector(vector, name, &v, e);
    for (int i = 0; st == ST_OK && v.v != NULL && i < v.dim; i++)
        r[i] = (float)((double)v.v[i] * by);
    if (st == ST_OK && v.v != NULL) st = give(out, r, v.dim, name, e);
    vector_arg_deinit(&v);
    return st;
}

static enum status combine(struct sql_value *const *args, bool divide, const char *name,
    struct sql_result *out, struct err *e)
{
    struct vector_arg v[2];
    float r[LIMIT_VECTOR_DIM];
    enum status st = function_vectors(args, name, v, e);
    bool both = st == ST_OK && v[0].v != NULL && v[1].v != NULL;
    for (int i = 0; both && i < v[0].dim; i++)
        r[i] = divide ? v[0].v[i] / v[1].v[i] : v[0].v[i] * v[1].v[i];
    if (both) st = give(out, r, v[0].dim, name, e);
    vector_arg_deinit(&v[0]);
    vector_arg_deinit(&v[1]);
    return st;
}

static enum status add(const struct sql_value *arg, float sign, float *sum, int *dim, struct err *e)
{
    struct vector_arg v;
    enum status st = function_vector(arg, "a sum of vectors", &v, e);
    if (st == ST_OK && *dim >= 0 && v.dim != *dim)
        st = err_set(e, ST_MISMATCH, "a sum of vectors of %d and %d dimensions", *dim, v.dim);
    for (int i = 0; st == ST_OK && i < v.dim; i++)
        sum[i] = *dim < 0 ? v.v[i] : sum[i] + sign * v.v[i];
    *dim = v.dim;
    vector_arg_deinit(&v);
    return st;
}

FUNCTION_HEAD(call_combine)
{
    (void)session;
    const char *signs = sql_value_text(args[0]);
    float sum[LIMIT_VECTOR_DIM];
    int dim = -1;
    if (function_any_null(args, count)) return ST_OK;
    if ((int)strlen(signs) != count - 2)
        return err_set(e, ST_INVALID, "vector_combine() takes a sign between each two vectors");
    enum status st = add(args[1], 1, sum, &dim, e);
    for (int i = 2; st == ST_OK && i < count; i++)
        st = add(args[i], signs[i - 2] == '-' ? -1.0f : 1.0f, sum, &dim, e);
    return st == ST_OK ? give(out, sum, dim, "a sum of vectors", e) : st;
}

FUNCTION_HEAD(call_multiply)
{
    (void)session;
    static const char NAME[] = "vector_multiply()";
    if (function_any_null(args, count)) return ST_OK;
    if (is_number(args[0])) return scale(args[1], sql_value_double(args[0]), NAME, out, e);
    if (is_number(args[1])) return scale(args[0], sql_value_double(args[1]), NAME, out, e);
    return combine(args, false, NAME, out, e);
}

FUNCTION_HEAD(call_divide)
{
    (void)session;
    static const char NAME[] = "vector_divide()";
    if (function_any_null(args, count)) return ST_OK;
    if (!is_number(args[1])) return combine(args, true, NAME, out, e);
    double by = sql_value_double(args[1]);
    if (by == 0) return err_set(e, ST_INVALID, "vector_divide(): division by zero");
    return scale(args[0], 1 / by, NAME, out, e);
}

static const struct sql_scalar SCALARS[] = {
    FUNCTION("vector_combine", 3, LIMIT_SQL_DEPTH + 2, call_combine),
    FUNCTION("vector_multiply", 2, 2, call_multiply),
    FUNCTION("vector_divide", 2, 2, call_divide),
};

const struct function_set FUNCTIONS_VECTOR_ARITHMETIC = {
    .scalars = SCALARS, .scalar_count = FUNCTION_COUNT(SCALARS)};
