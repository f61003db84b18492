/* search_image.c - SEARCH IMAGE text|texts|image|images = v USING m AS (q): q's rows with their
 * similarity.
 *
 * All rows of q, in its order, and a score for each input: <model>_clip_similarity1 and on, cosine
 * similarity, larger is nearer. The vectors compared with come from the first of these that q has:
 *   1. a column <model>_clip, as CONVERT makes it;
 *   2. a column embedding that fovea_columns declares to be of this model;
 *   3. pictures, by image_path or path, embedded as they are met.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "base/mem.h"
#include "simd/distance.h"
#include "sql/embed.h"
#include "sql/plan.h"
#include "sql/statement.h"
#include "sql/vector.h"

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
        arg = step_arg_add(s, (struct step_arg){.parameter = s->plan->parameter_of[v->first]});
        if (arg < 0) return sql_at(p, v->first, err_set(e, ST_LIMIT, "too many parameters"), e);
    } else if (v->kind != LITERAL_TEXT && v->kind != LITERAL_NAME) {
        return sql_at(p, v->first, err_set(e, ST_INVALID, "a search takes strings to look for"), e);
    }
    s->input_args[s->input_count++] = arg;
    return ST_OK;
}

static enum status plan_inputs(struct sql_step *s, struct err *e)
{
    const struct sql_ast *p = &s->plan->ast;
    const struct sql_option_ast *o = s->node->parts.search;
    if (o == NULL)
        return sql_at(p, s->node->at,
            err_set(e, ST_INVALID, "SEARCH IMAGE needs text=, texts=, image= or images="), e);
    size_t i = 0, count = sizeof INPUTS / sizeof INPUTS[0];
    while (i < count && !lex_is(p->scan->text, p->scan->tokens[o->name], INPUTS[i].word)) i++;
    if (i == count)
        return sql_at(p, o->name,
            err_set(e, ST_INVALID, "SEARCH IMAGE takes text=, texts=, image= or images="), e);
    s->inputs_are_pictures = INPUTS[i].pictures;
    s->inputs = o->value->kind == LITERAL_LIST ? o->value->items : o->value;
    if (s->inputs == NULL)
        return sql_at(p, o->value->first, err_set(e, ST_INVALID, "the list is empty"), e);
    for (const struct sql_literal *v = s->inputs; v != NULL; v = v->next) {
        enum status st = take_input(s, v, e);
        if (st != ST_OK) return st;
    }
    return ST_OK;
}

static enum status other_model(
    const struct sql_step *s, const char *column, const struct store_column *c, struct err *e)
{
    int token = s->node->parts.model->first;
    bool other = strcmp(c->model, s->node->parts.model->text) != 0;
    enum status st = other
        ? err_set(e, ST_MISMATCH, "column %s holds vectors of model %s, not of %s", column,
              c->model, s->node->parts.model->text)
        : err_set(e, ST_MISMATCH,
              "column %s holds vectors of another state of model %s:"
              " CONVERT it again",
              column, c->model);
    return sql_at(&s->plan->ast, token, st, e);
}

/* The column of a name, when what is known of it doesn't speak against it. Another model's vectors
 * have no meaning beside this one's. */
static enum status take_vectors(struct sql_step *s, const char *name, bool must_be_declared,
    struct store_column *c, struct err *e)
{
    int column = step_query_column(s, name);
    *c = (struct store_column){.dim = 0};
    enum status st = column >= 0 ? trace_column(s->session, s->rows, column, c, e) : ST_OK;
    if (st != ST_OK || column < 0) return st;
    bool known = c->fingerprint[0] != '\0';
    bool same = known && strcmp(c->fingerprint, model_info(s->model)->fingerprint) == 0;
    if (same || (!known && !must_be_declared)) s->vector_column = column;
    return ST_OK;
}

