/* vector.c - between text, BLOB and floats. The text form is pgvector's. */
#include "sql/function/vector.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "sql/internal.h"

enum { NUMBER_BYTES = 64 };

static const char *skip_space(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || (*p >= '\t' && *p <= '\r'))) p++;
    return p;
}

/* One number at p. Only the characters of a decimal number are looked at, so that strtof's "nan",
 * "inf" and hexadecimal forms never come in. */
enum status vector_parse_number(
    const char **p, const char *start, const char *end, float *out, struct err *e)
{
    char number[NUMBER_BYTES];
    size_t n = 0;
    while (*p + n < end && n < sizeof number - 1 && (*p)[n] != '\0' &&
        strchr("+-.0123456789eE", (*p)[n]) != NULL)
        n++;
    memcpy(number, *p, n);
    number[n] = '\0';
    char *stop = number;
    *out = n > 0 ? strtof(number, &stop) : 0;
    if (n == 0 || *stop != '\0')
        return err_set(e, ST_INVALID, "a vector needs a number at character %td", *p - start + 1);
    if (!isfinite(*out)) return err_set(e, ST_INVALID, "%s is out of a float's range", number);
    *p += n;
    return ST_OK;
}

enum status vector_parse(const char *text, size_t bytes, float *out, int *dim, struct err *e)
{
    const char *end = text + bytes, *p = skip_space(text, end);
    *dim = 0;
    if (p == end || *p != '[')
        return err_set(e, ST_INVALID, "a vector is written '[1, 2, 3]': no [ at its start");
    p = skip_space(p + 1, end);
    if (p < end && *p == ']') return err_set(e, ST_INVALID, "a vector has at least 1 dimension");
    for (;; p++) {
        if (*dim == LIMIT_VECTOR_DIM)
            return err_set(e, ST_LIMIT, "a vector has at most %d dimensions", LIMIT_VECTOR_DIM);
        p = skip_space(p, end);
        enum status st = vector_parse_number(&p, text, end, &out[*dim], e);
        if (st != ST_OK) return st;
        ++*dim;
        p = skip_space(p, end);
        if (p == end) return err_set(e, ST_INVALID, "a vector ends without its ]");
        if (*p == ']') break;
        if (*p != ',')
            return err_set(e, ST_INVALID, "a vector needs , or ] at character %td", p - text + 1);
    }
    p = skip_space(p + 1, end);
    if (p != end)
        return err_set(
            e, ST_INVALID, "something follows a vector's ] at character %td", p - text + 1);
    return ST_OK;
}

/* Six digits suffice for most f32, nine always. */
void vector_print_number(float v, struct buf *out)
{
    char text[NUMBER_BYTES];
    for (int digits = 6; digits <= 9; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, (double)v);
        if (strtof(text, NULL) == v) break;
    }
    buf_add_str(out, text);
}

void vector_print(const float *v, int dim, struct buf *out)
{
    buf_add_char(out, '[');
    for (int i = 0; i < dim; i++) {
        if (i > 0) buf_add_char(out, ',');
        vector_print_number(v[i], out);
    }
    buf_add_char(out, ']');
}

static enum status take_blob(
    struct vector_arg *a, const struct sql_value *v, const char *what, struct err *e)
{
    const void *data = sql_value_blob(v);
    int64_t bytes = sql_value_bytes(v);
    if (bytes == 0 || bytes % (int64_t)sizeof(float) != 0)
        return err_set(e, ST_INVALID, "%s: a blob of %lld bytes is no vector of 4-byte floats",
            what, (long long)bytes);
    if (bytes / 4 > LIMIT_VECTOR_DIM)
        return err_set(e, ST_LIMIT, "%s: a vector of %lld dimensions, at most %d", what,
            (long long)bytes / 4, LIMIT_VECTOR_DIM);
    a->dim = (int)(bytes / 4);
    a->v = data;
    /* SQLite promises no alignment for a blob inside a page. */
    if ((uintptr_t)data % sizeof(float) != 0) {
        a->owned = mem_alloc((size_t)bytes);
        if (a->owned == NULL) return mem_err(e, (size_t)bytes);
        memcpy(a->owned, data, (size_t)bytes);
        a->v = a->owned;
    }
    return ST_OK;
}

enum status vector_arg_init(
    struct vector_arg *a, const struct sql_value *v, const char *what, struct err *e)
{
    *a = (struct vector_arg){0};
    enum sql_type type = sql_value_type(v);
    if (type == SQL_NULL) return ST_OK;
    if (type == SQL_BLOB) return take_blob(a, v, what, e);
    if (type != SQL_TEXT) return err_set(e, ST_INVALID, "%s takes vectors, not a number", what);
    a->owned = mem_alloc(LIMIT_VECTOR_DIM * sizeof(float));
    if (a->owned == NULL) return mem_err(e, LIMIT_VECTOR_DIM * sizeof(float));
    a->v = a->owned;
    return vector_parse(sql_value_text(v), (size_t)sql_value_bytes(v), a->owned, &a->dim, e);
}

/* What SQLite keeps with a constant argument. */
struct kept {
    int dim;
    float v[];
};

enum status vector_arg_keep(
    struct vector_arg *a, const struct sql_value *v, int i, struct sql_result *out, struct err *e)
{
    sqlite3_context *ctx = (sqlite3_context *)out;
    const struct kept *k = sqlite3_get_auxdata(ctx, i);
    if (k != NULL) {
        *a = (struct vector_arg){.v = k->v, .dim = k->dim};
        return ST_OK;
    }
    enum status st = vector_arg_init(a, v, "", e);
    size_t bytes = (size_t)a->dim * sizeof *a->v;
    struct kept *made = st == ST_OK && a->v != NULL ? mem_alloc(sizeof *made + bytes) : NULL;
    if (made == NULL) return st; /* it is read again for the next row */
    made->dim = a->dim;
    memcpy(made->v, a->v, bytes);
    sqlite3_set_auxdata(ctx, i, made, mem_free);
    return ST_OK;
}

void vector_arg_deinit(struct vector_arg *a)
{
    mem_free(a->owned);
    *a = (struct vector_arg){0};
}

enum status vector_arg_check(const struct vector_arg *a, const char *what, struct err *e)
{
    for (int i = 0; i < a->dim; i++)
        if (!isfinite(a->v[i]))
            return err_set(e, ST_INVALID, "%s: dimension %d of the vector is %s", what, i + 1,
                isnan(a->v[i]) ? "not a number" : "infinite");
    return ST_OK;
}
