/* convert.c - CONVERT USING m OPTIONS (…) AS (q): q's rows with the vectors of their pictures, or,
 * with convert_type='text', of their texts.
 *
 * The vector column is called result_col; without that <model>_<base>, as ThanoSQL's dialect A has
 * it, or convert_result, as C has it, where the text says convert_type or the session says C. A
 * column of that name in q is replaced. With table_name the column is also kept: in the table that
 * q reads, or in a new one (save.c). CREATE TABLE t USING m FROM 'folder' is the same over the
 * files of a folder, with AS (q) over q.
 */
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "sql/plan/plan.h"
#include "sql/statement/embed.h"
#include "sql/statement/source.h"

static const char *const CONVERT_TYPES[] = {"image", "text", NULL};

static const struct sql_option CONVERT_OPTIONS[] = {
    {.name = "table_name", .type = OPTION_NAME},
    {.name = "image_col", .type = OPTION_NAME, .also = {"image_column"}},
    {.name = "text_col", .type = OPTION_NAME},
    {.name = "convert_type", .type = OPTION_NAME, .fallback = "image", .choices = CONVERT_TYPES},
    {.name = "batch_size", .type = OPTION_INTEGER, .fallback = "16", .min = 1, .max = 100000},
    {.name = "result_col", .type = OPTION_NAME, .also = {"column_name"}},
    {.name = "overwrite", .type = OPTION_BOOLEAN, .fallback = "False"},
};

static const char *const PATH_TYPES[] = {"folder", "file", "glob", NULL};
static const char *const DATA_TYPES[] = {"image", "audio", "video", NULL};

static const struct sql_option CREATE_OPTIONS[] = {
    {.name = "path_type", .type = OPTION_NAME, .fallback = "folder", .choices = PATH_TYPES},
    {.name = "image_col", .type = OPTION_NAME, .also = {"image_column"}},
    {.name = "data_type", .type = OPTION_NAME, .fallback = "image", .choices = DATA_TYPES},
    {.name = "file_type", .type = OPTION_TEXTS},
    {.name = "overwrite", .type = OPTION_BOOLEAN, .fallback = "False"},
    {.name = "batch_size", .type = OPTION_INTEGER, .fallback = "16", .min = 1, .max = 100000},
};

/* What the vector column is called, by shape: as A has it with the model's base, as A has it with
 * CLIP's other name, as C has it. */
enum { SHAPE_BASE, SHAPE_OTHER_BASE, SHAPE_RESULT, SHAPE_COUNT };

/* Moves the last column to where q's column of its name was. */
static void move_to(struct sql_step *s, int column)
{
    int at = column - (s->rowid_column >= 0 && s->rowid_column < column);
    struct step_column last = s->columns[s->column_count - 1];
    memmove(&s->columns[at + 1], &s->columns[at],
        (size_t)(s->column_count - 1 - at) * sizeof *s->columns);
    s->columns[at] = last;
}

/* The vector column, in q's place of the same name or behind q's columns. */
static enum status add_vector(struct sql_step *s, const char *name, struct err *e)
{
    int replaced = step_query_column(s, name);
    enum status st = step_columns_of_query(s, replaced, e);
    if (st != ST_OK) return st;
    char *type = step_vector_type(s);
    struct step_column *c = type != NULL ? step_column_add(s, name, type) : NULL;
    if (c == NULL) return mem_err(e, 0);
    c->computed = s->computed_count++;
    c->declared = step_declaration(s);
    if (replaced >= 0) move_to(s, replaced);
    if (s->rowid_column < 0) return ST_OK;
    c = step_column_add(s, "fovea_rowid", "INTEGER");
    if (c == NULL) return mem_err(e, 0);
    c->from = s->rowid_column;
    c->hidden = true;
    return ST_OK;
}

static enum status plan_result(struct sql_step *s, struct err *e)
{
    const char *result = sql_option_text(&s->options, "result_col");
    bool c =
        source_dialect(s) == DIALECT_C || sql_option_given(&s->options, "convert_type") != NULL;
    if (s->shape < 0) s->shape = c ? SHAPE_RESULT : SHAPE_BASE;
    if (result == NULL)
        result = s->shape == SHAPE_RESULT ? "convert_result"
            : s->shape == SHAPE_BASE      ? step_vector_name(s)
                                          : step_other_vector_name(s);
    return result != NULL ? add_vector(s, result, e) : mem_err(e, 0);
}

