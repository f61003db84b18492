/* postgres.c - PostgreSQL's remaining functions: what kind a value is, UUIDs, ILIKE, casts
 * of its types, and where one is.
 *
 * A cast of text to a number takes a number as a whole, as
 * PostgreSQL does; what SQLite's CAST would cut off is an error.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "sql/function/function.h"
#include "table/number.h"

/* --- what and where --------------------------------------------------------------------------- */

static bool is_vector(const struct sql_value *v)
{
    return sql_value_type(v) == SQL_BLOB &&
        sqlite3_value_subtype((sqlite3_value *)(uintptr_t)v) == SQL_SUBTYPE_VECTOR;
}

FUNCTION_HEAD(call_typeof)
{
    static const char *const NAMES[] = {[SQL_NULL] = "unknown",
        [SQL_INTEGER] = "bigint",
        [SQL_FLOAT] = "double precision",
        [SQL_TEXT] = "text",
        [SQL_BLOB] = "bytea",
        [SQL_VECTOR] = "vector"};
    (void)session, (void)count, (void)e;
    sql_result_text(out, NAMES[is_vector(args[0]) ? SQL_VECTOR : sql_value_type(args[0])], -1);
    return ST_OK;
}

/* What these two say of what is known to be a vector when the statement is prepared. */
FUNCTION_HEAD(call_vector_type)
{
    (void)session, (void)args, (void)count, (void)e;
    sql_result_text(out, "vector", -1);
    return ST_OK;
}

FUNCTION_HEAD(call_array_type)
{
    (void)session, (void)args, (void)count, (void)e;
    sql_result_text(out, "Array(Float32)", -1);
    return ST_OK;
}

/* SQLite's length(), and the dimensions of what comes marked as a vector. */
FUNCTION_HEAD(call_length)
{
    struct function_text t;
    (void)session;
    if (function_any_null(args, count)) return ST_OK;
    if (sql_value_type(args[0]) == SQL_BLOB) {
        sql_result_int(out, sql_value_bytes(args[0]) / (is_vector(args[0]) ? 4 : 1));
        return ST_OK;
    }
    enum status st = function_text(args[0], &t, e);
    int64_t n = 0;
    for (const char *s = t.s; st == ST_OK && *s != '\0'; s++)
        n += ((unsigned char)*s & 0xc0) != 0x80;
    if (st == ST_OK) sql_result_int(out, n);
    return st;
}

FUNCTION_HEAD(call_version)
{
    (void)session, (void)args, (void)count, (void)e;
    char text[80];
    snprintf(text, sizeof text, "Fovea on SQLite %s", sqlite3_libversion());
    sql_result_text(out, text, -1);
    return ST_OK;
}

/* The file's name without its folder and ending. */
FUNCTION_HEAD(call_database)
{
    (void)args, (void)count, (void)e;
    const char *path = sqlite3_db_filename(session->db, "main");
    const char *slash = path != NULL ? strrchr(path, '/') : NULL;
    const char *name = slash != NULL ? slash + 1 : path != NULL ? path : "";
    const char *dot = strrchr(name, '.');
    if (name[0] == '\0')
        sql_result_text(out, "main", -1);
    else
        sql_result_text(out, name, dot != NULL && dot > name ? dot - name : -1);
    return ST_OK;
}

FUNCTION_HEAD(call_uuid)
{
    unsigned char b[16];
    char text[40];
    (void)session, (void)args, (void)count, (void)e;
    sqlite3_randomness(sizeof b, b);
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x40); /* RFC 9562, version 4 */
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    int n = 0;
    for (int i = 0; i < 16; i++)
        n += snprintf(text + n, sizeof text - (size_t)n, "%s%02x",
            i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", b[i]);
    sql_result_text(out, text, n);
    return ST_OK;
}

/* --- ILIKE ------------------------------------------------------------------------------------ */

/* % and _ as in LIKE; the last % that was met is where a mismatch goes on from, so time is at worst
 * the product of the lengths. */
struct like {
    const char *p, *p_end, *s, *s_end;
    uint32_t escape; /* 0: none */
};

