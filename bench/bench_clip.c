/* bench_clip.c - one round of CLIP's towers beside what the machine can do, as CSV lines.
 *
 *     bench_clip DIR [threads [seconds]]
 *
 * DIR holds config.json and model.safetensors of true shapes (tools/golden/clip.py --true ViT-B/32
 * DIR). Pictures: `threads` workers of one thread each, as the ingest runs them. Texts: one worker,
 * alone and with all threads. Lines: what,dtype,size,threads,value,unit,limit,ratio. The limit of a
 * picture rate is GEMM peak / FLOPs actually computed; of a text's time max(FLOPs / peak, weight
 * bytes / bandwidth). clip.sh runs rounds of it in turn with the peers and takes medians.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/run.h"
#include "model/clip.h"
#include "nn/plan.h"
#include "simd/distance.h"

enum { THREADS_MAX = 64, TEXT_TOKENS = 16, STREAM_FLOATS = 32 << 20 };

static struct clip_config config;
static double seconds = 1.0;
static volatile float sink;

static void must(enum status st, const struct err *e)
{
    if (st) {
        fprintf(stderr, "bench_clip: %s\n", e->text);
        exit(2);
    }
}

/* -- things to repeat -- */

struct task {
    void (*step)(struct task *t);
    void *state;
    int64_t until_us;
    int64_t steps, spent_us;
    pthread_t thread;
};

static void *task_main(void *arg)
{
    struct task *t = arg;
    t->step(t); /* first touch */
    int64_t start = run_now_us();
    t->until_us = start + (int64_t)(seconds * 1e6);
    for (t->steps = 0; t->steps < 3 || run_now_us() < t->until_us; t->steps++) t->step(t);
    t->spent_us = run_now_us() - start;
    return NULL;
}

/* Runs the tasks together; steps per second of all of them. */
static double tasks_run(struct task *tasks, int count)
{
    double rate = 0;
    for (int i = 1; i < count; i++) pthread_create(&tasks[i].thread, NULL, task_main, &tasks[i]);
    task_main(&tasks[0]);
    for (int i = 1; i < count; i++) pthread_join(tasks[i].thread, NULL);
    for (int i = 0; i < count; i++)
        rate += (double)tasks[i].steps * 1e6 / (double)tasks[i].spent_us;
    return rate;
}

/* -- the machine: products and memory -- */

struct product {
    struct gemm_linear *linear;
    void *x, *y;
};

static void product_step(struct task *t)
{
    struct product *p = t->state;
    if (gemm_linear_run(p->linear, 0, p->y, p->x, NULL)) exit(2);
}

/* FLOP/s of plain products of one shape on all threads. */
static double gemm_rate(enum dtype dtype, int64_t rows, const int64_t size[2], int threads)
{
    struct err e = ERR_INIT;
    struct gemm_weights *w;
    struct product products[THREADS_MAX];
    struct task tasks[THREADS_MAX] = {0};
    float *matrix = mem_alloc_aligned((size_t)(size[0] * size[1]) * sizeof *matrix);
    for (int64_t i = 0; i < size[0] * size[1]; i++) matrix[i] = (float)(i % 17) * 0.01f;
    must(gemm_weights_open(dtype, size[0], size[1], &w, &e), &e);
    void *packed = mem_alloc_aligned(gemm_weights_bytes(w));
    must(gemm_weights_place(w, packed, &e), &e);
    must(gemm_weights_set(w, 0, size[0], matrix, &e), &e);
    for (int i = 0; i < threads; i++) {
        struct product *p = &products[i];
        p->x = mem_alloc_aligned((size_t)(rows * size[1]) * 4);
        p->y = mem_alloc_aligned((size_t)(rows * size[0]) * 4);
        memset(p->x, 0x3c, (size_t)(rows * size[1]) * 4);
        const struct gemm_linear_how how = {.weights = w, .rows = rows, .out = dtype, .parts = 1};
        must(gemm_linear_open(&how, &p->linear, &e), &e);
        tasks[i] = (struct task){.step = product_step, .state = p};
    }
    double rate = tasks_run(tasks, threads) * 2.0 * (double)(rows * size[0] * size[1]);
    for (int i = 0; i < threads; i++) {
        gemm_linear_close(products[i].linear);
        mem_free_aligned(products[i].x);
        mem_free_aligned(products[i].y);
    }
    gemm_weights_close(w);
    mem_free_aligned(packed);
    mem_free_aligned(matrix);
    return rate;
}

