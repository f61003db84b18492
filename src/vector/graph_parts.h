/* graph_parts.h - what the files of the graph share; inside vector/ only.
 *
 * Every metric becomes L2 over "prepared" vectors. Cosine: unit vectors. Inner product: rows get
 * one coordinate more, sqrt(M^2 - |x|^2) with M the longest row's length, and the query is given
 * length M and 0 there, so that L2 orders as the inner product does. Then the centre is taken off,
 * all is divided by the root mean square length, padded to a multiple of 16 and rotated.
 *
 * META: struct graph_meta, then the centre: float[dim + 1], in a record of its own size.
 * NODES: a record a slot, `record` bytes, a multiple of 64:
 *     struct graph_own and n bytes: the vector itself, padded to a multiple of 64;
 *     degree / 32 blocks of edges (simd/graph.h). An unused edge names the node itself.
 *   While building, the blocks' place holds the edges as a struct graph_list.
 * ENTRIES: blocks whose edges start at the centre: where a search begins.
 */
#ifndef FOVEA_VECTOR_GRAPH_PARTS_H
#define FOVEA_VECTOR_GRAPH_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "simd/graph.h"
#include "vector/graph.h"

#define GRAPH_MAGIC 0x31485041524756ULL /* "VGRAPH1" */
#define GRAPH_NONE UINT32_MAX

enum {
    GRAPH_VERSION = 2, /* 2: layout as 1's; the calibration is that of walks that end early */
    GRAPH_DEGREE_MAX = 64,
    GRAPH_SLACK_MAX = GRAPH_DEGREE_MAX + GRAPH_DEGREE_MAX / 2, /* edges of a list while building */
    GRAPH_LIST_MAX = 4096,                                     /* build_list at most */
    GRAPH_BATCH_MAX = 4096,
    GRAPH_CAND_MAX = 4352, /* candidates besides build_list: a list's, and its dead ones' lists */
    GRAPH_EFS = 16,        /* rows of the calibration */
    GRAPH_KS = 3           /* recall@1, @10, @100 */
};

enum graph_stage { GRAPH_NEW, GRAPH_INSERTING, GRAPH_FINISHING, GRAPH_DONE };

struct graph_meta {
    uint64_t magic;
    uint32_t version, metric, dim, rows;
    uint32_t degree, planes, build_list, entries; /* entries: how many slots, before padding */
    uint64_t seed;
    float alpha, length, scale; /* length: M; scale: what prepared vectors were multiplied by */
    uint32_t stage;
    uint64_t inserted; /* of the order: whole batches */
    uint64_t check;    /* the sum of the lists' hashes when the batch ended */
    uint32_t sampled;  /* queries of the calibration; 0: none */
    uint32_t kept;     /* rows that came with an older graph */
    uint32_t ef[GRAPH_EFS];
    float recall[GRAPH_KS][GRAPH_EFS];
    float centre[];
};

enum { GRAPH_VOID = 1 }; /* of flags: has no distance to anything, and no edges */

struct graph_own {
    float scale, norm; /* norm: of the bytes times scale, squared */
    int32_t sum;       /* of the bytes */
    uint16_t flags, degree;
    int8_t at[];
};

struct graph_list {
    uint32_t count;
    uint32_t at[];
};

/* Sizes that follow from the options. */
struct graph_shape {
    size_t n;     /* coordinates of a prepared vector, padded */
    size_t own;   /* bytes of graph_own with its bytes, padded */
    size_t block; /* bytes of graph_edges */
    size_t record;
    int blocks, planes;
    uint32_t degree, slack, entries_max;
};

void graph_shape_get(struct graph_shape *s, const struct vec_graph *g);

static inline struct graph_meta *graph_meta_of(const struct vec_graph *g)
{
    return g->part[VEC_GRAPH_META];
}

static inline uint8_t *graph_record(
    const struct vec_graph *g, const struct graph_shape *s, uint32_t slot)
{
    return (uint8_t *)g->part[VEC_GRAPH_NODES] + (size_t)slot * s->record;
}

static inline struct graph_edges *graph_block(
    const struct graph_shape *s, const uint8_t *record, int block)
{
    return (struct graph_edges *)(uintptr_t)(record + s->own + (size_t)block * s->block);
}

/* --- graph_space.c: from rows and queries to prepared vectors -------------------------------- */

enum { GRAPH_SIGN_WORDS = GRAPH_TURNS * (VEC_DIM_MAX / 16 + 1) };

struct graph_space {
    enum metric metric;
    int dim;
    float length, scale;
    const float *centre;
    struct graph_rotation rotation;
    uint16_t sign[GRAPH_SIGN_WORDS];
};

/* Fills centre, length and scale of meta from the set. */
void graph_space_measure(struct graph_meta *meta, const struct vec_set *set);
void graph_space_open(
    struct graph_space *sp, const struct vec_graph *g, const struct graph_meta *m);
