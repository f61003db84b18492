/* nearest_shape.h - what a SELECT in the order of a distance is made of, and whether it can have a
 * nearest-neighbour step; inside nearest.c only. */
#ifndef FOVEA_SQL_NEAREST_NEAREST_SHAPE_H
#define FOVEA_SQL_NEAREST_NEAREST_SHAPE_H

#include "sql/nearest/nearest.h"
#include "sql/plan/plan.h"

/* A table in FROM. */
struct shape_source {
    const struct sql_node *node;
    const char *name;  /* its alias, else the table's */
    const char *table; /* as FROM names it */
    int name_last;     /* the last token of both */
    bool indexed;
};

struct shape {
    struct sql_plan *plan;
    const struct sql_node *select;
    const struct sql_distance *distance;
    struct nearest_span sides[2], query, from, where, columns;
    int order_last; /* the last token of ORDER BY's first term */
    bool descending, nulls_first, nulls_last;
    bool alone;               /* it is all of ORDER BY */
    struct nearest_span term; /* of ORDER BY: the distance itself, not a name for it; else empty */
    struct shape_source source;
    char *schema, *table, *column; /* of the vectors */
    bool filtered, nested;
    bool names_rowid;              /* of one of the tables, without it */
    const struct sql_step *search; /* select is its q; NULL: a query's own */
    int input;                     /* ... in the order of this input's score */
    int top_k;                     /* ... which the search itself is cut at; 0: it isn't */
    const struct sql_node
        *ordered; /* whose ORDER BY and LIMIT count: select, or what reads a SEARCH */
};

/* The next token of that kind outside of brackets, from first on; last + 1: none. */
int shape_find(const struct sql_plan *p, int kind, int first, int last);
/* Does ORDER BY begin with a distance? Fills the order's part. */
bool shape_read_order(struct sql_plan *p, const struct sql_node *select, struct shape *out);
/* Is the SEARCH cut at top_k by its one score, or read by a SELECT in the descending order of one
 * of its scores, with LIMIT? Its q is planned; the shape is that of q. */
bool shape_read_search(const struct sql_step *search, struct shape *out);
/* The rest. *why: what stands against a step; NULL: nothing. */
NODISCARD enum status shape_read(struct shape *s, const char **why, struct err *e);

#endif
