/* vector_ours.c - ours behind the door that peers have: src/vector's C calls, in memory.
 *
 * "f32" reads every row, "codes" is the exact scan over 4-bit codes; "graph" and "graph R=n" are
 * the graph. A kept index is its parts one after the other, for this program only.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "vector_ours.h"

enum { EF_MAX = 4096, PARTS_MAX = 8 };

struct ours {
    struct vec_set set;
    struct vec_codes codes;
    struct vec_graph graph;
    bool has_codes, has_graph;
    int ef;
    struct vec_exact_scratch *exact[VECTOR_THREADS];
    struct vec_graph_scratch *walk[VECTOR_THREADS];
    struct vec_stats stats; /* of thread 0 */
    int64_t *rowids;
    struct err err;
};

void *vector_pages(size_t bytes)
{
    void *p = mmap(NULL, bytes + 64, PROT_READ | PROT_WRITE,
        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) vector_die("no memory");
    madvise(p, bytes, MADV_HUGEPAGE);
    return p;
}

void vector_pages_free(void *p, size_t bytes)
{
    munmap(p, bytes + 64);
}

const struct vec_graph *vector_ours_graph(const void *index)
{
    return &((const struct ours *)index)->graph;
}

const struct vec_set *vector_ours_set(const void *index)
{
    return &((const struct ours *)index)->set;
}

static void must(struct ours *x, enum status st)
{
    if (st != ST_OK) vector_die("ours: %s", x->err.text);
}

static const struct vector_build *builds(const struct vector_data *d)
{
    static const struct vector_build all[] = {
        {"f32", true, NULL}, {"codes", true, NULL}, {"graph", false, NULL}, {NULL, false, NULL}};
    (void)d;
    return all;
}

static struct ours *begin(const struct vector_data *d, const char *params)
{
    struct ours *x = calloc(1, sizeof *x);
    x->rowids = malloc(d->rows * sizeof *x->rowids);
    for (uint32_t i = 0; i < d->rows; i++) x->rowids[i] = i;
    x->set = (struct vec_set){
        d->metric == VECTOR_L2 ? METRIC_L2 : METRIC_COSINE, d->dim, d->rows, d->base, x->rowids};
    x->has_codes = strcmp(params, "codes") == 0;
    x->has_graph = strncmp(params, "graph", 5) == 0;
    x->codes = (struct vec_codes){x->set.metric, d->dim, d->rows, {NULL}};
    for (int p = 0; x->has_codes && p < VEC_CODES_PARTS; p++)
        x->codes.part[p] = vector_pages(vec_codes_bytes((enum vec_codes_part)p, d->dim, d->rows));
    if (x->has_graph) {
        struct vec_graph_options options = {0};
        sscanf(params, "graph R=%d bits=%d", &options.degree, &options.bits);
        x->graph = (struct vec_graph){.metric = x->set.metric, .dim = d->dim, .rows = d->rows};
        must(x, vec_graph_plan(&x->graph, &options, &x->err));
        for (int p = 0; p < VEC_GRAPH_PARTS; p++)
            x->graph.part[p] = vector_pages(x->graph.bytes[p]);
    }
    return x;
}

static void *ready(struct ours *x)
{
    for (int t = 0; t < VECTOR_THREADS; t++) {
        if (x->has_graph)
            must(x, vec_graph_scratch_open(&x->graph, EF_MAX, &x->walk[t], &x->err));
        else
            must(x, vec_exact_scratch_open(x->set.dim, 1, 1, &x->exact[t], &x->err));
    }
    return x;
}

static void *build(const struct vector_data *d, const char *params, int threads)
{
    struct ours *x = begin(d, params);
    struct run run = {.threads = threads};
    if (x->has_codes) {
        vec_codes_centre(&x->codes, &x->set, &run);
        vec_codes_encode(&x->codes, &x->set, 0, d->rows);
    }
    if (x->has_graph) {
        struct vec_graph_build how = {.set = &x->set, .run = &run};
        must(x, vec_graph_build(&x->graph, &how, &x->err));
        must(x, vec_graph_open(&x->graph, &x->err));
    }
    return ready(x);
}

/* The parts of codes and graph, and how many there are. */
static int parts(const struct ours *x, void **part, size_t *bytes)
{
    int n = 0;
    for (int p = 0; x->has_codes && p < VEC_CODES_PARTS; p++, n++) {
        part[n] = x->codes.part[p];
        bytes[n] = vec_codes_bytes((enum vec_codes_part)p, x->set.dim, x->set.rows);
    }
    for (int p = 0; x->has_graph && p < VEC_GRAPH_PARTS; p++, n++) {
        part[n] = x->graph.part[p];
        bytes[n] = x->graph.bytes[p];
    }
    return n;
}