static double gemm_peak(enum dtype dtype, int threads)
{
    static const int64_t sizes[][2] = {{3072, 768}, {768, 3072}};
    double best = 0;
    for (int i = 0; i < 2; i++)
        for (int64_t rows = 400; rows <= 1600; rows *= 4) {
            double rate = gemm_rate(dtype, rows, sizes[i], threads);
            best = rate > best ? rate : best;
        }
    return best;
}

static void stream_step(struct task *t)
{
    const float *a = t->state;
    sink = simd_distance_get(cpu_get()->isa)->dot(a, a + STREAM_FLOATS / 2, STREAM_FLOATS / 2);
}

/* Bytes a second that all threads read together. */
static double bandwidth(int threads)
{
    struct task tasks[THREADS_MAX] = {0};
    float *data[THREADS_MAX];
    for (int i = 0; i < threads; i++) {
        data[i] = mem_alloc_aligned(STREAM_FLOATS * sizeof **data);
        memset(data[i], 0, STREAM_FLOATS * sizeof **data);
        tasks[i] = (struct task){.step = stream_step, .state = data[i]};
    }
    double rate = tasks_run(tasks, threads) * STREAM_FLOATS * sizeof(float);
    for (int i = 0; i < threads; i++) mem_free_aligned(data[i]);
    return rate;
}

/* -- the towers -- */

/* Multiplications of a tower as we compute it: the last block's q, out and MLP for one row. */
static double tower_macs(const struct clip_tower *t, double tokens, double patch_inputs, int dim)
{
    double w = t->width, all = t->layers - 1;
    double row = w * w + 2 * w * (double)t->mlp; /* out and MLP */
    double macs = tokens * all * (3 * w * w + row) + all * 2 * tokens * tokens * w;
    macs += tokens * 2 * w * w + w * w + row + 2 * tokens * w; /* last block */
    return macs + (tokens - 1) * patch_inputs * w + w * dim;
}

static double tower_weights(const struct clip_tower *t, int dim)
{
    double w = t->width;
    return t->layers * (4 * w * w + 2 * w * (double)t->mlp) + w * dim;
}

struct runner {
    struct nn_plan *plan;
    struct team *team;
    void *memory, *in;
    float *out;
    int32_t row;
    struct nn_binding bindings[4];
};

static void runner_step(struct task *t)
{
    struct runner *r = t->state;
    struct err e = ERR_INIT;
    must(nn_plan_run(r->plan, r->team, r->memory, r->bindings, &e), &e);
}

static void runner_open(
    struct runner *r, const struct clip_net *net, const struct clip_shape *shape, int threads)
{
    struct err e = ERR_INIT;
    struct nn_graph g;
    struct clip_ports ports;
    size_t side = (size_t)config.image_side;
    size_t bytes = net->side == CLIP_VISION ? (size_t)shape->count * side * side * 3
                                            : (size_t)shape->tokens * sizeof(int32_t);
    must(clip_net_graph(net, shape, &g, &ports, &e), &e);
    must(nn_plan_open(&g, &(struct nn_plan_how){.threads = threads}, &r->plan, &e), &e);
    must(team_open(threads, &r->team, &e), &e);
    nn_graph_deinit(&g);
    r->memory = mem_alloc_aligned(nn_plan_bytes(r->plan));
    r->in = mem_alloc_aligned(bytes);
    r->out = mem_alloc_aligned((size_t)(shape->count * config.dim) * sizeof *r->out);
    r->row = TEXT_TOKENS - 1;
    for (size_t i = 0; i < bytes; i++)
        ((uint8_t *)r->in)[i] =
            net->side == CLIP_VISION ? (uint8_t)(i * 37) : (i % 4 == 0 ? (uint8_t)i : 0);
    r->bindings[0] = (struct nn_binding){ports.in, r->in};
    r->bindings[1] = (struct nn_binding){ports.out, r->out};
    r->bindings[2] = (struct nn_binding){ports.rows, &r->row};
    r->bindings[3] = (struct nn_binding){-1, NULL};
}

static void runner_close(struct runner *r)
{
    nn_plan_close(r->plan);
    team_close(r->team);
    mem_free_aligned(r->memory);
    mem_free_aligned(r->in);
    mem_free_aligned(r->out);
}

/* One CSV line; limit 0: it has none. */
struct figure {
    const char *what, *unit;
    enum dtype dtype;
    int size, threads;
    double value, limit;
};

