/* pgvector.c - pgvector's functions of vectors: parts, arithmetic, casts; halfvec, whose numbers
 * are those that half precision has, kept as f32 like every vector here.
 *
 * What passes f32's range is an error.
 */
#include <math.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "sql/function/sparse.h"

/* --- numbers of a vector ---------------------------------------------------------------------- */

static double norm_of(const struct vector_arg *v)
{
    double sum = 0;
    for (int i = 0; i < v->dim; i++) sum += (double)v->v[i] * (double)v->v[i];
    return sqrt(sum);
}

FUNCTION_HEAD(call_vector_dims)
{
    (void)session, (void)count;
    struct vector_arg v;
    enum status st = function_vector(args[0], "vector_dims()", &v, e);
    if (st == ST_OK && v.v != NULL) sql_result_int(out, v.dim);
    vector_arg_deinit(&v);
    return st;
}

FUNCTION_HEAD(call_vector_norm)
{
    (void)session, (void)count;
    struct vector_arg v;
    if (sparse_is(args[0])) {
        struct sparse *s;
        enum status st = sparse_take(args[0], "l2_norm()", &s, e);
        if (st == ST_OK) sql_result_double(out, sparse_norm(s));
        mem_free(s);
        return st;
    }
    enum status st = function_vector(args[0], "vector_norm()", &v, e);
    if (st == ST_OK && v.v != NULL) sql_result_double(out, norm_of(&v));
    vector_arg_deinit(&v);
    return st;
}

static enum status normalize_sparse(
    const struct sql_value *arg, struct sql_result *out, struct err *e)
{
    struct sparse *s;
    struct buf text;
    enum status st = sparse_take(arg, "l2_normalize()", &s, e);
    if (st != ST_OK) return st;
    double norm = sparse_norm(s);
    for (int i = 0; i < s->count && norm > 0; i++)
        s->numbers[i].value = (float)((double)s->numbers[i].value / norm);
    buf_init(&text);
    sparse_print(s, &text);
    mem_free(s);
    return function_finish(out, &text, e);
}

/* A zero vector stays zero. */
FUNCTION_HEAD(call_l2_normalize)
{
    (void)session, (void)count;
    struct vector_arg v;
    if (sparse_is(args[0])) return normalize_sparse(args[0], out, e);
    enum status st = function_vector(args[0], "l2_normalize()", &v, e);
    if (st == ST_OK && v.v != NULL) {
        float unit[LIMIT_VECTOR_DIM];
        double norm = norm_of(&v);
        for (int i = 0; i < v.dim; i++) unit[i] = norm > 0 ? (float)((double)v.v[i] / norm) : 0;
        sql_result_vector(out, unit, v.dim);
    }
    vector_arg_deinit(&v);
    return st;
}

/* From 1 on; what lies outside is left out. */
FUNCTION_HEAD(call_subvector)
{
    (void)session;
    struct vector_arg v;
    int64_t start, length;
    if (function_any_null(args, count)) return ST_OK;
    enum status st = function_int(args[1], "subvector()", &start, e);
    if (st == ST_OK) st = function_int(args[2], "subvector()", &length, e);
    if (st != ST_OK) return st;
    st = function_vector(args[0], "subvector()", &v, e);
    if (st == ST_OK) {
        int64_t first = start < 1 ? 1 : start, end;
        if (__builtin_add_overflow(start, length, &end) || end > v.dim + 1) end = v.dim + 1;
        if (length < 1 || first >= end)
            st = err_set(e, ST_INVALID, "subvector(): a vector has at least 1 dimension");
        else
            sql_result_vector(out, v.v + first - 1, (int)(end - first));
    }
    vector_arg_deinit(&v);
    return st;
}

/* --- arithmetic ------------------------------------------------------------------------------- */

static enum status give_finite(
    struct sql_result *out, const float *v, int dim, const char *name, struct err *e)
{
    for (int i = 0; i < dim; i++)
        if (!isfinite(v[i]))
            return err_set(e, ST_INVALID, "%s: value out of range: overflow", name);
    sql_result_vector(out, v, dim);
    return ST_OK;
}

