/* search.c - one scan over the embedding column with a heap of the best k.
 *
 * The condition becomes part of the one statement that reads the rows, so a filter costs what
 * SQLite makes it cost and never changes how many come back. Rows are read in the order they lie in
 * the file.
 */
#include "library/search.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "library/background.h"
#include "library/library.h"
#include "library/pick.h"
#include "library/query.h"
#include "simd/distance.h"

enum { K_DEFAULT = 10, CHECK_ROWS = 1024 };

/* Whether a comes before b in the answer. */
static bool is_better(const struct search_hit *a, const struct search_hit *b)
{
    bool a_nan = isnan(a->score), b_nan = isnan(b->score);
    if (a_nan != b_nan) return b_nan;
    if (!a_nan && a->score != b->score) return a->score > b->score;
    return strcmp(a->path, b->path) < 0;
}

/* --- the best k: a heap whose root is the worst -------------------------------------------------
 */

static void swap(struct search_hit *a, struct search_hit *b)
{
    struct search_hit t = *a;
    *a = *b;
    *b = t;
}

static void sift_up(struct search_hits *h, size_t i)
{
    while (i > 0 && is_better(&h->at[(i - 1) / 2], &h->at[i])) {
        swap(&h->at[i], &h->at[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
}

static void sift_down(struct search_hits *h)
{
    for (size_t i = 0;;) {
        size_t worst = i;
        for (size_t child = 2 * i + 1; child <= 2 * i + 2; child++)
            if (child < h->count && is_better(&h->at[worst], &h->at[child])) worst = child;
        if (worst == i) return;
        swap(&h->at[i], &h->at[worst]);
        i = worst;
    }
}

static enum status hits_grow(struct search_hits *h, size_t k, struct err *e)
{
    if (h->count < h->capacity) return ST_OK;
    size_t capacity = h->capacity * 2 + 64;
    if (capacity > k) capacity = k;
    struct search_hit *grown = mem_resize(h->at, capacity, sizeof *grown);
    if (grown == NULL) return mem_err(e, capacity * sizeof *grown);
    h->at = grown;
    h->capacity = capacity;
    return ST_OK;
}

/* hit->path is borrowed; it is copied if the hit stays. */
static enum status hits_add(
    struct search_hits *h, size_t k, const struct search_hit *hit, struct err *e)
{
    bool full = h->count == k;
    if (full && (k == 0 || !is_better(hit, &h->at[0]))) return ST_OK;
    enum status st = full ? ST_OK : hits_grow(h, k, e);
    char *path = st == ST_OK ? mem_strdup(hit->path) : NULL;
    if (path == NULL) return st != ST_OK ? st : mem_err(e, strlen(hit->path));
    size_t at = full ? 0 : h->count++;
    if (full) mem_free(h->at[0].path);
    h->at[at] = *hit;
    h->at[at].path = path;
    if (full)
        sift_down(h);
    else
        sift_up(h, at);
    return ST_OK;
}

static int hit_compare(const void *a, const void *b)
{
    return is_better(a, b) ? -1 : is_better(b, a) ? 1 : 0;
}

void search_hits_deinit(struct search_hits *h)
{
    for (size_t i = 0; i < h->count; i++) mem_free(h->at[i].path);
    mem_free(h->at);
    *h = (struct search_hits){0};
}

/* --- the statement -------------------------------------------------------------------------------
 */

/* "…/" of a folder that may be gone by now: its rows are still there. mem_free it. */
static char *folder_prefix(const char *dir, struct err *e)
{
    char *real = file_real_path(dir, e);
    if (real == NULL && dir[0] == '/') real = mem_strdup(dir);
    if (real == NULL) return NULL;
    size_t bytes = strlen(real);
    while (bytes > 0 && real[bytes - 1] == '/') bytes--;
    char *prefix = mem_alloc(bytes + 2);
    if (prefix == NULL)
        mem_err(e, bytes + 2);
    else
        snprintf(prefix, bytes + 2, "%.*s/", (int)bytes, real);
    mem_free(real);
    return prefix;
}

static enum status bind_under(
    struct store_stmt *st, const struct options_paths *under, struct err *e)
{
    for (size_t i = 0; under != NULL && i < under->count; i++) {
        char *prefix = folder_prefix(under->at[i], e);
        if (prefix == NULL) return e != NULL ? e->code : ST_NOT_FOUND;
        size_t bytes = strlen(prefix);
        store_bind_text(st, (int)(2 * i + 1), prefix, (int64_t)bytes);
        prefix[bytes - 1] = '0'; /* follows '/' */
        store_bind_text(st, (int)(2 * i + 2), prefix, (int64_t)bytes);
        mem_free(prefix);
    }
    return ST_OK;
}

/* An error in the condition is told by its place there, which is what the caller wrote. */
static enum status word_condition(struct err *e, const char *where, size_t before)
{
    struct err own = *e;
    int at = own.offset - (int)before;
    bool inside = at >= 0 && (size_t)at <= strlen(where);
    if (!inside) return err_set(e, own.code, "in the condition: %s", own.text);
    err_place(&own, where, at);
    return err_set(
        e, own.code, "in the condition, line %d, column %d: %s", own.line, own.column, own.text);
}

static enum status prepare(struct store *s, const struct search_options *how, const char *column,
    struct store_stmt **out, struct err *e)
{
    struct buf sql;
    size_t before = 0;
    buf_init(&sql);
    buf_printf(
        &sql, "SELECT id, path, \"%s\" FROM images WHERE \"%s\" IS NOT NULL", column, column);
    for (size_t i = 0; how->under != NULL && i < how->under->count; i++)
        buf_printf(&sql, "%s(path > ?%zu AND path < ?%zu)", i == 0 ? " AND (" : " OR ", 2 * i + 1,
            2 * i + 2);
    if (how->under != NULL) buf_add_str(&sql, how->under->count > 0 ? ")" : " AND 0");
    if (how->where != NULL) {
        buf_add_str(&sql, " AND (\n");
        before = sql.bytes;
        buf_add_str(&sql, how->where);
        buf_add_str(&sql, "\n)");
    }
    enum status st = buf_check(&sql, e);
    if (st == ST_OK) {
        struct err why = ERR_INIT;
        st = store_prepare(s, sql.data, out, &why);
        if (st != ST_OK && how->where != NULL) st = word_condition(&why, how->where, before);
        if (st != ST_OK && e != NULL) *e = why;
    }
    if (st == ST_OK) st = bind_under(*out, how->under, e);
    buf_deinit(&sql);
    return st;
}

/* --- the scan ------------------------------------------------------------------------------------
 */

struct scan {
    struct sql_session *session;
    struct pick pick;
    float *query;
    bool of_picture;
    struct judge *judge;
    size_t k;
    bool relevant;
};

static enum status visit_row(
    struct scan *c, struct store_stmt *st, struct search_hits *out, struct err *e)
{
    int dim = c->pick.column.of.dim;
    const char *path = store_text(st, 1);
    const float *v = store_blob(st, 2);
    if (store_bytes(st, 2) != dim * (int)sizeof(float))
        return err_set(e, ST_MISMATCH,
            "images row %lld (%s) has a vector of %d bytes in column %s, "
            "which holds vectors of %d numbers of model %s",
            (long long)store_int(st, 0), path, store_bytes(st, 2), c->pick.column.name, dim,
            c->pick.column.of.model);
    const struct simd_distance *kernels = simd_distance_get(cpu_get()->isa);
    float score = kernels->dot(c->query, v, (size_t)dim);
    struct search_hit hit = {.id = store_int(st, 0), .score = score, .path = (char *)path};
    bool kept = out->count < c->k || is_better(&hit, &out->at[0]);
    if (!kept) return ST_OK;
    hit.relevance = judge_relevance(c->judge, v, score);
    if (c->relevant && !(hit.relevance >= 0.5)) return ST_OK;
    return hits_add(out, c->k, &hit, e);
}

static enum status scan_rows(
    struct scan *c, struct store_stmt *st, struct search_hits *out, struct err *e)
{
    bool row = true;
    enum status status = ST_OK;
    for (uint64_t n = 1; status == ST_OK && c->k > 0; n++) {
        status = store_step(st, &row, e);
        if (status != ST_OK || !row) break;
        status = visit_row(c, st, out, e);
        if (status == ST_OK && n % CHECK_ROWS == 0)
            status = run_check(sql_session_run(c->session), e);
    }
    return status;
}

static enum status embed_query(struct scan *c, const char *query, size_t bytes, struct err *e)
{
    struct query q;
    struct model_worker *worker;
    enum status st = query_parse(query, bytes, &q, e);
    if (st != ST_OK) return st;
    st = sql_model_worker(c->session, c->pick.open, &worker, e);
    c->query = mem_alloc_aligned((size_t)c->pick.column.of.dim * sizeof *c->query);
    if (st == ST_OK && c->query == NULL) st = mem_err(e, 0);
    if (st == ST_OK) st = query_embed(&q, c->pick.open, worker, c->query, e);
    for (int i = 0; i < q.count; i++) c->of_picture |= q.terms[i].is_picture;
    query_deinit(&q);
    return st;
}

enum status search_run(
    struct sql_session *s, const struct search_options *how, struct search_hits *out, struct err *e)
{
    struct scan c = {.session = s, .k = (size_t)how->k, .relevant = how->relevant};
    struct store_stmt *rows = NULL;
    *out = (struct search_hits){0};
    if (how->k < 0)
        return err_set(e, ST_INVALID, "k is %lld, it must not be negative", (long long)how->k);
    if (how->k > LIMIT_SEARCH_K)
        return err_set(e, ST_LIMIT, "k is %lld, at most %d", (long long)how->k, LIMIT_SEARCH_K);
    struct store *store = sql_session_store(s);
    enum status st = tables_check(store, e);
    if (st == ST_OK) st = pick_for_search(s, how->model, &c.pick, e);
    if (st == ST_OK) st = prepare(store, how, c.pick.column.name, &rows, e);
    if (st == ST_OK) st = embed_query(&c, how->query, how->query_bytes, e);
    if (st == ST_OK) st = judge_open(s, &c.pick, c.of_picture, &c.judge, e);
    if (st == ST_OK) st = scan_rows(&c, rows, out, e);
    store_finalize(rows);
    judge_close(c.judge);
    mem_free_aligned(c.query);
    if (st != ST_OK)
        search_hits_deinit(out);
    else if (out->count > 0)
        qsort(out->at, out->count, sizeof *out->at, hit_compare);
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
