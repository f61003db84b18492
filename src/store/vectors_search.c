/* vectors_search.c - searches on a column's state, each hit held against its row.
 *
 * The log does not know every row that is gone (REPLACE without recursive_triggers), and a program
 * may have switched triggers off. So a hit counts only when its row is there and has that very
 * distance: one seek and one distance a hit. What is gone is dropped and the search done again; a
 * row that is another than the log says makes the whole column doubtful.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "store/vectors_column.h"

/* Searches that may come back with rows that are gone; then all rowids are looked at once. */
enum { ROUNDS = 6 };

enum verdict { STANDS, GONE, CHANGED };

static enum status read_row(
    struct store_vectors *v, int64_t rid, enum vectors_value *kind, struct err *e)
{
    bool row;
    char words[VECTORS_WHY_BYTES];
    *kind = VECTORS_NONE;
    store_bind_int(v->row, 1, rid);
    enum status rc = store_step(v->row, &row, e);
    if (rc == ST_OK && row)
        *kind = vectors_value_read(v->row, 0, v->view.index.dim, v->vector, words);
    store_reset(v->row);
    return rc;
}

/* Of the row at hand. A number that isn't finite gives no finite distance. */
static enum verdict compare(struct store_vectors *v, const float *query, const struct vec_hit *h)
{
    size_t dim = (size_t)v->view.index.dim, bytes = dim * sizeof(float);
    if (store_is_null(v->row, 0)) return GONE;
    const void *at = store_is_blob(v->row, 0) ? store_blob(v->row, 0) : NULL;
    if (at == NULL || (size_t)store_bytes(v->row, 0) != bytes) return CHANGED;
    if ((uintptr_t)at % sizeof(float) != 0) at = memcpy(v->vector, at, bytes);
    if (metric_distance(v->metric, query, at, dim) != h->distance) return CHANGED;
    char words[VECTORS_WHY_BYTES];
    bool sound = isfinite(h->distance) ||
        vectors_value_read(v->row, 0, (int)dim, v->vector, words) == VECTORS_VECTOR;
    return sound ? STANDS : CHANGED;
}

static enum status check_hit(struct store_vectors *v, const float *query, const struct vec_hit *h,
    enum verdict *out, struct err *e)
{
    bool row;
    store_bind_int(v->row, 1, h->rowid);
    enum status rc = store_step(v->row, &row, e);
    *out = rc == ST_OK && row ? compare(v, query, h) : GONE;
    store_reset(v->row);
    return rc;
}

static enum status check_hits(struct store_vectors *v, const float *query,
    const struct vec_answer *a, size_t *gone, bool *changed)
{
    enum status rc = ST_OK;
    *gone = 0;
    *changed = false;
    for (size_t i = 0; rc == ST_OK && i < a->hits.count && !*changed; i++) {
        enum verdict verdict;
        rc = check_hit(v, query, &a->hits.at[i], &verdict, NULL);
        *changed = rc == ST_OK && verdict == CHANGED;
        if (rc != ST_OK || verdict != GONE) continue;
        ++*gone;
        rc = vec_index_change(v->state, a->hits.at[i].rowid, NULL, NULL);
    }
    return rc;
}

/* The snapshot may have moved since get, when no statement keeps it. */
static enum status catch_up(struct store_vectors *v, bool *moved, struct err *e)
{
    bool there;
    struct vectors_place before = v->at;
    enum status rc = vectors_state_follow(v, &there, e);
    *moved = rc == ST_OK && there && v->at.seq != before.seq && v->bad.count == 0;
    return rc;
}

static enum status all_gone(struct store_vectors *v, struct err *e)
{
    bool around;
    struct vectors_diff d = {&v->view, v->g, NULL, v->state};
    return vectors_reconcile(&d, &around, e);
}

static enum status corrupt(struct store_vectors *v, const char *why, struct err *e)
{
    vectors_doubt(v, why);
    return err_set(e, ST_CORRUPT, "%s.%s: %s", v->table, v->column, v->why);
}

