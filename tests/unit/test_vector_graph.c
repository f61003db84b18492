/* test_vector_graph.c - the graph over small seeded sets: recall floors by metric, the same bytes
 * for any number of threads and after a cancel, no orphans, degenerate sets. */
#include "test.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/mem.h"
#include "vector/graph.h"
#include "vector/graph_parts.h"

enum { K = 10 };

struct made {
    struct vec_set set;
    float *full;
    int64_t *rowids;
};

static float gauss(uint64_t *seed)
{
    double sum = 0;
    for (int i = 0; i < 6; i++) sum += (double)(test_random(seed) >> 11) / 9007199254740992.0 - 0.5;
    return (float)(sum * 1.4142135623730951);
}

/* Rows around some centres, so that neighbours mean something. */
static struct made make(enum metric m, int dim, uint32_t rows, uint64_t seed)
{
    struct made d = {.full = mem_alloc(((size_t)rows + 1) * (size_t)dim * sizeof(float)),
        .rowids = mem_alloc(((size_t)rows + 1) * sizeof(int64_t))};
    enum { CENTRES = 40 };
    float *centre = mem_alloc(CENTRES * (size_t)dim * sizeof *centre);
    assert_true(d.full && d.rowids && centre);
    for (size_t i = 0; i < CENTRES * (size_t)dim; i++) centre[i] = gauss(&seed);
    for (uint32_t r = 0; r <= rows; r++) {
        size_t c = test_random(&seed) % CENTRES;
        for (size_t i = 0; i < (size_t)dim; i++)
            d.full[r * (size_t)dim + i] = centre[c * (size_t)dim + i] + 0.6F * gauss(&seed) + 0.5F;
        d.rowids[r] = 1000 + (int64_t)r * 3;
    }
    mem_free(centre);
    d.set =
        (struct vec_set){.metric = m, .dim = dim, .rows = rows, .full = d.full, .rowids = d.rowids};
    return d;
}

static void unmake(struct made *d)
{
    mem_free(d->full);
    mem_free(d->rowids);
}

static void plan(struct vec_graph *g, const struct vec_set *set, const struct vec_graph_options *o)
{
    struct err e = ERR_INIT;
    *g = (struct vec_graph){.metric = set->metric, .dim = set->dim, .rows = set->rows};
    assert_ok(vec_graph_plan(g, o, &e), &e);
    for (int p = 0; p < VEC_GRAPH_PARTS; p++) {
        g->part[p] = mem_alloc_aligned(g->bytes[p] + 64);
        assert_non_null(g->part[p]);
        memset(g->part[p], 0, g->bytes[p]);
    }
}

static void unplan(struct vec_graph *g)
{
    for (int p = 0; p < VEC_GRAPH_PARTS; p++) mem_free_aligned(g->part[p]);
}

static void build(
    struct vec_graph *g, const struct vec_set *set, const struct vec_graph_options *o, int threads)
{
    struct err e = ERR_INIT;
    struct run run = {.threads = threads};
    plan(g, set, o);
    assert_ok(vec_graph_build(g, &(struct vec_graph_build){.set = set, .run = &run}, &e), &e);
    assert_ok(vec_graph_open(g, &e), &e);
    assert_ok(vec_graph_verify(g, &e), &e);
}

