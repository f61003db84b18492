/* index_exact.c - the exact ways through both halves of an index. */
#include <math.h>
#include <string.h>

#include "vector/index_parts.h"

const uint64_t *task_pass(const struct vec_task *t)
{
    const struct vec_index *ix = t->ix;
    if (t->ask->filter != NULL && ix->passing.listed) return ix->pass;
    return ix->dead_count > 0 ? ix->live : NULL;
}

static const uint64_t *task_pass_tail(const struct vec_task *t)
{
    return t->ask->filter != NULL && t->ix->passing.listed ? t->ix->tail_pass : NULL;
}

static bool probing(const struct vec_task *t)
{
    return t->ask->filter != NULL && !t->ix->passing.listed;
}

/* Before generation_of and whatever else scans: an index that only walks has no need of it. */
static enum status scratch_reserve(struct vec_index *ix, struct err *e)
{
    if (ix->scratch != NULL) return ST_OK;
    return vec_exact_scratch_open(ix->g->set.dim, 1, 1, &ix->scratch, e);
}

static struct vec_exact generation_of(const struct vec_task *t)
{
    const struct vec_generation *g = t->ix->g;
    return (struct vec_exact){.set = &g->set,
        .codes = g->has_codes ? &g->codes : NULL,
        .touch = &g->touch,
        .scratch = t->ix->scratch};
}

static struct vec_set tail_of(const struct vec_task *t)
{
    const struct vec_tail *tail = &t->ix->tail;
    return (struct vec_set){.metric = t->ix->g->set.metric,
        .dim = tail->dim,
        .rows = tail->rows,
        .full = tail->full,
        .rowids = tail->rowids};
}

/* What is asked of a half. */
static struct vec_query query_of(const struct vec_task *t, bool tail, bool *stopped)
{
    struct vec_query how = {.k = t->k,
        .pass = tail ? task_pass_tail(t) : task_pass(t),
        .run = t->ask->run,
        .stopped = stopped,
        .stats = &t->out->stats};
    if (!probing(t)) return how;
    how.probe = tail ? filter_probe_tail : filter_probe;
    how.probe_user = t->ix;
    return how;
}

/* A probe's own failure comes before what the search says. */
static enum status outcome(const struct vec_task *t, enum status st)
{
    return probing(t) && t->ix->passing.st != ST_OK ? t->ix->passing.st : st;
}

static void learn(const struct vec_task *t, int64_t began_ns, uint64_t checked)
{
    struct vec_index *ix = t->ix;
    const struct vec_generation *g = ix->g;
    double cells = (double)g->set.rows * g->set.dim;
    if (vec_generation_checked(g) != checked) return;
    if (t->ask->filter != NULL || cells < 1e6 || t->k > 1000) return;
    double ns = (double)(cost_now_ns() - began_ns) - ix->costs.start;
    costs_learn(g->has_codes ? &ix->costs.code : &ix->costs.full, ns / cells);
}

enum status exact_generation(const struct vec_task *t, bool *stopped, struct err *e)
{
    struct vec_index *ix = t->ix;
    uint32_t rows = ix->g->set.rows;
    struct vec_query how = query_of(t, false, stopped);
    *stopped = false;
    ix->hits.count = 0;
    ix->hits.tied = false;
    if (how.k > rows) how.k = rows;
    if (how.k == 0) return ST_OK;
    enum status st = hits_reserve(&ix->hits, how.k, e);
    if (st == ST_OK) st = scratch_reserve(ix, e);
    struct vec_exact x = generation_of(t);
    uint64_t checked = vec_generation_checked(ix->g);
    int64_t began_ns = cost_now_ns();
    if (st == ST_OK) st = outcome(t, vec_exact_search(&x, t->query, &how, &ix->hits, e));
    if (st == ST_OK) learn(t, began_ns, checked);
    return st;
}

enum status exact_tail(const struct vec_task *t, bool *stopped, struct err *e)
{
    struct vec_index *ix = t->ix;
    struct vec_set set = tail_of(t);
    struct vec_query how = query_of(t, true, stopped);
    *stopped = false;
    ix->tail_hits.count = 0;
    ix->tail_hits.tied = false;
    if (how.k > set.rows) how.k = set.rows;
    if (how.k == 0) return ST_OK;
    enum status st = hits_reserve(&ix->tail_hits, how.k, e);
    if (st == ST_OK) st = scratch_reserve(ix, e);
    struct vec_exact x = {.set = &set, .scratch = ix->scratch};
    return st == ST_OK ? outcome(t, vec_exact_search(&x, t->query, &how, &ix->tail_hits, e)) : st;
}

enum status exact_listed(const struct vec_task *t, struct err *e)
{
    const struct vec_generation *g = t->ix->g;
    const struct vec_set *set = &g->set;
    size_t dim = (size_t)set->dim;
    for (size_t word = 0; word < t->ix->words; word++) {
        for (uint64_t bits = t->ix->pass[word]; bits != 0; bits &= bits - 1) {
            uint32_t slot = (uint32_t)(word * 64) + (uint32_t)__builtin_ctzll(bits);
            enum status st = g->touch.full(g->touch.user, slot, e);
            if (st != ST_OK) return st;
            double d = metric_distance(set->metric, t->query, set->full + slot * dim, dim);
            struct vec_hit hit = {.distance = d, .rowid = set->rowids[slot], .slot = slot};
            if (!isnan(d)) st = vec_list_add(&t->out->hits, &hit, e);
            if (st != ST_OK) return st;
            t->out->stats.rechecks++;
        }
    }
    return ST_OK;
}

enum status exact_radius_generation(const struct vec_task *t, double radius, struct err *e)
{
    bool stopped = false;
    enum status st = scratch_reserve(t->ix, e);
    if (st != ST_OK) return st;
    struct vec_exact x = generation_of(t);
    struct vec_query how = query_of(t, false, &stopped);
    how.by_radius = true;
    how.radius = radius;
    return outcome(t, vec_exact_radius(&x, t->query, &how, &t->out->hits, e));
}

enum status exact_radius_tail(const struct vec_task *t, double radius, struct err *e)
{
    bool stopped = false;
    struct vec_set set = tail_of(t);
    enum status st = scratch_reserve(t->ix, e);
    if (st != ST_OK) return st;
    struct vec_exact x = {.set = &set, .scratch = t->ix->scratch};
    struct vec_query how = query_of(t, true, &stopped);
    how.by_radius = true;
    how.radius = radius;
    size_t before = t->out->hits.count;
    st = outcome(t, vec_exact_radius(&x, t->query, &how, &t->out->hits, e));
    for (size_t i = before; i < t->out->hits.count; i++) t->out->hits.at[i].slot = UINT32_MAX;
    return st;
}

int hit_compare(const void *a, const void *b)
{
    const struct vec_hit *x = a, *y = b;
    if (x->distance != y->distance) return x->distance < y->distance ? -1 : 1;
    return (x->rowid > y->rowid) - (x->rowid < y->rowid);
}
