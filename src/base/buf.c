/* buf.c - the growing buffer: doubles, keeps a NUL behind the bytes, remembers a failure. */
#include "base/buf.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

void buf_init(struct buf *b)
{
    *b = (struct buf){0};
}

void buf_deinit(struct buf *b)
{
    mem_free(b->data);
    buf_init(b);
}

void buf_clear(struct buf *b)
{
    b->bytes = 0;
    b->failed = false;
    if (b->data != NULL) b->data[0] = '\0';
}

void *buf_reserve(struct buf *b, size_t bytes)
{
    if (b->failed) return NULL;
    size_t wanted;
    if (__builtin_add_overflow(b->bytes, bytes, &wanted) || wanted > SIZE_MAX / 2 - 1) {
        b->failed = true;
        return NULL;
    }
    if (b->data == NULL || wanted + 1 > b->capacity) {
        size_t capacity = b->capacity * 2 > wanted + 1 ? b->capacity * 2 : wanted + 1;
        if (capacity < 64) capacity = 64;
        char *grown = mem_resize(b->data, capacity, 1);
        if (grown == NULL) {
            b->failed = true;
            return NULL;
        }
        b->data = grown;
        b->capacity = capacity;
        b->data[b->bytes] = '\0';
    }
    return b->data + b->bytes;
}

void buf_add(struct buf *b, const void *data, size_t bytes)
{
    char *at = buf_reserve(b, bytes);
    if (at == NULL) return;
    if (bytes != 0) memcpy(at, data, bytes);
    b->bytes += bytes;
    b->data[b->bytes] = '\0';
}

void buf_add_str(struct buf *b, const char *s)
{
    buf_add(b, s, strlen(s));
}

void buf_add_char(struct buf *b, char c)
{
    buf_add(b, &c, 1);
}

void buf_vprintf(struct buf *b, const char *fmt, va_list args)
{
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, args);
    char *at = n < 0 ? NULL : buf_reserve(b, (size_t)n);
    if (n < 0) b->failed = true;
    if (at != NULL) {
        vsnprintf(at, (size_t)n + 1, fmt, again);
        b->bytes += (size_t)n;
    }
    va_end(again);
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    buf_vprintf(b, fmt, args);
    va_end(args);
}

static void add_json_char(struct buf *b, const char *s, size_t bytes, uint32_t cp)
{
    static const char ESCAPES[] = {
        ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
    if (cp == '"' || cp == '\\') {
        buf_add_char(b, '\\');
        buf_add_char(b, (char)cp);
    } else if (cp < sizeof ESCAPES && ESCAPES[cp] != 0) {
        buf_add_char(b, '\\');
        buf_add_char(b, ESCAPES[cp]);
    } else if (cp < 0x20 || cp == 0x7f) {
        buf_printf(b, "\\u%04x", cp);
    } else if (bytes == 1 && cp == 0xfffd) {
        buf_add_str(b, "\xef\xbf\xbd");
    } else {
        buf_add(b, s, bytes);
    }
}

void buf_add_json(struct buf *b, const char *s, size_t bytes)
{
    buf_add_char(b, '"');
    for (const char *end = s + bytes; s < end;) {
        uint32_t cp;
        size_t n = utf8_next(s, end, &cp);
        add_json_char(b, s, n, cp);
        s += n;
    }
    buf_add_char(b, '"');
}

char *buf_take(struct buf *b)
{
    char *data = NULL;
    if (buf_reserve(b, 0) != NULL) {
        data = b->data;
        b->data = NULL;
    }
    buf_deinit(b);
    return data;
}

enum status buf_check(const struct buf *b, struct err *e)
{
    return b->failed ? mem_err(e, 0) : ST_OK;
}
