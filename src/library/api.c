/* api.c - include/fovea.h over a session: handles, their guards, and the last error.
 *
 * A handle is used by one thread at a time. Two at once, or a call from inside the progress
 * callback, is met by a flag and answered with FOVEA_INVALID; so are NULL handles and columns
 * without a row. A statement is known to its handle, which finalizes what is left when it closes.
 */
#include <assert.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "fovea.h"
#include "library/library.h"

#define X(name, ...) static_assert((int)FOVEA_##name == (int)ST_##name, "the numbers are public");
STATUS_TABLE(X)
#undef X

static_assert(
    (int)FOVEA_VECTOR == (int)SQL_VECTOR && (int)FOVEA_TEXT == (int)SQL_TEXT, "the same order");

struct fovea {
    struct sql_session *session; /* NULL: opening failed */
    struct fovea_stmt *statements;
    struct err err;
    atomic_flag inside; /* a call is running */
    void (*progress)(void *user, const struct fovea_progress *p);
    void *progress_user;
};

struct fovea_stmt {
    struct fovea *f;
    struct sql_stmt *st;
    struct fovea_stmt *next, **from; /* in f->statements */
    int columns; /* of the current row; 0: there is none */
};

/* --- guards --------------------------------------------------------------------------------------
 */

static bool enter(struct fovea *f)
{
    if (f == NULL || atomic_flag_test_and_set(&f->inside)) return false;
    err_clear(&f->err);
    if (f->session != NULL) return true;
    err_set(&f->err, ST_INVALID, "the library is not open");
    atomic_flag_clear(&f->inside);
    return false;
}

static enum fovea_status leave(struct fovea *f, enum status st)
{
    if (st != ST_OK && f->err.code == ST_OK) err_set(&f->err, st, "%s", status_row(st)->text);
    atomic_flag_clear(&f->inside);
    return (enum fovea_status)st;
}

static bool enter_stmt(struct fovea_stmt *s)
{
    return s != NULL && enter(s->f);
}

/* --- open and close ------------------------------------------------------------------------------
 */

static char *default_path(struct err *e)
{
    char *home = file_data_home();
    if (home == NULL) {
        err_set(e, ST_NOT_FOUND,
            "there is no place for the library: neither XDG_DATA_HOME nor HOME is set");
        return NULL;
    }
    char *path = file_join(home, "library.db");
    mem_free(home);
    if (path == NULL) mem_err(e, 0);
    return path;
}

static void on_progress(void *user, const struct run_progress *p)
{
    const struct fovea *f = user;
    struct fovea_progress out = {
        .what = p->what, .done = p->done, .total = p->total, .note = p->note};
    if (f->progress != NULL) f->progress(f->progress_user, &out);
}

static enum status open_session(struct fovea *f, const char *path, int flags)
{
    struct store_options how = {.create = (flags & FOVEA_OPEN_CREATE) != 0};
    how.read_only = (flags & FOVEA_OPEN_READ_ONLY) != 0;
    if ((flags & ~(FOVEA_OPEN_READ_ONLY | FOVEA_OPEN_CREATE)) != 0)
        return err_set(&f->err, ST_INVALID, "flags of fovea_open: %d", flags);
    enum status st = sql_session_open(path, &how, &f->session, &f->err);
    if (st == ST_OK) st = library_attach(f->session, &f->err);
    if (st == ST_OK) {
        struct run *run = sql_session_run(f->session);
        run->progress = on_progress;
        run->user = f;
        return ST_OK;
    }
    sql_session_close(f->session);
    f->session = NULL;
    return st;
}

enum fovea_status fovea_open(const char *path, int flags, struct fovea **out)
{
    if (out == NULL) return FOVEA_INVALID;
    struct fovea *f = *out = mem_zalloc(1, sizeof *f);
    if (f == NULL) return FOVEA_NO_MEMORY;
    atomic_flag_clear(&f->inside);
    f->err = ERR_INIT;
    char *own = path == NULL ? default_path(&f->err) : NULL;
    if (path == NULL && own == NULL) return (enum fovea_status)f->err.code;
    enum status st = open_session(f, path != NULL ? path : own, flags);
    mem_free(own);
    return (enum fovea_status)st;
}

static void unlink_stmt(struct fovea_stmt *s)
{
    *s->from = s->next;
    if (s->next != NULL) s->next->from = s->from;
    sql_finalize(s->st);
    mem_free(s);
}

