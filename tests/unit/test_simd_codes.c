/* test_simd_codes.c - every kernel set over 4-bit codes and over f32 rows against the naive loops:
 * all dimensions 0-130 and the usual ones, odd alignment, bounds that are NaN or infinite. */
#include "test.h"

#include <math.h>

#include "simd/code.h"
#include "simd/distance.h"
#include "simd/grid.h"
#include "simd/rows.h"

enum { DIM_MAX = 4096, BLOCK_MAX = DIM_MAX / 8 * 256 };

static uint8_t block_room[BLOCK_MAX + 64 + 1];
static int8_t query_room[4][2 * (DIM_MAX / 2 + 64)];

static const struct simd_code *kernels(size_t i)
{
    const struct cpu *c = cpu_get();
    if (i == 0) return c->isa >= CPU_AVX2 ? &simd_code_avx2 : NULL;
    if (i == 1) return c->avx_vnni ? &simd_code_avxvnni : NULL;
    return c->vnni ? &simd_code_avx512 : NULL;
}

static void fill(uint64_t *seed, size_t units, bool extreme)
{
    for (size_t i = 0; i < sizeof block_room; i++)
        block_room[i] = extreme ? 0xff : (uint8_t)test_random(seed);
    memset(query_room, 0, sizeof query_room);
    for (size_t q = 0; q < 4; q++)
        for (size_t half = 0; half < 2; half++)
            for (size_t i = 0; i < units * 4; i++) {
                int8_t v = (int8_t)((int)(test_random(seed) % 255) - 127);
                query_room[q][half * SIMD_CODE_FAR(units) + i] = extreme ? 127 : v;
            }
}

static void compare_dots(const struct simd_code *k, size_t dim, size_t shift)
{
    size_t units = SIMD_CODE_UNITS(dim);
    const int8_t *queries[4] = {query_room[0], query_room[1], query_room[2], query_room[3]};
    int32_t want[4 * 64], got[4 * 64];
    for (int count = 1; count <= 4; count++) {
        memset(got, 0x5a, sizeof got);
        simd_code_base.dots(want, block_room + shift, queries, count, units);
        k->dots(got, block_room + shift, queries, count, units);
        assert_memory_equal(got, want, (size_t)count * 64 * sizeof *got);
    }
    for (int q = 0; q < 4; q++)
        assert_int_equal(k->row(block_room + shift, queries[q], units),
            simd_code_base.row(block_room + shift, queries[q], units));
}

static void test_dots_agree(void **state)
{
    (void)state;
    static const size_t LARGE[] = {512, 768, 784, 1024, 4096};
    uint64_t seed = 21;
    for (size_t i = 0; i < 3; i++) {
        const struct simd_code *k = kernels(i);
        if (k == NULL) continue;
        for (size_t dim = 0; dim <= 130; dim++) {
            fill(&seed, SIMD_CODE_UNITS(dim), dim % 16 == 5);
            compare_dots(k, dim, dim & 1);
        }
        for (size_t d = 0; d < sizeof LARGE / sizeof *LARGE; d++) {
            fill(&seed, SIMD_CODE_UNITS(LARGE[d]), d % 2 == 0);
            compare_dots(k, LARGE[d], 1);
        }
    }
}

/* The naive dots against plain sums over dimensions: the layout is what code.h says. */
static void test_layout(void **state)
{
    (void)state;
    uint64_t seed = 22;
    size_t dim = 20, units = SIMD_CODE_UNITS(dim);
    fill(&seed, units, false);
    const int8_t *query = query_room[0];
    int32_t got[64];
    simd_code_base.dots(got, block_room, &query, 1, units);
    for (size_t r = 0; r < 64; r++) {
        int32_t want = 0;
        for (size_t i = 0; i < units * 8; i++) {
            uint8_t byte = block_room[i / 8 * 256 + r / 16 * 64 + r % 16 * 4 + i % 4];
            int nibble = i % 8 < 4 ? byte & 15 : byte >> 4;
            size_t at = (i % 8 < 4 ? 0 : SIMD_CODE_FAR(units)) + i / 8 * 4 + i % 4;
            want += nibble * query[at];
        }
        assert_int_equal(got[r], want);
    }
}

static float any_float(uint64_t *seed)
{
    static const float ODD[] = {NAN, INFINITY, -INFINITY, 0, -0.0F, 1e-40F, 3e38F};
    uint64_t r = test_random(seed);
    if (r % 16 < 7) return ODD[r % 16];
    return (float)((double)(int64_t)test_random(seed) / 9.3e14);
}

static void test_keep_agrees(void **state)
{
    (void)state;
    uint64_t seed = 23;
    for (size_t i = 0; i < 3; i++) {
        const struct simd_code *k = kernels(i);
        if (k == NULL) continue;
        for (int round = 0; round < 2000; round++) {
            struct simd_code_bound b = {
                any_float(&seed), any_float(&seed), any_float(&seed), any_float(&seed)};
            int32_t dots[64];
            uint32_t heads[64];
            float half[64];
            for (int r = 0; r < 64; r++) {
                dots[r] = (int32_t)test_random(&seed) >> 8;
                float s = any_float(&seed), e = any_float(&seed);
                uint32_t upper, lower;
                memcpy(&upper, &s, 4);
                memcpy(&lower, &e, 4);
                heads[r] = (upper & 0xffff0000U) | lower >> 16;
                half[r] = any_float(&seed);
            }
            assert_true(
                k->keep(&b, dots, heads, NULL) == simd_code_base.keep(&b, dots, heads, NULL));
            assert_true(
                k->keep(&b, dots, heads, half) == simd_code_base.keep(&b, dots, heads, half));
        }
    }
}

