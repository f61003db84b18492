/* err.c - filling struct err. Uses no heap, so that "out of memory" can be said too. */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static void fill(struct err *e, enum status code, const char *fmt, va_list args)
{
    e->code = code;
    e->offset = -1;
    e->line = e->column = 0;
    int n = vsnprintf(e->text, sizeof e->text, fmt, args);
    if (n < 0) e->text[0] = '\0';
    /* A cut text must not end inside a UTF-8 character. */
    if ((size_t)n >= sizeof e->text) {
        size_t end = sizeof e->text - 1;
        while (end > 0 && ((unsigned char)e->text[end - 1] & 0xc0) == 0x80) end--;
        if (end > 0 && (unsigned char)e->text[end - 1] >= 0xc0) end--;
        e->text[end] = '\0';
    }
}

enum status err_set(struct err *e, enum status code, const char *fmt, ...)
{
    if (e == NULL) return code;
    va_list args;
    va_start(args, fmt);
    fill(e, code, fmt, args);
    va_end(args);
    return code;
}

static enum status status_from_errno(int errnum)
{
    static const struct { int errnum; enum status status; } MAP[] = {
        {ENOENT, ST_NOT_FOUND}, {ENOTDIR, ST_NOT_FOUND}, {EACCES, ST_DENIED}, {EPERM, ST_DENIED},
        {ENOSPC, ST_DISK_FULL}, {EDQUOT, ST_DISK_FULL},  {EFBIG, ST_DISK_FULL},
        {EROFS, ST_READ_ONLY},  {ENOMEM, ST_NO_MEMORY},  {EISDIR, ST_INVALID}, {EEXIST, ST_EXISTS},
    };
    for (size_t i = 0; i < sizeof MAP / sizeof MAP[0]; i++)
        if (MAP[i].errnum == errnum) return MAP[i].status;
    return ST_IO;
}

enum status err_set_errno(struct err *e, int errnum, const char *fmt, ...)
{
    enum status code = status_from_errno(errnum);
    if (e == NULL) return code;
    va_list args;
    va_start(args, fmt);
    fill(e, code, fmt, args);
    va_end(args);
    char words[128];
    const char *w = strerror_r(errnum, words, sizeof words); /* the GNU form: gives the text */
    size_t used = strlen(e->text);
    snprintf(e->text + used, sizeof e->text - used, ": %s", w);
    return code;
}

enum status err_place(struct err *e, const char *text, int offset)
{
    if (e == NULL) return ST_INTERNAL;
    if (offset < 0) return e->code;
    int line = 1, column = 1;
    for (int i = 0; i < offset && text[i] != '\0'; i++) {
        if (text[i] == '\n') {
            line++;
            column = 1;
        } else if (((unsigned char)text[i] & 0xc0) != 0x80) {
            column++;
        }
    }
    e->offset = offset;
    e->line = line;
    e->column = column;
    return e->code;
}

void err_clear(struct err *e)
{
    if (e == NULL) return; /* done before every call of the library: the text's rest may stay */
    e->code = ST_OK;
    e->offset = -1;
    e->line = e->column = 0;
    e->text[0] = '\0';
}
