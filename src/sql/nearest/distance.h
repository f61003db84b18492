/* distance.h - the distance functions of SQL, one row each: what they are called, what they are of
 * metric_distance's answer, and so which way nearer is. */
#ifndef FOVEA_SQL_NEAREST_DISTANCE_H
#define FOVEA_SQL_NEAREST_DISTANCE_H

#include "simd/distance.h"
#include "sql/text/lexer.h"

/* X(function, SQL name, metric, scale, offset): offset + scale * distance. The first row of a
 * metric whose value is the distance itself gives it its name; behind those stand the names that
 * other databases have for the same. */
#define SQL_DISTANCES(X)                                                                           \
    X(cosine_distance, "cosineDistance", METRIC_COSINE, 1, 0)                                      \
    X(l2_distance, "L2Distance", METRIC_L2, 1, 0)                                                  \
    X(l1_distance, "L1Distance", METRIC_L1, 1, 0)                                                  \
    X(linf_distance, "LinfDistance", METRIC_LINF, 1, 0)                                            \
    X(dot_product, "dotProduct", METRIC_IP, -1, 0)                                                 \
    X(inner_product_negative, "fovea_negative_inner_product", METRIC_IP, 1, 0)                     \
    X(cosine_similarity, "cosine_similarity", METRIC_COSINE, -1, 1)                                \
    X(distance_l2, "distanceL2", METRIC_L2, 1, 0)                                                  \
    X(distance_l1, "distanceL1", METRIC_L1, 1, 0)                                                  \
    X(distance_linf, "distanceLinf", METRIC_LINF, 1, 0)                                            \
    X(scalar_product, "scalarProduct", METRIC_IP, -1, 0)                                           \
    X(array_dot_product, "arrayDotProduct", METRIC_IP, -1, 0)                                      \
    X(pgvector_cosine, "cosine_distance", METRIC_COSINE, 1, 0)                                     \
    X(pgvector_l2, "l2_distance", METRIC_L2, 1, 0)                                                 \
    X(pgvector_l1, "l1_distance", METRIC_L1, 1, 0)                                                 \
    X(pgvector_inner_product, "inner_product", METRIC_IP, -1, 0)                                   \
    X(pgvector_negative, "vector_negative_inner_product", METRIC_IP, 1, 0)                         \
    X(negative_inner_product, "negative_inner_product", METRIC_IP, 1, 0)

struct sql_distance {
    const char *name;
    enum metric metric;
    bool larger_is_nearer;
    bool finer; /* it may tell apart what metric_distance does not */
};

/* By a name's token or an operator's; NULL: it is none. */
const struct sql_distance *sql_distance_find(const char *text, struct sql_token t);
/* The function whose value is metric_distance itself. */
const struct sql_distance *sql_distance_of(enum metric m);

#endif