/* --- f32 rows --------------------------------------------------------------------------------- */

enum { SOME_ROWS = 8, ROW_AHEAD = 3 };
static float query_floats[DIM_MAX + 8], row_floats[SOME_ROWS * DIM_MAX + 8];

static void assert_near(float got, float want, size_t n)
{
    float bound = 4 * 1.2e-7F * (float)(n + 8);
    if (!(fabsf(got - want) <= bound))
        fail_msg("%zu terms: %.9g, not %.9g", n, (double)got, (double)want);
}

static void compare_each(const float *got, const float *want, uint32_t count, size_t dim)
{
    for (uint32_t i = 0; i < count; i++) assert_near(got[i], want[i], dim);
}

static void compare_rows(const struct simd_rows *k, size_t dim, size_t shift, uint32_t count)
{
    static const uint32_t slots[SOME_ROWS + ROW_AHEAD] = {7, 0, 1, 5, 5, 3, 2, 4, 6, 7, 7};
    struct simd_rows_in in = {.query = query_floats + shift,
        .full = row_floats + shift * 3 % 4,
        .dim = dim,
        .slots = slots,
        .count = count,
        .ahead = shift % 2 == 0 ? ROW_AHEAD : 0};
    float got[SOME_ROWS], want[SOME_ROWS], got_squares[SOME_ROWS], want_squares[SOME_ROWS];
    k->dot(got, got_squares, &in);
    simd_rows_base.dot(want, want_squares, &in);
    compare_each(got, want, count, dim);
    compare_each(got_squares, want_squares, count, dim);
    k->l2sq(got, &in);
    simd_rows_base.l2sq(want, &in);
    compare_each(got, want, count, dim);
    k->l1(got, &in);
    simd_rows_base.l1(want, &in);
    compare_each(got, want, count, dim);
    k->linf(got, &in);
    simd_rows_base.linf(want, &in);
    for (uint32_t i = 0; i < count; i++) assert_true(got[i] == want[i]);
}

static void test_rows_agree(void **state)
{
    (void)state;
    uint64_t seed = 24;
    for (size_t i = 0; i < DIM_MAX + 8; i++)
        query_floats[i] = (float)((double)(int64_t)test_random(&seed) / 9.3e18);
    for (size_t i = 0; i < sizeof row_floats / sizeof *row_floats; i++)
        row_floats[i] = (float)((double)(int64_t)test_random(&seed) / 9.3e18);
    for (int isa = CPU_AVX2; isa <= (int)cpu_get()->found; isa++) {
        const struct simd_rows *k = simd_rows_get((enum cpu_isa)isa);
        for (size_t dim = 0; dim <= 130; dim++) {
            compare_rows(k, dim, dim % 3, 4);
            compare_rows(k, dim, dim % 4, SOME_ROWS);
        }
        for (size_t dim = 512; dim <= 1024; dim += 256) compare_rows(k, dim, 1, SOME_ROWS);
        compare_rows(k, 100, 0, 0);
    }
}

/* --- the grid --------------------------------------------------------------------------------- */

static void compare_grid(const struct simd_grid *k, const float *y, size_t n, float scale)
{
    static double want_left[DIM_MAX], got_left[DIM_MAX];
    static uint8_t want[DIM_MAX], got[DIM_MAX];
    double want_error = simd_grid_base.error(y, n, scale), got_error = k->error(y, n, scale);
    assert_memory_equal(&got_error, &want_error, sizeof got_error);
    if (n > 0) {
        float want_fit = simd_grid_base.fit(y, n, scale), got_fit = k->fit(y, n, scale);
        assert_memory_equal(&got_fit, &want_fit, sizeof got_fit);
    }
    for (size_t i = 0; i < n; i++) want_left[i] = got_left[i] = (double)y[i] * 1.000000001;
    want_error = simd_grid_base.code(want, want_left, n, scale);
    got_error = k->code(got, got_left, n, scale);
    assert_memory_equal(&got_error, &want_error, sizeof got_error);
    assert_memory_equal(got, want, n);
    assert_memory_equal(got_left, want_left, n * sizeof *got_left);
}

static void test_grids_agree_to_the_bit(void **state)
{
    (void)state;
    static const float SCALES[] = {0.1F, 1, 0, 1e-30F, 1e17F};
    for (int isa = CPU_AVX2; isa <= (int)cpu_get()->found; isa++) {
        const struct simd_grid *k = simd_grid_get((enum cpu_isa)isa);
        for (size_t s = 0; s < sizeof SCALES / sizeof *SCALES; s++) {
            for (size_t n = 0; n <= 130; n++) compare_grid(k, query_floats + n % 3, n, SCALES[s]);
            for (size_t n = 512; n <= 1024; n += 256)
                compare_grid(k, query_floats + 1, n, SCALES[s]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_layout),
        cmocka_unit_test(test_dots_agree),
        cmocka_unit_test(test_keep_agrees),
        cmocka_unit_test(test_rows_agree),
        cmocka_unit_test(test_grids_agree_to_the_bit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
