/* resample.c - the weights of an axis, and the plain loops that specify what every kernel computes.
 * resample.h has the idea, resample_pass.c the way over a picture.
 */
#include "image/resample_axis.h"

#include <math.h>
#include <string.h>

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

static double axis_widen(const struct axis_spec *s)
{
    double scale = s->span / (double)s->full;
    return scale < 1 ? 1 : scale;
}

struct axis_run axis_run_find(const struct axis_spec *s, int64_t i)
{
    double scale = s->span / (double)s->full, support = FILTERS[s->filter].support * axis_widen(s);
    double centre = s->from + ((double)i + 0.5) * scale;
    double low = centre - support + 0.5, high = centre + support + 0.5;
    int start = low > 0 ? (int)low : 0;
    int end = high < s->size ? (int)high : s->size;
    return (struct axis_run){start, end - start};
}

/* The weights of output i, normalised; returns their run. */
static struct axis_run axis_weigh(const struct axis_spec *s, int64_t i, double *weights)
{
    struct axis_run run = axis_run_find(s, i);
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

void axis_deinit(struct resample_axis *ax)
{
    mem_free(ax->start);
    mem_free(ax->groups);
    mem_free(ax->weights);
    *ax = (struct resample_axis){0};
}

enum status axis_init(struct resample_axis *ax, const struct axis_spec *s,
    const struct resample_kernels *k, struct err *e)
{
    int most = 1;
    for (int i = 0; i < s->count; i++) {
        int n = axis_run_find(s, (int64_t)s->first + i).count;
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
        struct axis_run run = axis_weigh(s, (int64_t)s->first + i, weights);
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
