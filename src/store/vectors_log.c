/* vectors_log.c - the change log: which rows were touched since a place in it.
 *
 * A place is a row of the log, its seq and its random nonce. Whoever knows a place and finds it
 * still there knows that everything before it is history he shares: a rollback, another program's
 * transaction that came instead, a restored backup have another nonce at that seq or none. So an
 * index's own first row is an anchor, a generation covers a place, and a reader remembers one.
 * fovea_log_ix makes reading on from a place as cheap for a quiet index beside a busy one.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "store/vectors_internal.h"

enum { TRIM_ROWS = 20000 }; /* a transaction: others want to write as well */

enum status vectors_log_prepare(
    struct store *s, const char *schema, struct store_stmt **out, struct err *e)
{
    return store_preparef(s, out, e,
        "SELECT seq, nonce, rid FROM \"%w\".fovea_log WHERE ix=?1 AND seq>=?2 ORDER BY seq",
        schema);
}

static enum status add_rid(struct vectors_tail *t, int64_t rid, struct err *e)
{
    if (t->count == t->capacity) {
        size_t capacity = t->capacity > 0 ? t->capacity * 2 : 64;
        int64_t *grown = mem_resize(t->rids, capacity, sizeof *grown);
        if (grown == NULL) return mem_err(e, capacity * sizeof *grown);
        t->rids = grown;
        t->capacity = capacity;
    }
    t->rids[t->count++] = rid;
    return ST_OK;
}

static int by_rid(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void once_each(struct vectors_tail *t)
{
    if (t->count < 2) return;
    qsort(t->rids, t->count, sizeof *t->rids, by_rid);
    size_t kept = 1;
    for (size_t i = 1; i < t->count; i++)
        if (t->rids[i] != t->rids[kept - 1]) t->rids[kept++] = t->rids[i];
    t->count = kept;
}

enum status vectors_log_read(struct store_stmt *log, int64_t ix, struct vectors_place *at,
    struct vectors_tail *tail, struct err *e)
{
    bool row;
    struct vectors_place last = *at;
    *tail = (struct vectors_tail){.there = false};
    store_bind_int(log, 1, ix);
    store_bind_int(log, 2, at->seq);
    enum status rc = store_step(log, &row, e);
    if (rc != ST_OK || !row) return rc;
    tail->there = store_int(log, 0) == at->seq && store_int(log, 1) == at->nonce;
    if (!tail->there) {
        store_reset(log);
        return ST_OK;
    }
    for (;;) {
        rc = store_step(log, &row, e);
        if (rc != ST_OK || !row) break;
        last = (struct vectors_place){store_int(log, 0), store_int(log, 1)};
        if (!store_is_null(log, 2)) rc = add_rid(tail, store_int(log, 2), e);
        if (rc != ST_OK) break;
    }
    store_reset(log);
    if (rc != ST_OK) {
        mem_free(tail->rids);
        *tail = (struct vectors_tail){.there = false};
        return rc;
    }
    once_each(tail);
    *at = last;
    return ST_OK;
}

enum status vectors_log_last(
    struct store *s, const struct store_index *ix, struct vectors_place *out, struct err *e)
{
    struct store_stmt *st;
    bool row = false;
    *out = (struct vectors_place){0, 0};
    enum status rc = store_preparef(s, &st, e,
        "SELECT seq, nonce FROM \"%w\".fovea_log WHERE ix=%lld ORDER BY seq DESC LIMIT 1",
        ix->schema, (long long)ix->ix);
    if (rc == ST_OK) rc = store_step(st, &row, e);
    if (rc == ST_OK && row) *out = (struct vectors_place){store_int(st, 0), store_int(st, 1)};
    store_finalize(st);
    return rc;
}

static enum status trim_some(struct store *s, const struct store_index *ix,
    const struct vectors_place *place, bool *more, struct err *e)
{
    enum status rc = store_begin_now(s, e);
    if (rc != ST_OK) return rc;
    /* Only when the place is there: a file of another history may not trim this one. */
    rc = store_execf(s, e,
        "DELETE FROM \"%w\".fovea_log WHERE seq IN (SELECT seq FROM \"%w\".fovea_log WHERE ix=%lld"
        " AND seq<%lld AND EXISTS (SELECT 1 FROM \"%w\".fovea_log WHERE seq=%lld AND ix=%lld"
        " AND nonce=%lld) LIMIT %d)",
        ix->schema, ix->schema, (long long)ix->ix, (long long)place->seq, ix->schema,
        (long long)place->seq, (long long)ix->ix, (long long)place->nonce, (int)TRIM_ROWS);
    *more = rc == ST_OK && store_changes(s) == TRIM_ROWS;
    if (rc == ST_OK) rc = store_commit(s, e);
    if (rc != ST_OK) store_rollback(s);
    return rc;
}

enum status vectors_log_trim(
    struct store *s, const struct store_index *ix, const struct vectors_place *place, struct err *e)
{
    bool more = true;
    enum status rc = ST_OK;
    while (rc == ST_OK && more) rc = trim_some(s, ix, place, &more, e);
    return rc;
}
