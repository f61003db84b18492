/* clip.c - see clip.h. */
#include "model/clip.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

struct clip_block {
    int norm1[2], norm2[2]; /* gamma, beta */
    int qkv[2];             /* matrix, bias; in the last block: q */
    int kv[2];              /* last block only */
    int out[2], fc1[2], fc2[2];
};

static const struct {
    const char *prefix, *norm_out, *project;
} sides[CLIP_SIDE_COUNT] = {
    [CLIP_TEXT] = {"text_model", "text_model.final_layer_norm", "text_projection"},
    [CLIP_VISION] = {"vision_model", "vision_model.post_layernorm", "visual_projection"},
};

static const enum nn_act acts[CLIP_ACT_COUNT] = {
    [CLIP_QUICK_GELU] = NN_ACT_QUICK_GELU,
    [CLIP_GELU] = NN_ACT_GELU,
    [CLIP_GELU_TANH] = NN_ACT_GELU_TANH,
};

/* -- parameters -- */

/* Looks tensors up, keeping the first error. */
struct finder {
    const struct model_weights *weights;
    struct nn_params *params;
    enum status st;
    struct err *e;
};

struct wanted {
    enum nn_use use;
    struct weights_shape shape;
};

static const struct stored_tensor *tensor_find(
    struct finder *f, const char *name, const struct wanted *w)
{
    const struct stored_tensor *t = NULL;
    if (f->st == ST_OK) f->st = model_weights_get(f->weights, name, &w->shape, &t, f->e);
    return t;
}

static int param_add(
    struct finder *f, enum nn_use use, const struct stored_tensor *const parts[NN_PARTS_MAX])
{
    int number = -1;
    if (f->st == ST_OK) f->st = nn_params_add(f->params, use, parts, &number, f->e);
    return number;
}

static int param_find(struct finder *f, const char *name, const struct wanted *w)
{
    const struct stored_tensor *parts[NN_PARTS_MAX] = {tensor_find(f, name, w)};
    return param_add(f, w->use, parts);
}

/* "<stem>.weight" and "<stem>.bias" of a norm. */
static void norm_find(struct finder *f, const char *stem, int width, int out[2])
{
    static const char *const kinds[] = {"weight", "bias"};
    char name[160];
    for (int i = 0; i < 2; i++) {
        snprintf(name, sizeof name, "%s.%s", stem, kinds[i]);
        out[i] = param_find(f, name, &(struct wanted){NN_VECTOR, {1, {width}}});
    }
}

/* The linear layers named in `names` (NULL-terminated, at most 3), stacked into one. */
static void linear_find(struct finder *f, const char *stem, const char *const names[],
    const int64_t size[2], int out[2])
{
    const struct stored_tensor *weight[NN_PARTS_MAX] = {0}, *bias[NN_PARTS_MAX] = {0};
    const struct wanted matrix = {NN_MATRIX, {2, {size[0], size[1]}}},
                        vector = {NN_VECTOR, {1, {size[0]}}};
    char name[160];
    for (int i = 0; i < NN_PARTS_MAX && names[i]; i++) {
        snprintf(name, sizeof name, "%s.%s.weight", stem, names[i]);
        weight[i] = tensor_find(f, name, &matrix);
        snprintf(name, sizeof name, "%s.%s.bias", stem, names[i]);
        bias[i] = tensor_find(f, name, &vector);
    }
    out[0] = param_add(f, NN_MATRIX, weight);
    out[1] = param_add(f, NN_VECTOR, bias);
}

static const struct clip_tower *net_tower(const struct clip_net *net)
{
    return net->side == CLIP_TEXT ? &net->config->text : &net->config->vision;
}

static void block_find(struct finder *f, const struct clip_net *net, int layer)
{
    static const char *const qkv[] = {"q_proj", "k_proj", "v_proj", NULL};
    static const char *const q[] = {"q_proj", NULL}, *const kv[] = {"k_proj", "v_proj", NULL};
    static const char *const attention_out[] = {"out_proj", NULL};
    static const char *const fc1[] = {"fc1", NULL}, *const fc2[] = {"fc2", NULL};
    const struct clip_tower *t = net_tower(net);
    const int64_t square[2] = {t->width, t->width}, up[2] = {t->mlp, t->width},
                  down[2] = {t->width, t->mlp};
    struct clip_block *b = &net->blocks[layer];
    bool last = layer == t->layers - 1;
    char stem[96], part[128];
    snprintf(stem, sizeof stem, "%s.encoder.layers.%d", sides[net->side].prefix, layer);
    snprintf(part, sizeof part, "%s.layer_norm1", stem);
    norm_find(f, part, t->width, b->norm1);
    snprintf(part, sizeof part, "%s.layer_norm2", stem);
    norm_find(f, part, t->width, b->norm2);
    snprintf(part, sizeof part, "%s.self_attn", stem);
    linear_find(f, part, last ? q : qkv, square, b->qkv);
    if (last) linear_find(f, part, kv, square, b->kv);
    linear_find(f, part, attention_out, square, b->out);
    snprintf(part, sizeof part, "%s.mlp", stem);
    linear_find(f, part, fc1, up, b->fc1);
    linear_find(f, part, fc2, down, b->fc2);
}

