/* walk.h - the picture files under one folder, one at a time, in the byte order of their paths.
 *
 * Order matters: what the library knows comes out of its table in the same order, so that the two
 * can be merged without holding either. Memory is that of the names of the folders on the way down.
 *
 * What is passed over: hidden names, what .foveaignore says (ignore.h), names that are no
 * picture's, and whatever is no regular file (a FIFO is never opened). Links to files are followed.
 * A link to a folder is followed when it leads out of all the folders given, each such folder once;
 * one that leads into them is passed over, since what is there is walked as itself.
 */
#ifndef FOVEA_LIBRARY_WALK_H
#define FOVEA_LIBRARY_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum walk_kind {
    WALK_FILE,   /* a picture's name and a regular file: path, bytes, mtime */
    WALK_BROKEN, /* a picture's name that can't be looked at: path, reason */
    WALK_FOLDER, /* a folder that can't be read: path ends with "/", reason. What is below is not
                    known */
    WALK_NOTE    /* nothing is missing, but a person may want to know: path, reason */
};

struct walk_entry {
    enum walk_kind kind;
    const char *path; /* absolute; borrowed until the next call, as is reason */
    size_t path_bytes;
    int64_t bytes;
    double mtime; /* seconds since 1970 */
    const char *reason;
};

struct walk;

/* roots: real paths, none below a link, count of them; the walk is over roots[index] and stays out
 * of the others. Errors: NOT_FOUND, DENIED, INVALID (no folder), NO_MEMORY. */
NODISCARD enum status walk_open(
    const char *const *roots, size_t count, size_t index, struct walk **out, struct err *e);
/* *more false: the walk is over. */
NODISCARD enum status walk_next(struct walk *w, struct walk_entry *out, bool *more, struct err *e);
void walk_close(struct walk *w);

#endif
