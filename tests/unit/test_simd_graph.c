/* test_simd_graph.c - the graph's kernels of every set against the plain loops: the same bits where
 * that is promised, rounding elsewhere; all lengths to 4112, odd alignment. */
#include "test.h"

#include <math.h>
#include <stdlib.h>

#include "simd/graph.h"

enum { N_MAX = 4112, SLACK = 64, BLOCK = sizeof(struct graph_edges) + 4 * N_MAX * 4 };

static float x_room[N_MAX + SLACK], y_room[N_MAX + SLACK];
static int8_t a_room[N_MAX + SLACK], b_room[N_MAX + SLACK];
static _Alignas(64) uint8_t table[N_MAX * 4], table_want[N_MAX * 4], block_room[BLOCK];
static uint16_t sign[GRAPH_TURNS * N_MAX / 16], bits[4 * N_MAX / 16], bits_want[4 * N_MAX / 16];

static const size_t LENGTHS[] = {16, 32, 48, 64, 80, 96, 112, 128, 144, 160, 256, 400, 512, 768,
    784, 1024, 1040, 2048, 4096, 4112};
enum { LENGTHS_COUNT = sizeof LENGTHS / sizeof LENGTHS[0] };

static float unit(uint64_t *seed)
{
    return (float)((double)(int64_t)test_random(seed) / 9.3e18);
}

static void fill(uint64_t *seed)
{
    for (size_t i = 0; i < N_MAX + SLACK; i++) {
        x_room[i] = unit(seed);
        a_room[i] = (int8_t)((int)(test_random(seed) % 255) - 127);
        b_room[i] = (int8_t)((int)(test_random(seed) % 255) - 127);
    }
    for (size_t i = 0; i < sizeof sign / sizeof sign[0]; i++) sign[i] = (uint16_t)test_random(seed);
    for (size_t i = 0; i < sizeof block_room; i++) block_room[i] = (uint8_t)test_random(seed);
}

static struct cpu cpu_of(int set)
{
    cpu_force((enum cpu_isa)set);
    return *cpu_get();
}

/* Runs check for each set that differs from the plain one. */
static void each_set(void (*check)(const struct simd_graph *k, const struct simd_graph *naive))
{
    struct cpu base = cpu_of(CPU_BASE);
    for (int set = CPU_BASE; set <= (int)cpu_get()->found; set++) {
        struct cpu cpu = cpu_of(set);
        check(simd_graph_get(&cpu), simd_graph_get(&base));
    }
    cpu_of(CPU_ISA_COUNT);
}

static void check_rotate(const struct simd_graph *k, const struct simd_graph *naive)
{
    uint64_t seed = 3;
    fill(&seed);
    for (size_t i = 0; i < LENGTHS_COUNT; i++) {
        size_t n = LENGTHS[i], power = 16;
        while (power * 2 <= n) power *= 2;
        struct graph_rotation r = {
            .n = n, .power = power, .turns = power == n ? 3 : GRAPH_TURNS, .sign = sign};
        float *x = y_room + 1, *want = y_room;
        static float keep[N_MAX];
        memcpy(want, x_room, n * sizeof *want);
        naive->rotate(want, &r);
        memcpy(keep, want, n * sizeof *keep);
        memcpy(x, x_room, n * sizeof *x);
        k->rotate(x, &r);
        assert_memory_equal(x, keep, n * sizeof *x);
        double before = 0, after = 0;
        for (size_t j = 0; j < n; j++) {
            before += (double)x_room[j] * (double)x_room[j];
            after += (double)x[j] * (double)x[j];
        }
        assert_true(fabs(after / before - 1) < 1e-4);
    }
}

static void check_bytes(const struct simd_graph *k, const struct simd_graph *naive)
{
    uint64_t seed = 4;
    fill(&seed);
    for (size_t i = 0; i < LENGTHS_COUNT; i++)
        for (size_t shift = 0; shift < 3; shift++) {
            const uint8_t *q = (const uint8_t *)a_room + shift;
            assert_int_equal(k->dot(q, b_room + 2 * shift, LENGTHS[i]),
                naive->dot(q, b_room + 2 * shift, LENGTHS[i]));
        }
    static uint8_t full[128];
    static int8_t low[128];
    memset(full, 255, sizeof full);
    memset(low, -127, sizeof low);
    assert_int_equal(k->dot(full, low, 128), -127 * 255 * 128);
    uint32_t ids[64];
    for (size_t at = 0; at < 64; at++) {
        for (size_t i = 0; i < 64; i++) ids[i] = (uint32_t)i;
        ids[at] = 0xfffffff0U;
        assert_true(k->most(ids, 64) == 0xfffffff0U);
    }
}

