/* test_nn_plan.c - products, ops and plans: each op's forward against its reference, for odd
 * shapes, both types, one to three threads; memory that values share; teams. The program runs
 * itself again for each instruction set, since oneDNN takes it once. */
#include "test.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "nn/plan.h"

static uint64_t seed = 42;

static float draw(void)
{
    return (float)((double)(test_random(&seed) >> 11) / 9007199254740992.0 * 2.0 - 1.0);
}

/* -- parameters made up -- */

enum { TENSORS = 16 };
static struct stored_tensor tensors[TENSORS];
static int tensor_count;

static const struct stored_tensor *tensor(int64_t rows, int64_t columns)
{
    struct stored_tensor *t = &tensors[tensor_count++];
    float *data = mem_alloc((size_t)(rows * columns) * sizeof *data);
    for (int64_t i = 0; i < rows * columns; i++)
        data[i] = nn_from_bf16(nn_bf16(draw())); /* the same weights in both types */
    *t = (struct stored_tensor){.name = "made up",
        .data = data,
        .dtype = DTYPE_F32,
        .rank = 2,
        .shape = {rows, columns},
        .count = (size_t)(rows * columns),
        .bytes = (size_t)(rows * columns) * sizeof *data};
    return t;
}

static void tensors_free(void)
{
    while (tensor_count > 0) mem_free((void *)(uintptr_t)tensors[--tensor_count].data);
}

/* -- one graph, run as reference and in earnest -- */

struct run {
    struct nn_graph graph;
    struct nn_binding bindings[5];
};

static float *floats(struct run *r, int slot, int value)
{
    int64_t count = nn_shape_count(&r->graph.values[value].shape);
    float *data = mem_alloc_aligned((size_t)count * sizeof *data);
    for (int64_t i = 0; i < count; i++) data[i] = draw();
    r->bindings[slot] = (struct nn_binding){value, data};
    return data;
}

static void run_graph(struct run *r, const struct nn_plan_how *how, struct team *team)
{
    struct err e = ERR_INIT;
    struct nn_plan *plan;
    assert_ok(nn_plan_open(&r->graph, how, &plan, &e), &e);
    void *memory = mem_alloc_aligned(nn_plan_bytes(plan) + 64);
    memset(
        memory, 0xff, nn_plan_bytes(plan)); /* NaN: whatever is read before it is written shows */
    assert_ok(nn_plan_run(plan, team, memory, r->bindings, &e), &e);
    mem_free_aligned(memory);
    nn_plan_close(plan);
}

struct layer {
    int64_t rows, in, out;
    enum nn_act act;
    bool bias, add;
};

/* x (f32) -> norm in the network's type -> linear in f32 -> result */
static int linear_graph(
    struct run *r, const struct nn_params *params, const struct layer *l, enum dtype dtype)
{
    struct nn_graph *g = &r->graph;
    nn_graph_init(g, params);
    int x = nn_graph_input(g, DTYPE_F32, (struct nn_shape){2, {l->rows, l->in}});
    int residual = nn_graph_input(g, DTYPE_F32, (struct nn_shape){2, {l->rows, l->out}});
    int h = nn_graph_add(g,
        (struct nn_node){.kind = NN_NORM,
            .in = {x, -1, -1},
            .param = {0, 1},
            .attrs = {.out = dtype, .eps = 1e-5f}});
    int y = nn_graph_add(g,
        (struct nn_node){.kind = NN_LINEAR,
            .in = {h, l->add ? residual : -1, -1},
            .param = {2, l->bias ? 3 : -1},
            .attrs = {.out = DTYPE_F32, .act = l->act}});
    nn_graph_output(g, y);
    assert_ok(nn_graph_check(g, NULL), &g->err);
    return y;
}

static void params_make(
    struct nn_params *ps, const struct layer *l, enum dtype dtype, bool reference)
{
    struct err e = ERR_INIT;
    const int64_t sizes[4][2] = {{l->in, 1}, {l->in, 1}, {l->out, l->in}, {l->out, 1}};
    uint64_t keep = seed;
    nn_params_init(ps);
    for (int i = 0; i < 4; i++) {
        const struct stored_tensor *parts[NN_PARTS_MAX] = {tensor(sizes[i][0], sizes[i][1])};
        int number;
        assert_ok(nn_params_add(ps, i == 2 ? NN_MATRIX : NN_VECTOR, parts, &number, &e), &e);
        assert_int_equal(number, i);
    }
    assert_ok(nn_params_pack(ps, dtype, reference, &e), &e);
    seed = keep; /* the next call makes the same ones */
}

