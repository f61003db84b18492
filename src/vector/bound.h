/* bound.h - one query against codes: how near a row may be at most, and what that takes.
 *
 * Distances turn into scores, "larger is nearer": the score of a row is <p, y> - half, where y is
 * the row as codes.c has it, p the query in the same space and half is |y|^2 / 2 for L2, else 0. A
 * row whose score can't reach the need of a distance is farther than it.
 */
#ifndef FOVEA_VECTOR_BOUND_H
#define FOVEA_VECTOR_BOUND_H

#include <math.h>

#include "simd/code.h"
#include "vector/codes.h"

struct vec_bound {
    const struct vec_codes *codes;
    int8_t *query; /* simd/code.h's form; the caller's, vec_bound_query_bytes, 64-byte aligned */
    float scale;   /* p^ = scale * query */
    double middle; /* 7.5 * the sum of query's bytes */
    double length; /* >= |p| */
    double per_length;    /* what a unit of a block's longest row adds to any score, at most */
    double base, guard;   /* of needs: bound.c */
    double absolute;      /* what underflow can take from a sum */
    const float *longest; /* by block */
    struct simd_code_bound compare; /* without its floor */
};

size_t vec_bound_query_bytes(int dim);
/* false: the query's lengths are out of what f32 sums can hold; scan the f32 rows. */
bool vec_bound_init(struct vec_bound *b, const struct vec_codes *c, const float *query);
/* The least score of a row whose metric_distance is at most this; -INFINITY when any may be. */
double vec_bound_need(const struct vec_bound *b, double distance);
/* The same for the kernels' comparison over a block. */
static inline struct simd_code_bound vec_bound_block(
    const struct vec_bound *b, double need, uint32_t block)
{
    struct simd_code_bound compare = b->compare;
    double least = need - b->per_length * (double)b->longest[block];
    compare.floor = (float)(least - fabs(least) * 0x1p-20 - b->absolute);
    return compare;
}

/* At most the score of a row, from the dot of its high nibbles; and of both. May be NaN or infinite
 * for rows that codes say nothing of. */
float vec_bound_score4(const struct vec_bound *b, uint32_t slot, int32_t dot);
double vec_bound_score8(const struct vec_bound *b, uint32_t slot, int32_t dot, int32_t dot_low);

#endif
