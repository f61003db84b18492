/* calibration_measure.c - the calibration made: questions whose answers are known by the exact
 * scan, asked of the graph with ever longer pools.
 *
 * A row moved in every direction by three times the rows' own spread stands for a question
 * from elsewhere: a tenth of what sets it apart is a row's, the rest means nothing here, so that
 * its neighbours are far and all about as far. On synthetic pictures asked by texts
 * (bench/vector_data.py) these need a pool of 640 for a recall of 0.95, the texts one of 105: what
 * is promised before real questions were kept is kept.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "vector/calibration.h"

enum { SAMPLES = 96, DEPTH = 100, MEAN_ROWS = 4096, SPREAD_ROWS = 256, ASKED_MIN = 32 };
#define STRANGE 3
#define DOUBT 1.3F

static const uint32_t EFS[VEC_CALIBRATION_EFS] = {
    10, 14, 20, 28, 40, 56, 80, 112, 160, 224, 320, 448, 640, 768, 896, VEC_CALIBRATION_EF};
static const uint32_t KS[VEC_CALIBRATION_KS] = {1, 10, DEPTH};

/* Questions with what is true of them. */
struct asked {
    const struct vec_calibrating *how;
    const float *at;
    uint32_t count, depth;
    double *truth; /* depth distances a question, nearest first; NAN: it has fewer */
};

static enum status asked_open(struct asked *a, uint32_t count, struct err *e)
{
    uint32_t rows = a->how->exact->set->rows;
    a->count = count;
    a->depth = rows - 1 < DEPTH ? rows - 1 : DEPTH;
    a->truth = mem_alloc((size_t)count * a->depth * sizeof *a->truth);
    return a->truth != NULL ? ST_OK : mem_err(e, (size_t)count * a->depth * sizeof *a->truth);
}

static const float *question(const struct asked *a, uint32_t i)
{
    return a->at + (size_t)i * (size_t)a->how->exact->set->dim;
}

/* The true distances of question i; skip: a slot that does not count. */
static enum status find_truth(struct asked *a, uint32_t i, uint32_t skip, struct err *e)
{
    struct vec_hit hit[DEPTH + 1];
    struct vec_hits hits = {.at = hit, .capacity = DEPTH + 1};
    struct vec_query ask = {.k = a->depth + (skip != UINT32_MAX), .run = a->how->run};
    double *truth = a->truth + (size_t)i * a->depth;
    uint32_t n = 0;
    enum status st = vec_exact_search(a->how->exact, question(a, i), &ask, &hits, e);
    for (uint32_t j = 0; j < hits.count && n < a->depth; j++)
        if (hit[j].slot != skip) truth[n++] = hit[j].distance;
    while (n < a->depth) truth[n++] = (double)NAN;
    return st;
}

/* --- asking the graph ------------------------------------------------------------------------- */

/* Adds what a pool of ef finds of question i's k nearest, as shares. */
static enum status share_found(
    const struct asked *a, uint32_t i, uint32_t ef, double share[VEC_CALIBRATION_KS], struct err *e)
{
    struct vec_hit hit[DEPTH];
    struct vec_hits hits = {.at = hit, .capacity = DEPTH};
    struct vec_graph_search walk = *a->how->walk;
    enum status st = ST_OK;
    walk.ef = ef;
    for (int j = 0; st == ST_OK && j < VEC_CALIBRATION_KS; j++) { /* where it ends depends on k */
        struct vec_query ask = {.k = ef < KS[j] ? ef : KS[j]};
        uint32_t k = KS[j] < a->depth ? KS[j] : a->depth, right = 0;
        double last = a->truth[(size_t)i * a->depth + k - 1];
        st = vec_graph_search(&walk, question(a, i), &ask, &hits, e);
        while (st == ST_OK && right < hits.count && right < k && hit[right].distance <= last)
            right++;
        share[j] += (double)right / k;
    }
    return st;
}

static bool row_perfect(const struct vec_calibration_table *t, int row)
{
    for (int k = 0; k < VEC_CALIBRATION_KS; k++)
        if (t->recall[k][row] < 0.9995F) return false;
    return true;
}

static bool is_whole(const struct asked *a, uint32_t i)
{
    return a->depth > 0 && !isnan(a->truth[(size_t)(i + 1) * a->depth - 1]);
}

