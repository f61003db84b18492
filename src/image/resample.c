/* resample.c - the weights of an axis, the plain loops, and the two passes. resample.h has the
 * idea.
 *
 * Only the columns of the part asked for are computed, and only the rows these need: a centre crop
 * of a wide or tall picture costs what the crop costs, not what the picture does.
 */
#include "image/resample.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"

/* ---- weights ---- */

static double filter_linear(double x)
{
    x = fabs(x);
    return x < 1 ? 1 - x : 0;
}

/* Keys's cubic convolution with a = -0.5, factored as Pillow factors it: the last bit depends on
 * it. */
static double filter_cubic(double x)
{
    const double a = -0.5;
    x = fabs(x);
    if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
    if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
    return 0;
}

static const struct filter_row {
    double (*at)(double x);
    double support;
} FILTERS[] = {
    [IMAGE_BILINEAR] = {filter_linear, 1},
    [IMAGE_BICUBIC] = {filter_cubic, 2},
};

/* One axis of a resample: `size` inputs of which `span`, beginning at `from`, are covered by `full`
 * outputs. */
struct axis_spec {
    int size;
    double from, span;
    int64_t full;
    int first, count; /* the outputs wanted */
    enum image_filter filter;
};

struct run {
    int start, count;
};

static double axis_widen(const struct axis_spec *s)
{
    double scale = s->span / (double)s->full;
    return scale < 1 ? 1 : scale;
}

/* The inputs that output `i` of the whole axis reads. */
static struct run axis_run(const struct axis_spec *s, int64_t i)
{
    double scale = s->span / (double)s->full, support = FILTERS[s->filter].support * axis_widen(s);
    double centre = s->from + ((double)i + 0.5) * scale;
    double low = centre - support + 0.5, high = centre + support + 0.5;
    int start = low > 0 ? (int)low : 0;
    int end = high < s->size ? (int)high : s->size;
    return (struct run){start, end - start};
}

/* The weights of output i, normalised; returns their run. */
static struct run axis_weigh(const struct axis_spec *s, int64_t i, double *weights)
{
    struct run run = axis_run(s, i);
    double scale = s->span / (double)s->full, centre = s->from + ((double)i + 0.5) * scale;
    double shrink = 1.0 / axis_widen(s), sum = 0;
    for (int k = 0; k < run.count; k++) {
        weights[k] = FILTERS[s->filter].at((k + run.start - centre + 0.5) * shrink);
        sum += weights[k];
    }
    if (sum == 0) return run;
    for (int k = 0; k < run.count; k++) weights[k] /= sum;
    return run;
}

static int32_t weight_round(double w)
{
    double scaled = w * (1 << RESAMPLE_BITS);
    return (int32_t)(w < 0 ? scaled - 0.5 : scaled + 0.5);
}

static void axis_pack(struct resample_axis *ax, int i, const double *weights, int count,
    const struct resample_kernels *k)
{
    ax->groups[i] = (count + RESAMPLE_GROUP - 1) / RESAMPLE_GROUP;
    int32_t *to = ax->weights + (size_t)i * (size_t)ax->groups_max * (size_t)ax->words;
    for (int g = 0; g < ax->groups[i]; g++, to += ax->words) {
        int32_t group[RESAMPLE_GROUP] = {0};
        for (int t = 0; t < RESAMPLE_GROUP && g * RESAMPLE_GROUP + t < count; t++)
            group[t] = weight_round(weights[g * RESAMPLE_GROUP + t]);
        k->pack(group, to);
    }
}

static void axis_deinit(struct resample_axis *ax)
{
    mem_free(ax->start);
    mem_free(ax->groups);
    mem_free(ax->weights);
    *ax = (struct resample_axis){0};
}

static enum status axis_init(struct resample_axis *ax, const struct axis_spec *s,
    const struct resample_kernels *k, struct err *e)
{
    int most = 1;
    for (int i = 0; i < s->count; i++) {
        int n = axis_run(s, (int64_t)s->first + i).count;
        if (n > most) most = n;
    }
    size_t slots = (size_t)s->count + RESAMPLE_BATCH;
    *ax = (struct resample_axis){.count = s->count,
        .words = k->words,
        .groups_max = (most + RESAMPLE_GROUP - 1) / RESAMPLE_GROUP};
    size_t words = (size_t)ax->groups_max * (size_t)ax->words;
    ax->start = mem_zalloc(slots, sizeof *ax->start);
    ax->groups = mem_zalloc(slots, sizeof *ax->groups);
    ax->weights = mem_zalloc((size_t)s->count, words * sizeof *ax->weights);
    double *weights = mem_zalloc((size_t)most, sizeof *weights);
    bool failed = ax->start == NULL || ax->groups == NULL || ax->weights == NULL || weights == NULL;
    for (int i = 0; i < s->count && !failed; i++) {
        struct run run = axis_weigh(s, (int64_t)s->first + i, weights);
        ax->start[i] = run.start;
        axis_pack(ax, i, weights, run.count, k);
    }
    mem_free(weights);
    if (!failed) return ST_OK;
    axis_deinit(ax);
    return mem_err(e, (size_t)s->count * words * sizeof *ax->weights);
}

