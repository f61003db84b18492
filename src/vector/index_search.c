/* index_search.c - one question: find out which rows pass, choose a path by its cost, walk it, and
 * put the two halves' hits together.
 *
 * A condition is first pulled as a bitmap, for about as long as one search without it takes. If it
 * ended, that is the bitmap. Else a few rows are probed, which tells what share passes, and the
 * cheapest of three goes on: probing along an exact scan, probing along a walk of the graph, or
 * pulling to the end. Probing has a budget, what pulling to the end would cost; when it is used up
 * pulling goes on after all, so that a wrong guess costs twice the right way at most.
 *
 * k means k: whatever the graph brings is counted, and when it is short the exact scan answers. The
 * last hit's ties are found by a second scan with its distance as radius, on exact paths, which
 * runs only when the first left out a row as far as that.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "vector/index_parts.h"

enum { SAMPLE = 16, PROBES_SPARE = 32 };

/* --- what is asked ---------------------------------------------------------------------------- */

static bool graph_allowed(const struct vec_task *t)
{
    return t->ix->g->has_graph && !t->ix->passing.lost && t->out->ef > 0;
}

static enum status query_check(const struct vec_task *t, struct err *e)
{
    for (int i = 0; i < t->ix->g->set.dim; i++)
        if (!isfinite(t->query[i]))
            return err_set(e, ST_INVALID, "the query's value %d is %g", i, (double)t->query[i]);
    if (t->k > LIMIT_SEARCH_K)
        return err_set(e, ST_LIMIT, "%u nearest rows, at most %d", t->k, LIMIT_SEARCH_K);
    return ST_OK;
}

struct cost_ask cost_of(const struct vec_task *t, double passing)
{
    return (struct cost_ask){.g = t->ix->g, .passing = passing, .ef = t->out->ef};
}

static double live_rows(const struct vec_index *ix)
{
    return (double)(ix->g->set.rows - ix->dead_count);
}

/* --- paths ------------------------------------------------------------------------------------ */

/* The cheapest path for so many passing rows under a bitmap; *ns: what it would cost. */
static enum vec_path path_choose(const struct vec_task *t, double passing, double *ns)
{
    const struct vec_costs *c = &t->ix->costs;
    struct cost_ask a = cost_of(t, passing);
    enum vec_path best = t->ix->g->has_codes ? VEC_PATH_EXACT : VEC_PATH_EXACT_F32;
    *ns = cost_exact(c, &a);
    if (t->ask->filter != NULL && cost_listed(c, &a) < *ns) {
        best = VEC_PATH_EXACT_LISTED;
        *ns = cost_listed(c, &a);
    }
    if (graph_allowed(t) && cost_graph(c, &a) < *ns) {
        best = t->ask->filter != NULL ? VEC_PATH_GRAPH_BRIDGED : VEC_PATH_GRAPH;
        *ns = cost_graph(c, &a);
    }
    return best;
}

/* The generation's passing rows, when they are known; hits are in ix->hits, or in out->hits when
 * they were listed. */
static enum status run_bitmap(const struct vec_task *t, struct err *e)
{
    struct vec_index *ix = t->ix;
    double ns, passing = t->ask->filter != NULL ? ix->passing.rows : live_rows(ix);
    bool stopped;
    ix->hits.count = 0;
    ix->hits.tied = false;
    if (passing == 0) return ST_OK;
    t->out->path = path_choose(t, passing, &ns);
    if (t->out->path >= VEC_PATH_GRAPH && t->ask->filter != NULL && walk_unplaced(t)) {
        enum status placed = walk_place(t, e);
        if (placed != ST_OK) return placed;
        t->out->path = path_choose(t, passing, &ns);
    }
    if (t->out->path == VEC_PATH_EXACT_LISTED) return exact_listed(t, e);
    if (t->out->path < VEC_PATH_GRAPH) return exact_generation(t, &stopped, e);
    enum status st = walk_generation(t, passing / ix->g->set.rows, &stopped, e);
    if (st != ST_OK) return st;
    if (t->ask->filter == NULL && walk_was_short(t)) return run_bitmap(t, e);
    double want = passing < t->k ? passing : t->k;
    if (!stopped && ix->hits.count >= want) return ST_OK;
    t->out->fell_through = true;
    t->out->path = VEC_PATH_EXACT;
    return exact_generation(t, &stopped, e);
}

/* --- probing ---------------------------------------------------------------------------------- */

/* Probes a few rows anywhere, to know the share that passes. */
static enum status sample(const struct vec_task *t)
{
    struct vec_index *ix = t->ix;
    uint32_t rows = ix->g->set.rows;
    uint64_t at = 0;
    for (int i = 0; i < SAMPLE && rows > 0; i++) {
        at = at * 6364136223846793005u + 1442695040888963407u; /* Knuth's; any spread will do */
        uint32_t slot = (uint32_t)((at >> 32) * rows >> 32);
        if (ix->dead != NULL && (ix->dead[slot / 64] >> slot % 64 & 1) != 0) continue;
        (void)filter_probe(ix, slot, 0);
        if (ix->passing.st != ST_OK) break;
    }
    if (ix->passing.timed > 0) /* these very probes tell more than any before */
        ix->costs.probe = ix->passing.probe_ns / (double)ix->passing.timed;
    return ix->passing.st;
}

