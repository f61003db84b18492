/* op_linear.c - act(x W' + b) + residual as one product with post-ops. */
#include "nn/op.h"

static enum status linear_shape(struct nn_call *c, struct err *e)
{
    const struct nn_shape *x = &c->in[0].shape, *r = &c->in[1].shape;
    const struct nn_param *w = c->param[0], *b = c->param[1];
    const struct nn_shape weight = {2, {w->rows, w->columns}};
    struct nn_shape out = *x;
    if (x->rank < 1 || nn_shape_columns(x) != w->columns)
        return nn_shape_err(e, "linear", &weight, x);
    out.dim[out.rank - 1] = w->rows;
    if (b && b->rows * b->columns != w->rows)
        return nn_shape_err(
            e, "linear bias", &(struct nn_shape){2, {b->rows, b->columns}}, &weight);
    if (r->rank > 0 && nn_shape_count(r) != nn_shape_count(&out))
        return nn_shape_err(e, "linear residual", r, &out);
    c->out.dtype = c->attrs->out;
    c->out.shape = out;
    return ST_OK;
}

static void linear_reference(const struct nn_call *c)
{
    const struct nn_param *w = c->param[0];
    const float *residual = c->in[1].data, *bias = c->param[1] ? c->param[1]->plain : NULL;
    for (int64_t r = 0; r < nn_shape_rows(&c->out.shape); r++) {
        const float *x = (const float *)c->in[0].data + r * w->columns;
        float *y = (float *)c->out.data + r * w->rows;
        for (int64_t n = 0; n < w->rows; n++) {
            double sum = bias ? (double)bias[n] : 0;
            for (int64_t k = 0; k < w->columns; k++)
                sum += (double)x[k] * (double)w->plain[n * w->columns + k];
            y[n] = nn_act_value(c->attrs->act, (float)sum) +
                (residual ? residual[r * w->rows + n] : 0.0f);
        }
    }
}

static enum status linear_open(struct nn_call *c, struct err *e)
{
    struct gemm_linear *l;
    const struct gemm_linear_how how = {
        .weights = c->param[0]->packed,
        .bias = c->param[1] ? c->param[1]->plain : NULL,
        .rows = nn_shape_rows(&c->out.shape),
        .out = c->out.dtype,
        .act = c->attrs->act,
        .add = c->in[1].shape.rank > 0,
        .parts = c->parts,
    };
    enum status st = gemm_linear_open(&how, &l, e);
    c->state = l;
    return st;
}

static void linear_close(void *state)
{
    gemm_linear_close(state);
}

static enum status linear_forward(const struct nn_call *c, int part)
{
    return gemm_linear_run(c->state, part, c->out.data, c->in[0].data, c->in[1].data);
}

const struct nn_op nn_op_linear = {
    .name = "linear",
    .inputs = 1,
    .params = 1,
    .in_place = true,
    .shape = linear_shape,
    .reference = linear_reference,
    .open = linear_open,
    .close = linear_close,
    .forward = linear_forward,
};
