/* exact_parts.h - the state of one exact search, shared by exact.c (who asks) and exact_scan.c (the
 * loops); inside vector/ only. */
#ifndef FOVEA_VECTOR_EXACT_PARTS_H
#define FOVEA_VECTOR_EXACT_PARTS_H

#include <pthread.h>
#include <stdatomic.h>

#include "simd/rows.h"
#include "vector/bound.h"
#include "vector/exact.h"
#include "vector/topk.h"

enum {
    STRETCH_BLOCKS = 16, /* of 64 rows: what a thread takes at a time */
    STRETCH_ROWS = STRETCH_BLOCKS * 64,
    WAITING_MIN = 32, /* candidates worth a second look together: their cache misses overlap */
    WAITING_MAX = STRETCH_ROWS + WAITING_MIN,
    AHEAD_MAX = 64
};

/* A row that its 4-bit code did not settle. */
struct candidate {
    uint32_t slot;
    int32_t dot;
    float score; /* at most this */
};

/* What one thread has of one query. */
struct lane {
    double limit, need;   /* need is that of limit */
    double screen, slope; /* of f32 sums: screen_set */
    float quick, unit;    /* the same for four at a time: quick_set */
    uint32_t waiting;
    struct candidate candidates[WAITING_MAX];
};

/* What one thread has for itself. */
struct worker {
    int32_t dots[4 * 64];
    uint32_t slots[STRETCH_ROWS + SIMD_ROWS + AHEAD_MAX]; /* rows to be read as f32 */
    uint32_t slot_count;
    struct vec_stats stats;
};

#define ALIGNED_FLOATS(dim) (((size_t)(dim) + 15) / 16 * 16)

/* One query of a search. */
struct ask {
    const float *query; /* the scratch's aligned copy */
    struct vec_bound bound;
    bool coded; /* bound holds */
    struct vec_topk top;
    _Atomic double limit;                    /* no row farther is wanted */
    double query_square, relative, absolute; /* of f32 sums, see screen_set */
};

struct vec_exact_scratch {
    int dim, queries, threads;
    struct ask *asks;       /* queries */
    struct lane *lanes;     /* threads x queries */
    struct worker *workers; /* threads */
    int8_t *codes;          /* queries x vec_bound_query_bytes */
    float *aligned;         /* queries x ALIGNED_FLOATS(dim) */
    pthread_mutex_t lock;   /* of what hits come into, status and error */
    struct team_turn turn;
};

struct search {
    const struct vec_exact *x;
    const struct vec_query *how;
    struct ask *asks;
    int count;
    const struct simd_code *code;
    const struct simd_rows *rows;
    struct vec_list *list; /* by radius: what grows; else NULL */
    atomic_uint next;      /* the stretch to take */
    atomic_bool stop;
    enum status st;
    struct err *e;
};

/* Goes through stretches until there are none. part: which of the threads. */
void search_work(void *search, int step, int part);

#endif
