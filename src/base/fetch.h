/* fetch.h - the door of libcurl: one file from a URL to disk, with resume. Only `pull` and GET come
 * here. */
#ifndef FOVEA_BASE_FETCH_H
#define FOVEA_BASE_FETCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/run.h"

struct fetch {
    const char *url;       /* http, https or file */
    const char *path;      /* where it ends up; path.part grows first and survives a break */
    uint64_t limit_bytes;  /* 0: none */
    const char *sha256;    /* 64 hex digits the file must have, or NULL */
};

/* The text begins as an address that fetch_file takes. */
bool fetch_is_url(const char *text);
/* Downloads to path.part (resuming what is there with a Range request, trying again as long as that
 * brings more), checks the hash, renames. Without f->sha256 the one that model hubs give in the
 * header X-Linked-ETag is taken. From https only https is followed, and nothing leads to file.
 * Errors: NOT_FOUND (404, 410), DENIED (401, 403), NETWORK, LIMIT, CORRUPT (hash differs; .part is
 * removed), CANCELLED, DISK_FULL, IO. */
NODISCARD enum status fetch_file(const struct fetch *f, const struct run *run, struct err *e);

#endif
