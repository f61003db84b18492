/* op.h - the operations of a network, one row each.
 *
 * A row has the shape rule, the reference forward (plain loops over f32, the specification) and the
 * forward that plans run. A value's type is the network's (f32 or bf16) where a product reads it,
 * f32 for the residual stream, scores and results.
 */
#ifndef FOVEA_NN_OP_H
#define FOVEA_NN_OP_H

#include "nn/gemm.h"
#include "nn/kernels.h"
#include "nn/param.h"
#include "nn/tensor.h"

// clang-format off
/* What each takes (in brackets: may be absent) and gives; [n, t, w] are sequences, tokens, width.
 *
 *   op            inputs            parameters         result
 *   PATCHIFY      u8 pixels         -                  [n, patches, 3 * patch * patch], normalised,
 *                 [n, s, 3 * s]                        channel by channel
 *   JOIN_PATCHES  x                 class, positions   f32 [n, patches + 1, width], class row first
 *   EMBED         i32 ids [n, t]    table, positions   f32 [n, t, width]
 *   NORM          f32 x             gamma, beta        layer norm over the last dimension
 *   LINEAR        x, (f32 r)        matrix, (bias)     act(x W' + b), + r
 *   ATTENTION     q, kv, (i32 [n])  -                  softmax(q k' / sqrt(d)) v per head; q, k, v
 *                                                      are column ranges of the inputs
 *   PICK          x, (i32 [n])      -                  [n, 1, width]: that row of each, or row 0
 *   UNIT          f32 x             -                  each row divided by its length
 */
enum nn_op_kind {
    NN_PATCHIFY,
    NN_JOIN_PATCHES,
    NN_EMBED,
    NN_NORM,
    NN_LINEAR,
    NN_ATTENTION,
    NN_PICK,
    NN_UNIT,
    NN_OP_COUNT
};
// clang-format on

enum { NN_INPUTS_MAX = 3, NN_OP_PARAMS_MAX = 2 };

/* What a node knows besides its inputs. Each op reads its own. */
struct nn_attrs {
    enum dtype out;  /* PATCHIFY, NORM, LINEAR, ATTENTION: element type of the result */
    float eps;       /* NORM */
    enum nn_act act; /* LINEAR */
    int patch;       /* PATCHIFY */
    struct nn_pixels pixels;
    int heads; /* ATTENTION: from here on */
    bool causal;
    int64_t width; /* of q, of k and of v */
    int64_t q_column, k_column, v_column;
};

/* A node bound to its memory. An absent input has data NULL, an absent parameter is NULL. */
struct nn_call {
    const struct nn_attrs *attrs;
    struct nn_tensor out;
    struct nn_tensor in[NN_INPUTS_MAX];
    const struct nn_param *param[NN_OP_PARAMS_MAX];
    const struct nn_kernels *kernels;
    void *state;          /* what open made */
    void *scratch;        /* scratch_bytes for each part, one behind the other */
    size_t scratch_bytes; /* open sets it, a multiple of 64 */
    int parts;            /* threads that run it together */
};

struct nn_op {
    const char *name;
    int inputs, params; /* that must be there; the rest up to the maximum is optional */
    bool in_place;      /* the result may take the memory of input 1 */
    /* Checks inputs and parameters, fills call->out's type and shape. */
    enum status (*shape)(struct nn_call *c, struct err *e);
    void (*reference)(const struct nn_call *c);
    /* Makes what forward needs for these shapes; NULL when nothing. close takes it back. */
    enum status (*open)(struct nn_call *c, struct err *e);
    void (*close)(void *state);
    /* Part 0..parts-1 of the work; the parts run at the same time. */
    enum status (*forward)(const struct nn_call *c, int part);
};

const struct nn_op *nn_op_get(enum nn_op_kind kind);

/* The rows of the table, each in the file of its op. */
extern const struct nn_op nn_op_patchify, nn_op_join_patches; /* op_patch.c */
extern const struct nn_op nn_op_embed, nn_op_pick;            /* op_embed.c */
extern const struct nn_op nn_op_norm, nn_op_unit;             /* op_norm.c */
extern const struct nn_op nn_op_linear;                       /* op_linear.c */
extern const struct nn_op nn_op_attention;                    /* op_attention.c */

/* The share [*first, *end) of part in count things. */
void nn_part_range(int64_t count, int part, int parts, int64_t *first, int64_t *end);
/* An op's refusal: CORRUPT, "<op>: <what> [shape] does not go with [shape]". */
enum status nn_shape_err(
    struct err *e, const char *what, const struct nn_shape *a, const struct nn_shape *b);

#endif
