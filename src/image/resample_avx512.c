/* resample_avx512.c - the resampler with AVX-512 VNNI, byte-equal to the plain loops.
 *
 * VPDPBUSD multiplies 4 unsigned bytes by 4 signed ones and adds the four products to a 32-bit
 * lane: four taps at once, but of 8-bit weights. Ours have 24 bits, so each is split into three
 * digits of base 256, w = d0 + 256 d1 + 65536 d2 with d0, d1 in -128..127; each digit has its own
 * accumulator, and s0 + (s1 << 8) + (s2 << 16) is the exact sum modulo 2^32, whatever the order.
 *
 * Across: a vector holds 4 rows (its 128-bit lanes) of 4 channels (dwords) of 4 taps (bytes), one
 * shuffle after four 16-byte loads; so all lanes want the same 4 weights, a broadcast from memory.
 * Grey: 16 rows gathered, a dword of 4 taps each. Down: bytes of 4 rows are interleaved, 64 columns
 * a step.
 */
#include "image/resample.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

enum { WORDS = 3, ROWS = 4, GREY_ROWS = 16 };

static int32_t quad(const int8_t b[RESAMPLE_GROUP])
{
    int32_t word;
    memcpy(&word, b, sizeof word);
    return word;
}

static void vnni_pack(const int32_t weights[RESAMPLE_GROUP], int32_t *words)
{
    int8_t digits[WORDS][RESAMPLE_GROUP];
    for (int t = 0; t < RESAMPLE_GROUP; t++) {
        int32_t low = (int8_t)(uint8_t)weights[t];
        int32_t rest = (weights[t] - low) >> 8;
        int32_t middle = (int8_t)(uint8_t)rest;
        digits[0][t] = (int8_t)low;
        digits[1][t] = (int8_t)middle;
        digits[2][t] = (int8_t)((rest - middle) >> 8);
    }
    for (int d = 0; d < WORDS; d++) words[d] = quad(digits[d]);
}

/* The three digits' sums as one, rounded; still to be clipped. */
static inline __m512i combine(__m512i s0, __m512i s1, __m512i s2)
{
    __m512i sum = _mm512_add_epi32(s0, _mm512_set1_epi32(1 << (RESAMPLE_BITS - 1)));
    sum = _mm512_add_epi32(sum, _mm512_slli_epi32(s1, 8));
    sum = _mm512_add_epi32(sum, _mm512_slli_epi32(s2, 16));
    return _mm512_srai_epi32(sum, RESAMPLE_BITS);
}

static inline __m128i clip_bytes(__m512i sum)
{
    return _mm512_cvtusepi32_epi8(_mm512_max_epi32(sum, _mm512_setzero_si512()));
}

static inline __m512i load_rows(const uint8_t *const rows[ROWS], size_t at)
{
    __m512i v = _mm512_castsi128_si512(_mm_loadu_si128((const __m128i *)(rows[0] + at)));
    v = _mm512_inserti32x4(v, _mm_loadu_si128((const __m128i *)(rows[1] + at)), 1);
    v = _mm512_inserti32x4(v, _mm_loadu_si128((const __m128i *)(rows[2] + at)), 2);
    return _mm512_inserti32x4(v, _mm_loadu_si128((const __m128i *)(rows[3] + at)), 3);
}

/* One output of 4 rows: bytes r0c0 r0c1 r0c2 r0c3 r1c0 ... */
static inline __m128i column(
    const uint8_t *const rows[ROWS], size_t at, const int32_t *weights, int groups, int channels)
{
    const __m512i taps = _mm512_broadcast_i32x4(channels == 3
            ? _mm_setr_epi8(0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11, -1, -1, -1, -1)
            : _mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15));
    __m512i s0 = _mm512_setzero_si512(), s1 = s0, s2 = s0;
    for (int g = 0; g < groups; g++, weights += WORDS, at += (size_t)(RESAMPLE_GROUP * channels)) {
        __m512i v = _mm512_shuffle_epi8(load_rows(rows, at), taps);
        s0 = _mm512_dpbusd_epi32(s0, v, _mm512_set1_epi32(weights[0]));
        s1 = _mm512_dpbusd_epi32(s1, v, _mm512_set1_epi32(weights[1]));
        s2 = _mm512_dpbusd_epi32(s2, v, _mm512_set1_epi32(weights[2]));
    }
    return clip_bytes(combine(s0, s1, s2));
}

/* Four outputs of four rows, from columns to rows, and stored: 16 bytes a row, of which the next
 * batch overwrites what lies behind the fourth output. */
