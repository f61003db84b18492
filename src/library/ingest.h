/* ingest.h - the ingest queue: picture files go in, rows come out, in bounded memory.
 *
 * The statement's thread feeds and writes; workers (worker.c), one a core, decode and embed. Only
 * the statement's thread touches the database: a worker that wants to know whether a content is
 * known asks through the queue of finished jobs.
 */
#ifndef FOVEA_LIBRARY_INGEST_H
#define FOVEA_LIBRARY_INGEST_H

#include "library/changes.h"
#include "library/rows.h"

struct ingest_options {
    const struct run *run;
    struct model *model;
    struct rows *rows;
    uint64_t total; /* pictures to come, for progress and for small batches at small runs */
};

struct ingest_counts {
    uint64_t indexed, reused, failed;
};

struct ingest;

NODISCARD enum status ingest_open(
    const struct ingest_options *how, struct ingest **out, struct err *e);
/* Hands one file on (copied); waits while too many are under way. An error is the run's, not a
 * picture's. */
NODISCARD enum status ingest_add(struct ingest *g, const struct change *c, struct err *e);
/* Waits for what is under way and writes it. Also to be called before ingest_close after an error.
 */
NODISCARD enum status ingest_finish(struct ingest *g, struct ingest_counts *out, struct err *e);
void ingest_close(struct ingest *g);

#endif
