/* topk.h - the k nearest so far, in the caller's hits: a heap with the farthest on top. */
#ifndef FOVEA_VECTOR_TOPK_H
#define FOVEA_VECTOR_TOPK_H

#include "vector/set.h"

struct vec_topk {
    struct vec_hits *hits;
    uint32_t k;
    double left_out; /* the least distance of a row that had no room; NaN: none */
    double most;     /* no row farther is wanted; INFINITY unless a radius was asked for */
};

void vec_topk_init(struct vec_topk *t, struct vec_hits *hits, uint32_t k);
/* Whether the row would be among the k nearest; when not, remembers its distance for ties. */
bool vec_topk_wants(struct vec_topk *t, const struct vec_hit *h);
/* Puts in a row that is wanted. */
void vec_topk_add(struct vec_topk *t, const struct vec_hit *h);
/* No row farther than this is wanted: most until there are k. */
double vec_topk_limit(const struct vec_topk *t);
/* Sorts hits, nearest first, and says whether the last is tied. */
void vec_topk_finish(struct vec_topk *t);

#endif