/* Whether the hits stand; *again: the state knows more now. */
static enum status settle(struct store_vectors *v, const float *query, const struct vec_ask *ask,
    const struct vec_answer *a, bool *again)
{
    size_t gone;
    bool changed, moved;
    *again = false;
    enum status rc = check_hits(v, query, a, &gone, &changed);
    if (rc != ST_OK || (gone == 0 && !changed)) return rc;
    rc = catch_up(v, &moved, NULL);
    if (rc != ST_OK) return rc;
    if (changed && !moved) return ST_CORRUPT;
    if (ask->filter != NULL)
        return ST_CORRUPT; /* it can't be asked twice; rows know no such case */
    *again = true;
    return ST_OK;
}

enum status store_vectors_search(struct store_vectors *v, const float *query,
    const struct vec_ask *ask, struct vec_answer *out, struct err *e)
{
    bool again = true;
    enum status rc = ST_OK;
    /* The first search of a process does without, unless it depends on it. */
    if (v->calibration_stale && (ask->recall_target > 0 || v->questions.seen > 0))
        vectors_read_calibration(v);
    for (int round = 0; rc == ST_OK && again; round++) {
        if (round == ROUNDS) rc = all_gone(v, e);
        if (rc == ST_OK && round > 4 * ROUNDS) return corrupt(v, "its rows change too fast", e);
        if (rc == ST_OK) rc = vec_index_search(v->state, query, ask, out, e);
        if (rc == ST_CORRUPT) return corrupt(v, e != NULL ? e->text : "a checksum", e);
        if (rc != ST_OK) return rc;
        rc = settle(v, query, ask, out, &again);
        if (rc == ST_CORRUPT) return corrupt(v, "a row is another than the log says", e);
        if (rc != ST_OK) return err_set(e, rc, "%s can't be read", v->table);
    }
    vectors_questions_add(v, query);
    return rc;
}

/* --- pairs ---------------------------------------------------------------------------------------
 */

struct pairs {
    struct store_vectors *v;
    const struct vec_pairs *ask;
    float *first;
    bool changed;
};

static enum status check_pair(void *user, int64_t a, int64_t b, double distance, struct err *e)
{
    struct pairs *p = user;
    struct store_vectors *v = p->v;
    size_t dim = (size_t)v->view.index.dim;
    enum vectors_value kind;
    enum status rc = read_row(v, a, &kind, e);
    if (rc != ST_OK || kind == VECTORS_NONE) return rc;
    memcpy(p->first, v->vector, dim * sizeof(float));
    bool right = kind == VECTORS_VECTOR;
    rc = read_row(v, b, &kind, e);
    if (rc != ST_OK || kind == VECTORS_NONE) return rc;
    right = right && kind == VECTORS_VECTOR;
    /* Which of the two was the query is not said, and a distance may depend on it in its last bit.
     */
    if (right)
        right = metric_distance(v->metric, p->first, v->vector, dim) == distance ||
            metric_distance(v->metric, v->vector, p->first, dim) == distance;
    if (!right) {
        p->changed = true;
        return ST_CORRUPT;
    }
    return p->ask->found(p->ask->user, a, b, distance, e);
}

enum status store_vectors_pairs(struct store_vectors *v, const struct vec_pairs *ask, struct err *e)
{
    struct pairs p = {.v = v, .ask = ask};
    struct vec_pairs inner = {ask->radius, ask->run, check_pair, &p};
    p.first = mem_alloc((size_t)v->view.index.dim * sizeof(float));
    if (p.first == NULL) return mem_err(e, 0);
    enum status rc = vec_index_pairs(v->state, &inner, e);
    mem_free(p.first);
    if (p.changed) return corrupt(v, "a row is another than the log says", e);
    if (rc == ST_CORRUPT) return corrupt(v, e != NULL ? e->text : "a checksum", e);
    return rc;
}
