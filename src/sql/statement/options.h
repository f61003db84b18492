/* options.h - the OPTIONS of our statements: which there are, of what type, and their values,
 * checked. */
#ifndef FOVEA_SQL_STATEMENT_OPTIONS_H
#define FOVEA_SQL_STATEMENT_OPTIONS_H

#include "sql/text/ast.h"

enum sql_option_type {
    OPTION_NAME,
    OPTION_TEXT,
    OPTION_INPUT, /* a text or a parameter */
    OPTION_INTEGER,
    OPTION_COUNT, /* INTEGER, or None: no bound */
    OPTION_REAL,
    OPTION_BOOLEAN,
    OPTION_TEXTS,   /* a text or a list of them */
    OPTION_INTEGERS /* a whole number or a list of them */
};

enum { OPTIONS_MAX = 16 };

struct sql_option {
    const char *name;
    enum sql_option_type type;
    const char *fallback;       /* as one would write it; NULL: none */
    int min, max;               /* INTEGER, COUNT, REAL, INTEGERS */
    const char *const *choices; /* NAME: ends with NULL; NULL: any */
    bool required;
    const char *also[2]; /* names of it in other dialects */
};

/* Values by the option's place in its table; NULL where not given. */
struct sql_option_values {
    const struct sql_option *table;
    int count;
    const struct sql_literal *given[OPTIONS_MAX];
};

/* Checks names, types and what is required; out->table and count say which options there are.
 * Errors: INVALID with the place. */
NODISCARD enum status sql_options_check(const struct sql_ast *p, const struct sql_node *step,
    struct sql_option_values *out, struct err *e);

/* A value or its fallback. Borrowed from the arena or the table; NULL when there is neither. */
const char *sql_option_text(const struct sql_option_values *v, const char *name);
int sql_option_integer(const struct sql_option_values *v, const char *name);
double sql_option_real(const struct sql_option_values *v, const char *name);
bool sql_option_boolean(const struct sql_option_values *v, const char *name);
/* None was given. */
bool sql_option_none(const struct sql_option_values *v, const char *name);
/* The first of what was given, a list's items or the one value; the rest follow by next. */
const struct sql_literal *sql_option_items(const struct sql_option_values *v, const char *name);
const struct sql_literal *sql_option_given(const struct sql_option_values *v, const char *name);

/* Says that a failure lies at a token of the statement:
 *     return sql_at(p, token, err_set(e, ST_INVALID, "..."), e); */
enum status sql_at(const struct sql_ast *p, int token, enum status st, struct err *e);

#endif
