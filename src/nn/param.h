/* param.h - the weights of a network: stored tensors on one side, what the ops read on the other.
 *
 * A parameter is one stored tensor or several of the same width stacked by rows (q, k and v become
 * one matrix). Until packed it is only a reference into the mapped file. Packing makes, by its use,
 *   VECTOR  an f32 array (biases, norms, positions)
 *   MATRIX  weights for gemm.h in the network's element type; an f32 array in a reference network
 *   TABLE   nothing: rows are read where they are stored (token embeddings)
 * Threads: add and pack by one thread, then read by any number.
 */
#ifndef FOVEA_NN_PARAM_H
#define FOVEA_NN_PARAM_H

#include "nn/dtype.h"
#include "nn/gemm.h"

enum nn_use { NN_VECTOR, NN_MATRIX, NN_TABLE };
enum { NN_PARTS_MAX = 3 };

struct nn_param {
    enum nn_use use;
    int parts;
    const struct stored_tensor *part[NN_PARTS_MAX];
    int64_t part_rows[NN_PARTS_MAX];
    int64_t rows, columns;
    float *plain;
    struct gemm_weights *packed;
};

struct nn_params {
    struct nn_param *items;
    int count, capacity;
    bool packed;
    void *block; /* holds all that packing made */
    /* Told of every tensor that was packed and won't be read again, or NULL. */
    void (*done)(const struct stored_tensor *t);
};

void nn_params_init(struct nn_params *ps);
void nn_params_deinit(struct nn_params *ps);
/* Adds a parameter and gives its number. The tensors are borrowed. A tensor's first dimension is
 * its rows, the product of the others its columns. Errors: NO_MEMORY, MISMATCH (columns differ),
 * LIMIT. */
NODISCARD enum status nn_params_add(struct nn_params *ps, enum nn_use use,
    const struct stored_tensor *const parts[NN_PARTS_MAX], int *out, struct err *e);
/* Packs all of them or none, matrices in dtype; reference: matrices become f32 arrays. */
NODISCARD enum status nn_params_pack(
    struct nn_params *ps, enum dtype dtype, bool reference, struct err *e);
/* Rows first .. first + count of a parameter as f32. */
NODISCARD enum status nn_param_get(
    const struct nn_param *p, int64_t first, int64_t count, float *out, struct err *e);

#endif
