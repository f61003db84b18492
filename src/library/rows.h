/* rows.h - the writing side of the library: finished pictures and failures to rows, in short
 * transactions.
 *
 * Rows are gathered and written together, up to 256 or a quarter of a second's worth (more where
 * commits are slow, two seconds at most): the write lock is held for
 * milliseconds, one fsync pays for many pictures, and a kill loses at most what was gathered. Each
 * transaction leaves the tables as a whole: a path is in images, in image_errors, or in neither.
 */
#ifndef FOVEA_LIBRARY_ROWS_H
#define FOVEA_LIBRARY_ROWS_H

#include "library/job.h"
#include "library/pick.h"

struct rows;

/* p: declared. */
NODISCARD enum status rows_open(
    struct store *s, const struct pick *p, struct rows **out, struct err *e);
void rows_close(struct rows *r); /* what is gathered and not written is dropped */

/* Looks for a picture with j's hash that has its vector: fills vector, info and j->reused. */
NODISCARD enum status rows_find(struct rows *r, struct job *j, struct err *e);
/* Takes j over: its row, or with j->status the row of its failure. Writes when enough is gathered.
 */
NODISCARD enum status rows_add(struct rows *r, struct job *j, struct err *e);
/* A file or folder that can't be looked at; it is tried again at the next run. */
NODISCARD enum status rows_add_broken(
    struct rows *r, const char *path, const char *reason, struct err *e);
/* Forgets a path: its row (id, 0 for none) and its failure. */
NODISCARD enum status rows_remove(struct rows *r, int64_t id, const char *path, struct err *e);
NODISCARD enum status rows_flush(struct rows *r, struct err *e);

#endif
