/* step.h - a compute step: the rows of a query with columns that a model computes, as a virtual
 * table.
 *
 * A statement kind (statement.h) plans a step: it looks at q's columns, adds its own, and later
 * computes them for batches of rows. Everything about virtual tables, arguments and batches is
 * here, once. A step lives as long as its plan; it may be read by several cursors at once.
 */
#ifndef FOVEA_SQL_PLAN_STEP_H
#define FOVEA_SQL_PLAN_STEP_H

#include "sql/internal.h"
#include "sql/statement/options.h"
#include "store/columns.h"

enum { NEAREST_ARGS = 3 }; /* of a nearest step: the query, LIMIT, OFFSET; the rest follows */

enum { STEP_ARGS_MAX = 100, STEP_COMPUTED_MAX = 32, STEP_QUERIES_MAX = 32 };

struct sql_plan;
struct sql_statement;
struct step_run;

/* What is handed in through a hidden column: a parameter of the statement, or a name from outside
 * q. */
struct step_arg {
    int parameter;   /* its number; 0: a name */
    int first, last; /* the name's tokens */
};

struct step_column {
    char *name;
    char *type;                   /* as declared; "" for none */
    int from;                     /* column of q, -1: computed */
    int computed;                 /* number among the computed ones, -1: from q */
    bool hidden;                  /* not part of * */
    struct store_column declared; /* of which model its vectors are; dim 0: not known */
};

struct sql_step {
    struct sql_step *next_of_plan, *next_of_session;
    struct sql_plan *plan;
    struct sql_session *session;
    const struct sql_statement *statement;
    const struct sql_node *node;
    struct sql_option_values options;
    char module[32]; /* its name in SQL: "fovea_step_7" */
    bool registered;
    char *query;        /* q as SQLite runs it; ?1… are the args */
    sqlite3_stmt *rows; /* q, prepared; busy while a cursor uses it */
    int query_columns;  /* as planned */
    char **query_names; /* of them */
    const struct store_column **query_traced; /* of them; NULL: not traced yet */
    bool busy;
    struct step_arg args[STEP_ARGS_MAX];
    int arg_count;
    struct step_column *columns;
    int column_count, column_capacity, computed_count;
    bool args_first; /* in the table's columns; its own are then hidden, and not part of * */
    int batch;       /* rows computed together; 1: q's rows are not copied */
    const char
        *order; /* written behind each call of it: " ORDER BY … LIMIT n"; NULL: as it comes */
    int top_k;  /* so many rows are left by order; 0: all */
    int shape;  /* which of the names that dialects give its columns; -1: not chosen yet */
    unsigned shapes_tried; /* by bit */
    /* What the statement kinds need. */
    struct model *model;
    const char *label;                /* of the model, in column names */
    const char *base;                 /* of its base model there: "clip" */
    bool announced;                   /* a word for whoever waits is said */
    int picture_column;               /* of q, -1: none */
    int text_column;                  /* of q, -1: none */
    int vector_column;                /* of q, -1: none */
    int label_column;                 /* of q, -1: none */
    const struct sql_literal *inputs; /* SEARCH: the first */
    int input_args[STEP_QUERIES_MAX]; /* arg of each input, -1: a literal */
    int input_count;
    bool inputs_are_pictures;
    int rowid_column;        /* of q, -1: none */
    struct nearest *nearest; /* of a nearest step; its first args are those of nearest.h */
    struct sql_work work;
    void *own; /* what one kind alone plans, in the plan's arena */
};

/* A computed value: the first of these that is there; none is NULL. */
struct step_cell {
    const float *vector;
    int dim;              /* of vector; 0: the model's */
    sqlite3_value *value; /* owned */
    const char *text;     /* borrowed for as long as the cell lasts */
    char *owned_text;     /* mem_free'd with it */
    double number;
    bool has_number;
};

/* A statement's step at work: one cursor. */

struct step_run {
    sqlite3_vtab_cursor base;
    struct sql_step *step;
    sqlite3_stmt *rows;
    sqlite3_value *args[STEP_ARGS_MAX];
    sqlite3_value **values;  /* batch x q's columns; not used when batch is 1 */
    struct step_cell *cells; /* cell_rows x computed */
    int cell_rows;
    float *vectors; /* the kind's own */
    float *queries;
    void *state;   /* the kind's own; its close frees it */
    int count, at; /* rows in the batch, the one shown */
    bool last;     /* q has no more rows */
    int64_t rowid;
    uint64_t done, unreadable;
    uint64_t total; /* q's rows, for who waits; 0: not known */
    char first_unreadable[256];
};

/* --- planning (step.c) ------------------------------------------------------------------------ */

/* The argument's number, from 0, added if it is new. -1 when there are too many. */
int step_arg_add(struct sql_step *s, struct step_arg arg);
NODISCARD struct step_column *step_column_add(
    struct sql_step *s, const char *name, const char *type);
/* The column of q by name, without case; -1: none. */
int step_query_column(const struct sql_step *s, const char *name);
/* All of q's columns in order, but for one that is replaced (-1: none). */
/* What the catalogue says of a column of q: asked once. */
NODISCARD enum status step_trace(
    struct sql_step *s, int column, struct store_column *out, struct err *e);
NODISCARD enum status step_columns_of_query(struct sql_step *s, int skip, struct err *e);
/* What a column may be declared as that had this type. */
const char *step_plain_type(const char *type);
/* Prepares q. Errors are SQLite's; e->offset is in q. */
NODISCARD enum status step_prepare(struct sql_step *s, const char *sql, struct err *e);
/* Declares the columns and makes the step callable in SQL. */
NODISCARD enum status step_register(struct sql_step *s, struct err *e);
/* A registered step's module goes: its columns are planned anew. */
void step_forget(struct sql_step *s);
void step_close(struct sql_step *s);
/* Appends the columns as CREATE TABLE, which is how SQLite learns them. */
void step_declare(struct sql_step *s, struct buf *sql);
/* Appends a name in double quotes. */
void sql_add_name(struct buf *sql, const char *name);

/* --- running (step_run.c) --------------------------------------------------------------------- */

extern const sqlite3_module step_module;
/* What the modules of all kinds of steps share: connecting declares the step's columns and
 * arguments. */
struct step_table {
    sqlite3_vtab base;
    struct sql_step *step;
};
int step_table_connect(
    sqlite3 *db, void *aux, int argc, const char *const *argv, sqlite3_vtab **out, char **message);
int step_table_disconnect(sqlite3_vtab *vtab);
/* The number of the first argument among the table's columns, and of the first of its own. */
int step_args_at(const struct sql_step *s);
int step_columns_at(const struct sql_step *s);
/* Every argument goes to xFilter, by its number. Our own SQL gives each; one that can't be used yet
 * makes SQLite try another join order (SQLITE_CONSTRAINT). */
int step_table_args(sqlite3_vtab *vtab, sqlite3_index_info *info);
/* Room for the rows that a gathering kind answers with, in place of the batch's; their cells are
 * empty. */
NODISCARD enum status step_run_rows(struct step_run *r, int rows, struct err *e);
/* q's value in a row of the batch. */
sqlite3_value *step_value(const struct step_run *r, int row, int column);

#endif
