/* kernels.c - the plain loops: the specification of kernels.h, and what runs where no better set
 * is. */
#include "nn/kernels.h"

#include <math.h>
#include <string.h>

static void norm_row(float *out, const float *x, const struct nn_norm *how)
{
    double sum = 0, square = 0;
    for (size_t i = 0; i < how->n; i++) sum += (double)x[i];
    double mean = sum / (double)how->n;
    for (size_t i = 0; i < how->n; i++) square += ((double)x[i] - mean) * ((double)x[i] - mean);
    double scale = 1.0 / sqrt(square / (double)how->n + (double)how->eps);
    for (size_t i = 0; i < how->n; i++)
        out[i] = (float)(((double)x[i] - mean) * scale) * how->gamma[i] + how->beta[i];
}

static void norm_f32(float *out, const float *x, const struct nn_norm *how)
{
    for (size_t r = 0; r < how->rows; r++) norm_row(out + r * how->n, x + r * how->n, how);
}

static void norm_bf16(uint16_t *out, const float *x, const struct nn_norm *how)
{
    struct nn_norm one = *how; /* value by value, so that no row buffer is needed */
    for (size_t r = 0; r < how->rows; r++) {
        const float *row = x + r * how->n;
        double sum = 0, square = 0;
        for (size_t i = 0; i < one.n; i++) sum += (double)row[i];
        double mean = sum / (double)one.n;
        for (size_t i = 0; i < one.n; i++)
            square += ((double)row[i] - mean) * ((double)row[i] - mean);
        double scale = 1.0 / sqrt(square / (double)one.n + (double)one.eps);
        for (size_t i = 0; i < one.n; i++)
            out[r * one.n + i] =
                nn_bf16((float)(((double)row[i] - mean) * scale) * one.gamma[i] + one.beta[i]);
    }
}

static size_t softmax_valid(const struct nn_softmax *how, size_t row)
{
    size_t valid = how->valid + (how->causal ? row : 0);
    return valid < how->n ? valid : how->n;
}

/* The largest scaled value and the sum of exponentials of a row. */
static void softmax_sum(const float *x, size_t n, float scale, float *max, double *sum)
{
    *max = -INFINITY;
    for (size_t i = 0; i < n; i++)
        *max = !(x[i] * scale <= *max) ? x[i] * scale : *max; /* a NaN wins */
    *sum = 0;
    for (size_t i = 0; i < n; i++) *sum += (double)expf(x[i] * scale - *max);
}

static void softmax_f32(float *out, const float *x, const struct nn_softmax *how)
{
    for (size_t r = 0; r < how->rows; r++, out += how->n, x += how->n) {
        size_t valid = softmax_valid(how, r);
        float max;
        double sum;
        softmax_sum(x, valid, how->scale, &max, &sum);
        for (size_t i = 0; i < valid; i++)
            out[i] = (float)((double)expf(x[i] * how->scale - max) / sum);
        memset(out + valid, 0, (how->n - valid) * sizeof *out);
    }
}

static void softmax_bf16(uint16_t *out, float *x, const struct nn_softmax *how)
{
    for (size_t r = 0; r < how->rows; r++, out += how->n, x += how->n) {
        size_t valid = softmax_valid(how, r);
        float max;
        double sum;
        softmax_sum(x, valid, how->scale, &max, &sum);
        for (size_t i = 0; i < valid; i++)
            out[i] = nn_bf16((float)((double)expf(x[i] * how->scale - max) / sum));
        memset(out + valid, 0, (how->n - valid) * sizeof *out);
    }
}

static void patch_f32(float *out, const uint8_t *rgb, size_t n, const struct nn_pixels *how)
{
    for (size_t c = 0; c < 3; c++)
        for (size_t i = 0; i < n; i++)
            out[c * how->plane + i] = (float)rgb[3 * i + c] * how->scale[c] + how->shift[c];
}

static void patch_bf16(uint16_t *out, const uint8_t *rgb, size_t n, const struct nn_pixels *how)
{
    for (size_t c = 0; c < 3; c++)
        for (size_t i = 0; i < n; i++)
            out[c * how->plane + i] =
                nn_bf16((float)rgb[3 * i + c] * how->scale[c] + how->shift[c]);
}

static void add(float *out, const float *a, const float *b, size_t n)
{
    for (size_t i = 0; i < n; i++) out[i] = a[i] + b[i];
}

static void to_bf16(uint16_t *out, const float *x, size_t n)
{
    for (size_t i = 0; i < n; i++) out[i] = nn_bf16(x[i]);
}

static const struct nn_kernels kernels_base = {
    .norm_f32 = norm_f32,
    .norm_bf16 = norm_bf16,
    .softmax_f32 = softmax_f32,
    .softmax_bf16 = softmax_bf16,
    .patch_f32 = patch_f32,
    .patch_bf16 = patch_bf16,
    .add = add,
    .to_bf16 = to_bf16,
};

const struct nn_kernels *nn_kernels_get(enum cpu_isa isa)
{
#if defined(__x86_64__)
    static const struct nn_kernels *const sets[CPU_ISA_COUNT] = {
        [CPU_BASE] = &kernels_base,
        [CPU_AVX2] = &nn_kernels_avx2,
        [CPU_AVX512] = &nn_kernels_avx512,
    };
    return sets[isa];
#else
    (void)isa;
    return &kernels_base;
#endif
}
