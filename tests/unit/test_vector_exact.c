/* test_vector_exact.c - the exact search against a sorted scan over metric_distance, hit by hit and
 * bit by bit: every metric and kernel set, odd data, filters, probes, radius, blocks of queries,
 * several threads. */
#include "test.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "vector/codes_parts.h"
#include "vector/exact.h"

/* --- data ------------------------------------------------------------------------------------- */

enum kind {
    KIND_RANDOM,
    KIND_CLUSTERS,
    KIND_DUPLICATES, /* few different rows */
    KIND_EQUAL,
    KIND_HUGE,  /* around 1e30: squares overflow */
    KIND_TINY,  /* around 1e-30: squares vanish */
    KIND_MIXED, /* lengths from 1e-30 to 1e30 */
    KIND_SUBNORMAL,
    KIND_ZEROS,  /* every third row is zero */
    KIND_SPARSE, /* one-hot rows */
    KIND_FAR,    /* a small cloud far from the origin */
    KIND_COUNT
};

static double uniform(uint64_t *seed)
{
    return (double)(int64_t)test_random(seed) / 9.3e18;
}

static double heavy(uint64_t *seed) /* tails like a Student's t */
{
    double u = uniform(seed), v = uniform(seed);
    return u / (fabs(v) + 0.05);
}

static void row_make(float *x, int dim, enum kind kind, uint64_t *seed, uint32_t slot)
{
    uint64_t shape = kind == KIND_CLUSTERS ? 77 + slot % 7 : kind == KIND_DUPLICATES ? slot % 5 : 9;
    uint64_t *from = kind == KIND_DUPLICATES || kind == KIND_EQUAL ? &shape : seed;
    double scale = kind == KIND_HUGE ? 1e30 : kind == KIND_TINY ? 1e-30 : 1;
    if (kind == KIND_SUBNORMAL) scale = 1e-42;
    if (kind == KIND_MIXED) scale = pow(10, 30 * uniform(seed));
    if (kind == KIND_ZEROS && slot % 3 == 0) scale = 0;
    size_t hot = (size_t)(test_random(seed) % (uint64_t)dim);
    for (int i = 0; i < dim; i++) {
        double v = heavy(from);
        if (kind == KIND_CLUSTERS) v = uniform(&shape) * 10 + v * 0.1;
        if (kind == KIND_SPARSE) v = (size_t)i == hot ? 1 : 0;
        if (kind == KIND_FAR) v = 1000 + v;
        x[i] = (float)(v * scale);
    }
}

struct data {
    struct vec_set set;
    struct vec_codes codes;
    float *full;
    int64_t *rowids;
};

static void codes_make(struct vec_codes *c, const struct vec_set *set)
{
    *c = (struct vec_codes){.metric = set->metric, .dim = set->dim, .rows = set->rows};
    for (int p = 0; p < VEC_CODES_PARTS; p++) {
        size_t bytes = vec_codes_bytes((enum vec_codes_part)p, set->dim, set->rows);
        c->part[p] = mem_alloc_aligned(bytes);
        assert_non_null(c->part[p]);
        memset(c->part[p], 0, bytes);
    }
    vec_codes_centre(c, set, NULL);
    uint32_t half = set->rows / 2;
    vec_codes_encode(c, set, 0, half);
    vec_codes_encode(c, set, half, set->rows - half);
    assert_ok(vec_codes_check(c, NULL), &ERR_INIT);
}

static void data_make(struct data *d, enum metric m, int dim, uint32_t rows, enum kind kind)
{
    uint64_t seed = 1000 + (uint64_t)kind * 131 + (uint64_t)dim * 7 + rows;
    d->full = mem_alloc_aligned(((size_t)rows * (size_t)dim + 16) * sizeof(float));
    d->rowids = mem_zalloc(rows + 1, sizeof *d->rowids);
    assert_non_null(d->full);
    assert_non_null(d->rowids);
    for (uint32_t i = 0; i < rows; i++) {
        row_make(d->full + (size_t)i * (size_t)dim, dim, kind, &seed, i);
        d->rowids[i] = (int64_t)i * 3 + 5;
    }
    d->set = (struct vec_set){
        .metric = m, .dim = dim, .rows = rows, .full = d->full, .rowids = d->rowids};
    d->codes = (struct vec_codes){0};
    if (vec_codes_have(m)) codes_make(&d->codes, &d->set);
}

