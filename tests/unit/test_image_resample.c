/* test_image_resample.c - every kernel set against the plain loops: many odd sizes, parts of the
 * whole, extreme pixels, very long pictures. */
#include "image_case.h"

#include "image/resample.h"

enum { SIDE_MAX = 700 };

static const struct resample_kernels *kernel_sets[3];
static int kernel_set_count;

static uint8_t *run(const struct resample *r)
{
    struct err e = ERR_INIT;
    uint8_t *out =
        mem_alloc((size_t)r->part_width * (size_t)r->part_height * (size_t)r->in->channels);
    assert_ok(resample_run(r, out, &e), &e);
    return out;
}

/* All sets give what the plain loops give. */
static void compare(struct resample r)
{
    size_t bytes = (size_t)r.part_width * (size_t)r.part_height * (size_t)r.in->channels;
    r.kernels = &resample_base;
    uint8_t *want = run(&r);
    for (int k = 0; k < kernel_set_count; k++) {
        r.kernels = kernel_sets[k];
        uint8_t *got = run(&r);
        if (memcmp(got, want, bytes) != 0)
            fail_msg("%s: %d x %d x %d to %lld x %lld, part %d x %d at %d, %d, filter %d",
                r.kernels->name, r.in->width, r.in->height, r.in->channels, (long long)r.width,
                (long long)r.height, r.part_width, r.part_height, r.x, r.y, (int)r.filter);
        mem_free(got);
    }
    mem_free(want);
}

static struct resample whole(
    const struct image *im, int width, int height, enum image_filter filter)
{
    return (struct resample){.in = im,
        .span_x = im->width,
        .span_y = im->height,
        .width = width,
        .height = height,
        .part_width = width,
        .part_height = height,
        .filter = filter};
}

static int pick(uint64_t *seed, int max)
{
    int small = (int)(test_random(seed) >> 33) % 40 + 1;
    return test_random(seed) % 2 == 0 ? small : (int)(test_random(seed) >> 33) % max + 1;
}

static void test_odd_sizes(void **state)
{
    (void)state;
    static const int CHANNELS[] = {1, 3, 4};
    uint64_t seed = 5;
    for (int i = 0; i < 240; i++) {
        struct image im =
            case_formula(pick(&seed, 300), pick(&seed, 300), CHANNELS[i % 3], (uint32_t)i);
        compare(whole(
            &im, pick(&seed, 260), pick(&seed, 260), i % 2 == 0 ? IMAGE_BICUBIC : IMAGE_BILINEAR));
        image_deinit(&im);
    }
}

/* Black and white at random: the largest sums, over and under the range of a byte. */
static void test_extremes(void **state)
{
    (void)state;
    uint64_t seed = 6;
    for (int i = 0; i < 40; i++) {
        struct image im =
            case_formula(pick(&seed, 200), pick(&seed, 200), i % 2 == 0 ? 3 : 4, (uint32_t)i);
        size_t bytes = (size_t)im.width * (size_t)im.height * (size_t)im.channels;
        for (size_t k = 0; k < bytes; k++) im.pixels[k] = test_random(&seed) >> 63 ? 255 : 0;
        compare(whole(&im, pick(&seed, 300), pick(&seed, 300), IMAGE_BICUBIC));
        image_deinit(&im);
    }
}

/* A part is the same bytes as that part of the whole, with every set. */
static void test_parts(void **state)
{
    (void)state;
    uint64_t seed = 7;
    for (int i = 0; i < 60; i++) {
        int channels = i % 3 == 0 ? 1 : 3;
        struct image im = case_formula(pick(&seed, 300), pick(&seed, 300), channels, (uint32_t)i);
        struct resample r = whole(&im, pick(&seed, 200), pick(&seed, 200), IMAGE_BICUBIC);
        uint8_t *all = run(&r);
        r.x = (int)(test_random(&seed) >> 33) % (int)r.width;
        r.y = (int)(test_random(&seed) >> 33) % (int)r.height;
        r.part_width = (int)(test_random(&seed) >> 33) % (int)(r.width - r.x) + 1;
        r.part_height = (int)(test_random(&seed) >> 33) % (int)(r.height - r.y) + 1;
        uint8_t *part = run(&r);
        size_t row = (size_t)(r.part_width * channels);
        for (int y = 0; y < r.part_height; y++)
            assert_memory_equal(part + (size_t)y * row,
                all + ((size_t)(y + r.y) * (size_t)r.width + (size_t)r.x) * (size_t)channels, row);
        mem_free(part);
        mem_free(all);
        compare(r);
        image_deinit(&im);
    }
}

