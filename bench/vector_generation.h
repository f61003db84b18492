/* vector_generation.h - a generation of files over a data set, made as the store makes it. */
#ifndef FOVEA_BENCH_VECTOR_GENERATION_H
#define FOVEA_BENCH_VECTOR_GENERATION_H

#include "vector/index.h"
#include "vector_bench.h"

/* FOLDER/ours/SET: opened when it is there, else written, with its graph. Rowids are the rows'
 * numbers plus one. */
struct vec_generation *vector_generation(const struct vector_data *d, const char *folder);
/* Truth under a condition, or of any rows: what an exact search of ours over f32 gives. */
void vector_must(enum status st, const struct err *e);

#endif
