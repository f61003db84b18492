/* labels.c - the words of a zero-shot classifier. */
#include "sql/statement/labels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "model/model.h"
#include "simd/distance.h"
#include "sql/plan/plan.h"
#include "sql/statement/embed.h"

struct labels {
    const char **texts;
    int count;
    int *by_text; /* numbers, in the order of their texts */
};

static const struct labels *labels_of(const struct sql_step *s)
{
    return s->own;
}

int labels_count(const struct sql_step *s)
{
    return labels_of(s)->count;
}

const char *labels_text(const struct sql_step *s, int label)
{
    return labels_of(s)->texts[label];
}

int labels_find(const struct sql_step *s, const char *text)
{
    const struct labels *l = labels_of(s);
    int low = 0, high = l->count - 1;
    while (low <= high) {
        int middle = (low + high) / 2, order = strcmp(l->texts[l->by_text[middle]], text);
        if (order == 0) return l->by_text[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle - 1;
    }
    return -1;
}

/* qsort's third hand is missing from C: the texts are sorted along with their numbers. */
struct numbered {
    const char *text;
    int number;
};

static int by_text(const void *a, const void *b)
{
    const struct numbered *x = a, *y = b;
    int order = strcmp(x->text, y->text);
    return order != 0 ? order : x->number - y->number;
}

/* *twice: the later of two equal labels, -1: all differ. */
static enum status sort(struct labels *l, int *twice, struct err *e)
{
    struct numbered *n = mem_zalloc((size_t)l->count, sizeof *n);
    *twice = -1;
    if (n == NULL) return mem_err(e, 0);
    for (int i = 0; i < l->count; i++) n[i] = (struct numbered){l->texts[i], i};
    qsort(n, (size_t)l->count, sizeof *n, by_text);
    for (int i = 0; i < l->count; i++) {
        l->by_text[i] = n[i].number;
        if (i > 0 && strcmp(n[i].text, n[i - 1].text) == 0) *twice = n[i].number;
    }
    mem_free(n);
    return ST_OK;
}

static int count_items(const struct sql_literal *v)
{
    int count = 0;
    for (; v != NULL; v = v->next) count++;
    return count;
}

static enum status check_templates(const struct sql_step *s, struct err *e)
{
    const struct sql_literal *first = sql_option_items(&s->options, "template");
    if (count_items(first) > TEMPLATES_MAX)
        return sql_at(&s->plan->ast, first->first,
            err_set(e, ST_LIMIT, "at most %d templates", TEMPLATES_MAX), e);
    for (const struct sql_literal *v = first; v != NULL; v = v->next)
        if (strstr(v->text, "{}") == NULL)
            return sql_at(&s->plan->ast, v->first,
                err_set(e, ST_INVALID, "a template has {} where the label goes: 'a photo of a {}'"),
                e);
    return ST_OK;
}

enum status labels_plan(struct sql_step *s, struct err *e)
{
    const struct sql_ast *p = &s->plan->ast;
    const struct sql_literal *first = sql_option_items(&s->options, "labels"), *v = first;
    if (first == NULL)
        return sql_at(p, s->node->parts.model->first,
            err_set(e, ST_INVALID,
                "model %s has no classifier: say what there is to choose from, as in"
                " OPTIONS (labels=['cat', 'dog'])",
                s->node->parts.model->text),
            e);
    struct labels *l = arena_alloc(&s->plan->arena, sizeof *l);
    if (l == NULL) return mem_err(e, 0);
    l->count = count_items(first);
    if (l->count > LABELS_MAX)
        return sql_at(p, first->first, err_set(e, ST_LIMIT, "at most %d labels", LABELS_MAX), e);
    l->texts = arena_array(&s->plan->arena, (size_t)l->count, sizeof *l->texts);
    l->by_text = arena_array(&s->plan->arena, (size_t)l->count, sizeof *l->by_text);
    if (l->texts == NULL || l->by_text == NULL) return mem_err(e, 0);
    for (int i = 0; v != NULL; v = v->next) l->texts[i++] = v->text;
    s->own = l;
    int twice;
    enum status st = sort(l, &twice, e);
    if (st != ST_OK) return st;
    if (twice < 0) return check_templates(s, e);
    for (v = first; twice > 0; twice--) v = v->next;
    return sql_at(p, v->first, err_set(e, ST_INVALID, "label '%s' is there twice", v->text), e);
}

/* --- vectors ---------------------------------------------------------------------------------- */

static void fill_template(const char *template, const char *label, struct buf *out)
{
    const char *hole;
    buf_clear(out);
    for (; (hole = strstr(template, "{}")) != NULL; template = hole + 2) {
        buf_add(out, template, (size_t)(hole - template));
        buf_add_str(out, label);
    }
    buf_add_str(out, template);
}

/* The mean over the templates of one label. */
static enum status embed_label(
    struct step_run *r, const char *label, float *out, float *one, struct err *e)
{
    struct sql_step *s = r->step;
    const struct sql_literal *template = sql_option_items(&s->options, "template");
    int dim = model_info(s->model)->dim;
    struct buf words;
    buf_init(&words);
    enum status st = ST_OK;
    memset(out, 0, (size_t)dim * sizeof *out);
    do {
        fill_template(template != NULL ? template->text : "{}", label, &words);
        st = buf_check(&words, e);
        const char *text = words.data != NULL ? words.data : "";
        if (st == ST_OK)
            st = embed_text(s->session, s->model, (struct embed_words){text, words.bytes}, one, e);
        if (st == ST_OK) st = run_check(&s->session->run, e);
        for (int i = 0; st == ST_OK && i < dim; i++) out[i] += one[i];
        template = template != NULL ? template->next : NULL;
    } while (st == ST_OK && template != NULL);
    buf_deinit(&words);
    double norm = 0;
    for (int i = 0; i < dim; i++) norm += (double)out[i] * out[i];
    for (int i = 0; i < dim && norm > 0; i++) out[i] = (float)(out[i] / sqrt(norm));
    return st;
}

enum status labels_open(struct step_run *r, struct err *e)
{
    const struct labels *l = labels_of(r->step);
    size_t dim = (size_t)model_info(r->step->model)->dim;
    float *one = mem_alloc_aligned(dim * sizeof *one);
    r->queries = mem_alloc_aligned((size_t)l->count * dim * sizeof(float));
    enum status st = one != NULL && r->queries != NULL ? ST_OK : mem_err(e, 0);
    for (int i = 0; st == ST_OK && i < l->count; i++)
        st = embed_label(r, l->texts[i], r->queries + (size_t)i * dim, one, e);
    mem_free_aligned(one);
    return st;
}

int labels_score(const struct step_run *r, const float *v, float *cosines)
{
    size_t dim = (size_t)model_info(r->step->model)->dim;
    int best = -1;
    for (int i = 0; i < labels_of(r->step)->count; i++) {
        double d = metric_distance(METRIC_COSINE, v, r->queries + (size_t)i * dim, dim);
        cosines[i] = (float)(1 - d);
        if (!isnan(d) && (best < 0 || cosines[i] > cosines[best])) best = i;
    }
    return best;
}
