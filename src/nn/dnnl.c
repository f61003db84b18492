/* dnnl.c - gemm.h on oneDNN 2.6; the one door to that library.
 *
 * Weights lie as oneDNN chooses (format "any") for a product of PROBE_ROWS rows, which is the same
 * for every number of rows (tested). Scratchpads are the user's, so a primitive may run on a thread
 * that did not make it. oneDNN asks OpenMP how many threads there are whenever a primitive is made
 * or run; omp_single() answers 1 and omp_back() restores the caller's own setting.
 *
 * The library allocates for itself, outside mem.h: primitives and memory objects only.
 */
#include "nn/gemm.h"

#include <math.h>
#include <oneapi/dnnl/dnnl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "nn/kernels.h"

/* Of libgomp, which oneDNN is built on; declared here because clang brings another OpenMP's header.
 */
extern void omp_set_num_threads(int threads);
extern int omp_get_max_threads(void);

enum { PROBE_ROWS = 64, ROWS_TO_CUT = 64, SCRATCH_ALIGN = 64 };

static struct {
    pthread_once_t once;
    dnnl_status_t rc;
    dnnl_engine_t engine;
    dnnl_stream_t stream; /* has no state on a CPU: any number of threads */
} lib = {.once = PTHREAD_ONCE_INIT};

static int omp_single(void)
{
    int before = omp_get_max_threads();
    if (before != 1) omp_set_num_threads(1);
    return before;
}

static void omp_back(int before)
{
    if (before != 1) omp_set_num_threads(before);
}

static enum status dnnl_err(struct err *e, dnnl_status_t rc, const char *what)
{
    if (rc == dnnl_success) return ST_OK;
    if (rc == dnnl_out_of_memory)
        return err_set(e, ST_NO_MEMORY, "oneDNN is out of memory at %s", what);
    return err_set(e, ST_INTERNAL, "oneDNN refuses %s (status %d)", what, (int)rc);
}

static void lib_start(void)
{
    static const dnnl_cpu_isa_t limits[CPU_ISA_COUNT] = {
        [CPU_BASE] = dnnl_cpu_isa_sse41,
        [CPU_AVX2] = dnnl_cpu_isa_avx2,
        [CPU_AVX512] = dnnl_cpu_isa_all,
    };
    int threads = omp_single();
    if (cpu_get()->isa !=
        CPU_AVX512) /* it may refuse when another user of the library came first */
        dnnl_set_max_cpu_isa(limits[cpu_get()->isa]);
    lib.rc = dnnl_engine_create(&lib.engine, dnnl_cpu, 0);
    if (lib.rc == dnnl_success)
        lib.rc = dnnl_stream_create(&lib.stream, lib.engine, dnnl_stream_default_flags);
    omp_back(threads);
}

enum status gemm_start(struct err *e)
{
    pthread_once(&lib.once, lib_start);
    return dnnl_err(e, lib.rc, "to start");
}

bool gemm_rows_agree(void)
{
    return cpu_get()->isa ==
        CPU_AVX512; /* its blocked kernels only; the older ones look at the row count */
}

bool gemm_dtype_known(enum dtype dtype)
{
    return dtype == DTYPE_F32 || (dtype == DTYPE_BF16 && cpu_get()->bf16);
}

const char *gemm_version(void)
{
    static char text[32];
    const dnnl_version_t *v = dnnl_version();
    snprintf(text, sizeof text, "%d.%d.%d", v->major, v->minor, v->patch);
    return text;
}

float nn_act_value(enum nn_act act, float x)
{
    double d = (double)x;
    switch (act) {
    case NN_ACT_QUICK_GELU: return (float)(d / (1.0 + exp(-1.702 * d)));
    case NN_ACT_GELU: return (float)(0.5 * d * (1.0 + erf(d * 0.70710678118654752)));
    case NN_ACT_GELU_TANH:
        return (float)(0.5 * d * (1.0 + tanh(0.79788456080286536 * (d + 0.044715 * d * d * d))));
    default: return x;
    }
}

