/* metrics.h - how well a classifier did: numbers from what it said and what was true.
 *
 * Classes are numbers from 0. Per-class measures are averaged over the classes that occur as truth
 * or as prediction, each with the same weight (macro); a share of nothing is 0. What can't be told
 * from the rows is NaN.
 */
#ifndef FOVEA_SQL_STATEMENT_METRICS_H
#define FOVEA_SQL_STATEMENT_METRICS_H

#include <stddef.h>

struct metrics_rows {
    const int *truth, *said; /* classes */
    size_t count;
    int classes;
};

double metrics_accuracy(const struct metrics_rows *r);

/* Of one class: its rows, the rows said to be of it, and those of both. */
struct metrics_class {
    double truth, said, right;
};

/* Fills classes of them. */
void metrics_count(const struct metrics_rows *r, struct metrics_class *out);

struct metrics_macro {
    double recall, precision, f1;
};

struct metrics_macro metrics_macro_of(const struct metrics_class *c, int classes);
/* Agreement beyond chance (Cohen 1960); 1 when there is but one class. */
double metrics_kappa(const struct metrics_class *c, int classes);
/* Matthews' correlation for any number of classes (Gorodkin 2004); 0 when a side is one class. */
double metrics_mcc(const struct metrics_class *c, int classes);

/* The chance that a row of the class has the higher score than a row of another, ties half: the
 * area under the ROC curve by ranks (Hanley and McNeil 1982). order: room for count numbers. NaN
 * when the class has all rows or none. */
double metrics_auc(const float *scores, const int *truth, int class, size_t count, size_t *order);

#endif
