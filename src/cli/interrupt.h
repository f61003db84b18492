/* interrupt.h - Ctrl-C: the first cancels the running statement, a second one, while that statement
 * still has not ended, ends the process. At a prompt it ends nothing. */
#ifndef FOVEA_CLI_INTERRUPT_H
#define FOVEA_CLI_INTERRUPT_H

#include <stdbool.h>

struct fovea;

/* From now on SIGINT cancels what f runs. One that came before is still seen. */
void interrupt_begin(struct fovea *f);
/* From now on SIGINT is only noted; forgets an earlier one. */
void interrupt_note(void);
/* SIGINT is the system's again. */
void interrupt_end(void);
/* Readable once one has come since the last interrupt_note: whoever waits for a key waits for this
 * too, since a signal may come a moment before the wait, or to another thread. -1: no pipe. */
int interrupt_fd(void);
/* One has come since the last interrupt_note. */
bool interrupt_seen(void);

#endif
