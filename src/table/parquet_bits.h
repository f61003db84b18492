/* parquet_bits.h - Parquet's packed integers: the RLE/bit-packed hybrid and DELTA_BINARY_PACKED.
 *
 * Hybrid: runs, each a varint h and then, when h is odd, h >> 1 groups of eight values of width
 * bits, lowest bits first; else one value in whole bytes that counts h >> 1 times.
 * Delta: block size, miniblocks a block, count (varints) and the first value (zigzag); each block
 * is its smallest delta (zigzag), a byte of width for each miniblock, the miniblocks packed.
 */
#ifndef FOVEA_TABLE_PARQUET_BITS_H
#define FOVEA_TABLE_PARQUET_BITS_H

#include "table/thrift.h"

struct rle {
    struct thrift t;      /* the bytes; varints as in Thrift */
    int width;            /* 0..32 */
    uint32_t value;       /* of a run */
    uint64_t run, packed; /* values left of the one or the other */
    const uint8_t *bits;  /* packed values' bytes */
    uint64_t bit;         /* the next one */
};

void rle_init(struct rle *r, const uint8_t *data, size_t bytes, int width);
/* The next count values; false when the bytes end before. */
bool rle_get(struct rle *r, uint32_t *out, size_t count);

struct delta {
    struct thrift t; /* p: behind what was read, once all values were taken */
    uint64_t left;   /* values; as the header says it */
    uint32_t per_mini, minis;
    uint32_t mini, in_mini; /* which; values left of it */
    const uint8_t *widths, *bits;
    uint64_t bit;
    uint64_t least, last; /* modulo 2^64 */
    bool first;
};

bool delta_init(struct delta *d, const uint8_t *data, size_t bytes);
bool delta_get(struct delta *d, int64_t *out, size_t count);

#endif
