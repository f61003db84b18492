/* graph_link.c - which edges a node keeps: the walk that finds candidates, and the pruning.
 *
 * Pruning is DiskANN's (Vamana): nearest first, a candidate is kept unless a kept one is alpha
 * times nearer to it than the node is. The places left are filled with the nearest of those passed
 * over: an edge less would cost the same to read. Distances are those of the bytes: whole numbers
 * until the last step, the same on every processor.
 */
#include <stdlib.h>
#include <string.h>

#include "vector/graph_parts.h"

#define EXPANDED 0x80000000U /* slots are below 2^31 */

static bool meet(struct graph_worker *w, uint32_t slot)
{
    size_t word = slot / 64;
    uint64_t bit = (uint64_t)1 << (slot % 64);
    if (w->seen_tag[word] != w->epoch) {
        w->seen_tag[word] = w->epoch;
        w->seen_word[word] = 0;
    }
    bool first = (w->seen_word[word] & bit) == 0;
    w->seen_word[word] |= bit;
    return first;
}

static void epoch_next(const struct graph_build *b, struct graph_worker *w)
{
    if (++w->epoch != 0) return;
    memset(w->seen_tag, 0, ((size_t)b->g->rows / 64 + 1) * sizeof *w->seen_tag);
    w->epoch = 1;
}

/* Puts x in its place; returns where, or n when the pool is full of nearer ones. */
static uint32_t pool_add(struct graph_near *pool, uint32_t *n, uint32_t room, struct graph_near x)
{
    if (*n == room && !(x.d < pool[*n - 1].d)) return *n;
    uint32_t low = 0, high = *n;
    while (low < high) {
        uint32_t mid = (low + high) / 2;
        if (x.d < pool[mid].d)
            high = mid;
        else
            low = mid + 1;
    }
    uint32_t move = *n - low - (*n == room ? 1 : 0);
    memmove(pool + low + 1, pool + low, move * sizeof *pool);
    pool[low] = x;
    if (*n < room) ++*n;
    return low;
}

struct walk {
    const struct graph_build *b;
    struct graph_worker *w;
    const struct graph_own *own;
    uint32_t slot, n, room, first; /* first: where the nearest not yet expanded may be */
};

static void walk_look(struct walk *k, uint32_t count)
{
    enum { AHEAD = 4 };
    struct graph_worker *w = k->w;
    for (uint32_t i = 0; i < AHEAD && i < count; i++)
        graph_fetch(graph_own_of(k->b, w->list[i]), k->b->shape.own);
    for (uint32_t i = 0; i < count; i++) {
        if (i + AHEAD < count) graph_fetch(graph_own_of(k->b, w->list[i + AHEAD]), k->b->shape.own);
        const struct graph_own *o = graph_own_of(k->b, w->list[i]);
        struct graph_near x = {graph_own_distance(k->b, w->flipped, k->own, o), w->list[i]};
        uint32_t at = pool_add(w->pool, &k->n, k->room, x);
        if (at < k->first) k->first = at;
    }
}

uint32_t graph_walk(const struct graph_build *b, struct graph_worker *w, uint32_t slot)
{
    struct walk k = {.b = b,
        .w = w,
        .own = graph_own_of(b, slot),
        .slot = slot,
        .room = (uint32_t)b->g->options.build_list};
    graph_own_flip(w->flipped, k.own->at, b->shape.n);
    epoch_next(b, w);
    meet(w, slot);
    uint32_t count = 0;
    for (uint32_t i = 0; i < b->starts && count < b->shape.slack; i++)
        if (meet(w, b->order[i])) w->list[count++] = b->order[i];
    walk_look(&k, count);
    for (k.first = 0; k.first < k.n;) {
        if (w->pool[k.first].id & EXPANDED) {
            k.first++;
            continue;
        }
        const struct graph_list *l = graph_list_of(b, w->pool[k.first].id);
        w->pool[k.first].id |= EXPANDED;
        if (++k.first < k.n) __builtin_prefetch(graph_list_of(b, w->pool[k.first].id & ~EXPANDED));
        count = 0;
        for (uint32_t i = 0; i < l->count; i++)
            if (meet(w, l->at[i])) w->list[count++] = l->at[i];
        walk_look(&k, count);
    }
    for (uint32_t i = 0; i < k.n; i++) w->pool[i].id &= ~EXPANDED;
    return k.n;
}

uint32_t graph_prune(const struct graph_build *b, struct graph_worker *w,
    const struct graph_near *cand, uint32_t n, uint32_t *out)
{
    uint32_t kept = 0, passed = 0, most = b->shape.degree;
    uint32_t over[GRAPH_DEGREE_MAX];
    for (uint32_t i = 0; i < n && kept < most; i++) {
        const struct graph_own *c = graph_own_of(b, cand[i].id);
        graph_own_flip(w->flipped2, c->at, b->shape.n);
        bool hidden = false;
        for (uint32_t j = 0; j < kept && !hidden; j++) {
            const struct graph_own *o = graph_own_of(b, out[j]);
            hidden = b->alpha2 * graph_own_distance(b, w->flipped2, c, o) <= cand[i].d;
        }
        if (!hidden)
            out[kept++] = cand[i].id;
        else if (passed < most)
            over[passed++] = cand[i].id;
    }
    for (uint32_t i = 0; i < passed && kept < most; i++) out[kept++] = over[i];
    return kept;
}

static int near_compare(const void *a, const void *b)
{
    const struct graph_near *x = a, *y = b;
    if (x->d != y->d) return x->d < y->d ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

uint32_t graph_near_sort(struct graph_near *x, uint32_t n)
{
    qsort(x, n, sizeof *x, near_compare);
    uint32_t left = 0;
    for (uint32_t i = 0; i < n; i++)
        if (left == 0 || x[left - 1].id != x[i].id) x[left++] = x[i];
    return left;
}

uint32_t graph_near_of(const struct graph_build *b, struct graph_worker *w, uint32_t slot,
    const uint32_t *id, uint32_t n)
{
    const struct graph_own *own = graph_own_of(b, slot);
    graph_own_flip(w->flipped, own->at, b->shape.n);
    for (uint32_t i = 0; i < n; i++)
        w->cand[i] = (struct graph_near){
            graph_own_distance(b, w->flipped, own, graph_own_of(b, id[i])), id[i]};
    return graph_near_sort(w->cand, n);
}