static void close_to(const float *got, const float *want, int64_t count, double tolerance)
{
    for (int64_t i = 0; i < count; i++)
        if (!(fabs((double)got[i] - (double)want[i]) <= tolerance))
            fail_msg("value %d: %g, not %g", (int)i, (double)got[i], (double)want[i]);
}

static void linear_run(const struct layer *l, enum dtype dtype, int threads, float *out)
{
    struct run r;
    struct nn_params ps;
    struct team *team = NULL;
    struct err e = ERR_INIT;
    params_make(&ps, l, dtype, threads == 0);
    int y = linear_graph(&r, &ps, l, dtype);
    uint64_t keep = seed;
    float *x = floats(&r, 0, 0), *residual = floats(&r, 1, 1);
    seed = keep;
    r.bindings[2] = (struct nn_binding){y, out};
    r.bindings[3] = (struct nn_binding){-1, NULL};
    if (threads > 1) assert_ok(team_open(threads, &team, &e), &e);
    run_graph(&r, &(struct nn_plan_how){threads ? threads : 1, threads == 0}, team);
    team_close(team);
    mem_free_aligned(x);
    mem_free_aligned(residual);
    nn_graph_deinit(&r.graph);
    nn_params_deinit(&ps);
    tensors_free();
}

static void test_linear(void **state)
{
    (void)state;
    static const struct layer layers[] = {{1, 1, 1, NN_ACT_NONE, true, false},
        {3, 7, 5, NN_ACT_GELU, true, true}, {50, 75, 45, NN_ACT_QUICK_GELU, true, false},
        {16, 64, 192, NN_ACT_GELU_TANH, false, true}, {5, 130, 257, NN_ACT_NONE, false, false},
        {400, 48, 200, NN_ACT_QUICK_GELU, true, true}, {33, 512, 331, NN_ACT_GELU, true, true}};
    for (size_t i = 0; i < sizeof layers / sizeof *layers; i++) {
        const struct layer *l = &layers[i];
        int64_t count = l->rows * l->out;
        float *want = mem_zalloc((size_t)count, sizeof *want),
              *got = mem_zalloc((size_t)count, sizeof *got);
        float *one = mem_zalloc((size_t)count, sizeof *one);
        linear_run(l, DTYPE_F32, 0, want);
        for (int threads = 1; threads <= 3; threads++) {
            linear_run(l, DTYPE_F32, threads, got);
            close_to(got, want, count, 2e-5 * sqrt((double)l->in));
            if (threads == 1) memcpy(one, got, (size_t)count * sizeof *got);
            if (gemm_rows_agree()) assert_memory_equal(one, got, (size_t)count * sizeof *got);
            if (!gemm_dtype_known(DTYPE_BF16)) continue;
            linear_run(l, DTYPE_BF16, threads, got);
            close_to(got, want, count, 1e-2 * sqrt((double)l->in));
        }
        mem_free(want);
        mem_free(got);
        mem_free(one);
    }
}

/* -- rows agree -- */

static void rows_check(enum dtype dtype, int64_t n, int64_t k)
{
    enum { ROWS = 97 };
    struct err e = ERR_INIT;
    struct gemm_weights *w;
    size_t rows_bytes = (size_t)(ROWS * (n > k ? n : k)) * sizeof(float);
    float *matrix = mem_alloc_aligned((size_t)(n * k) * sizeof *matrix);
    float *x = mem_alloc_aligned(rows_bytes), *all = mem_alloc_aligned(rows_bytes);
    float *some = mem_alloc_aligned(rows_bytes);
    for (int64_t i = 0; i < n * k; i++) matrix[i] = draw();
    for (int64_t i = 0; i < ROWS * k; i++)
        if (dtype == DTYPE_BF16)
            ((uint16_t *)x)[i] = nn_bf16(draw());
        else
            x[i] = draw();
    assert_ok(gemm_weights_open(dtype, n, k, &w, &e), &e);
    void *packed = mem_alloc_aligned(gemm_weights_bytes(w));
    assert_ok(gemm_weights_place(w, packed, &e), &e);
    assert_ok(gemm_weights_set(w, 0, n, matrix, &e), &e);
    for (int64_t rows = ROWS; rows > 0; rows = rows > 20 ? rows / 2 : rows - 1) {
        struct gemm_linear *l;
        const struct gemm_linear_how how = {
            .weights = w, .rows = rows, .out = DTYPE_F32, .parts = 1};
        assert_ok(gemm_linear_open(&how, &l, &e), &e);
        assert_int_equal(gemm_linear_run(l, 0, rows == ROWS ? all : some, x, NULL), ST_OK);
        if (rows < ROWS) assert_memory_equal(all, some, (size_t)(rows * n) * sizeof *all);
        gemm_linear_close(l);
    }
    gemm_weights_close(w);
    mem_free_aligned(packed);
    mem_free_aligned(matrix);
    mem_free_aligned(x);
    mem_free_aligned(all);
    mem_free_aligned(some);
}

