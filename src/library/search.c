/* search.c - fovea_search(): from the words of a question to its best k pictures.
 *
 * The vector engine finds them (search_vectors.c) where it can; otherwise every row is read
 * (search_rows.c). Which of the two it was changes the time, not the answer, unless images has an
 * index with a graph: then the graph's recall is what was asked for.
 */
#include <math.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "library/library.h"
#include "library/query.h"
#include "library/search_parts.h"

enum { K_DEFAULT = 10 };

static enum status embed_query(struct search *x, struct err *e)
{
    struct query q;
    struct model_worker *worker;
    enum status st = query_parse(x->how->query, x->how->query_bytes, &q, e);
    if (st != ST_OK) return st;
    st = sql_model_worker(x->session, x->pick.open, &worker, e);
    x->query = mem_alloc_aligned((size_t)x->pick.column.of.dim * sizeof *x->query);
    if (st == ST_OK && x->query == NULL) st = mem_err(e, 0);
    if (st == ST_OK) st = query_embed(&q, x->pick.open, worker, x->query, e);
    for (int i = 0; i < q.count; i++) x->of_picture |= q.terms[i].is_picture;
    query_deinit(&q);
    return st;
}

/* A condition that can't be understood is told before the model is asked. */
static enum status check_condition(const struct search *x, struct err *e)
{
    struct store_stmt *st = NULL;
    if (x->how->where == NULL && x->how->under == NULL) return ST_OK;
    enum status status = search_where_prepare(x, "1", NULL, &st, e);
    store_finalize(st);
    return status;
}

static enum status find(const struct search *x, struct search_hits *out, struct err *e)
{
    bool done = false;
    enum status st = search_vectors(x, out, &done, e);
    return st == ST_OK && !done ? search_rows(x, out, e) : st;
}

enum status search_run(
    struct sql_session *s, const struct search_options *how, struct search_hits *out, struct err *e)
{
    struct search x = {.how = how, .session = s, .k = (size_t)how->k};
    *out = (struct search_hits){0};
    if (how->k < 0)
        return err_set(e, ST_INVALID, "k is %lld, it must not be negative", (long long)how->k);
    if (how->k > LIMIT_SEARCH_K)
        return err_set(e, ST_LIMIT, "k is %lld, at most %d", (long long)how->k, LIMIT_SEARCH_K);
    x.store = sql_session_store(s);
    enum status st = tables_check(x.store, e);
    if (st == ST_OK) st = pick_for_search(s, how->model, &x.pick, e);
    if (st == ST_OK) st = check_condition(&x, e);
    if (st == ST_OK) st = embed_query(&x, e);
    if (st == ST_OK) st = judge_open(s, &x.pick, x.of_picture, &x.judge, e);
    if (st == ST_OK && x.k > 0) st = find(&x, out, e);
    judge_close(x.judge);
    mem_free_aligned(x.query);
    if (st == ST_OK)
        search_hits_sort(out);
    else
        search_hits_deinit(out);
    return st;
}

/* --- the table function --------------------------------------------------------------------------
 */

struct cursor {
    struct search_hits hits;
    size_t next;
};

static void close_cursor(void *cursor)
{
    struct cursor *c = cursor;
    search_hits_deinit(&c->hits);
    mem_free(c);
}

static enum status run_search(
    struct sql_session *s, struct sql_value *const *args, struct cursor *c, struct err *e)
{
    struct json_doc *doc = NULL;
    struct options_paths under = {0};
    struct search_options how = {.query = sql_value_text(args[0]), .k = K_DEFAULT};
    if (how.query == NULL) return err_set(e, ST_INVALID, "the query is NULL");
    enum status st = options_read(args[2], "model, where, under, relevant", &doc, e);
    const struct json_node *root = json_root(doc), *dirs = json_get(root, "under");
    if (st == ST_OK && dirs != NULL) st = options_paths_node(dirs, "under", &under, e);
    how.query_bytes = (size_t)sql_value_bytes(args[0]);
    if (sql_value_type(args[1]) != SQL_NULL) how.k = sql_value_int(args[1]);
    how.under = dirs != NULL ? &under : NULL;
    how.model = json_str(json_get(root, "model"), NULL);
    how.where = json_str(json_get(root, "where"), NULL);
    how.relevant = json_bool(json_get(root, "relevant"), false);
    if (st == ST_OK) st = search_run(s, &how, &c->hits, e);
    options_paths_deinit(&under);
    json_close(doc);
    return st;
}

static enum status open_cursor(
    struct sql_session *s, struct sql_value *const *args, int count, void **cursor, struct err *e)
{
    (void)count;
    struct cursor *c = mem_zalloc(1, sizeof *c);
    if (c == NULL) return mem_err(e, sizeof *c);
    enum status st = run_search(s, args, c, e);
    if (st == ST_OK)
        *cursor = c;
    else
        close_cursor(c);
    return st;
}

static enum status next_row(void *cursor, bool *row, struct err *e)
{
    (void)e;
    struct cursor *c = cursor;
    *row = c->next < c->hits.count;
    c->next += *row;
    return ST_OK;
}

static void give_column(void *cursor, int column, struct sql_result *out)
{
    const struct cursor *c = cursor;
    const struct search_hit *h = &c->hits.at[c->next - 1];
    switch (column) {
    case 0: sql_result_int(out, (int64_t)c->next); break;
    case 1: isnan(h->score) ? sql_result_null(out) : sql_result_double(out, h->score); break;
    case 2: isnan(h->score) ? sql_result_null(out) : sql_result_double(out, h->relevance); break;
    case 3: sql_result_text(out, h->path, -1); break;
    default: sql_result_int(out, h->id); break;
    }
}

/* fovea_search(query, k, options): {"model": text, "where": text, "under": path or array of them,
 * "relevant": bool}. */
const struct sql_tabfn SEARCH_FUNCTION = {
    .name = "fovea_search",
    .columns = "rank INTEGER, score REAL, relevance REAL, path TEXT, id INTEGER",
    .args = "query, k, options",
    .args_required = 1,
    .open = open_cursor,
    .next = next_row,
    .column = give_column,
    .close = close_cursor,
};
