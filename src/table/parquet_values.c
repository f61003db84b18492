/* parquet_values.c - see parquet_values.h. An encoding is a row: how a page of it begins, how
 * values are taken. Numbers are those of parquet.thrift. */
#include "table/parquet_values.h"

#include <string.h>

#include "base/limits.h"
#include "base/mem.h"

enum { CHUNK = 512, LIMIT_JOINED = 64 << 20 };

static const size_t physical_bytes[PARQUET_PHYSICAL_COUNT] = {[PARQUET_BOOLEAN] = 1,
    [PARQUET_INT32] = 4,
    [PARQUET_INT64] = 8,
    [PARQUET_INT96] = 12,
    [PARQUET_FLOAT] = 4,
    [PARQUET_DOUBLE] = 8,
    [PARQUET_BYTE_ARRAY] = sizeof(struct table_bytes),
    [PARQUET_FIXED] = sizeof(struct table_bytes)};

size_t parquet_physical_bytes(enum parquet_physical p)
{
    return physical_bytes[p];
}

static bool wrong(struct parquet_values *v, const char *what)
{
    v->wrong = what;
    return false;
}

static uint32_t u32_get(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* --- PLAIN ------------------------------------------------------------------------------------ */

static bool plain_bools(struct parquet_values *v, uint8_t *out, size_t count)
{
    for (size_t i = 0; i < count; i++, v->bit++) {
        const uint8_t *p = v->p + v->bit / 8;
        if (p >= v->end) return wrong(v, "booleans end early");
        out[i] = *p >> v->bit % 8 & 1;
    }
    return true;
}

static bool plain_bytes(struct parquet_values *v, struct table_bytes *out, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t room = (size_t)(v->end - v->p);
        bool fixed = v->leaf->physical == PARQUET_FIXED;
        if (!fixed && room < 4) return wrong(v, "values end early");
        size_t bytes = fixed ? (size_t)v->leaf->width : u32_get(v->p), head = fixed ? 0 : 4;
        if (bytes > room - head) return wrong(v, "a value is longer than its page");
        out[i] = (struct table_bytes){(const char *)v->p + head, bytes};
        v->p += head + bytes;
    }
    return true;
}

static bool plain_get(struct parquet_values *v, void *out, size_t count)
{
    enum parquet_physical p = v->leaf->physical;
    if (p == PARQUET_BOOLEAN) return plain_bools(v, out, count);
    if (p == PARQUET_BYTE_ARRAY || p == PARQUET_FIXED) return plain_bytes(v, out, count);
    size_t bytes = count * physical_bytes[p];
    if (bytes > (size_t)(v->end - v->p)) return wrong(v, "values end early");
    if (bytes > 0) memcpy(out, v->p, bytes);
    v->p += bytes;
    return true;
}

/* --- dictionary ------------------------------------------------------------------------------- */

static bool dictionary_init(struct parquet_values *v, size_t count)
{
    (void)count;
    if (v->dictionary == NULL || v->dictionary->values == NULL)
        return wrong(v, "a page needs a dictionary that is not there");
    if (v->p == v->end) return true; /* every value is NULL, or the first one fails */
    if (*v->p > 32) return wrong(v, "indexes of more than 32 bits");
    rle_init(&v->rle, v->p + 1, (size_t)(v->end - v->p) - 1, *v->p);
    return true;
}

#define GATHER(ctype)                                                                              \
    for (size_t i = 0; i < n; i++) ((ctype *)out)[i] = ((const ctype *)d->values)[index[i]]

static bool dictionary_get(struct parquet_values *v, void *out, size_t count)
{
    const struct parquet_dictionary *d = v->dictionary;
    size_t bytes = physical_bytes[v->leaf->physical];
    uint32_t index[CHUNK];
    for (size_t n; count > 0; count -= n, out = (char *)out + n * bytes) {
        n = count < CHUNK ? count : CHUNK;
        if (!rle_get(&v->rle, index, n)) return wrong(v, "dictionary indexes end early");
        uint32_t most = 0;
        for (size_t i = 0; i < n; i++) most = index[i] > most ? index[i] : most;
        if (most >= d->count) return wrong(v, "an index is beyond the dictionary");
        if (bytes == 4)
            GATHER(uint32_t);
        else if (bytes == 8)
            GATHER(uint64_t);
        else if (bytes == sizeof(struct table_bytes))
            GATHER(struct table_bytes);
        else
            for (size_t i = 0; i < n; i++)
                memcpy((char *)out + i * bytes, (const char *)d->values + index[i] * bytes, bytes);
    }
    return true;
}

/* --- RLE booleans ----------------------------------------------------------------------------- */

