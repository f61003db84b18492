/* config.h - what config.json and preprocessor_config.json say about a CLIP model, checked and
 * bounded.
 *
 * Fields that are absent have the values Hugging Face transformers gives them (CLIPTextConfig,
 * CLIPVisionConfig, CLIPImageProcessor).
 */
#ifndef FOVEA_MODEL_CONFIG_H
#define FOVEA_MODEL_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "image/image.h"

enum clip_act { CLIP_QUICK_GELU, CLIP_GELU, CLIP_GELU_TANH, CLIP_ACT_COUNT };

/* One transformer. width is a multiple of heads. */
struct clip_tower {
    int width;        /* hidden_size */
    int mlp;          /* intermediate_size */
    int layers;
    int heads;
    float eps;        /* of the layer norms */
    enum clip_act act;
};

struct clip_config {
    int dim;                /* projection_dim: length of an embedding */
    struct clip_tower text, vision;
    int vocab;
    int context;            /* max_position_embeddings: tokens of a text, specials included */
    int sot, eot;           /* bos_token_id, eos_token_id */
    bool eot_argmax;        /* the legacy eos_token_id 2: the row is that of the largest id */
    int image_side;         /* image_size */
    int patch;              /* patch_size; image_side / patch rounds down */
    float mean[3], std[3];  /* pixel / 255 (or times rescale), minus mean, over std */
    float rescale;          /* rescale_factor, 1/255; 1 when do_rescale is false */
    struct image_spec picture; /* crop or stretch to image_side x image_side */
    bool drawings_only;     /* our own "fovea": {"drawings_only": true} */
};

/* Reads dir/config.json and, where it is there, dir/preprocessor_config.json.
 * Errors: NOT_FOUND, CORRUPT, UNSUPPORTED (another model_type, named; a setting we don't
 * compute), LIMIT. */
NODISCARD enum status clip_config_read(const char *dir, struct clip_config *out, struct err *e);

/* The row of a text's tokens that stands for the whole: the first eot, or the first largest id
 * (eot_argmax). count - 1 when there is none. */
int clip_config_eot_row(const struct clip_config *c, const int32_t *ids, int count);

const char *clip_act_name(enum clip_act a); /* "quick_gelu" */

#endif
