/* file.h - files as bytes: whole reads, maps, atomic writes. Paths are bytes, not text: any name
 * works. */
#ifndef FOVEA_BASE_FILE_H
#define FOVEA_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/* A read-only view of a whole file. Weights and decoders read through it. */
struct file_map {
    const uint8_t *data; /* NULL when the file is empty */
    size_t bytes;
};

/* Maps path; FILE_MAP_* advise the kernel. Errors: NOT_FOUND, DENIED, INVALID (a directory), IO. */
NODISCARD enum status file_map_open(const char *path, struct file_map *out, struct err *e);
void file_map_close(struct file_map *m);

/* Appends the whole file to out. Errors as above, LIMIT when it is larger than limit_bytes. Reading
 * (not mapping) is for small files and for files that may be truncated under us. */
NODISCARD enum status file_read(
    const char *path, size_t limit_bytes, struct buf *out, struct err *e);

/* Writes path.tmp-<pid>, fsyncs, renames over path, fsyncs the folder: old or new, never half. */
NODISCARD enum status file_write_atomic(
    const char *path, const void *data, size_t bytes, struct err *e);

bool file_exists(const char *path);
bool file_is_dir(const char *path);
/* mkdir -p */
NODISCARD enum status file_make_dirs(const char *path, struct err *e);
/* The bytes of a regular file to a new file; half of one is removed again. */
NODISCARD enum status file_copy(const char *from, const char *to, struct err *e);
/* The file, or the folder with all that is in it; links are not followed. Nothing there: OK. */
NODISCARD enum status file_remove_tree(const char *path, struct err *e);
/* The absolute path with links resolved, mem_free it; NULL and e filled when there is none. */
NODISCARD char *file_real_path(const char *path, struct err *e);
/* dir + "/" + name, mem_free it. */
NODISCARD char *file_join(const char *dir, const char *name);
/* The name behind the last slash; points into path. */
const char *file_base_name(const char *path);

/* $XDG_DATA_HOME/fovea, or ~/.local/share/fovea; mem_free it. NULL when neither is set. */
NODISCARD char *file_data_home(void);

#endif