static uint32_t search(const struct vec_graph *g, const struct vec_set *set, const float *query,
    const struct vec_query *how, struct vec_hit *at)
{
    struct err e = ERR_INIT;
    struct vec_graph_scratch *s;
    struct vec_hits hits = {.at = at, .capacity = how->k};
    assert_ok(vec_graph_scratch_open(g, VEC_GRAPH_EF_FILTERED, &s, &e), &e);
    struct vec_graph_search x = {.graph = g, .set = set, .scratch = s, .ef = 64};
    assert_ok(vec_graph_search(&x, query, how, &hits, &e), &e);
    vec_graph_scratch_close(s);
    for (uint32_t i = 0; i < hits.count; i++) {
        assert_true(at[i].rowid == set->rowids[at[i].slot]);
        assert_true(at[i].distance ==
            metric_distance(set->metric, query, set->full + (size_t)at[i].slot * (size_t)set->dim,
                (size_t)set->dim));
        if (i > 0) assert_true(at[i - 1].distance <= at[i].distance);
    }
    return hits.count;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* The k-th nearest distance among the rows that pass. */
static double kth(const struct vec_set *set, const float *query, uint32_t k, const uint64_t *pass)
{
    double *d = mem_zalloc(set->rows, sizeof *d);
    uint32_t n = 0;
    for (uint32_t r = 0; r < set->rows; r++) {
        if (pass != NULL && !(pass[r / 64] >> (r % 64) & 1)) continue;
        d[n++] = metric_distance(
            set->metric, query, set->full + (size_t)r * (size_t)set->dim, (size_t)set->dim);
    }
    qsort(d, n, sizeof *d, compare);
    double last = n >= k ? d[k - 1] : INFINITY;
    mem_free(d);
    return last;
}

static double recall(const struct vec_graph *g, const struct vec_set *set, const uint64_t *pass)
{
    enum { QUERIES = 50 };
    uint32_t right = 0;
    struct made q = make(set->metric, set->dim, QUERIES, 77);
    for (uint32_t i = 0; i < QUERIES; i++) {
        struct vec_hit at[K];
        const float *near = set->full + (size_t)(i * 37 % set->rows) * (size_t)set->dim;
        float *query = q.full + (size_t)i * (size_t)set->dim;
        for (int j = 0; j < set->dim; j++) query[j] = near[j] + 0.2F * query[j];
        uint32_t n = search(g, set, query, &(struct vec_query){.k = K, .pass = pass}, at);
        double last = kth(set, query, K, pass);
        for (uint32_t j = 0; j < n; j++) {
            right += at[j].distance <= last;
            if (pass != NULL) assert_true(pass[at[j].slot / 64] >> (at[j].slot % 64) & 1);
        }
    }
    unmake(&q);
    return (double)right / (QUERIES * K);
}

/* Recall at a pool of 64, by metric and dimension. */
static void test_recall_by_metric(void **state)
{
    (void)state;
    static const enum metric METRICS[] = {METRIC_L2, METRIC_COSINE, METRIC_IP};
    static const int DIMS[] = {24, 100, 300};
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < 3; j++) {
            struct made d = make(METRICS[i], DIMS[j], 1000, 5);
            struct vec_graph g;
            build(&g, &d.set, &(struct vec_graph_options){.build_list = 64}, 2);
            double r = recall(&g, &d.set, NULL);
            if (r < 0.95) fail_msg("%s, %d: recall %.3f", metric_name(METRICS[i]), DIMS[j], r);
            double expected = vec_graph_recall(&g, K, 64);
            if (fabs(expected - r) > 0.08) fail_msg("%.3f expected, %.3f found", expected, r);
            unplan(&g);
            unmake(&d);
        }
}

static void assert_same(const struct vec_graph *a, const struct vec_graph *b)
{
    for (int p = 0; p < VEC_GRAPH_PARTS; p++) {
        assert_int_equal(a->bytes[p], b->bytes[p]);
        assert_memory_equal(a->part[p], b->part[p], a->bytes[p]);
    }
}

static void test_threads_give_the_same_bytes(void **state)
{
    (void)state;
    struct made d = make(METRIC_COSINE, 48, 1200, 9);
    const struct vec_graph_options o = {.build_list = 40};
    struct vec_graph one, two, three, small, low;
    build(&one, &d.set, &o, 1);
    build(&two, &d.set, &o, 2);
    build(&three, &d.set, &o, 3);
    assert_same(&one, &two);
    assert_same(&one, &three);
    /* with the bytes in the records, and by the plain kernels, it is the same graph */
    struct vec_graph_options tight = o;
    tight.memory_bytes = 7 << 20;
    build(&small, &d.set, &tight, 2);
    assert_same(&one, &small);
    cpu_force(CPU_BASE);
    build(&low, &d.set, &o, 1);
    cpu_force(CPU_ISA_COUNT);
    assert_int_equal(one.bytes[VEC_GRAPH_NODES], low.bytes[VEC_GRAPH_NODES]);
    assert_memory_equal(
        one.part[VEC_GRAPH_NODES], low.part[VEC_GRAPH_NODES], one.bytes[VEC_GRAPH_NODES]);
    struct vec_graph *all[] = {&one, &two, &three, &small, &low};
    for (size_t i = 0; i < 5; i++) unplan(all[i]);
    unmake(&d);
}

