/* decode_gif.c - the first picture of a GIF, by giflib; the only file that includes it.
 *
 * The picture is drawn on its canvas, which is the screen of the file, enlarged when the picture
 * reaches over its edge. What the picture leaves free has the transparent colour when there is one,
 * else colour 0. Transparency gives RGBA with the palette's colour kept underneath. Later pictures
 * are not read.
 */
#include <string.h>

#include <gif_lib.h>

#include "base/mem.h"
#include "image/format.h"

enum { SCREEN_BYTES = 13, FRAME_BYTES = 10, COLOURS = 256 };
enum { BLOCK_EXTENSION = 0x21, BLOCK_PICTURE = 0x2C };

static bool gif_match(const uint8_t *data, size_t bytes)
{
    return bytes >= 6 && (memcmp(data, "GIF87a", 6) == 0 || memcmp(data, "GIF89a", 6) == 0);
}

/* ---- the head, without giflib ---- */

static int get16(const uint8_t *p)
{
    return p[0] | p[1] << 8;
}

static size_t table_bytes(uint8_t flags)
{
    return flags & 0x80 ? (size_t)3 << ((flags & 7) + 1) : 0;
}

/* The first image descriptor, behind any extensions; NULL when there is none. */
static const uint8_t *frame_find(const uint8_t *data, size_t bytes)
{
    size_t at = SCREEN_BYTES + table_bytes(data[10]);
    while (at < bytes && data[at] == BLOCK_EXTENSION) {
        at += 2;
        while (at < bytes && data[at] != 0) at += 1U + data[at];
        at++;
    }
    bool found = at < bytes && bytes - at >= FRAME_BYTES && data[at] == BLOCK_PICTURE;
    return found ? data + at : NULL;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static enum status gif_head_read(const uint8_t *data, size_t bytes, struct head *out, struct err *e)
{
    if (bytes < SCREEN_BYTES) return err_set(e, ST_CORRUPT, "gif is truncated: %zu bytes", bytes);
    const uint8_t *frame = frame_find(data, bytes);
    if (frame == NULL) return err_set(e, ST_CORRUPT, "gif holds no picture in %zu bytes", bytes);
    *out = (struct head){.width = get16(frame + 5), .height = get16(frame + 7)};
    if (out->width == 0 || out->height == 0) return ST_OK; /* refused as a picture without pixels */
    out->width = larger(get16(data + 6), get16(frame + 1) + out->width);
    out->height = larger(get16(data + 8), get16(frame + 3) + out->height);
    return ST_OK;
}

/* ---- decoding ---- */

struct input {
    const uint8_t *data;
    size_t bytes, at;
};

static int on_read(GifFileType *gif, GifByteType *to, int bytes)
{
    struct input *in = gif->UserData;
    size_t left = in->bytes - in->at, n = (size_t)bytes < left ? (size_t)bytes : left;
    memcpy(to, in->data + in->at, n);
    in->at += n;
    return (int)n;
}

static enum status gif_err(int code, struct err *e)
{
    const char *text = GifErrorString(code);
    switch (code) {
    case D_GIF_ERR_NOT_ENOUGH_MEM: return err_set(e, ST_NO_MEMORY, "out of memory in gif decoder");
    case D_GIF_ERR_READ_FAILED:
    case D_GIF_ERR_EOF_TOO_SOON:
        return err_set(e, ST_CORRUPT, "gif is truncated: data ends before the picture does");
    default: return err_set(e, ST_CORRUPT, "gif: %s", text != NULL ? text : "damaged");
    }
}

/* Notes the transparent colour that an extension before the first picture names. */
static int extension_read(GifFileType *gif, int *transparent)
{
    int code;
    GifByteType *block;
    GraphicsControlBlock control;
    int rc = DGifGetExtension(gif, &code, &block);
    while (rc == GIF_OK && block != NULL) {
        bool is_control = code == GRAPHICS_EXT_FUNC_CODE && block[0] == 4;
        if (is_control && DGifExtensionToGCB(4, block + 1, &control) == GIF_OK)
            *transparent = control.TransparentColor;
        rc = DGifGetExtensionNext(gif, &block);
    }
    return rc;
}

/* Reads up to and with the first image descriptor. */
static enum status frame_seek(GifFileType *gif, int *transparent, struct err *e)
{
    GifRecordType type = UNDEFINED_RECORD_TYPE;
    *transparent = NO_TRANSPARENT_COLOR;
    while (type != IMAGE_DESC_RECORD_TYPE) {
        int rc = DGifGetRecordType(gif, &type);
        if (rc == GIF_OK && type == EXTENSION_RECORD_TYPE) rc = extension_read(gif, transparent);
        if (rc != GIF_OK) return gif_err(gif->Error, e);
        if (type == TERMINATE_RECORD_TYPE) return err_set(e, ST_CORRUPT, "gif holds no picture");
    }
    return DGifGetImageDesc(gif) == GIF_OK ? ST_OK : gif_err(gif->Error, e);
}

/* RGBA of each index. A file without any palette means grey. */
static void colours_set(const GifFileType *gif, int transparent, uint8_t colours[COLOURS][4])
{
    const ColorMapObject *map = gif->Image.ColorMap != NULL ? gif->Image.ColorMap : gif->SColorMap;
    for (int i = 0; i < COLOURS; i++) {
        bool known = map != NULL && i < map->ColorCount;
        uint8_t grey = map == NULL ? (uint8_t)i : 0;
        colours[i][0] = known ? map->Colors[i].Red : grey;
        colours[i][1] = known ? map->Colors[i].Green : grey;
        colours[i][2] = known ? map->Colors[i].Blue : grey;
        colours[i][3] = i == transparent ? 0 : 255;
    }
}

static void row_draw(
    uint8_t *to, const uint8_t *indices, const uint8_t colours[COLOURS][4], int width, int channels)
{
    for (int x = 0; x < width; x++, to += channels)
        memcpy(to, colours[indices[x]], (size_t)channels);
}

static void row_fill(struct image *im, int y, const uint8_t colour[4])
{
    uint8_t *to = im->pixels + (size_t)y * (size_t)im->width * (size_t)im->channels;
    for (int x = 0; x < im->width; x++, to += im->channels)
        memcpy(to, colour, (size_t)im->channels);
}

/* The four passes of an interlaced picture; a plain one is the last row alone. */
static const struct pass {
    int first, step;
} PASSES[] = {{0, 8}, {4, 8}, {2, 4}, {1, 2}, {0, 1}};

static enum status rows_read(GifFileType *gif, const uint8_t colours[COLOURS][4], uint8_t *indices,
    struct image *out, struct err *e)
{
    const GifImageDesc *frame = &gif->Image;
    size_t stride = (size_t)out->width * (size_t)out->channels;
    uint8_t *origin =
        out->pixels + (size_t)frame->Top * stride + (size_t)(frame->Left * out->channels);
    int pass = frame->Interlace ? 0 : 4, end = frame->Interlace ? 4 : 5;
    for (; pass < end; pass++) {
        for (int y = PASSES[pass].first; y < frame->Height; y += PASSES[pass].step) {
            if (DGifGetLine(gif, indices, frame->Width) != GIF_OK) return gif_err(gif->Error, e);
            row_draw(origin + (size_t)y * stride, indices, colours, frame->Width, out->channels);
        }
    }
    return ST_OK;
}

static enum status frame_draw(GifFileType *gif, int transparent, struct image *out, struct err *e)
{
    uint8_t colours[COLOURS][4];
    bool clear = transparent >= 0 && transparent < COLOURS;
    int64_t width = larger(gif->SWidth, (int64_t)gif->Image.Left + gif->Image.Width);
    int64_t height = larger(gif->SHeight, (int64_t)gif->Image.Top + gif->Image.Height);
    enum status st = format_size_check("gif", gif->Image.Width, gif->Image.Height, e);
    if (st == ST_OK) st = format_size_check("gif", width, height, e);
    if (st == ST_OK) st = image_init(out, (int)width, (int)height, clear ? 4 : 3, e);
    if (st != ST_OK) return st;
    colours_set(gif, transparent, colours);
    for (int y = 0; y < out->height; y++) row_fill(out, y, colours[clear ? transparent : 0]);
    uint8_t *indices = mem_alloc((size_t)gif->Image.Width);
    if (indices == NULL) return mem_err(e, (size_t)gif->Image.Width);
    st = rows_read(gif, colours, indices, out, e);
    mem_free(indices);
    return st;
}

static enum status gif_decode(struct source *src, struct image *out, struct err *e)
{
    struct input in = {.data = src->data, .bytes = src->bytes};
    int code = 0, transparent;
    GifFileType *gif = DGifOpen(&in, on_read, &code);
    if (gif == NULL) return gif_err(code, e);
    enum status st = frame_seek(gif, &transparent, e);
    if (st == ST_OK) st = frame_draw(gif, transparent, out, e);
    (void)DGifCloseFile(gif, &code);
    if (st != ST_OK) image_deinit(out);
    return st;
}

const struct format_row format_gif = {
    .name = "gif",
    .extensions = {"gif"},
    .match = gif_match,
    .head_read = gif_head_read,
    .decode = gif_decode,
};
