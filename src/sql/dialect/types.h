/* types.h - column types of ClickHouse and PostgreSQL, and what SQLite is told instead.
 *
 * SQLite knows a column by its affinity, which it finds by searching the type's text: String would
 * be a number, Array(Float32) a real. So a type is written as its affinity and, quoted behind it,
 * what the user wrote: TEXT "String", BLOB "Array(Float32)". SQLite reads both as one type name,
 * keeps it in the schema, and dialect_type_text gives the user's part back.
 */
#ifndef FOVEA_SQL_DIALECT_TYPES_H
#define FOVEA_SQL_DIALECT_TYPES_H

#include "base/buf.h"
#include "sql/statement/ddl.h"

struct dialect_type {
    const char *affinity; /* "INTEGER", "REAL", "NUMERIC", "TEXT", "BLOB" */
    const char *fallback; /* ClickHouse: what stands for no value, as SQL; NULL: NULL does */
    bool vector;          /* a BLOB of f32 */
    bool sparse;          /* sparsevec: a text */
    int dim;              /* of either; 0: not said */
    bool serial;          /* PostgreSQL's counter: the rowid */
    bool nullable;        /* Nullable(T) */
    int first, last;      /* its tokens */
};

/* Does the type at a token mean another thing to SQLite, or nothing? */
bool dialect_type_is_foreign(const struct sql_scan *scan, int at);
/* Reads a type. Errors: SYNTAX, NOT_FOUND (unknown; says what it is near to), UNSUPPORTED. */
NODISCARD enum status dialect_type_read(struct ddl *d, struct dialect_type *out, struct err *e);
/* Appends what SQLite is told. */
void dialect_type_write(const struct sql_scan *scan, const struct dialect_type *t, struct buf *out);

/* " CONSTRAINT … CHECK(…)" of a vector column; dim 0: not known. */
void dialect_vector_check(struct buf *sql, const char *name, int dim);

/* The same of a sparsevec column, whose text is told by its braces and its dimensions. */
void dialect_sparse_check(struct buf *sql, const char *name, int dim);

/* The type as the user wrote it, from SQLite's text of it (which is given back when it is SQLite's
 * own). NULL gives "". */
void dialect_type_text(const char *declared, struct buf *out);
/* Is the declared type that of a vector? *dim: 0 when the type does not say. */
bool dialect_type_is_vector(const char *declared, int *dim);
/* Is it halfvec's, whose numbers are those that half precision has? */
bool dialect_type_is_half(const char *declared);

#endif
