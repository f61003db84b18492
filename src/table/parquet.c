/* parquet.c - Parquet files, by hand: see parquet_meta.h, parquet_page.h, parquet_values.h,
 * parquet_bits.h, parquet_convert.h for the layers.
 *
 * A batch is rows of one row group that lie in the current page of every flat column, so a column
 * holds one page and its dictionary at a time, whatever the row group's size. Columns that are not
 * kept are not read at all. A list of floats is a vector; other nested columns are an error, unless
 * they are dropped.
 */
#include <inttypes.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "table/parquet_convert.h"
#include "table/parquet_page.h"

enum { BATCH_BYTES = 64 << 20 };

struct parquet {
    struct reader r;
    struct parquet_meta meta;
    struct parquet_cursor *cursors; /* one a column */
    size_t group;                   /* the next one */
    uint64_t group_left;            /* rows of the current one */
};

/* --- opening ---------------------------------------------------------------------------------- */

/* The length of the first list that is no NULL: a vector's dimension. */
static enum status dim_find(struct parquet *q, size_t column, struct err *e)
{
    struct parquet_cursor *c = &q->cursors[column];
    enum status st = ST_OK;
    int dim = 0;
    for (size_t g = 0; st == ST_OK && dim <= 0 && g < q->meta.group_count; g++) {
        const struct parquet_group *group = &q->meta.groups[g];
        st = parquet_cursor_start(c, &group->chunks[c->leaf->index], e);
        for (uint64_t i = 0; st == ST_OK && dim <= 0 && i < group->rows; i++) {
            struct parquet_list l = {.rows = 1};
            st = parquet_cursor_lists(c, &l, e);
            dim = l.length;
        }
    }
    if (st == ST_OK && dim > LIMIT_VECTOR_DIM)
        st = err_set(e, ST_LIMIT, "%s, column %s: vectors of more than %d numbers", q->r.in.name,
            q->r.columns[column].name, LIMIT_VECTOR_DIM);
    q->r.columns[column].dim = dim > 0 ? dim : 0;
    return st;
}

static enum status column_open(struct parquet *q, size_t column, struct err *e)
{
    struct parquet_leaf *leaf = &q->meta.leaves[column];
    struct table_column *out = &q->r.columns[column];
    struct parquet_cursor *c = &q->cursors[column];
    c->r = &q->r;
    c->column = column;
    c->leaf = leaf;
    if (leaf->nested != NULL) return ST_OK; /* an error once it is read */
    if (leaf->rep_max == 0) return parquet_type(&q->r, column, leaf, &out->type, e);
    out->type = TABLE_VECTOR;
    return dim_find(q, column, e);
}

static enum status parquet_open(struct reader *r, const struct reader_options *o, struct err *e)
{
    struct parquet *q = (struct parquet *)r;
    (void)o;
    enum status st = parquet_meta_read(r, &q->meta, e);
    if (st != ST_OK) return st;
    q->cursors = mem_zalloc(r->column_count, sizeof *q->cursors);
    if (q->cursors == NULL) return mem_err(e, r->column_count * sizeof *q->cursors);
    for (size_t i = 0; st == ST_OK && i < r->column_count; i++) st = column_open(q, i, e);
    r->total = q->meta.rows;
    r->total_known = true;
    return st;
}

static void parquet_close(struct reader *r)
{
    struct parquet *q = (struct parquet *)r;
    for (size_t i = 0; q->cursors != NULL && i < r->column_count; i++)
        parquet_cursor_deinit(&q->cursors[i]);
    mem_free(q->cursors);
}

/* --- rows ------------------------------------------------------------------------------------- */

static enum status group_start(struct parquet *q, struct err *e)
{
    const struct parquet_group *g = &q->meta.groups[q->group++];
    enum status st = ST_OK;
    q->group_left = g->rows;
    for (size_t i = 0; st == ST_OK && i < q->r.column_count; i++) {
        struct parquet_cursor *c = &q->cursors[i];
        if (!reader_keeps(&q->r, i)) continue;
        if (c->leaf->nested != NULL)
            return err_set(e, ST_UNSUPPORTED, "%s: the column %s is %s, which is not read",
                q->r.in.name, q->r.columns[i].name, c->leaf->nested);
        st = parquet_cursor_start(c, &g->chunks[c->leaf->index], e);
    }
    return st;
}

