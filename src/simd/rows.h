/* rows.h - one query and four rows at a time: what a scan of f32 rows is made of.
 *
 * Sums are in f32 in an order of the kernel's own: not metric_distance's bits, but within n 2^-23
 * of the terms' magnitudes. Whoever needs the distance itself asks metric_distance for the few rows
 * that matter.
 */
#ifndef FOVEA_SIMD_ROWS_H
#define FOVEA_SIMD_ROWS_H

#include <stddef.h>

#include "simd/cpu.h"

enum { SIMD_ROWS = 4 };

struct simd_rows_in {
    const float *query;
    const float *rows[SIMD_ROWS]; /* may repeat */
    size_t dim;
    const float *next; /* 4 * dim floats to prefetch from; any address */
};

struct simd_rows {
    void (*dot)(float out[SIMD_ROWS], float squares[SIMD_ROWS], const struct simd_rows_in *in);
    void (*l2sq)(float out[SIMD_ROWS], const struct simd_rows_in *in);
    void (*l1)(float out[SIMD_ROWS], const struct simd_rows_in *in);
    void (*linf)(float out[SIMD_ROWS], const struct simd_rows_in *in);
};

const struct simd_rows *simd_rows_get(enum cpu_isa isa);

extern const struct simd_rows simd_rows_base; /* the naive loops of distance.c */
#if defined(__x86_64__)
extern const struct simd_rows simd_rows_avx2;
extern const struct simd_rows simd_rows_avx512;
#endif

#endif
