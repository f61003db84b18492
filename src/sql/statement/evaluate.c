/* evaluate.c - EVALUATE USING m OPTIONS (labels=[…], label_col=…) AS (q): how often PREDICT is
 * right.
 *
 * Rows metric, score in the order of ThanoSQL's documents: Accuracy, ROCAUC, Recall, Precision,
 * F1-Score, Kappa, MCC (metrics.h). Recall, precision and F1 are macro averages. ROCAUC is the mean
 * over the labels of each against the rest, by the probabilities that softmax makes of 100 x
 * cosine, which is the scale CLIP was trained up to (Radford et al. 2021, 2.5). A true label that
 * is none of labels counts as a class that is never found. Rows without a label or a readable
 * picture are left out, and counted in a note.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sql/plan/plan.h"
#include "sql/statement/labels.h"
#include "sql/statement/metrics.h"

enum { SCORES_MAX = 1 << 26, ROWS_MAX = 1 << 23, FOREIGN_MAX = 1000, METRIC_COUNT = 7 };

static const struct sql_option EVALUATE_OPTIONS[] = {
    {.name = "labels", .type = OPTION_TEXTS},
    {.name = "template", .type = OPTION_TEXTS, .also = {"prompt"}},
    {.name = "label_col", .type = OPTION_NAME, .also = {"target_col", "target"}},
    {.name = "image_col", .type = OPTION_NAME, .also = {"image_column"}},
    {.name = "emb_col", .type = OPTION_NAME},
    {.name = "batch_size", .type = OPTION_INTEGER, .min = 1, .max = 100000},
    {.name = "input_size", .type = OPTION_INTEGER, .min = 1, .max = 4096},
};

struct evaluation {
    int *truth, *said;
    float *scores; /* rows x labels: cosines, in the end probabilities of one label */
    size_t count, capacity;
    char *foreign[FOREIGN_MAX]; /* true labels that are none of labels */
    int foreign_count;
    uint64_t foreign_rows, left_out;
};

static enum status plan_evaluate(struct sql_step *s, struct err *e)
{
    static const char *const NAMES[] = {"metric", "score"}, *const TYPES[] = {"TEXT", "REAL"};
    enum status st = labels_plan(s, e);
    if (st == ST_OK) st = source_plan(s, false, e);
    if (st == ST_OK) st = source_column(s, "label_col", "label", &s->label_column, e);
    if (st != ST_OK) return st;
    if (s->label_column < 0)
        return sql_at(&s->plan->ast, s->node->at,
            err_set(e, ST_NOT_FOUND, "the query has no column label; name one with label_col"), e);
    for (int i = 0; i < 2; i++) {
        struct step_column *c = step_column_add(s, NAMES[i], TYPES[i]);
        if (c == NULL) return mem_err(e, 0);
        c->computed = s->computed_count++;
    }
    return ST_OK;
}

static enum status open_evaluate(struct step_run *r, struct err *e)
{
    r->state = mem_zalloc(1, sizeof(struct evaluation));
    return r->state != NULL ? labels_open(r, e) : mem_err(e, 0);
}

static void close_evaluate(struct step_run *r)
{
    struct evaluation *v = r->state;
    for (int i = 0; i < v->foreign_count; i++) mem_free(v->foreign[i]);
    mem_free(v->truth);
    mem_free(v->said);
    mem_free(v->scores);
    mem_free(v);
}

static enum status grow(struct step_run *r, struct err *e)
{
    struct evaluation *v = r->state;
    size_t labels = (size_t)labels_count(r->step);
    size_t capacity = v->capacity > 0 ? v->capacity * 2 : 256;
    if (v->count < v->capacity) return ST_OK;
    size_t room = SCORES_MAX / labels < ROWS_MAX ? SCORES_MAX / labels : ROWS_MAX;
    if (v->count >= room)
        return err_set(
            e, ST_LIMIT, "EVALUATE takes at most %zu rows with %zu labels", room, labels);
    int *truth = mem_resize(v->truth, capacity, sizeof *truth);
    if (truth != NULL) v->truth = truth;
    int *said = truth != NULL ? mem_resize(v->said, capacity, sizeof *said) : NULL;
    if (said != NULL) v->said = said;
    float *scores = said != NULL ? mem_resize(v->scores, capacity * labels, sizeof *scores) : NULL;
    if (scores == NULL) return mem_err(e, capacity * labels * sizeof *scores);
    v->scores = scores;
    v->capacity = capacity;
    return ST_OK;
}

/* The class of a true label that is none of labels: behind those that are. */
static enum status find_foreign(struct step_run *r, const char *text, int *class, struct err *e)
{
    struct evaluation *v = r->state;
    int i = 0;
    v->foreign_rows++;
    while (i < v->foreign_count && strcmp(v->foreign[i], text) != 0) i++;
    if (i == FOREIGN_MAX)
        return err_set(e, ST_LIMIT, "more than %d labels of column %s are not among labels",
            FOREIGN_MAX, r->step->query_names[r->step->label_column]);
    if (i == v->foreign_count) {
        v->foreign[i] = mem_strdup(text);
        if (v->foreign[i] == NULL) return mem_err(e, 0);
        v->foreign_count++;
    }
    *class = labels_count(r->step) + i;
    return ST_OK;
}

