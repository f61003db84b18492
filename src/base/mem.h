/* mem.h - the only door to malloc.
 *
 * Every allocation of ours goes through here, so that a test can fail the n-th one (mem_fault_set)
 * and so that array sizes are multiplied with a check. Libraries keep their own allocators.
 */
#ifndef FOVEA_BASE_MEM_H
#define FOVEA_BASE_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* bytes of 0 gives a valid pointer. NULL when memory is out. */
NODISCARD void *mem_alloc(size_t bytes);
/* count * size zeroed bytes; NULL when the product overflows or memory is out. */
NODISCARD void *mem_zalloc(size_t count, size_t size);
/* Grows or shrinks an array; the old block stays valid when NULL comes back. */
NODISCARD void *mem_resize(void *p, size_t count, size_t size);
NODISCARD char *mem_strdup(const char *s);
NODISCARD char *mem_strndup(const char *s, size_t bytes);
void mem_free(void *p); /* NULL is fine */

/* 64-byte aligned, for SIMD and oneDNN buffers. Freed with mem_free_aligned. */
NODISCARD void *mem_alloc_aligned(size_t bytes);
void mem_free_aligned(void *p);

/* out of memory, worded. */
enum status mem_err(struct err *e, size_t bytes);

/* Tests: the n-th allocation from now on fails (1 = the next), and every one after it too when
 * sticky. 0 switches the fault off. Returns how many allocations were made since the last call. */
uint64_t mem_fault_set(uint64_t nth, bool sticky);

/* a * b into *out; false when it overflows. */
bool mem_mul(size_t a, size_t b, size_t *out);

#endif
