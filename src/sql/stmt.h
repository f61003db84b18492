/* stmt.h - a prepared statement inside this room. */
#ifndef FOVEA_SQL_STMT_H
#define FOVEA_SQL_STMT_H

#include "sql/internal.h"
#include "sql/plan/after.h"
#include "sql/plan/parameters.h"
#include "sql/text/rewrite.h"

struct sql_analysis;
struct sql_command;
struct sql_plan;
struct sql_spool;

enum stmt_vector { STMT_VECTOR_UNKNOWN, STMT_VECTOR_NO, STMT_VECTOR_YES };

/* A text that was written otherwise, and how. */
struct stmt_moved {
    struct stmt_moved *next; /* what that text was made of */
    struct rewrite how;
    char *source;
};

struct sql_stmt {
    struct sql_session *session;
    sqlite3_stmt *plain;   /* SQLite runs the text as written; NULL when there is a plan */
    struct sql_plan *plan; /* owns its statement */
    struct arena arena;    /* of parameters */
    struct sql_parameters parameters; /* of plain, where SQLite can't tell their names */
    struct sql_command *command;      /* it does this and has no rows; plain and plan are NULL */
    struct sql_analysis *analysis;    /* EXPLAIN ANALYZE: its rows are plain's */
    struct sql_spool *spool;          /* the rows of a plan that was saved, while they are shown */
    const char *format;               /* FORMAT at its end; NULL: none */
    char *text;                       /* as written, NUL-terminated; the plan points into it */
    int text_bytes;
    struct stmt_moved *moved; /* from the plan's text to the user's; NULL: they are the same */
    struct sql_after after;   /* SQL of the same transaction */
    char *vectors;            /* by column: enum stmt_vector, found out when asked for */
    char **types;             /* by column: its declared type without quotes, once asked for */
    int type_count;
    sqlite3_stmt *rows; /* has the current row, which has `columns`; NULL: there is none */
    int columns;
    int anew;  /* how often SQLite had prepared it anew when vectors and types were found out */
    char *key; /* the text it was prepared from, when it may be kept (kept.h) */
    size_t key_bytes;
    struct sql_stmt *next_kept;
    unsigned version; /* of the data, before it was planned */
    bool taken;       /* from those that were kept: the data may be newer than the plan */
    unsigned holds;  /* of its text, and of what that was translated to (text/scan.h) */
    bool data;       /* a query, or a write of rows: neither schema nor settings change */
    bool translated; /* prepared from what dialect/translate.h wrote */
    bool hangs;      /* kept only for this version of the schema (kept.h) */
    int schema;
    bool started; /* between its first step and its end */
    bool done;    /* has run to its end */
};

/* What is prepared, bound and described: never the spool. */
sqlite3_stmt *stmt_prepared(const struct sql_stmt *st);
/* What sql_finalize does with one that isn't kept. */
void stmt_free(struct sql_stmt *st);

#endif
