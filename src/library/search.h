/* search.h - the nearest pictures of the library to a query: exact, under any condition, exactly k.
 */
#ifndef FOVEA_LIBRARY_SEARCH_H
#define FOVEA_LIBRARY_SEARCH_H

#include "library/options.h"
#include "sql/session.h"

struct search_options {
    const char *query; /* query.h */
    size_t query_bytes;
    int64_t k;
    const char *model;                 /* NULL: the library's own */
    const char *where;                 /* an SQL condition over images, or NULL */
    const struct options_paths *under; /* only pictures below these folders; NULL: all */
    bool relevant;                     /* only those whose relevance is 0.5 or more */
};

struct search_hit {
    int64_t id;
    double score;     /* cosine; NaN when the row's vector has one: last of all */
    double relevance; /* 0..1 */
    char *path;
};

struct search_hits {
    struct search_hit *at; /* best first; equal scores in the order of their paths */
    size_t count, capacity;
};

/* Exactly min(k, pictures that pass) hits.
 * Errors: INVALID, NOT_FOUND (nothing indexed), MISMATCH (no vectors of this model), LIMIT, those
 * of the query (query.h) and of the condition, whose place in its text is told. */
NODISCARD enum status search_run(struct sql_session *s, const struct search_options *how,
    struct search_hits *out, struct err *e);
void search_hits_deinit(struct search_hits *h);

#endif