static bool save(const void *index, const char *file)
{
    void *part[PARTS_MAX];
    size_t bytes[PARTS_MAX];
    int n = parts(index, part, bytes);
    FILE *f = n == 0 ? NULL : fopen(file, "wb");
    for (int i = 0; f != NULL && i < n; i++)
        if (fwrite(part[i], 1, bytes[i], f) != bytes[i]) vector_die("can't write %s", file);
    return f != NULL && fclose(f) == 0;
}

static void *load(const struct vector_data *d, const char *params, const char *file)
{
    struct ours *x = begin(d, params);
    void *part[PARTS_MAX];
    size_t bytes[PARTS_MAX];
    int n = parts(x, part, bytes);
    FILE *f = fopen(file, "rb");
    for (int i = 0; i < n; i++)
        if (f == NULL || fread(part[i], 1, bytes[i], f) != bytes[i])
            vector_die("can't read %s", file);
    if (f != NULL) fclose(f);
    if (x->has_graph) must(x, vec_graph_open(&x->graph, &x->err));
    return ready(x);
}

static void effort(void *index, int ef)
{
    ((struct ours *)index)->ef = ef;
}

static int ask(struct ours *x, int thread, const float *query, struct vec_query *how, int64_t *rows)
{
    struct vec_hit at[1024];
    struct vec_hits hits = {.at = at, .capacity = sizeof at / sizeof at[0]};
    struct err e = ERR_INIT;
    enum status st;
    if (x->has_graph) {
        struct vec_graph_search g = {
            .graph = &x->graph, .set = &x->set, .scratch = x->walk[thread], .ef = (uint32_t)x->ef};
        st = vec_graph_search(&g, query, how, &hits, &e);
    } else {
        struct vec_exact s = {
            .set = &x->set, .codes = x->has_codes ? &x->codes : NULL, .scratch = x->exact[thread]};
        st = vec_exact_search(&s, query, how, &hits, &e);
    }
    if (st != ST_OK) vector_die("ours: %s", e.text);
    for (uint32_t i = 0; i < hits.count; i++) rows[i] = hits.at[i].rowid;
    return (int)hits.count;
}

static int search(void *index, int thread, const float *query, int k, int64_t *rows)
{
    struct ours *x = index;
    struct vec_query how = {.k = (uint32_t)k, .stats = thread == 0 ? &x->stats : NULL};
    return ask(x, thread, query, &how, rows);
}

static int filtered(void *index, const float *query, int k, const uint64_t *pass, int64_t *rows)
{
    struct ours *x = index;
    struct vec_query how = {.k = (uint32_t)k, .pass = pass, .stats = &x->stats};
    return ask(x, 0, query, &how, rows);
}

static uint64_t bytes_of(const void *index)
{
    const struct ours *x = index;
    void *part[PARTS_MAX];
    size_t bytes[PARTS_MAX];
    int n = parts(x, part, bytes);
    uint64_t sum = (uint64_t)x->set.rows * (uint64_t)x->set.dim * sizeof(float);
    for (int i = 0; i < n; i++) sum += bytes[i];
    return sum;
}

void vector_ours_work(void *index, uint64_t queries, struct vector_work *out)
{
    struct ours *x = index;
    double n = (double)queries, dim = x->set.dim;
    double node = x->has_graph ? (double)x->graph.bytes[VEC_GRAPH_NODES] / (double)x->set.rows : 0;
    out->hops = (double)x->stats.hops / n;
    out->estimates = (double)x->stats.estimates / n;
    out->rechecks = (double)x->stats.rechecks / n;
    out->bytes = out->hops * node + out->rechecks * dim * 4 +
        ((double)x->stats.codes4 + (double)x->stats.codes8) / n * dim / 2;
    x->stats = (struct vec_stats){0};
}

static void close_index(void *index)
{
    struct ours *x = index;
    void *part[PARTS_MAX];
    size_t bytes[PARTS_MAX];
    int n = parts(x, part, bytes);
    for (int i = 0; i < n; i++) vector_pages_free(part[i], bytes[i]);
    for (int t = 0; t < VECTOR_THREADS; t++) {
        vec_exact_scratch_close(x->exact[t]);
        vec_graph_scratch_close(x->walk[t]);
    }
    free(x->rowids);
    free(x);
}

const struct vector_peer vector_ours = {
    "fovea", "", builds, build, save, load, effort, search, filtered, bytes_of, close_index};
