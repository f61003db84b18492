/* format_lines.c - forms that are lines: the program's tsv and csv (RFC 4180), ClickHouse's
 * TabSeparated and CSV families, Vertical and Null.
 *
 * tsv escapes as PostgreSQL's COPY does: \t \n \r \\, and \N for NULL, so that a line is a row and
 * a tab a border whatever a path holds. ClickHouse also escapes \b \f \0 and '.
 */
#include <string.h>

#include "base/utf8.h"
#include "cli/format.h"
#include "cli/text.h"

static void nothing(struct output *o)
{
    (void)o;
}

/* --- tab-separated ---------------------------------------------------------------------------- */

struct tab_style {
    const char *escapes[256];
    void (*add_value)(struct buf *out, const struct cell *c);
    bool own;          /* .headers and .nullvalue apply */
    bool names, types; /* lines ahead of the rows */
};

static void add_escaped(
    struct buf *out, const char *const *escapes, const char *s, size_t bytes, const char *zero)
{
    size_t plain = 0; /* bytes behind the last escape */
    for (size_t i = 0; i < bytes; i++) {
        const char *escape = s[i] == '\0' ? zero : escapes[(unsigned char)s[i]];
        if (escape == NULL) continue;
        buf_add(out, s + plain, i - plain);
        buf_add_str(out, escape);
        plain = i + 1;
    }
    buf_add(out, s + plain, bytes - plain);
}

static void tab_add(struct output *o, const struct tab_style *style, const char *s, size_t bytes)
{
    add_escaped(&o->line, style->escapes, s, bytes, style->own ? NULL : "\\0");
}

static void tab_add_cell(struct output *o, const struct tab_style *style, const struct cell *c)
{
    if (c->kind == CELL_NULL) {
        bool said = style->own && o->look.null_text != NULL;
        buf_add_str(&o->line, said ? o->look.null_text : "\\N");
        return;
    }
    bool raw = c->kind == CELL_TEXT || (c->kind == CELL_BLOB && !style->own);
    if (raw) /* all other texts hold nothing to be escaped */
        tab_add(o, style, c->data, c->bytes);
    else
        style->add_value(&o->line, c);
}

static void tab_head(struct output *o, bool more)
{
    const struct tab_style *style = o->how->style;
    struct buf type;
    bool names = style->own ? output_has_head(o, false) : style->names;
    buf_init(&type);
    for (int i = 0; i < o->columns && names; i++) {
        tab_add(o, style, o->column[i].name, strlen(o->column[i].name));
        buf_add_char(&o->line, i + 1 < o->columns ? '\t' : '\n');
    }
    for (int i = 0; i < o->columns && style->types; i++) {
        buf_clear(&type);
        output_add_type(o, i, more, &type);
        tab_add(o, style, type.data, type.bytes);
        buf_add_char(&o->line, i + 1 < o->columns ? '\t' : '\n');
    }
    if (type.failed) o->failed = true;
    buf_deinit(&type);
    output_write_line(o);
}

static void tab_begin(struct output *o)
{
    const struct tab_style *style = o->how->style;
    if (style->types) return;
    o->flowing = true;
    tab_head(o, true);
}

static void tab_row(struct output *o, const struct cell *cells)
{
    const struct tab_style *style = o->how->style;
    for (int i = 0; i < o->columns; i++) {
        tab_add_cell(o, style, &cells[i]);
        buf_add_char(&o->line, i + 1 < o->columns ? '\t' : '\n');
    }
    output_hold_line(o, tab_head);
}

static void tab_end(struct output *o)
{
    output_release(o, tab_head);
}

#define OWN_ESCAPES ['\t'] = "\\t", ['\n'] = "\\n", ['\r'] = "\\r", ['\\'] = "\\\\"
#define CLICK_ESCAPES OWN_ESCAPES, ['\b'] = "\\b", ['\f'] = "\\f", ['\''] = "\\'"

static const struct tab_style
    tab_own = {.escapes = {OWN_ESCAPES}, .add_value = cell_add_text, .own = true},
    tab_plain = {.escapes = {CLICK_ESCAPES}, .add_value = cell_add_click},
    tab_names = {.escapes = {CLICK_ESCAPES}, .add_value = cell_add_click, .names = true},
    tab_types = {
        .escapes = {CLICK_ESCAPES}, .add_value = cell_add_click, .names = true, .types = true};

const struct format format_tsv = {"tsv", tab_begin, tab_row, tab_end, &tab_own, false};
const struct format format_click_tab = {
    "TabSeparated", tab_begin, tab_row, tab_end, &tab_plain, false};
const struct format format_click_tab_names = {
    "TabSeparatedWithNames", tab_begin, tab_row, tab_end, &tab_names, false};
const struct format format_click_tab_types = {
    "TabSeparatedWithNamesAndTypes", tab_begin, tab_row, tab_end, &tab_types, false};