/* out: n floats. false: the vector has no place (zero under cosine, not finite). */
bool graph_space_row(const struct graph_space *sp, const float *row, float *out);
bool graph_space_query(const struct graph_space *sp, const float *query, float *out);
/* Writes own from a prepared vector; its flags and degree are cleared. */
void graph_own_write(struct graph_own *own, const float *x, size_t n);
void graph_own_void(struct graph_own *own, size_t n);
/* The bytes as the other operand of dot: each plus 128. */
void graph_own_flip(uint8_t *out, const int8_t *at, size_t n);
/* Writes edge j of a block, whose code is zero so far. bits: room for a code. */
void graph_edge_write(
    struct graph_edges *b, int j, const struct graph_code *code, size_t n, int planes);

/* --- a build ------------------------------------------------------------------------------------
 */

struct graph_near {
    float d;
    uint32_t id;
};

/* One thread's room. */
struct graph_worker {
    uint64_t *seen_word; /* visited set: a bit a slot, words tagged with the search's number */
    uint16_t *seen_tag;
    uint16_t epoch;
    struct graph_near *pool; /* build_list + 1 */
    struct graph_near *cand; /* build_list + GRAPH_CAND_MAX */
    uint32_t *list;          /* GRAPH_CAND_MAX */
    uint8_t *flipped;        /* n */
    uint8_t *flipped2;       /* n */
    float *x;                /* n */
    uint16_t *bits;
    uint64_t check; /* change of the hash sum */
};

struct graph_build {
    struct vec_graph *g;
    const struct vec_graph_build *how;
    struct graph_meta *meta;
    struct graph_shape shape;
    struct graph_space space;
    const struct simd_graph *simd;
    uint8_t *own; /* graph_own by slot: a copy apart from the records, or the records themselves */
    size_t own_stride;
    uint32_t *order; /* the slots in the order of insertion, void ones left out */
    uint32_t count;  /* of order */
    uint32_t starts; /* the first so many of order are where searches begin */
    float alpha2;    /* alpha squared: distances are squared */
    struct team *team;
    int threads;
    struct graph_worker *worker; /* a thread each */
    struct graph_batch *batch;
    struct graph_measure *measure;
    const struct graph_older *older; /* graph_extend.c; NULL: none */
    bool own_apart;
};

static inline const struct graph_own *graph_own_of(const struct graph_build *b, uint32_t slot)
{
    return (const struct graph_own *)(const void *)(b->own + (size_t)slot * b->own_stride);
}

static inline struct graph_list *graph_list_of(const struct graph_build *b, uint32_t slot)
{
    uint8_t *record = graph_record(b->g, &b->shape, slot);
    return (struct graph_list *)(void *)(record + b->shape.own);
}

/* The squared distance of two owns; flipped: graph_own_flip of a. */
static inline float graph_own_distance(const struct graph_build *b, const uint8_t *flipped,
    const struct graph_own *a, const struct graph_own *o)
{
    uint32_t raw = (uint32_t)b->simd->dot(flipped, o->at, b->shape.n);
    int32_t dot = (int32_t)(raw - 128U * (uint32_t)o->sum); /* unsigned: it may be a file's */
    float d = a->norm + o->norm - 2 * a->scale * o->scale * (float)dot;
    return d > 0 ? d : 0;
}

/* graph_build.c: b is zeroed; closed by graph_room_close, also after a failure. */
NODISCARD enum status graph_build_open(
    struct graph_build *b, struct vec_graph *g, const struct vec_graph_build *how, struct err *e);
/* Whether the parts hold the beginning of this very build: it stands then as it was left. */
bool graph_build_resume(struct graph_build *b, uint32_t kept);
void graph_build_begin(struct graph_build *b, uint32_t kept); /* as new, no row inserted */
NODISCARD enum status graph_build_go(struct graph_build *b, struct err *e);

/* graph_room.c: what a build needs beside the parts, and the threads. */
NODISCARD enum status graph_room_open(struct graph_build *b, struct err *e);
void graph_room_close(struct graph_build *b);
/* work for every i < count, in pieces, on all threads. */
typedef void graph_work(struct graph_build *b, struct graph_worker *w, uint32_t i);
void graph_build_each(struct graph_build *b, uint32_t count, graph_work *work);

/* graph_link.c: which edges a node keeps. */
/* The best build_list of the nodes so far for the slot, into w->pool, nearest first; their count.
 */
uint32_t graph_walk(const struct graph_build *b, struct graph_worker *w, uint32_t slot);
/* Of n candidates (nearest first, none twice, not the node) at most `most` into out. */
uint32_t graph_prune(const struct graph_build *b, struct graph_worker *w,
    const struct graph_near *cand, uint32_t n, uint32_t *out);
/* Sorts by distance, then slot; drops doubles. Returns how many are left. */
uint32_t graph_near_sort(struct graph_near *x, uint32_t n);
/* Distances from slot to ids, sorted, into w->cand. */
uint32_t graph_near_of(const struct graph_build *b, struct graph_worker *w, uint32_t slot,
    const uint32_t *id, uint32_t n);

/* graph_batch.c */
NODISCARD enum status graph_insert_all(struct graph_build *b, struct err *e);
uint64_t graph_list_hash(const struct graph_build *b, uint32_t slot);

/* graph_finish.c: lists to records. */
NODISCARD enum status graph_finish(struct graph_build *b, struct err *e);
/* graph_measure.c */
void graph_scratch_skip(struct vec_graph_scratch *s, uint32_t slot); /* the next search leaves it */
NODISCARD enum status graph_calibrate(struct graph_build *b, struct err *e);

#endif
