/* bench_vector_update.c - what a graph is worth after deletes and inserts, and what they cost.
 *
 * usage: bench_vector_update delete|insert DATA SET
 *   delete  20, 50 and 90 % of the rows go (one extension of the graph), then come back (another).
 *           Lines: update,SET,PERCENT,PHASE,EF,RECALL,FRESH_RECALL,QPS,FRESH_QPS,SECONDS, where
 *           fresh is a graph built over the same rows at once and SECONDS is the extension's.
 *   insert  graphs over ever more rows of the set get 1 % and 25 % more, each new row a mixture of
 *           two (0.8 and 0.2). CPU time of one thread, the best of three extensions in turns: the
 *           first ones pay for the kernel's search for large pages. Lines:
 *           insert,SET,row|stands|built,ROWS,ADDED,US_ROW: the cost of a new row (the slope between
 *           the two), what an extension costs for a row that stands, and a row of a new graph.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "vector_generation.h"
#include "vector_ours.h"

enum { QUERIES = 1000, EFS = 3, TURNS = 3 };

static const uint32_t EF[EFS] = {20, 40, 80};

/* Rows gathered from a data set, and a graph over them. */
struct stand {
    struct vec_set set;
    float *full;
    int64_t *rowids;
    struct vec_graph graph;
    int threads;         /* that build or extend it */
    double seconds, cpu; /* of its building or extending */
};

static uint64_t random_next(uint64_t *state)
{
    *state ^= *state << 13, *state ^= *state >> 7, *state ^= *state << 17;
    return *state;
}

static struct stand *stand_new(const struct vector_data *d, uint32_t rows)
{
    struct stand *s = calloc(1, sizeof *s);
    s->full = vector_pages((size_t)rows * (size_t)d->dim * sizeof(float));
    s->rowids = malloc((size_t)rows * sizeof *s->rowids);
    s->threads = 2;
    s->set = (struct vec_set){
        d->metric == VECTOR_L2 ? METRIC_L2 : METRIC_COSINE, d->dim, rows, s->full, s->rowids};
    return s;
}

static void stand_free(struct stand *s)
{
    for (int p = 0; p < VEC_GRAPH_PARTS; p++)
        if (s->graph.part[p] != NULL) vector_pages_free(s->graph.part[p], s->graph.bytes[p]);
    vector_pages_free(s->full, (size_t)s->set.rows * (size_t)s->set.dim * sizeof(float));
    free(s->rowids);
    free(s);
}

static void put(struct stand *s, uint32_t at, const float *vector, int64_t rowid)
{
    memcpy(s->full + (size_t)at * (size_t)s->set.dim, vector, (size_t)s->set.dim * sizeof(float));
    s->rowids[at] = rowid;
}

static const float *row_of(const struct vector_data *d, int64_t row)
{
    return d->base + (size_t)row * (size_t)d->dim;
}

/* Builds the graph of s, or extends old's, with `threads`. */
static void link_up(
    struct stand *s, const struct stand *old, const uint32_t *slot_of, uint32_t kept)
{
    struct err e = ERR_INIT;
    struct run run = {.threads = s->threads};
    struct vec_graph_build how = {.set = &s->set, .run = &run};
    s->graph = (struct vec_graph){.metric = s->set.metric, .dim = s->set.dim, .rows = s->set.rows};
    vector_must(vec_graph_plan(&s->graph, old == NULL ? NULL : &old->graph.options, &e), &e);
    for (int p = 0; p < VEC_GRAPH_PARTS; p++) s->graph.part[p] = vector_pages(s->graph.bytes[p]);
    double begin = vector_now(), cpu = vector_cpu();
    struct vec_graph_older older = {
        .graph = old == NULL ? NULL : &old->graph, .slot_of = slot_of, .kept = kept};
    enum status st = old == NULL ? vec_graph_build(&s->graph, &how, &e)
                                 : vec_graph_extend(&s->graph, &older, &how, &e);
    vector_must(st, &e);
    s->seconds = vector_now() - begin;
    s->cpu = vector_cpu() - cpu;
    vector_must(vec_graph_open(&s->graph, &e), &e);
}

/* --- deleting --------------------------------------------------------------------------------- */

struct quality {
    double recall[EFS], qps[EFS];
};

