/* codec.h - the door of zlib, zstd and snappy: Parquet's compression codecs by their number. */
#ifndef FOVEA_TABLE_CODEC_H
#define FOVEA_TABLE_CODEC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/run.h"

const char *codec_name(int codec); /* "BROTLI"; NULL: no codec has this number */
bool codec_known(int codec);       /* can be decompressed here */
/* The bytes become exactly out_bytes; false when they don't. */
bool codec_decompress(int codec, const void *in, size_t bytes, void *out, size_t out_bytes);

/* A whole compressed file, by the end of its name or by name: .gz and .zst. */
enum codec_file { CODEC_FILE_NONE, CODEC_FILE_GZIP, CODEC_FILE_ZSTD };
enum codec_file codec_file_of(const char *path);
/* Decompresses the file at from into to, which must not be there. Errors: CORRUPT, IO, DISK_FULL,
 * CANCELLED. */
NODISCARD enum status codec_expand(enum codec_file kind, const char *from, const char *to,
    const struct run *run, struct err *e);

#endif
