/* kernels_body.h - the vector form of kernels.c, written once for any width.
 *
 * Included by kernels_avx2.c and kernels_avx512.c, which say what a vector is:
 *
 *   V                                         a vector of V_N floats
 *   v_load v_load_n v_store_n v_store_bf16_n  _n: the first n lanes; a load gives 0 in the others
 *   v_select_n                                the first n lanes of one, the others of another
 *   v_set v_add v_sub v_mul v_fma v_max v_round v_ldexp
 *   v_sum v_hmax                              over the lanes
 *   v_bytes                                   V_N bytes as floats
 *
 * Sums run in V_N lanes; rows up to a few thousand values lose nothing that matters by it.
 */
#include <math.h>
#include <string.h>

#include "nn/kernels.h"

/* e^x for x <= 0, relative error below 2e-7 (Cephes' range reduction and degree-6 polynomial);
 * values under -87 become e^-87, a NaN stays one (the second operand of v_max wins then). */
static inline V v_exp(V x)
{
    x = v_max(v_set(-87.0f), x);
    V n = v_round(v_mul(x, v_set(1.44269504f)));
    V r = v_fma(n, v_set(-0.693359375f), x);
    r = v_fma(n, v_set(2.12194440e-4f), r);
    V p = v_set(1.9875691500e-4f);
    p = v_fma(p, r, v_set(1.3981999507e-3f));
    p = v_fma(p, r, v_set(8.3334519073e-3f));
    p = v_fma(p, r, v_set(4.1665795894e-2f));
    p = v_fma(p, r, v_set(1.6666665459e-1f));
    p = v_fma(p, r, v_set(5.0000001201e-1f));
    p = v_fma(p, v_mul(r, r), r);
    return v_ldexp(v_add(p, v_set(1.0f)), n);
}

struct row_norm {
    V mean, scale;
};

static inline struct row_norm norm_measure(const float *x, size_t n, float eps)
{
    V sum = v_set(0), sum2 = v_set(0), square = v_set(0), square2 = v_set(0);
    size_t i = 0;
    for (; i + 2 * V_N <= n; i += 2 * V_N) {
        sum = v_add(sum, v_load(x + i));
        sum2 = v_add(sum2, v_load(x + i + V_N));
    }
    for (; i < n; i += V_N) sum = v_add(sum, v_load_n(x + i, n - i));
    float mean = v_sum(v_add(sum, sum2)) / (float)n;
    V m = v_set(mean);
    for (i = 0; i + 2 * V_N <= n; i += 2 * V_N) {
        V d = v_sub(v_load(x + i), m), d2 = v_sub(v_load(x + i + V_N), m);
        square = v_fma(d, d, square);
        square2 = v_fma(d2, d2, square2);
    }
    for (; i < n; i += V_N) {
        V d = v_select_n(v_sub(v_load_n(x + i, n - i), m), v_set(0), n - i);
        square = v_fma(d, d, square);
    }
    float variance = v_sum(v_add(square, square2)) / (float)n;
    return (struct row_norm){m, v_set(1.0f / sqrtf(variance + eps))};
}

static inline V norm_apply(struct row_norm r, V x, V gamma, V beta)
{
    return v_fma(v_mul(v_sub(x, r.mean), r.scale), gamma, beta);
}

static void norm_f32(float *out, const float *x, const struct nn_norm *how)
{
    const size_t n = how->n;
    for (size_t row = 0; row < how->rows; row++, out += n, x += n) {
        struct row_norm r = norm_measure(x, n, how->eps);
        for (size_t i = 0; i < n; i += V_N)
            v_store_n(out + i,
                norm_apply(r, v_load_n(x + i, n - i), v_load_n(how->gamma + i, n - i),
                    v_load_n(how->beta + i, n - i)),
                n - i);
    }
}

static void norm_bf16(uint16_t *out, const float *x, const struct nn_norm *how)
{
    const size_t n = how->n;
    for (size_t row = 0; row < how->rows; row++, out += n, x += n) {
        struct row_norm r = norm_measure(x, n, how->eps);
        for (size_t i = 0; i < n; i += V_N)
            v_store_bf16_n(out + i,
                norm_apply(r, v_load_n(x + i, n - i), v_load_n(how->gamma + i, n - i),
                    v_load_n(how->beta + i, n - i)),
                n - i);
    }
}

static inline size_t softmax_valid(const struct nn_softmax *how, size_t row)
{
    size_t valid = how->valid + (how->causal ? row : 0);
    return valid < how->n ? valid : how->n;
}

static inline V softmax_max(const float *x, size_t n, V scale)
{
    V max = v_set(-INFINITY);
    size_t i = 0;
    for (; i + V_N <= n; i += V_N) max = v_max(max, v_mul(v_load(x + i), scale));
    if (i < n)
        max = v_max(max, v_select_n(v_mul(v_load_n(x + i, n - i), scale), v_set(-INFINITY), n - i));
    return v_set(v_hmax(max));
}

/* The exponentials of a row; gives what each is to be multiplied with. */
static inline V softmax_exp(float *out, const float *x, size_t n, V scale)
{
    const V max = softmax_max(x, n, scale);
    V sum = v_set(0);
    size_t i = 0;
    for (; i + V_N <= n; i += V_N) {
        V e = v_exp(v_sub(v_mul(v_load(x + i), scale), max));
        v_store(out + i, e);
        sum = v_add(sum, e);
    }
    if (i < n) {
        V e = v_exp(v_sub(v_mul(v_load_n(x + i, n - i), scale), max));
        v_store_n(out + i, e, n - i);
        sum = v_add(sum, v_select_n(e, v_set(0), n - i));
    }
    return v_set(1.0f / v_sum(sum));
}

