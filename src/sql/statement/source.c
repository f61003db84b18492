/* source.c - choosing the column of vectors or pictures, and reading it. */
#include "sql/statement/source.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/near.h"
#include "sql/function/vector.h"
#include "sql/plan/plan.h"

enum source_dialect source_dialect(const struct sql_step *s)
{
    return (enum source_dialect)sql_setting(s->session, &s->plan->overlay, SETTING_DIALECT);
}

static enum status no_column(
    const struct sql_step *s, const struct sql_literal *given, const char *name, struct err *e)
{
    const char *near = NULL;
    for (int i = 0; i < s->query_columns; i++) near_consider(name, s->query_names[i], &near);
    enum status st = err_set(e, ST_NOT_FOUND, "the query has no column %s%s%s", name,
        near != NULL ? "; did you mean " : "", near != NULL ? near : "");
    return sql_at(&s->plan->ast, given->first, st, e);
}

enum status source_column(
    struct sql_step *s, const char *option, const char *name, int *column, struct err *e)
{
    const struct sql_literal *given = sql_option_given(&s->options, option);
    if (given != NULL) name = given->text;
    *column = name != NULL ? step_query_column(s, name) : -1;
    return given != NULL && *column < 0 ? no_column(s, given, name, e) : ST_OK;
}

void source_take_batch(struct sql_step *s)
{
    int wanted = sql_option_integer(&s->options, "batch_size");
    s->batch = wanted > 0 && wanted < MODEL_BATCH_MAX ? wanted : MODEL_BATCH_MAX;
}

enum status source_plan_pictures(struct sql_step *s, struct err *e)
{
    enum status st = source_column(s, "image_col", NULL, &s->picture_column, e);
    if (st != ST_OK || s->picture_column >= 0) return st;
    st = step_find_pictures(s, &s->picture_column, e);
    if (st != ST_OK || s->picture_column >= 0) return st;
    return sql_at(&s->plan->ast, s->node->at,
        err_set(e, ST_NOT_FOUND,
            "the query has no column image_path, image or path; name one with image_col"),
        e);
}

/* --- vectors ---------------------------------------------------------------------------------- */

/* What stood against a column that has the right name. */
struct refused {
    const char *column; /* NULL: nothing did */
    struct store_column declared;
};

static enum status other_model(struct sql_step *s, const struct refused *r, struct err *e)
{
    const char *model = s->node->parts.model->text;
    const struct store_column *c = &r->declared;
    enum status st = strcmp(c->model, model) != 0
        ? err_set(e, ST_MISMATCH, "column %s holds vectors of model %s, not of %s", r->column,
              c->model, model)
        : err_set(e, ST_MISMATCH,
              "column %s holds vectors of another state of model %s: CONVERT it again", r->column,
              c->model);
    return sql_at(&s->plan->ast, s->node->parts.model->first, st, e);
}

/* Takes q's column when what is known of it doesn't speak against it: another model's vectors have
 * no meaning beside this one's. */
static enum status consider(struct sql_step *s, const char *name, bool declared_only,
    struct refused *refused, struct err *e)
{
    struct store_column c = {.dim = 0};
    int column = step_query_column(s, name);
    if (column < 0 || s->vector_column >= 0) return ST_OK;
    enum status st = step_trace(s, column, &c, e);
    if (st != ST_OK) return st;
    bool known = c.fingerprint[0] != '\0';
    if (known ? strcmp(c.fingerprint, model_info(s->model)->fingerprint) == 0 : !declared_only)
        s->vector_column = column;
    else if (known && refused->column == NULL)
        *refused = (struct refused){name, c};
    return ST_OK;
}

/* A column that is called after this model and holds another's vectors is a mistake; of the others
 * that only keeps them from being taken. */
