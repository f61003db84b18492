/* background.h - what scores are worth in this library: the basis of relevance.
 *
 * docs/relevance.md tells the idea. The background of a column is kept in fovea_library: the mean
 * vector of common words and of a sample of the library, and how scores of words with pictures and
 * of pictures with each other spread. A judge is one query seen before that background.
 */
#ifndef FOVEA_LIBRARY_BACKGROUND_H
#define FOVEA_LIBRARY_BACKGROUND_H

#include "library/pick.h"

/* Makes the kept background again if there is none, or if changed and the library has grown or
 * shrunk by a tenth since it was made. */
NODISCARD enum status background_refresh(
    struct sql_session *s, struct store *store, struct pick *p, bool changed, struct err *e);

struct judge;

/* of_picture: a picture has a part in the query. Where no background is kept (an interrupted
 * index), it is made in memory. */
NODISCARD enum status judge_open(
    struct sql_session *s, struct pick *p, bool of_picture, struct judge **out, struct err *e);
void judge_close(struct judge *j);
/* 0..1 for a picture's vector v and its score with the query; 0.5 is the cut. */
double judge_relevance(const struct judge *j, const float *v, double score);

#endif
