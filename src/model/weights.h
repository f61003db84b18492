/* weights.h - the tensors of a model by name, whichever files hold them.
 *
 * Looks in the folder for model.safetensors, model.safetensors.index.json (shards) and
 * pytorch_model.bin, in this order. The files stay mapped until close.
 * Threads: after opening, any number of readers.
 */
#ifndef FOVEA_MODEL_WEIGHTS_H
#define FOVEA_MODEL_WEIGHTS_H

#include "base/hash.h"
#include "nn/dtype.h"

struct model_weights;

/* Errors: NOT_FOUND (none of the files is there), and those of safetensors_open and
 * torchfile_open. */
NODISCARD enum status model_weights_open(
    const char *dir, struct model_weights **out, struct err *e);
void model_weights_close(struct model_weights *w);

size_t model_weights_count(const struct model_weights *w);
/* Sorted by name; NULL behind the last. Borrowed until close. */
const struct stored_tensor *model_weights_at(const struct model_weights *w, size_t index);
/* NULL when there is none of that name. Borrowed until close. */
const struct stored_tensor *model_weights_find(const struct model_weights *w, const char *name);

/* A floating-point tensor that must be there with just this shape.
 * Errors: CORRUPT naming the file, the tensor and both shapes (or that it is missing),
 * UNSUPPORTED (integers). */
struct weights_shape {
    int rank;
    int64_t dim[LIMIT_TENSOR_RANK];
};
NODISCARD enum status model_weights_get(const struct model_weights *w, const char *name,
    const struct weights_shape *shape, const struct stored_tensor **out, struct err *e);

/* Says that a tensor won't be read again soon: its pages leave memory and come back from the file
 * when they are read after all. */
void model_weights_release(const struct stored_tensor *t);

/* Elements of all floating-point tensors. */
uint64_t model_weights_parameters(const struct model_weights *w);
/* Identity of the floating-point tensors: names, types, shapes and data, the same whichever
 * container holds them. Tensors of up to 64 KiB are hashed whole, larger ones by sixteen 4 KiB
 * pieces spread evenly, so that a model of a gigabyte opens without being read; it tells models
 * apart, it proves nothing. */
NODISCARD enum status model_weights_hash(
    const struct model_weights *w, char out[HASH_CONTENT_CHARS], struct err *e);

#endif
