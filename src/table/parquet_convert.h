/* parquet_convert.h - physical values of Parquet to the types of a table.
 *
 * Dates, times and timestamps become the text SQLite's date functions read: 2024-02-29,
 * 12:30:00, 2024-02-29 12:30:00, with 3, 6 or 9 digits of a second where they are not zero, and
 * +00:00 behind a timestamp that is marked as UTC. DECIMAL is an integer when it has no scale and
 * fits, a number when a double holds its digits (15), and else text. Half floats are numbers, UUIDs
 * text, byte arrays without a meaning blobs. An unsigned 64-bit value beyond 2^63 is an error.
 */
#ifndef FOVEA_TABLE_PARQUET_CONVERT_H
#define FOVEA_TABLE_PARQUET_CONVERT_H

#include "table/parquet_meta.h"

enum { PARQUET_TEXT_BYTES = 64 };

/* The type of a column that is no list. Errors: UNSUPPORTED. */
NODISCARD enum status parquet_type(const struct reader *r, size_t column,
    const struct parquet_leaf *leaf, enum table_type *out, struct err *e);

struct parquet_convert {
    const struct parquet_leaf *leaf;
    enum table_type type;
    const void *staging; /* the values that are there */
    const uint8_t *null; /* NULL: all are */
    void *out;
    char *text; /* rows x PARQUET_TEXT_BYTES */
    size_t rows;
};

/* Fills out. The row that does not fit; rows when all do. */
size_t parquet_convert(const struct parquet_convert *c);
/* Whether a column's values need room for text. */
bool parquet_makes_text(const struct parquet_leaf *leaf, enum table_type type);

#endif
