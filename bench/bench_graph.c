/* bench_graph.c - the graph alone: build, then a sweep of ef.
 *
 *   bench_graph DATA [-d degree] [-b bits] [-l build_list] [-a alpha] [-t threads] [-r rounds]
 *               [-f FILE] [-e ef,ef,...] [-h]
 *
 * DATA names DATA.base, DATA.query, DATA.truth and DATA.json (rows, dim, metric, queries). -f keeps
 * the built parts in FILE and takes them from there the next time; -h asks for huge pages. One line
 * an ef, best of the rounds: recall@10, QPS, p50 and p99 in microseconds, hops a query. One thread
 * searches.
 */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "vector/graph.h"

enum { K = 10, TRUTH = 100, EFS_MAX = 32 };

struct bench {
    struct vec_set set;
    const float *query;
    const int32_t *truth;
    uint32_t queries;
    struct vec_graph graph;
    struct vec_graph_options options;
    int threads, rounds;
    bool huge;
    const char *file;
    uint32_t ef[EFS_MAX];
    int efs;
    double *us;
};

static double now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void die(const char *what, const struct err *e)
{
    fprintf(stderr, "%s: %s\n", what, e != NULL ? e->text : "");
    exit(2);
}

static int whole(const char *text)
{
    char *end;
    errno = 0;
    long n = strtol(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || n < 0 || n > INT32_MAX)
        die("a number is wanted", NULL);
    return (int)n;
}

static float real(const char *text)
{
    char *end;
    float x = strtof(text, &end);
    if (end == text || *end != '\0') die("a number is wanted", NULL);
    return x;
}

static const void *map(const char *name, const char *end)
{
    char path[1024];
    struct err e = ERR_INIT;
    struct file_map m;
    snprintf(path, sizeof path, "%s.%s", name, end);
    if (file_map_open(path, &m, &e) != ST_OK) die(path, &e);
    return m.data;
}

static long number(const char *json, const char *key)
{
    const char *at = strstr(json, key);
    if (at == NULL) die(key, NULL);
    while (*at != '\0' && !isdigit((unsigned char)*at)) at++;
    return strtol(at, NULL, 10);
}

static void open_data(struct bench *b, const char *name)
{
    char *json = strndup(map(name, "json"), 4096);
    const char *metric = strstr(json, "\"metric\"");
    b->set.rows = (uint32_t)number(json, "\"rows\"");
    b->set.dim = (int)number(json, "\"dim\"");
    b->queries = (uint32_t)number(json, "\"queries\"");
    b->set.metric = metric != NULL && strstr(metric, "cos") != NULL ? METRIC_COSINE : METRIC_L2;
    const float *full = map(name, "base");
    size_t bytes = (size_t)b->set.rows * (size_t)b->set.dim * sizeof(float);
    float *copy = mem_alloc_aligned(bytes);
    int64_t *rowids = mem_alloc(b->set.rows * sizeof *rowids);
    if (copy == NULL || rowids == NULL) die("memory", NULL);
    memcpy(copy, full, bytes);
    for (uint32_t i = 0; i < b->set.rows; i++) rowids[i] = i;
    b->set.full = copy;
    b->set.rowids = rowids;
    b->query = map(name, "query");
    b->truth = map(name, "truth");
    free(json);
}

static bool take(struct bench *b)
{
    FILE *f = b->file != NULL ? fopen(b->file, "rb") : NULL;
    if (f == NULL) return false;
    for (int p = 0; p < VEC_GRAPH_PARTS; p++)
        if (fread(b->graph.part[p], 1, b->graph.bytes[p], f) != b->graph.bytes[p])
            die(b->file, NULL);
    fclose(f);
    return true;
}

static void keep(const struct bench *b)
{
    FILE *f = b->file != NULL ? fopen(b->file, "wb") : NULL;
    if (f == NULL) return;
    for (int p = 0; p < VEC_GRAPH_PARTS; p++) fwrite(b->graph.part[p], 1, b->graph.bytes[p], f);
    fclose(f);
}

