/* op_attention.c - multi-head attention, one sequence at a time so that scores stay in the cache.
 *
 * Two ways. bf16 with heads of a multiple of 16 goes through attend.h. Everything else goes through
 * batches of products: q, k and v are column ranges of the inputs, read with strides: nothing is
 * transposed or copied. The scores of a sequence's heads are one batch of products, f32; softmax
 * turns them into weights of the values' type; a second batch sums the values. Heads are shared out
 * between the parts, sequences are not: the same bits whatever the batch.
 */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "nn/attend.h"
#include "nn/op.h"

/* With one query row per sequence (the last block), in[2] tells its position, 0 without. */
static enum status attention_shape(struct nn_call *c, struct err *e)
{
    const struct nn_shape *q = &c->in[0].shape, *kv = &c->in[1].shape, *rows = &c->in[2].shape;
    const struct nn_attrs *a = c->attrs;
    bool ok = q->rank == 3 && kv->rank == 3 && q->dim[0] == kv->dim[0] && a->heads > 0 &&
        a->width % a->heads == 0 && a->q_column + a->width <= q->dim[2] &&
        a->k_column + a->width <= kv->dim[2] && a->v_column + a->width <= kv->dim[2] &&
        (q->dim[1] == kv->dim[1] || q->dim[1] == 1) && c->in[0].dtype == c->in[1].dtype;
    if (!ok || (rows->rank > 0 && (q->dim[1] != 1 || rows->dim[0] != q->dim[0])))
        return nn_shape_err(e, "attention", q, kv);
    c->out.dtype = a->out;
    c->out.shape = (struct nn_shape){3, {q->dim[0], q->dim[1], a->width}};
    return ST_OK;
}

/* How many keys the first query row of a sequence sees. */
static int64_t keys_seen(const struct nn_call *c, int64_t sequence)
{
    int64_t keys = c->in[1].shape.dim[1];
    if (!c->attrs->causal) return keys;
    const int32_t *rows = c->in[2].data;
    return c->in[0].shape.dim[1] > 1 ? 1 : rows ? rows[sequence] + 1 : 1;
}

/* One query row of one head. weights: room for the keys. */
static void reference_row(
    const struct nn_call *c, int64_t sequence, int64_t row, int64_t column, double *weights)
{
    const struct nn_attrs *a = c->attrs;
    int64_t queries = c->in[0].shape.dim[1], keys = c->in[1].shape.dim[1], d = a->width / a->heads;
    int64_t q_width = c->in[0].shape.dim[2], kv_width = c->in[1].shape.dim[2];
    int64_t seen = keys_seen(c, sequence) + (a->causal ? row : 0);
    const float *q =
        (const float *)c->in[0].data + (sequence * queries + row) * q_width + a->q_column + column;
    const float *kv = (const float *)c->in[1].data + sequence * keys * kv_width + column;
    float *out = (float *)c->out.data + (sequence * queries + row) * a->width + column;
    double max = -INFINITY, sum = 0;
    for (int64_t t = 0; t < seen; t++) {
        double dot = 0;
        for (int64_t i = 0; i < d; i++)
            dot += (double)q[i] * (double)kv[t * kv_width + a->k_column + i];
        weights[t] = dot / sqrt((double)d);
        max = fmax(max, weights[t]);
    }
    for (int64_t t = 0; t < seen; t++) sum += weights[t] = exp(weights[t] - max);
    for (int64_t i = 0; i < d; i++) {
        double value = 0;
        for (int64_t t = 0; t < seen; t++)
            value += weights[t] * (double)kv[t * kv_width + a->v_column + i];
        out[i] = (float)(value / sum);
    }
}

