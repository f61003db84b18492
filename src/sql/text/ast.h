/* ast.h - what the grammar keeps of a statement: the places that are rewritten, and our statements.
 *
 * Positions are token numbers of the scan, [first, last] inclusive; texts are found through the
 * tokens. Everything lies in the statement's arena.
 */
#ifndef FOVEA_SQL_TEXT_AST_H
#define FOVEA_SQL_TEXT_AST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "sql/text/scan.h"

/* A value in a header: 'text', name, 3, -0.5, ?, [list]. True, False and None are names here. */
enum sql_literal_kind {
    LITERAL_NAME,
    LITERAL_TEXT,
    LITERAL_NUMBER,
    LITERAL_PARAMETER,
    LITERAL_LIST
};

struct sql_literal {
    enum sql_literal_kind kind;
    int first, last;
    char *text;                /* NAME, TEXT decoded; NUMBER as written */
    struct sql_literal *items; /* LIST: the first */
    struct sql_literal *next, *tail;
    int count;     /* LIST */
    int parameter; /* PARAMETER: its number in the statement */
};

struct sql_option_ast {
    int name; /* token */
    struct sql_literal *value;
    struct sql_option_ast *next, *tail;
};

/* What stands in a header; 0 or NULL where nothing does. */
struct sql_step_parts {
    int media;                 /* token of IMAGE, AUDIO, VIDEO, TEXT, KEYWORD; behind LIST of
                                * MODEL, TABLE, DATASET, TUTORIAL */
    bool thanosql;             /* LIST THANOSQL … */
    struct sql_literal *name;  /* FUNCTION module.func; BUILD and FIT MODEL name */
    struct sql_literal *model; /* USING */
    struct sql_option_ast *options;
    struct sql_option_ast *search; /* text='…' of SEARCH IMAGE */
    struct sql_literal *input;     /* FROM input, of FUNCTION and CREATE TABLE */
};

enum sql_node_kind {
    NODE_OPERATOR,
    NODE_CALL,
    NODE_SELECT,
    NODE_FROM,
    NODE_SOURCE,
    NODE_WITH,
    NODE_CTE,
    NODE_STEP,
    NODE_TABLE_STEP,
    NODE_ARITHMETIC, /* + - * /, where one may be of vectors */
    NODE_FORM        /* of another dialect: dialect/forms.h */
};

enum sql_vector { VECTOR_UNKNOWN, VECTOR_NO, VECTOR_YES };

struct sql_step; /* step.h */

/* Where a SELECT's clauses begin: their words' tokens, 0 for none. */
struct sql_clauses {
    int where, group, having, window, order, limit;
    int limit_by; /* LIMIT n BY: the BY; limit is that LIMIT then */
};

struct sql_node {
    enum sql_node_kind kind;
    int first, last;
    int at; /* OPERATOR: its token; CALL: its bracket; STEP: its first word; SOURCE: its alias, 0:
             * none */
    int depth;              /* OPERATOR, FORM: those over the same first token */
    int form;               /* FORM: enum sql_form */
    enum sql_vector vector; /* ARITHMETIC: are its operands vectors? */
    bool query;             /* TABLE_STEP: in the place of a SELECT, not of a table */
    bool more;              /* ARITHMETIC: of a longer row of them the last that is noted */
    struct sql_node
        *inner; /* SELECT: its FROM; CTE: its WITH; TABLE_STEP: its STEP; STEP: a step that is q */
    struct sql_node *same;       /* the next shorter node that begins at the same token */
    struct sql_node *next;       /* in the order they were found */
    struct sql_step_parts parts; /* STEP */
    int query_first, query_last; /* STEP: q without its brackets; -1: it has none */
    struct sql_step *built;      /* STEP: by the plan, once */
    struct sql_clauses clauses;  /* SELECT */
    bool indexed;                /* SOURCE: INDEXED BY or NOT INDEXED is written */
};

/* WITH expression AS name: in its scope the name means the expression. */
struct sql_alias_ast {
    struct sql_alias_ast *next;
    int name;        /* token */
    int first, last; /* the expression */
    int with;        /* token of its WITH */
    int scope_first, scope_last;
};

/* A result column that is an expression: its first token + 1, and its name's token, 0 for none. */
struct sql_result_ast {
    int first, alias;
};

