/* interrupt.c - the signal handler; fovea_cancel is made to be called from one. */
#include "cli/interrupt.h"

#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>

#include "fovea.h"

static _Atomic(struct fovea *) target;
static volatile sig_atomic_t seen;

static void on_interrupt(int sig)
{
    (void)sig;
    seen = 1;
    struct fovea *f = atomic_load(&target);
    if (f != NULL) fovea_cancel(f);
}

static void listen_for(struct fovea *f, int flags)
{
    struct sigaction act = {.sa_handler = on_interrupt, .sa_flags = flags};
    atomic_store(&target, f);
    sigaction(SIGINT, &act, NULL);
}

void interrupt_begin(struct fovea *f)
{
    listen_for(f, (int)SA_RESETHAND); /* the second one finds the system's own answer */
}

void interrupt_note(void)
{
    seen = 0;
    listen_for(NULL, 0);
}

void interrupt_end(void)
{
    signal(SIGINT, SIG_DFL);
    atomic_store(&target, NULL);
}

bool interrupt_seen(void)
{
    return seen != 0;
}
