/* store_vectors_case.h - a table of vectors, searches through the store, and the same by brute
 * force over the rows. */
#ifndef FOVEA_STORE_VECTORS_CASE_H
#define FOVEA_STORE_VECTORS_CASE_H

#include "test.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "store/columns.h"
#include "store/vectors.h"

enum { DIM = 8, ROWS = 2500, K = 10 };

struct vectors_case {
    char dir[64];
    char path[96];
    struct store *s;
    uint64_t seed;
    struct vec_answer answer;
    char why[160]; /* of the last search that came from the rows */
};

static inline struct store *case_open(const char *path)
{
    struct err e = ERR_INIT;
    struct store *s;
    const struct store_options how = {.create = true};
    assert_ok(store_open(path, &how, &s, &e), &e);
    return s;
}

static inline void case_exec(struct store *s, const char *sql)
{
    struct err e = ERR_INIT;
    enum status st = store_exec(s, sql, &e);
    if (st != ST_OK) fail_msg("%s: %s", sql, e.text);
}

static inline int64_t case_int(struct store *s, const char *sql)
{
    struct err e = ERR_INIT;
    struct store_stmt *st;
    bool row;
    assert_ok(store_prepare(s, sql, &st, &e), &e);
    assert_ok(store_step(st, &row, &e), &e);
    int64_t v = row ? store_int(st, 0) : -1;
    store_finalize(st);
    return v;
}

/* Coarse values, so that equal distances and zero vectors occur. */
static inline void case_vector(uint64_t *seed, float *out)
{
    for (int i = 0; i < DIM; i++) out[i] = (float)((int)(test_random(seed) % 9) - 4);
}

/* One run of a statement whose ?1 is a random vector and ?2 an integer. */
static inline enum status case_try(struct store *s, uint64_t *seed, const char *sql, int64_t id)
{
    struct err e = ERR_INIT;
    struct store_stmt *st;
    float v[DIM];
    case_vector(seed, v);
    assert_ok(store_prepare(s, sql, &st, &e), &e);
    store_bind_blob(st, 1, v, sizeof v);
    store_bind_int(st, 2, id);
    enum status rc = store_run(st, &e);
    store_finalize(st);
    return rc;
}

static inline void case_fill(struct store *s, uint64_t *seed, const char *table, int rows)
{
    char sql[128];
    snprintf(sql, sizeof sql, "INSERT INTO %s(v,u) VALUES(?1,?2)", table);
    case_exec(s, "BEGIN");
    for (int i = 0; i < rows; i++) assert_int_equal(case_try(s, seed, sql, i), ST_OK);
    case_exec(s, "COMMIT");
}

static inline void case_declare(struct store *s, const char *table)
{
    struct err e = ERR_INIT;
    struct store_column c = {.dim = DIM, .metric = "L2"};
    assert_ok(store_column_set(s, table, "v", &c, &e), &e);
}

/* --- searches ------------------------------------------------------------------------------------
 */

static inline struct store_vectors *case_get(
    struct vectors_case *c, struct store *s, const char *table, enum metric m)
{
    struct err e = ERR_INIT;
    struct store_vectors_ask ask = {.table = table, .column = "v", .metric = m};
    struct store_vectors *v;
    assert_ok(store_vectors_get(s, &ask, &v, &e), &e);
    snprintf(c->why, sizeof c->why, "%s", ask.why);
    if (v == NULL) assert_true(ask.why[0] != '\0');
    return v;
}

struct case_pair {
    double distance;
    int64_t rowid;
};

static inline int case_by_distance(const void *a, const void *b)
{
    const struct case_pair *x = a, *y = b;
    if (x->distance != y->distance) return x->distance < y->distance ? -1 : 1;
    return (x->rowid > y->rowid) - (x->rowid < y->rowid);
}

/* Every row with its distance, nearest first. mem_free *out. */
static inline size_t case_brute(
    struct store *s, const char *table, enum metric m, const float *query, struct case_pair **out)
{
    struct err e = ERR_INIT;
    struct store_stmt *st;
    bool row = true;
    size_t n = 0, room = 0;
    char sql[128];
    snprintf(sql, sizeof sql, "SELECT rowid, v FROM %s WHERE v IS NOT NULL", table);
    *out = NULL;
    assert_ok(store_prepare(s, sql, &st, &e), &e);
    while (row) {
        float v[DIM];
        assert_ok(store_step(st, &row, &e), &e);
        if (!row) break;
        assert_int_equal(store_bytes(st, 1), sizeof v);
        memcpy(v, store_blob(st, 1), sizeof v);
        double d = metric_distance(m, query, v, DIM);
        if (isnan(d)) continue;
        if (n == room) {
            room = room > 0 ? room * 2 : 256;
            *out = mem_resize(*out, room, sizeof **out);
            assert_non_null(*out);
        }
        (*out)[n++] = (struct case_pair){d, store_int(st, 0)};
    }
    store_finalize(st);
    if (n > 0) qsort(*out, n, sizeof **out, case_by_distance);
    return n;
}

