/* bench_exact.c - what an exact search costs beside a scan of the f32 rows, and what memory gives.
 *
 *   bench_exact <prefix> <cosine|l2|ip|l1|linf> <dim> [rounds]   <prefix>.base, <prefix>.query
 *   bench_exact random <metric> <dim> [rounds] [rows]
 *
 * Raw little-endian f32 rows, mapped as the engine maps its files; codes lie in a file without a
 * name. Rounds are interleaved: plain reads of all rows, the f32 scan, the coded search, and a
 * block of 8 queries; medians. Then 200 queries by both ways: hits that differ are counted.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/run.h"
#include "simd/code.h"
#include "vector/codes_parts.h"
#include "vector/exact.h"

enum { K = 10, CHECKED = 200, A_ROUND = 10, BLOCK = 8, ROUNDS_MAX = 64 };

enum way { WAY_READ, WAY_FETCH, WAY_F32, WAY_CODED, WAY_BLOCK, WAY_COUNT };
static const char *const WAYS[WAY_COUNT] = {
    "plain read", "read, prefetched", "f32 scan", "coded", "coded, 8 queries"};

struct bench {
    struct vec_set set;
    struct vec_codes codes;
    struct vec_exact_scratch *scratch;
    const float *queries;
    uint32_t query_count;
    uint64_t read_sum;
    double ms[WAY_COUNT][ROUNDS_MAX];
};

static void quit(const char *what)
{
    fprintf(stderr, "bench_exact: %s\n", what);
    exit(2);
}

/* --- data ------------------------------------------------------------------------------------- */

static const float *map_floats(const char *prefix, const char *end, size_t *count)
{
    char path[4096];
    struct stat about;
    snprintf(path, sizeof path, "%s.%s", prefix, end);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &about) != 0) quit(path);
    *count = (size_t)about.st_size / sizeof(float);
    const float *p = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, 0);
    if (p == MAP_FAILED) quit(path);
    close(fd);
    return p;
}

static void *map_unnamed(size_t bytes)
{
    int fd = memfd_create("codes", MFD_CLOEXEC);
    if (fd < 0 || ftruncate(fd, (off_t)bytes) != 0) quit("memfd");
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, 0);
    if (p == MAP_FAILED) quit("mmap");
    close(fd);
    return p;
}

static const float *make_floats(size_t count, uint64_t seed)
{
    float *p = map_unnamed(count * sizeof *p);
    for (size_t i = 0; i < count; i++) {
        double sum = 0;
        for (int j = 0; j < 4; j++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            sum += (double)(seed >> 40) / (1 << 23) - 1;
        }
        p[i] = (float)sum;
    }
    return p;
}

static enum metric metric_by_name(const char *name)
{
    for (int m = 0; m < METRIC_COUNT; m++)
        if (strcmp(metric_name((enum metric)m), name) == 0) return (enum metric)m;
    quit("no such metric");
    return METRIC_COUNT;
}

static int whole(const char *text)
{
    char *end;
    errno = 0;
    long n = strtol(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || n < 0 || n > INT32_MAX)
        quit("a whole number is wanted");
    return (int)n;
}

static void data_open(struct bench *b, int argc, char **argv)
{
    size_t base, query, dim = (size_t)whole(argv[3]);
    if (dim < 1 || dim > VEC_DIM_MAX) quit("dimension");
    b->set.metric = metric_by_name(argv[2]);
    b->set.dim = (int)dim;
    if (strcmp(argv[1], "random") == 0) {
        base = (argc > 5 ? (size_t)atol(argv[5]) : 100000) * dim;
        query = 1000 * dim;
        b->set.full = make_floats(base, 1);
        b->queries = make_floats(query, 2);
    } else {
        b->set.full = map_floats(argv[1], "base", &base);
        b->queries = map_floats(argv[1], "query", &query);
    }
    b->set.rows = (uint32_t)(base / dim);
    b->query_count = (uint32_t)(query / dim);
    if (b->query_count < CHECKED) quit("fewer than 200 queries");
}

