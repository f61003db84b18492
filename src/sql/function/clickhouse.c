/* clickhouse.c - ClickHouse's functions of text and choice, and those that say where one is.
 * Positions and lengths count bytes where ClickHouse counts bytes; the …UTF8 forms count
 * characters. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "sql/function/function.h"

/* --- text ------------------------------------------------------------------------------------- */

static enum status take_texts(
    struct sql_value *const *args, struct function_text t[2], struct err *e)
{
    enum status st = function_text(args[0], &t[0], e);
    return st == ST_OK ? function_text(args[1], &t[1], e) : st;
}

FUNCTION_HEAD(call_starts_with)
{
    struct function_text t[2];
    (void)session;
    if (function_any_null(args, count)) return ST_OK;
    enum status st = take_texts(args, t, e);
    if (st == ST_OK)
        sql_result_int(out, t[1].bytes <= t[0].bytes && memcmp(t[0].s, t[1].s, t[1].bytes) == 0);
    return st;
}

FUNCTION_HEAD(call_ends_with)
{
    struct function_text t[2];
    (void)session;
    if (function_any_null(args, count)) return ST_OK;
    enum status st = take_texts(args, t, e);
    if (st == ST_OK)
        sql_result_int(out,
            t[1].bytes <= t[0].bytes &&
                memcmp(t[0].s + t[0].bytes - t[1].bytes, t[1].s, t[1].bytes) == 0);
    return st;
}

static size_t characters(const char *s, size_t bytes)
{
    size_t n = 0;
    uint32_t cp;
    for (const char *end = s + bytes; s < end; n++) s += utf8_next(s, end, &cp);
    return n;
}

static size_t byte_of(const struct function_text *t, int64_t character)
{
    const char *s = t->s, *end = t->s + t->bytes;
    uint32_t cp;
    while (s < end && --character > 0) s += utf8_next(s, end, &cp);
    return (size_t)(s - t->s);
}

/* From 1 on; 0: it isn't there. A third argument says from where on. */
static enum status position(
    struct sql_value *const *args, int count, bool utf8, struct sql_result *out, struct err *e)
{
    struct function_text t[2];
    if (function_any_null(args, count)) return ST_OK;
    enum status st = take_texts(args, t, e);
    if (st != ST_OK) return st;
    int64_t from = count > 2 ? sql_value_int(args[2]) : 1;
    if (from < 1) from = 1;
    size_t start = utf8 ? byte_of(&t[0], from) : (size_t)(from - 1);
    if (start > t[0].bytes) start = t[0].bytes;
    const char *found = memmem(t[0].s + start, t[0].bytes - start, t[1].s, t[1].bytes);
    if (found == NULL)
        sql_result_int(out, 0);
    else if (utf8)
        sql_result_int(out, (int64_t)characters(t[0].s, (size_t)(found - t[0].s)) + 1);
    else
        sql_result_int(out, found - t[0].s + 1);
    return ST_OK;
}

FUNCTION_HEAD(call_position)
{
    (void)session;
    return position(args, count, false, out, e);
}

FUNCTION_HEAD(call_position_utf8)
{
    (void)session;
    return position(args, count, true, out, e);
}

static enum status change_case(struct sql_value *const *args,
    void (*change)(const char *, size_t, struct buf *), struct sql_result *out, struct err *e)
{
    struct function_text t;
    struct buf text;
    if (sql_value_type(args[0]) == SQL_NULL) return ST_OK;
    enum status st = function_text(args[0], &t, e);
    if (st != ST_OK) return st;
    buf_init(&text);
    change(t.s, t.bytes, &text);
    return function_finish(out, &text, e);
}

FUNCTION_HEAD(call_lower_utf8)
{
    (void)session, (void)count;
    return change_case(args, utf8_lower, out, e);
}

FUNCTION_HEAD(call_upper_utf8)
{
    (void)session, (void)count;
    return change_case(args, utf8_upper, out, e);
}

FUNCTION_HEAD(call_length_utf8)
{
    struct function_text t;
    (void)session;
    if (function_any_null(args, count)) return ST_OK;
    enum status st = function_text(args[0], &t, e);
    if (st == ST_OK) sql_result_int(out, (int64_t)characters(t.s, t.bytes));
    return st;
}

FUNCTION_HEAD(call_empty)
{
    (void)session, (void)e;
    if (!function_any_null(args, count)) sql_result_int(out, sql_value_bytes(args[0]) == 0);
    return ST_OK;
}

FUNCTION_HEAD(call_not_empty)
{
    (void)session, (void)e;
    if (!function_any_null(args, count)) sql_result_int(out, sql_value_bytes(args[0]) > 0);
    return ST_OK;
}

/* --- choice ----------------------------------------------------------------------------------- */

static bool is_true(const struct sql_value *v)
{
    return sql_value_type(v) != SQL_NULL && sql_value_double(v) != 0;
}