#define ARITHMETIC(f, name, expression)                                                            \
    FUNCTION_HEAD(f)                                                                               \
    {                                                                                              \
        (void)session, (void)count;                                                                \
        struct vector_arg v[2];                                                                    \
        float r[LIMIT_VECTOR_DIM];                                                                 \
        enum status st = function_vectors(args, name "()", v, e);                                  \
        bool both = st == ST_OK && v[0].v != NULL && v[1].v != NULL;                               \
        for (int i = 0; both && i < v[0].dim; i++) {                                               \
            float a = v[0].v[i], b = v[1].v[i];                                                    \
            r[i] = (expression);                                                                   \
        }                                                                                          \
        if (both) st = give_finite(out, r, v[0].dim, name "()", e);                                \
        vector_arg_deinit(&v[0]);                                                                  \
        vector_arg_deinit(&v[1]);                                                                  \
        return st;                                                                                 \
    }
ARITHMETIC(call_vector_add, "vector_add", a + b)
ARITHMETIC(call_vector_sub, "vector_sub", a - b)
ARITHMETIC(call_vector_mul, "vector_mul", a *b)
#undef ARITHMETIC

FUNCTION_HEAD(call_vector_concat)
{
    (void)session;
    struct vector_arg a, b = {0};
    float r[2 * LIMIT_VECTOR_DIM];
    if (function_any_null(args, count)) return ST_OK;
    enum status st = function_vector(args[0], "vector_concat()", &a, e);
    if (st == ST_OK) st = function_vector(args[1], "vector_concat()", &b, e);
    if (st == ST_OK && a.dim + b.dim > LIMIT_VECTOR_DIM)
        st = err_set(e, ST_LIMIT, "vector_concat(): a vector of %d dimensions, at most %d",
            a.dim + b.dim, LIMIT_VECTOR_DIM);
    if (st == ST_OK) {
        memcpy(r, a.v, (size_t)a.dim * sizeof *r);
        memcpy(r + a.dim, b.v, (size_t)b.dim * sizeof *r);
        sql_result_vector(out, r, a.dim + b.dim);
    }
    vector_arg_deinit(&a);
    vector_arg_deinit(&b);
    return st;
}

/* --- casts ------------------------------------------------------------------------------------ */

/* The half nearest to x, ties to even; infinity beyond the largest (65504). */
static float round_to_half(float x)
{
    int exponent;
    if (x == 0 || !isfinite(x)) return x;
    frexp((double)x, &exponent);
    int unit = (exponent > -13 ? exponent : -13) - 11; /* 11 digits; below 2^-14 steps of 2^-24 */
    double r = ldexp(nearbyint(ldexp((double)x, -unit)), unit);
    return fabs(r) > 65504 ? (float)copysign(INFINITY, r) : (float)r;
}

/* PostgreSQL's {1,2,3} becomes [1,2,3]; anything else stays. */
static enum status take_any(
    const struct sql_value *arg, const char *name, struct vector_arg *v, struct err *e)
{
    struct function_text t;
    *v = (struct vector_arg){0};
    if (sql_value_type(arg) != SQL_TEXT) return function_vector(arg, name, v, e);
    enum status st = function_text(arg, &t, e);
    if (st != ST_OK) return st;
    if (t.bytes < 2 || t.s[0] != '{' || t.s[t.bytes - 1] != '}')
        return function_vector(arg, name, v, e);
    char *copy = mem_strndup(t.s, t.bytes);
    v->owned = mem_alloc(LIMIT_VECTOR_DIM * sizeof(float));
    if (copy == NULL || v->owned == NULL) {
        mem_free(copy);
        return mem_err(e, t.bytes);
    }
    copy[0] = '[';
    copy[t.bytes - 1] = ']';
    v->v = v->owned;
    st = vector_parse(copy, t.bytes, v->owned, &v->dim, e);
    mem_free(copy);
    return st;
}

static enum status check_dimensions(
    struct sql_value *const *args, int count, const struct vector_arg *v, struct err *e)
{
    int64_t wanted = count > 1 ? sql_value_int(args[1]) : v->dim;
    if (count > 1 && (wanted < 1 || wanted > LIMIT_VECTOR_DIM))
        return err_set(e, ST_LIMIT, "dimensions for a vector must lie between 1 and %d, not %lld",
            LIMIT_VECTOR_DIM, (long long)wanted);
    if (v->v == NULL || wanted == v->dim) return ST_OK;
    return err_set(e, ST_MISMATCH, "expected %lld dimensions, not %d", (long long)wanted, v->dim);
}

