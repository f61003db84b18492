/* half.h - IEEE 754 half precision to f32: every half is a float, so nothing is rounded. */
#ifndef FOVEA_TABLE_HALF_H
#define FOVEA_TABLE_HALF_H

#include <stddef.h>
#include <stdint.h>

/* in: count little-endian halves, any alignment. The loop that is the specification. */
void half_widen_base(float *out, const uint8_t *in, size_t count);
#if defined(__x86_64__)
void half_widen_avx2(float *out, const uint8_t *in, size_t count); /* F16C */
#endif
/* The fastest the processor has. */
void half_widen(float *out, const uint8_t *in, size_t count);
float half_get(const uint8_t *in);

#endif
