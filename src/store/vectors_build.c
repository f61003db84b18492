/* vectors_build.c - new generations of an index, in the statement or in the background.
 *
 * A generation is made of one snapshot: what the log says was touched since the one before, or,
 * when none is believed, every row. Extending goes through the table's rowids once, for what the
 * log can't know: a REPLACE by a program without recursive_triggers removes the row in its way and
 * fires no trigger; and a row that was written around the triggers means that all are read anew.
 * Files are written, then the graph, and only then the log is trimmed and what came before swept:
 * whoever has the older one mapped keeps it.
 */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "store/vectors_internal.h"

enum { TRIES = 4 }; /* generations that are looked at, newest first */

enum status vectors_dir(struct store *s, const char *schema, char **out, struct err *e)
{
    const char *path = store_schema_path(s, schema);
    *out = NULL;
    if (path == NULL || path[0] == '\0') return ST_OK;
    struct buf dir;
    buf_init(&dir);
    buf_printf(&dir, "%s-vec", path);
    enum status rc = buf_check(&dir, e);
    if (rc == ST_OK) *out = buf_take(&dir);
    buf_deinit(&dir);
    return rc;
}

enum status vectors_view_open(
    struct vectors_view *v, struct store *s, const struct store_index *ix, struct err *e)
{
    *v = (struct vectors_view){.store = s, .index = *ix};
    enum status rc = vectors_table_read(s, ix, &v->table, e);
    if (rc == ST_OK)
        rc = vectors_int(s, &v->schema_version, e, "PRAGMA \"%w\".schema_version", ix->schema);
    if (rc == ST_OK) rc = vectors_dir(s, ix->schema, &v->dir, e);
    return rc;
}

void vectors_view_close(struct vectors_view *v)
{
    mem_free(v->dir);
    v->dir = NULL;
}

/* --- belief --------------------------------------------------------------------------------------
 */

static const char *doubt_of(const struct vectors_view *v, const struct vec_facts *f)
{
    if (f->ix != v->index.ix || f->index_nonce != (uint64_t)v->index.nonce)
        return "its files are of another index";
    if (f->metric != (int32_t)v->index.metric || f->dim != v->index.dim)
        return "its files are of another metric or dimension";
    if ((f->has_key != 0) != v->table.has_key) return "the table was made anew";
    if (!v->table.has_key && f->schema_version != v->schema_version)
        return "rows without INTEGER PRIMARY KEY may have been numbered anew";
    return NULL;
}

enum status vectors_judge(const struct vectors_view *v, struct store_stmt *log,
    const struct vec_generation *g, struct vectors_found *out, struct err *e)
{
    const struct vec_facts *f = &g->facts;
    const char *doubt = doubt_of(v, f);
    enum status rc = ST_OK;
    out->at = (struct vectors_place){f->log_seq, f->log_nonce};
    out->tail = (struct vectors_tail){.there = false};
    if (doubt == NULL) rc = vectors_log_read(log, v->index.ix, &out->at, &out->tail, e);
    if (rc == ST_OK && doubt == NULL && !out->tail.there) {
        struct vectors_place last;
        rc = vectors_log_last(v->store, &v->index, &last, e);
        out->newer = out->newer || f->log_seq > last.seq;
        doubt = "its files are not of this file's history";
    }
    if (doubt != NULL) snprintf(out->why, sizeof out->why, "%s", doubt);
    return rc;
}

enum status vectors_find(
    const struct vectors_view *v, struct store_stmt *log, struct vectors_found *out, struct err *e)
{
    uint64_t below = 0;
    enum status rc = ST_OK;
    *out = (struct vectors_found){.g = NULL};
    snprintf(out->why, sizeof out->why, "its files are not there");
    for (int i = 0; v->dir != NULL && rc == ST_OK && i < TRIES; i++) {
        struct vec_generation *g;
        struct err gone = ERR_INIT;
        rc = vec_generation_open(v->dir, v->index.ix, below, &g, &gone);
        if (rc == ST_NOT_FOUND) {
            if (i == 0) snprintf(out->why, sizeof out->why, "%.*s", 150, gone.text);
            return ST_OK;
        }
        if (rc != ST_OK) return err_set(e, rc, "%s", gone.text);
        rc = vectors_judge(v, log, g, out, e);
        if (rc == ST_OK && out->tail.there) {
            out->g = g;
            out->why[0] = '\0';
            return ST_OK;
        }
        below = g->facts.number;
        vec_generation_close(g);
        if (below <= 1) break;
    }
    return rc;
}

void vectors_found_deinit(struct vectors_found *f)
{
    mem_free(f->tail.rids);
    f->tail.rids = NULL;
    vec_generation_close(f->g);
    f->g = NULL;
}

/* --- touched rows --------------------------------------------------------------------------------
 */

