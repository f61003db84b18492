/* pattern.h - file names: what a pattern stands for, in natural order, and the number in a name. */
#ifndef FOVEA_TABLE_PATTERN_H
#define FOVEA_TABLE_PATTERN_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

struct file_list {
    const char **paths; /* in the arena */
    uint64_t bytes;     /* of all */
    size_t count;
};

/* The files of a path or of a glob with * ? [a-z] {a,b} {0..9}, 2 before 10. A path that is a file
 * as written is no glob. Errors: NOT_FOUND (names the pattern), LIMIT, NO_MEMORY. */
NODISCARD enum status pattern_find(
    const char *pattern, struct arena *a, struct file_list *out, struct err *e);
/* The last number in the name without its ending: 12 of img_emb_0012.npy; -1 when there is none. */
int64_t pattern_number(const char *path);
/* Puts the lists' files beside each other by number (or, when each has one file, as they are).
 * Errors: NOT_FOUND (names the file without its partner), INVALID (no number; one twice). */
NODISCARD enum status pattern_pair(struct file_list *lists, size_t count, struct err *e);

#endif
