/* pickle.h - the descriptions of tensors in a pickle that torch.save wrote; torchfile.c uses it.
 *
 * Reads, never runs: a global is looked up in a short table, and what stands for a call only fills
 * in a struct. Anything else is refused by name.
 */
#ifndef FOVEA_NN_PICKLE_H
#define FOVEA_NN_PICKLE_H

#include "base/arena.h"
#include "nn/dtype.h"
#include "nn/zipfile.h"

/* What _rebuild_tensor_v2 was to be given; none of the numbers has been checked against the
 * storage. */
struct pickle_tensor {
    const char *name;
    const char *key; /* of the storage: the entry data/<key> */
    size_t key_bytes;
    enum dtype dtype;
    int64_t storage_count; /* elements */
    int64_t offset;        /* elements */
    int rank;
    int64_t shape[LIMIT_TENSOR_RANK], stride[LIMIT_TENSOR_RANK]; /* not negative */
};

struct pickle_list {
    struct pickle_tensor *tensors;
    size_t count;
};

/* Tensors of the dictionary that the pickle is; its other values are passed over. All memory is
 * a's, names and keys may lie in data. Errors: CORRUPT, UNSUPPORTED, LIMIT, NO_MEMORY. */
NODISCARD enum status pickle_read(struct zipfile_entry data, const char *what, struct arena *a,
    struct pickle_list *out, struct err *e);

#endif
