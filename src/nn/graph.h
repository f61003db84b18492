/* graph.h - a network as a list of nodes over numbered values; built once for one set of shapes.
 *
 * Building is sticky: the first error is kept, later calls do nothing and give -1, and
 * nn_graph_check() tells at the end. Nodes stand in the order they run. A graph holds no data:
 * inputs and results are bound when a plan runs, parameters belong to struct nn_params.
 */
#ifndef FOVEA_NN_GRAPH_H
#define FOVEA_NN_GRAPH_H

#include "nn/op.h"

struct nn_value {
    enum dtype dtype;
    struct nn_shape shape;
    bool external; /* an input or a result: its memory is the caller's */
};

struct nn_node {
    enum nn_op_kind kind;
    int in[NN_INPUTS_MAX];       /* -1: absent */
    int param[NN_OP_PARAMS_MAX]; /* -1: absent */
    int out;
    struct nn_attrs attrs;
};

struct nn_graph {
    const struct nn_params *params;
    struct nn_value *values;
    int value_count, value_capacity;
    struct nn_node *nodes;
    int node_count, node_capacity;
    enum status st;
    struct err err;
};

void nn_graph_init(struct nn_graph *g, const struct nn_params *params);
void nn_graph_deinit(struct nn_graph *g);
NODISCARD enum status nn_graph_check(const struct nn_graph *g, struct err *e);

/* A value the caller brings at run time. */
int nn_graph_input(struct nn_graph *g, enum dtype dtype, struct nn_shape shape);
/* Appends n (its out is filled here) and gives the number of its result. */
int nn_graph_add(struct nn_graph *g, struct nn_node n);
/* The caller takes this value: it is written to memory bound at run time. */
void nn_graph_output(struct nn_graph *g, int value);

#endif
