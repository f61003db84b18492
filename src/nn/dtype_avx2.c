/* dtype_avx2.c - half types to f32, eight at a time. The tails take the plain loops. */
#include "nn/dtype_kernels.h"

#include <immintrin.h>

void dtype_widen_f16_avx2(float *out, const uint8_t *in, size_t n)
{
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        __m128i h = _mm_loadu_si128((const __m128i *)(const void *)(in + 2 * i));
        _mm256_storeu_ps(out + i, _mm256_cvtph_ps(h));
    }
    dtype_widen_f16(out + i, in + 2 * i, n - i);
}

void dtype_widen_bf16_avx2(float *out, const uint8_t *in, size_t n)
{
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        __m128i h = _mm_loadu_si128((const __m128i *)(const void *)(in + 2 * i));
        __m256i wide = _mm256_slli_epi32(_mm256_cvtepu16_epi32(h), 16);
        _mm256_storeu_ps(out + i, _mm256_castsi256_ps(wide));
    }
    dtype_widen_bf16(out + i, in + 2 * i, n - i);
}
