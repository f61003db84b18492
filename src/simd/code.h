/* code.h - dots of an int8 query with 4-bit codes, and the comparison that passes rows over.
 *
 * A unit is 8 dimensions in 4 bytes: byte m of unit u holds dimension 8u + m in its low nibble and
 * 8u + 4 + m in its high one (0..15, unsigned). A query for kernels is its "near" bytes (dimensions
 * 8u + m, at 4u + m) followed, SIMD_CODE_FAR(units) bytes on, by the "far" ones (8u + 4 + m); both
 * are padded with zeros to 64 bytes, so a kernel may read a code past its end (the caller leaves 64
 * readable bytes there) and what it reads counts nothing.
 *
 * A block is 64 rows, units apart: unit u has 4 lines of 64 bytes, line j holds the 4 bytes of rows
 * 16j .. 16j + 15 in turn. So a lane is a row, sums need no folding across lanes, and the query's 4
 * bytes are broadcast. (The row-per-lane form is that of fast-scan product quantisation, VLDB 2015,
 * with VNNI's four products a lane instead of a table.)
 */
#ifndef FOVEA_SIMD_CODE_H
#define FOVEA_SIMD_CODE_H

#include <stddef.h>
#include <stdint.h>

enum { SIMD_CODE_ROWS = 64, SIMD_CODE_DIM_MAX = 8192, SIMD_CODE_AHEAD = 16384 };
#define SIMD_CODE_UNITS(dim) (((size_t)(dim) + 7) / 8)
#define SIMD_CODE_FAR(units) (((size_t)(units)*4 + 63) / 64 * 64)
#define SIMD_CODE_BLOCK_BYTES(units) ((size_t)(units)*256)

/* What rows of a block are held against: a row is kept unless, in f32,
 * s * (scale * (dot - middle)) + e * reach < floor + half, where s and e are the upper and the
 * lower half of its head, read as bf16, and half is 0 where there is none. A NaN keeps the row. */
struct simd_code_bound {
    float middle, scale, reach, floor;
};

struct simd_code {
    /* out[64 i + r] = sum over dimensions of row r's nibble times query i's byte, exactly. count is
     * at most 4; nibble * byte sums fit 32 bits up to SIMD_CODE_DIM_MAX. Fetches as many bytes from
     * SIMD_CODE_AHEAD on, where the next blocks are when all are read. */
    void (*dots)(
        int32_t *out, const uint8_t *block, const int8_t *const *queries, int count, size_t units);
    /* A bit per kept row of the block. half may be NULL. */
    uint64_t (*keep)(const struct simd_code_bound *b, const int32_t *dots, const uint32_t *heads,
        const float *half);
    /* The dot of one row whose units follow one another. */
    int32_t (*row)(const uint8_t *code, const int8_t *query, size_t units);
    const char *name;
};

/* The kernels for cpu_get(); a look at a few flags. */
const struct simd_code *simd_code_get(void);

extern const struct simd_code simd_code_base; /* the specification */
#if defined(__x86_64__)
extern const struct simd_code simd_code_avx2;
extern const struct simd_code simd_code_avxvnni;
extern const struct simd_code simd_code_avx512; /* needs VNNI */
#endif

#endif
