/* decode_png.c - PNG, by libspng (whose other half is in encode_png.c).
 *
 * What comes out: grey stays 1 channel, colour and palettes become RGB, anything with transparency
 * (alpha, or a tRNS chunk) becomes RGBA with the hidden colours kept. 16-bit samples are read whole
 * and divided by 257 with rounding; libspng's own narrowing would cut. Of an animated PNG the
 * default image is read. A wrong CRC in a chunk that matters, and a file that ends before its IEND,
 * are errors.
 */
#include <string.h>

#include <spng.h>

#include "base/mem.h"
#include "image/convert.h"
#include "image/format.h"

enum { SIGNATURE_BYTES = 8, CHUNK_FRAME_BYTES = 12, IHDR_END = 33, METADATA_BYTES_MAX = 64 << 20 };

static const uint8_t SIGNATURE[SIGNATURE_BYTES] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};

static bool png_match(const uint8_t *data, size_t bytes)
{
    return bytes >= SIGNATURE_BYTES && memcmp(data, SIGNATURE, SIGNATURE_BYTES) == 0;
}

static uint32_t get32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static enum status png_head_read(const uint8_t *data, size_t bytes, struct head *out, struct err *e)
{
    size_t at = SIGNATURE_BYTES;
    if (bytes < IHDR_END) return err_set(e, ST_CORRUPT, "png is truncated: %zu bytes", bytes);
    if (memcmp(data + at + 4, "IHDR", 4) != 0)
        return err_set(e, ST_CORRUPT, "png does not begin with IHDR");
    *out = (struct head){.width = get32(data + at + 8), .height = get32(data + at + 12)};
    while (bytes - at >= CHUNK_FRAME_BYTES && memcmp(data + at + 4, "IEND", 4) != 0) {
        size_t length = get32(data + at);
        if (length > bytes - at - CHUNK_FRAME_BYTES) break;
        if (memcmp(data + at + 4, "eXIf", 4) == 0) {
            out->exif = data + at + 8;
            out->exif_bytes = length;
        }
        at += CHUNK_FRAME_BYTES + length;
    }
    return ST_OK;
}

static enum status png_err(int code, struct err *e)
{
    switch (code) {
    case SPNG_EMEM: return err_set(e, ST_NO_MEMORY, "out of memory in png decoder");
    case SPNG_IO_EOF:
    case SPNG_EOF:
    case SPNG_EIDAT_TOO_SHORT:
        return err_set(e, ST_CORRUPT, "png is truncated: data ends before the picture does");
    case SPNG_ECHUNK_CRC: return err_set(e, ST_CORRUPT, "png chunk has a bad CRC");
    case SPNG_EIDAT_STREAM: return err_set(e, ST_CORRUPT, "png pixel data is damaged");
    case SPNG_ECHUNK_LIMITS:
        return err_set(
            e, ST_LIMIT, "png metadata exceeds the limit of %d bytes", METADATA_BYTES_MAX);
    default: return err_set(e, ST_CORRUPT, "png: %s", spng_strerror(code));
    }
}

/* How a file's samples are asked for. */
struct layout {
    int format, flags;
    int channels;
    bool wide; /* 16 bits a sample */
};

static struct layout layout_of(const struct spng_ihdr *ihdr, bool has_trns)
{
    bool wide = ihdr->bit_depth == 16;
    bool alpha = has_trns || ihdr->color_type == SPNG_COLOR_TYPE_GRAYSCALE_ALPHA ||
        ihdr->color_type == SPNG_COLOR_TYPE_TRUECOLOR_ALPHA;
    if (alpha)
        return (struct layout){wide ? SPNG_FMT_RGBA16 : SPNG_FMT_RGBA8, SPNG_DECODE_TRNS, 4, wide};
    if (ihdr->color_type == SPNG_COLOR_TYPE_GRAYSCALE)
        return (struct layout){wide ? SPNG_FMT_PNG : SPNG_FMT_G8, 0, 1, wide};
    return (struct layout){wide ? SPNG_FMT_PNG : SPNG_FMT_RGB8, 0, 3, wide};
}

struct rows {
    spng_ctx *png;
    struct layout layout;
    struct image shape;
    uint16_t *wide; /* a strip of 16-bit samples */
    uint8_t *strip;
    const struct sink *sink;
};

static size_t row_samples(const struct rows *r)
{
    return (size_t)r->shape.width * (size_t)r->shape.channels;
}

/* One row of a picture that is not interlaced, into place `i` of the strip. */
static int row_read(struct rows *r, int i)
{
    size_t samples = row_samples(r);
    uint8_t *to = r->strip + (size_t)i * samples;
    if (!r->layout.wide) return spng_decode_row(r->png, to, samples);
    int code = spng_decode_row(r->png, r->wide, samples * 2);
    if (code == 0 || code == SPNG_EOI) convert_from_16(to, r->wide, samples);
    return code;
}

