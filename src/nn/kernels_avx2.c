/* kernels_avx2.c - kernels.h in vectors of 8 floats (AVX2, FMA). */
#include <immintrin.h>
#include <stdint.h>
#include <string.h>

#define V __m256
#define V_N 8

static const int32_t lanes[16] = {-1, -1, -1, -1, -1, -1, -1, -1};

static inline __m256i v_mask(size_t n)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)(lanes + (n >= 8 ? 0 : 8 - n)));
}
static inline V v_set(float x)
{
    return _mm256_set1_ps(x);
}
static inline V v_load(const float *p)
{
    return _mm256_loadu_ps(p);
}
static inline V v_load_n(const float *p, size_t n)
{
    return n >= 8 ? _mm256_loadu_ps(p) : _mm256_maskload_ps(p, v_mask(n));
}
static inline void v_store(float *p, V x)
{
    _mm256_storeu_ps(p, x);
}
static inline void v_store_n(float *p, V x, size_t n)
{
    if (n >= 8)
        _mm256_storeu_ps(p, x);
    else
        _mm256_maskstore_ps(p, v_mask(n), x);
}
static inline void v_store_bf16_n(uint16_t *p, V x, size_t n)
{
    const __m256i u = _mm256_castps_si256(x);
    const __m256i odd = _mm256_and_si256(_mm256_srli_epi32(u, 16), _mm256_set1_epi32(1));
    const __m256i even = _mm256_srli_epi32(
        _mm256_add_epi32(_mm256_add_epi32(u, _mm256_set1_epi32(0x7fff)), odd), 16);
    const __m256i nan = _mm256_or_si256(_mm256_srli_epi32(u, 16), _mm256_set1_epi32(0x40));
    const __m256i is_nan = _mm256_castps_si256(_mm256_cmp_ps(x, x, _CMP_UNORD_Q));
    const __m256i r = _mm256_blendv_epi8(even, nan, is_nan);
    const __m128i half =
        _mm_packus_epi32(_mm256_castsi256_si128(r), _mm256_extracti128_si256(r, 1));
    if (n >= 8) {
        _mm_storeu_si128((__m128i *)(void *)p, half);
    } else {
        uint16_t some[8];
        _mm_storeu_si128((__m128i *)(void *)some, half);
        memcpy(p, some, n * sizeof *p);
    }
}
static inline V v_add(V a, V b)
{
    return _mm256_add_ps(a, b);
}
static inline V v_sub(V a, V b)
{
    return _mm256_sub_ps(a, b);
}
static inline V v_mul(V a, V b)
{
    return _mm256_mul_ps(a, b);
}
static inline V v_fma(V a, V b, V c)
{
    return _mm256_fmadd_ps(a, b, c);
}
static inline V v_max(V a, V b)
{
    return _mm256_max_ps(a, b);
}
static inline V v_select_n(V first, V rest, size_t n)
{
    return _mm256_blendv_ps(rest, first, _mm256_castsi256_ps(v_mask(n)));
}
static inline float v_sum(V x)
{
    __m128 s = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
    s = _mm_add_ps(s, _mm_movehl_ps(s, s));
    return _mm_cvtss_f32(_mm_add_ss(s, _mm_movehdup_ps(s)));
}
/* A NaN anywhere may be lost here: the exponentials bring it back. */
static inline float v_hmax(V x)
{
    __m128 s = _mm_max_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
    s = _mm_max_ps(s, _mm_movehl_ps(s, s));
    return _mm_cvtss_f32(_mm_max_ss(s, _mm_movehdup_ps(s)));
}
static inline V v_bytes(__m128i sixteen, size_t from)
{
    const __m128i eight = from ? _mm_srli_si128(sixteen, 8) : sixteen;
    return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(eight));
}
static inline V v_round(V x)
{
    return _mm256_round_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}
static inline V v_ldexp(V x, V n)
{
    const __m256i power = _mm256_slli_epi32(_mm256_cvtps_epi32(n), 23);
    return _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(x), power));
}

#include "nn/kernels_body.h"

const struct nn_kernels nn_kernels_avx2 = KERNELS_TABLE;
