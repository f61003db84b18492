/* image.c - the table of formats, and what holds for all of them: sizes, limits, memory. */
#include "image/image.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "base/mem.h"
#include "image/exif.h"
#include "image/format.h"

// clang-format off
static const struct format_row *const FORMATS[] = {
    [IMAGE_JPEG] = &format_jpeg,
    [IMAGE_PNG]  = &format_png,
    [IMAGE_WEBP] = &format_webp,
    [IMAGE_GIF]  = &format_gif,
    [IMAGE_BMP]  = &format_bmp,
};
// clang-format on
static_assert(sizeof FORMATS / sizeof *FORMATS == IMAGE_FORMAT_COUNT, "a row for each format");

const char *image_format_name(enum image_format f)
{
    return f > IMAGE_NONE && f < IMAGE_FORMAT_COUNT ? FORMATS[f]->name : "none";
}

enum image_format image_format_find(const uint8_t *data, size_t bytes)
{
    for (int f = IMAGE_NONE + 1; f < IMAGE_FORMAT_COUNT; f++)
        if (FORMATS[f]->match(data, bytes)) return (enum image_format)f;
    return IMAGE_NONE;
}

static bool extension_known(const struct format_row *row, const char *extension)
{
    for (int i = 0; i < FORMAT_EXTENSIONS_MAX && row->extensions[i] != NULL; i++)
        if (strcasecmp(extension, row->extensions[i]) == 0) return true;
    return false;
}

bool image_name_known(const char *name)
{
    const char *dot = strrchr(name, '.');
    if (dot == NULL || strchr(dot, '/') != NULL) return false;
    for (int f = IMAGE_NONE + 1; f < IMAGE_FORMAT_COUNT; f++)
        if (extension_known(FORMATS[f], dot + 1)) return true;
    return false;
}

static enum status find(const uint8_t *data, size_t bytes, enum image_format *out, struct err *e)
{
    *out = IMAGE_NONE;
    if (bytes == 0) return err_set(e, ST_CORRUPT, "file is empty");
    if (bytes > LIMIT_PICTURE_FILE_BYTES)
        return err_set(e, ST_LIMIT, "file of %zu bytes exceeds the limit of %zu", bytes,
            LIMIT_PICTURE_FILE_BYTES);
    *out = image_format_find(data, bytes);
    if (*out != IMAGE_NONE) return ST_OK;
    return err_set(e, ST_UNSUPPORTED, "no picture: content is not JPEG, PNG, WebP, GIF or BMP");
}

enum status format_size_check(const char *name, int64_t width, int64_t height, struct err *e)
{
    if (width <= 0 || height <= 0)
        return err_set(e, ST_CORRUPT, "%s has no pixels: %lld x %lld", name, (long long)width,
            (long long)height);
    if (width > LIMIT_PICTURE_SIDE || height > LIMIT_PICTURE_SIDE)
        return err_set(e, ST_LIMIT, "%s of %lld x %lld pixels exceeds the limit of %d a side", name,
            (long long)width, (long long)height, LIMIT_PICTURE_SIDE);
    if ((uint64_t)width * (uint64_t)height > LIMIT_PICTURE_PIXELS)
        return err_set(e, ST_LIMIT, "%s of %lld x %lld pixels exceeds the limit of %llu pixels",
            name, (long long)width, (long long)height, (unsigned long long)LIMIT_PICTURE_PIXELS);
    return ST_OK;
}

enum status image_info_read(
    const uint8_t *data, size_t bytes, struct image_info *out, struct err *e)
{
    struct head head = {0};
    *out = (struct image_info){.orientation = 1};
    enum status st = find(data, bytes, &out->format, e);
    if (st != ST_OK) return st;
    const struct format_row *row = FORMATS[out->format];
    st = row->head_read(data, bytes, &head, e);
    if (st == ST_OK) st = format_size_check(row->name, head.width, head.height, e);
    if (st != ST_OK) return st;
    out->width = (int)head.width;
    out->height = (int)head.height;
    exif_read(head.exif, head.exif_bytes, out);
    return ST_OK;
}

const struct format_row *format_row(enum image_format f)
{
    assert(f > IMAGE_NONE && f < IMAGE_FORMAT_COUNT);
    return FORMATS[f];
}

/* A sink that keeps the picture. */
struct keeper {
    struct image *out;
    int row;
};

static enum status keeper_begin(void *user, const struct image *shape, struct err *e)
{
    struct keeper *k = user;
    return image_init(k->out, shape->width, shape->height, shape->channels, e);
}

static enum status keeper_rows(void *user, uint8_t *rows, int count, struct err *e)
{
    struct keeper *k = user;
    size_t row_bytes = (size_t)k->out->width * (size_t)k->out->channels;
    (void)e;
    memcpy(k->out->pixels + (size_t)k->row * row_bytes, rows, (size_t)count * row_bytes);
    k->row += count;
    return ST_OK;
}

enum status format_decode(
    const struct format_row *row, struct source *src, struct image *out, struct err *e)
{
    struct keeper keeper = {.out = out};
    struct sink sink = {.begin = keeper_begin, .rows = keeper_rows, .user = &keeper};
    *out = (struct image){0};
    src->eighths = 8;
    if (row->stream == NULL) return row->decode(src, out, e);
    enum status st = row->stream(src, &sink, e);
    if (st != ST_OK) image_deinit(out);
    return st;
}

enum status image_decode(
    const uint8_t *data, size_t bytes, int hint_side, struct image *out, struct err *e)
{
    struct source src = {.data = data, .bytes = bytes, .hint_side = hint_side};
    enum image_format f;
    *out = (struct image){0};
    enum status st = find(data, bytes, &f, e);
    return st == ST_OK ? format_decode(FORMATS[f], &src, out, e) : st;
}

enum status image_init(struct image *im, int width, int height, int channels, struct err *e)
{
    assert(width > 0 && height > 0 && channels >= 1 && channels <= 4);
    size_t bytes = (size_t)width * (size_t)height * (size_t)channels;
    *im = (struct image){.width = width, .height = height, .channels = channels};
    im->pixels = mem_alloc_aligned(bytes);
    return im->pixels != NULL ? ST_OK : mem_err(e, bytes);
}

void image_deinit(struct image *im)
{
    if (im == NULL) return;
    mem_free_aligned(im->pixels);
    *im = (struct image){0};
}
