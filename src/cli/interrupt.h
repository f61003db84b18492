/* interrupt.h - Ctrl-C: the first cancels the running statement, the second ends the process. */
#ifndef FOVEA_CLI_INTERRUPT_H
#define FOVEA_CLI_INTERRUPT_H

#include <stdbool.h>

struct fovea;

/* From now on SIGINT cancels what f runs; forgets an earlier one. */
void interrupt_begin(struct fovea *f);
/* SIGINT is the system's again. */
void interrupt_end(void);
/* One has come since interrupt_begin. */
bool interrupt_seen(void);

#endif