static void figure_print(struct figure f)
{
    double ratio = f.limit > 0 ? f.value / f.limit : 0;
    printf("%s,%s,%d,%d,%.4g,%s,%.4g,%.3f\n", f.what, dtype_name(f.dtype), f.size, f.threads,
        f.value, f.unit, f.limit, ratio);
    fflush(stdout);
}

static void pictures_bench(const struct clip_net *net, enum dtype dtype, int threads, double peak)
{
    static const int batches[] = {1, 8, 16, 32};
    double grid = config.image_side / config.patch, patch = config.patch;
    double flops = 2 * tower_macs(&config.vision, grid * grid + 1, 3 * patch * patch, config.dim);
    for (size_t b = 0; b < sizeof batches / sizeof *batches; b++) {
        struct runner runners[THREADS_MAX];
        struct task tasks[THREADS_MAX] = {0};
        const struct clip_shape shape = {.count = batches[b], .dtype = dtype};
        for (int i = 0; i < threads; i++) {
            runner_open(&runners[i], net, &shape, 1);
            tasks[i] = (struct task){.step = runner_step, .state = &runners[i]};
        }
        double rate = tasks_run(tasks, threads) * batches[b];
        figure_print(
            (struct figure){"pictures", "1/s", dtype, batches[b], threads, rate, peak / flops});
        for (int i = 0; i < threads; i++) runner_close(&runners[i]);
    }
}

static void text_bench(const struct clip_net *net, enum dtype dtype, int threads, double peak)
{
    struct runner r;
    const struct clip_shape shape = {.count = 1, .tokens = TEXT_TOKENS, .dtype = dtype};
    double flops = 2 * tower_macs(&config.text, TEXT_TOKENS, 0, config.dim);
    double bytes = tower_weights(&config.text, config.dim) * (double)dtype_bytes(dtype);
    double compute = flops / peak, stream = bytes / bandwidth(threads);
    runner_open(&r, net, &shape, threads);
    struct task task = {.step = runner_step, .state = &r};
    double ms = 1e3 / tasks_run(&task, 1);
    double limit = 1e3 * (compute > stream ? compute : stream);
    figure_print((struct figure){"text", "ms", dtype, TEXT_TOKENS, threads, ms, limit});
    runner_close(&r);
}

static void dtype_bench(const struct model_weights *w, enum dtype dtype, int threads)
{
    struct err e = ERR_INIT;
    struct clip_net net[CLIP_SIDE_COUNT];
    double peak = gemm_peak(dtype, threads), alone = gemm_peak(dtype, 1);
    figure_print((struct figure){"gemm", "GFLOP/s", dtype, 0, threads, peak / 1e9, 0});
    for (int s = 0; s < CLIP_SIDE_COUNT; s++) {
        must(clip_net_open((enum clip_side)s, &config, w, &net[s], &e), &e);
        int64_t start = run_now_us();
        must(nn_params_pack(&net[s].params, dtype, false, &e), &e);
        double ms = (double)(run_now_us() - start) / 1e3;
        const char *what = s == CLIP_TEXT ? "pack_text" : "pack_pictures";
        figure_print((struct figure){what, "ms", dtype, 0, 1, ms, 0});
    }
    pictures_bench(&net[CLIP_VISION], dtype, threads, peak);
    text_bench(&net[CLIP_TEXT], dtype, 1, alone);
    if (threads > 1) text_bench(&net[CLIP_TEXT], dtype, threads, peak);
    for (int s = 0; s < CLIP_SIDE_COUNT; s++) clip_net_close(&net[s]);
}

int main(int argc, char **argv)
{
    struct err e = ERR_INIT;
    struct model_weights *w;
    if (argc < 2) {
        fprintf(stderr, "bench_clip DIR [threads [seconds]]\n");
        return 2;
    }
    int threads = argc > 2 ? (int)strtol(argv[2], NULL, 10) : run_threads(NULL);
    if (threads < 1 || threads > THREADS_MAX) threads = 1;
    seconds = argc > 3 ? strtod(argv[3], NULL) : seconds;
    must(clip_config_read(argv[1], &config, &e), &e);
    must(model_weights_open(argv[1], &w, &e), &e);
    figure_print(
        (struct figure){"bandwidth", "GB/s", DTYPE_F32, 0, threads, bandwidth(threads) / 1e9, 0});
    dtype_bench(w, DTYPE_F32, threads);
    if (gemm_dtype_known(DTYPE_BF16)) dtype_bench(w, DTYPE_BF16, threads);
    model_weights_close(w);
    return 0;
}
