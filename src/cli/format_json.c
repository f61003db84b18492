/* format_json.c - forms that are JSON (RFC 8259): the program's json, an array of objects, and
 * ClickHouse's JSON, JSONCompact and JSONEachRow. */
#include <string.h>

#include "cli/format.h"

static void add_string(struct buf *out, const char *s)
{
    buf_add_json(out, s, strlen(s));
}

/* {"name":value,…} */
static void add_object(struct output *o, const struct cell *cells, bool click)
{
    buf_add_char(&o->line, '{');
    for (int i = 0; i < o->columns; i++) {
        if (i > 0) buf_add_char(&o->line, ',');
        add_string(&o->line, o->column[i].name);
        buf_add_char(&o->line, ':');
        cell_add_json(&o->line, &cells[i], click);
    }
    buf_add_char(&o->line, '}');
}

/* --- json ------------------------------------------------------------------------------------- */

static void own_begin(struct output *o)
{
    buf_add_char(&o->line, '[');
    output_write_line(o);
}

static void own_row(struct output *o, const struct cell *cells)
{
    if (o->rows > 0) buf_add_str(&o->line, ",\n ");
    add_object(o, cells, false);
    output_write_line(o);
}

static void own_end(struct output *o)
{
    buf_add_str(&o->line, "]\n");
    output_write_line(o);
}

const struct format format_json = {"json", own_begin, own_row, own_end, NULL, false};

/* --- JSONEachRow ------------------------------------------------------------------------------ */

static void nothing(struct output *o)
{
    (void)o;
}

static void each_row(struct output *o, const struct cell *cells)
{
    add_object(o, cells, true);
    buf_add_char(&o->line, '\n');
    output_write_line(o);
}

const struct format format_click_json_rows = {
    "JSONEachRow", nothing, each_row, nothing, NULL, false};

/* --- JSON, JSONCompact ------------------------------------------------------------------------ */

static void add_meta(struct output *o, int i, bool more)
{
    struct buf type;
    buf_init(&type);
    output_add_type(o, i, more, &type);
    buf_add_str(&o->line, "\t\t{\n\t\t\t\"name\": ");
    add_string(&o->line, o->column[i].name);
    buf_add_str(&o->line, ",\n\t\t\t\"type\": ");
    add_string(&o->line, type.data != NULL ? type.data : "");
    buf_printf(&o->line, "\n\t\t}%s\n", i + 1 < o->columns ? "," : "");
    if (type.failed) o->failed = true;
    buf_deinit(&type);
}

static void write_head(struct output *o, bool more)
{
    buf_add_str(&o->line, "{\n\t\"meta\":\n\t[\n");
    for (int i = 0; i < o->columns; i++) add_meta(o, i, more);
    buf_add_str(&o->line, "\t],\n\n\t\"data\":\n\t[\n");
    output_write_line(o);
}

static void object_row(struct output *o, const struct cell *cells)
{
    buf_add_str(&o->line, o->rows > 0 ? ",\n\t\t{\n" : "\t\t{\n");
    for (int i = 0; i < o->columns; i++) {
        buf_add_str(&o->line, "\t\t\t");
        add_string(&o->line, o->column[i].name);
        buf_add_str(&o->line, ": ");
        cell_add_json(&o->line, &cells[i], true);
        buf_add_str(&o->line, i + 1 < o->columns ? ",\n" : "\n");
    }
    buf_add_str(&o->line, "\t\t}");
    output_hold_line(o, write_head);
}

static void array_row(struct output *o, const struct cell *cells)
{
    buf_add_str(&o->line, o->rows > 0 ? ",\n\t\t[" : "\t\t[");
    for (int i = 0; i < o->columns; i++) {
        if (i > 0) buf_add_str(&o->line, ", ");
        cell_add_json(&o->line, &cells[i], true);
    }
    buf_add_char(&o->line, ']');
    output_hold_line(o, write_head);
}

/* "statistics" holds what is known; with nothing known it is left out. */
static void add_statistics(struct buf *out, const struct output_cost *cost)
{
    if (cost->elapsed_us < 0) return;
    buf_add_str(out, ",\n\n\t\"statistics\":\n\t{\n\t\t\"elapsed\": ");
    cell_add_number(out, (double)cost->elapsed_us / 1e6, false);
    if (cost->rows_read >= 0)
        buf_printf(out, ",\n\t\t\"rows_read\": %lld", (long long)cost->rows_read);
    if (cost->bytes_read >= 0)
        buf_printf(out, ",\n\t\t\"bytes_read\": %lld", (long long)cost->bytes_read);
    buf_add_str(out, "\n\t}");
}

static void whole_end(struct output *o)
{
    output_release(o, write_head);
    buf_printf(&o->line, "\n\t],\n\n\t\"rows\": %lld", (long long)o->rows);
    add_statistics(&o->line, &o->cost);
    buf_add_str(&o->line, "\n}\n");
    output_write_line(o);
}

const struct format format_click_json = {"JSON", nothing, object_row, whole_end, NULL, false};
const struct format format_click_json_compact = {
    "JSONCompact", nothing, array_row, whole_end, NULL, false};
