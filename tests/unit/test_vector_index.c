/* test_vector_index.c - an index against a naive search over the rows of a table that changes.
 *
 * Exact paths must give the naive search's complete list: distances, rowids, ties of the last. The
 * graph must give min(k, rows that pass) true hits and say what it did.
 */
#include <sys/mman.h>
#include <time.h>

#include "vector/graph_parts.h"
#include "vector/index_parts.h"
#include "vector_case.h"
#include "vector_rows.h"

enum { DIM = 20, ROWS = 900 };

/* A condition over rowids: one in `modulus` passes. */
struct condition {
    const struct rows *table;
    uint32_t at;
    int64_t modulus, rest;
    uint64_t nexts, probes;
    uint64_t slow_ns; /* a next that takes long */
    uint64_t fail_after;
};

static bool condition_holds(int64_t rowid, void *user)
{
    const struct condition *c = user;
    uint64_t mixed = (uint64_t)rowid * 0x9e3779b97f4a7c15u >> 40;
    return c->modulus > 0 && (int64_t)(mixed % (uint64_t)c->modulus) == c->rest;
}

static enum status condition_next(void *user, int64_t *rowid, bool *row, struct err *e)
{
    struct condition *c = user;
    if (c->fail_after > 0 && c->nexts >= c->fail_after)
        return err_set(e, ST_IO, "the disk is gone");
    if (c->slow_ns > 0) nanosleep(&(struct timespec){.tv_nsec = (long)c->slow_ns}, NULL);
    while (c->at < c->table->count && !condition_holds(c->table->rowid[c->at], c)) c->at++;
    *row = c->at < c->table->count;
    if (*row) *rowid = c->table->rowid[c->at++];
    c->nexts++;
    return ST_OK;
}

static enum status condition_probe(void *user, int64_t rowid, bool *passes, struct err *e)
{
    struct condition *c = user;
    if (c->fail_after > 0 && c->probes >= c->fail_after)
        return err_set(e, ST_IO, "the disk is gone");
    c->probes++;
    *passes = condition_holds(rowid, c);
    return ST_OK;
}

/* A table, its generation and the index over it. */
struct world {
    enum metric metric;
    struct rows table;
    struct vec_generation *g;
    struct vec_index *ix;
    struct vec_answer answer;
    uint64_t seed;
    const char *dir; /* NULL: in memory */
};

static void world_open(struct world *w, enum metric m, uint32_t rows, int kind)
{
    struct err e = ERR_INIT;
    float v[DIM];
    *w = (struct world){.metric = m, .table = {.dim = DIM}, .seed = 42 + (uint64_t)kind};
    for (uint32_t i = 0; i < rows; i++) {
        rows_random(&w->seed, DIM, v);
        rows_put(
            &w->table, kind == 0 ? i + 1 : (int64_t)(i * 2654435761U) * (kind == 1 ? 1 : -3), v);
    }
    struct vec_facts facts = {.ix = 1, .number = 1, .metric = (int32_t)m, .dim = DIM};
    struct vec_making making = {.facts = &facts};
    struct vec_rows all = rows_all(&w->table);
    assert_ok(vec_generation_write(&making, &all, &w->g, &e), &e);
    assert_ok(vec_index_open(w->g, &w->ix, &e), &e);
}

static void world_graph(struct world *w)
{
    struct err e = ERR_INIT;
    struct vec_facts facts = w->g->facts;
    struct vec_making making = {.dir = w->dir, .facts = &facts};
    struct vec_graph_options options = {.build_list = 60};
    assert_ok(vec_generation_graph(&making, w->g, &options, NULL, &e), &e);
    assert_true(w->g->has_graph);
}

static void world_close(struct world *w)
{
    vec_answer_deinit(&w->answer);
    vec_index_close(w->ix);
    vec_generation_close(w->g);
    rows_deinit(&w->table);
}

static void change(struct world *w, int64_t rowid, const float *vector)
{
    struct err e = ERR_INIT;
    assert_ok(vec_index_change(w->ix, rowid, vector, &e), &e);
    if (vector != NULL)
        rows_put(&w->table, rowid, vector);
    else
        rows_remove(&w->table, rowid);
}

