/* vector_life.h - the life of an index's files in two steps, for tests that disturb it.
 *
 * Before: generation 1 of ROWS rows with its graph. The step: some rows go, some come, generation 2
 * is written from it, its graph too. Whatever disturbs the step, what opens afterwards must be 1 or
 * 2, whole, with exactly its rows.
 */
#ifndef FOVEA_VECTOR_LIFE_H
#define FOVEA_VECTOR_LIFE_H

#include "vector_case.h"
#include "vector_rows.h"

enum { LIFE_DIM = 12, LIFE_ROWS = 300, LIFE_ADDED = 70, LIFE_IX = 5 };

struct life {
    struct rows before, after, added;
    uint64_t dead[LIFE_ROWS / 64 + 1];
};

static inline void life_init(struct life *l)
{
    uint64_t seed = 11;
    float v[LIFE_DIM];
    *l = (struct life){
        .before = {.dim = LIFE_DIM}, .after = {.dim = LIFE_DIM}, .added = {.dim = LIFE_DIM}};
    for (uint32_t i = 0; i < LIFE_ROWS; i++) {
        rows_random(&seed, LIFE_DIM, v);
        rows_put(&l->before, i * 2, v);
        if (i % 5 == 1)
            l->dead[i / 64] |= (uint64_t)1 << i % 64;
        else
            rows_put(&l->after, i * 2, v);
    }
    for (uint32_t i = 0; i < LIFE_ADDED; i++) {
        rows_random(&seed, LIFE_DIM, v);
        rows_put(&l->added, 2 * LIFE_ROWS - 100 + i * 2 + 1, v);
        rows_put(&l->after, l->added.rowid[i], v);
    }
}

static inline void life_deinit(struct life *l)
{
    rows_deinit(&l->before);
    rows_deinit(&l->after);
    rows_deinit(&l->added);
}

static inline struct vec_facts life_facts(uint64_t number)
{
    return (struct vec_facts){
        .ix = LIFE_IX, .number = number, .metric = METRIC_L2, .dim = LIFE_DIM, .has_key = 1};
}

static inline enum status life_graph(
    const char *dir, struct vec_generation *g, const struct vec_change *change, struct err *e)
{
    struct vec_facts facts = g->facts;
    struct run run = {.threads = 1};
    struct vec_making making = {.dir = dir, .facts = &facts, .run = &run};
    struct vec_graph_options options = {.degree = 32, .build_list = 32};
    return vec_generation_graph(&making, g, &options, change, e);
}

static inline enum status life_begin(struct life *l, const char *dir, struct err *e)
{
    struct vec_facts facts = life_facts(1);
    struct run run = {.threads = 1};
    struct vec_making making = {.dir = dir, .facts = &facts, .run = &run};
    struct vec_rows rows = rows_all(&l->before);
    struct vec_generation *g;
    enum status st = vec_generation_write(&making, &rows, &g, e);
    if (st == ST_OK) st = life_graph(dir, g, NULL, e);
    vec_generation_close(g);
    return st;
}

/* Old generation opened, the new one written unless it is there, its graph made. */
static inline enum status life_step(struct life *l, const char *dir, struct err *e)
{
    struct vec_generation *old = NULL, *g = NULL;
    struct vec_facts facts = life_facts(2);
    struct run run = {.threads = 1};
    struct vec_making making = {.dir = dir, .facts = &facts, .run = &run};
    struct vec_rows added = rows_all(&l->added);
    enum status st = vec_generation_open(dir, LIFE_IX, 2, &old, e);
    struct vec_change change = {.old = old, .dead = l->dead, .added = &added};
    if (st == ST_OK) st = vec_generation_open(dir, LIFE_IX, 0, &g, e);
    if (st == ST_OK && g->facts.number == 1) {
        vec_generation_close(g);
        g = NULL;
        st = vec_generation_extend(&making, &change, &g, e);
    }
    if (st == ST_OK) st = life_graph(dir, g, &change, e);
    vec_generation_close(g);
    vec_generation_close(old);
    return st;
}

/* What opens now: its number. It is whole, and searches of it find its rows and no others. */
static inline uint64_t life_check(const struct life *l, const char *dir, bool *graph)
{
    struct err e = ERR_INIT;
    struct vec_generation *g;
    struct vec_index *ix;
    struct vec_answer answer = {0};
    assert_ok(vec_generation_open(dir, LIFE_IX, 0, &g, &e), &e);
    assert_string_equal(g->doubt, "");
    assert_ok(vec_generation_verify(g, NULL, &e), &e);
    uint64_t number = g->facts.number;
    const struct rows *rows = number == 1 ? &l->before : &l->after;
    *graph = g->has_graph;
    assert_ok(vec_index_open(g, &ix, &e), &e);
    for (uint32_t i = 0; i < 3; i++) {
        struct naive want;
        const float *query = rows_vector(&l->after, i * 90);
        struct vec_ask ask = {.k = 20, .exact = true};
        naive_search(
            rows, &(struct naive_ask){.metric = METRIC_L2, .query = query, .k = 20}, &want);
        assert_ok(vec_index_search(ix, query, &ask, &answer, &e), &e);
        assert_hits(&answer.hits, &want);
        ask.exact = false;
        assert_ok(vec_index_search(ix, query, &ask, &answer, &e), &e);
        assert_true(answer.hits.count >= 20);
        free(want.at);
    }
    vec_answer_deinit(&answer);
    vec_index_close(ix);
    vec_generation_close(g);
    return number;
}

#endif
