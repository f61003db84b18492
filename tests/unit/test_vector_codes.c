/* test_vector_codes.c - the chain of the proof link by link, in long double: a row's true score is
 * at most what its codes say, the need of its own distance is at most its score, the kernels keep
 * it; and codes are as tight as they should be and the same bytes whoever makes them. */
#include "test.h"

#include <math.h>

#include "base/mem.h"
#include "vector/bound.h"
#include "vector/codes_parts.h"

enum { ROWS = 192, DIM_MAX = 300 };

static float full[ROWS * DIM_MAX];

static double uniform(uint64_t *seed)
{
    return (double)(int64_t)test_random(seed) / 9.3e18;
}

/* How rows look: 0 uniform, 1 heavy tails, 2 one-hot, 3 far from the origin, 4 lengths of any size,
 * 5 all but equal, 6 all equal, 7 tiny, 8 large */
enum { KINDS = 9 };

static void rows_make(int dim, int kind, uint64_t *seed)
{
    for (size_t r = 0; r < ROWS; r++) {
        size_t hot = (size_t)(test_random(seed) % (uint64_t)dim);
        double scale = kind == 4 ? pow(10, 17 * uniform(seed)) : kind == 7 ? 1e-19 : 1;
        if (kind == 8) scale = 1e16;
        for (size_t i = 0; i < (size_t)dim; i++) {
            double v = uniform(seed);
            if (kind == 1) v /= fabs(uniform(seed)) + 0.02;
            if (kind == 2) v = i == hot;
            if (kind == 3) v = 5000 + v;
            if (kind == 5) v = 1 + 1e-6 * v;
            if (kind == 6) v = 0.25;
            full[r * (size_t)dim + i] = (float)(v * scale);
        }
    }
}

static void codes_open(struct vec_codes *c, enum metric m, int dim)
{
    *c = (struct vec_codes){.metric = m, .dim = dim, .rows = ROWS};
    for (int p = 0; p < VEC_CODES_PARTS; p++) {
        size_t bytes = vec_codes_bytes((enum vec_codes_part)p, dim, ROWS);
        c->part[p] = mem_alloc_aligned(bytes);
        assert_non_null(c->part[p]);
        memset(c->part[p], 0, bytes);
    }
}

static void codes_close(struct vec_codes *c)
{
    for (int p = 0; p < VEC_CODES_PARTS; p++) mem_free_aligned(c->part[p]);
}

static long double length_of(const float *x, int dim)
{
    long double sum = 0;
    for (int i = 0; i < dim; i++) sum += (long double)x[i] * (long double)x[i];
    return sqrtl(sum);
}

/* <p, y> - half in the real numbers, as bound.h defines it. */
static long double true_score(const struct vec_codes *c, const float *q, const float *x)
{
    const float *centre = codes_centre(c);
    long double sum = 0, square = 0, ql = 1, xl = 1;
    if (c->metric == METRIC_COSINE) {
        ql = length_of(q, c->dim);
        xl = length_of(x, c->dim);
    }
    for (int i = 0; i < c->dim; i++) {
        long double y = (long double)x[i] / xl - (long double)centre[i];
        long double p = (long double)q[i] / ql;
        if (c->metric == METRIC_L2) p -= (long double)centre[i];
        sum += p * y;
        square += y * y;
    }
    return c->metric == METRIC_L2 ? sum - square / 2 : sum;
}

struct dots {
    int32_t high[ROWS], low[ROWS];
};

static void dots_read(struct dots *d, const struct vec_codes *c, const struct vec_bound *b)
{
    const struct simd_code *k = simd_code_get();
    const int8_t *query = b->query;
    size_t units = SIMD_CODE_UNITS(c->dim);
    for (uint32_t block = 0; block < ROWS / 64; block++)
        k->dots(d->high + block * 64, codes_block(c, block), &query, 1, units);
    for (uint32_t slot = 0; slot < ROWS; slot++)
        d->low[slot] = k->row(codes_low(c, slot) + 4, query, units);
}

static bool kept(const struct vec_bound *b, const struct dots *d, uint32_t slot, double need)
{
    const struct vec_codes *c = b->codes;
    uint32_t block = slot / 64;
    struct simd_code_bound bound = vec_bound_block(b, need, block);
    const float *halves = c->metric == METRIC_L2 ? codes_halves(c) + (size_t)block * 64 : NULL;
    uint64_t bits = simd_code_get()->keep(
        &bound, d->high + block * 64, codes_heads(c) + (size_t)block * 64, halves);
    return (bits >> slot % 64 & 1) != 0;
}

