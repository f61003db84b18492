/* vectors.h - indexes over vector columns: the catalogue, the change log, and searches that see the
 * table as the transaction does.
 *
 *   fovea_indexes(ix INTEGER PRIMARY KEY AUTOINCREMENT, nonce, name, tbl, col, metric, dim, kind,
 *                 spec, …)        kind: 'codes' (made by a first search) or 'hnsw' (asked for)
 *   fovea_log(seq INTEGER PRIMARY KEY AUTOINCREMENT, ix, rid, nonce)
 *
 * Triggers of core SQL log which rows were touched, also when a program without us writes. The
 * truth is the row: state = a generation (vector/generation.h) plus the log after it, as this
 * connection's snapshot sees it, uncommitted rows included. Whatever can't be believed is left, the
 * answer comes from the rows, and store_vectors_doubts says why. Files lie in <database>-vec/.
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
    int64_t ix;
    char name[128], table[128], column[128];
    char schema[64]; /* "main", or an ATTACHed file's */
    enum metric metric;
    int dim;
    bool graph;                       /* asked for as an index; else codes only */
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
/* By name, and table when not NULL. *found false: there is none. */
NODISCARD enum status store_index_find(struct store *s, const char *schema, const char *table,
    const char *name, struct store_index *out, bool *found, struct err *e);
NODISCARD enum status store_index_drop(
    struct store *s, const struct store_index *ix, struct err *e);
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
    uint64_t file_bytes;
};
NODISCARD enum status store_index_state(
    struct store *s, const struct store_index *ix, struct store_index_state *out, struct err *e);

/* --- searching -------------------------------------------------------------------------------- */

struct store_vectors; /* a column at hand */

/* The column's vectors under a metric, for searches of this connection: opened once and kept by the
 * store, brought up to the snapshot by each call. *out NULL: read the rows (not declared and no
 * index, WITHOUT ROWID, temp, few rows, no way to write triggers or files, in doubt) and *why says
 * it in a few words. The first search of a declared column makes its codes here, with progress. */
NODISCARD enum status store_vectors_get(struct store *s, const char *schema, const char *table,
    const char *column, enum metric metric, struct store_vectors **out, char why[128],
    const struct run *run, struct err *e);
/* vec_index_search on the state of that get; a hit whose row is gone is dropped and refilled. When
 * a checksum fails the column is closed, doubted, and ST_CORRUPT comes back: read the rows. */
NODISCARD enum status store_vectors_search(struct store_vectors *v, const float *query,
    const struct vec_ask *ask, struct vec_answer *out, struct err *e);
NODISCARD enum status store_vectors_pairs(struct store_vectors *v, double radius,
    const struct run *run,
    enum status (*found)(void *user, int64_t a, int64_t b, double distance, struct err *e),
    void *user, struct err *e);
const struct store_index *store_vectors_index(const struct store_vectors *v);
const struct vec_index *store_vectors_state(const struct store_vectors *v);

/* Removes files of indexes and tables that are no more, temporary files, and log rows nobody needs.
 * Returns how many files went. */
NODISCARD enum status store_vectors_sweep(struct store *s, int *files, struct err *e);
/* Called by store_close: ends the background's work, closes maps. */
void store_vectors_close(struct store *s);

#endif