static const struct {
    dnnl_alg_kind_t kind;
    float alpha;
} acts[NN_ACT_COUNT] = {
    [NN_ACT_QUICK_GELU] = {dnnl_eltwise_swish, 1.702f},
    [NN_ACT_GELU] = {dnnl_eltwise_gelu_erf, 0},
    [NN_ACT_GELU_TANH] = {dnnl_eltwise_gelu_tanh, 0},
};

static dnnl_data_type_t type_of(enum dtype t)
{
    return t == DTYPE_BF16 ? dnnl_bf16 : dnnl_f32;
}

/* One matmul primitive with its memory objects. */
struct product {
    dnnl_primitive_desc_t desc;
    dnnl_primitive_t primitive;
    dnnl_memory_t a, b, c, bias, scratch;
    void *scratch_data;
};

static void product_deinit(struct product *p)
{
    const dnnl_memory_t all[] = {p->a, p->b, p->c, p->bias, p->scratch};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i]) dnnl_memory_destroy(all[i]);
    if (p->primitive) dnnl_primitive_destroy(p->primitive);
    if (p->desc) dnnl_primitive_desc_destroy(p->desc);
    mem_free_aligned(p->scratch_data);
    *p = (struct product){0};
}

static dnnl_status_t attr_make(enum nn_act act, bool add, dnnl_primitive_attr_t *out)
{
    dnnl_post_ops_t ops = NULL;
    dnnl_status_t rc = dnnl_primitive_attr_create(out);
    if (rc == dnnl_success)
        rc = dnnl_primitive_attr_set_scratchpad_mode(*out, dnnl_scratchpad_mode_user);
    if (rc == dnnl_success) rc = dnnl_post_ops_create(&ops);
    if (rc == dnnl_success && act != NN_ACT_NONE)
        rc = dnnl_post_ops_append_eltwise(ops, 1.0f, acts[act].kind, acts[act].alpha, 0);
    if (rc == dnnl_success && add) rc = dnnl_post_ops_append_sum(ops, 1.0f);
    if (rc == dnnl_success) rc = dnnl_primitive_attr_set_post_ops(*out, ops);
    if (ops) dnnl_post_ops_destroy(ops);
    return rc;
}

/* The descriptor of a product; b of format any is chosen by the library. */
static dnnl_status_t desc_make(
    const dnnl_memory_desc_t md[4], enum nn_act act, bool add, dnnl_primitive_desc_t *out)
{
    dnnl_primitive_attr_t attr = NULL;
    dnnl_matmul_desc_t op;
    dnnl_status_t rc =
        dnnl_matmul_desc_init(&op, &md[0], &md[1], md[3].ndims ? &md[3] : NULL, &md[2]);
    if (rc == dnnl_success) rc = attr_make(act, add, &attr);
    if (rc == dnnl_success) rc = dnnl_primitive_desc_create(out, &op, attr, lib.engine, NULL);
    if (attr) dnnl_primitive_attr_destroy(attr);
    return rc;
}

static dnnl_status_t memory_make(
    const dnnl_primitive_desc_t desc, dnnl_query_t what, int index, void *data, dnnl_memory_t *out)
{
    const dnnl_memory_desc_t *md = dnnl_primitive_desc_query_md(desc, what, index);
    return md ? dnnl_memory_create(out, md, lib.engine, data) : dnnl_unimplemented;
}

/* Primitive, scratchpad and the memory objects but b's, which the caller may share. */
static enum status product_init(
    struct product *p, const dnnl_memory_desc_t md[4], enum nn_act act, bool add, struct err *e)
{
    dnnl_status_t rc = desc_make(md, act, add, &p->desc);
    if (rc == dnnl_success) rc = dnnl_primitive_create(&p->primitive, p->desc);
    if (rc == dnnl_success)
        rc = memory_make(p->desc, dnnl_query_src_md, 0, DNNL_MEMORY_NONE, &p->a);
    if (rc == dnnl_success)
        rc = memory_make(p->desc, dnnl_query_dst_md, 0, DNNL_MEMORY_NONE, &p->c);
    if (rc != dnnl_success) return dnnl_err(e, rc, "a matrix product");
    const dnnl_memory_desc_t *scratch =
        dnnl_primitive_desc_query_md(p->desc, dnnl_query_scratchpad_md, 0);
    size_t bytes = scratch ? dnnl_memory_desc_get_size(scratch) : 0;
    if (bytes == 0) return ST_OK;
    p->scratch_data =
        mem_alloc_aligned((bytes + SCRATCH_ALIGN - 1) / SCRATCH_ALIGN * SCRATCH_ALIGN);
    if (!p->scratch_data) return mem_err(e, bytes);
    return dnnl_err(
        e, dnnl_memory_create(&p->scratch, scratch, lib.engine, p->scratch_data), "scratch memory");
}

