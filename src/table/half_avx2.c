/* half_avx2.c - halves to f32, eight at a time (F16C). The tail takes the plain loop. */
#include "table/half.h"

#if defined(__x86_64__)
#include <immintrin.h>

void half_widen_avx2(float *out, const uint8_t *in, size_t count)
{
    size_t i = 0;
    for (; i + 8 <= count; i += 8) {
        __m128i h = _mm_loadu_si128((const __m128i *)(const void *)(in + 2 * i));
        _mm256_storeu_ps(out + i, _mm256_cvtph_ps(h));
    }
    half_widen_base(out + i, in + 2 * i, count - i);
}
#endif
