/* vectors.h - indexes over vector columns: the catalogue, the change log, and searches that see the
 * table as the transaction does.
 *
 *   fovea_indexes(ix INTEGER PRIMARY KEY AUTOINCREMENT, nonce, name, tbl, col, metric, dim, kind,
 *                 declared, degree, build_list, alpha, built)
 *                 kind: 'codes' (made by a first search, without a name) or 'hnsw' (asked for)
 *   fovea_questions(ix, n, at): real questions of an index with a graph; vectors_questions.c
 *   fovea_log(seq INTEGER PRIMARY KEY AUTOINCREMENT, ix, rid, nonce)
 *
 * Triggers of core SQL log which rows were touched, also when a program without us writes. The
 * truth is the row: state = a generation (vector/generation.h) plus the log after it, as this
 * connection's snapshot sees it, uncommitted rows included. Whatever can't be believed is left, the
 * answer comes from the rows, and store_index_state says why. Files lie in <database>-vec/.
 *
 * Threads: with its store, one thread at a time; the rebuild in the background has a thread and a
 * connection of its own.
 */
#ifndef FOVEA_STORE_VECTORS_H
#define FOVEA_STORE_VECTORS_H

#include "base/run.h"
#include "store/store.h"
#include "vector/index.h"

struct store_index {
    int64_t ix;    /* 0: none */
    int64_t nonce; /* another index 1, of another file or time, has another */
    char name[128], table[128], column[128]; /* as they are called now, ALTER or not */
    char schema[64];                         /* "main", or an ATTACHed file's */
    enum metric metric;
    int dim;
    bool graph;                       /* asked for as an index; else codes only */
    bool built;                       /* its graph was built: it is kept from then on */
    bool questions;                   /* the file has a table for them */
    char declared[512];               /* the declaration's own parameters, as JSON, kept and shown:
                                       * {"syntax":"clickhouse","type":"hnsw","M":64,...} */
    struct vec_graph_options options; /* ours, mapped from those */
};

/* --- the catalogue ---------------------------------------------------------------------------- */

/* Adds the index and its triggers; nothing is built. exists_ok: an equal name is left alone.
 * spec->dim 0: from fovea_columns, else the first row's vector. Errors: EXISTS, NOT_FOUND (table or
 * column), UNSUPPORTED (a view, a virtual table, WITHOUT ROWID, temp), INVALID (dimension). */
NODISCARD enum status store_index_create(struct store *s, const struct store_index *spec,
    bool exists_ok, struct store_index *out, struct err *e);
/* By name, and table when not NULL; schema NULL: "main". out->ix 0: there is none. Errors: INVALID
 * (several tables have one of that name). */
struct store_index_name {
    const char *schema, *table, *name;
};
NODISCARD enum status store_index_find(
    struct store *s, const struct store_index_name *name, struct store_index *out, struct err *e);
NODISCARD enum status store_index_drop(
    struct store *s, const struct store_index *ix, struct err *e);
/* Statements that drop an index, for whoever runs them before something SQLite would refuse while
 * the triggers are there (DROP COLUMN). */
void store_index_drop_sql(const struct store_index *ix, struct buf *sql);
/* Builds what the index is for from the rows as they are: full, codes and the graph, going on where
 * a cancelled build stopped. Outside a transaction only. */
NODISCARD enum status store_index_materialize(
    struct store *s, const struct store_index *ix, const struct run *run, struct err *e);
/* A new generation without dead rows and tail, whatever they cost; trims the log. */
NODISCARD enum status store_index_compact(
    struct store *s, const struct store_index *ix, const struct run *run, struct err *e);
/* Lists into a growing array; mem_free it. */
NODISCARD enum status store_index_list(
    struct store *s, struct store_index **out, size_t *count, struct err *e);

/* How an index stands, for doctor and fovea_indexes(). */
struct store_index_state {
    char state[32];  /* "ready", "declared", "stale", "none" */
    char doubt[256]; /* why the files aren't believed; "" */
    uint64_t generation;
    uint32_t rows, tail, dead;
    bool has_graph;
    bool gone; /* the table or the column is no more: store_vectors_sweep forgets the index */
    uint64_t file_bytes;
};
NODISCARD enum status store_index_state(
    struct store *s, const struct store_index *ix, struct store_index_state *out, struct err *e);

/* Reads the files searches would use, every checksum and the graph's invariants (for doctor). Files
 * that aren't believed are not read: OK. Errors: CORRUPT, CANCELLED, IO. */
NODISCARD enum status store_index_verify(
    struct store *s, const struct store_index *ix, const struct run *run, struct err *e);

/* --- searching -------------------------------------------------------------------------------- */

struct store_vectors; /* a column at hand */

/* The column's vectors under a metric, for searches of this connection: opened once and kept by the
 * store, brought up to the snapshot by each call. *out NULL: read the rows, and ask->why says why
 * in a few words (not declared and no index, WITHOUT ROWID, temp, few rows, no way to write
 * triggers or files, in doubt, a row that holds no vector of the dimension: there the SQL
 * functions' own words come out). The first search of a declared column makes its codes here, with
 * progress; so does the first after the files went. *out is borrowed until the store's next get.
 * Errors: CANCELLED, TIMEOUT, NO_MEMORY, SQLite's. */
struct store_vectors_ask {
    const char *schema; /* NULL: "main" */
    const char *table, *column;
    enum metric metric;
    const struct run *run;
    char why[160];
};
NODISCARD enum status store_vectors_get(
    struct store *s, struct store_vectors_ask *ask, struct store_vectors **out, struct err *e);
/* vec_index_search on the state of that get. Each hit is compared with its row (one seek, and its
 * distance again): a hit whose row is gone is dropped and refilled. When a checksum fails, or a row
 * is another than the log says, the column is doubted and ST_CORRUPT comes back: read the rows. */
NODISCARD enum status store_vectors_search(struct store_vectors *v, const float *query,
    const struct vec_ask *ask, struct vec_answer *out, struct err *e);
/* vec_index_pairs; pairs whose rows are gone are left out. Errors: CORRUPT as above. */
NODISCARD enum status store_vectors_pairs(
    struct store_vectors *v, const struct vec_pairs *ask, struct err *e);
const struct store_index *store_vectors_index(const struct store_vectors *v);
/* For EXPLAIN: rows, tail, dead. Borrowed as v is. */
const struct vec_index *store_vectors_state(const struct store_vectors *v);

/* Removes files of indexes and tables that are no more, temporary files, and log rows nobody needs.
 * Returns how many files went. */
NODISCARD enum status store_vectors_sweep(struct store *s, int *files, struct err *e);
/* Waits until the rebuild in the background, if there is one, is done: tests, doctor. */
void store_vectors_wait(struct store *s);
/* Called by store_close: ends the background's work, closes maps. */
void store_vectors_close(struct store *s);

#endif
