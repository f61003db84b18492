/* build.c - BUILD MODEL n USING Base OPTIONS (…) AS (q) and FIT MODEL n [USING m] OPTIONS (…) AS
 * (q): everything that can be checked of them.
 *
 * The base model, the options that it takes and their ranges, the columns they name and those they
 * name by default. What is right is then refused: this version trains nothing.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sql/plan/plan.h"
#include "sql/statement/classes.h"
#include "sql/statement/source.h"

static const char *const COLORS[] = {"RGB", "GRAY", NULL};

static const struct sql_option BUILD_OPTIONS[] = {
    {.name = "image_col", .type = OPTION_NAME, .also = {"image_column"}},
    {.name = "label_col", .type = OPTION_NAME, .also = {"target_col", "target"}},
    {.name = "filename_col", .type = OPTION_NAME},
    {.name = "batch_size", .type = OPTION_INTEGER, .min = 1, .max = 100000},
    {.name = "max_epochs", .type = OPTION_INTEGER, .min = 1, .max = 100000, .also = {"epochs"}},
    {.name = "learning_rate", .type = OPTION_REAL, .min = 0, .max = 1},
    {.name = "input_size", .type = OPTION_INTEGER, .min = 16, .max = 4096},
    {.name = "color", .type = OPTION_NAME, .fallback = "RGB", .choices = COLORS},
    {.name = "pretrained", .type = OPTION_BOOLEAN, .fallback = "False"},
    {.name = "overwrite", .type = OPTION_BOOLEAN, .fallback = "False"},
};

/* Options that only one kind of base model takes. */
static const struct {
    const char *name;
    enum class_kind kind;
} ONLY[] = {
    {"filename_col", CLASS_CONTRAST},
    {"pretrained", CLASS_CONTRAST},
    {"learning_rate", CLASS_CLASSIFIER},
    {"input_size", CLASS_CLASSIFIER},
    {"color", CLASS_CLASSIFIER},
};

static bool is_name(const struct sql_literal *v)
{
    return v->kind == LITERAL_NAME || v->kind == LITERAL_TEXT;
}

static enum status unknown_class(const struct sql_step *s, struct err *e)
{
    const struct sql_literal *base = s->node->parts.model;
    const char *near = class_near(base->text);
    enum status st = near != NULL
        ? err_set(e, ST_NOT_FOUND, "there is no base model %s; did you mean %s", base->text, near)
        : err_set(e, ST_NOT_FOUND,
              "there is no base model %s; there are SimCLR, ConvNeXt_Tiny, ConvNeXt_Base,"
              " EfficientNetV2S and EfficientNetV2M",
              base->text);
    return sql_at(&s->plan->ast, base->first, st, e);
}

static enum status find_class(
    const struct sql_step *s, const struct model_class **out, struct err *e)
{
    const struct sql_literal *base = s->node->parts.model;
    if (base == NULL)
        return sql_at(&s->plan->ast, s->node->at,
            err_set(e, ST_INVALID, "BUILD MODEL needs USING and a base model such as SimCLR"), e);
    if (!is_name(base))
        return sql_at(&s->plan->ast, base->first,
            err_set(e, ST_INVALID, "USING takes a base model's name"), e);
    *out = class_find(base->text);
    if (*out == NULL) return unknown_class(s, e);
    if ((*out)->kind == CLASS_READY)
        return sql_at(&s->plan->ast, base->first,
            err_set(e, ST_INVALID, "%s comes trained and is not built: GET THANOSQL MODEL clip",
                (*out)->name),
            e);
    if ((*out)->kind == CLASS_OTHER)
        return sql_at(&s->plan->ast, base->first,
            err_set(e, ST_UNSUPPORTED, "%s is not supported: it is for %s", (*out)->name,
                (*out)->about),
            e);
    return ST_OK;
}