/* How to go on: true, by probing; out->path and the budget are set. */
static bool probing_pays(const struct vec_task *t)
{
    struct vec_index *ix = t->ix;
    struct vec_passing *p = &ix->passing;
    const struct vec_costs *c = &ix->costs;
    double live = live_rows(ix), share = filter_share(p), passing = share * live, ns, scan_ns;
    struct cost_ask all = cost_of(t, live);
    /* rows nearer than the k-th that passed so far, over a scan in any order */
    double asks = t->k / share * (1 + log(1 + passing / t->k)), each = cost_asked(c, ix->g);
    scan_ns = cost_exact(c, &all) + (asks < live ? asks : live) * each;
    t->out->path = ix->g->has_codes ? VEC_PATH_EXACT : VEC_PATH_EXACT_F32;
    if (graph_allowed(t) && !p->lost) {
        struct cost_ask some = cost_of(t, passing);
        double walk_ns = cost_graph(c, &some) + t->out->ef / share * c->probe;
        if (walk_ns < scan_ns) t->out->path = VEC_PATH_GRAPH_BRIDGED;
        if (walk_ns < scan_ns) scan_ns = walk_ns;
    }
    if (p->filter->next == NULL) return true;
    double pull = p->pulled > 0 ? p->pull_ns / (double)p->pulled : p->pull_ns;
    double left = passing - (double)p->pulled;
    double pull_ns = (left > 1 ? left : 1) * pull;
    enum vec_path path = t->out->path;
    (void)path_choose(t, passing, &ns);
    t->out->path = path;
    p->asked_max = p->asked + PROBES_SPARE + (uint64_t)((pull_ns + ns) / each);
    return scan_ns < pull_ns + ns;
}

/* Probes along the path. *stopped: the budget is used up. */
static enum status run_probing(const struct vec_task *t, bool *stopped, struct err *e)
{
    struct vec_index *ix = t->ix;
    t->out->probed = true;
    enum status st = exact_tail(t, stopped, e);
    if (st != ST_OK || *stopped) return st;
    if (t->out->path >= VEC_PATH_GRAPH) {
        st = walk_generation(t, filter_share(&ix->passing), stopped, e);
        if (st != ST_OK || (!*stopped && ix->hits.count >= t->k)) return st;
        t->out->fell_through = true;
        t->out->path = VEC_PATH_EXACT;
        if (t->ask->filter->next != NULL) { /* the bitmap settles the rest */
            *stopped = true;
            return ST_OK;
        }
    }
    return exact_generation(t, stopped, e);
}

/* --- putting together ------------------------------------------------------------------------- */

static enum status append(
    struct vec_list *to, const struct vec_hits *from, bool tail, struct err *e)
{
    for (uint32_t i = 0; i < from->count; i++) {
        struct vec_hit hit = from->at[i];
        if (tail) hit.slot = UINT32_MAX;
        enum status st = vec_list_add(to, &hit, e);
        if (st != ST_OK) return st;
    }
    return ST_OK;
}

static void sort(struct vec_list *l)
{
    for (size_t i = 1; i < l->count; i++)
        if (hit_compare(&l->at[i - 1], &l->at[i]) > 0) {
            qsort(l->at, l->count, sizeof *l->at, hit_compare);
            return;
        }
}

/* A half left out a row as far as the k-th of all. */
static bool ties_missing(const struct vec_hits *half, double last)
{
    return half->tied && half->count > 0 && half->at[half->count - 1].distance == last;
}

static enum status put_together(const struct vec_task *t, struct err *e)
{
    struct vec_index *ix = t->ix;
    struct vec_list *l = &t->out->hits;
    enum status st = append(l, &ix->hits, false, e);
    if (st == ST_OK) st = append(l, &ix->tail_hits, true, e);
    if (st != ST_OK) return st;
    sort(l);
    if (l->count < t->k) return ST_OK;
    double last = l->at[t->k - 1].distance;
    bool generation = t->out->path < VEC_PATH_GRAPH && ties_missing(&ix->hits, last);
    if (generation || ties_missing(&ix->tail_hits, last)) {
        ix->passing.asked_max = UINT64_MAX;
        size_t kept = 0; /* each half that has all its ties keeps what it has */
        for (size_t i = 0; i < l->count; i++) {
            bool tail = l->at[i].slot == UINT32_MAX;
            bool again = tail ? ties_missing(&ix->tail_hits, last) : generation;
            if (!again) l->at[kept++] = l->at[i];
        }
        l->count = kept;
        if (generation) st = exact_radius_generation(t, last, e);
        if (st == ST_OK && ties_missing(&ix->tail_hits, last)) st = exact_radius_tail(t, last, e);
        if (st != ST_OK) return st;
        sort(l);
    }
    while (l->count > t->k && (t->ask->cut || l->at[l->count - 1].distance > last)) l->count--;
    return ST_OK;
}

