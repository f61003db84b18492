/* columns.c - the table fovea_columns. Small and read rarely: a statement per call is cheap enough.
 */
#include "store/columns.h"

#include <stdio.h>

enum status store_columns_init(struct store *s, struct err *e)
{
    enum status st = store_exec(s,
        "CREATE TABLE IF NOT EXISTS fovea_columns(tbl TEXT NOT NULL COLLATE NOCASE,"
        " col TEXT NOT NULL COLLATE NOCASE, model TEXT, fingerprint TEXT, dim INTEGER NOT NULL,"
        " metric TEXT NOT NULL, picture TEXT COLLATE NOCASE, PRIMARY KEY(tbl, col))",
        e);
    bool has = false;
    if (st == ST_OK) st = store_find_column(s, "fovea_columns", "picture", &has, e);
    if (st != ST_OK || has) return st;
    return store_exec(s, "ALTER TABLE fovea_columns ADD COLUMN picture TEXT COLLATE NOCASE", e);
}

static const char *or_null(const char *s)
{
    return s[0] != '\0' ? s : NULL;
}

enum status store_column_set(struct store *s, const char *table, const char *column,
    const struct store_column *c, struct err *e)
{
    struct store_stmt *st = NULL;
    enum status rc = store_columns_init(s, e);
    if (rc == ST_OK)
        rc = store_prepare(
            s,
            "INSERT OR REPLACE INTO"
            " fovea_columns(tbl, col, model, fingerprint, dim, metric, picture)"
            " VALUES(?1,?2,?3,?4,?5,?6,?7)",
            &st, e);
    if (rc != ST_OK) return rc;
    store_bind_text(st, 1, table, -1);
    store_bind_text(st, 2, column, -1);
    store_bind_text(st, 3, or_null(c->model), -1);
    store_bind_text(st, 4, or_null(c->fingerprint), -1);
    store_bind_int(st, 5, c->dim);
    store_bind_text(st, 6, c->metric, -1);
    store_bind_text(st, 7, or_null(c->picture), -1);
    rc = store_run(st, e);
    store_finalize(st);
    return rc;
}

static void take_text(struct store_stmt *st, int i, char *out, size_t bytes)
{
    const char *text = store_text(st, i);
    snprintf(out, bytes, "%s", text != NULL ? text : "");
}

enum status store_column_find(
    struct store *s, const char *table, const char *column, struct store_column *out, struct err *e)
{
    static const char OF_NOW[] = "SELECT model, fingerprint, dim, metric, picture"
                                 " FROM fovea_columns WHERE tbl=?1 AND col=?2";
    static const char BEFORE[] = "SELECT model, fingerprint, dim, metric, NULL"
                                 " FROM fovea_columns WHERE tbl=?1 AND col=?2";
    bool found;
    struct store_stmt *st;
    *out = (struct store_column){0};
    if (!store_has_table(s, "fovea_columns")) return ST_OK;
    enum status rc = store_find_column(s, "fovea_columns", "picture", &found, e);
    if (rc != ST_OK) return rc;
    rc = store_prepare_constant(s, found ? OF_NOW : BEFORE, &st, e);
    if (rc != ST_OK) return rc;
    store_bind_text(st, 1, table, -1);
    store_bind_text(st, 2, column, -1);
    rc = store_step(st, &found, e);
    if (rc == ST_OK && found) {
        out->dim = (int)store_int(st, 2);
        take_text(st, 0, out->model, sizeof out->model);
        take_text(st, 1, out->fingerprint, sizeof out->fingerprint);
        take_text(st, 3, out->metric, sizeof out->metric);
        take_text(st, 4, out->picture, sizeof out->picture);
    }
    store_finalize(st);
    return rc;
}

enum status store_column_picture(struct store *s, const char *table, const char *fingerprint,
    char out[256], struct err *e)
{
    bool found;
    struct store_stmt *st;
    out[0] = '\0';
    enum status rc = store_find_column(s, "fovea_columns", "picture", &found, e);
    if (rc != ST_OK || !found) return rc;
    rc = store_prepare(s,
        "SELECT picture FROM fovea_columns WHERE tbl=?1 AND picture IS NOT NULL"
        " ORDER BY fingerprint IS ?2 DESC, col LIMIT 1",
        &st, e);
    if (rc != ST_OK) return rc;
    store_bind_text(st, 1, table, -1);
    store_bind_text(st, 2, fingerprint, -1);
    rc = store_step(st, &found, e);
    if (rc == ST_OK && found) take_text(st, 0, out, 256);
    store_finalize(st);
    return rc;
}

enum status store_columns_remove(struct store *s, const char *table, struct err *e)
{
    struct store_stmt *st;
    if (!store_has_table(s, "fovea_columns")) return ST_OK;
    enum status rc = store_prepare(s, "DELETE FROM fovea_columns WHERE tbl=?1", &st, e);
    if (rc != ST_OK) return rc;
    store_bind_text(st, 1, table, -1);
    rc = store_run(st, e);
    store_finalize(st);
    return rc;
}
