/* distance.h - distances between f32 vectors; the naive loop is the specification.
 *
 * "Smaller is nearer" for every metric; inner product is negated. Sums are kept in f32 lanes; the
 * fast forms differ from the naive double loop by rounding only (tests state the bound).
 */
#ifndef FOVEA_SIMD_DISTANCE_H
#define FOVEA_SIMD_DISTANCE_H

#include <stddef.h>

#include "simd/cpu.h"

enum metric { METRIC_COSINE, METRIC_L2, METRIC_IP, METRIC_L1, METRIC_LINF, METRIC_COUNT };

struct simd_distance {
    float (*dot)(const float *a, const float *b, size_t n);
    float (*l2sq)(const float *a, const float *b, size_t n);
    float (*l1)(const float *a, const float *b, size_t n);
    float (*linf)(const float *a, const float *b, size_t n);
};

/* The kernels of an instruction set; those of cpu_get()->isa are the ones to use. */
const struct simd_distance *simd_distance_get(enum cpu_isa isa);

/* The distance as SQL gives it: cosine = 1 - cos (NaN when a vector is zero), L2 = the root. */
double metric_distance(enum metric m, const float *a, const float *b, size_t n);
const char *metric_name(enum metric m);

#endif
