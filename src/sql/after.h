/* after.h - what must follow a statement of SQLite's own, so that declarations stay true: CREATE
 * TABLE AS copies those of the columns it selects, DROP TABLE forgets, RENAME renames. */
#ifndef FOVEA_SQL_AFTER_H
#define FOVEA_SQL_AFTER_H

#include "sql/internal.h"
#include "sql/scan.h"

/* The SQL that has to run behind a statement, in its transaction; *out NULL when there is none;
 * mem_free it. select: for CREATE TABLE AS its SELECT as SQLite can prepare it, NULL otherwise. */
NODISCARD enum status sql_after_open(struct sql_session *s, const struct sql_scan *scan,
    const char *select, char **out, struct err *e);

#endif