static void data_free(struct data *d)
{
    mem_free_aligned(d->full);
    mem_free(d->rowids);
    for (int p = 0; p < VEC_CODES_PARTS; p++) mem_free_aligned(d->codes.part[p]);
}

/* A query: a row itself, near a row, or of its own. */
static void query_make(float *q, const struct data *d, enum kind kind, int number)
{
    uint64_t seed = 555 + (uint64_t)number;
    int dim = d->set.dim;
    if (d->set.rows == 0 || number % 3 == 2) {
        row_make(q, dim, kind, &seed, (uint32_t)number);
        return;
    }
    size_t slot = (size_t)(test_random(&seed) % d->set.rows);
    memcpy(q, d->full + slot * (size_t)dim, (size_t)dim * sizeof *q);
    for (int i = 0; number % 3 == 1 && i < dim; i++) q[i] += (float)(0.05 * heavy(&seed)) * q[i];
    for (int i = 0; i < dim; i++)
        if (!isfinite(q[i])) q[i] = 1;
}

/* --- the specification ------------------------------------------------------------------------ */

static int nearer(const void *a, const void *b)
{
    const struct vec_hit *x = a, *y = b;
    if (x->distance != y->distance) return x->distance < y->distance ? -1 : 1;
    return x->slot < y->slot ? -1 : x->slot > y->slot;
}

static bool passes(const struct vec_query *how, uint32_t slot)
{
    return how->pass == NULL || (how->pass[slot / 64] >> slot % 64 & 1) != 0;
}

/* Every row that passes and has a distance, nearest first. */
static uint32_t naive(
    const struct data *d, const float *q, const struct vec_query *how, struct vec_hit *out)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < d->set.rows; i++) {
        double x = metric_distance(
            d->set.metric, q, d->full + (size_t)i * (size_t)d->set.dim, (size_t)d->set.dim);
        if (isnan(x) || !passes(how, i)) continue;
        if (how->probe != NULL && how->probe(how->probe_user, i, d->rowids[i]) != VEC_PASSES)
            continue;
        out[n++] = (struct vec_hit){x, d->rowids[i], i};
    }
    qsort(out, n, sizeof *out, nearer);
    return n;
}

static bool same_hit(const struct vec_hit *a, const struct vec_hit *b)
{
    return memcmp(&a->distance, &b->distance, sizeof a->distance) == 0 && a->slot == b->slot &&
        a->rowid == b->rowid;
}

static const char *where(const struct data *d, enum kind kind, uint32_t k)
{
    static char text[128];
    snprintf(text, sizeof text, "%s dim %d rows %u kind %d k %u isa %s", metric_name(d->set.metric),
        d->set.dim, d->set.rows, (int)kind, k, cpu_isa_name(cpu_get()->isa));
    return text;
}

static void assert_hits(const struct vec_hits *got, const struct vec_hit *want, uint32_t all,
    const struct vec_query *how, const char *at)
{
    uint32_t n = all < how->k ? all : how->k;
    if (got->count != n) fail_msg("%s: %u hits, not %u", at, got->count, n);
    for (uint32_t i = 0; i < n; i++)
        if (!same_hit(&got->at[i], &want[i]))
            fail_msg("%s: hit %u is slot %u at %.17g, not slot %u at %.17g", at, i, got->at[i].slot,
                got->at[i].distance, want[i].slot, want[i].distance);
    bool tied = n > 0 && n < all && want[n].distance == want[n - 1].distance;
    if (how->probe == NULL && got->tied != tied) fail_msg("%s: tied is %d", at, got->tied);
}

/* --- a round of searches ---------------------------------------------------------------------- */

struct room {
    struct vec_exact_scratch *scratch;
    struct vec_hit *want, *got;
    float *query;
};

static void room_make(struct room *r, const struct data *d, int queries, int threads)
{
    struct err e = ERR_INIT;
    assert_ok(vec_exact_scratch_open(d->set.dim, queries, threads, &r->scratch, &e), &e);
    r->want = mem_zalloc(d->set.rows + 1, sizeof *r->want);
    r->got = mem_zalloc((size_t)(d->set.rows + 70) * (size_t)queries, sizeof *r->got);
    r->query = mem_zalloc((size_t)queries * (size_t)d->set.dim, sizeof *r->query);
    assert_true(r->want != NULL && r->got != NULL && r->query != NULL);
}

