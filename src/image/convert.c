/* convert.c - from what files hold to 8-bit RGB. The rounding is stated here and equals Pillow's.
 */
#include "image/convert.h"

#include <assert.h>

#include "image/image.h"

void convert_from_16(uint8_t *to, const uint16_t *from, size_t count)
{
    for (size_t i = 0; i < count; i++) to[i] = (uint8_t)((from[i] + 128U) / 257U);
}

void convert_from_cmyk(uint8_t *to, const uint8_t *from, size_t count)
{
    for (size_t i = 0; i < count; i++, from += 4, to += 3) {
        unsigned light = from[3];
        for (int c = 0; c < 3; c++) to[c] = (uint8_t)(light - convert_mul(255U - from[c], light));
    }
}

static void over_white(uint8_t *to, const uint8_t *from, size_t count)
{
    for (size_t i = 0; i < count; i++, from += 4, to += 3) {
        unsigned a = from[3];
        for (int c = 0; c < 3; c++) {
            unsigned n = from[c] * a + 255U * (255U - a) + 128U;
            to[c] = (uint8_t)((n + (n >> 8)) >> 8);
        }
    }
}

static void drop(uint8_t *to, const uint8_t *from, size_t count)
{
    for (size_t i = 0; i < count; i++, from += 4, to += 3)
        for (int c = 0; c < 3; c++) to[c] = from[c];
}

void convert_from_rgba(uint8_t *pixels, size_t count, enum image_alpha alpha)
{
    (alpha == IMAGE_ALPHA_WHITE ? over_white : drop)(pixels, pixels, count);
}

static enum status from_grey(struct image *im, struct err *e)
{
    struct image to;
    enum status st = image_init(&to, im->width, im->height, 3, e);
    if (st != ST_OK) return st;
    size_t count = (size_t)im->width * (size_t)im->height;
    for (size_t i = 0; i < count; i++)
        for (size_t c = 0; c < 3; c++) to.pixels[3 * i + c] = im->pixels[i];
    image_deinit(im);
    *im = to;
    return ST_OK;
}

enum status image_to_rgb(struct image *im, enum image_alpha alpha, struct err *e)
{
    assert(im->channels == 1 || im->channels == 3 || im->channels == 4);
    if (im->channels == 1) return from_grey(im, e);
    if (im->channels == 3) return ST_OK;
    convert_from_rgba(im->pixels, (size_t)im->width * (size_t)im->height, alpha);
    im->channels = 3;
    return ST_OK;
}