static void check_encode(const struct simd_graph *k, const struct simd_graph *naive)
{
    uint64_t seed = 5;
    fill(&seed);
    for (size_t i = 0; i < LENGTHS_COUNT; i++)
        for (int planes = 1; planes <= GRAPH_PLANES_MAX; planes++) {
            size_t n = LENGTHS[i], words = (size_t)planes * n / 16;
            struct graph_bytes c = {a_room + 1, 0.01F}, o = {b_room + i % 3, 0.013F};
            struct graph_code got = {.bits = bits}, want = {.bits = bits_want};
            k->encode(&got, &c, &o, n, planes);
            naive->encode(&want, &c, &o, n, planes);
            assert_memory_equal(bits, bits_want, words * sizeof *bits);
            assert_memory_equal(&got.add, &want.add, sizeof got.add);
            assert_memory_equal(&got.mul, &want.mul, sizeof got.mul);
            k->encode(&got, &c, &c, n, planes); /* an edge of no length says so */
            assert_true(got.add == 0 && got.mul == 0);
        }
}

static void check_estimate(const struct simd_graph *k, const struct simd_graph *naive)
{
    uint64_t seed = 6;
    fill(&seed);
    struct graph_edges *b = (struct graph_edges *)(void *)block_room;
    for (int j = 0; j < GRAPH_EDGES; j++) {
        b->add[j] = unit(&seed);
        b->mul[j] = unit(&seed);
    }
    for (size_t i = 0; i < LENGTHS_COUNT; i++)
        for (int planes = 1; planes <= GRAPH_PLANES_MAX; planes++) {
            struct graph_query got = {.n = LENGTHS[i], .planes = planes}, want = got;
            float est[GRAPH_EDGES], est_want[GRAPH_EDGES], ends[2] = {0.5F, 0.25F};
            naive->look(&want, table_want, x_room);
            k->look(&got, table, x_room);
            for (size_t t = 0; t < got.n * 4; t++) assert_true(abs(table[t] - table_want[t]) <= 1);
            got = want; /* the same table for the same sums */
            uint32_t near = k->estimate(est, &got, b, ends, b->code);
            naive->estimate(est_want, &want, b, ends, b->code);
            for (int j = 0; j < GRAPH_EDGES; j++) {
                assert_true(fabsf(est[j] - est_want[j]) <= 1e-5F * (1 + fabsf(est_want[j])));
                assert_int_equal(near >> j & 1, est[j] < ends[1]);
            }
        }
}

/* With four bits the estimate is near the truth, from any node. */
static void check_truth(const struct simd_graph *k, const struct simd_graph *naive)
{
    (void)naive;
    enum { N = 128 };
    uint64_t seed = 7;
    fill(&seed);
    for (int planes = 1; planes <= GRAPH_PLANES_MAX; planes++) {
        struct graph_code code = {.bits = bits};
        struct graph_query q = {.n = N, .planes = planes};
        struct graph_bytes c = {a_room, 0.005F}, o = {b_room, 0.007F};
        struct graph_edges *b = (struct graph_edges *)(void *)block_room;
        double base = 0, truth = 0, from = 0;
        memset(block_room, 0, sizeof block_room);
        k->look(&q, table, x_room);
        k->encode(&code, &c, &o, N, planes);
        for (size_t i = 0; i < N; i++) {
            double cc = (double)c.scale * c.at[i], oo = (double)o.scale * o.at[i];
            base += ((double)x_room[i] - cc) * ((double)x_room[i] - cc);
            truth += ((double)x_room[i] - oo) * ((double)x_room[i] - oo);
            from += (cc - oo) * (cc - oo);
            for (size_t p = 0; p < (size_t)planes; p++) {
                unsigned bit = bits[p * (N / 16) + i / 16] >> (i % 16) & 1;
                uint8_t *byte = b->code + p * N * 4 + i / 4 * 16 + 3;
                *byte = (uint8_t)(*byte | bit << (4 + i % 4)); /* edge 19 */
            }
        }
        float est[GRAPH_EDGES], ends[2] = {(float)base, 0};
        b->add[19] = code.add;
        b->mul[19] = code.mul;
        k->estimate(est, &q, b, ends, b->code);
        double room = 6 * sqrt(base * from / N) * (planes == 1 ? 1 : 1.0 / (1 << (planes - 1)));
        if (!(fabs((double)est[19] - truth) < room))
            fail_msg("%d bits: %g, not %g (%g)", planes, (double)est[19], truth, room);
    }
}

static void test_rotate(void **state)
{
    (void)state;
    each_set(check_rotate);
}

static void test_bytes(void **state)
{
    (void)state;
    each_set(check_bytes);
}

static void test_encode(void **state)
{
    (void)state;
    each_set(check_encode);
}

static void test_estimate(void **state)
{
    (void)state;
    each_set(check_estimate);
    each_set(check_truth);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rotate),
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_encode),
        cmocka_unit_test(test_estimate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
