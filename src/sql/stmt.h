/* stmt.h - a prepared statement inside this room. */
#ifndef FOVEA_SQL_STMT_H
#define FOVEA_SQL_STMT_H

#include "sql/internal.h"

struct sql_plan;

struct sql_stmt {
    struct sql_session *session;
    sqlite3_stmt *rows;      /* whose rows and columns are seen; the plan's when there is one, else own */
    char *text;              /* the statement as written, NUL-terminated */
    struct sql_plan *plan;   /* NULL: SQLite runs the text as written */
    struct sql_after *after; /* what must be done once it has run (declared.c), or NULL */
    bool *vectors;           /* by column: declared to hold vectors; NULL: none is */
    bool started;            /* between its first step and its end */
    bool row;                /* columns can be read */
};

#endif
