/* predict.c - PREDICT USING m OPTIONS (labels=[…], …) AS (q): to each picture the label that fits
 * best.
 *
 * A CLIP model has no classifier of its own: the labels are words, chosen among by cosine
 * (labels.h). Two shapes of the same rows: ThanoSQL's dialect C has q's columns and predict_result
 * (or result_col), dialect A has image_path and predicted. Without result_col the session's
 * thanosql_dialect decides, and a query around it that asks for the other's names gets the other
 * shape.
 */
#include "base/mem.h"
#include "sql/plan/plan.h"
#include "sql/statement/labels.h"

static const struct sql_option PREDICT_OPTIONS[] = {
    {.name = "labels", .type = OPTION_TEXTS},
    {.name = "template", .type = OPTION_TEXTS, .also = {"prompt"}},
    {.name = "image_col", .type = OPTION_NAME, .also = {"image_column"}},
    {.name = "emb_col", .type = OPTION_NAME},
    {.name = "result_col", .type = OPTION_NAME, .also = {"column_name"}},
    {.name = "batch_size", .type = OPTION_INTEGER, .min = 1, .max = 100000},
    {.name = "input_size", .type = OPTION_INTEGER, .min = 1, .max = 4096},
};

/* Whose columns: A's, C's, C's with A's behind them. */
enum { SHAPE_A, SHAPE_C, SHAPE_BOTH, SHAPE_COUNT };

static enum status add_predicted(struct sql_step *s, const char *name, struct err *e)
{
    struct step_column *c = step_column_add(s, name, "TEXT");
    if (c == NULL) return mem_err(e, 0);
    c->computed = 0;
    s->computed_count = 1;
    return ST_OK;
}

/* A's first column is the picture's. */
static enum status add_picture(struct sql_step *s, int column, struct err *e)
{
    const char *type = step_plain_type(sqlite3_column_decltype(s->rows, column));
    struct step_column *c = step_column_add(s, s->query_names[column], type);
    if (c == NULL) return mem_err(e, 0);
    c->from = column;
    return ST_OK;
}

static enum status plan_columns(struct sql_step *s, struct err *e)
{
    const char *result = sql_option_text(&s->options, "result_col");
    int picture = s->picture_column;
    enum status st = picture < 0 ? step_find_pictures(s, &picture, e) : ST_OK;
    if (st != ST_OK) return st;
    if (s->shape < 0)
        s->shape = result == NULL && source_dialect(s) == DIALECT_A ? SHAPE_A : SHAPE_C;
    st = s->shape == SHAPE_A && picture >= 0 ? add_picture(s, picture, e)
                                             : step_columns_of_query(s, -1, e);
    if (result == NULL) result = s->shape == SHAPE_A ? "predicted" : "predict_result";
    if (st == ST_OK) st = add_predicted(s, result, e);
    return st == ST_OK && s->shape == SHAPE_BOTH ? add_predicted(s, "predicted", e) : st;
}

static enum status plan_predict(struct sql_step *s, struct err *e)
{
    enum status st = labels_plan(s, e);
    if (st == ST_OK) st = source_plan(s, false, e);
    return st == ST_OK ? plan_columns(s, e) : st;
}

static enum status open_predict(struct step_run *r, struct err *e)
{
    r->state = mem_zalloc((size_t)labels_count(r->step), sizeof(float));
    return r->state != NULL ? labels_open(r, e) : mem_err(e, 0);
}

static void close_predict(struct step_run *r)
{
    mem_free(r->state);
}

static enum status compute_predict(struct step_run *r, struct err *e)
{
    const float *vectors[MODEL_BATCH_MAX];
    enum status st = source_vectors(r, vectors, e);
    for (int i = 0; st == ST_OK && i < r->count; i++) {
        int label = vectors[i] != NULL ? labels_score(r, vectors[i], r->state) : -1;
        if (label >= 0) r->cells[i].text = labels_text(r->step, label);
    }
    return st;
}

static void describe_predict(const struct sql_step *s, struct buf *out)
{
    buf_printf(out, "model %s, %d labels", s->label, labels_count(s));
    source_describe(s, out);
}

const struct sql_statement statement_predict = {
    .name = "PREDICT",
    .token = TK_PREDICT,
    .options = PREDICT_OPTIONS,
    .option_count = sizeof PREDICT_OPTIONS / sizeof PREDICT_OPTIONS[0],
    .shapes = SHAPE_COUNT,
    .plan = plan_predict,
    .open = open_predict,
    .compute = compute_predict,
    .close = close_predict,
    .describe = describe_predict,
};
