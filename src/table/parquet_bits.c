/* parquet_bits.c - see parquet_bits.h. */
#include "table/parquet_bits.h"

#include <string.h>

enum { BLOCK_MAX = 1 << 16 };

/* width bits (at most 57) from bit on; bytes behind end count as 0. */
static inline uint64_t bits_get(const uint8_t *data, const uint8_t *end, uint64_t bit, int width)
{
    const uint8_t *p = data + bit / 8;
    uint64_t v = 0;
    if (end - p >= 8)
        memcpy(&v, p, sizeof v);
    else if (p < end)
        memcpy(&v, p, (size_t)(end - p));
    return v >> bit % 8 & (((uint64_t)1 << width) - 1);
}

/* --- hybrid ----------------------------------------------------------------------------------- */

void rle_init(struct rle *r, const uint8_t *data, size_t bytes, int width)
{
    *r = (struct rle){.t = {.p = data, .end = data + bytes}, .width = width};
}

static bool rle_run(struct rle *r)
{
    uint64_t head = thrift_varint(&r->t), count = head >> 1;
    size_t room = (size_t)(r->t.end - r->t.p);
    if (r->t.bad || count == 0) return false;
    if ((head & 1) != 0) {
        if (r->width > 0 && count > room / (size_t)r->width) return false;
        if (count > UINT64_MAX / 64) return false;
        r->bits = r->t.p;
        r->bit = 0;
        r->packed = count * 8;
        r->t.p += count * (size_t)r->width;
        return true;
    }
    size_t bytes = ((size_t)r->width + 7) / 8;
    if (bytes > room) return false;
    r->value = 0;
    memcpy(&r->value, r->t.p, bytes);
    r->t.p += bytes;
    r->run = count;
    return r->width == 32 || r->value >> r->width == 0;
}

bool rle_get(struct rle *r, uint32_t *out, size_t count)
{
    while (count > 0) {
        if (r->run == 0 && r->packed == 0 && !rle_run(r)) return false;
        size_t take = count;
        if (r->run > 0) {
            if (take > r->run) take = (size_t)r->run;
            for (size_t i = 0; i < take; i++) out[i] = r->value;
            r->run -= take;
        } else {
            if (take > r->packed) take = (size_t)r->packed;
            for (size_t i = 0; i < take; i++, r->bit += (unsigned)r->width)
                out[i] = (uint32_t)bits_get(r->bits, r->t.end, r->bit, r->width);
            r->packed -= take;
        }
        out += take;
        count -= take;
    }
    return true;
}

/* --- delta ------------------------------------------------------------------------------------ */

bool delta_init(struct delta *d, const uint8_t *data, size_t bytes)
{
    *d = (struct delta){.t = {.p = data, .end = data + bytes}, .first = true};
    uint64_t block = thrift_varint(&d->t), minis = thrift_varint(&d->t);
    d->left = thrift_varint(&d->t);
    d->last = (uint64_t)thrift_zigzag(&d->t);
    if (d->t.bad || minis == 0 || block == 0 || block > BLOCK_MAX || minis > block) return false;
    if (block % minis != 0 || block / minis % 8 != 0) return false;
    d->per_mini = (uint32_t)(block / minis);
    d->minis = d->mini = (uint32_t)minis;
    return true;
}

static bool delta_mini(struct delta *d)
{
    if (d->mini == d->minis) {
        d->least = (uint64_t)thrift_zigzag(&d->t);
        d->widths = d->t.p;
        if (d->t.bad || d->minis > (size_t)(d->t.end - d->t.p)) return false;
        d->t.p += d->minis;
        d->mini = 0;
    }
    uint32_t width = d->widths[d->mini++];
    size_t bytes = (size_t)d->per_mini / 8 * width;
    if (width > 64 || bytes > (size_t)(d->t.end - d->t.p)) return false;
    d->bits = d->t.p;
    d->bit = 0;
    d->t.p += bytes;
    d->in_mini = d->per_mini;
    return true;
}

static uint64_t delta_bits(struct delta *d, int width)
{
    uint64_t low;
    if (width <= 56) {
        low = bits_get(d->bits, d->t.end, d->bit, width);
    } else {
        low = bits_get(d->bits, d->t.end, d->bit, 32);
        low |= bits_get(d->bits, d->t.end, d->bit + 32, width - 32) << 32;
    }
    d->bit += (unsigned)width;
    return low;
}

bool delta_get(struct delta *d, int64_t *out, size_t count)
{
    if (count > d->left) return false;
    d->left -= count;
    for (size_t i = 0; i < count; i++) {
        if (!d->first) {
            if (d->in_mini == 0 && !delta_mini(d)) return false;
            d->in_mini--;
            d->last += d->least + delta_bits(d, d->widths[d->mini - 1]);
        }
        d->first = false;
        out[i] = (int64_t)d->last;
    }
    return true;
}
