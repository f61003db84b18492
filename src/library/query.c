/* query.c - cutting a query into terms, and their sum as one vector. */
#include "library/query.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"

/* The character table, not the locale's. */
static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_sign(const char *s)
{
    return (s[0] == '+' || s[0] == '-') && (is_blank(s[1]) || s[1] == '\0');
}

static bool names_picture(const char *s)
{
    struct stat info;
    return image_name_known(s) && stat(s, &info) == 0 && S_ISREG(info.st_mode);
}

static bool looks_like_path(const char *s)
{
    return s[0] == '/' || strncmp(s, "./", 2) == 0 || strncmp(s, "../", 3) == 0 ||
        strncmp(s, "~/", 2) == 0;
}

/* The end of the term at s: the blank before the next sign, or the end of the text. A quoted item
 * may hold signs; a quote that is never closed is a character like others. */
static char *term_end(char *s)
{
    char *quoted = s + strcspn(s, "\" \t\r\n");
    if (*quoted == '"' && (quoted == s || quoted[-1] == ':')) {
        char *close = strchr(quoted + 1, '"');
        if (close != NULL && (close[1] == '\0' || is_blank(close[1]))) return close + 1;
    }
    while (*s != '\0' && !(is_blank(s[0]) && is_sign(s + 1))) s++;
    return s;
}

static enum status take_weight(char **item, double *weight, struct err *e)
{
    char *end = *item;
    while (isdigit((unsigned char)*end) || *end == '.') end++;
    if (end == *item || *end != ':') return ST_OK;
    char *parsed;
    double v = strtod(*item, &parsed);
    if (parsed != end || !isfinite(v) || v <= 0)
        return err_set(e, ST_INVALID, "the weight in \"%.60s\" must be a number over 0", *item);
    *weight *= v;
    *item = end + 1;
    return ST_OK;
}

static enum status add_term(struct query *q, char *item, double sign, struct err *e)
{
    struct query_term t = {.weight = sign};
    if (q->count == QUERY_TERMS_MAX)
        return err_set(e, ST_LIMIT, "the query has more than %d terms", QUERY_TERMS_MAX);
    enum status st = take_weight(&item, &t.weight, e);
    if (st != ST_OK) return st;
    item += strspn(item, " \t\r\n");
    size_t bytes = strlen(item);
    while (bytes > 0 && is_blank(item[bytes - 1])) item[--bytes] = '\0';
    if (bytes == 0) return err_set(e, ST_INVALID, "term %d of the query is empty", q->count + 1);
    t.text = item;
    if (bytes >= 2 && item[0] == '"' && item[bytes - 1] == '"') {
        item[bytes - 1] = '\0';
        t.text = item + 1;
    } else {
        t.is_picture = looks_like_path(item) || names_picture(item);
    }
    q->terms[q->count++] = t;
    return ST_OK;
}

static enum status cut(struct query *q, struct err *e)
{
    enum status st = ST_OK;
    char *s = q->text + strspn(q->text, " \t\r\n");
    if (*s == '\0') return err_set(e, ST_INVALID, "the query is empty");
    if (names_picture(s)) return add_term(q, s, 1, e);
    while (st == ST_OK) {
        double sign = 1;
        if (is_sign(s)) {
            sign = *s == '-' ? -1 : 1;
            s++;
        }
        s += strspn(s, " \t\r\n");
        if (*s == '\0' || is_sign(s))
            return err_set(e, ST_INVALID, "term %d of the query is empty", q->count + 1);
        char *end = term_end(s);
        char *next = end + strspn(end, " \t\r\n");
        bool last = *next == '\0';
        if (!last && !is_sign(next))
            return err_set(
                e, ST_INVALID, "a sign (+ or -) is missing before \"%.60s\" in the query", next);
        *end = '\0';
        st = add_term(q, s, sign, e);
        if (last) break;
        s = next;
    }
    return st;
}

enum status query_parse(const char *text, size_t bytes, struct query *out, struct err *e)
{
    *out = (struct query){.count = 0};
    if (bytes > LIMIT_QUERY_BYTES)
        return err_set(
            e, ST_LIMIT, "the query has %zu bytes, at most %zu", bytes, LIMIT_QUERY_BYTES);
    out->text = mem_strndup(text, bytes);
    if (out->text == NULL) return mem_err(e, bytes);
    enum status st = cut(out, e);
    if (st != ST_OK) query_deinit(out);
    return st;
}

void query_deinit(struct query *q)
{
    mem_free(q->text);
    q->text = NULL;
}

/* --- the vector ----------------------------------------------------------------------------------
 */

static enum status read_picture(const char *path, struct buf *out, struct err *e)
{
    const char *home = getenv("HOME");
    if (strncmp(path, "~/", 2) != 0 || home == NULL)
        return file_read(path, LIMIT_PICTURE_FILE_BYTES, out, e);
    char *full = file_join(home, path + 2);
    if (full == NULL) return mem_err(e, strlen(path));
    enum status st = file_read(full, LIMIT_PICTURE_FILE_BYTES, out, e);
    mem_free(full);
    return st;
}

static enum status embed_picture(
    const char *path, const struct model *m, struct model_worker *w, float *out, struct err *e)
{
    const struct image_spec *spec = &model_info(m)->picture;
    struct buf file;
    buf_init(&file);
    uint8_t *pixels = mem_alloc_aligned((size_t)spec->width * (size_t)spec->height * 3);
    enum status st = pixels == NULL ? mem_err(e, 0) : read_picture(path, &file, e);
    if (st == ST_OK)
        st = image_prepare((const uint8_t *)file.data, file.bytes, spec, pixels, NULL, e);
    if (st == ST_OK) st = model_embed_pictures(w, pixels, 1, out, e);
    mem_free_aligned(pixels);
    buf_deinit(&file);
    return st;
}

static enum status embed_term(const struct query_term *t, const struct model *m,
    struct model_worker *w, float *out, struct err *e)
{
    struct err why = ERR_INIT;
    enum status st = t->is_picture ? embed_picture(t->text, m, w, out, &why)
                                   : model_embed_text(w, t->text, strlen(t->text), out, &why);
    if (st == ST_OK) return ST_OK;
    if (strncmp(why.text, t->text, strlen(t->text)) == 0) /* the words begin with the path */
        return err_set(e, st, "the query's picture %s", why.text);
    return err_set(e, st, "the query's %s \"%.100s\": %s", t->is_picture ? "picture" : "text",
        t->text, why.text);
}

enum status query_embed(
    const struct query *q, const struct model *m, struct model_worker *w, float *out, struct err *e)
{
    int dim = model_info(m)->dim;
    enum status st = ST_OK;
    if (q->count == 1 && q->terms[0].weight > 0) return embed_term(&q->terms[0], m, w, out, e);
    float *one = mem_alloc((size_t)dim * sizeof *one);
    if (one == NULL) return mem_err(e, (size_t)dim * sizeof *one);
    memset(out, 0, (size_t)dim * sizeof *out);
    for (int i = 0; st == ST_OK && i < q->count; i++) {
        st = embed_term(&q->terms[i], m, w, one, e);
        for (int d = 0; st == ST_OK && d < dim; d++) out[d] += (float)q->terms[i].weight * one[d];
    }
    mem_free(one);
    if (st != ST_OK) return st;
    double length = 0;
    for (int d = 0; d < dim; d++) length += (double)out[d] * out[d];
    /* What is left of "horse - horse" is rounding, and no direction. */
    if (!(length > 1e-8) || !model_unit(out, dim))
        return err_set(e, ST_INVALID, "the terms of the query cancel each other out");
    return ST_OK;
}
