/* graph_build.c - a build from its beginning, from where it stopped, or from an older graph.
 *
 * Rows become bytes (their place in the order of insertion is a permutation of the seed), batches
 * are inserted (graph_batch.c), lists become records (graph_finish.c), and the result is measured
 * (graph_measure.c).
 */
#include <string.h>

#include "base/mem.h"
#include "vector/graph_parts.h"

enum { STARTS = 32 };

static void row_own(struct graph_build *b, struct graph_worker *w, uint32_t i)
{
    const struct vec_set *set = b->how->set;
    const float *row = set->full + (size_t)i * (size_t)set->dim;
    struct graph_own *own = (struct graph_own *)(void *)(b->own + (size_t)i * b->own_stride);
    if (graph_space_row(&b->space, row, w->x))
        graph_own_write(own, w->x, b->shape.n);
    else
        graph_own_void(own, b->shape.n);
}

static uint64_t next_random(uint64_t *state) /* splitmix64 */
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static void shuffle(uint32_t *x, uint32_t n, uint64_t seed)
{
    uint64_t state = seed ^ 0x6f72646572;
    for (uint32_t i = n; i > 1; i--) {
        uint32_t j = (uint32_t)((next_random(&state) >> 32) * i >> 32);
        uint32_t swap = x[i - 1];
        x[i - 1] = x[j];
        x[j] = swap;
    }
}

/* The rows that came with an older graph, then the new ones, each in an order of the seed. */
static void order_fill(struct graph_build *b)
{
    uint32_t kept = 0;
    b->count = 0;
    for (uint32_t r = 0; r < b->g->rows; r++) {
        if (r == b->meta->kept) kept = b->count;
        if (!(graph_own_of(b, r)->flags & GRAPH_VOID)) b->order[b->count++] = r;
    }
    if (b->meta->kept >= b->g->rows) kept = b->count;
    shuffle(b->order, kept, b->meta->seed);
    shuffle(b->order + kept, b->count - kept, b->meta->seed + 1);
    b->starts = b->count < STARTS ? b->count : STARTS;
}

static void meta_begin(struct graph_build *b)
{
    const struct vec_graph *g = b->g;
    memset(b->meta, 0, g->bytes[VEC_GRAPH_META]);
    for (uint32_t r = 0; r < g->rows; r++) graph_list_of(b, r)->count = 0;
    *b->meta = (struct graph_meta){.magic = GRAPH_MAGIC,
        .version = GRAPH_VERSION,
        .metric = (uint32_t)g->metric,
        .dim = (uint32_t)g->dim,
        .rows = g->rows,
        .degree = b->shape.degree,
        .planes = (uint32_t)b->shape.planes,
        .build_list = (uint32_t)g->options.build_list,
        .seed = g->options.seed,
        .alpha = g->options.alpha};
    graph_space_measure(b->meta, b->how->set);
}

/* Whether meta is that of an unfinished build of the same graph. */
static bool meta_resumes(const struct graph_build *b, uint32_t kept)
{
    const struct graph_meta *m = b->meta;
    const struct vec_graph_options *o = &b->g->options;
    return m->magic == GRAPH_MAGIC && m->version == GRAPH_VERSION &&
        m->metric == (uint32_t)b->g->metric && m->dim == (uint32_t)b->g->dim &&
        m->rows == b->g->rows && m->degree == b->shape.degree &&
        m->planes == (uint32_t)b->shape.planes && m->build_list == (uint32_t)o->build_list &&
        m->seed == o->seed && m->alpha == o->alpha && m->kept == kept &&
        m->stage == GRAPH_INSERTING;
}

static bool lists_whole(const struct graph_build *b)
{
    uint64_t sum = 0;
    for (uint32_t r = 0; r < b->g->rows; r++) sum += graph_list_hash(b, r);
    return sum == b->meta->check && b->meta->inserted <= b->count;
}

static void rows_prepare(struct graph_build *b)
{
    graph_space_open(&b->space, b->g, b->meta);
    graph_build_each(b, b->g->rows, row_own);
    order_fill(b);
}

bool graph_build_resume(struct graph_build *b, uint32_t kept)
{
    if (!meta_resumes(b, kept)) return false;
    rows_prepare(b);
    return lists_whole(b);
}

void graph_build_begin(struct graph_build *b, uint32_t kept)
{
    meta_begin(b);
    b->meta->kept = kept;
    rows_prepare(b);
}

enum status graph_build_go(struct graph_build *b, struct err *e)
{
    b->meta->stage = GRAPH_INSERTING;
    enum status st = graph_insert_all(b, e);
    if (st == ST_OK) st = graph_finish(b, e);
    if (st == ST_OK) st = graph_calibrate(b, e);
    if (st == ST_OK) b->meta->stage = GRAPH_DONE;
    return st;
}

enum status graph_build_open(
    struct graph_build *b, struct vec_graph *g, const struct vec_graph_build *how, struct err *e)
{
    const struct vec_set *set = how->set;
    b->g = g;
    b->how = how;
    b->meta = graph_meta_of(g);
    b->simd = simd_graph_get(cpu_get());
    b->alpha2 = g->options.alpha * g->options.alpha;
    graph_shape_get(&b->shape, g);
    if (set->metric != g->metric || set->dim != g->dim || set->rows != g->rows)
        return err_set(e, ST_INVALID, "a graph planned for %u rows of %d, not %u of %d", g->rows,
            g->dim, set->rows, set->dim);
    return graph_room_open(b, e);
}

enum status vec_graph_build(struct vec_graph *g, const struct vec_graph_build *how, struct err *e)
{
    struct graph_build b = {0};
    enum status st = graph_build_open(&b, g, how, e);
    if (st == ST_OK) {
        if (!graph_build_resume(&b, 0)) graph_build_begin(&b, 0);
        st = graph_build_go(&b, e);
    }
    graph_room_close(&b);
    return st;
}
