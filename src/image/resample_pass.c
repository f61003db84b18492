/* resample_pass.c - the two passes over a picture, horizontal first, as its rows come in.
 *
 * Only the columns of the part asked for are computed, and only the rows these need: a centre crop
 * of a wide or tall picture costs what the crop costs, not what the picture does.
 *
 * The passes run together: each strip of rows is shrunk horizontally into a window, and every
 * output row whose input rows are all there is made at once; the window slides down the picture and
 * stays in the cache. So rows may come straight from a decoder, and turned pictures are turned
 * strip by strip on the way: neither a shrunk nor a turned copy of the picture is ever made, and
 * the picture itself need not be. The page faults of such copies cost more than the arithmetic.
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

struct resampler {
    struct resample r;
    const struct resample_kernels *kernels;
    int width, height; /* of the upright picture */
    struct resample_axis across, down;
    bool has_across, has_down;
    int row, end; /* input rows that are needed */

    int next;        /* input row that comes next */
    uint8_t *window; /* rows first to ready - 1, shrunk */
    size_t stride;
    int capacity; /* rows */
    int first, ready;

    int made; /* output rows */
    uint8_t *line;
    uint8_t *out;
};

static size_t round_up(size_t bytes)
{
    return (bytes + RESAMPLE_LINE - 1) / RESAMPLE_LINE * RESAMPLE_LINE;
}

static size_t part_bytes(const struct resampler *w)
{
    return (size_t)w->r.part_width * (size_t)w->r.in->channels;
}

static size_t row_bytes(const struct resampler *w)
{
    return (size_t)w->width * (size_t)w->r.in->channels;
}

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

/* The input rows of output y. Weights of rows behind the last one needed are zero. */
static struct axis_run output_rows(const struct resampler *w, int y)
{
    if (!w->has_down) return (struct axis_run){w->row + y, 1};
    int start = w->down.start[y], count = w->down.groups[y] * RESAMPLE_GROUP;
    return (struct axis_run){start, smaller(count, w->end - start)};
}

static void output_make(struct resampler *w, const struct axis_run *run)
{
    const struct resample_axis *ax = &w->down;
    const uint8_t *from = w->window + (size_t)(run->start - w->first) * w->stride;
    size_t bytes = part_bytes(w), y = (size_t)w->made;
    if (w->has_down) {
        struct resample_line line = {.from = from,
            .stride = w->stride,
            .rows = run->count,
            .groups = ax->groups[y],
            .weights = ax->weights + y * (size_t)(ax->groups_max * ax->words),
            .to = w->line,
            .bytes = bytes};
        w->kernels->line(&line);
        from = w->line;
    }
    memcpy(w->out + y * bytes, from, bytes);
    w->made++;
}

/* Makes room for more rows by forgetting those that no output to come needs. */
static void window_slide(struct resampler *w)
{
    int start = w->made < w->r.part_height ? output_rows(w, w->made).start : w->ready;
    start = smaller(start, w->ready); /* outputs overlap or touch; this holds it in any case */
    memmove(w->window, w->window + (size_t)(start - w->first) * w->stride,
        (size_t)(w->ready - start) * w->stride);
    w->first = start;
}

static void window_add(struct resampler *w, const uint8_t *rows, int count)
{
    if (w->ready - w->first + count > w->capacity) window_slide(w);
    struct resample_band band = {.from = rows,
        .from_stride = row_bytes(w),
        .to = w->window + (size_t)(w->ready - w->first) * w->stride,
        .to_stride = w->stride,
        .rows = count,
        .channels = w->r.in->channels};
    size_t skip = (size_t)w->r.x * (size_t)band.channels;
    if (w->has_across) w->kernels->band(&w->across, &band);
    for (int i = 0; i < count && !w->has_across; i++)
        memcpy(band.to + (size_t)i * w->stride, rows + (size_t)i * band.from_stride + skip,
            part_bytes(w));
    w->ready += count;
}

