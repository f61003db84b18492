/* after.h - what must surround a statement of SQLite's own, so that declarations stay true: CREATE
 * TABLE AS copies those of the columns it selects, DROP TABLE forgets, RENAME renames; the vector
 * indexes of a column go before DROP COLUMN, which their triggers would not let pass. */
#ifndef FOVEA_SQL_PLAN_AFTER_H
#define FOVEA_SQL_PLAN_AFTER_H

#include "sql/internal.h"
#include "sql/text/scan.h"

/* The SQL that has to run before and behind a statement, in its transaction; NULL when there is
 * none; mem_free both. select: for CREATE TABLE AS its SELECT as SQLite can prepare it, NULL
 * otherwise. */
struct sql_after {
    char *before, *behind;
};
NODISCARD enum status sql_after_open(struct sql_session *s, const struct sql_scan *scan,
    const char *select, struct sql_after *out, struct err *e);

#endif
