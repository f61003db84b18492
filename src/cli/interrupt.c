/* interrupt.c - the signal handler; fovea_cancel and write are made to be called from one. */
#include "cli/interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <unistd.h>

#include "fovea.h"

static _Atomic(struct fovea *) target;
static volatile sig_atomic_t seen;
static int ends[2] = {-1, -1}; /* of a pipe that wakes whoever waits for a key */

static void on_interrupt(int sig)
{
    (void)sig;
    int before = errno;
    seen = 1;
    struct fovea *f = atomic_load(&target);
    if (f != NULL) fovea_cancel(f);
    if (ends[1] >= 0 && write(ends[1], "", 1) < 0) errno = before; /* full: it is readable */
    errno = before;
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
    char bytes[64];
    if (ends[0] < 0 && pipe2(ends, O_NONBLOCK | O_CLOEXEC) != 0) ends[0] = ends[1] = -1;
    while (ends[0] >= 0 && read(ends[0], bytes, sizeof bytes) > 0) continue;
    seen = 0;
    listen_for(NULL, 0);
}

void interrupt_end(void)
{
    signal(SIGINT, SIG_DFL);
    atomic_store(&target, NULL);
}

int interrupt_fd(void)
{
    return ends[0];
}

bool interrupt_seen(void)
{
    return seen != 0;
}
