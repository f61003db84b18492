/* vectors_state.c - a column at hand, brought up to the snapshot at each get.
 *
 * When nothing changed a get is two prepared statements: the schema's version, which also keeps the
 * snapshot where nothing else does, and the log from the
 * place that was seen last, whose row and nonce must still be there. If it is not (a rollback, a
 * trimmed log, a restored file), the generation is judged anew from its own place. Another
 * process's newer generation is noticed by the folder's time.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "store/vectors_column.h"

enum { JOB_IN_VAIN_MS = 1000, JOB_FAILED_MS = 30000 };

/* --- the store's columns -------------------------------------------------------------------------
 */

enum status vectors_all_get(struct store *s, struct vectors_all **out, struct err *e)
{
    struct store_guest *guest = store_guest(s);
    if (guest->data == NULL) {
        struct vectors_all *all = mem_zalloc(1, sizeof *all);
        if (all == NULL) return mem_err(e, sizeof *all);
        all->s = s;
        *guest = (struct store_guest){all, store_vectors_close};
    }
    *out = guest->data;
    return ST_OK;
}

void vectors_state_close(struct store_vectors *v)
{
    vec_index_close(v->state);
    vec_generation_close(v->g);
    v->state = NULL;
    v->g = NULL;
    v->bad = (struct vectors_bad){.count = 0};
    v->folder_ns = 0;
}

/* Forgets the schema's part; the state stays when it is a generation of the same index. */
static void unknow(struct store_vectors *v)
{
    store_finalize(v->few);
    store_finalize(v->log);
    store_finalize(v->row);
    v->few = v->log = v->row = NULL;
    vectors_questions_drop(&v->questions);
    vectors_view_close(&v->view);
    mem_free(v->vector);
    v->vector = NULL;
    v->known = false;
}

static void forget(struct store_vectors *v)
{
    vectors_state_close(v);
    unknow(v);
    vectors_hold_deinit(&v->hold);
    mem_free(v->path);
    v->path = NULL;
    v->view = (struct vectors_view){.store = v->s};
    v->distrust = 0;
    v->broken = false;
    v->make_after_ms = v->job_after_ms = 0;
}

static enum status find_column(
    struct vectors_all *all, const struct store_vectors_ask *ask, struct store_vectors **out)
{
    struct store_vectors *v = all->first;
    while (v != NULL &&
        (v->metric != ask->metric || strcasecmp(v->schema, ask->schema) != 0 ||
            strcasecmp(v->table, ask->table) != 0 || strcasecmp(v->column, ask->column) != 0))
        v = v->next;
    *out = v;
    if (v != NULL) return ST_OK;
    v = mem_zalloc(1, sizeof *v);
    if (v == NULL) return ST_NO_MEMORY;
    v->s = v->view.store = all->s;
    v->all = all;
    v->metric = ask->metric;
    bool fits = vectors_name_set(v->schema, sizeof v->schema, ask->schema) &&
        vectors_name_set(v->table, sizeof v->table, ask->table) &&
        vectors_name_set(v->column, sizeof v->column, ask->column);
    if (!fits) {
        mem_free(v);
        return ST_OK;
    }
    v->next = all->first;
    all->first = v;
    *out = v;
    return ST_OK;
}

/* --- what the schema says ------------------------------------------------------------------------
 */

/* An ATTACHed file's name may be another file's by now. */
static enum status check_path(struct store_vectors *v, struct err *e)
{
    const char *path = store_schema_path(v->s, v->schema);
    if (path == NULL) return err_set(e, ST_NOT_FOUND, "unknown database %s", v->schema);
    if (v->path != NULL && strcmp(v->path, path) == 0) return ST_OK;
    forget(v);
    v->path = mem_strdup(path);
    return v->path != NULL ? ST_OK : mem_err(e, 0);
}

static bool same_index(const struct vectors_view *a, const struct vectors_view *b)
{
    return a->index.ix == b->index.ix && a->index.nonce == b->index.nonce &&
        a->table.has_key == b->table.has_key && b->table.has_key &&
        strcmp(a->index.table, b->index.table) == 0 &&
        strcmp(a->index.column, b->index.column) == 0;
}

static enum status prepare_known(struct store_vectors *v, struct err *e)
{
    const struct store_index *ix = &v->view.index;
    v->vector = mem_alloc((size_t)ix->dim * sizeof(float));
    enum status rc = v->vector != NULL ? ST_OK : mem_err(e, 0);
    if (rc == ST_OK) rc = vectors_log_prepare(v->s, v->schema, &v->log, e);
    if (rc == ST_OK) rc = vectors_row_prepare(v->s, ix, &v->view.table, &v->row, e);
    return rc;
}

