/* decode_bmp.c - Windows and OS/2 bitmaps, read by hand.
 *
 * File header of 14 bytes: "BM", file size, 4 reserved, offset of the pixels. Then a header that
 * begins with its own size: 12 bytes (OS/2 1: 16-bit sides, 3-byte palette entries) or 40 and more
 * (32-bit sides, compression, 4-byte entries; 52 and more hold the channel masks, else these follow
 * a 40-byte header). Rows are padded to 4 bytes and run bottom up unless the height is negative.
 * RLE8 and RLE4 are runs and literals of palette indices. Samples of n bits are scaled as v * 255 /
 * (2^n - 1), cut, as Pillow does; a fourth byte without a mask is no alpha. Source: Microsoft's
 * documentation of BITMAPV5HEADER.
 */
#include <string.h>

#include "base/mem.h"
#include "image/format.h"

enum {
    FILE_HEAD_BYTES = 14,
    CORE_BYTES = 12,
    INFO_BYTES = 40,
    V2_BYTES = 52,
    V3_BYTES = 56,
    COLOURS = 256,
};
enum compression { BMP_RGB = 0, BMP_RLE8 = 1, BMP_RLE4 = 2, BMP_FIELDS = 3, BMP_ALPHA_FIELDS = 6 };

struct bmp {
    const uint8_t *data;
    size_t bytes;
    size_t header_bytes;
    size_t pixels_at;
    int64_t width, height;
    bool top_down;
    unsigned bits, compression;
    uint32_t masks[4]; /* red, green, blue, alpha */
    uint8_t colours[COLOURS][3];
};

static unsigned get16(const uint8_t *p)
{
    return (unsigned)p[1] << 8 | p[0];
}

static uint32_t get32(const uint8_t *p)
{
    return (uint32_t)get16(p + 2) << 16 | get16(p);
}

static bool bmp_match(const uint8_t *data, size_t bytes)
{
    if (bytes < FILE_HEAD_BYTES + 4 || data[0] != 'B' || data[1] != 'M') return false;
    uint32_t header = get32(data + FILE_HEAD_BYTES);
    return header == CORE_BYTES || (header >= INFO_BYTES && header <= 256);
}

static enum status truncated(struct err *e)
{
    return err_set(e, ST_CORRUPT, "bmp is truncated: data ends before the picture does");
}

/* ---- headers ---- */

static enum status header_read(struct bmp *b, struct err *e)
{
    const uint8_t *h = b->data + FILE_HEAD_BYTES;
    b->header_bytes = get32(h);
    if (b->header_bytes > b->bytes - FILE_HEAD_BYTES) return truncated(e);
    b->pixels_at = get32(b->data + 10);
    b->compression = BMP_RGB;
    if (b->header_bytes == CORE_BYTES) {
        b->width = get16(h + 4);
        b->height = get16(h + 6);
        b->bits = get16(h + 10);
        return ST_OK;
    }
    b->width = (int32_t)get32(h + 4);
    b->height = (int32_t)get32(h + 8);
    b->bits = get16(h + 14);
    b->compression = get32(h + 16);
    b->top_down = b->height < 0;
    if (b->top_down) b->height = -b->height;
    return ST_OK;
}

static bool is_rle(const struct bmp *b)
{
    return (b->compression == BMP_RLE8 && b->bits == 8) ||
        (b->compression == BMP_RLE4 && b->bits == 4);
}

static bool has_fields(const struct bmp *b)
{
    return b->compression == BMP_FIELDS || b->compression == BMP_ALPHA_FIELDS;
}

static enum status form_check(const struct bmp *b, struct err *e)
{
    bool deep = b->bits == 16 || b->bits == 32;
    bool plain = b->bits == 1 || b->bits == 4 || b->bits == 8 || b->bits == 24 || deep;
    if (plain && b->compression == BMP_RGB) return ST_OK;
    if (deep && has_fields(b)) return ST_OK;
    if (is_rle(b) && !b->top_down) return ST_OK;
    return err_set(
        e, ST_UNSUPPORTED, "bmp of %u bits with compression %u", b->bits, b->compression);
}

