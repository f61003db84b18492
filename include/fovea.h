/* fovea.h - image search in SQL: the whole public interface.
 *
 * A fovea is an open library: one SQLite file, the models it uses, and the SQL that reaches both.
 * What the program does, it does through statements, so anything it can do, a caller of this header
 * can:
 *
 *     SELECT * FROM fovea_index(json_array('/home/me/Pictures'));
 *     SELECT path, score FROM fovea_search('a dog on a beach', 10);
 *     SEARCH IMAGE text='a black cat' USING mini AS (SELECT * FROM photos);
 *
 * docs/sql.md has the language, docs/api.md this header by example.
 *
 * Threads: a fovea and its statements belong to one thread at a time; several foveas on one file
 * may be used from several threads. fovea_cancel may be called from any thread and from a signal
 * handler. Ownership: texts and blobs given back stay valid until the next step, reset or finalize
 * of their statement. Texts given in are copied. Errors: calls give an enum fovea_status;
 * fovea_error has the words, the status and the place.
 */
#ifndef FOVEA_H
#define FOVEA_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FOVEA_API __attribute__((visibility("default")))

#define FOVEA_VERSION "0.1.0"

/* What a call answers. The numbers are part of the interface; the first errors match base/status.h.
 */
enum fovea_status {
    FOVEA_OK = 0,
    FOVEA_INVALID,     /* a value out of its domain; the text names it */
    FOVEA_SYNTAX,      /* the statement can't be parsed; the place says where */
    FOVEA_NOT_FOUND,   /* a file, model, table or column */
    FOVEA_EXISTS,
    FOVEA_UNSUPPORTED,
    FOVEA_LIMIT,       /* a bound was passed; the text names it */
    FOVEA_NO_MEMORY,
    FOVEA_IO,
    FOVEA_DISK_FULL,
    FOVEA_DENIED,
    FOVEA_READ_ONLY,
    FOVEA_CORRUPT,     /* bytes of a file, a model or a database make no sense */
    FOVEA_BUSY,        /* another process holds the lock */
    FOVEA_CANCELLED,
    FOVEA_TIMEOUT,
    FOVEA_NETWORK,
    FOVEA_CONSTRAINT,
    FOVEA_MISMATCH,    /* a vector of another model or dimension */
    FOVEA_INTERNAL,
    FOVEA_ROW = 100,   /* fovea_step: a row is there */
    FOVEA_DONE = 101   /* fovea_step: no more rows */
};

enum fovea_type { FOVEA_NULL, FOVEA_INTEGER, FOVEA_FLOAT, FOVEA_TEXT, FOVEA_BLOB, FOVEA_VECTOR };

struct fovea;
struct fovea_stmt;

struct fovea_error {
    enum fovea_status status;
    const char *text;  /* lower case, no full stop; "" when there is none */
    int line;          /* 1-based; 0: the error has no place in the text */
    int column;        /* 1-based, in characters */
    int offset;        /* byte offset in the text, -1 */
};

struct fovea_progress {
    const char *what;  /* "indexing", "downloading", ... */
    uint64_t done;
    uint64_t total;    /* 0: not known */
    const char *note;  /* one line for a person (a warning, a path), or NULL */
};

enum fovea_open_flag {
    FOVEA_OPEN_READ_ONLY = 1, /* fails if the file is missing */
    FOVEA_OPEN_CREATE = 2     /* makes the file and its folder */
};

/* Opens path (":memory:" for none; NULL for the user's library, $XDG_DATA_HOME/fovea/library.db).
 * A file that can't be written is opened read-only. On failure *out still holds a handle to ask
 * fovea_error about (close it), except when memory is out: NULL. */
FOVEA_API enum fovea_status fovea_open(const char *path, int flags, struct fovea **out);
/* Finalizes what is still open. NULL is fine. */
FOVEA_API void fovea_close(struct fovea *f);

/* The last failure on this handle; valid until the next call on it. */
FOVEA_API struct fovea_error fovea_error(const struct fovea *f);

/* Compiles the first statement of sql (bytes long; -1: up to its NUL). *tail, when not NULL, is
 * where the next one begins. A text of only blanks and comments gives FOVEA_OK and *out == NULL. */
FOVEA_API enum fovea_status fovea_prepare(struct fovea *f, const char *sql, int64_t bytes,
    struct fovea_stmt **out, const char **tail);
