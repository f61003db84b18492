/* format.c - values as text, and the formats that need no measuring: TSV, CSV (RFC 4180), JSON (RFC
 * 8259).
 *
 * TSV escapes as PostgreSQL's COPY and ClickHouse do: \t \n \r \\, and \N for NULL, so that a line
 * is a row and a tab a border whatever a path holds.
 */
#include "cli/format.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct format *const formats[] = {&format_box, &format_tsv, &format_csv, &format_json};

const struct format *format_find(const char *name)
{
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        if (strcmp(formats[i]->name, name) == 0) return formats[i];
    return NULL;
}

void format_add_double(struct buf *out, double d)
{
    char text[40];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, d);
        if (strtod(text, NULL) == d || isnan(d)) break;
    }
    bool whole = isfinite(d) && strpbrk(text, ".e") == NULL;
    buf_printf(out, "%s%s", text, whole ? ".0" : ""); /* a REAL stays one, as SQLite prints it */
}

void format_add_float(struct buf *out, float f)
{
    char text[40];
    for (int digits = 6; digits <= 9; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, (double)f);
        if (strtof(text, NULL) == f || isnan(f)) break;
    }
    buf_add_str(out, text);
}

static void add_hex(struct buf *out, const char *data, size_t bytes)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < bytes; i++) {
        buf_add_char(out, digits[(unsigned char)data[i] >> 4]);
        buf_add_char(out, digits[(unsigned char)data[i] & 15]);
    }
}

/* json: NaN and infinity, which JSON has not, become null. */
static void add_vector(struct buf *out, const char *data, size_t bytes, bool json)
{
    buf_add_char(out, '[');
    for (size_t at = 0; at + sizeof(float) <= bytes; at += sizeof(float)) {
        float f;
        memcpy(&f, data + at, sizeof f);
        if (at > 0) buf_add_char(out, ',');
        if (json && !isfinite(f))
            buf_add_str(out, "null");
        else
            format_add_float(out, f);
    }
    buf_add_char(out, ']');
}

static void add_number(struct buf *out, const struct cell *c)
{
    if (c->decimals > 0)
        buf_printf(out, "%.*f", c->decimals, c->number);
    else
        format_add_double(out, c->number);
}

void cell_add_text(struct buf *out, const struct cell *c)
{
    switch (c->kind) {
    case CELL_NULL: break;
    case CELL_INTEGER: buf_printf(out, "%lld", (long long)c->integer); break;
    case CELL_FLOAT: add_number(out, c); break;
    case CELL_TEXT: buf_add(out, c->data, c->bytes); break;
    case CELL_VECTOR: add_vector(out, c->data, c->bytes, false); break;
    case CELL_BLOB:
        buf_add_str(out, "x'");
        add_hex(out, c->data, c->bytes);
        buf_add_char(out, '\'');
        break;
    }
}

void output_write_line(struct output *o)
{
    if (o->line.failed)
        o->failed = true;
    else if (o->held != NULL && o->line.bytes > 0)
        buf_add(o->held, o->line.data, o->line.bytes);
    else if (o->line.bytes > 0)
        fwrite(o->line.data, 1, o->line.bytes, o->file);
    buf_clear(&o->line);
}

static void tsv_row(struct output *o, const struct cell *cells)
{
    static const char *const escapes[256] = {
        ['\t'] = "\\t", ['\n'] = "\\n", ['\r'] = "\\r", ['\\'] = "\\\\"};
    struct buf value;
    buf_init(&value);
    for (int i = 0; i < o->columns; i++) {
        if (i > 0) buf_add_char(&o->line, '\t');
        if (cells[i].kind == CELL_NULL) buf_add_str(&o->line, "\\N");
        buf_clear(&value);
        cell_add_text(&value, &cells[i]);
        for (size_t k = 0; k < value.bytes; k++) {
            const char *escape = escapes[(unsigned char)value.data[k]];
            if (escape != NULL)
                buf_add_str(&o->line, escape);
            else
                buf_add_char(&o->line, value.data[k]);
        }
    }
    if (value.failed) o->failed = true;
    buf_deinit(&value);
    buf_add_char(&o->line, '\n');
    output_write_line(o);
}

