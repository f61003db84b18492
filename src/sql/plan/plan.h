/* plan.h - a statement of ours as one SQLite query in which each compute step is a virtual table.
 */
#ifndef FOVEA_SQL_PLAN_PLAN_H
#define FOVEA_SQL_PLAN_PLAN_H

#include "sql/plan/parameters.h"
#include "sql/plan/step.h"
#include "sql/settings.h"
#include "sql/text/rewrite.h"

/* What a top-level CONVERT with table_name, or CREATE TABLE … USING, writes once its rows are
 * computed. */
struct sql_save {
    const char *table;
    const char *column;  /* the vector column's name */
    const char *picture; /* match rows by this column, when not by rowid */
    bool create;         /* a new table of all the step's columns */
    bool replace;        /* drop the one that is there first */
    bool by_rowid;
    bool skip;              /* IF NOT EXISTS, and it does */
    int64_t rows, write_us; /* once it has run: how many, and what writing them took */
    bool show;              /* the rows are the statement's answer too */
    struct store_column declared;
};

/* What is written behind a token of the user's: words, or a part of a nearest step (nearest.h). */
struct sql_insert {
    struct sql_insert *next;
    const struct sql_step *of; /* left out where this step's own statements are written; NULL: never
                                */
    const char *words;         /* NULL: the part */
    int part;
    int until; /* what follows up to this token is left out; 0: nothing is */
};

/* Why a SELECT in the order of a distance has no nearest step, for EXPLAIN. */
struct sql_note {
    struct sql_note *next;
    int token; /* where its order begins */
    const char *why;
};

struct sql_plan {
    struct sql_session *session;
    struct arena arena;
    struct sql_scan scan;
    struct sql_ast ast;
    struct sql_parameters parameters;
    struct sql_step *steps;
    struct rewrite query;  /* the outer query */
    sqlite3_stmt *stmt;    /* prepared */
    struct sql_save *save; /* NULL: the query's rows are all there is */
    const char **renames; /* by token: what is written instead; NULL: none is (dialect/vectors.c) */
    struct sql_insert **inserts; /* by token, in the order they are written */
    struct sql_note *notes, *notes_last;
    const char **encodes; /* by token: the model given to the encode_… there; NULL: none is */
    bool rows_only;       /* no nearest steps: the text with them was none that SQLite takes */
    struct sql_overlay overlay; /* SETTINGS of this statement */
    int picture_column;         /* of PRINT; -1: it is none */
    bool vectors;               /* + - * / of vectors are written otherwise */
};

/* Plans the scanned statement, whose text must outlive the plan. The arena moves in. Errors have
 * the place. */
NODISCARD enum status sql_plan_open(struct sql_session *s, const struct sql_scan *scan,
    struct arena *arena, struct sql_plan **out, struct err *e);
void sql_plan_close(struct sql_plan *p);
/* The same for a statement that SQLite takes as it stands: *out NULL when nothing is gained, which
 * is also when our grammar doesn't take it. Errors: NO_MEMORY, and MISMATCH of models. */
NODISCARD enum status sql_plan_try(struct sql_session *s, const struct sql_scan *scan,
    struct arena *arena, struct sql_plan **out, struct err *e);
/* Only compares the models of the distances in a statement that is SQLite's as it stands. What our
 * grammar doesn't take isn't checked. */
NODISCARD enum status sql_plan_check(
    struct sql_session *s, const struct sql_scan *scan, struct err *e);

/* --- the text (emit.c) ------------------------------------------------------------------------ */

/* Where tokens are written to, and on whose behalf. */
struct emit {
    struct sql_plan *plan;
    struct sql_step *step; /* whose q it is; NULL: the outer query */
    struct rewrite *out;
    bool tracing; /* the text is only prepared to learn where a column comes from */
    int depth;
    struct err *e;
};

/* Tokens [first, last] with what is ours rewritten; steps met are built. */
NODISCARD enum status emit_tokens(struct emit *m, int first, int last);
/* The same for a part of something larger, behind which nothing is inserted yet. */
NODISCARD enum status emit_part(struct emit *m, int first, int last);
/* A call of a built step: "fovea_step_7"(?1, x.id). */
NODISCARD enum status emit_call(struct emit *m, const struct sql_step *s);
/* The same with what orders and cuts its rows behind it: the step's own, or else tail. */
NODISCARD enum status emit_rows(struct emit *m, const struct sql_step *s, const char *tail);
/* WITH and the common table expressions that [first, last] sees from outside and names, or nothing.
 * When the query has a WITH of its own, both are merged: *skip tells how many of its tokens are
 * done. */
