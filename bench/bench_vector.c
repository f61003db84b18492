/* bench_vector.c - systems beside each other over one data set, in turns.
 *
 * usage: bench_vector graph|exact|build|time DATA SET ROUNDS SECONDS PEER.so...
 *   graph  approximate searches: each system's efforts around the recalls of interest, one thread
 *          and two. Lines: point,SET,PEER,PARAMS,EFFORT,THREADS,ROUND,RECALL,QPS,P50_US,P99_US
 *   exact  the same of exact searches
 *   build  builds or loads what graph would measure and keeps each effort's recall
 *   time   builds only
 * Further lines: build,... (vector_bench.h), limit,SET,bytes_second|line_seconds,VALUE (exact:
 * plain reads of the same bytes, in each round; else the best of five), and what ours read:
 * work,SET,PARAMS,EFFORT,HOPS,ESTIMATES,RECHECKS,BYTES. Ours comes first in each round.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "vector_bench.h"
#include "vector_ours.h"

enum { SYSTEMS_MAX = 32, EFFORTS_MAX = 32, EFFORT_LAST = 3200, CLIMB_SECONDS = 30 };

struct step {
    int effort;
    double recall;
};

struct run_of {
    struct vector_system system;
    struct step step[EFFORTS_MAX];
    int steps;
};

struct bench {
    bool exact, build_only, climbs;
    const char *folder;
    struct vector_data *data;
    int rounds;
    double seconds;
    struct run_of run[SYSTEMS_MAX];
    int runs;
    void *copy; /* of the rows, for plain reads; NULL unless exact */
};

static const double TARGETS[] = {0.90, 0.95, 0.99, 0.999};
enum { TARGET_COUNT = sizeof TARGETS / sizeof TARGETS[0] };

/* --- efforts ---------------------------------------------------------------------------------- */

static bool read_ladder(struct run_of *r)
{
    FILE *f = fopen(r->system.ladder, "r");
    if (f == NULL) return false;
    while (r->steps < EFFORTS_MAX &&
        fscanf(f, "%d %lf", &r->step[r->steps].effort, &r->step[r->steps].recall) == 2)
        r->steps++;
    fclose(f);
    return r->steps > 0;
}

static void write_ladder(const struct run_of *r)
{
    FILE *f = fopen(r->system.ladder, "w");
    if (f == NULL) return;
    for (int i = 0; i < r->steps; i++)
        fprintf(f, "%d %.6f\n", r->step[i].effort, r->step[i].recall);
    fclose(f);
}

/* Efforts from low to high until the recall is beyond what is of interest, no longer grows, or
 * costs more than reading every row would. */
static void climb(const struct bench *b, struct run_of *r)
{
    const int *list = r->system.build->efforts;
    double best = 0;
    int idle = 0;
    for (int i = 0, effort = 10; r->steps < EFFORTS_MAX && idle < 4; i++) {
        if (list != NULL && list[i] == 0) break;
        effort = list != NULL ? list[i] : i == 0 ? 10 : (int)ceil(effort * 1.35);
        if (effort > EFFORT_LAST) break;
        r->system.peer->effort(r->system.index, effort);
        double start = vector_now();
        double recall = vector_warm(&r->system, b->data, b->data->queries);
        r->step[r->steps++] = (struct step){effort, recall};
        if (vector_now() - start > CLIMB_SECONDS) break;
        idle = recall > best + 1e-4 ? 0 : idle + 1;
        best = fmax(best, recall);
        if (recall > 0.9991) break;
    }
    if (r->system.peer->save != NULL) write_ladder(r);
}

/* Keeps the efforts on both sides of each target. */
static void thin(struct run_of *r)
{
    bool keep[EFFORTS_MAX] = {false};
    for (int t = 0; t < TARGET_COUNT; t++)
        for (int i = 0; i + 1 < r->steps; i++)
            if (r->step[i].recall < TARGETS[t] && r->step[i + 1].recall >= TARGETS[t])
                keep[i] = keep[i + 1] = true;
    if (r->steps > 0) {
        keep[r->steps - 1] = true; /* the best there is */
        keep[0] |= r->step[0].recall >= 0.9;
    }
    int n = 0;
    for (int i = 0; i < r->steps; i++)
        if (keep[i]) r->step[n++] = r->step[i];
    r->steps = n;
}

/* Of an exact search that reads every row, 2,000 neighbours; of ours by codes, all there are. */
static uint32_t exact_queries(const struct bench *b, const struct run_of *r)
{
    uint32_t few = 2000 / VECTOR_K;
    bool all = strcmp(r->system.build->params, "codes") == 0 || b->data->queries < few;
    return all ? b->data->queries : few;
}

static void find_efforts(const struct bench *b, struct run_of *r)
{
    if (r->system.build->exact) {
        r->system.peer->effort(r->system.index, 1);
        r->step[0] = (struct step){1, vector_warm(&r->system, b->data, exact_queries(b, r))};
        r->steps = 1;
        return;
    }
    if (!read_ladder(r)) climb(b, r);
    thin(r);
}

/* --- measuring -------------------------------------------------------------------------------- */

static void measure(const struct bench *b, struct run_of *r, int step, int round, int threads)
{
    struct vector_system *s = &r->system;
    s->peer->effort(s->index, r->step[step].effort);
    uint32_t from = (uint32_t)round * 389;
    vector_measure(s, b->data, threads, from, b->seconds * 0.1);
    if (s->peer == &vector_ours) vector_ours_work(s->index, 1, &(struct vector_work){0});
    struct vector_point p = vector_measure(s, b->data, threads, from, b->seconds);
    printf("point,%s,%s,\"%s\",%d,%d,%d,%.5f,%.2f,%.2f,%.2f\n", b->data->name, s->peer->name,
        s->build->params, r->step[step].effort, threads, round, r->step[step].recall, p.qps,
        p.p50_us, p.p99_us);
    fflush(stdout);
}

