/* rows_body.h - the loops of rows.h over vectors of ROWS_LANES floats; rows_avx2.c and
 * rows_avx512.c define the vec_ operations and include this. The query is loaded once for four
 * rows; their streams are prefetched one step ahead. A NaN in linf may vanish (max forgets it):
 * stored rows and queries have none. */
#ifndef FOVEA_SIMD_ROWS_BODY_H
#define FOVEA_SIMD_ROWS_BODY_H

enum { LINE_FLOATS = 16 }; /* of a cache line */

struct sums {
    vec a[SIMD_ROWS], b[SIMD_ROWS];
};

/* Adds what one place of the query and of a row gives to *a, and to *b when the kernel has two. */
typedef void term(vec *a, vec *b, vec q, vec x);

static inline __attribute__((always_inline)) void walk(
    struct sums *s, const struct simd_rows_in *in, term *add)
{
    for (int r = 0; r < SIMD_ROWS; r++) s->a[r] = s->b[r] = vec_zero();
    size_t i = 0;
    for (; i + ROWS_LANES <= in->dim; i += ROWS_LANES) {
        vec q = vec_load(in->query + i);
#pragma GCC unroll 4
        for (int r = 0; r < SIMD_ROWS; r++) {
            if (ROWS_LANES * r % LINE_FLOATS == 0)
                __builtin_prefetch(in->next + SIMD_ROWS * i + ROWS_LANES * r);
            add(&s->a[r], &s->b[r], q, vec_load(in->rows[r] + i));
        }
    }
    if (i == in->dim) return;
    vec q = lanes(in->query + i, in->dim - i);
    for (int r = 0; r < SIMD_ROWS; r++)
        add(&s->a[r], &s->b[r], q, lanes(in->rows[r] + i, in->dim - i));
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

static void dot(float out[SIMD_ROWS], float squares[SIMD_ROWS], const struct simd_rows_in *in)
{
    struct sums s;
    walk(&s, in, dot_term);
    sum4(out, s.a);
    sum4(squares, s.b);
}

static void l2sq(float out[SIMD_ROWS], const struct simd_rows_in *in)
{
    struct sums s;
    walk(&s, in, l2sq_term);
    sum4(out, s.a);
}

static void l1(float out[SIMD_ROWS], const struct simd_rows_in *in)
{
    struct sums s;
    walk(&s, in, l1_term);
    sum4(out, s.a);
}

static void linf(float out[SIMD_ROWS], const struct simd_rows_in *in)
{
    struct sums s;
    walk(&s, in, linf_term);
    for (int r = 0; r < SIMD_ROWS; r++) out[r] = vec_most(s.a[r]);
}

const struct simd_rows ROWS_TABLE = {.dot = dot, .l2sq = l2sq, .l1 = l1, .linf = linf};

#endif
