/* test_table_number.c - decimal text against strtof and strtod, halves against NumPy's. */
#include <math.h>
#include <stdlib.h>

#include "base/file.h"
#include "table/array.h"
#include "table/half.h"
#include "table/number.h"
#include "test.h"

#define HALVES FOVEA_SOURCE_DIR "/tests/golden/table/halves.bits"

static void same_as_library(const char *text)
{
    size_t bytes = strlen(text);
    float single, single_want = strtof(text, NULL);
    double wide, wide_want = strtod(text, NULL);
    /* In memory of its own length, so that a sanitizer sees a byte read behind it. */
    char *copy = malloc(bytes);
    memcpy(copy, text, bytes);
    assert_int_equal(number_f32(copy, copy + bytes, &single), bytes);
    assert_int_equal(number_f64(copy, copy + bytes, &wide), bytes);
    free(copy);
    if (memcmp(&single, &single_want, sizeof single) != 0)
        fail_msg("%s: %a is not strtof's %a", text, (double)single, (double)single_want);
    if (memcmp(&wide, &wide_want, sizeof wide) != 0)
        fail_msg("%s: %a is not strtod's %a", text, wide, wide_want);
}

static void hard_cases(void **state)
{
    (void)state;
    static const char *const cases[] = {"0", "-0", "0.0", "-0e5", "1", "-1", "0.1", "123456789",
        "9007199254740993", "9007199254740992.5", "1e23", "8.5e-46", "7.006492321624085e-46",
        "7.006492321624086e-46", "1.17549435e-38", "1.17549428e-38", "3.4028235e38", "3.4028236e38",
        "1e39", "-1e400", "1e-400", "4.9e-324", "2.4703282292062327e-324",
        "2.4703282292062328e-324", "1.7976931348623157e308", "1.7976931348623159e308",
        "2.2250738585072011e-308", "16777217", "16777217.000000000000000000000000001", "5.", ".5",
        "-.5e1", "1E+5", "1e-05", "12345678901234567890", "0.000000000000000000000000000001234567",
        "123456789012345678901234567890",
        "0.1000000000000000055511151231257827021181583404541015625",
        "1.00000005960464477539062500000000000000000000000001", "1.000000059604644775390625",
        "1.0000001788139343", "100000000000000000000000000000000000000000000000000e-50",
        "6.0221e23", "-0.0234832763671875", "5e-324", "1e22", "1e27", "12345678e-27"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) same_as_library(cases[i]);
}

static void random_cases(void **state)
{
    (void)state;
    uint64_t seed = 11;
    char text[128];
    for (int i = 0; i < 300000; i++) {
        uint64_t a = test_random(&seed), b = test_random(&seed);
        uint32_t bits = (uint32_t)b;
        double wide;
        float single;
        memcpy(&wide, &a, sizeof wide);
        memcpy(&single, &bits, sizeof single);
        if (!isfinite(wide) || !isfinite(single)) continue;
        snprintf(text, sizeof text, "%.*g", (int)(b % 19) + 1, wide);
        same_as_library(text);
        snprintf(text, sizeof text, "%.*g", (int)(a % 12) + 1, (double)single);
        same_as_library(text);
        snprintf(text, sizeof text, "%.*f", (int)(b % 22), (double)(int64_t)a / 0x1p63);
        same_as_library(text);
        snprintf(text, sizeof text, "%llue%d", (unsigned long long)a, (int)(b % 60) - 40);
        same_as_library(text);
    }
}

/* Just beside and on the middle between two floats, where rounding is decided by the last digit. */
static void midpoints(void **state)
{
    (void)state;
    uint64_t seed = 3;
    char text[128];
    for (int i = 0; i < 50000; i++) {
        uint32_t bits = (uint32_t)test_random(&seed) % 0x7f000000u;
        float low, high;
        memcpy(&low, &bits, sizeof low);
        bits++;
        memcpy(&high, &bits, sizeof high);
        double middle = ((double)low + (double)high) / 2;
        int digits = 17 + (int)(test_random(&seed) % 40);
        snprintf(text, sizeof text, "%.*e", digits, middle);
        same_as_library(text);
        snprintf(text, sizeof text, "%.*e", 17, nextafter(middle, 1e300));
        same_as_library(text);
        snprintf(text, sizeof text, "%.*e", 17, nextafter(middle, -1e300));
        same_as_library(text);
    }
}

