/* codes_parts.h - where things lie in the sections of codes (codes.c has the format); inside
 * vector/ only. */
#ifndef FOVEA_VECTOR_CODES_PARTS_H
#define FOVEA_VECTOR_CODES_PARTS_H

#include <string.h>

#include "simd/code.h"
#include "vector/codes.h"

enum { CODES_VERSION = 1, CODES_CENTRE_HEAD = 64 };
#define CODES_LOW_BYTES(units) (4 + (units)*4)
/* Lengths for which no f32 sum of squares overflows or, under cosine, loses bits. */
#define CODES_LENGTH_MAX 1e18
#define CODES_LENGTH_MIN 1e-10

static inline float codes_upper(uint32_t head)
{
    float f;
    memcpy(&f, &(uint32_t){head & 0xffff0000U}, sizeof f);
    return f;
}

static inline float codes_lower(uint32_t head)
{
    return codes_upper(head << 16);
}

static inline float *codes_centre(const struct vec_codes *c)
{
    return (float *)((uint8_t *)c->part[VEC_CODES_CENTRE] + CODES_CENTRE_HEAD);
}

static inline uint8_t *codes_block(const struct vec_codes *c, size_t block)
{
    return (uint8_t *)c->part[VEC_CODES_HIGH] +
        block * SIMD_CODE_BLOCK_BYTES(SIMD_CODE_UNITS(c->dim));
}

/* The row's 4 bytes of the first unit; those of the next follow 256 bytes on. */
static inline uint8_t *codes_high(const struct vec_codes *c, uint32_t slot)
{
    return codes_block(c, slot / 64) + (size_t)(slot % 64) * 4;
}

static inline uint8_t *codes_low(const struct vec_codes *c, uint32_t slot)
{
    return (uint8_t *)c->part[VEC_CODES_LOW] + slot * CODES_LOW_BYTES(SIMD_CODE_UNITS(c->dim));
}

static inline uint32_t *codes_heads(const struct vec_codes *c)
{
    return c->part[VEC_CODES_HEADS];
}

static inline size_t codes_rows64(const struct vec_codes *c)
{
    return ((size_t)c->rows + 63) / 64 * 64;
}

static inline float *codes_halves(const struct vec_codes *c)
{
    return (float *)(codes_heads(c) + codes_rows64(c));
}

static inline float *codes_longest(const struct vec_codes *c)
{
    return codes_halves(c) + codes_rows64(c);
}

#endif
