/* search_rows.c - one scan over the embedding column with a heap of the best k.
 *
 * Rows are read in the order they lie in the file. It is what a search means; the vector engine
 * only finds the same sooner.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "library/search_parts.h"
#include "simd/distance.h"

enum { CHECK_ROWS = 1024 };

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

void search_hits_sort(struct search_hits *h)
{
    if (h->count > 0) qsort(h->at, h->count, sizeof *h->at, hit_compare);
}

void search_hits_deinit(struct search_hits *h)
{
    for (size_t i = 0; i < h->count; i++) mem_free(h->at[i].path);
    mem_free(h->at);
    *h = (struct search_hits){0};
}

/* --- rows ----------------------------------------------------------------------------------------
 */

enum status search_row_add(
    const struct search *x, const struct search_row *row, struct search_hits *out, struct err *e)
{
    int dim = x->pick.column.of.dim;
    if (row->bytes != dim * (int)sizeof(float))
        return err_set(e, ST_MISMATCH,
            "images row %lld (%s) has a vector of %d bytes in column %s, "
            "which holds vectors of %d numbers of model %s",
            (long long)row->id, row->path, row->bytes, x->pick.column.name, dim,
            x->pick.column.of.model);
    struct search_hit hit = {.id = row->id, .path = (char *)row->path};
    hit.score = 1 - metric_distance(METRIC_COSINE, x->query, row->vector, (size_t)dim);
    bool kept = out->count < x->k || is_better(&hit, &out->at[0]);
    if (!kept) return ST_OK;
    hit.relevance = judge_relevance(x->judge, row->vector, hit.score);
    if (x->how->relevant && !(hit.relevance >= 0.5)) return ST_OK;
    return hits_add(out, x->k, &hit, e);
}

enum status search_rows(const struct search *x, struct search_hits *out, struct err *e)
{
    struct store_stmt *st = NULL;
    struct buf what;
    bool row = true;
    buf_init(&what);
    buf_printf(&what, "id, path, \"%s\"", x->pick.column.name);
    enum status status = buf_check(&what, e);
    if (status == ST_OK) status = search_where_prepare(x, what.data, NULL, &st, e);
    buf_deinit(&what);
    for (uint64_t n = 1; status == ST_OK; n++) {
        status = store_step(st, &row, e);
        if (status != ST_OK || !row) break;
        struct search_row r = {store_int(st, 0), store_text(st, 1), store_blob(st, 2), 0};
        r.bytes = store_bytes(st, 2);
        status = search_row_add(x, &r, out, e);
        if (status == ST_OK && n % CHECK_ROWS == 0)
            status = run_check(sql_session_run(x->session), e);
    }
    store_finalize(st);
    return status;
}
