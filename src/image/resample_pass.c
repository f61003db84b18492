/* resample_pass.c - the two passes over a picture, horizontal first.
 *
 * Only the columns of the part asked for are computed, and only the rows these need: a centre crop
 * of a wide or tall picture costs what the crop costs, not what the picture does.
 *
 * The passes run together: rows are shrunk horizontally when the vertical pass first wants them,
 * into a window that slides down the picture and stays in the cache. Turned pictures are turned
 * strip by strip on the way. Neither a shrunk nor a turned copy of the whole picture is ever made;
 * the page faults of such copies cost more than the arithmetic.
 */
#include <assert.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "image/resample_axis.h"

enum {
    STRIP_ROWS = 32,              /* rows that are shrunk at a time */
    WINDOW_MORE = 4 * STRIP_ROWS, /* rows of the window beyond those one output needs */
};

struct work {
    const struct resample *r;
    const struct resample_kernels *kernels;
    const struct orientation *turn; /* NULL when the picture is upright */
    int width, height;              /* of the upright picture */
    struct resample_axis across, down;
    bool has_across, has_down;
    int row, end; /* input rows that are needed */

    uint8_t *window; /* rows first to ready - 1, shrunk; NULL: rows are used where they lie */
    size_t stride;
    int capacity; /* rows */
    int first, ready;

    uint8_t *strip; /* STRIP_ROWS upright rows, when the picture is turned */
    uint8_t *line;  /* one output row */
};

static size_t round_up(size_t bytes)
{
    return (bytes + RESAMPLE_LINE - 1) / RESAMPLE_LINE * RESAMPLE_LINE;
}

static size_t part_bytes(const struct work *w)
{
    return (size_t)w->r->part_width * (size_t)w->r->in->channels;
}

static size_t row_bytes(const struct work *w)
{
    return (size_t)w->width * (size_t)w->r->in->channels;
}

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

/* ---- rows, horizontally done ---- */

static void rows_shrink(struct work *w, const uint8_t *from, int rows, uint8_t *to)
{
    struct resample_band band = {.from = from,
        .from_stride = row_bytes(w),
        .to = to,
        .to_stride = w->stride,
        .rows = rows,
        .channels = w->r->in->channels};
    w->kernels->band(&w->across, &band);
}

static void rows_make(struct work *w, int row, int rows, uint8_t *to)
{
    const struct image *in = w->r->in;
    if (w->turn == NULL) {
        rows_shrink(w, in->pixels + (size_t)row * row_bytes(w), rows, to);
        return;
    }
    orientation_rows(w->turn, in, row, rows, w->has_across ? w->strip : to);
    if (w->has_across) rows_shrink(w, w->strip, rows, to);
}

/* Forgets the rows before `start`. */
static void window_slide(struct work *w, int start)
{
    if (start < w->ready) {
        const uint8_t *from = w->window + (size_t)(start - w->first) * w->stride;
        memmove(w->window, from, (size_t)(w->ready - start) * w->stride);
    } else {
        w->ready = start;
    }
    w->first = start;
}

/* The input rows start to end - 1 one below the other. start never goes back. */
static const uint8_t *rows_get(struct work *w, int start, int end)
{
    size_t skip = w->has_across ? 0 : (size_t)w->r->x * (size_t)w->r->in->channels;
    if (w->window == NULL) return w->r->in->pixels + (size_t)start * row_bytes(w) + skip;
    while (w->ready < end) {
        int rows = smaller(STRIP_ROWS, w->end - w->ready);
        if (w->ready - w->first + rows > w->capacity) window_slide(w, start);
        rows_make(w, w->ready, rows, w->window + (size_t)(w->ready - w->first) * w->stride);
        w->ready += rows;
    }
    return w->window + (size_t)(start - w->first) * w->stride + skip;
}

/* ---- output rows ---- */

static const uint8_t *output_make(struct work *w, int y)
{
    const struct resample_axis *ax = &w->down;
    if (!w->has_down) return rows_get(w, w->row + y, w->row + y + 1);
    int start = ax->start[y], end = smaller(start + ax->groups[y] * RESAMPLE_GROUP, w->end);
    const uint8_t *from = rows_get(w, start, end);
    struct resample_line line = {.from = from,
        .stride = w->window != NULL ? w->stride : row_bytes(w),
        .rows = end - start,
        .groups = ax->groups[y],
        .weights = ax->weights + (size_t)y * (size_t)(ax->groups_max * ax->words),
        .to = w->line,
        .bytes = part_bytes(w)};
    w->kernels->line(&line);
    return w->line;
}

