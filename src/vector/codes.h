/* codes.h - 4-bit and 8-bit codes of vectors, with a bound on what they leave out.
 *
 * Per row the nearest code x^ on a grid around the set's centre, the length of what is left over
 * (e = |x - x^|, at 4 and at 8 bits) and what the metric needs. By Cauchy-Schwarz
 * |<q,x> - <q^,x^>| <= |q| e + |q - q^| |x^|, so a row whose bound is farther than the k-th hit is
 * proved not to be one without reading its f32 vector. The high nibbles lie apart from the low
 * ones: most rows are settled by reading dim / 2 bytes. L1 and L-infinity have no codes.
 *
 * Codes are plain memory in sections, so that a file (file.h) can hold and map them; nothing in
 * them is a pointer.
 */
#ifndef FOVEA_VECTOR_CODES_H
#define FOVEA_VECTOR_CODES_H

#include "vector/set.h"

/* The parts of encoded rows; the order is the file's. codes.c says what each holds, to the byte. */
enum vec_codes_part {
    VEC_CODES_CENTRE, /* f32 x dim: subtracted before coding */
    VEC_CODES_HIGH,   /* high nibbles */
    VEC_CODES_LOW,    /* low nibbles */
    VEC_CODES_HEADS,  /* per row: scale, residual's length, half its square */
    VEC_CODES_PARTS
};

struct vec_codes {
    enum metric metric;
    int dim;
    uint32_t rows;
    void *part[VEC_CODES_PARTS]; /* 64-byte aligned; written by encode only */
};

bool vec_codes_have(enum metric m); /* cosine, L2, inner product */
/* Bytes of a part for that many rows (rows are padded to whole blocks; the padding is zero). */
size_t vec_codes_bytes(enum vec_codes_part part, int dim, uint32_t rows);
/* Sets the centre from the rows (their mean; for cosine, of the unit vectors). Deterministic. */
void vec_codes_centre(struct vec_codes *c, const struct vec_set *set, const struct run *run);
/* Encodes slots [first, first + count); first is a multiple of VEC_CODES_BLOCK, or the slots before
 * it were encoded. Any split of the rows, on any number of threads, gives the same bytes when
 * blocks are not shared. */
enum { VEC_CODES_BLOCK = 64 };
void vec_codes_encode(
    struct vec_codes *c, const struct vec_set *set, uint32_t first, uint32_t count);
/* Whether sections read from a file can be scanned safely (finite heads, no length that lies); it
 * is about memory safety, checksums are about truth. */
NODISCARD enum status vec_codes_check(const struct vec_codes *c, struct err *e);

#endif
