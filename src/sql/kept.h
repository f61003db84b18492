/* kept.h - finalized statements, kept for the next time their text is prepared.
 *
 * A driver that prepares each statement anew pays for parsing and planning every time: half of a
 * nearest search. So a session keeps the statements finalized last, by their whole text, and
 * preparing that text again takes one out: what comes back is reset and has no parameters bound.
 *
 * Kept are queries and writes whose meaning hangs on the database and on nothing else that a new
 * look could find changed (a file, a setting, a model). SQLite looks at the schema itself when it
 * runs. What we have written from the schema (vectors as text in an INSERT, sums of vectors) is for
 * that schema only: another connection may have changed it, so its version is compared. What a plan
 * has read, of which model a column's vectors are, may have changed too: a plan that was kept is
 * made again when the data is not that of then (stmt.c). Every other statement that runs empties
 * the store first.
 *
 * Not on a host's connection: an open statement would keep the host from closing it.
 */
#ifndef FOVEA_SQL_KEPT_H
#define FOVEA_SQL_KEPT_H

#include "sql/stmt.h"
#include "sql/text/scan.h"

/* Decides, once st is prepared from all of text, whether it may be kept. Without memory it isn't.
 */
void sql_kept_mark(
    struct sql_stmt *st, const struct sql_scan *scan, const char *text, size_t bytes);
/* The statement of this text, the caller's from now on; NULL: none is kept. */
struct sql_stmt *sql_kept_take(struct sql_session *s, const char *text, size_t bytes);
/* st is finalized: true when it is kept. Its run must have ended. */
bool sql_kept_put(struct sql_stmt *st);
/* Changes with every change of the main database that a statement has met. */
unsigned sql_data_version(const struct sql_session *s);
/* Before st begins to run. */
void sql_kept_before(const struct sql_stmt *st);
void sql_kept_clear(struct sql_session *s);
void sql_kept_close(struct sql_session *s); /* before its connection closes */

#endif
