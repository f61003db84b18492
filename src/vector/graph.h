/* graph.h - approximate nearest neighbours over a flat graph whose nodes carry their neighbours'
 * codes.
 *
 * One layer, alpha-pruned out-edges of a fixed number (DiskANN's Vamana, NeurIPS 2019; flat as in
 * arXiv 2412.01940), each node one record with its neighbours' rotated codes inside (the layout
 * idea of NGT-QG and SymphonyQG, arXiv 2411.12229): a hop is one sequential read. Built in batches
 * against a frozen graph, so the bits do not depend on the number of threads.
 *
 * Nodes are slots of the set the graph was built over. A graph is sections of plain memory, like
 * codes.h: a file can hold and map them.
 */
#ifndef FOVEA_VECTOR_GRAPH_H
#define FOVEA_VECTOR_GRAPH_H

#include "vector/exact.h"

enum vec_graph_part {
    VEC_GRAPH_META, /* parameters, seeds, entry points, the calibration: graph.c says to the byte */
    VEC_GRAPH_NODES,   /* one record a slot */
    VEC_GRAPH_ENTRIES, /* where searches begin */
    VEC_GRAPH_PARTS
};

struct vec_graph_options {
    int degree;            /* out-edges: 32 or 64; 0: by dimension */
    int bits;              /* of a neighbour's code per dimension: 1 .. 4; 0: by dimension */
    int build_list;        /* candidates while building (ef_construction); 0: by dimension */
    float alpha;           /* 0: the metric's default */
    uint64_t seed;         /* of the rotation and the order; 0 is fine */
    uint64_t memory_bytes; /* beyond the sections themselves; LIMIT when it can't be kept */
};

struct vec_graph {
    enum metric metric; /* cosine, L2 or inner product */
    int dim;
    uint32_t rows;
    struct vec_graph_options options;
    void *part[VEC_GRAPH_PARTS];
    size_t bytes[VEC_GRAPH_PARTS];
};

bool vec_graph_have(enum metric m);
/* g->metric, dim and rows are the caller's: fills options (its zeros are chosen) and says how large
 * each part must be; the rest of g is cleared. options may be NULL. Errors: LIMIT, INVALID (an
 * option), UNSUPPORTED (metric). */
NODISCARD enum status vec_graph_plan(
    struct vec_graph *g, const struct vec_graph_options *options, struct err *e);

/* Builds over the set into g's parts (planned; memory or a writable map given by the caller,
 * zeroed). The bytes depend on the set and the options only. What was built before a cancel or a
 * kill goes on from the last whole batch when the same parts are given again with VEC_GRAPH_META
 * intact: the batch counter in it is written last (save, not NULL, is called there so that a file
 * can be synced). Ends with the reachability repair and the calibration. Memory beside the parts:
 * about dim + 25 bytes a row, or 9 a row when options.memory_bytes (else run->memory_bytes) allows
 * no more, and some MiB; LIMIT when that is not allowed either. */
struct vec_graph_build {
    const struct vec_set *set;
    const struct run *run;                          /* progress, cancel, threads, memory */
    enum status (*save)(void *user, struct err *e); /* at batch ends, now and then */
    void *user;
};
NODISCARD enum status vec_graph_build(
    struct vec_graph *g, const struct vec_graph_build *b, struct err *e);

/* The next generation: slots [0, kept) of the new set are old's live rows (slot_of[i] = old slot of
 * new slot i, strictly ascending), those from kept on are new. Dead nodes are routed around, new
 * rows inserted, then as in build. Old's edges are checked; an untrue one costs quality only.
 * Errors: as build's; INVALID (slot_of). */
struct vec_graph_older {
    const struct vec_graph *graph;
    const uint32_t *slot_of;
    uint32_t kept;
};
NODISCARD enum status vec_graph_extend(struct vec_graph *g, const struct vec_graph_older *older,
    const struct vec_graph_build *b, struct err *e);

/* A graph from a file: meta makes sense, sizes fit. Records are checked one by one as they are
 * opened: a neighbour's number out of range ends a search with CORRUPT. */
NODISCARD enum status vec_graph_open(struct vec_graph *g, struct err *e);

struct vec_graph_scratch; /* the visited set, the pool: reusable, one search at a time */
/* ef_max: the longest pool of a search. One under a condition lets as many nodes wait, and should
 * have room for VEC_GRAPH_EF_FILTERED. */
enum { VEC_GRAPH_EF_FILTERED = 4096 };
NODISCARD enum status vec_graph_scratch_open(
    const struct vec_graph *g, uint32_t ef_max, struct vec_graph_scratch **out, struct err *e);
void vec_graph_scratch_close(struct vec_graph_scratch *s);

struct vec_graph_search {
    const struct vec_graph *graph;
    const struct vec_set *set; /* for the f32 re-rank */
    struct vec_graph_scratch *scratch;
    uint32_t ef; /* the pool's length, at least k; 0: 64 */
    /* Checks a record, and says where it is; NULL in memory. */
    enum status (*look)(void *user, uint32_t slot, struct vec_place *p, struct err *e);
    /* The same of a row's f32, and its rowid. */
    enum status (*look_row)(
        void *user, uint32_t slot, struct vec_place *p, int64_t *rowid, struct err *e);
    void *look_user;
};

/* Up to how->k hits that pass, re-ranked by their f32 distances; fewer when the walk met fewer.
 * Rows that fail are walked over (as bridges to those behind them) until ef that pass are found.
 * how->by_radius is not supported. Allocates nothing. */
NODISCARD enum status vec_graph_search(const struct vec_graph_search *g, const float *query,
    const struct vec_query *how, struct vec_hits *hits, struct err *e);

/* The smallest ef whose measured recall@k on the stored sample reaches target, and that recall; the
 * sample's queries were rows of the set itself, each without itself. 0: none of those tried does.
 */
uint32_t vec_graph_ef(const struct vec_graph *g, uint32_t k, double target, double *recall);
/* The expected recall@k of an ef, from the same table. */
double vec_graph_recall(const struct vec_graph *g, uint32_t k, uint32_t ef);

/* For tests and doctor: every node reachable from the entries, every edge in range, no self loop,
 * degrees as stated. Errors: CORRUPT, NO_MEMORY. */
NODISCARD enum status vec_graph_verify(const struct vec_graph *g, struct err *e);

#endif