static enum status plan(struct work *w, struct err *e)
{
    const struct resample *r = w->r;
    enum status st = ST_OK;
    struct axis_spec across = {
        w->width, r->from_x, r->span_x, r->width, r->x, r->part_width, r->filter};
    struct axis_spec down = {
        w->height, r->from_y, r->span_y, r->height, r->y, r->part_height, r->filter};
    w->has_across = r->width != w->width || r->span_x != w->width;
    w->has_down = r->height != w->height || r->span_y != w->height;
    w->row = r->y;
    w->end = r->y + r->part_height;
    if (w->has_down) {
        struct axis_run last = axis_run_find(&down, (int64_t)r->y + r->part_height - 1);
        w->row = axis_run_find(&down, r->y).start;
        w->end = last.start + last.count;
        st = axis_init(&w->down, &down, w->kernels, e);
    }
    if (w->has_across && st == ST_OK) st = axis_init(&w->across, &across, w->kernels, e);
    return st;
}

static enum status take(uint8_t **out, size_t bytes, struct err *e)
{
    *out = mem_alloc_aligned(bytes);
    return *out != NULL ? ST_OK : mem_err(e, bytes);
}

static enum status memory_take(struct work *w, struct err *e)
{
    int most = w->has_down ? w->down.groups_max * RESAMPLE_GROUP : 1;
    size_t batch = (size_t)(RESAMPLE_BATCH * w->r->in->channels) + 16;
    enum status st = take(&w->line, round_up(part_bytes(w)), e);
    if (st != ST_OK || (!w->has_across && w->turn == NULL)) return st;
    w->stride = w->has_across ? round_up(part_bytes(w) + batch) : row_bytes(w);
    w->capacity = smaller(most + WINDOW_MORE, w->end - w->row);
    w->first = w->ready = w->row;
    st = take(&w->window, (size_t)w->capacity * w->stride, e);
    if (st == ST_OK && w->has_across && w->turn != NULL)
        st = take(&w->strip, row_bytes(w) * STRIP_ROWS, e);
    return st;
}

static void check(const struct work *w)
{
    const struct resample *r = w->r;
    assert(r->part_width > 0 && r->part_height > 0 && r->x >= 0 && r->y >= 0);
    assert((int64_t)r->x + r->part_width <= r->width);
    assert((int64_t)r->y + r->part_height <= r->height);
    assert(r->width <= INT32_MAX && r->height <= INT32_MAX);
    assert(r->span_x > 0 && r->from_x >= 0 && r->from_x + r->span_x <= w->width);
    assert(r->span_y > 0 && r->from_y >= 0 && r->from_y + r->span_y <= w->height);
    (void)r;
}

enum status resample_run(const struct resample *r, uint8_t *out, struct err *e)
{
    bool turned = r->turn != NULL && orientation_turns(r->turn);
    bool swap = turned && r->turn->swap;
    struct work w = {.r = r,
        .kernels = r->kernels != NULL ? r->kernels : resample_kernels_get(cpu_get()),
        .turn = turned ? r->turn : NULL,
        .width = swap ? r->in->height : r->in->width,
        .height = swap ? r->in->width : r->in->height};
    check(&w);
    enum status st = plan(&w, e);
    if (st == ST_OK) st = memory_take(&w, e);
    for (int y = 0; y < r->part_height && st == ST_OK; y++, out += part_bytes(&w))
        memcpy(out, output_make(&w, y), part_bytes(&w));
    axis_deinit(&w.across);
    axis_deinit(&w.down);
    mem_free_aligned(w.window);
    mem_free_aligned(w.strip);
    mem_free_aligned(w.line);
    return st;
}

enum status image_resize(
    const struct image *im, enum image_filter filter, struct image *out, struct err *e)
{
    int width = out->width, height = out->height;
    *out = (struct image){0};
    if (width <= 0 || height <= 0 || width > LIMIT_PICTURE_SIDE || height > LIMIT_PICTURE_SIDE)
        return err_set(e, ST_INVALID, "can't resize to %d x %d: sides are 1 to %d", width, height,
            LIMIT_PICTURE_SIDE);
    enum status st = image_init(out, width, height, im->channels, e);
    if (st != ST_OK) return st;
    struct resample r = {.in = im,
        .span_x = im->width,
        .span_y = im->height,
        .width = width,
        .height = height,
        .part_width = width,
        .part_height = height,
        .filter = filter};
    st = resample_run(&r, out->pixels, e);
    if (st != ST_OK) image_deinit(out);
    return st;
}