void fovea_close(struct fovea *f)
{
    if (f == NULL || atomic_flag_test_and_set(&f->inside)) return;
    while (f->statements != NULL) unlink_stmt(f->statements);
    sql_session_close(f->session);
    mem_free(f);
}

struct fovea_error fovea_error(const struct fovea *f)
{
    struct fovea_error out = {.status = FOVEA_INVALID, .text = "no library", .offset = -1};
    if (f == NULL) return out;
    out.status = (enum fovea_status)f->err.code;
    out.text = f->err.text;
    out.line = f->err.line;
    out.column = f->err.column;
    out.offset = f->err.offset;
    return out;
}

/* --- statements ----------------------------------------------------------------------------------
 */

static enum status prepare(
    struct fovea *f, const char *sql, size_t bytes, struct fovea_stmt **out, const char **tail)
{
    struct fovea_stmt *s = mem_zalloc(1, sizeof *s);
    if (s == NULL) return mem_err(&f->err, sizeof *s);
    enum status st = sql_prepare(f->session, sql, bytes, &s->st, tail, &f->err);
    if (st != ST_OK || s->st == NULL) {
        mem_free(s);
        return st;
    }
    s->f = f;
    s->next = f->statements;
    s->from = &f->statements;
    if (s->next != NULL) s->next->from = &s->next;
    *out = f->statements = s;
    return ST_OK;
}

enum fovea_status fovea_prepare(
    struct fovea *f, const char *sql, int64_t bytes, struct fovea_stmt **out, const char **tail)
{
    const char *end = sql;
    if (out != NULL) *out = NULL;
    if (tail != NULL) *tail = sql;
    if (!enter(f)) return FOVEA_INVALID;
    if (sql == NULL || out == NULL)
        return leave(f, err_set(&f->err, ST_INVALID, "fovea_prepare: sql or out is NULL"));
    size_t length = bytes < 0 ? strlen(sql) : (size_t)bytes;
    enum status st = prepare(f, sql, length, out, &end);
    if (tail != NULL) *tail = end;
    return leave(f, st);
}

enum fovea_status fovea_step(struct fovea_stmt *s)
{
    if (!enter_stmt(s)) return FOVEA_INVALID;
    bool row;
    enum status st = sql_step(s->st, &row, &s->f->err);
    s->columns = row && st == ST_OK ? sql_column_count(s->st) : 0;
    leave(s->f, st);
    if (st != ST_OK) return (enum fovea_status)st;
    return row ? FOVEA_ROW : FOVEA_DONE;
}

enum fovea_status fovea_reset(struct fovea_stmt *s)
{
    if (!enter_stmt(s)) return FOVEA_INVALID;
    s->columns = 0;
    return leave(s->f, sql_reset(s->st, &s->f->err));
}

void fovea_finalize(struct fovea_stmt *s)
{
    if (s == NULL || atomic_flag_test_and_set(&s->f->inside)) return;
    struct fovea *f = s->f;
    unlink_stmt(s);
    atomic_flag_clear(&f->inside);
}

/* --- parameters ----------------------------------------------------------------------------------
 */

int fovea_bind_count(const struct fovea_stmt *s)
{
    return s != NULL ? sql_bind_count(s->st) : 0;
}

int fovea_bind_index(const struct fovea_stmt *s, const char *name)
{
    return s != NULL && name != NULL ? sql_bind_index(s->st, name) : 0;
}

const char *fovea_bind_name(const struct fovea_stmt *s, int index)
{
    return s != NULL ? sql_bind_name(s->st, index) : NULL;
}

enum fovea_status fovea_bind_null(struct fovea_stmt *s, int index)
{
    if (!enter_stmt(s)) return FOVEA_INVALID;
    return leave(s->f, sql_bind_null(s->st, index, &s->f->err));
}

enum fovea_status fovea_bind_int(struct fovea_stmt *s, int index, int64_t value)
{
    if (!enter_stmt(s)) return FOVEA_INVALID;
    return leave(s->f, sql_bind_int(s->st, index, value, &s->f->err));
}

enum fovea_status fovea_bind_double(struct fovea_stmt *s, int index, double value)
{
    if (!enter_stmt(s)) return FOVEA_INVALID;
    return leave(s->f, sql_bind_double(s->st, index, value, &s->f->err));
}

enum fovea_status fovea_bind_text(struct fovea_stmt *s, int index, const char *text, int64_t bytes)
{
    if (text == NULL) return fovea_bind_null(s, index);
    if (!enter_stmt(s)) return FOVEA_INVALID;
    int64_t length = bytes < 0 ? (int64_t)strlen(text) : bytes;
    return leave(s->f, sql_bind_text(s->st, index, text, length, &s->f->err));
}

