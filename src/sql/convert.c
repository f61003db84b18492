/* convert.c - CONVERT USING m OPTIONS (…) AS (q): q's rows with the vectors of their pictures.
 *
 * The vector column is called <model>_clip, or result_col; a column of that name in q is replaced.
 * With table_name the column is also kept: in the table that q reads, or in a new one (save.c).
 * CREATE TABLE t USING m FROM 'folder' is the same over the files of a folder, with AS (q) over q.
 */
#include <string.h>

#include "base/mem.h"
#include "sql/plan.h"
#include "sql/statement.h"

static const struct sql_option CONVERT_OPTIONS[] = {
    {.name = "table_name", .type = OPTION_NAME},
    {.name = "image_col", .type = OPTION_NAME},
    {.name = "batch_size", .type = OPTION_INTEGER, .fallback = "16", .min = 1, .max = 100000},
    {.name = "result_col", .type = OPTION_NAME},
    {.name = "overwrite", .type = OPTION_BOOLEAN, .fallback = "False"},
};

static const char *const PATH_TYPES[] = {"folder", "file", NULL};
static const char *const DATA_TYPES[] = {"image", NULL};

static const struct sql_option CREATE_OPTIONS[] = {
    {.name = "path_type", .type = OPTION_NAME, .fallback = "folder", .choices = PATH_TYPES},
    {.name = "image_col", .type = OPTION_NAME},
    {.name = "data_type", .type = OPTION_NAME, .fallback = "image", .choices = DATA_TYPES},
    {.name = "file_type", .type = OPTION_TEXTS},
    {.name = "overwrite", .type = OPTION_BOOLEAN, .fallback = "False"},
    {.name = "batch_size", .type = OPTION_INTEGER, .fallback = "16", .min = 1, .max = 100000},
};

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
    c->vector = true;
    c->declared = step_declaration(s);
    if (replaced >= 0) move_to(s, replaced);
    if (s->rowid_column < 0) return ST_OK;
    c = step_column_add(s, "fovea_rowid", "INTEGER");
    if (c == NULL) return mem_err(e, 0);
    c->from = s->rowid_column;
    c->hidden = true;
    return ST_OK;
}

/* Bigger batches than a model takes at once gain nothing: batch_size bounds from above. */
static void take_batch(struct sql_step *s)
{
    int wanted = sql_option_integer(&s->options, "batch_size");
    s->batch = wanted < MODEL_BATCH_MAX ? wanted : MODEL_BATCH_MAX;
}

/* The column with pictures: image_col, or one of the default names. */
static enum status take_pictures(struct sql_step *s, struct err *e)
{
    const struct sql_literal *given = sql_option_given(&s->options, "image_col");
    const char *name = sql_option_text(&s->options, "image_col");
    s->picture_column = step_find_pictures(s, name);
    if (s->picture_column < 0 && name != NULL)
        return sql_at(&s->plan->ast, given->first,
            err_set(e, ST_NOT_FOUND, "the query has no column %s", name), e);
    if (s->picture_column < 0)
        return sql_at(&s->plan->ast, s->node->at,
            err_set(e, ST_NOT_FOUND,
                "the query has no column image_path or path; name one with image_col"),
            e);
    return ST_OK;
}

static enum status plan_convert(struct sql_step *s, struct err *e)
{
    enum status st = take_pictures(s, e);
    if (st != ST_OK) return st;
    take_batch(s);
    const char *result = sql_option_text(&s->options, "result_col");
    if (result == NULL) result = step_vector_name(s);
    return result != NULL ? add_vector(s, result, e) : mem_err(e, 0);
}

static enum status plan_create(struct sql_step *s, struct err *e)
{
    enum status st = take_pictures(s, e);
    if (st != ST_OK) return st;
    take_batch(s);
    char *name = step_vector_name(s);
    return name != NULL ? add_vector(s, name, e) : mem_err(e, 0);
}

static enum status compute_convert(struct step_run *r, struct err *e)
{
    bool have[MODEL_BATCH_MAX];
    size_t dim = (size_t)model_info(r->step->model)->dim;
    enum status st = step_embed_pictures(r, have, e);
    for (int i = 0; st == ST_OK && i < r->count; i++)
        if (have[i]) r->cells[i].vector = r->vectors + (size_t)i * dim;
    return st;
}

static void describe_convert(const struct sql_step *s, struct buf *out)
{
    buf_printf(out, "model %s, pictures from column %s, %d a batch", s->label,
        sqlite3_column_name(s->rows, s->picture_column), s->batch);
}

const struct sql_statement statement_convert = {
    .name = "CONVERT",
    .token = TK_CONVERT,
    .options = CONVERT_OPTIONS,
    .option_count = sizeof CONVERT_OPTIONS / sizeof CONVERT_OPTIONS[0],
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
