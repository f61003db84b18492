/* table.h - files of rows, read in batches of typed columns: csv and tsv, JSON (records, columns,
 * lines), Parquet, npy.
 *
 * One pattern is one or more files of the same columns, read one after the other in the natural
 * order of their names (part_2 before part_10). Several patterns are files side by side, as LAION
 * ships them: metadata_*.parquet, img_emb_*.npy and text_emb_*.npy are paired by the number in
 * their names, their rows by order, and their columns stand beside each other. Counts that differ
 * are an error, never a silent cut.
 *
 * Life: open, look at the columns, drop those not wanted, then next until a batch has no rows.
 * Memory does not grow with the file: a block of text, a page of each Parquet column.
 *
 * What a value becomes is said by its column's type, which does not change while reading. Types of
 * csv and JSON come from the first options->sample_bytes of the first file; a value further down
 * that does not fit is an error that names file, row, column and value. (Neither half the rows in
 * another type nor a second pass over 10 GB is what anybody wants; who knows better says so with
 * options->want or a larger sample.)
 *
 * Rows in errors count from 1, the header not counted. Source: RFC 4180, RFC 8259, the Parquet
 * format (github.com/apache/parquet-format), NumPy's NEP 1.
 *
 * Threads: a table belongs to one thread at a time. It may use run->threads of its own to convert
 * text.
 */
#ifndef FOVEA_TABLE_TABLE_H
#define FOVEA_TABLE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/run.h"

enum table_type { /* a column without any value is TEXT */
    TABLE_BOOL,
    TABLE_INT,
    TABLE_REAL,
    TABLE_TEXT, /* UTF-8, may hold NULs; dates and times as SQLite writes them */
    TABLE_BLOB,
    TABLE_VECTOR, /* dim floats */
    TABLE_TYPE_COUNT
};

enum table_format { /* TABLE_AUTO: by the name's end, then by the first bytes */
    TABLE_AUTO,
    TABLE_CSV,
    TABLE_TSV,
    TABLE_JSON,  /* an array of records, or an object of columns */
    TABLE_JSONL, /* records one after the other, mostly one a line */
    TABLE_PARQUET,
    TABLE_NPY,
    TABLE_FORMAT_COUNT
};

enum table_header { TABLE_HEADER_AUTO, TABLE_HEADER_YES, TABLE_HEADER_NO };

struct table_column {
    const char *name;
    enum table_type type;
    int dim;    /* of a vector; else 0. 0 too while every vector was NULL: the first one sets it */
    bool named; /* the file says the name; else it is made up: npy, csv without a header */
};

/* What a column should be. By name where the file has names, else by position: then there must be
 * as many as the file has columns. In JSON a wanted name is a column even if no record has it.
 * dim 0: whatever the first vector has. */
struct table_want {
    const char *name; /* compared without case where no column has it to the letter */
    enum table_type type;
    int dim;
    bool hex; /* BLOB of text formats: \x0102 is bytes, as PostgreSQL writes bytea; \xyz an error */
};

/* All zero is what a stranger's file wants. Borrowed for the call of table_open. */
struct table_options {
    enum table_format format;
    enum table_header header;
    char delimiter; /* 0: ',' in csv, '\t' in tsv */
    bool escapes;   /* tsv as ClickHouse's TabSeparated and PostgreSQL's COPY text: \t \n \\ … in
                       fields, quotes are text, as are empty fields of text columns; \N is NULL */
    const char *const *nulls; /* what spells NULL when unquoted, ended by NULL. NULL: nothing, \N
                                 and NULL; and null, NA, N/A, n/a, <NA>, None, nan, NaN where the
                                 column is no text */
    const struct table_want *want; /* text formats: no guessing for these columns */
    size_t want_count;
    uint64_t sample_bytes; /* 0: LIMIT_TABLE_SAMPLE_BYTES; UINT64_MAX: the whole first file */
    size_t batch_rows;     /* at most so many a batch; 0: the default */
    const char *memory;    /* not NULL: the text itself, and the one pattern is what it is called */
    size_t memory_bytes;
};

/* A value of TEXT and BLOB; not ended by a NUL. */
struct table_bytes {
    const char *data;
    size_t bytes;
};

/* The values of one column in a batch: the array of its type has one for each row. */
struct table_values {
    const uint8_t *null; /* 1: the row has no value. NULL: all rows have */
    union {
        const uint8_t *bools;
        const int64_t *ints;
        const double *reals;
        const struct table_bytes *texts; /* BLOB too */
        const float *vectors;            /* rows x dim, no gaps */
    };
};

struct table_batch {
    size_t rows;        /* 0: the end */
    uint64_t first_row; /* number of the first, from 0, over all files */
    const struct table_values
        *columns; /* one for each column; of a dropped one all NULL pointers */
};

struct table_progress {
    uint64_t rows, bytes, bytes_total; /* bytes of files read so far; of all */
    size_t files, files_total;         /* files that were opened; of all */
};

struct table;

/* Opens what the patterns name: paths or globs of * ? [a-z] {a,b} {0..9}. A single pattern that is
 * JSON text (table_is_json) is read as such. run must outlive the table; NULL is fine.
 * Errors: NOT_FOUND (no file matches; a file without its pair), INVALID (options; side by side
 * files that don't pair; another encoding), MISMATCH (want), UNSUPPORTED (codec, nested columns,
 * types; names it), CORRUPT, LIMIT, IO, DENIED, NO_MEMORY, CANCELLED. */
struct table_paths {
    const char *const *patterns;
    size_t count;
};
NODISCARD enum status table_open(const struct table_paths *paths,
    const struct table_options *options, const struct run *run, struct table **out, struct err *e);
void table_close(struct table *t); /* NULL is fine */

/* Borrowed until close. Names are unique: an "id" that is taken becomes
 * "id_4" in column 4. */
size_t table_column_count(const struct table *t);
const struct table_column *table_columns(const struct table *t);
/* Only columns with keep[i] are read from now on; before the first table_next. */
void table_keep(struct table *t, const bool *keep);

/* The next rows; what batch points to is borrowed until the next call. Reports to run ("reading",
 * bytes) and looks at its cancel. After an error every call gives it again. */
NODISCARD enum status table_next(struct table *t, struct table_batch *batch, struct err *e);
void table_get_progress(const struct table *t, struct table_progress *out);

/* Whether text is JSON rather than a path: begins with [{ or [[ or [] or {" or {}, blanks aside. */
bool table_is_json(const char *text);
const char *table_type_name(enum table_type type);       /* "integer" */
const char *table_format_name(enum table_format format); /* "csv" */
/* The format a name's end says; TABLE_AUTO when it says none. */
enum table_format table_format_of(const char *path);

#endif
