/* engine.h - statements on the engine, their rows on an output, their errors in words.
 *
 * Calls that give false (or CLI_ERROR) have already said why on stderr.
 */
#ifndef FOVEA_CLI_ENGINE_H
#define FOVEA_CLI_ENGINE_H

#include "cli/cli.h"
#include "fovea.h"

/* Opens path (NULL: the user's library) with progress and Ctrl-C connected. */
NODISCARD bool engine_open(struct cli *c, const char *path, int flags);
void engine_close(struct cli *c);
/* Says the engine's last error; gives CLI_ERROR. */
int engine_fail(struct cli *c);

/* One statement of the program's own, with its parameters as texts (NULL: SQL's NULL). */
NODISCARD bool engine_start(
    struct cli *c, const char *sql, const char *const *params, int count, struct fovea_stmt **out);
/* *row false: no more. */
NODISCARD bool engine_step(struct cli *c, struct fovea_stmt *s, bool *row);
/* Runs engine_start's statement to its end and prints its rows; *rows may be NULL. */
int engine_print(
    struct cli *c, const char *sql, const char *const *params, int count, int64_t *rows);

/* All rows of a statement into o, from begin to end, what they cost into o->cost, and the paths of
 * their pictures into seen (NULL: nobody asks); a statement without columns just runs. False: the
 * engine failed, and the caller says so (engine_fail). An output that can't be written ends the
 * rows; output_check tells. The living line is gone before a row is written. */
NODISCARD bool engine_rows(
    struct cli *c, struct fovea_stmt *s, struct output *o, struct pictures *seen);

/* The value of a column, borrowed until the next step. */
struct cell engine_cell(struct fovea_stmt *s, int column);

#endif
