/* bound.c - see bound.h.
 *
 * With p^ = t b (b int8) the query's code, r = y - y4 what a row's code leaves over:
 *   <p,y> = <p^,y4> + <p - p^, y4> + <p, r>  <=  t s (D - 7.5 B) + |p - p^| |y4| + |p| e4
 * by Cauchy-Schwarz, D the integer dot of kernels, B the sum of b. The same with y8 and e8.
 *
 * A row with metric_distance <= d has in real numbers (x the row, q the query)
 *   cosine  <q/|q|, x/|x|> >= 1 - d - 3g          p = q/|q|;  minus <p, c>
 *   inner   <q, x> >= -d - g |q||x| - a           p = q;      minus <q, c>, |x| <= |c| + |y|
 *   L2      |q-x|^2 <= (d^2 + a)(1 + 2g)          p = q - c;  2 <p,y> - |y|^2 >= |p|^2 - that
 * where g = (dim + 16) 2^-24 is more than the relative error of a sum of dim products of f32 in any
 * order (Higham, Accuracy and Stability, 3.1: n u / (1 - n u), u = 2^-24, three roundings a term
 * for L2; n u <= 2.5e-4, and the 16 hold the rest), and a = (dim + 16) 2^-125 more than what
 * underflow can take from it, even where subnormal numbers are flushed. Rows and queries whose
 * lengths would overflow f32 sums of squares are left to f32 (codes.c flags them), as are those
 * under cosine for which a is not far below g |x|^2. A distance of 1 - d in double adds 1e-15.
 *
 * Rounding of the comparison itself. In simd_code.keep D and 7.5 B are exact in f32 (below 2^23 for
 * halves), each side has at most five roundings of 2^-24: reach is |p| (1 + 2^-20), |y4||p^| 2^-20
 * goes with the block's longest row, |floor| 2^-20 with the floor, half was stored 1e-6 smaller.
 * Products of tiny numbers may vanish: a is taken from the floor as well. All else is in double,
 * where 1e-9 of a term is a million times what it can be off by.
 */
#include "vector/bound.h"

#include <math.h>
#include <string.h>

#include "vector/codes_parts.h"

static const double TINY = 0x1p-20, ROOM = 1e-9;

size_t vec_bound_query_bytes(int dim)
{
    return 2 * SIMD_CODE_FAR(SIMD_CODE_UNITS(dim));
}

static double f32_relative(int dim)
{
    return (dim + 16) * 0x1p-24;
}

static double f32_absolute(int dim)
{
    return (dim + 16) * 0x1p-125;
}

/* p in double, and its largest magnitude. */
static double query_space(
    double *p, const struct vec_codes *c, const float *query, double query_length)
{
    const float *centre = codes_centre(c);
    double by = c->metric == METRIC_COSINE ? 1 / query_length : 1, most = 0;
    for (int i = 0; i < c->dim; i++) {
        p[i] = (double)query[i] * by - (c->metric == METRIC_L2 ? (double)centre[i] : 0);
        most = fmax(most, fabs(p[i]));
    }
    return most;
}

/* Fills query and middle; returns |p - p^|. */
static double query_code(struct vec_bound *b, const double *p, double most)
{
    int dim = b->codes->dim;
    size_t units = SIMD_CODE_UNITS(dim);
    memset(b->query, 0, vec_bound_query_bytes(dim));
    b->scale = most > 1e-30 ? (float)(most / 127) : 0;
    double square = 0, sum = 0;
    for (int i = 0; i < dim; i++) {
        double at = b->scale > 0 ? rint(p[i] / (double)b->scale) : 0;
        at = at > 127 ? 127 : at < -127 ? -127 : at;
        size_t far = i % 8 >= 4 ? SIMD_CODE_FAR(units) : 0;
        b->query[far + (size_t)(i / 8 * 4 + i % 4)] = (int8_t)at;
        double left = p[i] - (double)b->scale * at;
        square += left * left;
        sum += at;
    }
    b->middle = 7.5 * sum;
    return sqrt(square);
}

