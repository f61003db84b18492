/* file_format.h - the head of a file of sections, to the byte; for file.c and the tests.
 *
 *        0   8  magic: "FOVEAVEC"; "FOVEATMP" while it is being written
 *        8   4  version, 1
 *       12   4  kind
 *       16   8  set id
 *       24   8  bytes of the whole file, a multiple of 4096
 *       32   4  sections
 *       36   4  bytes of the note
 *       40   8  where the table of checksums begins, a multiple of 4096
 *       48   8  checksums in it
 *       56   8  while it is being written: the boot; then zero
 *       64      16 sections, 40 bytes each:
 *                 0  16  name, filled with zeros
 *                16   8  where it begins, a multiple of 4096
 *                24   8  bytes
 *                32   4  bytes of a checksum's block, a power of two
 *                36   4  number of its first checksum
 *      704      zero
 *     1024 1024  note
 *     2048      zero
 *     4088   8  XXH3-64 of the 4088 bytes before, seed 0
 *
 * Sections lie in order behind the head, each at the next multiple of 4096, then the table: for
 * each block of each section XXH3-64 of its bytes, seeded with vec_file_seed, so that a block from
 * another file or place does not pass. Everything is little-endian.
 */
#ifndef FOVEA_VECTOR_FILE_FORMAT_H
#define FOVEA_VECTOR_FILE_FORMAT_H

#include "vector/file.h"

enum { VEC_FILE_VERSION = 1, VEC_FILE_PAGE = 4096 };
#define VEC_FILE_MAGIC "FOVEAVEC"
#define VEC_FILE_MAGIC_TMP "FOVEATMP"

struct vec_file_entry {
    char name[16];
    uint64_t at, bytes;
    uint32_t check_bytes, first_sum;
};

struct vec_file_head {
    char magic[8];
    uint32_t version, kind;
    uint64_t set_id, file_bytes;
    uint32_t section_count, note_bytes;
    uint64_t sums_at, sum_count, boot;
    struct vec_file_entry section[VEC_FILE_SECTIONS_MAX];
    uint8_t zero_1[320];
    uint8_t note[VEC_FILE_NOTE_BYTES];
    uint8_t zero_2[2040];
    uint64_t check;
};

_Static_assert(sizeof(struct vec_file_entry) == 40, "as the format says");
_Static_assert(offsetof(struct vec_file_head, section) == 64, "as the format says");
_Static_assert(offsetof(struct vec_file_head, note) == 1024, "as the format says");
_Static_assert(offsetof(struct vec_file_head, check) == 4088, "as the format says");
_Static_assert(sizeof(struct vec_file_head) == VEC_FILE_PAGE, "as the format says");

static inline uint64_t vec_file_seed(uint64_t set_id, uint32_t kind, uint64_t sum)
{
    return set_id ^ ((uint64_t)kind << 32) ^ sum * 0x9e3779b97f4a7c15u;
}

static inline uint64_t vec_file_round(uint64_t bytes)
{
    return (bytes + VEC_FILE_PAGE - 1) / VEC_FILE_PAGE * VEC_FILE_PAGE;
}

static inline uint64_t vec_file_blocks(const struct vec_file_entry *s)
{
    return s->bytes / s->check_bytes + (s->bytes % s->check_bytes != 0);
}

#endif