/* The k nearest with all ties of the last, and nothing else. */
static inline void case_compare(struct vectors_case *c, const struct case_pair *want, size_t n)
{
    struct vec_list *hits = &c->answer.hits;
    size_t expected = n < K ? n : K;
    while (expected > 0 && expected < n && want[expected].distance == want[expected - 1].distance)
        expected++;
    if (hits->count != expected)
        fail_msg("%zu hits, not %zu of %zu rows", hits->count, expected, n);
    if (expected == 0) return;
    struct case_pair *got = mem_zalloc(expected, sizeof *got);
    assert_non_null(got);
    for (size_t i = 0; i < expected; i++)
        got[i] = (struct case_pair){hits->at[i].distance, hits->at[i].rowid};
    qsort(got, expected, sizeof *got, case_by_distance);
    for (size_t i = 0; i < expected; i++)
        if (got[i].rowid != want[i].rowid || got[i].distance != want[i].distance)
            fail_msg("hit %zu is row %lld at %.17g, not row %lld at %.17g", i,
                (long long)got[i].rowid, got[i].distance, (long long)want[i].rowid,
                want[i].distance);
    mem_free(got);
}

/* Searches both ways in one snapshot; whether the index answered. */
static inline bool case_search(
    struct vectors_case *c, struct store *s, const char *table, enum metric m)
{
    struct err e = ERR_INIT;
    float query[DIM];
    struct vec_ask ask = {.k = K, .exact = true};
    case_vector(&c->seed, query);
    struct store_vectors *v = case_get(c, s, table, m);
    if (v == NULL) return false;
    struct case_pair *want;
    assert_ok(store_vectors_search(v, query, &ask, &c->answer, &e), &e);
    size_t n = case_brute(s, table, m, query, &want);
    case_compare(c, want, n);
    mem_free(want);
    return true;
}

static inline void case_found(struct vectors_case *c, struct store *s, const char *table)
{
    for (int i = 0; i < 3; i++)
        if (!case_search(c, s, table, METRIC_L2)) fail_msg("from the rows: %s", c->why);
}

static inline void case_from_rows(struct vectors_case *c, struct store *s, const char *piece)
{
    if (case_search(c, s, "t", METRIC_L2)) fail_msg("the index answered");
    if (strstr(c->why, piece) == NULL) fail_msg("\"%s\" does not say \"%s\"", c->why, piece);
}

/* --- set-up --------------------------------------------------------------------------------------
 */

#define CASE_TABLE "CREATE TABLE t(id INTEGER PRIMARY KEY, v BLOB, u TEXT UNIQUE)"

static inline int case_set_up(void **state)
{
    struct vectors_case *c = mem_zalloc(1, sizeof *c);
    if (c == NULL) return 1;
    snprintf(c->dir, sizeof c->dir, "/tmp/fovea-test-XXXXXX");
    if (mkdtemp(c->dir) == NULL) return 1;
    snprintf(c->path, sizeof c->path, "%s/a.db", c->dir);
    c->seed = 2026;
    c->s = case_open(c->path);
    case_exec(c->s, CASE_TABLE);
    *state = c;
    return 0;
}

static inline int case_tear_down(void **state)
{
    struct vectors_case *c = *state;
    char command[256];
    store_close(c->s);
    vec_answer_deinit(&c->answer);
    snprintf(command, sizeof command, "chmod -R u+w %s; rm -rf %s", c->dir, c->dir);
    int rc = system(command);
    mem_free(c);
    return rc;
}

static inline void case_again(struct vectors_case *c)
{
    store_close(c->s);
    c->s = case_open(c->path);
}

/* A declared table with rows, searched once. */
static inline void case_begin(struct vectors_case *c)
{
    case_declare(c->s, "t");
    case_fill(c->s, &c->seed, "t", ROWS);
    case_found(c, c->s, "t");
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, case_set_up, case_tear_down)

#endif