static void change_somehow(struct world *w)
{
    float v[DIM];
    uint64_t what = test_random(&w->seed) % 6;
    uint32_t i = w->table.count > 0 ? (uint32_t)(test_random(&w->seed) % w->table.count) : 0;
    int64_t some = w->table.count > 0 ? w->table.rowid[i] : 1;
    rows_random(&w->seed, DIM, v);
    if (what == 0)
        change(w, some, NULL);
    else if (what == 1)
        change(w, some, v);
    else if (what == 2)
        change(w, (int64_t)(test_random(&w->seed) % 100000), v);
    else if (what == 3)
        change(w, (int64_t)(test_random(&w->seed) % 2000), NULL);
    else if (what == 4 && w->table.count > 0) /* the same bytes again */
        change(w, some, rows_vector(&w->table, i));
    else if (w->g->set.rows > 0) { /* as the generation has it: rolled back */
        uint32_t slot = (uint32_t)(test_random(&w->seed) % w->g->set.rows);
        change(w, w->g->set.rowids[slot], w->g->set.full + (size_t)slot * DIM);
    }
}

static void search(struct world *w, const float *query, const struct vec_ask *ask)
{
    struct err e = ERR_INIT;
    assert_ok(vec_index_search(w->ix, query, ask, &w->answer, &e), &e);
}

/* One question asked by bitmap, by probes and by both, against the naive list. */
static void ask_all_ways(struct world *w, const float *query, uint32_t k, int64_t modulus)
{
    struct condition c = {.table = &w->table, .modulus = modulus};
    struct naive want;
    naive_search(&w->table,
        &(struct naive_ask){.metric = w->metric,
            .query = query,
            .k = k,
            .passes = modulus >= 0 ? condition_holds : NULL,
            .user = &c},
        &want);
    for (int way = 1; way < (modulus >= 0 ? 4 : 2); way++) {
        struct vec_filter f = {.next = way & 1 ? condition_next : NULL,
            .probe = way & 2 ? condition_probe : NULL,
            .user = &c};
        struct vec_ask ask = {.k = k, .filter = modulus >= 0 ? &f : NULL, .exact = true};
        c.at = 0;
        c.slow_ns = way == 3 ? 20000 : 0;
        search(w, query, &ask);
        assert_hits(&w->answer.hits, &want);
        assert_int_equal(w->answer.complete, want.count < k);
        assert_true(w->answer.path < VEC_PATH_GRAPH);
        if (modulus >= 0 && w->answer.passing != UINT64_MAX && modulus == 0)
            assert_int_equal(w->answer.passing, 0);
    }
    free(want.at);
}

static void random_life(struct world *w, int rounds)
{
    static const uint32_t KS[] = {0, 1, 2, 5, 10, 100, 2000, 1000000};
    static const int64_t MODULI[] = {-1, -1, 0, 1, 2, 10, 100, 100000};
    float query[DIM];
    for (int round = 0; round < rounds; round++) {
        for (uint64_t n = test_random(&w->seed) % 30; n > 0; n--) change_somehow(w);
        if (test_random(&w->seed) % 40 == 0) {
            vec_index_reset(w->ix);
            rows_deinit(&w->table);
            w->table = (struct rows){.dim = DIM};
            for (uint32_t i = 0; i < w->g->set.rows; i++)
                rows_put(&w->table, w->g->set.rowids[i], w->g->set.full + (size_t)i * DIM);
        }
        assert_int_equal(vec_index_rows(w->ix), w->table.count);
        rows_random(&w->seed, DIM, query);
        if (w->table.count > 0 && round % 5 == 0)
            memcpy(query, rows_vector(&w->table, 0), sizeof query);
        ask_all_ways(w, query, KS[test_random(&w->seed) % 8], MODULI[test_random(&w->seed) % 8]);
    }
}

static void exact_life(void **state)
{
    (void)state;
    for (int m = 0; m < METRIC_COUNT; m++)
        for (int kind = 0; kind < 3; kind++) {
            struct world w;
            world_open(&w, (enum metric)m, kind == 1 ? ROWS : ROWS / 2, kind);
            random_life(&w, 40);
            world_close(&w);
        }
}

