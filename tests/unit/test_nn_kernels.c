/* test_nn_kernels.c - every instruction set's kernels against the plain loops: all lengths, odd
 * alignment, NaN and infinity. */
#include "test.h"

#include <math.h>
#include <stdlib.h>

#include "nn/kernels.h"

enum { ROOM = 4096, ROWS = 3, TAIL = 5 };

static float x[ROOM], gamma_[ROOM], beta_[ROOM], want[ROOM], got[ROOM];
static float spare[ROOM];
static uint16_t want16[ROOM], got16[ROOM];

static float draw(uint64_t *seed)
{
    return (float)((double)(test_random(seed) >> 11) / 9007199254740992.0 * 6.0 - 3.0);
}

/* All lengths to 130, then those of models. */
static size_t length_next(size_t n)
{
    static const size_t large[] = {512, 768, 1024, 1025};
    if (n < 130) return n + 1;
    for (size_t i = 0; i < sizeof large / sizeof *large; i++)
        if (large[i] > n) return large[i];
    return 0;
}

static bool near_(float a, float b, float tolerance)
{
    if (isnan(a) || isnan(b)) return isnan(a) && isnan(b);
    return fabsf(a - b) <= tolerance;
}

/* The sets this machine can run, base included. */
static const struct nn_kernels *set_at(int i)
{
    return i <= (int)cpu_get()->found ? nn_kernels_get((enum cpu_isa)i) : NULL;
}

static void same16(size_t count, float tolerance, size_t n)
{
    for (size_t i = 0; i < count; i++)
        if (!near_(nn_from_bf16(want16[i]), nn_from_bf16(got16[i]), tolerance))
            fail_msg("n %d, value %d: %g, not %g", (int)n, (int)i, (double)nn_from_bf16(got16[i]),
                (double)nn_from_bf16(want16[i]));
    for (size_t i = count; i < count + TAIL; i++) assert_int_equal(got16[i], 0xabab);
}

static void same32(size_t count, float tolerance, size_t n)
{
    for (size_t i = 0; i < count; i++)
        if (!near_(want[i], got[i], tolerance))
            fail_msg("n %d, value %d: %g, not %g", (int)n, (int)i, (double)got[i], (double)want[i]);
    for (size_t i = count; i < count + TAIL; i++) assert_true(isnan(got[i]) != 0);
}

static void spoil(void)
{
    memset(got, 0xff, sizeof got); /* NaN */
    memset(got16, 0xab, sizeof got16);
}

static void fill(uint64_t seed)
{
    for (int i = 0; i < ROOM; i++) {
        x[i] = draw(&seed);
        gamma_[i] = draw(&seed);
        beta_[i] = draw(&seed);
    }
}

static void norm_check(const struct nn_kernels *base, const struct nn_kernels *k, size_t n)
{
    size_t off = n % 3;
    const struct nn_norm how = {gamma_ + off, beta_ + off, n, ROWS, 1e-5f};
    spoil();
    base->norm_f32(want, x + off, &how);
    k->norm_f32(got, x + off, &how);
    same32(ROWS * n, 2e-5f, n);
    base->norm_bf16(want16, x + off, &how);
    k->norm_bf16(got16, x + off, &how);
    same16(ROWS * n, 0.07f, n); /* one step of bf16 at 8 */
}

static void test_norm(void **state)
{
    (void)state;
    fill(1);
    for (int i = 1; i < CPU_ISA_COUNT && set_at(i); i++)
        for (size_t n = 1; n > 0; n = length_next(n)) norm_check(set_at(0), set_at(i), n);
}

static void softmax_check(const struct nn_kernels *base, const struct nn_kernels *k, size_t n)
{
    for (size_t valid = n; valid > 0; valid = valid > 40 ? valid / 3 : valid - 1) {
        const struct nn_softmax how = {n, ROWS, valid, valid % 2 == 0, 1.7f};
        size_t off = valid % 5;
        spoil();
        base->softmax_f32(want, x + off, &how);
        k->softmax_f32(got, x + off, &how);
        same32(ROWS * n, 2e-6f, n);
        memcpy(spare, x + off, ROWS * n * sizeof *x);
        base->softmax_bf16(want16, spare, &how);
        memcpy(spare, x + off, ROWS * n * sizeof *x);
        k->softmax_bf16(got16, spare, &how);
        same16(ROWS * n, 0.004f, n);
    }
}