static void room_free(struct room *r)
{
    vec_exact_scratch_close(r->scratch);
    mem_free(r->want);
    mem_free(r->got);
    mem_free(r->query);
}

static void search_compare(
    const struct data *d, struct room *r, const struct vec_query *how, enum kind kind)
{
    struct err e = ERR_INIT;
    uint32_t all = naive(d, r->query, how, r->want);
    for (int coded = 0; coded <= (d->codes.dim != 0); coded++) {
        struct vec_exact x = {
            .set = &d->set, .codes = coded ? &d->codes : NULL, .scratch = r->scratch};
        struct vec_hits hits = {.at = r->got, .capacity = d->set.rows + 70};
        assert_ok(vec_exact_search(&x, r->query, how, &hits, &e), &e);
        assert_hits(&hits, r->want, all, how, where(d, kind, how->k));
    }
}

static void radius_compare(
    const struct data *d, struct room *r, struct vec_query how, enum kind kind)
{
    struct err e = ERR_INIT;
    uint32_t all = naive(d, r->query, &how, r->want), within = 0;
    how.by_radius = true;
    how.radius = all > 0 ? r->want[all / 10].distance : 1;
    while (within < all && r->want[within].distance <= how.radius) within++;
    for (int coded = 0; coded <= (d->codes.dim != 0); coded++) {
        struct vec_exact x = {
            .set = &d->set, .codes = coded ? &d->codes : NULL, .scratch = r->scratch};
        struct vec_list list = {0};
        assert_ok(vec_exact_radius(&x, r->query, &how, &list, &e), &e);
        if (list.count != within)
            fail_msg("%s: %zu within, not %u", where(d, kind, 0), list.count, within);
        for (size_t i = 1; i < list.count; i++) assert_true(list.at[i - 1].slot < list.at[i].slot);
        if (within > 0) qsort(list.at, within, sizeof *list.at, nearer);
        for (uint32_t i = 0; i < within; i++) assert_true(same_hit(&list.at[i], &r->want[i]));
        vec_list_deinit(&list);
    }
}

static void round_compare(enum metric m, int dim, uint32_t rows, enum kind kind)
{
    static const uint32_t KS[] = {1, 10, 64, 0};
    struct data d;
    struct room r;
    data_make(&d, m, dim, rows, kind);
    room_make(&r, &d, 1, 1);
    for (int q = 0; q < 3; q++) {
        query_make(r.query, &d, kind, q);
        for (size_t i = 0; i < sizeof KS / sizeof *KS; i++)
            search_compare(&d, &r, &(struct vec_query){.k = KS[i]}, kind);
        search_compare(&d, &r, &(struct vec_query){.k = rows + 7}, kind);
        radius_compare(&d, &r, (struct vec_query){0}, kind);
    }
    room_free(&r);
    data_free(&d);
}

static void each_isa(void (*what)(enum metric m))
{
    for (int isa = CPU_BASE; isa <= (int)cpu_get()->found; isa++) {
        cpu_force((enum cpu_isa)isa);
        for (int m = 0; m < METRIC_COUNT; m++) what((enum metric)m);
    }
    cpu_force(cpu_get()->found);
}

static void dimensions(enum metric m)
{
    static const int LARGE[] = {512, 768, 1024, 4096};
    for (int dim = 1; dim <= 130; dim++)
        round_compare(m, dim, 150, dim % 2 == 0 ? KIND_RANDOM : KIND_CLUSTERS);
    for (size_t i = 0; i < sizeof LARGE / sizeof *LARGE; i++)
        round_compare(m, LARGE[i], 130, KIND_RANDOM);
    round_compare(m, 512, 2500, KIND_CLUSTERS);
}

static void test_dimensions(void **state)
{
    (void)state;
    each_isa(dimensions);
}

static void row_counts(enum metric m)
{
    static const uint32_t ROWS[] = {0, 1, 2, 63, 64, 65, 127, 128, 1023, 1024, 1025, 3001};
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++)
        round_compare(m, 19, ROWS[i], KIND_RANDOM);
}

static void test_row_counts(void **state)
{
    (void)state;
    each_isa(row_counts);
}

static void kinds(enum metric m)
{
    for (int kind = 0; kind < KIND_COUNT; kind++) {
        round_compare(m, 33, 1500, (enum kind)kind);
        round_compare(m, 128, 300, (enum kind)kind);
    }
}