static void no_numbers(void **state)
{
    (void)state;
    static const char *const cases[] = {"", "-", "+1", ".", "e5", "-.e", "x", " 1", "0x1p3", "--1"};
    double wide;
    int64_t whole;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_false(number_real(cases[i], strlen(cases[i]), &wide));
    assert_true(number_real("nan", 3, &wide) && isnan(wide));
    assert_true(number_real("-Infinity", 9, &wide) && isinf(wide) && wide < 0);
    assert_true(number_int("-9223372036854775808", 20, &whole) && whole == INT64_MIN);
    assert_true(number_int("9223372036854775807", 19, &whole) && whole == INT64_MAX);
    assert_false(number_int("9223372036854775808", 19, &whole));
    assert_false(number_int("-9223372036854775809", 20, &whole));
    assert_false(number_int("", 0, &whole) || number_int("-", 1, &whole));
    assert_false(number_int("1.0", 3, &whole) || number_int("1x", 2, &whole));
}

static void arrays(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int count;
    } cases[] = {{"[]", 0}, {"[ ]", 0}, {"[1]", 1}, {"[0.1, -2e-3]", 2}, {"[0.1 0.2\n 0.3]", 3},
        {" [1,2] ", 2}, {"[1,]", -1}, {"[,1]", -1}, {"[1,,2]", -1}, {"[1-2]", -1}, {"[1", -1},
        {"1]", -1}, {"[a]", -1}, {"[[1]]", -1}, {"[1;2]", -1}, {"[ 1 , 2 ]", 2}, {"", -1}};
    float out[4];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (array_read(cases[i].text, strlen(cases[i].text), out, 4) != cases[i].count)
            fail_msg("%s", cases[i].text);
    assert_int_equal(array_read("[0.5, -2e-3]", 12, out, 4), 2);
    assert_true(out[0] == 0.5f && out[1] == -2e-3f);
    assert_int_equal(array_read("[1,2,3,4,5,6]", 13, out, 4), 6);
}

static void halves(void **state)
{
    (void)state;
    struct buf golden;
    struct err e = ERR_INIT;
    buf_init(&golden);
    assert_ok(file_read(HALVES, 1 << 20, &golden, &e), &e);
    static uint8_t in[65536 * 2 + 1];
    static float base[65536], fast[65536];
    for (uint32_t i = 0; i < 65536; i++) memcpy(in + 2 * i + 1, &(uint16_t){(uint16_t)i}, 2);
    half_widen_base(base, in + 1, 65536);
    assert_int_equal(golden.bytes, 4 * 1024);
    for (size_t i = 0; i < 1024; i++)
        if (!isnan(base[i * 64]) || (i * 64 & 0x3ff) == 0) /* NumPy keeps a NaN signalling */
            assert_memory_equal(&base[i * 64], golden.data + 4 * i, sizeof(float));
    half_widen(fast, in + 1, 65536);
    assert_memory_equal(fast, base, sizeof base);
    for (size_t n = 0; n <= 130; n++) {
        memset(fast, 0x55, sizeof fast);
        half_widen(fast, in + 1 + 2 * 15000, n);
        assert_memory_equal(fast, base + 15000, n * sizeof(float));
        uint32_t behind;
        memcpy(&behind, &fast[n], sizeof behind);
        assert_int_equal(behind, 0x55555555);
    }
    buf_deinit(&golden);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hard_cases),
        cmocka_unit_test(random_cases),
        cmocka_unit_test(midpoints),
        cmocka_unit_test(no_numbers),
        cmocka_unit_test(arrays),
        cmocka_unit_test(halves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
