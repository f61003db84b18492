/* relevance.c - what a score is worth, as a function of a row: the number that fovea_search gives
 * beside each score, for queries of one's own.
 *
 *     SELECT path, relevance(embedding, 'a black cat') FROM images WHERE …;
 *
 * relevance(vector, query [, options]): vector is one of a column of the library's, query a text as
 * fovea_search takes it ("horse + stripes", "./a.jpg"), or a vector. Options, JSON: model (else the
 * library's own), of: "text" or "picture", for a query that is a vector. NULL where one is NULL or
 * all zeros. A query that is the same for all rows is embedded, and its background read, once. It
 * may read pictures, so views and triggers may not call it.
 */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "library/background.h"
#include "library/library.h"
#include "library/options.h"
#include "library/query.h"
#include "simd/distance.h"

enum { ARG_VECTOR, ARG_QUERY, ARG_OPTIONS };

/* A query seen before its background. */
struct view {
    struct judge *judge;
    struct pick pick;
    float *query;
    bool of_picture;
    char *options; /* as text; NULL: none */
};

static void view_close(void *data)
{
    struct view *v = data;
    if (v == NULL) return;
    judge_close(v->judge);
    mem_free_aligned(v->query);
    mem_free(v->options);
    mem_free(v);
}

static enum status read_options(
    struct sql_session *s, const struct sql_value *options, struct view *v, struct err *e)
{
    struct json_doc *doc = NULL;
    enum status st = options_read(options, "model, of", &doc, e);
    const struct json_node *root = json_root(doc);
    const char *of = json_str(json_get(root, "of"), "text");
    v->of_picture = strcmp(of, "picture") == 0;
    if (st == ST_OK && !v->of_picture && strcmp(of, "text") != 0)
        st = err_set(e, ST_INVALID, "relevance(): of is \"text\" or \"picture\", not \"%s\"", of);
    if (st == ST_OK) st = tables_check(sql_session_store(s), e);
    if (st == ST_OK) st = pick_for_search(s, json_str(json_get(root, "model"), NULL), &v->pick, e);
    json_close(doc);
    return st;
}

static enum status embed_words(
    struct sql_session *s, const struct sql_value *text, struct view *v, struct err *e)
{
    struct query q;
    struct model_worker *worker;
    enum status st = query_parse(sql_value_text(text), (size_t)sql_value_bytes(text), &q, e);
    if (st != ST_OK) return st;
    st = sql_model_worker(s, v->pick.open, &worker, e);
    if (st == ST_OK) st = query_embed(&q, v->pick.open, worker, v->query, e);
    v->of_picture = false;
    for (int i = 0; i < q.count; i++) v->of_picture |= q.terms[i].is_picture;
    query_deinit(&q);
    return st;
}

/* A blob as a vector of the column's model. */
static enum status check_bytes(
    const struct view *v, const struct sql_value *blob, const char *what, struct err *e)
{
    int dim = v->pick.column.of.dim;
    if (sql_value_type(blob) != SQL_BLOB)
        return err_set(e, ST_INVALID, "relevance(): %s is no vector", what);
    if (sql_value_bytes(blob) == dim * (int64_t)sizeof(float)) return ST_OK;
    return err_set(e, ST_MISMATCH,
        "relevance(): %s has %lld bytes, column %s holds vectors of %d numbers of model %s", what,
        (long long)sql_value_bytes(blob), v->pick.column.name, dim, v->pick.column.of.model);
}

static enum status take_query(
    struct sql_session *s, const struct sql_value *query, struct view *v, struct err *e)
{
    size_t bytes = (size_t)v->pick.column.of.dim * sizeof(float);
    v->query = mem_alloc_aligned(bytes);
    if (v->query == NULL) return mem_err(e, bytes);
    if (sql_value_type(query) == SQL_TEXT) return embed_words(s, query, v, e);
    enum status st = check_bytes(v, query, "the query", e);
    if (st == ST_OK) memcpy(v->query, sql_value_blob(query), bytes);
    return st;
}

static enum status view_open(struct sql_session *s, struct sql_value *const *args, int count,
    struct view **out, struct err *e)
{
    struct view *v = mem_zalloc(1, sizeof *v);
    const struct sql_value *options = count > ARG_OPTIONS ? args[ARG_OPTIONS] : NULL;
    const char *text = sql_value_text(options);
    *out = NULL;
    if (v == NULL) return mem_err(e, sizeof *v);
    if (text != NULL) v->options = mem_strdup(text);
    enum status st = text != NULL && v->options == NULL ? mem_err(e, 0) : ST_OK;
    if (st == ST_OK) st = read_options(s, options, v, e);
    if (st == ST_OK) st = take_query(s, args[ARG_QUERY], v, e);
    if (st == ST_OK) st = judge_open(s, &v->pick, v->of_picture, &v->judge, e);
    if (st == ST_OK)
        *out = v;
    else
        view_close(v);
    return st;
}

/* Was it opened with these options? */
static bool same_options(const struct view *v, const struct sql_value *options)
{
    const char *text = sql_value_text(options);
    if (text == NULL || v->options == NULL) return text == v->options;
    return strcmp(text, v->options) == 0;
}

static enum status judge(
    const struct view *v, const struct sql_value *vector, struct sql_result *out, struct err *e)
{
    enum status st = check_bytes(v, vector, "the vector", e);
    size_t dim = (size_t)v->pick.column.of.dim;
    float *row = st == ST_OK ? mem_alloc_aligned(dim * sizeof *row) : NULL;
    if (st != ST_OK || row == NULL) return st != ST_OK ? st : mem_err(e, dim * sizeof *row);
    memcpy(row, sql_value_blob(vector), dim * sizeof *row);
    double score = 1 - metric_distance(METRIC_COSINE, v->query, row, dim);
    double relevance = isnan(score) ? NAN : judge_relevance(v->judge, row, score);
    if (!isnan(relevance)) sql_result_double(out, relevance);
    mem_free_aligned(row);
    return ST_OK;
}

static enum status call(struct sql_session *s, struct sql_value *const *args, int count,
    struct sql_result *out, struct err *e)
{
    const struct sql_value *options = count > ARG_OPTIONS ? args[ARG_OPTIONS] : NULL;
    if (sql_value_type(args[ARG_VECTOR]) == SQL_NULL || sql_value_type(args[ARG_QUERY]) == SQL_NULL)
        return ST_OK;
    struct view *v = sql_result_kept(out, ARG_QUERY), *made = NULL;
    enum status st = ST_OK;
    if (v == NULL || !same_options(v, options)) {
        st = view_open(s, args, count, &made, e);
        v = made;
    }
    if (st == ST_OK) st = judge(v, args[ARG_VECTOR], out, e);
    if (made != NULL) sql_result_keep(out, ARG_QUERY, made, view_close);
    return st;
}

const struct sql_scalar RELEVANCE_FUNCTION = {.name = "relevance",
    .args_min = 2,
    .args_max = 3,
    .direct_only = true,
    .deterministic = true,
    .call = call};
