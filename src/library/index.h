/* index.h - bringing the library up to date with the folders given. */
#ifndef FOVEA_LIBRARY_INDEX_H
#define FOVEA_LIBRARY_INDEX_H

#include "library/options.h"
#include "sql/session.h"

struct index_options {
    const struct options_paths *dirs;
    const char *model; /* NULL: the library's own */
    bool retry;        /* try again what failed before */
};

struct index_counts {
    uint64_t found;   /* picture files below the folders */
    uint64_t indexed; /* got a vector now, reused ones among them */
    uint64_t unchanged;
    uint64_t removed; /* rows whose file is gone */
    uint64_t failed;  /* files and folders with a reason in image_errors */
    uint64_t reused;  /* of indexed: moved and copied files, whose content was known */
};

/* Goes through every folder it can; one that is missing or can't be read is an error at the end,
 * with everything else done, and nothing below it is removed. What was committed before a failure,
 * a cancel or a kill stays, and the next call goes on from there. Errors: NOT_FOUND, DENIED,
 * INVALID (a folder), READ_ONLY, BUSY, DISK_FULL, CANCELLED, those of the model. */
NODISCARD enum status index_run(struct sql_session *s, const struct index_options *how,
    struct index_counts *out, struct err *e);

#endif
