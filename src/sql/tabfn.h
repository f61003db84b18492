/* tabfn.h - table functions without SQLite's virtual-table ceremony: a row here, rows in SQL.
 *
 *     SELECT * FROM fovea_index('["/home/me/Pictures"]', '{"model":"mini"}');
 *
 * Rooms above sql/ (library/) give the engine what it shows in SQL by registering these. Arguments
 * are hidden columns in the order of args, so they may also come from a join or a correlated query;
 * the function runs once for each set of argument values. One with side effects is direct_only:
 * refused in views and triggers. Rows are made on the session's thread.
 */
#ifndef FOVEA_SQL_TABFN_H
#define FOVEA_SQL_TABFN_H

#include "sql/session.h"

struct sql_value;  /* an argument; borrowed for the call */
struct sql_result; /* where a column's value goes */

enum sql_type sql_value_type(
    const struct sql_value *v); /* never SQL_VECTOR; NULL pointer is SQL_NULL */
int64_t sql_value_int(const struct sql_value *v);
double sql_value_double(const struct sql_value *v);
const char *sql_value_text(const struct sql_value *v); /* NULL for NULL */
const void *sql_value_blob(const struct sql_value *v);
int64_t sql_value_bytes(const struct sql_value *v);

void sql_result_null(struct sql_result *r);
void sql_result_int(struct sql_result *r, int64_t v);
void sql_result_double(struct sql_result *r, double v);
void sql_result_text(
    struct sql_result *r, const char *text, int64_t bytes); /* copied; -1: to the NUL */
void sql_result_blob(struct sql_result *r, const void *data, int64_t bytes); /* copied */
void sql_result_vector(
    struct sql_result *r, const float *v, int dim); /* copied, little-endian f32 */

/* What a scalar has made of argument i, kept for the rows for which that is the same: a constant or
 * a parameter. Keeping takes data over and may end it at once; free_data ends it. */
void *sql_result_kept(struct sql_result *r, int i);
void sql_result_keep(struct sql_result *r, int i, void *data, void (*free_data)(void *));

enum { SQL_TABFN_ARGS_MAX = 8 };

struct sql_tabfn {
    const char *name;    /* "fovea_index" */
    const char *columns; /* "found INTEGER, indexed INTEGER" */
    const char *args;    /* "dirs, options"; "" for none */
    int args_required;   /* fewer given: an error that names the missing one */
    bool direct_only;
    bool reads_only; /* with direct_only: commits nothing; it then hides no table of its name */
    /* args: one per name in args, NULL where not given. *cursor may be left NULL for no rows. */
    enum status (*open)(struct sql_session *s, struct sql_value *const *args, int count,
        void **cursor, struct err *e);
    /* Moves to the next row (the first, at first). *row false: no more. */
    enum status (*next)(void *cursor, bool *row, struct err *e);
    void (*column)(void *cursor, int column, struct sql_result *out);
    void (*close)(void *cursor);
};

/* fn must outlive the session. */
NODISCARD enum status sql_tabfn_add(
    struct sql_session *s, const struct sql_tabfn *fn, struct err *e);

/* An aggregate or scalar function added by a room above. */
struct sql_scalar {
    const char *name;
    int args_min, args_max;
    bool direct_only, deterministic;
    enum status (*call)(struct sql_session *s, struct sql_value *const *args, int count,
        struct sql_result *out, struct err *e);
    bool yields; /* left out where SQLite has one of that name: newer ones do */
};
NODISCARD enum status sql_scalar_add(
    struct sql_session *s, const struct sql_scalar *fn, struct err *e);

struct sql_aggregate {
    const char *name;
    int args_min, args_max;
    bool direct_only;
    size_t state_bytes; /* zeroed for each group */
    enum status (*step)(struct sql_session *s, void *state, struct sql_value *const *args,
        int count, struct err *e);
    /* Called once per group, also after an error (out NULL then): frees what state holds. */
    enum status (*final)(struct sql_session *s, void *state, struct sql_result *out, struct err *e);
    /* Both or none: it is a window function too. value gives the result so far; inverse takes the
     * oldest row out. */
    enum status (*value)(struct sql_session *s, void *state, struct sql_result *out, struct err *e);
    enum status (*inverse)(struct sql_session *s, void *state, struct sql_value *const *args,
        int count, struct err *e);
    bool yields;
};
NODISCARD enum status sql_aggregate_add(
    struct sql_session *s, const struct sql_aggregate *fn, struct err *e);

#endif