static void test_rows_agree(void **state)
{
    (void)state;
    if (!gemm_rows_agree()) skip();
    static const int64_t sizes[][2] = {
        {768, 768}, {192, 768}, {45, 75}, {17, 3}, {512, 130}, {1, 64}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        rows_check(DTYPE_F32, sizes[i][0], sizes[i][1]);
        if (gemm_dtype_known(DTYPE_BF16)) rows_check(DTYPE_BF16, sizes[i][0], sizes[i][1]);
    }
}

/* -- attention -- */

struct mix {
    int64_t sequences, queries, keys, width;
    int heads;
    bool causal;
};

/* f32 in place to bf16 */
static void narrow(float *x, int64_t count)
{
    for (int64_t i = 0; i < count; i++) {
        uint16_t half = nn_bf16(x[i]);
        memcpy((char *)x + (size_t)i * sizeof half, &half, sizeof half);
    }
}

static void attention_run(const struct mix *m, enum dtype dtype, int threads, float *out)
{
    struct run r;
    struct team *team = NULL;
    struct err e = ERR_INIT;
    int32_t rows[4] = {(int32_t)m->keys - 1, 0, 2, 1};
    struct nn_graph *g = &r.graph;
    nn_graph_init(g, NULL);
    bool whole = m->queries > 1;
    int kv = nn_graph_input(g, dtype, (struct nn_shape){3, {m->sequences, m->keys, 3 * m->width}});
    int q = nn_graph_input(g, dtype, (struct nn_shape){3, {m->sequences, 1, m->width}});
    int at = nn_graph_input(g, DTYPE_I32, (struct nn_shape){1, {m->sequences}});
    int y = nn_graph_add(g,
        (struct nn_node){.kind = NN_ATTENTION,
            .in = {whole ? kv : q, kv, whole ? -1 : at},
            .param = {-1, -1},
            .attrs = {.out = dtype,
                .heads = m->heads,
                .causal = m->causal,
                .width = m->width,
                .k_column = m->width,
                .v_column = 2 * m->width}});
    nn_graph_output(g, y);
    assert_ok(nn_graph_check(g, NULL), &g->err);
    uint64_t keep = seed;
    float *a = floats(&r, 0, kv), *b = floats(&r, 1, q);
    seed = keep;
    uint16_t *halves = dtype == DTYPE_BF16 ? mem_alloc(20000 * sizeof *halves) : NULL;
    if (halves) narrow(a, nn_shape_count(&g->values[kv].shape));
    if (halves) narrow(b, nn_shape_count(&g->values[q].shape));
    r.bindings[2] = (struct nn_binding){at, rows};
    r.bindings[3] = (struct nn_binding){y, halves ? (void *)halves : out};
    r.bindings[4] = (struct nn_binding){-1, NULL};
    if (threads > 1) assert_ok(team_open(threads, &team, &e), &e);
    run_graph(&r, &(struct nn_plan_how){threads ? threads : 1, threads == 0}, team);
    for (int64_t i = 0; halves && i < nn_shape_count(&g->values[y].shape); i++)
        out[i] = nn_from_bf16(halves[i]);
    mem_free(halves);
    team_close(team);
    mem_free_aligned(a);
    mem_free_aligned(b);
    nn_graph_deinit(g);
}

static void test_attention(void **state)
{
    (void)state;
    static const struct mix mixes[] = {{2, 5, 5, 12, 3, false}, {3, 50, 50, 128, 2, false},
        {1, 17, 17, 65, 5, true}, {4, 1, 9, 36, 4, true}, {2, 1, 50, 64, 1, false},
        {1, 130, 130, 67, 67, true}, {1, 1, 1, 8, 2, true}, {2, 50, 50, 192, 3, false},
        {1, 23, 23, 80, 5, true}, {3, 1, 29, 64, 2, true}, {1, 67, 67, 48, 1, false}};
    float want[20000], got[20000];
    for (size_t i = 0; i < sizeof mixes / sizeof *mixes; i++) {
        int64_t count = mixes[i].sequences * mixes[i].queries * mixes[i].width;
        assert_true(count <= 20000);
        attention_run(&mixes[i], DTYPE_F32, 0, want);
        for (int threads = 1; threads <= 3; threads++) {
            attention_run(&mixes[i], DTYPE_F32, threads, got);
            close_to(got, want, count, 3e-6);
            if (!gemm_dtype_known(DTYPE_BF16)) continue;
            attention_run(&mixes[i], DTYPE_BF16, threads, got);
            close_to(got, want, count, 2e-2);
        }
    }
}

