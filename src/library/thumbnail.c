/* thumbnail.c - pictures for whoever shows them: how large one is, and a small copy of it.
 *
 *     SELECT path, picture_size(path), thumbnail(path, 150) FROM images;
 *
 * picture_size gives "640×480", turned as EXIF says. thumbnail(picture, side) is a PNG that fits
 * into side x side and is never larger than the picture; thumbnail(picture, side, 'rgb') is its
 * pixels for programs that draw: width and height as little-endian 32-bit numbers, then rows of
 * RGB, top first. A picture is a path or a file's bytes; of one that can't be read both are NULL.
 * They open files, so views and triggers may not call them.
 */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "image/encode_png.h"
#include "image/image.h"
#include "library/library.h"

enum { SIDE_MAX = 4096 };

/* The file's bytes: in *file when they had to be read. NULL: there are none. */
static const uint8_t *picture_bytes(
    const struct sql_value *picture, struct buf *file, size_t *bytes)
{
    struct err e = ERR_INIT;
    if (sql_value_type(picture) == SQL_BLOB) {
        *bytes = (size_t)sql_value_bytes(picture);
        return sql_value_blob(picture);
    }
    const char *path = sql_value_text(picture);
    if (path == NULL || file_read(path, LIMIT_PICTURE_FILE_BYTES, file, &e) != ST_OK) return NULL;
    *bytes = file->bytes;
    return (const uint8_t *)file->data;
}

static enum status call_size(struct sql_session *s, struct sql_value *const *args, int count,
    struct sql_result *out, struct err *e)
{
    (void)s, (void)count, (void)e;
    struct buf file;
    struct image_info info;
    size_t bytes = 0;
    char text[40];
    buf_init(&file);
    const uint8_t *data = picture_bytes(args[0], &file, &bytes);
    if (data != NULL && image_info_read(data, bytes, &info, NULL) == ST_OK) {
        bool turned = info.orientation >= 5; /* by a quarter */
        snprintf(text, sizeof text, "%d×%d", turned ? info.height : info.width,
            turned ? info.width : info.height);
        sql_result_text(out, text, -1);
    }
    buf_deinit(&file);
    return ST_OK;
}

/* im, oriented RGB, made to fit into side x side. */
static enum status shrink(struct image *im, int side, struct err *e)
{
    int longest = im->width > im->height ? im->width : im->height;
    if (longest <= side) return ST_OK;
    double scale = (double)side / longest;
    struct image small = {
        .width = (int)(im->width * scale + 0.5), .height = (int)(im->height * scale + 0.5)};
    if (small.width < 1) small.width = 1;
    if (small.height < 1) small.height = 1;
    enum status st = image_resize(im, IMAGE_BICUBIC, &small, e);
    if (st != ST_OK) return st;
    image_deinit(im);
    *im = small;
    return ST_OK;
}

static enum status make_small(
    const uint8_t *data, size_t bytes, int side, struct image *im, struct err *e)
{
    struct image_info info;
    enum status st = image_info_read(data, bytes, &info, e);
    if (st == ST_OK) st = image_decode(data, bytes, side, im, e);
    if (st == ST_OK) st = image_orient(im, info.orientation, e);
    if (st == ST_OK) st = image_to_rgb(im, IMAGE_ALPHA_WHITE, e);
    return st == ST_OK ? shrink(im, side, e) : st;
}

static void add_pixels(struct buf *out, const struct image *im)
{
    uint32_t sides[2] = {(uint32_t)im->width, (uint32_t)im->height};
    buf_add(out, sides, sizeof sides); /* little-endian, as all machines this is built for */
    buf_add(out, im->pixels, (size_t)im->width * (size_t)im->height * 3);
}

static enum status check_form(struct sql_value *const *args, int count, bool *pixels, struct err *e)
{
    int64_t side = sql_value_int(args[1]);
    const char *form = count > 2 ? sql_value_text(args[2]) : "png";
    if (side < 1 || side > SIDE_MAX)
        return err_set(e, ST_INVALID, "thumbnail: a side of %lld; 1 to %d are possible",
            (long long)side, SIDE_MAX);
    *pixels = form != NULL && strcmp(form, "rgb") == 0;
    if (*pixels || (form != NULL && strcmp(form, "png") == 0)) return ST_OK;
    return err_set(e, ST_INVALID, "thumbnail: the form is 'png' or 'rgb', not '%s'",
        form != NULL ? form : "NULL");
}

static enum status call_thumbnail(struct sql_session *s, struct sql_value *const *args, int count,
    struct sql_result *out, struct err *e)
{
    (void)s;
    struct buf file, made;
    struct image im = {0};
    size_t bytes = 0;
    bool pixels;
    enum status st = check_form(args, count, &pixels, e);
    if (st != ST_OK) return st;
    buf_init(&file);
    buf_init(&made);
    const uint8_t *data = picture_bytes(args[0], &file, &bytes);
    bool read =
        data != NULL && make_small(data, bytes, (int)sql_value_int(args[1]), &im, NULL) == ST_OK;
    if (read && pixels) add_pixels(&made, &im);
    if (read && !pixels) st = image_encode_png(&im, &made, e);
    if (read && st == ST_OK) st = buf_check(&made, e);
    if (read && st == ST_OK) sql_result_blob(out, made.data, (int64_t)made.bytes);
    image_deinit(&im);
    buf_deinit(&made);
    buf_deinit(&file);
    return st;
}

const struct sql_scalar SIZE_FUNCTION = {
    .name = "picture_size", .args_min = 1, .args_max = 1, .direct_only = true, .call = call_size};

const struct sql_scalar THUMBNAIL_FUNCTION = {
    .name = "thumbnail", .args_min = 2, .args_max = 3, .direct_only = true, .call = call_thumbnail};
