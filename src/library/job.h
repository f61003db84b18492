/* job.h - one picture file on its way from the walk to its row, and what happens to it in a worker.
 *
 * The statement's thread makes a job and frees it; in between it belongs to one worker at a time.
 */
#ifndef FOVEA_LIBRARY_JOB_H
#define FOVEA_LIBRARY_JOB_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/queue.h"
#include "base/run.h"
#include "image/image.h"
#include "model/model.h"

struct job {
    char *path;    /* owned */
    int64_t bytes; /* as the walk saw the file: what the row will be compared with */
    double mtime;
    char hash[HASH_CONTENT_CHARS];
    struct image_info info;
    struct queue *asked_by; /* the worker waits here to be told whether the content is known */
    bool asking;
    bool reused;        /* vector and info came from a row with the same content */
    enum status status; /* not OK: why the picture has no vector */
    bool fatal;         /* not the picture's fault: the run ends */
    struct err err;
    float vector[]; /* dim */
};

NODISCARD enum status job_open(const char *path, int dim, struct job **out, struct err *e);
void job_close(struct job *j);

/* Bytes that pictures may take while they are decoded, shared by the workers. A picture that wants
 * more than the whole gets the whole: large pictures go one at a time. */
struct budget;
NODISCARD enum status budget_open(uint64_t bytes, struct budget **out, struct err *e);
void budget_close(struct budget *b);
uint64_t budget_take(struct budget *b, uint64_t bytes); /* waits; what was taken */
void budget_give(struct budget *b, uint64_t bytes);

/* What the workers share. */
struct crew {
    struct model *model;
    const struct run *run;
    atomic_bool *stop;  /* the run has failed: send the rest back untouched */
    int batch;          /* pictures embedded together */
    struct queue *todo; /* of struct job; ended: go home */
    struct queue *done; /* of struct job, finished or asking; has room for all */
    struct budget *budget;
};

/* A worker's life, on a thread of its own: takes jobs until todo ends; each goes back through done
 * once. A worker that can't start sends its jobs back as fatal. */
void worker_live(const struct crew *crew);

#endif
