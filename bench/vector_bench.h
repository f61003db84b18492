/* vector_bench.h - what the vector engine's benchmarks share: data, clocks, limits of the machine,
 * systems that are built once and kept, and measured points.
 *
 * Failing is ending with a message. Lines of figures go to stdout as CSV, words to stderr; times of
 * building are CPU seconds and wall seconds both, since the machine may be shared.
 */
#ifndef FOVEA_BENCH_VECTOR_BENCH_H
#define FOVEA_BENCH_VECTOR_BENCH_H

#include <stddef.h>
#include <stdio.h>

#include "vector_peer.h"

/* FOLDER/NAME.{json,base,query,truth} into memory (not a map: on large pages where they are). */
struct vector_data *vector_data_load(const char *folder, const char *name);
void vector_data_free(struct vector_data *d);

void vector_die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
void vector_pin(int cpu);                             /* this thread */
double vector_now(void);                              /* seconds, monotonic */
double vector_cpu(void);                              /* of this process */
double vector_median(double *v, int n);               /* sorts v */
double vector_quantile(float *v, size_t n, double q); /* sorts v */

/* The share of the k rows that are as near as the k-th true neighbour: ties are hits. */
double vector_recall(
    const struct vector_data *d, uint32_t query, int k, const int64_t *rows, int count);
double vector_distance(const struct vector_data *d, uint32_t query, int64_t row);

/* Limits of this machine, measured now: bytes a second that one thread reads, and seconds until a
 * line at an unknown place in that much memory is there. */
struct vector_limits {
    double bytes_second, line_seconds;
};
struct vector_limits vector_limits(size_t bytes);
/* Bytes a second of plain reads of so many, again and again for so long (once at least). */
double vector_read_rate(const void *pages, size_t bytes, double seconds);

/* Ours, behind the same door. */
extern const struct vector_peer vector_ours;
/* What ours read per query since the last call: nodes opened, neighbour codes, f32 rows, bytes. */
struct vector_work {
    double hops, estimates, rechecks, bytes;
};
void vector_ours_work(void *index, uint64_t queries, struct vector_work *out);

struct vector_system {
    const struct vector_peer *peer;
    const struct vector_build *build;
    void *index;
    double build_wall, build_cpu; /* 0: not known */
    int build_threads;
    char ladder[640]; /* file that keeps the recall of each effort */
};
/* Builds, or loads what an earlier run built: FOLDER/index/SET-PEER-PARAMS. Prints the build's line
 * "build,set,peer,params,threads,wall_s,cpu_s,bytes_row". Building takes VECTOR_BUILD_THREADS (1);
 * with VECTOR_KEPT=1 a peer's graph over many rows that was not kept is left out: false. */
bool vector_system_open(struct vector_system *s, const struct vector_data *d, const char *folder);
/* Loads peers' shared objects. */
const struct vector_peer *vector_peer_open(const char *file);

/* One thread, or VECTOR_THREADS: searches for at most that many seconds. */
struct vector_point {
    double qps, p50_us, p99_us;
};
struct vector_point vector_measure(const struct vector_system *s, const struct vector_data *d,
    int threads, uint32_t from, double seconds);
/* The first queries once: the recall at k. */
double vector_warm(const struct vector_system *s, const struct vector_data *d, uint32_t queries);

#endif