static void few_rows(void **state)
{
    (void)state;
    for (uint32_t rows = 0; rows < 3; rows++) {
        struct world w;
        world_open(&w, METRIC_L2, rows, 0);
        random_life(&w, 60);
        world_close(&w);
    }
}

/* Half of the rows are one and the same vector: every one of them is a tie. */
static void many_ties(void **state)
{
    (void)state;
    struct world w;
    float v[DIM], query[DIM];
    world_open(&w, METRIC_COSINE, ROWS, 0);
    rows_random(&w.seed, DIM, v);
    rows_random(&w.seed, DIM, query);
    for (int i = 0; i < 50; i++) change(&w, i * 7, v); /* in the tail */
    ask_all_ways(&w, v, 10, -1);
    ask_all_ways(&w, v, 10, 2);
    world_close(&w);
    struct rows same = {.dim = DIM};
    for (int i = 0; i < 300; i++) rows_put(&same, i, i % 3 == 0 ? query : v);
    w = (struct world){.metric = METRIC_IP, .table = same, .seed = 3};
    struct err e = ERR_INIT;
    struct vec_facts facts = {.ix = 1, .number = 1, .metric = METRIC_IP, .dim = DIM};
    struct vec_making making = {.facts = &facts};
    struct vec_rows all = rows_all(&w.table);
    assert_ok(vec_generation_write(&making, &all, &w.g, &e), &e);
    assert_ok(vec_index_open(w.g, &w.ix, &e), &e);
    for (int i = 0; i < 20; i++) change(&w, 1000 + i, v);
    for (int64_t modulus = -1; modulus < 9; modulus += 3)
        for (uint32_t k = 1; k < 330; k += 41) {
            ask_all_ways(&w, v, k, modulus);
            ask_all_ways(&w, query, k, modulus);
        }
    world_close(&w);
}

/* With a graph k means k too; every hit passes, and its distance is its own. */
static void graph_ask(
    struct world *w, const float *query, uint32_t k, int64_t modulus, double *share)
{
    struct condition c = {.table = &w->table, .modulus = modulus};
    struct naive want;
    naive_search(&w->table,
        &(struct naive_ask){.metric = w->metric,
            .query = query,
            .k = k,
            .passes = modulus >= 0 ? condition_holds : NULL,
            .user = &c},
        &want);
    struct vec_filter f = {
        .next = condition_next, .probe = modulus % 2 == 0 ? condition_probe : NULL, .user = &c};
    struct vec_ask ask = {.k = k, .filter = modulus >= 0 ? &f : NULL};
    search(w, query, &ask);
    const struct vec_list *hits = &w->answer.hits;
    uint32_t right = 0;
    assert_true(hits->count >= (want.count < k ? want.count : k));
    if (w->answer.path < VEC_PATH_GRAPH) assert_hits(hits, &want);
    for (size_t i = 0; i < hits->count; i++) {
        if (i > 0) assert_true(naive_compare(&hits->at[i - 1], &hits->at[i]) < 0);
        if (modulus >= 0) assert_true(condition_holds(hits->at[i].rowid, &c));
        uint32_t at = 0;
        while (at < w->table.count && w->table.rowid[at] != hits->at[i].rowid) at++;
        assert_true(at < w->table.count);
        assert_true(hits->at[i].distance ==
            metric_distance(w->metric, query, rows_vector(&w->table, at), DIM));
        right += want.count > 0 && hits->at[i].distance <= want.at[want.count - 1].distance;
    }
    *share = hits->count > 0 ? (double)right / (double)hits->count : 1;
    free(want.at);
}

/* At this size an exact scan always wins: the costs are made to say something else. */
static void prefer(struct vec_index *ix, int what)
{
    for (int i = 0; i < COST_SHARES; i++) ix->costs.walk[i] = what == 0 ? 1e6 : 0.001;
    ix->costs.probe = what == 0 ? 1500 : 1;
}

