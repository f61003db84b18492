/* graph.c - see graph.h. Shapes are checked as nodes are added, by the op's own rule. */
#include "nn/graph.h"

#include <string.h>

#include "base/mem.h"

void nn_graph_init(struct nn_graph *g, const struct nn_params *params)
{
    *g = (struct nn_graph){.params = params, .err = ERR_INIT};
}

void nn_graph_deinit(struct nn_graph *g)
{
    mem_free(g->values);
    mem_free(g->nodes);
    *g = (struct nn_graph){0};
}

enum status nn_graph_check(const struct nn_graph *g, struct err *e)
{
    if (g->st && e) *e = g->err;
    return g->st;
}

static bool array_grow(struct nn_graph *g, void **items, int count, int *capacity, size_t size)
{
    if (count < *capacity) return true;
    int wanted = *capacity ? *capacity * 2 : 64;
    void *grown = mem_resize(*items, (size_t)wanted, size);
    if (!grown) {
        g->st = mem_err(&g->err, (size_t)wanted * size);
        return false;
    }
    *items = grown;
    *capacity = wanted;
    return true;
}

static int value_add(struct nn_graph *g, struct nn_value v)
{
    void *values = g->values;
    if (!array_grow(g, &values, g->value_count, &g->value_capacity, sizeof *g->values)) return -1;
    g->values = values;
    g->values[g->value_count] = v;
    return g->value_count++;
}

int nn_graph_input(struct nn_graph *g, enum dtype dtype, struct nn_shape shape)
{
    if (g->st) return -1;
    return value_add(g, (struct nn_value){.dtype = dtype, .shape = shape, .external = true});
}

/* The node's inputs and parameters as a call without data; false when one that must be there is
 * not. */
static bool call_fill(const struct nn_graph *g, const struct nn_node *n, struct nn_call *c)
{
    const struct nn_op *op = nn_op_get(n->kind);
    for (int i = 0; i < NN_INPUTS_MAX; i++) {
        if (n->in[i] >= 0)
            c->in[i] =
                (struct nn_tensor){g->values[n->in[i]].dtype, g->values[n->in[i]].shape, NULL};
        else if (i < op->inputs)
            return false;
    }
    for (int i = 0; i < NN_OP_PARAMS_MAX; i++) {
        if (n->param[i] >= 0)
            c->param[i] = &g->params->items[n->param[i]];
        else if (i < op->params)
            return false;
    }
    return true;
}

int nn_graph_add(struct nn_graph *g, struct nn_node n)
{
    if (g->st) return -1;
    struct nn_call c = {.attrs = &n.attrs};
    if (!call_fill(g, &n, &c)) {
        g->st = err_set(&g->err, ST_INTERNAL, "%s lacks an input", nn_op_get(n.kind)->name);
        return -1;
    }
    g->st = nn_op_get(n.kind)->shape(&c, &g->err);
    void *nodes = g->nodes;
    if (g->st || !array_grow(g, &nodes, g->node_count, &g->node_capacity, sizeof *g->nodes))
        return -1;
    g->nodes = nodes;
    n.out = value_add(g, (struct nn_value){.dtype = c.out.dtype, .shape = c.out.shape});
    if (n.out >= 0) g->nodes[g->node_count++] = n;
    return n.out;
}

void nn_graph_output(struct nn_graph *g, int value)
{
    if (g->st == ST_OK) g->values[value].external = true;
}