static void bad_remove(struct vectors_bad *b, int64_t rid)
{
    for (int i = 0; i < b->count; i++)
        if (b->rids[i] == rid) b->rids[i--] = b->rids[--b->count];
}

static void bad_add(
    struct vectors_bad *b, const struct vectors_view *v, int64_t rid, const char *words)
{
    if (b->count == 0)
        snprintf(b->words, sizeof b->words, "%.40s.%.40s, row %lld: %.50s", v->index.table,
            v->index.column, (long long)rid, words);
    if (b->count < VECTORS_BAD_MAX)
        b->rids[b->count++] = rid;
    else
        b->more = true;
}

enum status vectors_load(struct vec_index *state, const struct vectors_reader *r,
    const struct vectors_tail *tail, struct err *e)
{
    enum status rc = ST_OK;
    char words[VECTORS_WHY_BYTES];
    for (size_t i = 0; rc == ST_OK && i < tail->count; i++) {
        bool row;
        int64_t rid = tail->rids[i];
        enum vectors_value kind = VECTORS_NONE;
        store_bind_int(r->row, 1, rid);
        rc = store_step(r->row, &row, e);
        if (rc == ST_OK && row)
            kind = vectors_value_read(r->row, 0, r->view->index.dim, r->vector, words);
        store_reset(r->row);
        if (rc != ST_OK) return rc;
        if (r->bad->count > 0) bad_remove(r->bad, rid);
        if (kind == VECTORS_BAD) bad_add(r->bad, r->view, rid, words);
        rc = vec_index_change(state, rid, kind == VECTORS_VECTOR ? r->vector : NULL, e);
    }
    return rc;
}

/* --- every row -----------------------------------------------------------------------------------
 */

struct scan {
    const struct vectors_view *view;
    const struct run *run;
    struct store_stmt *st;
    float *vector;
    uint64_t done;
    bool is_bad;
    int64_t bad;
};

static enum status next_row(
    void *user, int64_t *rowid, const float **vector, bool *row, struct err *e)
{
    struct scan *c = user;
    char words[VECTORS_WHY_BYTES];
    enum status rc = c->done % 1024 == 0 ? run_check(c->run, e) : ST_OK;
    if (rc == ST_OK) rc = store_step(c->st, row, e);
    if (rc != ST_OK || !*row) return rc;
    *rowid = store_int(c->st, 0);
    *vector = c->vector;
    if (vectors_value_read(c->st, 1, c->view->index.dim, c->vector, words) != VECTORS_VECTOR) {
        c->is_bad = true;
        c->bad = *rowid;
        return err_set(e, ST_INVALID, "%s.%s, row %lld: %s", c->view->index.table,
            c->view->index.column, (long long)*rowid, words);
    }
    c->done++;
    return ST_OK;
}

static enum status write_all(const struct vec_making *making, const struct vectors_view *v,
    struct vec_generation **out, int64_t *bad, struct err *e)
{
    const struct store_index *ix = &v->index;
    struct scan c = {.view = v, .run = making->run};
    int64_t count;
    enum status rc = vectors_int(v->store, &count, e, "SELECT count(\"%w\") FROM \"%w\".\"%w\"",
        ix->column, ix->schema, ix->table);
    if (rc == ST_OK)
        rc = store_preparef(v->store, &c.st, e,
            "SELECT %s, \"%w\" FROM \"%w\".\"%w\" WHERE \"%w\" IS NOT NULL ORDER BY %s",
            v->table.rowid, ix->column, ix->schema, ix->table, ix->column, v->table.rowid);
    c.vector = mem_alloc((size_t)ix->dim * sizeof(float));
    if (rc == ST_OK && c.vector == NULL) rc = mem_err(e, 0);
    struct vec_rows rows = {.count = (uint64_t)count, .next = next_row, .user = &c};
    if (rc == ST_OK) rc = vec_generation_write(making, &rows, out, e);
    if (c.is_bad) *bad = c.bad;
    mem_free(c.vector);
    store_finalize(c.st);
    return rc;
}

/* --- extending -----------------------------------------------------------------------------------
 */

static bool was_touched(const struct vectors_tail *t, int64_t rid)
{
    size_t low = 0, high = t->count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (t->rids[mid] < rid)
            low = mid + 1;
        else
            high = mid;
    }
    return low < t->count && t->rids[low] == rid;
}

