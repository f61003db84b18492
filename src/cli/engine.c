/* engine.c - the program's side of include/fovea.h. */
#include "cli/engine.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/run.h"
#include "cli/interrupt.h"
#include "cli/types.h"

static void on_progress(void *user, const struct fovea_progress *p)
{
    struct progress_state s = {.what = p->what != NULL ? p->what : "working",
        .done = p->done,
        .total = p->total,
        .note = p->note};
    progress_show(user, &s, run_now_ms());
}

bool engine_open(struct cli *c, const char *path, int flags)
{
    if (fovea_open(path, flags, &c->engine) != FOVEA_OK) {
        engine_fail(c);
        return false;
    }
    fovea_on_progress(c->engine, on_progress, &c->progress);
    interrupt_begin(c->engine);
    return true;
}

void engine_close(struct cli *c)
{
    interrupt_end();
    fovea_close(c->engine);
    c->engine = NULL;
}

int engine_fail(struct cli *c)
{
    if (c->engine == NULL) return cli_fail(c, "out of memory");
    return cli_fail(c, "%s", fovea_error(c->engine).text);
}

bool engine_start(
    struct cli *c, const char *sql, const char *const *params, int count, struct fovea_stmt **out)
{
    *out = NULL;
    bool ok = fovea_prepare(c->engine, sql, -1, out, NULL) == FOVEA_OK && *out != NULL;
    for (int i = 0; i < count && ok; i++)
        ok = params[i] != NULL ? fovea_bind_text(*out, i + 1, params[i], -1) == FOVEA_OK
                               : fovea_bind_null(*out, i + 1) == FOVEA_OK;
    if (ok) return true;
    engine_fail(c);
    fovea_finalize(*out);
    *out = NULL;
    return false;
}

bool engine_step(struct cli *c, struct fovea_stmt *s, bool *row)
{
    enum fovea_status st = fovea_step(s);
    *row = st == FOVEA_ROW;
    if (st == FOVEA_ROW || st == FOVEA_DONE) return true;
    engine_fail(c);
    return false;
}

struct cell engine_cell(struct fovea_stmt *s, int column)
{
    static const enum cell_kind kinds[] = {
        [FOVEA_NULL] = CELL_NULL,
        [FOVEA_INTEGER] = CELL_INTEGER,
        [FOVEA_FLOAT] = CELL_FLOAT,
        [FOVEA_TEXT] = CELL_TEXT,
        [FOVEA_BLOB] = CELL_BLOB,
        [FOVEA_VECTOR] = CELL_VECTOR,
    };
    struct cell c = {.kind = kinds[fovea_column_type(s, column)]};
    if (c.kind == CELL_INTEGER) {
        c.integer = fovea_column_int(s, column);
    } else if (c.kind == CELL_FLOAT) {
        c.number = fovea_column_double(s, column);
    } else if (c.kind != CELL_NULL) {
        c.data = c.kind == CELL_TEXT ? fovea_column_text(s, column) : fovea_column_blob(s, column);
        c.bytes = (size_t)fovea_column_bytes(s, column);
        if (c.data == NULL) c = (struct cell){.kind = c.kind, .data = ""};
    }
    return c;
}

/* A row's room. */
struct row {
    int columns, pictures;          /* the column with pictures, -1 */
    const char **names, **declared; /* borrowed until the first step, which may prepare again */
    struct cell *cells;             /* before a row: what the columns' types say of their values */
};

static bool row_init(struct row *r, const struct fovea_stmt *s)
{
    size_t columns = (size_t)fovea_column_count(s);
    r->columns = (int)columns;
    r->pictures = -1;
    r->names = mem_zalloc(columns + 1, sizeof *r->names);
    r->declared = mem_zalloc(columns + 1, sizeof *r->declared);
    r->cells = mem_zalloc(columns + 1, sizeof *r->cells);
    if (r->names == NULL || r->declared == NULL || r->cells == NULL) return false;
    for (int i = 0; i < r->columns; i++) {
        r->names[i] = fovea_column_name(s, i);
        r->declared[i] = fovea_column_declared(s, i);
        r->cells[i].single = type_is_single(r->declared[i]);
        r->cells[i].truth = type_is_truth(r->declared[i]);
    }
    return true;
}

static void row_deinit(struct row *r)
{
    mem_free(r->names);
    mem_free(r->declared);
    mem_free(r->cells);
}

static void row_write(struct row *r, struct fovea_stmt *s, struct output *o, struct pictures *seen)
{
    for (int i = 0; i < r->columns; i++) {
        bool single = r->cells[i].single, truth = r->cells[i].truth;
        r->cells[i] = engine_cell(s, i);
        r->cells[i].single = single;
        r->cells[i].truth = truth;
    }
    if (r->pictures >= 0) pictures_add(seen, pictures_path(s, r->pictures));
    output_row(o, r->cells);
}

bool engine_rows(struct cli *c, struct fovea_stmt *s, struct output *o, struct pictures *seen)
{
    struct row r;
    enum fovea_status st = FOVEA_ROW;
    int64_t started_us = run_now_us();
    bool ok = row_init(&r, s), rows = r.columns > 0;
    if (ok && rows && seen != NULL) {
        pictures_clear(seen);
        r.pictures = pictures_column(s);
    }
    if (ok && rows) output_begin(o, r.names, r.declared, r.columns);
    while (ok && !ferror(o->file) && (st = fovea_step(s)) == FOVEA_ROW && rows) {
        progress_clear(&c->progress); /* of what was made before the first row */
        row_write(&r, s, o, seen);
    }
    progress_clear(&c->progress);
    struct fovea_statistics read = fovea_statistics(s);
    o->cost = (struct output_cost){run_now_us() - started_us, read.rows_read, read.bytes_read};
    bool whole = st == FOVEA_ROW || st == FOVEA_DONE;
    bool bare = !whole && o->rows == 0 && o->how == &format_box; /* it would say: no rows */
    if (ok && rows && !bare) output_end(o);
    o->failed = o->failed || !ok;
    row_deinit(&r);
    return whole;
}

int engine_print(
    struct cli *c, const char *sql, const char *const *params, int count, int64_t *rows)
{
    struct fovea_stmt *s;
    struct output o;
    struct err e = ERR_INIT;
    if (!engine_start(c, sql, params, count, &s)) return CLI_ERROR;
    cli_output_init(c, &o);
    bool ok = engine_rows(c, s, &o, NULL);
    if (rows != NULL) *rows = o.rows;
    int code = ok ? CLI_OK : engine_fail(c);
    if (output_check(&o, &e) != ST_OK && ok) code = cli_fail_err(c, &e);
    output_deinit(&o);
    fovea_finalize(s);
    return code;
}
