/* generation_files.h - what the parts of generation*.c share: names, notes, sections, the lock. */
#ifndef FOVEA_VECTOR_GENERATION_FILES_H
#define FOVEA_VECTOR_GENERATION_FILES_H

#include "vector/generation.h"

enum vec_generation_file { VEC_FULL, VEC_CODES, VEC_GRAPH, VEC_FILES };

/* One row a kind of file: its name's end and its magic kind. */
struct vec_generation_kind {
    const char *end;
    uint32_t kind;
};
extern const struct vec_generation_kind VEC_GENERATION_KINDS[VEC_FILES];

/* Sections by their place in struct vec_generation.section. */
enum vec_generation_section {
    VEC_SECTION_ROWS,   /* full: f32 x dim x rows */
    VEC_SECTION_ROWIDS, /* codes: i64 x rows */
    VEC_SECTION_ORDER,  /* codes: u32 x rows, slots by ascending rowid; empty when slots ascend */
    VEC_SECTION_CODES,  /* codes: VEC_CODES_PARTS of them; empty when the metric has none */
    VEC_SECTION_GRAPH = VEC_SECTION_CODES + VEC_CODES_PARTS, /* graph: VEC_GRAPH_PARTS */
    VEC_SECTION_ASKED = VEC_SECTION_GRAPH + VEC_GRAPH_PARTS, /* graph: struct vec_calibration */
    VEC_SECTION_COUNT
};
_Static_assert((int)VEC_SECTION_COUNT <= (int)VEC_SECTIONS, "room for all");

struct vec_section_row {
    char name[16];
    enum vec_generation_file file;
    uint32_t check_bytes;
};
extern const struct vec_section_row VEC_SECTION_ROWS_TABLE[VEC_SECTION_COUNT];

/* Notes: of full and codes the facts; of the graph these. */
struct vec_graph_note {
    struct vec_facts facts;
    uint64_t seed;
    uint64_t from_set_id; /* of the generation whose graph it extends; 0: none */
    int32_t degree, build_list;
    float alpha;
    int32_t bits;
};
_Static_assert(sizeof(struct vec_facts) == 64, "no padding: it is a file's note");
_Static_assert(sizeof(struct vec_graph_note) == 96, "no padding: it is a file's note");

enum { VEC_PATH_BYTES = 4096 };
/* <dir>/<ix>-<number>.<end> */
NODISCARD enum status vec_generation_path(const char *dir, const struct vec_facts *facts,
    enum vec_generation_file kind, char out[VEC_PATH_BYTES], struct err *e);
/* The index's lock, made with the folder; *fd to be closed. BUSY when another holds it. */
NODISCARD enum status vec_generation_lock(const char *dir, int64_t ix, int *fd, struct err *e);
/* Numbers of the index's generations that have codes, descending; mem_free. */
NODISCARD enum status vec_generation_numbers(
    const char *dir, int64_t ix, uint64_t **out, size_t *count, struct err *e);
/* The highest number that any file of the index has; 0 when there is none. */
NODISCARD enum status vec_generation_highest(
    const char *dir, int64_t ix, uint64_t *out, struct err *e);

/* Takes full and codes together, closing both when it fails. They come from outside: whatever they
 * say is checked. */
NODISCARD enum status vec_generation_join(
    struct vec_file *full, struct vec_file *codes, struct vec_generation **out, struct err *e);
/* Adds a graph's file; closes it when it fails. */
NODISCARD enum status vec_generation_join_graph(
    struct vec_generation *g, struct vec_file *graph, struct err *e);

#endif