/* -- graphs that are refused -- */

static void test_refused(void **state)
{
    (void)state;
    struct nn_params ps;
    struct nn_graph g;
    struct err e = ERR_INIT;
    const struct layer l = {2, 3, 4, NN_ACT_NONE, true, false};
    params_make(&ps, &l, DTYPE_F32, true);
    nn_graph_init(&g, &ps);
    int x = nn_graph_input(&g, DTYPE_F32, (struct nn_shape){2, {2, 5}});
    int bad =
        nn_graph_add(&g, (struct nn_node){.kind = NN_LINEAR, .in = {x, -1, -1}, .param = {2, 3}});
    assert_int_equal(bad, -1);
    int after =
        nn_graph_add(&g, (struct nn_node){.kind = NN_UNIT, .in = {bad, -1, -1}, .param = {-1, -1}});
    assert_int_equal(after, -1); /* the first error is kept */
    assert_fails(nn_graph_check(&g, &e), ST_CORRUPT, &e, "[4, 3]");
    assert_fails(nn_graph_check(&g, &e), ST_CORRUPT, &e, "[2, 5]");
    nn_graph_deinit(&g);
    nn_graph_init(&g, &ps);
    assert_int_equal(nn_graph_add(&g, (struct nn_node){.kind = NN_NORM, .in = {-1, -1, -1}}), -1);
    assert_fails(nn_graph_check(&g, &e), ST_INTERNAL, &e, "lacks an input");
    nn_graph_deinit(&g);
    nn_params_deinit(&ps);
    tensors_free();
}

/* -- memory -- */

/* A long chain needs two values' room, whatever its length. */
static void test_memory(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct nn_graph g;
    struct nn_plan *plan;
    nn_graph_init(&g, NULL);
    int x = nn_graph_input(&g, DTYPE_F32, (struct nn_shape){2, {8, 64}});
    for (int i = 0; i < 50; i++)
        x = nn_graph_add(
            &g, (struct nn_node){.kind = NN_UNIT, .in = {x, -1, -1}, .param = {-1, -1}});
    nn_graph_output(&g, x);
    assert_ok(nn_plan_open(&g, &(struct nn_plan_how){.threads = 1}, &plan, &e), &e);
    assert_int_equal(nn_plan_bytes(plan), 2 * 8 * 64 * sizeof(float));
    nn_plan_close(plan);
    nn_graph_deinit(&g);
}

/* -- teams -- */

enum { TURNS = 300, TEAM = 5 };
static atomic_int board[TURNS];

static void crew_work(void *arg, int step, int part)
{
    (void)arg;
    (void)part;
    if (step > 0 && atomic_load(&board[step - 1]) != TEAM) abort(); /* a part was not done */
    if (part == step % TEAM) usleep(20);
    atomic_fetch_add(&board[step], 1);
}

static void test_team(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct team *crew;
    struct team_job job = {.work = crew_work, .steps = TURNS};
    job.turns = mem_alloc_aligned(TURNS * sizeof *job.turns);
    assert_ok(team_open(TEAM, &crew, &e), &e);
    assert_int_equal(team_threads(crew), TEAM);
    for (int i = 0; i < 20; i++) {
        memset(board, 0, sizeof board);
        team_run(crew, &job);
        assert_int_equal(atomic_load(&board[TURNS - 1]), TEAM);
    }
    team_close(crew);
    mem_free_aligned(job.turns);
    assert_fails(team_open(0, &crew, &e), ST_INVALID, &e, "0");
    assert_null(crew);
    team_close(NULL);
}

static void test_isa(void **state)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        setenv("FOVEA_ISA", *state, 1);
        execl("/proc/self/exe", "test_nn_plan", "child", (char *)NULL);
        _exit(127);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest each[] = {
        cmocka_unit_test(test_linear),
        cmocka_unit_test(test_rows_agree),
        cmocka_unit_test(test_attention),
    };
    const struct CMUnitTest all[] = {
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_team),
        cmocka_unit_test_prestate(test_isa, "base"),
        cmocka_unit_test_prestate(test_isa, "avx2"),
        cmocka_unit_test_prestate(test_isa, "avx512"),
    };
    if (argc > 1 && strcmp(argv[1], "child") == 0)
        return cmocka_run_group_tests_name(cpu_isa_name(cpu_get()->isa), each, NULL, NULL);
    return cmocka_run_group_tests_name("plan", all, NULL, NULL);
}
