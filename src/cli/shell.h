/* shell.h - fovea sql on a terminal: statements typed one after another. */
#ifndef FOVEA_CLI_SHELL_H
#define FOVEA_CLI_SHELL_H

#include "cli/cli.h"

/* Reads from the terminal until .quit or Ctrl-D. Gives an enum cli_exit. */
int shell_run(struct cli *c);

#endif