/* ---- the plain loops ---- */

static void base_pack(const int32_t weights[RESAMPLE_GROUP], int32_t *words)
{
    memcpy(words, weights, RESAMPLE_GROUP * sizeof *words);
}

static uint8_t clip(int32_t sum)
{
    sum >>= RESAMPLE_BITS;
    return (uint8_t)(sum < 0 ? 0 : sum > 255 ? 255 : sum);
}

/* The weighted sum of samples `step` bytes apart. Sums stay below 255 * 2^22 * 1.3 < 2^31. */
static uint8_t weigh(const uint8_t *from, size_t step, const int32_t *weights, int count)
{
    int32_t sum = 1 << (RESAMPLE_BITS - 1);
    for (int k = 0; k < count; k++) sum += weights[k] * from[(size_t)k * step];
    return clip(sum);
}

/* The same for three samples of a pixel at once: the common case, and twice as fast. */
static void weigh_rgb(uint8_t to[3], const uint8_t *from, const int32_t *weights, int count)
{
    int32_t red = 1 << (RESAMPLE_BITS - 1), green = red, blue = red;
    for (int k = 0; k < count; k++, from += 3) {
        red += weights[k] * from[0];
        green += weights[k] * from[1];
        blue += weights[k] * from[2];
    }
    to[0] = clip(red);
    to[1] = clip(green);
    to[2] = clip(blue);
}

static void base_output(
    uint8_t *to, const uint8_t *from, const int32_t *weights, int count, int channels)
{
    if (channels == 3) {
        weigh_rgb(to, from, weights, count);
        return;
    }
    for (int c = 0; c < channels; c++) to[c] = weigh(from + c, (size_t)channels, weights, count);
}

static void base_band(const struct resample_axis *ax, const struct resample_band *b)
{
    size_t channels = (size_t)b->channels;
    for (int y = 0; y < b->rows; y++) {
        const uint8_t *row = b->from + (size_t)y * b->from_stride;
        uint8_t *to = b->to + (size_t)y * b->to_stride;
        for (int i = 0; i < ax->count; i++) {
            const int32_t *weights = ax->weights + (size_t)i * (size_t)(ax->groups_max * ax->words);
            const uint8_t *from = row + (size_t)ax->start[i] * channels;
            base_output(to, from, weights, ax->groups[i] * RESAMPLE_GROUP, b->channels);
            to += channels;
        }
    }
}

static void base_line(const struct resample_line *l)
{
    int count = l->groups * RESAMPLE_GROUP < l->rows ? l->groups * RESAMPLE_GROUP : l->rows;
    for (size_t x = 0; x < l->bytes; x++)
        l->to[x] = weigh(l->from + x, l->stride, l->weights, count);
}

const struct resample_kernels resample_base = {
    .name = "base",
    .words = RESAMPLE_GROUP,
    .pack = base_pack,
    .band = base_band,
    .line = base_line,
};

const struct resample_kernels *resample_kernels_get(const struct cpu *cpu)
{
#if defined(__x86_64__)
    if (cpu->isa == CPU_AVX512 && cpu->vnni) return &resample_avx512;
    if (cpu->isa >= CPU_AVX2) return &resample_avx2;
#endif
    (void)cpu;
    return &resample_base;
}

/* ---- the two passes ---- */

struct work {
    const struct resample *r;
    const struct resample_kernels *kernels;
    struct resample_axis across, down;
    bool has_across, has_down;
    const struct orientation *turn; /* NULL when the picture is upright */
    int width, height;              /* of the upright picture */
    int row, rows;                  /* input rows that are needed */
    const uint8_t *middle;          /* those rows, horizontally done */
    size_t middle_stride;
    uint8_t *memory; /* middle's, when it is ours */
    uint8_t *strip;  /* STRIP_ROWS upright rows, when they must be turned first */
    uint8_t *line;
};

/* Turned pictures go through a strip that stays in the cache; a turned copy would not. */
enum { STRIP_ROWS = 32 };

static size_t round_up(size_t bytes)
{
    return (bytes + RESAMPLE_LINE - 1) / RESAMPLE_LINE * RESAMPLE_LINE;
}

static size_t part_bytes(const struct resample *r)
{
    return (size_t)r->part_width * (size_t)r->in->channels;
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
    w->rows = r->part_height;
    if (w->has_down) {
        struct run first = axis_run(&down, r->y),
                   last = axis_run(&down, (int64_t)r->y + r->part_height - 1);
        w->row = first.start;
        w->rows = last.start + last.count - first.start;
        st = axis_init(&w->down, &down, w->kernels, e);
    }
    if (w->has_across && st == ST_OK) st = axis_init(&w->across, &across, w->kernels, e);
    return st;
}