static bool one_matches(struct like *l)
{
    uint32_t pattern, c;
    const char *p = l->p;
    if (p == l->p_end || l->s == l->s_end) return false;
    p += utf8_next(p, l->p_end, &pattern);
    size_t n = utf8_next(l->s, l->s_end, &c);
    bool any = pattern == '_' && pattern != l->escape;
    if (pattern == l->escape && l->escape != 0) {
        if (p == l->p_end) return false;
        p += utf8_next(p, l->p_end, &pattern);
    }
    if (!any && utf8_fold(pattern) != utf8_fold(c)) return false;
    l->p = p;
    l->s += n;
    return true;
}

static bool matches(struct like l)
{
    struct like back = {0};
    uint32_t cp;
    for (;;) {
        if (l.p < l.p_end && *l.p == '%' && l.escape != '%') {
            l.p++;
            back = l;
        } else if (l.p == l.p_end && l.s == l.s_end) {
            return true;
        } else if (!one_matches(&l)) {
            if (back.p == NULL || back.s == back.s_end) return false;
            back.s += utf8_next(back.s, back.s_end, &cp);
            l = back;
        }
    }
}

/* fovea_ilike(text, pattern[, escape]); PostgreSQL's escape is a backslash. */
FUNCTION_HEAD(call_ilike)
{
    struct function_text t, p, escape = {"\\", 1};
    uint32_t cp = 0;
    if (function_any_null(args, count)) return ST_OK;
    enum status st = function_text(args[0], &t, e);
    if (st == ST_OK) st = function_text(args[1], &p, e);
    if (st == ST_OK && count > 2) st = function_text(args[2], &escape, e);
    if (st != ST_OK) return st;
    if (p.bytes > (size_t)sqlite3_limit(session->db, SQLITE_LIMIT_LIKE_PATTERN_LENGTH, -1))
        return err_set(e, ST_LIMIT, "ILIKE pattern too complex: %zu bytes", p.bytes);
    if (escape.bytes > 0 && utf8_next(escape.s, escape.s + escape.bytes, &cp) != escape.bytes)
        return err_set(e, ST_INVALID, "ESCAPE expression must be a single character");
    sql_result_int(out, matches((struct like){p.s, p.s + p.bytes, t.s, t.s + t.bytes, cp}));
    return ST_OK;
}

/* --- casts ------------------------------------------------------------------------------------ */

static enum status no_input(
    const struct sql_value *v, const char *type, const char *why, struct err *e)
{
    const char *text = sql_value_text(v);
    return err_set(e, ST_INVALID, "%s %s: \"%.60s\"", why, type, text != NULL ? text : "");
}

/* Blanks around it are fine. */
static struct function_text stripped(struct function_text t)
{
    while (t.bytes > 0 && (t.s[0] == ' ' || t.s[0] == '\n' || t.s[0] == '\t')) t.s++, t.bytes--;
    while (t.bytes > 0 && strchr(" \n\t", t.s[t.bytes - 1]) != NULL) t.bytes--;
    return t;
}

static enum status take_real(
    const struct sql_value *v, const char *type, double *out, struct err *e)
{
    struct function_text t;
    *out = sql_value_double(v);
    if (sql_value_type(v) != SQL_TEXT && sql_value_type(v) != SQL_BLOB) return ST_OK;
    enum status st = function_text(v, &t, e);
    if (st != ST_OK) return st;
    t = stripped(t);
    bool plus = t.bytes > 1 && t.s[0] == '+';
    if (number_real(t.s + plus, t.bytes - plus, out)) return ST_OK;
    return no_input(v, type, "invalid input syntax for type", e);
}