/* Everything that hangs on the schema, read anew. */
static enum status learn(struct store_vectors *v, struct err *e)
{
    struct store_vectors_ask ask = {v->schema, v->table, v->column, v->metric, NULL, ""};
    struct vectors_view old = v->view, now;
    struct vectors_triggers triggers;
    struct store_index ix;
    old.dir = NULL;
    unknow(v);
    enum status rc = vectors_catalogue_find(v->s, &ask, &triggers, &ix, e);
    if (rc != ST_OK) goto done;
    if (ix.ix == 0) {
        vectors_name_set(ix.schema, sizeof ix.schema, v->schema);
        vectors_name_set(ix.table, sizeof ix.table, v->table);
        vectors_name_set(ix.column, sizeof ix.column, v->column);
        ix.metric = v->metric;
    }
    rc = vectors_view_open(&now, v->s, &ix, e);
    v->triggers_right = false;
    bool usable = now.table.refused == NULL && now.table.found && now.table.column[0] != '\0';
    if (rc == ST_OK && ix.ix != 0 && usable)
        rc = vectors_triggers_match(&triggers, &ix, &now.table, &v->triggers_right, e);
    v->view = now;
    if (v->g != NULL && !same_index(&old, &now)) vectors_state_close(v);
    if (rc == ST_OK && v->triggers_right) rc = prepare_known(v, e);
    v->known = rc == ST_OK;
done:
    vectors_triggers_deinit(&triggers);
    return rc;
}

static enum status know(struct store_vectors *v, struct err *e)
{
    int64_t version;
    enum status rc = vectors_hold_version(&v->hold, v->s, v->schema, &version, e);
    if (rc != ST_OK || (v->known && version == v->view.schema_version)) return rc;
    return learn(v, e);
}

/* --- the state -----------------------------------------------------------------------------------
 */

static enum status load(struct store_vectors *v, const struct vectors_tail *tail, struct err *e)
{
    struct vectors_reader r = {&v->view, v->row, v->vector, &v->bad};
    return vectors_load(v->state, &r, tail, e);
}

void vectors_read_calibration(struct store_vectors *v)
{
    v->calibration_stale = false;
    bool is = v->g->has_graph &&
        vectors_questions_read(v->s, &v->view.index, v->g->set_id, &v->calibration);
    vec_index_calibrate(v->state, is ? &v->calibration : NULL);
}

enum status vectors_state_set(struct store_vectors *v, struct vectors_found *f, struct err *e)
{
    if (f->g != v->g) {
        vectors_state_close(v);
        v->g = f->g;
    }
    f->g = NULL;
    v->bad = (struct vectors_bad){.count = 0};
    enum status rc = ST_OK;
    if (v->state == NULL)
        rc = vec_index_open(v->g, &v->state, e);
    else
        vec_index_reset(v->state);
    v->calibration_stale = true;
    if (rc == ST_OK) vec_index_calibrate(v->state, NULL);
    if (rc == ST_OK) rc = load(v, &f->tail, e);
    v->at = f->at;
    if (rc == ST_CORRUPT) v->distrust = v->g->facts.number;
    if (rc != ST_OK) vectors_state_close(v);
    return rc;
}

enum status vectors_state_follow(struct store_vectors *v, bool *there, struct err *e)
{
    struct vectors_tail tail;
    enum status rc = vectors_log_read(v->log, v->view.index.ix, &v->at, &tail, e);
    *there = rc == ST_OK && tail.there && !(v->bad.more && tail.count > 0);
    if (*there && tail.count > 0) rc = load(v, &tail, e);
    mem_free(tail.rids);
    if (rc != ST_OK) vectors_state_close(v);
    return rc;
}

/* The generation at hand from its own place on. */
static enum status start_over(struct store_vectors *v, struct err *e)
{
    struct vectors_found f = {.g = v->g};
    enum status rc = vectors_judge(&v->view, v->log, v->g, &f, e);
    if (rc == ST_OK && f.tail.there)
        rc = vectors_state_set(v, &f, e);
    else
        vectors_state_close(v);
    mem_free(f.tail.rids);
    return rc;
}