static dnnl_status_t product_run(const struct product *p, dnnl_memory_t b)
{
    dnnl_exec_arg_t args[5] = {
        {DNNL_ARG_SRC, p->a},
        {DNNL_ARG_WEIGHTS, b},
        {DNNL_ARG_DST, p->c},
    };
    int count = 3;
    if (p->bias) args[count++] = (dnnl_exec_arg_t){DNNL_ARG_BIAS, p->bias};
    if (p->scratch) args[count++] = (dnnl_exec_arg_t){DNNL_ARG_SCRATCHPAD, p->scratch};
    int threads = omp_single();
    dnnl_status_t rc = dnnl_primitive_execute(p->primitive, lib.stream, count, args);
    omp_back(threads);
    return rc;
}

/* -- weights -- */

struct gemm_weights {
    enum dtype dtype;
    int64_t n, k;
    void *data;
    dnnl_memory_desc_t md;
    dnnl_memory_t memory; /* read-only once packed: shared by every linear on these weights */
};

static dnnl_status_t matrix_md(dnnl_memory_desc_t *md, enum dtype t, int64_t rows, int64_t columns)
{
    const dnnl_dims_t dims = {rows, columns};
    return dnnl_memory_desc_init_by_tag(md, 2, dims, type_of(t), dnnl_ab);
}

/* The layout oneDNN wants for the weights. */
static dnnl_status_t weights_md(struct gemm_weights *w)
{
    dnnl_memory_desc_t md[4] = {0};
    const dnnl_dims_t dims = {w->k, w->n};
    dnnl_primitive_desc_t desc = NULL;
    dnnl_status_t rc = matrix_md(&md[0], w->dtype, PROBE_ROWS, w->k);
    if (rc == dnnl_success)
        rc = dnnl_memory_desc_init_by_tag(&md[1], 2, dims, type_of(w->dtype), dnnl_format_tag_any);
    if (rc == dnnl_success) rc = matrix_md(&md[2], DTYPE_F32, PROBE_ROWS, w->n);
    if (rc == dnnl_success) rc = desc_make(md, NN_ACT_NONE, false, &desc);
    if (rc == dnnl_success) w->md = *dnnl_primitive_desc_query_md(desc, dnnl_query_weights_md, 0);
    if (desc) dnnl_primitive_desc_destroy(desc);
    return rc;
}

static enum status weights_init(struct gemm_weights *w, struct err *e)
{
    int threads = omp_single();
    dnnl_status_t rc = weights_md(w);
    omp_back(threads);
    return dnnl_err(e, rc, "a weight matrix");
}

enum status gemm_weights_open(
    enum dtype dtype, int64_t n, int64_t k, struct gemm_weights **out, struct err *e)
{
    *out = NULL;
    enum status st = gemm_start(e);
    if (st) return st;
    struct gemm_weights *w = mem_zalloc(1, sizeof *w);
    if (!w) return mem_err(e, sizeof *w);
    w->dtype = dtype;
    w->n = n;
    w->k = k;
    st = weights_init(w, e);
    if (st) {
        gemm_weights_close(w);
        return st;
    }
    *out = w;
    return ST_OK;
}

void gemm_weights_close(struct gemm_weights *w)
{
    if (!w) return;
    if (w->memory) dnnl_memory_destroy(w->memory);
    mem_free(w);
}

