/* rows_avx512.c - four rows against a query in AVX-512: two accumulators a row, the tail masked. */
#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>

#include "simd/rows.h"

typedef __m512 vec; /* what the body below is written in */

static inline vec lanes(const float *p, size_t left)
{
    return _mm512_maskz_loadu_ps((__mmask16)((1U << left) - 1), p);
}

static inline __m256 halves(vec v)
{
    return _mm256_add_ps(_mm512_castps512_ps256(v), _mm512_extractf32x8_ps(v, 1));
}

static inline void sum4(float *out, const vec a[SIMD_ROWS])
{
    __m256 x = _mm256_hadd_ps(halves(a[0]), halves(a[1]));
    __m256 y = _mm256_hadd_ps(halves(a[2]), halves(a[3]));
    __m256 s = _mm256_hadd_ps(x, y);
    _mm_storeu_ps(out, _mm_add_ps(_mm256_castps256_ps128(s), _mm256_extractf128_ps(s, 1)));
}

#define ROWS_LANES 16
#define ROWS_TABLE simd_rows_avx512
#define vec_zero() _mm512_setzero_ps()
#define vec_load(p) _mm512_loadu_ps(p)
#define vec_add(a, b) _mm512_add_ps(a, b)
#define vec_sub(a, b) _mm512_sub_ps(a, b)
#define vec_fma(a, b, c) _mm512_fmadd_ps(a, b, c)
#define vec_abs(a) _mm512_abs_ps(a)
#define vec_max(a, b) _mm512_max_ps(a, b)
#define vec_most(a) _mm512_reduce_max_ps(a)
#include "simd/rows_body.h"
#else
typedef int not_for_this_cpu;
#endif
