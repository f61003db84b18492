/* script.h - a text of statements and dot commands run in order, rows printed, an error shown with
 * its place. */
#ifndef FOVEA_CLI_SCRIPT_H
#define FOVEA_CLI_SCRIPT_H

#include "cli/cli.h"

enum { SCRIPT_BYTES_MAX = 1 << 30 }; /* of a file or stdin given to run */

struct script {
    const char *text;
    size_t bytes;
    const char *name; /* what the place of an error is called: a file, or NULL */
    bool only_last;   /* print the rows of the last statement that has any (--json) */
};

/* Stops at the first error, and where .quit stands. Gives an enum cli_exit. */
int script_run(struct cli *c, const struct script *s);

/* Appends the line of text that holds offset, numbered, and below it a caret under that character.
 * A long line is cut to what stands around it. */
void script_add_place(struct buf *out, const struct script *s, size_t offset);

#endif
