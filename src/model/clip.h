/* clip.h - the two towers of a CLIP model as networks: parameters by name, graphs by shape.
 *
 * Radford et al., "Learning Transferable Visual Models From Natural Language Supervision" (2021),
 * in the tensor names and orientations of the Hugging Face layout (Linear weights are [out, in]).
 * A tower's graph ends in unit vectors. The last block computes keys and values for all tokens, and
 * the rest for the one row that is read: the class row of a picture, the end row of a text.
 * Threads: open and pack by one thread; then any number make graphs.
 */
#ifndef FOVEA_MODEL_CLIP_H
#define FOVEA_MODEL_CLIP_H

#include "model/config.h"
#include "model/weights.h"
#include "nn/graph.h"

enum clip_side { CLIP_TEXT, CLIP_VISION, CLIP_SIDE_COUNT };

struct clip_block; /* the parameter numbers of one transformer block */

struct clip_net {
    enum clip_side side;
    const struct clip_config *config;
    struct nn_params params;
    struct clip_block *blocks;
    int embed, position, class, norm_in[2], norm_out[2], project;
};

/* Finds and checks every tensor of a tower; packs nothing. config and w are borrowed.
 * Errors: CORRUPT (a tensor that is missing or of another shape), NO_MEMORY. */
NODISCARD enum status clip_net_open(enum clip_side side, const struct clip_config *config,
    const struct model_weights *w, struct clip_net *out, struct err *e);
void clip_net_close(struct clip_net *net);

/* The values a caller binds. rows: of texts only, -1 for pictures. */
struct clip_ports {
    int in;   /* ids i32 [count, tokens] or pixels u8 [count, side, side * 3] */
    int rows; /* i32 [count]: the row of each text that stands for it */
    int out;  /* f32 [count, dim] */
};

struct clip_shape {
    int count;        /* texts or pictures */
    int tokens;       /* of each text */
    enum dtype dtype; /* of the products: F32 or BF16 */
};

/* The network for count inputs. Errors: as nn_graph_check. */
NODISCARD enum status clip_net_graph(const struct clip_net *net, const struct clip_shape *shape,
    struct nn_graph *g, struct clip_ports *ports, struct err *e);

#endif
