/* test_vector_generation.c - generations written, extended, opened, found by rowid, swept. */
#include "base/mem.h"
#include "vector_case.h"
#include "vector_rows.h"

enum { DIM = 24, ROWS = 700 };

static struct vec_facts facts_of(int64_t ix, uint64_t number, enum metric m)
{
    return (struct vec_facts){.ix = ix,
        .index_nonce = 99,
        .number = number,
        .log_seq = 7,
        .log_nonce = 8,
        .schema_version = 1,
        .metric = (int32_t)m,
        .dim = DIM,
        .has_key = 1};
}

/* rowids: 0 in a row, 1 with gaps, 2 in any order. */
static void make_rows(struct rows *r, uint32_t count, int rowids, uint64_t seed)
{
    *r = (struct rows){.dim = DIM};
    float v[DIM];
    for (uint32_t i = 0; i < count; i++) {
        rows_random(&seed, DIM, v);
        int64_t rowid = (int64_t)i - 5;
        if (rowids == 1) rowid = (int64_t)i * 3 + (i > 300 ? 1000000007 : 0);
        if (rowids == 2) rowid = (int64_t)(i * 2654435761U) * 4 - ((int64_t)1 << 33);
        rows_put(r, rowid, v);
    }
}

static struct vec_generation *write_rows(
    const char *dir, struct rows *r, uint64_t number, enum metric m)
{
    struct err e = ERR_INIT;
    struct vec_generation *g;
    struct vec_facts facts = facts_of(3, number, m);
    struct vec_making making = {.dir = dir, .facts = &facts};
    struct vec_rows rows = rows_all(r);
    assert_ok(vec_generation_write(&making, &rows, &g, &e), &e);
    return g;
}

/* The generation holds these rows and finds each by its rowid, and no other. */
static void assert_holds(const struct vec_generation *g, const struct rows *r)
{
    struct err e = ERR_INIT;
    assert_int_equal(g->set.rows, r->count);
    for (uint32_t i = 0; i < r->count; i++) {
        int64_t slot;
        assert_ok(vec_generation_slot(g, r->rowid[i], &slot, &e), &e);
        assert_true(slot >= 0);
        assert_int_equal(g->set.rowids[slot], r->rowid[i]);
        assert_ok(g->touch.full(g->touch.user, (uint32_t)slot, &e), &e);
        assert_memory_equal(
            g->set.full + (size_t)slot * DIM, rows_vector(r, i), DIM * sizeof(float));
    }
    static const int64_t STRANGE[] = {INT64_MIN, INT64_MAX, -6, ROWS * 3 + 1, 500000000};
    for (size_t i = 0; i < sizeof STRANGE / sizeof STRANGE[0]; i++) {
        int64_t slot;
        assert_ok(vec_generation_slot(g, STRANGE[i], &slot, &e), &e);
        assert_int_equal(slot, -1);
    }
    assert_ok(vec_generation_verify(g, NULL, &e), &e);
}

static void written_and_opened(void **state)
{
    struct vector_case *c = *state;
    struct err e = ERR_INIT;
    for (int rowids = 0; rowids < 3; rowids++) {
        for (int memory = 0; memory < 2; memory++) {
            struct rows r;
            make_rows(&r, ROWS, rowids, 5);
            struct vec_generation *g = write_rows(
                memory ? NULL : c->dir, &r, (uint64_t)rowids * 2 + 1, (enum metric)rowids);
            assert_int_equal(g->by_rowid != NULL, rowids == 2);
            assert_true(g->has_codes);
            assert_holds(g, &r);
            vec_generation_close(g);
            if (!memory) {
                assert_ok(vec_generation_open(c->dir, 3, 0, &g, &e), &e);
                assert_string_equal(g->doubt, "");
                assert_int_equal(g->facts.number, rowids * 2 + 1);
                assert_int_equal(g->facts.log_nonce, 8);
                assert_holds(g, &r);
                vec_generation_close(g);
            }
            rows_deinit(&r);
        }
    }
}