static void graph_life(void **state)
{
    (void)state;
    static const enum metric METRICS[] = {METRIC_COSINE, METRIC_L2, METRIC_IP};
    static const int64_t MODULI[] = {-1, 1, 2, 5, 10, 100, 5000, 0};
    for (int m = 0; m < 3; m++) {
        struct world w;
        float query[DIM];
        double sum = 0, share;
        int asked = 0, paths[VEC_PATH_COUNT] = {0}, probed = 0;
        world_open(&w, METRICS[m], 3000, m);
        world_graph(&w);
        for (int round = 0; round < 45; round++) {
            prefer(w.ix, round % 3);
            for (int i = 0; i < 12; i++) change_somehow(&w);
            rows_random(&w.seed, DIM, query);
            for (int i = 0; i < 8; i++) {
                graph_ask(&w, query, 1 + (uint32_t)(round % 4) * 13, MODULI[i], &share);
                sum += share;
                asked++;
                paths[w.answer.path]++;
                probed += w.answer.probed;
            }
        }
        print_message(
            "%s: %.4f of hits right, %d probed;", metric_name(METRICS[m]), sum / asked, probed);
        for (int i = 0; i < VEC_PATH_COUNT; i++)
            print_message(" %d %s,", paths[i], vec_path_name((enum vec_path)i));
        print_message("\n");
        assert_true(paths[VEC_PATH_EXACT] > 0 && paths[VEC_PATH_EXACT_LISTED] > 0);
        assert_true(paths[VEC_PATH_GRAPH] > 0 && paths[VEC_PATH_GRAPH_BRIDGED] > 0 && probed > 0);
        assert_true(sum / asked > 0.9);
        world_close(&w);
    }
}

/* A graph whose nodes know nobody: a walk meets the entries only, comes back short, and the exact
 * scan answers. */
static void short_graph(void **state)
{
    (void)state;
    struct world w;
    struct graph_shape shape;
    float query[DIM];
    world_open(&w, METRIC_L2, 3000, 0);
    world_graph(&w);
    const struct vec_graph *g = &w.g->graph;
    graph_shape_get(&shape, g);
    assert_int_equal(
        mprotect(g->part[VEC_GRAPH_NODES], g->bytes[VEC_GRAPH_NODES], PROT_READ | PROT_WRITE), 0);
    for (uint32_t slot = 0; slot < g->rows; slot++)
        for (int i = 0; i < shape.blocks; i++)
            for (int j = 0; j < GRAPH_EDGES; j++)
                graph_block(&shape, graph_record(g, &shape, slot), i)->id[j] = slot;
    rows_random(&w.seed, DIM, query);
    for (int64_t modulus = -1; modulus < 4; modulus += 2) {
        struct condition c = {.table = &w.table, .modulus = modulus};
        struct vec_filter f = {.next = condition_next, .user = &c};
        struct vec_ask ask = {.k = 900, .filter = modulus < 0 ? NULL : &f};
        struct naive want;
        naive_search(&w.table,
            &(struct naive_ask){.metric = w.metric,
                .query = query,
                .k = 900,
                .passes = modulus < 0 ? NULL : condition_holds,
                .user = &c},
            &want);
        prefer(w.ix, 1);
        search(&w, query, &ask);
        assert_true(w.answer.fell_through);
        assert_hits(&w.answer.hits, &want);
        free(want.at);
    }
    world_close(&w);
}

static void recall_targets(void **state)
{
    (void)state;
    struct world w;
    float query[DIM];
    world_open(&w, METRIC_L2, 3000, 0);
    world_graph(&w);
    rows_random(&w.seed, DIM, query);
    struct vec_ask ask = {.k = 10, .recall_target = 1};
    search(&w, query, &ask);
    assert_int_equal(w.answer.path, VEC_PATH_EXACT);
    assert_true(w.answer.recall == 1);
    ask = (struct vec_ask){.k = 3000, .ef = 10};
    search(&w, query, &ask);
    assert_true(w.answer.hits.count >= 2900); /* all but zero vectors, none under L2 */
    world_close(&w);
}

