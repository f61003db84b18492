/* clickhouse_convert.c - toInt32(x) and its kin: numbers and text to a kind, in ClickHouse's ways.
 * A fraction is cut off, a number that doesn't fit is wrapped, a text must be a number as a whole;
 * …OrZero and …OrNull take what isn't. UInt64 holds what SQLite's 64 bits with a sign hold.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sql/function/function.h"
#include "table/number.h"

enum wrong { WRONG_FAILS, WRONG_IS_ZERO, WRONG_IS_NULL };

struct kind {
    const char *name; /* "toInt32()" */
    int bits;         /* 0: a float */
    bool has_sign;
    enum wrong wrong;
};

/* What is no number of the kind. */
static enum status give_wrong(
    const struct kind *k, const char *text, struct sql_result *out, struct err *e)
{
    if (k->wrong == WRONG_FAILS)
        return err_set(e, ST_INVALID, "%s: cannot parse \"%.60s\" as a number", k->name, text);
    if (k->wrong == WRONG_IS_ZERO && k->bits > 0)
        sql_result_int(out, 0);
    else if (k->wrong == WRONG_IS_ZERO)
        sql_result_double(out, 0);
    return ST_OK;
}

static int64_t wrapped(const struct kind *k, int64_t n)
{
    if (k->bits == 64) return n;
    int64_t span = INT64_C(1) << k->bits, low = n & (span - 1);
    return k->has_sign && low >= span / 2 ? low - span : low;
}

/* The double that prints as the float does. */
static double as_float32(double d)
{
    char text[40];
    float f = (float)d;
    for (int digits = 6; digits <= 9; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, (double)f);
        if (strtof(text, NULL) == f) break;
    }
    return strtod(text, NULL);
}

static enum status give_real(const struct kind *k, double d, struct sql_result *out, struct err *e)
{
    char text[40];
    if (k->bits == 0) {
        sql_result_double(out, k->has_sign ? d : as_float32(d));
        return ST_OK;
    }
    snprintf(text, sizeof text, "%g", d);
    if (!(d > -9.2233720368547758e18 && d < 9.2233720368547758e18))
        return give_wrong(k, text, out, e);
    sql_result_int(out, wrapped(k, (int64_t)d));
    return ST_OK;
}

static enum status convert(
    const struct kind *k, const struct sql_value *arg, struct sql_result *out, struct err *e)
{
    enum sql_type type = sql_value_type(arg);
    struct function_text t;
    int64_t n;
    double d;
    if (type == SQL_NULL) return ST_OK;
    if (type == SQL_FLOAT) return give_real(k, sql_value_double(arg), out, e);
    if (type == SQL_INTEGER && k->bits == 0) return give_real(k, sql_value_double(arg), out, e);
    if (type == SQL_INTEGER) {
        sql_result_int(out, wrapped(k, sql_value_int(arg)));
        return ST_OK;
    }
    enum status st = function_text(arg, &t, e);
    if (st != ST_OK) return st;
    if (k->bits > 0 && number_int(t.s, t.bytes, &n)) {
        sql_result_int(out, wrapped(k, n));
        return ST_OK;
    }
    if (k->bits == 0 && number_real(t.s, t.bytes, &d)) return give_real(k, d, out, e);
    return give_wrong(k, t.s, out, e);
}

/* X(function, name, bits, has a sign); a float's sign column says whether it is a Float64. */
#define KINDS(X)                                                                                   \
    X(int8, "toInt8", 8, true)                                                                     \
    X(int16, "toInt16", 16, true)                                                                  \
    X(int32, "toInt32", 32, true)                                                                  \
    X(int64, "toInt64", 64, true)                                                                  \
    X(uint8, "toUInt8", 8, false)                                                                  \
    X(uint16, "toUInt16", 16, false)                                                               \
    X(uint32, "toUInt32", 32, false)                                                               \
    X(uint64, "toUInt64", 64, false)                                                               \
    X(float32, "toFloat32", 0, false)                                                              \
    X(float64, "toFloat64", 0, true)

#define CALL(f, sql_name, b, s, suffix, otherwise)                                                 \
    FUNCTION_HEAD(f)                                                                               \
    {                                                                                              \
        static const struct kind K = {sql_name suffix "()", b, s, otherwise};                      \
        (void)session, (void)count;                                                                \
        return convert(&K, args[0], out, e);                                                       \
    }
#define CALLS(id, sql_name, b, s)                                                                  \
    CALL(call_##id, sql_name, b, s, "", WRONG_FAILS)                                               \
    CALL(call_##id##_zero, sql_name, b, s, "OrZero", WRONG_IS_ZERO)                                \
    CALL(call_##id##_null, sql_name, b, s, "OrNull", WRONG_IS_NULL)
KINDS(CALLS)

/* A vector as text, anything else as SQLite's text. */
FUNCTION_HEAD(call_to_string)
{
    (void)session, (void)count;
    struct buf text;
    struct function_text t;
    if (sql_value_type(args[0]) == SQL_NULL) return ST_OK;
    buf_init(&text);
    enum status st = ST_OK;
    if (sql_value_type(args[0]) == SQL_BLOB &&
        sqlite3_value_subtype((sqlite3_value *)args[0]) == SQL_SUBTYPE_VECTOR) {
        st = function_add_json(&text, args[0], e);
    } else {
        st = function_text(args[0], &t, e);
        if (st == ST_OK) buf_add(&text, t.s, t.bytes);
    }
    if (st == ST_OK) return function_finish(out, &text, e);
    buf_deinit(&text);
    return st;
}

FUNCTION_HEAD(call_type_name)
{
    static const char *const NAMES[] = {[SQL_NULL] = "Nullable(Nothing)",
        [SQL_INTEGER] = "Int64",
        [SQL_FLOAT] = "Float64",
        [SQL_TEXT] = "String",
        [SQL_BLOB] = "String",
        [SQL_VECTOR] = "Array(Float32)"};
    (void)session, (void)count, (void)e;
    enum sql_type type = sql_value_type(args[0]);
    bool vector =
        type == SQL_BLOB && sqlite3_value_subtype((sqlite3_value *)args[0]) == SQL_SUBTYPE_VECTOR;
    sql_result_text(out, NAMES[vector ? SQL_VECTOR : type], -1);
    return ST_OK;
}

#define ROWS(id, sql_name, b, s)                                                                   \
    FUNCTION(sql_name, 1, 1, call_##id), FUNCTION(sql_name "OrZero", 1, 1, call_##id##_zero),      \
        FUNCTION(sql_name "OrNull", 1, 1, call_##id##_null),
static const struct sql_scalar SCALARS[] = {
    KINDS(ROWS) FUNCTION("toString", 1, 1, call_to_string),
    FUNCTION("toTypeName", 1, 1, call_type_name),
};

const struct function_set FUNCTIONS_CLICKHOUSE_CONVERT = {
    .scalars = SCALARS, .scalar_count = FUNCTION_COUNT(SCALARS)};
