/* test_model_clip_open.c - a model opened as users open it: texts and pictures to vectors, batches
 * that agree to the bit, files that lie, memory that runs out, threads that share.
 *
 * oneDNN takes its instruction set once per process: the program runs itself again for each.
 */
#include "test.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "model/model.h"
#include "nn/safetensors.h"
#include "simd/cpu.h"

static const char whole[] = FOVEA_SOURCE_DIR "/tests/golden/clip/whole";
enum { DIM = 24, SIDE = 16, PIXELS = SIDE * SIDE * 3 };

static struct safetensors *expected;

static const void *expected_data(const char *name)
{
    for (size_t i = 0; i < safetensors_count(expected); i++)
        if (strcmp(safetensors_at(expected, i)->name, name) == 0)
            return safetensors_at(expected, i)->data;
    fail_msg("no %s", name);
    return NULL;
}

static int setup(void **state)
{
    (void)state;
    enum status st = safetensors_open(
        FOVEA_SOURCE_DIR "/tests/golden/clip/whole/expected.safetensors", &expected, NULL);
    return st == ST_OK ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    safetensors_close(expected);
    return 0;
}

static void vector_check(
    const float *got, const char *name, int index, const struct model_info *info)
{
    float want[DIM];
    double worst = 0, dot = 0;
    memcpy(want, (const char *)expected_data(name) + (size_t)index * sizeof want, sizeof want);
    for (int i = 0; i < DIM; i++) {
        worst = fmax(worst, fabs((double)got[i] - (double)want[i]));
        dot += (double)got[i] * (double)want[i];
    }
    if (info->dtype == MODEL_F32 ? !(worst <= 2e-5) : !(dot >= 0.999))
        fail_msg("%s %d: max difference %g, cosine %.7f", name, index, worst, dot);
}

static void test_info(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct model *m;
    assert_ok(model_open("org/whole", whole, &m, &e), &e);
    const struct model_info *info = model_info(m);
    assert_string_equal(info->name, "org/whole");
    assert_string_equal(info->dir, whole);
    assert_int_equal(info->dim, DIM);
    assert_int_equal(info->context, 33);
    assert_int_equal(info->picture.width, SIDE);
    assert_int_equal(strlen(info->fingerprint), 32);
    assert_false(info->drawings_only);
    assert_int_equal(info->parameters, 29073);
    model_close(m);
}

static void texts_check(int threads)
{
    struct err e = ERR_INIT;
    struct model *m;
    struct model_worker *w;
    struct json_doc *words;
    assert_ok(
        json_read_file(FOVEA_SOURCE_DIR "/tests/golden/clip/whole/texts.json", &words, &e), &e);
    assert_ok(model_open("whole", whole, &m, &e), &e);
    assert_ok(model_worker_open(m, threads, &w, &e), &e);
    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i < json_count(json_root(words)); i++) {
            const struct json_node *word = json_at(json_root(words), i);
            float out[DIM];
            assert_ok(model_embed_text(w, json_str(word, ""), json_str_bytes(word), out, &e), &e);
            vector_check(out, "texts", (int)i, model_info(m));
        }
    model_worker_close(w);
    model_close(m);
    json_close(words);
}

static void test_texts(void **state)
{
    (void)state;
    texts_check(1);
    texts_check(2);
}

static void test_batches(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct model *m;
    struct model_worker *w;
    static uint8_t many[MODEL_BATCH_MAX * PIXELS];
    static float one[4 * DIM], out[MODEL_BATCH_MAX * DIM];
    const uint8_t *pixels = expected_data("pixels");
    for (int i = 0; i < MODEL_BATCH_MAX; i++)
        memcpy(many + (size_t)i * PIXELS, pixels + (size_t)(i % 4) * PIXELS, PIXELS);
    for (int threads = 1; threads <= 3; threads++) {
        assert_ok(model_open("whole", whole, &m, &e), &e);
        assert_ok(model_worker_open(m, threads, &w, &e), &e);
        for (int i = 0; i < 4; i++) {
            assert_ok(
                model_embed_pictures(w, pixels + (size_t)i * PIXELS, 1, one + i * DIM, &e), &e);
            vector_check(one + i * DIM, "images", i, model_info(m));
        }
        for (int count = 2; count <= MODEL_BATCH_MAX; count += count == 3 ? 5 : 1) {
            assert_ok(model_embed_pictures(w, many, count, out, &e), &e);
            for (int i = 0; i < count; i++)
                assert_memory_equal(out + i * DIM, one + i % 4 * DIM, (size_t)DIM * sizeof *out);
        }
        model_worker_close(w);
        model_close(m);
    }
    assert_fails(model_open("whole", "/nowhere", &m, &e), ST_NOT_FOUND, &e, "/nowhere");
}

