/* search_image.c - SEARCH IMAGE: q's rows with their similarity to texts or pictures.
 *
 *   SEARCH IMAGE text|texts|image|images = v USING m [OPTIONS (emb_col, result_col, top_k)] AS (q)
 *   SEARCH IMAGE USING m OPTIONS (search_by='text'|'image', search_input=v, …) AS (q)
 *
 * The first is ThanoSQL's dialects A and B: all rows of q, in its order, and a score for each
 * input, <model>_<base>_similarity1 and on, or search_result with B's emb_col. The second is its
 * dialect C: one input, the score in search_result, the rows sorted by it and cut at top_k
 * (search_input_type in place of search_by is B's, which sorts nothing). Scores are cosine
 * similarities, larger is nearer. What is compared with is found by source.h.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "base/mem.h"
#include "simd/distance.h"
#include "sql/plan/plan.h"
#include "sql/statement/embed.h"
#include "sql/statement/source.h"

static const char *const MEDIA[] = {"image", "text", "audio", "video", NULL};

static const struct sql_option SEARCH_OPTIONS[] = {
    {.name = "search_by", .type = OPTION_NAME, .choices = MEDIA, .also = {"search_input_type"}},
    {.name = "search_input", .type = OPTION_INPUT},
    {.name = "emb_col", .type = OPTION_NAME},
    {.name = "result_col", .type = OPTION_NAME, .also = {"column_name"}},
    {.name = "top_k", .type = OPTION_COUNT, .fallback = "1000", .min = 1, .max = INT32_MAX},
    {.name = "image_col", .type = OPTION_NAME, .also = {"image_column"}},
    {.name = "batch_size", .type = OPTION_INTEGER, .min = 1, .max = 100000},
};

static const struct {
    const char *word;
    bool pictures;
} INPUTS[] = {{"text", false}, {"texts", false}, {"image", true}, {"images", true}};

static enum status take_input(struct sql_step *s, const struct sql_literal *v, struct err *e)
{
    const struct sql_ast *p = &s->plan->ast;
    if (s->input_count == STEP_QUERIES_MAX)
        return sql_at(p, v->first,
            err_set(e, ST_LIMIT, "a search has at most %d inputs", STEP_QUERIES_MAX), e);
    int arg = -1;
    if (v->kind == LITERAL_PARAMETER) {
        arg = step_arg_add(s, (struct step_arg){.parameter = s->plan->parameters.of[v->first]});
        if (arg < 0) return sql_at(p, v->first, err_set(e, ST_LIMIT, "too many parameters"), e);
    } else if (v->kind != LITERAL_TEXT && v->kind != LITERAL_NAME) {
        return sql_at(p, v->first, err_set(e, ST_INVALID, "a search takes strings to look for"), e);
    }
    s->input_args[s->input_count++] = arg;
    return ST_OK;
}

/* text=, image= and so on before USING. */
static enum status plan_kind(struct sql_step *s, const struct sql_option_ast *o, struct err *e)
{
    const struct sql_ast *p = &s->plan->ast;
    const struct sql_literal *also = sql_option_given(&s->options, "search_input");
    if (also == NULL) also = sql_option_given(&s->options, "search_by");
    if (also != NULL)
        return sql_at(p, also->first,
            err_set(e, ST_INVALID, "what is looked for stands before USING already"), e);
    size_t i = 0, count = sizeof INPUTS / sizeof INPUTS[0];
    while (i < count && !lex_is(p->scan->text, p->scan->tokens[o->name], INPUTS[i].word)) i++;
    if (i == count)
        return sql_at(p, o->name,
            err_set(e, ST_INVALID, "SEARCH IMAGE takes text=, texts=, image= or images="), e);
    s->inputs_are_pictures = INPUTS[i].pictures;
    s->inputs = o->value->kind == LITERAL_LIST ? o->value->items : o->value;
    if (s->inputs == NULL)
        return sql_at(p, o->value->first, err_set(e, ST_INVALID, "the list is empty"), e);
    enum status st = ST_OK;
    for (const struct sql_literal *v = s->inputs; st == ST_OK && v != NULL; v = v->next)
        st = take_input(s, v, e);
    return st;
}