/* Of the questions that mark names (NULL: all). */
static enum status table_fill(
    const struct asked *a, const bool *mark, struct vec_calibration_table *t, struct err *e)
{
    enum status st = ST_OK;
    *t = (struct vec_calibration_table){.sampled = 0};
    for (uint32_t i = 0; i < a->count; i++)
        t->sampled += (mark == NULL || mark[i]) && is_whole(a, i);
    for (int row = 0; st == ST_OK && t->sampled > 0 && row < VEC_CALIBRATION_EFS; row++) {
        double share[VEC_CALIBRATION_KS] = {0};
        bool known = row > 0 && row_perfect(t, row - 1);
        for (uint32_t i = 0; st == ST_OK && !known && i < a->count; i++) {
            if ((mark != NULL && !mark[i]) || !is_whole(a, i)) continue;
            st = run_check(a->how->run, e);
            if (st == ST_OK) st = share_found(a, i, EFS[row], share, e);
        }
        t->ef[row] = EFS[row];
        for (int k = 0; k < VEC_CALIBRATION_KS; k++)
            t->recall[k][row] = known ? t->recall[k][row - 1] : (float)(share[k] / t->sampled);
    }
    return st;
}

/* --- rows and strangers --------------------------------------------------------------------------
 */

static int by_number(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* How far the k-th neighbours of all but a few rows are. */
static enum status find_edge(
    const struct vec_calibrating *how, float edge[VEC_CALIBRATION_KS], struct err *e)
{
    const struct vec_set *set = how->exact->set;
    struct asked a = {.how = how, .at = set->full};
    double at[SAMPLES];
    uint32_t count = set->rows < SAMPLES ? set->rows : SAMPLES;
    enum status st = asked_open(&a, 1, e);
    for (int j = 0; st == ST_OK && j < VEC_CALIBRATION_KS; j++) edge[j] = -INFINITY;
    double *all = st == ST_OK ? mem_alloc((size_t)count * a.depth * sizeof *all) : NULL;
    if (st == ST_OK && all == NULL) st = mem_err(e, (size_t)count * a.depth * sizeof *all);
    for (uint32_t i = 0; st == ST_OK && i < count; i++) {
        uint32_t slot = (uint32_t)((uint64_t)i * set->rows / count);
        a.at = set->full + (size_t)slot * (size_t)set->dim;
        st = run_check(how->run, e);
        if (st == ST_OK) st = find_truth(&a, 0, slot, e);
        if (st != ST_OK) break;
        memcpy(all + (size_t)i * a.depth, a.truth, a.depth * sizeof *all);
    }
    for (int j = 0; st == ST_OK && j < VEC_CALIBRATION_KS; j++) {
        uint32_t k = KS[j] < a.depth ? KS[j] : a.depth, n = 0;
        for (uint32_t i = 0; i < count; i++) {
            double d = all[(size_t)i * a.depth + k - 1];
            if (!isnan(d)) at[n++] = d;
        }
        qsort(at, n, sizeof *at, by_number);
        if (n > 0) edge[j] = (float)at[n - 1 - n / 32];
    }
    mem_free(all);
    mem_free(a.truth);
    return st;
}

/* Row slot into out, of unit length under cosine; false: it has no direction. */
static bool take_row(const struct vec_set *set, uint32_t slot, float *out)
{
    const float *row = set->full + (size_t)slot * (size_t)set->dim;
    double sum = 0;
    for (int j = 0; j < set->dim; j++) sum += (double)row[j] * (double)row[j];
    bool cosine = set->metric == METRIC_COSINE;
    if (!isfinite(sum) || (cosine && !(sum > 0))) return false;
    float scale = cosine ? (float)(1 / sqrt(sum)) : 1;
    for (int j = 0; j < set->dim; j++) out[j] = row[j] * scale;
    return true;
}

static void find_mean(const struct vec_set *set, float *row, double *mean)
{
    uint32_t some = set->rows < MEAN_ROWS ? set->rows : MEAN_ROWS, n = 0;
    for (uint32_t i = 0; i < some; i++) {
        if (!take_row(set, (uint32_t)((uint64_t)i * set->rows / some), row)) continue;
        n++;
        for (int j = 0; j < set->dim; j++) mean[j] += (double)row[j];
    }
    for (int j = 0; n > 0 && j < set->dim; j++) mean[j] /= n;
}

static uint32_t any_slot(uint64_t *state, uint32_t rows)
{
    *state = *state * 6364136223846793005U + 1442695040888963407U; /* Knuth's */
    return (uint32_t)((*state >> 32) * rows >> 32);
}

/* Near a normal one: twelve even ones added. */
static double any_noise(uint64_t *state)
{
    double sum = -6;
    for (int i = 0; i < 12; i++) sum += any_slot(state, 1 << 20) / (double)(1 << 20);
    return sum;
}

/* How far the rows are from their mean along a coordinate, in the root mean square. */
static double find_spread(const struct vec_set *set, float *row, const double *mean)
{
    uint64_t state = 2;
    double sum = 0;
    uint32_t n = 0;
    for (uint32_t i = 0; i < SPREAD_ROWS; i++) {
        if (!take_row(set, any_slot(&state, set->rows), row)) continue;
        n++;
        for (int j = 0; j < set->dim; j++)
            sum += ((double)row[j] - mean[j]) * ((double)row[j] - mean[j]);
    }
    return n > 0 ? sqrt(sum / n / set->dim) : 0;
}

static void make_strangers(const struct vec_set *set, float *row, double *mean, float *out)
{
    uint64_t state = 1;
    size_t dim = (size_t)set->dim;
    find_mean(set, row, mean);
    double spread = find_spread(set, row, mean);
    for (uint32_t i = 0; i < SAMPLES; i++) {
        bool has = take_row(set, any_slot(&state, set->rows), row);
        for (size_t j = 0; j < dim; j++) {
            double moved = (double)row[j] + STRANGE * spread * any_noise(&state);
            out[i * dim + j] = has ? (float)moved : 0;
        }
    }
}

/* Made questions are a guess: somewhat more is missed than with them. */
static void doubt(struct vec_calibration_table *t)
{
    for (int k = 0; k < VEC_CALIBRATION_KS; k++)
        for (int row = 0; row < VEC_CALIBRATION_EFS; row++) {
            float less = 1 - DOUBT * (1 - t->recall[k][row]);
            t->recall[k][row] = less > 0 ? less : 0;
        }
}

enum status vec_calibrate(
    const struct vec_calibrating *how, struct vec_calibration *out, struct err *e)
{
    const struct vec_set *set = how->exact->set;
    size_t dim = (size_t)set->dim;
    struct asked a = {.how = how};
    *out = (struct vec_calibration){.asked = 0};
    if (set->rows < 2) return ST_OK;
    float *strangers = mem_alloc((SAMPLES + 1) * dim * sizeof *strangers);
    double *mean = mem_zalloc(dim, sizeof *mean);
    enum status st = strangers != NULL && mean != NULL ? ST_OK : mem_err(e, SAMPLES * dim * 4);
    if (st == ST_OK) st = asked_open(&a, SAMPLES, e);
    /* The inner product grows with the question's length: no distance tells its origin. */
    for (int j = 0; j < VEC_CALIBRATION_KS; j++) out->edge[j] = -INFINITY;
    if (st == ST_OK && set->metric != METRIC_IP) st = find_edge(how, out->edge, e);
    if (st == ST_OK) make_strangers(set, strangers + SAMPLES * dim, mean, strangers);
    a.at = strangers;
    for (uint32_t i = 0; st == ST_OK && i < SAMPLES; i++) {
        st = run_check(how->run, e);
        if (st == ST_OK) st = find_truth(&a, i, UINT32_MAX, e);
    }
    if (st == ST_OK) st = table_fill(&a, NULL, &out->of[VEC_FROM_ELSEWHERE], e);
    if (st == ST_OK) doubt(&out->of[VEC_FROM_ELSEWHERE]);
    mem_free(a.truth);
    mem_free(mean);
    mem_free(strangers);
    return st;
}

/* --- real questions --------------------------------------------------------------------------- */

enum status vec_calibrate_asked(const struct vec_calibrating *how,
    const struct vec_queries *questions, struct vec_calibration *c, struct err *e)
{
    struct asked a = {.how = how, .at = questions->at};
    struct vec_calibration_table table;
    uint32_t count = (uint32_t)questions->count;
    if (how->exact->set->rows < 2 || count == 0) return ST_OK;
    bool *mark = mem_alloc(count);
    uint8_t *origin = mem_alloc(count);
    enum status st = mark != NULL && origin != NULL ? ST_OK : mem_err(e, count);
    if (st == ST_OK) st = asked_open(&a, count, e);
    uint32_t k = a.depth < KS[1] ? a.depth : KS[1];
    for (uint32_t i = 0; st == ST_OK && i < count; i++) {
        st = run_check(how->run, e);
        if (st == ST_OK) st = find_truth(&a, i, UINT32_MAX, e);
        if (st != ST_OK) break;
        double d = a.truth[(size_t)i * a.depth + k - 1];
        origin[i] = (uint8_t)vec_calibration_origin(c, k, d);
    }
    for (int o = 0; st == ST_OK && o < VEC_ORIGINS; o++) {
        uint32_t marked = 0;
        for (uint32_t i = 0; i < count; i++) marked += mark[i] = origin[i] == o;
        if (marked < ASKED_MIN) continue;
        st = table_fill(&a, mark, &table, e);
        if (st == ST_OK && table.sampled >= ASKED_MIN) c->of[o] = table;
    }
    if (st == ST_OK) c->asked = count;
    mem_free(a.truth);
    mem_free(origin);
    mem_free(mark);
    return st;
}
