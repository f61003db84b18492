/* tables.c - making and checking the library's tables. */
#include "library/tables.h"

#include <stdio.h>
#include <string.h>

static const char SCHEMA[] =
    "CREATE TABLE IF NOT EXISTS images(id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, hash "
    "TEXT,"
    " bytes INTEGER, mtime REAL, taken_at INTEGER, width INTEGER, height INTEGER, lat REAL, lon "
    "REAL,"
    " embedding BLOB);"
    "CREATE INDEX IF NOT EXISTS images_hash ON images(hash);"
    "CREATE TABLE IF NOT EXISTS image_errors(path TEXT NOT NULL PRIMARY KEY, reason TEXT, mtime "
    "REAL,"
    " bytes INTEGER);"
    "CREATE TABLE IF NOT EXISTS fovea_library(key TEXT NOT NULL PRIMARY KEY, value);";

static const char PROBE[] = "SELECT id, path, hash, bytes, mtime, taken_at, width, height, lat, "
                            "lon, embedding FROM images LIMIT 0";

static enum status has_table(struct store *s, const char *name, bool *has, struct err *e)
{
    struct store_stmt *st;
    enum status status = store_prepare(s, "SELECT 1 FROM sqlite_schema WHERE name = ?1", &st, e);
    if (status != ST_OK) return status;
    store_bind_text(st, 1, name, -1);
    status = store_step(st, has, e);
    store_finalize(st);
    return status;
}

static enum status check_form(struct store *s, struct err *e)
{
    struct store_stmt *st;
    struct err why = ERR_INIT;
    enum status status = store_prepare(s, PROBE, &st, &why);
    store_finalize(st);
    if (status == ST_OK) return ST_OK;
    if (status != ST_INVALID && status != ST_NOT_FOUND) {
        if (e != NULL) *e = why;
        return status;
    }
    return err_set(
        e, ST_INVALID, "the table images of %s is not a library's: %s", store_path(s), why.text);
}

enum status tables_init(struct store *s, struct err *e)
{
    if (store_is_read_only(s))
        return err_set(
            e, ST_READ_ONLY, "%s is read-only: pictures can't be added to it", store_path(s));
    int64_t made = 0;
    enum status st = tables_number(s,
        "SELECT count(*) FROM sqlite_schema WHERE name IN "
        "('images', 'images_hash', 'image_errors', 'fovea_library', 'fovea_columns')",
        &made, e);
    if (st == ST_OK && made == 5) return check_form(s, e); /* without a write */
    if (st == ST_OK) st = store_begin(s, e);
    if (st != ST_OK) return st;
    st = store_exec(s, SCHEMA, e);
    if (st == ST_OK || st == ST_INVALID) st = check_form(s, e);
    if (st == ST_OK) st = store_columns_init(s, e);
    if (st == ST_OK) st = store_commit(s, e);
    if (st != ST_OK) store_rollback(s);
    return st;
}

enum status tables_check(struct store *s, struct err *e)
{
    bool images = false, facts = false;
    enum status st = has_table(s, "images", &images, e);
    if (st == ST_OK) st = has_table(s, "fovea_library", &facts, e);
    if (st != ST_OK) return st;
    if (!images || !facts)
        return err_set(
            e, ST_NOT_FOUND, "%s holds no pictures yet: fovea index DIR adds them", store_path(s));
    return check_form(s, e);
}

enum status tables_columns_read(struct store *s, struct tables_columns *out, struct err *e)
{
    struct store_stmt *st;
    bool row = false;
    out->count = 0;
    enum status status = has_table(s, "fovea_columns", &row, e);
    if (status != ST_OK || !row) return status;
    status =
        store_prepare(s, "SELECT col FROM fovea_columns WHERE tbl = 'images' ORDER BY col", &st, e);
    if (status != ST_OK) return status;
    status = store_step(st, &row, e);
    while (status == ST_OK && row) {
        if (out->count == TABLES_COLUMNS_MAX) {
            status = err_set(
                e, ST_LIMIT, "images has more than %d embedding columns", TABLES_COLUMNS_MAX);
            break;
        }
        struct tables_column *c = &out->at[out->count++];
        snprintf(c->name, sizeof c->name, "%s", store_text(st, 0));
        status = store_step(st, &row, e);
    }
    store_finalize(st);
    for (int i = 0; status == ST_OK && i < out->count; i++)
        status = store_column_find(s, "images", out->at[i].name, &out->at[i].of, e);
    return status;
}

enum status tables_fact_get(
    struct store *s, const char *key, struct buf *out, bool *found, struct err *e)
{
    struct store_stmt *st;
    enum status status = has_table(s, "fovea_library", found, e);
    if (status != ST_OK || !*found) return status;
    status = store_prepare(s, "SELECT value FROM fovea_library WHERE key = ?1", &st, e);
    if (status != ST_OK) return status;
    store_bind_text(st, 1, key, -1);
    status = store_step(st, found, e);
    if (status == ST_OK && *found) {
        const void *value = store_blob(st, 0); /* of a text: its bytes */
        buf_add(out, value, value != NULL ? (size_t)store_bytes(st, 0) : 0);
        status = buf_check(out, e);
    }
    store_finalize(st);
    return status;
}

enum status tables_fact_set(
    struct store *s, const char *key, const void *value, int64_t bytes, struct err *e)
{
    struct store_stmt *st;
    enum status status = store_prepare(s,
        "INSERT INTO fovea_library(key, value) VALUES (?1, ?2) "
        "ON CONFLICT(key) DO UPDATE SET value = excluded.value",
        &st, e);
    if (status != ST_OK) return status;
    store_bind_text(st, 1, key, -1);
    if (bytes < 0)
        store_bind_text(st, 2, value, -1);
    else
        store_bind_blob(st, 2, value, bytes);
    status = store_run(st, e);
    store_finalize(st);
    return status;
}

enum status tables_number(struct store *s, const char *sql, int64_t *out, struct err *e)
{
    struct store_stmt *st;
    bool row = false;
    *out = 0;
    enum status status = store_prepare(s, sql, &st, e);
    if (status != ST_OK) return status;
    status = store_step(st, &row, e);
    if (status == ST_OK && row) *out = store_int(st, 0);
    store_finalize(st);
    return status;
}
