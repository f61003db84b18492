/* test_image_golden.c - pictures against what Pillow makes of them (tests/golden/image): decoded
 * pixels, resizes of every mode and the whole way to a model's input, byte for byte, with each
 * kernel set. */
#include "image_case.h"

#include "image/convert.h"
#include "image/sheet.h"

enum { SIDE_MAX = 224 };

static struct json_doc *doc;

static const struct json_node *section(const char *name)
{
    const struct json_node *n = json_get(json_root(doc), name);
    assert_true(json_count(n) > 0);
    return n;
}

static enum image_filter filter_of(const struct json_node *row)
{
    return strcmp(json_str(json_get(row, "filter"), ""), "bicubic") == 0 ? IMAGE_BICUBIC
                                                                         : IMAGE_BILINEAR;
}

static struct image decode_file(const char *name, struct image_info *info)
{
    struct err e = ERR_INIT;
    struct image im;
    size_t bytes;
    uint8_t *data = case_read("files", name, &bytes);
    if (image_info_read(data, bytes, info, &e) != ST_OK) fail_msg("%s: %s", name, e.text);
    if (image_decode(data, bytes, 0, &im, &e) != ST_OK) fail_msg("%s: %s", name, e.text);
    assert_int_equal(im.width, info->width);
    assert_int_equal(im.height, info->height);
    mem_free(data);
    return im;
}

static void check_decoded(const struct json_node *row, enum image_alpha alpha, const char *key)
{
    struct err e = ERR_INIT;
    struct image_info info;
    const char *name = json_str(json_get(row, "file"), "");
    struct image im = decode_file(name, &info);
    assert_ok(image_orient(&im, info.orientation, &e), &e);
    assert_ok(image_to_rgb(&im, alpha, &e), &e);
    assert_int_equal(im.width, case_int(row, "width"));
    assert_int_equal(im.height, case_int(row, "height"));
    if (case_image_crc(&im) != case_u32(json_get(row, key)))
        fail_msg("%s: %s pixels differ", name, key);
    image_deinit(&im);
}

static void test_decode(void **state)
{
    (void)state;
    const struct json_node *files = section("files");
    for (size_t i = 0; i < json_count(files); i++) {
        check_decoded(json_at(files, i), IMAGE_ALPHA_DROP, "drop");
        check_decoded(json_at(files, i), IMAGE_ALPHA_WHITE, "white");
    }
}

static struct image_spec spec_of(const struct json_node *row)
{
    return (struct image_spec){
        .width = case_int(row, "width"),
        .height = case_int(row, "height"),
        .stretch = json_bool(json_get(row, "stretch"), false),
        .resize = case_int(row, "resize"),
        .crop_floor = json_bool(json_get(row, "floor"), false),
        .filter = filter_of(row),
        .alpha = IMAGE_ALPHA_DROP,
        .exact_decode = true,
    };
}

static void check_prepare(const uint8_t *data, size_t bytes, const struct image_spec *spec,
    uint32_t want, const char *name)
{
    struct err e = ERR_INIT;
    size_t room = (size_t)spec->width * (size_t)spec->height * 3;
    uint8_t *out = mem_alloc(room);
    if (image_prepare(data, bytes, spec, out, NULL, &e) != ST_OK) fail_msg("%s: %s", name, e.text);
    if (case_crc(out, room) != want)
        fail_msg("%s: prepared pixels differ at %d x %d, %s", name, spec->width, spec->height,
            cpu_isa_name(cpu_get()->isa));
    mem_free(out);
}

static void check_prepare_all(void)
{
    static const struct image_spec CELL = {.width = SHEET_CELL,
        .height = SHEET_CELL,
        .stretch = true,
        .filter = IMAGE_BICUBIC,
        .exact_decode = true};
    const struct json_node *files = section("files"), *specs = section("specs");
    for (size_t i = 0; i < json_count(files); i++) {
        const struct json_node *row = json_at(files, i);
        const char *name = json_str(json_get(row, "file"), "");
        size_t bytes;
        uint8_t *data = case_read("files", name, &bytes);
        for (size_t s = 0; s < json_count(specs); s++) {
            struct image_spec spec = spec_of(json_at(specs, s));
            check_prepare(data, bytes, &spec, case_u32(json_at(json_get(row, "prepare"), s)), name);
        }
        check_prepare(data, bytes, &CELL, case_u32(json_get(row, "sheet")), name);
        mem_free(data);
    }
}

static void test_prepare(void **state)
{
    (void)state;
    case_each_isa(check_prepare_all);
}

static void check_size(const struct image *im, const struct json_node *size,
    enum image_filter filter, uint32_t want, const char *name)
{
    struct err e = ERR_INIT;
    struct image out = {
        .width = (int)json_int(json_at(size, 0), 0), .height = (int)json_int(json_at(size, 1), 0)};
    assert_ok(image_resize(im, filter, &out, &e), &e);
    if (case_image_crc(&out) != want)
        fail_msg("%s, %d x %d of %d channels to %d x %d, filter %d, %s: bytes differ", name,
            im->width, im->height, im->channels, out.width, out.height, (int)filter,
            cpu_isa_name(cpu_get()->isa));
    image_deinit(&out);
}