static enum status consider_all(
    struct sql_step *s, bool result_first, struct refused *refused, struct err *e)
{
    static const char RESULT[] = "convert_result";
    char *own = step_vector_name(s), *other = step_other_vector_name(s);
    if (own == NULL || other == NULL) return mem_err(e, 0);
    enum status st = result_first ? consider(s, RESULT, false, refused, e) : ST_OK;
    if (st == ST_OK) st = consider(s, own, false, refused, e);
    if (st == ST_OK) st = consider(s, other, false, refused, e);
    if (st == ST_OK && s->vector_column < 0 && refused->column != NULL)
        return other_model(s, refused, e);
    if (st == ST_OK && !result_first) st = consider(s, RESULT, true, refused, e);
    return st == ST_OK ? consider(s, "embedding", true, refused, e) : st;
}

/* The column of emb_col is taken unless it is known to be another model's. */
static enum status take_named(struct sql_step *s, struct err *e)
{
    struct refused refused = {.column = NULL};
    int column;
    enum status st = source_column(s, "emb_col", NULL, &column, e);
    if (st == ST_OK && column >= 0) st = consider(s, s->query_names[column], false, &refused, e);
    return st == ST_OK && refused.column != NULL ? other_model(s, &refused, e) : st;
}

enum status source_plan(struct sql_step *s, bool result_first, struct err *e)
{
    struct refused refused = {.column = NULL};
    s->vector_column = s->picture_column = -1;
    s->batch = 1;
    enum status st = take_named(s, e);
    if (st != ST_OK || s->vector_column >= 0) return st;
    bool pictures = sql_option_given(&s->options, "image_col") != NULL;
    if (!pictures) st = consider_all(s, result_first, &refused, e);
    if (st != ST_OK || s->vector_column >= 0) return st;
    source_take_batch(s);
    if (pictures) return source_plan_pictures(s, e);
    st = step_find_pictures(s, &s->picture_column, e);
    if (st != ST_OK || s->picture_column >= 0) return st;
    if (refused.column != NULL) return other_model(s, &refused, e);
    return sql_at(&s->plan->ast, s->node->at,
        err_set(e, ST_NOT_FOUND,
            "the query has neither vectors of model %s (%s, convert_result, a declared embedding)"
            " nor pictures (image_path, image, path)",
            s->label, step_vector_name(s)),
        e);
}

/* --- reading ---------------------------------------------------------------------------------- */

/* The vector of the current row. What isn't a blob of the right length and place is copied. */
static enum status read_stored(struct step_run *r, const float **out, struct err *e)
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
    *out = st == ST_OK ? v.v : NULL;
    if (st == ST_OK && v.owned != NULL) {
        if (r->vectors == NULL) r->vectors = mem_alloc_aligned((size_t)dim * sizeof(float));
        if (r->vectors == NULL) st = mem_err(e, 0);
        if (st == ST_OK) *out = memcpy(r->vectors, v.v, (size_t)dim * sizeof(float));
    }
    vector_arg_deinit(&v);
    return st;
}

enum status source_vectors(struct step_run *r, const float **vectors, struct err *e)
{
    bool have[MODEL_BATCH_MAX];
    size_t dim = (size_t)model_info(r->step->model)->dim;
    if (r->step->vector_column >= 0) return read_stored(r, vectors, e);
    enum status st = step_embed_pictures(r, have, e);
    for (int i = 0; st == ST_OK && i < r->count; i++)
        vectors[i] = have[i] ? r->vectors + (size_t)i * dim : NULL;
    return st;
}

void source_describe(const struct sql_step *s, struct buf *out)
{
    if (s->vector_column >= 0)
        buf_printf(out, ", vectors from column %s", s->query_names[s->vector_column]);
    else
        buf_printf(out, ", pictures from column %s, %d a batch", s->query_names[s->picture_column],
            s->batch);
}

void source_announce(struct sql_step *s, const char *what, const char *words)
{
    if (s->announced) return;
    s->announced = true;
    run_report(&s->session->run, &(struct run_progress){.what = what, .note = words});
}
