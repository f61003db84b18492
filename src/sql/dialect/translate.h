/* translate.h - statements of other dialects that become statements of SQLite's before anything
 * else looks at them: SHOW TABLES, SHOW CREATE TABLE, DESCRIBE, EXISTS (show.c), file('path')
 * behind FROM (file.c), and INSERT and UPDATE of vector columns, where text becomes a BLOB
 * (insert.c).
 */
#ifndef FOVEA_SQL_DIALECT_TRANSLATE_H
#define FOVEA_SQL_DIALECT_TRANSLATE_H

#include "sql/internal.h"
#include "sql/text/rewrite.h"
#include "sql/text/scan.h"

/* The statement's new text; out stays empty when there is nothing to translate. *again: there may
 * be more in the new text. Errors have the place. */
NODISCARD enum status sql_translate(struct sql_session *s, const struct sql_scan *scan,
    struct rewrite *out, bool *again, struct err *e);

struct function_set;
extern const struct function_set FUNCTIONS_DIALECT; /* what the new texts call */

/* Inside dialect/: one each. */
NODISCARD enum status translate_show(
    struct sql_session *s, const struct sql_scan *scan, struct rewrite *out, struct err *e);
NODISCARD enum status translate_files(
    struct sql_session *s, const struct sql_scan *scan, struct rewrite *out, struct err *e);
NODISCARD enum status translate_insert(
    struct sql_session *s, const struct sql_scan *scan, struct rewrite *out, struct err *e);

#endif
