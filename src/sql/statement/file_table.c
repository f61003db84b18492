/* file_table.c - see file_table.h.
 *
 * The module's name is made of the path and the format, so that asking again replaces it: a session
 * keeps one for each file it has read. The columns are found when SQLite connects, with the same
 * look into the file that COPY takes; a cursor opens the file anew and reads in batches.
 */
#include "sql/statement/file_table.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

struct module {
    struct sql_session *session;
    struct table_options options;
    char *path;
};

struct vtab {
    sqlite3_vtab base;
    struct sql_session *session;
    struct module *module;
};

struct cursor {
    sqlite3_vtab_cursor base;
    struct table *files;
    struct table_batch batch;
    size_t row;
};

static enum status open_files(const struct module *m, struct table **out, struct err *e)
{
    const char *patterns[] = {m->path};
    struct table_paths paths = {patterns, 1};
    return table_open(&paths, &m->options, &m->session->run, out, e);
}

/* --- the table -------------------------------------------------------------------------------- */

static void declare(const struct table *t, struct buf *sql)
{
    static const char *const TYPES[TABLE_TYPE_COUNT] = {[TABLE_BOOL] = "INTEGER \"boolean\"",
        [TABLE_INT] = "INTEGER",
        [TABLE_REAL] = "REAL",
        [TABLE_TEXT] = "TEXT",
        [TABLE_BLOB] = "BLOB"};
    buf_add_str(sql, "CREATE TABLE x(");
    for (size_t i = 0; i < table_column_count(t); i++) {
        const struct table_column *c = &table_columns(t)[i];
        store_sql(sql, "%s\"%w\" ", i > 0 ? "," : "", c->name);
        if (c->type == TABLE_VECTOR && c->dim > 0)
            buf_printf(sql, "BLOB \"vector(%d)\"", c->dim);
        else
            buf_add_str(sql, c->type == TABLE_VECTOR ? "BLOB \"vector\"" : TYPES[c->type]);
    }
    buf_add_char(sql, ')');
}

static int connect_table(
    sqlite3 *db, void *aux, int argc, const char *const *argv, sqlite3_vtab **out, char **message)
{
    struct module *m = aux;
    struct table *t = NULL;
    struct err e = ERR_INIT;
    struct buf sql;
    (void)argc, (void)argv;
    buf_init(&sql);
    struct vtab *v = mem_zalloc(1, sizeof *v);
    enum status st = v != NULL ? open_files(m, &t, &e) : mem_err(&e, sizeof *v);
    if (st == ST_OK) declare(t, &sql);
    if (st == ST_OK) st = buf_check(&sql, &e);
    int rc = st == ST_OK ? sqlite3_declare_vtab(db, sql.data) : status_row(st)->sqlite;
    buf_deinit(&sql);
    table_close(t);
    if (st != ST_OK) {
        m->session->fault = e;
        *message = sqlite3_mprintf("%s", e.text);
    }
    if (rc != SQLITE_OK) {
        mem_free(v);
        return rc;
    }
    v->session = m->session;
    v->module = m;
    *out = &v->base;
    return SQLITE_OK;
}

static int disconnect_table(sqlite3_vtab *vtab)
{
    mem_free(vtab);
    return SQLITE_OK;
}

/* Which columns are read is all there is to plan. */
static int best_index(sqlite3_vtab *vtab, sqlite3_index_info *info)
{
    (void)vtab;
    info->idxStr = sqlite3_mprintf("%llx", (unsigned long long)info->colUsed);
    info->needToFreeIdxStr = 1;
    info->estimatedCost = 1e7;
    info->estimatedRows = 1000000;
    return info->idxStr != NULL ? SQLITE_OK : SQLITE_NOMEM;
}

/* --- rows ------------------------------------------------------------------------------------- */

static int open_cursor(sqlite3_vtab *vtab, sqlite3_vtab_cursor **out)
{
    (void)vtab;
    struct cursor *c = mem_zalloc(1, sizeof *c);
    if (c == NULL) return SQLITE_NOMEM;
    *out = &c->base;
    return SQLITE_OK;
}

static int close_cursor(sqlite3_vtab_cursor *cursor)
{
    struct cursor *c = (struct cursor *)cursor;
    table_close(c->files);
    mem_free(c);
    return SQLITE_OK;
}

static int fail(struct cursor *c, const struct err *e)
{
    struct vtab *v = (struct vtab *)c->base.pVtab;
    return sql_fault_vtab(v->session, c->base.pVtab, e);
}

static enum status keep_used(struct table *t, uint64_t used, struct err *e)
{
    size_t count = table_column_count(t);
    bool *keep = mem_zalloc(count + 1, sizeof *keep);
    if (keep == NULL) return mem_err(e, count);
    for (size_t i = 0; i < count; i++) keep[i] = (used >> (i < 63 ? i : 63) & 1) != 0;
    table_keep(t, keep);
    mem_free(keep);
    return ST_OK;
}

