/* graph_pool.c - see graph_pool.h: sorting a few numbers, merging them from both ends. */
#include "vector/graph_pool.h"

#include "base/mem.h"

enum { RUN = 16 }; /* numbers sorted by counting before runs are merged */

enum status graph_pool_open(struct graph_pool *p, uint32_t room, uint32_t waiting, struct err *e)
{
    size_t count = 1 + (size_t)room + 1 + 2 * ((size_t)waiting + 2) + (size_t)room + waiting;
    *p = (struct graph_pool){.room = room, .waiting_room = waiting};
    p->memory = mem_alloc(count * sizeof *p->memory); /* not zeroed: most is never met */
    if (p->memory == NULL) return mem_err(e, count * sizeof *p->memory);
    p->at = p->memory + 1;
    p->fresh = p->at + room + 2; /* each with a place before and one behind */
    p->spare = p->fresh + waiting + 2;
    p->merged = p->spare + waiting + 1;
    p->at[-1] = p->fresh[-1] = p->spare[-1] = 0;
    return ST_OK;
}

void graph_pool_close(struct graph_pool *p)
{
    mem_free(p->memory);
    p->memory = NULL;
}

/* A number's place is how many are smaller: more comparisons than insertion, no branch to guess. */
static void run_sort(uint64_t *x, uint32_t n)
{
    uint64_t old[RUN];
    uint32_t place[RUN] = {0};
    for (uint32_t i = 1; i < n; i++) {
        uint32_t smaller = 0;
        for (uint32_t j = 0; j < i; j++) {
            uint32_t less = x[j] <= x[i];
            smaller += less;
            place[j] += 1 - less;
        }
        place[i] = smaller;
    }
    memcpy(old, x, n * sizeof *x);
    for (uint32_t i = 0; i < n; i++) x[place[i]] = old[i];
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

/* Where x belongs among n sorted numbers. */
static uint32_t place_of(const uint64_t *at, uint32_t n, uint64_t x)
{
    const uint64_t *from = at;
    while (n > 1) {
        uint32_t half = n / 2;
        from += from[half - 1] < x ? half : 0;
        n -= half;
    }
    return (uint32_t)(from - at) + (n == 1 && *from < x);
}

/* Merges an and bn numbers into out: its lower half from the beginning, its upper one from the end,
 * two chains that don't wait for each other. a and b have a place before their first, which is 0,
 * and one behind their last, which becomes the largest. */
static void ends_merge(uint64_t *out, uint64_t *a, uint32_t an, uint64_t *b, uint32_t bn)
{
    const uint64_t *a0 = a, *b0 = b, *a1 = a + an - 1, *b1 = b + bn - 1;
    uint32_t all = an + bn, half = all / 2;
    a[an] = b[bn] = UINT64_MAX;
    for (uint32_t i = 0; i < half; i++) {
        bool low = *b0<*a0, high = *b1> * a1;
        out[i] = low ? *b0 : *a0;
        out[all - 1 - i] = high ? *b1 : *a1;
        b0 += low;
        a0 += !low;
        b1 -= high;
        a1 -= !high;
    }
    if (all % 2 != 0) out[half] = *b0 < *a0 ? *b0 : *a0;
}

void graph_pool_merge(struct graph_pool *p)
{
    if (p->waiting == 0) return;
    fresh_sort(p);
    uint32_t place = place_of(p->at, p->n, p->fresh[0]), rest = p->n - place;
    if (place < p->first) p->first = place;
    ends_merge(p->merged, p->at + place, rest, p->fresh, p->waiting);
    p->n = p->n + p->waiting < p->room ? p->n + p->waiting : p->room;
    memcpy(p->at + place, p->merged, (p->n - place) * sizeof *p->at);
    p->waiting = 0;
}
