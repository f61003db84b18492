/* graph_finish.c - from lists to records: the last pruning, the repair, the codes, the entries.
 *
 * Repair: every node must be reachable from the entries. A breadth-first walk keeps each node's
 * parent; a node that it does not meet gets an edge from one that it does, the nearest to be had,
 * in the place of that one's last edge that is nobody's way. So nobody loses its way, and in
 * particular nobody its last edge in. Then the walk goes on from the node.
 */
#include <string.h>

#include "base/mem.h"
#include "vector/graph_parts.h"

struct repair {
    struct graph_build *b;
    uint32_t *parent; /* GRAPH_NONE: not met; the node itself: an entry */
    uint32_t *queue;
    uint32_t head, tail;
};

static void list_trim(struct graph_build *b, struct graph_worker *w, uint32_t slot)
{
    struct graph_list *l = graph_list_of(b, slot);
    memcpy(w->list, l->at, l->count * sizeof *l->at);
    uint32_t n = graph_near_of(b, w, slot, w->list, l->count);
    l->count = graph_prune(b, w, w->cand, n, l->at);
}

static void meet(struct repair *r, uint32_t node, uint32_t parent)
{
    r->parent[node] = parent;
    r->queue[r->tail++] = node;
}

static void spread(struct repair *r)
{
    while (r->head < r->tail) {
        uint32_t node = r->queue[r->head++];
        const struct graph_list *l = graph_list_of(r->b, node);
        for (uint32_t i = 0; i < l->count; i++)
            if (r->parent[l->at[i]] == GRAPH_NONE) meet(r, l->at[i], node);
    }
}

/* Makes an edge from `from`, which is met, to node; false when all of its edges are ways. */
static bool lead(struct repair *r, uint32_t from, uint32_t node)
{
    if (from == node || r->parent[from] == GRAPH_NONE) return false;
    struct graph_list *l = graph_list_of(r->b, from);
    if (l->count < r->b->shape.degree) {
        l->at[l->count++] = node;
        meet(r, node, from);
        return true;
    }
    for (uint32_t i = l->count; i-- > 0;)
        if (r->parent[l->at[i]] != from) {
            l->at[i] = node;
            meet(r, node, from);
            return true;
        }
    return false;
}

static void repair_node(struct repair *r, uint32_t node)
{
    const struct graph_list *l = graph_list_of(r->b, node);
    for (uint32_t i = 0; i < l->count; i++)
        if (lead(r, l->at[i], node)) return;
    struct graph_worker *w = &r->b->worker[0];
    uint32_t n = graph_walk(r->b, w, node);
    for (uint32_t i = 0; i < n; i++)
        if (lead(r, w->pool[i].id, node)) return;
    for (uint32_t i = r->tail; i-- > 0;) /* there is one: there are more edges than ways */
        if (lead(r, r->queue[i], node)) return;
}

static enum status repair(struct graph_build *b, struct err *e)
{
    struct repair r = {.b = b};
    size_t rows = b->g->rows;
    r.parent = mem_alloc(rows * sizeof *r.parent + 1);
    r.queue = mem_alloc(rows * sizeof *r.queue + 1);
    enum status st = ST_OK;
    if (r.parent == NULL || r.queue == NULL) {
        st = mem_err(e, rows * 2 * sizeof *r.parent);
    } else {
        memset(r.parent, 0xff, rows * sizeof *r.parent);
        for (uint32_t i = 0; i < b->meta->entries; i++) meet(&r, b->order[i], b->order[i]);
        spread(&r);
        for (uint32_t i = 0; i < b->count; i++) {
            if (r.parent[b->order[i]] != GRAPH_NONE) continue;
            repair_node(&r, b->order[i]);
            spread(&r);
        }
    }
    mem_free(r.parent);
    mem_free(r.queue);
    return st;
}

/* --- codes ------------------------------------------------------------------------------------ */

static void edge_none(struct graph_edges *e, int j, uint32_t self)
{
    e->id[j] = self;
    e->add[j] = __builtin_inff();
    e->mul[j] = 0;
}

static void edge_code(const struct graph_build *b, struct graph_worker *w, struct graph_edges *e,
    int j, const struct graph_own *from)
{
    const struct graph_own *to = graph_own_of(b, e->id[j]);
    struct graph_code code = {.bits = w->bits};
    b->simd->encode(&code, &(struct graph_bytes){from->at, from->scale},
        &(struct graph_bytes){to->at, to->scale}, b->shape.n, b->shape.planes);
    graph_edge_write(e, j, &code, b->shape.n, b->shape.planes);
}

static void node_write(struct graph_build *b, struct graph_worker *w, uint32_t slot)
{
    const struct graph_shape *s = &b->shape;
    uint8_t *record = graph_record(b->g, s, slot);
    const struct graph_list *l = graph_list_of(b, slot);
    struct graph_own *own = (struct graph_own *)(void *)record;
    uint32_t count = l->count;
    memcpy(w->list, l->at, count * sizeof *l->at);
    if (b->own_apart) memcpy(record, graph_own_of(b, slot), s->own);
    memset(record + s->own, 0, s->record - s->own);
    own->degree = (uint16_t)count;
    for (uint32_t i = 0; i < s->degree; i++) {
        struct graph_edges *e = graph_block(s, record, (int)(i / GRAPH_EDGES));
        int j = (int)(i % GRAPH_EDGES);
        edge_none(e, j, slot);
        if (i >= count) continue;
        e->id[j] = w->list[i];
        edge_code(b, w, e, j, own);
    }
}

/* Blocks of edges that start at the centre. The last entry fills the last block. */
static void entries_write(struct graph_build *b)
{
    struct graph_worker *w = &b->worker[0];
    uint8_t *at = b->g->part[VEC_GRAPH_ENTRIES];
    struct graph_own *centre = (struct graph_own *)(void *)w->x; /* room enough: n floats */
    uint32_t entries = b->meta->entries;
    memset(at, 0, b->g->bytes[VEC_GRAPH_ENTRIES]);
    memset(w->x, 0, b->shape.n * sizeof *w->x);
    for (uint32_t i = 0; i < (entries + GRAPH_EDGES - 1) / GRAPH_EDGES * GRAPH_EDGES; i++) {
        struct graph_edges *e =
            (struct graph_edges *)(void *)(at + i / GRAPH_EDGES * b->shape.block);
        int j = (int)(i % GRAPH_EDGES);
        e->id[j] = b->order[i < entries ? i : entries - 1];
        edge_code(b, w, e, j, centre);
    }
}

enum status graph_finish(struct graph_build *b, struct err *e)
{
    enum status st = run_check(b->how->run, e);
    if (st != ST_OK) return st;
    b->meta->stage = GRAPH_FINISHING; /* a kill from here on begins again */
    b->meta->entries = b->count < b->shape.entries_max ? b->count : b->shape.entries_max;
    graph_build_each(b, b->g->rows, list_trim);
    st = repair(b, e);
    if (st != ST_OK) return st;
    graph_build_each(b, b->g->rows, node_write);
    entries_write(b);
    return ST_OK;
}
