/* distance.c - the naive loops (the specification, summed in double) and the choice of kernels.
 *
 * Threads: everything here is constant after start.
 */
#include "simd/distance.h"

#include <assert.h>
#include <math.h>

#include "simd/distance_kernels.h"

static float dot_base(const float *a, const float *b, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (double)a[i] * b[i];
    return (float)sum;
}

static float l2sq_base(const float *a, const float *b, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        double d = (double)a[i] - b[i];
        sum += d * d;
    }
    return (float)sum;
}

static float l1_base(const float *a, const float *b, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += fabs((double)a[i] - b[i]);
    return (float)sum;
}

/* A NaN difference must come out as NaN, not vanish in a comparison. */
static float linf_base(const float *a, const float *b, size_t n)
{
    float most = 0;
    for (size_t i = 0; i < n; i++) {
        float d = fabsf(a[i] - b[i]);
        if (!(d <= most)) most = d;
        if (isnan(most)) return most;
    }
    return most;
}

const struct simd_distance simd_distance_base = {
    .dot = dot_base, .l2sq = l2sq_base, .l1 = l1_base, .linf = linf_base};

static const struct simd_distance *const KERNELS[CPU_ISA_COUNT] = {
    [CPU_BASE] = &simd_distance_base,
#if defined(__x86_64__)
    [CPU_AVX2] = &simd_distance_avx2,
    [CPU_AVX512] = &simd_distance_avx512,
#endif
};

const struct simd_distance *simd_distance_get(enum cpu_isa isa)
{
    return KERNELS[isa] != NULL ? KERNELS[isa] : &simd_distance_base;
}

static double cosine(const struct simd_distance *k, const float *a, const float *b, size_t n)
{
    double aa = (double)k->dot(a, a, n), bb = (double)k->dot(b, b, n);
    if (aa == 0 || bb == 0) return NAN;
    double c = (double)k->dot(a, b, n) / sqrt(aa * bb);
    return 1 - (c > 1 ? 1 : c < -1 ? -1 : c);
}

double metric_distance(enum metric m, const float *a, const float *b, size_t n)
{
    const struct simd_distance *k = simd_distance_get(cpu_get()->isa);
    switch (m) {
    case METRIC_COSINE: return cosine(k, a, b, n);
    case METRIC_L2: return sqrt((double)k->l2sq(a, b, n));
    case METRIC_IP: return -(double)k->dot(a, b, n);
    case METRIC_L1: return (double)k->l1(a, b, n);
    case METRIC_LINF: return (double)k->linf(a, b, n);
    case METRIC_COUNT: break;
    }
    assert(false);
    return NAN;
}

const char *metric_name(enum metric m)
{
    static const char *const NAMES[METRIC_COUNT] = {[METRIC_COSINE] = "cosine", [METRIC_L2] = "l2",
        [METRIC_IP] = "ip", [METRIC_L1] = "l1", [METRIC_LINF] = "linf"};
    return NAMES[m];
}
