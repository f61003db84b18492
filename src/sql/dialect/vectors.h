/* vectors.h - which of SQLite's own functions are of vectors here; see vectors.c. */
#ifndef FOVEA_SQL_DIALECT_VECTORS_H
#define FOVEA_SQL_DIALECT_VECTORS_H

#include <stdbool.h>

#include "base/err.h"

struct sql_plan;
struct sql_scan;
struct sql_session;

/* Can a name or call in the statement be a vector? Cheap: no parsing. */
bool dialect_names_vectors(struct sql_session *s, const struct sql_scan *scan);
/* Fills p->renames: vector_avg for avg of a vector, and so on. */
NODISCARD enum status plan_vectors(struct sql_plan *p, struct err *e);

/* Is the expression in [first, last] one, as far as can be told? */
bool dialect_is_vector(struct sql_plan *p, int first, int last);
/* Result columns without a name that hold the token keep their text as it. */
void dialect_keep_names(struct sql_plan *p, int token);
/* Is a result column of that name the value of such an expression? */
bool dialect_result_is_vector(struct sql_plan *p, const char *name);

#endif