static void build(struct bench *b)
{
    struct err e = ERR_INIT;
    struct vec_graph *g = &b->graph;
    *g = (struct vec_graph){.metric = b->set.metric, .dim = b->set.dim, .rows = b->set.rows};
    if (vec_graph_plan(g, &b->options, &e) != ST_OK) die("plan", &e);
    size_t bytes = 0;
    for (int p = 0; p < VEC_GRAPH_PARTS; p++) {
        g->part[p] = mem_alloc_aligned(g->bytes[p] + 1);
        if (g->part[p] == NULL) die("memory", NULL);
        if (b->huge) (void)madvise(g->part[p], g->bytes[p], MADV_HUGEPAGE);
        memset(g->part[p], 0, g->bytes[p]);
        bytes += g->bytes[p];
    }
    struct run run = {.threads = b->threads};
    struct vec_graph_build how = {.set = &b->set, .run = &run};
    double start = now_us(), cpu = (double)clock();
    if (!take(b)) {
        if (vec_graph_build(g, &how, &e) != ST_OK) die("build", &e);
        keep(b);
    }
    if (vec_graph_open(g, &e) != ST_OK) die("open", &e);
    printf("build %.2f s (CPU %.2f) on %d threads, degree %d, bits %d, list %d, alpha %.2f, %.0f "
           "bytes a row\n",
        (now_us() - start) / 1e6, ((double)clock() - cpu) / CLOCKS_PER_SEC, b->threads,
        g->options.degree, g->options.bits, g->options.build_list, (double)g->options.alpha,
        (double)bytes / b->set.rows);
    if (vec_graph_verify(g, &e) != ST_OK) die("verify", &e);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Hits no farther than the true 10th. */
static int right(const struct bench *b, uint32_t q, const struct vec_hits *hits)
{
    size_t dim = (size_t)b->set.dim;
    const float *query = b->query + q * dim;
    double last = metric_distance(
        b->set.metric, query, b->set.full + (size_t)b->truth[(size_t)q * TRUTH + K - 1] * dim, dim);
    int n = 0;
    for (uint32_t i = 0; i < hits->count; i++) n += hits->at[i].distance <= last + 1e-9;
    return n;
}

static void sweep_one(struct bench *b, struct vec_graph_scratch *s, uint32_t ef)
{
    struct vec_hit at[K];
    struct vec_hits hits = {.at = at, .capacity = K};
    struct vec_stats stats = {0};
    struct vec_query how = {.k = K, .stats = &stats};
    struct vec_graph_search g = {.graph = &b->graph, .set = &b->set, .scratch = s, .ef = ef};
    double best = INFINITY, p50 = 0, p99 = 0;
    int found = 0;
    for (int r = 0; r < b->rounds; r++) {
        double sum = 0;
        stats = (struct vec_stats){0};
        found = 0;
        for (uint32_t q = 0; q < b->queries; q++) {
            struct err e = ERR_INIT;
            double start = now_us();
            if (vec_graph_search(&g, b->query + (size_t)q * (size_t)b->set.dim, &how, &hits, &e))
                die("search", &e);
            sum += b->us[q] = now_us() - start;
            found += right(b, q, &hits);
        }
        qsort(b->us, b->queries, sizeof *b->us, compare);
        if (sum < best) {
            best = sum;
            p50 = b->us[b->queries / 2];
            p99 = b->us[b->queries * 99 / 100];
        }
    }
    printf("ef %4u  recall %.4f  qps %7.0f  p50 %6.1f  p99 %6.1f  hops %6.1f  expected %.4f\n", ef,
        (double)found / (K * (double)b->queries), b->queries / best * 1e6, p50, p99,
        (double)stats.hops / b->queries, vec_graph_recall(&b->graph, K, ef));
    fflush(stdout);
}

static void read_efs(struct bench *b, const char *list)
{
    char *end;
    for (b->efs = 0; *list != '\0' && b->efs < EFS_MAX; list = *end == ',' ? end + 1 : end)
        b->ef[b->efs++] = (uint32_t)strtoul(list, &end, 10);
}

int main(int argc, char **argv)
{
    struct bench b = {.threads = 1, .rounds = 3};
    struct err e = ERR_INIT;
    struct vec_graph_scratch *s;
    read_efs(&b, "10,16,24,32,48,64,96,128,192,256,384,512,768,1024");
    for (int c; (c = getopt(argc, argv, "d:b:l:a:t:r:f:e:h")) != -1;) switch (c) {
        case 'd': b.options.degree = whole(optarg); break;
        case 'b': b.options.bits = whole(optarg); break;
        case 'l': b.options.build_list = whole(optarg); break;
        case 'a': b.options.alpha = real(optarg); break;
        case 't': b.threads = whole(optarg); break;
        case 'r': b.rounds = whole(optarg); break;
        case 'f': b.file = optarg; break;
        case 'e': read_efs(&b, optarg); break;
        case 'h': b.huge = true; break;
        default: return 2;
        }
    if (optind >= argc) die("which data?", NULL);
    open_data(&b, argv[optind]);
    b.us = mem_zalloc(b.queries, sizeof *b.us);
    build(&b);
    if (vec_graph_scratch_open(&b.graph, 4096, &s, &e) != ST_OK) die("scratch", &e);
    for (int i = 0; i < b.efs; i++) sweep_one(&b, s, b.ef[i]);
    vec_graph_scratch_close(s);
    return 0;
}
