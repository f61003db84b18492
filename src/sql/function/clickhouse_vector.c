/* clickhouse_vector.c - ClickHouse's norms, scalings, further distances and sums of an array.
 * Arrays are vectors; sums are made in double.
 *
 * A zero vector stays zero when it is scaled, where ClickHouse gives NaN: a vector here holds none.
 */
#include <math.h>
#include <string.h>

#include "base/limits.h"
#include "simd/distance.h"
#include "sql/function/function.h"

/* --- norms ------------------------------------------------------------------------------------ */

static double norm_l1(const float *v, int dim, double p)
{
    (void)p;
    double sum = 0;
    for (int i = 0; i < dim; i++) sum += fabs((double)v[i]);
    return sum;
}

static double norm_l2_squared(const float *v, int dim, double p)
{
    (void)p;
    double sum = 0;
    for (int i = 0; i < dim; i++) sum += (double)v[i] * (double)v[i];
    return sum;
}

static double norm_l2(const float *v, int dim, double p)
{
    return sqrt(norm_l2_squared(v, dim, p));
}

static double norm_linf(const float *v, int dim, double p)
{
    (void)p;
    double most = 0;
    for (int i = 0; i < dim; i++) most = fmax(most, fabs((double)v[i]));
    return most;
}

static double norm_lp(const float *v, int dim, double p)
{
    double sum = 0;
    for (int i = 0; i < dim; i++) sum += pow(fabs((double)v[i]), p);
    return pow(sum, 1 / p);
}

/* The p of an L^p norm; 2 where the function has none. */
static enum status take_p(
    struct sql_value *const *args, int at, const char *name, double *p, struct err *e)
{
    *p = sql_value_double(args[at]);
    if (*p >= 1 && isfinite(*p)) return ST_OK;
    return err_set(e, ST_INVALID, "the p of %s must be a number from 1 on, not %g", name, *p);
}

struct norm {
    const char *name;
    double (*of)(const float *v, int dim, double p);
};

static enum status give_norm(const struct norm *n, struct sql_value *const *args, int count,
    struct sql_result *out, struct err *e)
{
    struct vector_arg v;
    double p = 2;
    if (function_any_null(args, count)) return ST_OK;
    enum status st = count > 1 ? take_p(args, 1, n->name, &p, e) : ST_OK;
    if (st != ST_OK) return st;
    st = function_vector(args[0], n->name, &v, e);
    if (st == ST_OK) sql_result_double(out, n->of(v.v, v.dim, p));
    vector_arg_deinit(&v);
    return st;
}

static enum status give_scaled(const struct norm *n, struct sql_value *const *args, int count,
    struct sql_result *out, struct err *e)
{
    struct vector_arg v;
    double p = 2;
    float r[LIMIT_VECTOR_DIM];
    if (function_any_null(args, count)) return ST_OK;
    enum status st = count > 1 ? take_p(args, 1, n->name, &p, e) : ST_OK;
    if (st != ST_OK) return st;
    st = function_vector(args[0], n->name, &v, e);
    double norm = st == ST_OK ? n->of(v.v, v.dim, p) : 0;
    for (int i = 0; st == ST_OK && i < v.dim; i++)
        r[i] = norm > 0 ? (float)((double)v.v[i] / norm) : 0;
    if (st == ST_OK) sql_result_vector(out, r, v.dim);
    vector_arg_deinit(&v);
    return st;
}

#define NORM(f, give, sql_name, function)                                                          \
    FUNCTION_HEAD(f)                                                                               \
    {                                                                                              \
        static const struct norm N = {sql_name "()", function};                                    \
        (void)session;                                                                             \
        return give(&N, args, count, out, e);                                                      \
    }
