/* store.h - one SQLite connection, opened our way, and statements on it.
 *
 * Rooms above that need rows but not SQL's machinery (library/) speak through this header; sql/
 * also takes the raw connection. WAL, synchronous=FULL, 64 KiB pages for new files,
 * recursive_triggers on, a 64 MiB cache, mmap. A file that can't be written is opened read-only
 * (immutable when even -shm can't be made). A connection belongs to one thread at a time.
 */
#ifndef FOVEA_STORE_STORE_H
#define FOVEA_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct sqlite3; /* sqlite3.h stays behind store/sqlite*.c and sql/ */
struct store;
struct store_stmt;

struct store_options {
    bool create;    /* make the file and its folder when missing */
    bool read_only;
    bool as_is;     /* an existing file's journal stays as it is */
};

/* path: a file, or ":memory:". Errors: NOT_FOUND, DENIED, CORRUPT (not a database), BUSY, IO. */
NODISCARD enum status store_open(
    const char *path, const struct store_options *how, struct store **out, struct err *e);
/* A store over a connection of the host's, as it is set up: nothing of it is changed, and closing
 * the store leaves it open. Statements kept must be finalized before the host closes it. */
NODISCARD enum status store_adopt(struct sqlite3 *db, struct store **out, struct err *e);
bool store_is_adopted(const struct store *s);
void store_close(struct store *s);
struct sqlite3 *store_sqlite(struct store *s);
bool store_is_read_only(const struct store *s);
const char *store_path(const struct store *s); /* ":memory:" for none */

/* Runs every statement of sql; rows are dropped. */
NODISCARD enum status store_exec(struct store *s, const char *sql, struct err *e);
/* Text by SQLite's own printf: "%w" a name, %Q a literal, %lld. Appended to sql, as buf_printf. */
void store_sql(struct buf *sql, const char *fmt, ...);
void store_vsql(struct buf *sql, const char *fmt, va_list args);
/* store_exec and store_prepare of such a text. */
NODISCARD enum status store_execf(struct store *s, struct err *e, const char *fmt, ...);
NODISCARD enum status store_preparef(
    struct store *s, struct store_stmt **out, struct err *e, const char *fmt, ...);
/* Is there a table of that name in main? As the connection knows the schema: what another process
 * has made since is seen once a statement has run. */
bool store_has_table(struct store *s, const char *name);
/* The same of a column of it; without the table it isn't found. */
NODISCARD enum status store_find_column(
    struct store *s, const char *table, const char *column, bool *found, struct err *e);
/* BEGIN IMMEDIATE ... COMMIT; nested in a transaction of the caller's they are a savepoint. */
NODISCARD enum status store_begin(struct store *s, struct err *e);
NODISCARD enum status store_commit(struct store *s, struct err *e);
void store_rollback(struct store *s);
/* As store_begin outside of a transaction, but BUSY at once when another writes. */
NODISCARD enum status store_begin_now(struct store *s, struct err *e);
/* Between a BEGIN and its end, whoever said it. */
bool store_in_transaction(const struct store *s);
/* A schema is "main", "temp" or an ATTACHed file's name. Its file, borrowed until it is detached;
 * "" in memory, NULL when there is no such schema. */
const char *store_schema_path(const struct store *s, const char *schema);
bool store_schema_is_read_only(const struct store *s, const char *schema);
/* What the connection holds on the schema now. */
enum store_hold { STORE_HOLDS_NOTHING, STORE_READS, STORE_WRITES };
enum store_hold store_schema_hold(const struct store *s, const char *schema);
/* What lives with the store and is closed before it: vectors.h keeps its columns here. */
struct store_guest {
    void *data;
    void (*close)(struct store *s);
};
struct store_guest *store_guest(struct store *s);

/* Words SQLite's last failure on this connection: fills e, with the place when there is one. */
enum status store_err(struct store *s, int rc, struct err *e);

/* sql: one statement. Errors: SQLite's, with the offset; SYNTAX when text follows it. */
NODISCARD enum status store_prepare(
    struct store *s, const char *sql, struct store_stmt **out, struct err *e);
/* The same for a text that lies where it lies for good: its statement is kept until the store is
 * closed, and given out again where store_finalize has given it back. A host's connection, which
 * an open statement would keep open, keeps none. */
NODISCARD enum status store_prepare_constant(
    struct store *s, const char *constant, struct store_stmt **out, struct err *e);
void store_finalize(struct store_stmt *st);
/* Parameters from 1. Text and blobs are copied; text NULL binds NULL, bytes -1 means up to the NUL.
 * A failed bind is sticky and comes out of the next step. */
void store_bind_null(struct store_stmt *st, int i);
void store_bind_int(struct store_stmt *st, int i, int64_t v);
void store_bind_double(struct store_stmt *st, int i, double v);
void store_bind_text(struct store_stmt *st, int i, const char *text, int64_t bytes);
void store_bind_blob(struct store_stmt *st, int i, const void *data, int64_t bytes);
/* *row: a row is there. After the last row or an error the statement is reset, its bindings kept.
 */
NODISCARD enum status store_step(struct store_stmt *st, bool *row, struct err *e);
/* Step of a statement without rows, then reset and bindings cleared. */
NODISCARD enum status store_run(struct store_stmt *st, struct err *e);
void store_reset(struct store_stmt *st);
/* Columns from 0; borrowed until the next step. */
int64_t store_int(struct store_stmt *st, int i);
double store_double(struct store_stmt *st, int i);
const char *store_text(struct store_stmt *st, int i); /* NULL for NULL */
const void *store_blob(struct store_stmt *st, int i);
int store_bytes(struct store_stmt *st, int i);
bool store_is_null(struct store_stmt *st, int i);
bool store_is_blob(struct store_stmt *st, int i);
int64_t store_last_rowid(const struct store *s);
/* So that what is done behind a statement's back is not seen by last_insert_rowid(). */
void store_set_last_rowid(struct store *s, int64_t rowid);
int64_t store_changes(const struct store *s);

#endif