/* Bits of the slots whose rows are there; *around: a row is that neither old nor the log knows. */
static enum status mark_rows(
    const struct vectors_diff *x, uint64_t *there, bool *around, struct err *e)
{
    const struct store_index *ix = &x->view->index;
    struct store_stmt *st;
    bool row = true;
    int64_t slot;
    enum status rc = store_preparef(x->view->store, &st, e,
        "SELECT %s FROM \"%w\".\"%w\" WHERE \"%w\" IS NOT NULL", x->view->table.rowid, ix->schema,
        ix->table, ix->column);
    while (rc == ST_OK && !*around) {
        rc = store_step(st, &row, e);
        if (rc != ST_OK || !row) break;
        int64_t rid = store_int(st, 0);
        rc = vec_generation_slot(x->old, rid, &slot, e);
        if (rc == ST_OK && slot >= 0) there[slot / 64] |= (uint64_t)1 << (slot % 64);
        if (rc == ST_OK && slot < 0) *around = x->tail != NULL && !was_touched(x->tail, rid);
    }
    store_finalize(st);
    return rc;
}

enum status vectors_reconcile(const struct vectors_diff *x, bool *around, struct err *e)
{
    uint32_t rows = x->old->set.rows;
    uint64_t *there = mem_zalloc((size_t)rows / 64 + 1, sizeof *there);
    if (there == NULL) return mem_err(e, rows / 8);
    *around = false;
    enum status rc = mark_rows(x, there, around, e);
    for (uint32_t i = 0; rc == ST_OK && !*around && i < rows; i++) {
        if ((there[i / 64] >> i % 64 & 1) != 0) continue;
        rc = vec_index_change(x->state, x->old->set.rowids[i], NULL, e);
    }
    mem_free(there);
    return rc;
}

/* Says to state what became of old's rows; *around: they have to be read anew. */
static enum status bring_up(const struct vectors_diff *x, bool *around, struct err *e)
{
    const struct vectors_view *v = x->view;
    struct vectors_bad bad = {.count = 0};
    struct vectors_reader r = {.view = v, .bad = &bad};
    r.vector = mem_alloc((size_t)v->index.dim * sizeof(float));
    enum status rc = r.vector == NULL ? mem_err(e, 0) : ST_OK;
    if (rc == ST_OK) rc = vectors_row_prepare(v->store, &v->index, &v->table, &r.row, e);
    if (rc == ST_OK) rc = vectors_load(x->state, &r, x->tail, e);
    store_finalize(r.row);
    mem_free(r.vector);
    if (rc == ST_OK && bad.count > 0) return err_set(e, ST_INVALID, "%s", bad.words);
    if (rc == ST_OK) rc = vectors_reconcile(x, around, e);
    return rc;
}

/* --- making --------------------------------------------------------------------------------------
 */

struct making {
    const struct vectors_view *view;
    const struct vectors_build *how;
    struct vec_making making;
    struct vec_facts facts;
    struct vectors_found found;
    struct vec_index *state;
    bool extended;
    int64_t *bad;
};

static enum status find_old(struct making *m, struct store_stmt *log, struct err *e)
{
    m->found = (struct vectors_found){.g = NULL};
    if (m->how->full) return ST_OK;
    if (m->how->old == NULL) return vectors_find(m->view, log, &m->found, e);
    return vectors_judge(m->view, log, m->how->old, &m->found, e);
}

static const struct vec_generation *old_of(const struct making *m)
{
    return m->found.tail.there && m->how->old != NULL ? m->how->old : m->found.g;
}

static bool wants_graph(const struct making *m)
{
    return m->how->graph && m->view->index.graph && vec_graph_have(m->view->index.metric);
}

/* A graph that was begun is gone on with, and what changed since stays the tail. */
static bool is_half_built(const struct making *m)
{
    const struct vec_generation *g = m->found.g;
    if (g == NULL || g->has_graph || !wants_graph(m)) return false;
    if (vec_index_drag(m->state) > VECTORS_DRAG) return false;
    struct buf path;
    buf_init(&path);
    buf_printf(&path, "%s/%lld-%llu.graph.tmp", m->view->dir, (long long)g->facts.ix,
        (unsigned long long)g->facts.number);
    bool is = !path.failed && file_exists(path.data);
    buf_deinit(&path);
    return is;
}

static enum status extend(struct making *m, struct vec_generation **out, struct err *e)
{
    const struct vec_generation *old = old_of(m);
    struct vec_rows added;
    bool around = false;
    enum status rc = vec_index_open(old, &m->state, e);
    struct vectors_diff x = {m->view, old, &m->found.tail, m->state};
    if (rc == ST_OK) rc = bring_up(&x, &around, e);
    if (rc != ST_OK || around) return rc;
    m->facts.log_seq = m->found.at.seq;
    m->facts.log_nonce = m->found.at.nonce;
    m->extended = true;
    bool changed = vec_index_tail(m->state) + vec_index_dead(m->state) > 0;
    if ((!changed && !m->how->force && m->how->old == NULL) || is_half_built(m)) {
        *out = m->found.g;
        m->found.g = NULL;
        m->extended = false;
        return ST_OK;
    }
    vec_index_tail_rows(m->state, &added);
    struct vec_change change = {old, vec_index_dead_bits(m->state), &added};
    return vec_generation_extend(&m->making, &change, out, e);
}

