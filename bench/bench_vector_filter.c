/* bench_vector_filter.c - searches under a condition, beside the exact search under the same one.
 *
 * usage: bench_vector_filter DATA SET ROUNDS
 * Conditions pass 50, 10, 1 and 0.1 % of the rows: "random" by chance, "near" the rows nearest to
 * the query, "far" those farthest from it (the walk towards the query meets none of them). Each is
 * asked as SQL would: rowids one after the other, or a row tested. Lines, one a round:
 *   filter,SET,SYSTEM,KIND,PERCENT,PATH,RECALL,SHORT,P50_US,EXACT_P50_US,OVER_EXACT
 * PATH: that of most queries. SHORT: queries that gave fewer than k rows though more pass.
 * OVER_EXACT: the time over that of the exact search, medians of the queries in turns. The truth is
 * an f32 scan of the passing rows.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "vector_generation.h"

enum { QUERIES = 40, KINDS = 3, STEPS = 4 };

static const double PERCENTS[STEPS] = {50, 10, 1, 0.1};
static const char *const KIND_NAMES[KINDS] = {"random", "near", "far"};

struct condition {
    uint64_t *pass;
    uint32_t rows, at;
};

struct bench {
    struct vector_data *data;
    struct vec_generation *generation;
    struct vec_index *index;
    struct condition condition;
    float *distance; /* of every row to the query */
    float *sorted;
    uint64_t *random[STEPS];
    uint32_t query;
};

static enum status next(void *user, int64_t *rowid, bool *row, struct err *e)
{
    (void)e;
    struct condition *c = user;
    uint32_t words = (c->rows + 63) / 64;
    while (c->at < c->rows) {
        uint64_t left = c->pass[c->at / 64] >> (c->at % 64);
        if (left != 0) {
            c->at += (uint32_t)__builtin_ctzll(left);
            *rowid = (int64_t)++c->at;
            *row = *rowid <= (int64_t)c->rows;
            return ST_OK;
        }
        c->at = (c->at / 64 + 1) * 64;
        if (c->at / 64 >= words) break;
    }
    *row = false;
    return ST_OK;
}

static enum status probe(void *user, int64_t rowid, bool *passes, struct err *e)
{
    (void)e;
    const struct condition *c = user;
    *passes = c->pass[(rowid - 1) / 64] >> ((rowid - 1) % 64) & 1;
    return ST_OK;
}

static void set_bit(uint64_t *pass, uint32_t row)
{
    pass[row / 64] |= (uint64_t)1 << (row % 64);
}

static void distances(struct bench *b)
{
    const struct vector_data *d = b->data;
    const struct simd_distance *simd = simd_distance_get(cpu_get()->isa);
    const float *q = d->query + (size_t)b->query * (size_t)d->dim;
    for (uint32_t i = 0; i < d->rows; i++) {
        const float *x = d->base + (size_t)i * (size_t)d->dim;
        b->distance[i] = d->metric == VECTOR_L2 ? simd->l2sq(q, x, (size_t)d->dim)
                                                : -simd->dot(q, x, (size_t)d->dim);
    }
    memcpy(b->sorted, b->distance, d->rows * sizeof(float));
    vector_quantile(b->sorted, d->rows, 0);
}

static void make_condition(struct bench *b, int kind, int step)
{
    const struct vector_data *d = b->data;
    struct condition *c = &b->condition;
    size_t words = (d->rows + 63) / 64;
    uint32_t passing = (uint32_t)((double)d->rows * PERCENTS[step] / 100);
    if (kind == 0) {
        memcpy(c->pass, b->random[step], words * 8);
        return;
    }
    memset(c->pass, 0, words * 8);
    float edge = kind == 1 ? b->sorted[passing - 1] : b->sorted[d->rows - passing];
    for (uint32_t i = 0; i < d->rows; i++)
        if (kind == 1 ? b->distance[i] <= edge : b->distance[i] >= edge) set_bit(c->pass, i);
}

/* The k-th smallest distance of the passing rows. */
static double edge_of(const struct bench *b)
{
    float best[VECTOR_K + 1];
    int n = 0;
    for (uint32_t i = 0; i < b->data->rows; i++) {
        if ((b->condition.pass[i / 64] >> (i % 64) & 1) == 0) continue;
        int at = n;
        while (at > 0 && best[at - 1] > b->distance[i]) {
            best[at] = best[at - 1];
            at--;
        }
        best[at] = b->distance[i];
        n = n < VECTOR_K ? n + 1 : n;
    }
    return (double)best[VECTOR_K - 1];
}

