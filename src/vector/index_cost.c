/* index_cost.c - what a search would cost, in ns, and learning it from those that ran.
 *
 * The first numbers are those of a common server core; each search then moves the average of what
 * it was made of by an eighth, so that after a few searches the choice of a path rests on what was
 * seen on this machine with this index. Only ratios matter. What a search takes that meets a part
 * of the files for the first time says little of the next one: it teaches nothing, else the first
 * walks of a process would make the graph look dearer than reading every row.
 */
#include <math.h>
#include <time.h>

#include "vector/index_parts.h"

int64_t cost_now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void costs_init(struct vec_costs *c, const struct vec_generation *g)
{
    double dim = g->set.dim;
    *c = (struct vec_costs){
        .code = 0.014, .full = 0.1, .row = 120, .probe = 1500, .pull = 300, .start = 2000};
    double hop = 250 + 0.9 * dim;
    for (int i = 0; i < COST_SHARES; i++)
        c->walk[i] = hop * exp2(i); /* 1/share nodes are opened for each that passes */
}

void costs_learn(double *average, double seen)
{
    if (!(seen >= 0)) return;
    double far = 8 * *average; /* one that was interrupted says little */
    *average += ((seen < far ? seen : far) - *average) / 8;
}

double cost_listed(const struct vec_costs *c, const struct cost_ask *a)
{
    return c->start / 4 + a->passing * (c->row + c->full * a->g->set.dim);
}

/* Of blocks of 64 rows: those where few pass are read as f32, the others by their codes. */
double cost_exact(const struct vec_costs *c, const struct cost_ask *a)
{
    double rows = a->g->set.rows, dim = a->g->set.dim;
    if (rows == 0) return 0;
    double one = c->row + c->full * dim, share = a->passing / rows;
    if (!a->g->has_codes)
        return c->start + rows / 64 + a->passing * (share > 0.5 ? c->full * dim : one);
    double blocks = c->start + rows / 64 + rows * c->code * dim;
    double sparse = c->start + rows / 64 + a->passing * one;
    double crowded = share * 64 > 8 ? 1 : exp2(share * 64 - 8); /* blocks with many */
    double mixed = blocks * crowded + sparse * (1 - crowded);
    return mixed < blocks || share * 64 < 4 ? mixed : blocks;
}

static int share_of(const struct cost_ask *a)
{
    double share = a->passing / a->g->set.rows;
    if (!(share > 0)) return COST_SHARES - 1;
    int i = (int)(-log2(share) + 0.5);
    return i < 0 ? 0 : i >= COST_SHARES ? COST_SHARES - 1 : i;
}

double cost_graph(const struct vec_costs *c, const struct cost_ask *a)
{
    return c->start + a->ef * c->walk[share_of(a)];
}

void costs_learn_graph(struct vec_costs *c, const struct cost_ask *a, double seen_ns)
{
    costs_learn(&c->walk[share_of(a)], (seen_ns - c->start) / a->ef);
}

double cost_asked(const struct vec_costs *c, const struct vec_generation *g)
{
    return c->probe + c->row + c->full * g->set.dim;
}
