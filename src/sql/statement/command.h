/* command.h - statements that SQLite's language has no place for and that have no rows.
 *
 * A kind is a row of the table in command.c. It tells its statements by their first words, reads
 * them token by token (ddl.h), and runs what it read.
 */
#ifndef FOVEA_SQL_STATEMENT_COMMAND_H
#define FOVEA_SQL_STATEMENT_COMMAND_H

#include "base/arena.h"
#include "sql/text/scan.h"

struct ddl;
struct sql_command;
struct sql_session;

struct sql_command_kind {
    bool (*is)(struct sql_session *s, const struct sql_scan *scan);
    /* Fills d->command->data, in its arena; the tokens don't outlive the call. */
    enum status (*read)(struct ddl *d, struct err *e);
    enum status (*run)(struct sql_session *s, const struct sql_command *c, struct err *e);
    const char *message; /* what is said when it is done; NULL: nothing */
};

struct sql_command {
    const struct sql_command_kind *kind;
    struct arena arena;
    void *data;
};

extern const struct sql_command_kind sql_command_index; /* index_command.c */

/* What a scanned statement commands; *out NULL: it is none of these. Errors have the place. */
NODISCARD enum status sql_command_open(
    struct sql_session *s, const struct sql_scan *scan, struct sql_command **out, struct err *e);
void sql_command_close(struct sql_command *c); /* NULL is fine */
NODISCARD enum status sql_command_run(
    struct sql_session *s, const struct sql_command *c, struct err *e);

#endif
