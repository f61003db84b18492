/* test_model_pull.c - a model brought here from folders, mirrors and URLs; broken off, and refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"
#include "model/registry.h"
#include "model/registry_parts.h"

#define WHOLE FOVEA_SOURCE_DIR "/tests/golden/clip/whole"

static char ROOT[] = "/tmp/fovea pull %-XXXXXX"; /* blanks and a percent sign on the way */

static void shell(const char *fmt, ...)
{
    char command[1024];
    va_list args;
    va_start(args, fmt);
    vsnprintf(command, sizeof command, fmt, args);
    va_end(args);
    if (system(command) != 0) fail_msg("%s", command);
}

static enum status pull(struct model_pull p, char **dir, struct err *e)
{
    *e = ERR_INIT;
    return model_pull(&p, NULL, dir, e);
}

/* Pulled under name, found under it, and nothing left beside it. */
static void check_pulled(struct model_pull p, const char *name)
{
    char want[512], *dir = NULL, *found = NULL;
    struct err e;
    if (pull(p, &dir, &e) != ST_OK) fail_msg("%s: %s", p.what, e.text);
    snprintf(want, sizeof want, "%s/fovea/models/%s", ROOT, name);
    assert_string_equal(dir, want);
    assert_int_equal(model_find(name, &found, &e), ST_OK);
    assert_string_equal(found, want);
    mem_free(dir);
    mem_free(found);
    snprintf(want, sizeof want, "%s/fovea/models/.pull", ROOT);
    assert_false(file_is_dir(want));
}

static void from_a_folder(void **state)
{
    (void)state;
    char *dir = NULL;
    struct err e;
    check_pulled((struct model_pull){.what = WHOLE}, "whole");
    check_pulled((struct model_pull){.what = WHOLE "/", .name = "me/other"}, "me/other");
    assert_int_equal(pull((struct model_pull){.what = WHOLE}, &dir, &e), ST_EXISTS);
    assert_int_equal(
        pull((struct model_pull){.what = WHOLE, .name = "../x"}, &dir, &e), ST_INVALID);
}

static void from_a_mirror(void **state)
{
    (void)state;
    char url[300];
    const char *name = "openai/clip-vit-base-patch32";
    shell("mkdir -p '%s/mirror/openai' && cp -r " WHOLE " '%s/mirror/%s'", ROOT, ROOT, name);
    char mirror[256];
    snprintf(mirror, sizeof mirror, "%s/mirror", ROOT);
    check_pulled((struct model_pull){.what = "ViT-B/32", .mirror = mirror}, name);
    /* asked for again by name: here already, whatever the mirror has */
    check_pulled((struct model_pull){.what = name, .mirror = "/nowhere"}, name);
    shell("rm -r '%s/fovea'", ROOT);
    struct buf encoded;
    buf_init(&encoded);
    pull_add_encoded(&encoded, mirror);
    snprintf(url, sizeof url, "file://%s/", encoded.data);
    buf_deinit(&encoded);
    setenv("FOVEA_MIRROR", url, 1);
    check_pulled((struct model_pull){.what = "clip"}, name);
    unsetenv("FOVEA_MIRROR");
    snprintf(url + strlen(url), sizeof url - strlen(url), "%s//", name);
    check_pulled((struct model_pull){.what = url}, "clip-vit-base-patch32");
}

static void names_become_urls(void **state)
{
    (void)state;
    static const struct {
        struct model_pull p;
        const char *name, *base;
    } rows[] = {
        {{.what = "clip"}, "openai/clip-vit-base-patch32",
            "https://huggingface.co/openai/clip-vit-base-patch32/resolve/main"},
        {{.what = "some/model", .name = "mine"}, "mine",
            "https://huggingface.co/some/model/resolve/main"},
        {{.what = "https://huggingface.co/some/model"}, "some/model",
            "https://huggingface.co/some/model/resolve/main"},
        {{.what = "https://huggingface.co/some/model/resolve/main/"}, "some/model",
            "https://huggingface.co/some/model/resolve/main"},
        {{.what = "http://host/a/b//"}, "b", "http://host/a/b"},
        {{.what = "ViT-B/32", .mirror = "https://m/x"}, "openai/clip-vit-base-patch32",
            "https://m/x/openai/clip-vit-base-patch32"},
    };
    setenv("XDG_DATA_HOME", "/nowhere", 1); /* what other tests pulled is not here */
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pull_source s;
        struct err e = ERR_INIT;
        if (pull_source_init(&rows[i].p, &s, &e) != ST_OK) fail_msg("%s", e.text);
        assert_string_equal(s.name, rows[i].name);
        assert_string_equal(s.base, rows[i].base);
        pull_source_deinit(&s);
    }
    setenv("XDG_DATA_HOME", ROOT, 1);
    static const char *const bad[] = {"nothing", "a/../b", "", "a b", "http://"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct pull_source s;
        struct err e = ERR_INIT;
        struct model_pull p = {.what = bad[i]};
        assert_int_not_equal(pull_source_init(&p, &s, &e), ST_OK);
        assert_int_not_equal(strlen(e.text), 0);
    }
}

