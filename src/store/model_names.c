/* model_names.c - the table fovea_model_names. Small and read once per name and session. */
#include "store/model_names.h"

#include <stdio.h>

static void take_text(struct store_stmt *st, int i, char *out, size_t bytes)
{
    const char *text = store_text(st, i);
    snprintf(out, bytes, "%s", text != NULL ? text : "");
}

static void take_row(struct store_stmt *st, struct store_model_name *out)
{
    take_text(st, 0, out->name, sizeof out->name);
    take_text(st, 1, out->class_name, sizeof out->class_name);
    take_text(st, 2, out->source, sizeof out->source);
    take_text(st, 3, out->updated, sizeof out->updated);
}

enum status store_model_name_find(
    struct store *s, const char *name, struct store_model_name *out, bool *found, struct err *e)
{
    struct store_stmt *st;
    *found = false;
    if (!store_has_table(s, "fovea_model_names")) return ST_OK;
    enum status rc = store_prepare(
        s, "SELECT name, class_name, source, updated FROM fovea_model_names WHERE name=?1", &st, e);
    if (rc != ST_OK) return rc;
    store_bind_text(st, 1, name, -1);
    rc = store_step(st, found, e);
    if (rc == ST_OK && *found && out != NULL) take_row(st, out);
    store_finalize(st);
    return rc;
}

enum status store_model_names_each(struct store *s,
    enum status (*each)(void *user, const struct store_model_name *m, struct err *e), void *user,
    struct err *e)
{
    struct store_stmt *st;
    struct store_model_name m;
    bool row;
    if (!store_has_table(s, "fovea_model_names")) return ST_OK;
    enum status rc = store_prepare(
        s, "SELECT name, class_name, source, updated FROM fovea_model_names ORDER BY name", &st, e);
    if (rc != ST_OK) return rc;
    while (rc == ST_OK && (rc = store_step(st, &row, e)) == ST_OK && row) {
        take_row(st, &m);
        rc = each(user, &m, e);
    }
    store_finalize(st);
    return rc;
}

enum status store_model_name_set(struct store *s, const struct store_model_name *m, struct err *e)
{
    struct store_stmt *st = NULL;
    enum status rc = store_exec(s,
        "CREATE TABLE IF NOT EXISTS fovea_model_names(name TEXT PRIMARY KEY COLLATE NOCASE,"
        " class_name TEXT NOT NULL, source TEXT NOT NULL, updated TEXT NOT NULL) WITHOUT ROWID",
        e);
    if (rc == ST_OK)
        rc = store_prepare(s,
            "INSERT OR REPLACE INTO fovea_model_names VALUES(?1,?2,?3,"
            "strftime('%Y-%m-%d %H:%M:%S', 'now'))",
            &st, e);
    if (rc != ST_OK) return rc;
    store_bind_text(st, 1, m->name, -1);
    store_bind_text(st, 2, m->class_name, -1);
    store_bind_text(st, 3, m->source, -1);
    rc = store_run(st, e);
    store_finalize(st);
    return rc;
}

enum status store_model_name_remove(struct store *s, const char *name, struct err *e)
{
    struct store_stmt *st;
    enum status rc = store_prepare(s, "DELETE FROM fovea_model_names WHERE name=?1", &st, e);
    if (rc != ST_OK) return rc;
    store_bind_text(st, 1, name, -1);
    rc = store_run(st, e);
    store_finalize(st);
    return rc;
}