static void test_memory_is_bounded(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct made d = make(METRIC_L2, 64, 100, 9);
    struct vec_graph g;
    plan(&g, &d.set, &(struct vec_graph_options){.memory_bytes = 1000});
    assert_fails(vec_graph_build(&g, &(struct vec_graph_build){.set = &d.set}, &e), ST_LIMIT, &e,
        "bytes while building, not 1000");
    unplan(&g);
    unmake(&d);
}

struct stopper {
    atomic_int cancel;
    int reports, at;
};

static void stop_at(void *user, const struct run_progress *p)
{
    struct stopper *s = user;
    assert_true(p->done <= p->total);
    if (++s->reports == s->at) atomic_store(&s->cancel, 1);
}

/* Cancelled after each batch in turn and gone on: the bytes of one go. A torn list is seen. */
static void test_cancel_and_resume(void **state)
{
    (void)state;
    struct made d = make(METRIC_L2, 40, 900, 10);
    const struct vec_graph_options o = {.build_list = 32};
    struct vec_graph whole, g;
    struct err e = ERR_INIT;
    build(&whole, &d.set, &o, 2);
    plan(&g, &d.set, &o);
    int stops = 0;
    for (enum status st = ST_CANCELLED; st == ST_CANCELLED; stops++) {
        struct stopper s = {.at = 3};
        struct run run = {
            .progress = stop_at, .user = &s, .cancel = &s.cancel, .threads = 1 + stops % 2};
        st = vec_graph_build(&g, &(struct vec_graph_build){.set = &d.set, .run = &run}, &e);
        if (stops == 4) ((uint8_t *)g.part[VEC_GRAPH_NODES])[g.bytes[VEC_GRAPH_NODES] / 2] ^= 1;
        assert_true(st == ST_OK || st == ST_CANCELLED);
        assert_true(stops < 60);
    }
    assert_true(stops > 4);
    assert_same(&whole, &g);
    unplan(&g);
    unplan(&whole);
    unmake(&d);
}

/* 50, 10 and 2 in a hundred pass; only those come back, and nearly all of the nearest of them. */
static void test_filters(void **state)
{
    (void)state;
    enum { ROWS = 1500 };
    static const uint32_t EVERY[] = {2, 10, 50};
    struct made d = make(METRIC_COSINE, 64, ROWS, 12);
    struct vec_graph g;
    build(&g, &d.set, &(struct vec_graph_options){.build_list = 64}, 2);
    for (size_t i = 0; i < 3; i++) {
        uint64_t pass[ROWS / 64 + 1] = {0};
        for (uint32_t r = 0; r < d.set.rows; r++)
            if (r * 2654435761U % EVERY[i] == 0) pass[r / 64] |= (uint64_t)1 << (r % 64);
        double r = recall(&g, &d.set, pass);
        if (r < 0.95) fail_msg("1 of %u passes: recall %.3f", EVERY[i], r);
    }
    uint64_t none[ROWS / 64 + 1] = {0};
    struct vec_hit at[K];
    assert_int_equal(search(&g, &d.set, d.full, &(struct vec_query){.k = K, .pass = none}, at), 0);
    unplan(&g);
    unmake(&d);
}

static enum vec_verdict thirds(void *user, uint32_t slot, int64_t rowid)
{
    assert_int_equal(rowid, 1000 + (int64_t)slot * 3);
    int *left = user;
    if (--*left == 0) return VEC_STOP;
    return slot % 3 == 0 ? VEC_PASSES : VEC_FAILS;
}

static void test_probe(void **state)
{
    (void)state;
    struct made d = make(METRIC_L2, 32, 600, 13);
    struct vec_graph g;
    struct vec_hit at[K];
    struct vec_stats stats = {0};
    bool stopped = true;
    build(&g, &d.set, &(struct vec_graph_options){.build_list = 32}, 1);
    int left = 100000;
    struct vec_query how = {
        .k = K, .probe = thirds, .probe_user = &left, .stopped = &stopped, .stats = &stats};
    assert_int_equal(search(&g, &d.set, d.full, &how, at), K);
    for (int i = 0; i < K; i++) assert_int_equal(at[i].slot % 3, 0);
    assert_false(stopped);
    assert_true(stats.probes == (uint64_t)(100000 - left) && stats.hops > 0);
    left = 5;
    assert_true(search(&g, &d.set, d.full, &how, at) <= 5);
    assert_true(stopped);
    unplan(&g);
    unmake(&d);
}

