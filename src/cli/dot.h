/* dot.h - what a shell understands beside SQL: .commands, psql's \ forms of them, and the lines
 * with % that stand in a notebook around the same SQL.
 *
 * One is a line of its own where a statement could begin: at the prompt, in a file, in stdin, in
 * -c.
 */
#ifndef FOVEA_CLI_DOT_H
#define FOVEA_CLI_DOT_H

#include "cli/cli.h"

struct dot_command {
    const char *name;  /* ".tables" */
    const char *usage; /* "[PATTERN]" */
    const char *about; /* NULL: another name of the row above it that has words */
    /* word: the rest of the line, "" when there is none. Gives an enum cli_exit. */
    int (*run)(struct cli *c, const char *word);
};

/* All of them; the last has no name. */
extern const struct dot_command dot_commands[];

/* Does a line begin with a command? \G and \g do not count: they end statements. */
bool dot_begins(const char *line, size_t bytes);
/* Runs a line; says what is wrong with it. Gives an enum cli_exit. */
int dot_run(struct cli *c, const char *line, size_t bytes);

/* Tables and views, with their columns' names or one's declaration: for `.tables` and completion.
 */
#define DOT_TABLES_SQL                                                                             \
    "SELECT name, type FROM sqlite_schema WHERE type IN ('table', 'view') "                        \
    "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"

#endif
