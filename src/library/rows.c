/* rows.c - gathering rows, writing them, and finding a vector by content. */
#include "library/rows.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

enum { ROWS_MAX = 256, GATHER_MS = 250, GATHER_MS_MAX = 2000, GATHER_FLUSHES = 20 };

/* Something to write: a job, or a path to forget (id of its row in images). */
struct item {
    struct job *job;
    char *gone;
    int64_t id;
};

struct rows {
    struct store *store;
    int dim;
    struct store_stmt *put, *put_error, *drop_error, *drop_stale, *drop, *find;
    struct item items[ROWS_MAX];
    int count;
    int64_t first_ms;  /* when the oldest item came */
    int64_t gather_ms; /* how long to gather: longer where commits are slow */
};

/* Vectors of other models stay only while the content does. */
static void put_sql(struct buf *sql, const struct pick *p, const struct tables_columns *all)
{
    const char *own = p->column.name;
    buf_printf(sql,
        "INSERT INTO images(path, hash, bytes, mtime, taken_at, width, height, lat, lon, \"%s\") "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT(path) DO UPDATE SET bytes = "
        "excluded.bytes,"
        " mtime = excluded.mtime, taken_at = excluded.taken_at, width = excluded.width, height = "
        "excluded.height,"
        " lat = excluded.lat, lon = excluded.lon, \"%s\" = excluded.\"%s\"",
        own, own, own);
    for (int i = 0; i < all->count; i++) {
        const char *other = all->at[i].name;
        if (strcmp(other, own) == 0) continue;
        buf_printf(sql, ", \"%s\" = CASE WHEN hash IS excluded.hash THEN \"%s\" END", other, other);
    }
    buf_add_str(sql, ", hash = excluded.hash");
}

static enum status prepare(struct rows *r, const struct pick *p, struct err *e)
{
    struct tables_columns all;
    struct buf put, find;
    enum status st = tables_columns_read(r->store, &all, e);
    if (st != ST_OK) return st;
    buf_init(&put);
    buf_init(&find);
    put_sql(&put, p, &all);
    buf_printf(&find,
        "SELECT taken_at, width, height, lat, lon, \"%s\" FROM images "
        "WHERE hash = ?1 AND \"%s\" IS NOT NULL LIMIT 1",
        p->column.name, p->column.name);
    struct {
        struct store_stmt **out;
        const char *sql;
    } list[] = {
        {&r->put, put.data},
        {&r->find, find.data},
        {&r->put_error,
            "INSERT OR REPLACE INTO image_errors(path, reason, mtime, bytes) VALUES (?1, ?2, ?3, "
            "?4)"},
        {&r->drop_error, "DELETE FROM image_errors WHERE path = ?1"},
        {&r->drop_stale,
            "DELETE FROM images WHERE path = ?1 AND NOT (bytes IS ?2 AND mtime IS ?3)"},
        {&r->drop, "DELETE FROM images WHERE id = ?1"},
    };
    st = buf_check(&put, e);
    if (st == ST_OK) st = buf_check(&find, e);
    for (size_t i = 0; st == ST_OK && i < sizeof list / sizeof list[0]; i++)
        st = store_prepare(r->store, list[i].sql, list[i].out, e);
    buf_deinit(&put);
    buf_deinit(&find);
    return st;
}

enum status rows_open(struct store *s, const struct pick *p, struct rows **out, struct err *e)
{
    struct rows *r = mem_zalloc(1, sizeof *r);
    *out = NULL;
    if (r == NULL) return mem_err(e, sizeof *r);
    r->store = s;
    r->gather_ms = GATHER_MS;
    r->dim = p->column.of.dim;
    enum status st = prepare(r, p, e);
    if (st == ST_OK)
        *out = r;
    else
        rows_close(r);
    return st;
}

static void drop_items(struct rows *r)
{
    for (int i = 0; i < r->count; i++) {
        job_close(r->items[i].job);
        mem_free(r->items[i].gone);
    }
    r->count = 0;
}

void rows_close(struct rows *r)
{
    if (r == NULL) return;
    struct store_stmt *all[] = {
        r->put, r->put_error, r->drop_error, r->drop_stale, r->drop, r->find};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) store_finalize(all[i]);
    drop_items(r);
    mem_free(r);
}

/* --- by content ----------------------------------------------------------------------------------
 */

static void take_found(struct rows *r, struct job *j)
{
    size_t bytes = (size_t)r->dim * sizeof(float);
    if ((size_t)store_bytes(r->find, 5) != bytes) return; /* not ours: embed it again */
    memcpy(j->vector, store_blob(r->find, 5), bytes);
    j->info.has_taken_at = !store_is_null(r->find, 0);
    j->info.taken_at = store_int(r->find, 0);
    j->info.width = (int)store_int(r->find, 1);
    j->info.height = (int)store_int(r->find, 2);
    j->info.orientation = 1; /* the row has the sizes turned already */
    j->info.has_place = !store_is_null(r->find, 3) && !store_is_null(r->find, 4);
    j->info.lat = store_double(r->find, 3);
    j->info.lon = store_double(r->find, 4);
    j->reused = true;
}

