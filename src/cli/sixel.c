/* sixel.c - pixels to a fixed palette, then bands of six rows, a colour at a time.
 *
 * Format (VT330/VT340 Programmer Reference, chapter 14): ESC P 0;1 q, raster attributes "1;1;w;h,
 * colours #n;2;r;g;b in percent; in a band #n chooses a colour, the characters ? to ~ set the six
 * bits of a column, !n repeats the next one, $ goes back to the band's start, - to the next band.
 * The palette is a cube of 6 x 6 x 6; what rounding loses is spread over the neighbours (Floyd and
 * Steinberg 1976), so that skies have no stripes.
 */
#include "cli/sixel.h"

#include <string.h>

#include "base/mem.h"

enum { LEVELS = 6, COLOURS = LEVELS * LEVELS * LEVELS, BAND = 6, CHANNELS = 3 };

static int clamp(int v)
{
    return v < 0 ? 0 : v > 255 ? 255 : v;
}

static int level_of(int v)
{
    return (clamp(v) * (LEVELS - 1) + 127) / 255;
}

/* Pixels of one row to palette indices. now and next hold what this row and the one below have
 * from their neighbours, in sixteenths, a pixel more on both sides. */
static void reduce_row(uint8_t *out, const uint8_t *rgb, int width, int *now, int *next)
{
    for (int x = 0; x < width; x++) {
        int index = 0;
        for (int c = 0; c < CHANNELS; c++) {
            int at = (x + 1) * CHANNELS + c;
            int wanted = rgb[x * CHANNELS + c] + now[at] / 16;
            int level = level_of(wanted), lost = clamp(wanted) - level * 255 / (LEVELS - 1);
            now[at + CHANNELS] += lost * 7;
            next[at - CHANNELS] += lost * 3;
            next[at] += lost * 5;
            next[at + CHANNELS] += lost;
            index = index * LEVELS + level;
        }
        out[x] = (uint8_t)index;
    }
}

static void add_run(struct buf *out, char sixel, int count)
{
    if (count > 3)
        buf_printf(out, "!%d%c", count, sixel);
    else
        for (int i = 0; i < count; i++) buf_add_char(out, sixel);
}

/* One colour of a band; height: its rows. */
static void add_colour(struct buf *out, const uint8_t *indices, int width, int height, int colour)
{
    int run = 0;
    char last = 0;
    for (int x = 0; x < width; x++) {
        int bits = 0;
        for (int y = 0; y < height; y++)
            bits |= (indices[(size_t)y * (size_t)width + (size_t)x] == colour) << y;
        char sixel = (char)('?' + bits);
        if (sixel != last) {
            add_run(out, last, run);
            run = 0;
        }
        last = sixel;
        run++;
    }
    if (last != '?') add_run(out, last, run); /* an empty end needs no words */
}

static void add_band(struct buf *out, const uint8_t *indices, int width, int height)
{
    bool used[COLOURS] = {false}, first = true;
    for (size_t i = 0; i < (size_t)width * (size_t)height; i++) used[indices[i]] = true;
    for (int c = 0; c < COLOURS; c++) {
        if (!used[c]) continue;
        buf_printf(out, "%s#%d", first ? "" : "$", c);
        add_colour(out, indices, width, height, c);
        first = false;
    }
    buf_add_char(out, '-');
}

static void add_palette(struct buf *out)
{
    for (int c = 0; c < COLOURS; c++) {
        int r = c / (LEVELS * LEVELS), g = c / LEVELS % LEVELS, b = c % LEVELS;
        enum { PERCENT = 100 / (LEVELS - 1) };
        buf_printf(out, "#%d;2;%d;%d;%d", c, r * PERCENT, g * PERCENT, b * PERCENT);
    }
}

void sixel_add(struct buf *out, const uint8_t *rgb, int width, int height)
{
    size_t carried = ((size_t)width + 2) * CHANNELS;
    int *errors = mem_zalloc(carried * 2, sizeof *errors), *now = errors, *next = errors + carried;
    uint8_t *indices = mem_zalloc((size_t)width * BAND, 1);
    if (errors == NULL || indices == NULL) out->failed = true;
    buf_printf(out, "\033P0;1q\"1;1;%d;%d", width, height);
    add_palette(out);
    for (int y = 0; y < height && !out->failed; y++) {
        reduce_row(indices + (size_t)(y % BAND) * (size_t)width,
            rgb + (size_t)y * (size_t)width * CHANNELS, width, now, next);
        int *free_row = now;
        now = next;
        next = free_row;
        memset(next, 0, carried * sizeof *next);
        if (y % BAND == BAND - 1 || y + 1 == height) add_band(out, indices, width, y % BAND + 1);
    }
    buf_add_str(out, "\033\\");
    mem_free(errors);
    mem_free(indices);
}
