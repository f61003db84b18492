/* graph_batch.c - inserting rows in batches: first all search the graph as it is, then all edges
 * are added.
 *
 * A batch is at most a share of what is there, so its rows lose little by not seeing each other.
 * In its first half (parallel over rows) nothing of the graph changes; in its second (parallel over
 * targets) a list is changed by one thread, which adds the new edges in the order of the batch. So
 * the bytes do not depend on the threads. Reverse edges gather in a list up to half as long again
 * as the degree before it is pruned: one pruning for many edges.
 *
 * Resuming: meta's `inserted` and `check`, the sum of all lists' hashes, are written when a batch
 * is whole. Lists whose sum differs were torn by a kill or a lost page: the build begins again.
 */
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "vector/graph_parts.h"

enum { BATCH_SHARE = 4, SAVE_EVERY_MS = 5000 };

struct edge {
    uint32_t to, from;
};

struct graph_batch {
    uint32_t first, count;
    uint32_t *kept, *length; /* the new rows' edges: degree each */
    struct edge *edge, *spare;
    uint32_t edges;
    uint32_t *group; /* where a target's edges begin */
    uint32_t groups;
};

uint64_t graph_list_hash(const struct graph_build *b, uint32_t slot)
{
    const struct graph_list *l = graph_list_of(b, slot);
    if (l->count == 0) return 0;
    if (l->count > b->shape.slack) return ~(uint64_t)0; /* not a list of ours */
    return hash_64(l->at, l->count * sizeof *l->at, slot);
}

static enum status batch_open(const struct graph_build *b, struct graph_batch *t, struct err *e)
{
    size_t most = GRAPH_BATCH_MAX, edges = most * b->shape.degree;
    t->kept = mem_zalloc(edges, sizeof *t->kept);
    t->length = mem_zalloc(most, sizeof *t->length);
    t->edge = mem_zalloc(edges, sizeof *t->edge);
    t->spare = mem_zalloc(edges, sizeof *t->spare);
    t->group = mem_zalloc(edges + 1, sizeof *t->group);
    bool all = t->kept && t->length && t->edge && t->spare && t->group;
    return all ? ST_OK : mem_err(e, edges * 24);
}

static void batch_close(struct graph_batch *t)
{
    mem_free(t->kept);
    mem_free(t->length);
    mem_free(t->edge);
    mem_free(t->spare);
    mem_free(t->group);
}

static void row_find(struct graph_build *b, struct graph_worker *w, uint32_t i)
{
    struct graph_batch *t = b->batch;
    uint32_t slot = b->order[t->first + i];
    uint32_t n = graph_walk(b, w, slot);
    t->length[i] = graph_prune(b, w, w->pool, n, t->kept + (size_t)i * b->shape.degree);
}

static void row_write(struct graph_build *b, struct graph_worker *w, uint32_t i)
{
    struct graph_batch *t = b->batch;
    uint32_t slot = b->order[t->first + i];
    struct graph_list *l = graph_list_of(b, slot);
    w->check -= graph_list_hash(b, slot);
    l->count = t->length[i];
    memcpy(l->at, t->kept + (size_t)i * b->shape.degree, l->count * sizeof *l->at);
    w->check += graph_list_hash(b, slot);
}

static bool list_has(const struct graph_list *l, uint32_t id)
{
    for (uint32_t i = 0; i < l->count; i++)
        if (l->at[i] == id) return true;
    return false;
}

static void target_write(struct graph_build *b, struct graph_worker *w, uint32_t i)
{
    struct graph_batch *t = b->batch;
    uint32_t slot = t->edge[t->group[i]].to;
    struct graph_list *l = graph_list_of(b, slot);
    w->check -= graph_list_hash(b, slot);
    for (uint32_t j = t->group[i]; j < t->group[i + 1]; j++) {
        if (list_has(l, t->edge[j].from)) continue;
        if (l->count == b->shape.slack) {
            memcpy(w->list, l->at, l->count * sizeof *l->at);
            w->list[l->count] = t->edge[j].from;
            uint32_t n = graph_near_of(b, w, slot, w->list, l->count + 1);
            l->count = graph_prune(b, w, w->cand, n, l->at);
        } else {
            l->at[l->count++] = t->edge[j].from;
        }
    }
    w->check += graph_list_hash(b, slot);
}

/* By target, stable: four passes of a byte. */
static void edges_sort(struct graph_batch *t)
{
    for (int shift = 0; shift < 32; shift += 8) {
        uint32_t at[257] = {0};
        for (uint32_t i = 0; i < t->edges; i++) at[(t->edge[i].to >> shift & 255) + 1]++;
        if (at[1] == t->edges) continue;
        for (int v = 0; v < 256; v++) at[v + 1] += at[v];
        for (uint32_t i = 0; i < t->edges; i++)
            t->spare[at[t->edge[i].to >> shift & 255]++] = t->edge[i];
        struct edge *swap = t->edge;
        t->edge = t->spare;
        t->spare = swap;
    }
}

static void edges_gather(const struct graph_build *b, struct graph_batch *t)
{
    t->edges = t->groups = 0;
    for (uint32_t i = 0; i < t->count; i++)
        for (uint32_t j = 0; j < t->length[i]; j++)
            t->edge[t->edges++] =
                (struct edge){t->kept[(size_t)i * b->shape.degree + j], b->order[t->first + i]};
    edges_sort(t);
    for (uint32_t i = 0; i < t->edges; i++)
        if (i == 0 || t->edge[i].to != t->edge[i - 1].to) t->group[t->groups++] = i;
    t->group[t->groups] = t->edges;
}

static void batch_run(struct graph_build *b, struct graph_batch *t)
{
    graph_build_each(b, t->count, row_find);
    edges_gather(b, t);
    graph_build_each(b, t->count, row_write);
    graph_build_each(b, t->groups, target_write);
    for (int i = 0; i < b->threads; i++) {
        b->meta->check += b->worker[i].check;
        b->worker[i].check = 0;
    }
    b->meta->inserted = t->first + t->count;
}

static enum status insert_batches(struct graph_build *b, struct graph_batch *t, struct err *e)
{
    enum status st = ST_OK;
    int64_t saved = run_now_ms();
    while (b->meta->inserted < b->count && st == ST_OK) {
        st = run_check(b->how->run, e);
        if (st != ST_OK) return st;
        t->first = (uint32_t)b->meta->inserted;
        t->count = t->first / BATCH_SHARE + 1;
        if (t->count > GRAPH_BATCH_MAX) t->count = GRAPH_BATCH_MAX;
        if (t->count > b->count - t->first) t->count = b->count - t->first;
        batch_run(b, t);
        run_report(b->how->run,
            &(struct run_progress){
                .what = "building", .done = b->meta->inserted, .total = b->count});
        if (b->how->save == NULL || run_now_ms() - saved < SAVE_EVERY_MS) continue;
        st = b->how->save(b->how->user, e);
        saved = run_now_ms();
    }
    return st;
}

enum status graph_insert_all(struct graph_build *b, struct err *e)
{
    struct graph_batch t = {0};
    enum status st = batch_open(b, &t, e);
    b->batch = &t;
    if (st == ST_OK) st = insert_batches(b, &t, e);
    b->batch = NULL;
    batch_close(&t);
    return st;
}