/* FOVEA_ROW, FOVEA_DONE or an error. */
FOVEA_API enum fovea_status fovea_step(struct fovea_stmt *s);
/* Back to before the first row; bindings stay. */
FOVEA_API enum fovea_status fovea_reset(struct fovea_stmt *s);
FOVEA_API void fovea_finalize(struct fovea_stmt *s); /* NULL is fine */

/* Parameters, numbered from 1: ?, ?5, $5, :name, @name, $name, and {name:Type}, which is called
 * "name" and whose texts are read as values of the type. */
FOVEA_API int fovea_bind_count(const struct fovea_stmt *s);
FOVEA_API int fovea_bind_index(
    const struct fovea_stmt *s, const char *name); /* 0: none of that name */
FOVEA_API const char *fovea_bind_name(
    const struct fovea_stmt *s, int index); /* NULL: it has none */
FOVEA_API enum fovea_status fovea_bind_null(struct fovea_stmt *s, int index);
FOVEA_API enum fovea_status fovea_bind_int(struct fovea_stmt *s, int index, int64_t value);
FOVEA_API enum fovea_status fovea_bind_double(struct fovea_stmt *s, int index, double value);
FOVEA_API enum fovea_status fovea_bind_text(
    struct fovea_stmt *s, int index, const char *text, int64_t bytes);
FOVEA_API enum fovea_status fovea_bind_blob(
    struct fovea_stmt *s, int index, const void *data, int64_t bytes);
/* dim floats, kept as little-endian f32. */
FOVEA_API enum fovea_status fovea_bind_vector(
    struct fovea_stmt *s, int index, const float *v, int dim);

/* Columns, numbered from 0. */
FOVEA_API int fovea_column_count(const struct fovea_stmt *s);
FOVEA_API const char *fovea_column_name(const struct fovea_stmt *s, int column);
/* FOVEA_VECTOR is a blob that comes from a declared vector column or a function that gives vectors.
 */
FOVEA_API enum fovea_type fovea_column_type(const struct fovea_stmt *s, int column);
FOVEA_API int64_t fovea_column_int(const struct fovea_stmt *s, int column);
FOVEA_API double fovea_column_double(const struct fovea_stmt *s, int column);
FOVEA_API const char *fovea_column_text(const struct fovea_stmt *s, int column); /* NULL for NULL */
FOVEA_API const void *fovea_column_blob(const struct fovea_stmt *s, int column);
FOVEA_API int64_t fovea_column_bytes(const struct fovea_stmt *s, int column);
/* The type a column was declared with, as written ("Array(Float32)", "vector(3)", "TEXT"); "" when
 * it comes from no table. */
FOVEA_API const char *fovea_column_declared(const struct fovea_stmt *s, int column);

/* What a statement without rows says once it is done ("Success" for ThanoSQL's); NULL: nothing. */
FOVEA_API const char *fovea_message(const struct fovea_stmt *s);
/* The format that FORMAT names at the statement's end, in its own spelling ("JSONEachRow"); NULL:
 * none. Rows are rows all the same: whoever prints them formats. */
FOVEA_API const char *fovea_format(const struct fovea_stmt *s);
/* PRINT IMAGE: the column with pictures, paths or bytes; -1: the statement prints none. */
FOVEA_API int fovea_picture_column(const struct fovea_stmt *s);

/* What running a statement read: the rows that vector searches, and statements of ours, went
 * through, and the bytes of their codes and vectors. -1: not known, as of what SQLite alone reads.
 * Of the statement that ran last on the handle; ask before another is stepped. */
struct fovea_statistics {
    int64_t rows_read, bytes_read;
};
FOVEA_API struct fovea_statistics fovea_statistics(const struct fovea_stmt *s);

FOVEA_API int64_t fovea_changes(const struct fovea *f); /* rows the last statement changed */

/* Called on the statement's thread while long work runs. It must not use the handle. */
FOVEA_API void fovea_on_progress(struct fovea *f,
    void (*call)(void *user, const struct fovea_progress *p), void *user);
/* Makes the running statement end with FOVEA_CANCELLED soon; a no-op when none runs. */
FOVEA_API void fovea_cancel(struct fovea *f);

FOVEA_API const char *fovea_version(void);
/* The program's exit status for a status (0, 2) and its word ("invalid value"). */
FOVEA_API const char *fovea_status_text(enum fovea_status st);

#ifdef __cplusplus
}
#endif
#endif
