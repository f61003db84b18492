/* op_norm.c - layer norm, and vectors to length 1. */
#include <math.h>

#include "nn/op.h"

static enum status norm_shape(struct nn_call *c, struct err *e)
{
    const struct nn_shape *x = &c->in[0].shape;
    for (int i = 0; i < 2; i++) {
        const struct nn_shape have = {2, {c->param[i]->rows, c->param[i]->columns}};
        if (nn_shape_count(&have) != nn_shape_columns(x)) return nn_shape_err(e, "norm", &have, x);
    }
    c->out.dtype = c->attrs->out;
    c->out.shape = *x;
    return ST_OK;
}

static enum status norm_forward(const struct nn_call *c, int part)
{
    int64_t first, end, n = nn_shape_columns(&c->out.shape);
    nn_part_range(nn_shape_rows(&c->out.shape), part, c->parts, &first, &end);
    const struct nn_norm how = {
        .gamma = c->param[0]->plain,
        .beta = c->param[1]->plain,
        .n = (size_t)n,
        .rows = (size_t)(end - first),
        .eps = c->attrs->eps,
    };
    const float *x = (const float *)c->in[0].data + first * n;
    if (c->out.dtype == DTYPE_BF16)
        c->kernels->norm_bf16((uint16_t *)c->out.data + first * n, x, &how);
    else
        c->kernels->norm_f32((float *)c->out.data + first * n, x, &how);
    return ST_OK;
}

static void norm_reference(const struct nn_call *c)
{
    struct nn_call one = *c;
    one.parts = 1;
    one.kernels = nn_kernels_get(CPU_BASE);
    (void)norm_forward(&one, 0); /* the plain kernel is the specification */
}

const struct nn_op nn_op_norm = {
    .name = "norm",
    .inputs = 1,
    .params = 2,
    .shape = norm_shape,
    .reference = norm_reference,
    .forward = norm_forward,
};

static enum status unit_shape(struct nn_call *c, struct err *e)
{
    (void)e;
    c->out.dtype = DTYPE_F32;
    c->out.shape = c->in[0].shape;
    return ST_OK;
}

/* A zero vector stays zero: it has no direction, and whoever compares it must see that. */
static void unit_row(float *out, const float *x, int64_t n)
{
    double square = 0;
    for (int64_t i = 0; i < n; i++) square += (double)x[i] * (double)x[i];
    double scale = square > 0 ? 1.0 / sqrt(square) : 0;
    for (int64_t i = 0; i < n; i++) out[i] = (float)((double)x[i] * scale);
}

static void unit_reference(const struct nn_call *c)
{
    int64_t n = nn_shape_columns(&c->out.shape);
    for (int64_t i = 0; i < nn_shape_rows(&c->out.shape); i++)
        unit_row((float *)c->out.data + i * n, (const float *)c->in[0].data + i * n, n);
}

/* One row a picture: too little work to share or to hurry. */
static enum status unit_forward(const struct nn_call *c, int part)
{
    if (part == 0) unit_reference(c);
    return ST_OK;
}

const struct nn_op nn_op_unit = {
    .name = "unit",
    .inputs = 1,
    .shape = unit_shape,
    .reference = unit_reference,
    .forward = unit_forward,
};
