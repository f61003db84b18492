/* format.h - rows on their way out: as a box for a person, as TSV, CSV or JSON for a program.
 *
 * A format is a row of a table. Rows leave as they come, except the box, which measures its columns
 * over up to BOX_ROWS rows and draws a box for each such stretch. docs/cli.md says every form to
 * the byte.
 */
#ifndef FOVEA_CLI_FORMAT_H
#define FOVEA_CLI_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

enum cell_kind { CELL_NULL, CELL_INTEGER, CELL_FLOAT, CELL_TEXT, CELL_BLOB, CELL_VECTOR };

struct cell {
    enum cell_kind kind;
    int64_t integer;
    double number;
    int decimals; /* of a float: 0 the shortest text that reads back the same, else so many (a box:
                     3 at most) */
    const char *data; /* text, blob, vector (little-endian f32); borrowed for the call */
    size_t bytes;
};

enum { BOX_ROWS = 1000, BOX_DECIMALS = 3 };

struct output;

struct format {
    const char *name;
    void (*begin)(struct output *o);
    void (*row)(struct output *o, const struct cell *cells);
    void (*end)(struct output *o);
};

extern const struct format format_box, format_tsv, format_csv, format_json;
/* NULL for a name that is none. */
const struct format *format_find(const char *name);

struct output {
    FILE *file;
    struct buf *held; /* when not NULL, bytes wait here instead of going to file */
    const struct format *how;
    size_t width; /* columns of the terminal, for the box; 0: no limit */
    bool color;   /* the box may use escape sequences */

    int columns;
    const char **names; /* in names_arena */
    int64_t rows;
    struct buf line;
    struct arena names_arena;
    struct arena box_arena; /* the texts of the rows in the box */
    char ***box;            /* box[row][column], in box_arena */
    size_t box_rows;
    bool *box_right; /* the column holds only numbers so far */
    bool failed;     /* memory ran out */
};

void output_init(struct output *o, FILE *file, const struct format *how);
void output_deinit(struct output *o);
/* One result after another may go through an output: begin, rows, end. names are copied. */
void output_begin(struct output *o, const char *const *names, int columns);
void output_row(struct output *o, const struct cell *cells);
void output_end(struct output *o);
/* What went wrong since init: NO_MEMORY, or IO when the file refused bytes (ends the lot). */
NODISCARD enum status output_check(struct output *o, struct err *e);

/* For the formats: o->line goes out and is empty again. */
void output_write_line(struct output *o);

/* Appends a value's text: numbers, x'0a', [0.5,-1]; text raw; nothing for NULL. */
void cell_add_text(struct buf *out, const struct cell *c);
/* The shortest decimal text that reads back as the same double (or float). */
void format_add_double(struct buf *out, double d);
void format_add_float(struct buf *out, float f);

#endif
