/* set.h - rows at hand: vectors by slot, what is asked of them, and what comes back.
 *
 * A slot is a row's number among the rows at hand, from 0. Distances are those of metric_distance
 * (simd/distance.h) to the bit, so that what an index finds and what SQL computes are the same
 * numbers; "smaller is nearer", inner product is negated. A row whose distance is not defined (a
 * zero vector under cosine) never is a hit.
 */
#ifndef FOVEA_VECTOR_SET_H
#define FOVEA_VECTOR_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/run.h"
#include "base/team.h"
#include "simd/distance.h"

enum { VEC_DIM_MAX = 4096 }; /* LIMIT_VECTOR_DIM */
#define VEC_ROWS_MAX ((uint32_t)1 << 31)

/* Rows as f32, in the slots' order. Borrowed: a generation's mapped file or a caller's memory. */
struct vec_set {
    enum metric metric;
    int dim;
    uint32_t rows;
    const float *full;     /* rows x dim, as the table has them (not normalised) */
    const int64_t *rowids; /* by slot */
};

struct vec_hit {
    double distance;
    int64_t rowid;
    uint32_t slot;
};

/* Nearest first; equal distances by slot. The caller's storage: at[capacity]. */
struct vec_hits {
    struct vec_hit *at;
    uint32_t count, capacity;
    /* A row as far as the last hit was left out because k were full: whoever needs every tie asks
     * again by radius. */
    bool tied;
};

enum vec_verdict { VEC_FAILS, VEC_PASSES, VEC_STOP };
/* What a search did, for EXPLAIN and the benches; added to, not reset. */
struct vec_stats {
    uint64_t codes4;    /* rows whose 4-bit code was read */
    uint64_t codes8;    /* ... and the 8-bit code */
    uint64_t rechecks;  /* f32 vectors read */
    uint64_t hops;      /* graph nodes opened */
    uint64_t estimates; /* neighbour codes compared */
    uint64_t probes;    /* calls of the probe */
};

struct vec_query {
    uint32_t k;     /* at most hits->capacity */
    bool by_radius; /* instead of the k nearest: every row with distance <= radius */
    double radius;
    const uint64_t *pass; /* a bit per slot; NULL: every row passes */
    /* Does the row pass the condition? Asked for rows that would become hits only. VEC_STOP ends
     * the search: *stopped is set, and the hits are what was known then. NULL: none. With pass,
     * both must hold. */
    enum vec_verdict (*probe)(void *user, uint32_t slot, int64_t rowid);
    void *probe_user;
    const struct run *run;   /* looked at between blocks of rows; NULL */
    struct team *team;       /* more threads for one search; NULL: the caller's only */
    bool *stopped;           /* set when the probe said VEC_STOP; NULL without a probe */
    struct vec_stats *stats; /* NULL: not counted */
};

/* Where bytes are found: in a file's map, or read into room, the caller's, 64-byte aligned, where
 * they stay until room is used again. */
struct vec_place {
    uint8_t *room; /* NULL: none */
    size_t room_bytes;
    const void *at;
};

/* by_radius gives as many hits as there are: a list that grows. */
struct vec_list {
    struct vec_hit *at;
    size_t count, capacity;
};
void vec_list_deinit(struct vec_list *l);
NODISCARD enum status vec_list_add(struct vec_list *l, const struct vec_hit *h, struct err *e);

#endif