/* --- the whole -------------------------------------------------------------------------------- */

/* Pulls for as long as a search without the condition takes: at first by the walk that rows need,
 * then by the walk that this question needs. */
static enum status run_pull(const struct vec_task *t, struct err *e)
{
    const struct vec_filter *f = t->ask->filter;
    struct vec_index *ix = t->ix;
    double ns, more_ns;
    bool pausing = f->next != NULL && f->probe != NULL;
    enum vec_path path = path_choose(t, live_rows(ix), &ns);
    enum status st = ST_OK;
    if (f->next != NULL) st = filter_pull(ix, pausing ? ns : INFINITY, t->ask->run, e);
    if (st != ST_OK || ix->passing.listed || path < VEC_PATH_GRAPH || !walk_unplaced(t)) return st;
    int64_t began_ns = cost_now_ns();
    st = walk_place(t, e);
    if (st != ST_OK || !pausing) return st;
    double place_ns = (double)(cost_now_ns() - began_ns); /* and as long as that took */
    (void)path_choose(t, live_rows(ix), &more_ns);
    return filter_pull(ix, place_ns + (more_ns > ns ? more_ns - ns : 0), t->ask->run, e);
}

/* An exact scan is no cheaper here than where the graph was not thought of: pulls for as long as
 * that one does before it probes. */
static enum status pull_as_exact(const struct vec_task *t, struct err *e)
{
    struct vec_index *ix = t->ix;
    struct cost_ask all = cost_of(t, live_rows(ix));
    double left_ns = cost_exact(&ix->costs, &all) - ix->passing.pull_ns;
    if (t->ask->filter->next == NULL || left_ns <= 0) return ST_OK;
    return filter_pull(ix, left_ns, t->ask->run, e);
}

/* Whether the condition was settled by probing; else run_bitmap has what it needs. */
static enum status run_filter(const struct vec_task *t, bool *probed, struct err *e)
{
    struct vec_index *ix = t->ix;
    bool stopped = false;
    *probed = false;
    enum status st = filter_begin(ix, t->ask->filter, e);
    if (st != ST_OK || t->ask->filter == NULL) return st;
    st = run_pull(t, e);
    if (st != ST_OK || ix->passing.listed) return st;
    st = sample(t);
    if (st != ST_OK) return st;
    bool pays = probing_pays(t);
    if (pays && t->out->path < VEC_PATH_GRAPH) {
        st = pull_as_exact(t, e);
        if (st != ST_OK || ix->passing.listed) return st;
    }
    if (pays) {
        st = run_probing(t, &stopped, e);
        *probed = !stopped;
        t->out->probed = !stopped;
        if (st != ST_OK || !stopped) return st;
    }
    return filter_pull(ix, INFINITY, t->ask->run, e);
}

static void answer_begin(struct vec_answer *out)
{
    out->hits.count = 0;
    out->complete = out->fell_through = out->probed = out->elsewhere = false;
    out->path = VEC_PATH_EXACT;
    out->ef = 0;
    out->recall = 1;
    out->passing = UINT64_MAX;
    out->stats = (struct vec_stats){0};
}

static void answer_end(const struct vec_task *t)
{
    struct vec_answer *out = t->out;
    struct vec_index *ix = t->ix;
    bool graph = out->path >= VEC_PATH_GRAPH;
    out->complete = out->hits.count < t->ask->k;
    if (graph) out->recall = walk_recall(t);
    out->elsewhere = graph && ix->placed && ix->origin == VEC_FROM_ELSEWHERE;
    if (!graph) out->ef = 0;
    out->stats.probes = ix->passing.asked;
    if (t->ask->filter == NULL)
        out->passing = vec_index_rows(ix);
    else if (ix->passing.listed)
        out->passing = (uint64_t)ix->passing.rows + ix->passing.tail;
}

enum status vec_index_search(struct vec_index *ix, const float *query, const struct vec_ask *ask,
    struct vec_answer *out, struct err *e)
{
    uint32_t rows = vec_index_rows(ix);
    struct vec_task t = {
        .ix = ix, .query = query, .ask = ask, .k = ask->k < rows ? ask->k : rows, .out = out};
    bool probed, stopped;
    answer_begin(out);
    ix->hits.count = ix->tail_hits.count = 0;
    ix->hits.tied = ix->tail_hits.tied = false;
    enum status st = query_check(&t, e);
    if (st != ST_OK) return st;
    bool nowhere = ix->g->set.metric == METRIC_COSINE &&
        isnan(metric_distance(METRIC_COSINE, query, query, (size_t)ix->g->set.dim));
    if (t.k == 0 || nowhere) {
        out->complete = ask->k > 0;
        return ST_OK;
    }
    ix->placed = false;
    ix->origin = VEC_FROM_ROWS;
    walk_length(&t);
    st = run_filter(&t, &probed, e);
    if (st == ST_OK && !probed) st = run_bitmap(&t, e);
    if (st == ST_OK && !probed) st = exact_tail(&t, &stopped, e);
    if (st == ST_OK) st = put_together(&t, e);
    if (st == ST_OK) answer_end(&t);
    return st;
}