static enum status take_row(struct step_run *r, int row, const float *vector, struct err *e)
{
    struct evaluation *v = r->state;
    const struct sql_step *s = r->step;
    const char *text = (const char *)sqlite3_value_text(step_value(r, row, s->label_column));
    size_t labels = (size_t)labels_count(s);
    if (text == NULL || vector == NULL) {
        v->left_out++;
        return ST_OK;
    }
    enum status st = grow(r, e);
    int truth = labels_find(s, text);
    if (st == ST_OK && truth < 0) st = find_foreign(r, text, &truth, e);
    if (st != ST_OK) return st;
    v->said[v->count] = labels_score(r, vector, v->scores + v->count * labels);
    v->truth[v->count] = truth;
    if (v->said[v->count] < 0)
        v->left_out++;
    else
        v->count++;
    return ST_OK;
}

static enum status compute_evaluate(struct step_run *r, struct err *e)
{
    const float *vectors[MODEL_BATCH_MAX];
    enum status st = source_vectors(r, vectors, e);
    for (int i = 0; st == ST_OK && i < r->count; i++) st = take_row(r, i, vectors[i], e);
    return st;
}

/* --- the rows --------------------------------------------------------------------------------- */

/* Cosines to probabilities. */
static void soften(float *row, size_t labels)
{
    double top = row[0], sum = 0;
    for (size_t i = 1; i < labels; i++) top = row[i] > top ? row[i] : top;
    for (size_t i = 0; i < labels; i++) sum += exp(100 * (row[i] - top));
    for (size_t i = 0; i < labels; i++) row[i] = (float)(exp(100 * (row[i] - top)) / sum);
}

/* The mean over labels of the area under each one's curve. */
static enum status area(struct step_run *r, double *out, struct err *e)
{
    struct evaluation *v = r->state;
    size_t labels = (size_t)labels_count(r->step), *order = mem_zalloc(v->count, sizeof *order);
    float *one = mem_zalloc(v->count, sizeof *one);
    double sum = 0;
    int known = 0;
    for (size_t i = 0; i < v->count; i++) soften(v->scores + i * labels, labels);
    for (size_t k = 0; order != NULL && one != NULL && k < labels; k++) {
        if (run_check(&r->step->session->run, e) != ST_OK) break;
        for (size_t i = 0; i < v->count; i++) one[i] = v->scores[i * labels + k];
        double auc = metrics_auc(one, v->truth, (int)k, v->count, order);
        if (!isnan(auc)) sum += auc;
        known += !isnan(auc);
    }
    *out = known > 0 ? sum / known : NAN;
    bool room = order != NULL && one != NULL;
    mem_free(order);
    mem_free(one);
    return room ? run_check(&r->step->session->run, e) : mem_err(e, v->count * sizeof *one);
}

static void report(struct step_run *r)
{
    const struct evaluation *v = r->state;
    struct run *run = &r->step->session->run;
    char note[400];
    snprintf(note, sizeof note, "%llu of %llu rows have no label or no picture and are left out",
        (unsigned long long)v->left_out, (unsigned long long)r->done);
    if (v->left_out > 0)
        run_report(run, &(struct run_progress){.what = "evaluating", .note = note});
    snprintf(note, sizeof note,
        "%llu of %llu rows have a label that is none of labels and count as wrong, the first: "
        "%.200s",
        (unsigned long long)v->foreign_rows, (unsigned long long)r->done,
        v->foreign_count > 0 ? v->foreign[0] : "");
    if (v->foreign_count > 0)
        run_report(run, &(struct run_progress){.what = "evaluating", .note = note});
}

static enum status finish_evaluate(struct step_run *r, struct err *e)
{
    struct evaluation *v = r->state;
    int classes = labels_count(r->step) + v->foreign_count;
    struct metrics_rows rows = {v->truth, v->said, v->count, classes};
    struct metrics_class *c = mem_zalloc((size_t)classes, sizeof *c);
    double roc = NAN;
    enum status st = c != NULL ? area(r, &roc, e) : mem_err(e, 0);
    if (st == ST_OK) st = step_run_rows(r, METRIC_COUNT, e);
    if (st != ST_OK) {
        mem_free(c);
        return st;
    }
    report(r);
    metrics_count(&rows, c);
    struct metrics_macro macro = metrics_macro_of(c, classes);
    const struct {
        const char *metric;
        double score;
    } LIST[METRIC_COUNT] = {
        {"Accuracy", metrics_accuracy(&rows)},
        {"ROCAUC", roc},
        {"Recall", macro.recall},
        {"Precision", macro.precision},
        {"F1-Score", macro.f1},
        {"Kappa", metrics_kappa(c, classes)},
        {"MCC", metrics_mcc(c, classes)},
    };
    for (int i = 0; i < METRIC_COUNT; i++) {
        r->cells[2 * i].text = LIST[i].metric;
        r->cells[2 * i + 1].number = LIST[i].score;
        r->cells[2 * i + 1].has_number = !isnan(LIST[i].score);
    }
    mem_free(c);
    return ST_OK;
}

static void describe_evaluate(const struct sql_step *s, struct buf *out)
{
    buf_printf(out, "model %s, %d labels, true ones from column %s", s->label, labels_count(s),
        s->query_names[s->label_column]);
    source_describe(s, out);
}

const struct sql_statement statement_evaluate = {
    .name = "EVALUATE",
    .token = TK_EVALUATE,
    .options = EVALUATE_OPTIONS,
    .option_count = sizeof EVALUATE_OPTIONS / sizeof EVALUATE_OPTIONS[0],
    .plan = plan_evaluate,
    .open = open_evaluate,
    .compute = compute_evaluate,
    .finish = finish_evaluate,
    .close = close_evaluate,
    .describe = describe_evaluate,
};
