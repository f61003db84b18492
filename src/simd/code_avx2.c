/* code_avx2.c - 4-bit codes with AVX2: two products of a nibble (15) and a byte (127) are 3810, so
 * both nibbles' sums fit 16 bits before they are widened. */
#if defined(__x86_64__)
#include <immintrin.h>

static inline __m256i step(__m256i sum, __m256i low, __m256i qn, __m256i high, __m256i qf)
{
    __m256i pairs = _mm256_add_epi16(_mm256_maddubs_epi16(low, qn), _mm256_maddubs_epi16(high, qf));
    return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

#define CODE_VEX_TABLE simd_code_avx2
#define CODE_VEX_NAME "avx2"
#include "simd/code_vex.h"
#else
typedef int not_for_this_cpu;
#endif
