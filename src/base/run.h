/* run.h - how long work talks to whoever asked for it: progress up, cancel down, a deadline,
 * threads.
 *
 * One struct run belongs to one call (an index, a pull, a statement). Any thread may set cancel;
 * the working threads look at run_check() between units of work.
 */
#ifndef FOVEA_BASE_RUN_H
#define FOVEA_BASE_RUN_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/err.h"

struct run_progress {
    const char *what;  /* "indexing", "building", "downloading"; borrowed for the call */
    uint64_t done;
    uint64_t total;    /* 0: not known */
    const char *note;  /* a line for the person, or NULL: a path, a warning */
};

struct run {
    void (*progress)(void *user, const struct run_progress *p); /* NULL: nobody listens */
    void *user;
    atomic_int *cancel;      /* non-zero: stop soon; NULL: can't be cancelled */
    int64_t deadline_ms;     /* on run_now_ms()'s clock; 0: none */
    int threads;             /* 0: as many as the process may use */
    uint64_t memory_bytes;   /* 0: the default of limits.h */
};

/* OK, CANCELLED or TIMEOUT. run may be NULL. */
NODISCARD enum status run_check(const struct run *run, struct err *e);
void run_report(const struct run *run, const struct run_progress *p);
/* CPUs this process may run on (sched_getaffinity, cgroup quota), FOVEA_THREADS first. At least 1.
 */
int run_threads(const struct run *run);
int64_t run_now_ms(void); /* monotonic */
int64_t run_now_us(void);

#endif