static void attention_reference(const struct nn_call *c)
{
    const struct nn_shape *q = &c->in[0].shape;
    int64_t d = c->attrs->width / c->attrs->heads;
    double *weights = mem_zalloc((size_t)c->in[1].shape.dim[1], sizeof *weights);
    if (!weights) { /* a reference may not fail: no memory gives no answer, plainly */
        memset(c->out.data, 0xff, (size_t)nn_shape_count(&c->out.shape) * sizeof(float));
        return;
    }
    for (int64_t s = 0; s < q->dim[0]; s++)
        for (int64_t head = 0; head < c->attrs->heads; head++)
            for (int64_t row = 0; row < q->dim[1]; row++)
                reference_row(c, s, row, head * d, weights);
    mem_free(weights);
}

/* The products of one part's heads. */
struct share {
    int64_t first, heads;
    struct gemm_batch *scores, *values;
};

struct attention {
    int parts;
    struct share share[];
};

static void attention_close(void *state)
{
    struct attention *a = state;
    for (int i = 0; i < a->parts; i++) {
        gemm_batch_close(a->share[i].scores);
        gemm_batch_close(a->share[i].values);
    }
    mem_free(a);
}

static enum status share_open(const struct nn_call *c, struct share *s, struct err *e)
{
    int64_t queries = c->in[0].shape.dim[1], keys = c->in[1].shape.dim[1];
    int64_t q_width = c->in[0].shape.dim[2], kv_width = c->in[1].shape.dim[2];
    int64_t d = c->attrs->width / c->attrs->heads;
    const struct gemm_batch_how scores = {
        .in = c->in[0].dtype,
        .out = DTYPE_F32,
        .batch = s->heads,
        .m = queries,
        .n = keys,
        .k = d,
        .a = {d, q_width, 1},
        .b = {d, 1, kv_width},
        .c = {queries * keys, keys, 1},
    };
    const struct gemm_batch_how values = {
        .in = c->in[0].dtype,
        .out = c->out.dtype,
        .batch = s->heads,
        .m = queries,
        .n = d,
        .k = keys,
        .a = {queries * keys, keys, 1},
        .b = {d, kv_width, 1},
        .c = {d, c->attrs->width, 1},
    };
    enum status st = gemm_batch_open(&scores, &s->scores, e);
    return st ? st : gemm_batch_open(&values, &s->values, e);
}

static size_t scores_bytes(const struct nn_call *c, int64_t heads)
{
    size_t count = (size_t)(heads * c->in[0].shape.dim[1] * c->in[1].shape.dim[1]);
    return (count * sizeof(float) + 63) / 64 * 64;
}

/* Whether heads go through attend.h one by one, without products of gemm.h. */
static bool by_heads(const struct nn_call *c)
{
    return cpu_get()->bf16 && c->in[0].dtype == DTYPE_BF16 && c->out.dtype == DTYPE_BF16 &&
        c->attrs->width / c->attrs->heads % NN_ATTEND_STEP == 0;
}

static enum status attention_open(struct nn_call *c, struct err *e)
{
    if (by_heads(c)) {
        c->scratch_bytes = nn_attend_bytes(
            (size_t)c->in[1].shape.dim[1], (size_t)(c->attrs->width / c->attrs->heads));
        return ST_OK;
    }
    size_t bytes = sizeof(struct attention) + (size_t)c->parts * sizeof(struct share);
    struct attention *a = mem_zalloc(1, bytes);
    if (!a) return mem_err(e, bytes);
    a->parts = c->parts;
    c->state = a;
    for (int i = 0; i < a->parts; i++) {
        int64_t end;
        nn_part_range(c->attrs->heads, i, a->parts, &a->share[i].first, &end);
        a->share[i].heads = end - a->share[i].first;
        size_t scores = scores_bytes(c, a->share[i].heads) * (c->in[0].dtype == DTYPE_BF16 ? 2 : 1);
        if (scores > c->scratch_bytes) c->scratch_bytes = scores;
        enum status st = a->share[i].heads > 0 ? share_open(c, &a->share[i], e) : ST_OK;
        if (st) return st; /* the plan closes what is there */
    }
    return ST_OK;
}

static const void *element(const struct nn_tensor *t, int64_t index)
{
    return (const char *)t->data + (size_t)index * dtype_bytes(t->dtype);
}

