/* test_nn_safetensors.c - the format read, and every way a file can lie about itself refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "nn/dtype_kernels.h"
#include "nn/safetensors.h"
#include "simd/cpu.h"

struct sample {
    uint8_t bytes[4096];
    size_t count;
};

/* Length, header, then `data` bytes counting up from 0. */
static struct sample sample_make(const char *header, size_t data)
{
    struct sample s = {.count = 8 + strlen(header) + data};
    uint64_t length = strlen(header);
    memcpy(s.bytes, &length, 8);
    memcpy(s.bytes + 8, header, strlen(header));
    for (size_t i = 0; i < data; i++) s.bytes[8 + strlen(header) + i] = (uint8_t)i;
    return s;
}

static enum status open_sample(const struct sample *s, struct safetensors **out, struct err *e)
{
    return safetensors_open_bytes(s->bytes, s->count, "x.safetensors", out, e);
}

static void reads_tensors(void **state)
{
    (void)state;
    struct sample s = sample_make(
        "{\"__metadata__\":{\"format\":\"pt\"},"
        "\"b\":{\"dtype\":\"F16\",\"shape\":[2,1],\"data_offsets\":[8,12]},"
        "\"a\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[0,8]},"
        "\"none\":{\"dtype\":\"F32\",\"shape\":[0,7],\"data_offsets\":[8,8]}}  ",
        12);
    struct safetensors *f = NULL;
    struct err e = ERR_INIT;
    assert_int_equal(open_sample(&s, &f, &e), ST_OK);
    assert_int_equal(safetensors_count(f), 3);
    const struct stored_tensor *a = safetensors_at(f, 0), *none = safetensors_at(f, 1),
                               *b = safetensors_at(f, 2);
    assert_string_equal(a->name, "a");
    assert_int_equal(a->dtype, DTYPE_I64);
    assert_int_equal(a->rank, 0);
    assert_int_equal(a->count, 1);
    assert_int_equal(*(const uint8_t *)a->data, 0);
    assert_string_equal(none->name, "none");
    assert_int_equal(none->bytes, 0);
    assert_string_equal(b->name, "b");
    assert_int_equal(b->shape[0], 2);
    assert_int_equal(b->bytes, 4);
    assert_int_equal(*(const uint8_t *)b->data, 8);
    assert_null(safetensors_at(f, 3));
    float out[2];
    assert_int_equal(stored_get_f32(a, 0, 1, out, &e), ST_UNSUPPORTED);
    assert_int_equal(stored_get_f32(b, 1, 2, out, &e), ST_INVALID);
    assert_int_equal(stored_get_f32(b, 0, 2, out, &e), ST_OK);
    safetensors_close(f);
}

#define ONE(dtype, shape, offsets) \
    "{\"t\":{\"dtype\":\"" dtype "\",\"shape\":" shape ",\"data_offsets\":" offsets "}}"

static void refuses_lies(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        size_t data;
        enum status st;
        const char *says;
    } rows[] = {
        {ONE("F32", "[2]", "[0,8]"), 8, ST_OK, NULL},
        {ONE("F32", "[2]", "[0,8]"), 7, ST_CORRUPT, "ends at byte 8"},
        {ONE("F32", "[2]", "[0,8]"), 9, ST_CORRUPT, "belong to no tensor"},
        {ONE("F32", "[3]", "[0,8]"), 8, ST_CORRUPT, "[3] of F32, 12 bytes"},
        {ONE("F32", "[2]", "[4,12]"), 12, ST_CORRUPT, "belong to none"},
        {ONE("F32", "[2]", "[8,0]"), 8, ST_CORRUPT, "data_offsets"},
        {ONE("F32", "[2]", "[0,8,9]"), 8, ST_CORRUPT, "data_offsets"},
        {ONE("F32", "[2]", "[0]"), 8, ST_CORRUPT, "data_offsets"},
        {ONE("F32", "[2]", "[-8,0]"), 8, ST_CORRUPT, "data_offsets"},
        {ONE("F32", "[-2]", "[0,8]"), 8, ST_CORRUPT, "senseless shape"},
        {ONE("F32", "[2.0]", "[0,8]"), 8, ST_CORRUPT, "senseless shape"},
        {ONE("F32", "[4294967296,4294967296,2]", "[0,8]"), 8, ST_CORRUPT, "senseless shape"},
        {ONE("F32", "[4611686018427387905]", "[0,8]"), 8, ST_CORRUPT, "senseless shape"},
        {ONE("F32", "2", "[0,8]"), 8, ST_CORRUPT, "no shape"},
        {ONE("F8_E4M3", "[8]", "[0,8]"), 8, ST_UNSUPPORTED, "F8_E4M3"},
        {ONE("F32", "[1,1,1,1,1,1,1,1,2]", "[0,8]"), 8, ST_LIMIT, "9 dimensions"},
        {"{\"t\":3}", 0, ST_CORRUPT, "no dtype"},
        {"{}", 0, ST_OK, NULL},
        {"{}", 1, ST_CORRUPT, "belong to no tensor"},
        {"[]", 0, ST_CORRUPT, "not a JSON object"},
        {"{", 0, ST_CORRUPT, "line 1"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},"
         "\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[3,7]}}",
            7, ST_CORRUPT, "b overlaps a"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
         "\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]}}",
            2, ST_CORRUPT, "duplicate"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sample s = sample_make(rows[i].header, rows[i].data);
        struct safetensors *f = NULL;
        struct err e = ERR_INIT;
        enum status st = open_sample(&s, &f, &e);
        if (st != rows[i].st) print_message("%s: %s\n", rows[i].header, e.text);
        assert_int_equal(st, rows[i].st);
        if (rows[i].says && !strstr(e.text, rows[i].says)) fail_msg("%s", e.text);
        safetensors_close(f);
    }
}

