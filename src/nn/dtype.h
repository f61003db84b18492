/* dtype.h - element types, and a tensor as a weight file holds it.
 *
 * The names are those of the safetensors format. Every reader of weight files (safetensors.h,
 * torchfile.h) gives struct stored_tensor, so whoever builds a network needs to know no format.
 */
#ifndef FOVEA_NN_DTYPE_H
#define FOVEA_NN_DTYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/limits.h"

/* X(name, bytes of one element) */
#define DTYPE_TABLE(X) \
    X(F32, 4)          \
    X(F16, 2)          \
    X(BF16, 2)         \
    X(F64, 8)          \
    X(I64, 8)          \
    X(I32, 4)          \
    X(I16, 2)          \
    X(I8, 1)           \
    X(U8, 1)           \
    X(BOOL, 1)

enum dtype {
#define X(name, size) DTYPE_##name,
    DTYPE_TABLE(X)
#undef X
    DTYPE_COUNT
};

const char *dtype_name(enum dtype t); /* "F32" */
size_t dtype_bytes(enum dtype t);
/* DTYPE_COUNT when the format has no such name, or we don't read it. */
enum dtype dtype_find(const char *name);

/* Row-major, contiguous, little-endian. Borrowed from the file it was read from, as long as that
 * is open. */
struct stored_tensor {
    const char *name;
    const void *data; /* perhaps unaligned: copy, don't cast (stored_get_f32 copes) */
    enum dtype dtype;
    int rank;         /* 0: a single element */
    int64_t shape[LIMIT_TENSOR_RANK];
    size_t count;     /* elements: the product of shape */
    size_t bytes;     /* count * dtype_bytes(dtype), all inside the file */
};

/* Converts count elements from element first on into out. F32, F16, BF16 and F64 (rounded) only.
 * Errors: UNSUPPORTED (an integer tensor, named), INVALID (first + count past the end). */
NODISCARD enum status stored_get_f32(const struct stored_tensor *t, size_t first, size_t count,
    float *out,
    struct err *e);

/* The small text file that Git LFS leaves in a weight file's place. */
bool stored_is_pointer(const void *data, size_t bytes);

/* "[768, 3, 32, 32]" into text (cut to fit); for messages. Returns text. */
const char *stored_shape_text(int rank, const int64_t *shape, char *text, size_t bytes);

#endif