static enum status sequence_forward(
    const struct nn_call *c, const struct share *s, float *scores, int64_t sequence)
{
    const struct nn_attrs *a = c->attrs;
    int64_t queries = c->in[0].shape.dim[1], keys = c->in[1].shape.dim[1];
    int64_t column = s->first * (a->width / a->heads);
    int64_t q = sequence * queries * c->in[0].shape.dim[2] + column;
    int64_t kv = sequence * keys * c->in[1].shape.dim[2] + column;
    struct nn_softmax how = {
        .n = (size_t)keys,
        .rows = (size_t)queries,
        .valid = (size_t)keys_seen(c, sequence),
        .causal = a->causal,
        .scale = 1.0f / sqrtf((float)(a->width / a->heads)),
    };
    void *weights = scores;
    enum status st = gemm_batch_run(s->scores, scores, element(&c->in[0], q + a->q_column),
        element(&c->in[1], kv + a->k_column));
    if (st) return st;
    if (c->in[0].dtype == DTYPE_BF16) weights = (char *)scores + scores_bytes(c, s->heads);
    for (int64_t head = 0; head < s->heads; head++) {
        int64_t at = head * queries * keys;
        if (c->in[0].dtype == DTYPE_BF16)
            c->kernels->softmax_bf16((uint16_t *)weights + at, scores + at, &how);
        else
            c->kernels->softmax_f32(scores + at, scores + at, &how);
    }
    void *out = (char *)c->out.data +
        (size_t)(sequence * queries * a->width + column) * dtype_bytes(c->out.dtype);
    return gemm_batch_run(s->values, out, weights, element(&c->in[1], kv + a->v_column));
}

/* This part's heads of all sequences. */
static void heads_forward(const struct nn_call *c, int part, void *scratch)
{
    const struct nn_attrs *at = c->attrs;
    const struct nn_shape *q = &c->in[0].shape, *kv = &c->in[1].shape;
    int64_t size = at->width / at->heads, first, end;
    nn_part_range(q->dim[0] * at->heads, part, c->parts, &first, &end);
    for (; first < end; first++) {
        int64_t sequence = first / at->heads, column = first % at->heads * size;
        const uint16_t *keys =
            (const uint16_t *)c->in[1].data + sequence * kv->dim[1] * kv->dim[2] + column;
        const struct nn_attend a = {
            .q = (const uint16_t *)c->in[0].data + sequence * q->dim[1] * q->dim[2] + at->q_column +
                column,
            .k = keys + at->k_column,
            .v = keys + at->v_column,
            .out = (uint16_t *)c->out.data + sequence * q->dim[1] * at->width + column,
            .q_step = (size_t)q->dim[2],
            .kv_step = (size_t)kv->dim[2],
            .out_step = (size_t)at->width,
            .queries = (size_t)q->dim[1],
            .keys = (size_t)kv->dim[1],
            .size = (size_t)size,
            .seen = (size_t)keys_seen(c, sequence),
            .causal = at->causal,
            .scale = 1.0f / sqrtf((float)size),
        };
        nn_attend_bf16(&a, scratch);
    }
}

static enum status attention_forward(const struct nn_call *c, int part)
{
    void *scratch = (char *)c->scratch + (size_t)part * c->scratch_bytes;
    if (!c->state) {
        heads_forward(c, part, scratch);
        return ST_OK;
    }
    const struct attention *a = c->state;
    const struct share *s = &a->share[part];
    float *scores = scratch;
    enum status st = ST_OK;
    for (int64_t i = 0; i < c->in[0].shape.dim[0] && s->heads > 0 && st == ST_OK; i++)
        st = sequence_forward(c, s, scores, i);
    return st;
}

const struct nn_op nn_op_attention = {
    .name = "attention",
    .inputs = 2,
    .shape = attention_shape,
    .reference = attention_reference,
    .open = attention_open,
    .close = attention_close,
    .forward = attention_forward,
};