/* vector(x[, dimensions]): a text, blob or array as a vector of that many dimensions. */
/* All numbers of a sparsevec. */
static enum status take_sparse(const struct sql_value *arg, struct vector_arg *v, struct err *e)
{
    struct sparse *s;
    *v = (struct vector_arg){0};
    enum status st = sparse_take(arg, "vector()", &s, e);
    if (st != ST_OK) return st;
    if (s->dim > LIMIT_VECTOR_DIM)
        st = err_set(e, ST_LIMIT, "a vector has at most %d dimensions, the sparsevec %d",
            LIMIT_VECTOR_DIM, s->dim);
    if (st == ST_OK) v->owned = mem_zalloc((size_t)s->dim, sizeof *v->owned);
    if (st == ST_OK && v->owned == NULL) st = mem_err(e, (size_t)s->dim * sizeof *v->owned);
    if (st == ST_OK) {
        for (int i = 0; i < s->count; i++) v->owned[s->numbers[i].at - 1] = s->numbers[i].value;
        v->v = v->owned;
        v->dim = s->dim;
    }
    mem_free(s);
    return st;
}

FUNCTION_HEAD(call_vector)
{
    (void)session;
    struct vector_arg v;
    enum status st =
        sparse_is(args[0]) ? take_sparse(args[0], &v, e) : take_any(args[0], "vector()", &v, e);
    if (st == ST_OK) st = check_dimensions(args, count, &v, e);
    if (st == ST_OK && v.v != NULL) sql_result_vector(out, v.v, v.dim);
    vector_arg_deinit(&v);
    return st;
}

FUNCTION_HEAD(call_halfvec)
{
    (void)session;
    struct vector_arg v;
    float r[LIMIT_VECTOR_DIM];
    enum status st = take_any(args[0], "halfvec()", &v, e);
    if (st == ST_OK) st = check_dimensions(args, count, &v, e);
    for (int i = 0; st == ST_OK && i < v.dim; i++) {
        r[i] = round_to_half(v.v[i]);
        if (!isfinite(r[i]))
            st = err_set(e, ST_INVALID, "%g is out of range for type halfvec", (double)v.v[i]);
    }
    if (st == ST_OK && v.v != NULL) sql_result_vector(out, r, v.dim);
    vector_arg_deinit(&v);
    return st;
}

FUNCTION_HEAD(call_vector_text)
{
    (void)session, (void)count;
    struct vector_arg v;
    struct buf text;
    buf_init(&text);
    enum status st = function_vector(args[0], "vector_text()", &v, e);
    if (st == ST_OK && v.v != NULL) {
        vector_print(v.v, v.dim, &text);
        st = function_finish(out, &text, e);
    }
    buf_deinit(&text);
    vector_arg_deinit(&v);
    return st;
}

// clang-format off
static const struct sql_scalar SCALARS[] = {
    FUNCTION("vector_dims", 1, 1, call_vector_dims),
    FUNCTION("vector_norm", 1, 1, call_vector_norm),
    FUNCTION("l2_norm", 1, 1, call_vector_norm),
    FUNCTION("l2_normalize", 1, 1, call_l2_normalize),
    FUNCTION("subvector", 3, 3, call_subvector),
    FUNCTION("vector_add", 2, 2, call_vector_add),
    FUNCTION("vector_sub", 2, 2, call_vector_sub),
    FUNCTION("vector_mul", 2, 2, call_vector_mul),
    FUNCTION("vector_concat", 2, 2, call_vector_concat),
    FUNCTION("vector", 1, 2, call_vector),
    FUNCTION("halfvec", 1, 2, call_halfvec),
    FUNCTION("vector_text", 1, 1, call_vector_text),
};
// clang-format on

const struct function_set FUNCTIONS_PGVECTOR = {
    .scalars = SCALARS, .scalar_count = FUNCTION_COUNT(SCALARS)};
