/* op_patch.c - pictures into the rows of a product: cutting and normalising patches, joining them
 * with the class row and the positions.
 *
 * A convolution whose stride is its kernel is a product over cut patches; oneDNN 2.6 runs it at
 * half the speed of that product, so the patches are cut here, in the order [channel][y][x] of the
 * stored weights.
 */
#include <string.h>

#include "nn/op.h"

static enum status patchify_shape(struct nn_call *c, struct err *e)
{
    const struct nn_shape *x = &c->in[0].shape;
    int patch = c->attrs->patch;
    int64_t grid = patch > 0 && x->rank == 3 ? x->dim[1] / patch : 0;
    if (grid < 1 || x->dim[2] != 3 * x->dim[1] || c->in[0].dtype != DTYPE_U8)
        return nn_shape_err(e, "patchify", x, &(struct nn_shape){2, {patch, patch}});
    c->out.dtype = c->attrs->out;
    c->out.shape = (struct nn_shape){3, {x->dim[0], grid * grid, (int64_t)3 * patch * patch}};
    return ST_OK;
}

/* The first byte of patch number i, counted over all pictures. */
static const uint8_t *patch_start(const struct nn_call *c, int64_t i)
{
    const struct nn_shape *x = &c->in[0].shape;
    int64_t patch = c->attrs->patch, grid = x->dim[1] / patch;
    int64_t picture = i / (grid * grid), row = i / grid % grid, column = i % grid;
    return (const uint8_t *)c->in[0].data + (picture * x->dim[1] + row * patch) * x->dim[2] +
        column * patch * 3;
}

static enum status patchify_forward(const struct nn_call *c, int part)
{
    size_t patch = (size_t)c->attrs->patch, row = (size_t)c->in[0].shape.dim[2];
    struct nn_pixels pixels = c->attrs->pixels;
    int64_t i, end, columns = nn_shape_columns(&c->out.shape);
    pixels.plane = patch * patch;
    nn_part_range(nn_shape_rows(&c->out.shape), part, c->parts, &i, &end);
    for (; i < end; i++) {
        const uint8_t *from = patch_start(c, i);
        for (size_t y = 0; y < patch; y++, from += row) {
            size_t to = (size_t)(i * columns) + y * patch;
            if (c->out.dtype == DTYPE_BF16)
                c->kernels->patch_bf16((uint16_t *)c->out.data + to, from, patch, &pixels);
            else
                c->kernels->patch_f32((float *)c->out.data + to, from, patch, &pixels);
        }
    }
    return ST_OK;
}

static void patchify_reference(const struct nn_call *c)
{
    struct nn_call one = *c;
    one.parts = 1;
    one.kernels = nn_kernels_get(CPU_BASE);
    (void)patchify_forward(&one, 0); /* the plain kernel is the specification */
}

const struct nn_op nn_op_patchify = {
    .name = "patchify",
    .inputs = 1,
    .shape = patchify_shape,
    .reference = patchify_reference,
    .forward = patchify_forward,
};

static enum status join_shape(struct nn_call *c, struct err *e)
{
    const struct nn_shape *x = &c->in[0].shape;
    const struct nn_param *class = c->param[0], *position = c->param[1];
    const struct nn_shape want = {2, {x->dim[1] + 1, x->dim[2]}};
    const struct nn_shape have = {2, {position->rows, position->columns}};
    if (x->rank != 3 || class->rows * class->columns != x->dim[2] || have.dim[0] != want.dim[0] ||
        have.dim[1] != want.dim[1])
        return nn_shape_err(e, "join_patches", &have, &want);
    c->out.dtype = DTYPE_F32;
    c->out.shape = (struct nn_shape){3, {x->dim[0], x->dim[1] + 1, x->dim[2]}};
    return ST_OK;
}

static void join_row(const struct nn_call *c, int64_t i, const struct nn_kernels *k)
{
    int64_t tokens = c->out.shape.dim[1], width = c->out.shape.dim[2];
    int64_t picture = i / tokens, token = i % tokens;
    const float *from = c->param[0]->plain;
    if (token > 0)
        from = (const float *)c->in[0].data + (picture * (tokens - 1) + token - 1) * width;
    k->add(
        (float *)c->out.data + i * width, from, c->param[1]->plain + token * width, (size_t)width);
}

static enum status join_forward(const struct nn_call *c, int part)
{
    int64_t i, end;
    nn_part_range(nn_shape_rows(&c->out.shape), part, c->parts, &i, &end);
    for (; i < end; i++) join_row(c, i, c->kernels);
    return ST_OK;
}

static void join_reference(const struct nn_call *c)
{
    for (int64_t i = 0; i < nn_shape_rows(&c->out.shape); i++)
        join_row(c, i, nn_kernels_get(CPU_BASE));
}

const struct nn_op nn_op_join_patches = {
    .name = "join_patches",
    .inputs = 1,
    .params = 2,
    .shape = join_shape,
    .reference = join_reference,
    .forward = join_forward,
};
