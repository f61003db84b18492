/* test_model_clip.c - both towers against transformers (tests/golden/clip), on every instruction
 * set.
 *
 * oneDNN takes its instruction set once per process, so the program runs itself again with
 * FOVEA_ISA and FOVEA_DTYPE set, one child a combination.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "model/clip.h"
#include "nn/plan.h"
#include "nn/safetensors.h"
#include "simd/cpu.h"

static const char *const odd_cases[] = {"odd", "quick", "legacy", "wide", NULL};
static const char *true_cases[] = {NULL, NULL}; /* the folder that "at" names */
static const char *const *cases = odd_cases;

struct fixture {
    struct clip_config config;
    struct model_weights *weights;
    struct safetensors *expected;
    struct clip_net net[CLIP_SIDE_COUNT];
    char dir[512];
};

static void check(enum status st, const struct err *e)
{
    if (st) fail_msg("%s: %s", status_row(st)->name, e->text);
}

static const struct stored_tensor *expected_find(const struct fixture *f, const char *name)
{
    for (size_t i = 0; i < safetensors_count(f->expected); i++)
        if (strcmp(safetensors_at(f->expected, i)->name, name) == 0)
            return safetensors_at(f->expected, i);
    fail_msg("no %s", name);
    return NULL;
}

static void fixture_open(struct fixture *f, const char *name, enum dtype dtype, bool reference)
{
    struct err e = ERR_INIT;
    char path[600];
    if (strchr(name, '/'))
        snprintf(f->dir, sizeof f->dir, "%s", name);
    else
        snprintf(f->dir, sizeof f->dir, "%s/tests/golden/clip/%s", FOVEA_SOURCE_DIR, name);
    snprintf(path, sizeof path, "%s/expected.safetensors", f->dir);
    check(clip_config_read(f->dir, &f->config, &e), &e);
    check(model_weights_open(f->dir, &f->weights, &e), &e);
    check(safetensors_open(path, &f->expected, &e), &e);
    for (int s = 0; s < CLIP_SIDE_COUNT; s++) {
        check(clip_net_open((enum clip_side)s, &f->config, f->weights, &f->net[s], &e), &e);
        check(nn_params_pack(&f->net[s].params, dtype, reference, &e), &e);
    }
}

static void fixture_close(struct fixture *f)
{
    for (int s = 0; s < CLIP_SIDE_COUNT; s++) clip_net_close(&f->net[s]);
    safetensors_close(f->expected);
    model_weights_close(f->weights);
}

struct job {
    const void *in;
    int32_t *rows;
    float *out;
};

static void net_run(const struct fixture *f, enum clip_side side, const struct clip_shape *shape,
    const struct nn_plan_how *how, const struct job *job)
{
    struct err e = ERR_INIT;
    struct nn_graph g;
    struct nn_plan *plan;
    struct clip_ports ports;
    struct team *team = NULL;
    check(clip_net_graph(&f->net[side], shape, &g, &ports, &e), &e);
    check(nn_plan_open(&g, how, &plan, &e), &e);
    check(team_open(how->threads, &team, &e), &e);
    void *memory = mem_alloc_aligned(nn_plan_bytes(plan));
    assert_non_null(memory);
    const struct nn_binding bindings[] = {
        {ports.in, (void *)(uintptr_t)job->in},
        {ports.out, job->out},
        {ports.rows, job->rows}, /* ends the list for pictures */
        {-1, NULL},
    };
    check(nn_plan_run(plan, team, memory, bindings, &e), &e);
    mem_free_aligned(memory);
    team_close(team);
    nn_plan_close(plan);
    nn_graph_deinit(&g);
}

static void compare(
    const char *what, const float *got, const float *want, int dim, enum dtype dtype)
{
    double worst = 0, dot = 0;
    for (int i = 0; i < dim; i++) {
        double d = fabs((double)got[i] - (double)want[i]);
        worst = isnan(d) ? INFINITY : fmax(worst, d);
        dot += (double)got[i] * (double)want[i];
    }
    if (getenv("FOVEA_TEST_PRINT"))
        print_message("%s: max %.3g, 1 - cosine %.3g\n", what, worst, 1 - dot);
    if (dtype == DTYPE_F32 ? worst > 2e-5 : !(dot >= 0.999))
        fail_msg("%s: max difference %g, cosine %.7f", what, worst, dot);
}