static void test_odd_data(void **state)
{
    (void)state;
    each_isa(kinds);
}

/* --- filters ---------------------------------------------------------------------------------- */

static enum vec_verdict probe_seventh(void *user, uint32_t slot, int64_t rowid)
{
    assert_int_equal(rowid, (int64_t)slot * 3 + 5);
    ++*(int *)user;
    return slot % 7 == 3 ? VEC_PASSES : VEC_FAILS;
}

static void filters(enum metric m)
{
    struct data d;
    struct room r;
    uint64_t seed = 31, pass[50];
    data_make(&d, m, 48, 3001, KIND_CLUSTERS);
    room_make(&r, &d, 1, 1);
    for (int one_in = 1; one_in <= 4096; one_in *= 4) {
        memset(pass, 0, sizeof pass);
        for (uint32_t i = 0; i < 3200; i++) /* bits past the last row count nothing */
            if (test_random(&seed) % (uint64_t)one_in == 0) pass[i / 64] |= (uint64_t)1 << i % 64;
        query_make(r.query, &d, KIND_CLUSTERS, one_in);
        int probes = 0;
        bool stopped = true;
        struct vec_query how = {.k = 12, .pass = pass};
        search_compare(&d, &r, &how, KIND_CLUSTERS);
        radius_compare(&d, &r, how, KIND_CLUSTERS);
        how.probe = probe_seventh;
        how.probe_user = &probes;
        how.stopped = &stopped;
        search_compare(&d, &r, &how, KIND_CLUSTERS);
        radius_compare(&d, &r, how, KIND_CLUSTERS);
        assert_false(stopped);
    }
    room_free(&r);
    data_free(&d);
}

static void test_filters(void **state)
{
    (void)state;
    each_isa(filters);
}

static enum vec_verdict probe_stops(void *user, uint32_t slot, int64_t rowid)
{
    (void)slot;
    (void)rowid;
    return ++*(int *)user == 20 ? VEC_STOP : VEC_PASSES;
}

static void test_probe_stops(void **state)
{
    (void)state;
    struct data d;
    struct room r;
    struct err e = ERR_INIT;
    data_make(&d, METRIC_L2, 16, 2000, KIND_RANDOM);
    room_make(&r, &d, 1, 1);
    query_make(r.query, &d, KIND_RANDOM, 2);
    int probes = 0;
    bool stopped = false;
    struct vec_stats stats = {0};
    struct vec_query how = {
        .k = 50, .probe = probe_stops, .probe_user = &probes, .stopped = &stopped, .stats = &stats};
    struct vec_exact x = {.set = &d.set, .codes = &d.codes, .scratch = r.scratch};
    struct vec_hits hits = {.at = r.got, .capacity = 50};
    assert_ok(vec_exact_search(&x, r.query, &how, &hits, &e), &e);
    assert_true(stopped);
    assert_int_equal(hits.count, 19);
    assert_int_equal(probes, 20);
    assert_int_equal(stats.probes, 20);
    for (uint32_t i = 1; i < hits.count; i++) assert_true(nearer(&hits.at[i - 1], &hits.at[i]) < 0);
    room_free(&r);
    data_free(&d);
}

/* --- blocks of queries, threads --------------------------------------------------------------- */

enum { BLOCK_QUERIES = 11 };

enum rows_that_pass { PASS_ALL, PASS_MANY, PASS_CLUMPS, PASS_COUNT };

/* Of clumps, some blocks have all their rows, most have one, and in later rows all have one. */
static void pass_make(uint64_t *pass, uint32_t words, enum rows_that_pass which)
{
    for (uint32_t i = 0; i < words; i++) {
        uint64_t one = (uint64_t)1 << i * 7 % 64;
        pass[i] = which == PASS_ALL ? UINT64_MAX : which == PASS_MANY ? 0x2525252525252525 : one;
        if (which == PASS_CLUMPS && i % 5 == 0 && i < words / 2) pass[i] = UINT64_MAX;
    }
}