static enum status check_only(
    const struct sql_step *s, const struct model_class *class, struct err *e)
{
    for (size_t i = 0; i < sizeof ONLY / sizeof ONLY[0]; i++) {
        const struct sql_literal *given = sql_option_given(&s->options, ONLY[i].name);
        if (given != NULL && ONLY[i].kind != class->kind)
            return sql_at(&s->plan->ast, given->first,
                err_set(e, ST_INVALID, "%s has no option %s", class->name, ONLY[i].name), e);
    }
    return ST_OK;
}

static enum status check_rate(const struct sql_step *s, struct err *e)
{
    const struct sql_literal *given = sql_option_given(&s->options, "learning_rate");
    if (given == NULL || strtod(given->text, NULL) > 0) return ST_OK;
    return sql_at(&s->plan->ast, given->first,
        err_set(e, ST_INVALID, "learning_rate must be more than 0, not %s", given->text), e);
}

/* The columns it would learn from: pictures, and labels where it learns those. */
static enum status check_columns(struct sql_step *s, bool labels, struct err *e)
{
    int file;
    enum status st = source_plan_pictures(s, e);
    if (st == ST_OK) st = source_column(s, "filename_col", NULL, &file, e);
    if (st == ST_OK) st = source_column(s, "label_col", "label", &s->label_column, e);
    if (st == ST_OK && labels && s->label_column < 0)
        st = sql_at(&s->plan->ast, s->node->at,
            err_set(e, ST_NOT_FOUND, "the query has no column label; name one with label_col"), e);
    return st;
}

static enum status refuse(const struct sql_step *s, const char *what, struct err *e)
{
    return sql_at(&s->plan->ast, s->node->at,
        err_set(e, ST_UNSUPPORTED, "training is not part of this version: %s can't be %s",
            s->node->parts.name->text, what),
        e);
}

static enum status check_name(const struct sql_step *s, struct err *e)
{
    const struct sql_literal *name = s->node->parts.name;
    if (is_name(name)) return ST_OK;
    return sql_at(&s->plan->ast, name->first,
        err_set(e, ST_INVALID, "%s takes a model's name", s->statement->name), e);
}

static enum status plan_build(struct sql_step *s, struct err *e)
{
    const struct model_class *class = NULL;
    enum status st = check_name(s, e);
    if (st == ST_OK) st = find_class(s, &class, e);
    if (st == ST_OK) st = check_only(s, class, e);
    if (st == ST_OK) st = check_rate(s, e);
    if (st == ST_OK) st = check_columns(s, class->kind == CLASS_CLASSIFIER, e);
    return st == ST_OK ? refuse(s, "built", e) : st;
}

/* What is fitted is a model that is there, by USING or under its own name. */
static enum status plan_fit(struct sql_step *s, struct err *e)
{
    const struct sql_literal *model = s->node->parts.model;
    enum status st = check_name(s, e);
    if (st != ST_OK) return st;
    if (model == NULL) model = s->node->parts.name;
    if (!is_name(model))
        return sql_at(
            &s->plan->ast, model->first, err_set(e, ST_INVALID, "USING takes a model's name"), e);
    st = sql_model_get(s->session, model->text, &s->model, e);
    if (st != ST_OK) return sql_at(&s->plan->ast, model->first, st, e);
    st = check_rate(s, e);
    if (st == ST_OK) st = check_columns(s, false, e);
    return st == ST_OK ? refuse(s, "fitted", e) : st;
}

const struct sql_statement statement_build = {
    .name = "BUILD MODEL",
    .token = TK_BUILD,
    .no_model = true,
    .options = BUILD_OPTIONS,
    .option_count = sizeof BUILD_OPTIONS / sizeof BUILD_OPTIONS[0],
    .plan = plan_build,
};

const struct sql_statement statement_fit = {
    .name = "FIT MODEL",
    .token = TK_FIT,
    .no_model = true,
    .options = BUILD_OPTIONS,
    .option_count = sizeof BUILD_OPTIONS / sizeof BUILD_OPTIONS[0],
    .plan = plan_fit,
};
