/* array.h - "[0.1, -2e-3]" and "[0.1 0.2]": numbers between brackets, apart by a comma, blanks or
 * both. */
#ifndef FOVEA_TABLE_ARRAY_H
#define FOVEA_TABLE_ARRAY_H

#include <stddef.h>

/* Blanks at both ends go. */
void array_trim(const char **s, size_t *bytes);
/* How many numbers the text holds; 0: none, -1: it is no such array. */
int array_count(const char *s, size_t bytes);
/* Writes at most dim numbers; returns how many the text holds, -1: it is no such array. */
int array_read(const char *s, size_t bytes, float *out, int dim);

#endif
