/* format.h - FORMAT name behind a query: which names there are. How rows of a format look is told
 * by whoever prints them. */
#ifndef FOVEA_SQL_TEXT_FORMAT_H
#define FOVEA_SQL_TEXT_FORMAT_H

#include "sql/text/scan.h"

/* The format named at the statement's end, in its own spelling; *out NULL: none is. Errors: INVALID
 * with the place. */
NODISCARD enum status sql_format_take(const struct sql_scan *scan, const char **out, struct err *e);

#endif
