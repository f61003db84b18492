/* resample_avx2.c - the resampler with AVX2, byte-equal to the plain loops.
 *
 * VPMADDWD multiplies pairs of 16-bit numbers and adds each pair's products into 32 bits. Pixels
 * are widened to 16 bits; the 24-bit weights are split into two digits of base 65536, w = d0 +
 * 65536 d1 with d0 in -32768..32767, and s0 + (s1 << 16) is the exact sum modulo 2^32.
 *
 * Across: a vector holds 2 rows (its 128-bit lanes) of 4 channels (dwords) of 2 taps (words), made
 * from 16-byte loads by one shuffle. Grey: 8 rows gathered. Down: words of 2 rows are interleaved.
 */
#include "image/resample.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

enum { WORDS = 4, DIGITS = 2, PAIRS = 2, ROWS = 4, GREY_ROWS = 8, STEP = 32 };

/* words: for each pair of taps, its two digits. */
static void avx2_pack(const int32_t weights[RESAMPLE_GROUP], int32_t *words)
{
    for (int p = 0; p < PAIRS; p++) {
        int16_t digits[DIGITS][2];
        for (int t = 0; t < 2; t++) {
            int32_t low = (int16_t)(uint16_t)weights[2 * p + t];
            digits[0][t] = (int16_t)low;
            digits[1][t] = (int16_t)((weights[2 * p + t] - low) >> 16);
        }
        memcpy(words + 2 * p, digits, sizeof digits);
    }
}

struct sums {
    __m256i digit[DIGITS];
};

static inline void add_taps(struct sums *s, __m256i pairs, const int32_t *weights)
{
    for (int d = 0; d < DIGITS; d++)
        s->digit[d] =
            _mm256_add_epi32(s->digit[d], _mm256_madd_epi16(pairs, _mm256_set1_epi32(weights[d])));
}

/* Both digits' sums as one, rounded; still to be clipped. */
static inline __m256i sums_value(const struct sums *s)
{
    __m256i sum = _mm256_add_epi32(s->digit[0], _mm256_set1_epi32(1 << (RESAMPLE_BITS - 1)));
    sum = _mm256_add_epi32(sum, _mm256_slli_epi32(s->digit[1], 16));
    return _mm256_srai_epi32(sum, RESAMPLE_BITS);
}

static inline __m256i load_two(const uint8_t *a, const uint8_t *b)
{
    __m256i v = _mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)a));
    return _mm256_inserti128_si256(v, _mm_loadu_si128((const __m128i *)b), 1);
}

/* One output of 4 rows as words: r0c0..r0c3 r2c0..r2c3 | r1c0..r1c3 r3c0..r3c3. */
static inline __m256i column(
    const uint8_t *const rows[ROWS], size_t at, const int32_t *weights, int groups, int channels)
{
    const __m256i taps01 = _mm256_broadcastsi128_si256(channels == 3
            ? _mm_setr_epi8(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1)
            : _mm_setr_epi8(0, -1, 4, -1, 1, -1, 5, -1, 2, -1, 6, -1, 3, -1, 7, -1));
    const __m256i taps23 = _mm256_broadcastsi128_si256(channels == 3
            ? _mm_setr_epi8(6, -1, 9, -1, 7, -1, 10, -1, 8, -1, 11, -1, -1, -1, -1, -1)
            : _mm_setr_epi8(8, -1, 12, -1, 9, -1, 13, -1, 10, -1, 14, -1, 11, -1, 15, -1));
    struct sums s[2];
    memset(s, 0, sizeof s);
    for (int g = 0; g < groups; g++, weights += WORDS, at += (size_t)(RESAMPLE_GROUP * channels)) {
        __m256i first = load_two(rows[0] + at, rows[1] + at),
                second = load_two(rows[2] + at, rows[3] + at);
        add_taps(&s[0], _mm256_shuffle_epi8(first, taps01), weights);
        add_taps(&s[1], _mm256_shuffle_epi8(second, taps01), weights);
        add_taps(&s[0], _mm256_shuffle_epi8(first, taps23), weights + DIGITS);
        add_taps(&s[1], _mm256_shuffle_epi8(second, taps23), weights + DIGITS);
    }
    return _mm256_packs_epi32(sums_value(&s[0]), sums_value(&s[1]));
}

/* Four outputs of four rows, from columns to rows, and stored: 16 bytes a row, of which the next
 * batch overwrites what lies behind the fourth output. */
static inline void store_batch(
    const __m256i outputs[RESAMPLE_BATCH], uint8_t *const to[ROWS], size_t at, int channels)
{
    const __m256i squeeze = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1));
    __m256i a =
        _mm256_packus_epi16(outputs[0], outputs[1]); /* dwords r0o0 r2o0 r0o1 r2o1 | r1 r3 ... */
    __m256i b = _mm256_packus_epi16(outputs[2], outputs[3]);
    a = _mm256_shuffle_epi32(a, 0xD8); /* r0o0 r0o1 r2o0 r2o1 */
    b = _mm256_shuffle_epi32(b, 0xD8);
    __m256i r01 = _mm256_unpacklo_epi64(a, b), r23 = _mm256_unpackhi_epi64(a, b);
    if (channels == 3) {
        r01 = _mm256_shuffle_epi8(r01, squeeze);
        r23 = _mm256_shuffle_epi8(r23, squeeze);
    }
    _mm_storeu_si128((__m128i *)(to[0] + at), _mm256_castsi256_si128(r01));
    _mm_storeu_si128((__m128i *)(to[1] + at), _mm256_extracti128_si256(r01, 1));
    _mm_storeu_si128((__m128i *)(to[2] + at), _mm256_castsi256_si128(r23));
    _mm_storeu_si128((__m128i *)(to[3] + at), _mm256_extracti128_si256(r23, 1));
}

