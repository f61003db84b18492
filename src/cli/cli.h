/* cli.h - one run of the program: where its words go, in which form, on which engine.
 *
 * Data goes to stdout and nothing else does; talk, progress and errors go to stderr. Everything
 * belongs to the main thread, but for the interrupt handler, which only calls fovea_cancel.
 */
#ifndef FOVEA_CLI_CLI_H
#define FOVEA_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "cli/args.h"
#include "cli/format.h"
#include "cli/pictures.h"
#include "cli/progress.h"

enum cli_exit { CLI_OK = 0, CLI_NONE = 1, CLI_ERROR = 2 }; /* NONE: a search that found nothing */

struct fovea;

struct cli {
    struct fovea *engine;        /* NULL until engine_open */
    const struct format *format; /* box on a terminal, TSV otherwise, or what was asked for */
    bool format_chosen;          /* by an option or .mode */
    bool expanded;               /* what is drawn is drawn as Vertical */
    struct output_look look;
    char null_text[32]; /* what look.null_text points to */
    FILE *out;          /* stdout, or the file of .output */
    struct progress progress;
    struct pictures pictures; /* of the last result */
    bool pictures_shown;      /* where the terminal can */
    bool timer, echo, explain;
    bool quiet;
    bool out_terminal;
    bool err_terminal;
    bool out_color; /* terminals only, and never with NO_COLOR */
    bool err_color;
    bool done; /* .quit was said */
};

/* A command of the program: `fovea name words`. */
struct command {
    const char *name;
    const char *about; /* one line for the list */
    const char *usage; /* its words: "QUERY [DIR...]" */
    const char *more;  /* what its help says further; ends with a newline */
    const struct arg_option *options;
    int words_min, words_max;
    int (*run)(struct cli *c, const struct args *a); /* gives an enum cli_exit */
};

extern const struct command command_index, command_search, command_sql, command_models,
    command_pull, command_datasets, command_errors, command_doctor, command_help, command_version;

/* All of them, in the order of the list; NULL behind the last. */
extern const struct command *const commands[];
const struct command *command_find(const char *name); /* NULL: none */
/* An unknown command, with the nearest one. */
int command_unknown(struct cli *c, const char *name);
void command_print_help(const struct command *command);
void command_print_list(void);

/* Runs the program; argv as main gets it. */
int cli_main(int argc, char **argv);

/* "fovea: ..." on stderr, control characters made visible; gives CLI_ERROR. */
int cli_fail(struct cli *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
int cli_fail_err(struct cli *c, const struct err *e);
/* A line for the person, on stderr, unless quiet. */
void cli_talk(struct cli *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* The format asked for by --json, --csv or --box, into c->format. */
NODISCARD enum status cli_choose_format(struct cli *c, const struct args *a, struct err *e);
/* A form by its name, for what is printed from now on. INVALID names the nearest. */
NODISCARD enum status cli_set_format(struct cli *c, const char *name, struct err *e);
/* Text of a file or database to c->out, with control bytes visible where that is a terminal. */
void cli_write(struct cli *c, const char *text);
/* The form of rows where they go now: what was chosen, else box on a terminal and TSV in a file. */
const struct format *cli_format(const struct cli *c);
/* An output on c->out in that form. */
void cli_output_init(const struct cli *c, struct output *o);
/* Rows go to this file from now on; NULL: to stdout again. */
NODISCARD enum status cli_set_out(struct cli *c, const char *path, struct err *e);

#endif
