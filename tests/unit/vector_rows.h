/* vector_rows.h - made rows for tests of the vector room: given as an iterator, kept for a naive
 * search beside it. */
#ifndef FOVEA_VECTOR_ROWS_H
#define FOVEA_VECTOR_ROWS_H

#include <math.h>
#include <stdlib.h>

#include "test.h"
#include "vector/index.h"

/* Rows of a table: what a naive search goes through. */
struct rows {
    int dim;
    uint32_t count, capacity, at;
    int64_t *rowid;
    float *full;
};

static inline float *rows_vector(const struct rows *r, uint32_t i)
{
    return r->full + (size_t)i * (size_t)r->dim;
}

static inline void rows_deinit(struct rows *r)
{
    free(r->rowid);
    free(r->full);
}

static inline void rows_put(struct rows *r, int64_t rowid, const float *vector)
{
    uint32_t i = 0;
    while (i < r->count && r->rowid[i] != rowid) i++;
    if (i == r->capacity) {
        r->capacity = r->capacity * 2 + 64;
        r->rowid = realloc(r->rowid, r->capacity * sizeof *r->rowid);
        r->full = realloc(r->full, r->capacity * (size_t)r->dim * sizeof(float));
        assert_non_null(r->rowid);
        assert_non_null(r->full);
    }
    r->rowid[i] = rowid;
    memcpy(rows_vector(r, i), vector, (size_t)r->dim * sizeof(float));
    if (i == r->count) r->count++;
}

static inline void rows_remove(struct rows *r, int64_t rowid)
{
    for (uint32_t i = 0; i < r->count; i++) {
        if (r->rowid[i] != rowid) continue;
        r->count--;
        r->rowid[i] = r->rowid[r->count];
        memcpy(rows_vector(r, i), rows_vector(r, r->count), (size_t)r->dim * sizeof(float));
        return;
    }
}

static inline enum status rows_next(
    void *user, int64_t *rowid, const float **vector, bool *row, struct err *e)
{
    struct rows *r = user;
    (void)e;
    *row = r->at < r->count;
    if (!*row) return ST_OK;
    *rowid = r->rowid[r->at];
    *vector = rows_vector(r, r->at++);
    return ST_OK;
}

static inline struct vec_rows rows_all(struct rows *r)
{
    r->at = 0;
    return (struct vec_rows){.count = r->count, .next = rows_next, .user = r};
}

/* A few clusters, so that distances differ; now and then a vector that was there before, or zero.
 */
static inline void rows_random(uint64_t *seed, int dim, float *out)
{
    uint64_t kind = test_random(seed) % 20, cluster = test_random(seed) % 8;
    uint64_t low = kind == 0 ? 1 + test_random(seed) % 5 : test_random(seed) | 1;
    for (int i = 0; i < dim; i++) {
        uint64_t at = cluster * 1000 + (uint64_t)i + 1;
        float centre = (float)(test_random(&at) % 2001) / 1000 - 1;
        out[i] = centre + ((float)(test_random(&low) % 2001) / 1000 - 1) * 0.5F;
        if (kind == 1 && cluster == 0) out[i] = 0;
    }
}

/* What a naive search is asked; passes NULL: every row does. */
struct naive_ask {
    enum metric metric;
    const float *query;
    uint32_t k;
    bool (*passes)(int64_t rowid, void *user);
    void *user;
};

struct naive {
    struct vec_hit *at;
    uint32_t count;
};

static inline int naive_compare(const void *a, const void *b)
{
    const struct vec_hit *x = a, *y = b;
    if (x->distance != y->distance) return x->distance < y->distance ? -1 : 1;
    return (x->rowid > y->rowid) - (x->rowid < y->rowid);
}

/* The k nearest with all ties of the last, of the rows that pass; free n->at. */
static inline void naive_search(const struct rows *r, const struct naive_ask *ask, struct naive *n)
{
    n->at = malloc((r->count + 1) * sizeof *n->at);
    n->count = 0;
    assert_non_null(n->at);
    for (uint32_t i = 0; i < r->count; i++) {
        if (ask->passes != NULL && !ask->passes(r->rowid[i], ask->user)) continue;
        double d = metric_distance(ask->metric, ask->query, rows_vector(r, i), (size_t)r->dim);
        if (!isnan(d)) n->at[n->count++] = (struct vec_hit){.distance = d, .rowid = r->rowid[i]};
    }
    qsort(n->at, n->count, sizeof *n->at, naive_compare);
    if (ask->k == 0) n->count = 0;
    if (n->count <= ask->k) return;
    uint32_t end = ask->k;
    while (end < n->count && n->at[end].distance == n->at[ask->k - 1].distance) end++;
    n->count = end;
}

static inline void assert_hits(const struct vec_list *got, const struct naive *want)
{
    for (uint32_t i = 0; i < want->count && i < got->count; i++)
        if (got->at[i].rowid != want->at[i].rowid || got->at[i].distance != want->at[i].distance)
            fail_msg("hit %u: row %lld at %.17g, not row %lld at %.17g", i,
                (long long)got->at[i].rowid, got->at[i].distance, (long long)want->at[i].rowid,
                want->at[i].distance);
    if (got->count != want->count) fail_msg("%zu hits, not %u", got->count, want->count);
}

#endif
