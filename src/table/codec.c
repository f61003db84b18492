/* codec.c - see codec.h. Each call stands alone: no state, any thread. */
#include "table/codec.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <snappy-c.h>
#include <zlib.h>
#include <zstd.h>

#include "base/mem.h"
#include "table/input.h"

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

/* --- whole files ------------------------------------------------------------------------------ */

enum { PIECE_BYTES = 1 << 18 };

struct expand {
    struct input in;
    uint64_t at; /* of in */
    int out;
    const char *to;
    const struct run *run;
    uint8_t piece[PIECE_BYTES], plain[PIECE_BYTES];
    size_t bytes; /* of piece */
};

enum codec_file codec_file_of(const char *path)
{
    size_t length = strlen(path);
    if (length > 3 && strcasecmp(path + length - 3, ".gz") == 0) return CODEC_FILE_GZIP;
    return length > 4 && strcasecmp(path + length - 4, ".zst") == 0 ? CODEC_FILE_ZSTD
                                                                    : CODEC_FILE_NONE;
}

/* The next piece; x->bytes 0: the end. */
static enum status expand_read(struct expand *x, struct err *e)
{
    uint64_t left = x->in.bytes - x->at;
    x->bytes = left < PIECE_BYTES ? (size_t)left : PIECE_BYTES;
    enum status st = run_check(x->run, e);
    if (st == ST_OK && x->bytes > 0) st = input_read(&x->in, x->at, x->piece, x->bytes, e);
    x->at += x->bytes;
    run_report(x->run, &(struct run_progress){"decompressing", x->at, x->in.bytes, NULL});
    return st;
}

static enum status expand_write(const struct expand *x, size_t bytes, struct err *e)
{
    for (size_t done = 0; done < bytes;) {
        ssize_t n = write(x->out, x->plain + done, bytes - done);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return err_set_errno(e, errno, "%s", x->to);
        done += (size_t)n;
    }
    return ST_OK;
}

static enum status corrupt(const struct expand *x, const char *what, struct err *e)
{
    return err_set(e, ST_CORRUPT, "%s is no whole %s file", x->in.name, what);
}

static enum status expand_gzip(struct expand *x, struct err *e)
{
    z_stream z = {.next_in = NULL};
    int rc = Z_STREAM_END;
    enum status st = ST_OK;
    if (inflateInit2(&z, 15 + 32) != Z_OK) return mem_err(e, 0);
    for (;;) {
        if (z.avail_in == 0) {
            st = expand_read(x, e);
            if (st != ST_OK || x->bytes == 0) break;
            z.next_in = x->piece;
            z.avail_in = (uInt)x->bytes;
        }
        if (rc == Z_STREAM_END) inflateReset(&z);
        z.next_out = x->plain;
        z.avail_out = PIECE_BYTES;
        rc = inflate(&z, Z_NO_FLUSH);
        if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR) break;
        st = expand_write(x, PIECE_BYTES - z.avail_out, e);
        if (st != ST_OK) break;
    }
    inflateEnd(&z);
    return st == ST_OK && rc != Z_STREAM_END ? corrupt(x, "gzip", e) : st;
}

static enum status expand_zstd(struct expand *x, struct err *e)
{
    ZSTD_DCtx *z = ZSTD_createDCtx();
    size_t rc = 0;
    if (z == NULL) return mem_err(e, 0);
    enum status st = expand_read(x, e);
    while (st == ST_OK && x->bytes > 0 && !ZSTD_isError(rc)) {
        ZSTD_inBuffer in = {x->piece, x->bytes, 0};
        ZSTD_outBuffer out = {x->plain, PIECE_BYTES, PIECE_BYTES};
        while (st == ST_OK && !ZSTD_isError(rc) && (in.pos < in.size || out.pos == out.size)) {
            out.pos = 0;
            rc = ZSTD_decompressStream(z, &out, &in);
            if (!ZSTD_isError(rc)) st = expand_write(x, out.pos, e);
        }
        if (st == ST_OK && !ZSTD_isError(rc)) st = expand_read(x, e);
    }
    ZSTD_freeDCtx(z);
    return st == ST_OK && rc != 0 ? corrupt(x, "zstd", e) : st;
}

enum status codec_expand(enum codec_file kind, const char *from, const char *to,
    const struct run *run, struct err *e)
{
    struct expand *x = mem_zalloc(1, sizeof *x);
    if (x == NULL) return mem_err(e, sizeof *x);
    x->run = run;
    x->to = to;
    enum status st = input_open(from, &x->in, e);
    if (st == ST_OK) {
        x->out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (x->out < 0) st = err_set_errno(e, errno, "%s", to);
        if (st == ST_OK) st = kind == CODEC_FILE_ZSTD ? expand_zstd(x, e) : expand_gzip(x, e);
        if (x->out >= 0) close(x->out);
        input_close(&x->in);
    }
    mem_free(x);
    return st;
}