enum fovea_status fovea_bind_blob(struct fovea_stmt *s, int index, const void *data, int64_t bytes)
{
    if (data == NULL) return fovea_bind_null(s, index);
    if (!enter_stmt(s)) return FOVEA_INVALID;
    if (bytes < 0)
        return leave(s->f,
            err_set(&s->f->err, ST_INVALID, "fovea_bind_blob: a size of %lld", (long long)bytes));
    return leave(s->f, sql_bind_blob(s->st, index, data, bytes, &s->f->err));
}

enum fovea_status fovea_bind_vector(struct fovea_stmt *s, int index, const float *v, int dim)
{
    static_assert(
        __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "vectors are kept as little-endian floats");
    if (!enter_stmt(s)) return FOVEA_INVALID;
    if (v == NULL || dim < 1 || dim > LIMIT_VECTOR_DIM)
        return leave(s->f,
            err_set(&s->f->err, ST_INVALID, "a vector of %d numbers: 1 to %d are possible", dim,
                LIMIT_VECTOR_DIM));
    return leave(s->f, sql_bind_blob(s->st, index, v, dim * (int64_t)sizeof *v, &s->f->err));
}

/* --- columns -------------------------------------------------------------------------------------
 */

static bool has_column(const struct fovea_stmt *s, int column)
{
    return s != NULL && column >= 0 && column < s->columns;
}

int fovea_column_count(const struct fovea_stmt *s)
{
    return s != NULL ? sql_column_count(s->st) : 0;
}

const char *fovea_column_name(const struct fovea_stmt *s, int column)
{
    bool known = s != NULL && column >= 0 && column < sql_column_count(s->st);
    return known ? sql_column_name(s->st, column) : NULL;
}

enum fovea_type fovea_column_type(const struct fovea_stmt *s, int column)
{
    return has_column(s, column) ? (enum fovea_type)sql_column_type(s->st, column) : FOVEA_NULL;
}

int64_t fovea_column_int(const struct fovea_stmt *s, int column)
{
    return has_column(s, column) ? sql_column_int(s->st, column) : 0;
}

double fovea_column_double(const struct fovea_stmt *s, int column)
{
    return has_column(s, column) ? sql_column_double(s->st, column) : 0;
}

const char *fovea_column_text(const struct fovea_stmt *s, int column)
{
    return has_column(s, column) ? sql_column_text(s->st, column) : NULL;
}

const void *fovea_column_blob(const struct fovea_stmt *s, int column)
{
    return has_column(s, column) ? sql_column_blob(s->st, column) : NULL;
}

int64_t fovea_column_bytes(const struct fovea_stmt *s, int column)
{
    return has_column(s, column) ? sql_column_bytes(s->st, column) : 0;
}

const char *fovea_column_declared(const struct fovea_stmt *s, int column)
{
    bool known = s != NULL && column >= 0 && column < sql_column_count(s->st);
    return known ? sql_column_type_text(s->st, column) : "";
}

const char *fovea_message(const struct fovea_stmt *s)
{
    return s != NULL ? sql_message(s->st) : NULL;
}

const char *fovea_format(const struct fovea_stmt *s)
{
    return s != NULL ? sql_format(s->st) : NULL;
}

int fovea_picture_column(const struct fovea_stmt *s)
{
    return s != NULL ? sql_picture_column(s->st) : -1;
}

/* --- the rest ------------------------------------------------------------------------------------
 */

struct fovea_statistics fovea_statistics(const struct fovea_stmt *s)
{
    struct sql_statistics read = {-1, -1};
    if (s != NULL) read = sql_statistics(s->f->session);
    return (struct fovea_statistics){read.rows_read, read.bytes_read};
}

int64_t fovea_changes(const struct fovea *f)
{
    return f != NULL && f->session != NULL ? sql_changes(f->session) : 0;
}

void fovea_on_progress(
    struct fovea *f, void (*call)(void *user, const struct fovea_progress *p), void *user)
{
    if (f == NULL) return;
    f->progress = call;
    f->progress_user = user;
}

void fovea_cancel(struct fovea *f)
{
    if (f != NULL && f->session != NULL) sql_cancel(f->session);
}

const char *fovea_version(void)
{
    return FOVEA_VERSION;
}

const char *fovea_status_text(enum fovea_status st)
{
    if (st == FOVEA_ROW) return "row";
    if (st == FOVEA_DONE) return "done";
    return status_row((enum status)st)->text;
}
