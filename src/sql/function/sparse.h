/* sparse.h - pgvector's sparsevec: a vector of which only the numbers that aren't 0 are written.
 *
 * It is kept as its text, '{1:0.5,3:2}/5': numbers by place from 1 on, in order of their places, no
 * zeros, then the dimensions. A column is TEXT "sparsevec(5)" and looks the same in every program;
 * at most 16,000 numbers of at most 1,000,000,000 dimensions, so a text has less than 500 KiB.
 */
#ifndef FOVEA_SQL_FUNCTION_SPARSE_H
#define FOVEA_SQL_FUNCTION_SPARSE_H

#include "simd/distance.h"
#include "sql/function/function.h"

enum { SPARSE_DIM_MAX = 1000000000, SPARSE_NUMBERS_MAX = 16000 };

struct sparse_number {
    int32_t at; /* from 1 on */
    float value;
};

struct sparse {
    int32_t dim;
    int count;
    struct sparse_number numbers[];
};

/* Is it a text with a brace and, unlike PostgreSQL's '{1,2}', dimensions? */
bool sparse_is(const struct sql_value *v);
/* Reads a text; zeros are left out, places come in any order. mem_free *out. Errors: INVALID (says
 * what is wrong at which character), LIMIT. */
NODISCARD enum status sparse_parse(
    const char *text, size_t bytes, struct sparse **out, struct err *e);
void sparse_print(const struct sparse *s, struct buf *out);
double sparse_norm(const struct sparse *s);
struct sparse_question {
    const char *name; /* "L2Distance()" */
    enum metric metric;
};
/* The distance of arguments 0 and 1 of the function whose result is out, as metric_distance has it;
 * NAN: there is none. Errors: INVALID, MISMATCH (dimensions; one of them is no sparsevec), LIMIT.
 */
NODISCARD enum status sparse_distance(const struct sparse_question *q,
    struct sql_value *const *args, struct sql_result *out, double *distance, struct err *e);
/* The value as a sparsevec, a vector too. mem_free *out. */
NODISCARD enum status sparse_take(
    const struct sql_value *v, const char *name, struct sparse **out, struct err *e);

#endif
