/* code.c - the naive loops over 4-bit codes (the specification) and the choice of kernels. */
#include "simd/code.h"

#include <string.h>

#include "simd/cpu.h"

static int32_t unit_dot(const uint8_t *code, const int8_t *near, const int8_t *far)
{
    int32_t sum = 0;
    for (size_t m = 0; m < 4; m++) {
        sum += (code[m] & 15) * near[m];
        sum += (code[m] >> 4) * far[m];
    }
    return sum;
}

static void dots_base(
    int32_t *out, const uint8_t *block, const int8_t *const *queries, int count, size_t units)
{
    for (int i = 0; i < count; i++, out += SIMD_CODE_ROWS) {
        const int8_t *near = queries[i], *far = near + SIMD_CODE_FAR(units);
        memset(out, 0, SIMD_CODE_ROWS * sizeof *out);
        for (size_t u = 0; u < units; u++)
            for (size_t r = 0; r < SIMD_CODE_ROWS; r++)
                out[r] += unit_dot(block + u * 256 + r * 4, near + u * 4, far + u * 4);
    }
}

static float as_float(uint32_t bits)
{
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

static uint64_t keep_base(
    const struct simd_code_bound *b, const int32_t *dots, const uint32_t *heads, const float *half)
{
    uint64_t kept = 0;
    for (int r = 0; r < SIMD_CODE_ROWS; r++) {
        float s = as_float(heads[r] & 0xffff0000U), e = as_float(heads[r] << 16);
        float most = s * (b->scale * ((float)dots[r] - b->middle)) + e * b->reach;
        float least = half != NULL ? b->floor + half[r] : b->floor;
        kept |= (uint64_t) !(most < least) << r;
    }
    return kept;
}

static int32_t row_base(const uint8_t *code, const int8_t *query, size_t units)
{
    const int8_t *far = query + SIMD_CODE_FAR(units);
    int32_t sum = 0;
    for (size_t u = 0; u < units; u++) sum += unit_dot(code + u * 4, query + u * 4, far + u * 4);
    return sum;
}

const struct simd_code simd_code_base = {
    .dots = dots_base, .keep = keep_base, .row = row_base, .name = "base"};

const struct simd_code *simd_code_get(void)
{
#if defined(__x86_64__)
    const struct cpu *c = cpu_get();
    if (c->vnni) return &simd_code_avx512;
    if (c->avx_vnni) return &simd_code_avxvnni;
    if (c->isa >= CPU_AVX2) return &simd_code_avx2;
#endif
    return &simd_code_base;
}