/* Every cut of a sound file is refused, never read past. */
static void refuses_every_cut(void **state)
{
    (void)state;
    struct sample s = sample_make(ONE("F32", "[2]", "[0,8]"), 8);
    for (size_t n = 0; n < s.count; n++) {
        struct safetensors *f = NULL;
        struct err e = ERR_INIT;
        assert_int_equal(safetensors_open_bytes(s.bytes, n, "cut", &f, &e), ST_CORRUPT);
    }
    uint64_t huge = UINT64_MAX;
    memcpy(s.bytes, &huge, 8);
    struct safetensors *f = NULL;
    struct err e = ERR_INIT;
    assert_int_equal(open_sample(&s, &f, &e), ST_CORRUPT);
    assert_int_equal(safetensors_open("/nowhere/model.safetensors", &f, &e), ST_NOT_FOUND);
}

/* All 65,536 halves: the table-free loop against arithmetic, and the fast form against the loop. */
static void widens_all_halves(void **state)
{
    (void)state;
    static uint8_t in[2 * 65536 + 1];
    static float out[65536], fast[65536];
    for (uint32_t i = 0; i < 65536; i++) {
        uint16_t h = (uint16_t)i;
        memcpy(in + 1 + 2 * i, &h, 2); /* unaligned */
    }
    dtype_widen_f16(out, in + 1, 65536);
    for (uint32_t i = 0; i < 65536; i++) {
        int exponent = (int)(i >> 10 & 31);
        double fraction = i & 1023;
        double want = exponent == 31 ? (fraction > 0 ? NAN : INFINITY)
                      : exponent     ? ldexp(1024 + fraction, exponent - 25)
                                     : ldexp(fraction, -24);
        if (i & 0x8000) want = -want;
        assert_true(isnan(want) ? isnan(out[i]) : (double)out[i] == want);
        assert_int_equal(signbit(out[i]) != 0, (i & 0x8000) != 0);
    }
    const struct cpu *cpu = cpu_get();
    if (cpu->found < CPU_AVX2 || !cpu->f16c) return;
    dtype_widen_f16_avx2(fast, in + 1, 65531);
    assert_memory_equal(fast, out, 65531 * sizeof *out);
    dtype_widen_bf16(out, in + 1, 65536);
    assert_true(out[0x3f80] == 1.0f && out[0xc040] == -3.0f);
    dtype_widen_bf16_avx2(fast, in + 1, 65531);
    assert_memory_equal(fast, out, 65531 * sizeof *out);
}

static void words_shapes(void **state)
{
    (void)state;
    char text[64], cut[6];
    const int64_t shape[] = {768, 3, 32};
    assert_string_equal(stored_shape_text(3, shape, text, sizeof text), "[768, 3, 32]");
    assert_string_equal(stored_shape_text(0, shape, text, sizeof text), "[]");
    assert_string_equal(stored_shape_text(3, shape, cut, sizeof cut), "[768,");
    for (int t = 0; t < DTYPE_COUNT; t++)
        assert_int_equal(dtype_find(dtype_name((enum dtype)t)), t);
    assert_int_equal(dtype_find("f32"), DTYPE_COUNT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_tensors),
        cmocka_unit_test(refuses_lies),
        cmocka_unit_test(refuses_every_cut),
        cmocka_unit_test(widens_all_halves),
        cmocka_unit_test(words_shapes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