/* Without codes, without rows, with one. */
static void odd_ones(void **state)
{
    struct vector_case *c = *state;
    struct err e = ERR_INIT;
    static const uint32_t COUNTS[] = {0, 1, 63, 64, 65};
    for (int m = 0; m < METRIC_COUNT; m++)
        for (size_t i = 0; i < 5; i++) {
            struct rows r;
            make_rows(&r, COUNTS[i], 0, 5);
            struct vec_generation *g = write_rows(c->dir, &r, 0, (enum metric)m);
            assert_int_equal(g->facts.number, 1 + i + (size_t)m * 5);
            assert_int_equal(g->has_codes, m < METRIC_L1);
            vec_generation_close(g);
            assert_ok(vec_generation_open(c->dir, 3, 0, &g, &e), &e);
            assert_holds(g, &r);
            vec_generation_close(g);
            rows_deinit(&r);
        }
}

static enum status bad_next(
    void *user, int64_t *rowid, const float **vector, bool *row, struct err *e)
{
    static const float V[DIM];
    int *left = user;
    *rowid = 4;
    *vector = V;
    *row = true;
    if (*left == -1) return err_set(e, ST_BUSY, "no row");
    if ((*left)-- == 0) *row = false;
    return ST_OK;
}

static void refused(void **state)
{
    struct vector_case *c = *state;
    struct err e = ERR_INIT;
    struct vec_generation *g;
    struct vec_facts facts = facts_of(3, 1, METRIC_L2);
    struct vec_making making = {.dir = c->dir, .facts = &facts};
    static const struct {
        int first;
        uint64_t count;
        enum status st;
        const char *words;
    } CASES[] = {{-1, 2, ST_BUSY, "no row"}, {1, 2, ST_INTERNAL, "1 rows came"},
        {3, 2, ST_INTERNAL, "more than the 2"}, {2, 2, ST_INTERNAL, "row 4 came twice"},
        {1, (uint64_t)1 << 40, ST_LIMIT, "rows"}};
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        int left = CASES[i].first;
        struct vec_rows rows = {.count = CASES[i].count, .next = bad_next, .user = &left};
        assert_fails(vec_generation_write(&making, &rows, &g, &e), CASES[i].st, &e, CASES[i].words);
        assert_null(g);
        assert_int_equal(case_files(c, false), 1); /* the lock, once it was taken */
    }
    struct rows r;
    make_rows(&r, 10, 0, 1);
    g = write_rows(c->dir, &r, 1, METRIC_L2);
    struct vec_rows rows = rows_all(&r);
    struct vec_generation *other;
    assert_fails(vec_generation_write(&making, &rows, &other, &e), ST_EXISTS, &e, "generation 1");
    atomic_int stop = 1;
    struct run run = {.cancel = &stop};
    facts.number = 2;
    making.run = &run;
    rows = rows_all(&r);
    assert_fails(vec_generation_write(&making, &rows, &other, &e), ST_CANCELLED, &e, "cancelled");
    assert_int_equal(case_files(c, false), 3);
    vec_generation_close(g);
    rows_deinit(&r);
    assert_fails(vec_generation_open(c->dir, 4, 0, &g, &e), ST_NOT_FOUND, &e, "index 4");
    assert_fails(
        vec_generation_open(case_path(c, "no"), 4, 0, &g, &e), ST_NOT_FOUND, &e, "index 4");
    facts.dim = VEC_DIM_MAX + 1;
    assert_fails(vec_generation_write(&making, &rows, &other, &e), ST_LIMIT, &e, "4097");
}

