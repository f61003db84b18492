/* index_pairs.c - every pair of rows that are near each other.
 *
 * Rows are asked in blocks: one pass over the codes answers sixteen of them, by radius, so nearly
 * every row is settled by its 4-bit code. The generation's rows ask only those behind them; the
 * tail's ask the whole generation and the tail behind them. A row with more neighbours than its
 * room asks once more on its own.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "vector/index_parts.h"

enum { QUERIES = 16, ROOM = 64, TEAM_ROWS = 20000, REPORT_BLOCKS = 64 };
#define MEMORY_DEFAULT ((uint64_t)1 << 30)

struct pair {
    int64_t a, b;
    double distance;
};

/* Rows asking, and what they are asked against. */
struct asking {
    struct vec_index *ix;
    const struct vec_pairs *ask;
    struct vec_exact_scratch *scratch;
    struct team *team;
    uint64_t *behind, *tail_behind; /* rows that are still to be asked */
    float *queries;
    int64_t rowid[QUERIES];
    uint32_t place[QUERIES]; /* slots of their own half */
    int count;
    struct vec_hits hits[QUERIES];
    struct vec_hit room[QUERIES * ROOM];
    struct vec_list list;
    struct pair *pairs;
    size_t pair_count, pair_capacity, pair_max;
};

static enum status pair_add(struct asking *s, int64_t a, int64_t b, double distance, struct err *e)
{
    if (s->pair_count == s->pair_capacity) {
        size_t capacity = s->pair_capacity * 2 + 256;
        if (capacity > s->pair_max)
            return err_set(e, ST_LIMIT, "more than %zu pairs are that near", s->pair_count);
        struct pair *grown = mem_resize(s->pairs, capacity, sizeof *grown);
        if (grown == NULL) return mem_err(e, capacity * sizeof *grown);
        s->pairs = grown;
        s->pair_capacity = capacity;
    }
    s->pairs[s->pair_count++] =
        a < b ? (struct pair){a, b, distance} : (struct pair){b, a, distance};
    return ST_OK;
}

/* One half of the index. first: rows of it below the query's own place are not its business. */
struct half {
    struct vec_exact x;
    const uint64_t *pass;
    bool own; /* the queries are of this half */
};

static enum status hits_take(
    struct asking *s, const struct half *h, int query, const struct vec_hits *hits, struct err *e)
{
    for (uint32_t i = 0; i < hits->count; i++) {
        if (h->own && hits->at[i].slot <= s->place[query]) continue;
        enum status st = pair_add(s, s->rowid[query], hits->at[i].rowid, hits->at[i].distance, e);
        if (st != ST_OK) return st;
    }
    return ST_OK;
}

/* A row with many neighbours. */
static enum status ask_alone(
    struct asking *s, const struct half *h, const struct vec_query *how, int query, struct err *e)
{
    size_t dim = (size_t)s->ix->g->set.dim;
    s->list.count = 0;
    enum status st = vec_exact_radius(&h->x, s->queries + (size_t)query * dim, how, &s->list, e);
    if (st != ST_OK || s->list.count == 0) return st;
    struct vec_hits all = {.at = s->list.at, .count = (uint32_t)s->list.count};
    return hits_take(s, h, query, &all, e);
}

static enum status ask_half(struct asking *s, const struct half *h, struct err *e)
{
    struct vec_query how = {.k = ROOM,
        .by_radius = true,
        .radius = s->ask->radius,
        .pass = h->pass,
        .run = s->ask->run,
        .team = s->team};
    if (s->count == 0 || h->x.set->rows == 0) return ST_OK;
    for (int i = 0; i < s->count; i++)
        s->hits[i] = (struct vec_hits){.at = s->room + i * ROOM, .capacity = ROOM};
    enum status st = vec_exact_search_block(
        &h->x, &(struct vec_queries){s->queries, s->count}, &how, s->hits, e);
    for (int i = 0; st == ST_OK && i < s->count; i++)
        st = s->hits[i].count < ROOM ? hits_take(s, h, i, &s->hits[i], e)
                                     : ask_alone(s, h, &how, i, e);
    return st;
}

/* A row that asks; one that is not finite is near nothing. */
static void query_add(struct asking *s, uint32_t place, int64_t rowid, const float *vector)
{
    int dim = s->ix->g->set.dim;
    for (int i = 0; i < dim; i++)
        if (!isfinite(vector[i])) return;
    memcpy(s->queries + (size_t)s->count * (size_t)dim, vector, (size_t)dim * sizeof(float));
    s->place[s->count] = place;
    s->rowid[s->count++] = rowid;
}

static struct half generation_half(const struct asking *s)
{
    const struct vec_generation *g = s->ix->g;
    return (struct half){.pass = s->behind,
        .x = {.set = &g->set,
            .codes = g->has_codes ? &g->codes : NULL,
            .touch = &g->touch,
            .scratch = s->scratch}};
}

static void report(const struct asking *s, uint64_t done)
{
    if (done / QUERIES % REPORT_BLOCKS != 0) return;
    run_report(s->ask->run,
        &(struct run_progress){
            .what = "comparing vectors", .done = done, .total = vec_index_rows(s->ix)});
}