bool vec_bound_init(struct vec_bound *b, const struct vec_codes *c, const float *query)
{
    double p[VEC_DIM_MAX], query_square = 0, p_square = 0, with_centre = 0, centre_square = 0;
    const float *centre = codes_centre(c);
    b->codes = c;
    for (int i = 0; i < c->dim; i++) {
        query_square += (double)query[i] * (double)query[i];
        centre_square += (double)centre[i] * (double)centre[i];
    }
    double query_length = sqrt(query_square), g = f32_relative(c->dim), a = f32_absolute(c->dim);
    if (!(query_length <= CODES_LENGTH_MAX)) return false;
    if (c->metric == METRIC_COSINE && query_length < CODES_LENGTH_MIN) return false;
    double most = query_space(p, c, query, query_length);
    for (int i = 0; i < c->dim; i++) {
        p_square += p[i] * p[i];
        with_centre += p[i] * (double)centre[i];
    }
    double missed = query_code(b, p, most), centre_length = sqrt(centre_square);
    b->length = sqrt(p_square) * (1 + ROOM) + 1e-30; /* never 0: an infinite e stays infinite */
    b->per_length = (missed + TINY * (b->length + missed)) * (1 + ROOM) + ROOM * b->length;
    b->absolute = a;
    b->longest = codes_longest(c);
    b->compare = (struct simd_code_bound){
        .middle = (float)b->middle, .scale = b->scale, .reach = (float)(b->length * (1 + TINY))};
    double near = ROOM * b->length * centre_length; /* of with_centre */
    switch (c->metric) {
    case METRIC_COSINE:
        b->base = 1 - with_centre - near - 3 * g - 1e-12;
        b->guard = 0;
        break;
    case METRIC_IP:
        b->base = -with_centre - near - g * query_length * centre_length * (1 + ROOM);
        b->guard = a;
        b->per_length += g * query_length * (1 + ROOM);
        break;
    default: /* L2 */
        b->base = p_square * (1 - ROOM) / 2;
        b->guard = a;
        break;
    }
    return true;
}

double vec_bound_need(const struct vec_bound *b, double distance)
{
    const struct vec_codes *c = b->codes;
    if (distance == INFINITY) return -INFINITY;
    if (c->metric != METRIC_L2) return b->base - distance - fabs(distance) * 1e-12 - b->guard;
    double g = f32_relative(c->dim), square = distance < 0 ? 0 : distance * distance;
    return b->base - (square * (1 + 1e-12) + b->guard) * (1 + 2 * g) / 2;
}

/* Read under L2 only: elsewhere it is 0, and a cache line nobody else wants. */
static double half_of(const struct vec_codes *c, uint32_t slot)
{
    return c->metric == METRIC_L2 ? (double)codes_halves(c)[slot] : 0;
}

float vec_bound_score4(const struct vec_bound *b, uint32_t slot, int32_t dot)
{
    uint32_t head = codes_heads(b->codes)[slot];
    double score = (double)codes_upper(head) * (double)b->scale * (dot - b->middle) +
        (double)codes_lower(head) * b->length - half_of(b->codes, slot) +
        b->per_length * (double)codes_longest(b->codes)[slot / 64];
    return (float)(score + fabs(score) * TINY + 0x1p-126); /* whichever way it rounds */
}

double vec_bound_score8(const struct vec_bound *b, uint32_t slot, int32_t dot, int32_t dot_low)
{
    uint32_t head = codes_heads(b->codes)[slot], low;
    memcpy(&low, codes_low(b->codes, slot), 4);
    double sum = (double)codes_upper(head) * (dot - b->middle) +
        (double)codes_upper(low) * (dot_low - b->middle);
    double e8 = (double)codes_lower(low), half = half_of(b->codes, slot);
    double longest = (double)codes_longest(b->codes)[slot / 64] + e8;
    double score = (double)b->scale * sum + e8 * b->length + b->per_length * longest - half;
    return score + fabs(half) * ROOM;
}