static void codes_make(struct bench *b)
{
    struct vec_codes *c = &b->codes;
    int64_t start = run_now_us();
    *c = (struct vec_codes){.metric = b->set.metric, .dim = b->set.dim, .rows = b->set.rows};
    for (int p = 0; p < VEC_CODES_PARTS; p++)
        c->part[p] = map_unnamed(vec_codes_bytes((enum vec_codes_part)p, c->dim, c->rows));
    vec_codes_centre(c, &b->set, NULL);
    vec_codes_encode(c, &b->set, 0, c->rows);
    fprintf(stderr, "encoding: %.2f s, kernels %s\n", (double)(run_now_us() - start) / 1e6,
        simd_code_get()->name);
}

/* --- ways ------------------------------------------------------------------------------------- */

typedef uint64_t lanes __attribute__((vector_size(64)));

/* Nothing but loads, each line once and as wide as the CPU can, with or without fetching ahead: the
 * faster is what memory gives this core. */
#if defined(__x86_64__)
__attribute__((target_clones("default", "avx2", "avx512f")))
#endif
static uint64_t
sum_lines(const lanes *p, size_t n, size_t ahead)
{
    lanes s[4] = {{0}};
    for (size_t i = 0; i + 4 <= n; i += 4) {
        if (ahead > 0) {
#pragma GCC unroll 4
            for (size_t j = 0; j < 4; j++) __builtin_prefetch(p + i + j + ahead);
        }
        s[0] += p[i]; /* in registers, not by an index */
        s[1] += p[i + 1];
        s[2] += p[i + 2];
        s[3] += p[i + 3];
    }
    s[0] += s[1] + s[2] + s[3];
    return s[0][0];
}

static void read_all(struct bench *b, enum way way)
{
    size_t n = (size_t)b->set.rows * (size_t)b->set.dim * sizeof(float) / sizeof(lanes);
    b->read_sum += sum_lines((const lanes *)b->set.full, n, way == WAY_FETCH ? 32 : 0);
}

/* count queries from one on; hits of the i-th at at + K i. */
struct asked {
    uint32_t first;
    int count;
};

static void search(
    struct bench *b, bool coded, struct asked a, struct vec_hit *at, struct vec_stats *stats)
{
    struct vec_exact x = {.set = &b->set, .codes = coded ? &b->codes : NULL, .scratch = b->scratch};
    struct vec_queries q = {b->queries + (size_t)a.first * (size_t)b->set.dim, a.count};
    struct vec_query how = {.k = K, .stats = stats};
    struct vec_hits hits[BLOCK];
    struct err e = ERR_INIT;
    for (int i = 0; i < a.count; i++)
        hits[i] = (struct vec_hits){.at = at + (size_t)i * K, .capacity = K};
    if (vec_exact_search_block(&x, &q, &how, hits, &e) != ST_OK) quit(e.text);
}

