/* labels.h - pictures told apart by words: the labels of a zero-shot classifier as vectors.
 *
 * Each label is put into each template, '{}' standing for it, and embedded; the mean of a label's
 * unit vectors, scaled to length 1, is its vector (Radford et al. 2021, "Learning Transferable
 * Visual Models From Natural Language Supervision", 3.1.4). The picture's label is the one with
 * the highest cosine.
 */
#ifndef FOVEA_SQL_STATEMENT_LABELS_H
#define FOVEA_SQL_STATEMENT_LABELS_H

#include "sql/statement/source.h"

enum { LABELS_MAX = 10000, TEMPLATES_MAX = 100 };

/* Options labels and template, checked. Errors: INVALID with the place: no labels, one twice, a
 * template without '{}', more than there may be. */
NODISCARD enum status labels_plan(struct sql_step *s, struct err *e);
int labels_count(const struct sql_step *s);
/* By number; in the plan's arena. */
const char *labels_text(const struct sql_step *s, int label);
/* The number of a text, -1: it is none. */
int labels_find(const struct sql_step *s, const char *text);

/* Embeds the labels into r->queries. */
NODISCARD enum status labels_open(struct step_run *r, struct err *e);
/* The cosine of v with every label, and the label with the highest; -1 for a vector of zeros. */
int labels_score(const struct step_run *r, const float *v, float *cosines);

#endif
