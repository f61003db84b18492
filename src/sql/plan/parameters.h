/* parameters.h - the parameters of a statement: ?, ?5, :name, @name, $name, PostgreSQL's $1, and
 * ClickHouse's {name:Type}, whose value SET param_name = … gives when nobody binds one.
 */
#ifndef FOVEA_SQL_PLAN_PARAMETERS_H
#define FOVEA_SQL_PLAN_PARAMETERS_H

#include "sql/internal.h"
#include "sql/text/scan.h"

struct sql_parameter {
    char *name; /* ":name", "$1", of {name:Type} "name"; NULL: it has none */
    char *type; /* {name:Type}: the type; else NULL */
    int start;  /* where it is first mentioned in the text */
    bool bound; /* by hand: SET has no say */
};

struct sql_parameters {
    int *of;                  /* by token: the number of the parameter there */
    struct sql_parameter *at; /* from 1 */
    int count, capacity;
    int *slots; /* by hash of the name: a number, 0 for none */
    int slot_count;
    bool typed; /* some are {name:Type} */
};

/* Numbers the parameters of a statement, all in the arena. Errors: LIMIT, INVALID (one name, two
 * types), with the place. */
NODISCARD enum status sql_parameters_number(
    const struct sql_scan *scan, struct arena *a, struct sql_parameters *out, struct err *e);
/* The number of a name; a number's is itself. 0: there is none. */
int sql_parameters_find(const struct sql_parameters *p, const char *name);

/* Binds text to number i as the parameter's type has it. Errors: INVALID, LIMIT, UNSUPPORTED; each
 * names the parameter and the type. */
NODISCARD enum status sql_parameter_bind(
    const struct sql_parameter *p, sqlite3_stmt *stmt, int i, const char *text, struct err *e);
/* Before a run: those with a type that nobody has bound take the session's value. text: the
 * statement's. Errors: NOT_FOUND with the place when there is none. */
NODISCARD enum status sql_parameters_take(struct sql_session *s, const struct sql_parameters *p,
    sqlite3_stmt *stmt, const char *text, struct err *e);

/* SET param_name = …: the session's values by name. */
struct sql_parameter_value {
    struct sql_parameter_value *next;
    char *name, *text;
};
NODISCARD enum status sql_parameter_set(
    struct sql_session *s, const char *name, const char *text, struct err *e);
void sql_parameters_clear(struct sql_session *s);

#endif
