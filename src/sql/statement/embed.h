/* embed.h - texts and pictures to vectors for SQL: read, decoded on all cores, batched, remembered.
 *
 * Results are kept by (content, model) for the session, in bounded memory: a step that runs again
 * for other parameters, or embed_image() over copies of a file, computes each picture once.
 * Threads: the session's; decoding uses threads of its own inside a call.
 */
#ifndef FOVEA_SQL_STATEMENT_EMBED_H
#define FOVEA_SQL_STATEMENT_EMBED_H

#include "model/model.h"
#include "sql/session.h"

struct embed_cache;

NODISCARD enum status embed_cache_open(struct embed_cache **out, struct err *e);
void embed_cache_close(struct embed_cache *c);

struct embed_words {
    const char *text;
    size_t bytes;
};

/* One text to out (dim floats). */
NODISCARD enum status embed_text(
    struct sql_session *s, struct model *m, struct embed_words words, float *out, struct err *e);

struct embed_picture {
    const char *path; /* a file; NULL: data */
    const void *data;
    size_t bytes;
    float *out; /* dim floats, filled when status is OK */
    enum status status;
    char reason[160]; /* why not */
};

/* Pictures to vectors, 1..MODEL_BATCH_MAX of them. A picture that can't be read fails alone, in its
 * status and reason; the call fails when the model does or the run is stopped. */
NODISCARD enum status embed_pictures(struct sql_session *s, struct model *m,
    struct embed_picture *pictures, int count, struct err *e);

#endif