static inline void store_batch(
    const __m128i outputs[RESAMPLE_BATCH], uint8_t *const to[ROWS], size_t at, int channels)
{
    const __m512i turn = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    const __m512i squeeze = _mm512_broadcast_i32x4(
        _mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1));
    __m512i v = _mm512_castsi128_si512(outputs[0]);
    v = _mm512_inserti32x4(v, outputs[1], 1);
    v = _mm512_inserti32x4(v, outputs[2], 2);
    v = _mm512_inserti32x4(v, outputs[3], 3);
    v = _mm512_permutexvar_epi32(turn, v);
    if (channels == 3) v = _mm512_shuffle_epi8(v, squeeze);
    _mm_storeu_si128((__m128i *)(to[0] + at), _mm512_castsi512_si128(v));
    _mm_storeu_si128((__m128i *)(to[1] + at), _mm512_extracti32x4_epi32(v, 1));
    _mm_storeu_si128((__m128i *)(to[2] + at), _mm512_extracti32x4_epi32(v, 2));
    _mm_storeu_si128((__m128i *)(to[3] + at), _mm512_extracti32x4_epi32(v, 3));
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
            __m128i outputs[RESAMPLE_BATCH];
            for (int k = 0; k < RESAMPLE_BATCH; k++)
                outputs[k] = column(from, (size_t)(ax->start[i + k] * channels),
                    ax->weights + (size_t)(i + k) * words, ax->groups[i + k], channels);
            store_batch(outputs, to, (size_t)(i * channels), channels);
        }
    }
}

static void band_grey(const struct resample_axis *ax, const struct resample_band *b)
{
    for (int y = 0; y < b->rows; y += GREY_ROWS) {
        int rows = b->rows - y < GREY_ROWS ? b->rows - y : GREY_ROWS;
        __m512i index = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
        index = _mm512_min_epi32(index, _mm512_set1_epi32(rows - 1));
        index = _mm512_mullo_epi32(index, _mm512_set1_epi32((int)b->from_stride));
        const uint8_t *from = b->from + (size_t)y * b->from_stride;
        uint8_t *to = b->to + (size_t)y * b->to_stride;
        for (int i = 0; i < ax->count; i++) {
            const int32_t *weights = ax->weights + (size_t)i * (size_t)(ax->groups_max * WORDS);
            const uint8_t *at = from + ax->start[i];
            __m512i s0 = _mm512_setzero_si512(), s1 = s0, s2 = s0;
            for (int g = 0; g < ax->groups[i]; g++, weights += WORDS, at += RESAMPLE_GROUP) {
                __m512i v = _mm512_i32gather_epi32(index, at, 1);
                s0 = _mm512_dpbusd_epi32(s0, v, _mm512_set1_epi32(weights[0]));
                s1 = _mm512_dpbusd_epi32(s1, v, _mm512_set1_epi32(weights[1]));
                s2 = _mm512_dpbusd_epi32(s2, v, _mm512_set1_epi32(weights[2]));
            }
            uint8_t bytes[GREY_ROWS];
            _mm_storeu_si128((__m128i *)bytes, clip_bytes(combine(s0, s1, s2)));
            for (int k = 0; k < rows; k++) to[(size_t)k * b->to_stride + (size_t)i] = bytes[k];
        }
    }
}

static void vnni_band(const struct resample_axis *ax, const struct resample_band *b)
{
    if (b->channels == 3)
        band_colour(ax, b, 3);
    else if (b->channels == 4)
        band_colour(ax, b, 4);
    else
        band_grey(ax, b);
}

struct sums {
    __m512i digit[WORDS];
};

static inline void add_taps(struct sums *s, __m512i v, const int32_t *weights)
{
    for (int d = 0; d < WORDS; d++)
        s->digit[d] = _mm512_dpbusd_epi32(s->digit[d], v, _mm512_set1_epi32(weights[d]));
}

static inline __m512i sums_value(const struct sums *s)
{
    return combine(s->digit[0], s->digit[1], s->digit[2]);
}

/* 64 columns from x on. Unpacking twice keeps the order within lanes; packing twice puts it back.
 */
static inline void line_step(const struct resample_line *l, size_t x)
{
    struct sums s[4];
    memset(s, 0, sizeof s);
    const int32_t *weights = l->weights;
    for (int g = 0; g < l->groups; g++, weights += WORDS) {
        __m512i row[RESAMPLE_GROUP];
        for (int k = 0; k < RESAMPLE_GROUP; k++) {
            int y = g * RESAMPLE_GROUP + k;
            if (y >= l->rows) y = l->rows - 1;
            row[k] = _mm512_loadu_si512(l->from + (size_t)y * l->stride + x);
        }
        __m512i ab = _mm512_unpacklo_epi8(row[0], row[1]),
                cd = _mm512_unpacklo_epi8(row[2], row[3]);
        add_taps(&s[0], _mm512_unpacklo_epi16(ab, cd), weights);
        add_taps(&s[1], _mm512_unpackhi_epi16(ab, cd), weights);
        ab = _mm512_unpackhi_epi8(row[0], row[1]);
        cd = _mm512_unpackhi_epi8(row[2], row[3]);
        add_taps(&s[2], _mm512_unpacklo_epi16(ab, cd), weights);
        add_taps(&s[3], _mm512_unpackhi_epi16(ab, cd), weights);
    }
    __m512i low = _mm512_packs_epi32(sums_value(&s[0]), sums_value(&s[1]));
    __m512i high = _mm512_packs_epi32(sums_value(&s[2]), sums_value(&s[3]));
    _mm512_storeu_si512(l->to + x, _mm512_packus_epi16(low, high));
}

static void vnni_line(const struct resample_line *l)
{
    for (size_t x = 0; x < l->bytes; x += RESAMPLE_LINE) line_step(l, x);
}

const struct resample_kernels resample_avx512 = {
    .name = "avx512 vnni",
    .words = WORDS,
    .pack = vnni_pack,
    .band = vnni_band,
    .line = vnni_line,
};

#endif
