/* orient.c - turns and mirrors a picture so that EXIF orientation 1 holds.
 *
 * Each orientation says where pixel (x, y) of the upright picture lies in the stored one: an origin
 * and two steps, one for x and one for y. Pictures whose axes swap are walked in tiles, so that
 * both sides stay in the cache.
 */
#include <assert.h>
#include <string.h>

#include "image/image.h"

enum { TILE = 32 };

/* TIFF 6.0 tag 274, "Orientation": mirror_x and mirror_y tell which stored axis runs backwards. */
// clang-format off
static const struct orientation {
    bool swap, mirror_x, mirror_y;
} ORIENTATIONS[] = {
    [1] = {false, false, false},
    [2] = {false, true,  false},
    [3] = {false, true,  true},
    [4] = {false, false, true},
    [5] = {true,  false, false},
    [6] = {true,  false, true},
    [7] = {true,  true,  true},
    [8] = {true,  true,  false},
};
// clang-format on

struct walk {
    const uint8_t *origin;    /* of pixel (0, 0) of the upright picture */
    ptrdiff_t step_x, step_y; /* in bytes of the stored picture */
    int channels;
};

static void copy_run(uint8_t *to, const uint8_t *from, const struct walk *w, int pixels)
{
    switch (w->channels) {
    case 1:
        for (int x = 0; x < pixels; x++, from += w->step_x) to[x] = *from;
        return;
    case 3:
        for (int x = 0; x < pixels; x++, from += w->step_x, to += 3) {
            to[0] = from[0];
            to[1] = from[1];
            to[2] = from[2];
        }
        return;
    default:
        for (int x = 0; x < pixels; x++, from += w->step_x, to += 4) memcpy(to, from, 4);
    }
}

static void copy_tile(struct image *to, const struct walk *w, int x0, int y0)
{
    int x1 = x0 + TILE < to->width ? x0 + TILE : to->width;
    int y1 = y0 + TILE < to->height ? y0 + TILE : to->height;
    for (int y = y0; y < y1; y++) {
        size_t at = ((size_t)y * (size_t)to->width + (size_t)x0) * (size_t)to->channels;
        copy_run(to->pixels + at, w->origin + x0 * w->step_x + y * w->step_y, w, x1 - x0);
    }
}

static struct walk walk_init(const struct image *im, const struct orientation *o)
{
    ptrdiff_t pixel = im->channels, row = (ptrdiff_t)im->width * pixel;
    ptrdiff_t along_x = o->mirror_x ? -pixel : pixel, along_y = o->mirror_y ? -row : row;
    struct walk w = {.origin = im->pixels, .channels = im->channels};
    if (o->mirror_x) w.origin += (im->width - 1) * pixel;
    if (o->mirror_y) w.origin += (im->height - 1) * row;
    w.step_x = o->swap ? along_y : along_x;
    w.step_y = o->swap ? along_x : along_y;
    return w;
}

enum status image_orient(struct image *im, int orientation, struct err *e)
{
    if (orientation <= 1 || orientation > 8) return ST_OK;
    const struct orientation *o = &ORIENTATIONS[orientation];
    struct image to;
    enum status st = image_init(
        &to, o->swap ? im->height : im->width, o->swap ? im->width : im->height, im->channels, e);
    if (st != ST_OK) return st;
    struct walk w = walk_init(im, o);
    for (int y = 0; y < to.height; y += TILE)
        for (int x = 0; x < to.width; x += TILE) copy_tile(&to, &w, x, y);
    image_deinit(im);
    *im = to;
    return ST_OK;
}