NORM(call_l1_norm, give_norm, "L1Norm", norm_l1)
NORM(call_l2_norm, give_norm, "L2Norm", norm_l2)
NORM(call_l2_squared_norm, give_norm, "L2SquaredNorm", norm_l2_squared)
NORM(call_linf_norm, give_norm, "LinfNorm", norm_linf)
NORM(call_lp_norm, give_norm, "LpNorm", norm_lp)
NORM(call_l1_normalize, give_scaled, "L1Normalize", norm_l1)
NORM(call_l2_normalize, give_scaled, "L2Normalize", norm_l2)
NORM(call_linf_normalize, give_scaled, "LinfNormalize", norm_linf)
NORM(call_lp_normalize, give_scaled, "LpNormalize", norm_lp)
#undef NORM

/* --- distances -------------------------------------------------------------------------------- */

static double distance_l2_squared(const struct vector_arg v[2], double p)
{
    (void)p;
    return (double)simd_distance_get(cpu_get()->isa)->l2sq(v[0].v, v[1].v, (size_t)v[0].dim);
}

static double distance_lp(const struct vector_arg v[2], double p)
{
    double sum = 0;
    for (int i = 0; i < v[0].dim; i++) sum += pow(fabs((double)v[0].v[i] - (double)v[1].v[i]), p);
    return pow(sum, 1 / p);
}

struct further {
    const char *name;
    double (*of)(const struct vector_arg v[2], double p);
};

static enum status give_distance(const struct further *d, struct sql_value *const *args, int count,
    struct sql_result *out, struct err *e)
{
    struct vector_arg v[2];
    double p = 2;
    if (function_any_null(args, count)) return ST_OK;
    enum status st = count > 2 ? take_p(args, 2, d->name, &p, e) : ST_OK;
    if (st != ST_OK) return st;
    st = function_vectors(args, d->name, v, e);
    if (st == ST_OK) sql_result_double(out, d->of(v, p));
    vector_arg_deinit(&v[0]);
    vector_arg_deinit(&v[1]);
    return st;
}

FUNCTION_HEAD(call_l2_squared_distance)
{
    static const struct further D = {"L2SquaredDistance()", distance_l2_squared};
    (void)session;
    return give_distance(&D, args, count, out, e);
}

FUNCTION_HEAD(call_lp_distance)
{
    static const struct further D = {"LpDistance()", distance_lp};
    (void)session;
    return give_distance(&D, args, count, out, e);
}

/* --- arrays ----------------------------------------------------------------------------------- */

static double array_sum(const float *v, int dim)
{
    double sum = 0;
    for (int i = 0; i < dim; i++) sum += (double)v[i];
    return sum;
}

static double array_avg(const float *v, int dim)
{
    return array_sum(v, dim) / dim;
}

static double array_min(const float *v, int dim)
{
    double least = (double)v[0];
    for (int i = 1; i < dim; i++) least = fmin(least, (double)v[i]);
    return least;
}

static double array_max(const float *v, int dim)
{
    double most = (double)v[0];
    for (int i = 1; i < dim; i++) most = fmax(most, (double)v[i]);
    return most;
}

#define ARRAY(f, sql_name, function)                                                               \
    FUNCTION_HEAD(f)                                                                               \
    {                                                                                              \
        struct vector_arg v;                                                                       \
        (void)session, (void)count;                                                                \
        enum status st = function_vector(args[0], sql_name "()", &v, e);                           \
        if (st == ST_OK && v.v != NULL) sql_result_double(out, function(v.v, v.dim));              \
        vector_arg_deinit(&v);                                                                     \
        return st;                                                                                 \
    }
ARRAY(call_array_sum, "arraySum", array_sum)
ARRAY(call_array_avg, "arrayAvg", array_avg)
ARRAY(call_array_min, "arrayMin", array_min)
ARRAY(call_array_max, "arrayMax", array_max)
#undef ARRAY

/* --- bytes as an array ------------------------------------------------------------------------ */

