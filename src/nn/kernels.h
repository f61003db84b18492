/* kernels.h - the loops of the network that are no matrix product, one table per instruction set.
 *
 * The base table is the plain loop and the specification; the others differ from it by rounding
 * only, and not at all in patch_* and the conversions. bf16 is the upper half of an f32, rounded to
 * nearest even. Pointers need no alignment. out may be the same array as x, never overlap it
 * otherwise.
 */
#ifndef FOVEA_NN_KERNELS_H
#define FOVEA_NN_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "simd/cpu.h"

/* Each row of n: (x - mean) / sqrt(variance + eps) * gamma + beta. */
struct nn_norm {
    const float *gamma, *beta;
    size_t n, rows;
    float eps;
};

/* Each row of n: exp(scale * x - max) / sum over its first `valid` values, 0 behind them. Row r of
 * a causal score matrix has valid + r of them. */
struct nn_softmax {
    size_t n, rows, valid;
    bool causal;
    float scale;
};

/* A pixel's channel c as the model wants it: byte * scale[c] + shift[c]. */
struct nn_pixels {
    float scale[3], shift[3];
    size_t plane; /* values from one channel to the next in out */
};

struct nn_kernels {
    void (*norm_f32)(float *out, const float *x, const struct nn_norm *how);
    void (*norm_bf16)(uint16_t *out, const float *x, const struct nn_norm *how);
    void (*softmax_f32)(float *out, const float *x, const struct nn_softmax *how);
    void (*softmax_bf16)(uint16_t *out, float *x, const struct nn_softmax *how); /* spoils x */
    /* n RGB pixels into three planes */
    void (*patch_f32)(float *out, const uint8_t *rgb, size_t n, const struct nn_pixels *how);
    void (*patch_bf16)(uint16_t *out, const uint8_t *rgb, size_t n, const struct nn_pixels *how);
    void (*add)(float *out, const float *a, const float *b, size_t n);
    void (*to_bf16)(uint16_t *out, const float *x, size_t n);
};

const struct nn_kernels *nn_kernels_get(enum cpu_isa isa);

extern const struct nn_kernels nn_kernels_avx2,
    nn_kernels_avx512; /* kernels_avx2.c, kernels_avx512.c */

static inline uint16_t nn_bf16(float x)
{
    union {
        float f;
        uint32_t u;
    } b = {.f = x};
    if ((b.u & 0x7fffffffu) > 0x7f800000u)
        return (uint16_t)((b.u >> 16) | 0x40u); /* NaN stays NaN */
    return (uint16_t)((b.u + 0x7fffu + ((b.u >> 16) & 1u)) >> 16);
}

static inline float nn_from_bf16(uint16_t x)
{
    union {
        uint32_t u;
        float f;
    } b = {.u = (uint32_t)x << 16};
    return b.f;
}

#endif
