/* index_tail.c - rows newer than the generation: f32 in memory, found by rowid. */
#include <string.h>

#include "base/mem.h"
#include "vector/index_parts.h"

void tail_deinit(struct vec_tail *t)
{
    mem_free(t->full);
    mem_free(t->rowids);
    mem_free(t->hash);
    *t = (struct vec_tail){.dim = t->dim};
}

/* Fibonacci hashing: rowids are mostly in a row. */
static uint32_t home(const struct vec_tail *t, int64_t rowid)
{
    return (uint32_t)(((uint64_t)rowid * 0x9e3779b97f4a7c15u) >> 32) & (t->hash_size - 1);
}

/* Where the rowid is, or the free place where it would be. */
static uint32_t seek(const struct vec_tail *t, int64_t rowid)
{
    uint32_t at = home(t, rowid);
    while (t->hash[at] != 0 && t->rowids[t->hash[at] - 1] != rowid)
        at = (at + 1) & (t->hash_size - 1);
    return at;
}

int64_t tail_find(const struct vec_tail *t, int64_t rowid)
{
    return t->rows == 0 ? -1 : (int64_t)t->hash[seek(t, rowid)] - 1;
}

static enum status hash_grow(struct vec_tail *t, struct err *e)
{
    uint32_t size = t->hash_size == 0 ? 64 : t->hash_size * 2;
    uint32_t *hash = mem_zalloc(size, sizeof *hash);
    if (hash == NULL) return mem_err(e, size * sizeof *hash);
    mem_free(t->hash);
    t->hash = hash;
    t->hash_size = size;
    for (uint32_t i = 0; i < t->rows; i++) t->hash[seek(t, t->rowids[i])] = i + 1;
    return ST_OK;
}

static enum status rows_grow(struct vec_tail *t, struct err *e)
{
    size_t capacity = (size_t)t->capacity * 2 + 16, row = (size_t)t->dim * sizeof(float);
    float *full = mem_resize(t->full, capacity, row);
    if (full != NULL) t->full = full;
    int64_t *rowids = full != NULL ? mem_resize(t->rowids, capacity, sizeof *rowids) : NULL;
    if (rowids == NULL) return mem_err(e, capacity * row);
    t->rowids = rowids;
    t->capacity = (uint32_t)capacity;
    return ST_OK;
}

enum status tail_put(struct vec_tail *t, int64_t rowid, const float *vector, struct err *e)
{
    size_t dim = (size_t)t->dim;
    int64_t at = tail_find(t, rowid);
    enum status st = ST_OK;
    if (at < 0 && t->rows >= VEC_ROWS_MAX / 2)
        return err_set(e, ST_LIMIT, "%u rows newer than the index", t->rows);
    if (at < 0 && (t->rows + 1) * (uint64_t)2 > t->hash_size) st = hash_grow(t, e);
    if (st == ST_OK && at < 0 && t->rows == t->capacity) st = rows_grow(t, e);
    if (st != ST_OK) return st;
    if (at < 0) {
        at = t->rows;
        t->hash[seek(t, rowid)] = t->rows + 1;
        t->rowids[t->rows++] = rowid;
    }
    memcpy(t->full + (size_t)at * dim, vector, dim * sizeof(float));
    return ST_OK;
}

/* Frees a place of the hash and moves back what had to step over it (Knuth, 6.4, algorithm R). */
static void hash_free(struct vec_tail *t, uint32_t at)
{
    uint32_t mask = t->hash_size - 1;
    for (uint32_t next = (at + 1) & mask; t->hash[next] != 0; next = (next + 1) & mask) {
        uint32_t from = home(t, t->rowids[t->hash[next] - 1]);
        if (((next - from) & mask) < ((next - at) & mask)) continue; /* not over the hole */
        t->hash[at] = t->hash[next];
        at = next;
    }
    t->hash[at] = 0;
}

void tail_remove(struct vec_tail *t, int64_t rowid)
{
    int64_t found = tail_find(t, rowid);
    if (found < 0) return;
    uint32_t at = (uint32_t)found, last = t->rows - 1;
    size_t dim = (size_t)t->dim;
    hash_free(t, seek(t, rowid));
    if (at != last) {
        t->hash[seek(t, t->rowids[last])] = at + 1;
        t->rowids[at] = t->rowids[last];
        memcpy(t->full + at * dim, t->full + last * dim, dim * sizeof(float));
    }
    t->rows = last;
}

void tail_clear(struct vec_tail *t)
{
    if (t->hash_size > 0) memset(t->hash, 0, t->hash_size * sizeof *t->hash);
    t->rows = 0;
}
