/* input.h - the bytes of one file, or of a text in memory, read by place. */
#ifndef FOVEA_TABLE_INPUT_H
#define FOVEA_TABLE_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct input {
    const char *name;   /* for words: the path, or "the JSON text" */
    uint64_t bytes;     /* when it was opened */
    int fd;             /* -1: memory */
    const char *memory; /* borrowed */
};

/* name is borrowed. Only regular files. Errors: NOT_FOUND, DENIED, INVALID, IO. */
NODISCARD enum status input_open(const char *path, struct input *out, struct err *e);
void input_open_memory(const void *data, size_t bytes, const char *name, struct input *out);
void input_close(struct input *in);
/* All of [at, at + bytes). Errors: CORRUPT (the file is shorter), IO. */
NODISCARD enum status input_read(
    const struct input *in, uint64_t at, void *out, size_t bytes, struct err *e);

/* Where the text begins: behind UTF-8's mark, if it has one. Errors: INVALID, which names UTF-16
 * and UTF-32. */
NODISCARD enum status input_text_start(const struct input *in, uint64_t *at, struct err *e);

/* A window on a file that moves forward: text that is cut into rows, pages that are cut into
 * headers and bodies. The bytes that are left stand at data + start, up to data + end, and 64
 * zero bytes behind them. */
struct window {
    const struct input *in;
    uint64_t at, stop; /* the next byte to read; where the part of the file ends */
    char *data;
    size_t start, end, capacity;
};

void window_init(struct window *w, const struct input *in, uint64_t at, uint64_t stop);
void window_deinit(struct window *w);
/* Everything up to stop is in the window. */
static inline bool window_whole(const struct window *w)
{
    return w->at == w->stop;
}
static inline size_t window_bytes(const struct window *w)
{
    return w->end - w->start;
}
/* Sees that at least bytes are there, or all up to stop: moves what is left to the front and
 * reads. Pointers into the window end with this call. Errors: NO_MEMORY, CORRUPT, IO. */
NODISCARD enum status window_fill(struct window *w, size_t bytes, struct err *e);

#endif
