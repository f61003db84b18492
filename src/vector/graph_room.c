/* graph_room.c - what a build needs beside the parts: the rows as bytes, the order, a room a
 * thread; and work in pieces on all threads.
 *
 * Memory: round64(16 + n) bytes a row when they are kept apart from the records (else none: the
 * records hold them too, only farther apart), 4 bytes a row for the order, 5 for the repair, 10
 * bytes per 64 rows a thread, and about 3 MiB for a batch.
 */
#include <stdatomic.h>
#include <string.h>

#include "base/mem.h"
#include "vector/graph_parts.h"

enum { PIECE_MAX = 16 }; /* items a thread takes at once */

static size_t worker_bytes(const struct graph_build *b)
{
    size_t list = (size_t)b->g->options.build_list;
    return ((size_t)b->g->rows / 64 + 1) * 10 + (list * 2 + 1 + GRAPH_CAND_MAX) * 8 +
        b->shape.n * 16;
}

static size_t room_bytes(const struct graph_build *b, bool own_apart)
{
    size_t rows = b->g->rows;
    return rows * (4 + 5 + (own_apart ? b->shape.own : 0)) + (size_t)b->threads * worker_bytes(b) +
        GRAPH_BATCH_MAX * (size_t)b->shape.degree * 20;
}

static enum status worker_open(const struct graph_build *b, struct graph_worker *w, struct err *e)
{
    size_t words = (size_t)b->g->rows / 64 + 1, n = b->shape.n;
    size_t list = (size_t)b->g->options.build_list + 1;
    w->seen_word = mem_zalloc(words, sizeof *w->seen_word);
    w->seen_tag = mem_zalloc(words, sizeof *w->seen_tag);
    w->pool = mem_zalloc(list, sizeof *w->pool);
    w->cand = mem_zalloc(list + GRAPH_CAND_MAX, sizeof *w->cand);
    w->list = mem_zalloc(GRAPH_CAND_MAX, sizeof *w->list);
    w->flipped = mem_alloc_aligned(n);
    w->flipped2 = mem_alloc_aligned(n);
    w->x = mem_alloc_aligned(n * sizeof *w->x);
    w->bits = mem_alloc_aligned(n / 16 * GRAPH_PLANES_MAX * sizeof *w->bits);
    bool all = w->seen_word && w->seen_tag && w->pool && w->cand && w->list && w->flipped &&
        w->flipped2 && w->x && w->bits;
    return all ? ST_OK : mem_err(e, worker_bytes(b));
}

static void worker_close(struct graph_worker *w)
{
    mem_free(w->seen_word);
    mem_free(w->seen_tag);
    mem_free(w->pool);
    mem_free(w->cand);
    mem_free(w->list);
    mem_free_aligned(w->flipped);
    mem_free_aligned(w->flipped2);
    mem_free_aligned(w->x);
    mem_free_aligned(w->bits);
}

/* Whether the bytes fit apart from the records. Errors: LIMIT. */
static enum status memory_plan(struct graph_build *b, struct err *e)
{
    uint64_t limit = b->g->options.memory_bytes;
    if (limit == 0 && b->how->run != NULL) limit = b->how->run->memory_bytes;
    b->own_apart = limit == 0 || room_bytes(b, true) <= limit;
    size_t least = room_bytes(b, b->own_apart);
    if (limit != 0 && least > limit)
        return err_set(e, ST_LIMIT, "a graph of %u rows needs %zu bytes while building, not %llu",
            b->g->rows, least, (unsigned long long)limit);
    return ST_OK;
}

enum status graph_room_open(struct graph_build *b, struct err *e)
{
    b->threads = run_threads(b->how->run);
    if (b->threads > TEAM_MAX) b->threads = TEAM_MAX;
    enum status st = memory_plan(b, e);
    if (st != ST_OK) return st;
    size_t rows = b->g->rows;
    b->own_stride = b->own_apart ? b->shape.own : b->shape.record;
    b->own =
        b->own_apart ? mem_alloc_aligned(rows * b->shape.own + 1) : b->g->part[VEC_GRAPH_NODES];
    b->order = mem_zalloc(rows, sizeof *b->order);
    b->worker = mem_zalloc((size_t)b->threads, sizeof *b->worker);
    if ((rows > 0 && b->own == NULL) || b->order == NULL || b->worker == NULL)
        return mem_err(e, room_bytes(b, b->own_apart));
    for (int t = 0; t < b->threads && st == ST_OK; t++) st = worker_open(b, &b->worker[t], e);
    if (st == ST_OK && b->threads > 1) st = team_open(b->threads, &b->team, e);
    return st;
}

void graph_room_close(struct graph_build *b)
{
    team_close(b->team);
    for (int t = 0; b->worker != NULL && t < b->threads; t++) worker_close(&b->worker[t]);
    mem_free(b->worker);
    mem_free(b->order);
    if (b->own_apart) mem_free_aligned(b->own);
}

/* --- work on all threads -------------------------------------------------------------------- */

struct pieces {
    struct graph_build *b;
    graph_work *work;
    uint32_t count, piece;
    atomic_uint next;
};

static void pieces_run(void *arg, int step, int part)
{
    (void)step;
    struct pieces *p = arg;
    uint32_t first;
    while (
        (first = atomic_fetch_add_explicit(&p->next, p->piece, memory_order_relaxed)) < p->count) {
        uint32_t last = p->count - first < p->piece ? p->count : first + p->piece;
        for (uint32_t i = first; i < last; i++) p->work(p->b, &p->b->worker[part], i);
    }
}

void graph_build_each(struct graph_build *b, uint32_t count, graph_work *work)
{
    uint32_t piece = count / ((uint32_t)b->threads * 8) + 1;
    struct pieces p = {
        .b = b, .work = work, .count = count, .piece = piece < PIECE_MAX ? piece : PIECE_MAX};
    struct team_turn turn;
    team_run(
        b->team, &(struct team_job){.work = pieces_run, .arg = &p, .steps = 1, .turns = &turn});
}