/* Fractions are rounded, halves to even, as PostgreSQL does from double precision. */
static enum status cast_integer(
    const struct sql_value *v, int bits, const char *type, struct sql_result *out, struct err *e)
{
    struct function_text t;
    int64_t n = sql_value_int(v), most = bits == 64 ? INT64_MAX : (INT64_C(1) << (bits - 1)) - 1;
    bool text = sql_value_type(v) == SQL_TEXT || sql_value_type(v) == SQL_BLOB;
    enum status st = text ? function_text(v, &t, e) : ST_OK;
    if (st != ST_OK) return st;
    if (text) {
        t = stripped(t);
        bool plus = t.bytes > 1 && t.s[0] == '+';
        if (!number_int(t.s + plus, t.bytes - plus, &n))
            return no_input(v, type, "invalid input syntax for type", e);
    }
    if (sql_value_type(v) == SQL_FLOAT) {
        double d = nearbyint(sql_value_double(v));
        if (!(d >= -9.2233720368547758e18 && d < 9.2233720368547758e18))
            return err_set(e, ST_INVALID, "%s out of range", type);
        n = (int64_t)d;
    }
    if (n > most || n < -most - 1) return err_set(e, ST_INVALID, "%s out of range", type);
    sql_result_int(out, n);
    return ST_OK;
}

#define CAST_INTEGER(f, bits, type)                                                                \
    FUNCTION_HEAD(f)                                                                               \
    {                                                                                              \
        (void)session;                                                                             \
        if (function_any_null(args, count)) return ST_OK;                                          \
        return cast_integer(args[0], bits, type, out, e);                                          \
    }
CAST_INTEGER(call_int2, 16, "smallint")
CAST_INTEGER(call_int4, 32, "integer")
CAST_INTEGER(call_int8, 64, "bigint")
#undef CAST_INTEGER

FUNCTION_HEAD(call_float8)
{
    double d;
    (void)session;
    if (function_any_null(args, count)) return ST_OK;
    enum status st = take_real(args[0], "double precision", &d, e);
    if (st == ST_OK) sql_result_double(out, d);
    return st;
}

/* A whole number stays one; with a scale it is rounded to that many digits. */
FUNCTION_HEAD(call_numeric)
{
    double d;
    (void)session;
    if (sql_value_type(args[0]) == SQL_NULL) return ST_OK;
    enum status st = take_real(args[0], "numeric", &d, e);
    if (st != ST_OK) return st;
    int64_t scale = count > 1 ? sql_value_int(args[1]) : -1;
    char text[400];
    if (scale >= 0 && scale <= 30 && isfinite(d)) {
        snprintf(text, sizeof text, "%.*f", (int)scale, d);
        number_real(text, strlen(text), &d);
    }
    bool whole = sql_value_type(args[0]) == SQL_INTEGER || (scale == 0 && fabs(d) < 9e15);
    if (whole)
        sql_result_int(
            out, sql_value_type(args[0]) == SQL_INTEGER ? sql_value_int(args[0]) : (int64_t)d);
    else
        sql_result_double(out, d);
    return ST_OK;
}

FUNCTION_HEAD(call_boolean)
{
    static const struct {
        const char *word;
        bool value;
    } WORDS[] = {{"t", true}, {"true", true}, {"yes", true}, {"y", true}, {"on", true}, {"1", true},
        {"f", false}, {"false", false}, {"no", false}, {"n", false}, {"off", false}, {"0", false}};
    struct function_text t;
    (void)session;
    if (function_any_null(args, count)) return ST_OK;
    if (sql_value_type(args[0]) != SQL_TEXT) {
        sql_result_int(out, sql_value_double(args[0]) != 0);
        return ST_OK;
    }
    enum status st = function_text(args[0], &t, e);
    if (st != ST_OK) return st;
    t = stripped(t);
    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++)
        if (strlen(WORDS[i].word) == t.bytes && strncasecmp(t.s, WORDS[i].word, t.bytes) == 0) {
            sql_result_int(out, WORDS[i].value);
            return ST_OK;
        }
    return no_input(args[0], "boolean", "invalid input syntax for type", e);
}

/* A vector as its text, other bytes as PostgreSQL writes them: \x0102. */
static enum status blob_text(const struct sql_value *v, struct sql_result *out, struct err *e)
{
    struct buf text;
    enum status st = ST_OK;
    const unsigned char *data = sql_value_blob(v);
    buf_init(&text);
    if (is_vector(v))
        st = function_add_json(&text, v, e);
    else
        buf_add_str(&text, "\\x");
    for (int64_t i = 0; !is_vector(v) && i < sql_value_bytes(v); i++)
        buf_printf(&text, "%02x", data[i]);
    if (st == ST_OK) return function_finish(out, &text, e);
    buf_deinit(&text);
    return st;
}