static enum status memory_take(struct work *w, size_t stride, struct err *e)
{
    w->middle_stride = stride;
    w->memory = mem_alloc_aligned((size_t)w->rows * stride);
    if (w->memory == NULL) return mem_err(e, (size_t)w->rows * stride);
    w->middle = w->memory;
    return ST_OK;
}

static size_t row_bytes(const struct work *w)
{
    return (size_t)w->width * (size_t)w->r->in->channels;
}

/* No horizontal pass: the rows as they are, turned when they must be. */
static enum status pass_none(struct work *w, struct err *e)
{
    enum status st = ST_OK;
    if (w->turn != NULL) {
        st = memory_take(w, row_bytes(w), e);
        if (st == ST_OK) orientation_rows(w->turn, w->r->in, w->row, w->rows, w->memory);
    } else {
        w->middle = w->r->in->pixels + (size_t)w->row * row_bytes(w);
        w->middle_stride = row_bytes(w);
    }
    if (st == ST_OK) w->middle += (size_t)w->r->x * (size_t)w->r->in->channels;
    return st;
}

static void band_upright(struct work *w, int row, int rows, const uint8_t *from)
{
    struct resample_band band = {.from = from,
        .from_stride = row_bytes(w),
        .to = w->memory + (size_t)row * w->middle_stride,
        .to_stride = w->middle_stride,
        .rows = rows,
        .channels = w->r->in->channels};
    w->kernels->band(&w->across, &band);
}

static enum status bands_turned(struct work *w, struct err *e)
{
    w->strip = mem_alloc_aligned(row_bytes(w) * STRIP_ROWS);
    if (w->strip == NULL) return mem_err(e, row_bytes(w) * STRIP_ROWS);
    for (int row = 0; row < w->rows; row += STRIP_ROWS) {
        int rows = w->rows - row < STRIP_ROWS ? w->rows - row : STRIP_ROWS;
        orientation_rows(w->turn, w->r->in, w->row + row, rows, w->strip);
        band_upright(w, row, rows, w->strip);
    }
    return ST_OK;
}

static enum status pass_across(struct work *w, struct err *e)
{
    size_t channels = (size_t)w->r->in->channels;
    if (!w->has_across) return pass_none(w, e);
    enum status st = memory_take(w, round_up(part_bytes(w->r) + RESAMPLE_BATCH * channels + 16), e);
    if (st == ST_OK && w->turn != NULL) return bands_turned(w, e);
    if (st == ST_OK) band_upright(w, 0, w->rows, w->r->in->pixels + (size_t)w->row * row_bytes(w));
    return st;
}

static void pass_down(struct work *w, uint8_t *out)
{
    size_t bytes = part_bytes(w->r);
    for (int y = 0; y < w->r->part_height; y++, out += bytes) {
        const uint8_t *from = w->middle + (size_t)y * w->middle_stride;
        if (w->has_down) {
            const struct resample_axis *ax = &w->down;
            int skip = ax->start[y] - w->row;
            struct resample_line line = {.stride = w->middle_stride,
                .rows = w->rows - skip,
                .groups = ax->groups[y],
                .to = w->line,
                .bytes = bytes,
                .from = w->middle + (size_t)skip * w->middle_stride,
                .weights = ax->weights + (size_t)y * (size_t)(ax->groups_max * ax->words)};
            w->kernels->line(&line);
            from = w->line;
        }
        memcpy(out, from, bytes);
    }
}

static void check(const struct work *w)
{
    const struct resample *r = w->r;
    assert(r->part_width > 0 && r->part_height > 0 && r->x >= 0 && r->y >= 0);
    assert(
        (int64_t)r->x + r->part_width <= r->width && (int64_t)r->y + r->part_height <= r->height);
    assert(r->width <= INT32_MAX && r->height <= INT32_MAX);
    assert(r->span_x > 0 && r->from_x >= 0 && r->from_x + r->span_x <= w->width);
    assert(r->span_y > 0 && r->from_y >= 0 && r->from_y + r->span_y <= w->height);
    (void)r;
}

enum status resample_run(const struct resample *r, uint8_t *out, struct err *e)
{
    bool swap = r->turn != NULL && r->turn->swap;
    struct work w = {.r = r,
        .width = swap ? r->in->height : r->in->width,
        .height = swap ? r->in->width : r->in->height};
    if (r->turn != NULL && orientation_turns(r->turn)) w.turn = r->turn;
    check(&w);
    w.kernels = r->kernels != NULL ? r->kernels : resample_kernels_get(cpu_get());
    enum status st = plan(&w, e);
    if (st != ST_OK) goto done;
    w.line = mem_alloc_aligned(round_up(part_bytes(r)));
    if (w.line == NULL) {
        st = mem_err(e, round_up(part_bytes(r)));
        goto done;
    }
    st = pass_across(&w, e);
    if (st == ST_OK) pass_down(&w, out);
done:
    axis_deinit(&w.across);
    axis_deinit(&w.down);
    mem_free_aligned(w.memory);
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