/* A filter's own failure, a cancel and a query that is none end a search with their words. */
static void failures(void **state)
{
    (void)state;
    struct world w;
    struct err e = ERR_INIT;
    float query[DIM] = {1};
    world_open(&w, METRIC_L2, ROWS, 0);
    for (int way = 1; way < 4; way++) {
        struct condition c = {.table = &w.table, .modulus = 2, .fail_after = 3};
        struct vec_filter f = {.next = way & 1 ? condition_next : NULL,
            .probe = way & 2 ? condition_probe : NULL,
            .user = &c};
        struct vec_ask ask = {.k = 10, .filter = &f};
        assert_fails(
            vec_index_search(w.ix, query, &ask, &w.answer, &e), ST_IO, &e, "the disk is gone");
    }
    atomic_int stop = 1;
    struct run run = {.cancel = &stop};
    struct vec_ask ask = {.k = 10, .run = &run};
    assert_fails(vec_index_search(w.ix, query, &ask, &w.answer, &e), ST_CANCELLED, &e, "cancelled");
    ask.run = NULL;
    query[7] = NAN;
    assert_fails(vec_index_search(w.ix, query, &ask, &w.answer, &e), ST_INVALID, &e, "nan");
    query[7] = INFINITY;
    assert_fails(vec_index_search(w.ix, query, &ask, &w.answer, &e), ST_INVALID, &e, "inf");
    world_close(&w);
}

/* Rows that are not numbers, or not finite, or zero, are rows all the same. */
static void strange_rows(void **state)
{
    (void)state;
    for (int m = 0; m < METRIC_COUNT; m++) {
        struct world w;
        float v[DIM] = {0}, query[DIM];
        world_open(&w, (enum metric)m, 100, 0);
        rows_deinit(&w.table);
        vec_index_close(w.ix);
        vec_generation_close(w.g);
        w.table = (struct rows){.dim = DIM};
        for (int i = 0; i < 200; i++) {
            static const float ODD[] = {0, NAN, INFINITY, -INFINITY, 3e38F, 1e-38F, 1e-30F, 1};
            for (int j = 0; j < DIM; j++) v[j] = i % 3 == 0 || j == 4 ? ODD[i % 8] : v[j];
            if (i % 3 == 1) rows_random(&w.seed, DIM, v);
            rows_put(&w.table, i, v);
        }
        struct err e = ERR_INIT;
        struct vec_facts facts = {.ix = 1, .number = 1, .metric = m, .dim = DIM};
        struct vec_making making = {.facts = &facts};
        struct vec_rows all = rows_all(&w.table);
        assert_ok(vec_generation_write(&making, &all, &w.g, &e), &e);
        assert_ok(vec_index_open(w.g, &w.ix, &e), &e);
        memset(query, 0, sizeof query);
        for (uint32_t k = 1; k < 250; k += 30) {
            ask_all_ways(&w, query, k, -1);
            rows_random(&w.seed, DIM, query);
            ask_all_ways(&w, query, k, 2);
        }
        world_close(&w);
    }
}

/* --- pairs ------------------------------------------------------------------------------------ */

struct pair_list {
    struct vec_hit *at; /* rowid: a; slot: b, which is small */
    uint32_t count, room;
};

static enum status pair_found(void *user, int64_t a, int64_t b, double distance, struct err *e)
{
    struct pair_list *l = user;
    (void)e;
    if (l->count == l->room) {
        l->room = l->room * 2 + 100;
        l->at = realloc(l->at, l->room * sizeof *l->at);
        assert_non_null(l->at);
    }
    l->at[l->count++] = (struct vec_hit){.distance = distance, .rowid = a, .slot = (uint32_t)b};
    return ST_OK;
}

static int pair_compare(const void *a, const void *b)
{
    const struct vec_hit *x = a, *y = b;
    int c = naive_compare(x, y);
    return c != 0 ? c : (x->slot > y->slot) - (x->slot < y->slot);
}

static void pairs_of(struct world *w, double radius)
{
    struct err e = ERR_INIT;
    struct pair_list got = {0}, want = {0};
    struct vec_pairs ask = {.radius = radius, .found = pair_found, .user = &got};
    assert_ok(vec_index_pairs(w->ix, &ask, &e), &e);
    for (uint32_t i = 0; i < w->table.count; i++)
        for (uint32_t j = 0; j < w->table.count; j++) {
            if (w->table.rowid[i] >= w->table.rowid[j]) continue;
            double d = metric_distance(
                w->metric, rows_vector(&w->table, i), rows_vector(&w->table, j), DIM);
            if (d <= radius)
                assert_ok(pair_found(&want, w->table.rowid[i], w->table.rowid[j], d, &e), &e);
        }
    if (want.count > 0) qsort(want.at, want.count, sizeof *want.at, pair_compare);
    assert_int_equal(got.count, want.count);
    for (uint32_t i = 0; i < want.count; i++) {
        assert_int_equal(got.at[i].rowid, want.at[i].rowid);
        assert_int_equal(got.at[i].slot, want.at[i].slot);
        assert_true(got.at[i].distance == want.at[i].distance);
    }
    free(got.at);
    free(want.at);
}

