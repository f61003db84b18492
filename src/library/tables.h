/* tables.h - the library's own tables, and small facts kept beside them.
 *
 *   images(id INTEGER PRIMARY KEY, path TEXT UNIQUE, hash TEXT, bytes INTEGER, mtime REAL,
 *          taken_at INTEGER, width INTEGER, height INTEGER, lat REAL, lon REAL, embedding BLOB)
 *       mtime and taken_at are seconds since 1970; width and height are as one sees the picture,
 * after orientation; hash is hash_content of the file; a second model adds a column
 * embedding_<name> image_errors(path TEXT PRIMARY KEY, reason TEXT, mtime REAL, bytes INTEGER)
 *       mtime and bytes of the file that failed; NULL: try again at the next run
 *   fovea_library(key TEXT PRIMARY KEY, value)
 *       'model': the model that is meant when none is named; 'stamp:<column>';
 * 'background:<column>'
 *
 * A path is the bytes of the file's name, whatever they are, in a TEXT value: SQLite compares and
 * keeps them as they are, also where they are not UTF-8.
 */
#ifndef FOVEA_LIBRARY_TABLES_H
#define FOVEA_LIBRARY_TABLES_H

#include "base/buf.h"
#include "store/columns.h"
#include "store/store.h"

enum { TABLES_COLUMN_CHARS = 80, TABLES_COLUMNS_MAX = 16 };

/* A declared embedding column of images. */
struct tables_column {
    char name[TABLES_COLUMN_CHARS];
    struct store_column of;
};

struct tables_columns {
    struct tables_column at[TABLES_COLUMNS_MAX];
    int count;
};

/* Makes what is missing. Errors: INVALID (images is there and is not a library's), READ_ONLY. */
NODISCARD enum status tables_init(struct store *s, struct err *e);
/* OK when the tables are there; NOT_FOUND (nothing indexed yet, and how to), INVALID as above. */
NODISCARD enum status tables_check(struct store *s, struct err *e);
/* The embedding columns by name (the first one made is "embedding"). LIMIT: over
 * TABLES_COLUMNS_MAX. */
NODISCARD enum status tables_columns_read(
    struct store *s, struct tables_columns *out, struct err *e);

/* Appends the value to out; *found false when there is none (or no table to hold it). */
NODISCARD enum status tables_fact_get(
    struct store *s, const char *key, struct buf *out, bool *found, struct err *e);
/* bytes of -1: value is a text, up to its NUL; else a blob. */
NODISCARD enum status tables_fact_set(
    struct store *s, const char *key, const void *value, int64_t bytes, struct err *e);

/* The one number a query gives; 0 when it gives no row. */
NODISCARD enum status tables_number(struct store *s, const char *sql, int64_t *out, struct err *e);

#endif