static enum status generation_asks(struct asking *s, struct err *e)
{
    const struct vec_generation *g = s->ix->g;
    uint32_t at = 0;
    enum status st = ST_OK;
    while (st == ST_OK && at < g->set.rows) {
        s->count = 0;
        for (; s->count < QUERIES && at < g->set.rows && st == ST_OK; at++) {
            uint64_t bit = (uint64_t)1 << at % 64;
            if ((s->behind[at / 64] & bit) == 0) continue;
            st = g->touch.full(g->touch.user, at, e);
            if (st != ST_OK) break;
            query_add(s, at, g->set.rowids[at], g->set.full + (size_t)at * (size_t)g->set.dim);
        }
        struct half h = generation_half(s);
        h.own = true;
        if (st == ST_OK) st = ask_half(s, &h, e);
        for (int i = 0; i < s->count; i++)
            s->behind[s->place[i] / 64] &= ~((uint64_t)1 << s->place[i] % 64);
        report(s, at);
    }
    return st;
}

static enum status tail_asks(struct asking *s, struct err *e)
{
    const struct vec_tail *t = &s->ix->tail;
    struct vec_set set = {.metric = s->ix->g->set.metric,
        .dim = t->dim,
        .rows = t->rows,
        .full = t->full,
        .rowids = t->rowids};
    enum status st = ST_OK;
    for (uint32_t at = 0; st == ST_OK && at < t->rows;) {
        s->count = 0;
        for (; s->count < QUERIES && at < t->rows; at++)
            query_add(s, at, t->rowids[at], t->full + (size_t)at * (size_t)t->dim);
        struct half h = generation_half(s);
        st = ask_half(s, &h, e);
        h = (struct half){
            .x = {.set = &set, .scratch = s->scratch}, .pass = s->tail_behind, .own = true};
        if (st == ST_OK) st = ask_half(s, &h, e);
        for (int i = 0; i < s->count; i++)
            s->tail_behind[s->place[i] / 64] &= ~((uint64_t)1 << s->place[i] % 64);
        report(s, at);
    }
    return st;
}

static void live_set(struct asking *s)
{
    if (s->ix->dead_count > 0)
        memcpy(s->behind, s->ix->live, s->ix->words * sizeof *s->behind);
    else
        memset(s->behind, 0xff, s->ix->words * sizeof *s->behind);
}

static enum status asking_open(struct asking *s, struct err *e)
{
    struct vec_index *ix = s->ix;
    size_t tail_words = (size_t)ix->tail.rows / 64 + 1, dim = (size_t)ix->g->set.dim;
    int threads = vec_index_rows(ix) < TEAM_ROWS ? 1 : run_threads(s->ask->run);
    if (threads > TEAM_MAX) threads = TEAM_MAX;
    uint64_t bytes = s->ask->run != NULL ? s->ask->run->memory_bytes : 0;
    s->pair_max = (size_t)((bytes > 0 ? bytes : MEMORY_DEFAULT) / sizeof *s->pairs);
    s->behind = mem_alloc(ix->words * sizeof *s->behind);
    s->tail_behind = mem_alloc(tail_words * sizeof *s->tail_behind);
    s->queries = mem_alloc_aligned(QUERIES * dim * sizeof *s->queries);
    if (s->behind == NULL || s->tail_behind == NULL || s->queries == NULL)
        return mem_err(e, (ix->words + tail_words) * 8 + QUERIES * dim * 4);
    live_set(s);
    memset(s->tail_behind, 0xff, tail_words * sizeof *s->tail_behind);
    enum status st = vec_exact_scratch_open(ix->g->set.dim, QUERIES, threads, &s->scratch, e);
    return st == ST_OK && threads > 1 ? team_open(threads, &s->team, e) : st;
}

static void asking_close(struct asking *s)
{
    vec_exact_scratch_close(s->scratch);
    team_close(s->team);
    vec_list_deinit(&s->list);
    mem_free(s->behind);
    mem_free(s->tail_behind);
    mem_free_aligned(s->queries);
    mem_free(s->pairs);
    mem_free(s);
}

static int by_distance(const void *a, const void *b)
{
    const struct pair *x = a, *y = b;
    if (x->distance != y->distance) return x->distance < y->distance ? -1 : 1;
    if (x->a != y->a) return x->a < y->a ? -1 : 1;
    return (x->b > y->b) - (x->b < y->b);
}

enum status vec_index_pairs(struct vec_index *ix, const struct vec_pairs *ask, struct err *e)
{
    if (isnan(ask->radius)) return err_set(e, ST_INVALID, "the radius is not a number");
    struct asking *s = mem_zalloc(1, sizeof *s);
    if (s == NULL) return mem_err(e, sizeof *s);
    s->ix = ix;
    s->ask = ask;
    enum status st = asking_open(s, e);
    if (st == ST_OK) st = generation_asks(s, e);
    if (st == ST_OK) live_set(s);
    if (st == ST_OK) st = tail_asks(s, e);
    if (st == ST_OK && s->pair_count > 0)
        qsort(s->pairs, s->pair_count, sizeof *s->pairs, by_distance);
    for (size_t i = 0; st == ST_OK && i < s->pair_count; i++)
        st = ask->found(ask->user, s->pairs[i].a, s->pairs[i].b, s->pairs[i].distance, e);
    asking_close(s);
    return st;
}
