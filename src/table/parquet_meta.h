/* parquet_meta.h - the footer of a Parquet file: columns and where their bytes are.
 *
 * A file is "PAR1", the column chunks' pages, the footer (FileMetaData in Thrift), its length
 * (u32), "PAR1". The schema is a tree written depth first; levels (parquet-format, "Nested
 * Encoding") say which optional and repeated ancestors of a value are there.
 */
#ifndef FOVEA_TABLE_PARQUET_META_H
#define FOVEA_TABLE_PARQUET_META_H

#include "table/reader.h"
#include "table/thrift.h"

enum parquet_physical {
    PARQUET_BOOLEAN,
    PARQUET_INT32,
    PARQUET_INT64,
    PARQUET_INT96,
    PARQUET_FLOAT,
    PARQUET_DOUBLE,
    PARQUET_BYTE_ARRAY,
    PARQUET_FIXED,
    PARQUET_PHYSICAL_COUNT
};

enum parquet_logical { /* what the bytes mean, of LogicalType and the older ConvertedType */
    PARQUET_PLAIN,
    PARQUET_STRING,
    PARQUET_DECIMAL,
    PARQUET_DATE,
    PARQUET_TIME,
    PARQUET_TIMESTAMP,
    PARQUET_UNSIGNED,
    PARQUET_UUID,
    PARQUET_HALF,
    PARQUET_LIST,
    PARQUET_NOTHING,
    PARQUET_OTHER
};

struct parquet_leaf {
    enum parquet_physical physical;
    enum parquet_logical logical;
    int width;            /* of FIXED */
    int scale, precision; /* of DECIMAL */
    int digits;           /* 3, 6, 9: of a second, in TIME and TIMESTAMP */
    bool utc;
    int def_max, rep_max;
    int def_list;       /* of a vector: the definition level of an empty list */
    size_t index;       /* of the chunk in a row group */
    const char *nested; /* why it can't be read, or NULL */
};

struct parquet_chunk {
    int codec;
    enum parquet_physical physical;
    uint64_t at, bytes; /* of its pages */
    uint64_t values;
    bool there; /* the footer has it */
};

struct parquet_group {
    uint64_t rows;
    struct parquet_chunk *chunks; /* one for each leaf of the schema */
};

struct parquet_meta {
    struct parquet_leaf *leaves; /* one for each column of the reader */
    struct parquet_group *groups;
    size_t group_count, leaf_count; /* leaves of the schema, read or not */
    uint64_t rows;
};

/* Reads the footer and makes r's columns (names; the types are parquet_convert's). In r's arena. */
NODISCARD enum status parquet_meta_read(struct reader *r, struct parquet_meta *out, struct err *e);

#endif