NODISCARD enum status emit_outer_ctes(struct emit *m, int first, int last, int *skip);
/* The token of the source that a byte of the new text stands for; -1: none. */
int emit_token_at(const struct sql_plan *p, const struct rewrite *r, int at);

/* The place of SQLite's failure in the user's text. */
void emit_place(const struct sql_plan *p, const struct rewrite *r, struct err *e);

/* --- steps (plan_step.c) ---------------------------------------------------------------------- */

/* A name at a place that SQLite doesn't know becomes an argument of the step. false: it can't. */
bool plan_capture(struct sql_step *s, const struct rewrite *r, const struct err *e);
/* Of a failure: a name that SQLite doesn't know and that a step's column has in another dialect
 * makes the step take that dialect's names. *again: prepare the text again. Gives the failure, *e,
 * back, or that memory is out. */
NODISCARD enum status plan_reshape(struct sql_plan *p, bool *again, struct err *e);
/* The names of a registered step's columns, then those of its other shapes that it could take. */
void plan_each_name(struct sql_step *s, void (*each)(void *user, const char *name), void *user);
/* Builds the step of a node once; node->built is it. */
NODISCARD enum status plan_step(
    struct sql_plan *p, struct sql_node *node, bool nested, struct err *e);

/* --- PRINT (statement/print.c) ---------------------------------------------------------------- */

/* Checks its options, and finds the column with pictures in the prepared query. */
NODISCARD enum status plan_print(struct sql_plan *p, struct err *e);

/* --- nearest neighbours (nearest.c) ----------------------------------------------------------- */

/* Finds the SELECTs in the order of a distance: NULLs go last in each, and those that can take it
 * get a nearest step. Adds to p->inserts, p->steps and p->notes. */
NODISCARD enum status plan_nearest(struct sql_plan *p, struct err *e);
/* The same for a SEARCH whose q is planned, when what reads it wants the nearest rows only. *made:
 * q is to be prepared again, with the step in it. */
NODISCARD enum status plan_nearest_search(struct sql_step *search, bool *made, struct err *e);
/* Writes the condition that leaves a SELECT the rows of its step. */
NODISCARD enum status emit_nearest(struct emit *m, const struct sql_step *s, int part);
/* Value number arg of a nearest step: the query, LIMIT, OFFSET. */
NODISCARD enum status emit_nearest_arg(struct emit *m, const struct sql_step *s, int arg);

/* --- models (trace.c) ------------------------------------------------------------------------- */

/* The comma between the two arguments of a call from its bracket to its last token; -1: there are
 * not just two. */
int plan_comma_of(const struct sql_plan *p, int bracket, int last);
/* What is known of where a vector comes from. */
struct sql_origin {
    bool known; /* of which model it is */
    char model[256];
    char fingerprint[40];
    int dim;                             /* as its column is declared; 0: not known */
    const char *schema, *table, *column; /* all or none, in the plan's arena */
};
NODISCARD enum status plan_trace(
    struct sql_plan *p, int first, int last, struct sql_origin *out, struct err *e);
/* Tokens of the two sides of a distance, or of an operation on vectors; false: the node is none. */
struct sql_sides {
    int first[2], last[2];
};
bool plan_sides(const struct sql_plan *p, const struct sql_node *n, struct sql_sides *out);
/* Gives each encode_text('…') beside a vector that vector's model (function/encode_model.c). */
NODISCARD enum status plan_encode(struct sql_plan *p, struct err *e);
/* The model given to the call at a token; NULL: none. */
const char *plan_encode_model(const struct sql_plan *p, int token);
/* Compares the models of the two sides of every distance. */
NODISCARD enum status plan_check_models(struct sql_plan *p, struct err *e);
/* Of which model a column of a prepared statement is, through views, subqueries and steps. out->dim
 * 0: it is not declared, or comes from no column. */
NODISCARD enum status trace_column(
    struct sql_session *s, sqlite3_stmt *stmt, int column, struct store_column *out, struct err *e);
/* The first column of a prepared statement that a vector column of its table was made from
 * (store/columns.h), of this model before others (""); *out -1: there is none. */
NODISCARD enum status trace_picture(
    struct sql_session *s, sqlite3_stmt *stmt, const char *fingerprint, int *out, struct err *e);

#endif
