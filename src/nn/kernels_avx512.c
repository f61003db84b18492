/* kernels_avx512.c - kernels.h in vectors of 16 floats (AVX-512 F, BW, VL, DQ).
 *
 * bf16 is rounded with integer steps instead of VCVTNEPS2BF16: any AVX-512 CPU runs it, and
 * denormals come out as in the plain loop.
 */
#include <immintrin.h>

#define V __m512
#define V_N 16

static inline __mmask16 v_mask(size_t n)
{
    return (__mmask16)(n >= 16 ? 0xffffu : (1u << n) - 1);
}
static inline V v_set(float x)
{
    return _mm512_set1_ps(x);
}
static inline V v_load(const float *p)
{
    return _mm512_loadu_ps(p);
}
static inline V v_load_n(const float *p, size_t n)
{
    return n >= 16 ? _mm512_loadu_ps(p) : _mm512_maskz_loadu_ps(v_mask(n), p);
}
static inline void v_store(float *p, V x)
{
    _mm512_storeu_ps(p, x);
}
static inline void v_store_n(float *p, V x, size_t n)
{
    if (n >= 16)
        _mm512_storeu_ps(p, x);
    else
        _mm512_mask_storeu_ps(p, v_mask(n), x);
}
static inline void v_store_bf16_n(unsigned short *p, V x, size_t n)
{
    const __m512i u = _mm512_castps_si512(x);
    const __m512i odd = _mm512_and_si512(_mm512_srli_epi32(u, 16), _mm512_set1_epi32(1));
    __m512i r = _mm512_srli_epi32(
        _mm512_add_epi32(_mm512_add_epi32(u, _mm512_set1_epi32(0x7fff)), odd), 16);
    const __m512i nan = _mm512_or_si512(_mm512_srli_epi32(u, 16), _mm512_set1_epi32(0x40));
    r = _mm512_mask_mov_epi32(r, _mm512_cmp_ps_mask(x, x, _CMP_UNORD_Q), nan);
    if (n >= 16)
        _mm256_storeu_si256((__m256i *)(void *)p, _mm512_cvtepi32_epi16(r));
    else
        _mm512_mask_cvtepi32_storeu_epi16(p, v_mask(n), r);
}
static inline V v_add(V a, V b)
{
    return _mm512_add_ps(a, b);
}
static inline V v_sub(V a, V b)
{
    return _mm512_sub_ps(a, b);
}
static inline V v_mul(V a, V b)
{
    return _mm512_mul_ps(a, b);
}
static inline V v_fma(V a, V b, V c)
{
    return _mm512_fmadd_ps(a, b, c);
}
static inline V v_max(V a, V b)
{
    return _mm512_max_ps(a, b);
}
static inline V v_select_n(V first, V rest, size_t n)
{
    return _mm512_mask_mov_ps(rest, v_mask(n), first);
}
static inline float v_sum(V x)
{
    return _mm512_reduce_add_ps(x);
}
/* A NaN anywhere may be lost here: the exponentials bring it back. */
static inline float v_hmax(V x)
{
    return _mm512_reduce_max_ps(x);
}
static inline V v_bytes(__m128i sixteen, size_t from)
{
    (void)from;
    return _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(sixteen));
}
static inline V v_round(V x)
{
    return _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}
static inline V v_ldexp(V x, V n)
{
    return _mm512_scalef_ps(x, n);
}

#include "nn/kernels_body.h"

const struct nn_kernels nn_kernels_avx512 = KERNELS_TABLE;