/* Rows that every column can give at once. */
static enum status rows_ready(struct parquet *q, size_t most, size_t *rows, struct err *e)
{
    size_t floats = 1;
    enum status st = ST_OK;
    *rows = q->group_left < most ? (size_t)q->group_left : most;
    for (size_t i = 0; st == ST_OK && i < q->r.column_count; i++) {
        struct parquet_cursor *c = &q->cursors[i];
        if (!reader_keeps(&q->r, i)) continue;
        floats += (size_t)q->r.columns[i].dim;
        if (c->leaf->rep_max > 0) continue;
        if (c->page_left == 0) st = parquet_cursor_load(c, e);
        if (st == ST_OK && c->page_left == 0) st = parquet_wrong(c, "fewer values than rows", e);
        if (*rows > c->page_left) *rows = c->page_left;
    }
    size_t limit = BATCH_BYTES / sizeof(float) / floats + 1;
    if (*rows > limit) *rows = limit;
    return st;
}

static enum status column_room(struct parquet *q, size_t column, size_t rows, struct err *e)
{
    struct parquet_cursor *c = &q->cursors[column];
    const struct table_column *t = &q->r.columns[column];
    if (rows <= c->room) return ST_OK;
    c->room = 0;
    mem_free(c->staging);
    mem_free(c->null);
    mem_free_aligned(c->out);
    mem_free(c->text);
    size_t each =
        t->type == TABLE_VECTOR ? (size_t)t->dim * sizeof(float) : sizeof(struct table_bytes);
    c->staging = mem_zalloc(rows, sizeof(struct table_bytes));
    c->null = mem_alloc(rows);
    c->out = mem_alloc_aligned(rows * each + 64);
    c->text = mem_alloc(parquet_makes_text(c->leaf, t->type) ? rows * PARQUET_TEXT_BYTES : 0);
    if (c->staging == NULL || c->null == NULL || c->out == NULL || c->text == NULL)
        return mem_err(e, rows * each);
    c->room = rows;
    return ST_OK;
}

static enum status column_read(struct parquet *q, size_t column, size_t rows, struct err *e)
{
    struct parquet_cursor *c = &q->cursors[column];
    const struct table_column *t = &q->r.columns[column];
    enum status st = column_room(q, column, rows, e);
    if (st != ST_OK) return st;
    if (t->type == TABLE_VECTOR) {
        struct parquet_list l = {.rows = rows, .dim = t->dim, .out = c->out, .null = c->null};
        return parquet_cursor_lists(c, &l, e);
    }
    size_t present;
    st = parquet_cursor_rows(c, rows, &present, e);
    if (st != ST_OK) return st;
    struct parquet_convert how = {
        c->leaf, t->type, c->staging, c->any_null ? c->null : NULL, c->out, c->text, rows};
    size_t done = parquet_convert(&how);
    if (done == rows) return ST_OK;
    return err_set(e, ST_MISMATCH, "%s, row %" PRIu64 ", column %s: the value is no %s",
        q->r.in.name, q->r.rows + done + 1, t->name,
        t->type == TABLE_TEXT ? "valid text or time" : "64-bit integer or number");
}

static enum status parquet_next(
    struct reader *r, size_t most, struct table_values *values, size_t *rows, struct err *e)
{
    struct parquet *q = (struct parquet *)r;
    enum status st = ST_OK;
    while (st == ST_OK && q->group_left == 0 && q->group < q->meta.group_count)
        st = group_start(q, e);
    if (st != ST_OK || q->group_left == 0) return st;
    st = rows_ready(q, most, rows, e);
    uint64_t read = 0;
    for (size_t i = 0; st == ST_OK && i < r->column_count; i++) {
        struct parquet_cursor *c = &q->cursors[i];
        if (!reader_keeps(r, i)) continue;
        st = column_read(q, i, *rows, e);
        values[i].bools = c->out; /* whatever its type */
        if (c->any_null) values[i].null = c->null;
        read = read > c->window.at ? read : c->window.at;
    }
    r->bytes = read > r->bytes ? read : r->bytes;
    q->group_left -= *rows;
    return st;
}

const struct reader_kind reader_parquet = {
    sizeof(struct parquet), parquet_open, parquet_next, parquet_close};
