/* format.h - what a picture format is to the rest of the room: one row of a table. Inside image/
 * only.
 *
 * A format tells itself by its first bytes, reads its head (sizes and where the EXIF block lies)
 * without decoding, and decodes. Each decoder is one file, and the only one that includes its
 * library.
 */
#ifndef FOVEA_IMAGE_FORMAT_H
#define FOVEA_IMAGE_FORMAT_H

#include "image/image.h"

enum { FORMAT_EXTENSIONS_MAX = 6, FORMAT_STRIP_ROWS = 32 };

/* A file's bytes as a decoder takes them. */
struct source {
    const uint8_t *data;
    size_t bytes;
    int hint_side; /* > 0: a format that can may decode smaller, shorter side >= hint_side */
    int eighths;   /* out: the scale that was used, 8 = full size */
};

/* Where decoded rows go, from the first to the last, FORMAT_STRIP_ROWS at most at a time. */
struct sink {
    /* Once, before any row: sizes and channels; shape->pixels is NULL. */
    enum status (*begin)(void *user, const struct image *shape, struct err *e);
    /* Packed rows with the slack of mem_alloc_aligned behind them; the sink may overwrite them. */
    enum status (*rows)(void *user, uint8_t *rows, int count, struct err *e);
    void *user;
};

struct head {
    int64_t width, height; /* as the file says, not checked */
    const uint8_t *exif;   /* TIFF structure inside the file's bytes, or NULL */
    size_t exif_bytes;
};

struct format_row {
    const char *name;
    const char *extensions[FORMAT_EXTENSIONS_MAX]; /* lower case, without the dot; NULL ends them */
    bool (*match)(const uint8_t *data, size_t bytes);
    enum status (*head_read)(const uint8_t *data, size_t bytes, struct head *out, struct err *e);
    /* One of the two: row by row, or the whole picture. out is all zero when called, and must stay
     * so on failure. */
    enum status (*stream)(struct source *src, const struct sink *sink, struct err *e);
    enum status (*decode)(struct source *src, struct image *out, struct err *e);
};

extern const struct format_row format_jpeg, format_png, format_webp, format_gif, format_bmp;

/* Sizes from a head: no zero, within LIMIT_PICTURE_SIDE and LIMIT_PICTURE_PIXELS. */
NODISCARD enum status format_size_check(
    const char *name, int64_t width, int64_t height, struct err *e);

/* The row of a format that image_info_read found. */
const struct format_row *format_row(enum image_format f);

/* The whole picture; src->eighths tells the scale: it spans width * eighths / 8 of the full one. */
NODISCARD enum status format_decode(
    const struct format_row *row, struct source *src, struct image *out, struct err *e);

#endif
