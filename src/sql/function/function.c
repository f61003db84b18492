/* function.c - arguments and results, as the functions of all dialects take and give them. */
#include "sql/function/function.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { SUBTYPE_JSON = 'J' }; /* SQLite's */

static sqlite3_value *of(const struct sql_value *v)
{
    return (sqlite3_value *)(uintptr_t)v;
}

bool function_any_null(struct sql_value *const *args, int count)
{
    for (int i = 0; i < count; i++)
        if (sql_value_type(args[i]) == SQL_NULL) return true;
    return false;
}

enum status function_vector(
    const struct sql_value *arg, const char *name, struct vector_arg *v, struct err *e)
{
    enum status st = vector_arg_init(v, arg, name, e);
    return st == ST_OK ? vector_arg_check(v, name, e) : st;
}

enum status function_vectors(
    struct sql_value *const *args, const char *name, struct vector_arg v[2], struct err *e)
{
    v[0] = v[1] = (struct vector_arg){0};
    enum status st = function_vector(args[0], name, &v[0], e);
    if (st == ST_OK) st = function_vector(args[1], name, &v[1], e);
    if (st != ST_OK || v[0].v == NULL || v[1].v == NULL || v[0].dim == v[1].dim) return st;
    int length = (int)strcspn(name, "(");
    return err_set(e, ST_MISMATCH,
        "arguments of function %.*s have different array sizes: %d and %d", length, name, v[0].dim,
        v[1].dim);
}

enum status function_text(const struct sql_value *arg, struct function_text *out, struct err *e)
{
    out->s = sql_value_text(arg);
    out->bytes = (size_t)sql_value_bytes(arg);
    return out->s != NULL ? ST_OK : mem_err(e, 0);
}

enum status function_int(const struct sql_value *arg, const char *name, int64_t *out, struct err *e)
{
    int type = sqlite3_value_numeric_type(of(arg));
    if (type != SQLITE_INTEGER && type != SQLITE_FLOAT)
        return err_set(e, ST_INVALID, "%s takes a number, not %.60s", name,
            sql_value_type(arg) == SQL_TEXT ? sql_value_text(arg) : "that");
    *out = sql_value_int(arg);
    return ST_OK;
}

/* --- results ---------------------------------------------------------------------------------- */

void function_result(struct sql_result *out, const struct sql_value *v)
{
    sqlite3_result_value((sqlite3_context *)out, of(v));
}

enum status function_finish(struct sql_result *out, struct buf *text, struct err *e)
{
    enum status st = buf_check(text, e);
    if (st == ST_OK)
        sql_result_text(out, text->data != NULL ? text->data : "", (int64_t)text->bytes);
    buf_deinit(text);
    return st;
}

enum status function_finish_json(struct sql_result *out, struct buf *text, struct err *e)
{
    enum status st = function_finish(out, text, e);
    if (st == ST_OK) sqlite3_result_subtype((sqlite3_context *)out, SUBTYPE_JSON);
    return st;
}

void function_print_real(struct buf *out, double v)
{
    char text[40];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, v);
        if (strtod(text, NULL) == v) break;
    }
    buf_add_str(out, text);
    if (isfinite(v) && text[strcspn(text, ".e")] == '\0') buf_add_str(out, ".0");
}

/* f32s as a list; NaN and infinity have no JSON. */
static void add_vector(struct buf *out, const struct vector_arg *v)
{
    vector_print(v->v, v->dim, out);
}

static enum status add_blob(struct buf *out, const struct sql_value *v, struct err *e)
{
    struct vector_arg vector;
    if (sqlite3_value_subtype(of(v)) != SQL_SUBTYPE_VECTOR)
        return err_set(e, ST_INVALID, "JSON cannot hold BLOB values: write vector_text(x)");
    enum status st = function_vector(v, "a list", &vector, e);
    if (st == ST_OK) add_vector(out, &vector);
    vector_arg_deinit(&vector);
    return st;
}

enum status function_add_json(struct buf *out, const struct sql_value *v, struct err *e)
{
    struct function_text text;
    enum status st = ST_OK;
    switch (sql_value_type(v)) {
    case SQL_NULL: buf_add_str(out, "null"); break;
    case SQL_INTEGER: buf_printf(out, "%lld", (long long)sql_value_int(v)); break;
    case SQL_FLOAT:
        if (isfinite(sql_value_double(v)))
            function_print_real(out, sql_value_double(v));
        else
            buf_add_str(out, "null");
        break;
    case SQL_BLOB: return add_blob(out, v, e);
    default:
        st = function_text(v, &text, e);
        if (st != ST_OK) break;
        if (sqlite3_value_subtype(of(v)) == SUBTYPE_JSON)
            buf_add(out, text.s, text.bytes);
        else
            buf_add_json(out, text.s, text.bytes);
    }
    return st;
}

size_t function_bytes_max(const struct sql_session *s)
{
    return (size_t)sqlite3_limit(s->db, SQLITE_LIMIT_LENGTH, -1);
}

/* --- order ------------------------------------------------------------------------------------ */

static int rank(enum sql_type t)
{
    return t == SQL_NULL ? 0 : t == SQL_TEXT ? 2 : t == SQL_BLOB ? 3 : 1;
}

static int compare_numbers(const struct sql_value *a, const struct sql_value *b)
{
    if (sql_value_type(a) == SQL_INTEGER && sql_value_type(b) == SQL_INTEGER) {
        int64_t x = sql_value_int(a), y = sql_value_int(b);
        return (x > y) - (x < y);
    }
    long double x = sql_value_type(a) == SQL_INTEGER ? (long double)sql_value_int(a)
                                                     : (long double)sql_value_double(a);
    long double y = sql_value_type(b) == SQL_INTEGER ? (long double)sql_value_int(b)
                                                     : (long double)sql_value_double(b);
    return (x > y) - (x < y);
}

static int compare_bytes(const void *a, size_t a_bytes, const void *b, size_t b_bytes)
{
    size_t least = a_bytes < b_bytes ? a_bytes : b_bytes;
    int order = least > 0 ? memcmp(a, b, least) : 0;
    return order != 0 ? order : (a_bytes > b_bytes) - (a_bytes < b_bytes);
}

int function_compare(const struct sql_value *a, const struct sql_value *b)
{
    enum sql_type x = sql_value_type(a), y = sql_value_type(b);
    if (rank(x) != rank(y)) return rank(x) - rank(y);
    if (x == SQL_NULL) return 0;
    if (rank(x) == 1) return compare_numbers(a, b);
    const void *p = x == SQL_TEXT ? sql_value_text(a) : sql_value_blob(a);
    const void *q = x == SQL_TEXT ? sql_value_text(b) : sql_value_blob(b);
    if (p == NULL || q == NULL) return (p != NULL) - (q != NULL);
    return compare_bytes(p, (size_t)sql_value_bytes(a), q, (size_t)sql_value_bytes(b));
}