/* Weights in shards: the index is fetched, then each file it names, once. */
static void from_shards(void **state)
{
    (void)state;
    char dir[256], path[300];
    const char *index =
        "{\"weight_map\":{\"a\":\"model-1.safetensors\",\"b\":\"model-1.safetensors\"}}";
    struct err e = ERR_INIT;
    snprintf(dir, sizeof dir, "%s/shards", ROOT);
    snprintf(path, sizeof path, "%s/model.safetensors.index.json", dir);
    shell("cp -r " WHOLE " '%s' && cd '%s' && mv model.safetensors model-1.safetensors", dir, dir);
    assert_int_equal(file_write_atomic(path, index, strlen(index), &e), ST_OK);
    check_pulled((struct model_pull){.what = dir, .name = "sharded"}, "sharded");
    index = "{\"weight_map\":{\"a\":\"../../secret\"}}";
    assert_int_equal(file_write_atomic(path, index, strlen(index), &e), ST_OK);
    char *pulled = NULL;
    struct model_pull p = {.what = dir, .name = "outside"};
    assert_int_equal(pull(p, &pulled, &e), ST_CORRUPT);
    assert_non_null(strstr(e.text, "../../secret"));
}

static void refuse(const char *what, enum status want, const char *says)
{
    char *dir = NULL;
    struct err e;
    enum status st = pull((struct model_pull){.what = what, .name = "bad"}, &dir, &e);
    if (st != want || !strstr(e.text, says)) fail_msg("%s: %s", what, e.text);
    assert_int_equal(model_find("bad", &dir, &e), ST_NOT_FOUND);
}

static void refuses_what_is_no_model(void **state)
{
    (void)state;
    char dir[256];
    snprintf(dir, sizeof dir, "%s/broken", ROOT);
    shell("mkdir '%s'", dir);
    refuse(dir, ST_NOT_FOUND, "holds no config.json");
    shell("cp " WHOLE "/config.json '%s'", dir);
    refuse(dir, ST_NOT_FOUND, "holds no tokenizer.json");
    shell("cp " WHOLE "/vocab.json " WHOLE "/merges.txt '%s'", dir);
    refuse(dir, ST_NOT_FOUND, "holds no model.safetensors");
    shell("head -c 5000 " WHOLE "/model.safetensors > '%s/model.safetensors'", dir);
    refuse(dir, ST_CORRUPT, "model.safetensors");
    /* mended at its source, it is fetched anew */
    shell("cp " WHOLE "/model.safetensors '%s/'", dir);
    check_pulled((struct model_pull){.what = dir, .name = "bad"}, "bad");
}

static void checks_the_hash(void **state)
{
    (void)state;
    char sha[HASH_SHA256_CHARS], wrong[HASH_SHA256_CHARS], *dir = NULL;
    struct err e;
    assert_int_equal(hash_sha256_file(WHOLE "/model.safetensors", sha, &e), ST_OK);
    memcpy(wrong, sha, sizeof wrong);
    wrong[0] = sha[0] == '0' ? '1' : '0';
    struct model_pull p = {.what = WHOLE, .name = "hashed", .sha256 = wrong};
    assert_int_equal(pull(p, &dir, &e), ST_CORRUPT);
    p.sha256 = sha;
    check_pulled(p, "hashed");
}

struct watcher {
    atomic_int cancel;
    const char *at; /* the file at which to cancel */
    int files;
    char last[64];
};

static void on_progress(void *user, const struct run_progress *p)
{
    struct watcher *w = user;
    if (strcmp(w->last, p->note) != 0) w->files++;
    snprintf(w->last, sizeof w->last, "%s", p->note);
    if (w->at && strcmp(p->note, w->at) == 0) atomic_store(&w->cancel, 1);
}

/* Cancelled at the weights; the next time only they are fetched. */
static void goes_on_after_a_break(void **state)
{
    (void)state;
    struct watcher w = {.at = "model.safetensors"};
    struct run run = {.progress = on_progress, .user = &w, .cancel = &w.cancel};
    struct model_pull p = {.what = WHOLE, .name = "broken-off"};
    struct err e = ERR_INIT;
    char *dir = NULL;
    assert_int_equal(model_pull(&p, &run, &dir, &e), ST_CANCELLED);
    assert_int_equal(model_find("broken-off", &dir, &e), ST_NOT_FOUND);
    w = (struct watcher){0};
    assert_int_equal(model_pull(&p, &run, &dir, &e), ST_OK);
    assert_string_equal(w.last, "model.safetensors");
    assert_int_equal(w.files, 1);
    mem_free(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(from_a_folder),
        cmocka_unit_test(from_a_mirror),
        cmocka_unit_test(from_shards),
        cmocka_unit_test(names_become_urls),
        cmocka_unit_test(refuses_what_is_no_model),
        cmocka_unit_test(checks_the_hash),
        cmocka_unit_test(goes_on_after_a_break),
    };
    if (!mkdtemp(ROOT)) return 1;
    setenv("XDG_DATA_HOME", ROOT, 1);
    unsetenv("FOVEA_MODELS");
    unsetenv("FOVEA_MIRROR");
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    char command[256];
    snprintf(command, sizeof command, "rm -rf '%s'", ROOT);
    return system(command) == 0 ? failed : 1;
}
