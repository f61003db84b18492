/* tail.h - WHERE, ORDER BY and LIMIT behind a step that is a statement of its own. */
#ifndef FOVEA_SQL_TEXT_TAIL_H
#define FOVEA_SQL_TEXT_TAIL_H

#include "sql/text/rewrite.h"
#include "sql/text/scan.h"

/* The text with the step in brackets; out stays empty when the statement has no such tail. */
void sql_tail_translate(const struct sql_scan *scan, struct rewrite *out);
/* The step that what is refused at token stands behind, where such a clause is meant; else LEX_END.
 */
struct sql_token sql_tail_step(const struct sql_scan *scan, int token);

#endif
