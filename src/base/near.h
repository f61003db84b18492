/* near.h - "did you mean": the known name that comes nearest to a mistyped one. */
#ifndef FOVEA_BASE_NEAR_H
#define FOVEA_BASE_NEAR_H

#include <stddef.h>

/* Edits (insert, delete, change, swap neighbours) that turn a into b; ASCII's case doesn't count,
 * names are compared up to 32 bytes. */
size_t near_distance(const char *a, const char *b);
/* Keeps in *best the candidate nearest to word that is near enough to be meant; *best starts as
 * NULL. */
void near_consider(const char *word, const char *candidate, const char **best);

#endif
