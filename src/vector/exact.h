/* exact.h - the k nearest rows, proved: 4-bit codes, then 8-bit codes, then f32.
 *
 * Every hit's distance is metric_distance's own, and no row nearer than the last hit is missing:
 * a row is passed over only when its bound, with room for rounding, is farther than the k-th. With
 * codes NULL (and for L1 and L-infinity) every f32 row is read instead.
 *
 * Threads: any number of searches over one set at the same time, each with its own scratch.
 * how->team makes one search use several (at most the scratch's), which then call touch at the same
 * time; with a probe the caller's thread does all.
 */
#ifndef FOVEA_VECTOR_EXACT_H
#define FOVEA_VECTOR_EXACT_H

#include "vector/codes.h"

/* Called before slots [first, first + count) are read for the first time in this search, so that a
 * file's blocks can be checked; NULL in memory. An error ends the search. */
struct vec_touch {
    /* heads and high nibbles; low: the low nibbles of one row's block */
    enum status (*codes)(void *user, uint32_t first, uint32_t count, struct err *e);
    enum status (*low)(void *user, uint32_t slot, struct err *e);
    enum status (*full)(void *user, uint32_t slot, struct err *e); /* and the row's rowid */
    void *user;
};

struct vec_exact_scratch; /* what a search needs: room for one query and its block; reusable */
NODISCARD enum status vec_exact_scratch_open(
    int dim, int queries, int threads, struct vec_exact_scratch **out, struct err *e);
void vec_exact_scratch_close(struct vec_exact_scratch *s);

struct vec_exact {
    const struct vec_set *set;
    const struct vec_codes *codes; /* NULL: f32 only */
    const struct vec_touch *touch; /* NULL: memory */
    struct vec_exact_scratch *scratch;
};

/* The how->k nearest; exactly min(k, rows that pass and have a distance). Allocates nothing.
 * Errors: INVALID (query not finite), LIMIT (k > hits->capacity), CANCELLED, touch's. */
NODISCARD enum status vec_exact_search(const struct vec_exact *x, const float *query,
    const struct vec_query *how, struct vec_hits *hits, struct err *e);
/* Several queries over one pass of the rows: hits[i] is that of at + i * dim. Same answers as one
 * by one. by_radius: the how->k nearest of those within it; when there are k, they may not be all.
 */
struct vec_queries {
    const float *at;
    int count; /* at most the scratch's */
};
NODISCARD enum status vec_exact_search_block(const struct vec_exact *x,
    const struct vec_queries *queries, const struct vec_query *how, struct vec_hits *hits,
    struct err *e);
/* Every row at how->radius or nearer, in slot order, appended to out. */
NODISCARD enum status vec_exact_radius(const struct vec_exact *x, const float *query,
    const struct vec_query *how, struct vec_list *out, struct err *e);

#endif
