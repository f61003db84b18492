/* rows_avx2.c - four rows against a query in AVX2 + FMA. */
#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>

#include "simd/rows.h"

typedef __m256 vec; /* what the body below is written in */

static inline vec lanes(const float *p, size_t left)
{
    const __m256i at = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    return _mm256_maskload_ps(p, _mm256_cmpgt_epi32(_mm256_set1_epi32((int)left), at));
}

static inline void sum4(float *out, const vec a[SIMD_ROWS])
{
    __m256 s = _mm256_hadd_ps(_mm256_hadd_ps(a[0], a[1]), _mm256_hadd_ps(a[2], a[3]));
    _mm_storeu_ps(out, _mm_add_ps(_mm256_castps256_ps128(s), _mm256_extractf128_ps(s, 1)));
}

static inline float most(vec v)
{
    __m128 s = _mm_max_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    s = _mm_max_ps(s, _mm_movehl_ps(s, s));
    return _mm_cvtss_f32(_mm_max_ss(s, _mm_movehdup_ps(s)));
}

#define ROWS_LANES 8
#define ROWS_TABLE simd_rows_avx2
#define vec_zero() _mm256_setzero_ps()
#define vec_load(p) _mm256_loadu_ps(p)
#define vec_add(a, b) _mm256_add_ps(a, b)
#define vec_sub(a, b) _mm256_sub_ps(a, b)
#define vec_fma(a, b, c) _mm256_fmadd_ps(a, b, c)
#define vec_abs(a) _mm256_andnot_ps(_mm256_set1_ps(-0.0F), a)
#define vec_max(a, b) _mm256_max_ps(a, b)
#define vec_most(a) most(a)
#include "simd/rows_body.h"
#else
typedef int not_for_this_cpu;
#endif
