/* analyze.h - EXPLAIN ANALYZE: a statement that runs the one behind it and shows what it did.
 *
 *   EXPLAIN ANALYZE statement
 *   EXPLAIN (ANALYZE [, VERBOSE, …]) statement
 */
#ifndef FOVEA_SQL_STATEMENT_ANALYZE_H
#define FOVEA_SQL_STATEMENT_ANALYZE_H

#include "sql/stmt.h"

struct sql_analysis {
    struct sql_stmt *child; /* the statement behind it; its parameters are ours */
    int64_t plan_us;        /* what preparing it took */
    int lines, columns;     /* what stands before it */
};

/* Bytes before the statement behind EXPLAIN ANALYZE; 0: the text is something else, as SQLite's
 * EXPLAIN of ANALYZE table is. */
size_t sql_analyze_find(const char *text, size_t bytes);
/* Makes the statement around about.child, which it takes over in any case. */
NODISCARD enum status sql_analyze_open(
    struct sql_session *s, struct sql_analysis about, struct sql_stmt **out, struct err *e);
/* Before the first row: runs the child to its end and prepares the rows, as st->plain. */
NODISCARD enum status sql_analyze_run(struct sql_stmt *st, struct err *e);
void sql_analyze_close(struct sql_analysis *a); /* NULL is fine */

#endif
