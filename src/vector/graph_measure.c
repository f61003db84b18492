/* graph_measure.c - the calibration: what recall a pool of some length gives, on rows of the set.
 *
 * Sample rows, spread over the order of insertion, are asked for as queries, each without itself.
 * The truth is the nearest by f32 among the nearest by bytes, twice as many as are needed: their
 * error is far below the distance between the hundredth and the two hundredth neighbour.
 */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "vector/graph_parts.h"

enum { SAMPLES = 200, TRUTH = 100, TRUTH_BYTES = 200, EF_LAST = 1024 };

static const uint32_t EFS[GRAPH_EFS] = {
    10, 14, 20, 28, 40, 56, 80, 112, 160, 224, 320, 448, 640, 768, 896, EF_LAST};
static const uint32_t KS[GRAPH_KS] = {1, 10, 100};

struct graph_measure {
    uint32_t count, depth; /* samples; true neighbours of each */
    uint32_t *slot;
    struct vec_hit *truth;              /* depth a sample, nearest first */
    struct graph_near *near;            /* TRUTH_BYTES a sample */
    struct vec_graph_scratch **scratch; /* a thread each */
    uint32_t ef;
    double *share; /* of the truth that was found: GRAPH_KS a sample */
};

enum { TOGETHER = 4 }; /* samples that share a pass over the rows: what worker->x has room for */

static void near_add(struct graph_near *at, uint32_t depth, float d, uint32_t slot)
{
    if (!(d < at[depth - 1].d)) return;
    uint32_t i = depth - 1;
    for (; i > 0 && d < at[i - 1].d; i--) at[i] = at[i - 1];
    at[i] = (struct graph_near){d, slot};
}

/* The nearest by bytes of TOGETHER samples. */
static void samples_scan(struct graph_build *b, struct graph_worker *w, uint32_t group)
{
    struct graph_measure *m = b->measure;
    uint32_t first = group * TOGETHER;
    uint32_t last = m->count - first < TOGETHER ? m->count : first + TOGETHER;
    uint8_t *flipped = (uint8_t *)w->x;
    for (uint32_t i = first; i < last; i++) {
        graph_own_flip(
            flipped + (i - first) * b->shape.n, graph_own_of(b, m->slot[i])->at, b->shape.n);
        for (uint32_t j = 0; j < TRUTH_BYTES; j++)
            m->near[(size_t)i * TRUTH_BYTES + j] = (struct graph_near){INFINITY, GRAPH_NONE};
    }
    for (uint32_t r = 0; r < b->g->rows; r++) {
        const struct graph_own *o = graph_own_of(b, r);
        for (uint32_t i = first; i < last && !(o->flags & GRAPH_VOID); i++) {
            const struct graph_own *q = graph_own_of(b, m->slot[i]);
            float d = graph_own_distance(b, flipped + (i - first) * b->shape.n, q, o);
            if (r != m->slot[i]) near_add(m->near + (size_t)i * TRUTH_BYTES, TRUTH_BYTES, d, r);
        }
    }
}

static void hit_add(struct vec_hit *at, uint32_t n, const struct vec_hit *hit)
{
    uint32_t i = n;
    for (; i > 0 && hit->distance < at[i - 1].distance; i--) at[i] = at[i - 1];
    at[i] = *hit;
}

/* The truth of a sample: the same by f32. */
static void sample_truth(struct graph_build *b, struct graph_worker *w, uint32_t i)
{
    (void)w;
    struct graph_measure *m = b->measure;
    const struct vec_set *set = b->how->set;
    size_t dim = (size_t)set->dim;
    struct vec_hit best[TRUTH_BYTES + 1];
    uint32_t n = 0;
    for (uint32_t j = 0; j < TRUTH_BYTES; j++) {
        uint32_t slot = m->near[(size_t)i * TRUTH_BYTES + j].id;
        if (slot == GRAPH_NONE) break;
        double d = metric_distance(
            set->metric, set->full + (size_t)m->slot[i] * dim, set->full + (size_t)slot * dim, dim);
        hit_add(best, n++, &(struct vec_hit){.distance = d, .slot = slot});
    }
    memcpy(m->truth + (size_t)i * m->depth, best, m->depth * sizeof *best);
}

/* How many of a sample's k nearest the hits hold, the sample itself left out. */
static double share_found(
    const struct graph_measure *m, uint32_t i, const struct vec_hits *hits, uint32_t k)
{
    if (k > m->depth) k = m->depth;
    double last = m->truth[(size_t)i * m->depth + k - 1].distance;
    uint32_t right = 0;
    for (uint32_t j = 0; j < hits->count && right < k; j++)
        if (hits->at[j].slot != m->slot[i] && hits->at[j].distance <= last) right++;
    return (double)right / k;
}

