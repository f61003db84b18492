/* index.c - a generation with what changed since: dead slots, the tail, and room for searches. */
#include "vector/index.h"

#include <string.h>

#include "base/mem.h"
#include "vector/graph_parts.h"
#include "vector/index_parts.h"

static const char *const PATH_NAMES[VEC_PATH_COUNT] = {[VEC_PATH_EXACT] = "exact",
    [VEC_PATH_EXACT_F32] = "exact f32",
    [VEC_PATH_EXACT_LISTED] = "exact, row by row",
    [VEC_PATH_GRAPH] = "graph",
    [VEC_PATH_GRAPH_BRIDGED] = "graph, bridged"};

const char *vec_path_name(enum vec_path p)
{
    return PATH_NAMES[p];
}

enum status vec_index_open(const struct vec_generation *g, struct vec_index **out, struct err *e)
{
    *out = NULL;
    struct vec_index *ix = mem_zalloc(1, sizeof *ix);
    if (ix == NULL) return mem_err(e, sizeof *ix);
    ix->g = g;
    ix->words = (size_t)g->set.rows / 64 + 1;
    ix->tail.dim = g->set.dim;
    costs_init(&ix->costs, g);
    vec_index_calibrate(ix, NULL);
    *out = ix;
    return ST_OK;
}

void vec_index_close(struct vec_index *ix)
{
    if (ix == NULL) return;
    tail_deinit(&ix->tail);
    vec_exact_scratch_close(ix->scratch);
    vec_graph_scratch_close(ix->walk);
    mem_free(ix->dead);
    mem_free(ix->live);
    mem_free(ix->pass);
    mem_free(ix->tail_pass);
    mem_free(ix->hits.at);
    mem_free(ix->tail_hits.at);
    mem_free(ix);
}

enum status hits_reserve(struct vec_hits *h, uint32_t capacity, struct err *e)
{
    if (capacity == 0) capacity = 1;
    if (h->capacity >= capacity) return ST_OK;
    struct vec_hit *grown = mem_resize(h->at, capacity, sizeof *grown);
    if (grown == NULL) return mem_err(e, (size_t)capacity * sizeof *grown);
    h->at = grown;
    h->capacity = capacity;
    return ST_OK;
}

/* --- changes ---------------------------------------------------------------------------------- */

static enum status dead_make(struct vec_index *ix, struct err *e)
{
    if (ix->dead != NULL) return ST_OK;
    uint64_t *dead = mem_zalloc(ix->words, sizeof *dead);
    uint64_t *live = mem_alloc(ix->words * sizeof *live);
    if (dead == NULL || live == NULL) {
        mem_free(dead);
        mem_free(live);
        return mem_err(e, ix->words * sizeof *dead);
    }
    memset(live, 0xff, ix->words * sizeof *live);
    ix->dead = dead;
    ix->live = live;
    return ST_OK;
}

static void dead_set(struct vec_index *ix, uint32_t slot, bool dead)
{
    uint64_t bit = (uint64_t)1 << slot % 64;
    if (ix->dead == NULL || ((ix->dead[slot / 64] & bit) != 0) == dead) return;
    ix->dead[slot / 64] ^= bit;
    ix->live[slot / 64] ^= bit;
    ix->dead_count += dead ? 1 : UINT32_MAX;
}

/* Whether the generation's row has these very bytes: an UPDATE of something else, or one that was
 * rolled back. */
static enum status is_same(
    const struct vec_generation *g, uint32_t slot, const float *vector, bool *same, struct err *e)
{
    size_t dim = (size_t)g->set.dim;
    enum status st = g->touch.full(g->touch.user, slot, e);
    *same = st == ST_OK && memcmp(g->set.full + slot * dim, vector, dim * sizeof(float)) == 0;
    return st;
}