static enum status next_batch(struct cursor *c, struct err *e)
{
    c->row = 0;
    return table_next(c->files, &c->batch, e);
}

static int filter(
    sqlite3_vtab_cursor *cursor, int number, const char *used, int argc, sqlite3_value **argv)
{
    struct cursor *c = (struct cursor *)cursor;
    struct err e = ERR_INIT;
    uint64_t columns = UINT64_MAX;
    (void)number, (void)argc, (void)argv;
    table_close(c->files);
    c->files = NULL;
    if (used != NULL) sscanf(used, "%" SCNx64, &columns);
    enum status st = open_files(((struct vtab *)cursor->pVtab)->module, &c->files, &e);
    if (st == ST_OK) st = keep_used(c->files, columns, &e);
    if (st == ST_OK) st = next_batch(c, &e);
    return st == ST_OK ? SQLITE_OK : fail(c, &e);
}

static int next_row(sqlite3_vtab_cursor *cursor)
{
    struct cursor *c = (struct cursor *)cursor;
    struct err e = ERR_INIT;
    if (++c->row < c->batch.rows || c->batch.rows == 0) return SQLITE_OK;
    return next_batch(c, &e) == ST_OK ? SQLITE_OK : fail(c, &e);
}

static int at_end(sqlite3_vtab_cursor *cursor)
{
    return ((struct cursor *)cursor)->batch.rows == 0;
}

static void give_vector(sqlite3_context *ctx, const struct cursor *c, int column, size_t row)
{
    int dim = table_columns(c->files)[column].dim;
    sqlite3_result_blob(ctx, c->batch.columns[column].vectors + row * (size_t)dim,
        dim * (int)sizeof(float), SQLITE_TRANSIENT);
    sqlite3_result_subtype(ctx, SQL_SUBTYPE_VECTOR);
}

static int give_column(sqlite3_vtab_cursor *cursor, sqlite3_context *ctx, int column)
{
    const struct cursor *c = (struct cursor *)cursor;
    if (column < 0 || (size_t)column >= table_column_count(c->files)) return SQLITE_OK;
    const struct table_values *v = &c->batch.columns[column];
    if (v->bools == NULL || (v->null != NULL && v->null[c->row] != 0)) return SQLITE_OK;
    const struct table_bytes *text = v->texts + c->row;
    switch (table_columns(c->files)[column].type) {
    case TABLE_BOOL: sqlite3_result_int(ctx, v->bools[c->row]); break;
    case TABLE_INT: sqlite3_result_int64(ctx, v->ints[c->row]); break;
    case TABLE_REAL: sqlite3_result_double(ctx, v->reals[c->row]); break;
    case TABLE_VECTOR: give_vector(ctx, c, column, c->row); break;
    case TABLE_BLOB: sqlite3_result_blob64(ctx, text->data, text->bytes, SQLITE_TRANSIENT); break;
    default:
        sqlite3_result_text64(ctx, text->data, text->bytes, SQLITE_TRANSIENT, SQLITE_UTF8);
        break;
    }
    return SQLITE_OK;
}

static int give_rowid(sqlite3_vtab_cursor *cursor, sqlite3_int64 *out)
{
    const struct cursor *c = (struct cursor *)cursor;
    *out = (sqlite3_int64)(c->batch.first_row + c->row + 1);
    return SQLITE_OK;
}

/* --- the module ------------------------------------------------------------------------------- */

static void free_module(void *aux)
{
    struct module *m = aux;
    if (m != NULL) mem_free(m->path);
    mem_free(m);
}

static uint64_t hash_of(const struct file_table *f)
{
    uint64_t h = 14695981039346656037u; /* FNV-1a */
    for (const char *p = f->path; *p != '\0'; p++) h = (h ^ (unsigned char)*p) * 1099511628211u;
    h = (h ^ (uint64_t)f->options->format) * 1099511628211u;
    return (h ^ (uint64_t)f->options->header) * 1099511628211u;
}

enum status file_table_add(
    struct sql_session *s, const struct file_table *f, char *name, struct err *e)
{
    static const sqlite3_module MODULE = {.iVersion = 2,
        .xConnect = connect_table,
        .xBestIndex = best_index,
        .xDisconnect = disconnect_table,
        .xOpen = open_cursor,
        .xClose = close_cursor,
        .xFilter = filter,
        .xNext = next_row,
        .xEof = at_end,
        .xColumn = give_column,
        .xRowid = give_rowid};
    struct module *m = mem_zalloc(1, sizeof *m);
    if (m == NULL) return mem_err(e, sizeof *m);
    *m = (struct module){.session = s, .options = *f->options, .path = mem_strdup(f->path)};
    if (m->path == NULL) {
        mem_free(m);
        return mem_err(e, strlen(f->path));
    }
    snprintf(name, FILE_TABLE_NAME_BYTES, "fovea_file_%016" PRIx64, hash_of(f));
    int rc = sqlite3_create_module_v2(s->db, name, &MODULE, m, free_module);
    return rc == SQLITE_OK ? ST_OK : sql_word(s, rc, e);
}