static void no_end(struct output *o)
{
    (void)o;
}

const struct format format_tsv = {"tsv", no_end, tsv_row, no_end};

static void csv_add(struct buf *out, const char *s, size_t bytes)
{
    bool plain = bytes > 0; /* an empty text is "", so that NULL can be nothing at all */
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

static void csv_begin(struct output *o)
{
    for (int i = 0; i < o->columns; i++) {
        if (i > 0) buf_add_char(&o->line, ',');
        csv_add(&o->line, o->names[i], strlen(o->names[i]));
    }
    buf_add_str(&o->line, "\r\n");
    output_write_line(o);
}

static void csv_row(struct output *o, const struct cell *cells)
{
    struct buf value;
    buf_init(&value);
    for (int i = 0; i < o->columns; i++) {
        if (i > 0) buf_add_char(&o->line, ',');
        buf_clear(&value);
        cell_add_text(&value, &cells[i]);
        if (cells[i].kind != CELL_NULL) csv_add(&o->line, value.data, value.bytes);
    }
    if (value.failed) o->failed = true;
    buf_deinit(&value);
    buf_add_str(&o->line, "\r\n");
    output_write_line(o);
}

const struct format format_csv = {"csv", csv_begin, csv_row, no_end};

static void json_add_cell(struct buf *out, const struct cell *c)
{
    if (c->kind == CELL_NULL || (c->kind == CELL_FLOAT && !isfinite(c->number))) {
        buf_add_str(out, "null");
    } else if (c->kind == CELL_TEXT) {
        buf_add_json(out, c->data, c->bytes);
    } else if (c->kind == CELL_BLOB) {
        buf_add_char(out, '"');
        add_hex(out, c->data, c->bytes);
        buf_add_char(out, '"');
    } else if (c->kind == CELL_VECTOR) {
        add_vector(out, c->data, c->bytes, true);
    } else {
        cell_add_text(out, c);
    }
}

static void json_begin(struct output *o)
{
    buf_add_char(&o->line, '[');
    output_write_line(o);
}

static void json_row(struct output *o, const struct cell *cells)
{
    buf_add_str(&o->line, o->rows > 0 ? ",\n {" : "{");
    for (int i = 0; i < o->columns; i++) {
        if (i > 0) buf_add_char(&o->line, ',');
        buf_add_json(&o->line, o->names[i], strlen(o->names[i]));
        buf_add_char(&o->line, ':');
        json_add_cell(&o->line, &cells[i]);
    }
    buf_add_char(&o->line, '}');
    output_write_line(o);
}

static void json_end(struct output *o)
{
    buf_add_str(&o->line, "]\n");
    output_write_line(o);
}

const struct format format_json = {"json", json_begin, json_row, json_end};

void output_init(struct output *o, FILE *file, const struct format *how)
{
    *o = (struct output){.file = file, .how = how};
    buf_init(&o->line);
    arena_init(&o->names_arena, 0);
    arena_init(&o->box_arena, 0);
}

void output_deinit(struct output *o)
{
    buf_deinit(&o->line);
    arena_deinit(&o->names_arena);
    arena_deinit(&o->box_arena);
}

void output_begin(struct output *o, const char *const *names, int columns)
{
    arena_deinit(&o->names_arena);
    arena_init(&o->names_arena, 0);
    o->rows = 0;
    o->columns = 0;
    o->names = arena_array(&o->names_arena, (size_t)columns, sizeof *o->names);
    for (int i = 0; i < columns && o->names != NULL; i++) {
        char *name = arena_strndup(&o->names_arena, names[i], strlen(names[i]));
        o->failed = o->failed || name == NULL;
        o->names[i] = name != NULL ? name : "";
    }
    if (o->names == NULL) {
        o->failed = true;
        return;
    }
    o->columns = columns;
    o->how->begin(o);
}

void output_row(struct output *o, const struct cell *cells)
{
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
