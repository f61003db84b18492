/* grid_body.h - the loops of grid.h over vectors, compiled once for AVX2 and once for AVX-512: the
 * same operations on the same lanes as grid.c, so the same bits (no product is fused with a sum).
 */
#ifndef FOVEA_SIMD_GRID_BODY_H
#define FOVEA_SIMD_GRID_BODY_H

#include <string.h>

#include "simd/grid.h"

enum { LANES = 16 };

typedef float floats __attribute__((vector_size(64)));
typedef int32_t ints __attribute__((vector_size(64)));
typedef double doubles __attribute__((vector_size(64))); /* half the lanes */
typedef float narrow __attribute__((vector_size(32)));

/* Vectors go by pointer: by value their passing would depend on the instruction set. */

/* a where the mask is all ones, else b */
#define PICK(mask, a, b) ((floats)(((ints)(a) & (mask)) | ((ints)(b) & ~(mask))))

static inline void levels(ints *out, const floats *y, float inverse)
{
    const floats none = {0}, most = none + 15;
    floats at = *y * inverse + 8;
    at = PICK(at > none, at, none);
    at = PICK(at < most, at, most);
    *out = __builtin_convertvector(at, ints);
}

static inline void steps(floats *out, const floats *y, float inverse)
{
    ints level;
    levels(&level, y, inverse);
    *out = __builtin_convertvector(level, floats) - 7.5F;
}

static double floats_sum(const floats *v, const float *tail)
{
    double sum = 0;
    for (int i = 0; i < LANES; i++) sum += (double)((*v)[i] + tail[i]);
    return sum;
}

static double error(const float *y, size_t n, float scale)
{
    float inverse = simd_grid_inverse(scale), tail[LANES] = {0};
    floats sum = {0};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        floats v, a;
        memcpy(&v, y + i, sizeof v);
        steps(&a, &v, inverse);
        floats left = v - scale * a;
        sum += left * left;
    }
    for (; i < n; i++) {
        float left = y[i] - scale * ((float)simd_grid_level(y[i], inverse) - 7.5F);
        tail[i % LANES] = left * left;
    }
    return floats_sum(&sum, tail);
}

static float fit(const float *y, size_t n, float scale)
{
    float inverse = simd_grid_inverse(scale), with_tail[LANES] = {0}, square_tail[LANES] = {0};
    floats with = {0}, square = {0};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        floats v, a;
        memcpy(&v, y + i, sizeof v);
        steps(&a, &v, inverse);
        with += a * v;
        square += a * a;
    }
    for (; i < n; i++) {
        float a = (float)simd_grid_level(y[i], inverse) - 7.5F;
        with_tail[i % LANES] = a * y[i];
        square_tail[i % LANES] = a * a;
    }
    return (float)(floats_sum(&with, with_tail) / floats_sum(&square, square_tail));
}

/* Eight elements: the levels into code, the rest into y, its squares onto sum. */
static inline void code_eight(uint8_t *out, double *y, const float scale[2], doubles *sum)
{
    doubles v;
    memcpy(&v, y, sizeof v);
    narrow at = __builtin_convertvector(v, narrow);
    floats wide = {0};
    memcpy(&wide, &at, sizeof at);
    ints level;
    levels(&level, &wide, scale[1]);
    floats step = __builtin_convertvector(level, floats) - 7.5F;
    narrow half;
    memcpy(&half, &step, sizeof half);
    for (int j = 0; j < 8; j++) out[j] = (uint8_t)level[j];
    v -= (double)scale[0] * __builtin_convertvector(half, doubles);
    memcpy(y, &v, sizeof v);
    *sum += v * v;
}

static double code(uint8_t *out, double *y, size_t n, float scale)
{
    float inverse = simd_grid_inverse(scale);
    doubles sums[2] = {{0}};
    double tail[LANES] = {0}, sum = 0;
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (size_t j = 0; j < 2; j++)
            code_eight(out + i + 8 * j, y + i + 8 * j, (float[2]){scale, inverse}, &sums[j]);
    for (; i < n; i++) {
        int level = simd_grid_level((float)y[i], inverse);
        out[i] = (uint8_t)level;
        y[i] -= (double)scale * (level - 7.5);
        tail[i % LANES] = y[i] * y[i];
    }
    for (int j = 0; j < LANES; j++) sum += sums[j / 8][j % 8] + tail[j];
    return sum;
}

const struct simd_grid GRID_TABLE = {.error = error, .fit = fit, .code = code};

#endif
