/* graph_pool.c - see graph_pool.h: sorting a few numbers, merging them from behind. */
#include "vector/graph_pool.h"

#include "base/mem.h"

enum { RUN = 12 }; /* numbers sorted by insertion before runs are merged */

enum status graph_pool_open(struct graph_pool *p, uint32_t room, uint32_t waiting, struct err *e)
{
    size_t count = 1 + (size_t)room + 3 * (size_t)waiting;
    *p = (struct graph_pool){.room = room, .waiting_room = waiting};
    p->memory = mem_zalloc(count, sizeof *p->memory);
    if (p->memory == NULL) return mem_err(e, count * sizeof *p->memory);
    p->at = p->memory + 1;
    p->fresh = p->at + room + waiting;
    p->spare = p->fresh + waiting;
    return ST_OK;
}

void graph_pool_close(struct graph_pool *p)
{
    mem_free(p->memory);
    p->memory = NULL;
}

static void run_sort(uint64_t *x, uint32_t n)
{
    for (uint32_t i = 1; i < n; i++) {
        uint64_t v = x[i];
        uint32_t j = i;
        for (; j > 0 && x[j - 1] > v; j--) x[j] = x[j - 1];
        x[j] = v;
    }
}

static void runs_merge(uint64_t *out, const uint64_t *a, uint32_t an, uint32_t bn)
{
    const uint64_t *b = a + an;
    uint32_t i = 0, j = 0;
    while (i < an && j < bn) {
        bool second = b[j] < a[i];
        out[i + j] = second ? b[j] : a[i];
        j += second;
        i += !second;
    }
    memcpy(out + i + j, i < an ? a + i : b + j, (size_t)(an + bn - i - j) * sizeof *out);
}

/* Sorts p->fresh, by way of p->spare. */
static void fresh_sort(struct graph_pool *p)
{
    uint32_t n = p->waiting;
    for (uint32_t i = 0; i < n; i += RUN) run_sort(p->fresh + i, n - i < RUN ? n - i : RUN);
    for (uint32_t width = RUN; width < n; width *= 2) {
        for (uint32_t i = 0; i < n; i += 2 * width) {
            uint32_t left = n - i, an = left < width ? left : width;
            uint32_t bn = left - an < width ? left - an : width;
            runs_merge(p->spare + i, p->fresh + i, an, bn);
        }
        uint64_t *swap = p->fresh;
        p->fresh = p->spare;
        p->spare = swap;
    }
}

void graph_pool_merge(struct graph_pool *p)
{
    if (p->waiting == 0) return;
    fresh_sort(p);
    uint64_t *out = p->at + p->n + p->waiting;
    const uint64_t *a = p->at + p->n - 1, *b = p->fresh + p->waiting - 1;
    while (b >= p->fresh) { /* at[-1] is below everything, so a stops there */
        bool old = *a > *b;
        *--out = old ? *a : *b;
        a -= old;
        b -= !old;
    }
    uint32_t place = (uint32_t)(a + 1 - p->at);
    if (place < p->first) p->first = place;
    p->n = p->n + p->waiting < p->room ? p->n + p->waiting : p->room;
    p->waiting = 0;
}
