/* half.c - see half.h. Bit by bit: the exponent is moved from bias 15 to bias 127; subnormals are
 * their integer times 2^-24; a NaN keeps its payload and becomes quiet, as the processor does it.
 */
#include "table/half.h"

#include <string.h>

#include "simd/cpu.h"

float half_get(const uint8_t *in)
{
    uint32_t h = (uint32_t)in[0] | (uint32_t)in[1] << 8;
    uint32_t sign = (h & 0x8000) << 16, exponent = h >> 10 & 31, fraction = h & 0x3ff, bits;
    float out;
    if (exponent == 0) {
        out = (float)fraction * 0x1p-24f;
        memcpy(&bits, &out, sizeof bits);
        bits |= sign;
    } else if (exponent == 31)
        bits = sign | 0x7f800000 | fraction << 13 | (fraction != 0 ? 0x400000 : 0);
    else
        bits = sign | (exponent + 112) << 23 | fraction << 13;
    memcpy(&out, &bits, sizeof out);
    return out;
}

void half_widen_base(float *out, const uint8_t *in, size_t count)
{
    for (size_t i = 0; i < count; i++) out[i] = half_get(in + 2 * i);
}

void half_widen(float *out, const uint8_t *in, size_t count)
{
#if defined(__x86_64__)
    if (cpu_get()->isa >= CPU_AVX2 && cpu_get()->f16c) {
        half_widen_avx2(out, in, count);
        return;
    }
#endif
    half_widen_base(out, in, count);
}
