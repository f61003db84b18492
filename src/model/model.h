/* model.h - a CLIP model: pictures and texts in, unit vectors out.
 *
 * A struct model is weights, packed once, and shared by any number of threads. A struct
 * model_worker is one thread's plans and buffers; embedding allocates nothing once a worker has met
 * the batch size. Vectors are f32, L2-normalised, model_info.dim long; pictures and texts share the
 * space.
 */
#ifndef FOVEA_MODEL_MODEL_H
#define FOVEA_MODEL_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/run.h"
#include "image/image.h"

enum model_dtype { MODEL_F32, MODEL_BF16 };
enum { MODEL_BATCH_MAX = 32, MODEL_FINGERPRINT_CHARS = 33 };

struct model;
struct model_worker;

struct model_info {
    const char
        *name; /* as asked for: "mini", "openai/clip-vit-base-patch32", a folder's base name */
    const char *dir;          /* where its files lie */
    char
        fingerprint[MODEL_FINGERPRINT_CHARS]; /* 32 hex digits over shapes, weights and tokenizer */
    int dim;
    int context;              /* tokens of a text at most, specials included */
    uint64_t parameters;
    enum model_dtype dtype;   /* what it computes in */
    struct image_spec picture;
    bool drawings_only;       /* mini: knows drawings and objects, not photographs */
};

/* Opens a model's folder (config.json, model.safetensors or pytorch_model.bin, tokenizer.json or
 * vocab.json + merges.txt, preprocessor_config.json when there is one). name is kept for messages.
 * Errors: NOT_FOUND, CORRUPT (a file, a tensor's name and both shapes), UNSUPPORTED, NO_MEMORY. */
NODISCARD enum status model_open(
    const char *name, const char *dir, struct model **out, struct err *e);
void model_close(struct model *m); /* after its workers */
const struct model_info *model_info(const struct model *m);

/* One thread's use of m; threads: how many this worker may compute with (1 in the ingest). */
NODISCARD enum status model_worker_open(
    struct model *m, int threads, struct model_worker **out, struct err *e);
void model_worker_close(struct model_worker *w);

/* count pictures (1..MODEL_BATCH_MAX), each picture.width * picture.height * 3 bytes as
 * image_prepare gives them, to count * dim floats. */
NODISCARD enum status model_embed_pictures(struct model_worker *w, const uint8_t *pixels, int count,
    float *out, struct err *e);
/* One text to dim floats. Longer texts are cut as the reference tokenizer cuts them; the text may
 * be empty. Errors: LIMIT (over LIMIT_QUERY_BYTES). */
NODISCARD enum status model_embed_text(
    struct model_worker *w, const char *text, size_t bytes, float *out, struct err *e);

/* Scales a vector to length 1. MISMATCH-free helper: false when it is zero or not finite. */
bool model_unit(float *v, int dim);

#endif
