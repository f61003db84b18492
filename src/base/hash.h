/* hash.h - the doors of xxHash (content identity) and OpenSSL: SHA-256 (what must not be forged),
 * MD5 (SQL's md5()). */
#ifndef FOVEA_BASE_HASH_H
#define FOVEA_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum { HASH_CONTENT_CHARS = 33, HASH_SHA256_CHARS = 65, HASH_MD5_CHARS = 33 };

/* XXH3-128 of the bytes, as 32 lower-case hex digits: tells moved and copied pictures. */
void hash_content(const void *data, size_t bytes, char out[HASH_CONTENT_CHARS]);
/* MD5 as lower-case hex, for SQL's md5() and nothing that must hold. UNSUPPORTED where OpenSSL has
 * it switched off. */
NODISCARD enum status hash_md5(
    const void *data, size_t bytes, char out[HASH_MD5_CHARS], struct err *e);
uint64_t hash_64(const void *data, size_t bytes, uint64_t seed);

struct hash_sha256; /* a running SHA-256 */
NODISCARD struct hash_sha256 *hash_sha256_open(void);
void hash_sha256_add(struct hash_sha256 *h, const void *data, size_t bytes);
/* 64 lower-case hex digits; h stays usable for closing only. */
void hash_sha256_get(struct hash_sha256 *h, char out[HASH_SHA256_CHARS]);
void hash_sha256_close(struct hash_sha256 *h);
/* Of a whole file. */
NODISCARD enum status hash_sha256_file(
    const char *path, char out[HASH_SHA256_CHARS], struct err *e);

#endif
