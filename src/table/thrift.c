/* thrift.c - see thrift.h. */
#include "table/thrift.h"

enum { DEPTH_MAX = 32 };

static uint8_t byte_get(struct thrift *t)
{
    if (t->bad || t->p == t->end) {
        t->bad = true;
        return 0;
    }
    return *t->p++;
}

uint64_t thrift_varint(struct thrift *t)
{
    uint64_t n = 0;
    for (int shift = 0; shift < 64; shift += 7) {
        uint8_t b = byte_get(t);
        n |= (uint64_t)(b & 0x7f) << shift;
        if (b < 0x80) return t->bad ? 0 : n;
    }
    t->bad = true;
    return 0;
}

int64_t thrift_zigzag(struct thrift *t)
{
    uint64_t n = thrift_varint(t);
    return (int64_t)(n >> 1) ^ -(int64_t)(n & 1);
}

bool thrift_next(struct thrift *t, struct thrift_field *f)
{
    uint8_t b = byte_get(t);
    f->type = (enum thrift_type)(b & 15);
    if (t->bad || f->type == THRIFT_STOP) return false;
    int64_t id = b >> 4 != 0 ? f->id + (b >> 4) : thrift_zigzag(t);
    if (id < 0 || id > INT16_MAX || f->type > THRIFT_STRUCT) t->bad = true;
    f->id = (int)id;
    return !t->bad;
}

static void skip_bytes(struct thrift *t, uint64_t bytes)
{
    if (bytes > (uint64_t)(t->end - t->p))
        t->bad = true;
    else
        t->p += bytes;
}

/* Every element takes a byte at least, so a count that lies ends soon. */
static uint64_t count_get(struct thrift *t, uint8_t head)
{
    uint64_t count = head >> 4 == 15 ? thrift_varint(t) : head >> 4;
    if (count > (uint64_t)(t->end - t->p)) t->bad = true;
    return t->bad ? 0 : count;
}

static void skip_element(struct thrift *t, enum thrift_type type)
{
    if (type == THRIFT_TRUE || type == THRIFT_FALSE)
        skip_bytes(t, 1);
    else
        thrift_skip(t, type);
}

static void skip_map(struct thrift *t)
{
    uint64_t count = thrift_varint(t);
    if (t->bad || count == 0) return;
    uint8_t types = byte_get(t);
    if (count > (uint64_t)(t->end - t->p)) t->bad = true;
    for (; count > 0 && !t->bad; count--) {
        skip_element(t, (enum thrift_type)(types >> 4));
        skip_element(t, (enum thrift_type)(types & 15));
    }
}

static void skip_nested(struct thrift *t, enum thrift_type type)
{
    struct thrift_field f = {0};
    if (type == THRIFT_MAP) {
        skip_map(t);
    } else if (type == THRIFT_STRUCT) {
        while (thrift_next(t, &f)) thrift_skip(t, f.type);
    } else {
        uint8_t head = byte_get(t);
        for (uint64_t n = count_get(t, head); n > 0 && !t->bad; n--)
            skip_element(t, (enum thrift_type)(head & 15));
    }
}

void thrift_skip(struct thrift *t, enum thrift_type type)
{
    switch (type) {
    case THRIFT_TRUE:
    case THRIFT_FALSE: return;
    case THRIFT_BYTE: skip_bytes(t, 1); return;
    case THRIFT_I16:
    case THRIFT_I32:
    case THRIFT_I64: (void)thrift_varint(t); return;
    case THRIFT_DOUBLE: skip_bytes(t, 8); return;
    case THRIFT_BINARY: skip_bytes(t, thrift_varint(t)); return;
    default: break;
    }
    if (type < THRIFT_LIST || type > THRIFT_STRUCT || t->depth >= DEPTH_MAX) {
        t->bad = true;
        return;
    }
    t->depth++;
    skip_nested(t, type);
    t->depth--;
}

int64_t thrift_int(struct thrift *t, const struct thrift_field *f)
{
    if (f->type == THRIFT_BYTE) return (int8_t)byte_get(t);
    if (f->type == THRIFT_I16 || f->type == THRIFT_I32 || f->type == THRIFT_I64)
        return thrift_zigzag(t);
    thrift_skip(t, f->type);
    return 0;
}

bool thrift_bool(struct thrift *t, const struct thrift_field *f)
{
    thrift_skip(t, f->type);
    return f->type == THRIFT_TRUE;
}

struct thrift_bytes thrift_binary(struct thrift *t, const struct thrift_field *f)
{
    struct thrift_bytes out = {(const uint8_t *)"", 0};
    if (f->type != THRIFT_BINARY) {
        thrift_skip(t, f->type);
        return out;
    }
    uint64_t bytes = thrift_varint(t);
    const uint8_t *data = t->p;
    skip_bytes(t, bytes);
    if (!t->bad) out = (struct thrift_bytes){data, (size_t)bytes};
    return out;
}

size_t thrift_structs(struct thrift *t, const struct thrift_field *f)
{
    if (f->type != THRIFT_LIST) {
        thrift_skip(t, f->type);
        return 0;
    }
    const uint8_t *from = t->p;
    uint8_t head = byte_get(t);
    if ((head & 15) == THRIFT_STRUCT) return (size_t)count_get(t, head);
    t->p = from;
    thrift_skip(t, f->type);
    return 0;
}