static void check_modes(void)
{
    const struct json_node *modes = section("modes"), *sizes = section("sizes");
    for (size_t i = 0; i < json_count(modes); i++) {
        struct err e = ERR_INIT;
        struct image_info info;
        const struct json_node *row = json_at(modes, i);
        const char *name = json_str(json_get(row, "file"), "");
        struct image im = decode_file(name, &info);
        assert_ok(image_to_rgb(&im, IMAGE_ALPHA_DROP, &e), &e);
        for (size_t s = 0; s < json_count(sizes); s++)
            check_size(&im, json_at(sizes, s), filter_of(row),
                case_u32(json_at(json_get(row, "crc"), s)), name);
        image_deinit(&im);
    }
}

static void check_formulas(void)
{
    const struct json_node *rows = section("formula");
    for (size_t i = 0; i < json_count(rows); i++) {
        const struct json_node *row = json_at(rows, i), *to = json_get(row, "to");
        struct image im = case_formula(case_int(row, "width"), case_int(row, "height"),
            case_int(row, "channels"), (uint32_t)case_int(row, "seed"));
        check_size(&im, to, IMAGE_BILINEAR, case_u32(json_get(row, "bilinear")), "formula");
        check_size(&im, to, IMAGE_BICUBIC, case_u32(json_get(row, "bicubic")), "formula");
        image_deinit(&im);
    }
}

static void test_resize(void **state)
{
    (void)state;
    case_each_isa(check_modes);
    case_each_isa(check_formulas);
}

static void test_cmyk(void **state)
{
    (void)state;
    struct image im = case_formula(64, 64, 4, 21);
    convert_from_cmyk(im.pixels, im.pixels, 64 * 64);
    assert_int_equal(case_crc(im.pixels, 64 * 64 * 3), case_u32(json_get(json_root(doc), "cmyk")));
    image_deinit(&im);
}

/* The mean difference between the exact way and the scaled decode, and the exact way's pixels. */
static double scaled_difference(const uint8_t *data, size_t bytes, int side, uint32_t *exact_crc)
{
    static uint8_t exact[SIDE_MAX * SIDE_MAX * 3], scaled[SIDE_MAX * SIDE_MAX * 3];
    struct err e = ERR_INIT;
    struct image_spec spec = {.width = side,
        .height = side,
        .resize = side,
        .filter = IMAGE_BICUBIC,
        .exact_decode = true};
    size_t room = (size_t)(side * side * 3), sum = 0;
    assert_in_range(side, 1, SIDE_MAX);
    assert_ok(image_prepare(data, bytes, &spec, exact, NULL, &e), &e);
    *exact_crc = case_crc(exact, room);
    spec.exact_decode = false;
    assert_ok(image_prepare(data, bytes, &spec, scaled, NULL, &e), &e);
    for (size_t k = 0; k < room; k++)
        sum += (size_t)(exact[k] > scaled[k] ? exact[k] - scaled[k] : scaled[k] - exact[k]);
    return (double)sum / (double)room;
}

/* The exact way equals Pillow; the scaled decode comes near it. */
static void test_scaled_decode(void **state)
{
    (void)state;
    const struct json_node *photos = section("photos"), *sides = section("sides");
    for (size_t i = 0; i < json_count(photos); i++) {
        const struct json_node *row = json_at(photos, i);
        const char *name = json_str(json_get(row, "file"), "");
        size_t bytes;
        uint8_t *data = case_read("files", name, &bytes);
        for (size_t k = 0; k < json_count(sides); k++) {
            int side = (int)json_int(json_at(sides, k), 0);
            uint32_t crc;
            double mean = scaled_difference(data, bytes, side, &crc);
            assert_int_equal(crc, case_u32(json_at(json_get(row, "prepare"), k)));
            print_message("  %s to %d: mean difference %.3f of 255\n", name, side, mean);
            if (!(mean <= 0.2)) fail_msg("%s to %d: mean difference %.3f", name, side, mean);
        }
        mem_free(data);
    }
}

/* The file with an EXIF block of this orientation behind its first marker. */
static uint8_t *with_orientation(const uint8_t *data, size_t *bytes, int orientation)
{
    const uint8_t block[] = {0xFF, 0xE1, 0, 34, 'E', 'x', 'i', 'f', 0, 0, 'M', 'M', 0, 42, 0, 0, 0,
        8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, (uint8_t)orientation, 0, 0, 0, 0, 0, 0};
    uint8_t *copy = mem_alloc(*bytes + sizeof block);
    assert_non_null(copy);
    memcpy(copy, data, 2);
    memcpy(copy + 2, block, sizeof block);
    memcpy(copy + 2 + sizeof block, data + 2, *bytes - 2);
    *bytes += sizeof block;
    return copy;
}

/* The scaled decode of a picture whose sides are no multiple of the scale, turned each way: the
 * pixel that is covered in part lies at another edge each time. */
static void test_scaled_and_turned(void **state)
{
    (void)state;
    size_t bytes;
    uint8_t *data = case_read("files", "photo3.jpg", &bytes);
    for (int orientation = 1; orientation <= 8; orientation++) {
        size_t all = bytes;
        uint32_t crc;
        uint8_t *turned = with_orientation(data, &all, orientation);
        double mean = scaled_difference(turned, all, 37, &crc);
        if (!(mean <= 0.2)) fail_msg("orientation %d: mean difference %.3f", orientation, mean);
        mem_free(turned);
    }
    mem_free(data);
}

static int setup(void **state)
{
    (void)state;
    doc = case_json();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    json_close(doc);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decode),
        cmocka_unit_test(test_prepare),
        cmocka_unit_test(test_resize),
        cmocka_unit_test(test_cmyk),
        cmocka_unit_test(test_scaled_decode),
        cmocka_unit_test(test_scaled_and_turned),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