/* The exact answers over s, as the distance of the k-th. */
static void edges_of(const struct stand *s, const struct vector_data *d, double *edge)
{
    struct err e = ERR_INIT;
    struct vec_codes codes = {.metric = s->set.metric, .dim = s->set.dim, .rows = s->set.rows};
    struct vec_exact_scratch *scratch;
    for (int p = 0; p < VEC_CODES_PARTS; p++)
        codes.part[p] =
            vector_pages(vec_codes_bytes((enum vec_codes_part)p, codes.dim, codes.rows));
    vec_codes_centre(&codes, &s->set, NULL);
    vec_codes_encode(&codes, &s->set, 0, codes.rows);
    vector_must(vec_exact_scratch_open(s->set.dim, 1, 1, &scratch, &e), &e);
    struct vec_exact x = {.set = &s->set, .codes = &codes, .scratch = scratch};
    for (uint32_t q = 0; q < QUERIES && q < d->queries; q++) {
        struct vec_hit at[VECTOR_K];
        struct vec_hits hits = {.at = at, .capacity = VECTOR_K};
        struct vec_query how = {.k = VECTOR_K};
        vector_must(
            vec_exact_search(&x, d->query + (size_t)q * (size_t)d->dim, &how, &hits, &e), &e);
        edge[q] = hits.at[hits.count - 1].distance;
    }
    vec_exact_scratch_close(scratch);
    for (int p = 0; p < VEC_CODES_PARTS; p++)
        vector_pages_free(
            codes.part[p], vec_codes_bytes((enum vec_codes_part)p, codes.dim, codes.rows));
}

static struct quality quality_of(
    const struct stand *s, const struct vector_data *d, const double *edge)
{
    struct err e = ERR_INIT;
    struct quality out = {{0}, {0}};
    struct vec_graph_scratch *scratch;
    vector_must(vec_graph_scratch_open(&s->graph, EF[EFS - 1], &scratch, &e), &e);
    uint32_t queries = d->queries < QUERIES ? d->queries : QUERIES;
    for (int i = 0; i < 2 * EFS; i++) { /* each ef twice: warm, then timed */
        struct vec_graph_search g = {
            .graph = &s->graph, .set = &s->set, .scratch = scratch, .ef = EF[i / 2]};
        double found = 0, begin = vector_now();
        for (uint32_t q = 0; q < queries; q++) {
            struct vec_hit at[VECTOR_K];
            struct vec_hits hits = {.at = at, .capacity = VECTOR_K};
            struct vec_query how = {.k = VECTOR_K};
            vector_must(
                vec_graph_search(&g, d->query + (size_t)q * (size_t)d->dim, &how, &hits, &e), &e);
            for (uint32_t h = 0; h < hits.count; h++) found += at[h].distance <= edge[q];
        }
        out.recall[i / 2] = found / VECTOR_K / queries;
        out.qps[i / 2] = queries / (vector_now() - begin);
    }
    vec_graph_scratch_close(scratch);
    return out;
}

static void print_update(const struct vector_data *d, int percent, const char *phase,
    const struct stand *s, const struct stand *fresh)
{
    double *edge = malloc(QUERIES * sizeof *edge);
    edges_of(s, d, edge);
    struct quality a = quality_of(s, d, edge), b = quality_of(fresh, d, edge);
    free(edge);
    for (int i = 0; i < EFS; i++)
        printf("update,%s,%d,%s,%u,%.4f,%.4f,%.0f,%.0f,%.2f\n", d->name, percent, phase, EF[i],
            a.recall[i], b.recall[i], a.qps[i], b.qps[i], s->seconds);
    fflush(stdout);
}

static void delete_and_return(
    const struct vector_data *d, const struct stand *fresh, const uint32_t *order, int percent)
{
    uint32_t gone = (uint32_t)((uint64_t)d->rows * (uint64_t)percent / 100), kept = d->rows - gone;
    bool *dead = calloc(d->rows, 1);
    uint32_t *slot_of = malloc(d->rows * sizeof *slot_of);
    for (uint32_t i = 0; i < gone; i++) dead[order[i]] = true;
    struct stand *less = stand_new(d, kept), *again = stand_new(d, kept);
    for (uint32_t row = 0, at = 0; row < d->rows; row++)
        if (!dead[row]) {
            put(less, at, row_of(d, row), row);
            put(again, at, row_of(d, row), row);
            slot_of[at++] = row;
        }
    link_up(less, fresh, slot_of, kept);
    link_up(again, NULL, NULL, 0);
    print_update(d, percent, "deleted", less, again);
    stand_free(again);

    struct stand *back = stand_new(d, d->rows);
    for (uint32_t i = 0; i < kept; i++) {
        put(back, i, row_of(d, less->rowids[i]), less->rowids[i]);
        slot_of[i] = i;
    }
    for (uint32_t i = 0; i < gone; i++) put(back, kept + i, row_of(d, order[i]), order[i]);
    link_up(back, less, slot_of, kept);
    print_update(d, percent, "back", back, fresh);
    stand_free(less);
    stand_free(back);
    free(dead);
    free(slot_of);
}

