/* import_rows.c - reading and writing at the same time.
 *
 * A reader's thread takes batches from the files and copies what is wanted into a chunk of its own
 * (what a batch points to ends with the next one); the session's thread binds a chunk's values
 * where they lie and runs one prepared INSERT a row. CHUNKS of them go round between two queues.
 * Only the session's thread touches the database and reports progress.
 */
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/queue.h"
#include "sql/function/vector.h"
#include "sql/statement/import.h"
#include "table/array.h"

enum { CHUNKS = 3 };

struct chunk_column {
    struct buf data, null, text;
    bool any_null;
    int dim;
};

struct chunk {
    struct chunk_column *columns; /* of the files */
    size_t rows;                  /* 0: the end */
    uint64_t first_row;
    struct table_progress at;
    enum status status;
    struct err err;
};

struct loader {
    struct import *im;
    size_t count; /* columns of the files */
    struct chunk chunks[CHUNKS];
    struct queue *free, *full;
    pthread_t thread;
    bool started;
    sqlite3_stmt *insert;
    int *parameter; /* by column of the files */
    struct buf scratch;
};

/* --- reading ---------------------------------------------------------------------------------- */

static void buf_set(struct buf *b, const void *data, size_t bytes)
{
    buf_clear(b);
    buf_add(b, data, bytes);
}

/* Values of bytes: the texts lie in a buffer of the chunk, one after the other. */
static void copy_texts(struct chunk_column *to, const struct table_values *v, size_t rows)
{
    size_t bytes = 0;
    buf_clear(&to->text);
    for (size_t i = 0; i < rows; i++)
        if (v->null == NULL || v->null[i] == 0) bytes += v->texts[i].bytes;
    buf_set(&to->data, v->texts, rows * sizeof *v->texts);
    char *at = buf_reserve(&to->text, bytes + 1);
    if (at == NULL || to->data.failed) return;
    struct table_bytes *moved = (struct table_bytes *)(void *)to->data.data;
    for (size_t i = 0; i < rows; i++) {
        if (v->null != NULL && v->null[i] != 0) continue;
        memcpy(at, v->texts[i].data, v->texts[i].bytes);
        moved[i].data = at;
        at += v->texts[i].bytes;
    }
}

static void copy_column(struct chunk_column *to, const struct table_column *c,
    const struct table_values *v, size_t rows)
{
    static const size_t bytes[TABLE_TYPE_COUNT] = {
        [TABLE_BOOL] = 1, [TABLE_INT] = sizeof(int64_t), [TABLE_REAL] = sizeof(double)};
    to->any_null = v->null != NULL;
    to->dim = c->dim;
    if (v->null != NULL) buf_set(&to->null, v->null, rows);
    if (c->type == TABLE_TEXT || c->type == TABLE_BLOB)
        copy_texts(to, v, rows);
    else if (c->type == TABLE_VECTOR)
        buf_set(&to->data, v->vectors, v->vectors != NULL ? rows * (size_t)c->dim * 4 : 0);
    else
        buf_set(&to->data, v->bools, rows * bytes[c->type]);
}

/* NaN and infinity have all bits of the exponent. */
static enum status check_finite(
    const struct loader *l, const struct chunk *k, size_t column, struct err *e)
{
    const struct chunk_column *c = &k->columns[column];
    const unsigned char *data = (const unsigned char *)c->data.data;
    size_t count = c->data.bytes / sizeof(uint32_t);
    uint32_t worst = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, data + i * sizeof bits, sizeof bits);
        bits &= 0x7fffffff;
        worst = bits > worst ? bits : worst;
    }
    if (worst < 0x7f800000) return ST_OK;
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, data + i * sizeof bits, sizeof bits);
        if ((bits & 0x7fffffff) < 0x7f800000) continue;
        return err_set(e, ST_INVALID, "%s, row %" PRIu64 ": number %zu of the vector is %s",
            table_columns(l->im->files)[column].name, k->first_row + i / (size_t)c->dim + 1,
            i % (size_t)c->dim + 1,
            (bits & 0x7fffffff) == 0x7f800000 ? "infinite" : "not a number");
    }
    return ST_OK;
}

static enum status read_chunk(struct loader *l, struct chunk *k, struct err *e)
{
    struct table_batch batch;
    const struct table_column *columns = table_columns(l->im->files);
    enum status st = table_next(l->im->files, &batch, e);
    if (st != ST_OK) return st;
    k->rows = batch.rows;
    k->first_row = batch.first_row;
    table_get_progress(l->im->files, &k->at);
    for (size_t i = 0; st == ST_OK && batch.rows > 0 && i < l->count; i++) {
        struct chunk_column *to = &k->columns[i];
        if (l->im->target_of[i] < 0) continue;
        copy_column(to, &columns[i], &batch.columns[i], batch.rows);
        if (to->data.failed || to->null.failed || to->text.failed) return mem_err(e, 0);
        if (columns[i].type == TABLE_VECTOR) st = check_finite(l, k, i, e);
    }
    return st;
}