static void blocks_with(enum metric m, int threads, enum rows_that_pass which)
{
    struct data d;
    struct room r;
    struct err e = ERR_INIT;
    struct team *team = NULL;
    uint64_t pass[100];
    pass_make(pass, 100, which);
    data_make(&d, m, 40, 6007, KIND_CLUSTERS);
    room_make(&r, &d, BLOCK_QUERIES, threads);
    if (threads > 1) assert_ok(team_open(threads, &team, &e), &e);
    float *queries = mem_zalloc(BLOCK_QUERIES * 40, sizeof *queries);
    assert_non_null(queries);
    for (int q = 0; q < BLOCK_QUERIES; q++) query_make(queries + q * 40, &d, KIND_CLUSTERS, q);
    for (int i = 0; i < 40; i++) queries[4 * 40 + i] *= 1e25F; /* one that codes can't serve */
    memset(queries + 7 * 40, 0, 40 * sizeof *queries);         /* a zero query */
    struct vec_query how = {.k = 17, .team = team, .pass = pass};
    for (int coded = 0; coded <= (d.codes.dim != 0); coded++) {
        struct vec_exact x = {
            .set = &d.set, .codes = coded ? &d.codes : NULL, .scratch = r.scratch};
        struct vec_hits hits[BLOCK_QUERIES];
        for (int q = 0; q < BLOCK_QUERIES; q++)
            hits[q] = (struct vec_hits){.at = r.got + q * 20, .capacity = 20};
        assert_ok(vec_exact_search_block(
                      &x, &(struct vec_queries){queries, BLOCK_QUERIES}, &how, hits, &e),
            &e);
        for (int q = 0; q < BLOCK_QUERIES; q++) {
            uint32_t all = naive(&d, queries + q * 40, &how, r.want);
            assert_hits(&hits[q], r.want, all, &how, where(&d, KIND_CLUSTERS, 17));
        }
    }
    team_close(team);
    mem_free(queries);
    room_free(&r);
    data_free(&d);
}

static void blocks(enum metric m)
{
    for (int threads = 1; threads <= 4; threads *= 2)
        for (int which = 0; which < PASS_COUNT; which++)
            blocks_with(m, threads, (enum rows_that_pass)which);
}

static void test_blocks_and_threads(void **state)
{
    (void)state;
    each_isa(blocks);
}

/* --- refusals and hostile bytes --------------------------------------------------------------- */

static void test_refusals(void **state)
{
    (void)state;
    struct data d;
    struct room r;
    struct err e = ERR_INIT;
    data_make(&d, METRIC_COSINE, 8, 100, KIND_RANDOM);
    room_make(&r, &d, 1, 1);
    query_make(r.query, &d, KIND_RANDOM, 2);
    struct vec_exact x = {.set = &d.set, .codes = &d.codes, .scratch = r.scratch};
    struct vec_hits hits = {.at = r.got, .capacity = 5};
    struct vec_query how = {.k = 6};
    assert_fails(vec_exact_search(&x, r.query, &how, &hits, &e), ST_LIMIT, &e, "room for 5");
    how.k = 5;
    r.query[3] = NAN;
    assert_fails(vec_exact_search(&x, r.query, &how, &hits, &e), ST_INVALID, &e, "dimension 4");
    r.query[3] = -INFINITY;
    assert_fails(vec_exact_search(&x, r.query, &how, &hits, &e), ST_INVALID, &e, "dimension 4");
    memset(r.query, 0, 8 * sizeof *r.query);
    assert_ok(vec_exact_search(&x, r.query, &how, &hits, &e), &e);
    assert_int_equal(hits.count, 0);
    atomic_int cancel = 1;
    struct run run = {.cancel = &cancel};
    how.run = &run;
    r.query[0] = 1;
    assert_fails(vec_exact_search(&x, r.query, &how, &hits, &e), ST_CANCELLED, &e, "cancelled");
    room_free(&r);
    data_free(&d);
}

static void test_no_memory(void **state)
{
    (void)state;
    struct vec_exact_scratch *s;
    struct err e = ERR_INIT;
    for (uint64_t nth = 1;; nth++) {
        assert_true(nth < 100);
        mem_fault_set(nth, false);
        enum status st = vec_exact_scratch_open(100, 3, 2, &s, &e);
        mem_fault_set(0, false);
        if (st == ST_OK) break;
        assert_int_equal(st, ST_NO_MEMORY);
        assert_null(s);
    }
    vec_exact_scratch_close(s);
    assert_fails(vec_exact_scratch_open(0, 1, 1, &s, &e), ST_INVALID, &e, "0 dimensions");
    assert_fails(vec_exact_scratch_open(8, 1, 65, &s, &e), ST_INVALID, &e, "65 threads");
}