static void test_softmax(void **state)
{
    (void)state;
    fill(2);
    for (int i = 1; i < CPU_ISA_COUNT && set_at(i); i++)
        for (size_t n = 1; n > 0; n = length_next(n)) softmax_check(set_at(0), set_at(i), n);
}

/* Rows with values that are far apart, or no numbers at all. */
static void test_softmax_odd(void **state)
{
    (void)state;
    static const float rows[][4] = {{NAN, 1, 2, 3}, {1, 2, 3, NAN}, {INFINITY, 1, 2, 3},
        {-INFINITY, 0, 1, -INFINITY}, {-1e30f, 0, 1e30f, 3}, {-200, -100, -300, -1000},
        {0, 0, 0, 0}};
    for (int i = 0; i < CPU_ISA_COUNT && set_at(i); i++)
        for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
            const struct nn_softmax how = {.n = 4, .rows = 1, .valid = 4, .scale = 1};
            spoil();
            set_at(0)->softmax_f32(want, rows[r], &how);
            set_at(i)->softmax_f32(got, rows[r], &how);
            same32(4, 2e-6f, 4);
        }
}

static void test_patch(void **state)
{
    (void)state;
    static uint8_t rgb[3 * 140];
    const struct nn_pixels how = {{0.0145f, 0.015f, 0.0142f}, {-1.8f, -1.7f, -1.5f}, 150};
    uint64_t seed = 3;
    for (size_t i = 0; i < sizeof rgb; i++) rgb[i] = (uint8_t)test_random(&seed);
    for (int i = 1; i < CPU_ISA_COUNT && set_at(i); i++)
        for (size_t n = 1; n <= 130; n++) {
            spoil();
            memcpy(want, got, sizeof got);
            memcpy(want16, got16, sizeof got16);
            set_at(0)->patch_f32(want, rgb + n % 7, n, &how);
            set_at(i)->patch_f32(got, rgb + n % 7, n, &how);
            assert_memory_equal(want, got, sizeof got);
            set_at(0)->patch_bf16(want16, rgb + n % 7, n, &how);
            set_at(i)->patch_bf16(got16, rgb + n % 7, n, &how);
            assert_memory_equal(want16, got16, sizeof got16);
        }
}

static void test_add(void **state)
{
    (void)state;
    fill(4);
    for (int i = 0; i < CPU_ISA_COUNT && set_at(i); i++)
        for (size_t n = 0; n <= 130; n++) {
            spoil();
            set_at(0)->add(want, x + n % 3, beta_ + n % 5, n);
            set_at(i)->add(got, x + n % 3, beta_ + n % 5, n);
            same32(n, 0, n);
        }
}

static void test_bf16(void **state)
{
    (void)state;
    static const uint32_t odd[] = {0x00000001, 0x80000001, 0x007fffff, 0x3f808000, 0x3f818000,
        0x3f808001, 0x7f7fffff, 0xff7fffff, 0x7f800000, 0xff800000, 0x7fc00000, 0x7f800001,
        0xffffffff, 0, 0x80000000};
    enum { ODD = sizeof odd / sizeof *odd };
    uint64_t seed = 5;
    for (int i = 0; i < ROOM; i++) {
        uint32_t bits = i < ODD ? odd[i] : (uint32_t)test_random(&seed);
        memcpy(&x[i], &bits, sizeof bits);
    }
    for (int i = 1; i < CPU_ISA_COUNT && set_at(i); i++)
        for (size_t n = 0; n < ROOM - 8; n = n < 130 ? n + 1 : n * 3) {
            spoil();
            memcpy(want16, got16, sizeof got16);
            set_at(0)->to_bf16(want16, x + n % 3, n);
            set_at(i)->to_bf16(got16, x + n % 3, n);
            assert_memory_equal(want16, got16, sizeof got16);
        }
    assert_int_equal(nn_bf16(1.0f), 0x3f80);
    assert_int_equal(nn_bf16(1.00390625f), 0x3f80); /* half way: to even */
    assert_int_equal(nn_bf16(1.01171875f), 0x3f82);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_norm),
        cmocka_unit_test(test_softmax),
        cmocka_unit_test(test_softmax_odd),
        cmocka_unit_test(test_patch),
        cmocka_unit_test(test_add),
        cmocka_unit_test(test_bf16),
    };
    return cmocka_run_group_tests_name("kernels", tests, NULL, NULL);
}
