/* vector_bench.c - data, clocks, limits, measured points: see vector_bench.h. */
#include "vector_bench.h"
#include "vector_ours.h"

#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

void vector_die(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    exit(1);
}

void vector_pin(int cpu)
{
    if (cpu < 0) return;
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET((size_t)cpu, &set);
    if (sched_setaffinity(0, sizeof set, &set) != 0)
        fprintf(stderr, "can't be pinned to CPU %d\n", cpu);
}

static double clock_seconds(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

double vector_now(void)
{
    return clock_seconds(CLOCK_MONOTONIC);
}

double vector_cpu(void)
{
    return clock_seconds(CLOCK_PROCESS_CPUTIME_ID);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double vector_median(double *v, int n)
{
    qsort(v, (size_t)n, sizeof *v, by_value);
    return n == 0 ? 0 : (v[(n - 1) / 2] + v[n / 2]) / 2;
}

static int by_float(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

double vector_quantile(float *v, size_t n, double q)
{
    qsort(v, n, sizeof *v, by_float);
    return n == 0 ? 0 : (double)v[(size_t)((double)(n - 1) * q)];
}

/* --- data ------------------------------------------------------------------------------------- */

static void *read_whole(const char *folder, const char *name, const char *ending, size_t bytes)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s.%s", folder, name, ending);
    FILE *f = fopen(path, "rb");
    if (f == NULL) vector_die("no %s: bench/vector_data.py makes it", path);
    void *p = mmap(NULL, bytes + 64, PROT_READ | PROT_WRITE,
        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) vector_die("no memory for %s", path);
    madvise(p, bytes, MADV_HUGEPAGE);
    if (fread(p, 1, bytes, f) != bytes) vector_die("%s is too short", path);
    fclose(f);
    return p;
}

static double fact(const char *text, const char *name)
{
    char key[32];
    snprintf(key, sizeof key, "\"%s\": ", name);
    const char *at = strstr(text, key);
    return at == NULL ? 0 : strtod(at + strlen(key), NULL);
}

struct vector_data *vector_data_load(const char *folder, const char *name)
{
    char path[512], text[1024] = "";
    snprintf(path, sizeof path, "%s/%s.json", folder, name);
    FILE *f = fopen(path, "rb");
    if (f == NULL || fread(text, 1, sizeof text - 1, f) == 0)
        vector_die("no %s: bench/vector_data.py makes it", path);
    fclose(f);
    struct vector_data *d = calloc(1, sizeof *d);
    snprintf(d->name, sizeof d->name, "%s", name);
    const char *other = strstr(text, "\"base\": \"");
    if (other == NULL || sscanf(other + 9, "%31[^\"]", d->rows_of) != 1)
        snprintf(d->rows_of, sizeof d->rows_of, "%s", name);
    d->metric = strstr(text, "\"l2\"") != NULL ? VECTOR_L2 : VECTOR_COSINE;
    d->rows = (uint32_t)fact(text, "rows");
    d->dim = (int)fact(text, "dim");
    d->queries = (uint32_t)fact(text, "queries");
    size_t row = (size_t)d->dim * sizeof(float);
    d->base = read_whole(folder, d->rows_of, "base", d->rows * row);
    d->query = read_whole(folder, name, "query", d->queries * row);
    d->truth =
        read_whole(folder, name, "truth", d->queries * (size_t)VECTOR_TRUTH * sizeof(int32_t));
    return d;
}

void vector_data_free(struct vector_data *d)
{
    size_t row = (size_t)d->dim * sizeof(float);
    munmap((void *)(uintptr_t)d->base, d->rows * row + 64);
    munmap((void *)(uintptr_t)d->query, d->queries * row + 64);
    munmap((void *)(uintptr_t)d->truth, d->queries * (size_t)VECTOR_TRUTH * sizeof(int32_t) + 64);
    free(d);
}

double vector_distance(const struct vector_data *d, uint32_t query, int64_t row)
{
    const float *q = d->query + (size_t)query * (size_t)d->dim;
    const float *x = d->base + (size_t)row * (size_t)d->dim;
    double dot = 0, qq = 0, xx = 0, off = 0;
    for (int i = 0; i < d->dim; i++) {
        double a = (double)q[i], b = (double)x[i];
        dot += a * b;
        qq += a * a;
        xx += b * b;
        off += (a - b) * (a - b);
    }
    return d->metric == VECTOR_L2 ? sqrt(off) : 1 - dot / sqrt(qq * xx);
}

double vector_recall(
    const struct vector_data *d, uint32_t query, int k, const int64_t *rows, int count)
{
    const int32_t *truth = d->truth + (size_t)query * VECTOR_TRUTH;
    double last = vector_distance(d, query, truth[k - 1]);
    int hits = 0;
    for (int i = 0; i < count && i < k; i++) {
        bool again = false;
        for (int j = 0; j < i; j++) again |= rows[j] == rows[i];
        bool there = !again && rows[i] >= 0 && rows[i] < (int64_t)d->rows;
        hits += there && vector_distance(d, query, rows[i]) <= last * (1 + 1e-9) + 1e-12;
    }
    return (double)hits / k;
}

/* --- the machine ------------------------------------------------------------------------------ */

typedef uint64_t line __attribute__((vector_size(64)));

/* Each line read once, as wide as the CPU can. */
__attribute__((target_clones("default", "avx2", "avx512f"))) static uint64_t sum_lines(
    const line *p, size_t lines)
{
    line s[4] = {{0}, {0}, {0}, {0}};
    for (size_t i = 0; i + 4 <= lines; i += 4) {
        s[0] += p[i];
        s[1] += p[i + 1];
        s[2] += p[i + 2];
        s[3] += p[i + 3];
    }
    line all = s[0] + s[1] + s[2] + s[3];
    return all[0] + all[1] + all[2] + all[3] + all[4] + all[5] + all[6] + all[7];
}

double vector_read_rate(const void *pages, size_t bytes, double seconds)
{
    volatile uint64_t sink = 0;
    size_t done = 0;
    double begin = vector_now(), now;
    do {
        sink += sum_lines(pages, bytes / 64);
        done += bytes / 64 * 64;
        now = vector_now();
    } while (now - begin < seconds);
    (void)sink;
    return (double)done / (now - begin);
}

struct vector_limits vector_limits(size_t bytes)
{
    size_t lines = bytes / 64;
    uint64_t *p = vector_pages(bytes);
    for (size_t i = 0; i < lines * 8; i++) p[i] = i;
    struct vector_limits l = {0, 1};
    volatile uint64_t sink = 0;
    for (int round = 0; round < 5; round++)
        l.bytes_second = fmax(l.bytes_second, vector_read_rate(p, bytes, 0));
    /* One walk through all lines, each naming the next (a full-period generator's order). */
    size_t range = 1;
    while (range * 2 <= lines) range *= 2;
    for (size_t i = 0; i < range; i++)
        p[i * 8] = (i * 2862933555777941757u + 3037000493u) & (range - 1);
    for (int round = 0; round < 3; round++) {
        size_t at = 0, steps = 1 << 20;
        double begin = vector_now();
        for (size_t i = 0; i < steps; i++) at = p[at * 8];
        sink += at;
        l.line_seconds = fmin(l.line_seconds, (vector_now() - begin) / (double)steps);
    }
    vector_pages_free(p, bytes);
    (void)sink;
    return l;
}

/* --- points ----------------------------------------------------------------------------------- */

enum { SAMPLES_MAX = 1 << 18 };

struct walker {
    const struct vector_system *system;
    const struct vector_data *data;
    int thread;
    bool pin;
    uint32_t from;
    double seconds;
    uint64_t done;
    double took;
    float *us; /* SAMPLES_MAX */
    pthread_t id;
};

static void *walk(void *arg)
{
    struct walker *w = arg;
    const struct vector_data *d = w->data;
    const struct vector_peer *p = w->system->peer;
    if (w->pin) vector_pin(w->thread);
    int64_t rows[VECTOR_K];
    double begin = vector_now(), last = begin;
    while (last - begin < w->seconds && w->done < SAMPLES_MAX) {
        uint32_t q = (uint32_t)((w->from + w->done) % d->queries);
        p->search(
            w->system->index, w->thread, d->query + (size_t)q * (size_t)d->dim, VECTOR_K, rows);
        double now = vector_now();
        w->us[w->done++] = (float)((now - last) * 1e6);
        last = now;
    }
    w->took = last - begin;
    return NULL;
}

struct vector_point vector_measure(const struct vector_system *s, const struct vector_data *d,
    int threads, uint32_t from, double seconds)
{
    struct walker w[VECTOR_THREADS];
    struct vector_point point = {0};
    for (int t = 0; t < threads; t++) {
        w[t] = (struct walker){s, d, t, threads > 1, from + (uint32_t)t * d->queries / 2, seconds,
            0, 0, malloc(SAMPLES_MAX * sizeof(float)), 0};
        if (threads > 1 && pthread_create(&w[t].id, NULL, walk, &w[t]) != 0)
            vector_die("no thread");
    }
    if (threads == 1) walk(&w[0]);
    for (int t = 0; t < threads; t++) {
        if (threads > 1) pthread_join(w[t].id, NULL);
        point.qps += (double)w[t].done / w[t].took;
        point.p50_us = fmax(point.p50_us, vector_quantile(w[t].us, w[t].done, 0.5));
        point.p99_us = fmax(point.p99_us, vector_quantile(w[t].us, w[t].done, 0.99));
        free(w[t].us);
    }
    return point;
}

double vector_warm(const struct vector_system *s, const struct vector_data *d, uint32_t queries)
{
    double sum = 0;
    int64_t rows[VECTOR_K];
    for (uint32_t q = 0; q < queries; q++) {
        int n = s->peer->search(s->index, 0, d->query + (size_t)q * (size_t)d->dim, VECTOR_K, rows);
        sum += vector_recall(d, q, VECTOR_K, rows, n);
    }
    return sum / queries;
}