/* Every dimension that is near a step of the layout, every number of rows up to more than a list.
 */
static void test_small_and_odd(void **state)
{
    (void)state;
    static const int DIMS[] = {1, 2, 15, 16, 17, 31, 33, 64, 65, 4096};
    for (size_t i = 0; i < sizeof DIMS / sizeof DIMS[0]; i++)
        for (uint32_t rows = 0; rows <= 40; rows += rows < 3 ? 1 : 37) {
            struct made d = make(i % 2 == 0 ? METRIC_L2 : METRIC_IP, DIMS[i], rows, 20 + i);
            struct vec_graph g;
            struct vec_hit at[64];
            build(&g, &d.set, NULL, 1);
            uint32_t n = search(&g, &d.set, d.full, &(struct vec_query){.k = 64}, at);
            assert_int_equal(n, rows);
            double nearest = INFINITY;
            if (rows > 0) nearest = kth(&d.set, d.full, 1, NULL);
            assert_true(n == 0 || at[0].distance == nearest);
            unplan(&g);
            unmake(&d);
        }
}

/* All rows equal, many equal, zero vectors, lengths from 1e-12 to 1e12. */
static void test_degenerate(void **state)
{
    (void)state;
    enum { ROWS = 1500, DIM = 24 };
    struct vec_hit at[K];
    for (int m = METRIC_COSINE; m <= METRIC_IP; m++)
        for (int kind = 0; kind < 4; kind++) {
            struct made d = make((enum metric)m, DIM, ROWS, 30);
            struct vec_graph g;
            for (size_t r = 0; r < ROWS; r++) {
                float *row = d.full + r * DIM;
                if (kind == 0) memcpy(row, d.full + ROWS * DIM, DIM * sizeof *row);
                if (kind == 1 && r % 3 != 0) memcpy(row, d.full, DIM * sizeof *row);
                if (kind == 2 && r % 2 == 0) memset(row, 0, DIM * sizeof *row);
                if (kind == 3)
                    for (int i = 0; i < DIM; i++) row[i] *= r % 2 == 0 ? 1e12F : 1e-12F;
            }
            build(&g, &d.set, &(struct vec_graph_options){.build_list = 32}, 2);
            uint32_t n = search(&g, &d.set, d.full + ROWS * DIM, &(struct vec_query){.k = K}, at);
            assert_int_equal(n, K);
            memset(d.full + ROWS * DIM, 0, DIM * sizeof(float)); /* a zero query */
            n = search(&g, &d.set, d.full + ROWS * DIM, &(struct vec_query){.k = K}, at);
            if (m == METRIC_COSINE) assert_int_equal(n, 0);
            unplan(&g);
            unmake(&d);
        }
}

static void test_scale_does_not_matter(void **state)
{
    (void)state;
    static const float SCALES[] = {1e-12F, 1e12F};
    for (size_t i = 0; i < 2; i++) {
        struct made d = make(METRIC_L2, 40, 800, 31);
        struct vec_graph g, h;
        struct vec_hit a[K], b[K];
        const struct vec_graph_options o = {.build_list = 32};
        build(&g, &d.set, &o, 1);
        uint32_t n = search(&g, &d.set, d.full + 7, &(struct vec_query){.k = K}, a);
        for (size_t j = 0; j < 801 * 40; j++) d.full[j] *= SCALES[i];
        build(&h, &d.set, &o, 1);
        assert_int_equal(search(&h, &d.set, d.full + 7, &(struct vec_query){.k = K}, b), n);
        for (uint32_t j = 0; j < n; j++) assert_int_equal(a[j].slot, b[j].slot);
        unplan(&g);
        unplan(&h);
        unmake(&d);
    }
}

