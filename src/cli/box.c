/* box.c - rows in a box for a terminal: columns as wide as their widest value, wide characters
 * counted as two, values shortened in the middle until the box fits the window.
 *
 * Rows are kept until BOX_ROWS are there or their texts pass BOX_BYTES; then a box is drawn and the
 * next stretch begins, so that memory stays bounded however long a result is.
 */
#include <string.h>

#include "base/utf8.h"
#include "cli/format.h"
#include "cli/text.h"

enum { BOX_BYTES = 8 << 20, COLUMN_WIDTH_MIN = 8, VALUE_WIDTH_MAX = 4096 };

static void start(struct output *o)
{
    arena_deinit(&o->box_arena);
    arena_init(&o->box_arena, 0);
    o->box_rows = 0;
    o->box = arena_array(&o->box_arena, BOX_ROWS, sizeof *o->box);
    o->box_right = arena_array(&o->box_arena, (size_t)o->columns + 1, sizeof *o->box_right);
    if (o->box == NULL || o->box_right == NULL) {
        o->failed = true;
        return;
    }
    for (int i = 0; i < o->columns; i++) o->box_right[i] = true;
}

static void box_begin(struct output *o)
{
    start(o);
}

/* The border between rows: ends and crossings are three characters, the rest a line. */
static void add_border(struct output *o, const size_t *widths, const char *const ends[3])
{
    for (int i = 0; i < o->columns; i++) {
        buf_add_str(&o->line, ends[i == 0 ? 0 : 1]);
        for (size_t k = 0; k < widths[i] + 2; k++) buf_add_str(&o->line, "─");
    }
    buf_add_str(&o->line, ends[2]);
    buf_add_char(&o->line, '\n');
}

static void add_values(struct output *o, const size_t *widths, char *const *texts, bool head)
{
    struct buf value;
    buf_init(&value);
    for (int i = 0; i < o->columns; i++) {
        buf_clear(&value);
        text_add_shortened(&value, texts[i], strlen(texts[i]), widths[i]);
        size_t pad = widths[i] - utf8_width(value.data, value.bytes);
        bool right = o->box_right[i];
        buf_add_str(&o->line, "│ ");
        if (right) text_add_spaces(&o->line, pad);
        if (head && o->color) buf_add_str(&o->line, "\033[1m");
        if (value.bytes > 0) buf_add(&o->line, value.data, value.bytes);
        if (head && o->color) buf_add_str(&o->line, "\033[0m");
        text_add_spaces(&o->line, right ? 1 : pad + 1);
    }
    if (value.failed) o->failed = true;
    buf_deinit(&value);
    buf_add_str(&o->line, "│\n");
}

/* Takes columns off the widest until the box fits, or until no column is wider than the least. */
static void shrink(const struct output *o, size_t *widths)
{
    size_t total = 1;
    for (int i = 0; i < o->columns; i++) total += widths[i] + 3;
    while (o->width > 0 && total > o->width) {
        int widest = 0;
        for (int i = 1; i < o->columns; i++)
            if (widths[i] > widths[widest]) widest = i;
        if (widths[widest] <= COLUMN_WIDTH_MIN) return;
        widths[widest]--;
        total--;
    }
}

static void draw(struct output *o)
{
    if (o->failed || o->columns == 0) return;
    static const char *const top[] = {"┌", "┬", "┐"}, *const middle[] = {"├", "┼", "┤"},
                             *const bottom[] = {"└", "┴", "┘"};
    size_t *widths = arena_array(&o->box_arena, (size_t)o->columns + 1, sizeof *widths);
    char **names = arena_array(&o->box_arena, (size_t)o->columns + 1, sizeof *names);
    if (widths == NULL || names == NULL) {
        o->failed = true;
        return;
    }
    for (int i = 0; i < o->columns; i++) {
        names[i] = arena_printf(&o->box_arena, "%s", o->names[i]);
        if (names[i] == NULL) {
            o->failed = true;
            return;
        }
        widths[i] = utf8_width(names[i], strlen(names[i]));
        for (size_t r = 0; r < o->box_rows; r++) {
            size_t w = utf8_width(o->box[r][i], strlen(o->box[r][i]));
            if (w > widths[i]) widths[i] = w;
        }
    }
    shrink(o, widths);
    add_border(o, widths, top);
    add_values(o, widths, names, true);
    if (o->box_rows > 0) add_border(o, widths, middle);
    for (size_t r = 0; r < o->box_rows; r++) {
        add_values(o, widths, o->box[r], false);
        output_write_line(o);
    }
    add_border(o, widths, bottom);
    output_write_line(o);
}

/* The value as one line of at most VALUE_WIDTH_MAX columns, in the box's arena. */
static char *keep_text(struct output *o, const struct cell *c)
{
    struct cell shown = *c;
    struct buf raw, visible, cut;
    buf_init(&raw);
    buf_init(&visible);
    buf_init(&cut);
    if (shown.decimals > BOX_DECIMALS) shown.decimals = BOX_DECIMALS;
    cell_add_text(&raw, &shown);
    text_add_visible(&visible, raw.data, raw.bytes);
    text_add_shortened(&cut, visible.data, visible.bytes, VALUE_WIDTH_MAX);
    char *kept = NULL;
    if (!raw.failed && !visible.failed && !cut.failed)
        kept = arena_strndup(&o->box_arena, cut.data != NULL ? cut.data : "", cut.bytes);
    buf_deinit(&raw);
    buf_deinit(&visible);
    buf_deinit(&cut);
    return kept;
}

static void next_stretch(struct output *o)
{
    draw(o);
    start(o);
}

static void box_row(struct output *o, const struct cell *cells)
{
    if (o->box_rows == BOX_ROWS || o->box_arena.used_bytes > BOX_BYTES) next_stretch(o);
    if (o->failed) return;
    char **texts = arena_array(&o->box_arena, (size_t)o->columns + 1, sizeof *texts);
    if (texts == NULL) {
        o->failed = true;
        return;
    }
    for (int i = 0; i < o->columns; i++) {
        enum cell_kind kind = cells[i].kind;
        texts[i] = keep_text(o, &cells[i]);
        if (texts[i] == NULL) o->failed = true;
        if (kind != CELL_INTEGER && kind != CELL_FLOAT && kind != CELL_NULL)
            o->box_right[i] = false;
    }
    o->box[o->box_rows++] = texts;
}

static void box_end(struct output *o)
{
    draw(o);
}

const struct format format_box = {"box", box_begin, box_row, box_end};