static void round_run(struct bench *b, int round, bool coded)
{
    struct vec_hit at[BLOCK * K];
    for (int way = 0; way < WAY_COUNT; way++) {
        int repeats = way <= WAY_F32 ? A_ROUND / 2 : A_ROUND * 2, queries = repeats;
        if (way >= WAY_CODED && !coded) continue;
        int64_t start = run_now_us();
        for (int i = 0; i < repeats; i++) {
            uint32_t q = (uint32_t)(round * 37 + i * 11) % (b->query_count - BLOCK);
            if (way <= WAY_FETCH) read_all(b, (enum way)way);
            if (way == WAY_F32 || way == WAY_CODED)
                search(b, way == WAY_CODED, (struct asked){q, 1}, at, NULL);
            if (way == WAY_BLOCK && i % BLOCK == 0)
                search(b, true, (struct asked){q, BLOCK}, at, NULL);
        }
        if (way == WAY_BLOCK) queries = (repeats + BLOCK - 1) / BLOCK * BLOCK;
        b->ms[way][round] = (double)(run_now_us() - start) / 1e3 / queries;
    }
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double median(double *at, int n)
{
    qsort(at, (size_t)n, sizeof *at, by_value);
    return at[n / 2];
}

/* --- the report ------------------------------------------------------------------------------- */

struct found {
    struct vec_stats stats;
    int missing;
};

static void check(struct bench *b, struct found *f)
{
    struct vec_hit naive[K], coded[K];
    for (uint32_t i = 0; i < CHECKED; i++) {
        uint32_t q = i * (b->query_count / CHECKED);
        search(b, false, (struct asked){q, 1}, naive, NULL);
        search(b, true, (struct asked){q, 1}, coded, &f->stats);
        for (int j = 0; j < K; j++)
            f->missing += naive[j].slot != coded[j].slot || naive[j].distance != coded[j].distance;
    }
}

/* Words to stderr, a row of results/exact.csv to stdout: see exact.sh for its head. */
static void report(struct bench *b, int rounds, const char *name)
{
    double bytes = (double)b->set.rows * b->set.dim * 4, ms[WAY_COUNT];
    for (int way = 0; way < WAY_COUNT; way++) ms[way] = median(b->ms[way], rounds);
    for (int way = WAY_READ; way <= WAY_FETCH; way++)
        fprintf(stderr, "%-18s %8.3f ms  %6.1f GB/s\n", WAYS[way], ms[way], bytes / ms[way] / 1e6);
    double read_ms = fmin(ms[WAY_READ], ms[WAY_FETCH]);
    fprintf(stderr, "%-18s %8.3f ms  %6.1f GB/s, %.2f of the read\n", WAYS[WAY_F32], ms[WAY_F32],
        bytes / ms[WAY_F32] / 1e6, read_ms / ms[WAY_F32]);
    if (b->codes.dim == 0) return;
    struct found f = {0};
    check(b, &f);
    size_t units = SIMD_CODE_UNITS(b->set.dim);
    double row_bytes = (double)units * 4 + (b->set.metric == METRIC_L2 ? 8 : 4) + 4.0 / 64;
    double most = b->set.dim * 4 / row_bytes, ratio = ms[WAY_F32] / ms[WAY_CODED];
    double rows8 = (double)f.stats.codes8 / CHECKED, rows32 = (double)f.stats.rechecks / CHECKED;
    fprintf(stderr, "%-18s %8.3f ms  %6.1f GB/s, %.2f x the f32 scan (bytes: %.2f x)\n",
        WAYS[WAY_CODED], ms[WAY_CODED], row_bytes * b->set.rows / ms[WAY_CODED] / 1e6, ratio, most);
    fprintf(stderr, "%-18s %8.3f ms a query, %.2f x one by one\n", WAYS[WAY_BLOCK], ms[WAY_BLOCK],
        ms[WAY_CODED] / ms[WAY_BLOCK]);
    fprintf(stderr, "rows a query: 8-bit %.1f, f32 %.1f of %u; missing of %d neighbours: %d\n",
        rows8, rows32, b->set.rows, CHECKED * K, f.missing);
    const char *slash = strrchr(name, '/');
    printf("%s,%u,%d,%s,%s,%.3f,%.1f,%.3f,%.2f,%.3f,%.2f,%.2f,%.2f,%.3f,%.1f,%.1f,%d\n",
        slash != NULL ? slash + 1 : name, b->set.rows, b->set.dim, metric_name(b->set.metric),
        simd_code_get()->name, read_ms, bytes / read_ms / 1e6, ms[WAY_F32], read_ms / ms[WAY_F32],
        ms[WAY_CODED], ratio, most, ratio / most, ms[WAY_BLOCK], rows8, rows32, f.missing);
}

int main(int argc, char **argv)
{
    static struct bench b;
    struct err e = ERR_INIT;
    if (argc < 4) quit("usage: bench_exact <prefix>|random <metric> <dim> [rounds] [rows]");
    int rounds = argc > 4 ? whole(argv[4]) : 7;
    if (rounds < 1 || rounds > ROUNDS_MAX) quit("rounds");
    data_open(&b, argc, argv);
    bool coded = vec_codes_have(b.set.metric);
    fprintf(stderr, "%s: %u rows, %d dimensions, %s\n", argv[1], b.set.rows, b.set.dim, argv[2]);
    if (coded) codes_make(&b);
    if (vec_exact_scratch_open(b.set.dim, BLOCK, 1, &b.scratch, &e) != ST_OK) quit(e.text);
    round_run(&b, 0, coded); /* warm */
    for (int round = 0; round < rounds; round++) round_run(&b, round, coded);
    report(&b, rounds, argv[1]);
    vec_exact_scratch_close(b.scratch);
    return b.read_sum == 42; /* so that the read is not left out; never */
}