/* Deletes a share and inserts as many others: recall as of a graph built afresh. */
static void test_extend(void **state)
{
    (void)state;
    enum { ROWS = 1200, DIM = 48 };
    static const uint32_t GONE[] = {20, 50, 70, 90};
    const struct vec_graph_options o = {.build_list = 64};
    for (size_t i = 0; i < 4; i++) {
        struct made old = make(METRIC_L2, DIM, ROWS, 40), now = make(METRIC_L2, DIM, ROWS, 40);
        struct vec_graph g, fresh, next, again;
        struct err e = ERR_INIT;
        uint32_t slot_of[ROWS], kept = 0;
        build(&g, &old.set, &o, 2);
        for (uint32_t r = 0; r < ROWS; r++)
            if (r * 2654435761U % 100 >= GONE[i]) slot_of[kept++] = r;
        struct made more = make(METRIC_L2, DIM, ROWS * 2, 40); /* the same centres */
        for (uint32_t r = 0; r < ROWS; r++)
            memcpy(now.full + (size_t)r * DIM,
                more.full + (size_t)(r < kept ? slot_of[r] : ROWS + r) * DIM, DIM * sizeof(float));
        struct vec_graph_older older = {&g, slot_of, kept};
        struct run run = {.threads = 2}, alone = {.threads = 1};
        plan(&next, &now.set, &o);
        plan(&again, &now.set, &o);
        assert_ok(vec_graph_extend(
                      &next, &older, &(struct vec_graph_build){.set = &now.set, .run = &run}, &e),
            &e);
        assert_ok(vec_graph_extend(&again, &older,
                      &(struct vec_graph_build){.set = &now.set, .run = &alone}, &e),
            &e);
        assert_ok(vec_graph_verify(&next, &e), &e);
        assert_same(&next, &again);
        build(&fresh, &now.set, &o, 2);
        double a = recall(&next, &now.set, NULL), b = recall(&fresh, &now.set, NULL);
        if (a < b - 0.01) fail_msg("%u %% gone: recall %.3f, afresh %.3f", GONE[i], a, b);
        struct vec_graph *all[] = {&g, &fresh, &next, &again};
        for (size_t j = 0; j < 4; j++) unplan(all[j]);
        unmake(&old);
        unmake(&now);
        unmake(&more);
    }
}

/* Around a row there is a cluster of some forty; what else is in a pool of 64 is far. */
static void test_ends_early(void **state)
{
    (void)state;
    struct made d = make(METRIC_L2, 48, 1500, 70);
    struct vec_graph g;
    struct vec_hit at[K];
    struct vec_stats stats = {0};
    build(&g, &d.set, &(struct vec_graph_options){.build_list = 48}, 1);
    for (uint32_t i = 0; i < 20; i++)
        search(
            &g, &d.set, d.full + (size_t)i * 48, &(struct vec_query){.k = K, .stats = &stats}, at);
    if (stats.hops > (uint64_t)20 * 58) fail_msg("%llu hops", (unsigned long long)stats.hops);
    unplan(&g);
    unmake(&d);
}

/* Who loses most neighbours gets others for them: those that the lost ones led to. */
static void test_extend_goes_around(void **state)
{
    (void)state;
    enum { ROWS = 1500, DIM = 48, EVERY = 3 };
    const struct vec_graph_options o = {.build_list = 48};
    struct made old = make(METRIC_L2, DIM, ROWS, 60), left = make(METRIC_L2, DIM, ROWS / EVERY, 60);
    struct vec_graph g, next;
    struct graph_shape shape;
    struct err e = ERR_INIT;
    uint32_t slot_of[ROWS / EVERY], edges = 0;
    build(&g, &old.set, &o, 1);
    for (uint32_t r = 0; r < ROWS / EVERY; r++) {
        slot_of[r] = r * EVERY;
        memcpy(
            left.full + (size_t)r * DIM, old.full + (size_t)slot_of[r] * DIM, DIM * sizeof(float));
    }
    struct run run = {.threads = 1};
    plan(&next, &left.set, &o);
    assert_ok(vec_graph_extend(&next, &(struct vec_graph_older){&g, slot_of, ROWS / EVERY},
                  &(struct vec_graph_build){.set = &left.set, .run = &run}, &e),
        &e);
    assert_ok(vec_graph_verify(&next, &e), &e);
    graph_shape_get(&shape, &next);
    for (uint32_t r = 0; r < next.rows; r++)
        edges += ((const struct graph_own *)(const void *)graph_record(&next, &shape, r))->degree;
    if (edges < next.rows * shape.degree * 9 / 10)
        fail_msg("%u nodes of %u edges, %u in all", next.rows, shape.degree, edges);
    unplan(&g);
    unplan(&next);
    unmake(&old);
    unmake(&left);
}