static enum status plan_vectors(struct sql_step *s, struct err *e)
{
    struct store_column own, embedding = {.dim = 0};
    char *name = step_vector_name(s);
    if (name == NULL) return mem_err(e, 0);
    enum status st = take_vectors(s, name, false, &own, e);
    if (st != ST_OK || s->vector_column >= 0) return st;
    if (own.dim > 0) return other_model(s, name, &own, e);
    st = take_vectors(s, "embedding", true, &embedding, e);
    if (st != ST_OK || s->vector_column >= 0) return st;
    s->picture_column = step_find_pictures(s, NULL);
    if (s->picture_column >= 0) return ST_OK;
    if (embedding.model[0] != '\0') return other_model(s, "embedding", &embedding, e);
    return sql_at(&s->plan->ast, s->node->at,
        err_set(e, ST_NOT_FOUND,
            "the query has neither %s, nor an embedding of model %s, nor image_path or path", name,
            s->label),
        e);
}

static enum status plan_search(struct sql_step *s, struct err *e)
{
    enum status st = plan_inputs(s, e);
    if (st == ST_OK) st = plan_vectors(s, e);
    if (st == ST_OK) st = step_columns_of_query(s, -1, e);
    if (st != ST_OK) return st;
    for (int i = 0; i < s->input_count; i++) {
        char *name = arena_printf(&s->plan->arena, "%s_clip_similarity%d", s->label, i + 1);
        struct step_column *c = name != NULL ? step_column_add(s, name, "REAL") : NULL;
        if (c == NULL) return mem_err(e, 0);
        c->computed = s->computed_count++;
    }
    s->batch = s->vector_column >= 0 ? 1 : MODEL_BATCH_MAX;
    return ST_OK;
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
        return err_set(e, ST_NOT_FOUND, "%s: no such file; did you mean text=", text);
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
    const struct sql_step *s = r->step;
    size_t dim = (size_t)model_info(s->model)->dim;
    r->queries = mem_alloc_aligned((size_t)s->input_count * dim * sizeof(float));
    if (r->queries == NULL) return mem_err(e, 0);
    const struct sql_literal *v = s->inputs;
    for (int i = 0; i < s->input_count; i++, v = v->next) {
        float *out = r->queries + (size_t)i * dim;
        enum status st = s->input_args[i] >= 0 ? take_bound(r, r->args[s->input_args[i]], out, e)
                                               : embed_input(r, v->text, strlen(v->text), out, e);
        if (st != ST_OK) return st;
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

static enum status score_stored(struct step_run *r, struct err *e)
{
    const struct sql_step *s = r->step;
    struct vector_arg v;
    int dim = model_info(s->model)->dim;
    char name[120];
    snprintf(name, sizeof name, "column %s", sqlite3_column_name(r->rows, s->vector_column));
    struct sql_value *value = (struct sql_value *)step_value(r, 0, s->vector_column);
    enum status st = vector_arg_init(&v, value, name, e);
    if (st == ST_OK && v.v != NULL && v.dim != dim)
        st = err_set(e, ST_MISMATCH, "%s holds vectors of %d dimensions, model %s gives %d", name,
            v.dim, s->label, dim);
    if (st == ST_OK && v.v != NULL) score_row(r, 0, v.v);
    vector_arg_deinit(&v);
    return st;
}

static enum status compute_search(struct step_run *r, struct err *e)
{
    if (r->step->vector_column >= 0) return score_stored(r, e);
    bool have[MODEL_BATCH_MAX];
    size_t dim = (size_t)model_info(r->step->model)->dim;
    enum status st = step_embed_pictures(r, have, e);
    for (int i = 0; st == ST_OK && i < r->count; i++)
        if (have[i]) score_row(r, i, r->vectors + (size_t)i * dim);
    return st;
}

static void describe_search(const struct sql_step *s, struct buf *out)
{
    buf_printf(out, "model %s, %d %s%s", s->label, s->input_count,
        s->inputs_are_pictures ? "picture" : "text", s->input_count == 1 ? "" : "s");
    if (s->vector_column >= 0)
        buf_printf(out, ", vectors from column %s", sqlite3_column_name(s->rows, s->vector_column));
    else
        buf_printf(out, ", pictures from column %s, %d a batch",
            sqlite3_column_name(s->rows, s->picture_column), s->batch);
}

const struct sql_statement statement_search_image = {
    .name = "SEARCH IMAGE",
    .token = TK_SEARCH,
    .media = TK_IMAGE,
    .plan = plan_search,
    .open = open_search,
    .compute = compute_search,
    .describe = describe_search,
};