static enum status plan_texts(struct sql_step *s, struct err *e)
{
    enum status st = source_column(s, "text_col", "text", &s->text_column, e);
    if (st != ST_OK || s->text_column >= 0) return st;
    return sql_at(&s->plan->ast, s->node->at,
        err_set(e, ST_NOT_FOUND, "the query has no column text; name one with text_col"), e);
}

static enum status plan_convert(struct sql_step *s, struct err *e)
{
    bool texts = strcasecmp(sql_option_text(&s->options, "convert_type"), "text") == 0;
    source_take_batch(s);
    enum status st = texts ? plan_texts(s, e) : source_plan_pictures(s, e);
    return st == ST_OK ? plan_result(s, e) : st;
}

static enum status plan_create(struct sql_step *s, struct err *e)
{
    const char *data = sql_option_text(&s->options, "data_type");
    if (strcasecmp(data, "image") != 0)
        return sql_at(&s->plan->ast, sql_option_given(&s->options, "data_type")->first,
            err_set(e, ST_UNSUPPORTED, "only pictures are read: data_type 'image', not '%s'", data),
            e);
    source_take_batch(s);
    enum status st = source_plan_pictures(s, e);
    char *name = st == ST_OK ? step_vector_name(s) : NULL;
    if (st != ST_OK) return st;
    return name != NULL ? add_vector(s, name, e) : mem_err(e, 0);
}

static enum status embed_texts(struct step_run *r, struct err *e)
{
    struct sql_step *s = r->step;
    size_t dim = (size_t)model_info(s->model)->dim;
    if (r->vectors == NULL) r->vectors = mem_alloc_aligned((size_t)s->batch * dim * sizeof(float));
    enum status st = r->vectors != NULL ? ST_OK : mem_err(e, 0);
    for (int i = 0; st == ST_OK && i < r->count; i++) {
        sqlite3_value *v = step_value(r, i, s->text_column);
        const char *text = (const char *)sqlite3_value_text(v);
        if (text == NULL) continue;
        float *out = r->vectors + (size_t)i * dim;
        struct embed_words words = {text, (size_t)sqlite3_value_bytes(v)};
        st = embed_text(s->session, s->model, words, out, e);
        r->cells[i].vector = out;
    }
    return st;
}

static enum status compute_convert(struct step_run *r, struct err *e)
{
    bool have[MODEL_BATCH_MAX];
    size_t dim = (size_t)model_info(r->step->model)->dim;
    if (r->step->text_column >= 0) return embed_texts(r, e);
    enum status st = step_embed_pictures(r, have, e);
    for (int i = 0; st == ST_OK && i < r->count; i++)
        if (have[i]) r->cells[i].vector = r->vectors + (size_t)i * dim;
    return st;
}

static void describe_convert(const struct sql_step *s, struct buf *out)
{
    bool texts = s->text_column >= 0;
    buf_printf(out, "model %s, %s from column %s, %d a batch", s->label,
        texts ? "texts" : "pictures", s->query_names[texts ? s->text_column : s->picture_column],
        s->batch);
}

const struct sql_statement statement_convert = {
    .name = "CONVERT",
    .token = TK_CONVERT,
    .options = CONVERT_OPTIONS,
    .option_count = sizeof CONVERT_OPTIONS / sizeof CONVERT_OPTIONS[0],
    .shapes = SHAPE_COUNT,
    .plan = plan_convert,
    .compute = compute_convert,
    .describe = describe_convert,
};

const struct sql_statement statement_create_using = {
    .name = "CREATE TABLE USING",
    .token = TK_CREATE,
    .source = step_source_files,
    .options = CREATE_OPTIONS,
    .option_count = sizeof CREATE_OPTIONS / sizeof CREATE_OPTIONS[0],
    .plan = plan_create,
    .compute = compute_convert,
    .describe = describe_convert,
};