static inline __attribute__((always_inline)) void band_colour(
    const struct resample_axis *ax, const struct resample_band *b, int channels)
{
    size_t words = (size_t)(ax->groups_max * WORDS);
    for (int y = 0; y < b->rows; y += ROWS) {
        const uint8_t *from[ROWS];
        uint8_t *to[ROWS];
        for (int k = 0; k < ROWS; k++) { /* rows behind the last are the last again */
            int row = y + k < b->rows ? y + k : b->rows - 1;
            from[k] = b->from + (size_t)row * b->from_stride;
            to[k] = b->to + (size_t)row * b->to_stride;
        }
        for (int i = 0; i < ax->count; i += RESAMPLE_BATCH) {
            __m256i outputs[RESAMPLE_BATCH];
            for (int k = 0; k < RESAMPLE_BATCH; k++)
                outputs[k] = column(from, (size_t)(ax->start[i + k] * channels),
                    ax->weights + (size_t)(i + k) * words, ax->groups[i + k], channels);
            store_batch(outputs, to, (size_t)(i * channels), channels);
        }
    }
}

/* One output of 8 rows, clipped, a dword each. */
static inline __m256i column_grey(
    const uint8_t *from, __m256i index, const int32_t *weights, int groups)
{
    const __m256i taps01 = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(0, -1, 1, -1, 4, -1, 5, -1, 8, -1, 9, -1, 12, -1, 13, -1));
    const __m256i taps23 = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(2, -1, 3, -1, 6, -1, 7, -1, 10, -1, 11, -1, 14, -1, 15, -1));
    struct sums s;
    memset(&s, 0, sizeof s);
    for (int g = 0; g < groups; g++, weights += WORDS, from += RESAMPLE_GROUP) {
        __m256i v = _mm256_i32gather_epi32((const int *)(const void *)from, index, 1);
        add_taps(&s, _mm256_shuffle_epi8(v, taps01), weights);
        add_taps(&s, _mm256_shuffle_epi8(v, taps23), weights + DIGITS);
    }
    __m256i value = _mm256_max_epi32(sums_value(&s), _mm256_setzero_si256());
    return _mm256_min_epi32(value, _mm256_set1_epi32(255));
}

static void band_grey(const struct resample_axis *ax, const struct resample_band *b)
{
    for (int y = 0; y < b->rows; y += GREY_ROWS) {
        int rows = b->rows - y < GREY_ROWS ? b->rows - y : GREY_ROWS;
        __m256i index = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
        index = _mm256_min_epi32(index, _mm256_set1_epi32(rows - 1));
        index = _mm256_mullo_epi32(index, _mm256_set1_epi32((int)b->from_stride));
        const uint8_t *from = b->from + (size_t)y * b->from_stride;
        uint8_t *to = b->to + (size_t)y * b->to_stride;
        for (int i = 0; i < ax->count; i++) {
            int32_t values[GREY_ROWS];
            __m256i v = column_grey(from + ax->start[i], index,
                ax->weights + (size_t)i * (size_t)(ax->groups_max * WORDS), ax->groups[i]);
            _mm256_storeu_si256((__m256i *)values, v);
            for (int k = 0; k < rows; k++)
                to[(size_t)k * b->to_stride + (size_t)i] = (uint8_t)values[k];
        }
    }
}

static void avx2_band(const struct resample_axis *ax, const struct resample_band *b)
{
    if (b->channels == 3)
        band_colour(ax, b, 3);
    else if (b->channels == 4)
        band_colour(ax, b, 4);
    else
        band_grey(ax, b);
}

/* 32 columns from x on. Unpacking twice keeps the order within lanes; packing twice puts it back.
 */
static inline void line_step(const struct resample_line *l, size_t x)
{
    const __m256i zero = _mm256_setzero_si256();
    struct sums s[4];
    memset(s, 0, sizeof s);
    const int32_t *weights = l->weights;
    for (int p = 0; p < l->groups * PAIRS; p++, weights += DIGITS) {
        int y0 = 2 * p < l->rows ? 2 * p : l->rows - 1;
        int y1 = 2 * p + 1 < l->rows ? 2 * p + 1 : l->rows - 1;
        __m256i a = _mm256_loadu_si256((const __m256i *)(l->from + (size_t)y0 * l->stride + x));
        __m256i b = _mm256_loadu_si256((const __m256i *)(l->from + (size_t)y1 * l->stride + x));
        __m256i low = _mm256_unpacklo_epi8(a, b), high = _mm256_unpackhi_epi8(a, b);
        add_taps(&s[0], _mm256_unpacklo_epi8(low, zero), weights);
        add_taps(&s[1], _mm256_unpackhi_epi8(low, zero), weights);
        add_taps(&s[2], _mm256_unpacklo_epi8(high, zero), weights);
        add_taps(&s[3], _mm256_unpackhi_epi8(high, zero), weights);
    }
    __m256i low = _mm256_packs_epi32(sums_value(&s[0]), sums_value(&s[1]));
    __m256i high = _mm256_packs_epi32(sums_value(&s[2]), sums_value(&s[3]));
    _mm256_storeu_si256((__m256i *)(l->to + x), _mm256_packus_epi16(low, high));
}

static void avx2_line(const struct resample_line *l)
{
    for (size_t x = 0; x < l->bytes; x += STEP) line_step(l, x);
}

const struct resample_kernels resample_avx2 = {
    .name = "avx2",
    .words = WORDS,
    .pack = avx2_pack,
    .band = avx2_band,
    .line = avx2_line,
};

#endif
