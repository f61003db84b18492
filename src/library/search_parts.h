/* search_parts.h - what the files of one search share; no other file includes it.
 *
 * search.c reads the question and chooses the way: search_vectors.c asks the vector engine,
 * search_rows.c reads every row. Both answer the same, with the condition of search_where.c.
 */
#ifndef FOVEA_LIBRARY_SEARCH_PARTS_H
#define FOVEA_LIBRARY_SEARCH_PARTS_H

#include "library/background.h"
#include "library/pick.h"
#include "library/search.h"

struct search {
    const struct search_options *how;
    struct sql_session *session;
    struct store *store;
    struct pick pick;
    float *query; /* a unit vector */
    bool of_picture;
    struct judge *judge;
    size_t k;
};

/* SELECT what FROM images WHERE, then the folders and the condition of the search. id: ... AND id =
 * ?N, to ask one row; *id is N. NULL: all rows. */
NODISCARD enum status search_where_prepare(
    const struct search *x, const char *what, int *id, struct store_stmt **out, struct err *e);

/* A row that passes the condition: its score, and whether it is one of the best k so far. */
struct search_row {
    int64_t id;
    const char *path;
    const float *vector;
    int bytes;
};
NODISCARD enum status search_row_add(
    const struct search *x, const struct search_row *row, struct search_hits *out, struct err *e);

void search_hits_sort(struct search_hits *h); /* best first */

/* The whole answer from the rows. */
NODISCARD enum status search_rows(const struct search *x, struct search_hits *out, struct err *e);
/* The whole answer from the vector engine; *done false (and out empty): read the rows. */
NODISCARD enum status search_vectors(
    const struct search *x, struct search_hits *out, bool *done, struct err *e);

#endif
