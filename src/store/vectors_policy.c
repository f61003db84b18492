/* vectors_policy.c - when an index is made, made whole again, and given its next generation.
 *
 * Whatever can't be done now (another writes, the file is read-only, a transaction of the user's, a
 * full disk, a row that holds no vector) is no error of a search: the rows are read, and v->why
 * says why. What failed is not tried again at every search.
 */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "store/vectors_column.h"

enum { MAKE_AGAIN_MS = 30000, JOB_AGAIN_MS = 2000 };

static void say(struct store_vectors *v, const char *why)
{
    snprintf(v->why, sizeof v->why, "%s", why);
}

/* Errors that are the statement's, not the index's. */
static bool ends_statement(enum status st)
{
    return st == ST_CANCELLED || st == ST_TIMEOUT || st == ST_NO_MEMORY;
}

/* --- the index -----------------------------------------------------------------------------------
 */

static bool can_write(struct store_vectors *v)
{
    if (store_schema_is_read_only(v->s, v->schema))
        say(v, "the file is read-only");
    else if (store_in_transaction(v->s))
        say(v, "in a transaction nothing is prepared");
    else
        return true;
    return false;
}

enum status vectors_heal(struct store *s, struct store_index *ix, struct err *e)
{
    struct vectors_table t;
    bool declared;
    int dim;
    enum status rc = vectors_table_read(s, ix, &t, e);
    if (rc == ST_OK && (!t.found || t.column[0] == '\0' || t.refused != NULL))
        rc = err_set(e, ST_NOT_FOUND, "%s.%s can't be indexed any more", ix->table, ix->column);
    if (rc == ST_OK) rc = vectors_table_dim(s, ix, &declared, &dim, e);
    if (rc != ST_OK) return rc;
    if (dim != 0) ix->dim = dim;
    rc = store_begin_now(s, e);
    if (rc != ST_OK) return rc;
    rc = vectors_anchor(s, ix, &t, e);
    if (rc == ST_OK) rc = store_commit(s, e);
    if (rc != ST_OK) store_rollback(s);
    return rc;
}

/* The first search of a declared column. */
static enum status first_search(struct store_vectors *v, bool *go, struct err *e)
{
    bool has, declared;
    int dim;
    struct store_index ix = v->view.index;
    enum status rc = vectors_table_has(v->s, &ix, VECTORS_ROWS_MIN, &has, e);
    if (rc == ST_OK && !has) say(v, "few rows");
    if (rc != ST_OK || !has) return rc;
    rc = vectors_table_dim(v->s, &ix, &declared, &dim, e);
    if (rc != ST_OK) return rc;
    if (!declared || dim == 0) {
        say(v, "the column is not declared and has no index");
        return ST_OK;
    }
    if (!can_write(v)) return ST_OK;
    ix.dim = dim;
    rc = store_begin_now(v->s, e);
    if (rc != ST_OK) return rc;
    /* Another process may have come first. */
    struct store_vectors_ask ask = {v->schema, v->table, v->column, v->metric, NULL, ""};
    struct store_index other;
    rc = vectors_catalogue_find(v->s, &ask, NULL, &other, e);
    if (rc == ST_OK && other.ix == 0) rc = store_index_create(v->s, &ix, false, &other, e);
    if (rc == ST_OK) rc = store_commit(v->s, e);
    if (rc != ST_OK) store_rollback(v->s);
    *go = rc == ST_OK;
    return rc;
}

/* An index whose triggers are not ours any more: the table was made anew, or somebody changed
 * them. Codes that nobody asked for go with the declaration. */
static enum status heal(struct store_vectors *v, bool *go, struct err *e)
{
    struct store_index ix = v->view.index;
    bool declared;
    int dim;
    if (!can_write(v)) {
        say(v, "its triggers were changed");
        return ST_OK;
    }
    enum status rc = vectors_table_dim(v->s, &ix, &declared, &dim, e);
    if (rc != ST_OK) return rc;
    if (ix.graph || declared)
        rc = vectors_heal(v->s, &ix, e);
    else
        rc = vectors_forget(v->s, &ix, e);
    *go = rc == ST_OK;
    return rc;
}

enum status vectors_know(struct store_vectors *v, const struct run *run, bool *go, struct err *e)
{
    const struct vectors_table *t = &v->view.table;
    struct err inner = ERR_INIT;
    enum status rc = run_check(run, e);
    *go = false;
    if (rc != ST_OK) return rc;
    if (t->refused != NULL) {
        say(v, t->refused);
        return ST_OK;
    }
    if (!t->found || t->column[0] == '\0') {
        say(v, "no such column");
        return ST_OK;
    }
    if (run_now_ms() < v->make_after_ms) {
        say(v, "preparing it failed a moment ago");
        return ST_OK;
    }
    int64_t rowid = store_last_rowid(v->s);
    rc = v->view.index.ix == 0 ? first_search(v, go, &inner) : heal(v, go, &inner);
    store_set_last_rowid(v->s, rowid);
    if (ends_statement(rc)) return err_set(e, rc, "%s", inner.text);
    if (rc == ST_OK) return rc;
    snprintf(v->why, sizeof v->why, "%.150s", inner.text);
    if (rc != ST_BUSY) v->make_after_ms = run_now_ms() + MAKE_AGAIN_MS;
    *go = false;
    return ST_OK;
}