/* The offset behind header and masks, where a palette begins; 0 when the file ends before. */
static size_t masks_read(struct bmp *b)
{
    static const uint32_t DEFAULT_16[4] = {0x7C00, 0x03E0, 0x001F, 0};
    static const uint32_t DEFAULT_32[4] = {0xFF0000, 0x00FF00, 0x0000FF, 0};
    size_t at = FILE_HEAD_BYTES + b->header_bytes;
    memcpy(b->masks, b->bits == 16 ? DEFAULT_16 : DEFAULT_32, sizeof b->masks);
    if (!has_fields(b)) return at;
    bool inside = b->header_bytes >= V2_BYTES;
    int count = (inside ? b->header_bytes >= V3_BYTES : b->compression == BMP_ALPHA_FIELDS) ? 4 : 3;
    size_t from = FILE_HEAD_BYTES + INFO_BYTES;
    if (!inside) at += 4U * (unsigned)count;
    if (at > b->bytes) return 0;
    for (int i = 0; i < count; i++) b->masks[i] = get32(b->data + from + 4U * (unsigned)i);
    return at;
}

static enum status palette_read(struct bmp *b, size_t at, struct err *e)
{
    size_t entry = b->header_bytes == CORE_BYTES ? 3 : 4, count = (size_t)1 << b->bits;
    uint32_t used = b->header_bytes == CORE_BYTES ? 0 : get32(b->data + FILE_HEAD_BYTES + 32);
    if (used > 0 && used < count) count = used;
    if (b->pixels_at > at && (b->pixels_at - at) / entry < count)
        count = (b->pixels_at - at) / entry;
    if (count * entry > b->bytes - at) return truncated(e);
    for (size_t i = 0; i < count; i++)
        for (size_t c = 0; c < 3; c++) b->colours[i][c] = b->data[at + i * entry + 2 - c];
    return ST_OK;
}

static enum status bmp_head_read(const uint8_t *data, size_t bytes, struct head *out, struct err *e)
{
    struct bmp b = {.data = data, .bytes = bytes};
    enum status st = header_read(&b, e);
    if (st == ST_OK) *out = (struct head){.width = b.width, .height = b.height};
    return st;
}

/* ---- pixels ---- */

static uint8_t *row_at(const struct bmp *b, struct image *out, int64_t y)
{
    int64_t row = b->top_down ? y : b->height - 1 - y;
    return out->pixels + (size_t)row * (size_t)out->width * (size_t)out->channels;
}

static void row_indexed(const struct bmp *b, const uint8_t *from, uint8_t *to)
{
    unsigned per_byte = 8 / b->bits, mask = (1U << b->bits) - 1;
    for (size_t x = 0; x < (size_t)b->width; x++, to += 3) {
        unsigned shift = (per_byte - 1 - (unsigned)(x % per_byte)) * b->bits;
        memcpy(to, b->colours[(unsigned)from[x / per_byte] >> shift & mask], 3);
    }
}

static void row_24(const struct bmp *b, const uint8_t *from, uint8_t *to)
{
    for (int64_t x = 0; x < b->width; x++, from += 3, to += 3) {
        to[0] = from[2];
        to[1] = from[1];
        to[2] = from[0];
    }
}

static uint8_t field(uint32_t pixel, uint32_t mask)
{
    if (mask == 0) return 0;
    int shift = __builtin_ctz(mask);
    return (uint8_t)((uint64_t)((pixel & mask) >> shift) * 255 / (mask >> shift));
}

static void row_masked(const struct bmp *b, const uint8_t *from, uint8_t *to, int channels)
{
    size_t step = b->bits / 8;
    for (int64_t x = 0; x < b->width; x++, from += step)
        for (int c = 0; c < channels; c++)
            *to++ = field(step == 2 ? get16(from) : get32(from), b->masks[c]);
}

static enum status rows_read(const struct bmp *b, struct image *out, struct err *e)
{
    size_t stride = ((size_t)b->width * b->bits + 31) / 32 * 4;
    size_t last = ((size_t)b->width * b->bits + 7) / 8; /* the last row's padding may be missing */
    if (b->pixels_at > b->bytes ||
        (size_t)(b->height - 1) * stride + last > b->bytes - b->pixels_at)
        return truncated(e);
    const uint8_t *from = b->data + b->pixels_at;
    for (int64_t y = 0; y < b->height; y++, from += stride) {
        uint8_t *to = row_at(b, out, y);
        if (b->bits <= 8)
            row_indexed(b, from, to);
        else if (b->bits == 24)
            row_24(b, from, to);
        else
            row_masked(b, from, to, out->channels);
    }
    return ST_OK;
}

