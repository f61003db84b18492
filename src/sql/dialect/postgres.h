/* postgres.h - statements around PostgreSQL's queries, as commands and as other statements; see
 * postgres.c. */
#ifndef FOVEA_SQL_DIALECT_POSTGRES_H
#define FOVEA_SQL_DIALECT_POSTGRES_H

#include "sql/statement/command.h"
#include "sql/text/rewrite.h"

/* CREATE EXTENSION, SET of PostgreSQL's settings, TRUNCATE. */
extern const struct sql_command_kind sql_command_postgres;

/* START TRANSACTION, BEGIN WORK, SHOW search_path, …; out stays empty for others. */
NODISCARD enum status translate_postgres(
    struct sql_session *s, const struct sql_scan *scan, struct rewrite *out, struct err *e);

#endif
