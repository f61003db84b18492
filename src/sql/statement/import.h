/* import.h - rows of files into a table: what COPY and INSERT … FROM INFILE share.
 *
 * One transaction: whatever fails (a value, a full disk, a cancel), the table is as before. A
 * thread reads and converts the files while the session's thread writes rows; a few batches lie
 * between them, so memory does not grow with the files.
 *
 * Columns of files that say names go to the table's columns of these names, others are left out
 * (with a note). Columns without names go by position when there are as many as the table has, else
 * arrays go to the vector columns that are left, in order: img_emb_*.npy beside metadata_*.parquet.
 */
#ifndef FOVEA_SQL_STATEMENT_IMPORT_H
#define FOVEA_SQL_STATEMENT_IMPORT_H

#include "base/arena.h"
#include "sql/internal.h"
#include "sql/statement/ddl.h"
#include "table/table.h"

struct import_target {
    const char *name;
    bool vector, half;    /* half: halfvec */
    bool hex;             /* bytea, whose text \x0102 is bytes */
    int dim;              /* of a vector; 0: not known yet */
    bool declared;        /* dim stands in fovea_columns or can't */
    enum table_type type; /* what text is read as */
};

struct import {
    struct sql_session *session;
    struct arena *arena; /* outlives the import */
    const char *schema;  /* NULL: temp, if it has such a table, else main */
    const char *table;
    const char *const *columns; /* into these only; NULL: all */
    int column_count;
    struct table_paths paths;
    struct ddl_place *places; /* of each of paths; NULL: there is none to tell */
    struct table_options options;
    int compression; /* 0: by the name's end; see import_compression_set */

    char *folder;   /* of what was decompressed; NULL: none */
    struct run run; /* the session's, but it reports nothing: files are read by a thread */
    struct table *files;
    struct import_target *targets;
    int target_count;
    int *target_of; /* by column of the files; -1: left out */
    uint64_t rows;  /* written */
    uint64_t bytes; /* of the files, read for them */
    bool journal;   /* the WAL is put aside */
};

/* Finds the table's columns. Errors: NOT_FOUND (table, column). */
NODISCARD enum status import_targets(struct import *im, struct err *e);
/* Opens the files; with targets, their columns are asked for by these. */
NODISCARD enum status import_open(struct import *im, struct err *e);
void import_close(struct import *im);
/* Which file column goes where. Errors: MISMATCH. */
NODISCARD enum status import_match(struct import *im, struct err *e);
/* All rows, in the transaction that is open. */
NODISCARD enum status import_rows(struct import *im, struct err *e);
/* Lengths of vectors that nobody declared are from now on those of what came. */
NODISCARD enum status import_declare(struct import *im, struct err *e);
/* The transaction. Outside of one, and when nobody else has the file open, much is written with a
 * rollback journal instead of the WAL (import_journal.c). import_end commits when st is OK, else
 * rolls back, and gives the status. */
NODISCARD enum status import_begin(struct import *im, struct err *e);
NODISCARD enum status import_end(struct import *im, enum status st, struct err *e);
/* A failure of a run: one about a path that can't be opened lies where that path is written, any
 * other in no place of the statement. */
enum status import_fail(const struct import *im, enum status st, struct err *e);
/* targets, open, match, rows, declare, in a transaction of its own. */
NODISCARD enum status import_run(struct import *im, struct err *e);

/* A format by one of its names; NULL: there is none, and *near is what it comes near to. */
struct import_format {
    const char *name;
    enum table_format format;
    enum table_header header;
};
const struct import_format *import_format_find(const char *name, const char **near);

/* Compressed files become plain ones in a folder; import_close removes it. */
NODISCARD enum status import_expand(struct import *im, struct err *e);
void import_remove(struct import *im);
/* By its name, as COMPRESSION gives it; false: it is not read. */
bool import_compression_set(struct import *im, const char *name);

/* What statements about files have in common; d->ast is the command's. */
NODISCARD enum status import_read_table(struct ddl *d, struct import *im, struct err *e);
NODISCARD enum status import_read_columns(struct ddl *d, struct import *im, struct err *e);
NODISCARD enum status import_read_format(struct ddl *d, struct import *im, struct err *e);

#endif