/* Extended: rows stay in their order, dead ones go, new ones come behind. */
static void extended(void **state)
{
    struct vector_case *c = *state;
    struct err e = ERR_INIT;
    for (int kind = 0; kind < 3; kind++) {
        struct rows r, added = {.dim = DIM};
        make_rows(&r, ROWS, kind, 5);
        struct vec_generation *old = write_rows(c->dir, &r, 0, METRIC_COSINE), *g;
        uint64_t dead[ROWS / 64 + 1] = {0}, seed = 8;
        float v[DIM];
        for (uint32_t i = 0; i < ROWS; i += 1 + (uint32_t)kind) {
            dead[i / 64] |= (uint64_t)1 << i % 64;
            rows_remove(&r, old->set.rowids[i]);
        }
        for (int i = 0; i < 90; i++) {
            rows_random(&seed, DIM, v);
            rows_put(&added, (int64_t)((uint64_t)i * 77 % 90) + ((int64_t)1 << 41), v);
            rows_put(&r, added.rowid[i], v);
        }
        struct vec_facts facts = facts_of(3, 0, METRIC_COSINE);
        struct vec_making making = {.dir = c->dir, .facts = &facts};
        struct vec_rows rows = rows_all(&added);
        struct vec_change change = {.old = old, .dead = dead, .added = &rows};
        assert_ok(vec_generation_extend(&making, &change, &g, &e), &e);
        assert_int_equal(g->facts.number, old->facts.number + 1);
        assert_holds(g, &r);
        vec_generation_close(g);
        change = (struct vec_change){.old = old};
        assert_ok(vec_generation_extend(&making, &change, &g, &e), &e);
        assert_int_equal(g->set.rows, ROWS);
        vec_generation_close(g);
        vec_generation_close(old);
        rows_deinit(&r);
        rows_deinit(&added);
    }
}

/* The newest that is whole is opened, and why a newer one is not is said. */
static void doubted_and_swept(void **state)
{
    struct vector_case *c = *state;
    struct err e = ERR_INIT;
    struct rows r;
    make_rows(&r, 100, 0, 5);
    for (uint64_t n = 1; n <= 4; n++) vec_generation_close(write_rows(c->dir, &r, n, METRIC_L2));
    struct vec_generation *g;
    assert_ok(vec_generation_open(c->dir, 3, 3, &g, &e), &e);
    assert_int_equal(g->facts.number, 2);
    vec_generation_close(g);
    size_t bytes;
    uint8_t *data = case_read(case_path(c, "3-3.full"), &bytes);
    case_write(case_path(c, "3-4.full"), data, bytes); /* of another generation */
    case_write(case_path(c, "3-3.full"), data, 5000);  /* cut */
    assert_ok(vec_generation_open(c->dir, 3, 0, &g, &e), &e);
    assert_int_equal(g->facts.number, 2);
    assert_non_null(strstr(g->doubt, "different generations"));
    vec_generation_close(g);
    case_write(case_path(c, "3-2.codes"), data, bytes);
    unlink(case_path(c, "3-1.full"));
    assert_fails(vec_generation_open(c->dir, 3, 0, &g, &e), ST_NOT_FOUND, &e, "different gen");
    free(data);

    case_write(case_path(c, "3-9.full.tmp"), "x", 1);
    case_write(case_path(c, "3-4.graph.tmp"), "x", 1);
    case_write(case_path(c, "3-3.graph.tmp"), "x", 1);
    case_write(case_path(c, "3-8.full"), "x", 1); /* codes never came */
    case_write(case_path(c, "31-1.codes"), "x", 1);
    case_write(case_path(c, "3-x.codes"), "x", 1);
    int64_t *ids;
    size_t count;
    assert_ok(vec_generation_list(c->dir, &ids, &count, &e), &e);
    assert_int_equal(count, 2);
    assert_int_equal(ids[0], 3);
    assert_int_equal(ids[1], 31);
    mem_free(ids);
    assert_int_equal(vec_generation_sweep(c->dir, 3, 4), 8);
    assert_int_equal(access(case_path(c, "3-4.codes"), F_OK), 0);
    assert_int_equal(access(case_path(c, "3-4.graph.tmp"), F_OK), 0);
    assert_int_equal(case_files(c, false), 6); /* 4: full codes graph.tmp; lock; two strangers */
    assert_int_equal(vec_generation_sweep(c->dir, 3, 0), 3);
    assert_int_equal(case_files(c, false), 2);
    rows_deinit(&r);
}

