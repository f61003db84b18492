/* code_vex.h - the 256-bit kernels over 4-bit codes, once for AVX2 and once for AVX-VNNI: whoever
 * includes it defines CODE_VEX_TABLE, CODE_VEX_NAME, and
 *   step(sum, low, qn, high, qf): sum (8 x 32 bits) plus the products of both nibbles.
 * Inside simd/ only. */
#ifndef FOVEA_SIMD_CODE_VEX_H
#define FOVEA_SIMD_CODE_VEX_H

#include <immintrin.h>
#include <string.h>

#include "simd/code.h"

static inline __m256i word(const int8_t *query, size_t u)
{
    int32_t w;
    memcpy(&w, query + u * 4, sizeof w);
    return _mm256_set1_epi32(w);
}

static inline __m256i high_nibbles(__m256i v)
{
    return _mm256_and_si256(_mm256_srli_epi16(v, 4), _mm256_set1_epi8(15));
}

/* Eight sums side by side: half a line each. */
static inline void dots_one(int32_t *out, const uint8_t *block, const int8_t *query, size_t units)
{
    const int8_t *far = query + SIMD_CODE_FAR(units);
    const __m256i low = _mm256_set1_epi8(15);
    __m256i a[8];
    for (int j = 0; j < 8; j++) a[j] = _mm256_setzero_si256();
    for (size_t u = 0; u < units; u++, block += 256) {
        __m256i qn = word(query, u), qf = word(far, u);
#pragma GCC unroll 8
        for (int j = 0; j < 8; j++) {
            __m256i v = _mm256_loadu_si256((const __m256i *)(block + 32 * j));
            if (j % 2 == 0) __builtin_prefetch(block + 32 * j + SIMD_CODE_AHEAD);
            a[j] = step(a[j], _mm256_and_si256(v, low), qn, high_nibbles(v), qf);
        }
    }
    for (int j = 0; j < 8; j++) _mm256_storeu_si256((__m256i *)(out + 8 * j), a[j]);
}

static void dots(
    int32_t *out, const uint8_t *block, const int8_t *const *queries, int count, size_t units)
{
    for (int i = 0; i < count; i++) dots_one(out + 64 * i, block, queries[i], units);
}

static uint64_t keep(
    const struct simd_code_bound *b, const int32_t *sums, const uint32_t *heads, const float *half)
{
    const __m256 middle = _mm256_set1_ps(b->middle), scale = _mm256_set1_ps(b->scale);
    const __m256 reach = _mm256_set1_ps(b->reach), least = _mm256_set1_ps(b->floor);
    uint64_t kept = 0;
    for (int j = 0; j < 8; j++) {
        __m256i head = _mm256_loadu_si256((const __m256i *)(heads + 8 * j));
        __m256 s = _mm256_castsi256_ps(_mm256_and_si256(head, _mm256_set1_epi32((int)0xffff0000U)));
        __m256 e = _mm256_castsi256_ps(_mm256_slli_epi32(head, 16));
        __m256 dot = _mm256_cvtepi32_ps(_mm256_loadu_si256((const __m256i *)(sums + 8 * j)));
        __m256 most = _mm256_mul_ps(s, _mm256_mul_ps(scale, _mm256_sub_ps(dot, middle)));
        most = _mm256_add_ps(most, _mm256_mul_ps(e, reach));
        __m256 floor = least;
        if (half != NULL) floor = _mm256_add_ps(least, _mm256_loadu_ps(half + 8 * j));
        int bits = _mm256_movemask_ps(_mm256_cmp_ps(most, floor, _CMP_NLT_UQ));
        kept |= (uint64_t)(uint32_t)bits << (8 * j);
    }
    return kept;
}

static int32_t row(const uint8_t *code, const int8_t *query, size_t units)
{
    const int8_t *far = query + SIMD_CODE_FAR(units);
    const __m256i low = _mm256_set1_epi8(15);
    __m256i a = _mm256_setzero_si256();
    for (size_t i = 0; i < units * 4; i += 32) {
        __m256i v = _mm256_loadu_si256((const __m256i *)(code + i));
        a = step(a, _mm256_and_si256(v, low), _mm256_loadu_si256((const __m256i *)(query + i)),
            high_nibbles(v), _mm256_loadu_si256((const __m256i *)(far + i)));
    }
    __m128i s = _mm_add_epi32(_mm256_castsi256_si128(a), _mm256_extracti128_si256(a, 1));
    s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0x4e));
    s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0xb1));
    return _mm_cvtsi128_si32(s);
}

const struct simd_code CODE_VEX_TABLE = {
    .dots = dots, .keep = keep, .row = row, .name = CODE_VEX_NAME};

#endif