/* Exact searches are held against plain reads of the same bytes, in turns with them. */
static void read_plain(const struct bench *b, const void *pages, int threads)
{
    if (pages == NULL || threads != 1) return;
    size_t bytes = (size_t)b->data->rows * (size_t)b->data->dim * 4;
    printf(
        "limit,%s,bytes_second,%.4g\n", b->data->name, vector_read_rate(pages, bytes, b->seconds));
}

static void rounds(struct bench *b, int threads, int count)
{
    int longest = 0;
    for (int i = 0; i < b->runs; i++)
        longest = b->run[i].steps > longest ? b->run[i].steps : longest;
    for (int round = 0; round < count; round++) {
        fprintf(stderr, "%s: %d thread%s, round %d of %d\n", b->data->name, threads,
            threads > 1 ? "s" : "", round + 1, count);
        read_plain(b, b->copy, threads);
        for (int step = 0; step < longest; step++)
            for (int i = 0; i < b->runs; i++)
                if (step < b->run[i].steps) measure(b, &b->run[i], step, round, threads);
    }
}

static void work(struct bench *b)
{
    for (int i = 0; i < b->runs; i++) {
        struct run_of *r = &b->run[i];
        for (int step = 0; r->system.peer == &vector_ours && step < r->steps; step++) {
            struct vector_work w;
            r->system.peer->effort(r->system.index, r->step[step].effort);
            vector_ours_work(r->system.index, 1, &w);
            vector_warm(&r->system, b->data, b->data->queries);
            vector_ours_work(r->system.index, b->data->queries, &w);
            printf("work,%s,\"%s\",%d,%.1f,%.1f,%.1f,%.0f\n", b->data->name,
                r->system.build->params, r->step[step].effort, w.hops, w.estimates, w.rechecks,
                w.bytes);
        }
    }
}

static void limits(const struct bench *b)
{
    size_t bytes = (size_t)b->data->rows * (size_t)b->data->dim * 4, least = 64u << 20;
    bytes = bytes < least ? least : bytes;
    struct vector_limits l = vector_limits(bytes < 1u << 30 ? bytes : 1u << 30);
    if (!b->exact) printf("limit,%s,bytes_second,%.4g\n", b->data->name, l.bytes_second);
    printf("limit,%s,line_seconds,%.4g\n", b->data->name, l.line_seconds);
    printf("rows,%s,%u\n", b->data->name, b->data->rows);
    fflush(stdout);
}

/* --- systems ---------------------------------------------------------------------------------- */

static void add(struct bench *b, const struct vector_peer *peer)
{
    if (peer == NULL) return;
    const char *only = getenv("VECTOR_ONLY"); /* a piece of a peer's name and params */
    for (const struct vector_build *p = peer->builds(b->data); p->params != NULL; p++) {
        char name[128];
        snprintf(name, sizeof name, "%s %s", peer->name, p->params);
        if (p->exact != b->exact || b->runs == SYSTEMS_MAX ||
            (only != NULL && peer != &vector_ours && strstr(name, only) == NULL))
            continue;
        struct run_of *r = &b->run[b->runs++];
        *r = (struct run_of){.steps = 0};
        r->system.peer = peer;
        r->system.build = p;
        if (!vector_system_open(&r->system, b->data, b->folder)) {
            b->runs--;
            continue;
        }
        if (b->climbs) find_efforts(b, r);
        if (b->build_only) {
            peer->close(r->system.index);
            b->runs--;
        }
    }
}

int main(int argc, char **argv)
{
    if (argc < 6) {
        fprintf(stderr,
            "usage: bench_vector graph|exact|build|time DATA SET ROUNDS SECONDS PEER.so...\n");
        return 2;
    }
    static struct bench b;
    b.exact = strcmp(argv[1], "exact") == 0;
    b.climbs = strcmp(argv[1], "time") != 0;
    b.build_only = !b.climbs || strcmp(argv[1], "build") == 0;
    b.folder = argv[2];
    b.rounds = (int)strtol(argv[4], NULL, 10);
    b.seconds = strtod(argv[5], NULL);
    const char *cpu = getenv("VECTOR_CPU");
    vector_pin(cpu == NULL ? 1 : (int)strtol(cpu, NULL, 10));
    b.data = vector_data_load(b.folder, argv[3]);
    if (!b.build_only) limits(&b);
    const char *ours = getenv("VECTOR_OURS");
    if (ours == NULL || strcmp(ours, "0") != 0) add(&b, &vector_ours);
    for (int i = 6; i < argc; i++) add(&b, vector_peer_open(argv[i]));
    size_t bytes = (size_t)b.data->rows * (size_t)b.data->dim * 4;
    if (b.exact) b.copy = memcpy(vector_pages(bytes), b.data->base, bytes);
    if (!b.build_only) {
        work(&b);
        rounds(&b, 1, b.rounds);
        rounds(&b, VECTOR_THREADS, b.rounds > 3 ? 3 : b.rounds);
    }
    for (int i = 0; i < b.runs; i++) b.run[i].system.peer->close(b.run[i].system.index);
    if (b.copy != NULL) vector_pages_free(b.copy, bytes);
    vector_data_free(b.data);
    return 0;
}
