/* dtype.c - the table of element types, and widening stored numbers to f32.
 *
 * The scalar loops are the specification; dtype_avx2.c holds the fast form of the half types, which
 * give the same bits (widening is exact).
 */
#include "nn/dtype.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "nn/dtype_kernels.h"
#include "simd/cpu.h"

static const struct {
    const char *name;
    size_t bytes;
} TYPES[] = {
#define X(name, size) [DTYPE_##name] = {#name, size},
    DTYPE_TABLE(X)
#undef X
};
static_assert(sizeof TYPES / sizeof TYPES[0] == DTYPE_COUNT, "one row a type");

const char *dtype_name(enum dtype t)
{
    return (unsigned)t < DTYPE_COUNT ? TYPES[t].name : "?";
}

size_t dtype_bytes(enum dtype t)
{
    return (unsigned)t < DTYPE_COUNT ? TYPES[t].bytes : 0;
}

enum dtype dtype_find(const char *name)
{
    int t = 0;
    while (t < DTYPE_COUNT && strcmp(TYPES[t].name, name) != 0) t++;
    return (enum dtype)t;
}

/* IEEE 754 binary16 to binary32: exponent 5 bits of bias 15 to 8 of bias 127; subnormals get
 * normal. */
static float half_widen(uint16_t h)
{
    uint32_t sign = (uint32_t)(h & 0x8000u) << 16;
    uint32_t exponent = (h >> 10) & 0x1fu;
    uint32_t fraction = h & 0x3ffu;
    uint32_t bits;
    if (exponent == 31) {
        /* a signalling NaN becomes quiet, as the processor's conversion makes it */
        bits = 0x7f800000u | fraction << 13 | (fraction ? 0x400000u : 0);
    } else if (exponent > 0) {
        bits = (exponent + 112) << 23 | fraction << 13;
    } else if (fraction == 0) {
        bits = 0;
    } else {
        uint32_t shift = (uint32_t)__builtin_clz(fraction) - 21;
        bits = (113 - shift) << 23 | ((fraction << shift) & 0x3ffu) << 13;
    }
    bits |= sign;
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

void dtype_widen_f16(float *out, const uint8_t *in, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint16_t h;
        memcpy(&h, in + 2 * i, sizeof h);
        out[i] = half_widen(h);
    }
}

void dtype_widen_bf16(float *out, const uint8_t *in, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint16_t h;
        memcpy(&h, in + 2 * i, sizeof h);
        uint32_t bits = (uint32_t)h << 16;
        memcpy(out + i, &bits, sizeof bits);
    }
}

static void narrow_f64(float *out, const uint8_t *in, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        double d;
        memcpy(&d, in + 8 * i, sizeof d);
        out[i] = (float)d;
    }
}

enum status stored_get_f32(
    const struct stored_tensor *t, size_t first, size_t count, float *out, struct err *e)
{
    if (first > t->count || count > t->count - first)
        return err_set(e, ST_INVALID, "elements %zu to %zu of tensor %s, which has %zu", first,
            first + count, t->name, t->count);
    const uint8_t *in = (const uint8_t *)t->data + first * dtype_bytes(t->dtype);
    const struct cpu *cpu = cpu_get();
    bool fast = cpu->isa >= CPU_AVX2 && cpu->f16c;
    if (count == 0) return ST_OK;
    switch (t->dtype) {
    case DTYPE_F32: memcpy(out, in, count * sizeof *out); return ST_OK;
    case DTYPE_F16: (fast ? dtype_widen_f16_avx2 : dtype_widen_f16)(out, in, count); return ST_OK;
    case DTYPE_BF16:
        (fast ? dtype_widen_bf16_avx2 : dtype_widen_bf16)(out, in, count);
        return ST_OK;
    case DTYPE_F64: narrow_f64(out, in, count); return ST_OK;
    default: break;
    }
    return err_set(e, ST_UNSUPPORTED, "tensor %s holds %s, not floating-point numbers", t->name,
        dtype_name(t->dtype));
}

bool stored_is_pointer(const void *data, size_t bytes)
{
    static const char head[] = "version https://git-lfs";
    return bytes >= sizeof head - 1 && memcmp(data, head, sizeof head - 1) == 0;
}

const char *stored_shape_text(int rank, const int64_t *shape, char *text, size_t bytes)
{
    size_t used = 0;
    const char *before = "[";
    for (int i = 0; i < rank && used < bytes; i++, before = ", ")
        used += (size_t)snprintf(text + used, bytes - used, "%s%lld", before, (long long)shape[i]);
    if (used < bytes) snprintf(text + used, bytes - used, "%s", rank > 0 ? "]" : "[]");
    return text;
}