/* A span that ends inside the last pixel, as scaled JPEG decodes have it. */
static void test_spans(void **state)
{
    (void)state;
    struct image im = case_formula(127, 95, 3, 3);
    struct resample r = whole(&im, 40, 31, IMAGE_BICUBIC);
    r.span_x = 126.125;
    r.span_y = 94.5;
    compare(r);
    r.from_x = 0.875;
    r.from_y = 0.5;
    compare(r);
    image_deinit(&im);
}

/* Turning on the way is the same as turning first, with a horizontal pass and without. */
static void test_turned(void **state)
{
    (void)state;
    static const int CHANNELS[] = {1, 3, 4};
    uint64_t seed = 8;
    for (int i = 0; i < 96; i++) {
        struct err e = ERR_INIT;
        int channels = CHANNELS[i % 3], orientation = i % 8 + 1;
        struct image stored = case_formula(pick(&seed, 90), pick(&seed, 90), channels, 5);
        struct image upright = case_formula(stored.width, stored.height, channels, 5);
        assert_ok(image_orient(&upright, orientation, &e), &e);
        int width = i % 2 == 0 ? upright.width : pick(&seed, 90);
        struct resample r = whole(&upright, width, pick(&seed, 90), IMAGE_BICUBIC);
        uint8_t *want = run(&r);
        r.in = &stored;
        r.turn = orientation_find(orientation);
        uint8_t *got = run(&r);
        assert_memory_equal(got, want, (size_t)(r.part_width * r.part_height * channels));
        mem_free(got);
        mem_free(want);
        image_deinit(&stored);
        image_deinit(&upright);
    }
}

/* A thread of pixels: only the crop is computed, so neither time nor memory runs away. */
static void test_long_pictures(void **state)
{
    (void)state;
    struct image wide = case_formula(65535, 1, 3, 1), tall = case_formula(1, 65535, 3, 2);
    struct resample r = whole(&wide, 224, 224, IMAGE_BICUBIC);
    r.width = (int64_t)224 * 65535;
    r.x = (int)((r.width - 224) / 2);
    compare(r);
    r = whole(&tall, 224, 224, IMAGE_BICUBIC);
    r.height = (int64_t)224 * 65535;
    r.y = (int)((r.height - 224) / 2);
    compare(r);
    compare(whole(&wide, 3, 2, IMAGE_BICUBIC));
    compare(whole(&tall, 2, 3, IMAGE_BILINEAR));
    image_deinit(&wide);
    image_deinit(&tall);
}

static void test_same_size_is_a_copy(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct image im = case_formula(33, 21, 4, 8), out = {.width = 33, .height = 21};
    assert_ok(image_resize(&im, IMAGE_BICUBIC, &out, &e), &e);
    assert_memory_equal(out.pixels, im.pixels, 33 * 21 * 4);
    image_deinit(&out);
    out.height = 21;
    assert_fails(image_resize(&im, IMAGE_BICUBIC, &out, &e), ST_INVALID, &e, "0 x 21");
    image_deinit(&im);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_odd_sizes),
        cmocka_unit_test(test_extremes),
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_spans),
        cmocka_unit_test(test_turned),
        cmocka_unit_test(test_long_pictures),
        cmocka_unit_test(test_same_size_is_a_copy),
    };
#if defined(__x86_64__)
    cpu_force(cpu_get()->found);
    if (cpu_get()->found >= CPU_AVX2) kernel_sets[kernel_set_count++] = &resample_avx2;
    if (cpu_get()->found >= CPU_AVX512 && cpu_get()->vnni)
        kernel_sets[kernel_set_count++] = &resample_avx512;
#endif
    printf("%d kernel sets beside the plain loops\n", kernel_set_count);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
