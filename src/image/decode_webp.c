/* decode_webp.c - WebP, by libwebp and its demuxer; the only file that includes them.
 *
 * A still picture is a file of one frame. Of an animation the first frame is drawn on its canvas,
 * which is transparent where the frame does not reach. RGBA comes out when there is alpha or such a
 * margin.
 */
#include <string.h>

#include <webp/decode.h>
#include <webp/demux.h>

#include "image/format.h"

enum { RIFF_HEAD_BYTES = 12, CHUNK_HEAD_BYTES = 8 };

static bool webp_match(const uint8_t *data, size_t bytes)
{
    return bytes >= RIFF_HEAD_BYTES && memcmp(data, "RIFF", 4) == 0 &&
        memcmp(data + 8, "WEBP", 4) == 0;
}

static uint32_t get32(const uint8_t *p)
{
    return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static void exif_set(const uint8_t *data, size_t bytes, struct head *out)
{
    bool prefixed =
        bytes > 6 && memcmp(data, "Exif\0", 6) == 0; /* some writers keep JPEG's prefix */
    out->exif = data + (prefixed ? 6 : 0);
    out->exif_bytes = bytes - (prefixed ? 6 : 0);
}

static enum status webp_err(VP8StatusCode code, struct err *e)
{
    switch (code) {
    case VP8_STATUS_OUT_OF_MEMORY: return err_set(e, ST_NO_MEMORY, "out of memory in webp decoder");
    case VP8_STATUS_UNSUPPORTED_FEATURE:
        return err_set(e, ST_UNSUPPORTED, "webp uses an unknown feature");
    case VP8_STATUS_SUSPENDED:
    case VP8_STATUS_NOT_ENOUGH_DATA:
        return err_set(e, ST_CORRUPT, "webp is truncated: data ends before the picture does");
    default: return err_set(e, ST_CORRUPT, "webp bitstream is damaged");
    }
}

static enum status webp_head_read(
    const uint8_t *data, size_t bytes, struct head *out, struct err *e)
{
    WebPBitstreamFeatures features;
    VP8StatusCode code = WebPGetFeatures(data, bytes, &features);
    if (code != VP8_STATUS_OK) return webp_err(code, e);
    *out = (struct head){.width = features.width, .height = features.height};
    size_t at = RIFF_HEAD_BYTES;
    while (bytes - at >= CHUNK_HEAD_BYTES) {
        size_t length = get32(data + at + 4);
        if (length > bytes - at - CHUNK_HEAD_BYTES) break;
        if (memcmp(data + at, "EXIF", 4) == 0) exif_set(data + at + CHUNK_HEAD_BYTES, length, out);
        at += CHUNK_HEAD_BYTES + length;
        if (length % 2 == 1 && at < bytes) at++;
    }
    return ST_OK;
}

/* Decodes the frame straight into its place on the canvas. */
static enum status frame_draw(const WebPIterator *frame, struct image *canvas, struct err *e)
{
    WebPDecoderConfig config;
    if (!WebPInitDecoderConfig(&config))
        return err_set(e, ST_INTERNAL, "libwebp is of another version");
    size_t stride = (size_t)canvas->width * (size_t)canvas->channels;
    size_t skip = (size_t)frame->y_offset * stride + (size_t)(frame->x_offset * canvas->channels);
    config.output.colorspace = canvas->channels == 4 ? MODE_RGBA : MODE_RGB;
    config.output.is_external_memory = 1;
    config.output.u.RGBA.rgba = canvas->pixels + skip;
    config.output.u.RGBA.stride = (int)stride;
    config.output.u.RGBA.size = (size_t)canvas->height * stride - skip;
    VP8StatusCode code = WebPDecode(frame->fragment.bytes, frame->fragment.size, &config);
    WebPFreeDecBuffer(&config.output);
    return code == VP8_STATUS_OK ? ST_OK : webp_err(code, e);
}

static enum status decode_with(
    const WebPDemuxer *webp, const WebPIterator *frame, struct image *out, struct err *e)
{
    uint32_t width = WebPDemuxGetI(webp, WEBP_FF_CANVAS_WIDTH);
    uint32_t height = WebPDemuxGetI(webp, WEBP_FF_CANVAS_HEIGHT);
    enum status st = format_size_check("webp", width, height, e);
    if (st != ST_OK) return st;
    bool covers = frame->width == (int)width && frame->height == (int)height;
    st = image_init(out, (int)width, (int)height, covers && !frame->has_alpha ? 3 : 4, e);
    if (st != ST_OK) return st;
    if (!covers) memset(out->pixels, 0, (size_t)width * height * 4);
    return frame_draw(frame, out, e);
}

static enum status webp_decode(struct source *src, struct image *out, struct err *e)
{
    WebPData data = {src->data, src->bytes};
    WebPDemuxState state;
    WebPIterator frame;
    WebPDemuxer *webp = WebPDemuxPartial(&data, &state);
    if (webp == NULL || state == WEBP_DEMUX_PARSING_HEADER || state == WEBP_DEMUX_PARSED_HEADER) {
        WebPDemuxDelete(webp);
        return webp_err(state == WEBP_DEMUX_PARSE_ERROR ? VP8_STATUS_BITSTREAM_ERROR
                                                        : VP8_STATUS_NOT_ENOUGH_DATA,
            e);
    }
    enum status st = ST_OK;
    if (WebPDemuxGetFrame(webp, 1, &frame)) {
        st = frame.complete ? decode_with(webp, &frame, out, e)
                            : webp_err(VP8_STATUS_NOT_ENOUGH_DATA, e);
        WebPDemuxReleaseIterator(&frame);
    } else {
        st = err_set(e, ST_CORRUPT, "webp holds no frame");
    }
    WebPDemuxDelete(webp);
    if (st != ST_OK) image_deinit(out);
    return st;
}

const struct format_row format_webp = {
    .name = "webp",
    .extensions = {"webp"},
    .match = webp_match,
    .head_read = webp_head_read,
    .decode = webp_decode,
};
