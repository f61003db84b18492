/* index.h - a generation and what has changed since: the k nearest rows as the table is now.
 *
 * The generation's dead rows are left out, rows newer than it (the tail) are always searched
 * exactly, and the path is chosen by cost: exact when few rows pass or there is no graph, the graph
 * otherwise; whatever comes back short goes through the exact scan. k means k.
 *
 * Threads: an index belongs to one thread at a time (a generation may be shared).
 */
#ifndef FOVEA_VECTOR_INDEX_H
#define FOVEA_VECTOR_INDEX_H

#include "vector/generation.h"

struct vec_index;

/* g is borrowed. */
NODISCARD enum status vec_index_open(
    const struct vec_generation *g, struct vec_index **out, struct err *e);
void vec_index_close(struct vec_index *ix);
/* What became of a row since: its vector now (dim floats, copied), or NULL: gone or NULL. A row may
 * change any number of times. Errors: NO_MEMORY. */
NODISCARD enum status vec_index_change(
    struct vec_index *ix, int64_t rowid, const float *vector, struct err *e);
void vec_index_reset(struct vec_index *ix); /* as the generation was */
/* Another calibration than the graph's, one with real questions; NULL: the graph's. Borrowed. */
void vec_index_calibrate(struct vec_index *ix, const struct vec_calibration *c);
uint32_t vec_index_rows(const struct vec_index *ix); /* live ones with a vector */
uint32_t vec_index_tail(const struct vec_index *ix);
uint32_t vec_index_dead(const struct vec_index *ix);
/* Cost of a search for tail and dead rows over that of the generation: what a rebuild would win. */
double vec_index_drag(const struct vec_index *ix);
/* The generation's dead slots, a bit each (NULL: none ever were); the tail, for extending: out
 * reads it once, until the next change. */
const uint64_t *vec_index_dead_bits(const struct vec_index *ix);
void vec_index_tail_rows(struct vec_index *ix, struct vec_rows *out);

/* Bytes of codes, of the graph's records and of vectors that a search with these stats has read. */
uint64_t vec_index_bytes_read(const struct vec_index *ix, const struct vec_stats *s);

enum vec_path {
    VEC_PATH_EXACT,        /* 4-bit, 8-bit, f32 */
    VEC_PATH_EXACT_F32,    /* metrics without codes */
    VEC_PATH_EXACT_LISTED, /* the passing rows' f32, one by one: very few pass */
    VEC_PATH_GRAPH,
    VEC_PATH_GRAPH_BRIDGED, /* under a condition: rows that fail are walked over, as bridges */
    VEC_PATH_COUNT
};
const char *vec_path_name(enum vec_path p);

/* A condition on rows. Rowids that pass, in any order, as an iterator that may be paused (budgeted
 * pulling), and a test of one row. Either may be NULL (not both). */
struct vec_filter {
    enum status (*next)(void *user, int64_t *rowid, bool *row, struct err *e);
    enum status (*probe)(void *user, int64_t rowid, bool *passes, struct err *e);
    void *user;
};

struct vec_ask {
    uint32_t k;
    const struct vec_filter *filter; /* NULL: none */
    uint32_t ef;                     /* 0: from recall_target, else the default */
    double recall_target;            /* 0: none; 1: exact */
    bool exact;                      /* never the graph */
    bool cut; /* not all ties of the last: those with the smallest rowids, so that there are k */
    const struct run *run;
};

struct vec_answer {
    struct vec_list hits; /* nearest first, with all ties of the last; reused between searches */
    bool complete;        /* fewer than k: every row that passes and has a distance is there */
    enum vec_path path;
    bool fell_through; /* the graph came back short */
    bool probed;       /* the condition was asked row by row, not as a bitmap */
    bool elsewhere;    /* the question lies farther from the rows than they do from each other */
    uint32_t ef;
    double recall;    /* expected: 1 for exact paths */
    uint64_t passing; /* rows that pass, when counted; else UINT64_MAX */
    struct vec_stats stats;
};
void vec_answer_deinit(struct vec_answer *a);

/* Errors: INVALID (query not finite), CORRUPT (a checksum: the caller reads the rows then), the
 * filter's, CANCELLED. */
NODISCARD enum status vec_index_search(struct vec_index *ix, const float *query,
    const struct vec_ask *ask, struct vec_answer *out, struct err *e);
/* Every pair of rows at most radius apart, a < b, by distance then rowids. found is called on this
 * thread, when all are known. Errors: those of a search, LIMIT (more pairs than run's memory
 * holds), found's. */
struct vec_pairs {
    double radius;
    const struct run *run;
    enum status (*found)(void *user, int64_t a, int64_t b, double distance, struct err *e);
    void *user;
};
NODISCARD enum status vec_index_pairs(
    struct vec_index *ix, const struct vec_pairs *ask, struct err *e);

#endif
