/* parquet_page.h - one column chunk as a stream of pages: heads, decompression, levels, values.
 *
 * Rows of flat columns are taken from the current page only, so what they point to holds until the
 * next page is loaded. Rows of lists may go over several pages; their floats are copied out.
 */
#ifndef FOVEA_TABLE_PARQUET_PAGE_H
#define FOVEA_TABLE_PARQUET_PAGE_H

#include "table/parquet_values.h"

enum { PARQUET_LEVELS = 1024 };

struct parquet_cursor {
    const struct reader *r; /* for words */
    size_t column;
    const struct parquet_leaf *leaf;
    const struct parquet_chunk *chunk;
    struct window window;
    uint64_t values_left; /* of the chunk, in pages not loaded */
    size_t page_left;     /* values of the page, NULLs counted */
    uint8_t *page;        /* decompressed; NULL where pages lie open */
    size_t page_room;
    uint8_t *dictionary_page;
    struct parquet_dictionary dictionary;
    struct rle def, rep;
    struct parquet_values values;
    uint32_t def_level[PARQUET_LEVELS], rep_level[PARQUET_LEVELS]; /* of lists, ahead of rows */
    size_t level_count, level_at;
    /* what rows become */
    void *staging; /* physical values */
    uint8_t *null;
    void *out;
    char *text; /* PARQUET_TEXT_BYTES a row, of dates and their like */
    size_t room;
    bool any_null;
};

struct parquet_list { /* rows of a list column, in and out */
    size_t rows;
    int dim;
    float *out; /* NULL: only counted */
    uint8_t *null;
    int length; /* of the last list that was no NULL */
};

/* Starts a chunk; memory of an earlier one is kept. c->r, column and leaf are set. */
NODISCARD enum status parquet_cursor_start(
    struct parquet_cursor *c, const struct parquet_chunk *chunk, struct err *e);
void parquet_cursor_deinit(struct parquet_cursor *c);
/* Loads pages until one has values; page_left 0: the chunk is at its end. */
NODISCARD enum status parquet_cursor_load(struct parquet_cursor *c, struct err *e);
/* rows <= page_left of a flat column: null[] and the values that are there, in staging. */
NODISCARD enum status parquet_cursor_rows(
    struct parquet_cursor *c, size_t rows, size_t *present, struct err *e);
NODISCARD enum status parquet_cursor_lists(
    struct parquet_cursor *c, struct parquet_list *l, struct err *e);
/* CORRUPT, naming file and column. */
enum status parquet_wrong(const struct parquet_cursor *c, const char *what, struct err *e);

#endif
