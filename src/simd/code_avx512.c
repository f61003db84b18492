/* code_avx512.c - 4-bit codes with AVX-512 VNNI: a line of 64 bytes is 16 rows, four lines go side
 * by side, so eight sums (low and high nibbles apart) run independently; high nibbles are used
 * where they stand, 16 times too large, and shifted once at the end. */
#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#include "simd/code.h"

static inline __m512i word(const int8_t *query, size_t u)
{
    int32_t w;
    memcpy(&w, query + u * 4, sizeof w);
    return _mm512_set1_epi32(w);
}

static void dots_one(int32_t *out, const uint8_t *block, const int8_t *query, size_t units)
{
    const int8_t *far = query + SIMD_CODE_FAR(units);
    const __m512i low = _mm512_set1_epi8(15), high = _mm512_set1_epi8((char)0xf0);
    __m512i a[4], b[4];
    for (int j = 0; j < 4; j++) a[j] = b[j] = _mm512_setzero_si512();
    for (size_t u = 0; u < units; u++, block += 256) {
        __m512i qn = word(query, u), qf = word(far, u);
#pragma GCC unroll 4
        for (int j = 0; j < 4; j++) {
            __m512i v = _mm512_loadu_si512(block + 64 * j);
            __builtin_prefetch(block + 64 * j + SIMD_CODE_AHEAD);
            a[j] = _mm512_dpbusd_epi32(a[j], _mm512_and_si512(v, low), qn);
            b[j] = _mm512_dpbusd_epi32(b[j], _mm512_and_si512(v, high), qf);
        }
    }
    for (int j = 0; j < 4; j++)
        _mm512_storeu_si512(out + 16 * j, _mm512_add_epi32(a[j], _mm512_srai_epi32(b[j], 4)));
}

/* Four queries share a block: each line is unpacked once. */
static void dots_four(
    int32_t *out, const uint8_t *block, const int8_t *const *queries, size_t units)
{
    const size_t far = SIMD_CODE_FAR(units);
    const __m512i low = _mm512_set1_epi8(15);
    __m512i a[4][4];
    for (int i = 0; i < 16; i++) a[i / 4][i % 4] = _mm512_setzero_si512();
    for (size_t u = 0; u < units; u++, block += 256) {
        __m512i near4[4], far4[4];
#pragma GCC unroll 4
        for (int j = 0; j < 4; j++) {
            __m512i v = _mm512_loadu_si512(block + 64 * j);
            __builtin_prefetch(block + 64 * j + SIMD_CODE_AHEAD);
            near4[j] = _mm512_and_si512(v, low);
            far4[j] = _mm512_and_si512(_mm512_srli_epi16(v, 4), low);
        }
#pragma GCC unroll 4
        for (int i = 0; i < 4; i++) {
            __m512i qn = word(queries[i], u), qf = word(queries[i] + far, u);
#pragma GCC unroll 4
            for (int j = 0; j < 4; j++)
                a[i][j] =
                    _mm512_dpbusd_epi32(_mm512_dpbusd_epi32(a[i][j], near4[j], qn), far4[j], qf);
        }
    }
    for (int i = 0; i < 16; i++) _mm512_storeu_si512(out + 16 * i, a[i / 4][i % 4]);
}

static void dots(
    int32_t *out, const uint8_t *block, const int8_t *const *queries, int count, size_t units)
{
    if (count == 4) {
        dots_four(out, block, queries, units);
        return;
    }
    for (int i = 0; i < count; i++) dots_one(out + 64 * i, block, queries[i], units);
}

static uint64_t keep(
    const struct simd_code_bound *b, const int32_t *sums, const uint32_t *heads, const float *half)
{
    const __m512 middle = _mm512_set1_ps(b->middle), scale = _mm512_set1_ps(b->scale);
    const __m512 reach = _mm512_set1_ps(b->reach), least = _mm512_set1_ps(b->floor);
    uint64_t kept = 0;
#pragma GCC unroll 4
    for (int j = 0; j < 4; j++) {
        __m512i head = _mm512_loadu_si512(heads + 16 * j);
        __m512 s = _mm512_castsi512_ps(_mm512_and_si512(head, _mm512_set1_epi32((int)0xffff0000U)));
        __m512 e = _mm512_castsi512_ps(_mm512_slli_epi32(head, 16));
        __m512 dot = _mm512_cvtepi32_ps(_mm512_loadu_si512(sums + 16 * j));
        __m512 most = _mm512_mul_ps(s, _mm512_mul_ps(scale, _mm512_sub_ps(dot, middle)));
        most = _mm512_add_ps(most, _mm512_mul_ps(e, reach));
        __m512 floor = least;
        if (half != NULL) floor = _mm512_add_ps(least, _mm512_loadu_ps(half + 16 * j));
        kept |= (uint64_t)_mm512_cmp_ps_mask(most, floor, _CMP_NLT_UQ) << (16 * j);
    }
    return kept;
}

static int32_t row(const uint8_t *code, const int8_t *query, size_t units)
{
    const int8_t *far = query + SIMD_CODE_FAR(units);
    const __m512i low = _mm512_set1_epi8(15);
    __m512i a = _mm512_setzero_si512(), b = a;
    for (size_t i = 0; i < units * 4; i += 64) {
        __m512i v = _mm512_loadu_si512(code + i);
        a = _mm512_dpbusd_epi32(a, _mm512_and_si512(v, low), _mm512_loadu_si512(query + i));
        b = _mm512_dpbusd_epi32(
            b, _mm512_and_si512(_mm512_srli_epi16(v, 4), low), _mm512_loadu_si512(far + i));
    }
    return _mm512_reduce_add_epi32(_mm512_add_epi32(a, b));
}

const struct simd_code simd_code_avx512 = {
    .dots = dots, .keep = keep, .row = row, .name = "avx512vnni"};
#else
typedef int not_for_this_cpu;
#endif
