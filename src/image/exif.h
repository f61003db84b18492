/* exif.h - the few things of an EXIF block that matter here: which side is up, when, where. */
#ifndef FOVEA_IMAGE_EXIF_H
#define FOVEA_IMAGE_EXIF_H

#include "image/image.h"

/* Fills orientation, taken_at and the place of out from a TIFF structure; leaves alone what is
 * absent or senseless. data may be NULL. Never fails: a damaged block is as good as none. */
void exif_read(const uint8_t *data, size_t bytes, struct image_info *out);

#endif
