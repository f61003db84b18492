/* cells.h - values as text, by row and column, and how they become typed columns.
 *
 * csv.c and json.c cut a block of text into cells without looking at what they mean; here types
 * are guessed from them and they are converted, by several threads over ranges of rows. A cell
 * points into the block; converting text may rewrite the block in place (doubled quotes, escapes).
 *
 * Guessing: each value rules out types, in the order boolean, integer, number, vector, text. A
 * column whose values are all arrays of one length is a vector. Text stays what could be a number
 * but means something else: a leading zero or plus, an integer beyond 64 bits. A column with no
 * value is text.
 */
#ifndef FOVEA_TABLE_CELLS_H
#define FOVEA_TABLE_CELLS_H

#include <stdatomic.h>

#include "table/reader.h"

enum cell_kind {
    CELL_NULL,
    CELL_BARE,    /* csv, no quotes */
    CELL_QUOTED,  /* csv, between its quotes */
    CELL_DOUBLED, /* the same with doubled quotes inside */
    CELL_SLASHED, /* tsv, with backslashes inside */
    CELL_NUMBER,  /* JSON */
    CELL_BOOL,    /* true or false */
    CELL_STRING,  /* between its quotes */
    CELL_ESCAPED, /* the same with backslashes */
    CELL_NESTED,  /* an array or object, its text */
    CELL_KIND_COUNT
};

struct cell {
    char *data;
    uint32_t bytes;
    enum cell_kind kind;
};

struct cells_column { /* the memory of a column's values */
    void *data;
    size_t data_bytes;
    uint8_t *null;
    size_t null_bytes;
    atomic_bool any_null;
    uint32_t could; /* guessing: types not ruled out yet, a bit each */
    int dim;
    bool seen, given; /* a value was seen; the type is the caller's */
    bool hex;         /* \x0102 is bytes */
};

struct cells {
    struct reader *r;
    const char *const *nulls; /* borrowed of the caller's options */
    bool escapes;             /* tsv with backslashes: of text only \N is NULL */
    struct team *team;
    struct cell *at; /* rows x r->column_count */
    size_t rows, capacity;
    struct cells_column *columns;
};

/* For r->column_count columns; it may become smaller, not larger. */
NODISCARD enum status cells_init(
    struct cells *c, struct reader *r, const struct reader_options *o, struct err *e);
void cells_deinit(struct cells *c);
/* The cells of row c->rows, to be filled; the caller counts c->rows up. NULL: out of memory. */
struct cell *cells_row(struct cells *c, struct err *e);

/* The types that o->want gives, by name or position; MISMATCH when there are not as many. */
NODISCARD enum status cells_want(
    struct cells *c, const struct table_want *want, size_t count, struct err *e);
void cells_guess_value(struct cells *c, size_t column, const struct cell *x);
void cells_guess(struct cells *c);     /* from the rows there are */
void cells_guess_end(struct cells *c); /* sets the reader's columns */
/* What the value could be but text: a bit per type, and the length when it is a vector. */
uint32_t cell_could_be(const struct cell *x, int *dim);
size_t cell_undouble(char *s, size_t bytes); /* "" becomes " in place; the bytes left */
size_t cell_unslash(char *s, size_t bytes);  /* \t, \n, \x41, … become themselves in place */
bool cell_is_null(const struct cells *c, const struct cell *x, bool typed);

/* So many rows keep a batch of vectors within memory. */
size_t cells_rows_max(const struct cells *c);
/* The rows there are; first is the number of the first one. */
NODISCARD enum status cells_convert(
    struct cells *c, uint64_t first, struct table_values *values, struct err *e);

#endif
