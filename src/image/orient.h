/* orient.h - what an EXIF orientation does to the axes of a picture. Inside image/ only. */
#ifndef FOVEA_IMAGE_ORIENT_H
#define FOVEA_IMAGE_ORIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "image/image.h"

struct orientation {
    bool swap;           /* the upright picture's x runs along the stored y */
    bool back_x, back_y; /* the upright axis runs from the stored picture's last pixel */
};

/* orientation is EXIF's, 1 to 8; anything else is as good as 1. */
const struct orientation *orientation_find(int orientation);
bool orientation_turns(const struct orientation *o);

/* `rows` upright rows of a stored picture, from `row` on, packed into to. The pixels of stored have
 * the slack of mem_alloc_aligned. */
void orientation_rows(
    const struct orientation *o, const struct image *stored, int row, int rows, uint8_t *to);

#endif
