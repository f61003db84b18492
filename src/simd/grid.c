/* grid.c - the naive loops of grid.h and the choice. */
#include "simd/grid.h"

enum { LANES = 16 };

static double lanes_sum(const double lanes[LANES])
{
    double sum = 0;
    for (int i = 0; i < LANES; i++) sum += lanes[i];
    return sum;
}

static double floats_sum(const float lanes[LANES])
{
    double sum = 0;
    for (int i = 0; i < LANES; i++) sum += (double)lanes[i];
    return sum;
}

static double error(const float *y, size_t n, float scale)
{
    float inverse = simd_grid_inverse(scale), lanes[LANES] = {0};
    for (size_t i = 0; i < n; i++) {
        float left = y[i] - scale * ((float)simd_grid_level(y[i], inverse) - 7.5F);
        lanes[i % LANES] += left * left;
    }
    return floats_sum(lanes);
}

static float fit(const float *y, size_t n, float scale)
{
    float inverse = simd_grid_inverse(scale), with[LANES] = {0}, square[LANES] = {0};
    for (size_t i = 0; i < n; i++) {
        float a = (float)simd_grid_level(y[i], inverse) - 7.5F;
        with[i % LANES] += a * y[i];
        square[i % LANES] += a * a;
    }
    return (float)(floats_sum(with) / floats_sum(square));
}

static double code(uint8_t *out, double *y, size_t n, float scale)
{
    float inverse = simd_grid_inverse(scale);
    double lanes[LANES] = {0};
    for (size_t i = 0; i < n; i++) {
        int level = simd_grid_level((float)y[i], inverse);
        out[i] = (uint8_t)level;
        y[i] -= (double)scale * (level - 7.5);
        lanes[i % LANES] += y[i] * y[i];
    }
    return lanes_sum(lanes);
}

const struct simd_grid simd_grid_base = {.error = error, .fit = fit, .code = code};

const struct simd_grid *simd_grid_get(enum cpu_isa isa)
{
#if defined(__x86_64__)
    if (isa == CPU_AVX512) return &simd_grid_avx512;
    if (isa == CPU_AVX2) return &simd_grid_avx2;
#endif
    (void)isa;
    return &simd_grid_base;
}