struct sql_ast {
    const struct sql_scan *scan;
    struct arena *arena;
    int at; /* the token being fed */
    struct sql_node *nodes, *nodes_last;
    struct sql_node **heads; /* by token: the longest node that begins there */
    int *result_first; /* by last token: first token + 1 of a result column to be named, else 0 */
    struct sql_result_ast *results; /* by last token: a result column that is an expression */
    int rewritten_last;             /* what is rewritten and was met last, -1 */
    struct sql_node *ctes[64];      /* not yet owned by a WITH */
    int cte_count;
    struct sql_node *top;          /* the statement is this step */
    struct sql_node *print;        /* or PRINT, of whose STEP node only q runs */
    struct sql_node *create_using; /* or this one, a STEP node with parts.input or q */
    int create_as_first; /* CREATE TABLE name AS: first token of the SELECT, 0 when it is none */
    int create_name;     /* token of the table's name */
    struct sql_alias_ast *aliases;
    int forms;           /* FORM nodes */
    int operations;      /* ARITHMETIC nodes */
    const char *body_of; /* "a view", "a trigger": steps can't stand here */
    bool explain, explain_query_plan, writes_rows;
    /* The query of the step whose header ended last. */
    int query_first, query_last;
    struct sql_node *query_step;
    struct err error; /* with its offset in the text */
};

/* Parses the scan's tokens. Errors: SYNTAX (with the place), LIMIT, NO_MEMORY. */
NODISCARD enum status sql_ast_parse(
    const struct sql_scan *scan, struct arena *arena, struct sql_ast *out, struct err *e);
enum { SQL_KINDS_MAX = 256 }; /* TK_... are below it */

/* The kinds of token that may stand at a token, by kind. Errors: NO_MEMORY, SYNTAX (the statement
 * doesn't get that far). */
NODISCARD enum status sql_ast_expected(
    const struct sql_scan *scan, int token, bool out[SQL_KINDS_MAX]);
/* The token that the grammar refuses; -1: none. */
int sql_ast_refused(const struct sql_scan *scan);

/* The longest STEP, TABLE_STEP, OPERATOR or FORM node that begins at token first and ends at or
 * before last. */
struct sql_node *sql_ast_find(const struct sql_ast *p, int first, int last);

/* What a step calls itself in words: "SEARCH IMAGE", "LIST THANOSQL MODEL", "FUNCTION a.b". */
void sql_ast_step_name(
    const struct sql_ast *p, const struct sql_node *step, char *out, size_t bytes);

/* The innermost SELECT with a FROM around the tokens; NULL: there is none. */
const struct sql_node *sql_ast_select_around(const struct sql_ast *p, int first, int last);
/* The name or string of a token without its quotes, in the arena; NULL when memory is out. */
char *sql_ast_text(struct sql_ast *p, int token);

/* For the grammar's actions. */
void sql_ast_overflow(struct sql_ast *p);
void sql_ast_refuse(struct sql_ast *p, int token);
void sql_ast_top_step(struct sql_ast *p, struct sql_node *step);
void sql_ast_create_as(struct sql_ast *p, int name, int select);
void sql_ast_print(struct sql_ast *p, struct sql_node *print);
void sql_ast_create_using(struct sql_ast *p, int first, int name, struct sql_node *step);
/* A step over the query that was read last, and one that has none. */
struct sql_node *sql_ast_step(struct sql_ast *p, int first, struct sql_step_parts parts);
struct sql_node *sql_ast_source_step(struct sql_ast *p, int first, struct sql_step_parts parts);
void sql_ast_query(struct sql_ast *p, int first, struct sql_node *step);
void sql_ast_table_step(struct sql_ast *p, int first, struct sql_node *step);
/* The same where a SELECT could stand. */
void sql_ast_query_step(struct sql_ast *p, int first, struct sql_node *step);
struct sql_literal *sql_ast_literal(struct sql_ast *p, int first, int last);
struct sql_literal *sql_ast_list(struct sql_ast *p, int first, struct sql_literal *items);
struct sql_literal *sql_ast_literal_join(struct sql_literal *list, struct sql_literal *more);
struct sql_option_ast *sql_ast_option(struct sql_ast *p, int name, struct sql_literal *value);
struct sql_option_ast *sql_ast_option_join(
    struct sql_option_ast *list, struct sql_option_ast *more);
void sql_ast_with(struct sql_ast *p, int first, int ctes);
void sql_ast_cte(struct sql_ast *p, int first);
void sql_ast_select(struct sql_ast *p, int first, int from);
int sql_ast_from(struct sql_ast *p, int first);
void sql_ast_clauses(struct sql_ast *p, int select, struct sql_clauses clauses);
void sql_ast_source(struct sql_ast *p, int name, int alias, bool indexed);
void sql_ast_operator(struct sql_ast *p, int first, int at);
void sql_ast_string(struct sql_ast *p, int at);
void sql_ast_result(struct sql_ast *p, int first, int named);
void sql_ast_call(struct sql_ast *p, int first, int bracket);
void sql_ast_arithmetic(struct sql_ast *p, int first, int at);
void sql_ast_form(struct sql_ast *p, int form, int first, int at);
/* expression AS name behind WITH, and the end of what they are for. */
void sql_ast_alias(struct sql_ast *p, int first, int as, int name);
void sql_ast_alias_scope(struct sql_ast *p, int with);

#endif