static int64_t vision_tokens(const struct clip_config *c)
{
    int64_t grid = c->image_side / c->patch;
    return grid * grid + 1;
}

static void embeddings_find(struct finder *f, struct clip_net *net)
{
    const struct clip_config *c = net->config;
    if (net->side == CLIP_TEXT) {
        int width = c->text.width;
        net->embed = param_find(f, "text_model.embeddings.token_embedding.weight",
            &(struct wanted){NN_TABLE, {2, {c->vocab, width}}});
        net->position = param_find(f, "text_model.embeddings.position_embedding.weight",
            &(struct wanted){NN_VECTOR, {2, {c->context, width}}});
        return;
    }
    int width = c->vision.width;
    net->embed = param_find(f, "vision_model.embeddings.patch_embedding.weight",
        &(struct wanted){NN_MATRIX, {4, {width, 3, c->patch, c->patch}}});
    net->class = param_find(
        f, "vision_model.embeddings.class_embedding", &(struct wanted){NN_VECTOR, {1, {width}}});
    net->position = param_find(f, "vision_model.embeddings.position_embedding.weight",
        &(struct wanted){NN_VECTOR, {2, {vision_tokens(c), width}}});
    norm_find(f, "vision_model.pre_layrnorm", width, net->norm_in); /* the reference spells it so */
}

enum status clip_net_open(enum clip_side side, const struct clip_config *config,
    const struct model_weights *w, struct clip_net *out, struct err *e)
{
    *out = (struct clip_net){.side = side, .config = config};
    const struct clip_tower *t = net_tower(out);
    char name[64];
    nn_params_init(&out->params);
    out->params.done = model_weights_release;
    out->blocks = mem_zalloc((size_t)t->layers, sizeof *out->blocks);
    if (!out->blocks) return mem_err(e, (size_t)t->layers * sizeof *out->blocks);
    struct finder f = {.weights = w, .params = &out->params, .e = e};
    embeddings_find(&f, out);
    for (int i = 0; i < t->layers && f.st == ST_OK; i++) block_find(&f, out, i);
    norm_find(&f, sides[side].norm_out, t->width, out->norm_out);
    snprintf(name, sizeof name, "%s.weight", sides[side].project);
    out->project = param_find(&f, name, &(struct wanted){NN_MATRIX, {2, {config->dim, t->width}}});
    if (f.st) clip_net_close(out);
    return f.st;
}

void clip_net_close(struct clip_net *net)
{
    nn_params_deinit(&net->params);
    mem_free(net->blocks);
    net->blocks = NULL;
}

/* -- graphs -- */

/* A graph being built. */
struct builder {
    struct nn_graph *g;
    const struct clip_tower *tower;
    enum dtype dtype;
    bool causal;
    int rows; /* value with the row of each sequence to read; -1: row 0 */
};

static struct nn_node node(enum nn_op_kind kind, int in, const int param[2])
{
    return (struct nn_node){
        .kind = kind,
        .in = {in, -1, -1},
        .param = {param ? param[0] : -1, param ? param[1] : -1},
    };
}

static int norm(struct builder *b, int x, const int param[2], enum dtype out)
{
    struct nn_node n = node(NN_NORM, x, param);
    n.attrs = (struct nn_attrs){.out = out, .eps = b->tower->eps};
    return nn_graph_add(b->g, n);
}

/* A linear layer between two products. */
static int linear(struct builder *b, int x, const int param[2], enum nn_act act)
{
    struct nn_node n = node(NN_LINEAR, x, param);
    n.attrs = (struct nn_attrs){.out = b->dtype, .act = act};
    return nn_graph_add(b->g, n);
}

/* A linear layer whose result is added to the residual stream. */
static int linear_add(struct builder *b, int x, const int param[2], int residual)
{
    struct nn_node n = node(NN_LINEAR, x, param);
    n.in[1] = residual;
    n.attrs = (struct nn_attrs){.out = DTYPE_F32};
    return nn_graph_add(b->g, n);
}

static int pick(struct builder *b, int x)
{
    struct nn_node n = node(NN_PICK, x, NULL);
    n.in[1] = b->rows;
    return nn_graph_add(b->g, n);
}

