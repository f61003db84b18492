/* arithmetic.h - + - * / of vectors; see arithmetic.c. */
#ifndef FOVEA_SQL_PLAN_ARITHMETIC_H
#define FOVEA_SQL_PLAN_ARITHMETIC_H

#include "sql/plan/plan.h"

/* Names the function of every operation whose operands can be shown to be vectors. Errors: LIMIT,
 * INVALID, with the place. */
NODISCARD enum status plan_arithmetic(struct sql_plan *p, struct err *e);
/* Is the operation one of vectors? */
bool arithmetic_is_vector(struct sql_plan *p, struct sql_node *n);
NODISCARD enum status emit_arithmetic(struct emit *m, const struct sql_node *n);

#endif