static void *reader_main(void *arg)
{
    struct loader *l = arg;
    for (;;) {
        struct chunk *k = queue_take(l->free);
        if (k == NULL) return NULL;
        k->err = ERR_INIT;
        k->rows = 0;
        k->status = read_chunk(l, k, &k->err);
        bool more = k->status == ST_OK && k->rows > 0;
        if (!queue_put(l->full, k) || !more) return NULL;
    }
}

/* --- writing ---------------------------------------------------------------------------------- */

static enum status prepare_insert(struct loader *l, struct err *e)
{
    struct import *im = l->im;
    struct buf sql, values;
    int parameters = 0;
    buf_init(&sql);
    buf_init(&values);
    store_sql(&sql, "INSERT INTO \"%w\".\"%w\"(", im->schema, im->table);
    for (size_t i = 0; i < l->count; i++) {
        if (im->target_of[i] < 0) continue;
        const char *comma = parameters > 0 ? "," : "";
        l->parameter[i] = ++parameters;
        store_sql(&sql, "%s\"%w\"", comma, im->targets[im->target_of[i]].name);
        bool half = im->targets[im->target_of[i]].half;
        buf_printf(&values, half ? "%shalfvec(?%d)" : "%s?%d", comma, parameters);
    }
    buf_printf(&sql, ") VALUES(%s)", values.data != NULL ? values.data : "");
    bool failed = sql.failed || values.failed;
    int rc = failed ? SQLITE_NOMEM
                    : sqlite3_prepare_v3(im->session->db, sql.data, -1, SQLITE_PREPARE_PERSISTENT,
                          &l->insert, NULL);
    buf_deinit(&sql);
    buf_deinit(&values);
    return rc == SQLITE_OK ? ST_OK : sql_word(im->session, rc, e);
}

/* Text or bytes that must be a vector. */
static enum status bind_parsed(struct loader *l, int parameter, const struct table_bytes *b,
    struct import_target *t, struct err *e)
{
    int dim = array_count(b->data, b->bytes);
    buf_clear(&l->scratch);
    if (dim <= 0 || dim > LIMIT_VECTOR_DIM)
        return err_set(
            e, ST_MISMATCH, "\"%.*s\" is no vector", b->bytes > 40 ? 40 : (int)b->bytes, b->data);
    float *out = buf_reserve(&l->scratch, (size_t)dim * sizeof *out);
    if (out == NULL) return mem_err(e, 0);
    array_read(b->data, b->bytes, out, dim);
    if (t->dim == 0) t->dim = dim;
    if (t->dim != dim)
        return err_set(e, ST_MISMATCH, "a vector of %d numbers, %s has %d", dim, t->name, t->dim);
    sqlite3_bind_blob(l->insert, parameter, out, dim * (int)sizeof *out, SQLITE_TRANSIENT);
    return ST_OK;
}

/* An array for a column that holds none: as text. */
static enum status bind_printed(
    struct loader *l, int parameter, const float *v, int dim, struct err *e)
{
    buf_clear(&l->scratch);
    vector_print(v, dim, &l->scratch);
    enum status st = buf_check(&l->scratch, e);
    if (st == ST_OK)
        sqlite3_bind_text64(
            l->insert, parameter, l->scratch.data, l->scratch.bytes, SQLITE_TRANSIENT, SQLITE_UTF8);
    return st;
}

static enum status bind_bytes(
    struct loader *l, size_t column, const struct table_bytes *b, struct err *e)
{
    struct import_target *t = &l->im->targets[l->im->target_of[column]];
    bool blob = table_columns(l->im->files)[column].type == TABLE_BLOB;
    int parameter = l->parameter[column];
    const char *data = b->data != NULL ? b->data : "";
    if (t->vector && !blob) return bind_parsed(l, parameter, b, t, e);
    if (t->vector) {
        if (t->dim == 0 && b->bytes % 4 == 0) t->dim = (int)(b->bytes / 4);
        if (b->bytes != (size_t)t->dim * 4)
            return err_set(
                e, ST_MISMATCH, "a blob of %zu bytes, %s takes %d", b->bytes, t->name, t->dim * 4);
    }
    if (blob)
        sqlite3_bind_blob64(l->insert, parameter, data, b->bytes, SQLITE_STATIC);
    else
        sqlite3_bind_text64(l->insert, parameter, data, b->bytes, SQLITE_STATIC, SQLITE_UTF8);
    return ST_OK;
}

