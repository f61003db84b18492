/* rows.h - one query and some rows: what a scan of f32 rows is made of.
 *
 * Sums are in f32 in an order of the kernel's own: not metric_distance's bits, but within n 2^-23
 * of the terms' magnitudes. Whoever needs the distance itself asks metric_distance for the few rows
 * that matter.
 */
#ifndef FOVEA_SIMD_ROWS_H
#define FOVEA_SIMD_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "simd/cpu.h"

enum { SIMD_ROWS = 4 };

/* Rows full + slots[i] * dim, in any order, a slot may repeat. */
struct simd_rows_in {
    const float *query; /* any address; on a multiple of 64 bytes it is a tenth faster */
    const float *full;
    size_t dim;
    const uint32_t *slots; /* count + ahead */
    uint32_t count;        /* a multiple of SIMD_ROWS */
    uint32_t ahead;        /* row slots[i + ahead] is fetched while slots[i] is read */
};

/* One number a row; squares: the rows' own. */
struct simd_rows {
    void (*dot)(float *out, float *squares, const struct simd_rows_in *in);
    void (*l2sq)(float *out, const struct simd_rows_in *in);
    void (*l1)(float *out, const struct simd_rows_in *in);
    void (*linf)(float *out, const struct simd_rows_in *in);
};

const struct simd_rows *simd_rows_get(enum cpu_isa isa);

extern const struct simd_rows simd_rows_base; /* the naive loops of distance.c */
#if defined(__x86_64__)
extern const struct simd_rows simd_rows_avx2;
extern const struct simd_rows simd_rows_avx512;
#endif

#endif
