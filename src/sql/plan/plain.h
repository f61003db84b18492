/* plain.h - a statement that is SQLite's. */
#ifndef FOVEA_SQL_PLAN_PLAIN_H
#define FOVEA_SQL_PLAN_PLAIN_H

#include "sql/stmt.h"
#include "sql/text/scan.h"

/* Gives the statement to SQLite as it is written, of bytes that may hold more. *tail: where SQLite
 * stopped reading. Errors are SQLite's, with the place. */
NODISCARD enum status sql_plain_prepare(struct sql_stmt *st, const struct sql_scan *scan,
    size_t bytes, const char **tail, struct err *e);

#endif
