/* file.h - a file of sections with checksums: written whole or not at all, checked at first touch.
 *
 * One 4096-byte head (magic, version, kind, an id, the section table, its own checksum), the
 * sections, each aligned to 4096, and a table of checksums (XXH3-64), one for each block of a
 * section; the block's size is the section's own. file_format.h has it to the byte. A file is
 * written under a temporary name with its space reserved first (a full disk is an error, never a
 * signal), synced and renamed. Reading maps it. Nothing from a file reaches an assertion.
 *
 * What checks can't do: a file that somebody shortens while it is mapped, or a disk that fails to
 * read a page, ends the process with SIGBUS, as with any mapped file. Sizes are checked at opening.
 *
 * Threads: a writer belongs to one thread at a time, its sections may be filled by several; an open
 * file may be read by any number.
 */
#ifndef FOVEA_VECTOR_FILE_H
#define FOVEA_VECTOR_FILE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/run.h"
#include "vector/set.h"

enum { VEC_FILE_SECTIONS_MAX = 16, VEC_FILE_NOTE_BYTES = 1024 };

struct vec_file_section {
    char name[16];
    uint64_t bytes;
    uint32_t check_bytes; /* block of one checksum: a power of two, 4096 .. 1 MiB */
};

/* What a file is of. note: the kind's own facts (a packed struct), part of the checked head. */
struct vec_file_plan {
    uint32_t kind;   /* 'CODE', 'FULL', 'GRPH' */
    uint64_t set_id; /* files of one generation share it */
    const void *note;
    uint32_t note_bytes; /* <= VEC_FILE_NOTE_BYTES */
    const struct vec_file_section *sections;
    int section_count;
};

struct vec_file;
struct vec_file_writer;
/* path NULL: an unnamed file in memory (of :memory: databases), committed like the others. The
 * temporary name is path + ".tmp", locked as long as somebody writes. One that is left from a
 * killed or abandoned writer is taken over when resume is set and its plan is the same (and the
 * machine did not start anew since, for what it then holds is not known): its bytes stand. Errors:
 * BUSY, IO, DISK_FULL, DENIED, READ_ONLY. */
NODISCARD enum status vec_file_create(const char *path, const struct vec_file_plan *plan,
    bool resume, struct vec_file_writer **out, struct err *e);
bool vec_file_resumed(const struct vec_file_writer *w);
/* Writable, zeroed when new; 4096-byte aligned. Valid until w is closed. */
void *vec_file_part(const struct vec_file_writer *w, int section);
/* What stands so far. */
NODISCARD enum status vec_file_sync(struct vec_file_writer *w, struct err *e);
/* Checksums, sync, rename, sync of the folder; closes w in any case, and *out (not NULL) is the
 * file opened. On failure nothing of the name is there; what a cancelled commit leaves can be
 * resumed when w was made with resume. */
NODISCARD enum status vec_file_commit(
    struct vec_file_writer *w, const struct run *run, struct vec_file **out, struct err *e);
/* keep: leave the temporary file for a later resume. NULL is fine. */
void vec_file_abandon(struct vec_file_writer *w, bool keep);
/* Removes the temporary file of path unless somebody writes it; whether one went. */
bool vec_file_sweep(const char *path);

/* Errors: NOT_FOUND, CORRUPT (magic, version, sizes, the head's checksum), IO, DENIED. */
NODISCARD enum status vec_file_open(
    const char *path, uint32_t kind, struct vec_file **out, struct err *e);
void vec_file_close(struct vec_file *f); /* NULL is fine */
uint64_t vec_file_set_id(const struct vec_file *f);
uint64_t vec_file_bytes(const struct vec_file *f); /* of the whole file */
const void *vec_file_note(const struct vec_file *f, uint32_t *bytes);
/* NULL: no such section. */
const void *vec_file_get(const struct vec_file *f, const char *name, uint64_t *bytes, int *section);
/* Every block, for doctor. */
NODISCARD enum status vec_file_verify(
    const struct vec_file *f, const struct run *run, struct err *e);

/* An open section, for vec_file_touch only. */
struct vec_file_span {
    const uint8_t *base;
    uint64_t bytes, first; /* first: number of its first block in seen */
    uint32_t shift;        /* log2 of a block's bytes */
};
struct vec_file_seen { /* the first member of struct vec_file */
    struct vec_file_span span[VEC_FILE_SECTIONS_MAX];
    _Atomic uint64_t *bits; /* a bit a block of the file, set once it was checked */
};
/* Checks and marks; what touch calls for blocks not seen yet. */
NODISCARD enum status vec_file_check(
    const struct vec_file *f, int section, uint64_t at, uint64_t bytes, struct err *e);

/* Whether all blocks of [at, at + bytes) were checked; false also beyond the section. */
static inline bool vec_file_is_seen(
    const struct vec_file *f, int section, uint64_t at, uint64_t bytes)
{
    const struct vec_file_seen *seen = (const struct vec_file_seen *)(const void *)f;
    const struct vec_file_span *s = &seen->span[section];
    if (at > s->bytes || bytes > s->bytes - at || bytes == 0) return false;
    uint64_t last = s->first + ((at + bytes - 1) >> s->shift);
    for (uint64_t b = s->first + (at >> s->shift); b <= last; b++)
        if ((atomic_load_explicit(&seen->bits[b / 64], memory_order_relaxed) >> b % 64 & 1) == 0)
            return false;
    return true;
}

/* Checks the blocks of [at, at + bytes) that were not yet; afterwards it costs a look at a bit.
 * Errors: CORRUPT, which names file, section and block. */
NODISCARD static inline enum status vec_file_touch(
    const struct vec_file *f, int section, uint64_t at, uint64_t bytes, struct err *e)
{
    if (vec_file_is_seen(f, section, at, bytes)) return ST_OK;
    return vec_file_check(f, section, at, bytes, e);
}

/* The same, and p->at says where the bytes are: in the map, or, when they are met for the first
 * time and few were before, in p->room. A page of a map costs several times a read of it when it is
 * met for the first time, so the first searches of a process are made of reads. */
struct vec_file_range {
    int section;
    uint64_t at, bytes;
};
NODISCARD enum status vec_file_look_new(
    const struct vec_file *f, const struct vec_file_range *r, struct vec_place *p, struct err *e);
NODISCARD static inline enum status vec_file_look(
    const struct vec_file *f, const struct vec_file_range *r, struct vec_place *p, struct err *e)
{
    if (!vec_file_is_seen(f, r->section, r->at, r->bytes)) return vec_file_look_new(f, r, p, e);
    const struct vec_file_seen *seen = (const struct vec_file_seen *)(const void *)f;
    p->at = seen->span[r->section].base + r->at;
    return ST_OK;
}

/* Blocks checked so far: the same before and after some work, it met nothing new. */
uint64_t vec_file_checked(const struct vec_file *f);

#endif
