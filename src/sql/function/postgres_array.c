/* postgres_array.c - arrays that are no vectors: JSON lists, made from values and from PostgreSQL's
 * text {1,2,"a b",NULL}, and how many elements an array has.
 */
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "sql/function/function.h"
#include "table/number.h"

enum { DEPTH_MAX = 16 };

/* --- from text -------------------------------------------------------------------------------- */

struct reader {
    const char *p, *end;
    struct buf *out;
};

static void skip_blanks(struct reader *r)
{
    while (r->p < r->end && strchr(" \t\n\r", *r->p) != NULL) r->p++;
}

/* "…" with backslashes before quotes. */
static bool quoted(struct reader *r)
{
    struct buf text;
    buf_init(&text);
    for (r->p++; r->p < r->end && *r->p != '"'; r->p++) {
        if (*r->p == '\\' && r->p + 1 < r->end) r->p++;
        buf_add_char(&text, *r->p);
    }
    bool closed = r->p++ < r->end;
    if (text.failed)
        r->out->failed = true;
    else
        buf_add_json(r->out, text.data != NULL ? text.data : "", text.bytes);
    buf_deinit(&text);
    return closed;
}

/* A number stays one, NULL is null, the rest is text. */
static bool bare(struct reader *r)
{
    const char *start = r->p;
    double d;
    while (r->p < r->end && strchr(",{}", *r->p) == NULL) r->p++;
    size_t n = (size_t)(r->p - start);
    while (n > 0 && strchr(" \t\n\r", start[n - 1]) != NULL) n--;
    if (n == 4 && strncasecmp(start, "NULL", 4) == 0)
        buf_add_str(r->out, "null");
    else if (n > 0 && strchr("0123456789-", start[0]) != NULL && start[n - 1] != '.' &&
        (start[0] != '0' || n == 1 || start[1] == '.') && number_real(start, n, &d))
        buf_add(r->out, start, n);
    else
        buf_add_json(r->out, start, n);
    return n > 0;
}

static bool list(struct reader *r)
{
    int depth = 0;
    bool value = false;
    do {
        skip_blanks(r);
        char c = r->p < r->end ? *r->p : '\0';
        bool empty = c == '}' && r->out->bytes > 0 && r->out->data[r->out->bytes - 1] == '[';
        if (c == '{' && !value) {
            buf_add_char(r->out, '[');
            if (++depth > DEPTH_MAX) return false;
            r->p++;
        } else if (c == '}' && (value || empty)) {
            buf_add_char(r->out, ']');
            depth--;
            value = true;
            r->p++;
        } else if (c == ',' && value) {
            buf_add_char(r->out, ',');
            value = false;
            r->p++;
        } else if (c != '\0' && !value && depth > 0) {
            if (!(c == '"' ? quoted(r) : bare(r))) return false;
            value = true;
        } else {
            return false;
        }
    } while (depth > 0 && !r->out->failed);
    skip_blanks(r);
    return r->p == r->end;
}

static enum status no_list(const struct function_text *t, struct err *e)
{
    return err_set(e, ST_INVALID, "malformed array literal: \"%.60s\"", t->s);
}

/* fovea_list(x): a vector, a JSON list or PostgreSQL's text as a JSON list. */
FUNCTION_HEAD(call_list)
{
    struct function_text t;
    struct buf json;
    struct json_doc *doc = NULL;
    (void)session;
    if (function_any_null(args, count)) return ST_OK;
    buf_init(&json);
    if (sql_value_type(args[0]) == SQL_BLOB) {
        struct vector_arg v;
        enum status st = function_vector(args[0], "an array", &v, e);
        if (st == ST_OK) vector_print(v.v, v.dim, &json);
        vector_arg_deinit(&v);
        if (st == ST_OK) return function_finish_json(out, &json, e);
        return st;
    }
    enum status st = function_text(args[0], &t, e);
    if (st != ST_OK) return st;
    struct reader r = {t.s, t.s + t.bytes, &json};
    skip_blanks(&r);
    bool braces = r.p < r.end && *r.p == '{';
    if (braces && !list(&r) && !json.failed) st = no_list(&t, e);
    if (!braces) {
        bool right =
            json_parse(t.s, t.bytes, "array", &doc, NULL) == ST_OK && json_is_array(json_root(doc));
        json_close(doc);
        buf_add(&json, t.s, t.bytes);
        if (!right) st = no_list(&t, e);
    }
    if (st == ST_OK) return function_finish_json(out, &json, e);
    buf_deinit(&json);
    return st;
}

/* fovea_array(a, b, …) */
FUNCTION_HEAD(call_array)
{
    struct buf json;
    enum status st = ST_OK;
    (void)session;
    buf_init(&json);
    buf_add_char(&json, '[');
    for (int i = 0; st == ST_OK && i < count; i++) {
        if (i > 0) buf_add_char(&json, ',');
        st = function_add_json(&json, args[i], e);
    }
    buf_add_char(&json, ']');
    if (st == ST_OK) return function_finish_json(out, &json, e);
    buf_deinit(&json);
    return st;
}

/* --- how many --------------------------------------------------------------------------------- */

/* Elements of a vector or a JSON list; -1: it is neither. */
static int64_t elements(const struct sql_value *v)
{
    struct vector_arg vector = {0};
    struct json_doc *doc = NULL;
    struct function_text t;
    int64_t n = -1;
    if (sql_value_type(v) == SQL_BLOB && vector_arg_init(&vector, v, "", NULL) == ST_OK)
        n = vector.dim;
    vector_arg_deinit(&vector);
    if (sql_value_type(v) != SQL_TEXT || function_text(v, &t, NULL) != ST_OK) return n;
    if (json_parse(t.s, t.bytes, "array", &doc, NULL) == ST_OK && json_is_array(json_root(doc)))
        n = (int64_t)json_count(json_root(doc));
    json_close(doc);
    return n;
}

static enum status give_elements(
    struct sql_value *const *args, const char *name, struct sql_result *out, struct err *e)
{
    int64_t n = elements(args[0]);
    if (n < 0) return err_set(e, ST_INVALID, "%s takes an array: a vector or a JSON list", name);
    sql_result_int(out, n);
    return ST_OK;
}

FUNCTION_HEAD(call_cardinality)
{
    (void)session;
    return function_any_null(args, count) ? ST_OK : give_elements(args, "cardinality()", out, e);
}

/* Of an empty list, and beyond the first dimension, NULL. */
FUNCTION_HEAD(call_array_length)
{
    (void)session;
    if (function_any_null(args, count) || sql_value_int(args[1]) != 1) return ST_OK;
    if (elements(args[0]) == 0) return ST_OK;
    return give_elements(args, "array_length()", out, e);
}

static const struct sql_scalar SCALARS[] = {
    FUNCTION("fovea_list", 1, 1, call_list),
    FUNCTION("fovea_array", 0, 127, call_array),
    FUNCTION("cardinality", 1, 1, call_cardinality),
    FUNCTION("array_length", 2, 2, call_array_length),
};

const struct function_set FUNCTIONS_POSTGRES_ARRAY = {
    .scalars = SCALARS, .scalar_count = FUNCTION_COUNT(SCALARS)};
