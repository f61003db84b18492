/* codec.h - the door of zlib, zstd and snappy: Parquet's compression codecs by their number. */
#ifndef FOVEA_TABLE_CODEC_H
#define FOVEA_TABLE_CODEC_H

#include <stdbool.h>
#include <stddef.h>

const char *codec_name(int codec); /* "BROTLI"; NULL: no codec has this number */
bool codec_known(int codec);       /* can be decompressed here */
/* The bytes become exactly out_bytes; false when they don't. */
bool codec_decompress(int codec, const void *in, size_t bytes, void *out, size_t out_bytes);

#endif