void resampler_push(struct resampler *w, const uint8_t *rows, int count)
{
    int at = w->next < w->row ? w->row : w->next, end = smaller(w->next + count, w->end);
    while (at < end) {
        int strip = smaller(STRIP_ROWS, end - at);
        window_add(w, rows + (size_t)(at - w->next) * row_bytes(w), strip);
        at += strip;
        while (w->made < w->r.part_height) {
            struct axis_run run = output_rows(w, w->made);
            if (run.start + run.count > w->ready) break;
            output_make(w, &run);
        }
    }
    w->next += count;
}

static enum status plan(struct resampler *w, struct err *e)
{
    const struct resample *r = &w->r;
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

static enum status memory_take(struct resampler *w, struct err *e)
{
    int most = w->has_down ? w->down.groups_max * RESAMPLE_GROUP : 1;
    size_t batch = (size_t)(RESAMPLE_BATCH * w->r.in->channels) + 16;
    w->stride = round_up(part_bytes(w) + batch);
    w->capacity = smaller(most + WINDOW_MORE, w->end - w->row);
    w->first = w->ready = w->row;
    w->line = mem_alloc_aligned(round_up(part_bytes(w)));
    w->window = mem_alloc_aligned((size_t)w->capacity * w->stride);
    if (w->line != NULL && w->window != NULL) return ST_OK;
    return mem_err(e, (size_t)w->capacity * w->stride);
}

static void check(const struct resampler *w)
{
    const struct resample *r = &w->r;
    assert(r->part_width > 0 && r->part_height > 0 && r->x >= 0 && r->y >= 0);
    assert((int64_t)r->x + r->part_width <= r->width);
    assert((int64_t)r->y + r->part_height <= r->height);
    assert(r->width <= INT32_MAX && r->height <= INT32_MAX);
    assert(r->span_x > 0 && r->from_x >= 0 && r->from_x + r->span_x <= w->width);
    assert(r->span_y > 0 && r->from_y >= 0 && r->from_y + r->span_y <= w->height);
    (void)r;
}

enum status resampler_open(
    const struct resample *r, uint8_t *out, struct resampler **rs, struct err *e)
{
    bool swap = r->turn != NULL && r->turn->swap;
    struct resampler *w = mem_zalloc(1, sizeof *w);
    *rs = NULL;
    if (w == NULL) return mem_err(e, sizeof *w);
    w->r = *r;
    w->kernels = r->kernels != NULL ? r->kernels : resample_kernels_get(cpu_get());
    w->width = swap ? r->in->height : r->in->width;
    w->height = swap ? r->in->width : r->in->height;
    w->out = out;
    check(w);
    enum status st = plan(w, e);
    if (st == ST_OK) st = memory_take(w, e);
    if (st != ST_OK) {
        resampler_close(w);
        return st;
    }
    *rs = w;
    return ST_OK;
}

void resampler_close(struct resampler *w)
{
    if (w == NULL) return;
    axis_deinit(&w->across);
    axis_deinit(&w->down);
    mem_free_aligned(w->window);
    mem_free_aligned(w->line);
    mem_free(w);
}

static enum status push_turned(struct resampler *w, struct err *e)
{
    uint8_t *strip = mem_alloc_aligned(row_bytes(w) * STRIP_ROWS);
    if (strip == NULL) return mem_err(e, row_bytes(w) * STRIP_ROWS);
    while (w->next < w->end) {
        int rows = smaller(STRIP_ROWS, w->end - w->next);
        orientation_rows(w->r.turn, w->r.in, w->next, rows, strip);
        resampler_push(w, strip, rows);
    }
    mem_free_aligned(strip);
    return ST_OK;
}

enum status resample_run(const struct resample *r, uint8_t *out, struct err *e)
{
    struct resampler *w;
    enum status st = resampler_open(r, out, &w, e);
    if (st != ST_OK) return st;
    w->next = w->row; /* the rows above are not needed, and here can be left out */
    if (r->turn != NULL && orientation_turns(r->turn))
        st = push_turned(w, e);
    else
        resampler_push(w, r->in->pixels + (size_t)w->row * row_bytes(w), w->end - w->row);
    resampler_close(w);
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
