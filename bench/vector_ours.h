/* vector_ours.h - what lies in an index of ours that vector_ours.c built in memory. */
#ifndef FOVEA_BENCH_VECTOR_OURS_H
#define FOVEA_BENCH_VECTOR_OURS_H

#include "vector/graph.h"
#include "vector_bench.h"

const struct vec_graph *vector_ours_graph(const void *index);
const struct vec_set *vector_ours_set(const void *index);
/* Room on large pages where there are any; freed by vector_pages_free. */
void *vector_pages(size_t bytes);
void vector_pages_free(void *p, size_t bytes);

#endif
