/* graph_extend.c - the next graph from the one before: dead nodes are routed around, new rows are
 * inserted as in a build.
 *
 * A kept node whose neighbours all live keeps its edges. One that lost some chooses anew among its
 * live neighbours and the live neighbours of the dead ones (FreshDiskANN, arXiv 2105.09613). Bytes
 * and codes are written afresh from the set: they cost a tenth of an insertion. When less than a
 * quarter of the rows was there before, building is no dearer and better.
 */
#include <string.h>

#include "base/mem.h"
#include "vector/graph_parts.h"

enum { WORTH = 4 };

struct graph_older {
    const struct vec_graph *g;
    struct graph_shape shape;
    const uint32_t *slot_of; /* old slot by new */
    uint32_t *now;           /* new slot by old; GRAPH_NONE: dead */
    uint32_t kept;
};

static uint32_t old_edge(const struct graph_older *o, uint32_t slot, uint32_t i)
{
    uint8_t *record = graph_record(o->g, &o->shape, slot);
    return graph_block(&o->shape, record, (int)(i / GRAPH_EDGES))->id[i % GRAPH_EDGES];
}

/* Whether every edge of an old node leads somewhere. */
static bool edges_fit(const struct graph_older *o, uint32_t slot)
{
    for (uint32_t i = 0; i < o->shape.degree; i++)
        if (old_edge(o, slot, i) >= o->g->rows) return false;
    return true;
}

static uint32_t list_add(uint32_t *list, uint32_t n, uint32_t self, uint32_t id)
{
    if (id == GRAPH_NONE || id == self || n == GRAPH_CAND_MAX) return n;
    list[n] = id;
    return n + 1;
}

/* The live neighbours of an old node, and those of its dead neighbours. *lost: it has such. */
static uint32_t live_gather(
    const struct graph_build *b, struct graph_worker *w, uint32_t slot, bool *lost)
{
    const struct graph_older *o = b->older;
    uint32_t old = o->slot_of[slot], n = 0;
    if (!edges_fit(o, old)) {
        *lost = true;
        return 0;
    }
    for (uint32_t i = 0; i < o->shape.degree; i++) {
        uint32_t to = old_edge(o, old, i);
        n = list_add(w->list, n, slot, o->now[to]);
        if (o->now[to] != GRAPH_NONE || !edges_fit(o, to)) continue;
        *lost = true;
        for (uint32_t j = 0; j < o->shape.degree; j++)
            n = list_add(w->list, n, slot, o->now[old_edge(o, to, j)]);
    }
    return n;
}

static uint32_t void_drop(const struct graph_build *b, uint32_t *list, uint32_t n)
{
    uint32_t left = 0;
    for (uint32_t i = 0; i < n; i++)
        if (!(graph_own_of(b, list[i])->flags & GRAPH_VOID)) list[left++] = list[i];
    return left;
}

static void node_carry(struct graph_build *b, struct graph_worker *w, uint32_t slot)
{
    struct graph_list *l = graph_list_of(b, slot);
    if (graph_own_of(b, slot)->flags & GRAPH_VOID) return;
    bool lost = false;
    uint32_t n = void_drop(b, w->list, live_gather(b, w, slot, &lost));
    if (!lost && n <= b->shape.degree) {
        l->count = n;
        memcpy(l->at, w->list, n * sizeof *l->at);
    } else {
        n = graph_near_of(b, w, slot, w->list, n);
        l->count = graph_prune(b, w, w->cand, n, l->at);
    }
    w->check += graph_list_hash(b, slot);
}

static void carry_all(struct graph_build *b)
{
    uint32_t kept = b->older->kept, live = 0;
    graph_build_each(b, kept, node_carry);
    for (int i = 0; i < b->threads; i++) {
        b->meta->check += b->worker[i].check;
        b->worker[i].check = 0;
    }
    for (uint32_t r = 0; r < kept; r++) live += !(graph_own_of(b, r)->flags & GRAPH_VOID);
    b->meta->inserted = live;
}

static enum status map_open(struct graph_older *o, struct err *e)
{
    size_t rows = o->g->rows;
    o->now = mem_alloc(rows * sizeof *o->now + 1);
    if (o->now == NULL) return mem_err(e, rows * sizeof *o->now);
    memset(o->now, 0xff, rows * sizeof *o->now);
    for (uint32_t i = 0; i < o->kept; i++) o->now[o->slot_of[i]] = i;
    return ST_OK;
}

static enum status extend_all(struct graph_build *b, struct err *e)
{
    if (!graph_build_resume(b, b->older->kept)) {
        graph_build_begin(b, b->older->kept);
        carry_all(b);
    }
    return graph_build_go(b, e);
}

enum status vec_graph_extend(struct vec_graph *g, const struct vec_graph_older *older,
    const struct vec_graph_build *how, struct err *e)
{
    const struct vec_graph *old = older->graph;
    struct graph_older o = {.g = old, .slot_of = older->slot_of, .kept = older->kept};
    struct graph_build b = {.older = &o};
    if (o.kept < g->rows / WORTH || old->metric != g->metric || old->dim != g->dim)
        return vec_graph_build(g, how, e);
    for (uint32_t i = 0; i < o.kept; i++)
        if (o.slot_of[i] >= old->rows || (i > 0 && o.slot_of[i] <= o.slot_of[i - 1]))
            return err_set(
                e, ST_INVALID, "kept row %u was slot %u of %u", i, o.slot_of[i], old->rows);
    graph_shape_get(&o.shape, old);
    enum status st = map_open(&o, e);
    if (st == ST_OK) st = graph_build_open(&b, g, how, e);
    if (st == ST_OK) st = extend_all(&b, e);
    graph_room_close(&b);
    mem_free(o.now);
    return st;
}
