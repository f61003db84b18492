/* team.h - a few threads that go through the steps of a plan together.
 *
 * A step has as many parts as the team has threads; whoever is free takes the next part, and the
 * next step begins when all parts are done. A thread that the machine has no core for takes none,
 * so on a busy machine a team is about as fast as one thread, where a barrier would wait for every
 * thread at every step. Helpers sleep between runs.
 */
#ifndef FOVEA_BASE_TEAM_H
#define FOVEA_BASE_TEAM_H

#include <stdatomic.h>

#include "base/err.h"

struct team;

enum { TEAM_MAX = 64 };

/* How far a step is; one cache line each. */
struct team_turn {
    _Alignas(64) atomic_int taken;
    atomic_int done;
};

struct team_job {
    void (*work)(void *arg, int step, int part);
    void *arg;
    int steps;
    struct team_turn *turns; /* steps of them; NULL for a team of one */
};

/* threads: 1..TEAM_MAX, the caller's included. */
NODISCARD enum status team_open(int threads, struct team **out, struct err *e);
void team_close(struct team *t);
int team_threads(const struct team *t); /* 1 for NULL */
/* Runs all steps; allocates nothing. One run at a time. */
void team_run(struct team *t, const struct team_job *job);

#endif
