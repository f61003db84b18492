/* folders.h - what index and search share: folders into the library, options for the engine as
 * JSON.
 */
#ifndef FOVEA_CLI_FOLDERS_H
#define FOVEA_CLI_FOLDERS_H

#include "cli/cli.h"

struct folders {
    char *const *dirs;
    int dir_count;
    const char *model; /* NULL: the default */
    bool retry;        /* files that failed before are read again */
    bool report;       /* print the counts on stdout, in c->format */
};

/* Brings the folders up to date in the open library and says what was found. Gives an enum
 * cli_exit. */
int folders_index(struct cli *c, const struct folders *how);

/* Appends ["a","b"]. A folder whose name is not UTF-8 can't stand in JSON: INVALID names it. */
NODISCARD enum status folders_add_json(
    struct buf *out, char *const *dirs, int count, struct err *e);

/* Says what mini is good for, when the model is mini. NULL: the library's own model, mini in a new
 * one. */
void folders_say_model(struct cli *c, const char *model);

#endif
