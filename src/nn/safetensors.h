/* safetensors.h - reads a .safetensors file: mapped, checked whole at opening, nothing copied.
 *
 * A file cut short by someone else while it is mapped is the one thing that can't be checked.
 * Threads: after opening, any number of readers.
 */
#ifndef FOVEA_NN_SAFETENSORS_H
#define FOVEA_NN_SAFETENSORS_H

#include "nn/dtype.h"

struct safetensors;

/* Errors: NOT_FOUND, DENIED, CORRUPT (what and, where there is one, which tensor), UNSUPPORTED
 * (element type), LIMIT (header, count, rank), NO_MEMORY. */
NODISCARD enum status safetensors_open(const char *path, struct safetensors **out, struct err *e);
/* The same from bytes that stay the caller's and outlive it; what names them in messages. */
NODISCARD enum status safetensors_open_bytes(const void *data, size_t bytes, const char *what,
    struct safetensors **out, struct err *e);
void safetensors_close(struct safetensors *s);

size_t safetensors_count(const struct safetensors *s);
/* In the order of their data; NULL behind the last. Borrowed until close. */
const struct stored_tensor *safetensors_at(const struct safetensors *s, size_t index);

#endif
