/* test_simd_distance.c - every kernel set against the naive double loop: all lengths 0-130 and the
 * usual dimensions, odd alignment, NaN and infinity. */
#include "test.h"

#include <math.h>

#include "simd/distance.h"

enum { DIM_MAX = 1024, SLACK = 16 };

static float a_room[DIM_MAX + SLACK], b_room[DIM_MAX + SLACK];

static void fill(uint64_t *seed)
{
    for (size_t i = 0; i < DIM_MAX + SLACK; i++) {
        a_room[i] = (float)((double)(int64_t)test_random(seed) / 9.3e18);
        b_room[i] = (float)((double)(int64_t)test_random(seed) / 9.3e18);
    }
}

/* f32 sums of n terms no larger than 4 may differ from the double sum by about n eps; the bound is
 * loose by 4. */
static void assert_near(float got, float want, size_t n)
{
    float bound = 4 * 1.2e-7F * (float)(n + 8);
    if (!(fabsf(got - want) <= bound))
        fail_msg("%zu terms: %.9g, not %.9g", n, (double)got, (double)want);
}

static void compare(const struct simd_distance *k, const float *a, const float *b, size_t n)
{
    const struct simd_distance *naive = simd_distance_get(CPU_BASE);
    assert_near(k->dot(a, b, n), naive->dot(a, b, n), n);
    assert_near(k->l2sq(a, b, n), naive->l2sq(a, b, n), n);
    assert_near(k->l1(a, b, n), naive->l1(a, b, n), n);
    assert_true(k->linf(a, b, n) == naive->linf(a, b, n));
}

static void test_kernels_agree(void **state)
{
    (void)state;
    uint64_t seed = 11;
    for (int isa = CPU_BASE; isa <= (int)cpu_get()->found; isa++) {
        const struct simd_distance *k = simd_distance_get((enum cpu_isa)isa);
        fill(&seed);
        for (size_t n = 0; n <= 130; n++)
            for (size_t shift = 0; shift < 4; shift++)
                compare(k, a_room + shift, b_room + 2 * shift, n);
        for (size_t n = 512; n <= DIM_MAX; n += 256) compare(k, a_room + 1, b_room + 3, n);
    }
}

static void test_nan_and_infinity_come_through(void **state)
{
    (void)state;
    uint64_t seed = 12;
    for (int isa = CPU_BASE; isa <= (int)cpu_get()->found; isa++) {
        const struct simd_distance *k = simd_distance_get((enum cpu_isa)isa);
        for (size_t at = 0; at < 70; at++) {
            fill(&seed);
            a_room[at] = NAN;
            assert_true(isnan(k->dot(a_room, b_room, 70)));
            assert_true(isnan(k->l2sq(a_room, b_room, 70)));
            assert_true(isnan(k->l1(a_room, b_room, 70)));
            assert_true(isnan(k->linf(a_room, b_room, 70)));
            a_room[at] = INFINITY;
            assert_true(isinf(k->l2sq(a_room, b_room, 70)));
            assert_true(isinf(k->l1(a_room, b_room, 70)));
            assert_true(isinf(k->linf(a_room, b_room, 70)));
        }
    }
}

static void test_metrics(void **state)
{
    (void)state;
    const float x[2] = {3, 4}, y[2] = {4, -3}, zero[2] = {0, 0};
    assert_true(fabs(metric_distance(METRIC_COSINE, x, y, 2) - 1) < 1e-6);
    assert_true(metric_distance(METRIC_COSINE, x, x, 2) >= 0);
    assert_true(isnan(metric_distance(METRIC_COSINE, x, zero, 2)));
    assert_true(fabs(metric_distance(METRIC_L2, x, zero, 2) - 5) < 1e-6);
    assert_true(fabs(metric_distance(METRIC_IP, x, x, 2) + 25) < 1e-5);
    assert_true(fabs(metric_distance(METRIC_L1, x, y, 2) - 8) < 1e-6);
    assert_true(fabs(metric_distance(METRIC_LINF, x, y, 2) - 7) < 1e-6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kernels_agree),
        cmocka_unit_test(test_nan_and_infinity_come_through),
        cmocka_unit_test(test_metrics),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
