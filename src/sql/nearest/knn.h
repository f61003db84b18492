/* knn.h - the table functions over vector columns:
 *
 *   knn(table, column, query, k [, filter])      (rowid, distance), nearest first
 *   near_duplicates(table, column, threshold)    (a, b, distance), nearest first
 *   vector_indexes()                             what was declared, what there is, how it stands
 *
 * The metric is that of the column's index, else the declared one, else cosine.
 */
#ifndef FOVEA_SQL_NEAREST_KNN_H
#define FOVEA_SQL_NEAREST_KNN_H

#include "sql/session.h"

NODISCARD enum status sql_knn_add(struct sql_session *s, struct err *e);
NODISCARD enum status sql_near_duplicates_add(struct sql_session *s, struct err *e);
NODISCARD enum status sql_vector_indexes_add(struct sql_session *s, struct err *e);

/* A vector column as these functions are told of it: 'table' or 'schema.table', and 'column'. */
struct knn_column {
    char schema[64], table[128], column[128];
    const char *function; /* whose value is the distance */
    int metric;           /* enum metric */
};
/* what: "knn()", begins the messages. Errors: INVALID, NOT_FOUND. */
NODISCARD enum status knn_column_init(struct knn_column *c, struct sql_session *s,
    const char *const names[2], const char *what, struct err *e);

#endif
