/* orient.c - turns and mirrors a picture so that EXIF orientation 1 holds.
 *
 * Each orientation says where pixel (x, y) of the upright picture lies in the stored one: an origin
 * and two steps, one for x and one for y. Pictures whose axes swap are walked in tiles, so that
 * both sides stay in the cache.
 */
#include "image/orient.h"

#include <stddef.h>
#include <string.h>

#include "image/image.h"

enum { TILE = 32 };

/* TIFF 6.0 tag 274, "Orientation". */
// clang-format off
static const struct orientation ORIENTATIONS[] = {
    [1] = {.swap = false, .back_x = false, .back_y = false},
    [2] = {.swap = false, .back_x = true,  .back_y = false},
    [3] = {.swap = false, .back_x = true,  .back_y = true},
    [4] = {.swap = false, .back_x = false, .back_y = true},
    [5] = {.swap = true,  .back_x = false, .back_y = false},
    [6] = {.swap = true,  .back_x = true,  .back_y = false},
    [7] = {.swap = true,  .back_x = true,  .back_y = true},
    [8] = {.swap = true,  .back_x = false, .back_y = true},
};
// clang-format on

const struct orientation *orientation_find(int orientation)
{
    return &ORIENTATIONS[orientation >= 1 && orientation <= 8 ? orientation : 1];
}

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
    struct walk w = {.origin = im->pixels, .channels = im->channels};
    w.step_x = o->swap ? row : pixel;
    w.step_y = o->swap ? pixel : row;
    if (o->back_x) {
        w.origin += ((o->swap ? im->height : im->width) - 1) * w.step_x;
        w.step_x = -w.step_x;
    }
    if (o->back_y) {
        w.origin += ((o->swap ? im->width : im->height) - 1) * w.step_y;
        w.step_y = -w.step_y;
    }
    return w;
}

enum status image_orient(struct image *im, int orientation, struct err *e)
{
    const struct orientation *o = orientation_find(orientation);
    if (!o->swap && !o->back_x && !o->back_y) return ST_OK;
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
