/* format.c - the table of forms, and what they share: bytes that go out, wait, or could not. */
#include "cli/format.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "cli/text.h"
#include "cli/types.h"

const struct format *const formats[] = {
    &format_box,
    &format_tsv,
    &format_csv,
    &format_json,
    &format_click_tab,
    &format_click_tab_names,
    &format_click_tab_types,
    &format_click_csv,
    &format_click_csv_names,
    &format_click_json,
    &format_click_json_compact,
    &format_click_json_rows,
    &format_click_pretty,
    &format_click_pretty_compact,
    &format_click_vertical,
    &format_click_null,
    NULL,
};

static const struct {
    const char *name;
    const struct format *format;
} aliases[] = {
    {"TSV", &format_click_tab},
    {"TSVWithNames", &format_click_tab_names},
    {"TSVWithNamesAndTypes", &format_click_tab_types},
    {"JSONLines", &format_click_json_rows},
    {"NDJSON", &format_click_json_rows},
    {"column", &format_box}, /* sqlite3's names */
    {"table", &format_box},
    {"line", &format_click_vertical},
    {"tabs", &format_tsv},
};

static const struct format *find_by(const char *name, int (*compare)(const char *, const char *))
{
    for (size_t i = 0; formats[i] != NULL; i++)
        if (compare(formats[i]->name, name) == 0) return formats[i];
    for (size_t i = 0; i < sizeof aliases / sizeof aliases[0]; i++)
        if (compare(aliases[i].name, name) == 0) return aliases[i].format;
    return NULL;
}

const struct format *format_find(const char *name)
{
    const struct format *exact = find_by(name, strcmp);
    return exact != NULL ? exact : find_by(name, strcasecmp);
}

/* --- bytes ------------------------------------------------------------------------------------ */

/* To a terminal: a value of CSV, say, may hold anything. */
static void send_visible(struct output *o, const struct buf *from)
{
    struct buf visible;
    buf_init(&visible);
    text_add_lines(&visible, from->data, from->bytes);
    if (visible.failed) o->failed = true;
    if (visible.bytes > 0) fwrite(visible.data, 1, visible.bytes, o->file);
    buf_deinit(&visible);
}

static void send(struct output *o, struct buf *from)
{
    if (from->failed)
        o->failed = true;
    else if (o->terminal && !o->how->drawn && from->bytes > 0)
        send_visible(o, from);
    else if (o->held != NULL && from->bytes > 0)
        buf_add(o->held, from->data, from->bytes);
    else if (from->bytes > 0)
        fwrite(from->data, 1, from->bytes, o->file);
    buf_clear(from);
}

void output_write_line(struct output *o)
{
    send(o, &o->line);
}

static void flow(struct output *o, void (*write_head)(struct output *o, bool more), bool more)
{
    o->flowing = true;
    write_head(o, more);
    send(o, &o->waiting);
}

void output_hold_line(struct output *o, void (*write_head)(struct output *o, bool more))
{
    if (o->flowing) {
        send(o, &o->line);
        return;
    }
    if (o->line.failed) o->failed = true;
    if (o->line.bytes > 0) buf_add(&o->waiting, o->line.data, o->line.bytes);
    buf_clear(&o->line);
    if (o->waiting.bytes > HELD_BYTES) flow(o, write_head, true);
}

void output_release(struct output *o, void (*write_head)(struct output *o, bool more))
{
    if (!o->flowing) flow(o, write_head, false);
}

void output_add_type(struct output *o, int column, bool more, struct buf *out)
{
    const struct output_column *c = &o->column[column];
    struct column_type t = {.declared = c->declared, .seen = c->seen, .unseen = more};
    type_add(out, &t);
}

bool output_has_head(const struct output *o, bool fallback)
{
    return o->look.headers == HEADERS_DEFAULT ? fallback : o->look.headers == HEADERS_ON;
}

/* --- a result --------------------------------------------------------------------------------- */

void output_init(struct output *o, FILE *file, const struct format *how)
{
    *o = (struct output){.file = file, .how = how, .cost = {-1, -1, -1}};
    buf_init(&o->line);
    buf_init(&o->waiting);
    arena_init(&o->names_arena, 0);
    arena_init(&o->box_arena, 0);
}

void output_deinit(struct output *o)
{
    buf_deinit(&o->line);
    buf_deinit(&o->waiting);
    arena_deinit(&o->names_arena);
    arena_deinit(&o->box_arena);
}

static const char *keep(struct output *o, const char *text)
{
    char *kept = arena_strndup(&o->names_arena, text, strlen(text));
    o->failed = o->failed || kept == NULL;
    return kept != NULL ? kept : "";
}

void output_begin(
    struct output *o, const char *const *names, const char *const *declared, int columns)
{
    arena_deinit(&o->names_arena);
    arena_init(&o->names_arena, 0);
    buf_clear(&o->waiting);
    o->rows = 0;
    o->columns = 0;
    o->flowing = false;
    o->column = arena_array(&o->names_arena, (size_t)columns, sizeof *o->column);
    if (o->column == NULL) {
        o->failed = true;
        return;
    }
    for (int i = 0; i < columns; i++) {
        o->column[i].name = keep(o, names[i]);
        o->column[i].declared = declared != NULL && declared[i] != NULL ? keep(o, declared[i]) : "";
    }
    o->columns = columns;
    o->how->begin(o);
}

void output_row(struct output *o, const struct cell *cells)
{
    for (int i = 0; i < o->columns; i++) o->column[i].seen |= 1u << cells[i].kind;
    o->how->row(o, cells);
    o->rows++;
}

void output_end(struct output *o)
{
    o->how->end(o);
}

enum status output_check(struct output *o, struct err *e)
{
    if (o->failed || (o->held != NULL && o->held->failed))
        return err_set(e, ST_NO_MEMORY, "out of memory while printing rows");
    if (fflush(o->file) != 0 || ferror(o->file))
        return err_set_errno(e, errno, "the output can't be written");
    return ST_OK;
}
