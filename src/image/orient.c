/* orient.c - turns and mirrors a picture so that EXIF orientation 1 holds.
 *
 * Each orientation says where pixel (x, y) of the upright picture lies in the stored one: an origin
 * and two steps, one for x and one for y. Pictures are walked in
 * tiles, so that both sides stay in the cache when axes swap.
 */
#include "image/orient.h"

#include <stddef.h>
#include <string.h>

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

/* Pixels of 3 bytes are moved as 4, of which the next pixel overwrites the last: half the work.
 * Behind the picture lies slack that may be read. */
static void copy_run(uint8_t *to, const uint8_t *from, const struct walk *w, int pixels)
{
    ptrdiff_t step = w->step_x;
    if (w->channels == 1) {
        for (int x = 0; x < pixels; x++, from += step) to[x] = *from;
        return;
    }
    for (int x = 0; x < pixels - 1; x++, from += step, to += w->channels) memcpy(to, from, 4);
    memcpy(to, from, (size_t)w->channels);
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

void orientation_rows(
    const struct orientation *o, const struct image *stored, int row, int rows, uint8_t *to)
{
    struct walk w = walk_init(stored, o);
    int width = o->swap ? stored->height : stored->width;
    for (int x = 0; x < width; x += TILE) {
        int pixels = x + TILE < width ? TILE : width - x;
        for (int y = 0; y < rows; y++) {
            size_t at = ((size_t)y * (size_t)width + (size_t)x) * (size_t)w.channels;
            copy_run(to + at, w.origin + x * w.step_x + (row + y) * w.step_y, &w, pixels);
        }
    }
}

bool orientation_turns(const struct orientation *o)
{
    return o->swap || o->back_x || o->back_y;
}

enum status image_orient(struct image *im, int orientation, struct err *e)
{
    const struct orientation *o = orientation_find(orientation);
    if (!orientation_turns(o)) return ST_OK;
    struct image to;
    enum status st = image_init(
        &to, o->swap ? im->height : im->width, o->swap ? im->width : im->height, im->channels, e);
    if (st != ST_OK) return st;
    size_t row_bytes = (size_t)to.width * (size_t)to.channels;
    for (int y = 0; y < to.height; y += TILE) {
        int rows = y + TILE < to.height ? TILE : to.height - y;
        orientation_rows(o, im, y, rows, to.pixels + (size_t)y * row_bytes);
    }
    image_deinit(im);
    *im = to;
    return ST_OK;
}
