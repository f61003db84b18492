/* mem.c - malloc with checked products and a switch that makes the n-th call fail (tests/fault). */
#include "base/mem.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* From here on a block begins at a large page and asks for them: weights are read from end to end,
 * and with small pages a core waits for its address tables instead of for memory. */
enum { LARGE_BYTES = 4 << 20, LARGE_PAGE_BYTES = 2 << 20 };

static _Atomic uint64_t fault_at; /* 0: off */
static atomic_bool fault_sticky;
static _Atomic uint64_t made;

/* Counting costs an atomic add for each allocation, none of which lies in a hot loop. */
static bool must_fail(void)
{
    uint64_t n = atomic_fetch_add_explicit(&made, 1, memory_order_relaxed) + 1;
    uint64_t at = atomic_load_explicit(&fault_at, memory_order_relaxed);
    return at != 0 &&
        (n == at || (n > at && atomic_load_explicit(&fault_sticky, memory_order_relaxed)));
}

uint64_t mem_fault_set(uint64_t nth, bool sticky)
{
    uint64_t count = atomic_exchange(&made, 0);
    atomic_store(&fault_sticky, sticky);
    atomic_store(&fault_at, nth);
    return count;
}

bool mem_mul(size_t a, size_t b, size_t *out)
{
    return !__builtin_mul_overflow(a, b, out);
}

void *mem_alloc(size_t bytes)
{
    if (must_fail()) return NULL;
    return malloc(bytes != 0 ? bytes : 1);
}

void *mem_zalloc(size_t count, size_t size)
{
    size_t bytes;
    if (!mem_mul(count, size, &bytes) || must_fail()) return NULL;
    return calloc(1, bytes != 0 ? bytes : 1);
}

void *mem_resize(void *p, size_t count, size_t size)
{
    size_t bytes;
    if (!mem_mul(count, size, &bytes) || must_fail()) return NULL;
    return realloc(p, bytes != 0 ? bytes : 1);
}

char *mem_strndup(const char *s, size_t bytes)
{
    char *copy = mem_alloc(bytes + 1);
    if (copy == NULL) return NULL;
    memcpy(copy, s, bytes);
    copy[bytes] = '\0';
    return copy;
}

char *mem_strdup(const char *s)
{
    return mem_strndup(s, strlen(s));
}

void mem_free(void *p)
{
    free(p);
}

void *mem_alloc_aligned(size_t bytes)
{
    size_t rounded;
    if (__builtin_add_overflow(bytes, (size_t)64 + 63, &rounded) || must_fail()) return NULL;
    /* 64 bytes of slack, so that a kernel may load a whole vector at the last element. */
    if (bytes < LARGE_BYTES) return aligned_alloc(64, rounded / 64 * 64);
    void *p; /* not aligned_alloc, whose size must be a multiple of the alignment */
    if (posix_memalign(&p, LARGE_PAGE_BYTES, rounded / 64 * 64) != 0) return NULL;
    (void)madvise(p, rounded / 64 * 64, MADV_HUGEPAGE); /* a wish: refused where there are none */
    return p;
}

void mem_free_aligned(void *p)
{
    free(p);
}

enum status mem_err(struct err *e, size_t bytes)
{
    if (bytes == 0) return err_set(e, ST_NO_MEMORY, "out of memory");
    return err_set(e, ST_NO_MEMORY, "out of memory: %zu bytes wanted", bytes);
}
