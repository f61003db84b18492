/* changes.h - what differs between the folders given and the library: the walk merged with the
 * known rows.
 *
 * One pass is a pure reading: nothing is written and no picture opened, so a pass over an unchanged
 * library costs a stat a file. The index makes up to three: to count, to ingest, to remove.
 */
#ifndef FOVEA_LIBRARY_CHANGES_H
#define FOVEA_LIBRARY_CHANGES_H

#include "store/store.h"

enum change_kind {
    CHANGE_NONE,   /* known, same size and time, has its vector */
    CHANGE_WORK,   /* new, changed, or without a vector of this model */
    CHANGE_FAILED, /* failed before, same size and time */
    CHANGE_BROKEN, /* a file or folder (path ends with "/") that can't be looked at: reason */
    CHANGE_GONE,   /* a known row whose file is not there any more */
    CHANGE_NOTE,   /* reason is for a person, nothing to do */
    CHANGE_ROOT,   /* a folder given that can't be read: reason; nothing below it is touched */
    CHANGE_KIND_COUNT
};

struct change {
    enum change_kind kind;
    const char *path; /* borrowed until the next call, as is reason */
    const char *reason;
    enum status status; /* of CHANGE_ROOT */
    int64_t id;         /* of the row in images, 0: none */
    int64_t bytes;
    double mtime;
};

struct changes_options {
    struct store *store;
    const char *column;       /* the embedding column that counts */
    const char *const *roots; /* real paths; borrowed */
    size_t count;
    bool retry; /* failed files are work */
};

struct changes;

NODISCARD enum status changes_open(
    const struct changes_options *how, struct changes **out, struct err *e);
NODISCARD enum status changes_next(
    struct changes *c, struct change *out, bool *more, struct err *e);
void changes_close(struct changes *c);

#endif
