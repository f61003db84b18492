/* team.h - a few threads that go through the steps of a plan together.
 *
 * A step has as many parts as the team has threads; whoever is free takes the next part, and the
 * next step begins when all parts are done. A thread that the machine has no core for takes none,
 * so on a busy machine a team is about as fast as one thread, where a barrier would wait for every
 * thread at every step. Helpers sleep between runs.
 */
#ifndef FOVEA_NN_TEAM_H
#define FOVEA_NN_TEAM_H

#include <stdatomic.h>

#include "base/err.h"

struct nn_team;

enum { NN_TEAM_MAX = 64 };

/* How far a step is; one cache line each. */
struct nn_turn {
    _Alignas(64) atomic_int taken;
    atomic_int done;
};

struct nn_job {
    void (*work)(void *arg, int step, int part);
    void *arg;
    int steps;
    struct nn_turn *turns; /* steps of them; NULL for a team of one */
};

/* threads: 1..NN_TEAM_MAX, the caller's included. */
NODISCARD enum status nn_team_open(int threads, struct nn_team **out, struct err *e);
void nn_team_close(struct nn_team *t);
int nn_team_threads(const struct nn_team *t); /* 1 for NULL */
/* Runs all steps; allocates nothing. One run at a time. */
void nn_team_run(struct nn_team *t, const struct nn_job *job);

#endif
