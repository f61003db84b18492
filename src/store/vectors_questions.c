/* vectors_questions.c - real questions kept, so that recall_target is kept for them.
 *
 *   fovea_questions(ix, n, at BLOB, PRIMARY KEY(ix, n)) WITHOUT ROWID
 *     n 1 .. 256   a question: f32 x dim, little-endian
 *     n 0          the calibration they gave: the set id of the generation, u64, then
 *                  struct vec_calibration (vector/calibration.h)
 *
 * Only indexes with a graph keep any. A connection remembers a few of its questions and writes them
 * when it closes, or by the thread in the background; never inside a statement, never into a file
 * that is read-only, a host's connection or while another writes. The first 64 are all kept, then
 * one in 16, which takes the place of any once there are 256: what was asked some thousand
 * questions ago fades. The calibration is made where generations are made, and by the thread when
 * there are twice as many questions as it knows.
 */
#include <string.h>

#include "base/mem.h"
#include "store/vectors_column.h"

enum { KEPT_MAX = 256, KEPT_ALL = 64, ONE_IN = 16, CALIBRATE_MIN = 32 };
enum { FLUSH_SEEN = 256, FLUSH_MS = 60000 }; /* the background, at most as often as that */

/* --- remembering -------------------------------------------------------------------------------
 */

void vectors_questions_add(struct store_vectors *v, const float *query)
{
    size_t dim = (size_t)v->view.index.dim;
    struct vectors_questions *q = &v->questions;
    if (!v->view.index.questions || !v->g->has_graph || v->view.dir == NULL) return;
    if (q->at == NULL) q->at = mem_alloc(VECTORS_QUESTIONS * dim * sizeof *q->at);
    if (q->at == NULL) return;
    uint32_t place = q->count;
    if (place == VECTORS_QUESTIONS) place = (uint32_t)(q->seen % VECTORS_QUESTIONS);
    memcpy(q->at + place * dim, query, dim * sizeof *q->at);
    if (q->count < VECTORS_QUESTIONS) q->count++;
    q->seen++;
}

void vectors_questions_drop(struct vectors_questions *q)
{
    mem_free(q->at);
    *q = (struct vectors_questions){.at = NULL};
}

bool vectors_questions_due(struct store_vectors *v)
{
    struct vectors_questions *q = &v->questions;
    if (q->seen < FLUSH_SEEN || run_now_ms() < q->after_ms) return false;
    q->after_ms = run_now_ms() + FLUSH_MS;
    q->seen = 1;
    return true;
}

/* --- writing -----------------------------------------------------------------------------------
 */

static enum status write_one(
    struct store_stmt *st, int64_t ix, int64_t n, const void *at, int64_t bytes)
{
    store_bind_int(st, 1, ix);
    store_bind_int(st, 2, n);
    store_bind_blob(st, 3, at, bytes);
    return store_run(st, NULL);
}

static enum status write_prepare(struct store *s, const char *schema, struct store_stmt **st)
{
    return store_preparef(s, st, NULL,
        "INSERT OR REPLACE INTO \"%w\".fovea_questions(ix, n, at) VALUES(?1, ?2, ?3)", schema);
}

/* A number nobody needs to foresee. */
static uint64_t any_number(struct store *s)
{
    int64_t n = 0;
    (void)!vectors_int(s, &n, NULL, "SELECT random()");
    return (uint64_t)n;
}

/* In a transaction. kept: how many there are. */
static enum status write_some(
    struct store *s, const struct store_index *ix, const struct vectors_questions *q, int64_t kept)
{
    struct store_stmt *st;
    size_t dim = (size_t)ix->dim;
    enum status rc = write_prepare(s, ix->schema, &st);
    for (uint32_t i = 0; rc == ST_OK && i < q->count; i++) {
        uint64_t chance = kept < KEPT_ALL ? 0 : any_number(s);
        if (chance % ONE_IN != 0) continue;
        int64_t n = kept < KEPT_MAX ? ++kept : (int64_t)(chance / ONE_IN % KEPT_MAX) + 1;
        rc = write_one(st, ix->ix, n, q->at + i * dim, (int64_t)(dim * sizeof *q->at));
    }
    store_finalize(st);
    return rc;
}

static enum status count_kept(struct store *s, const struct store_index *ix, int64_t *out)
{
    return vectors_int(s, out, NULL,
        "SELECT coalesce(max(n), 0) FROM \"%w\".fovea_questions WHERE ix=%lld", ix->schema,
        (long long)ix->ix);
}

void vectors_questions_write(
    struct store *s, const struct store_index *ix, const struct vectors_questions *q)
{
    int64_t kept = 0;
    if (q->count == 0 || count_kept(s, ix, &kept) != ST_OK) return;
    if (kept >= KEPT_ALL && any_number(s) % ONE_IN >= q->count) return;
    if (store_begin_now(s, NULL) != ST_OK) return;
    enum status rc = count_kept(s, ix, &kept);
    if (rc == ST_OK) rc = write_some(s, ix, q, kept);
    if (rc == ST_OK) rc = store_commit(s, NULL);
    if (rc != ST_OK) store_rollback(s);
}