static bool rle_bools_init(struct parquet_values *v, size_t count)
{
    (void)count;
    size_t room = (size_t)(v->end - v->p);
    if (v->leaf->physical != PARQUET_BOOLEAN) return wrong(v, "RLE values that are no booleans");
    if (room < 4 || u32_get(v->p) > room - 4) return wrong(v, "booleans end early");
    rle_init(&v->rle, v->p + 4, u32_get(v->p), 1);
    return true;
}

static bool rle_bools_get(struct parquet_values *v, void *out, size_t count)
{
    uint32_t bits[CHUNK];
    for (size_t n, at = 0; at < count; at += n) {
        n = count - at < CHUNK ? count - at : CHUNK;
        if (!rle_get(&v->rle, bits, n)) return wrong(v, "booleans end early");
        for (size_t i = 0; i < n; i++) ((uint8_t *)out)[at + i] = (uint8_t)bits[i];
    }
    return true;
}

/* --- deltas ----------------------------------------------------------------------------------- */

static bool delta_ints_init(struct parquet_values *v, size_t count)
{
    (void)count;
    enum parquet_physical p = v->leaf->physical;
    if (p != PARQUET_INT32 && p != PARQUET_INT64) return wrong(v, "deltas that are no integers");
    if (v->p == v->end) return true;
    return delta_init(&v->delta, v->p, (size_t)(v->end - v->p)) || wrong(v, "deltas are malformed");
}

static bool delta_ints_get(struct parquet_values *v, void *out, size_t count)
{
    if (v->leaf->physical == PARQUET_INT64)
        return delta_get(&v->delta, out, count) || wrong(v, "deltas end early");
    int64_t wide[CHUNK];
    for (size_t n, at = 0; at < count; at += n) {
        n = count - at < CHUNK ? count - at : CHUNK;
        if (!delta_get(&v->delta, wide, n)) return wrong(v, "deltas end early");
        for (size_t i = 0; i < n; i++) ((int32_t *)out)[at + i] = (int32_t)(uint32_t)wide[i];
    }
    return true;
}

/* Starts a list of lengths at v->p, and moves v->p behind it. */
static bool lengths_init(struct parquet_values *v, struct delta *d, size_t count)
{
    int64_t lengths[CHUNK];
    size_t room = (size_t)(v->end - v->p);
    struct delta over;
    if (!delta_init(&over, v->p, room)) return wrong(v, "lengths are malformed");
    if (over.left > count) return wrong(v, "more lengths than values");
    *d = over;
    while (over.left > 0)
        if (!delta_get(&over, lengths, over.left < CHUNK ? (size_t)over.left : CHUNK))
            return wrong(v, "lengths end early");
    v->p = over.t.p;
    return true;
}

static bool delta_lengths_init(struct parquet_values *v, size_t count)
{
    if (v->leaf->physical != PARQUET_BYTE_ARRAY) return wrong(v, "lengths of fixed values");
    if (v->p == v->end) return true;
    return lengths_init(v, &v->delta, count);
}

static bool delta_lengths_get(struct parquet_values *v, void *out, size_t count)
{
    struct table_bytes *to = out;
    int64_t lengths[CHUNK];
    for (size_t n, at = 0; at < count; at += n) {
        n = count - at < CHUNK ? count - at : CHUNK;
        if (!delta_get(&v->delta, lengths, n)) return wrong(v, "lengths end early");
        for (size_t i = 0; i < n; i++) {
            if (lengths[i] < 0 || lengths[i] > v->end - v->p)
                return wrong(v, "a value is longer than its page");
            to[at + i] = (struct table_bytes){(const char *)v->p, (size_t)lengths[i]};
            v->p += lengths[i];
        }
    }
    return true;
}

static bool delta_bytes_init(struct parquet_values *v, size_t count)
{
    enum parquet_physical p = v->leaf->physical;
    v->last_bytes = 0;
    if (p != PARQUET_BYTE_ARRAY && p != PARQUET_FIXED)
        return wrong(v, "prefixes of values that are no bytes");
    if (v->p == v->end) return true;
    return lengths_init(v, &v->delta, count) && lengths_init(v, &v->suffixes, count);
}

static bool grow(char **data, size_t *room, size_t bytes)
{
    if (bytes <= *room) return true;
    char *more = mem_resize(*data, bytes * 2, 1);
    if (more == NULL) return false;
    *data = more;
    *room = bytes * 2;
    return true;
}

