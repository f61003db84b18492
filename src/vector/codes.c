/* codes.c - see codes.h. Rows on two grids of 16 levels, one for the row and one for what the first
 * leaves over.
 *
 *   y  = x - c               L2 and inner product; c is the centre, an f32 vector
 *   y  = x / |x| - c         cosine
 *   y4 = s (h - 7.5)         h in 0..15, the high nibble; s a bf16
 *   y8 = y4 + z (l - 7.5)    l in 0..15, the low nibble; z a bf16
 *   e4 = |y - y4|, e8 = |y - y8|, each rounded up to a bf16
 *
 * s is the best of some clipped ranges, then the least-squares scale of its codes; as s is rounded
 * before the residual is measured, its rounding costs nothing in truth.
 *
 * Sections, all little-endian; rows64 is rows rounded up to 64, a unit is 8 dimensions:
 *   CENTRE  64 bytes: u32 version (1), zeros; then f32 x dim
 *   HIGH    blocks of 64 rows of units as simd/code.h lays them out: 256 bytes a unit
 *   LOW     row after row: u32 (z << 16 | e8), then 4 bytes a unit; 64 zero bytes behind the last
 *   HEADS   u32 x rows64 (s << 16 | e4); f32 x rows64: |y|^2 / 2 rounded down (0 but for L2);
 *           f32 x rows64/64: the largest |y| + |y - y4| of a block, rounded up
 *
 * A row whose f32 distances may overflow, or underflow under cosine (its length is out of
 * [1e-10, 1e18]; the lower end for cosine only), has s = 0 and e = infinity: no bound passes it
 * over, and its f32 vector decides. It does not count in the centre or in a block's longest.
 *
 * Rounding. Everything here is computed in double: a sum of dim <= 4096 terms is off by less than
 * 4096 * 2^-53 < 1e-12 of its terms' magnitudes, so each length is stored (1 + 1e-9) larger plus
 * 1e-9 of |y| (and 1e-11 under cosine, where y is what a unit vector and c leave), and the half
 * square 1e-6 of itself smaller. bound.c adds the query's side.
 */
#include "vector/codes.h"

#include <math.h>
#include <string.h>

#include "simd/code.h"
#include "simd/grid.h"
#include "vector/codes_parts.h"

enum { CENTRE_ROWS_MAX = 65536 }; /* more rows move a mean by less than its rounding matters */

bool vec_codes_have(enum metric m)
{
    return m == METRIC_COSINE || m == METRIC_L2 || m == METRIC_IP;
}

static size_t rows64(uint32_t rows)
{
    return ((size_t)rows + 63) / 64 * 64;
}

size_t vec_codes_bytes(enum vec_codes_part part, int dim, uint32_t rows)
{
    size_t units = SIMD_CODE_UNITS(dim), padded = rows64(rows);
    switch (part) {
    case VEC_CODES_CENTRE: return CODES_CENTRE_HEAD + (size_t)dim * sizeof(float);
    case VEC_CODES_HIGH: return padded / 64 * SIMD_CODE_BLOCK_BYTES(units);
    case VEC_CODES_LOW: return padded * CODES_LOW_BYTES(units) + 64;
    case VEC_CODES_HEADS: return padded * 8 + padded / 64 * 4;
    case VEC_CODES_PARTS: break;
    }
    return 0;
}

/* --- rounding --------------------------------------------------------------------------------- */

static uint32_t float_bits(float f)
{
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    return bits;
}

static float float_up(double d)
{
    float f = (float)d;
    return (double)f < d ? nextafterf(f, INFINITY) : f;
}

/* The least bf16 that is not below d >= 0. */
static uint32_t bf16_up(double d)
{
    return (float_bits(float_up(d)) + 0xffffU) >> 16;
}

/* The nearest bf16 of a scale; too small a one to divide by is 0. */
static uint32_t bf16_scale(float s)
{
    return s < 1e-30F ? 0 : (float_bits(s) + 0x7fffU) >> 16;
}

/* --- the grid --------------------------------------------------------------------------------- */

struct grid {
    uint32_t scale; /* a bf16 */
    double error;   /* squared, as the search saw it */
};

static void grid_try(
    const struct simd_grid *g, struct grid *best, const float *y, int dim, float scale)
{
    uint32_t bits = bf16_scale(scale);
    double error = g->error(y, (size_t)dim, codes_upper(bits << 16));
    if (error < best->error) *best = (struct grid){bits, error};
}

/* A scale that leaves little over, as a bf16. */
static uint32_t grid_search(const struct simd_grid *g, const float *y, int dim)
{
    static const float RANGES[] = {1, 0.9F, 0.8F, 0.7F, 0.6F, 0.5F, 0.4F};
    float most = 0;
    for (int i = 0; i < dim; i++) most = fabsf(y[i]) > most ? fabsf(y[i]) : most;
    struct grid best = {.scale = 0, .error = g->error(y, (size_t)dim, 0)};
    if (most == 0) return 0;
    for (size_t i = 0; i < sizeof RANGES / sizeof *RANGES; i++)
        grid_try(g, &best, y, dim, most / 7.5F * RANGES[i]);
    grid_try(g, &best, y, dim, g->fit(y, (size_t)dim, codes_upper(best.scale << 16)));
    return best.scale;
}

/* --- a row ------------------------------------------------------------------------------------ */

struct row {
    double y[VEC_DIM_MAX]; /* then what is left over */
    float near[VEC_DIM_MAX];
    uint8_t code[VEC_DIM_MAX + 8];
    double length, square;
};

