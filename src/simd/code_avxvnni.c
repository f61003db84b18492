/* code_avxvnni.c - 4-bit codes with the 256-bit form of VNNI. */
#if defined(__x86_64__)
#include <immintrin.h>

static inline __m256i step(__m256i sum, __m256i low, __m256i qn, __m256i high, __m256i qf)
{
    return _mm256_dpbusd_avx_epi32(_mm256_dpbusd_avx_epi32(sum, low, qn), high, qf);
}

#define CODE_VEX_TABLE simd_code_avxvnni
#define CODE_VEX_NAME "avxvnni"
#include "simd/code_vex.h"
#else
typedef int not_for_this_cpu;
#endif
