/* known.c - two chunked readers, one a table, and their merge by path. */
#include "library/known.h"

#include <assert.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"

enum { CHUNK_ROWS = 1000 };

struct row {
    const char *path;
    int64_t id, bytes;
    double mtime;
    bool embedded;
};

/* One table's rows below a folder, a chunk at a time. */
struct reader {
    struct store_stmt *select; /* ?1 < path < ?2 */
    struct arena texts;
    struct row rows[CHUNK_ROWS];
    size_t count, next;
    struct buf after; /* the last path read */
    bool ended;
};

struct known {
    struct reader images, errors;
};

/* Every path below "…/" is less than "…0": '0' follows '/'. */
static enum status reader_open(
    struct reader *r, struct store *s, const char *sql, const char *folder, struct err *e)
{
    arena_init(&r->texts, 0);
    buf_init(&r->after);
    buf_add_str(&r->after, folder);
    enum status st = buf_check(&r->after, e);
    if (st == ST_OK) st = store_prepare(s, sql, &r->select, e);
    if (st != ST_OK) return st;
    r->after.data[r->after.bytes - 1] = '0';
    store_bind_text(r->select, 2, r->after.data, (int64_t)r->after.bytes);
    r->after.data[r->after.bytes - 1] = '/';
    return ST_OK;
}

static void reader_close(struct reader *r)
{
    store_finalize(r->select);
    arena_deinit(&r->texts);
    buf_deinit(&r->after);
}

static enum status reader_take_row(struct reader *r, struct err *e)
{
    int bytes = store_bytes(r->select, 0);
    const char *path = store_text(r->select, 0);
    struct row *row = &r->rows[r->count];
    row->path = arena_strndup(&r->texts, path != NULL ? path : "", (size_t)bytes);
    if (row->path == NULL) return mem_err(e, (size_t)bytes);
    row->id = store_int(r->select, 1);
    row->bytes = store_is_null(r->select, 2) ? -1 : store_int(r->select, 2);
    row->mtime = store_double(r->select, 3);
    row->embedded = store_int(r->select, 4) != 0;
    r->count++;
    return ST_OK;
}

static enum status reader_fill(struct reader *r, struct err *e)
{
    bool row = false;
    arena_deinit(&r->texts);
    arena_init(&r->texts, 0);
    r->count = r->next = 0;
    store_bind_text(r->select, 1, r->after.data, (int64_t)r->after.bytes);
    enum status st = store_step(r->select, &row, e);
    while (st == ST_OK && row) {
        st = reader_take_row(r, e);
        if (st == ST_OK) st = store_step(r->select, &row, e);
    }
    store_reset(r->select);
    r->ended = r->count < CHUNK_ROWS;
    if (st != ST_OK || r->count == 0) return st;
    buf_clear(&r->after);
    buf_add_str(&r->after, r->rows[r->count - 1].path);
    return buf_check(&r->after, e);
}

/* The next row without taking it; NULL behind the last. */
static enum status reader_peek(struct reader *r, struct row **out, struct err *e)
{
    enum status st = ST_OK;
    *out = NULL;
    if (r->next == r->count && !r->ended) st = reader_fill(r, e);
    if (st == ST_OK && r->next < r->count) *out = &r->rows[r->next];
    return st;
}

enum status known_open(
    struct store *s, const char *folder, const char *column, struct known **out, struct err *e)
{
    static const char ERRORS[] = "SELECT path, 0, bytes, mtime, 0 FROM image_errors "
                                 "WHERE path > ?1 AND path < ?2 ORDER BY path LIMIT 1000";
    static_assert(CHUNK_ROWS == 1000, "stands in the statements");
    struct buf sql;
    *out = NULL;
    struct known *k = mem_zalloc(1, sizeof *k);
    if (k == NULL) return mem_err(e, sizeof *k);
    buf_init(&sql);
    buf_printf(&sql,
        "SELECT path, id, bytes, mtime, \"%s\" IS NOT NULL FROM images "
        "WHERE path > ?1 AND path < ?2 ORDER BY path LIMIT 1000",
        column);
    enum status st = buf_check(&sql, e);
    if (st == ST_OK) st = reader_open(&k->images, s, sql.data, folder, e);
    if (st == ST_OK) st = reader_open(&k->errors, s, ERRORS, folder, e);
    buf_deinit(&sql);
    if (st == ST_OK)
        *out = k;
    else
        known_close(k);
    return st;
}

enum status known_next(struct known *k, struct known_row *out, bool *more, struct err *e)
{
    struct row *image, *error;
    enum status st = reader_peek(&k->images, &image, e);
    if (st == ST_OK) st = reader_peek(&k->errors, &error, e);
    if (st != ST_OK) return st;
    int order = image == NULL ? 1 : error == NULL ? -1 : strcmp(image->path, error->path);
    *more = image != NULL || error != NULL;
    *out = (struct known_row){0};
    if (image != NULL && order <= 0) {
        k->images.next++;
        out->path = image->path;
        out->id = image->id;
        out->bytes = image->bytes;
        out->mtime = image->mtime;
        out->embedded = image->embedded;
    }
    if (error != NULL && order >= 0) {
        k->errors.next++;
        out->path = error->path;
        out->failed = true;
        out->failed_bytes = error->bytes;
        out->failed_mtime = error->mtime;
    }
    return ST_OK;
}

void known_close(struct known *k)
{
    if (k == NULL) return;
    reader_close(&k->images);
    reader_close(&k->errors);
    mem_free(k);
}
