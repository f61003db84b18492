/* topk.c - see topk.h. */
#include "vector/topk.h"

#include <math.h>

void vec_topk_init(struct vec_topk *t, struct vec_hits *hits, uint32_t k)
{
    hits->count = 0;
    hits->tied = false;
    *t = (struct vec_topk){.hits = hits, .k = k, .left_out = NAN, .most = INFINITY};
}

static bool farther(const struct vec_hit *a, const struct vec_hit *b)
{
    if (a->distance != b->distance) return a->distance > b->distance;
    return a->slot > b->slot;
}

bool vec_topk_wants(struct vec_topk *t, const struct vec_hit *h)
{
    if (t->hits->count < t->k) return true;
    if (t->k > 0 && farther(&t->hits->at[0], h)) return true;
    if (!(t->left_out <= h->distance)) t->left_out = h->distance;
    return false;
}

static void sink(struct vec_hit *at, uint32_t count, uint32_t i)
{
    struct vec_hit moving = at[i];
    for (;;) {
        size_t child = 2 * (size_t)i + 1;
        if (child >= count) break;
        if (child + 1 < count && farther(&at[child + 1], &at[child])) child++;
        if (!farther(&at[child], &moving)) break;
        at[i] = at[child];
        i = (uint32_t)child;
    }
    at[i] = moving;
}

void vec_topk_add(struct vec_topk *t, const struct vec_hit *h)
{
    struct vec_hit *at = t->hits->at;
    if (t->hits->count == t->k) {
        if (!(t->left_out <= at[0].distance)) t->left_out = at[0].distance;
        at[0] = *h;
        sink(at, t->k, 0);
        return;
    }
    uint32_t i = t->hits->count++;
    for (; i > 0 && farther(h, &at[(i - 1) / 2]); i = (i - 1) / 2) at[i] = at[(i - 1) / 2];
    at[i] = *h;
}

double vec_topk_limit(const struct vec_topk *t)
{
    return t->k > 0 && t->hits->count == t->k ? t->hits->at[0].distance : t->most;
}

void vec_topk_finish(struct vec_topk *t)
{
    struct vec_hit *at = t->hits->at;
    uint32_t count = t->hits->count;
    if (count > 0) t->hits->tied = at[0].distance == t->left_out;
    for (uint32_t n = count; n > 1; n--) {
        struct vec_hit top = at[0];
        at[0] = at[n - 1];
        at[n - 1] = top;
        sink(at, n - 1, 0);
    }
}
