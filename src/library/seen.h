/* seen.h - a set of folders by device and inode number: 16 bytes each, for telling loops and
 * repeats. */
#ifndef FOVEA_LIBRARY_SEEN_H
#define FOVEA_LIBRARY_SEEN_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

struct seen_id {
    dev_t dev;
    ino_t ino;
};

struct seen;

NODISCARD enum status seen_open(struct seen **out, struct err *e);
void seen_close(struct seen *s);
/* *fresh: it was not there before. */
NODISCARD enum status seen_add(struct seen *s, struct seen_id id, bool *fresh, struct err *e);
bool seen_has(const struct seen *s, struct seen_id id);

#endif
