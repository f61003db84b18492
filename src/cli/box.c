/* box.c - rows drawn for a terminal: box, and ClickHouse's Pretty and PrettyCompact. Columns are as
 * wide as their widest value, wide characters counted as two; values are shortened in the middle
 * until the lines fit the window.
 *
 * Rows are kept until BOX_ROWS are there or their texts pass BOX_BYTES; then a box is drawn and the
 * next stretch begins, so that memory stays bounded however long a result is.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "cli/format.h"
#include "cli/text.h"

enum { BOX_BYTES = 8 << 20, COLUMN_WIDTH_MIN = 8, VALUE_WIDTH_MAX = 4096 };

/* What a border is made of: its left end, its crossings, its right end, its line. */
struct border {
    const char *left, *cross, *right, *line;
};

struct box_style {
    struct border top, head, between, bottom; /* between the rows; left NULL: nothing there */
    const char *head_bar;                     /* beside the names; NULL: they stand in the top */
    void (*add_value)(struct buf *out, const struct cell *c);
    const char *null_text;
    bool numbered; /* "1. " before each row; nothing at all of no rows */
    bool own;      /* .headers applies; decimals are cut */
};

static void start(struct output *o)
{
    arena_deinit(&o->box_arena);
    arena_init(&o->box_arena, 0);
    o->box_rows = 0;
    o->box = arena_array(&o->box_arena, BOX_ROWS, sizeof *o->box);
    if (o->box == NULL) o->failed = true;
    for (int i = 0; i < o->columns; i++) o->column[i].right = true;
}

static void box_begin(struct output *o)
{
    start(o);
}

/* --- lines ------------------------------------------------------------------------------------ */

/* A stretch that is about to be drawn. */
struct drawing {
    struct output *o;
    const struct box_style *style;
    size_t *widths;
    char **names;
    size_t margin; /* columns before each line, for the numbers */
};

static void add_times(struct buf *out, const char *s, size_t count)
{
    while (count-- > 0) buf_add_str(out, s);
}

static void add_border(const struct drawing *d, const struct border *b)
{
    struct buf *line = &d->o->line;
    if (b->left == NULL) return;
    text_add_spaces(line, d->margin);
    for (int i = 0; i < d->o->columns; i++) {
        buf_add_str(line, i == 0 ? b->left : b->cross);
        add_times(line, b->line, d->widths[i] + 2);
    }
    buf_add_str(line, b->right);
    buf_add_char(line, '\n');
}

/* A value in its column, filled up with pad. */
static void add_value(const struct drawing *d, int i, const char *text, const char *pad)
{
    struct output *o = d->o;
    struct buf value;
    buf_init(&value);
    text_add_shortened(&value, text, strlen(text), d->widths[i]);
    size_t room = d->widths[i] - utf8_width(value.data, value.bytes);
    bool right = o->column[i].right, bold = o->color && text == d->names[i];
    if (right) add_times(&o->line, pad, room);
    if (bold) buf_add_str(&o->line, "\033[1m");
    if (value.bytes > 0) buf_add(&o->line, value.data, value.bytes);
    if (bold) buf_add_str(&o->line, "\033[0m");
    if (!right) add_times(&o->line, pad, room);
    if (value.failed) o->failed = true;
    buf_deinit(&value);
}

/* number 0: the names. */
static void add_row(const struct drawing *d, char *const *texts, const char *bar, int64_t number)
{
    struct buf *line = &d->o->line;
    char text[32] = "";
    if (number > 0 && d->margin > 0) snprintf(text, sizeof text, "%lld. ", (long long)number);
    text_add_spaces(line, d->margin - strlen(text));
    buf_add_str(line, text);
    for (int i = 0; i < d->o->columns; i++) {
        buf_printf(line, "%s ", bar);
        add_value(d, i, texts[i], " ");
        buf_add_char(line, ' ');
    }
    buf_printf(line, "%s\n", bar);
}

/* ┌─name─┬─other─┐ */
static void add_names_in_top(const struct drawing *d)
{
    struct buf *line = &d->o->line;
    const struct border *b = &d->style->top;
    text_add_spaces(line, d->margin);
    for (int i = 0; i < d->o->columns; i++) {
        buf_printf(line, "%s%s", i == 0 ? b->left : b->cross, b->line);
        add_value(d, i, d->names[i], b->line);
        buf_add_str(line, b->line);
    }
    buf_printf(line, "%s\n", b->right);
}

static void add_head(const struct drawing *d)
{
    const struct box_style *style = d->style;
    bool names = !style->own || output_has_head(d->o, true);
    if (style->head_bar == NULL) {
        add_names_in_top(d);
        return;
    }
    add_border(d, &style->top);
    if (!names) return;
    add_row(d, d->names, style->head_bar, 0);
    if (d->o->box_rows > 0) add_border(d, &style->head);
}

/* --- widths ----------------------------------------------------------------------------------- */

/* Takes columns off the widest until the box fits, or until no column is wider than the least. */
static void shrink(const struct drawing *d)
{
    const struct output *o = d->o;
    size_t total = 1 + d->margin;
    for (int i = 0; i < o->columns; i++) total += d->widths[i] + 3;
    while (o->width > 0 && total > o->width) {
        int widest = 0;
        for (int i = 1; i < o->columns; i++)
            if (d->widths[i] > d->widths[widest]) widest = i;
        if (d->widths[widest] <= COLUMN_WIDTH_MIN) return;
        d->widths[widest]--;
        total--;
    }
}

