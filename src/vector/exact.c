/* exact.c - see exact.h: what a search needs, its beginning and its end. exact_scan.c has the
 * loops.
 *
 * Threads: all of a search's threads put hits into the same heap under a lock (few rows come that
 * far) and read its limit without one. The k-th distance of any rows is an upper bound of the k-th
 * of all, and rows as far as the limit are kept, so the hits do not depend on who was first.
 */
#include "vector/exact.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "vector/exact_parts.h"

/* Beyond this share of the rows most would be read as f32 anyway. */
enum { CODED_K_SHARE = 16 };

enum status vec_exact_scratch_open(
    int dim, int queries, int threads, struct vec_exact_scratch **out, struct err *e)
{
    *out = NULL;
    if (dim < 1 || dim > VEC_DIM_MAX || queries < 1 || threads < 1 || threads > TEAM_MAX)
        return err_set(e, ST_INVALID, "a search of %d dimensions, %d queries, %d threads", dim,
            queries, threads);
    size_t n = (size_t)queries, lanes = n * (size_t)threads;
    struct vec_exact_scratch *s = mem_alloc_aligned(sizeof *s);
    if (s == NULL) return mem_err(e, sizeof *s);
    *s = (struct vec_exact_scratch){.dim = dim, .queries = queries, .threads = threads};
    pthread_mutex_init(&s->lock, NULL);
    s->asks = mem_zalloc(n, sizeof *s->asks);
    s->lanes = mem_zalloc(lanes, sizeof *s->lanes);
    s->workers = mem_alloc_aligned((size_t)threads * sizeof *s->workers);
    s->codes = mem_alloc_aligned(n * vec_bound_query_bytes(dim));
    s->aligned = mem_alloc_aligned(n * ALIGNED_FLOATS(dim) * sizeof *s->aligned);
    bool lacks = s->asks == NULL || s->lanes == NULL || s->workers == NULL;
    if (lacks || s->codes == NULL || s->aligned == NULL) {
        vec_exact_scratch_close(s);
        return mem_err(e, lanes * sizeof *s->lanes);
    }
    *out = s;
    return ST_OK;
}

void vec_exact_scratch_close(struct vec_exact_scratch *s)
{
    if (s == NULL) return;
    pthread_mutex_destroy(&s->lock);
    mem_free(s->asks);
    mem_free(s->lanes);
    mem_free_aligned(s->workers);
    mem_free_aligned(s->codes);
    mem_free_aligned(s->aligned);
    mem_free_aligned(s);
}

static enum status query_check(const float *query, int dim, struct err *e)
{
    for (int i = 0; i < dim; i++)
        if (!isfinite(query[i]))
            return err_set(
                e, ST_INVALID, "dimension %d of the query is %g", i + 1, (double)query[i]);
    return ST_OK;
}

static void ask_init(struct search *s, int i, const float *query)
{
    const struct vec_exact *x = s->x;
    struct ask *a = &s->asks[i];
    int dim = x->set->dim;
    float *aligned = x->scratch->aligned + (size_t)i * ALIGNED_FLOATS(dim);
    memcpy(aligned, query, (size_t)dim * sizeof *query);
    a->query = aligned;
    a->bound.query = x->scratch->codes + (size_t)i * vec_bound_query_bytes(dim);
    a->coded = x->codes != NULL && vec_codes_have(x->set->metric) &&
        (s->how->by_radius || s->how->k < x->set->rows / CODED_K_SHARE + 1) &&
        vec_bound_init(&a->bound, x->codes, query);
    a->query_square = 0;
    for (int j = 0; j < dim; j++) a->query_square += (double)query[j] * (double)query[j];
    /* the sums of rows.h and those of metric_distance are each off by (dim + 16) 2^-24 at most,
     * cosines by three times that (bound.c) */
    a->relative = 8 * (dim + 16) * 0x1p-24;
    a->absolute = 4 * (dim + 16) * 0x1p-125;
}

/* No row has a distance from a zero vector under cosine. */
static bool ask_has_distances(const struct search *s, const float *query)
{
    const struct simd_distance *k = simd_distance_get(cpu_get()->isa);
    return s->x->set->metric != METRIC_COSINE || k->dot(query, query, (size_t)s->x->set->dim) != 0;
}

static void search_run(struct search *s)
{
    const struct vec_query *how = s->how;
    struct team_job job = {
        .work = search_work, .arg = s, .steps = 1, .turns = &s->x->scratch->turn};
    /* a probe is the caller's: it is asked on the caller's thread */
    team_run(how->probe == NULL && s->x->scratch->threads > 1 ? how->team : NULL, &job);
}

static void search_init(struct search *s, const struct vec_exact *x, const struct vec_query *how)
{
    *s = (struct search){.x = x,
        .how = how,
        .asks = x->scratch->asks,
        .st = ST_OK,
        .code = simd_code_get(),
        .rows = simd_rows_get(cpu_get()->isa)};
    if (how->stopped != NULL) *how->stopped = false;
}

enum status vec_exact_search_block(const struct vec_exact *x, const struct vec_queries *queries,
    const struct vec_query *how, struct vec_hits *hits, struct err *e)
{
    struct search s;
    search_init(&s, x, how);
    s.e = e;
    int count = queries->count;
    if (count > x->scratch->queries)
        return err_set(
            e, ST_LIMIT, "%d queries, scratch has room for %d", count, x->scratch->queries);
    for (int i = 0; i < count; i++) {
        const float *query = queries->at + (size_t)i * (size_t)x->set->dim;
        enum status st = query_check(query, x->set->dim, e);
        if (st != ST_OK) return st;
        if (how->k > hits[i].capacity)
            return err_set(e, ST_LIMIT, "k is %u, hits have room for %u", how->k, hits[i].capacity);
        struct ask *a = &s.asks[s.count];
        vec_topk_init(&a->top, &hits[i], how->k);
        if (how->k == 0 || !ask_has_distances(&s, query)) continue;
        ask_init(&s, s.count++, query);
        if (how->by_radius) a->top.most = how->radius;
        atomic_store(&a->limit, a->top.most);
    }
    if (s.count > 0) search_run(&s);
    for (int i = 0; i < s.count; i++) vec_topk_finish(&s.asks[i].top);
    return s.st;
}

enum status vec_exact_search(const struct vec_exact *x, const float *query,
    const struct vec_query *how, struct vec_hits *hits, struct err *e)
{
    return vec_exact_search_block(x, &(struct vec_queries){query, 1}, how, hits, e);
}

static int by_slot(const void *a, const void *b)
{
    const struct vec_hit *x = a, *y = b;
    return x->slot < y->slot ? -1 : x->slot > y->slot;
}

enum status vec_exact_radius(const struct vec_exact *x, const float *query,
    const struct vec_query *how, struct vec_list *out, struct err *e)
{
    struct search s;
    search_init(&s, x, how);
    s.e = e;
    s.list = out;
    enum status st = query_check(query, x->set->dim, e);
    if (st != ST_OK) return st;
    if (isnan(how->radius)) return err_set(e, ST_INVALID, "the radius is NaN");
    if (!ask_has_distances(&s, query)) return ST_OK;
    ask_init(&s, s.count++, query);
    atomic_store(&s.asks[0].limit, how->radius);
    size_t before = out->count;
    search_run(&s);
    /* candidates of a block wait for others, and threads finish in any order */
    if (out->count > before) qsort(out->at + before, out->count - before, sizeof *out->at, by_slot);
    return s.st;
}
