/* reader.h - what a format is to the rest of the room: a row of a table, and an open file.
 *
 * Inside table/ only. A reader is one file; table.c puts several after and beside each other.
 */
#ifndef FOVEA_TABLE_READER_H
#define FOVEA_TABLE_READER_H

#include "base/arena.h"
#include "base/team.h"
#include "table/input.h"
#include "table/table.h"

enum { TABLE_BATCH_ROWS = 16384 };

/* The first member of every format's own struct. */
struct reader {
    const struct reader_kind *kind;
    struct input in;
    struct arena arena;           /* names */
    struct table_column *columns; /* in the arena */
    size_t column_count;
    bool named;       /* the file says the names; else they are made up */
    const bool *keep; /* NULL: all */
    bool total_known; /* the file says how many rows it has: */
    uint64_t total;
    uint64_t rows;  /* given so far */
    uint64_t bytes; /* of the file, read so far */
};

struct reader_options {
    const struct table_options *table; /* format and header may have been resolved */
    const struct run *run;
    struct team *team; /* NULL: one thread */
};

struct reader_kind {
    size_t bytes; /* of the format's struct */
    /* r is zeroed but for kind, in and arena. On failure close is called. */
    enum status (*open)(struct reader *r, const struct reader_options *o, struct err *e);
    /* At most most rows; values has room for every column and is zeroed. 0 rows: the end. */
    enum status (*next)(
        struct reader *r, size_t most, struct table_values *values, size_t *rows, struct err *e);
    void (*close)(struct reader *r);
};

extern const struct reader_kind reader_csv, reader_json, reader_parquet, reader_npy;

/* Takes in over, also when it fails. format must not be AUTO. */
NODISCARD enum status reader_open(struct input *in, enum table_format format,
    const struct reader_options *o, struct reader **out, struct err *e);
void reader_close(struct reader *r); /* NULL is fine */
NODISCARD enum status reader_next(
    struct reader *r, size_t most, struct table_values *values, size_t *rows, struct err *e);
/* The format by name, else by the first bytes. */
NODISCARD enum status reader_format(const struct input *in, enum table_format *out, struct err *e);

/* Room for column_count columns; LIMIT beyond LIMIT_TABLE_COLUMNS. */
NODISCARD enum status reader_columns(struct reader *r, size_t count, struct err *e);
/* Sets a name; what is no UTF-8 is an error, "" becomes c<number>, a name
 * that is taken gets its column's number behind it. */
NODISCARD enum status reader_name(
    struct reader *r, size_t column, const char *name, size_t bytes, struct err *e);
static inline bool reader_keeps(const struct reader *r, size_t column)
{
    return r->keep == NULL || r->keep[column];
}
/* utf8_valid, quick for ASCII. */
bool reader_is_utf8(const char *s, size_t bytes);
/* The index of the column with this name, without case if need be; column_count when none. */
size_t reader_find(const struct reader *r, const char *name);

#endif
