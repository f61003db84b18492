/* arena.h - memory for one statement, request or batch, given back all at once.
 *
 * Blocks grow geometrically; a byte limit bounds the whole. Not thread safe: one arena, one thread.
 */
#ifndef FOVEA_BASE_ARENA_H
#define FOVEA_BASE_ARENA_H

#include <stddef.h>

#include "base/err.h"

struct arena_block;

struct arena {
    struct arena_block *head;
    size_t used_bytes;
    size_t limit_bytes; /* 0: no limit */
};

void arena_init(struct arena *a, size_t limit_bytes);
void arena_deinit(struct arena *a);
/* Zeroed, 16-byte aligned; NULL when the limit is passed or memory is out. */
NODISCARD void *arena_alloc(struct arena *a, size_t bytes);
NODISCARD void *arena_array(struct arena *a, size_t count, size_t size);
NODISCARD char *arena_strndup(struct arena *a, const char *s, size_t bytes);
NODISCARD char *arena_printf(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