/* Whoever makes files of an index does so alone. */
static enum status nested_next(
    void *user, int64_t *rowid, const float **vector, bool *row, struct err *e)
{
    const struct vec_making *making = user;
    struct vec_generation *g;
    struct err inner = ERR_INIT;
    struct vec_rows none = {.count = 0, .next = nested_next};
    (void)rowid;
    (void)vector;
    (void)e;
    assert_fails(vec_generation_write(making, &none, &g, &inner), ST_BUSY, &inner, "3.lock");
    *row = false;
    return ST_OK;
}

static void one_writer(void **state)
{
    struct vector_case *c = *state;
    struct err e = ERR_INIT;
    struct vec_facts facts = facts_of(3, 0, METRIC_L2);
    struct vec_making making = {.dir = c->dir, .facts = &facts};
    struct vec_rows rows = {.count = 0, .next = nested_next, .user = &making};
    struct vec_generation *g;
    assert_ok(vec_generation_write(&making, &rows, &g, &e), &e);
    vec_generation_close(g);
}

/* --- seeds of tests/fuzz/fuzz_vector_generation.c, when FOVEA_SEEDS names a folder --------------
 */

static void put_word(FILE *f, size_t n)
{
    fputc((int)(n & 255), f);
    fputc((int)(n >> 8), f);
}

/* A file as runs of zeros and bytes. */
static void put_runs(FILE *f, const uint8_t *data, size_t bytes)
{
    for (size_t at = 0; at < bytes;) {
        size_t zeros = 0, count = 0;
        while (at + zeros < bytes && zeros < 60000 && data[at + zeros] == 0) zeros++;
        at += zeros;
        while (at + count < bytes && count < 60000 &&
            (data[at + count] != 0 || at + count + 8 > bytes ||
                memcmp(data + at + count, "\0\0\0\0\0\0\0\0", 8) != 0))
            count++;
        put_word(f, zeros);
        put_word(f, count);
        fwrite(data + at, 1, count, f);
        at += count;
    }
    put_word(f, 0);
    put_word(f, 0);
}

static void seed_write(struct vector_case *c, const char *path)
{
    static const char *const NAMES[] = {"3-1.full", "3-1.codes", "3-1.graph"};
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    fputc(1, f);
    for (int i = 0; i < 3; i++) {
        size_t bytes = 0;
        if (access(case_path(c, NAMES[i]), F_OK) != 0) continue;
        uint8_t *data = case_read(case_path(c, NAMES[i]), &bytes);
        put_runs(f, data, bytes);
        free(data);
    }
    assert_int_equal(fclose(f), 0);
}

static void seeds(void **state)
{
    struct vector_case *c = *state;
    const char *folder = getenv("FOVEA_SEEDS");
    static const char *const SEEDS[] = {"cosine", "l2", "ip", "l1"};
    static const uint32_t COUNTS[] = {70, 24, 24, 70}; /* those of 24 get a graph */
    for (int m = 0; m < 4; m++) {
        struct err e = ERR_INIT;
        struct rows r;
        char path[512];
        case_files(c, true);
        make_rows(&r, COUNTS[m], m % 3, 9);
        struct vec_generation *g = write_rows(c->dir, &r, 1, (enum metric)m);
        struct vec_facts facts = g->facts;
        struct vec_making making = {.dir = c->dir, .facts = &facts};
        struct vec_graph_options options = {.build_list = 16};
        if (COUNTS[m] == 24) assert_ok(vec_generation_graph(&making, g, &options, NULL, &e), &e);
        vec_generation_close(g);
        snprintf(path, sizeof path, "%s/%s", folder, SEEDS[m]);
        seed_write(c, path);
        rows_deinit(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {CASE(written_and_opened), CASE(odd_ones), CASE(refused),
        CASE(extended), CASE(doubted_and_swept), CASE(one_writer)};
    const struct CMUnitTest make[] = {CASE(seeds)};
    if (getenv("FOVEA_SEEDS") != NULL) return cmocka_run_group_tests(make, NULL, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
