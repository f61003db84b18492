/* sheet.c - cells are drawn as they come into one growing picture, a row of five at a time. */
#include "image/sheet.h"

#include <string.h>

#include "base/mem.h"
#include "image/encode_png.h"

enum {
    ROW_BYTES = SHEET_CELL * SHEET_COLUMNS * 3,
    BAND_BYTES = ROW_BYTES * SHEET_CELL,
    GREY = 0xE0
};

struct sheet {
    uint8_t *pixels; /* bands rows of cells; memory from mem_resize, only read by the encoder */
    int cells, bands;
};

enum status sheet_open(struct sheet **out, struct err *e)
{
    *out = mem_zalloc(1, sizeof **out);
    return *out != NULL ? ST_OK : mem_err(e, sizeof **out);
}

void sheet_close(struct sheet *s)
{
    if (s == NULL) return;
    mem_free(s->pixels);
    mem_free(s);
}

static enum status band_add(struct sheet *s, struct err *e)
{
    uint8_t *grown = mem_resize(s->pixels, (size_t)s->bands + 1, BAND_BYTES);
    if (grown == NULL) return mem_err(e, ((size_t)s->bands + 1) * BAND_BYTES);
    memset(grown + (size_t)s->bands * BAND_BYTES, 0xFF, BAND_BYTES);
    s->pixels = grown;
    s->bands++;
    return ST_OK;
}

static void cell_draw(struct sheet *s, const uint8_t *cell)
{
    int row = s->cells / SHEET_COLUMNS, column = s->cells % SHEET_COLUMNS;
    uint8_t *to = s->pixels + (size_t)row * BAND_BYTES + (size_t)column * SHEET_CELL * 3;
    for (size_t y = 0; y < SHEET_CELL; y++)
        memcpy(to + y * ROW_BYTES, cell + y * SHEET_CELL * 3, (size_t)SHEET_CELL * 3);
    s->cells++;
}

enum status sheet_add(struct sheet *s, const uint8_t *data, size_t bytes, struct err *e)
{
    static const struct image_spec CELL = {.width = SHEET_CELL,
        .height = SHEET_CELL,
        .stretch = true,
        .filter = IMAGE_BICUBIC,
        .alpha = IMAGE_ALPHA_WHITE};
    if (s->cells == SHEET_CELLS_MAX)
        return err_set(e, ST_LIMIT, "a contact sheet holds %d pictures at most", SHEET_CELLS_MAX);
    uint8_t *cell = mem_alloc((size_t)SHEET_CELL * SHEET_CELL * 3);
    if (cell == NULL) return mem_err(e, (size_t)SHEET_CELL * SHEET_CELL * 3);
    enum status st = s->cells < s->bands * SHEET_COLUMNS ? ST_OK : band_add(s, e);
    if (st == ST_OK) {
        st = image_prepare(data, bytes, &CELL, cell, NULL, e);
        if (st != ST_OK) memset(cell, GREY, (size_t)SHEET_CELL * SHEET_CELL * 3);
        cell_draw(s, cell);
    }
    mem_free(cell);
    return st;
}

enum status sheet_encode_png(const struct sheet *s, struct buf *out, struct err *e)
{
    if (s->cells == 0) return err_set(e, ST_INVALID, "a contact sheet needs a picture");
    struct image im = {.width = SHEET_CELL * SHEET_COLUMNS,
        .height = s->bands * SHEET_CELL,
        .channels = 3,
        .pixels = s->pixels};
    return image_encode_png(&im, out, e);
}