/* ---- run lengths ---- */

struct rle {
    const struct bmp *b;
    struct image *out;
    int64_t x, y;
    size_t at;
};

static void rle_put(struct rle *r, unsigned index)
{
    if (r->x < r->b->width && r->y < r->b->height)
        memcpy(row_at(r->b, r->out, r->y) + r->x * 3, r->b->colours[index & 0xFF], 3);
    r->x++;
}

/* Pixel i of bytes that hold one index each, or two. */
static unsigned rle_index(const struct bmp *b, const uint8_t *bytes, unsigned i)
{
    if (b->bits == 8) return bytes[i];
    return i % 2 == 0 ? bytes[i / 2] >> 4 : bytes[i / 2] & 15U;
}

static void rle_repeat(struct rle *r, unsigned count, uint8_t value)
{
    uint8_t pair[2] = {value, value};
    for (unsigned i = 0; i < count; i++) rle_put(r, rle_index(r->b, pair, i % 2));
}

static bool rle_literal(struct rle *r, unsigned count)
{
    size_t bytes = (count * r->b->bits + 7) / 8;
    if (bytes > r->b->bytes - r->at) return false;
    for (unsigned i = 0; i < count; i++) rle_put(r, rle_index(r->b, r->b->data + r->at, i));
    r->at += bytes + bytes % 2;
    return true;
}

/* One code behind a zero byte: 0 ends the line, 1 the picture, 2 jumps, others count literals. */
static bool rle_escape(struct rle *r, unsigned code, bool *end)
{
    switch (code) {
    case 0:
        r->x = 0;
        r->y++;
        return true;
    case 1: *end = true; return true;
    case 2:
        if (r->b->bytes - r->at < 2) return false;
        r->x += r->b->data[r->at];
        r->y += r->b->data[r->at + 1];
        r->at += 2;
        return true;
    default: return rle_literal(r, code);
    }
}

static enum status rle_read(const struct bmp *b, struct image *out, struct err *e)
{
    struct rle r = {.b = b, .out = out, .at = b->pixels_at};
    bool end = false;
    for (int64_t y = 0; y < b->height; y++) /* what no run covers has colour 0 */
        for (int64_t x = 0; x < b->width; x++) memcpy(row_at(b, out, y) + 3 * x, b->colours[0], 3);
    while (!end && r.y < b->height) {
        if (r.at >= b->bytes || b->bytes - r.at < 2) return truncated(e);
        unsigned count = b->data[r.at];
        uint8_t value = b->data[r.at + 1];
        r.at += 2;
        if (count > 0)
            rle_repeat(&r, count, value);
        else if (!rle_escape(&r, value, &end))
            return truncated(e);
        if (r.at > b->bytes) return truncated(e);
    }
    return ST_OK;
}

static enum status bmp_decode(struct source *src, struct image *out, struct err *e)
{
    struct bmp b = {.data = src->data, .bytes = src->bytes};
    enum status st = header_read(&b, e);
    if (st == ST_OK) st = format_size_check("bmp", b.width, b.height, e);
    if (st == ST_OK) st = form_check(&b, e);
    if (st != ST_OK) return st;
    size_t palette_at = masks_read(&b);
    if (palette_at == 0) return truncated(e);
    if (b.bits <= 8) st = palette_read(&b, palette_at, e);
    int channels = has_fields(&b) && b.masks[3] != 0 ? 4 : 3;
    if (st == ST_OK) st = image_init(out, (int)b.width, (int)b.height, channels, e);
    if (st == ST_OK) st = is_rle(&b) ? rle_read(&b, out, e) : rows_read(&b, out, e);
    if (st != ST_OK) image_deinit(out);
    return st;
}

const struct format_row format_bmp = {
    .name = "bmp",
    .extensions = {"bmp", "dib"},
    .match = bmp_match,
    .head_read = bmp_head_read,
    .decode = bmp_decode,
};
