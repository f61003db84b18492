/* generation.h - one immutable state of a column's vectors on disk: full, codes, maybe a graph.
 *
 *   <dir>/<ix>-<number>.full    f32 by slot
 *   <dir>/<ix>-<number>.codes   rowids, codes; written after full: with it the generation is there
 *   <dir>/<ix>-<number>.graph   the graph; may come later
 *
 * The codes' note says of what the generation is (index, metric, dimension, the change log's place
 * it covers); the three belong together by their set id. dir NULL: in memory.
 *
 * Threads: an open generation may be read by any number; making and sweeping are one caller's at a
 * time, also among processes.
 */
#ifndef FOVEA_VECTOR_GENERATION_H
#define FOVEA_VECTOR_GENERATION_H

#include "vector/file.h"
#include "vector/calibration.h"

/* What a generation claims; the store compares it with the database. */
struct vec_facts {
    int64_t ix;           /* index id */
    uint64_t index_nonce; /* of the index's own row: another database's index 1 is another */
    uint64_t number;      /* of the generation */
    int64_t log_seq;      /* the change log's row it covers, with its nonce */
    int64_t log_nonce;
    int64_t schema_version; /* compared when the table has no INTEGER PRIMARY KEY */
    int32_t metric, dim;
    uint32_t rows;
    uint32_t has_key; /* the rowid is an INTEGER PRIMARY KEY */
};

/* Rows of a table, ascending by rowid (any order is taken). A NULL vector is not given. */
struct vec_rows {
    uint64_t count; /* how many will come; more or fewer is an error of the caller's: INTERNAL */
    enum status (*next)(void *user, int64_t *rowid, const float **vector, bool *row, struct err *e);
    void *user;
};

enum { VEC_SECTIONS = 12 };
struct vec_generation {
    struct vec_facts facts;
    uint64_t set_id; /* what its files share; the store may compare it */
    struct vec_set set;
    struct vec_codes codes;
    bool has_codes, has_graph;
    struct vec_graph graph;
    struct vec_calibration calibration; /* of the graph */
    /* Slots by ascending rowid; NULL when slots already ascend. */
    const uint32_t *by_rowid;
    struct vec_touch touch;
    struct vec_file *full_file, *codes_file, *graph_file;
    int section[VEC_SECTIONS]; /* of the parts, for touch: generation.c */
    int64_t rowid_first, rowid_last;
    bool dense; /* slots ascend by rowid without a gap: a slot tells its rowid */
    char doubt[ERR_TEXT_BYTES]; /* what was left aside at opening, and why: a newer generation, the
                                 * graph; "" */
};

/* Where and of what a generation is made. Only one process and thread at a time makes files of an
 * index in a folder: BUSY else (a lock on <dir>/<ix>.lock tells). */
struct vec_making {
    const char *dir;               /* made when it is not there; NULL: in memory */
    const struct vec_facts *facts; /* number 0: one above the highest there is. rows is filled in */
    const struct run *run;
};

/* Writes full and codes and opens them. Older generations of the index are left;
 * vec_generation_sweep removes them. A row that comes twice is INTERNAL. Errors: the rows', IO,
 * DISK_FULL, CANCELLED, EXISTS (that number), BUSY, LIMIT. */
NODISCARD enum status vec_generation_write(const struct vec_making *making,
    const struct vec_rows *rows, struct vec_generation **out, struct err *e);
/* The same from the one before: its rows without those dead (bit per slot), then the new ones,
 * which need not ascend. Keeps the centre. */
struct vec_change {
    const struct vec_generation *old;
    const uint64_t *dead;         /* NULL: none */
    const struct vec_rows *added; /* NULL: none */
};
NODISCARD enum status vec_generation_extend(const struct vec_making *making,
    const struct vec_change *change, struct vec_generation **out, struct err *e);
/* Builds (or goes on building) the graph of g and adds it: from change->old's graph when it has one
 * and change is not NULL (g was made by extend with this very change). making's dir is g's. A
 * cancel or a kill leaves a temporary file from which the next call with these options goes on.
 * Nobody else may be using g. Nothing is built over no rows. */
NODISCARD enum status vec_generation_graph(const struct vec_making *making,
    struct vec_generation *g, const struct vec_graph_options *options,
    const struct vec_change *change, struct err *e);

/* The newest generation of an index that opens, with a number below `below` (0: any). The graph is
 * opened when it is there; (*out)->doubt says what was left aside. Errors: NOT_FOUND, and the words
 * say why none opens; NO_MEMORY. */
NODISCARD enum status vec_generation_open(
    const char *dir, int64_t ix, uint64_t below, struct vec_generation **out, struct err *e);
void vec_generation_close(struct vec_generation *g);
/* The slot of a rowid into *slot; -1: not in it. O(1) when rowids have no gaps, else a binary
 * search as wide as the gaps are many. Errors: CORRUPT. */
NODISCARD enum status vec_generation_slot(
    const struct vec_generation *g, int64_t rowid, int64_t *slot, struct err *e);
/* The rowid of a slot (below set.rows), its block checked. Errors: CORRUPT. */
NODISCARD enum status vec_generation_rowid(
    const struct vec_generation *g, uint32_t slot, int64_t *rowid, struct err *e);
/* vec_graph_search's look and look_row, with g as their user. */
NODISCARD enum status vec_generation_look_node(
    void *g, uint32_t slot, struct vec_place *p, struct err *e);
NODISCARD enum status vec_generation_look_row(
    void *g, uint32_t slot, struct vec_place *p, int64_t *rowid, struct err *e);
/* Blocks of its files checked so far: what meets none for the first time takes as long as it will
 * take again. */
uint64_t vec_generation_checked(const struct vec_generation *g);
/* Removes the index's generations below keep, and temporary files nobody writes any more (keep 0:
 * all of the index). Returns how many files went. */
int vec_generation_sweep(const char *dir, int64_t ix, uint64_t keep);
/* Ids of the indexes that have files in dir, each once. */
NODISCARD enum status vec_generation_list(
    const char *dir, int64_t **ids, size_t *count, struct err *e);
/* Every checksum, the rowids' order, the codes' and the graph's own invariants. */
NODISCARD enum status vec_generation_verify(
    const struct vec_generation *g, const struct run *run, struct err *e);

#endif
