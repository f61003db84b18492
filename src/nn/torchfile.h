/* torchfile.h - reads a pytorch_model.bin: a zip archive of plain tensors behind a pickle.
 *
 * Only what torch.save writes for a dictionary of dense tensors is understood; a pickle that
 * names any other class or function is refused, nothing is ever called. The data stays mapped;
 * nothing is copied. Threads: after opening, any number of readers.
 */
#ifndef FOVEA_NN_TORCHFILE_H
#define FOVEA_NN_TORCHFILE_H

#include "nn/dtype.h"

struct torchfile;

/* Errors: NOT_FOUND, DENIED, CORRUPT, UNSUPPORTED (a global we don't allow, a compressed entry, a
 * tensor that is not contiguous, the format of before torch 1.6: each says how to convert),
 * LIMIT, NO_MEMORY. */
NODISCARD enum status torchfile_open(const char *path, struct torchfile **out, struct err *e);
/* The same from bytes that stay the caller's and outlive it; what names them in messages. */
NODISCARD enum status torchfile_open_bytes(
    const void *data, size_t bytes, const char *what, struct torchfile **out, struct err *e);
void torchfile_close(struct torchfile *f);

size_t torchfile_count(const struct torchfile *f);
/* In the order of the dictionary; NULL behind the last. Borrowed until close. Two tensors may
 * share data. */
const struct stored_tensor *torchfile_at(const struct torchfile *f, size_t index);

#endif
