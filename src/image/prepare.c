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
#include "image/convert.h"
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

/* Everything one picture needs on its way. */
struct way {
    const struct image_spec *spec;
    struct source src;
    struct target target;
    const struct orientation *turn;
    uint8_t *out;
    struct image shape; /* of the rows that reach the resampler */
    int channels;       /* as decoded; 4 become 3 on the way */
    struct resampler *resampler;
};

static enum status way_begin(void *user, const struct image *shape, struct err *e)
{
    struct way *w = user;
    w->shape = *shape;
    w->channels = shape->channels;
    if (w->channels == 4) w->shape.channels = 3;
    w->target.eighths = w->src.eighths;
    struct resample r = resample_of(&w->shape, w->spec, &w->target, w->turn);
    return resampler_open(&r, w->out, &w->resampler, e);
}

static enum status way_rows(void *user, uint8_t *rows, int count, struct err *e)
{
    struct way *w = user;
    size_t pixels = (size_t)w->shape.width * (size_t)count;
    (void)e;
    if (w->channels == 4) convert_from_rgba(rows, pixels, w->spec->alpha);
    resampler_push(w->resampler, rows, count);
    return ST_OK;
}

/* Row by row from the decoder to the resampler: the picture is never whole in memory. */
static enum status prepare_streamed(const struct format_row *row, struct way *w, struct err *e)
{
    struct sink sink = {.begin = way_begin, .rows = way_rows, .user = w};
    w->src.eighths = 8;
    enum status st = row->stream(&w->src, &sink, e);
    resampler_close(w->resampler);
    return st;
}

static enum status prepare_whole(const struct format_row *row, struct way *w, struct err *e)
{
    struct image im;
    enum status st = format_decode(row, &w->src, &im, e);
    if (st == ST_OK && im.channels == 4) st = image_to_rgb(&im, w->spec->alpha, e);
    if (st == ST_OK) {
        w->channels = im.channels;
        w->target.eighths = w->src.eighths;
        struct resample r = resample_of(&im, w->spec, &w->target, w->turn);
        st = resample_run(&r, w->out, e);
    }
    image_deinit(&im);
    return st;
}

enum status image_prepare(const uint8_t *data, size_t bytes, const struct image_spec *spec,
    uint8_t *out, struct image_info *info, struct err *e)
{
    struct image_info own;
    if (info == NULL) info = &own;
    enum status st = spec_check(spec, e);
    if (st == ST_OK) st = image_info_read(data, bytes, info, e);
    if (st != ST_OK) return st;
    struct way w = {.spec = spec, .out = out, .src = {.data = data, .bytes = bytes}};
    w.turn = orientation_find(spec->ignore_orientation ? 1 : info->orientation);
    w.target = target_find(
        spec, w.turn->swap ? info->height : info->width, w.turn->swap ? info->width : info->height);
    w.src.hint_side = hint_find(spec, &w.target);
    const struct format_row *row = format_row(info->format);
    bool streamed = row->stream != NULL && !orientation_turns(w.turn);
    st = streamed ? prepare_streamed(row, &w, e) : prepare_whole(row, &w, e);
    if (st == ST_OK && w.channels == 1)
        grey_to_rgb(out, (size_t)spec->width * (size_t)spec->height);
    return st;
}
