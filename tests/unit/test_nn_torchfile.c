/* test_nn_torchfile.c - files of torch.save: tensors read, other pickles and broken archives
 * refused. Goldens: tools/golden/weights.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "nn/torchfile.h"

#define GOLDEN FOVEA_SOURCE_DIR "/tests/golden/weights"
#define BIN "/pytorch_model.bin"

static const struct stored_tensor *find(const struct torchfile *f, const char *name)
{
    for (size_t i = 0; i < torchfile_count(f); i++)
        if (strcmp(torchfile_at(f, i)->name, name) == 0) return torchfile_at(f, i);
    return NULL;
}

static double element(const struct stored_tensor *t, size_t i)
{
    const uint8_t *p = (const uint8_t *)t->data + i * dtype_bytes(t->dtype);
    uint64_t raw = 0;
    float f;
    struct err e = ERR_INIT;
    if (stored_get_f32(t, i, 1, &f, &e) == ST_OK) return (double)f;
    memcpy(&raw, p, dtype_bytes(t->dtype));
    unsigned unused = 64 - 8 * (unsigned)dtype_bytes(t->dtype);
    bool is_signed = t->dtype != DTYPE_U8 && t->dtype != DTYPE_BOOL;
    return is_signed ? (double)((int64_t)(raw << unused) >> unused) : (double)raw;
}

static void check_tensor(const struct stored_tensor *t, const struct json_node *want)
{
    const struct json_node *shape = json_at(want, 1), *values = json_at(want, 2);
    assert_string_equal(dtype_name(t->dtype), json_str(json_at(want, 0), ""));
    assert_int_equal(t->rank, json_count(shape));
    for (int i = 0; i < t->rank; i++)
        assert_int_equal(t->shape[i], json_int(json_at(shape, (size_t)i), -1));
    assert_int_equal(t->count, json_count(values));
    assert_int_equal(t->bytes, t->count * dtype_bytes(t->dtype));
    for (size_t i = 0; i < t->count; i++) {
        double v = json_num(json_at(values, i), NAN);
        if (t->dtype == DTYPE_F32 || t->dtype == DTYPE_F64) v = (double)(float)v;
        assert_true(element(t, i) == v);
    }
}

static void reads_what_torch_saves(void **state)
{
    (void)state;
    static const char *const paths[] = {GOLDEN "/zip" BIN, GOLDEN "/zip4" BIN};
    struct json_doc *want = NULL;
    struct err e = ERR_INIT;
    assert_int_equal(json_read_file(GOLDEN "/expected.json", &want, &e), ST_OK);
    const struct json_node *root = json_root(want);
    for (size_t i = 0; i < 2; i++) {
        struct torchfile *f = NULL;
        if (torchfile_open(paths[i], &f, &e) != ST_OK) fail_msg("%s", e.text);
        assert_int_equal(torchfile_count(f), json_count(root));
        for (const struct json_iter *it = json_next(root, NULL); it; it = json_next(root, it)) {
            const struct stored_tensor *t = find(f, json_iter_key(it));
            if (!t) fail_msg("%s is missing", json_iter_key(it));
            check_tensor(t, json_iter_value(root, it));
        }
        assert_null(torchfile_at(f, torchfile_count(f)));
        torchfile_close(f);
    }
    json_close(want);
}

static void refuses_other_pickles(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        enum status st;
        const char *says;
    } rows[] = {
        {GOLDEN "/evil" BIN, ST_UNSUPPORTED, "posix.system"},
        {GOLDEN "/numbers" BIN, ST_UNSUPPORTED, "numpy"},
        {GOLDEN "/nested" BIN, ST_UNSUPPORTED, "training run"},
        {GOLDEN "/old" BIN, ST_UNSUPPORTED, "before PyTorch 1.6"},
        {GOLDEN "/one/model.safetensors", ST_CORRUPT, "not a file of torch.save"},
        {GOLDEN "/none" BIN, ST_NOT_FOUND, ""},
        {GOLDEN, ST_INVALID, "folder"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct torchfile *f = NULL;
        struct err e = ERR_INIT;
        enum status st = torchfile_open(rows[i].path, &f, &e);
        if (st != rows[i].st || !strstr(e.text, rows[i].says))
            fail_msg("%s: %s", rows[i].path, e.text);
        assert_null(f);
    }
    static const char pointer[] =
        "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n";
    struct torchfile *f = NULL;
    struct err e = ERR_INIT;
    assert_int_equal(torchfile_open_bytes(pointer, sizeof pointer, "p", &f, &e), ST_CORRUPT);
    assert_non_null(strstr(e.text, "git lfs pull"));
}

/* Each cut, and each byte flipped: refused, or read with every tensor inside the file. */
static void copes_with_damage(void **state)
{
    (void)state;
    struct buf whole;
    struct err e = ERR_INIT;
    buf_init(&whole);
    assert_int_equal(file_read(GOLDEN "/zip" BIN, 1 << 20, &whole, &e), ST_OK);
    for (size_t n = 0; n < whole.bytes; n++) {
        struct torchfile *f = NULL;
        uint8_t *cut = mem_alloc(n);
        memcpy(cut, whole.data, n);
        assert_int_not_equal(torchfile_open_bytes(cut, n, "cut", &f, &e), ST_OK);
        mem_free(cut);
    }
    size_t opened = 0;
    for (size_t n = 0; n < whole.bytes; n++) {
        struct torchfile *f = NULL;
        whole.data[n] = (char)(whole.data[n] ^ 0xff);
        if (torchfile_open_bytes(whole.data, whole.bytes, "flipped", &f, &e) == ST_OK) {
            opened++;
            for (size_t i = 0; i < torchfile_count(f); i++) {
                const struct stored_tensor *t = torchfile_at(f, i);
                if (t->bytes > 0) (void)element(t, t->count - 1);
            }
        }
        torchfile_close(f);
        whole.data[n] = (char)(whole.data[n] ^ 0xff);
    }
    print_message("%zu of %zu flips still open\n", opened, whole.bytes);
    buf_deinit(&whole);
}

static void survives_lack_of_memory(void **state)
{
    (void)state;
    enum status st = ST_NO_MEMORY;
    for (uint64_t n = 1; st != ST_OK; n++) {
        struct torchfile *f = NULL;
        struct err e = ERR_INIT;
        mem_fault_set(n, true);
        st = torchfile_open(GOLDEN "/zip" BIN, &f, &e);
        mem_fault_set(0, false);
        assert_true(st == ST_OK || st == ST_NO_MEMORY || st == ST_LIMIT);
        torchfile_close(f);
        assert_true(n < 1000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_torch_saves),
        cmocka_unit_test(refuses_other_pickles),
        cmocka_unit_test(copes_with_damage),
        cmocka_unit_test(survives_lack_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
