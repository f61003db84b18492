/* file_table.h - file('path'[, format]) behind FROM and JOIN: rows of files without a table.
 *
 * ClickHouse's name. Each such file becomes a virtual table of the connection, with the file's
 * columns, and its name is written into the statement instead (translate.h). Only the columns a
 * query needs are read.
 */
#ifndef FOVEA_SQL_STATEMENT_FILE_TABLE_H
#define FOVEA_SQL_STATEMENT_FILE_TABLE_H

#include "sql/internal.h"
#include "table/table.h"

struct file_table {
    const char *path; /* or glob, or JSON */
    const struct table_options *options;
};
/* Makes the virtual table; name: its name then, sized by the caller. */
enum { FILE_TABLE_NAME_BYTES = 40 };
NODISCARD enum status file_table_add(
    struct sql_session *s, const struct file_table *f, char *name, struct err *e);

#endif
