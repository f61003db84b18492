/* team.h - a few threads that go through the steps of a plan together, and the barrier between
 * steps.
 *
 * The caller is thread 0. Others sleep between runs; inside a run a thread that is early spins for
 * a few microseconds, then sleeps, so a busy machine costs a wake-up and not a scheduler's quantum.
 */
#ifndef FOVEA_NN_TEAM_H
#define FOVEA_NN_TEAM_H

#include "base/err.h"

struct nn_team;

enum { NN_TEAM_MAX = 64 };

/* threads: 1..NN_TEAM_MAX, the caller's included. */
NODISCARD enum status nn_team_open(int threads, struct nn_team **out, struct err *e);
void nn_team_close(struct nn_team *t);
int nn_team_threads(const struct nn_team *t); /* 1 for NULL */
/* Runs work(arg, part) on every thread of the team, part 0 on the caller's. */
void nn_team_run(struct nn_team *t, void (*work)(void *arg, int part), void *arg);
/* Inside work: waits until every thread is here. NULL: returns at once. */
void nn_team_wait(struct nn_team *t);

#endif
