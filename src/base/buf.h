/* buf.h - a growing run of bytes with a sticky error, for building text and files in memory.
 *
 * A failed append sets b->failed and every later append does nothing: the caller checks once, at
 * the end. The bytes are always followed by a NUL, so b->data is a C string when it holds text
 * (NULL when empty).
 */
#ifndef FOVEA_BASE_BUF_H
#define FOVEA_BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct buf {
    char *data;
    size_t bytes;
    size_t capacity;
    bool failed;
};

void buf_init(struct buf *b);
void buf_deinit(struct buf *b);
void buf_clear(struct buf *b); /* keeps the memory */
void buf_add(struct buf *b, const void *data, size_t bytes);
void buf_add_str(struct buf *b, const char *s);
void buf_add_char(struct buf *b, char c);
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void buf_vprintf(struct buf *b, const char *fmt, va_list args) PRINTF_LIKE(2, 0);
/* A JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD. */
void buf_add_json(struct buf *b, const char *s, size_t bytes);
/* Room for bytes more; NULL when memory is out. The caller fills it and adds to b->bytes. */
NODISCARD void *buf_reserve(struct buf *b, size_t bytes);
/* Moves the bytes out (mem_free them); NULL when the buffer failed. */
NODISCARD char *buf_take(struct buf *b);
NODISCARD enum status buf_check(const struct buf *b, struct err *e);

#endif