static void softmax_f32(float *out, const float *x, const struct nn_softmax *how)
{
    const V scale = v_set(how->scale);
    for (size_t row = 0; row < how->rows; row++, out += how->n, x += how->n) {
        size_t n = softmax_valid(how, row);
        V by = softmax_exp(out, x, n, scale);
        for (size_t i = 0; i < n; i += V_N)
            v_store_n(out + i, v_mul(v_load_n(out + i, n - i), by), n - i);
        memset(out + n, 0, (how->n - n) * sizeof *out);
    }
}

static void softmax_bf16(uint16_t *out, float *x, const struct nn_softmax *how)
{
    const V scale = v_set(how->scale);
    for (size_t row = 0; row < how->rows; row++, out += how->n, x += how->n) {
        size_t n = softmax_valid(how, row);
        V by = softmax_exp(x, x, n, scale);
        for (size_t i = 0; i < n; i += V_N)
            v_store_bf16_n(out + i, v_mul(v_load_n(x + i, n - i), by), n - i);
        memset(out + n, 0, (how->n - n) * sizeof *out);
    }
}

/* 16 RGB pixels into three runs of 16 bytes. */
static inline void rgb_split(const uint8_t *rgb, __m128i channel[3])
{
    const __m128i a = _mm_loadu_si128((const __m128i *)(const void *)rgb);
    const __m128i b = _mm_loadu_si128((const __m128i *)(const void *)(rgb + 16));
    const __m128i c = _mm_loadu_si128((const __m128i *)(const void *)(rgb + 32));
    const char z = (char)0x80;
    channel[0] = _mm_or_si128(
        _mm_or_si128(
            _mm_shuffle_epi8(a, _mm_setr_epi8(0, 3, 6, 9, 12, 15, z, z, z, z, z, z, z, z, z, z)),
            _mm_shuffle_epi8(b, _mm_setr_epi8(z, z, z, z, z, z, 2, 5, 8, 11, 14, z, z, z, z, z))),
        _mm_shuffle_epi8(c, _mm_setr_epi8(z, z, z, z, z, z, z, z, z, z, z, 1, 4, 7, 10, 13)));
    channel[1] = _mm_or_si128(
        _mm_or_si128(
            _mm_shuffle_epi8(a, _mm_setr_epi8(1, 4, 7, 10, 13, z, z, z, z, z, z, z, z, z, z, z)),
            _mm_shuffle_epi8(b, _mm_setr_epi8(z, z, z, z, z, 0, 3, 6, 9, 12, 15, z, z, z, z, z))),
        _mm_shuffle_epi8(c, _mm_setr_epi8(z, z, z, z, z, z, z, z, z, z, z, 2, 5, 8, 11, 14)));
    channel[2] = _mm_or_si128(
        _mm_or_si128(
            _mm_shuffle_epi8(a, _mm_setr_epi8(2, 5, 8, 11, 14, z, z, z, z, z, z, z, z, z, z, z)),
            _mm_shuffle_epi8(b, _mm_setr_epi8(z, z, z, z, z, 1, 4, 7, 10, 13, z, z, z, z, z, z))),
        _mm_shuffle_epi8(c, _mm_setr_epi8(z, z, z, z, z, z, z, z, z, z, 0, 3, 6, 9, 12, 15)));
}

static void patch_f32(float *out, const uint8_t *rgb, size_t n, const struct nn_pixels *how)
{
    uint8_t last[48] = {0};
    for (size_t i = 0; i < n; i += 16) {
        size_t left = n - i < 16 ? n - i : 16;
        const uint8_t *from = rgb + 3 * i;
        if (left < 16) from = memcpy(last, from, 3 * left);
        __m128i channel[3];
        rgb_split(from, channel);
        for (size_t c = 0; c < 3; c++) {
            const V scale = v_set(how->scale[c]), shift = v_set(how->shift[c]);
            float *to = out + c * how->plane + i;
            for (size_t k = 0; k < left; k += V_N) /* no fma: the bits of the plain loop */
                v_store_n(to + k, v_add(v_mul(v_bytes(channel[c], k), scale), shift), left - k);
        }
    }
}

static void patch_bf16(uint16_t *out, const uint8_t *rgb, size_t n, const struct nn_pixels *how)
{
    uint8_t last[48] = {0};
    for (size_t i = 0; i < n; i += 16) {
        size_t left = n - i < 16 ? n - i : 16;
        const uint8_t *from = rgb + 3 * i;
        if (left < 16) from = memcpy(last, from, 3 * left);
        __m128i channel[3];
        rgb_split(from, channel);
        for (size_t c = 0; c < 3; c++) {
            const V scale = v_set(how->scale[c]), shift = v_set(how->shift[c]);
            uint16_t *to = out + c * how->plane + i;
            for (size_t k = 0; k < left; k += V_N)
                v_store_bf16_n(
                    to + k, v_add(v_mul(v_bytes(channel[c], k), scale), shift), left - k);
        }
    }
}

static void add(float *out, const float *a, const float *b, size_t n)
{
    for (size_t i = 0; i < n; i += V_N)
        v_store_n(out + i, v_add(v_load_n(a + i, n - i), v_load_n(b + i, n - i)), n - i);
}

static void to_bf16(uint16_t *out, const float *x, size_t n)
{
    for (size_t i = 0; i < n; i += V_N) v_store_bf16_n(out + i, v_load_n(x + i, n - i), n - i);
}

#define KERNELS_TABLE                                                                              \
    {                                                                                              \
        .norm_f32 = norm_f32, .norm_bf16 = norm_bf16, .softmax_f32 = softmax_f32,                  \
        .softmax_bf16 = softmax_bf16, .patch_f32 = patch_f32, .patch_bf16 = patch_bf16,            \
        .add = add, .to_bf16 = to_bf16,                                                            \
    }
