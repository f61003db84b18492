/* op_embed.c - token ids to rows, and one row out of each sequence. */
#include <string.h>

#include "nn/op.h"

static enum status embed_shape(struct nn_call *c, struct err *e)
{
    const struct nn_shape *ids = &c->in[0].shape;
    const struct nn_param *table = c->param[0], *position = c->param[1];
    const struct nn_shape have = {2, {position->rows, position->columns}};
    if (ids->rank != 2 || position->columns != table->columns || position->rows < ids->dim[1])
        return nn_shape_err(e, "embed", &have, ids);
    c->out.dtype = DTYPE_F32;
    c->out.shape = (struct nn_shape){3, {ids->dim[0], ids->dim[1], table->columns}};
    return ST_OK;
}

static enum status embed_row(const struct nn_call *c, int64_t i, const struct nn_kernels *k)
{
    int64_t tokens = c->out.shape.dim[1], width = c->out.shape.dim[2];
    float *row = (float *)c->out.data + i * width;
    enum status st = nn_param_get(c->param[0], ((const int32_t *)c->in[0].data)[i], 1, row, NULL);
    if (st == ST_OK) k->add(row, row, c->param[1]->plain + i % tokens * width, (size_t)width);
    return st;
}

static enum status embed_forward(const struct nn_call *c, int part)
{
    int64_t i, end;
    enum status st = ST_OK;
    nn_part_range(nn_shape_rows(&c->out.shape), part, c->parts, &i, &end);
    for (; i < end && st == ST_OK; i++) st = embed_row(c, i, c->kernels);
    return st;
}

static void embed_reference(const struct nn_call *c)
{
    for (int64_t i = 0; i < nn_shape_rows(&c->out.shape); i++)
        (void)embed_row(c, i, nn_kernels_get(CPU_BASE));
}

const struct nn_op nn_op_embed = {
    .name = "embed",
    .inputs = 1,
    .params = 2,
    .shape = embed_shape,
    .reference = embed_reference,
    .forward = embed_forward,
};

static enum status pick_shape(struct nn_call *c, struct err *e)
{
    const struct nn_shape *x = &c->in[0].shape, *rows = &c->in[1].shape;
    if (x->rank != 3 || (rows->rank > 0 && (rows->rank != 1 || rows->dim[0] != x->dim[0])))
        return nn_shape_err(e, "pick", x, rows);
    c->out.dtype = c->in[0].dtype;
    c->out.shape = (struct nn_shape){3, {x->dim[0], 1, x->dim[2]}};
    return ST_OK;
}

static enum status pick_forward(const struct nn_call *c, int part)
{
    const struct nn_shape *x = &c->in[0].shape;
    const int32_t *rows = c->in[1].data;
    size_t bytes = (size_t)x->dim[2] * dtype_bytes(c->in[0].dtype);
    int64_t i, end;
    nn_part_range(x->dim[0], part, c->parts, &i, &end);
    for (; i < end; i++) {
        int64_t row = i * x->dim[1] + (rows ? rows[i] : 0);
        memcpy((char *)c->out.data + (size_t)i * bytes,
            (const char *)c->in[0].data + (size_t)row * bytes, bytes);
    }
    return ST_OK;
}

static void pick_reference(const struct nn_call *c)
{
    struct nn_call one = *c;
    one.parts = 1;
    (void)pick_forward(&one, 0);
}

const struct nn_op nn_op_pick = {
    .name = "pick",
    .inputs = 1,
    .shape = pick_shape,
    .reference = pick_reference,
    .forward = pick_forward,
};
