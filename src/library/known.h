/* known.h - what the library holds below one folder, in the byte order of paths: images and
 * image_errors merged.
 *
 * Read in pieces of a thousand rows, so that no cursor stays open while the ingest writes, and so
 * that memory does not grow with the library.
 */
#ifndef FOVEA_LIBRARY_KNOWN_H
#define FOVEA_LIBRARY_KNOWN_H

#include "store/store.h"

struct known_row {
    const char *path; /* borrowed until the next call */
    int64_t id;       /* 0: no row in images */
    int64_t bytes;
    double mtime;
    bool embedded; /* has a vector in the column asked for */
    bool failed;   /* has a row in image_errors, of a file of this size and time (-1: not known) */
    int64_t failed_bytes;
    double failed_mtime;
};

struct known;

/* folder ends with a slash. column: the embedding column whose presence matters. Both are copied.
 */
NODISCARD enum status known_open(
    struct store *s, const char *folder, const char *column, struct known **out, struct err *e);
NODISCARD enum status known_next(struct known *k, struct known_row *out, bool *more, struct err *e);
void known_close(struct known *k);

#endif
