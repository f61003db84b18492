/* err.h - what went wrong, in words, on the caller's stack.
 *
 * Whatever can fail returns enum status and takes struct err * last. A failure is worded once,
 * where it is found; whoever forwards it adds nothing. err may be NULL: the text is then dropped.
 * Works without memory: the text is part of the struct.
 */
#ifndef FOVEA_BASE_ERR_H
#define FOVEA_BASE_ERR_H

#include "base/status.h"

#define NODISCARD __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))

enum { ERR_TEXT_BYTES = 512 };

struct err {
    enum status code;
    int offset; /* byte offset in the statement's text, -1 when the error has no place there */
    int line;   /* 1-based; 0 when the error has no place */
    int column; /* 1-based, in characters; 0 when the error has no place */
    char text[ERR_TEXT_BYTES];
};

#define ERR_INIT ((struct err){.offset = -1})

/* Fills e and returns code, so that a failure is one line: return err_set(e, ST_INVALID, "..."). */
enum status err_set(struct err *e, enum status code, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* The same with errno's words behind ": ". errno picks the status: ENOENT NOT_FOUND, EACCES DENIED,
 * ENOSPC DISK_FULL, EROFS READ_ONLY, ENOMEM NO_MEMORY, else IO. */
enum status err_set_errno(struct err *e, int errnum, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* Says where in the text the error lies: fills offset, line and column. Returns e->code. */
enum status err_place(struct err *e, const char *text, int offset);

void err_clear(struct err *e);

#endif