/* Fills y; false: a row to be flagged. */
static bool row_read(struct row *r, const struct vec_codes *c, const float *x)
{
    const float *centre = codes_centre(c);
    double square = 0;
    for (int i = 0; i < c->dim; i++) square += (double)x[i] * (double)x[i];
    double length = sqrt(square), by = 1;
    if (!(length <= CODES_LENGTH_MAX)) return false;
    if (c->metric == METRIC_COSINE) {
        if (length < CODES_LENGTH_MIN) return false;
        by = 1 / length;
    }
    r->square = 0;
    for (int i = 0; i < c->dim; i++) {
        r->y[i] = (double)x[i] * by - (double)centre[i];
        r->square += r->y[i] * r->y[i];
    }
    r->length = sqrt(r->square);
    return true;
}

/* Codes what y holds and leaves the rest in it. Returns the scale's bf16. */
static uint32_t row_code(struct row *r, int dim, double *left)
{
    const struct simd_grid *g = simd_grid_get(cpu_get()->isa);
    for (int i = 0; i < dim; i++) r->near[i] = (float)r->y[i];
    uint32_t bits = grid_search(g, r->near, dim);
    *left = sqrt(g->code(r->code, r->y, (size_t)dim, codes_upper(bits << 16)));
    return bits;
}

static void units_write(uint8_t *to, size_t stride, const struct row *r, size_t units)
{
    for (size_t u = 0; u < units; u++, to += stride)
        for (size_t m = 0; m < 4; m++)
            to[m] = (uint8_t)(r->code[8 * u + m] | r->code[8 * u + 4 + m] << 4);
}

static void row_flag(struct vec_codes *c, uint32_t slot)
{
    size_t units = SIMD_CODE_UNITS(c->dim);
    const struct row *zero = &(const struct row){0};
    uint32_t head = float_bits(INFINITY) >> 16;
    units_write(codes_high(c, slot), 256, zero, units);
    uint8_t *low = codes_low(c, slot);
    memcpy(low, &head, 4);
    memset(low + 4, 0, units * 4);
    codes_heads(c)[slot] = head;
    codes_halves(c)[slot] = 0;
}

static void row_encode(struct vec_codes *c, struct row *r, const float *x, uint32_t slot)
{
    float *longest = codes_longest(c) + slot / 64;
    if (slot % 64 == 0) *longest = 0;
    if (!row_read(r, c, x)) {
        row_flag(c, slot);
        return;
    }
    size_t units = SIMD_CODE_UNITS(c->dim);
    double slack = 1e-9 * r->length + (c->metric == METRIC_COSINE ? 1e-11 : 0), e4, e8;
    memset(r->code, 0, units * 8);
    uint32_t s = row_code(r, c->dim, &e4);
    units_write(codes_high(c, slot), 256, r, units);
    uint32_t z = row_code(r, c->dim, &e8);
    uint8_t *low = codes_low(c, slot);
    units_write(low + 4, 4, r, units);
    uint32_t head = z << 16 | bf16_up(e8 * (1 + 1e-9) + slack);
    memcpy(low, &head, 4);
    codes_heads(c)[slot] = s << 16 | bf16_up(e4 * (1 + 1e-9) + slack);
    double half = c->metric == METRIC_L2 ? r->square * 0.5 * (1 - 1e-6) : 0;
    codes_halves(c)[slot] = -float_up(-half);
    float length = float_up((r->length + e4) * (1 + 1e-6)); /* >= |y|, |y4| */
    if (length > *longest) *longest = length;
}

void vec_codes_encode(
    struct vec_codes *c, const struct vec_set *set, uint32_t first, uint32_t count)
{
    struct row r;
    for (uint32_t i = 0; i < count; i++)
        row_encode(c, &r, set->full + (size_t)(first + i) * (size_t)set->dim, first + i);
}

void vec_codes_centre(struct vec_codes *c, const struct vec_set *set, const struct run *run)
{
    (void)run;
    uint8_t *head = c->part[VEC_CODES_CENTRE];
    memset(head, 0, vec_codes_bytes(VEC_CODES_CENTRE, c->dim, 0));
    memcpy(head, &(uint32_t){CODES_VERSION}, 4);
    struct row r;
    double sum[VEC_DIM_MAX] = {0};
    uint32_t step = set->rows / CENTRE_ROWS_MAX + 1, used = 0;
    for (uint32_t slot = 0; slot < set->rows; slot += step) {
        if (!row_read(&r, c, set->full + (size_t)slot * (size_t)set->dim)) continue; /* centre: 0 */
        for (int i = 0; i < c->dim; i++) sum[i] += r.y[i];
        used++;
    }
    float *centre = codes_centre(c);
    for (int i = 0; i < c->dim && used > 0; i++) centre[i] = (float)(sum[i] / used);
}

enum status vec_codes_check(const struct vec_codes *c, struct err *e)
{
    if (!vec_codes_have(c->metric))
        return err_set(e, ST_CORRUPT, "codes of metric %d, which has none", (int)c->metric);
    if (c->dim < 1 || c->dim > VEC_DIM_MAX)
        return err_set(e, ST_CORRUPT, "codes of %d dimensions", c->dim);
    if (c->rows > VEC_ROWS_MAX)
        return err_set(e, ST_CORRUPT, "codes of %u rows", (unsigned)c->rows);
    uint32_t version;
    memcpy(&version, c->part[VEC_CODES_CENTRE], 4);
    if (version != CODES_VERSION)
        return err_set(e, ST_CORRUPT, "codes of version %u, not %d", version, CODES_VERSION);
    const float *centre = codes_centre(c);
    for (int i = 0; i < c->dim; i++)
        if (!isfinite(centre[i])) return err_set(e, ST_CORRUPT, "the codes' centre is not finite");
    return ST_OK;
}