size_t gemm_weights_bytes(const struct gemm_weights *w)
{
    return dnnl_memory_desc_get_size(&w->md);
}

enum status gemm_weights_place(struct gemm_weights *w, void *memory, struct err *e)
{
    w->data = memory;
    return dnnl_err(e, dnnl_memory_create(&w->memory, &w->md, lib.engine, memory), "weight memory");
}

/* Lays rows first .. first + count out where `to` says. */
static dnnl_status_t rows_pack(
    const struct gemm_weights *w, const dnnl_memory_desc_t *to, int64_t count, const float *rows)
{
    dnnl_memory_desc_t plain;
    const dnnl_dims_t dims = {w->k, count};
    dnnl_primitive_desc_t desc = NULL;
    dnnl_primitive_t reorder = NULL;
    dnnl_memory_t args[2] = {NULL, NULL};
    dnnl_status_t rc = dnnl_memory_desc_init_by_tag(&plain, 2, dims, dnnl_f32, dnnl_ba);
    if (rc == dnnl_success)
        rc = dnnl_reorder_primitive_desc_create(&desc, &plain, lib.engine, to, lib.engine, NULL);
    if (rc == dnnl_success) rc = dnnl_primitive_create(&reorder, desc);
    if (rc == dnnl_success)
        rc = dnnl_memory_create(&args[0], &plain, lib.engine, (void *)(uintptr_t)rows);
    if (rc == dnnl_success) rc = dnnl_memory_create(&args[1], to, lib.engine, w->data);
    if (rc == dnnl_success) {
        const dnnl_exec_arg_t from_to[2] = {{DNNL_ARG_FROM, args[0]}, {DNNL_ARG_TO, args[1]}};
        rc = dnnl_primitive_execute(reorder, lib.stream, 2, from_to);
    }
    if (args[0]) dnnl_memory_destroy(args[0]);
    if (args[1]) dnnl_memory_destroy(args[1]);
    if (reorder) dnnl_primitive_destroy(reorder);
    if (desc) dnnl_primitive_desc_destroy(desc);
    return rc;
}

enum status gemm_weights_set(
    struct gemm_weights *w, int64_t first, int64_t count, const float *rows, struct err *e)
{
    const dnnl_dims_t dims = {w->k, count}, from = {0, first};
    dnnl_memory_desc_t some = w->md;
    dnnl_status_t rc = dnnl_success;
    if (count < w->n) rc = dnnl_memory_desc_init_submemory(&some, &w->md, dims, from);
    int threads = omp_single();
    if (rc == dnnl_success) rc = rows_pack(w, &some, count, rows);
    omp_back(threads);
    return dnnl_err(e, rc, "to pack weights");
}

/* -- linear -- */

/* One part's share: all columns of some rows, or some columns of all rows. oneDNN 2.6 has no fast
 * product into a matrix with a stride, so columns are computed into a dense block of their own
 * first. */
struct share {
    int64_t row, rows, column, columns;
    struct product product;
    dnnl_memory_t weights; /* a view of some columns, or NULL */
    void *dense;           /* where they come out, or NULL */
};

struct gemm_linear {
    const struct gemm_weights *weights;
    int64_t rows;
    enum dtype out;
    bool add;
    int parts;
    struct share share[];
};

/* Cuts rows or columns into parts, columns at multiples of GEMM_ROWS_STEP. */
static void shares_cut(struct gemm_linear *l, bool by_columns)
{
    int64_t n = l->weights->n, blocks = (n + GEMM_ROWS_STEP - 1) / GEMM_ROWS_STEP;
    for (int i = 0; i < l->parts; i++) {
        struct share *s = &l->share[i];
        *s = (struct share){.rows = l->rows, .columns = n};
        if (by_columns) {
            int64_t end = blocks * (i + 1) / l->parts * GEMM_ROWS_STEP;
            s->column = blocks * i / l->parts * GEMM_ROWS_STEP;
            s->columns = (end < n ? end : n) - s->column;
        } else {
            s->row = l->rows * i / l->parts;
            s->rows = l->rows * (i + 1) / l->parts - s->row;
        }
    }
}

