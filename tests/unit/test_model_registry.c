/* test_model_registry.c - names, places and their order, what counts as a model. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "model/registry.h"
#include "model/registry_parts.h"

enum { NOTES_BYTES = 512 };

static char ROOT[] = "/tmp/fovea-registry-XXXXXX";

static void put(const char *path)
{
    char whole[512];
    struct err e = ERR_INIT;
    snprintf(whole, sizeof whole, "%s/%s", ROOT, path);
    char *slash = strrchr(whole, '/');
    *slash = '\0';
    assert_int_equal(file_make_dirs(whole, &e), ST_OK);
    *slash = '/';
    assert_int_equal(file_write_atomic(whole, "x", 1, &e), ST_OK);
}

/* Files enough to count as a model; none is ever opened here. */
static void put_model(const char *dir)
{
    char path[256];
    snprintf(path, sizeof path, "%s/config.json", dir);
    put(path);
    snprintf(path, sizeof path, "%s/model.safetensors", dir);
    put(path);
}

static void check_found(const char *name, const char *where)
{
    char want[512], *dir = NULL;
    struct err e = ERR_INIT;
    snprintf(want, sizeof want, "%s/%s", ROOT, where);
    if (model_find(name, &dir, &e) != ST_OK) fail_msg("%s", e.text);
    assert_string_equal(dir, want);
    mem_free(dir);
}

static void knows_names(void **state)
{
    (void)state;
    assert_string_equal(model_known_find("ViT-B/32")->name, "openai/clip-vit-base-patch32");
    assert_string_equal(model_known_find("clip")->name, "openai/clip-vit-base-patch32");
    assert_string_equal(model_known_find("vit-l/14")->name, "openai/clip-vit-large-patch14");
    assert_string_equal(model_known_find("mini")->name, MODEL_DEFAULT);
    assert_null(model_known_find("nothing"));
    size_t count = 0;
    for (; model_known_at(count); count++)
        assert_true(model_known_at(count)->about && model_known_at(count)->licence);
    assert_true(count >= 5);
}

static void finds_in_order(void **state)
{
    (void)state;
    put_model("data/fovea/models/cat");
    check_found("cat", "data/fovea/models/cat");
    put_model("first/cat");
    check_found("cat", "first/cat");
    put_model("first/openai/clip-vit-base-patch32");
    check_found("ViT-B/32", "first/openai/clip-vit-base-patch32");
    check_found("openai/clip-vit-base-patch32", "first/openai/clip-vit-base-patch32");
    put_model("anywhere/own");
    char path[256];
    snprintf(path, sizeof path, "%s/anywhere/own/../own", ROOT);
    check_found(path, "anywhere/own");
}

static void says_what_is_missing(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "nothing", "", "../data", "a//b", "/etc", ".hidden", "a/../b"};
    char *dir = NULL;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct err e = ERR_INIT;
        assert_int_equal(model_find(bad[i], &dir, &e), ST_NOT_FOUND);
        assert_null(dir);
    }
    struct err e = ERR_INIT;
    assert_int_equal(model_find("ViT-L/14", &dir, &e), ST_NOT_FOUND);
    assert_non_null(strstr(e.text, "fovea pull ViT-L/14"));
    assert_non_null(strstr(e.text, ROOT));
    put("first/half/config.json"); /* no weights: no model */
    assert_int_equal(model_find("half", &dir, &e), ST_NOT_FOUND);
}

static enum status note(void *user, const char *name, const char *dir, struct err *e)
{
    (void)e;
    if (strncmp(dir, ROOT, strlen(ROOT)) != 0) return ST_OK; /* what this machine has besides */
    char *all = user;
    size_t used = strlen(all);
    snprintf(all + used, NOTES_BYTES - used, "%s ", name);
    return ST_OK;
}

static enum status stop(void *user, const char *name, const char *dir, struct err *e)
{
    (void)name;
    (void)dir;
    ++*(int *)user;
    return err_set(e, ST_CANCELLED, "enough");
}

static void lists_each_once(void **state)
{
    (void)state;
    char all[NOTES_BYTES] = "";
    struct err e = ERR_INIT;
    put_model("data/fovea/models/.pull/0123");
    put_model("data/fovea/models/dog");
    put_model("first/ape");
    assert_int_equal(model_list(note, all, &e), ST_OK);
    assert_string_equal(all, "ape cat openai/clip-vit-base-patch32 dog ");
    int calls = 0;
    assert_int_equal(model_list(stop, &calls, &e), ST_CANCELLED);
    assert_int_equal(calls, 1);
}

static void survives_lack_of_memory(void **state)
{
    (void)state;
    enum status st = ST_NO_MEMORY;
    for (uint64_t n = 1; st == ST_NO_MEMORY; n++) {
        char all[NOTES_BYTES] = "";
        struct err e = ERR_INIT;
        mem_fault_set(n, true);
        st = model_list(note, all, &e);
        mem_fault_set(0, false);
        assert_true(n < 1000);
    }
    assert_int_equal(st, ST_OK);
}

static void judges_names(void **state)
{
    (void)state;
    assert_true(registry_name_sound("openai/clip-vit_base.1"));
    assert_true(registry_name_sound("고양이"));
    static const char *const bad[] = {"", "/a", "a/", "a//b", ".a", "a/.b", "a b", "a\nb", "a\\b"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(registry_name_sound(bad[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_names),
        cmocka_unit_test(finds_in_order),
        cmocka_unit_test(says_what_is_missing),
        cmocka_unit_test(lists_each_once),
        cmocka_unit_test(survives_lack_of_memory),
        cmocka_unit_test(judges_names),
    };
    char path[256];
    if (!mkdtemp(ROOT)) return 1;
    snprintf(path, sizeof path, "%s/first", ROOT);
    setenv("FOVEA_MODELS", path, 1);
    snprintf(path, sizeof path, "%s/data", ROOT);
    setenv("XDG_DATA_HOME", path, 1);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    snprintf(path, sizeof path, "rm -rf %s", ROOT);
    return system(path) == 0 ? failed : 1;
}
