/* prepare.c - from the bytes of a file to the pixels a model wants.
 *
 * decode (JPEG at the smallest scale that keeps OVERSAMPLE times the target) -> orient -> RGB ->
 * resample, only the part that the crop keeps.
 *
 * A scaled decode is not the exact picture, for two reasons. Its sides are rounded up, so its last
 * pixel is covered in part only: the resampler is told the true span, and the picture lies where
 * the exact way puts it (without this, mean differences of 1 to 4 of 255 were measured). And it is
 * an average over boxes of full pixels, which blurs. Mean difference of 224-pixel-like results from
 * the exact ones, nine photographs, by how many times the target's side was decoded: 2x 0.51, 3x
 * 0.29, 4x 0.21, 5x 0.17, 6x 0.14 (M = 4). Decoding is mostly entropy decoding, so 4x costs a tenth
 * more than 2x.
 */
#include "base/limits.h"
#include "image/format.h"
#include "image/orient.h"
#include "image/resample.h"

enum { OVERSAMPLE = 4 }; /* a scaled decode keeps this many times the target's pixels a side */

struct target {
    int full_width, full_height; /* of the upright picture */
    int eighths;                 /* of it that were decoded */
    int64_t width, height;       /* of the whole resized picture */
    int x, y;                    /* of the crop */
};

static enum status spec_check(const struct image_spec *spec, struct err *e)
{
    int w = spec->width, h = spec->height, side = spec->resize;
    if (w <= 0 || h <= 0 || w > LIMIT_PICTURE_SIDE || h > LIMIT_PICTURE_SIDE)
        return err_set(e, ST_INVALID, "can't make pictures of %d x %d: sides are 1 to %d", w, h,
            LIMIT_PICTURE_SIDE);
    if (!spec->stretch && (side < w || side < h || side > LIMIT_PICTURE_SIDE / 4))
        return err_set(
            e, ST_INVALID, "can't crop %d x %d from a picture resized to %d", w, h, side);
    return ST_OK;
}

/* (outer - inner) / 2, a half going down or to the even side. */
static int crop_offset(int64_t outer, int inner, bool down)
{
    int64_t extra = outer - inner, half = extra / 2;
    if (!down && extra % 2 == 1 && half % 2 == 1) half++;
    return (int)half;
}

/* width and height are those of the upright picture at full size. */
static struct target target_find(const struct image_spec *spec, int width, int height)
{
    struct target t = {.full_width = width,
        .full_height = height,
        .eighths = 8,
        .width = spec->width,
        .height = spec->height};
    if (spec->stretch) return t;
    int64_t w = width, h = height, side = spec->resize;
    t.width = w <= h ? side : side * w / h;
    t.height = h <= w ? side : side * h / w;
    t.x = crop_offset(t.width, spec->width, spec->crop_floor);
    t.y = crop_offset(t.height, spec->height, spec->crop_floor);
    return t;
}

/* How long the shorter side of the decoded picture must be at least. */
static int hint_find(const struct image_spec *spec, const struct target *t)
{
    if (spec->exact_decode) return 0;
    int64_t width = t->full_width, height = t->full_height, side = width < height ? width : height;
    int64_t by_width = (OVERSAMPLE * t->width * side + width - 1) / width;
    int64_t by_height = (OVERSAMPLE * t->height * side + height - 1) / height;
    int64_t most = by_width > by_height ? by_width : by_height;
    return (int)(most < INT32_MAX ? most : INT32_MAX);
}

static void grey_to_rgb(uint8_t *pixels, size_t count)
{
    for (size_t i = count; i-- > 0;)
        pixels[3 * i] = pixels[3 * i + 1] = pixels[3 * i + 2] = pixels[i];
}

static double span(int full, int eighths, int have)
{
    double covered = (double)full * eighths / 8;
    return covered < have ? covered : have;
}

/* What of the decoded picture is turned and resampled to what. */
static struct resample resample_of(const struct image *im, const struct image_spec *spec,
    const struct target *t, const struct orientation *turn)
{
    int width = turn->swap ? im->height : im->width, height = turn->swap ? im->width : im->height;
    struct resample r = {.in = im,
        .turn = turn,
        .span_x = span(t->full_width, t->eighths, width),
        .span_y = span(t->full_height, t->eighths, height),
        .width = t->width,
        .height = t->height,
        .x = t->x,
        .y = t->y,
        .part_width = spec->width,
        .part_height = spec->height,
        .filter = spec->filter};
    /* The pixel that is covered in part was the last one as stored. */
    if (turn->back_x) r.from_x = width - r.span_x;
    if (turn->back_y) r.from_y = height - r.span_y;
    return r;
}

/* Grey is resampled in one channel and spread afterwards: the bytes are the same. */
static enum status resample_part(
    struct image *im, const struct resample *r, enum image_alpha alpha, uint8_t *out, struct err *e)
{
    enum status st = im->channels == 4 ? image_to_rgb(im, alpha, e) : ST_OK;
    if (st == ST_OK) st = resample_run(r, out, e);
    if (st == ST_OK && im->channels == 1)
        grey_to_rgb(out, (size_t)r->part_width * (size_t)r->part_height);
    return st;
}

enum status image_prepare(const uint8_t *data, size_t bytes, const struct image_spec *spec,
    uint8_t *out, struct image_info *info, struct err *e)
{
    struct image_info own;
    struct image im = {0};
    if (info == NULL) info = &own;
    enum status st = spec_check(spec, e);
    if (st == ST_OK) st = image_info_read(data, bytes, info, e);
    if (st != ST_OK) return st;
    const struct orientation *turn =
        orientation_find(spec->ignore_orientation ? 1 : info->orientation);
    struct target target = target_find(
        spec, turn->swap ? info->height : info->width, turn->swap ? info->width : info->height);
    struct source src = {.data = data, .bytes = bytes, .hint_side = hint_find(spec, &target)};
    st = format_decode(&src, &im, e);
    if (st == ST_OK) {
        target.eighths = src.eighths;
        struct resample r = resample_of(&im, spec, &target, turn);
        st = resample_part(&im, &r, spec->alpha, out, e);
    }
    image_deinit(&im);
    return st;
}
