/* codec.c - see codec.h. Each call stands alone: no state, any thread. */
#include "table/codec.h"

#include <limits.h>
#include <stdint.h>
#include <string.h>

#include <snappy-c.h>
#include <zlib.h>
#include <zstd.h>

static bool none(const void *in, size_t bytes, void *out, size_t out_bytes)
{
    if (bytes != out_bytes) return false;
    if (bytes > 0) memcpy(out, in, bytes);
    return true;
}

static bool snappy(const void *in, size_t bytes, void *out, size_t out_bytes)
{
    size_t length = 0;
    if (snappy_uncompressed_length(in, bytes, &length) != SNAPPY_OK || length != out_bytes)
        return false;
    return snappy_uncompress(in, bytes, out, &length) == SNAPPY_OK && length == out_bytes;
}

/* gzip members one after the other, or a zlib stream, which old writers made. */
static bool gzip(const void *in, size_t bytes, void *out, size_t out_bytes)
{
    z_stream z = {.next_in = (Bytef *)(uintptr_t)in, .next_out = out};
    if (bytes > UINT_MAX || out_bytes > UINT_MAX || inflateInit2(&z, 15 + 32) != Z_OK) return false;
    z.avail_in = (uInt)bytes;
    z.avail_out = (uInt)out_bytes;
    int rc = inflate(&z, Z_FINISH);
    while (rc == Z_STREAM_END && z.avail_in > 0 && z.avail_out > 0 && inflateReset(&z) == Z_OK)
        rc = inflate(&z, Z_FINISH);
    inflateEnd(&z);
    return rc == Z_STREAM_END && z.avail_out == 0;
}

static bool zstd(const void *in, size_t bytes, void *out, size_t out_bytes)
{
    return ZSTD_decompress(out, out_bytes, in, bytes) == out_bytes;
}

// clang-format off
static const struct {
    const char *name;
    bool (*decompress)(const void *in, size_t bytes, void *out, size_t out_bytes);
} codecs[] = {
    {"UNCOMPRESSED", none}, {"SNAPPY", snappy}, {"GZIP", gzip}, {"LZO", NULL}, {"BROTLI", NULL},
    {"LZ4", NULL}, {"ZSTD", zstd}, {"LZ4_RAW", NULL},
};
// clang-format on
enum { CODECS = sizeof codecs / sizeof codecs[0] };

const char *codec_name(int codec)
{
    return codec >= 0 && codec < CODECS ? codecs[codec].name : NULL;
}

bool codec_known(int codec)
{
    return codec_name(codec) != NULL && codecs[codec].decompress != NULL;
}

bool codec_decompress(int codec, const void *in, size_t bytes, void *out, size_t out_bytes)
{
    return codec_known(codec) && codecs[codec].decompress(in, bytes, out, out_bytes);
}
