/* statement.h - the kinds of our statements, one row each. */
#ifndef FOVEA_SQL_STATEMENT_STATEMENT_H
#define FOVEA_SQL_STATEMENT_STATEMENT_H

#include "sql/plan/step.h"

struct sql_save;

struct sql_statement {
    const char *name;     /* "SEARCH IMAGE" */
    int token;            /* its first word: TK_... */
    int media;            /* the kind of parts.media: TK_IMAGE, TK_MODEL, …; 0: it has none */
    bool thanosql;        /* LIST THANOSQL … */
    const char *function; /* FUNCTION: "module.name"; else NULL */
    const struct sql_option *options;
    int option_count;
    bool no_model; /* it has no USING, or USING names no model that is opened */
    /* The SELECT it reads, of a header without q. NULL: it always has one. */
    enum status (*source)(struct sql_step *s, struct buf *sql, struct err *e);
    const sqlite3_module *module; /* NULL: step_module */
    /* q is prepared: choose what is computed from what, add columns. */
    enum status (*plan)(struct sql_step *s, struct err *e);
    /* Before the first row of a run: arguments are there. NULL: nothing to do. */
    enum status (*open)(struct step_run *r, struct err *e);
    /* Fills the cells of r->count rows. */
    enum status (*compute)(struct step_run *r, struct err *e);
    /* A kind that gathers: q has gone by, it makes its own rows (step_run_rows). NULL: each row of
     * q is a row. */
    enum status (*finish)(struct step_run *r, struct err *e);
    /* Frees r->state. */
    void (*close)(struct step_run *r);
    /* In how many ways its columns are called; plan chooses s->shape where it is -1. 0: one. */
    int shapes;
    /* One line for EXPLAIN. */
    void (*describe)(const struct sql_step *s, struct buf *out);
};

/* The row of a step's header (statement/kinds.c). Errors: UNSUPPORTED, with the place. */
NODISCARD enum status sql_statement_find(const struct sql_ast *p, const struct sql_node *step,
    const struct sql_statement **out, struct err *e);

extern const struct sql_statement statement_search_image;

/* The table's rows, one after another; NULL behind the last. */
const struct sql_statement *sql_statement_at(int i);

/* --- shared by the kinds (pictures.c) --------------------------------------------------------- */

/* Opens the model of USING, checks it, fills label; the failure lies at its name. */
NODISCARD enum status step_take_model(struct sql_step *s, struct err *e);
/* "<label>_<base>" and a type that says what it is, in the plan's arena. */
NODISCARD char *step_vector_name(struct sql_step *s);
/* CLIP was called CLIPEn once: the name it has or had in the other's columns. */
NODISCARD char *step_other_vector_name(struct sql_step *s);
NODISCARD char *step_vector_type(struct sql_step *s);
/* What a column of this model's vectors is declared as. */
struct store_column step_declaration(const struct sql_step *s);
/* SELECT image_path of the files behind FROM; options file_type and path_type. */
NODISCARD enum status step_source_files(struct sql_step *s, struct buf *sql, struct err *e);
/* Chooses q's column with paths or pictures: the one that vectors of its table were made from, else
 * the first of image_path, image, path. *out -1: none. */
NODISCARD enum status step_find_pictures(const struct sql_step *s, int *out, struct err *e);
/* The pictures of the batch's rows to r->vectors; the cells of computed column 0 when fill. */
NODISCARD enum status step_embed_pictures(struct step_run *r, bool *have, struct err *e);

#endif
