/* forms.h - expressions and clauses of PostgreSQL and ClickHouse that are written as SQLite's:
 * which there are (a row each in forms.c), how the grammar notes them, how emit.c writes them.
 */
#ifndef FOVEA_SQL_DIALECT_FORMS_H
#define FOVEA_SQL_DIALECT_FORMS_H

#include <stdbool.h>

#include "base/err.h"

struct emit;
struct sql_alias_ast;
struct sql_ast;
struct sql_node;
struct sql_plan;

enum sql_form {
    FORM_CAST,         /* x::type */
    FORM_CAST_CALL,    /* CAST(x AS vector(3)) */
    FORM_ILIKE,        /* a [NOT] ILIKE b [ESCAPE c] */
    FORM_REGEX,        /* a ~ b, a !~* b */
    FORM_BITS,         /* a <~> b, a <%> b */
    FORM_MOMENT,       /* DATE '2024-01-31' */
    FORM_INTERVAL,     /* INTERVAL '1 day', INTERVAL 1 DAY */
    FORM_SUM,          /* a + b where one is an interval */
    FORM_ARRAY,        /* [1, 2], ARRAY['a', 'b']: constants, one token */
    FORM_LIST,         /* [a, b + 1] */
    FORM_WITH,         /* WITH expression AS name, … */
    FORM_PARAMETRIC,   /* quantile(0.9)(x) */
    FORM_ORDERED_CALL, /* string_agg(x, ',' ORDER BY y) */
    FORM_FROM_CALL,    /* extract(year FROM x), substring(x FROM 2 FOR 3), trim(BOTH 'a' FROM x) */
    FORM_POSITION,     /* position(a IN b) */
    FORM_ANY,          /* a = ANY(list) */
    FORM_SERIES,       /* generate_series(1, 3) AS i */
    FORM_FIRSTS,       /* SELECT DISTINCT ON (a) …, SELECT … LIMIT 2 BY a */
    FORM_OFFSET,       /* OFFSET m [LIMIT n] */
    FORM_COUNT
};

/* For the grammar's actions: a form where the tokens make one. */
void sql_ast_cast(struct sql_ast *p, int first, int as);
void sql_ast_sum(struct sql_ast *p, int first, int at);
void sql_ast_position(struct sql_ast *p, int first, int bracket);
void sql_ast_any(struct sql_ast *p, int first, int at);
void sql_ast_series(struct sql_ast *p, int name, int bracket, int alias);
void sql_ast_firsts(struct sql_ast *p, int select);

NODISCARD enum status form_emit(struct emit *m, const struct sql_node *n);
/* What is written for a token instead of it; NULL: itself. */
const char *form_spelling(const struct sql_plan *p, int token);
/* The WITH expression that a name means; NULL: none. */
const struct sql_alias_ast *form_alias(const struct sql_plan *p, int token);
NODISCARD enum status form_emit_alias(struct emit *m, const struct sql_alias_ast *a, int source);

/* Is the list of constants at a token a vector? */
bool form_is_vector(const struct sql_plan *p, int token);

/* Inside dialect/: the type behind :: or AS, tokens [first, last], around what stands in value. */
NODISCARD enum status form_emit_cast(
    struct emit *m, const struct sql_node *n, int type_first, int type_last);
NODISCARD enum status form_emit_firsts(struct emit *m, const struct sql_node *n);

#endif
