/* grid.h - a vector on a grid of 16 levels, scale * (-7.5, -6.5 .. 7.5): the codes of code.h made.
 *
 * Sums run in 16 lanes, element i in lane i % 16, lanes added in order at the end: every form gives
 * the naive loop's bits, so that codes do not depend on who made them.
 */
#ifndef FOVEA_SIMD_GRID_H
#define FOVEA_SIMD_GRID_H

#include <stddef.h>
#include <stdint.h>

#include "simd/cpu.h"

/* The level below 16 nearest to y / scale + 7.5. inverse is 1 / scale, or 0 for a scale of 0. */
static inline int simd_grid_level(float y, float inverse)
{
    float at = y * inverse + 8;
    at = at > 0 ? at : 0;
    at = at < 15 ? at : 15;
    return (int)at;
}

static inline float simd_grid_inverse(float scale)
{
    return scale > 0 ? 1 / scale : 0;
}

struct simd_grid {
    /* The sum of squares of what the grid leaves over; y finite. */
    double (*error)(const float *y, size_t n, float scale);
    /* For the codes that scale gives, the scale with the least error; n > 0. */
    float (*fit)(const float *y, size_t n, float scale);
    /* Fills code, takes what it says from y, and gives the sum of squares of the rest. */
    double (*code)(uint8_t *code, double *y, size_t n, float scale);
};

const struct simd_grid *simd_grid_get(enum cpu_isa isa);

extern const struct simd_grid simd_grid_base;
#if defined(__x86_64__)
extern const struct simd_grid simd_grid_avx2;
extern const struct simd_grid simd_grid_avx512;
#endif

#endif
