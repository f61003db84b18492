/* test_image_sheet.c - the contact sheet, read back. */
#include "image_case.h"

#include "image/encode_png.h"
#include "image/sheet.h"

static void add(struct sheet *s, const char *folder, const char *name, enum status want)
{
    struct err e = ERR_INIT;
    size_t bytes;
    uint8_t *data = case_read(folder, name, &bytes);
    assert_int_equal(sheet_add(s, data, bytes, &e), want);
    mem_free(data);
}

static struct image read_back(const struct sheet *s)
{
    struct err e = ERR_INIT;
    struct buf png;
    struct image im;
    buf_init(&png);
    assert_ok(sheet_encode_png(s, &png, &e), &e);
    assert_ok(image_decode((const uint8_t *)png.data, png.bytes, 0, &im, &e), &e);
    buf_deinit(&png);
    return im;
}

static void cell_get(const struct image *sheet, int cell, uint8_t *out)
{
    size_t stride = (size_t)sheet->width * 3, row = (size_t)SHEET_CELL * 3;
    size_t x = (size_t)(cell % SHEET_COLUMNS) * row,
           y = (size_t)(cell / SHEET_COLUMNS) * SHEET_CELL;
    for (size_t k = 0; k < SHEET_CELL; k++)
        memcpy(out + k * row, sheet->pixels + (y + k) * stride + x, row);
}

static uint32_t sheet_crc(const char *name)
{
    struct json_doc *doc = case_json();
    const struct json_node *files = json_get(json_root(doc), "files");
    uint32_t crc = 0;
    for (size_t i = 0; i < json_count(files); i++)
        if (strcmp(json_str(json_get(json_at(files, i), "file"), ""), name) == 0)
            crc = case_u32(json_get(json_at(files, i), "sheet"));
    json_close(doc);
    return crc;
}

static void test_cells(void **state)
{
    (void)state;
    static const char *const FILES[] = {"RGB.png", "RGBA.png", "orientation6.jpg", "margin.gif",
        "420.jpg", "grey16.png", "565.bmp"};
    static uint8_t cell[SHEET_CELL * SHEET_CELL * 3];
    struct err e = ERR_INIT;
    struct sheet *s;
    assert_ok(sheet_open(&s, &e), &e);
    for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++) add(s, "files", FILES[i], ST_OK);
    add(s, "bad", "half.png", ST_CORRUPT);
    struct image im = read_back(s);
    assert_int_equal(im.width, 750);
    assert_int_equal(im.height, 300);
    for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++) {
        cell_get(&im, (int)i, cell);
        if (case_crc(cell, sizeof cell) != sheet_crc(FILES[i]))
            fail_msg("cell of %s differs", FILES[i]);
    }
    cell_get(&im, 7, cell);
    for (size_t i = 0; i < sizeof cell; i++) assert_int_equal(cell[i], 0xE0);
    cell_get(&im, 8, cell);
    for (size_t i = 0; i < sizeof cell; i++) assert_int_equal(cell[i], 0xFF);
    image_deinit(&im);
    sheet_close(s);
}

static void test_empty(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct buf png;
    struct sheet *s;
    buf_init(&png);
    assert_ok(sheet_open(&s, &e), &e);
    assert_fails(sheet_encode_png(s, &png, &e), ST_INVALID, &e, "needs a picture");
    assert_int_equal(png.bytes, 0);
    sheet_close(s);
    sheet_close(NULL);
}

static void test_encode(void **state)
{
    (void)state;
    static const int CHANNELS[] = {1, 3, 4};
    for (int c = 0; c < 3; c++) {
        struct err e = ERR_INIT;
        struct buf png;
        struct image im = case_formula(53, 31, CHANNELS[c], 4), back;
        buf_init(&png);
        assert_ok(image_encode_png(&im, &png, &e), &e);
        assert_ok(image_decode((const uint8_t *)png.data, png.bytes, 0, &back, &e), &e);
        assert_int_equal(back.channels, im.channels);
        assert_int_equal(case_image_crc(&back), case_image_crc(&im));
        image_deinit(&back);
        image_deinit(&im);
        buf_deinit(&png);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cells),
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_encode),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
