/* rows_body.h - the loops of rows.h over vectors of ROWS_LANES floats; rows_avx2.c and
 * rows_avx512.c define the vec_ operations and include this.
 *
 * Rows are read one after the other, so that memory sees one stream in the order of addresses (four
 * streams in step get 0.84 of the bandwidth, one 0.97); what their sums have in common, the fold
 * across lanes, is done for four at once. A NaN in linf may vanish (max forgets it): stored rows
 * and queries have none. */
#ifndef FOVEA_SIMD_ROWS_BODY_H
#define FOVEA_SIMD_ROWS_BODY_H

enum {
    LINE_FLOATS = 16, /* of a cache line */
    PAIR = 2 * ROWS_LANES
};

struct sums {
    vec a[SIMD_ROWS], b[SIMD_ROWS];
};

/* Adds what one place of the query and of a row gives to *a, and to *b when the kernel has two. */
typedef void term(vec *a, vec *b, vec q, vec x);
/* Puts two such together. */
typedef vec both(vec a, vec b);

static inline __attribute__((always_inline)) void walk_row(
    struct sums *s, const struct simd_rows_in *in, uint32_t at, term *add, both *join)
{
    const float *x = in->full + (size_t)in->slots[at] * in->dim, *q = in->query;
    const float *next = in->full + (size_t)in->slots[at + in->ahead] * in->dim;
    vec a[2] = {vec_zero(), vec_zero()}, b[2] = {vec_zero(), vec_zero()};
    size_t i = 0;
    for (; i + PAIR <= in->dim; i += PAIR) {
        for (size_t line = 0; line < PAIR; line += LINE_FLOATS) __builtin_prefetch(next + i + line);
        add(&a[0], &b[0], vec_load(q + i), vec_load(x + i));
        add(&a[1], &b[1], vec_load(q + i + ROWS_LANES), vec_load(x + i + ROWS_LANES));
    }
    if (i < in->dim) {
        size_t left = in->dim - i, first = left < ROWS_LANES ? left : ROWS_LANES;
        __builtin_prefetch(next + i);
        __builtin_prefetch(next + in->dim - 1);
        add(&a[0], &b[0], lanes(q + i, first), lanes(x + i, first));
        if (left > first)
            add(&a[1], &b[1], lanes(q + i + first, left - first),
                lanes(x + i + first, left - first));
    }
    s->a[at % SIMD_ROWS] = join(a[0], a[1]);
    s->b[at % SIMD_ROWS] = join(b[0], b[1]);
}

/* Four rows from slots[at] on. */
static inline __attribute__((always_inline)) void walk(
    struct sums *s, const struct simd_rows_in *in, uint32_t at, term *add, both *join)
{
#pragma GCC unroll 1
    for (uint32_t r = 0; r < SIMD_ROWS; r++) walk_row(s, in, at + r, add, join);
}

static inline vec join_sum(vec a, vec b)
{
    return vec_add(a, b);
}

static inline vec join_most(vec a, vec b)
{
    return vec_max(a, b);
}

static inline void dot_term(vec *a, vec *b, vec q, vec x)
{
    *a = vec_fma(q, x, *a);
    *b = vec_fma(x, x, *b);
}

static inline void l2sq_term(vec *a, vec *b, vec q, vec x)
{
    (void)b;
    vec d = vec_sub(q, x);
    *a = vec_fma(d, d, *a);
}

static inline void l1_term(vec *a, vec *b, vec q, vec x)
{
    (void)b;
    *a = vec_add(*a, vec_abs(vec_sub(q, x)));
}

static inline void linf_term(vec *a, vec *b, vec q, vec x)
{
    (void)b;
    *a = vec_max(*a, vec_abs(vec_sub(q, x)));
}

static void dot(float *out, float *squares, const struct simd_rows_in *in)
{
    struct sums s;
    for (uint32_t i = 0; i < in->count; i += SIMD_ROWS) {
        walk(&s, in, i, dot_term, join_sum);
        sum4(out + i, s.a);
        sum4(squares + i, s.b);
    }
}

static void l2sq(float *out, const struct simd_rows_in *in)
{
    struct sums s;
    for (uint32_t i = 0; i < in->count; i += SIMD_ROWS) {
        walk(&s, in, i, l2sq_term, join_sum);
        sum4(out + i, s.a);
    }
}

static void l1(float *out, const struct simd_rows_in *in)
{
    struct sums s;
    for (uint32_t i = 0; i < in->count; i += SIMD_ROWS) {
        walk(&s, in, i, l1_term, join_sum);
        sum4(out + i, s.a);
    }
}

static void linf(float *out, const struct simd_rows_in *in)
{
    struct sums s;
    for (uint32_t i = 0; i < in->count; i += SIMD_ROWS) {
        walk(&s, in, i, linf_term, join_most);
        for (int r = 0; r < SIMD_ROWS; r++) out[i + (uint32_t)r] = vec_most(s.a[r]);
    }
}

const struct simd_rows ROWS_TABLE = {.dot = dot, .l2sq = l2sq, .l1 = l1, .linf = linf};

#endif