static void measure(const struct drawing *d)
{
    struct output *o = d->o;
    for (int i = 0; i < o->columns; i++) {
        d->widths[i] = utf8_width(d->names[i], strlen(d->names[i]));
        for (size_t r = 0; r < o->box_rows; r++) {
            size_t w = utf8_width(o->box[r][i], strlen(o->box[r][i]));
            if (w > d->widths[i]) d->widths[i] = w;
        }
        int most = i < o->look.width_count ? o->look.widths[i] : 0;
        if (most > 0 && d->widths[i] > (size_t)most) d->widths[i] = (size_t)most;
    }
    shrink(d);
}

/* Text as one line of at most VALUE_WIDTH_MAX columns, in the box's arena. NULL: no memory. */
static char *keep_line(struct output *o, const char *s, size_t bytes)
{
    struct buf visible, cut;
    buf_init(&visible);
    buf_init(&cut);
    text_add_visible(&visible, s, bytes);
    text_add_shortened(&cut, visible.data, visible.bytes, VALUE_WIDTH_MAX);
    char *kept = NULL;
    if (!visible.failed && !cut.failed)
        kept = arena_strndup(&o->box_arena, cut.data != NULL ? cut.data : "", cut.bytes);
    if (kept == NULL) o->failed = true;
    buf_deinit(&visible);
    buf_deinit(&cut);
    return kept;
}

static size_t digits_of(int64_t n)
{
    size_t digits = 1;
    while (n >= 10) {
        n /= 10;
        digits++;
    }
    return digits;
}

/* Draws what is kept; last: the number of its last row. */
static void draw(struct output *o, int64_t last)
{
    struct drawing d = {.o = o, .style = o->how->style};
    if (o->failed || (d.style->numbered && o->box_rows == 0)) return;
    d.widths = arena_array(&o->box_arena, (size_t)o->columns + 1, sizeof *d.widths);
    d.names = arena_array(&o->box_arena, (size_t)o->columns + 1, sizeof *d.names);
    if (d.widths == NULL || d.names == NULL) o->failed = true;
    for (int i = 0; i < o->columns && !o->failed; i++)
        d.names[i] = keep_line(o, o->column[i].name, strlen(o->column[i].name));
    if (o->failed) return;
    if (d.style->numbered) d.margin = digits_of(last) + 2;
    measure(&d);
    add_head(&d);
    for (size_t r = 0; r < o->box_rows; r++) {
        if (r > 0) add_border(&d, &d.style->between);
        add_row(&d, o->box[r], "│", last - (int64_t)(o->box_rows - r) + 1);
        output_write_line(o);
    }
    add_border(&d, &d.style->bottom);
    output_write_line(o);
}

/* --- rows ------------------------------------------------------------------------------------- */

static char *keep_value(struct output *o, const struct cell *c)
{
    const struct box_style *style = o->how->style;
    const char *null_text = o->look.null_text != NULL ? o->look.null_text : style->null_text;
    struct cell shown = *c;
    struct buf raw;
    if (c->kind == CELL_NULL) return keep_line(o, null_text, strlen(null_text));
    if (style->own && shown.decimals > BOX_DECIMALS) shown.decimals = BOX_DECIMALS;
    /* What came of 32 bits, as scores do, has no digits that widening made up. */
    if (style->own && c->kind == CELL_FLOAT && (double)(float)c->number == c->number &&
        rint(c->number) != c->number)
        shown.single = true;
    buf_init(&raw);
    style->add_value(&raw, &shown);
    char *kept = keep_line(o, raw.data, raw.bytes);
    if (raw.failed) o->failed = true;
    buf_deinit(&raw);
    return kept;
}

static void box_row(struct output *o, const struct cell *cells)
{
    if (o->box_rows == BOX_ROWS || o->box_arena.used_bytes > BOX_BYTES) {
        draw(o, o->rows);
        start(o);
    }
    if (o->failed) return;
    char **texts = arena_array(&o->box_arena, (size_t)o->columns + 1, sizeof *texts);
    if (texts == NULL) {
        o->failed = true;
        return;
    }
    for (int i = 0; i < o->columns; i++) {
        enum cell_kind kind = cells[i].kind;
        texts[i] = keep_value(o, &cells[i]);
        if (kind != CELL_INTEGER && kind != CELL_FLOAT && kind != CELL_NULL)
            o->column[i].right = false;
    }
    o->box[o->box_rows++] = texts;
}

static void box_end(struct output *o)
{
    if (o->columns > 0) draw(o, o->rows);
}

/* --- styles ----------------------------------------------------------------------------------- */

static const struct box_style style_box =
                                  {
                                      .top = {"┌", "┬", "┐", "─"},
                                      .head = {"├", "┼", "┤", "─"},
                                      .bottom = {"└", "┴", "┘", "─"},
                                      .head_bar = "│",
                                      .add_value = cell_add_text,
                                      .null_text = "",
                                      .own = true,
},
                              style_pretty =
                                  {
                                      .top = {"┏", "┳", "┓", "━"},
                                      .head = {"┡", "╇", "┩", "━"},
                                      .between = {"├", "┼", "┤", "─"},
                                      .bottom = {"└", "┴", "┘", "─"},
                                      .head_bar = "┃",
                                      .add_value = cell_add_click,
                                      .null_text = TEXT_NULL,
                                      .numbered = true,
},
                              style_compact = {
                                  .top = {"┌", "┬", "┐", "─"},
                                  .bottom = {"└", "┴", "┘", "─"},
                                  .add_value = cell_add_click,
                                  .null_text = TEXT_NULL,
                                  .numbered = true,
};

const struct format format_box = {"box", box_begin, box_row, box_end, &style_box, true};
const struct format format_click_pretty = {
    "Pretty", box_begin, box_row, box_end, &style_pretty, true};
const struct format format_click_pretty_compact = {
    "PrettyCompact", box_begin, box_row, box_end, &style_compact, true};
