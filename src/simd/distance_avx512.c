/* distance_avx512.c - AVX-512 distances: four accumulators of sixteen lanes, the tail under a mask.
 */
#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>

#include "simd/distance_kernels.h"

static __m512 dot_term(__m512 acc, __m512 a, __m512 b)
{
    return _mm512_fmadd_ps(a, b, acc);
}

static __m512 l2sq_term(__m512 acc, __m512 a, __m512 b)
{
    __m512 d = _mm512_sub_ps(a, b);
    return _mm512_fmadd_ps(d, d, acc);
}

static __m512 l1_term(__m512 acc, __m512 a, __m512 b)
{
    return _mm512_add_ps(acc, _mm512_abs_ps(_mm512_sub_ps(a, b)));
}

static inline __attribute__((always_inline)) float fold(__m512 (*term)(__m512, __m512, __m512),
    const float *a, const float *b, size_t n)
{
    __m512 s0 = _mm512_setzero_ps(), s1 = s0, s2 = s0, s3 = s0;
    size_t i = 0;
    for (; i + 64 <= n; i += 64) {
        s0 = term(s0, _mm512_loadu_ps(a + i), _mm512_loadu_ps(b + i));
        s1 = term(s1, _mm512_loadu_ps(a + i + 16), _mm512_loadu_ps(b + i + 16));
        s2 = term(s2, _mm512_loadu_ps(a + i + 32), _mm512_loadu_ps(b + i + 32));
        s3 = term(s3, _mm512_loadu_ps(a + i + 48), _mm512_loadu_ps(b + i + 48));
    }
    for (; i + 16 <= n; i += 16) s0 = term(s0, _mm512_loadu_ps(a + i), _mm512_loadu_ps(b + i));
    if (i < n) {
        __mmask16 rest = (__mmask16)((1U << (n - i)) - 1);
        s1 = term(s1, _mm512_maskz_loadu_ps(rest, a + i), _mm512_maskz_loadu_ps(rest, b + i));
    }
    return _mm512_reduce_add_ps(_mm512_add_ps(_mm512_add_ps(s0, s1), _mm512_add_ps(s2, s3)));
}

static float dot(const float *a, const float *b, size_t n)
{
    return fold(dot_term, a, b, n);
}

static float l2sq(const float *a, const float *b, size_t n)
{
    return fold(l2sq_term, a, b, n);
}

static float l1(const float *a, const float *b, size_t n)
{
    return fold(l1_term, a, b, n);
}

static float linf(const float *a, const float *b, size_t n)
{
    __m512 most = _mm512_setzero_ps();
    __mmask16 nan = 0;
    for (size_t i = 0; i < n; i += 16) {
        __mmask16 lanes = (__mmask16)(n - i >= 16 ? 0xffffU : (1U << (n - i)) - 1);
        __m512 d = _mm512_abs_ps(_mm512_sub_ps(
            _mm512_maskz_loadu_ps(lanes, a + i), _mm512_maskz_loadu_ps(lanes, b + i)));
        nan = (__mmask16)(nan | _mm512_cmp_ps_mask(d, d, _CMP_UNORD_Q));
        most = _mm512_max_ps(most, d);
    }
    return nan != 0 ? NAN : _mm512_reduce_max_ps(most);
}

const struct simd_distance simd_distance_avx512 = {
    .dot = dot, .l2sq = l2sq, .l1 = l1, .linf = linf};
#else
typedef int not_for_this_cpu;
#endif
