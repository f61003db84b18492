/* graph.c - how large a graph is, whether one from a file makes sense, what its calibration says.
 *
 * The format, to the byte, is in graph_parts.h.
 */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "vector/calibration.h"
#include "vector/graph_parts.h"

_Static_assert((int)GRAPH_EFS == (int)VEC_CALIBRATION_EFS, "one table");
_Static_assert((int)GRAPH_KS == (int)VEC_CALIBRATION_KS, "one table");

enum { ENTRIES_MAX = 1024 };

static size_t up(size_t x, size_t to)
{
    return (x + to - 1) / to * to;
}

bool vec_graph_have(enum metric m)
{
    return m == METRIC_COSINE || m == METRIC_L2 || m == METRIC_IP;
}

void graph_shape_get(struct graph_shape *s, const struct vec_graph *g)
{
    size_t n = up((size_t)g->dim + (g->metric == METRIC_IP ? 1 : 0), GRAPH_LANES);
    int planes = g->options.bits;
    uint32_t degree = (uint32_t)g->options.degree, entries = GRAPH_EDGES;
    while (entries < ENTRIES_MAX && (uint64_t)entries * entries < g->rows) entries += GRAPH_EDGES;
    *s = (struct graph_shape){.n = n,
        .own = up(sizeof(struct graph_own) + n, 64),
        .block = sizeof(struct graph_edges) + (size_t)planes * n * 4,
        .blocks = (int)(degree / GRAPH_EDGES),
        .planes = planes,
        .degree = degree,
        .slack = degree + degree / 2,
        .entries_max = entries < g->rows ? entries : g->rows};
    s->record = s->own + (size_t)s->blocks * s->block;
}

/* What was measured to be best (bench/bench_graph.c). Few dimensions: the graph is the difficulty,
 * so more edges and exacter codes. Many: a bit a dimension says enough. */
static void options_fill(struct vec_graph_options *o, const struct vec_graph *g)
{
    bool few = g->dim <= 160, many = g->dim > 640;
    if (o->degree == 0) o->degree = few ? 64 : 32;
    if (o->bits == 0) o->bits = few ? 3 : many ? 1 : 2;
    if (o->build_list == 0) o->build_list = few ? 32 : many ? 40 : 80;
    if (!(o->alpha > 0)) o->alpha = g->metric == METRIC_L2 ? 1.1F : 1.05F;
}

static void parts_size(struct vec_graph *g)
{
    struct graph_shape s;
    graph_shape_get(&s, g);
    g->bytes[VEC_GRAPH_META] =
        up(sizeof(struct graph_meta) + ((size_t)g->dim + 1) * sizeof(float), 64);
    g->bytes[VEC_GRAPH_NODES] = (size_t)g->rows * s.record;
    g->bytes[VEC_GRAPH_ENTRIES] = up(s.entries_max, GRAPH_EDGES) / GRAPH_EDGES * s.block;
}

enum status vec_graph_plan(
    struct vec_graph *g, const struct vec_graph_options *options, struct err *e)
{
    *g = (struct vec_graph){.metric = g->metric, .dim = g->dim, .rows = g->rows};
    if (!vec_graph_have(g->metric))
        return err_set(e, ST_UNSUPPORTED, "no graph under the metric %s", metric_name(g->metric));
    if (g->dim < 1 || g->dim > VEC_DIM_MAX)
        return err_set(e, ST_LIMIT, "a vector has 1 to %d dimensions, not %d", VEC_DIM_MAX, g->dim);
    if (g->rows > VEC_ROWS_MAX)
        return err_set(e, ST_LIMIT, "%u rows are more than %u", g->rows, VEC_ROWS_MAX);
    struct vec_graph_options *o = &g->options;
    if (options != NULL) *o = *options;
    options_fill(o, g);
    if (o->degree != 32 && o->degree != 64)
        return err_set(e, ST_INVALID, "degree is 32 or 64, not %d", o->degree);
    if (o->bits < 1 || o->bits > GRAPH_PLANES_MAX)
        return err_set(e, ST_INVALID, "bits are 1 to %d, not %d", GRAPH_PLANES_MAX, o->bits);
    if (o->build_list < 8 || o->build_list > GRAPH_LIST_MAX)
        return err_set(e, ST_INVALID, "the build's list is 8 to %d long, not %d", GRAPH_LIST_MAX,
            o->build_list);
    if (!(o->alpha >= 0.5F && o->alpha <= 4))
        return err_set(e, ST_INVALID, "alpha is 0.5 to 4, not %g", (double)o->alpha);
    parts_size(g);
    return ST_OK;
}

static bool meta_fits(const struct vec_graph *g, const struct graph_meta *m)
{
    return m->magic == GRAPH_MAGIC && m->version == GRAPH_VERSION &&
        m->metric == (uint32_t)g->metric && m->dim == (uint32_t)g->dim && m->rows == g->rows &&
        (m->degree == 32 || m->degree == 64) && m->planes >= 1 && m->planes <= GRAPH_PLANES_MAX &&
        m->stage == GRAPH_DONE && isfinite(m->scale) && isfinite(m->length) && m->length >= 0 &&
        m->build_list <= GRAPH_LIST_MAX;
}

static bool calibration_fits(const struct graph_meta *m)
{
    for (int i = 0; i < GRAPH_EFS; i++)
        for (int k = 0; k < GRAPH_KS; k++)
            if (!(m->recall[k][i] >= 0 && m->recall[k][i] <= 1)) return false;
    return true;
}

