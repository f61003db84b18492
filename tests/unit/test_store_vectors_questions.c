/* test_store_vectors_questions.c - questions are kept by whoever may write, give the calibration,
 * and are never anything that a search depends on. */
#include "store_vectors_case.h"

enum { ASKED = 20, KEPT = 16 };

static void build(struct vectors_case *c, struct store_index *ix)
{
    struct err e = ERR_INIT;
    *ix = (struct store_index){
        .name = "i", .table = "t", .column = "v", .metric = METRIC_L2, .graph = true};
    case_fill(c->s, &c->seed, "t", ROWS);
    assert_ok(store_index_create(c->s, ix, false, ix, &e), &e);
    assert_ok(store_index_materialize(c->s, ix, NULL, &e), &e);
}

static void ask(struct vectors_case *c, struct store *s, int questions)
{
    struct err e = ERR_INIT;
    float query[DIM];
    struct vec_ask how = {.k = K, .ef = 40};
    for (int i = 0; i < questions; i++) {
        struct store_vectors *v = case_get(c, s, "t", METRIC_L2);
        assert_non_null(v);
        case_vector(&c->seed, query);
        assert_ok(store_vectors_search(v, query, &how, &c->answer, &e), &e);
    }
}

static int64_t kept(struct store *s)
{
    return case_int(s, "SELECT count(*) FROM fovea_questions WHERE n>0");
}

static void kept_when_it_closes(void **state)
{
    struct vectors_case *c = *state;
    struct store_index ix;
    build(c, &ix);
    ask(c, c->s, 3);
    assert_int_equal(kept(c->s), 0); /* not while it is asked */
    case_again(c);
    assert_int_equal(kept(c->s), 3);
    assert_int_equal(case_int(c->s, "SELECT min(length(at)) FROM fovea_questions"), DIM * 4);
    for (int i = 0; i < 60; i++) {
        ask(c, c->s, ASKED);
        case_again(c);
    }
    int64_t n = kept(c->s);
    assert_true(n >= 64 && n <= 256);
    case_exec(c->s, "PRAGMA integrity_check");
}

static void nobody_writes_who_may_not(void **state)
{
    struct vectors_case *c = *state;
    struct err e = ERR_INIT;
    struct store_index ix;
    struct store *s;
    const struct store_options reads = {.read_only = true};
    build(c, &ix);
    case_again(c);
    assert_ok(store_open(c->path, &reads, &s, &e), &e);
    ask(c, s, ASKED);
    store_close(s);
    assert_int_equal(kept(c->s), 0);
    s = case_open(c->path);
    case_exec(c->s, "BEGIN IMMEDIATE"); /* another writes: nobody waits */
    ask(c, s, ASKED);
    store_close(s);
    case_exec(c->s, "COMMIT");
    assert_int_equal(kept(c->s), 0);
    s = case_open(c->path);
    case_exec(s, "BEGIN");
    ask(c, s, ASKED);
    store_close(s);
    assert_int_equal(kept(c->s), 0);
}

static void they_calibrate(void **state)
{
    struct vectors_case *c = *state;
    struct err e = ERR_INIT;
    struct store_index ix;
    build(c, &ix);
    for (int i = 0; i < 4; i++) {
        ask(c, c->s, KEPT);
        case_again(c);
    }
    assert_int_equal(kept(c->s), 64);
    assert_int_equal(case_int(c->s, "SELECT count(*) FROM fovea_questions WHERE n=0"), 0);
    assert_ok(store_index_find(c->s, &(struct store_index_name){NULL, "t", "i"}, &ix, &e), &e);
    assert_ok(store_index_materialize(c->s, &ix, NULL, &e), &e);
    assert_int_equal(case_int(c->s, "SELECT count(*) FROM fovea_questions WHERE n=0"), 1);
    assert_int_equal(case_int(c->s, "SELECT length(at) FROM fovea_questions WHERE n=0"), 8 + 536);
    ask(c, c->s, 1);
    assert_true(c->answer.recall > 0);
    /* A calibration of other files, or none at all, is left aside. */
    case_exec(c->s, "UPDATE fovea_questions SET at=randomblob(544) WHERE n=0");
    case_again(c);
    ask(c, c->s, 1);
    case_exec(c->s, "UPDATE fovea_questions SET at='no' WHERE n<40");
    case_exec(c->s, "DROP TABLE fovea_questions");
    case_again(c);
    case_found(c, c->s, "t");
    ask(c, c->s, 1);
    case_again(c);
}

static void the_background_keeps_and_calibrates(void **state)
{
    struct vectors_case *c = *state;
    struct store_index ix;
    build(c, &ix);
    for (int i = 0; i < 2; i++) {
        ask(c, c->s, KEPT);
        case_again(c);
    }
    assert_int_equal(kept(c->s), 32);
    ask(c, c->s, 257);
    store_vectors_wait(c->s);
    assert_int_equal(kept(c->s), 48);
    assert_int_equal(case_int(c->s, "SELECT count(*) FROM fovea_questions WHERE n=0"), 1);
    case_found(c, c->s, "t");
}

static void dropped_with_the_index(void **state)
{
    struct vectors_case *c = *state;
    struct err e = ERR_INIT;
    struct store_index ix;
    build(c, &ix);
    ask(c, c->s, 5);
    case_again(c);
    assert_ok(store_index_find(c->s, &(struct store_index_name){NULL, "t", "i"}, &ix, &e), &e);
    assert_int_equal(kept(c->s), 5);
    assert_ok(store_index_drop(c->s, &ix, &e), &e);
    assert_int_equal(kept(c->s), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {CASE(kept_when_it_closes), CASE(nobody_writes_who_may_not),
        CASE(they_calibrate), CASE(the_background_keeps_and_calibrates),
        CASE(dropped_with_the_index)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
