/* tensor.h - a shape, and a dense row-major array that has one.
 *
 * A shape of rank r is read as rows x columns: the last dimension is the columns, the product of
 * the others the rows. Data is borrowed, contiguous, and 64-byte aligned when a plan made it.
 */
#ifndef FOVEA_NN_TENSOR_H
#define FOVEA_NN_TENSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nn/dtype.h"

enum { NN_RANK_MAX = 4 };

struct nn_shape {
    int rank;
    int64_t dim[NN_RANK_MAX];
};

struct nn_tensor {
    enum dtype dtype;
    struct nn_shape shape;
    void *data;
};

static inline int64_t nn_shape_count(const struct nn_shape *s)
{
    int64_t count = 1;
    for (int i = 0; i < s->rank; i++) count *= s->dim[i];
    return count;
}

static inline int64_t nn_shape_columns(const struct nn_shape *s)
{
    return s->rank > 0 ? s->dim[s->rank - 1] : 1;
}

static inline int64_t nn_shape_rows(const struct nn_shape *s)
{
    int64_t columns = nn_shape_columns(s);
    return columns > 0 ? nn_shape_count(s) / columns : 0;
}

#endif