/* Rows as the snapshot has them. */
static enum status make_rows(struct making *m, struct vec_generation **out, struct err *e)
{
    struct vectors_hold hold = {.st = NULL};
    struct store_stmt *log = NULL;
    const struct vectors_view *v = m->view;
    struct vectors_place last = {0, 0};
    enum status rc = vectors_hold_begin(&hold, v->store, v->index.schema, e);
    if (rc == ST_OK) rc = vectors_log_prepare(v->store, v->index.schema, &log, e);
    if (rc == ST_OK) rc = find_old(m, log, e);
    const struct vec_generation *old = old_of(m);
    if (rc == ST_OK && old != NULL && m->found.tail.count / 2 <= old->set.rows)
        rc = extend(m, out, e);
    if (rc == ST_CORRUPT) { /* the old one's files: the rows are not */
        m->extended = false;
        rc = ST_OK;
    }
    if (rc == ST_OK && *out == NULL) rc = vectors_log_last(v->store, &v->index, &last, e);
    if (rc == ST_OK && *out == NULL) {
        m->facts.log_seq = last.seq;
        m->facts.log_nonce = last.nonce;
        rc = write_all(&m->making, v, out, m->bad, e);
    }
    store_finalize(log);
    vectors_hold_end(&hold);
    vectors_hold_deinit(&hold);
    return rc;
}

static enum status make_graph(struct making *m, struct vec_generation *g, struct err *e)
{
    const struct vec_generation *old = old_of(m);
    if (!wants_graph(m) || g->has_graph || g->set.rows == 0) return ST_OK;
    struct vec_making making = m->making;
    making.facts = &g->facts;
    struct vec_rows added;
    bool from_old = m->extended && old != NULL && old->has_graph;
    if (from_old) vec_index_tail_rows(m->state, &added);
    struct vec_change change = {
        old, from_old ? vec_index_dead_bits(m->state) : NULL, from_old ? &added : NULL};
    return vec_generation_graph(&making, g, &m->view->index.options, from_old ? &change : NULL, e);
}

/* The catalogue learns what the index is called now, and that it has a graph; the log is trimmed. A
 * file that can't be written now is trimmed another time. */
static void tidy(const struct making *m, const struct vec_generation *g)
{
    const struct vectors_view *v = m->view;
    const struct store_index *ix = &v->index;
    struct vectors_place place = {g->facts.log_seq, g->facts.log_nonce};
    if (store_in_transaction(v->store) || store_schema_is_read_only(v->store, ix->schema)) return;
    enum status rc = store_begin_now(v->store, NULL);
    if (rc != ST_OK) return;
    rc = store_execf(v->store, NULL,
        "UPDATE \"%w\".fovea_indexes SET tbl=%Q, col=%Q, built=%d WHERE ix=%lld AND nonce=%lld AND"
        " (tbl IS NOT %Q OR col IS NOT %Q OR built<>%d)",
        ix->schema, ix->table, ix->column, g->has_graph || ix->built, (long long)ix->ix,
        (long long)ix->nonce, ix->table, ix->column, g->has_graph || ix->built);
    if (rc == ST_OK) rc = store_commit(v->store, NULL);
    if (rc != ST_OK) store_rollback(v->store);
    if (rc == ST_OK) (void)!vectors_log_trim(v->store, ix, &place, NULL);
    if (v->dir != NULL) vec_generation_sweep(v->dir, ix->ix, g->facts.number);
}

enum status vectors_make(const struct vectors_view *v, const struct vectors_build *how,
    struct vec_generation **out, int64_t *bad, struct err *e)
{
    struct vec_generation *g = NULL;
    struct making m = {.view = v, .how = how, .bad = bad};
    m.facts = (struct vec_facts){.ix = v->index.ix,
        .index_nonce = (uint64_t)v->index.nonce,
        .number = v->dir == NULL ? 1 : 0,
        .schema_version = v->schema_version,
        .metric = (int32_t)v->index.metric,
        .dim = v->index.dim,
        .has_key = v->table.has_key};
    m.making = (struct vec_making){.dir = v->dir, .facts = &m.facts, .run = how->run};
    *out = NULL;
    enum status rc = make_rows(&m, &g, e);
    if (rc == ST_OK) rc = make_graph(&m, g, e);
    if (rc == ST_OK) tidy(&m, g);
    if (rc == ST_OK) vectors_questions_calibrate(v, g, how->run);
    vec_index_close(m.state);
    vectors_found_deinit(&m.found);
    if (rc != ST_OK) {
        vec_generation_close(g);
        return rc;
    }
    *out = g;
    return ST_OK;
}