/* A file's bytes: whatever they are, an answer or an error. */
static void test_untrue_bytes(void **state)
{
    (void)state;
    struct made d = make(METRIC_L2, 32, 300, 50);
    struct vec_graph g;
    struct err e = ERR_INIT;
    struct vec_graph_scratch *s;
    struct vec_hit at[K];
    struct vec_hits hits = {.at = at, .capacity = K};
    uint64_t seed = 51;
    build(&g, &d.set, &(struct vec_graph_options){.build_list = 16}, 1);
    assert_ok(vec_graph_scratch_open(&g, 64, &s, &e), &e);
    struct vec_graph_search x = {.graph = &g, .set = &d.set, .scratch = s};
    uint8_t *nodes = g.part[VEC_GRAPH_NODES];
    for (size_t i = 0; i < g.bytes[VEC_GRAPH_NODES]; i++)
        if (i % 5 == 0) nodes[i] = (uint8_t)test_random(&seed);
    enum status st = vec_graph_search(&x, d.full, &(struct vec_query){.k = K}, &hits, &e);
    assert_true(st == ST_CORRUPT);
    assert_fails(vec_graph_verify(&g, &e), ST_CORRUPT, &e, "node");
    for (int i = 0; i < 2000; i++) { /* META: what open lets through can be searched */
        uint8_t *byte =
            (uint8_t *)g.part[VEC_GRAPH_META] + test_random(&seed) % g.bytes[VEC_GRAPH_META];
        uint8_t was = *byte;
        struct vec_graph copy = g;
        *byte = (uint8_t)(was ^ 1U << (test_random(&seed) % 8));
        if (vec_graph_open(&copy, &e) == ST_OK) {
            double found;
            (void)vec_graph_ef(&copy, K, 0.99, &found);
            (void)vec_graph_recall(&copy, K, 70);
        }
        *byte = was;
    }
    vec_graph_scratch_close(s);
    unplan(&g);
    unmake(&d);
}

static void test_asked_wrongly(void **state)
{
    (void)state;
    struct made d = make(METRIC_L2, 32, 100, 60);
    struct vec_graph g;
    struct err e = ERR_INIT;
    struct vec_graph_scratch *s;
    struct vec_hit at[K];
    struct vec_hits hits = {.at = at, .capacity = K};
    build(&g, &d.set, &(struct vec_graph_options){.build_list = 16}, 1);
    assert_ok(vec_graph_scratch_open(&g, 64, &s, &e), &e);
    struct vec_graph_search x = {.graph = &g, .set = &d.set, .scratch = s};
    assert_fails(vec_graph_search(&x, d.full, &(struct vec_query){.k = K + 1}, &hits, &e), ST_LIMIT,
        &e, "room for 10");
    x.ef = 100000;
    assert_fails(vec_graph_search(&x, d.full, &(struct vec_query){.k = K}, &hits, &e), ST_LIMIT, &e,
        "ef of 100000");
    x.ef = 0;
    d.full[3] = NAN;
    assert_fails(vec_graph_search(&x, d.full, &(struct vec_query){.k = K}, &hits, &e), ST_INVALID,
        &e, "not finite");
    vec_graph_scratch_close(s);
    struct vec_graph bad = {.metric = METRIC_L1, .dim = 3, .rows = 1};
    assert_fails(vec_graph_plan(&bad, NULL, &e), ST_UNSUPPORTED, &e, "l1");
    bad = (struct vec_graph){.metric = METRIC_L2, .dim = 4097};
    assert_fails(vec_graph_plan(&bad, NULL, &e), ST_LIMIT, &e, "4097");
    bad = (struct vec_graph){.metric = METRIC_L2, .dim = 3};
    assert_fails(vec_graph_plan(&bad, &(struct vec_graph_options){.degree = 33}, &e), ST_INVALID,
        &e, "not 33");
    unplan(&g);
    unmake(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_recall_by_metric),
        cmocka_unit_test(test_threads_give_the_same_bytes),
        cmocka_unit_test(test_memory_is_bounded),
        cmocka_unit_test(test_cancel_and_resume),
        cmocka_unit_test(test_filters),
        cmocka_unit_test(test_probe),
        cmocka_unit_test(test_small_and_odd),
        cmocka_unit_test(test_degenerate),
        cmocka_unit_test(test_scale_does_not_matter),
        cmocka_unit_test(test_ends_early),
        cmocka_unit_test(test_extend),
        cmocka_unit_test(test_extend_goes_around),
        cmocka_unit_test(test_untrue_bytes),
        cmocka_unit_test(test_asked_wrongly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
