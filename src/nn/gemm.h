/* gemm.h - matrix products: y = act(x W' + b) (+ y), and batches of small ones with strides.
 *
 * dnnl.c is the only file that knows oneDNN; this is what the room sees of it. Measured on
 * oneDNN 2.6: packed weights gain 5-20 %, an activation or a sum as post-op costs 2-17 % of its
 * product where a separate pass costs more, a primitive takes 0.1-1 ms to make, and one that brings
 * its own scratchpad may run on any thread.
 *
 * Every product runs on the thread that calls it: OpenMP's own threads wait by spinning and lose a
 * scheduler's quantum whenever another thread wants the core, so we split work ourselves (team.h):
 * a linear with few rows by columns, so that each thread reads its share of the weights, one with
 * many by rows.
 *
 * Threads: weights are written by one thread, then read by any number. A linear's parts may run at
 * the same time, each by one thread; a gemm_batch belongs to one thread.
 */
#ifndef FOVEA_NN_GEMM_H
#define FOVEA_NN_GEMM_H

#include "base/err.h"
#include "nn/tensor.h"

enum nn_act { NN_ACT_NONE, NN_ACT_QUICK_GELU, NN_ACT_GELU, NN_ACT_GELU_TANH, NN_ACT_COUNT };
float nn_act_value(enum nn_act act, float x); /* the specification */

/* Starts oneDNN with the instruction set of cpu_get(); later calls do nothing. Thread safe. */
NODISCARD enum status gemm_start(struct err *e);
/* Whether a row of a product has the same bits whatever the number of rows beside it. */
bool gemm_rows_agree(void);
/* Whether products in this element type are fast here: F32 always, BF16 where the CPU has it. */
bool gemm_dtype_known(enum dtype dtype);
const char *gemm_version(void); /* "2.6.3" */

/* A matrix W of n rows (outputs) and k columns (inputs), in the library's own order. */
struct gemm_weights;
NODISCARD enum status gemm_weights_open(
    enum dtype dtype, int64_t n, int64_t k, struct gemm_weights **out, struct err *e);
void gemm_weights_close(struct gemm_weights *w);
/* The memory it wants, 64-byte aligned; the caller's, given before anything else is called. */
size_t gemm_weights_bytes(const struct gemm_weights *w);
NODISCARD enum status gemm_weights_place(struct gemm_weights *w, void *memory, struct err *e);
/* Packs rows first .. first + count, each of k values: all of them, or ranges that begin and end at
 * multiples of GEMM_ROWS_STEP. */
enum { GEMM_ROWS_STEP = 64 };
NODISCARD enum status gemm_weights_set(
    struct gemm_weights *w, int64_t first, int64_t count, const float *rows, struct err *e);

/* y [rows, n] = act(x [rows, k] W' + bias), plus a residual in f32 where add is set. x has the
 * weights' type. */
struct gemm_linear_how {
    const struct gemm_weights *weights;
    const float *bias; /* n floats that outlive it, or NULL */
    int64_t rows;
    enum dtype out;
    enum nn_act act;
    bool add;
    int parts; /* that run it together */
};
struct gemm_linear;
NODISCARD enum status gemm_linear_open(
    const struct gemm_linear_how *how, struct gemm_linear **out, struct err *e);
void gemm_linear_close(struct gemm_linear *l);
/* residual: f32 [rows, n], perhaps y itself; read only with add. */
NODISCARD enum status gemm_linear_run(
    struct gemm_linear *l, int part, void *y, const void *x, const float *residual);

/* batch products c [m, n] = a [m, k] b [k, n]; strides in elements between batches, rows, columns.
 */
struct gemm_batch_how {
    enum dtype in, out;
    int64_t batch, m, n, k;
    int64_t a[3], b[3], c[3];
};
struct gemm_batch;
NODISCARD enum status gemm_batch_open(
    const struct gemm_batch_how *how, struct gemm_batch **out, struct err *e);
void gemm_batch_close(struct gemm_batch *g);
NODISCARD enum status gemm_batch_run(struct gemm_batch *g, void *c, const void *a, const void *b);

#endif