static int attention(struct builder *b, int q, int kv, int64_t k_column)
{
    const struct clip_tower *t = b->tower;
    struct nn_node n = node(NN_ATTENTION, q, NULL);
    n.in[1] = kv;
    n.in[2] = q == kv ? -1 : b->rows;
    n.attrs = (struct nn_attrs){
        .out = b->dtype,
        .heads = t->heads,
        .causal = b->causal,
        .width = t->width,
        .k_column = k_column,
        .v_column = k_column + t->width,
    };
    return nn_graph_add(b->g, n);
}

/* x + mlp(norm(x)) behind an attention that was added already. */
static int mlp(struct builder *b, const struct clip_block *p, int x)
{
    int h = norm(b, x, p->norm2, b->dtype);
    h = linear(b, h, p->fc1, acts[b->tower->act]);
    return linear_add(b, h, p->fc2, x);
}

static int block(struct builder *b, const struct clip_block *p, int x)
{
    int qkv = linear(b, norm(b, x, p->norm1, b->dtype), p->qkv, NN_ACT_NONE);
    x = linear_add(b, attention(b, qkv, qkv, b->tower->width), p->out, x);
    return mlp(b, p, x);
}

/* The last block: only one row of each sequence is read from here on. */
static int block_last(struct builder *b, const struct clip_block *p, int x)
{
    int h = norm(b, x, p->norm1, b->dtype);
    int kv = linear(b, h, p->kv, NN_ACT_NONE);
    int q = linear(b, pick(b, h), p->qkv, NN_ACT_NONE);
    int mixed = attention(b, q, kv, 0);
    x = linear_add(b, mixed, p->out, pick(b, x));
    return mlp(b, p, x);
}

static int patches(struct builder *b, const struct clip_net *net, int pixels)
{
    const struct clip_config *c = net->config;
    const int embed[2] = {net->embed, -1}, join[2] = {net->class, net->position};
    struct nn_node cut = node(NN_PATCHIFY, pixels, NULL);
    cut.attrs = (struct nn_attrs){.out = b->dtype, .patch = c->patch};
    for (int i = 0; i < 3; i++) {
        cut.attrs.pixels.scale[i] = c->rescale / c->std[i];
        cut.attrs.pixels.shift[i] = -c->mean[i] / c->std[i];
    }
    struct nn_node product = node(NN_LINEAR, nn_graph_add(b->g, cut), embed);
    product.attrs.out = DTYPE_F32;
    return norm(b, nn_graph_add(b->g, node(NN_JOIN_PATCHES, nn_graph_add(b->g, product), join)),
        net->norm_in, DTYPE_F32);
}

static int embed_in(struct builder *b, const struct clip_net *net, const struct clip_shape *shape,
    struct clip_ports *ports)
{
    if (net->side == CLIP_VISION) {
        const int64_t side = net->config->image_side;
        ports->in =
            nn_graph_input(b->g, DTYPE_U8, (struct nn_shape){3, {shape->count, side, side * 3}});
        ports->rows = -1;
        return patches(b, net, ports->in);
    }
    const int table[2] = {net->embed, net->position};
    ports->in =
        nn_graph_input(b->g, DTYPE_I32, (struct nn_shape){2, {shape->count, shape->tokens}});
    ports->rows = nn_graph_input(b->g, DTYPE_I32, (struct nn_shape){1, {shape->count}});
    b->rows = ports->rows;
    return nn_graph_add(b->g, node(NN_EMBED, ports->in, table));
}

enum status clip_net_graph(const struct clip_net *net, const struct clip_shape *shape,
    struct nn_graph *g, struct clip_ports *ports, struct err *e)
{
    struct builder b = {
        .g = g,
        .tower = net_tower(net),
        .dtype = shape->dtype,
        .causal = net->side == CLIP_TEXT,
        .rows = -1,
    };
    const int project[2] = {net->project, -1};
    nn_graph_init(g, &net->params);
    int x = embed_in(&b, net, shape, ports);
    for (int i = 0; i < b.tower->layers; i++)
        x = i < b.tower->layers - 1 ? block(&b, &net->blocks[i], x)
                                    : block_last(&b, &net->blocks[i], x);
    struct nn_node last = node(NN_LINEAR, norm(&b, x, net->norm_out, shape->dtype), project);
    last.attrs.out = DTYPE_F32;
    ports->out = nn_graph_add(g, node(NN_UNIT, nn_graph_add(g, last), NULL));
    nn_graph_output(g, ports->out);
    enum status st = nn_graph_check(g, e);
    if (st) nn_graph_deinit(g);
    return st;
}