/* if(c, a, b) and multiIf(c, a, c, a, …, b) */
FUNCTION_HEAD(call_multi_if)
{
    (void)session;
    if (count % 2 == 0)
        return err_set(
            e, ST_INVALID, "multiIf() takes pairs of a condition and a value, and a last value");
    int i = 0;
    while (i + 1 < count && !is_true(args[i])) i += 2;
    function_result(out, args[i + 1 < count ? i + 1 : count - 1]);
    return ST_OK;
}

/* Of those that aren't NULL. */
static void extreme(struct sql_value *const *args, int count, int sign, struct sql_result *out)
{
    const struct sql_value *best = NULL;
    for (int i = 0; i < count; i++)
        if (sql_value_type(args[i]) != SQL_NULL &&
            (best == NULL || sign * function_compare(args[i], best) > 0))
            best = args[i];
    if (best != NULL) function_result(out, best);
}

FUNCTION_HEAD(call_greatest)
{
    (void)session, (void)e;
    extreme(args, count, 1, out);
    return ST_OK;
}

FUNCTION_HEAD(call_least)
{
    (void)session, (void)e;
    extreme(args, count, -1, out);
    return ST_OK;
}

/* --- where one is ----------------------------------------------------------------------------- */

FUNCTION_HEAD(call_timezone)
{
    (void)session, (void)args, (void)count, (void)e;
    sql_result_text(out, "UTC", -1);
    return ST_OK;
}

FUNCTION_HEAD(call_main)
{
    (void)session, (void)args, (void)count, (void)e;
    sql_result_text(out, "main", -1);
    return ST_OK;
}

FUNCTION_HEAD(call_rand)
{
    uint32_t n;
    (void)session, (void)args, (void)count, (void)e;
    sqlite3_randomness(sizeof n, &n);
    sql_result_int(out, n);
    return ST_OK;
}

/* --- figures for people ----------------------------------------------------------------------- */

static enum status readable(struct sql_value *const *args, double base, const char *const *units,
    struct sql_result *out, struct err *e)
{
    char text[64];
    (void)e;
    if (sql_value_type(args[0]) == SQL_NULL) return ST_OK;
    double n = sql_value_double(args[0]);
    int i = 0;
    for (; fabs(n) >= base && units[i + 1] != NULL; i++) n /= base;
    snprintf(text, sizeof text, "%.2f%s%s", n, units[i][0] != '\0' ? " " : "", units[i]);
    sql_result_text(out, text, -1);
    return ST_OK;
}

FUNCTION_HEAD(call_readable_size)
{
    static const char *const UNITS[] = {
        "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB", NULL};
    (void)session, (void)count;
    return readable(args, 1024, UNITS, out, e);
}

FUNCTION_HEAD(call_readable_decimal)
{
    static const char *const UNITS[] = {"B", "KB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB", NULL};
    (void)session, (void)count;
    return readable(args, 1000, UNITS, out, e);
}

FUNCTION_HEAD(call_readable_quantity)
{
    static const char *const UNITS[] = {
        "", "thousand", "million", "billion", "trillion", "quadrillion", NULL};
    (void)session, (void)count;
    return readable(args, 1000, UNITS, out, e);
}

// clang-format off
static const struct sql_scalar SCALARS[] = {
    FUNCTION("startsWith", 2, 2, call_starts_with), FUNCTION("starts_with", 2, 2, call_starts_with),
    FUNCTION("endsWith", 2, 2, call_ends_with),
    FUNCTION("position", 2, 3, call_position), FUNCTION("locate", 2, 3, call_position),
    FUNCTION("positionUTF8", 2, 3, call_position_utf8),
    FUNCTION("strpos", 2, 2, call_position_utf8),
    FUNCTION("lowerUTF8", 1, 1, call_lower_utf8), FUNCTION("upperUTF8", 1, 1, call_upper_utf8),
    FUNCTION("lengthUTF8", 1, 1, call_length_utf8), FUNCTION("char_length", 1, 1, call_length_utf8),
    FUNCTION("character_length", 1, 1, call_length_utf8),
    FUNCTION("empty", 1, 1, call_empty), FUNCTION("notEmpty", 1, 1, call_not_empty),
    {.name = "if", .args_min = 3, .args_max = 3, .deterministic = true, .call = call_multi_if,
        .yields = true},
    FUNCTION("multiIf", 3, 127, call_multi_if),
    FUNCTION("greatest", 1, 127, call_greatest), FUNCTION("least", 1, 127, call_least),
    FUNCTION("timezone", 0, 0, call_timezone), FUNCTION("currentDatabase", 0, 0, call_main),
    FUNCTION("current_schema", 0, 0, call_main),
    {.name = "rand", .call = call_rand}, {.name = "rand32", .call = call_rand},
    FUNCTION("formatReadableSize", 1, 1, call_readable_size),
    FUNCTION("formatReadableDecimalSize", 1, 1, call_readable_decimal),
    FUNCTION("formatReadableQuantity", 1, 1, call_readable_quantity),
};
// clang-format on

const struct function_set FUNCTIONS_CLICKHOUSE = {
    .scalars = SCALARS, .scalar_count = FUNCTION_COUNT(SCALARS)};
