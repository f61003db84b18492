/* input.c - see input.h. Files are read, not mapped: one that somebody shortens meanwhile is an
 * error and not a signal. */
#include "table/input.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/sys.h"

enum { SLACK = 64 };

enum status input_open(const char *path, struct input *out, struct err *e)
{
    *out = (struct input){.name = path, .fd = -1};
    int fd = sys_open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
    if (fd < 0) return err_set_errno(e, errno, "%s", path);
    if (sys_size(fd, &out->bytes) != 0) {
        int errnum = errno;
        close(fd);
        if (errnum == EISDIR) return err_set(e, ST_INVALID, "%s is a folder", path);
        if (errnum == EINVAL) return err_set(e, ST_INVALID, "%s is not a regular file", path);
        return err_set_errno(e, errnum, "%s", path);
    }
    out->fd = fd;
    return ST_OK;
}

void input_open_memory(const void *data, size_t bytes, const char *name, struct input *out)
{
    *out = (struct input){.name = name, .bytes = bytes, .fd = -1, .memory = data};
}

void input_close(struct input *in)
{
    if (in->fd >= 0) close(in->fd);
    *in = (struct input){.fd = -1};
}

enum status input_read(const struct input *in, uint64_t at, void *out, size_t bytes, struct err *e)
{
    if (bytes == 0) return ST_OK;
    if (at > in->bytes || bytes > in->bytes - at)
        return err_set(e, ST_CORRUPT, "%s ends at byte %llu, %llu are needed: it is cut short",
            in->name, (unsigned long long)in->bytes, (unsigned long long)(at + bytes));
    if (in->fd < 0) {
        memcpy(out, in->memory + at, bytes);
        return ST_OK;
    }
    for (size_t got = 0; got < bytes;) {
        ssize_t n = sys_read_at(in->fd, (char *)out + got, bytes - got, at + got);
        if (n < 0) return err_set_errno(e, errno, "%s", in->name);
        if (n == 0) return err_set(e, ST_CORRUPT, "%s became shorter while it was read", in->name);
        got += (size_t)n;
    }
    return ST_OK;
}

enum status input_text_start(const struct input *in, uint64_t *at, struct err *e)
{
    unsigned char head[64] = {0};
    size_t bytes = in->bytes < sizeof head ? (size_t)in->bytes : sizeof head;
    *at = 0;
    enum status st = input_read(in, 0, head, bytes, e);
    if (st != ST_OK) return st;
    if (bytes >= 3 && memcmp(head, "\xef\xbb\xbf", 3) == 0) *at = 3;
    size_t zeros[4] = {0};
    for (size_t i = 0; i < bytes; i++) zeros[i % 4] += head[i] == 0;
    size_t even = zeros[0] + zeros[2], odd = zeros[1] + zeros[3];
    bool marked =
        bytes >= 2 && (memcmp(head, "\xff\xfe", 2) == 0 || memcmp(head, "\xfe\xff", 2) == 0);
    if (!marked && even <= bytes / 4 && odd <= bytes / 4) return ST_OK;
    bool wide = zeros[2] > bytes / 5 && even > 0 && odd > 0; /* three zeros of four */
    bool little = marked ? head[0] == 0xff : odd > even || zeros[3] > zeros[0];
    return err_set(e, ST_INVALID,
        "%s, row 1: the text is %s (%s-endian), not UTF-8 (iconv -t UTF-8 converts)", in->name,
        wide ? "UTF-32" : "UTF-16", little ? "little" : "big");
}

void window_init(struct window *w, const struct input *in, uint64_t at, uint64_t stop)
{
    *w = (struct window){.in = in, .at = at, .stop = stop};
}

void window_deinit(struct window *w)
{
    mem_free(w->data);
    *w = (struct window){0};
}

enum status window_fill(struct window *w, size_t bytes, struct err *e)
{
    size_t left = window_bytes(w);
    if (w->data != NULL && (left >= bytes || window_whole(w))) return ST_OK;
    if (left >= bytes) bytes = left;
    if (bytes - left > w->stop - w->at) bytes = left + (size_t)(w->stop - w->at);
    if (bytes + SLACK > w->capacity) {
        size_t capacity = bytes + SLACK;
        char *data = mem_alloc(capacity);
        if (data == NULL) return mem_err(e, capacity);
        if (left > 0) memcpy(data, w->data + w->start, left);
        mem_free(w->data);
        w->data = data;
        w->capacity = capacity;
    } else if (left > 0)
        memmove(w->data, w->data + w->start, left);
    w->start = 0;
    w->end = left;
    size_t room = w->capacity - SLACK - left;
    if (room > w->stop - w->at) room = (size_t)(w->stop - w->at);
    enum status st = input_read(w->in, w->at, w->data + left, room, e);
    if (st != ST_OK) return st;
    w->at += room;
    w->end += room;
    memset(w->data + w->end, 0, SLACK);
    return ST_OK;
}
