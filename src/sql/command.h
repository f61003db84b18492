/* command.h - statements that SQLite's language has no place for and that have no rows: SET and
 * RESET, and those that make, build and drop vector indexes.
 *
 *   ALTER TABLE t ADD INDEX [IF NOT EXISTS] i col TYPE vector_similarity(…) [GRANULARITY n]
 *   ALTER TABLE t MATERIALIZE INDEX i             ALTER TABLE t DROP INDEX [IF EXISTS] i
 *   CREATE INDEX [CONCURRENTLY] [IF NOT EXISTS] [i] ON t USING {hnsw | ivfflat} (col [ops])
 *       [WITH (name = value, …)]                  DROP INDEX [CONCURRENTLY] [IF EXISTS] i
 *   REINDEX INDEX [CONCURRENTLY] i                OPTIMIZE TABLE t [FINAL]
 */
#ifndef FOVEA_SQL_COMMAND_H
#define FOVEA_SQL_COMMAND_H

#include "sql/scan.h"
#include "sql/settings.h"
#include "store/vectors.h"

struct sql_session;

enum sql_command_kind {
    COMMAND_SET,
    COMMAND_ADD,
    COMMAND_MATERIALIZE,
    COMMAND_CREATE, /* ADD and MATERIALIZE */
    COMMAND_DROP,
    COMMAND_REINDEX,
    COMMAND_OPTIMIZE
};

struct sql_command {
    enum sql_command_kind kind;
    struct sql_set set;
    struct store_index index; /* schema, table, name; ADD and CREATE: all that is declared */
    bool exists_ok;           /* IF NOT EXISTS */
    bool missing_ok;          /* IF EXISTS */
    struct sql_overlay overlay;
};

/* What a scanned statement commands; *out NULL: it is none of these. mem_free it. Errors have the
 * place. */
NODISCARD enum status sql_command_open(
    struct sql_session *s, const struct sql_scan *scan, struct sql_command **out, struct err *e);
NODISCARD enum status sql_command_run(
    struct sql_session *s, const struct sql_command *c, struct err *e);

#endif
