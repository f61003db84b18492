/* background.h - what scores are worth in this library: the basis of relevance.
 *
 * docs/relevance.md tells the idea. The background of a column is kept in fovea_library: the mean
 * vector of common words, a sample of the library's vectors, and how scores of words with pictures
 * and of pictures with each other spread. A judge is one query seen before that background.
 */
#ifndef FOVEA_LIBRARY_BACKGROUND_H
#define FOVEA_LIBRARY_BACKGROUND_H

#include "library/pick.h"

/* Makes the kept background again if there is none, or if changed and the library has grown or
 * shrunk by a tenth since it was made. */
NODISCARD enum status background_refresh(
    struct sql_session *s, struct store *store, struct pick *p, bool changed, struct err *e);

struct judge;

struct judge_query {
    const float *vector; /* of length 1 */
    bool of_picture;     /* a picture has a part in it */
};

/* Where no background is kept (an interrupted index), it is made in memory. */
NODISCARD enum status judge_open(struct sql_session *s, struct pick *p, const struct judge_query *q,
    struct judge **out, struct err *e);
void judge_close(struct judge *j);
/* 0..1 for a picture's vector v and its score with the query; 0.5 is the cut. */
double judge_relevance(const struct judge *j, const float *v, double score);

#endif
