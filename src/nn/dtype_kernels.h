/* dtype_kernels.h - widening half types to f32: the plain loops and their AVX2 forms. in may be
 * unaligned. */
#ifndef FOVEA_NN_DTYPE_KERNELS_H
#define FOVEA_NN_DTYPE_KERNELS_H

#include <stddef.h>
#include <stdint.h>

void dtype_widen_f16(float *out, const uint8_t *in, size_t n);
void dtype_widen_bf16(float *out, const uint8_t *in, size_t n);
/* Need F16C and AVX2. */
void dtype_widen_f16_avx2(float *out, const uint8_t *in, size_t n);
void dtype_widen_bf16_avx2(float *out, const uint8_t *in, size_t n);

#endif
