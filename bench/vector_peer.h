/* vector_peer.h - what a system must offer to be compared by bench_vector, as one small file.
 *
 * A peer is vector_peer_NAME.cpp, built by vector/peers.sh into build/vector-data/peers/NAME.so,
 * which exports `const struct vector_peer vector_peer`. One query a call, in this process; indexes
 * are kept on disk between runs where the peer can write them. Failing is ending with a message:
 * this is a benchmark. Ours (vector_ours.c) is held against the same header.
 *
 * Threads: search may be called by several, each with its own number from 0.
 */
#ifndef FOVEA_BENCH_VECTOR_PEER_H
#define FOVEA_BENCH_VECTOR_PEER_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { VECTOR_THREADS = 2, VECTOR_K = 10, VECTOR_TRUTH = 100 };
enum vector_metric { VECTOR_COSINE, VECTOR_L2 };

/* A data set: base and query as vector_data.py wrote them. Under cosine all have unit length. */
struct vector_data {
    char name[32], rows_of[32]; /* the set whose rows these are: mostly itself */
    enum vector_metric metric;
    int dim;
    uint32_t rows, queries;
    const float *base, *query;
    const int32_t *truth; /* queries x VECTOR_TRUTH */
};

/* One way to build. exact: no parameter of the search, recall must be 1. */
struct vector_build {
    const char *params; /* NULL ends the list */
    bool exact;
    const int *efforts; /* ascending, 0 ends; NULL: the harness's ladder (ef) */
};

struct vector_peer {
    const char *name, *version;
    /* The builds worth measuring over a data set: found by a wider sweep, see FIGURES.md. */
    const struct vector_build *(*builds)(const struct vector_data *d);
    void *(*build)(const struct vector_data *d, const char *params, int threads);
    bool (*save)(const void *index, const char *file); /* NULL: can't; false: not this build */
    void *(*load)(const struct vector_data *d, const char *params, const char *file);
    void (*effort)(void *index, int effort); /* ef, probes or a factor, for the searches to come */
    int (*search)(void *index, int thread, const float *query, int k, int64_t *rows);
    /* Only rows whose bit is set; NULL: it has no filters. */
    int (*filtered)(void *index, const float *query, int k, const uint64_t *pass, int64_t *rows);
    uint64_t (*bytes)(const void *index); /* all of the index, the vectors included */
    void (*close)(void *index);
};

#ifdef __cplusplus
}
#endif
#endif
