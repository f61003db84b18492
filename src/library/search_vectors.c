/* search_vectors.c - a search through the vector engine (store/vectors.h).
 *
 * The engine gives the nearest rowids that pass, with all ties of the last; their rows are read for
 * path and relevance, and scored as search_rows.c scores them, so both ways give the same numbers.
 *
 * Relevance is no condition the engine could know: more than k are asked for, and the relevant ones
 * among them are the answer once k are, since no other row has a better score. Where that does not
 * suffice, and where rows may be left that have no distance (a vector with NaN comes last of all),
 * the rows are read.
 */
#include <string.h>

#include "base/mem.h"
#include "library/search_parts.h"
#include "sql/settings.h"
#include "store/vectors.h"

enum { RELEVANT_TIMES = 4, RELEVANT_MORE = 64 };

/* The condition as the engine asks it: the rowids that pass, or one row at a time. */
struct filter {
    struct store_stmt *all, *one;
    int id; /* the parameter of one */
};

static enum status filter_next(void *user, int64_t *rowid, bool *row, struct err *e)
{
    struct filter *f = user;
    enum status st = store_step(f->all, row, e);
    if (st == ST_OK && *row) *rowid = store_int(f->all, 0);
    return st;
}

static enum status filter_probe(void *user, int64_t rowid, bool *passes, struct err *e)
{
    struct filter *f = user;
    store_bind_int(f->one, f->id, rowid);
    enum status st = store_step(f->one, passes, e);
    store_reset(f->one);
    return st;
}

static void filter_deinit(struct filter *f)
{
    store_finalize(f->all);
    store_finalize(f->one);
}

static enum status filter_init(struct filter *f, const struct search *x, struct err *e)
{
    *f = (struct filter){0};
    enum status st = search_where_prepare(x, "id", NULL, &f->all, e);
    if (st == ST_OK) st = search_where_prepare(x, "1", &f->id, &f->one, e);
    return st;
}

/* --- hits ----------------------------------------------------------------------------------------
 */

static enum status add_hits(
    const struct search *x, const struct vec_list *found, struct search_hits *out, struct err *e)
{
    struct store_stmt *st = NULL;
    struct buf sql;
    bool row = false;
    buf_init(&sql);
    buf_printf(&sql, "SELECT path, \"%s\" FROM images WHERE id = ?1", x->pick.column.name);
    enum status status = buf_check(&sql, e);
    if (status == ST_OK) status = store_prepare(x->store, sql.data, &st, e);
    for (size_t i = 0; status == ST_OK && i < found->count; i++) {
        store_bind_int(st, 1, found->at[i].rowid);
        status = store_step(st, &row, e);
        if (status != ST_OK || !row) continue;
        struct search_row r = {found->at[i].rowid, store_text(st, 0), store_blob(st, 1), 0};
        r.bytes = store_bytes(st, 1);
        status = search_row_add(x, &r, out, e);
        store_reset(st);
    }
    store_finalize(st);
    buf_deinit(&sql);
    return status;
}

/* Whether no row that was not found can belong to the answer. */
static bool is_whole(const struct search *x, const struct vec_answer *a, uint32_t asked,
    const struct search_hits *out)
{
    if (out->count >= x->k) return true;
    return a->complete && a->hits.count < asked && a->hits.count == a->passing;
}

static void take_settings(struct sql_session *s, struct vec_ask *ask)
{
    ask->ef = (uint32_t)sql_setting(s, NULL, SETTING_EF_SEARCH);
    ask->recall_target = sql_setting(s, NULL, SETTING_RECALL_TARGET);
    ask->exact = sql_setting(s, NULL, SETTING_EXACT) != 0 || ask->recall_target >= 1;
}

enum status search_vectors(
    const struct search *x, struct search_hits *out, bool *done, struct err *e)
{
    struct filter f = {0};
    struct vec_answer a = {0};
    struct store_vectors *v = NULL;
    const struct search_options *how = x->how;
    const struct run *run = sql_session_run(x->session);
    bool filtered = how->where != NULL || how->under != NULL;
    struct vec_filter filter = {.next = filter_next, .probe = filter_probe, .user = &f};
    struct vec_ask ask = {.k = (uint32_t)x->k, .filter = filtered ? &filter : NULL, .run = run};
    if (how->relevant) ask.k = ask.k * RELEVANT_TIMES + RELEVANT_MORE;
    take_settings(x->session, &ask);
    *done = false;
    struct store_vectors_ask column = {
        .table = "images", .column = x->pick.column.name, .metric = METRIC_COSINE, .run = run};
    enum status st = store_vectors_get(x->store, &column, &v, e);
    if (st != ST_OK || v == NULL) return st;
    if (filtered) st = filter_init(&f, x, e);
    if (st == ST_OK) st = store_vectors_search(v, x->query, &ask, &a, e);
    bool doubted = st == ST_CORRUPT; /* the files; the rows are as they were */
    if (st == ST_OK) st = add_hits(x, &a.hits, out, e);
    filter_deinit(&f);
    *done = st == ST_OK && is_whole(x, &a, ask.k, out);
    if (!*done) search_hits_deinit(out);
    vec_answer_deinit(&a);
    return doubted ? ST_OK : st;
}