/* The weights of a share's columns, without a copy. */
static enum status share_view(
    const struct gemm_weights *w, struct share *s, dnnl_memory_desc_t *md, struct err *e)
{
    const dnnl_dims_t dims = {w->k, s->columns}, from = {0, s->column};
    dnnl_status_t rc = dnnl_memory_desc_init_submemory(md, &w->md, dims, from);
    if (rc != dnnl_success) return dnnl_err(e, rc, "a share of weights");
    char *data = (char *)w->data + (size_t)md->offset0 * dtype_bytes(w->dtype);
    md->offset0 = 0;
    return dnnl_err(e, dnnl_memory_create(&s->weights, md, lib.engine, data), "a share of weights");
}

static enum status share_open(
    struct gemm_linear *l, struct share *s, const struct gemm_linear_how *how, struct err *e)
{
    const struct gemm_weights *w = how->weights;
    bool some = s->columns < w->n;
    dnnl_memory_desc_t md[4] = {0};
    enum status st = ST_OK;
    dnnl_status_t rc = matrix_md(&md[0], w->dtype, s->rows, w->k);
    if (rc == dnnl_success) rc = matrix_md(&md[2], l->out, s->rows, s->columns);
    if (rc == dnnl_success && how->bias) rc = matrix_md(&md[3], DTYPE_F32, 1, s->columns);
    if (rc != dnnl_success) return dnnl_err(e, rc, "a linear layer");
    md[1] = w->md;
    if (some) st = share_view(w, s, &md[1], e);
    if (st == ST_OK) st = product_init(&s->product, md, how->act, how->add && !some, e);
    if (st == ST_OK && some) {
        size_t bytes = (size_t)(s->rows * s->columns) * dtype_bytes(l->out);
        s->dense = mem_alloc_aligned(bytes);
        st = s->dense ? ST_OK : mem_err(e, bytes);
    }
    if (st || !how->bias) return st;
    void *bias = (void *)(uintptr_t)(how->bias + s->column);
    return dnnl_err(e, dnnl_memory_create(&s->product.bias, &md[3], lib.engine, bias), "a bias");
}

enum status gemm_linear_open(
    const struct gemm_linear_how *how, struct gemm_linear **out, struct err *e)
{
    *out = NULL;
    size_t bytes = sizeof(struct gemm_linear) + (size_t)how->parts * sizeof(struct share);
    struct gemm_linear *l = mem_zalloc(1, bytes);
    if (!l) return mem_err(e, bytes);
    l->weights = how->weights;
    l->rows = how->rows;
    l->out = how->out;
    l->add = how->add;
    l->parts = how->parts;
    shares_cut(l, how->parts > 1 && how->rows < (int64_t)ROWS_TO_CUT * how->parts);
    enum status st = ST_OK;
    int threads = omp_single();
    for (int i = 0; i < l->parts && st == ST_OK; i++)
        if (l->share[i].rows > 0 && l->share[i].columns > 0)
            st = share_open(l, &l->share[i], how, e);
    omp_back(threads);
    if (st) {
        gemm_linear_close(l);
        return st;
    }
    *out = l;
    return ST_OK;
}

void gemm_linear_close(struct gemm_linear *l)
{
    if (!l) return;
    for (int i = 0; i < l->parts; i++) {
        product_deinit(&l->share[i].product);
        if (l->share[i].weights) dnnl_memory_destroy(l->share[i].weights);
        mem_free_aligned(l->share[i].dense);
    }
    mem_free(l);
}

/* The dense block to its columns of y, on top of the residual. */
static void share_scatter(
    const struct gemm_linear *l, const struct share *s, void *y, const float *residual)
{
    const struct nn_kernels *k = nn_kernels_get(cpu_get()->isa);
    size_t bytes = (size_t)s->columns * dtype_bytes(l->out);
    for (int64_t r = 0; r < s->rows; r++) {
        int64_t at = r * l->weights->n + s->column;
        const char *from = (const char *)s->dense + (size_t)r * bytes;
        if (l->add)
            k->add((float *)y + at, residual + at, (const float *)(const void *)from,
                (size_t)s->columns);
        else
            memcpy((char *)y + (size_t)at * dtype_bytes(l->out), from, bytes);
    }
}

