/* background.h - what scores are worth in this library: the basis of relevance. docs/relevance.md
 * tells how.
 *
 * The background of a column is small numbers kept in fovea_library: the mean of its pictures, how
 * they spread, and what texts about nothing look like to its model. A judge is one query seen
 * before that background.
 */
#ifndef FOVEA_LIBRARY_BACKGROUND_H
#define FOVEA_LIBRARY_BACKGROUND_H

#include "library/pick.h"

/* Makes the kept background again when the library has changed enough since it was made. */
NODISCARD enum status background_refresh(
    struct sql_session *s, struct store *store, struct pick *p, struct err *e);

struct judge;

/* query: dim floats of length 1, borrowed until close. Where no background is kept (an interrupted
 * index, a read-only file), it is made in memory. */
NODISCARD enum status judge_open(
    struct sql_session *s, struct pick *p, const float *query, struct judge **out, struct err *e);
void judge_close(struct judge *j);
/* 0..1 for a picture's vector and its score with the query. */
double judge_relevance(const struct judge *j, const float *v, double score);

#endif