static int64_t folder_time(const struct store_vectors *v)
{
    struct stat st;
    if (v->view.dir == NULL || stat(v->view.dir, &st) != 0) return -1;
    return (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
}

static bool is_better(const struct store_vectors *v, const struct vec_generation *g)
{
    if (v->g == NULL) return true;
    if (g->facts.number == v->g->facts.number) return g->has_graph && !v->g->has_graph;
    bool keeps_graph = v->g->has_graph && !g->has_graph;
    return g->facts.number > v->g->facts.number &&
        (!keeps_graph || vec_index_drag(v->state) > VECTORS_DRAG_EXTREME);
}

/* More was touched since than it holds: reading all rows in their order is cheaper than reading
 * those one by one, and has to be done anyway. */
static bool is_outgrown(const struct store_vectors *v, const struct vectors_found *f)
{
    return v->g == NULL && f->tail.count > VECTORS_ROWS_MIN && f->tail.count / 2 > f->g->set.rows &&
        !store_in_transaction(v->s) && !store_schema_is_read_only(v->s, v->schema);
}

/* The folder's newest, when it is better than what is at hand. */
static enum status look(struct store_vectors *v, bool *too_new, struct err *e)
{
    struct vectors_found f;
    int64_t now_ns = folder_time(v);
    *too_new = false;
    if (v->view.dir == NULL || (v->g != NULL && now_ns == v->folder_ns)) return ST_OK;
    enum status rc = vectors_find(&v->view, v->log, &f, e);
    bool good = rc == ST_OK && f.g != NULL && f.g->facts.number > v->distrust && is_better(v, f.g);
    if (good && !is_outgrown(v, &f))
        rc = vectors_state_set(v, &f, e);
    else if (rc == ST_OK && v->g == NULL)
        snprintf(v->why, sizeof v->why, "%s", f.why);
    *too_new = f.newer;
    v->folder_ns = now_ns;
    vectors_found_deinit(&f);
    return rc;
}

static bool may_be_bettered(const struct store_vectors *v)
{
    if (v->state == NULL) return true;
    if (v->view.index.graph && !v->g->has_graph) return true;
    return vec_index_tail(v->state) + vec_index_dead(v->state) > 0;
}

static enum status few_rows(struct store_vectors *v, bool *few, struct err *e)
{
    bool has;
    enum status rc = vectors_table_has(v->s, &v->view.index, VECTORS_ROWS_MIN, &has, e);
    *few = !has;
    if (rc == ST_OK && *few) snprintf(v->why, sizeof v->why, "few rows");
    return rc;
}

/* In the snapshot: the state as the transaction sees the table. *out false: v->why. */
static enum status bring_up(
    struct store_vectors *v, const struct run *run, bool *usable, struct err *e)
{
    bool there = true, too_new = false, few = false;
    enum status rc = ST_OK;
    *usable = false;
    if (v->state != NULL) rc = vectors_state_follow(v, &there, e);
    if (rc == ST_OK && v->state != NULL && !there) rc = start_over(v, e);
    if (rc == ST_OK && may_be_bettered(v)) rc = look(v, &too_new, e);
    bool make = rc == ST_OK && v->state == NULL;
    if (make && too_new) make = !vectors_ask_job(v);
    if (make && !v->view.index.built) rc = few_rows(v, &few, e);
    if (rc == ST_OK && make && !few) rc = vectors_make_here(v, v->distrust > 0, run, &make, e);
    if (rc != ST_OK || v->state == NULL) return rc;
    rc = vectors_tend(v, run, e);
    if (rc != ST_OK || v->state == NULL) return rc;
    *usable = v->bad.count == 0;
    if (!*usable) snprintf(v->why, sizeof v->why, "%s", v->bad.words);
    return ST_OK;
}

static enum status get(struct store_vectors *v, const struct run *run, bool *usable, struct err *e)
{
    bool go = false;
    struct err inner = ERR_INIT;
    *usable = false;
    v->why[0] = '\0';
    for (int round = 0; round < 3; round++) {
        enum status rc = check_path(v, e);
        if (rc == ST_OK) rc = vectors_hold_begin(&v->hold, v->s, v->schema, e);
        if (rc == ST_OK) rc = know(v, e);
        if (rc == ST_OK && v->triggers_right) rc = bring_up(v, run, usable, &inner);
        vectors_hold_end(&v->hold);
        if (rc == ST_CORRUPT) {
            vectors_doubt(v, inner.text);
            return ST_OK;
        }
        if (rc != ST_OK && inner.text[0] != '\0') return err_set(e, rc, "%s", inner.text);
        if (rc != ST_OK || v->triggers_right) return rc;
        rc = vectors_know(v, run, &go, e);
        if (rc != ST_OK || !go) return rc;
    }
    return ST_OK;
}

static void end_done_job(struct vectors_all *all)
{
    if (all->job == NULL || !vectors_job_done(all->job)) return;
    vectors_settle(all->s, false);
}

enum status store_vectors_get(
    struct store *s, struct store_vectors_ask *ask, struct store_vectors **out, struct err *e)
{
    struct vectors_all *all;
    struct store_vectors *v = NULL;
    bool usable = false;
    *out = NULL;
    ask->why[0] = '\0';
    if (ask->schema == NULL) ask->schema = "main";
    enum status rc = vectors_all_get(s, &all, e);
    if (rc != ST_OK) return rc;
    end_done_job(all);
    if (find_column(all, ask, &v) != ST_OK) return mem_err(e, sizeof *v);
    if (v == NULL) {
        snprintf(ask->why, sizeof ask->why, "its name is too long");
        return ST_OK;
    }
    rc = get(v, ask->run, &usable, e);
    if (rc == ST_OK && usable) *out = v;
    if (rc == ST_OK && !usable) snprintf(ask->why, sizeof ask->why, "%s", v->why);
    return rc;
}

const struct store_index *store_vectors_index(const struct store_vectors *v)
{
    return &v->view.index;
}

const struct vec_index *store_vectors_state(const struct store_vectors *v)
{
    return v->state;
}

/* --- the end -------------------------------------------------------------------------------------
 */

void vectors_settle(struct store *s, bool cancel)
{
    struct vectors_all *all = store_guest(s)->data;
    if (all == NULL || all->job == NULL) return;
    struct vectors_job_end end = vectors_job_end(all->job, cancel);
    struct store_vectors *v = all->job_of;
    bool new = end.number != 0 &&
        (v->g == NULL || v->g->facts.number < end.number || v->g->has_graph < end.has_graph);
    v->job_after_ms = new ? 0 : run_now_ms() + (end.number != 0 ? JOB_IN_VAIN_MS : JOB_FAILED_MS);
    v->calibration_stale = true;
    all->job = NULL;
    all->job_of = NULL;
}

void store_vectors_wait(struct store *s)
{
    vectors_settle(s, false);
}

void vectors_close_index(struct store *s, const struct store_index *ix)
{
    struct vectors_all *all = store_guest(s)->data;
    for (struct store_vectors *v = all != NULL ? all->first : NULL; v != NULL; v = v->next)
        if (v->view.index.ix == ix->ix && strcasecmp(v->schema, ix->schema) == 0) forget(v);
}

static struct store_vectors *holder(struct store *s, const struct store_index *ix)
{
    struct vectors_all *all = store_guest(s)->data;
    struct store_vectors *v = all != NULL ? all->first : NULL;
    while (v != NULL && (v->view.index.ix != ix->ix || strcasecmp(v->schema, ix->schema) != 0))
        v = v->next;
    return v;
}

struct vec_generation *vectors_at_hand(struct store *s, const struct store_index *ix)
{
    struct store_vectors *v = holder(s, ix);
    return v != NULL && v->view.index.nonce == ix->nonce ? v->g : NULL;
}

enum status vectors_put(
    struct store *s, const struct store_index *ix, struct vec_generation *g, struct err *e)
{
    struct vectors_all *all;
    struct store_vectors *v = NULL;
    struct store_vectors_ask ask = {ix->schema, ix->table, ix->column, ix->metric, NULL, ""};
    struct vectors_found f = {.g = g};
    enum status rc = vectors_all_get(s, &all, e);
    if (rc == ST_OK && find_column(all, &ask, &v) != ST_OK) rc = mem_err(e, sizeof *v);
    if (rc == ST_OK && v != NULL) rc = check_path(v, e);
    if (rc == ST_OK && v != NULL) rc = know(v, e);
    if (rc == ST_OK && v != NULL && v->triggers_right)
        rc = vectors_judge(&v->view, v->log, g, &f, e);
    if (rc == ST_OK && f.tail.there) rc = vectors_state_set(v, &f, e);
    vectors_found_deinit(&f);
    return rc;
}

void store_vectors_close(struct store *s)
{
    struct vectors_all *all = store_guest(s)->data;
    if (all == NULL) return;
    vectors_settle(s, true);
    while (all->first != NULL) {
        struct store_vectors *v = all->first;
        all->first = v->next;
        vectors_questions_flush(v);
        forget(v);
        mem_free(v);
    }
    mem_free(all);
    *store_guest(s) = (struct store_guest){NULL, NULL};
}
