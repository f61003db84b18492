/* test_model_weights.c - the same tensors out of every container, and folders that are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "model/weights.h"

#define GOLDEN FOVEA_SOURCE_DIR "/tests/golden/weights"

static char DIR[] = "/tmp/fovea-weights-XXXXXX";

static struct model_weights *open_golden(const char *dir)
{
    struct model_weights *w = NULL;
    struct err e = ERR_INIT;
    if (model_weights_open(dir, &w, &e) != ST_OK) fail_msg("%s", e.text);
    return w;
}

static void same_in_every_container(void **state)
{
    (void)state;
    static const char *const dirs[] = {
        GOLDEN "/one", GOLDEN "/shards", GOLDEN "/zip", GOLDEN "/zip4"};
    char first[HASH_CONTENT_CHARS], hash[HASH_CONTENT_CHARS];
    struct err e = ERR_INIT;
    struct json_doc *want = NULL;
    assert_int_equal(json_read_file(GOLDEN "/expected.json", &want, &e), ST_OK);
    for (size_t d = 0; d < 4; d++) {
        struct model_weights *w = open_golden(dirs[d]);
        assert_int_equal(model_weights_count(w), json_count(json_root(want)));
        for (size_t i = 1; i < model_weights_count(w); i++)
            assert_true(strcmp(model_weights_at(w, i - 1)->name, model_weights_at(w, i)->name) < 0);
        assert_null(model_weights_at(w, model_weights_count(w)));
        assert_null(model_weights_find(w, "nothing"));
        const struct stored_tensor *t = model_weights_find(w, "projection.weight");
        float v[24];
        assert_int_equal(stored_get_f32(t, 0, 24, v, &e), ST_OK);
        assert_true(v[1] == 0.75f && v[4] == 0.125f); /* [6, 4], transposed from [4, 6] */
        assert_int_equal(model_weights_parameters(w), 12 + 4 + 4 + 4 + 24 + 12 + 12 + 1 + 4 * 5);
        assert_int_equal(model_weights_hash(w, d == 0 ? first : hash, &e), ST_OK);
        if (d > 0) assert_string_equal(hash, first);
        model_weights_close(w);
    }
    json_close(want);
}

static void checks_shapes(void **state)
{
    (void)state;
    struct model_weights *w = open_golden(GOLDEN "/one");
    const struct stored_tensor *t = NULL;
    struct err e = ERR_INIT;
    const struct weights_shape right = {2, {4, 3}}, wrong = {2, {3, 4}}, flat = {1, {12}};
    const struct weights_shape ids = {2, {1, 7}};
    assert_int_equal(model_weights_get(w, "fc1.weight", &right, &t, &e), ST_OK);
    assert_string_equal(t->name, "fc1.weight");
    assert_int_equal(model_weights_get(w, "fc1.weight", &wrong, &t, &e), ST_CORRUPT);
    assert_non_null(strstr(e.text, "fc1.weight is [4, 3], config.json wants [3, 4]"));
    assert_int_equal(model_weights_get(w, "fc1.weight", &flat, &t, &e), ST_CORRUPT);
    assert_int_equal(model_weights_get(w, "fc9.weight", &right, &t, &e), ST_CORRUPT);
    assert_non_null(strstr(e.text, "fc9.weight is missing"));
    assert_int_equal(model_weights_get(w, "position_ids", &ids, &t, &e), ST_UNSUPPORTED);
    model_weights_close(w);
}

/* A large tensor is hashed in pieces: head, middle and tail count. */
static void hash_sees_changes(void **state)
{
    (void)state;
    enum { ELEMENTS = 100000, HEADER = 66 };
    static char bytes[8 + HEADER + 4 * ELEMENTS];
    char path[256], a[HASH_CONTENT_CHARS], b[HASH_CONTENT_CHARS];
    uint64_t length = HEADER;
    memcpy(bytes, &length, 8);
    snprintf(bytes + 8, HEADER + 1, "%-66s",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[100000],\"data_offsets\":[0,400000]}}");
    bytes[8 + HEADER] = 0;
    snprintf(path, sizeof path, "%s/model.safetensors", DIR);
    static const size_t places[] = {0, 0, 4 * ELEMENTS - 1};
    for (size_t i = 0; i < 3; i++) {
        struct err e = ERR_INIT;
        if (i > 0) bytes[8 + HEADER + places[i]] = 1;
        assert_int_equal(file_write_atomic(path, bytes, sizeof bytes, &e), ST_OK);
        struct model_weights *w = open_golden(DIR);
        assert_int_equal(model_weights_hash(w, b, &e), ST_OK);
        if (i > 0) assert_string_not_equal(a, b);
        memcpy(a, b, sizeof a);
        model_weights_close(w);
    }
    unlink(path);
}

static void refuses_index(const char *index, enum status want, const char *says)
{
    char path[256];
    snprintf(path, sizeof path, "%s/model.safetensors.index.json", DIR);
    struct err e = ERR_INIT;
    assert_int_equal(file_write_atomic(path, index, strlen(index), &e), ST_OK);
    struct model_weights *w = NULL;
    enum status st = model_weights_open(DIR, &w, &e);
    if (st != want || !strstr(e.text, says)) fail_msg("%s: %s", index, e.text);
    unlink(path);
}

static void refuses(void **state)
{
    (void)state;
    struct model_weights *w = NULL;
    struct err e = ERR_INIT;
    assert_int_equal(model_weights_open(DIR, &w, &e), ST_NOT_FOUND);
    assert_int_equal(model_weights_open("/nowhere", &w, &e), ST_NOT_FOUND);
    refuses_index("{}", ST_CORRUPT, "weight_map");
    refuses_index(
        "{\"weight_map\":{\"a\":\"../model.safetensors\"}}", ST_CORRUPT, "names the file");
    refuses_index("{\"weight_map\":{\"a\":3}}", ST_CORRUPT, "names the file");
    refuses_index(
        "{\"weight_map\":{\"a\":\"gone.safetensors\"}}", ST_NOT_FOUND, "gone.safetensors");
}

static void survives_lack_of_memory(void **state)
{
    (void)state;
    enum status st = ST_NO_MEMORY;
    for (uint64_t n = 1; st == ST_NO_MEMORY; n++) {
        struct model_weights *w = NULL;
        struct err e = ERR_INIT;
        mem_fault_set(n, true);
        st = model_weights_open(GOLDEN "/shards", &w, &e);
        mem_fault_set(0, false);
        model_weights_close(w);
        assert_true(n < 1000);
    }
    assert_int_equal(st, ST_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_in_every_container),
        cmocka_unit_test(checks_shapes),
        cmocka_unit_test(hash_sees_changes),
        cmocka_unit_test(refuses),
        cmocka_unit_test(survives_lack_of_memory),
    };
    if (!mkdtemp(DIR)) return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    rmdir(DIR);
    return failed;
}
