/* convert.h - arithmetic on pixels that decoders share. Inside image/ only. */
#ifndef FOVEA_IMAGE_CONVERT_H
#define FOVEA_IMAGE_CONVERT_H

#include <stddef.h>
#include <stdint.h>

#include "image/image.h"

/* a * b / 255 rounded to nearest, exact for a, b in 0..255 (n / 255 = (n + n / 256) / 256 with
 * rounding). */
static inline uint8_t convert_mul(unsigned a, unsigned b)
{
    unsigned n = a * b + 128;
    return (uint8_t)((n + (n >> 8)) >> 8);
}

/* count 16-bit samples in memory order to 8 bits: v / 257 rounded to nearest. to may lie on from.
 */
void convert_from_16(uint8_t *to, const uint16_t *from, size_t count);

/* count pixels of inverted CMYK, as Adobe writes it, to RGB: what ink leaves of the light. */
void convert_from_cmyk(uint8_t *to, const uint8_t *from, size_t count);

/* count RGBA pixels to RGB in place: three bytes are written where four were read. */
void convert_from_rgba(uint8_t *pixels, size_t count, enum image_alpha alpha);

#endif
