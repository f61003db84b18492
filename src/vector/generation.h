/* generation.h - one immutable state of a column's vectors on disk: full, codes, maybe a graph.
 *
 *   <dir>/<ix>-<number>.full    f32 by slot
 *   <dir>/<ix>-<number>.codes   rowids, codes; written after full: with it the generation is there
 *   <dir>/<ix>-<number>.graph   the graph; may come later
 *
 * The codes' note says of what the generation is (index, metric, dimension, the change log's place
 * it covers); the three belong together by their set id. dir NULL: in memory.
 */
#ifndef FOVEA_VECTOR_GENERATION_H
#define FOVEA_VECTOR_GENERATION_H

#include "vector/file.h"
#include "vector/graph.h"

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

struct vec_generation {
    struct vec_facts facts;
    struct vec_set set;
    struct vec_codes codes;
    bool has_codes, has_graph;
    struct vec_graph graph;
    /* Slots by ascending rowid; NULL when slots already ascend. */
    const uint32_t *by_rowid;
    struct vec_touch touch;
    struct vec_file *full_file, *codes_file, *graph_file;
    int section[8]; /* of the parts, for touch: generation.c */
};

/* Writes full and codes of facts->number and opens them. Old generations of the index are left;
 * vec_generation_sweep removes them. Errors: the rows', IO, DISK_FULL, CANCELLED. */
NODISCARD enum status vec_generation_write(const char *dir, const struct vec_facts *facts,
    const struct vec_rows *rows, const struct run *run, struct vec_generation **out, struct err *e);
/* The same from the one before: its rows without those dead (bit per slot), then the new ones,
 * which need not ascend. Keeps the centre. */
struct vec_change {
    const struct vec_generation *old;
    const uint64_t *dead;         /* NULL: none */
    const struct vec_rows *added; /* NULL: none */
};
NODISCARD enum status vec_generation_extend(const char *dir, const struct vec_facts *facts,
    const struct vec_change *change, const struct run *run, struct vec_generation **out,
    struct err *e);
/* Builds (or goes on building) the graph of g and adds it: from change->old's graph when it has one
 * and change is not NULL. */
NODISCARD enum status vec_generation_graph(const char *dir, struct vec_generation *g,
    const struct vec_graph_options *options, const struct vec_change *change, const struct run *run,
    struct err *e);

/* The newest generation of an index that opens; NOT_FOUND when there is none. The graph is opened
 * when it is there; one that does not open or belong is left out, and *doubt says why ("" else). */
NODISCARD enum status vec_generation_open(const char *dir, int64_t ix, struct vec_generation **out,
    char doubt[ERR_TEXT_BYTES], struct err *e);
void vec_generation_close(struct vec_generation *g);
/* The slot of a rowid; -1: not in it. O(1) when rowids have no gaps, else a binary search. */
int64_t vec_generation_slot(const struct vec_generation *g, int64_t rowid);
/* Removes the index's generations below keep, and temporary files nobody writes any more (keep 0:
 * all of the index). Returns how many files went. */
int vec_generation_sweep(const char *dir, int64_t ix, uint64_t keep);
/* Ids of the indexes that have files in dir, each once. */
NODISCARD enum status vec_generation_list(
    const char *dir, int64_t **ids, size_t *count, struct err *e);
/* Every checksum and the graph's own invariants. */
NODISCARD enum status vec_generation_verify(
    const struct vec_generation *g, const struct run *run, struct err *e);

#endif