static enum status give_doubles(
    const unsigned char *data, int64_t bytes, struct sql_result *out, struct err *e)
{
    float v[LIMIT_VECTOR_DIM];
    if (bytes == 0 || bytes % 8 != 0)
        return err_set(e, ST_INVALID, "reinterpret(): %lld bytes are no array of 8-byte floats",
            (long long)bytes);
    if (bytes / 8 > LIMIT_VECTOR_DIM)
        return err_set(e, ST_LIMIT, "reinterpret(): an array of %lld numbers, at most %d",
            (long long)bytes / 8, LIMIT_VECTOR_DIM);
    for (int64_t i = 0; i < bytes / 8; i++) {
        double d;
        memcpy(&d, data + 8 * i, sizeof d);
        v[i] = (float)d;
        if (!isfinite(v[i]))
            return err_set(e, ST_INVALID,
                "reinterpret(): number %lld of the array is not a finite float", (long long)i + 1);
    }
    sql_result_vector(out, v, (int)(bytes / 8));
    return ST_OK;
}

/* The little-endian bytes of the numbers; what a parameter bound as blob brings. */
FUNCTION_HEAD(call_reinterpret)
{
    struct vector_arg v;
    struct function_text type;
    (void)session;
    if (function_any_null(args, count)) return ST_OK;
    enum status st = function_text(args[1], &type, e);
    if (st != ST_OK) return st;
    if (strcmp(type.s, "Array(Float64)") == 0)
        return give_doubles(sql_value_blob(args[0]), sql_value_bytes(args[0]), out, e);
    if (strcmp(type.s, "Array(Float32)") != 0)
        return err_set(e, ST_UNSUPPORTED,
            "reinterpret() makes Array(Float32) or Array(Float64), not %.60s", type.s);
    if (sql_value_type(args[0]) != SQL_BLOB)
        return err_set(
            e, ST_INVALID, "reinterpret() takes the bytes of an array: bind them as blob");
    st = function_vector(args[0], "reinterpret()", &v, e);
    if (st == ST_OK) sql_result_vector(out, v.v, v.dim);
    vector_arg_deinit(&v);
    return st;
}

// clang-format off
static const struct sql_scalar SCALARS[] = {
    FUNCTION("L1Norm", 1, 1, call_l1_norm), FUNCTION("normL1", 1, 1, call_l1_norm),
    FUNCTION("L2Norm", 1, 1, call_l2_norm), FUNCTION("normL2", 1, 1, call_l2_norm),
    FUNCTION("L2SquaredNorm", 1, 1, call_l2_squared_norm),
    FUNCTION("normL2Squared", 1, 1, call_l2_squared_norm),
    FUNCTION("LinfNorm", 1, 1, call_linf_norm), FUNCTION("normLinf", 1, 1, call_linf_norm),
    FUNCTION("LpNorm", 2, 2, call_lp_norm), FUNCTION("normLp", 2, 2, call_lp_norm),
    FUNCTION("L1Normalize", 1, 1, call_l1_normalize),
    FUNCTION("normalizeL1", 1, 1, call_l1_normalize),
    FUNCTION("L2Normalize", 1, 1, call_l2_normalize),
    FUNCTION("normalizeL2", 1, 1, call_l2_normalize),
    FUNCTION("LinfNormalize", 1, 1, call_linf_normalize),
    FUNCTION("normalizeLinf", 1, 1, call_linf_normalize),
    FUNCTION("LpNormalize", 2, 2, call_lp_normalize),
    FUNCTION("normalizeLp", 2, 2, call_lp_normalize),
    FUNCTION("L2SquaredDistance", 2, 2, call_l2_squared_distance),
    FUNCTION("distanceL2Squared", 2, 2, call_l2_squared_distance),
    FUNCTION("LpDistance", 3, 3, call_lp_distance), FUNCTION("distanceLp", 3, 3, call_lp_distance),
    FUNCTION("arraySum", 1, 1, call_array_sum), FUNCTION("arrayAvg", 1, 1, call_array_avg),
    FUNCTION("arrayMin", 1, 1, call_array_min), FUNCTION("arrayMax", 1, 1, call_array_max),
    FUNCTION("reinterpret", 2, 2, call_reinterpret),
};
// clang-format on

const struct function_set FUNCTIONS_CLICKHOUSE_VECTOR = {
    .scalars = SCALARS, .scalar_count = FUNCTION_COUNT(SCALARS)};
