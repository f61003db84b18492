/* args.h - a command line against a table of options: one table drives parsing and help.
 *
 * `--name value`, `--name=value`, `-n value`, `-nvalue`, flags bundled (`-qn5`), `--` ends the
 * options. Names are never abbreviated. What is not an option is a word, kept in order.
 */
#ifndef FOVEA_CLI_ARGS_H
#define FOVEA_CLI_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct arg_option {
    const char *name;  /* without the dashes; a row with NULL ends a table */
    char letter;       /* its short form, 0: none */
    const char *value; /* what help calls its value; NULL: a flag */
    const char *help;
};

enum { ARGS_OPTIONS_MAX = 16 }; /* of one command, the common ones not counted */

struct args {
    const struct arg_option *options;     /* the command's table */
    const char *values[ARGS_OPTIONS_MAX]; /* by row; NULL: not given, "" for a flag */
    const char *common[ARGS_OPTIONS_MAX]; /* the same for args_common */
    char **words;                         /* borrowed: the front of argv, rearranged */
    int word_count;
};

/* Options that every command takes: --quiet and --help. */
extern const struct arg_option args_common[];

/* argv: what follows the command's name. command: its name, for the errors.
 * Errors: INVALID (unknown option, with the nearest one; a value that is missing; an option given
 * twice). */
NODISCARD enum status args_parse(
    struct args *a, const char *command, int argc, char **argv, struct err *e);

/* The value of an option that one of the two tables has; NULL: not given. */
const char *args_get(const struct args *a, const char *name);
bool args_has(const struct args *a, const char *name);
/* The option as a number from 1 to max; fallback when it is not given. INVALID names the option. */
NODISCARD enum status args_get_count(
    const struct args *a, const char *name, int64_t max, int64_t *count, struct err *e);

#endif