static enum status rows_plain(struct rows *r, struct err *e)
{
    enum status st = ST_OK;
    int flags = r->layout.flags | SPNG_DECODE_PROGRESSIVE;
    int code = spng_decode_image(r->png, NULL, 0, r->layout.format, flags);
    if (code != 0) return png_err(code, e);
    for (int row = 0; row < r->shape.height && st == ST_OK;) {
        int count = 0;
        for (; count < FORMAT_STRIP_ROWS && row < r->shape.height; count++, row++) {
            code = row_read(r, count);
            if (code != 0 && code != SPNG_EOI) return png_err(code, e);
        }
        st = r->sink->rows(r->sink->user, r->strip, count, e);
    }
    return st;
}

/* An interlaced picture is whole only with its last pass: all of it is kept, then handed on. */
static enum status rows_interlaced(struct rows *r, struct err *e)
{
    size_t samples = row_samples(r), sample_bytes = r->layout.wide ? 2 : 1;
    size_t bytes = samples * (size_t)r->shape.height * sample_bytes;
    uint8_t *whole = mem_alloc_aligned(bytes);
    if (whole == NULL) return mem_err(e, bytes);
    int code = spng_decode_image(r->png, whole, bytes, r->layout.format, r->layout.flags);
    enum status st = code == 0 ? ST_OK : png_err(code, e);
    for (int row = 0; row < r->shape.height && st == ST_OK; row += FORMAT_STRIP_ROWS) {
        int left = r->shape.height - row,
            count = left < FORMAT_STRIP_ROWS ? left : FORMAT_STRIP_ROWS;
        const uint8_t *from = whole + (size_t)row * samples * sample_bytes;
        if (r->layout.wide)
            convert_from_16(
                r->strip, (const uint16_t *)(const void *)from, (size_t)count * samples);
        else
            memcpy(r->strip, from, (size_t)count * samples);
        st = r->sink->rows(r->sink->user, r->strip, count, e);
    }
    mem_free_aligned(whole);
    return st;
}

static enum status rows_read(struct rows *r, bool interlaced, struct err *e)
{
    size_t strip_bytes = row_samples(r) * FORMAT_STRIP_ROWS;
    enum status st = ST_OK;
    r->strip = mem_alloc_aligned(strip_bytes);
    if (r->layout.wide) r->wide = mem_alloc(row_samples(r) * 2);
    if (r->strip == NULL || (r->layout.wide && r->wide == NULL)) st = mem_err(e, strip_bytes);
    if (st == ST_OK) st = r->sink->begin(r->sink->user, &r->shape, e);
    if (st == ST_OK) st = interlaced ? rows_interlaced(r, e) : rows_plain(r, e);
    mem_free_aligned(r->strip);
    mem_free(r->wide);
    return st;
}

static enum status stream_with(
    spng_ctx *png, const struct source *src, const struct sink *sink, struct err *e)
{
    struct spng_ihdr ihdr;
    struct spng_trns trns;
    int code = spng_set_png_buffer(png, src->data, src->bytes);
    if (code == 0) code = spng_set_chunk_limits(png, METADATA_BYTES_MAX, METADATA_BYTES_MAX);
    if (code == 0) code = spng_get_ihdr(png, &ihdr);
    if (code != 0) return png_err(code, e);
    code = spng_get_trns(png, &trns);
    if (code != 0 && code != SPNG_ECHUNKAVAIL) return png_err(code, e);
    struct rows rows = {.png = png, .layout = layout_of(&ihdr, code == 0), .sink = sink};
    rows.shape = (struct image){
        .width = (int)ihdr.width, .height = (int)ihdr.height, .channels = rows.layout.channels};
    enum status st = rows_read(&rows, ihdr.interlace_method != SPNG_INTERLACE_NONE, e);
    if (st != ST_OK) return st;
    code = spng_decode_chunks(png); /* up to IEND: the last CRC, and whether anything is missing */
    return code == 0 ? ST_OK : png_err(code, e);
}

static enum status png_stream(struct source *src, const struct sink *sink, struct err *e)
{
    struct head head;
    enum status st = png_head_read(src->data, src->bytes, &head, e);
    if (st == ST_OK) st = format_size_check("png", head.width, head.height, e);
    if (st != ST_OK) return st;
    spng_ctx *png = spng_ctx_new(0);
    if (png == NULL) return err_set(e, ST_NO_MEMORY, "out of memory in png decoder");
    st = stream_with(png, src, sink, e);
    spng_ctx_free(png);
    return st;
}

const struct format_row format_png = {
    .name = "png",
    .extensions = {"png", "apng"},
    .match = png_match,
    .head_read = png_head_read,
    .stream = png_stream,
};
