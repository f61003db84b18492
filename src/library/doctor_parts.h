/* doctor_parts.h - what the checks of fovea_doctor() share; no other file includes it. */
#ifndef FOVEA_LIBRARY_DOCTOR_PARTS_H
#define FOVEA_LIBRARY_DOCTOR_PARTS_H

#include "library/library.h"
#include "store/store.h"

struct exam {
    struct sql_session *session;
    struct store *store; /* of the library: the session's, or the user's own when that is in memory;
                          * NULL: there is none */
    bool fix;
    struct listing *lines;
    struct err *e;
};

/* One row. status: 'ok', 'note' (worth knowing) or 'bad' (something to mend). */
enum status doctor_line(struct exam *x, const char *check, const char *status, const char *fmt, ...)
    PRINTF_LIKE(4, 5);

/* The checks of doctor_vectors.c. */
enum status doctor_vectors(struct exam *x);

#endif
