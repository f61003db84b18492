/* model_parts.h - what model.c and worker.c share: the inside of a struct model. */
#ifndef FOVEA_MODEL_MODEL_PARTS_H
#define FOVEA_MODEL_MODEL_PARTS_H

#include <pthread.h>

#include "model/clip.h"
#include "model/model.h"
#include "model/tokenizer.h"

struct model {
    struct model_info info;
    char *name, *dir;
    struct clip_config config;
    struct model_weights *weights;
    struct tokenizer *tokenizer;
    enum dtype dtype; /* of the products */
    struct clip_net nets[CLIP_SIDE_COUNT];
    pthread_mutex_t packing; /* held while a tower is packed, at its first use */
};

/* The tower, packed. Threads: any. */
NODISCARD enum status model_net_get(
    struct model *m, enum clip_side side, const struct clip_net **out, struct err *e);

#endif
