/* test_image_exif.c - EXIF blocks, sound and damaged; the eight orientations. */
#include "image_case.h"

#include <math.h>

#include "image/exif.h"

static struct image_info info_of(const char *name)
{
    struct err e = ERR_INIT;
    struct image_info info;
    size_t bytes;
    uint8_t *data = case_read("files", name, &bytes);
    assert_ok(image_info_read(data, bytes, &info, &e), &e);
    mem_free(data);
    return info;
}

static void test_orientation_of_files(void **state)
{
    (void)state;
    for (int o = 1; o <= 8; o++) {
        char name[32];
        snprintf(name, sizeof name, "orientation%d.jpg", o);
        struct image_info info = info_of(name);
        assert_int_equal(info.orientation, o);
        assert_int_equal(info.width, 40);
        assert_int_equal(info.height, 24);
        assert_false(info.has_taken_at);
        assert_false(info.has_place);
    }
    assert_int_equal(info_of("exif6.png").orientation, 6);
    assert_int_equal(info_of("exif8.webp").orientation, 8);
    assert_int_equal(info_of("444.jpg").orientation, 1);
}

/* 2021-07-04 18:30:15 at +09:00 is 09:30:15 in UTC; Santiago lies south and west. */
static void test_time_and_place(void **state)
{
    (void)state;
    struct image_info info = info_of("exif.jpg");
    assert_true(info.has_taken_at);
    assert_int_equal(info.taken_at, 1625391015);
    assert_true(info.has_place);
    assert_true(fabs(info.lat - -(33 + 51 / 60.0 + 24.5 / 3600)) < 1e-9);
    assert_true(fabs(info.lon - -70.5) < 1e-9);
}

/* A block of one entry in IFD0, big-endian. */
static size_t block(uint8_t *to, unsigned tag, unsigned type, unsigned count, unsigned value)
{
    const uint8_t bytes[] = {'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, (uint8_t)(tag >> 8), (uint8_t)tag,
        0, (uint8_t)type, 0, 0, 0, (uint8_t)count, (uint8_t)(value >> 8), (uint8_t)value, 0, 0, 0,
        0, 0, 0};
    memcpy(to, bytes, sizeof bytes);
    return sizeof bytes;
}

static int orientation_of(unsigned type, unsigned value, size_t bytes)
{
    uint8_t data[64];
    struct image_info info = {.orientation = 1};
    size_t all = block(data, 0x0112, type, 1, value);
    exif_read(data, bytes < all ? bytes : all, &info);
    return info.orientation;
}

static void test_blocks(void **state)
{
    (void)state;
    assert_int_equal(orientation_of(3, 6, 99), 6);
    assert_int_equal(orientation_of(3, 8, 22), 8);
    assert_int_equal(orientation_of(3, 9, 99), 1);
    assert_int_equal(orientation_of(3, 0, 99), 1);
    assert_int_equal(orientation_of(5, 6, 99), 1);
    for (size_t bytes = 0; bytes < 22; bytes++) assert_int_equal(orientation_of(3, 6, bytes), 1);
}

/* Pointers that lead to themselves or outside are followed once and give nothing. */
static void test_pointers(void **state)
{
    (void)state;
    static const unsigned TAGS[] = {0x8769, 0x8825};
    for (size_t i = 0; i < 2; i++) {
        for (unsigned offset = 0; offset < 40; offset++) {
            struct image_info info = {.orientation = 1};
            uint8_t data[64];
            size_t bytes = block(data, TAGS[i], 4, 1, 0);
            data[21] = (uint8_t)offset;
            exif_read(data, bytes, &info);
            assert_false(info.has_taken_at);
            assert_false(info.has_place);
        }
    }
    struct image_info info = {.orientation = 1};
    exif_read(NULL, 0, &info);
    assert_int_equal(info.orientation, 1);
}

/* Where each corner of a stored 3 x 2 picture, numbered row by row, lies when upright. */
static void test_orient(void **state)
{
    (void)state;
    static const struct {
        int width, height;
        const char *pixels;
    } WANT[] = {
        [1] = {3, 2, "123456"},
        [2] = {3, 2, "321654"},
        [3] = {3, 2, "654321"},
        [4] = {3, 2, "456123"},
        [5] = {2, 3, "142536"},
        [6] = {2, 3, "415263"},
        [7] = {2, 3, "635241"},
        [8] = {2, 3, "362514"},
    };
    static const int CHANNELS[] = {1, 3, 4};
    for (int o = 1; o <= 8; o++) {
        for (int c = 0; c < 3; c++) {
            struct err e = ERR_INIT;
            struct image im;
            int channels = CHANNELS[c];
            assert_ok(image_init(&im, 3, 2, channels, &e), &e);
            for (int i = 0; i < 6 * channels; i++) im.pixels[i] = (uint8_t)("123456"[i / channels]);
            assert_ok(image_orient(&im, o, &e), &e);
            assert_int_equal(im.width, WANT[o].width);
            assert_int_equal(im.height, WANT[o].height);
            for (int i = 0; i < 6 * channels; i++)
                assert_int_equal(im.pixels[i], WANT[o].pixels[i / channels]);
            image_deinit(&im);
        }
    }
}

/* Turning there and back gives the same picture, over several tiles. */
static void test_orient_back(void **state)
{
    (void)state;
    static const int BACK[] = {[1] = 1, 2, 3, 4, 5, 8, 7, 6};
    for (int o = 1; o <= 8; o++) {
        struct err e = ERR_INIT;
        struct image im = case_formula(131, 77, 3, 9);
        uint32_t before = case_image_crc(&im);
        assert_ok(image_orient(&im, o, &e), &e);
        assert_ok(image_orient(&im, BACK[o], &e), &e);
        assert_int_equal(im.width, 131);
        assert_int_equal(case_image_crc(&im), before);
        image_deinit(&im);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_orientation_of_files),
        cmocka_unit_test(test_time_and_place),
        cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_pointers),
        cmocka_unit_test(test_orient),
        cmocka_unit_test(test_orient_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
