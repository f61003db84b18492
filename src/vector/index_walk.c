/* index_walk.c - the graph walked for one question: how long a pool, by where the question comes
 * from.
 *
 * recall_target is kept by two tables (calibration.h). Without a condition the walk that rows need
 * is done first: when its k-th hit lies beyond the edge, the question comes from elsewhere, and the
 * walk is done again with the pool that such questions need. Under a condition the hits tell
 * nothing of that, so a short walk without it comes first, and only when the graph is the path at
 * all; it costs a few per cent of the least that is then done.
 */
#include "vector/index_parts.h"

enum { EF_DEFAULT = 64, EF_PLACE = 24 };

static bool by_target(const struct vec_task *t)
{
    return t->ask->ef == 0 && t->ask->recall_target > 0;
}

static struct vec_calibration_table table_of(const struct vec_task *t)
{
    const struct vec_calibration *c = t->ix->calibration;
    const struct vec_calibration_table *own = &c->of[t->ix->origin];
    if (own->sampled > 0) return *own;
    if (c->of[VEC_FROM_ROWS].sampled > 0) return c->of[VEC_FROM_ROWS];
    return vec_graph_calibration(&t->ix->g->graph);
}

void walk_length(const struct vec_task *t)
{
    const struct vec_generation *g = t->ix->g;
    struct vec_answer *out = t->out;
    double reached;
    out->ef = 0;
    if (!g->has_graph || t->ask->exact || t->ask->recall_target >= 1) return;
    struct vec_calibration_table table = table_of(t);
    if (by_target(t))
        out->ef = vec_calibration_ef(&table, t->k, t->ask->recall_target, &reached);
    else
        out->ef = t->ask->ef > 0 ? t->ask->ef : EF_DEFAULT;
    if (out->ef > 0 && out->ef < t->k) out->ef = t->k;
    if (out->ef > g->set.rows) out->ef = g->set.rows;
}

double walk_recall(const struct vec_task *t)
{
    struct vec_calibration_table table = table_of(t);
    return vec_calibration_recall(&table, t->k, t->out->ef);
}

/* --- walking ---------------------------------------------------------------------------------- */

static enum status walk_reserve(struct vec_index *ix, uint32_t ef, bool filtered, struct err *e)
{
    if (filtered && ef < VEC_GRAPH_EF_FILTERED) ef = VEC_GRAPH_EF_FILTERED;
    if (ix->walk != NULL && ix->walk_ef >= ef) return ST_OK;
    vec_graph_scratch_close(ix->walk);
    ix->walk = NULL;
    ix->walk_ef = ef < EF_DEFAULT * 4 ? EF_DEFAULT * 4 : ef;
    return vec_graph_scratch_open(&ix->g->graph, ix->walk_ef, &ix->walk, e);
}

/* Into ix->hits. */
static enum status walk(
    const struct vec_task *t, const struct vec_query *how, uint32_t ef, struct err *e)
{
    struct vec_index *ix = t->ix;
    enum status st = walk_reserve(ix, ef, how->pass != NULL || how->probe != NULL, e);
    if (st == ST_OK) st = hits_reserve(&ix->hits, how->k, e);
    if (st != ST_OK) return st;
    struct vec_graph_search g = {.graph = &ix->g->graph,
        .set = &ix->g->set,
        .scratch = ix->walk,
        .ef = ef,
        .look = vec_generation_look_node,
        .look_row = vec_generation_look_row,
        .look_user = ix->g->touch.user};
    return vec_graph_search(&g, t->query, how, &ix->hits, e);
}

enum status walk_generation(const struct vec_task *t, double share, bool *stopped, struct err *e)
{
    struct vec_index *ix = t->ix;
    struct vec_passing *p = &ix->passing;
    bool filtered = t->ask->filter != NULL;
    struct vec_query how = {.k = t->k,
        .pass = filtered ? NULL : task_pass(t),
        .run = t->ask->run,
        .stopped = stopped,
        .stats = &t->out->stats,
        .probe = filtered ? filter_walk : NULL,
        .probe_user = ix};
    *stopped = false;
    p->share = share;
    p->met = p->met_passing = 0;
    uint64_t checked = vec_generation_checked(ix->g);
    int64_t began_ns = cost_now_ns();
    enum status st = walk(t, &how, t->out->ef, e);
    if (p->st != ST_OK) return p->st;
    struct cost_ask a = cost_of(t, share * ix->g->set.rows);
    bool warm = vec_generation_checked(ix->g) == checked;
    if (st == ST_OK && warm && !*stopped && (!filtered || p->listed))
        costs_learn_graph(&ix->costs, &a, (double)(cost_now_ns() - began_ns));
    return st;
}

/* --- where the question comes from ------------------------------------------------------------ */

/* By the hits of a walk without a condition. */
static void place(const struct vec_task *t, uint32_t k)
{
    struct vec_index *ix = t->ix;
    ix->placed = true;
    if (ix->hits.count < k) return;
    ix->origin = vec_calibration_origin(ix->calibration, k, ix->hits.at[k - 1].distance);
}

bool walk_unplaced(const struct vec_task *t)
{
    return by_target(t) && !t->ix->placed;
}

enum status walk_place(const struct vec_task *t, struct err *e)
{
    struct vec_index *ix = t->ix;
    uint32_t live = ix->g->set.rows - ix->dead_count, k = t->k < live ? t->k : live;
    uint32_t ef = 2 * k > EF_PLACE ? 2 * k : EF_PLACE;
    struct vec_query how = {.k = k, .pass = ix->live, .run = t->ask->run, .stats = &t->out->stats};
    if (k == 0) return ST_OK;
    enum status st = walk(t, &how, ef < live ? ef : live, e);
    if (st != ST_OK) return st;
    place(t, k);
    ix->hits.count = 0;
    walk_length(t);
    return ST_OK;
}

bool walk_was_short(const struct vec_task *t)
{
    uint32_t ef = t->out->ef;
    if (t->ix->placed) return false;
    place(t, t->k);
    if (!by_target(t)) return false;
    walk_length(t);
    return t->out->ef == 0 || t->out->ef > ef;
}