enum status gemm_linear_run(
    struct gemm_linear *l, int part, void *y, const void *x, const float *residual)
{
    struct share *s = &l->share[part];
    struct product *p = &s->product;
    if (!p->primitive) return ST_OK; /* less work than parts */
    size_t at = (size_t)(s->row * l->weights->n), count = (size_t)(s->rows * l->weights->n);
    char *to = s->dense ? s->dense : (char *)y + at * dtype_bytes(l->out);
    const char *from =
        (const char *)x + (size_t)(s->row * l->weights->k) * dtype_bytes(l->weights->dtype);
    if (l->add && !s->dense && y != (const void *)residual)
        memcpy((float *)y + at, residual + at, count * sizeof *residual);
    dnnl_status_t rc = dnnl_memory_set_data_handle(p->a, (void *)(uintptr_t)from);
    if (rc == dnnl_success) rc = dnnl_memory_set_data_handle(p->c, to);
    if (rc == dnnl_success) rc = product_run(p, s->weights ? s->weights : l->weights->memory);
    if (rc == dnnl_success && s->dense) share_scatter(l, s, y, residual);
    return dnnl_err(NULL, rc, "to run");
}

/* -- batches -- */

struct gemm_batch {
    struct product product;
};

static dnnl_status_t batch_md(
    dnnl_memory_desc_t *md, enum dtype t, const int64_t size[3], const int64_t step[3])
{
    const dnnl_dims_t dims = {size[0], size[1], size[2]}, strides = {step[0], step[1], step[2]};
    return dnnl_memory_desc_init_by_strides(md, 3, dims, type_of(t), strides);
}

static enum status batch_init(struct gemm_batch *g, const struct gemm_batch_how *how, struct err *e)
{
    dnnl_memory_desc_t md[4] = {0};
    dnnl_status_t rc =
        batch_md(&md[0], how->in, (const int64_t[3]){how->batch, how->m, how->k}, how->a);
    if (rc == dnnl_success)
        rc = batch_md(&md[1], how->in, (const int64_t[3]){how->batch, how->k, how->n}, how->b);
    if (rc == dnnl_success)
        rc = batch_md(&md[2], how->out, (const int64_t[3]){how->batch, how->m, how->n}, how->c);
    if (rc != dnnl_success) return dnnl_err(e, rc, "a batch of products");
    enum status st = product_init(&g->product, md, NN_ACT_NONE, false, e);
    if (st) return st;
    rc = memory_make(g->product.desc, dnnl_query_weights_md, 0, DNNL_MEMORY_NONE, &g->product.b);
    return dnnl_err(e, rc, "a batch of products");
}

enum status gemm_batch_open(
    const struct gemm_batch_how *how, struct gemm_batch **out, struct err *e)
{
    *out = NULL;
    enum status st = gemm_start(e);
    if (st) return st;
    struct gemm_batch *g = mem_zalloc(1, sizeof *g);
    if (!g) return mem_err(e, sizeof *g);
    int threads = omp_single();
    st = batch_init(g, how, e);
    omp_back(threads);
    if (st) {
        gemm_batch_close(g);
        return st;
    }
    *out = g;
    return ST_OK;
}

void gemm_batch_close(struct gemm_batch *g)
{
    if (!g) return;
    product_deinit(&g->product);
    mem_free(g);
}

enum status gemm_batch_run(struct gemm_batch *g, void *c, const void *a, const void *b)
{
    struct product *p = &g->product;
    dnnl_status_t rc = dnnl_memory_set_data_handle(p->a, (void *)(uintptr_t)a);
    if (rc == dnnl_success) rc = dnnl_memory_set_data_handle(p->b, (void *)(uintptr_t)b);
    if (rc == dnnl_success) rc = dnnl_memory_set_data_handle(p->c, c);
    if (rc == dnnl_success) rc = product_run(p, p->b);
    return dnnl_err(NULL, rc, "to run");
}
