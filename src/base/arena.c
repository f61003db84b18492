/* arena.c - bump allocation in blocks that double up to 1 MiB; larger pieces get their own block.
 */
#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

enum { BLOCK_MIN = 4096, BLOCK_MAX = 1 << 20, ALIGN = 16 };

struct arena_block {
    struct arena_block *next;
    size_t bytes, used;
    _Alignas(ALIGN) unsigned char data[];
};

void arena_init(struct arena *a, size_t limit_bytes)
{
    *a = (struct arena){.limit_bytes = limit_bytes};
}

void arena_deinit(struct arena *a)
{
    for (struct arena_block *b = a->head; b != NULL;) {
        struct arena_block *next = b->next;
        mem_free(b);
        b = next;
    }
    arena_init(a, a->limit_bytes);
}

static struct arena_block *block_add(struct arena *a, size_t wanted)
{
    size_t bytes = a->head != NULL ? a->head->bytes * 2 : BLOCK_MIN;
    if (bytes > BLOCK_MAX) bytes = BLOCK_MAX;
    if (bytes < wanted) bytes = wanted;
    struct arena_block *b = mem_alloc(sizeof *b + bytes);
    if (b == NULL) return NULL;
    *b = (struct arena_block){.next = a->head, .bytes = bytes};
    a->head = b;
    return b;
}

void *arena_alloc(struct arena *a, size_t bytes)
{
    if (bytes > SIZE_MAX / 2) return NULL;
    size_t rounded = (bytes + ALIGN - 1) / ALIGN * ALIGN;
    if (a->limit_bytes != 0 && a->used_bytes + rounded > a->limit_bytes) return NULL;
    struct arena_block *b = a->head;
    if (b == NULL || b->bytes - b->used < rounded) b = block_add(a, rounded);
    if (b == NULL) return NULL;
    void *p = b->data + b->used;
    b->used += rounded;
    a->used_bytes += rounded;
    memset(p, 0, rounded);
    return p;
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
    size_t bytes;
    return mem_mul(count, size, &bytes) ? arena_alloc(a, bytes) : NULL;
}

char *arena_strndup(struct arena *a, const char *s, size_t bytes)
{
    char *copy = arena_alloc(a, bytes + 1);
    if (copy != NULL) memcpy(copy, s, bytes);
    return copy;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, args);
    char *text = n < 0 ? NULL : arena_alloc(a, (size_t)n + 1);
    if (text != NULL) vsnprintf(text, (size_t)n + 1, fmt, again);
    va_end(again);
    va_end(args);
    return text;
}
