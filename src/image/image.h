/* image.h - a picture from bytes: what it is, its pixels, and the pixels a model wants.
 *
 * Pixels are 8-bit, rows without padding, top row first. The room knows no model and no database.
 * Outside bytes are never trusted: sizes are checked before memory is taken, every decoder error is
 * a reason in words, and nothing here exits or writes to stderr.
 */
#ifndef FOVEA_IMAGE_IMAGE_H
#define FOVEA_IMAGE_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct image {
    int width, height;
    int channels;    /* 1 grey, 3 RGB, 4 RGBA */
    uint8_t *pixels; /* owned; width * height * channels; from mem_alloc_aligned, whose slack
                        kernels read */
};

enum image_format {
    IMAGE_NONE,
    IMAGE_JPEG,
    IMAGE_PNG,
    IMAGE_WEBP,
    IMAGE_GIF,
    IMAGE_BMP,
    IMAGE_FORMAT_COUNT
};

/* What the head of a file tells, without decoding it. */
struct image_info {
    enum image_format format;
    int width, height; /* as stored, before orientation */
    int orientation;   /* EXIF 1..8; 1 when absent or senseless */
    int64_t taken_at; /* seconds since 1970 in UTC when EXIF has an offset, else local time taken as
                         UTC */
    bool has_taken_at;
    double lat, lon; /* degrees, south and west negative */
    bool has_place;
};

enum image_alpha { IMAGE_ALPHA_WHITE, IMAGE_ALPHA_DROP };
enum image_filter { IMAGE_BILINEAR, IMAGE_BICUBIC };

/* The form in which a model takes pictures. */
struct image_spec {
    int width, height; /* of the result, 3 channels RGB */
    bool stretch; /* true: resize straight to width x height; false: shortest side, centre crop */
    int resize;   /* shortest side after resizing, when not stretch */
    bool crop_floor; /* centre crop offset: floor (Hugging Face) or round half even (torchvision) */
    enum image_filter filter;
    enum image_alpha alpha; /* transparent pixels: over white, or alpha ignored */
    bool exact_decode; /* JPEG decoded at full size, not at the smallest scale >= 4x the target */
    bool ignore_orientation;
};

const char *image_format_name(enum image_format f);
/* By the first bytes; IMAGE_NONE when it is no picture we know. */
enum image_format image_format_find(const uint8_t *data, size_t bytes);
/* By the name's extension, any case: whether `index` looks at the file at all. */
bool image_name_known(const char *name);

NODISCARD enum status image_info_read(
    const uint8_t *data, size_t bytes, struct image_info *out, struct err *e);

/* Decodes to 1, 3 or 4 channels as the file has them (palette, 16-bit and CMYK become 8-bit
 * RGB(A)). hint_side > 0 lets JPEG decode at the smallest of 1/4 and 1/2 whose shorter side is >=
 * hint_side. Orientation is not applied. Errors: CORRUPT, LIMIT, UNSUPPORTED, NO_MEMORY. */
NODISCARD enum status image_decode(
    const uint8_t *data, size_t bytes, int hint_side, struct image *out, struct err *e);
/* Pixels for width x height of channels, not set; sizes are the caller's to check. */
NODISCARD enum status image_init(
    struct image *im, int width, int height, int channels, struct err *e);
void image_deinit(struct image *im);

/* Turns and mirrors to EXIF orientation 1; may swap im's buffer. */
NODISCARD enum status image_orient(struct image *im, int orientation, struct err *e);
/* RGBA over white or without alpha, grey to RGB: the result has 3 channels. */
NODISCARD enum status image_to_rgb(struct image *im, enum image_alpha alpha, struct err *e);

/* Resamples as Pillow does (its two 8-bit passes, antialiased), byte for byte, to out->width x
 * out->height; out's channels and pixels are set. Errors: INVALID (those sides), NO_MEMORY. */
NODISCARD enum status image_resize(
    const struct image *im, enum image_filter filter, struct image *out, struct err *e);

/* Bytes of a file to the pixels a model wants: out holds spec->width * spec->height * 3. info, when
 * not NULL, is filled too. The scratch a thread needs is taken and given back inside. out is not
 * defined after a failure. */
NODISCARD enum status image_prepare(const uint8_t *data, size_t bytes,
    const struct image_spec *spec, uint8_t *out, struct image_info *info, struct err *e);

#endif