static void pairs(void **state)
{
    (void)state;
    for (int m = 0; m < METRIC_COUNT; m++) {
        struct world w;
        static const double RADII[METRIC_COUNT][3] = {
            {0.05, 1e-9, 2}, {0.9, 0, 3}, {-9, -12, 0}, {3, 0, 9}, {0.5, 0, 0.9}};
        world_open(&w, (enum metric)m, 300, 0);
        for (int i = 0; i < 80; i++) change_somehow(&w);
        for (int i = 0; i < 3; i++) pairs_of(&w, RADII[m][i]);
        struct err e = ERR_INIT;
        struct run run = {.memory_bytes = 24 * 300};
        struct pair_list got = {0};
        struct vec_pairs ask = {.radius = 1000, .run = &run, .found = pair_found, .user = &got};
        assert_fails(vec_index_pairs(w.ix, &ask, &e), ST_LIMIT, &e, "pairs");
        assert_null(got.at);
        world_close(&w);
    }
}

/* A walk that meets parts of the files for the first time says nothing of what walks cost: it must
 * not make a process' next searches read every row. The same of a scan. */
static void cold_teaches_nothing(void **state)
{
    struct vector_case *c = *state;
    struct world w;
    struct err e = ERR_INIT;
    float query[DIM], v[DIM];
    w = (struct world){.metric = METRIC_L2, .table = {.dim = DIM}, .seed = 5, .dir = c->dir};
    for (uint32_t i = 0; i < 60000; i++) {
        rows_random(&w.seed, DIM, v);
        rows_put(&w.table, 2 * (int64_t)i + 1, v);
    }
    struct vec_facts facts = {.ix = 1, .metric = METRIC_L2, .dim = DIM};
    struct vec_making making = {.dir = c->dir, .facts = &facts};
    struct vec_rows all = rows_all(&w.table);
    assert_ok(vec_generation_write(&making, &all, &w.g, &e), &e);
    facts.number = w.g->facts.number;
    world_graph(&w);
    vec_generation_close(w.g);
    assert_ok(vec_generation_open(c->dir, 1, 0, &w.g, &e), &e);
    assert_true(w.g->has_graph);
    for (int exact = 0; exact < 2; exact++) {
        assert_ok(vec_index_open(w.g, &w.ix, &e), &e);
        prefer(w.ix, 1);
        struct vec_ask ask = {.k = 5, .exact = exact != 0};
        rows_random(&w.seed, DIM, query);
        for (int i = 0; i < 3; i++) {
            struct vec_costs before = w.ix->costs;
            search(&w, query, &ask);
            assert_int_equal(w.answer.path >= VEC_PATH_GRAPH, exact == 0);
            for (size_t h = 0; h < w.answer.hits.count; h++) { /* slots don't tell these rowids */
                const struct vec_hit *hit = &w.answer.hits.at[h];
                const float *row = rows_vector(&w.table, (uint32_t)(hit->rowid / 2));
                assert_true(metric_distance(METRIC_L2, query, row, DIM) == hit->distance);
            }
            bool same = before.walk[0] == w.ix->costs.walk[0] && before.code == w.ix->costs.code;
            assert_int_equal(same, i == 0);
        }
        vec_index_close(w.ix);
        w.ix = NULL;
    }
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(few_rows), cmocka_unit_test(exact_life),
        cmocka_unit_test(many_ties), cmocka_unit_test(failures), cmocka_unit_test(strange_rows),
        cmocka_unit_test(pairs), cmocka_unit_test(graph_life), cmocka_unit_test(short_graph),
        cmocka_unit_test(recall_targets), CASE(cold_teaches_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
