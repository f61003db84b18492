/* zipfile.h - the entries of a zip archive in memory, uncompressed ones only; torchfile.c uses it.
 *
 * Entries borrow the bytes they lie in. CRCs are not checked: that would read every weight at
 * opening.
 */
#ifndef FOVEA_NN_ZIPFILE_H
#define FOVEA_NN_ZIPFILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct zipfile_entry {
    const char *name; /* not ended by a NUL */
    size_t name_bytes;
    const uint8_t *data;
    size_t bytes;
};

struct zipfile {
    struct zipfile_entry *entries; /* sorted by name */
    size_t count;
};

/* Errors: CORRUPT, UNSUPPORTED (compressed, encrypted, several disks), LIMIT, NO_MEMORY. */
NODISCARD enum status zipfile_open(
    const uint8_t *data, size_t bytes, const char *what, struct zipfile *out, struct err *e);
void zipfile_close(struct zipfile *z);
/* NULL when there is none. */
const struct zipfile_entry *zipfile_find(const struct zipfile *z, const char *name, size_t bytes);

#endif
