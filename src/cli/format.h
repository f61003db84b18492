/* format.h - rows on their way out: drawn for a person, or as lines and JSON for a program.
 *
 * A format is a row of a table. Rows leave as they come, except from those that measure columns
 * over up to BOX_ROWS rows and draw each such stretch, and from those that name the columns' types
 * ahead of the rows: they hold up to HELD_BYTES of them. docs/cli.md says every form to the byte.
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
#include "cli/cell.h"

enum { BOX_ROWS = 1000, BOX_DECIMALS = 3, HELD_BYTES = 16 << 20 };

struct output;

struct format {
    const char *name;
    void (*begin)(struct output *o);
    void (*row)(struct output *o, const struct cell *cells);
    void (*end)(struct output *o);
    const void *style; /* of the functions that serve several rows of the table */
    bool drawn;        /* for a person: a footer may follow, pictures may stand below */
};

extern const struct format format_box, format_tsv, format_csv, format_json;
extern const struct format format_click_tab, format_click_tab_names, format_click_tab_types,
    format_click_csv, format_click_csv_names, format_click_vertical, format_click_null;
extern const struct format format_click_json, format_click_json_compact, format_click_json_rows;
extern const struct format format_click_pretty, format_click_pretty_compact;

/* All of them; NULL behind the last. */
extern const struct format *const formats[];
/* By name or one of ClickHouse's other names. The exact name first (csv and CSV are two), then in
 * any case. NULL for a name that is none. */
const struct format *format_find(const char *name);

/* How a person wants rows to look; zeroed: as the format has it. */
struct output_look {
    const char *null_text; /* for NULL where people read and in tsv and csv; NULL: the form's own */
    enum { HEADERS_DEFAULT, HEADERS_ON, HEADERS_OFF } headers; /* of box, tsv and csv */
    int widths[32]; /* the widest a drawn column may be; 0: no bound */
    int width_count;
};

struct output_column {
    const char *name;
    const char *declared; /* its type as the user wrote it, "" when there is none */
    unsigned seen;        /* kinds of its values so far, 1 << enum cell_kind each */
    bool right;           /* drawn: only numbers so far in this stretch */
};

/* What running it took, for the forms that say so. -1: not known. */
struct output_cost {
    int64_t elapsed_us, rows_read, bytes_read;
};

struct output {
    FILE *file;
    struct buf *held; /* when not NULL, bytes wait here instead of going to file */
    const struct format *how;
    struct output_look look;
    size_t width;            /* columns of the terminal, for what is drawn; 0: no limit */
    bool color;              /* what is drawn may use escape sequences */
    bool terminal;           /* control bytes are made visible in what is not drawn, too */
    struct output_cost cost; /* filled before output_end */

    int columns;
    struct output_column *column; /* in names_arena */
    int64_t rows;
    struct buf line;
    struct arena names_arena;
    struct arena box_arena; /* the texts of the rows in the box */
    char ***box;            /* box[row][column], in box_arena */
    size_t box_rows;
    struct buf waiting; /* rows behind a head that needs the types of them all */
    bool flowing;       /* the head is written, rows go straight out */
    bool failed;        /* memory ran out */
};

void output_init(struct output *o, FILE *file, const struct format *how);
void output_deinit(struct output *o);
/* One result after another may go through an output: begin, rows, end. names are copied. declared:
 * types by column, or NULL. */
void output_begin(
    struct output *o, const char *const *names, const char *const *declared, int columns);
void output_row(struct output *o, const struct cell *cells);
void output_end(struct output *o);
/* What went wrong since init: NO_MEMORY, or IO when the file refused bytes (ends the lot). */
NODISCARD enum status output_check(struct output *o, struct err *e);

/* --- for the formats ------------------------------------------------------------------------- */

/* o->line goes out and is empty again. */
void output_write_line(struct output *o);
/* The same for a row whose head is not written yet: it waits until HELD_BYTES are there, when
 * write_head(o, true) is called, which says that more rows come. */
void output_hold_line(struct output *o, void (*write_head)(struct output *o, bool more));
/* At the end: the head, if it was not written, and what waits. */
void output_release(struct output *o, void (*write_head)(struct output *o, bool more));
/* The type of a column as ClickHouse calls it. */
void output_add_type(struct output *o, int column, bool more, struct buf *out);
bool output_has_head(const struct output *o, bool fallback);

#endif
