/* save.h - running a plan that writes its rows to a table. */
#ifndef FOVEA_SQL_PLAN_SAVE_H
#define FOVEA_SQL_PLAN_SAVE_H

#include "sql/plan/plan.h"

struct sql_spool; /* the computed rows */

/* Computes every row of the plan and writes them in one transaction: all or nothing. *out holds the
 * rows. */
NODISCARD enum status sql_save_run(struct sql_plan *p, struct sql_spool **out, struct err *e);
void sql_spool_close(struct sql_spool *s);
/* The rows, to be stepped. Borrowed. */
sqlite3_stmt *sql_spool_rows(struct sql_spool *s);

#endif
