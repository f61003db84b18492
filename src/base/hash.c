/* hash.c - the doors of xxHash and OpenSSL's SHA-256. */
#include "base/hash.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <xxhash.h>

#include "base/mem.h"

static const char HEX[] = "0123456789abcdef";

static void hex(const unsigned char *bytes, size_t n, char *out)
{
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = HEX[bytes[i] >> 4];
        out[2 * i + 1] = HEX[bytes[i] & 15];
    }
    out[2 * n] = '\0';
}

void hash_content(const void *data, size_t bytes, char out[HASH_CONTENT_CHARS])
{
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits(data, bytes));
    hex(canonical.digest, sizeof canonical.digest, out);
}

enum status hash_md5(const void *data, size_t bytes, char out[HASH_MD5_CHARS], struct err *e)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    if (EVP_Digest(data, bytes, digest, &length, EVP_md5(), NULL) != 1 || length != 16)
        return err_set(e, ST_UNSUPPORTED, "OpenSSL has MD5 switched off here");
    hex(digest, length, out);
    return ST_OK;
}

uint64_t hash_64(const void *data, size_t bytes, uint64_t seed)
{
    return XXH3_64bits_withSeed(data, bytes, seed);
}

struct hash_sha256 {
    EVP_MD_CTX *ctx;
};

struct hash_sha256 *hash_sha256_open(void)
{
    struct hash_sha256 *h = mem_zalloc(1, sizeof *h);
    if (h == NULL) return NULL;
    h->ctx = EVP_MD_CTX_new();
    if (h->ctx == NULL || EVP_DigestInit_ex(h->ctx, EVP_sha256(), NULL) != 1) {
        hash_sha256_close(h);
        return NULL;
    }
    return h;
}

void hash_sha256_add(struct hash_sha256 *h, const void *data, size_t bytes)
{
    EVP_DigestUpdate(h->ctx, data, bytes);
}

void hash_sha256_get(struct hash_sha256 *h, char out[HASH_SHA256_CHARS])
{
    unsigned char digest[EVP_MAX_MD_SIZE] = {0};
    EVP_DigestFinal_ex(h->ctx, digest, NULL);
    hex(digest, 32, out);
}

void hash_sha256_close(struct hash_sha256 *h)
{
    if (h == NULL) return;
    EVP_MD_CTX_free(h->ctx);
    mem_free(h);
}

static enum status add_file(struct hash_sha256 *h, const char *path, struct err *e)
{
    FILE *f = fopen(path, "rbe");
    if (f == NULL) return err_set_errno(e, errno, "%s", path);
    enum status st = ST_OK;
    char *chunk = mem_alloc(1 << 20);
    if (chunk == NULL) st = mem_err(e, 1 << 20);
    size_t n;
    while (st == ST_OK && (n = fread(chunk, 1, 1 << 20, f)) > 0) hash_sha256_add(h, chunk, n);
    if (st == ST_OK && ferror(f)) st = err_set_errno(e, errno, "%s", path);
    mem_free(chunk);
    fclose(f);
    return st;
}

enum status hash_sha256_file(const char *path, char out[HASH_SHA256_CHARS], struct err *e)
{
    struct hash_sha256 *h = hash_sha256_open();
    if (h == NULL) return mem_err(e, 0);
    enum status st = add_file(h, path, e);
    if (st == ST_OK) hash_sha256_get(h, out);
    hash_sha256_close(h);
    return st;
}
