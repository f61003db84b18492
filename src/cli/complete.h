/* complete.h - what could stand where the cursor is: statement words, tables, columns, models,
 * functions, options behind OPTIONS (, settings behind SET, dot commands, forms, files.
 *
 * Names come from the engine when they are asked for, so that a table made a moment ago is one.
 * Knows no terminal and no libedit: text in, candidates out.
 */
#ifndef FOVEA_CLI_COMPLETE_H
#define FOVEA_CLI_COMPLETE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum { COMPLETE_MAX = 500 }; /* candidates kept */

struct complete {
    size_t word_bytes; /* before the cursor: what a candidate stands for */
    struct buf texts;  /* candidates in byte order, each with its NUL */
    size_t count;
    size_t common_bytes; /* that all candidates begin with */
};

struct cli;

void complete_init(struct complete *m);
void complete_deinit(struct complete *m);
/* Finds what fits behind text[0, bytes), the statement up to the cursor. */
void complete_find(struct cli *c, const char *text, size_t bytes, struct complete *m);

#endif