static double ask(struct bench *b, bool exact, struct vec_answer *out)
{
    const struct vector_data *d = b->data;
    struct vec_filter filter = {.next = next, .probe = probe, .user = &b->condition};
    struct vec_ask ask = {
        .k = VECTOR_K, .filter = &filter, .recall_target = exact ? 1 : 0.95, .exact = exact};
    struct err e = ERR_INIT;
    b->condition.at = 0;
    double begin = vector_now();
    vector_must(
        vec_index_search(b->index, d->query + (size_t)b->query * (size_t)d->dim, &ask, out, &e),
        &e);
    return (vector_now() - begin) * 1e6;
}

/* One kind and share of a condition, over the queries of a round. */
struct cell {
    double us[QUERIES], exact_us[QUERIES], ratio[QUERIES], recall;
    int few;
    int path[VEC_PATH_COUNT]; /* how many queries took it */
};

static void ask_both(struct bench *b, struct cell *c, int at)
{
    struct vec_answer a = {.complete = false};
    ask(b, true, &a); /* warm both ways */
    c->exact_us[at] = ask(b, true, &a);
    ask(b, false, &a);
    c->us[at] = ask(b, false, &a);
    c->ratio[at] = c->us[at] / c->exact_us[at];
    double edge = edge_of(b);
    int hits = 0;
    for (size_t i = 0; i < a.hits.count && i < VECTOR_K; i++)
        hits += (double)b->distance[a.hits.at[i].rowid - 1] <= edge + fabs(edge) * 1e-6;
    c->recall += (double)hits / VECTOR_K / QUERIES;
    c->few += a.hits.count < VECTOR_K;
    c->path[a.path]++;
    vec_answer_deinit(&a);
}

static void print_cell(const struct bench *b, struct cell *c, int kind, int step)
{
    int path = 0;
    for (int p = 1; p < VEC_PATH_COUNT; p++)
        if (c->path[p] > c->path[path]) path = p;
    printf("filter,%s,fovea,%s,%g,\"%s\",%.4f,%d,%.1f,%.1f,%.3f\n", b->data->name, KIND_NAMES[kind],
        PERCENTS[step], vec_path_name((enum vec_path)path), c->recall, c->few,
        vector_median(c->us, QUERIES), vector_median(c->exact_us, QUERIES),
        vector_median(c->ratio, QUERIES));
}

static void round_of(struct bench *b)
{
    static struct cell cells[KINDS][STEPS];
    memset(cells, 0, sizeof cells);
    for (int i = 0; i < QUERIES; i++) {
        b->query = (uint32_t)i * (b->data->queries / QUERIES);
        distances(b);
        for (int kind = 0; kind < KINDS; kind++)
            for (int step = 0; step < STEPS; step++) {
                make_condition(b, kind, step);
                ask_both(b, &cells[kind][step], i);
            }
    }
    for (int kind = 0; kind < KINDS; kind++)
        for (int step = 0; step < STEPS; step++) print_cell(b, &cells[kind][step], kind, step);
    fflush(stdout);
}

static void open_bench(struct bench *b, const char *folder, const char *name)
{
    struct err e = ERR_INIT;
    b->data = vector_data_load(folder, name);
    b->generation = vector_generation(b->data, folder);
    vector_must(vec_index_open(b->generation, &b->index, &e), &e);
    size_t words = (b->data->rows + 63) / 64;
    b->condition.rows = b->data->rows;
    b->condition.pass = calloc(words, 8);
    b->distance = malloc(b->data->rows * sizeof(float));
    b->sorted = malloc(b->data->rows * sizeof(float));
    uint64_t state = 88172645463325252u;
    for (int s = 0; s < STEPS; s++) {
        b->random[s] = calloc(words, 8);
        for (uint32_t i = 0; i < b->data->rows; i++) {
            state ^= state << 13, state ^= state >> 7, state ^= state << 17;
            if ((double)(state >> 11) / 9007199254740992.0 * 100 < PERCENTS[s])
                set_bit(b->random[s], i);
        }
    }
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: bench_vector_filter DATA SET ROUNDS\n");
        return 2;
    }
    static struct bench b;
    open_bench(&b, argv[1], argv[2]);
    vector_pin(1);
    long rounds = strtol(argv[3], NULL, 10);
    for (long round = 0; round < rounds; round++) round_of(&b);
    vec_index_close(b.index);
    vec_generation_close(b.generation);
    return 0;
}
