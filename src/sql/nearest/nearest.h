/* nearest.h - a nearest-neighbour step: the rowids of a table that a SELECT in the order of a
 * distance needs, found by the vector engine.
 *
 *     SELECT … FROM t WHERE w ORDER BY cosineDistance(t.v, q) LIMIT k OFFSET o
 *  -> SELECT … FROM fovea_step_1(q, k, o, …) CROSS JOIN t NOT INDEXED
 *     WHERE t._rowid_ = fovea_rowid AND (w)
 *     ORDER BY fovea_distance LIMIT k OFFSET o
 *
 * The step's columns are hidden, so that * is the user's; rows come in their order, so that SQLite
 * has nothing to sort, and the vector is not read again. A distance by another name or with further
 * terms behind it stays in ORDER BY, as coalesce(fovea_distance, …): the step does not know it of
 * every row. With several tables in FROM, or where a rowid is named without its table, which only
 * one table in FROM allows, the step stands in WHERE:
 *
 *     … WHERE t._rowid_ IN (SELECT fovea_rowid FROM fovea_step_1(q, k, o, …)) AND (w)
 *     ORDER BY cosineDistance(t.v, q) NULLS LAST …
 *
 * The step gives the k + o nearest distinct rowids of those that survive FROM and WHERE, with all
 * ties of the last, or, when the distance is all of ORDER BY, with those of the smallest rowids;
 * with fewer that have a distance, every surviving rowid. So the query around it, which runs as
 * written, gives the same rows as without. FROM and WHERE are what the engine asks
 * about rows: as a statement that lists them, and as one that probes a row.
 */
#ifndef FOVEA_SQL_NEAREST_NEAREST_H
#define FOVEA_SQL_NEAREST_NEAREST_H

#include "sql/nearest/distance.h"
#include "sql/plan/step.h"
#include "store/vectors.h"

/* Tokens of the statement; last < first: none. */
struct nearest_span {
    int first, last;
};

/* The step's own statements. ?1 is the query, ?2 the row that is probed; the step's further
 * arguments keep their numbers. */
enum nearest_query {
    NEAREST_LIST,  /* rowids that pass */
    NEAREST_PROBE, /* a row when row ?2 passes */
    NEAREST_RANK,  /* rowids that pass, with their distances */
    NEAREST_QUERIES
};

struct nearest {
    struct sql_step *step;
    const struct sql_node *select;
    const struct sql_step *search; /* select is the q of this SEARCH; NULL: a query's own */
    int input;                     /* ... and the query vector its input of that number */
    int top_k; /* ... which the search is cut at; 0: by the LIMIT of what reads it */
    const struct sql_distance *distance;
    struct nearest_span args[NEAREST_ARGS];
    struct nearest_span from, where, columns;
    char *row;    /* "x"."_rowid_" */
    char *vector; /* "x"."v" */
    char *schema, *table, *column;
    bool filtered; /* not every row passes */
    bool joined;   /* it stands in FROM */
    bool ordered;  /* and gives the order: rows come in that of their distances */
    bool aliases;  /* WHERE names result columns */
    bool cut;      /* ORDER BY is the distance alone: of the last's ties a few are enough */
    bool correlated;
    char *text[NEAREST_QUERIES];
    sqlite3_stmt *stmt[NEAREST_QUERIES];
    struct vec_answer answer; /* its memory is used again */
    bool warm;                /* store_vectors_get has made what it makes once */
};

/* Has the vector engine make what a first search makes, outside of a running statement. */
NODISCARD enum status nearest_warm(struct nearest *n, struct err *e);
void nearest_finalize(struct nearest *n); /* its statements */
void nearest_close(struct nearest *n);    /* NULL is fine */
/* What of it is written into the text. */
enum nearest_part { NEAREST_CONDITION, NEAREST_TABLE };
/* The numbers of its first arguments. */
enum { NEAREST_ARG_QUERY, NEAREST_ARG_LIMIT, NEAREST_ARG_OFFSET };

extern const struct sql_statement statement_nearest;

#endif