static enum status bind_value(
    struct loader *l, const struct chunk *k, size_t column, size_t row, struct err *e)
{
    const struct table_column *c = &table_columns(l->im->files)[column];
    const struct chunk_column *v = &k->columns[column];
    struct import_target *t = &l->im->targets[l->im->target_of[column]];
    const char *data = v->data.data;
    int parameter = l->parameter[column];
    if (v->any_null && v->null.data[row] != 0) {
        sqlite3_bind_null(l->insert, parameter);
        return ST_OK;
    }
    switch (c->type) {
    case TABLE_BOOL: sqlite3_bind_int(l->insert, parameter, data[row] != 0); return ST_OK;
    case TABLE_INT:
        sqlite3_bind_int64(l->insert, parameter, ((const int64_t *)(const void *)data)[row]);
        return ST_OK;
    case TABLE_REAL:
        sqlite3_bind_double(l->insert, parameter, ((const double *)(const void *)data)[row]);
        return ST_OK;
    case TABLE_VECTOR: {
        const float *f = (const float *)(const void *)data + row * (size_t)v->dim;
        if (!t->vector) return bind_printed(l, parameter, f, v->dim, e);
        if (t->dim == 0) t->dim = v->dim;
        if (t->dim != v->dim)
            return err_set(
                e, ST_MISMATCH, "a vector of %d numbers, %s has %d", v->dim, t->name, t->dim);
        sqlite3_bind_blob(l->insert, parameter, f, v->dim * (int)sizeof *f, SQLITE_STATIC);
        return ST_OK;
    }
    default: return bind_bytes(l, column, (const struct table_bytes *)(const void *)data + row, e);
    }
}

static enum status fail_at(
    const struct loader *l, uint64_t row, enum status st, const struct err *why, struct err *e)
{
    bool of_row = st == ST_CONSTRAINT || st == ST_MISMATCH || st == ST_INVALID || st == ST_LIMIT;
    if (!of_row) {
        if (e != NULL) *e = *why;
        return st;
    }
    return err_set(e, st, "%s, row %" PRIu64 ": %s", l->im->table, row + 1, why->text);
}

static enum status write_chunk(struct loader *l, const struct chunk *k, struct err *e)
{
    for (size_t row = 0; row < k->rows; row++) {
        struct err why = ERR_INIT;
        enum status st = ST_OK;
        for (size_t i = 0; st == ST_OK && i < l->count; i++)
            if (l->im->target_of[i] >= 0) st = bind_value(l, k, i, row, &why);
        if (st == ST_OK) {
            sqlite3_step(l->insert);
            int rc = sqlite3_reset(l->insert);
            if (rc != SQLITE_OK) st = sql_word(l->im->session, rc, &why);
        }
        if (st != ST_OK) return fail_at(l, k->first_row + row, st, &why, e);
    }
    l->im->rows += k->rows;
    l->im->session->changed = (int64_t)l->im->rows;
    sql_count_read(l->im->session, k->rows, (int64_t)(k->at.bytes - l->im->bytes));
    l->im->bytes = k->at.bytes;
    run_report(&l->im->session->run,
        &(struct run_progress){"reading", k->at.bytes, k->at.bytes_total, NULL});
    return run_check(&l->im->session->run, e);
}

/* --- both ------------------------------------------------------------------------------------- */

static enum status open_loader(struct loader *l, struct err *e)
{
    sigset_t all, before;
    l->parameter = arena_array(l->im->arena, l->count + 1, sizeof *l->parameter);
    if (l->parameter == NULL) return mem_err(e, 0);
    for (int i = 0; i < CHUNKS; i++) {
        l->chunks[i].columns =
            arena_array(l->im->arena, l->count + 1, sizeof *l->chunks[i].columns);
        if (l->chunks[i].columns == NULL) return mem_err(e, 0);
    }
    enum status st = prepare_insert(l, e);
    if (st == ST_OK) st = queue_open(CHUNKS, &l->free, e);
    if (st == ST_OK) st = queue_open(CHUNKS, &l->full, e);
    if (st != ST_OK) return st;
    for (int i = 0; i < CHUNKS; i++) queue_put(l->free, &l->chunks[i]);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(&l->thread, NULL, reader_main, l);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    l->started = rc == 0;
    return rc == 0 ? ST_OK : err_set_errno(e, rc, "can't start a thread");
}

static void close_loader(struct loader *l)
{
    if (l->free != NULL) queue_end(l->free);
    if (l->full != NULL) queue_end(l->full);
    if (l->started) pthread_join(l->thread, NULL);
    queue_close(l->free);
    queue_close(l->full);
    sqlite3_finalize(l->insert);
    buf_deinit(&l->scratch);
    for (int i = 0; i < CHUNKS; i++)
        for (size_t c = 0; l->chunks[i].columns != NULL && c < l->count; c++) {
            buf_deinit(&l->chunks[i].columns[c].data);
            buf_deinit(&l->chunks[i].columns[c].null);
            buf_deinit(&l->chunks[i].columns[c].text);
        }
}

enum status import_rows(struct import *im, struct err *e)
{
    struct loader l = {.im = im, .count = table_column_count(im->files)};
    buf_init(&l.scratch);
    enum status st = open_loader(&l, e);
    while (st == ST_OK) {
        struct chunk *k = queue_take(l.full);
        st = k->status;
        if (st != ST_OK && e != NULL) *e = k->err;
        if (st != ST_OK || k->rows == 0) break;
        st = write_chunk(&l, k, e);
        if (st == ST_OK) queue_put(l.free, k);
    }
    close_loader(&l);
    return st;
}