enum status vec_index_change(
    struct vec_index *ix, int64_t rowid, const float *vector, struct err *e)
{
    int64_t slot;
    bool same = false;
    enum status st = vec_generation_slot(ix->g, rowid, &slot, e);
    if (st == ST_OK && slot >= 0 && vector != NULL)
        st = is_same(ix->g, (uint32_t)slot, vector, &same, e);
    if (st == ST_OK && slot >= 0 && !same) st = dead_make(ix, e);
    if (st == ST_OK && vector != NULL && !same) st = tail_put(&ix->tail, rowid, vector, e);
    if (st != ST_OK) return st; /* nothing has changed */
    if (vector == NULL || same) tail_remove(&ix->tail, rowid);
    if (slot >= 0) dead_set(ix, (uint32_t)slot, !same);
    return ST_OK;
}

void vec_index_reset(struct vec_index *ix)
{
    tail_clear(&ix->tail);
    if (ix->dead != NULL) {
        memset(ix->dead, 0, ix->words * sizeof *ix->dead);
        memset(ix->live, 0xff, ix->words * sizeof *ix->live);
    }
    ix->dead_count = 0;
}

void vec_index_calibrate(struct vec_index *ix, const struct vec_calibration *c)
{
    ix->calibration = c != NULL ? c : &ix->g->calibration;
}

/* --- looks ------------------------------------------------------------------------------------ */

uint32_t vec_index_rows(const struct vec_index *ix)
{
    return ix->g->set.rows - ix->dead_count + ix->tail.rows;
}

uint32_t vec_index_tail(const struct vec_index *ix)
{
    return ix->tail.rows;
}

uint32_t vec_index_dead(const struct vec_index *ix)
{
    return ix->dead_count;
}

/* Dead rows are read by a scan as live ones are, and walked over by a graph's. */
uint64_t vec_index_bytes_read(const struct vec_index *ix, const struct vec_stats *s)
{
    enum { CODE_EXTRA = 8 }; /* the numbers beside a row's 4-bit code */
    uint64_t dim = (uint64_t)ix->g->set.dim;
    uint64_t bytes = s->codes4 * (dim / 2 + CODE_EXTRA) + s->codes8 * (dim / 2) +
        s->rechecks * dim * sizeof(float);
    if (s->hops == 0 || !ix->g->has_graph) return bytes;
    struct graph_shape shape;
    graph_shape_get(&shape, &ix->g->graph);
    return bytes + s->hops * shape.own + s->estimates / GRAPH_EDGES * shape.block;
}

double vec_index_drag(const struct vec_index *ix)
{
    enum { EF = 64 };
    const struct vec_generation *g = ix->g;
    double live = g->set.rows - ix->dead_count, dead = ix->dead_count;
    struct cost_ask whole = {.g = g, .passing = g->set.rows, .ef = EF};
    double search = g->has_graph ? cost_graph(&ix->costs, &whole) : 0;
    double exact = cost_exact(&ix->costs, &whole);
    if (!g->has_graph || exact < search) search = exact;
    if (search < ix->costs.start) search = ix->costs.start;
    double tail = ix->tail.rows * ix->costs.full * g->set.dim;
    return tail / search + (dead > 0 ? dead / (live + 1) : 0);
}

const uint64_t *vec_index_dead_bits(const struct vec_index *ix)
{
    return ix->dead;
}

/* The rows of the tail, one after the other; user is the index, which counts. */
static enum status tail_next(
    void *user, int64_t *rowid, const float **vector, bool *row, struct err *e)
{
    struct vec_index *ix = user;
    const struct vec_tail *t = &ix->tail;
    (void)e;
    *row = ix->tail_at < t->rows;
    if (!*row) return ST_OK;
    *rowid = t->rowids[ix->tail_at];
    *vector = t->full + (size_t)ix->tail_at * (size_t)t->dim;
    ix->tail_at++;
    return ST_OK;
}

void vec_index_tail_rows(struct vec_index *ix, struct vec_rows *out)
{
    ix->tail_at = 0;
    *out = (struct vec_rows){.count = ix->tail.rows, .next = tail_next, .user = ix};
}

void vec_answer_deinit(struct vec_answer *a)
{
    vec_list_deinit(&a->hits);
}
