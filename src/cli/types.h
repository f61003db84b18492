/* types.h - what a column's type is called in ClickHouse's forms: as it was declared, where its
 * values are of that type, else as its values are. */
#ifndef FOVEA_CLI_TYPES_H
#define FOVEA_CLI_TYPES_H

#include "cli/cell.h"

/* What is known of a column. */
struct column_type {
    const char *declared; /* as the user wrote it, NULL or "": not at all */
    unsigned seen;        /* kinds of its values, 1 << enum cell_kind each */
    bool unseen;          /* there are values that were not looked at */
};

/* Appends Int64, Float32, Nullable(String), Array(Float32), … A type of ClickHouse's stays as
 * written; others are mapped as SQLite reads them (INT: Int64; CHAR, CLOB, TEXT: String; REAL,
 * FLOA, DOUB: Float64; vector(n): Array(Float32)). Values that don't fit rule over the declaration.
 * NULL makes it Nullable, where ClickHouse allows that, and so does being unseen without a
 * declaration of ClickHouse's. */
void type_add(struct buf *out, const struct column_type *t);
/* Declared as Float32; as Bool. Nullable(…) and LowCardinality(…) around it are looked through. */
bool type_is_single(const char *declared);
bool type_is_truth(const char *declared);

#endif
