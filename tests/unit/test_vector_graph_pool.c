/* test_vector_graph_pool.c - the pool of a walk beside a plain sorted array. */
#include "test.h"

#include <math.h>

#include "vector/graph_pool.h"

enum { ROOM = 200, WAITING = 300, TURNS = 60 };

struct plain {
    uint64_t at[ROOM + WAITING];
    uint32_t n;
};

static void plain_add(struct plain *p, uint64_t key)
{
    uint32_t i = p->n++;
    for (; i > 0 && p->at[i - 1] > key; i--) p->at[i] = p->at[i - 1];
    p->at[i] = key;
}

static void same(const struct graph_pool *p, const struct plain *want)
{
    assert_int_equal(p->n, want->n);
    for (uint32_t i = 0; i < p->n; i++)
        if ((p->at[i] & ~(uint64_t)GRAPH_OPENED) != want->at[i]) fail_msg("place %u", i);
    for (uint32_t i = 0; i < p->first; i++)
        if ((p->at[i] & GRAPH_OPENED) == 0) fail_msg("place %u is not opened", i);
}

/* Rounds of some new nodes and some opened ones; the distances grow smaller as on a walk. */
static void one_walk(struct graph_pool *p, uint32_t room, uint32_t most, uint64_t seed)
{
    struct plain want = {.n = 0};
    uint32_t slot = 0;
    uint64_t key;
    graph_pool_clear(p, room);
    for (int t = 0; t < TURNS; t++) {
        uint32_t fresh = (uint32_t)(test_random(&seed) % (most + 1));
        for (uint32_t i = 0; i < fresh; i++) {
            float d = (float)(test_random(&seed) % 1000 + 100) / (float)(t + 1) - 1;
            plain_add(&want, graph_key(d, ++slot));
            graph_pool_offer(p, d, slot);
        }
        graph_pool_merge(p);
        if (want.n > room) want.n = room;
        same(p, &want);
        uint64_t last = 0;
        for (uint32_t i = 0; i < most / 4 && graph_pool_take(p, &key); i++) {
            if (key <= last) fail_msg("taken out of order");
            last = key;
        }
    }
}

static void test_as_a_sorted_array(void **state)
{
    (void)state;
    static const uint32_t ROOMS[] = {1, 2, 7, 16, 64, ROOM}, MOST[] = {1, 5, 15, 16, 17, 40, 299};
    struct graph_pool p;
    struct err e = ERR_INIT;
    assert_ok(graph_pool_open(&p, ROOM, WAITING, &e), &e);
    for (size_t i = 0; i < sizeof ROOMS / sizeof *ROOMS; i++)
        for (size_t j = 0; j < sizeof MOST / sizeof *MOST; j++)
            one_walk(&p, ROOMS[i], MOST[j], 7 * i + j);
    graph_pool_close(&p);
}

static void test_keys(void **state)
{
    (void)state;
    static const float D[] = {-3e38F, -1, -1e-30F, 0, 1e-30F, 0.5F, 1, 3e38F, INFINITY};
    for (size_t i = 0; i < sizeof D / sizeof *D; i++) {
        uint64_t key = graph_key(D[i], 77);
        assert_true(graph_key_distance(key) == D[i] && graph_key_slot(key) == 77);
        if (i > 0) assert_true(graph_key(D[i - 1], 99) < key);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_a_sorted_array),
        cmocka_unit_test(test_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
