/* search_where.c - the condition of a search as SQL: the folders it is about, and what the caller
 * wrote.
 *
 * It becomes part of the one statement that reads the rows, so a filter costs what SQLite makes it
 * cost and never changes how many come back.
 */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "library/search_parts.h"

/* "…/" of a folder that may be gone by now: its rows are still there. mem_free it. */
static char *folder_prefix(const char *dir, struct err *e)
{
    char *real = file_real_path(dir, e);
    if (real == NULL && dir[0] == '/') real = mem_strdup(dir);
    if (real == NULL) return NULL;
    size_t bytes = strlen(real);
    while (bytes > 0 && real[bytes - 1] == '/') bytes--;
    char *prefix = mem_alloc(bytes + 2);
    if (prefix == NULL)
        mem_err(e, bytes + 2);
    else
        snprintf(prefix, bytes + 2, "%.*s/", (int)bytes, real);
    mem_free(real);
    return prefix;
}

static enum status bind_under(
    struct store_stmt *st, const struct options_paths *under, struct err *e)
{
    for (size_t i = 0; under != NULL && i < under->count; i++) {
        char *prefix = folder_prefix(under->at[i], e);
        if (prefix == NULL) return e != NULL ? e->code : ST_NOT_FOUND;
        size_t bytes = strlen(prefix);
        store_bind_text(st, (int)(2 * i + 1), prefix, (int64_t)bytes);
        prefix[bytes - 1] = '0'; /* follows '/' */
        store_bind_text(st, (int)(2 * i + 2), prefix, (int64_t)bytes);
        mem_free(prefix);
    }
    return ST_OK;
}

/* An error in the condition is told by its place there, which is what the caller wrote. */
static enum status word_condition(struct err *e, const char *where, size_t before)
{
    struct err own = *e;
    int at = own.offset - (int)before;
    bool inside = at >= 0 && (size_t)at <= strlen(where);
    if (!inside) return err_set(e, own.code, "in the condition: %s", own.text);
    err_place(&own, where, at);
    return err_set(
        e, own.code, "in the condition, line %d, column %d: %s", own.line, own.column, own.text);
}

static void add_under(struct buf *sql, const struct options_paths *under)
{
    for (size_t i = 0; i < under->count; i++)
        buf_printf(sql, "%s(path > ?%zu AND path < ?%zu)", i == 0 ? " AND (" : " OR ", 2 * i + 1,
            2 * i + 2);
    buf_add_str(sql, under->count > 0 ? ")" : " AND 0");
}

enum status search_where_prepare(
    const struct search *x, const char *what, int *id, struct store_stmt **out, struct err *e)
{
    const struct search_options *how = x->how;
    struct buf sql;
    size_t before = 0;
    buf_init(&sql);
    buf_printf(&sql, "SELECT %s FROM images WHERE \"%s\" IS NOT NULL", what, x->pick.column.name);
    if (id != NULL) {
        *id = how->under != NULL ? (int)(2 * how->under->count + 1) : 1;
        buf_printf(&sql, " AND id = ?%d", *id);
    }
    if (how->under != NULL) add_under(&sql, how->under);
    if (how->where != NULL) {
        buf_add_str(&sql, " AND (\n");
        before = sql.bytes;
        buf_add_str(&sql, how->where);
        buf_add_str(&sql, "\n)");
    }
    enum status st = buf_check(&sql, e);
    if (st == ST_OK) {
        struct err why = ERR_INIT;
        st = store_prepare(x->store, sql.data, out, &why);
        if (st != ST_OK && how->where != NULL) st = word_condition(&why, how->where, before);
        if (st != ST_OK && e != NULL) *e = why;
    }
    if (st == ST_OK) st = bind_under(*out, how->under, e);
    buf_deinit(&sql);
    return st;
}
