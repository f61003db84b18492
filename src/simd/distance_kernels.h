/* distance_kernels.h - one table per instruction set; inside simd/ only. */
#ifndef FOVEA_SIMD_DISTANCE_KERNELS_H
#define FOVEA_SIMD_DISTANCE_KERNELS_H

#include "simd/distance.h"

extern const struct simd_distance simd_distance_base;
#if defined(__x86_64__)
extern const struct simd_distance simd_distance_avx2;
extern const struct simd_distance simd_distance_avx512;
#endif

#endif