static void pictures_check(const struct fixture *f, enum dtype dtype, const struct nn_plan_how *how)
{
    const struct stored_tensor *pixels = expected_find(f, "pixels"),
                               *want = expected_find(f, "images");
    int count = (int)pixels->shape[0], dim = f->config.dim;
    float *out = mem_zalloc((size_t)(count * dim), sizeof *out), row[1024];
    const struct clip_shape shape = {.count = count, .dtype = dtype};
    net_run(f, CLIP_VISION, &shape, how, &(struct job){pixels->data, NULL, out});
    for (int i = 0; i < count; i++) {
        char what[64];
        snprintf(what, sizeof what, "picture %d", i);
        memcpy(row, (const char *)want->data + (size_t)(i * dim) * sizeof *row,
            (size_t)dim * sizeof *row);
        compare(what, out + i * dim, row, dim, dtype);
    }
    mem_free(out);
}

static void texts_check(const struct fixture *f, enum dtype dtype, const struct nn_plan_how *how)
{
    const struct stored_tensor *ids = expected_find(f, "ids"), *want = expected_find(f, "texts");
    int count = (int)ids->shape[0], context = (int)ids->shape[1], dim = f->config.dim;
    float out[1024], row[1024];
    for (int i = 0; i < count; i++) {
        int32_t tokens[128];
        for (int k = 0; k < context; k++) {
            int64_t id;
            memcpy(&id, (const char *)ids->data + (size_t)(i * context + k) * sizeof id, sizeof id);
            tokens[k] = (int32_t)id;
        }
        int32_t end = clip_config_eot_row(&f->config, tokens, context);
        int used =
            end + 1 < context ? end + 2 : context; /* one token behind the end changes nothing */
        const struct clip_shape shape = {.count = 1, .tokens = used, .dtype = dtype};
        char what[64];
        net_run(f, CLIP_TEXT, &shape, how, &(struct job){tokens, &end, out});
        snprintf(what, sizeof what, "text %d", i);
        memcpy(row, (const char *)want->data + (size_t)(i * dim) * sizeof *row,
            (size_t)dim * sizeof *row);
        compare(what, out, row, dim, dtype);
    }
}

static void towers_check(enum dtype dtype, bool reference, int threads)
{
    for (int i = 0; cases[i]; i++) {
        struct fixture f;
        const struct nn_plan_how how = {.threads = threads, .reference = reference};
        fixture_open(&f, cases[i], dtype, reference);
        pictures_check(&f, dtype, &how);
        texts_check(&f, dtype, &how);
        fixture_close(&f);
    }
}

static void test_reference(void **state)
{
    (void)state;
    towers_check(DTYPE_F32, true, 1);
}

static void test_f32(void **state)
{
    (void)state;
    towers_check(DTYPE_F32, false, 1);
    towers_check(DTYPE_F32, false, 3);
}

static void test_bf16(void **state)
{
    (void)state;
    if (!gemm_dtype_known(DTYPE_BF16)) skip();
    towers_check(DTYPE_BF16, false, 1);
    towers_check(DTYPE_BF16, false, 2);
}

/* The same tests in a process that starts with another instruction set. */
static void test_isa(void **state)
{
    const char *isa = *state;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        setenv("FOVEA_ISA", isa, 1);
        execl("/proc/self/exe", "test_model_clip", "child", (char *)NULL);
        _exit(127);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest once[] = {
        cmocka_unit_test(test_f32),
        cmocka_unit_test(test_bf16),
    };
    const struct CMUnitTest all[] = {
        cmocka_unit_test(test_reference),
        cmocka_unit_test_prestate(test_isa, "base"),
        cmocka_unit_test_prestate(test_isa, "avx2"),
        cmocka_unit_test_prestate(test_isa, "avx512"),
    };
    if (argc > 2 && strcmp(argv[1], "at") == 0) { /* tests/clients/clip.sh: true shapes */
        true_cases[0] = argv[2];
        cases = true_cases;
        return cmocka_run_group_tests_name(argv[2], once, NULL, NULL);
    }
    if (argc > 1 && strcmp(argv[1], "child") == 0)
        return cmocka_run_group_tests_name(cpu_isa_name(cpu_get()->isa), once, NULL, NULL);
    return cmocka_run_group_tests_name("clip", all, NULL, NULL);
}