static void sample_search(struct graph_build *b, struct graph_worker *w, uint32_t i)
{
    struct graph_measure *m = b->measure;
    const struct vec_set *set = b->how->set;
    struct vec_hit hit[TRUTH];
    struct vec_hits hits = {.at = hit, .capacity = TRUTH};
    const float *query = set->full + (size_t)m->slot[i] * (size_t)set->dim;
    struct vec_graph_search how = {
        .graph = b->g, .set = set, .ef = m->ef, .scratch = m->scratch[w - b->worker]};
    for (int k = 0; k < GRAPH_KS; k++) { /* where a walk ends depends on k */
        struct vec_query ask = {.k = m->ef < KS[k] ? m->ef : KS[k]};
        graph_scratch_skip(how.scratch, m->slot[i]);
        if (vec_graph_search(&how, query, &ask, &hits, NULL) != ST_OK) hits.count = 0;
        m->share[(size_t)i * GRAPH_KS + (size_t)k] = share_found(m, i, &hits, KS[k]);
    }
}

static enum status measure_open(struct graph_build *b, struct graph_measure *m, struct err *e)
{
    m->count = b->count < SAMPLES ? b->count : SAMPLES;
    m->depth = b->count - 1 < TRUTH ? b->count - 1 : TRUTH;
    m->slot = mem_zalloc(m->count, sizeof *m->slot);
    m->truth = mem_zalloc((size_t)m->count * m->depth, sizeof *m->truth);
    m->near = mem_zalloc((size_t)m->count * TRUTH_BYTES, sizeof *m->near);
    m->share = mem_zalloc((size_t)m->count * GRAPH_KS, sizeof *m->share);
    m->scratch = mem_zalloc((size_t)b->threads, sizeof(struct vec_graph_scratch *));
    if (!m->slot || !m->truth || !m->near || !m->share || !m->scratch)
        return mem_err(e, (size_t)m->count * (TRUTH_BYTES + TRUTH * 3) * 8);
    enum status st = ST_OK;
    for (int t = 0; t < b->threads && st == ST_OK; t++)
        st = vec_graph_scratch_open(b->g, EF_LAST, &m->scratch[t], e);
    for (uint32_t i = 0; i < m->count; i++) m->slot[i] = b->order[(size_t)i * b->count / m->count];
    return st;
}

static void measure_close(const struct graph_build *b, struct graph_measure *m)
{
    for (int t = 0; m->scratch != NULL && t < b->threads; t++)
        vec_graph_scratch_close(m->scratch[t]);
    mem_free(m->scratch);
    mem_free(m->slot);
    mem_free(m->truth);
    mem_free(m->near);
    mem_free(m->share);
}

static void row_fill(struct graph_build *b, struct graph_measure *m, int row)
{
    m->ef = b->meta->ef[row] = EFS[row];
    graph_build_each(b, m->count, sample_search);
    for (int k = 0; k < GRAPH_KS; k++) {
        double sum = 0;
        for (uint32_t i = 0; i < m->count; i++) sum += m->share[(size_t)i * GRAPH_KS + (size_t)k];
        b->meta->recall[k][row] = (float)(sum / m->count);
    }
}

/* Whether longer pools have nothing left to find. */
static bool row_perfect(const struct graph_build *b, int row)
{
    for (int k = 0; k < GRAPH_KS; k++)
        if (b->meta->recall[k][row] < 0.9995F) return false;
    return true;
}

static void row_copy(struct graph_build *b, int row)
{
    b->meta->ef[row] = EFS[row];
    for (int k = 0; k < GRAPH_KS; k++) b->meta->recall[k][row] = b->meta->recall[k][row - 1];
}

enum status graph_calibrate(struct graph_build *b, struct err *e)
{
    if (b->count < 2) return ST_OK;
    struct graph_measure m = {0};
    enum status st = measure_open(b, &m, e);
    b->measure = &m;
    if (st == ST_OK) {
        graph_build_each(b, (m.count + TOGETHER - 1) / TOGETHER, samples_scan);
        graph_build_each(b, m.count, sample_truth);
    }
    for (int row = 0; row < GRAPH_EFS && st == ST_OK; row++) {
        st = run_check(b->how->run, e);
        if (st != ST_OK) break;
        if (row > 0 && row_perfect(b, row - 1))
            row_copy(b, row);
        else
            row_fill(b, &m, row);
    }
    if (st == ST_OK) b->meta->sampled = m.count;
    b->measure = NULL;
    measure_close(b, &m);
    return st;
}