/* text(x[, characters]) */
FUNCTION_HEAD(call_text)
{
    struct function_text t;
    (void)session;
    if (function_any_null(args, count)) return ST_OK;
    if (sql_value_type(args[0]) == SQL_BLOB) return blob_text(args[0], out, e);
    enum status st = function_text(args[0], &t, e);
    if (st != ST_OK) return st;
    int64_t room = count > 1 ? sql_value_int(args[1]) : INT64_MAX;
    const char *s = t.s, *end = t.s + t.bytes;
    uint32_t cp;
    while (s < end && room-- > 0) s += utf8_next(s, end, &cp);
    sql_result_text(out, t.s, s - t.s);
    return ST_OK;
}

/* Text that is JSON stays as it is, and is known as JSON from then on. */
FUNCTION_HEAD(call_json)
{
    struct function_text t;
    struct json_doc *doc;
    struct buf text;
    (void)session;
    if (function_any_null(args, count)) return ST_OK;
    enum status st = function_text(args[0], &t, e);
    if (st == ST_OK) st = json_parse(t.s, t.bytes, "json", &doc, e);
    if (st != ST_OK) return st;
    json_close(doc);
    buf_init(&text);
    buf_add(&text, t.s, t.bytes);
    return function_finish_json(out, &text, e);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* '\x0102' or the text's own bytes. */
FUNCTION_HEAD(call_bytea)
{
    struct function_text t;
    struct buf bytes;
    (void)session;
    if (function_any_null(args, count)) return ST_OK;
    enum status st = function_text(args[0], &t, e);
    if (st != ST_OK) return st;
    if (sql_value_type(args[0]) == SQL_BLOB || t.bytes < 2 || t.s[0] != '\\' || t.s[1] != 'x') {
        const void *data = sql_value_blob(args[0]);
        sql_result_blob(out, data, sql_value_bytes(args[0]));
        return ST_OK;
    }
    buf_init(&bytes);
    for (size_t i = 2; st == ST_OK && i < t.bytes; i += 2) {
        int high = hex_digit(t.s[i]), low = i + 1 < t.bytes ? hex_digit(t.s[i + 1]) : -1;
        if (high < 0 || low < 0)
            st = no_input(args[0], "bytea", "invalid hexadecimal digits for type", e);
        else
            buf_add_char(&bytes, (char)(high * 16 + low));
    }
    if (st == ST_OK) st = buf_check(&bytes, e);
    if (st == ST_OK) sql_result_blob(out, bytes.data, (int64_t)bytes.bytes);
    buf_deinit(&bytes);
    return st;
}

// clang-format off
static const struct sql_scalar SCALARS[] = {
    FUNCTION("pg_typeof", 1, 1, call_typeof), FUNCTION("version", 0, 0, call_version),
    FUNCTION("current_database", 0, 0, call_database),
    {.name = "gen_random_uuid", .call = call_uuid}, {.name = "generateUUIDv4", .call = call_uuid},
    FUNCTION("fovea_vector_type", 1, 1, call_vector_type),
    FUNCTION("fovea_array_type", 1, 1, call_array_type),
    FUNCTION("fovea_length", 1, 1, call_length),
    FUNCTION("fovea_ilike", 2, 3, call_ilike),
    FUNCTION("fovea_int2", 1, 1, call_int2), FUNCTION("fovea_int4", 1, 1, call_int4),
    FUNCTION("fovea_int8", 1, 1, call_int8), FUNCTION("fovea_float8", 1, 1, call_float8),
    FUNCTION("fovea_numeric", 1, 2, call_numeric), FUNCTION("fovea_boolean", 1, 1, call_boolean),
    FUNCTION("fovea_text", 1, 2, call_text), FUNCTION("fovea_json", 1, 1, call_json),
    FUNCTION("fovea_bytea", 1, 1, call_bytea),
};
// clang-format on

const struct function_set FUNCTIONS_POSTGRES = {
    .scalars = SCALARS, .scalar_count = FUNCTION_COUNT(SCALARS)};
