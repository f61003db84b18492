/* rewrite.c - the new text and its pieces, in order; a place is found by halving. */
#include "sql/text/rewrite.h"

#include <stdarg.h>

#include "base/mem.h"

void rewrite_init(struct rewrite *r)
{
    *r = (struct rewrite){0};
    buf_init(&r->sql);
}

void rewrite_deinit(struct rewrite *r)
{
    buf_deinit(&r->sql);
    mem_free(r->pieces);
    *r = (struct rewrite){0};
}

static void piece_add(struct rewrite *r, int source, bool exact)
{
    if (r->count == r->capacity) {
        int capacity = r->capacity > 0 ? r->capacity * 2 : 32;
        struct rewrite_piece *grown = mem_resize(r->pieces, (size_t)capacity, sizeof *grown);
        if (grown == NULL) {
            r->sql.failed = true;
            return;
        }
        r->pieces = grown;
        r->capacity = capacity;
    }
    r->pieces[r->count++] = (struct rewrite_piece){(int)r->sql.bytes, source, exact};
}

void rewrite_add_source(struct rewrite *r, const char *text, int start, int end)
{
    piece_add(r, start, true);
    buf_add(&r->sql, text + start, (size_t)(end - start));
}

void rewrite_add(struct rewrite *r, int source, const char *fmt, ...)
{
    va_list args;
    piece_add(r, source, false);
    va_start(args, fmt);
    buf_vprintf(&r->sql, fmt, args);
    va_end(args);
}

int rewrite_source(const struct rewrite *r, int at)
{
    int low = 0, high = r->count - 1, found = 0;
    if (r->count == 0) return 0;
    while (low <= high) {
        int middle = (low + high) / 2;
        if (r->pieces[middle].at <= at) {
            found = middle;
            low = middle + 1;
        } else {
            high = middle - 1;
        }
    }
    const struct rewrite_piece *p = &r->pieces[found];
    return p->exact ? p->source + (at - p->at) : p->source;
}
