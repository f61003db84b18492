/* index_filter.c - which rows pass a condition: as a bitmap, or asked row by row.
 *
 * Rowids are pulled from the filter into two bitmaps, of the generation's slots and of the tail's.
 * Pulling may stop and go on, so that it can be tried for a while first; until it ended, rows can
 * be probed one by one instead.
 */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "vector/index_parts.h"

enum { PULLS_LOOK = 64, PROBES_TIMED = 32, PROBES_STRIDE = 16 };
/* A walk is lost when nodes near the query pass so much more rarely than rows do. */
enum { LOST_EXPECTED = 8, LOST_FACTOR = 5 };

enum status filter_begin(struct vec_index *ix, const struct vec_filter *filter, struct err *e)
{
    uint32_t tail_words = ix->tail.rows / 64 + 1;
    ix->passing =
        (struct vec_passing){.filter = filter, .asked_max = UINT64_MAX, .st = ST_OK, .e = e};
    if (filter == NULL) return ST_OK;
    if (ix->pass == NULL) ix->pass = mem_alloc(ix->words * sizeof *ix->pass);
    if (ix->pass == NULL) return mem_err(e, ix->words * sizeof *ix->pass);
    if (ix->tail_words < tail_words) {
        uint64_t *grown = mem_resize(ix->tail_pass, tail_words, sizeof *grown);
        if (grown == NULL) return mem_err(e, tail_words * sizeof *grown);
        ix->tail_pass = grown;
        ix->tail_words = tail_words;
    }
    memset(ix->pass, 0, ix->words * sizeof *ix->pass);
    memset(ix->tail_pass, 0, tail_words * sizeof *ix->tail_pass);
    return ST_OK;
}

/* Whether it is set for the first time. */
static bool bit_set(uint64_t *bits, uint64_t at)
{
    uint64_t bit = (uint64_t)1 << at % 64;
    bool first = (bits[at / 64] & bit) == 0;
    bits[at / 64] |= bit;
    return first;
}

/* A row that passes. Filters mostly give rowids in order: *near is the slot after the last one's.
 */
static enum status row_passes(struct vec_index *ix, int64_t rowid, int64_t *near, struct err *e)
{
    const struct vec_generation *g = ix->g;
    int64_t slot = -1;
    if (ix->tail.rows > 0) slot = tail_find(&ix->tail, rowid);
    if (slot >= 0) {
        ix->passing.tail += bit_set(ix->tail_pass, (uint64_t)slot);
        return ST_OK;
    }
    enum status st = ST_OK;
    int64_t there = 0;
    slot = *near;
    bool guess = slot < g->set.rows;
    if (guess) st = vec_generation_rowid(g, (uint32_t)slot, &there, e);
    if (st == ST_OK && (!guess || there != rowid)) st = vec_generation_slot(g, rowid, &slot, e);
    if (st != ST_OK || slot < 0) return st;
    *near = slot + 1;
    if (ix->dead != NULL && (ix->dead[slot / 64] >> slot % 64 & 1) != 0) return ST_OK;
    ix->passing.rows += bit_set(ix->pass, (uint64_t)slot);
    return ST_OK;
}

enum status filter_pull(
    struct vec_index *ix, double budget_ns, const struct run *run, struct err *e)
{
    struct vec_passing *p = &ix->passing;
    const struct vec_filter *f = p->filter;
    int64_t began = cost_now_ns(), near = 0;
    uint64_t before = p->pulled;
    double spent = 0;
    enum status st = ST_OK;
    while (st == ST_OK && !p->listed && spent < budget_ns) {
        int64_t rowid = 0;
        bool row = false;
        st = f->next(f->user, &rowid, &row, e);
        if (st == ST_OK && row) st = row_passes(ix, rowid, &near, e);
        if (st == ST_OK && !row) p->listed = true;
        p->pulled += row;
        if (p->pulled % PULLS_LOOK != 0 && !p->listed) continue;
        spent = (double)(cost_now_ns() - began);
        if (st == ST_OK) st = run_check(run, e);
    }
    p->pull_ns += (double)(cost_now_ns() - began);
    if (p->pulled > before) costs_learn(&ix->costs.pull, p->pull_ns / (double)p->pulled);
    return st;
}

double filter_share(const struct vec_passing *p)
{
    return ((double)p->passed + 1) / ((double)p->asked + 2);
}

static enum vec_verdict probe(struct vec_index *ix, int64_t rowid)
{
    struct vec_passing *p = &ix->passing;
    bool passes = false;
    if (p->asked >= p->asked_max) return VEC_STOP;
    bool timed = p->asked < PROBES_TIMED || p->asked % PROBES_STRIDE == 0;
    int64_t began = timed ? cost_now_ns() : 0;
    p->st = p->filter->probe(p->filter->user, rowid, &passes, p->e);
    if (timed) p->probe_ns += (double)(cost_now_ns() - began);
    p->timed += timed;
    p->asked++;
    p->passed += passes;
    if (p->st != ST_OK) return VEC_STOP;
    return passes ? VEC_PASSES : VEC_FAILS;
}

/* The rowid that is given may come from a block that was not checked yet. */
enum vec_verdict filter_probe(void *user, uint32_t slot, int64_t rowid)
{
    struct vec_index *ix = user;
    ix->passing.st = vec_generation_rowid(ix->g, slot, &rowid, ix->passing.e);
    return ix->passing.st == ST_OK ? probe(ix, rowid) : VEC_STOP;
}

enum vec_verdict filter_probe_tail(void *user, uint32_t slot, int64_t rowid)
{
    (void)slot;
    return probe(user, rowid);
}

enum vec_verdict filter_walk(void *user, uint32_t slot, int64_t rowid)
{
    struct vec_index *ix = user;
    struct vec_passing *p = &ix->passing;
    enum vec_verdict v = VEC_FAILS;
    bool live = ix->dead == NULL || (ix->dead[slot / 64] >> slot % 64 & 1) == 0;
    if (p->listed)
        v = (ix->pass[slot / 64] >> slot % 64 & 1) != 0 ? VEC_PASSES : VEC_FAILS;
    else if (live)
        v = filter_probe(user, slot, rowid);
    p->met++;
    p->met_passing += v == VEC_PASSES;
    double expected = (double)p->met * p->share;
    p->lost = expected >= LOST_EXPECTED && (double)p->met_passing * LOST_FACTOR < expected;
    return p->lost ? VEC_STOP : v;
}