static void test_bounds(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct model *m;
    struct model_worker *w;
    float out[DIM];
    static char text[LIMIT_QUERY_BYTES + 1];
    memset(text, 'a', sizeof text);
    assert_ok(model_open("whole", whole, &m, &e), &e);
    assert_ok(model_worker_open(m, 1, &w, &e), &e);
    assert_fails(model_embed_pictures(w, NULL, 0, out, &e), ST_INVALID, &e, "1 to 32");
    assert_fails(model_embed_pictures(w, NULL, 33, out, &e), ST_INVALID, &e, "33");
    assert_fails(model_embed_text(w, text, sizeof text, out, &e), ST_LIMIT, &e, "");
    assert_ok(model_embed_text(w, text, sizeof text - 1, out, &e), &e);
    model_worker_close(w);
    model_close(m);
}

static void test_unit(void **state)
{
    (void)state;
    float v[2] = {3, 4}, zero[2] = {0, 0}, odd[2] = {1, NAN};
    assert_true(model_unit(v, 2));
    assert_true(fabsf(v[0] - 0.6f) < 1e-7f && fabsf(v[1] - 0.8f) < 1e-7f);
    assert_false(model_unit(zero, 2));
    assert_false(model_unit(odd, 2));
}

/* A copy of the model in a temporary folder, one file with one piece of text replaced. */
static void model_copy(char dir[64], const char *file, const char *from, const char *to)
{
    static const char *const files[] = {
        "config.json", "preprocessor_config.json", "model.safetensors", "vocab.json", "merges.txt"};
    snprintf(dir, 64, "/tmp/fovea-test-XXXXXX");
    assert_non_null(mkdtemp(dir));
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct buf b;
        char path[512];
        buf_init(&b);
        snprintf(path, sizeof path, "%s/%s", whole, files[i]);
        assert_int_equal(file_read(path, 1 << 20, &b, NULL), ST_OK);
        if (strcmp(files[i], file) == 0) {
            char *at = memmem(b.data, b.bytes, from, strlen(from));
            assert_non_null(at);
            assert_int_equal(strlen(from), strlen(to));
            memcpy(at, to, strlen(to));
        }
        snprintf(path, sizeof path, "%s/%s", dir, files[i]);
        assert_int_equal(file_write_atomic(path, b.data, b.bytes, NULL), ST_OK);
        buf_deinit(&b);
    }
}

static void model_remove(const char *dir)
{
    char command[128];
    snprintf(command, sizeof command, "rm -r '%s'", dir);
    assert_int_equal(system(command), 0);
}

static void test_lies(void **state)
{
    (void)state;
    static const struct {
        const char *file, *from, *to, *says[3];
    } lies[] = {
        {"config.json", "\"intermediate_size\": 40", "\"intermediate_size\": 44",
            {"mlp.fc1.weight", "40", "44"}},
        {"config.json", "\"vocab_size\": 910", "\"vocab_size\": 920",
            {"token_embedding", "910", "920"}},
        {"config.json", "\"vocab_size\": 910", "\"vocab_size\": 901", {"vocabulary", "909", "901"}},
        {"config.json", "\"patch_size\": 8", "\"patch_size\": 4", {"patch_embedding", "8", "4"}},
        {"model.safetensors", "vision_model.pre_layrnorm.bias", "vision_model.pre_layernorm.bia",
            {"pre_layrnorm.bias", "", ""}},
        {"model.safetensors", "text_projection.weight", "text_projection.weighs",
            {"text_projection.weight", "", ""}},
    };
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        struct err e = ERR_INIT;
        struct model *m;
        char dir[64];
        model_copy(dir, lies[i].file, lies[i].from, lies[i].to);
        for (int s = 0; s < 3; s++)
            assert_fails(model_open("liar", dir, &m, &e), ST_CORRUPT, &e, lies[i].says[s]);
        assert_null(m);
        model_remove(dir);
    }
}

static void fingerprint_of(const char *dir, char out[MODEL_FINGERPRINT_CHARS])
{
    struct err e = ERR_INIT;
    struct model *m;
    assert_ok(model_open("x", dir, &m, &e), &e);
    memcpy(out, model_info(m)->fingerprint, MODEL_FINGERPRINT_CHARS);
    model_close(m);
}

static void test_fingerprint(void **state)
{
    (void)state;
    char dir[64], mine[MODEL_FINGERPRINT_CHARS], other[MODEL_FINGERPRINT_CHARS];
    fingerprint_of(whole, mine);
    model_copy(dir, "config.json", "\"intermediate_size\"", "\"intermediate_size\"");
    fingerprint_of(dir, other);
    assert_string_equal(mine, other); /* a copy is the same model */
    model_remove(dir);
    model_copy(dir, "config.json", "\"quick_gelu\"", "\"gelu\"      ");
    fingerprint_of(dir, other);
    assert_string_not_equal(mine, other);
    model_remove(dir);
}