void vectors_questions_flush(struct store_vectors *v)
{
    struct store *s = v->s;
    bool may = v->questions.count > 0 && !store_is_adopted(s) && !store_in_transaction(s) &&
        store_schema_hold(s, v->schema) == STORE_HOLDS_NOTHING &&
        !store_schema_is_read_only(s, v->schema);
    if (may) vectors_questions_write(s, &v->view.index, &v->questions);
    vectors_questions_drop(&v->questions);
}

/* --- the calibration ---------------------------------------------------------------------------
 */

enum { CALIBRATION_BYTES = 8 + VEC_CALIBRATION_BYTES };

bool vectors_questions_read(
    struct store *s, const struct store_index *ix, uint64_t set_id, struct vec_calibration *out)
{
    struct store_stmt *st;
    bool row = false;
    uint64_t of = 0;
    if (!ix->questions) return false;
    enum status rc =
        store_preparef(s, &st, NULL, "SELECT at FROM \"%w\".fovea_questions WHERE ix=%lld AND n=0",
            ix->schema, (long long)ix->ix);
    if (rc == ST_OK) rc = store_step(st, &row, NULL);
    bool is = rc == ST_OK && row && store_is_blob(st, 0) && store_bytes(st, 0) == CALIBRATION_BYTES;
    if (is) {
        const uint8_t *at = store_blob(st, 0);
        memcpy(&of, at, sizeof of);
        memcpy(out, at + sizeof of, sizeof *out);
    }
    store_finalize(st);
    return is && of == set_id && vec_calibration_fits(out);
}

/* The kept questions, each dim floats; *out: mem_free. */
static enum status read_kept(
    struct store *s, const struct store_index *ix, float **out, int *count, struct err *e)
{
    struct store_stmt *st;
    bool row = true;
    size_t dim = (size_t)ix->dim;
    char words[VECTORS_WHY_BYTES];
    *count = 0;
    *out = mem_alloc(KEPT_MAX * dim * sizeof **out);
    if (*out == NULL) return mem_err(e, KEPT_MAX * dim * sizeof **out);
    enum status rc = store_preparef(s, &st, e,
        "SELECT at FROM \"%w\".fovea_questions WHERE ix=%lld AND n BETWEEN 1 AND %d", ix->schema,
        (long long)ix->ix, (int)KEPT_MAX);
    while (rc == ST_OK && *count < KEPT_MAX) {
        rc = store_step(st, &row, e);
        if (rc != ST_OK || !row) break;
        float *at = *out + (size_t)*count * dim;
        *count += vectors_value_read(st, 0, ix->dim, at, words) == VECTORS_VECTOR;
    }
    store_finalize(st);
    return rc;
}

static enum status measure(const struct vec_generation *g, const struct vec_queries *questions,
    const struct run *run, struct vec_calibration *out, struct err *e)
{
    struct vec_exact exact = {
        .set = &g->set, .codes = g->has_codes ? &g->codes : NULL, .touch = &g->touch};
    struct vec_graph_search walk = {.graph = &g->graph,
        .set = &g->set,
        .look = vec_generation_look_node,
        .look_row = vec_generation_look_row,
        .look_user = g->touch.user};
    *out = g->calibration;
    enum status rc = vec_exact_scratch_open(g->set.dim, 1, 1, &exact.scratch, e);
    if (rc == ST_OK) rc = vec_graph_scratch_open(&g->graph, VEC_CALIBRATION_EF, &walk.scratch, e);
    if (rc == ST_OK)
        rc = vec_calibrate_asked(&(struct vec_calibrating){&exact, &walk, run}, questions, out, e);
    vec_graph_scratch_close(walk.scratch);
    vec_exact_scratch_close(exact.scratch);
    return rc;
}

static enum status write_calibration(
    const struct vectors_view *v, uint64_t set_id, const struct vec_calibration *c)
{
    uint8_t at[CALIBRATION_BYTES];
    struct store_stmt *st;
    memcpy(at, &set_id, sizeof set_id);
    memcpy(at + sizeof set_id, c, sizeof *c);
    enum status rc = store_begin_now(v->store, NULL);
    if (rc != ST_OK) return rc;
    rc = write_prepare(v->store, v->index.schema, &st);
    if (rc == ST_OK) rc = write_one(st, v->index.ix, 0, at, sizeof at);
    store_finalize(st);
    if (rc == ST_OK) rc = store_commit(v->store, NULL);
    if (rc != ST_OK) store_rollback(v->store);
    return rc;
}

void vectors_questions_calibrate(
    const struct vectors_view *v, const struct vec_generation *g, const struct run *run)
{
    struct vec_calibration c;
    int64_t kept;
    float *at = NULL;
    int count;
    if (!v->index.questions || !g->has_graph || v->dir == NULL || store_in_transaction(v->store) ||
        store_schema_is_read_only(v->store, v->index.schema))
        return;
    if (count_kept(v->store, &v->index, &kept) != ST_OK || kept < CALIBRATE_MIN) return;
    bool known = vectors_questions_read(v->store, &v->index, g->set_id, &c);
    if (known && kept < 2 * (int64_t)c.asked) return;
    enum status rc = read_kept(v->store, &v->index, &at, &count, NULL);
    struct vec_queries questions = {at, count};
    if (rc == ST_OK) rc = measure(g, &questions, run, &c, NULL);
    if (rc == ST_OK) (void)!write_calibration(v, g->set_id, &c);
    mem_free(at);
}
