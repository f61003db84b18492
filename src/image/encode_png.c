/* encode_png.c - writes PNG by libspng. */
#include "image/encode_png.h"

#include <spng.h>

static int on_write(spng_ctx *png, void *user, void *data, size_t bytes)
{
    struct buf *out = user;
    (void)png;
    buf_add(out, data, bytes);
    return out->failed ? SPNG_IO_ERROR : 0;
}

static enum status encode_with(
    spng_ctx *png, const struct image *im, struct buf *out, struct err *e)
{
    static const uint8_t COLOUR_TYPE[] = {[1] = SPNG_COLOR_TYPE_GRAYSCALE,
        [3] = SPNG_COLOR_TYPE_TRUECOLOR,
        [4] = SPNG_COLOR_TYPE_TRUECOLOR_ALPHA};
    struct spng_ihdr ihdr = {.width = (uint32_t)im->width,
        .height = (uint32_t)im->height,
        .bit_depth = 8,
        .color_type = COLOUR_TYPE[im->channels]};
    size_t bytes = (size_t)im->width * (size_t)im->height * (size_t)im->channels;
    int code = spng_set_png_stream(png, on_write, out);
    if (code == 0) code = spng_set_ihdr(png, &ihdr);
    if (code == 0)
        code = spng_encode_image(png, im->pixels, bytes, SPNG_FMT_PNG, SPNG_ENCODE_FINALIZE);
    if (out->failed) return buf_check(out, e);
    return code == 0 ? ST_OK : err_set(e, ST_INTERNAL, "png encoder: %s", spng_strerror(code));
}

enum status image_encode_png(const struct image *im, struct buf *out, struct err *e)
{
    spng_ctx *png = spng_ctx_new(SPNG_CTX_ENCODER);
    if (png == NULL) return err_set(e, ST_NO_MEMORY, "out of memory in png encoder");
    enum status st = encode_with(png, im, out, e);
    spng_ctx_free(png);
    return st;
}