/* Opens, embeds a text and a picture; whatever failed, everything is given back. */
static enum status model_once(void)
{
    struct err e = ERR_INIT;
    struct model *m = NULL;
    struct model_worker *w = NULL;
    float out[DIM];
    enum status st = model_open("whole", whole, &m, &e);
    if (st == ST_OK) st = model_worker_open(m, 2, &w, &e);
    if (st == ST_OK) st = model_embed_text(w, "a red bicycle", 13, out, &e);
    if (st == ST_OK)
        st = model_embed_pictures(w, expected_data("pixels"), 3, (float[3 * DIM]){0}, &e);
    model_worker_close(w);
    model_close(m);
    return st;
}

/* Leaks show under AddressSanitizer; here no failure may pass for success or crash. */
static void test_memory(void **state)
{
    (void)state;
    mem_fault_set(0, false);
    assert_int_equal(model_once(), ST_OK);
    uint64_t count = mem_fault_set(0, false);
    uint64_t step = count > 600 ? count / 300 : 1;
    for (uint64_t n = 1; n <= count; n += n < 300 ? 1 : step)
        for (int sticky = 0; sticky < 2; sticky++) {
            mem_fault_set(n, sticky);
            enum status st = model_once();
            mem_fault_set(0, false);
            if (st != ST_NO_MEMORY && !(st == ST_OK && !sticky))
                fail_msg("allocation %d: %s", (int)n, status_row(st)->name);
        }
    assert_int_equal(model_once(), ST_OK);
}

static void *share_main(void *arg)
{
    struct err e = ERR_INIT;
    struct model_worker *w;
    float *out = mem_zalloc(4 * DIM, sizeof *out);
    if (model_worker_open(arg, 1, &w, &e) == ST_OK) {
        for (int i = 0; i < 20; i++)
            if (model_embed_pictures(w, expected_data("pixels"), 4, out, &e) ||
                model_embed_text(w, "sea", 3, out, &e))
                out[0] = NAN;
        model_worker_close(w);
    }
    return out;
}

static void test_share(void **state)
{
    (void)state;
    enum { THREADS = 4 };
    struct err e = ERR_INIT;
    struct model *m;
    pthread_t thread[THREADS];
    float *out[THREADS];
    assert_ok(model_open("whole", whole, &m, &e), &e);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, share_main, m), 0);
    for (int i = 0; i < THREADS; i++) pthread_join(thread[i], (void **)&out[i]);
    for (int i = 0; i < THREADS; i++) {
        assert_memory_equal(out[i], out[0], (size_t)(4 * DIM) * sizeof(float));
        assert_true(!isnan(out[i][0]));
    }
    for (int i = 0; i < THREADS; i++) mem_free(out[i]);
    model_close(m);
}

static void run_self(const char *isa, const char *dtype)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        setenv("FOVEA_ISA", isa, 1);
        setenv("FOVEA_DTYPE", dtype, 1);
        execl("/proc/self/exe", "test_model_clip_open", "child", (char *)NULL);
        _exit(127);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void test_isa(void **state)
{
    (void)state;
    run_self("base", "f32");
    run_self("avx2", "f32");
    run_self("avx512", "f32");
    run_self("", "");
}

static void test_dtype(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct model *m;
    setenv("FOVEA_DTYPE", "int3", 1);
    assert_fails(model_open("whole", whole, &m, &e), ST_INVALID, &e, "int3");
    setenv("FOVEA_DTYPE", "f32", 1);
    assert_ok(model_open("whole", whole, &m, &e), &e);
    assert_int_equal(model_info(m)->dtype, MODEL_F32);
    model_close(m);
    unsetenv("FOVEA_DTYPE");
    assert_ok(model_open("whole", whole, &m, &e), &e);
    assert_int_equal(model_info(m)->dtype, cpu_get()->bf16 ? MODEL_BF16 : MODEL_F32);
    model_close(m);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest each[] = {
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_batches),
        cmocka_unit_test(test_share),
    };
    const struct CMUnitTest all[] = {
        cmocka_unit_test(test_info),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_unit),
        cmocka_unit_test(test_lies),
        cmocka_unit_test(test_fingerprint),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_dtype),
        cmocka_unit_test(test_isa),
    };
    if (argc > 1 && strcmp(argv[1], "child") == 0)
        return cmocka_run_group_tests_name(cpu_isa_name(cpu_get()->isa), each, setup, teardown);
    return cmocka_run_group_tests_name("model", all, setup, teardown);
}