/* --- comma-separated -------------------------------------------------------------------------- */

struct csv_style {
    const char *line_end;
    void (*add_value)(struct buf *out, const struct cell *c);
    bool own;   /* quotes only where they are needed, NULL is nothing; .headers, .nullvalue */
    bool names; /* a line of them first */
};

static void csv_add(struct buf *out, const char *s, size_t bytes, bool sparing)
{
    bool plain = sparing && bytes > 0; /* an empty text is "", so that NULL can be nothing at all */
    for (size_t i = 0; i < bytes && plain; i++)
        plain = strchr(",\"\r\n", s[i]) == NULL || s[i] == '\0';
    if (plain) {
        buf_add(out, s, bytes);
        return;
    }
    buf_add_char(out, '"');
    for (size_t i = 0; i < bytes; i++) {
        if (s[i] == '"') buf_add_char(out, '"');
        buf_add_char(out, s[i]);
    }
    buf_add_char(out, '"');
}

static void csv_add_cell(struct output *o, const struct csv_style *style, const struct cell *c)
{
    if (c->kind == CELL_NULL) {
        if (!style->own) buf_add_str(&o->line, "\\N");
        if (style->own && o->look.null_text != NULL) buf_add_str(&o->line, o->look.null_text);
        return;
    }
    bool number = c->kind == CELL_INTEGER || c->kind == CELL_FLOAT;
    if (number) {
        style->add_value(&o->line, c);
    } else if (c->kind == CELL_TEXT) {
        csv_add(&o->line, c->data, c->bytes, style->own);
    } else {
        struct buf value;
        buf_init(&value);
        style->add_value(&value, c);
        csv_add(&o->line, value.data, value.bytes, style->own);
        if (value.failed) o->failed = true;
        buf_deinit(&value);
    }
}

static void csv_begin(struct output *o)
{
    const struct csv_style *style = o->how->style;
    if (!(style->own ? output_has_head(o, true) : style->names)) return;
    for (int i = 0; i < o->columns; i++) {
        if (i > 0) buf_add_char(&o->line, ',');
        csv_add(&o->line, o->column[i].name, strlen(o->column[i].name), style->own);
    }
    buf_add_str(&o->line, style->line_end);
    output_write_line(o);
}

static void csv_row(struct output *o, const struct cell *cells)
{
    const struct csv_style *style = o->how->style;
    for (int i = 0; i < o->columns; i++) {
        if (i > 0) buf_add_char(&o->line, ',');
        csv_add_cell(o, style, &cells[i]);
    }
    buf_add_str(&o->line, style->line_end);
    output_write_line(o);
}

static const struct csv_style csv_own = {"\r\n", cell_add_text, true, true},
                              csv_plain = {"\n", cell_add_click, false, false},
                              csv_names = {"\n", cell_add_click, false, true};

const struct format format_csv = {"csv", csv_begin, csv_row, nothing, &csv_own, false};
const struct format format_click_csv = {"CSV", csv_begin, csv_row, nothing, &csv_plain, false};
const struct format format_click_csv_names = {
    "CSVWithNames", csv_begin, csv_row, nothing, &csv_names, false};

/* --- a line for each value -------------------------------------------------------------------- */

static void vertical_row(struct output *o, const struct cell *cells)
{
    size_t widest = 0;
    struct buf value;
    char head[32];
    int marks = snprintf(head, sizeof head, "Row %lld:", (long long)o->rows + 1);
    buf_printf(&o->line, "%s%s\n", o->rows > 0 ? "\n" : "", head);
    while (marks-- > 0) buf_add_str(&o->line, "─");
    buf_add_char(&o->line, '\n');
    for (int i = 0; i < o->columns; i++) {
        size_t w = text_visible_width(o->column[i].name, strlen(o->column[i].name));
        if (w > widest) widest = w;
    }
    buf_init(&value);
    for (int i = 0; i < o->columns; i++) {
        const char *name = o->column[i].name;
        text_add_visible(&o->line, name, strlen(name));
        buf_add_str(&o->line, ": ");
        text_add_spaces(&o->line, widest - text_visible_width(name, strlen(name)));
        buf_clear(&value);
        cell_add_click(&value, &cells[i]);
        if (cells[i].kind == CELL_NULL)
            buf_add_str(&o->line, o->look.null_text != NULL ? o->look.null_text : TEXT_NULL);
        text_add_visible(&o->line, value.data, value.bytes);
        buf_add_char(&o->line, '\n');
    }
    if (value.failed) o->failed = true;
    buf_deinit(&value);
    output_write_line(o);
}

const struct format format_click_vertical = {
    "Vertical", nothing, vertical_row, nothing, NULL, true};

static void null_row(struct output *o, const struct cell *cells)
{
    (void)o;
    (void)cells;
}

const struct format format_click_null = {"Null", nothing, null_row, nothing, NULL, false};