enum status vec_graph_open(struct vec_graph *g, struct err *e)
{
    const struct graph_meta *m = graph_meta_of(g);
    if (!vec_graph_have(g->metric) || g->dim < 1 || g->dim > VEC_DIM_MAX ||
        g->rows > VEC_ROWS_MAX || m == NULL || g->bytes[VEC_GRAPH_META] < sizeof *m)
        return err_set(e, ST_CORRUPT, "a graph's facts make no sense");
    if (!meta_fits(g, m)) return err_set(e, ST_CORRUPT, "a graph's parameters make no sense");
    g->options = (struct vec_graph_options){.degree = (int)m->degree,
        .bits = (int)m->planes,
        .build_list = (int)m->build_list,
        .alpha = m->alpha,
        .seed = m->seed};
    struct vec_graph want = *g;
    struct graph_shape s;
    parts_size(&want);
    graph_shape_get(&s, g);
    for (int i = 0; i < VEC_GRAPH_PARTS; i++)
        if (g->bytes[i] < want.bytes[i] || (g->part[i] == NULL && want.bytes[i] > 0))
            return err_set(e, ST_CORRUPT, "a graph of %u rows needs %zu bytes, not %zu", g->rows,
                want.bytes[i], g->bytes[i]);
    if (m->entries > s.entries_max || !calibration_fits(m))
        return err_set(e, ST_CORRUPT, "a graph's entries or calibration make no sense");
    for (int i = 0; i <= g->dim; i++)
        if (!isfinite(m->centre[i]))
            return err_set(e, ST_CORRUPT, "a graph's centre is not finite");
    return ST_OK;
}

/* --- the calibration ------------------------------------------------------------------------ */

struct vec_calibration_table vec_graph_calibration(const struct vec_graph *g)
{
    const struct graph_meta *m = graph_meta_of(g);
    struct vec_calibration_table t = {.sampled = m->sampled};
    memcpy(t.ef, m->ef, sizeof t.ef);
    memcpy(t.recall, m->recall, sizeof t.recall);
    return t;
}

uint32_t vec_graph_ef(const struct vec_graph *g, uint32_t k, double target, double *recall)
{
    struct vec_calibration_table t = vec_graph_calibration(g);
    return vec_calibration_ef(&t, k, target, recall);
}

double vec_graph_recall(const struct vec_graph *g, uint32_t k, uint32_t ef)
{
    struct vec_calibration_table t = vec_graph_calibration(g);
    return vec_calibration_recall(&t, k, ef);
}

/* --- verify --------------------------------------------------------------------------------- */

struct verify {
    const struct vec_graph *g;
    struct graph_shape shape;
    uint8_t *met;
    uint32_t *queue;
    uint32_t count;
};

static enum status verify_edges(struct verify *v, uint32_t slot, struct err *e)
{
    uint8_t *record = graph_record(v->g, &v->shape, slot);
    const struct graph_own *own = (const struct graph_own *)(void *)record;
    if (own->degree > v->shape.degree)
        return err_set(e, ST_CORRUPT, "node %u has %u edges", slot, own->degree);
    for (uint32_t i = 0; i < v->shape.degree; i++) {
        const struct graph_edges *b = graph_block(&v->shape, record, (int)(i / GRAPH_EDGES));
        uint32_t to = b->id[i % GRAPH_EDGES];
        if (to >= v->g->rows)
            return err_set(e, ST_CORRUPT, "node %u has an edge to %u of %u", slot, to, v->g->rows);
        if ((to == slot) != (i >= own->degree))
            return err_set(e, ST_CORRUPT, "node %u has %u edges, but edge %u leads to %u", slot,
                own->degree, i, to);
        if (to == slot || v->met[to]) continue;
        v->met[to] = 1;
        v->queue[v->count++] = to;
    }
    return ST_OK;
}

static enum status verify_entries(struct verify *v, struct err *e)
{
    const struct graph_meta *m = graph_meta_of(v->g);
    const uint8_t *at = v->g->part[VEC_GRAPH_ENTRIES];
    for (uint32_t i = 0; i < m->entries; i++) {
        const struct graph_edges *b =
            (const struct graph_edges *)(const void *)(at + i / GRAPH_EDGES * v->shape.block);
        uint32_t to = b->id[i % GRAPH_EDGES];
        if (to >= v->g->rows)
            return err_set(e, ST_CORRUPT, "entry %u is node %u of %u", i, to, v->g->rows);
        if (v->met[to]) continue;
        v->met[to] = 1;
        v->queue[v->count++] = to;
    }
    return ST_OK;
}

static enum status verify_all(struct verify *v, struct err *e)
{
    enum status st = verify_entries(v, e);
    for (uint32_t i = 0; i < v->count && st == ST_OK; i++) st = verify_edges(v, v->queue[i], e);
    for (uint32_t r = 0; r < v->g->rows && st == ST_OK; r++) {
        const void *record = graph_record(v->g, &v->shape, r);
        const struct graph_own *own = record;
        if (!v->met[r] && !(own->flags & GRAPH_VOID))
            st = err_set(e, ST_CORRUPT, "node %u can't be reached from the entries", r);
    }
    return st;
}

enum status vec_graph_verify(const struct vec_graph *g, struct err *e)
{
    struct verify v = {.g = g};
    graph_shape_get(&v.shape, g);
    v.met = mem_zalloc(g->rows, 1);
    v.queue = mem_zalloc(g->rows, sizeof *v.queue);
    enum status st = v.met == NULL || v.queue == NULL
        ? mem_err(e, (size_t)g->rows * (1 + sizeof *v.queue))
        : verify_all(&v, e);
    mem_free(v.met);
    mem_free(v.queue);
    return st;
}