enum status rows_find(struct rows *r, struct job *j, struct err *e)
{
    bool row = false;
    for (int i = 0; i < r->count; i++) {
        const struct job *other = r->items[i].job;
        if (other == NULL || other->status != ST_OK || strcmp(other->hash, j->hash) != 0) continue;
        memcpy(j->vector, other->vector, (size_t)r->dim * sizeof(float));
        j->info = other->info;
        j->reused = true;
        return ST_OK;
    }
    store_bind_text(r->find, 1, j->hash, -1);
    enum status st = store_step(r->find, &row, e);
    if (st == ST_OK && row) take_found(r, j);
    store_reset(r->find);
    return st;
}

/* --- writing -------------------------------------------------------------------------------------
 */

static enum status write_picture(struct rows *r, const struct job *j, struct err *e)
{
    struct store_stmt *st = r->put;
    bool turned = j->info.orientation >= 5;
    store_bind_text(st, 1, j->path, -1);
    store_bind_text(st, 2, j->hash, -1);
    store_bind_int(st, 3, j->bytes);
    store_bind_double(st, 4, j->mtime);
    if (j->info.has_taken_at) store_bind_int(st, 5, j->info.taken_at);
    store_bind_int(st, 6, turned ? j->info.height : j->info.width);
    store_bind_int(st, 7, turned ? j->info.width : j->info.height);
    if (j->info.has_place) store_bind_double(st, 8, j->info.lat);
    if (j->info.has_place) store_bind_double(st, 9, j->info.lon);
    store_bind_blob(st, 10, j->vector, r->dim * (int64_t)sizeof(float));
    enum status status = store_run(st, e);
    if (status != ST_OK) return status;
    store_bind_text(r->drop_error, 1, j->path, -1);
    return store_run(r->drop_error, e);
}

/* Whether the failure may be over at the next run without a change of the file. */
static bool is_passing(enum status st)
{
    return st == ST_IO || st == ST_DENIED || st == ST_NO_MEMORY || st == ST_NOT_FOUND;
}

/* A row made from earlier content of the file goes; one of the same size and time stays, since only
 * another model has met the failure. */
static enum status write_failure(struct rows *r, const struct job *j, struct err *e)
{
    store_bind_text(r->put_error, 1, j->path, -1);
    store_bind_text(r->put_error, 2, j->err.text, -1);
    if (!is_passing(j->status)) store_bind_double(r->put_error, 3, j->mtime);
    if (!is_passing(j->status)) store_bind_int(r->put_error, 4, j->bytes);
    enum status st = store_run(r->put_error, e);
    if (st != ST_OK || j->bytes < 0) return st;
    store_bind_text(r->drop_stale, 1, j->path, -1);
    store_bind_int(r->drop_stale, 2, j->bytes);
    store_bind_double(r->drop_stale, 3, j->mtime);
    return store_run(r->drop_stale, e);
}

static enum status write_gone(struct rows *r, const struct item *it, struct err *e)
{
    store_bind_text(r->drop_error, 1, it->gone, -1);
    enum status st = store_run(r->drop_error, e);
    if (st != ST_OK || it->id == 0) return st;
    store_bind_int(r->drop, 1, it->id);
    return store_run(r->drop, e);
}

static enum status write_item(struct rows *r, const struct item *it, struct err *e)
{
    if (it->job == NULL) return write_gone(r, it, e);
    return it->job->status == ST_OK ? write_picture(r, it->job, e) : write_failure(r, it->job, e);
}

/* A slow disk gets fewer commits, so that they take a twentieth of the time at most. */
static void pace(struct rows *r, int64_t flush_ms)
{
    r->gather_ms = flush_ms * GATHER_FLUSHES;
    if (r->gather_ms < GATHER_MS) r->gather_ms = GATHER_MS;
    if (r->gather_ms > GATHER_MS_MAX) r->gather_ms = GATHER_MS_MAX;
}

enum status rows_flush(struct rows *r, struct err *e)
{
    if (r->count == 0) return ST_OK;
    int64_t begin_ms = run_now_ms();
    enum status st = store_begin(r->store, e);
    bool begun = st == ST_OK;
    for (int i = 0; st == ST_OK && i < r->count; i++) st = write_item(r, &r->items[i], e);
    if (st == ST_OK) st = store_commit(r->store, e);
    if (st != ST_OK && begun) store_rollback(r->store);
    pace(r, run_now_ms() - begin_ms);
    drop_items(r); /* after a failure the run ends, and the next one makes them again */
    return st;
}

static enum status add(struct rows *r, struct item it, struct err *e)
{
    if (r->count == 0) r->first_ms = run_now_ms();
    r->items[r->count++] = it;
    bool enough = r->count == ROWS_MAX || run_now_ms() - r->first_ms >= r->gather_ms;
    return enough ? rows_flush(r, e) : ST_OK;
}

enum status rows_add(struct rows *r, struct job *j, struct err *e)
{
    return add(r, (struct item){.job = j}, e);
}

enum status rows_add_broken(struct rows *r, const char *path, const char *reason, struct err *e)
{
    struct job *j;
    enum status st = job_open(path, 0, &j, e);
    if (st != ST_OK) return st;
    j->bytes = -1;
    j->status = err_set(&j->err, ST_IO, "%s", reason);
    return rows_add(r, j, e);
}

enum status rows_remove(struct rows *r, int64_t id, const char *path, struct err *e)
{
    struct item it = {.id = id, .gone = mem_strdup(path)};
    if (it.gone == NULL) return mem_err(e, strlen(path));
    return add(r, it, e);
}