/* One value behind used bytes of v->joined; its length, or -1. */
static int64_t join(struct parquet_values *v, size_t used, int64_t prefix, int64_t suffix)
{
    if (prefix < 0 || (uint64_t)prefix > v->last_bytes) return -1;
    if (suffix < 0 || suffix > v->end - v->p) return -1;
    size_t bytes = (size_t)prefix + (size_t)suffix;
    if (v->leaf->physical == PARQUET_FIXED && bytes != (size_t)v->leaf->width) return -1;
    if (bytes > LIMIT_JOINED || used > LIMIT_JOINED) return -1;
    if (!grow(&v->joined, &v->joined_room, used + bytes + 1)) return -1;
    if (!grow(&v->last, &v->last_room, bytes + 1)) return -1;
    if (suffix > 0) memcpy(v->last + prefix, v->p, (size_t)suffix);
    memcpy(v->joined + used, v->last, bytes);
    v->p += suffix;
    v->last_bytes = bytes;
    return (int64_t)bytes;
}

/* Values are joined into one run of memory; it may move, so pointers are set at the end. */
static bool delta_bytes_get(struct parquet_values *v, void *out, size_t count)
{
    struct table_bytes *to = out;
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        int64_t prefix, suffix;
        if (!delta_get(&v->delta, &prefix, 1) || !delta_get(&v->suffixes, &suffix, 1))
            return wrong(v, "lengths end early");
        int64_t bytes = join(v, used, prefix, suffix);
        if (bytes < 0) return wrong(v, "a prefix or suffix is longer than what is there");
        to[i].bytes = (size_t)bytes;
        used += (size_t)bytes;
    }
    const char *at = v->joined != NULL ? v->joined : "";
    for (size_t i = 0; i < count; at += to[i++].bytes) to[i].data = at;
    return true;
}

/* --- BYTE_STREAM_SPLIT ------------------------------------------------------------------------ */

static size_t split_width(const struct parquet_values *v)
{
    if (v->leaf->physical == PARQUET_FIXED) return (size_t)v->leaf->width;
    return physical_bytes[v->leaf->physical];
}

static bool split_init(struct parquet_values *v, size_t count)
{
    (void)count;
    enum parquet_physical p = v->leaf->physical;
    if (p == PARQUET_BOOLEAN || p == PARQUET_BYTE_ARRAY || p == PARQUET_INT96)
        return wrong(v, "streams of values that have no fixed size");
    v->split = (size_t)(v->end - v->p) / split_width(v);
    v->at = 0;
    return true;
}

static bool split_get(struct parquet_values *v, void *out, size_t count)
{
    size_t width = split_width(v);
    bool fixed = v->leaf->physical == PARQUET_FIXED;
    if (count > v->split - v->at) return wrong(v, "values end early");
    char *to = out;
    if (fixed) {
        if (count * width > LIMIT_JOINED || !grow(&v->joined, &v->joined_room, count * width + 1))
            return wrong(v, "values are too long");
        to = v->joined;
    }
    for (size_t b = 0; b < width; b++) {
        const uint8_t *from = v->p + b * v->split + v->at;
        for (size_t i = 0; i < count; i++) to[i * width + b] = (char)from[i];
    }
    for (size_t i = 0; fixed && i < count; i++)
        ((struct table_bytes *)out)[i] = (struct table_bytes){to + i * width, width};
    v->at += count;
    return true;
}

/* --- the table -------------------------------------------------------------------------------- */

static bool plain_init(struct parquet_values *v, size_t count)
{
    (void)count;
    v->bit = 0;
    return true;
}

// clang-format off
static const struct {
    bool (*init)(struct parquet_values *v, size_t count);
    bool (*get)(struct parquet_values *v, void *out, size_t count);
} encodings[] = {
    [0] = {plain_init, plain_get},
    [2] = {dictionary_init, dictionary_get},      /* PLAIN_DICTIONARY */
    [3] = {rle_bools_init, rle_bools_get},
    [5] = {delta_ints_init, delta_ints_get},      /* DELTA_BINARY_PACKED */
    [6] = {delta_lengths_init, delta_lengths_get},
    [7] = {delta_bytes_init, delta_bytes_get},
    [8] = {dictionary_init, dictionary_get},      /* RLE_DICTIONARY */
    [9] = {split_init, split_get},
};
// clang-format on
enum { ENCODINGS = sizeof encodings / sizeof encodings[0] };

bool parquet_values_init(
    struct parquet_values *v, int encoding, const uint8_t *data, size_t bytes, size_t count)
{
    if (encoding < 0 || encoding >= ENCODINGS || encodings[encoding].init == NULL)
        return wrong(v, "an encoding that is not read");
    v->encoding = encoding;
    v->p = data;
    v->end = data + bytes;
    v->delta = v->suffixes = (struct delta){0};
    v->rle = (struct rle){0};
    return encodings[encoding].init(v, count);
}

void parquet_values_deinit(struct parquet_values *v)
{
    mem_free(v->last);
    mem_free(v->joined);
    v->last = v->joined = NULL;
    v->last_room = v->joined_room = 0;
}

bool parquet_values_get(struct parquet_values *v, void *out, size_t count)
{
    return count == 0 || encodings[v->encoding].get(v, out, count);
}
