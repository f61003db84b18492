/* plan.h - a graph made ready to run: primitives made, memory laid out.
 *
 * Values that never live together share memory (liveness over the node order, first fit); one block
 * holds them and the scratch. Running allocates nothing. The block is the caller's, so that plans
 * for several shapes that never run together use the same one. Threads: a plan runs on one team at
 * a time.
 */
#ifndef FOVEA_NN_PLAN_H
#define FOVEA_NN_PLAN_H

#include "base/team.h"
#include "nn/graph.h"

struct nn_plan;

struct nn_binding {
    int value;  /* an input or output of the graph; -1 ends a list */
    void *data; /* inputs are only read */
};

struct nn_plan_how {
    int threads;
    bool reference; /* run the ops' reference forwards; parameters packed as reference, types f32 */
};

/* Copies what it needs of g; g->params must be packed and outlive the plan. */
NODISCARD enum status nn_plan_open(
    const struct nn_graph *g, const struct nn_plan_how *how, struct nn_plan **out, struct err *e);
void nn_plan_close(struct nn_plan *p);
/* Bytes of the block, to be 64-byte aligned. */
size_t nn_plan_bytes(const struct nn_plan *p);
/* Runs it. memory: nn_plan_bytes() or more; team: of how.threads threads, NULL when 1.
 * Errors: INTERNAL (oneDNN failed). */
NODISCARD enum status nn_plan_run(struct nn_plan *p, struct team *team, void *memory,
    const struct nn_binding *bindings, struct err *e);

#endif