/* search_by and search_input. */
static enum status plan_options(struct sql_step *s, struct err *e)
{
    const struct sql_ast *p = &s->plan->ast;
    const struct sql_literal *by = sql_option_given(&s->options, "search_by");
    s->inputs = sql_option_given(&s->options, "search_input");
    if (s->inputs == NULL && by == NULL)
        return sql_at(p, s->node->at,
            err_set(e, ST_INVALID,
                "SEARCH IMAGE needs text=, texts=, image= or images= before USING,"
                " or OPTIONS (search_by='text', search_input='...')"),
            e);
    if (s->inputs == NULL || by == NULL)
        return sql_at(p, s->node->at,
            err_set(e, ST_INVALID, "option %s is missing",
                by == NULL ? "search_by ('text' or 'image')" : "search_input"),
            e);
    bool text = strcasecmp(by->text, "text") == 0;
    s->inputs_are_pictures = strcasecmp(by->text, "image") == 0;
    if (!text && !s->inputs_are_pictures)
        return sql_at(p, by->first,
            err_set(
                e, ST_UNSUPPORTED, "pictures are searched by text or image, not by %s", by->text),
            e);
    return take_input(s, s->inputs, e);
}

/* --- the columns ------------------------------------------------------------------------------ */

/* What the scores are called, by shape: as A has it with the model's base, as A has it with CLIP's
 * other name, as C has it. */
enum { SHAPE_BASE, SHAPE_OTHER_BASE, SHAPE_RESULT, SHAPE_COUNT };

static char *score_name(struct sql_step *s, int i)
{
    struct arena *a = &s->plan->arena;
    const char *given = sql_option_text(&s->options, "result_col"), *vectors = NULL;
    if (given == NULL && s->shape == SHAPE_RESULT) given = "search_result";
    if (given != NULL && s->input_count == 1) return arena_printf(a, "%s", given);
    if (given != NULL) return arena_printf(a, "%s%d", given, i + 1);
    vectors = s->shape == SHAPE_BASE ? step_vector_name(s) : step_other_vector_name(s);
    return vectors != NULL ? arena_printf(a, "%s_similarity%d", vectors, i + 1) : NULL;
}

/* Rows by their best score, as many as top_k says. */
static enum status plan_order(struct sql_step *s, int first, struct err *e)
{
    struct buf order;
    buf_init(&order);
    buf_add_str(&order, s->input_count > 1 ? " ORDER BY max(" : " ORDER BY ");
    for (int i = 0; i < s->input_count; i++) {
        if (i > 0) buf_add_char(&order, ',');
        sql_add_name(&order, s->columns[first + i].name);
    }
    s->top_k = sql_option_none(&s->options, "top_k") ? 0 : sql_option_integer(&s->options, "top_k");
    buf_printf(&order, "%s DESC, rowid LIMIT %d", s->input_count > 1 ? ")" : "",
        s->top_k > 0 ? s->top_k : -1);
    s->order = order.failed ? NULL : arena_strndup(&s->plan->arena, order.data, order.bytes);
    buf_deinit(&order);
    return s->order != NULL ? ST_OK : mem_err(e, 0);
}

/* Is the option written under this name? */
static bool spelled(const struct sql_step *s, const char *name)
{
    const struct sql_scan *scan = s->plan->ast.scan;
    for (const struct sql_option_ast *o = s->node->parts.options; o != NULL; o = o->next)
        if (lex_is(scan->text, scan->tokens[o->name], name)) return true;
    return false;
}

/* Its form is A's and B's, and emb_col only B's. */
static bool is_dialect_a(const struct sql_step *s)
{
    return s->node->parts.search != NULL && source_dialect(s) == DIALECT_A &&
        sql_option_given(&s->options, "emb_col") == NULL;
}

static enum status plan_search(struct sql_step *s, struct err *e)
{
    const struct sql_option_ast *kind = s->node->parts.search;
    bool sorted = sql_option_given(&s->options, "top_k") != NULL;
    s->input_count = 0;
    s->order = NULL;
    s->top_k = 0;
    enum status st = kind != NULL ? plan_kind(s, kind, e) : plan_options(s, e);
    if (kind == NULL && !spelled(s, "search_input_type")) sorted = true;
    if (s->shape < 0) s->shape = is_dialect_a(s) ? SHAPE_BASE : SHAPE_RESULT;
    if (st == ST_OK) st = source_plan(s, kind == NULL, e);
    if (st == ST_OK) st = step_columns_of_query(s, -1, e);
    int first = s->column_count;
    for (int i = 0; st == ST_OK && i < s->input_count; i++) {
        char *name = score_name(s, i);
        struct step_column *c = name != NULL ? step_column_add(s, name, "REAL") : NULL;
        if (c == NULL) return mem_err(e, 0);
        c->computed = s->computed_count++;
    }
    return st == ST_OK && sorted ? plan_order(s, first, e) : st;
}

/* --- running ---------------------------------------------------------------------------------- */

