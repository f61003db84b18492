/* metrics.c - measures of a classifier. All but the area under the curve come from three
 * counts a class.
 */
#include "sql/statement/metrics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

double metrics_accuracy(const struct metrics_rows *r)
{
    size_t right = 0;
    for (size_t i = 0; i < r->count; i++) right += r->truth[i] == r->said[i];
    return r->count > 0 ? (double)right / (double)r->count : NAN;
}

void metrics_count(const struct metrics_rows *r, struct metrics_class *out)
{
    memset(out, 0, (size_t)r->classes * sizeof *out);
    for (size_t i = 0; i < r->count; i++) {
        out[r->truth[i]].truth += 1;
        out[r->said[i]].said += 1;
        out[r->truth[i]].right += r->truth[i] == r->said[i];
    }
}

static double share(double part, double whole)
{
    return whole > 0 ? part / whole : 0;
}

struct metrics_macro metrics_macro_of(const struct metrics_class *c, int classes)
{
    struct metrics_macro m = {0, 0, 0};
    int met = 0;
    for (int k = 0; k < classes; k++) {
        if (c[k].truth + c[k].said == 0) continue;
        met++;
        m.recall += share(c[k].right, c[k].truth);
        m.precision += share(c[k].right, c[k].said);
        m.f1 += share(2 * c[k].right, c[k].truth + c[k].said);
    }
    if (met == 0) return (struct metrics_macro){NAN, NAN, NAN};
    return (struct metrics_macro){m.recall / met, m.precision / met, m.f1 / met};
}

/* What kappa and Matthews' correlation are made of. */
struct totals {
    double all, right, both; /* both: sum over classes of truth x said */
    double truth2, said2;    /* sums of squares */
};

static struct totals totals_of(const struct metrics_class *c, int classes)
{
    struct totals t = {0};
    for (int k = 0; k < classes; k++) {
        t.all += c[k].truth;
        t.right += c[k].right;
        t.both += c[k].truth * c[k].said;
        t.truth2 += c[k].truth * c[k].truth;
        t.said2 += c[k].said * c[k].said;
    }
    return t;
}

double metrics_kappa(const struct metrics_class *c, int classes)
{
    struct totals t = totals_of(c, classes);
    if (t.all == 0) return NAN;
    double agreed = t.right / t.all, chance = t.both / (t.all * t.all);
    return chance < 1 ? (agreed - chance) / (1 - chance) : 1;
}

double metrics_mcc(const struct metrics_class *c, int classes)
{
    struct totals t = totals_of(c, classes);
    if (t.all == 0) return NAN;
    double below = sqrt(t.all * t.all - t.truth2) * sqrt(t.all * t.all - t.said2);
    return below > 0 ? (t.right * t.all - t.both) / below : 0;
}

/* --- the area under the ROC curve ------------------------------------------------------------- */

/* Heap sort of row numbers by their scores: qsort can't be handed the scores. */
static void sink(size_t *order, size_t at, size_t count, const float *scores)
{
    for (size_t child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && scores[order[child]] < scores[order[child + 1]]) child++;
        if (scores[order[at]] >= scores[order[child]]) return;
        size_t swap = order[at];
        order[at] = order[child];
        order[child] = swap;
    }
}

static void sort_rows(size_t *order, size_t count, const float *scores)
{
    for (size_t i = 0; i < count; i++) order[i] = i;
    for (size_t i = count / 2; i-- > 0;) sink(order, i, count, scores);
    for (size_t end = count; end-- > 1;) {
        size_t largest = order[0];
        order[0] = order[end];
        order[end] = largest;
        sink(order, 0, end, scores);
    }
}

double metrics_auc(const float *scores, const int *truth, int class, size_t count, size_t *order)
{
    double ranks = 0, inside = 0;
    sort_rows(order, count, scores);
    for (size_t first = 0, last; first < count; first = last) {
        size_t members = 0;
        for (last = first; last < count && scores[order[last]] == scores[order[first]]; last++)
            members += truth[order[last]] == class;
        ranks +=
            (double)members * ((double)(first + 1 + last) / 2); /* rows that tie share a rank */
        inside += (double)members;
    }
    double outside = (double)count - inside;
    if (inside == 0 || outside == 0) return NAN;
    return (ranks - inside * (inside + 1) / 2) / (inside * outside);
}