/* Any bytes in the sections may give wrong hits, but nothing worse. */
static void test_hostile_codes(void **state)
{
    (void)state;
    uint64_t seed = 41;
    struct data d;
    struct room r;
    struct err e = ERR_INIT;
    data_make(&d, METRIC_L2, 30, 777, KIND_RANDOM);
    room_make(&r, &d, 1, 1);
    for (int round = 0; round < 60; round++) {
        for (int p = VEC_CODES_HIGH; p < VEC_CODES_PARTS; p++) {
            uint8_t *bytes = d.codes.part[p];
            size_t n = vec_codes_bytes((enum vec_codes_part)p, 30, 777);
            for (size_t i = 0; i < n; i++)
                if (round < 30 || test_random(&seed) % 16 == 0)
                    bytes[i] = (uint8_t)test_random(&seed);
        }
        query_make(r.query, &d, KIND_RANDOM, round);
        struct vec_exact x = {.set = &d.set, .codes = &d.codes, .scratch = r.scratch};
        struct vec_hits hits = {.at = r.got, .capacity = 10};
        struct vec_query how = {.k = 10};
        assert_ok(vec_codes_check(&d.codes, &e), &e);
        assert_ok(vec_exact_search(&x, r.query, &how, &hits, &e), &e);
        assert_true(hits.count <= 10);
    }
    codes_centre(&d.codes)[7] = NAN;
    assert_fails(vec_codes_check(&d.codes, &e), ST_CORRUPT, &e, "not finite");
    codes_centre(&d.codes)[7] = 0;
    *(uint32_t *)d.codes.part[VEC_CODES_CENTRE] = 99;
    assert_fails(vec_codes_check(&d.codes, &e), ST_CORRUPT, &e, "version");
    room_free(&r);
    data_free(&d);
}

/* --- touching --------------------------------------------------------------------------------- */

struct touched {
    uint8_t codes[3000], full[3000];
    uint32_t fail_at;
};

static enum status touch_codes(void *user, uint32_t first, uint32_t count, struct err *e)
{
    struct touched *t = user;
    assert_true(first + count <= 3000);
    memset(t->codes + first, 1, count);
    if (t->fail_at >= first && t->fail_at < first + count)
        return err_set(e, ST_CORRUPT, "block of slot %u", t->fail_at);
    return ST_OK;
}

static enum status touch_full(void *user, uint32_t slot, struct err *e)
{
    struct touched *t = user;
    (void)e;
    t->full[slot] = 1;
    return ST_OK;
}

static void test_touches(void **state)
{
    (void)state;
    struct data d;
    struct room r;
    struct err e = ERR_INIT;
    static struct touched seen;
    data_make(&d, METRIC_COSINE, 64, 3000, KIND_CLUSTERS);
    room_make(&r, &d, 1, 1);
    query_make(r.query, &d, KIND_CLUSTERS, 1);
    struct vec_touch touch = {.codes = touch_codes, .full = touch_full, .user = &seen};
    struct vec_exact x = {.set = &d.set, .codes = &d.codes, .touch = &touch, .scratch = r.scratch};
    struct vec_hits hits = {.at = r.got, .capacity = 10};
    struct vec_stats stats = {0};
    struct vec_query how = {.k = 10, .stats = &stats};
    seen.fail_at = UINT32_MAX;
    assert_ok(vec_exact_search(&x, r.query, &how, &hits, &e), &e);
    uint64_t full = 0;
    for (int i = 0; i < 3000; i++) assert_int_equal(seen.codes[i], 1);
    for (int i = 0; i < 3000; i++) full += seen.full[i];
    assert_int_equal(stats.codes4, 3000);
    assert_int_equal(full, stats.rechecks);
    assert_true(stats.rechecks >= 10 && stats.rechecks < 1000);
    assert_true(stats.codes8 >= stats.rechecks && stats.codes8 < 3000);
    seen.fail_at = 2222;
    assert_fails(vec_exact_search(&x, r.query, &how, &hits, &e), ST_CORRUPT, &e, "slot 2222");
    room_free(&r);
    data_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_row_counts),
        cmocka_unit_test(test_dimensions),
        cmocka_unit_test(test_odd_data),
        cmocka_unit_test(test_filters),
        cmocka_unit_test(test_probe_stops),
        cmocka_unit_test(test_blocks_and_threads),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_hostile_codes),
        cmocka_unit_test(test_touches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
