/* encode_png.h - a picture as a PNG file in memory. */
#ifndef FOVEA_IMAGE_ENCODE_PNG_H
#define FOVEA_IMAGE_ENCODE_PNG_H

#include "base/buf.h"
#include "image/image.h"

/* Appends the PNG of im (1, 3 or 4 channels, 8 bits). */
NODISCARD enum status image_encode_png(const struct image *im, struct buf *out, struct err *e);

#endif