static enum status embed_input(
    struct step_run *r, const char *text, size_t bytes, float *out, struct err *e)
{
    struct sql_step *s = r->step;
    if (!s->inputs_are_pictures)
        return embed_text(s->session, s->model, (struct embed_words){text, bytes}, out, e);
    struct embed_picture p = {.path = text, .out = out};
    enum status st = embed_pictures(s->session, s->model, &p, 1, e);
    if (st != ST_OK || p.status == ST_OK) return st;
    if (p.status == ST_NOT_FOUND)
        return err_set(e, ST_NOT_FOUND, "no such file: \"%s\"; did you mean %s", text,
            s->node->parts.search != NULL ? "text=" : "search_by='text'");
    return err_set(e, p.status, "%s: %s", text, p.reason);
}

/* A parameter may also hold a ready vector of the right length, or a picture's bytes. */
static enum status take_bound(struct step_run *r, sqlite3_value *v, float *out, struct err *e)
{
    struct sql_step *s = r->step;
    int dim = model_info(s->model)->dim;
    if (sqlite3_value_type(v) != SQLITE_BLOB) {
        const char *text = (const char *)sqlite3_value_text(v);
        if (text == NULL) return err_set(e, ST_INVALID, "the input of a search is NULL");
        return embed_input(r, text, (size_t)sqlite3_value_bytes(v), out, e);
    }
    if (!s->inputs_are_pictures) {
        if (sqlite3_value_bytes(v) != dim * (int)sizeof *out)
            return err_set(e, ST_MISMATCH,
                "the input is a blob of %d bytes, a vector of model %s has %d",
                sqlite3_value_bytes(v), s->label, dim * (int)sizeof *out);
        memcpy(out, sqlite3_value_blob(v), (size_t)dim * sizeof *out);
        return ST_OK;
    }
    struct embed_picture p = {.data = sqlite3_value_bytes(v) > 0 ? sqlite3_value_blob(v) : "",
        .out = out,
        .bytes = (size_t)sqlite3_value_bytes(v)};
    enum status st = embed_pictures(s->session, s->model, &p, 1, e);
    return st != ST_OK || p.status == ST_OK ? st : err_set(e, p.status, "%s", p.reason);
}

static enum status open_search(struct step_run *r, struct err *e)
{
    struct sql_step *s = r->step;
    size_t dim = (size_t)model_info(s->model)->dim;
    bool named = sql_option_given(&s->options, "result_col") != NULL;
    if (is_dialect_a(s) && s->shape != SHAPE_RESULT && !named)
        source_announce(s, "searching", "Searching...");
    r->queries = mem_alloc_aligned((size_t)s->input_count * dim * sizeof(float));
    if (r->queries == NULL) return mem_err(e, 0);
    const struct sql_literal *v = s->inputs;
    for (int i = 0; i < s->input_count; i++, v = v->next) {
        float *out = r->queries + (size_t)i * dim;
        enum status st = s->input_args[i] >= 0 ? take_bound(r, r->args[s->input_args[i]], out, e)
                                               : embed_input(r, v->text, strlen(v->text), out, e);
        if (st != ST_OK) return sql_at(&s->plan->ast, v->first, st, e);
    }
    return ST_OK;
}

static void score_row(struct step_run *r, int row, const float *v)
{
    const struct sql_step *s = r->step;
    size_t dim = (size_t)model_info(s->model)->dim;
    for (int i = 0; i < s->input_count; i++) {
        double distance = metric_distance(METRIC_COSINE, r->queries + (size_t)i * dim, v, dim);
        r->cells[row * s->computed_count + i] =
            (struct step_cell){.number = 1 - distance, .has_number = !isnan(distance)};
    }
}

static enum status compute_search(struct step_run *r, struct err *e)
{
    const float *vectors[MODEL_BATCH_MAX];
    enum status st = source_vectors(r, vectors, e);
    for (int i = 0; st == ST_OK && i < r->count; i++)
        if (vectors[i] != NULL) score_row(r, i, vectors[i]);
    return st;
}

static void describe_search(const struct sql_step *s, struct buf *out)
{
    buf_printf(out, "model %s, %d %s%s", s->label, s->input_count,
        s->inputs_are_pictures ? "picture" : "text", s->input_count == 1 ? "" : "s");
    source_describe(s, out);
    if (s->order != NULL) buf_printf(out, ",%s", s->order);
}

const struct sql_statement statement_search_image = {
    .name = "SEARCH IMAGE",
    .token = TK_SEARCH,
    .media = TK_IMAGE,
    .options = SEARCH_OPTIONS,
    .option_count = sizeof SEARCH_OPTIONS / sizeof SEARCH_OPTIONS[0],
    .shapes = SHAPE_COUNT,
    .plan = plan_search,
    .open = open_search,
    .compute = compute_search,
    .describe = describe_search,
};
