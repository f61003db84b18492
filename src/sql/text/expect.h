/* expect.h - what could have stood where a statement can't go on, and the names that come nearest
 * to one that is not known. Both add to the words of a failure.
 */
#ifndef FOVEA_SQL_TEXT_EXPECT_H
#define FOVEA_SQL_TEXT_EXPECT_H

#include "sql/internal.h"
#include "sql/text/scan.h"

/* The grammar refuses the token at e's place: adds what it takes there, and the word that was
 * meant.
 */
void sql_expect(const struct sql_scan *scan, struct err *e);
/* The same for a refusal of SQLite's, where our grammar refuses the same token. */
void sql_expect_plain(const struct sql_scan *scan, struct err *e);
/* No such table, column, function: adds the nearest there is. */
void sql_suggest(struct sql_session *s, const struct sql_scan *scan, struct err *e);
/* The model of that name is not there: adds the nearest that is. */
void sql_suggest_model(struct sql_session *s, const char *name, struct err *e);

#endif
