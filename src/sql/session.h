/* session.h - an open database that understands our SQL: statements, models at hand, run control.
 *
 * A session belongs to one thread at a time; sql_cancel may come from anywhere. What a statement
 * does long (embedding, indexing) reports through session's struct run and looks at its cancel
 * flag.
 */
#ifndef FOVEA_SQL_SESSION_H
#define FOVEA_SQL_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/run.h"
#include "model/model.h"
#include "store/store.h"

struct sql_session;
struct sql_stmt;

NODISCARD enum status sql_session_open(
    const char *path, const struct store_options *how, struct sql_session **out, struct err *e);
/* Over a connection of a host's (store_adopt), still without what every session has, which
 * sql_session_fill adds: functions and table functions. The host's own statements go past
 * sql_prepare. */
NODISCARD enum status sql_session_adopt(
    struct sqlite3 *db, struct sql_session **out, struct err *e);
NODISCARD enum status sql_session_fill(struct sql_session *s, struct err *e);
void sql_session_close(struct sql_session *s);

struct store *sql_session_store(struct sql_session *s);
/* Progress, cancel, deadline, threads of the running statement; the caller of prepare/step sets it
 * up. */
struct run *sql_session_run(struct sql_session *s);
void sql_cancel(struct sql_session *s);

/* A model by name (the database's own names first) or folder, opened once per session and shared;
 * lives until the session closes. */
NODISCARD enum status sql_model_get(
    struct sql_session *s, const char *name, struct model **out, struct err *e);
/* Is there a model of that name? It isn't opened. Errors as of sql_model_get: NOT_FOUND, with the
 * nearest name. */
NODISCARD enum status sql_model_check(struct sql_session *s, const char *name, struct err *e);
/* The name stands for something else from now on. */
void sql_model_forget(struct sql_session *s, const char *name);
/* The session thread's own worker of that model (its threads = run_threads), opened once. */
NODISCARD enum status sql_model_worker(
    struct sql_session *s, struct model *m, struct model_worker **out, struct err *e);

/* The first statement of text. Blanks and comments only: OK and *out NULL. *tail: where the next
 * begins, behind one that fails too (it is text itself only when the text is past its limit). */
NODISCARD enum status sql_prepare(struct sql_session *s, const char *text, size_t bytes,
    struct sql_stmt **out, const char **tail, struct err *e);
void sql_finalize(struct sql_stmt *st);
NODISCARD enum status sql_step(struct sql_stmt *st, bool *row, struct err *e);
NODISCARD enum status sql_reset(struct sql_stmt *st, struct err *e);

int sql_bind_count(const struct sql_stmt *st);
int sql_bind_index(const struct sql_stmt *st, const char *name);
const char *sql_bind_name(const struct sql_stmt *st, int i);
NODISCARD enum status sql_bind_null(struct sql_stmt *st, int i, struct err *e);
NODISCARD enum status sql_bind_int(struct sql_stmt *st, int i, int64_t v, struct err *e);
NODISCARD enum status sql_bind_double(struct sql_stmt *st, int i, double v, struct err *e);
NODISCARD enum status sql_bind_text(
    struct sql_stmt *st, int i, const char *t, int64_t bytes, struct err *e);
NODISCARD enum status sql_bind_blob(
    struct sql_stmt *st, int i, const void *d, int64_t bytes, struct err *e);

/* What the session's running or last statement read: the rows that vector searches and our
 * statements went through, and their bytes. -1: not known. */
struct sql_statistics {
    int64_t rows_read, bytes_read;
};
struct sql_statistics sql_statistics(const struct sql_session *s);
/* Rows that the last statement changed. */
int64_t sql_changes(const struct sql_session *s);

enum sql_type { SQL_NULL, SQL_INTEGER, SQL_FLOAT, SQL_TEXT, SQL_BLOB, SQL_VECTOR };
int sql_column_count(const struct sql_stmt *st);
const char *sql_column_name(const struct sql_stmt *st, int i);
enum sql_type sql_column_type(const struct sql_stmt *st, int i);
int64_t sql_column_int(const struct sql_stmt *st, int i);
double sql_column_double(const struct sql_stmt *st, int i);
const char *sql_column_text(const struct sql_stmt *st, int i);
const void *sql_column_blob(const struct sql_stmt *st, int i);
int64_t sql_column_bytes(const struct sql_stmt *st, int i);
/* The type a column was declared with, as its table has it ("Array(Float32)", "vector(3)"); "" when
 * it comes from none. Valid until the statement is stepped anew or finalized. */
const char *sql_column_type_text(struct sql_stmt *st, int i);

/* Once a statement of ThanoSQL's without rows is done: what is said then, "Success". Else NULL. */
const char *sql_message(const struct sql_stmt *st);
/* The format of FORMAT at the statement's end, in its own spelling ("JSONEachRow"); NULL: none. */
const char *sql_format(const struct sql_stmt *st);
/* PRINT IMAGE: the column with the pictures; -1: the statement is none. */
int sql_picture_column(const struct sql_stmt *st);

#endif