/* --- generations ---------------------------------------------------------------------------------
 */

/* The row that kept the generation from being made last time. */
static enum status still_broken(struct store_vectors *v, bool *is, struct err *e)
{
    char words[VECTORS_WHY_BYTES];
    bool row;
    store_bind_int(v->row, 1, v->broken_rid);
    enum status rc = store_step(v->row, &row, e);
    *is = rc == ST_OK && row &&
        vectors_value_read(v->row, 0, v->view.index.dim, v->vector, words) == VECTORS_BAD;
    store_reset(v->row);
    if (*is)
        snprintf(v->why, sizeof v->why, "%.40s.%.40s, row %lld %.50s", v->table, v->column,
            (long long)v->broken_rid, words);
    return rc;
}

static enum status may_make(struct store_vectors *v, bool *may, struct err *e)
{
    enum status rc = ST_OK;
    *may = false;
    if (v->view.dir != NULL && store_schema_is_read_only(v->s, v->schema))
        say(v, "the file is read-only");
    else if (store_schema_hold(v->s, v->schema) == STORE_WRITES)
        say(v, "in a transaction that writes nothing is prepared");
    else if (run_now_ms() < v->make_after_ms)
        say(v, "preparing it failed a moment ago");
    else
        *may = true;
    if (*may && v->broken) {
        rc = still_broken(v, &v->broken, e);
        *may = !v->broken;
    }
    return rc;
}

/* What was made becomes the state; it is this snapshot's own. */
static enum status take(struct store_vectors *v, struct vec_generation *g, struct err *e)
{
    struct vectors_found f = {.g = g};
    enum status rc = vectors_judge(&v->view, v->log, g, &f, e);
    if (rc == ST_OK && f.tail.there) rc = vectors_state_set(v, &f, e);
    vectors_found_deinit(&f);
    return rc;
}

enum status vectors_make_here(
    struct store_vectors *v, bool full, const struct run *run, bool *made, struct err *e)
{
    struct err inner = ERR_INIT;
    int64_t bad = 0;
    struct vec_generation *g = NULL;
    enum status rc = may_make(v, made, e);
    if (rc != ST_OK || !*made) return rc;
    if (v->all->job_of == v) vectors_settle(v->s, true); /* a statement does not wait for it */
    struct vectors_build how = {.full = full, .run = run, .old = v->view.dir == NULL ? v->g : NULL};
    how.graph = how.old != NULL && v->view.index.built;
    int64_t rowid = store_last_rowid(v->s);
    rc = vectors_make(&v->view, &how, &g, &bad, &inner);
    store_set_last_rowid(v->s, rowid);
    *made = rc == ST_OK;
    if (rc == ST_OK) {
        v->distrust = 0;
        return take(v, g, e);
    }
    if (ends_statement(rc)) return err_set(e, rc, "%s", inner.text);
    snprintf(v->why, sizeof v->why, "%.150s", inner.text);
    v->broken = rc == ST_INVALID;
    v->broken_rid = bad;
    if (rc == ST_BUSY) say(v, "another process prepares it");
    if (rc != ST_BUSY && rc != ST_INVALID) v->make_after_ms = run_now_ms() + MAKE_AGAIN_MS;
    return ST_OK;
}

static bool start_job(struct store_vectors *v, bool full)
{
    if (v->all->job != NULL) return true; /* its turn will come */
    if (run_now_ms() < v->job_after_ms) return true;
    v->all->job = vectors_job_start(&v->view, full, NULL);
    if (v->all->job == NULL) return false;
    v->all->job_of = v;
    v->job_after_ms = run_now_ms() + JOB_AGAIN_MS;
    return true;
}

static void keep_questions(struct store_vectors *v)
{
    if (v->all->job != NULL) return;
    v->all->job = vectors_job_start(&v->view, false, &v->questions);
    if (v->all->job == NULL) return;
    v->all->job_of = v;
    v->questions.count = 0;
}

bool vectors_ask_job(struct store_vectors *v)
{
    say(v, "its files are newer than this transaction, or of another time");
    return start_job(v, false) || store_in_transaction(v->s);
}

enum status vectors_tend(struct store_vectors *v, const struct run *run, struct err *e)
{
    const struct store_index *ix = &v->view.index;
    bool made, wants_graph = ix->graph && ix->built && vec_graph_have(ix->metric);
    uint32_t touched = vec_index_tail(v->state) + vec_index_dead(v->state);
    double drag = touched >= VECTORS_TOUCHED_MIN ? vec_index_drag(v->state) : 0;
    bool needs = drag > VECTORS_DRAG || (wants_graph && !v->g->has_graph && v->g->set.rows > 0) ||
        v->g->facts.number <= v->distrust;
    if (!needs && vectors_questions_due(v)) keep_questions(v);
    if (!needs) return ST_OK;
    if (drag <= VECTORS_DRAG_EXTREME && start_job(v, v->g->facts.number <= v->distrust))
        return ST_OK;
    if (drag <= VECTORS_DRAG_ALONE || v->bad.count > 0) return ST_OK;
    return vectors_make_here(v, false, run, &made, e);
}

void vectors_doubt(struct store_vectors *v, const char *why)
{
    if (v->g != NULL) v->distrust = v->g->facts.number;
    snprintf(v->why, sizeof v->why, "%.150s", why);
    vectors_state_close(v);
    (void)start_job(v, true);
}