static void links_check(const struct vec_codes *c, const float *q, int8_t *room, int kind)
{
    static struct dots d;
    struct vec_bound b = {.query = room};
    if (!vec_bound_init(&b, c, q)) return;
    dots_read(&d, c, &b);
    for (uint32_t slot = 0; slot < ROWS; slot++) {
        const float *x = full + (size_t)slot * (size_t)c->dim;
        if (isinf(codes_lower(codes_heads(c)[slot]))) {
            assert_true(kept(&b, &d, slot, 1e30)); /* flagged: never passed over */
            continue;
        }
        long double score = true_score(c, q, x);
        double at4 = (double)vec_bound_score4(&b, slot, d.high[slot]);
        double at8 = vec_bound_score8(&b, slot, d.high[slot], d.low[slot]);
        double own = metric_distance(c->metric, q, x, (size_t)c->dim);
        double need = vec_bound_need(&b, own), room8 = 0;
        /* inner product: what f32 may be off by grows with the row and is counted there */
        if (c->metric == METRIC_IP) room8 = b.per_length * (double)codes_longest(c)[slot / 64];
        if (at4 < score || at8 < score || need > score + room8 || at8 < need ||
            !kept(&b, &d, slot, fmax(need, (double)score)))
            fail_msg(
                "%s dim %d kind %d slot %u: score %.17Lg, by codes %.17g and %.17g, need %.17g",
                metric_name(c->metric), c->dim, kind, slot, score, at4, at8, need);
    }
}

static void test_no_link_gives(void **state)
{
    (void)state;
    static const int DIMS[] = {1, 2, 7, 8, 9, 31, 64, 100, 127, 300};
    uint64_t seed = 51;
    int8_t *room = mem_alloc_aligned(vec_bound_query_bytes(DIM_MAX));
    assert_non_null(room);
    for (int m = METRIC_COSINE; m <= METRIC_IP; m++)
        for (int kind = 0; kind < KINDS; kind++)
            for (size_t i = 0; i < sizeof DIMS / sizeof *DIMS; i++) {
                int dim = DIMS[i];
                struct vec_codes c;
                rows_make(dim, kind, &seed);
                struct vec_set set = {
                    .metric = (enum metric)m, .dim = dim, .rows = ROWS, .full = full};
                codes_open(&c, (enum metric)m, dim);
                vec_codes_centre(&c, &set, NULL);
                vec_codes_encode(&c, &set, 0, ROWS);
                for (int q = 0; q < 6; q++) {
                    float query[DIM_MAX];
                    memcpy(query, full + (size_t)q * 17 * (size_t)dim, sizeof *query * (size_t)dim);
                    for (int j = 0; q % 2 == 1 && j < dim; j++)
                        query[j] *= (float)(1 + 0.3 * uniform(&seed));
                    if (q == 4) memcpy(query, codes_centre(&c), sizeof *query * (size_t)dim);
                    links_check(&c, query, room, kind);
                }
                codes_close(&c);
            }
    mem_free_aligned(room);
}

/* Whatever the split and the kernels, the same bytes. */
static void test_same_bytes(void **state)
{
    (void)state;
    uint64_t seed = 52;
    struct vec_codes a, b;
    rows_make(100, 1, &seed);
    struct vec_set set = {.metric = METRIC_L2, .dim = 100, .rows = ROWS, .full = full};
    codes_open(&a, METRIC_L2, 100);
    codes_open(&b, METRIC_L2, 100);
    for (int isa = CPU_BASE; isa <= (int)cpu_get()->found; isa++) {
        cpu_force((enum cpu_isa)isa);
        struct vec_codes *c = isa == CPU_BASE ? &a : &b;
        uint32_t cut = isa == CPU_BASE ? 0 : 64 + (uint32_t)isa;
        vec_codes_centre(c, &set, NULL);
        vec_codes_encode(c, &set, 0, cut);
        vec_codes_encode(c, &set, cut, ROWS - cut);
        for (int p = 0; p < VEC_CODES_PARTS; p++)
            assert_memory_equal(
                a.part[p], c->part[p], vec_codes_bytes((enum vec_codes_part)p, 100, ROWS));
    }
    cpu_force(cpu_get()->found);
    codes_close(&a);
    codes_close(&b);
}

/* 16 levels leave about a ninth of a bell curve's length; of what they leave, a tenth. */
static void test_codes_are_tight(void **state)
{
    (void)state;
    uint64_t seed = 53;
    struct vec_codes c;
    for (size_t i = 0; i < ROWS * 128; i++) {
        double sum = 0;
        for (int j = 0; j < 6; j++) sum += uniform(&seed);
        full[i] = (float)sum;
    }
    struct vec_set set = {.metric = METRIC_L2, .dim = 128, .rows = ROWS, .full = full};
    codes_open(&c, METRIC_L2, 128);
    vec_codes_centre(&c, &set, NULL);
    vec_codes_encode(&c, &set, 0, ROWS);
    for (uint32_t slot = 0; slot < ROWS; slot++) {
        uint32_t low;
        memcpy(&low, codes_low(&c, slot), sizeof low);
        double length = sqrt(2 * (double)codes_halves(&c)[slot]);
        double e4 = (double)codes_lower(codes_heads(&c)[slot]), e8 = (double)codes_lower(low);
        if (!(e4 < 0.125 * length && e8 < 0.03 * length))
            fail_msg("slot %u: %g and %g of %g left", slot, e4, e8, length);
    }
    codes_close(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_link_gives),
        cmocka_unit_test(test_same_bytes),
        cmocka_unit_test(test_codes_are_tight),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