static void deletes(const struct vector_data *d)
{
    static const int PERCENT[] = {20, 50, 90};
    uint64_t state = 2463534242u;
    uint32_t *order = malloc(d->rows * sizeof *order);
    for (uint32_t i = 0; i < d->rows; i++) order[i] = i;
    for (uint32_t i = d->rows - 1; i > 0; i--) {
        uint32_t j = (uint32_t)(random_next(&state) % (i + 1)), kept = order[i];
        order[i] = order[j];
        order[j] = kept;
    }
    struct stand *fresh = stand_new(d, d->rows);
    for (uint32_t i = 0; i < d->rows; i++) put(fresh, i, row_of(d, i), i);
    link_up(fresh, NULL, NULL, 0);
    for (size_t p = 0; p < sizeof PERCENT / sizeof PERCENT[0]; p++)
        delete_and_return(d, fresh, order, PERCENT[p]);
    stand_free(fresh);
    free(order);
}

/* --- inserting -------------------------------------------------------------------------------- */

/* CPU seconds. */
static double extend_by(const struct vector_data *d, const struct stand *old, uint32_t added)
{
    uint32_t rows = old->set.rows;
    struct stand *more = stand_new(d, rows + added);
    uint32_t *slot_of = malloc(rows * sizeof *slot_of);
    memcpy(more->full, old->full, (size_t)rows * (size_t)d->dim * sizeof(float));
    memcpy(more->rowids, old->rowids, rows * sizeof *old->rowids);
    for (uint32_t i = 0; i < rows; i++) slot_of[i] = i;
    uint64_t state = 362436069u + added;
    for (uint32_t i = rows; i < rows + added; i++) {
        const float *a = row_of(d, (int64_t)(random_next(&state) % rows));
        const float *b = row_of(d, (int64_t)(random_next(&state) % rows));
        float *to = more->full + (size_t)i * (size_t)d->dim;
        for (int j = 0; j < d->dim; j++) to[j] = 0.8f * a[j] + 0.2f * b[j];
        more->rowids[i] = i;
    }
    more->threads = 1;
    link_up(more, old, slot_of, rows);
    double cpu = more->cpu;
    stand_free(more);
    free(slot_of);
    return cpu;
}

/* The graph over all rows takes long: bench_vector's is used, or made and kept. */
static double kept_graph(
    const struct vector_data *d, const char *folder, struct vector_system *kept, struct stand *s)
{
    static const struct vector_build build = {"graph", false, NULL};
    *kept = (struct vector_system){.peer = &vector_ours, .build = &build};
    vector_system_open(kept, d, folder);
    s->set = *vector_ours_set(kept->index);
    s->graph = *vector_ours_graph(kept->index);
    s->full = (float *)(uintptr_t)s->set.full;
    s->rowids = (int64_t *)(uintptr_t)s->set.rowids;
    return kept->build_cpu;
}

static void inserts_into(const struct vector_data *d, const char *folder, uint32_t rows)
{
    struct vector_system kept = {.index = NULL};
    struct stand whole = {.seconds = 0}, *s = &whole;
    double built;
    if (rows == d->rows) {
        built = kept_graph(d, folder, &kept, s);
    } else {
        s = stand_new(d, rows);
        for (uint32_t i = 0; i < rows; i++) put(s, i, row_of(d, i), i);
        s->threads = 1;
        link_up(s, NULL, NULL, 0);
        built = s->cpu;
    }
    uint32_t few = rows / 100, many = rows / 4;
    double little = INFINITY, much = INFINITY;
    for (int i = 0; i < TURNS; i++) {
        little = fmin(little, extend_by(d, s, few));
        much = fmin(much, extend_by(d, s, many));
    }
    double row = (much - little) / (many - few), stands = (little - row * few) / rows;
    printf("insert,%s,row,%u,%u,%.2f\n", d->name, rows, few, row * 1e6);
    printf("insert,%s,stands,%u,%u,%.3f\n", d->name, rows, few, stands * 1e6);
    printf("insert,%s,built,%u,%u,%.2f\n", d->name, rows, rows, built / rows * 1e6);
    fflush(stdout);
    if (rows == d->rows)
        vector_ours.close(kept.index);
    else
        stand_free(s);
}

static void inserts(const struct vector_data *d, const char *folder)
{
    static const uint32_t ROWS[] = {10000, 30000, 100000, 300000, 1000000};
    for (size_t n = 0; n < sizeof ROWS / sizeof ROWS[0] && ROWS[n] <= d->rows; n++)
        inserts_into(d, folder, ROWS[n]);
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: bench_vector_update delete|insert DATA SET\n");
        return 2;
    }
    struct vector_data *d = vector_data_load(argv[2], argv[3]);
    if (strcmp(argv[1], "delete") == 0)
        deletes(d);
    else
        inserts(d, argv[2]);
    vector_data_free(d);
    return 0;
}
