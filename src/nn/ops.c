/* ops.c - the table of operations. */
#include "nn/op.h"

#include <assert.h>

static const struct nn_op *const ops[] = {
    [NN_PATCHIFY] = &nn_op_patchify,
    [NN_JOIN_PATCHES] = &nn_op_join_patches,
    [NN_EMBED] = &nn_op_embed,
    [NN_NORM] = &nn_op_norm,
    [NN_LINEAR] = &nn_op_linear,
    [NN_ATTENTION] = &nn_op_attention,
    [NN_PICK] = &nn_op_pick,
    [NN_UNIT] = &nn_op_unit,
};
static_assert(sizeof ops / sizeof *ops == NN_OP_COUNT, "a row for every op");

const struct nn_op *nn_op_get(enum nn_op_kind kind)
{
    return ops[kind];
}

void nn_part_range(int64_t count, int part, int parts, int64_t *first, int64_t *end)
{
    *first = count * part / parts;
    *end = count * (part + 1) / parts;
}

enum status nn_shape_err(
    struct err *e, const char *what, const struct nn_shape *a, const struct nn_shape *b)
{
    char left[96], right[96];
    return err_set(e, ST_CORRUPT, "%s: shape %s does not go with %s", what,
        stored_shape_text(a->rank, a->dim, left, sizeof left),
        stored_shape_text(b->rank, b->dim, right, sizeof right));
}
