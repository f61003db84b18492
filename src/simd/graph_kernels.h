/* graph_kernels.h - one table per instruction set; inside simd/ only. */
#ifndef FOVEA_SIMD_GRAPH_KERNELS_H
#define FOVEA_SIMD_GRAPH_KERNELS_H

#include <math.h>

#include "simd/graph.h"

extern const struct simd_graph simd_graph_base;
#if defined(__x86_64__)
extern const struct simd_graph simd_graph_avx2;
extern const struct simd_graph simd_graph_avx512; /* needs VNNI */
#endif

/* The sum of 16 lanes, always in this order. */
static inline float graph_fold(const float *lane)
{
    float s[8];
    for (int i = 0; i < 8; i++) s[i] = lane[i] + lane[i + 8];
    for (int i = 0; i < 4; i++) s[i] = s[i] + s[i + 4];
    return (s[0] + s[2]) + (s[1] + s[3]);
}

/* What the sums of an edge come to. */
static inline void graph_factors(struct graph_code *out, float rr, float xr, float xc)
{
    float g = xr > 0 ? rr / xr : 0;
    out->mul = -2 * g;
    out->add = rr + 2 * g * xc;
}

#endif
