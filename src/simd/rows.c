/* rows.c - the plain form of rows.h, by the naive distances, and the choice. */
#include "simd/rows.h"

#include "simd/distance.h"

static const float *row(const struct simd_rows_in *in, uint32_t i)
{
    return in->full + (size_t)in->slots[i] * in->dim;
}

static void dot(float *out, float *squares, const struct simd_rows_in *in)
{
    const struct simd_distance *k = simd_distance_get(CPU_BASE);
    for (uint32_t i = 0; i < in->count; i++) {
        out[i] = k->dot(in->query, row(in, i), in->dim);
        squares[i] = k->dot(row(in, i), row(in, i), in->dim);
    }
}

static void each(float *out, const struct simd_rows_in *in,
    float (*distance)(const float *, const float *, size_t))
{
    for (uint32_t i = 0; i < in->count; i++) out[i] = distance(in->query, row(in, i), in->dim);
}

static void l2sq(float *out, const struct simd_rows_in *in)
{
    each(out, in, simd_distance_get(CPU_BASE)->l2sq);
}

static void l1(float *out, const struct simd_rows_in *in)
{
    each(out, in, simd_distance_get(CPU_BASE)->l1);
}

static void linf(float *out, const struct simd_rows_in *in)
{
    each(out, in, simd_distance_get(CPU_BASE)->linf);
}

const struct simd_rows simd_rows_base = {.dot = dot, .l2sq = l2sq, .l1 = l1, .linf = linf};

const struct simd_rows *simd_rows_get(enum cpu_isa isa)
{
#if defined(__x86_64__)
    if (isa == CPU_AVX512) return &simd_rows_avx512;
    if (isa == CPU_AVX2) return &simd_rows_avx2;
#endif
    (void)isa;
    return &simd_rows_base;
}
