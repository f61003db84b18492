/* distance_avx2.c - AVX2 + FMA distances: four accumulators of eight lanes hide the latency of FMA.
 */
#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>

#include "simd/distance_kernels.h"

static float sum8(__m256 v)
{
    __m128 s = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    s = _mm_add_ps(s, _mm_movehl_ps(s, s));
    return _mm_cvtss_f32(_mm_add_ss(s, _mm_movehdup_ps(s)));
}

static float max8(__m256 v)
{
    __m128 s = _mm_max_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    s = _mm_max_ps(s, _mm_movehl_ps(s, s));
    return _mm_cvtss_f32(_mm_max_ss(s, _mm_movehdup_ps(s)));
}

static __m256 abs8(__m256 v)
{
    return _mm256_andnot_ps(_mm256_set1_ps(-0.0F), v);
}

static __m256 dot_term(__m256 acc, __m256 a, __m256 b)
{
    return _mm256_fmadd_ps(a, b, acc);
}

static __m256 l2sq_term(__m256 acc, __m256 a, __m256 b)
{
    __m256 d = _mm256_sub_ps(a, b);
    return _mm256_fmadd_ps(d, d, acc);
}

static __m256 l1_term(__m256 acc, __m256 a, __m256 b)
{
    return _mm256_add_ps(acc, abs8(_mm256_sub_ps(a, b)));
}

/* One body, three kernels: the term is a constant at each call and is inlined. */
static inline __attribute__((always_inline)) float fold(__m256 (*term)(__m256, __m256, __m256),
    const float *a, const float *b, size_t n, size_t *done)
{
    __m256 s0 = _mm256_setzero_ps(), s1 = s0, s2 = s0, s3 = s0;
    size_t i = 0;
    for (; i + 32 <= n; i += 32) {
        s0 = term(s0, _mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i));
        s1 = term(s1, _mm256_loadu_ps(a + i + 8), _mm256_loadu_ps(b + i + 8));
        s2 = term(s2, _mm256_loadu_ps(a + i + 16), _mm256_loadu_ps(b + i + 16));
        s3 = term(s3, _mm256_loadu_ps(a + i + 24), _mm256_loadu_ps(b + i + 24));
    }
    for (; i + 8 <= n; i += 8) s0 = term(s0, _mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i));
    *done = i;
    return sum8(_mm256_add_ps(_mm256_add_ps(s0, s1), _mm256_add_ps(s2, s3)));
}

static float dot(const float *a, const float *b, size_t n)
{
    size_t i;
    float sum = fold(dot_term, a, b, n, &i);
    for (; i < n; i++) sum += a[i] * b[i];
    return sum;
}

static float l2sq(const float *a, const float *b, size_t n)
{
    size_t i;
    float sum = fold(l2sq_term, a, b, n, &i);
    for (; i < n; i++) sum += (a[i] - b[i]) * (a[i] - b[i]);
    return sum;
}

static float l1(const float *a, const float *b, size_t n)
{
    size_t i;
    float sum = fold(l1_term, a, b, n, &i);
    for (; i < n; i++) sum += fabsf(a[i] - b[i]);
    return sum;
}

static float linf(const float *a, const float *b, size_t n)
{
    __m256 most = _mm256_setzero_ps(), nan = most;
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        __m256 d = abs8(_mm256_sub_ps(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i)));
        nan = _mm256_or_ps(nan, _mm256_cmp_ps(d, d, _CMP_UNORD_Q));
        most = _mm256_max_ps(most, d);
    }
    float m = max8(most);
    bool bad = _mm256_movemask_ps(nan) != 0;
    for (; i < n; i++) {
        float d = fabsf(a[i] - b[i]);
        bad |= isnan(d);
        if (d > m) m = d;
    }
    return bad ? NAN : m;
}

const struct simd_distance simd_distance_avx2 = {.dot = dot, .l2sq = l2sq, .l1 = l1, .linf = linf};
#else
typedef int not_for_this_cpu;
#endif
