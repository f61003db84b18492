/* graph.h - kernels of the graph: rotation, distances between 8-bit codes, estimates from the codes
 * a node keeps of its neighbours.
 *
 * A vector here has n coordinates, a multiple of 16, padded with zeros. It is rotated (so that its
 * coordinates are alike) and kept as bytes of a scale of its own, -127 .. 127.
 *
 * An edge from c to o keeps a code of r = o - c: u_i in 0 .. 2^planes - 1 for each coordinate, in
 * steps of the edge's own length. With x^_i = u_i - (2^planes - 1) / 2 and the estimator of RaBitQ
 * (arXiv 2405.12497), <q - c, r> is about |r|^2 / <x^, r> * <x^, q - c>, so
 *
 *   |q - o|^2 ~ |q - c|^2 + add + mul <x^, q>,  mul = -2 |r|^2 / <x^, r>,  add = |r|^2 - mul <x^,
 * c>
 *
 * and <x^, q> comes from a table of the query alone. A block holds 32 edges:
 *
 *   uint32 id[32], float add[32], float mul[32],
 *   planes (the heaviest first) x n/4 groups x 16 bytes: byte j holds the bits of coordinates
 *   4g .. 4g+3 of edge j in its low half and of edge j + 16 in its high half.
 *
 * That is the layout of FastScan (arXiv 1812.09162): a group is one look-up of 32 edges in a table
 * of 16 sums of the query's coordinates. Encoding and code distances give the same bits in every
 * set (sums run in 16 lanes, products and sums are rounded apart); estimates differ by rounding.
 */
#ifndef FOVEA_SIMD_GRAPH_H
#define FOVEA_SIMD_GRAPH_H

#include <stddef.h>
#include <stdint.h>

#include "simd/cpu.h"

enum { GRAPH_EDGES = 32, GRAPH_LANES = 16, GRAPH_PLANES_MAX = 4, GRAPH_TURNS = 4 };

struct graph_edges {
    uint32_t id[GRAPH_EDGES];
    float add[GRAPH_EDGES], mul[GRAPH_EDGES];
    uint8_t code[]; /* planes x n * 4 bytes */
};

/* turns times: flip signs, then Hadamard over the first `power` coordinates or (odd turns) the last
 * ones, divided by its root. sign: a bit a coordinate, n / 16 words a turn. */
struct graph_rotation {
    size_t n, power;
    int turns;
    const uint16_t *sign;
};

/* A query made ready for estimates: <x^, q> = step * (the looked-up sum) + shift. */
struct graph_query {
    const uint8_t *table; /* n * 4 bytes, 64-byte aligned */
    size_t n;
    int planes;
    float step, shift;
};

/* An edge's code before it goes into a block: a bit a coordinate and plane. */
struct graph_code {
    uint16_t *bits; /* planes x n / 16 words, the heaviest plane first */
    float add, mul;
};

/* A rotated vector as bytes. */
struct graph_bytes {
    const int8_t *at;
    float scale;
};

struct simd_graph {
    void (*rotate)(float *x, const struct graph_rotation *r);
    /* The sum of q[i] * x[i]; |x| <= 127. */
    int32_t (*dot)(const uint8_t *q, const int8_t *x, size_t n);
    /* Fills table (query->n * 4 bytes), step and shift from the rotated query. */
    void (*look)(struct graph_query *query, uint8_t *table, const float *q);
    /* est[j] = ends[0] + the rest of the estimate, for the 32 edges of a block; bit j of what comes
     * back: est[j] < ends[1]. A NaN is not. next: the code of the block to be read after this one
     * (or this one), fetched line by line meanwhile: processors drop fetches that come in bursts.
     */
    uint32_t (*estimate)(float *est, const struct graph_query *query, const struct graph_edges *b,
        const float *ends, const uint8_t *next);
    /* The code of the edge from c to o, n coordinates. */
    void (*encode)(struct graph_code *out, const struct graph_bytes *c, const struct graph_bytes *o,
        size_t n, int planes);
    /* The largest of n numbers, n a multiple of 32. */
    uint32_t (*most)(const uint32_t *x, size_t n);
};

/* The kernels of a processor (cpu_get()): its isa, and whether it has VNNI. */
const struct simd_graph *simd_graph_get(const struct cpu *cpu);

/* Fetches bytes that will be read soon. Inlined always: GCC 12 takes a function that only
 * prefetches for one without effect, and drops its calls. */
static inline __attribute__((always_inline)) void graph_fetch(const void *p, size_t bytes)
{
    for (size_t i = 0; i < bytes; i += 64) __builtin_prefetch((const char *)p + i);
}

/* The largest value of a table entry, so that a sum of n / 4 of them fits 16 bits. */
static inline uint32_t graph_entry_max(size_t n)
{
    size_t most = n == 0 ? 255 : 65535 / (n / 4);
    return most < 255 ? (uint32_t)most : 255;
}

/* The step between levels over the root of the mean square of r, by planes: those that lose least
 * of a Gaussian (Max, IRE Trans. IT-6, 1960). */
static inline float graph_level(int planes)
{
    static const float LEVEL[GRAPH_PLANES_MAX + 1] = {0, 1.596F, 0.9957F, 0.586F, 0.3352F};
    return LEVEL[planes];
}

#endif
