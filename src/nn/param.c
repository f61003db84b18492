/* param.c - see param.h.
 *
 * All that packing makes lies in one block, so that large pages can hold it. A matrix stored as f32
 * is laid out right from the file's pages; any other type passes through one buffer of f32.
 */
#include "nn/param.h"

#include <string.h>

#include "base/mem.h"

void nn_params_init(struct nn_params *ps)
{
    *ps = (struct nn_params){0};
}

static void unpack(struct nn_params *ps)
{
    for (int i = 0; i < ps->count; i++) {
        gemm_weights_close(ps->items[i].packed);
        ps->items[i].packed = NULL;
        ps->items[i].plain = NULL;
    }
    mem_free_aligned(ps->block);
    ps->block = NULL;
    ps->packed = false;
}

void nn_params_deinit(struct nn_params *ps)
{
    unpack(ps);
    mem_free(ps->items);
    *ps = (struct nn_params){0};
}

static enum status params_grow(struct nn_params *ps, struct err *e)
{
    if (ps->count < ps->capacity) return ST_OK;
    int capacity = ps->capacity ? ps->capacity * 2 : 64;
    struct nn_param *items = mem_resize(ps->items, (size_t)capacity, sizeof *items);
    if (!items) return mem_err(e, (size_t)capacity * sizeof *items);
    ps->items = items;
    ps->capacity = capacity;
    return ST_OK;
}

enum status nn_params_add(struct nn_params *ps, enum nn_use use,
    const struct stored_tensor *const parts[NN_PARTS_MAX], int *out, struct err *e)
{
    enum status st = params_grow(ps, e);
    if (st) return st;
    struct nn_param p = {.use = use};
    for (; p.parts < NN_PARTS_MAX && parts[p.parts]; p.parts++) {
        const struct stored_tensor *t = parts[p.parts];
        int64_t rows = t->rank > 0 ? t->shape[0] : 1;
        int64_t columns = rows > 0 ? (int64_t)t->count / rows : 0;
        if (columns < 1) return err_set(e, ST_CORRUPT, "tensor %s is empty", t->name);
        if (p.parts > 0 && columns != p.columns)
            return err_set(e, ST_MISMATCH, "tensors %s and %s have %lld and %lld columns",
                parts[0]->name, t->name, (long long)p.columns, (long long)columns);
        p.part[p.parts] = t;
        p.part_rows[p.parts] = rows;
        p.columns = columns;
        p.rows += rows;
    }
    *out = ps->count;
    ps->items[ps->count++] = p;
    return ST_OK;
}

enum status nn_param_get(
    const struct nn_param *p, int64_t first, int64_t count, float *out, struct err *e)
{
    int64_t start = 0; /* row of the whole at which the part begins */
    for (int i = 0; i < p->parts && count > 0; start += p->part_rows[i++]) {
        int64_t skip = first - start;
        if (skip >= p->part_rows[i]) continue;
        int64_t take = p->part_rows[i] - skip < count ? p->part_rows[i] - skip : count;
        enum status st = stored_get_f32(
            p->part[i], (size_t)(skip * p->columns), (size_t)(take * p->columns), out, e);
        if (st) return st;
        out += take * p->columns;
        first += take;
        count -= take;
    }
    return count == 0 ? ST_OK
                      : err_set(e, ST_INVALID, "a parameter has %lld rows", (long long)p->rows);
}

/* Whether the matrix can be packed right from where it is stored, part by part. */
static bool stored_ready(const struct nn_param *p)
{
    int64_t first = 0;
    for (int i = 0; i < p->parts; first += p->part_rows[i++]) {
        const struct stored_tensor *t = p->part[i];
        bool whole =
            p->parts == 1 || (first % GEMM_ROWS_STEP == 0 && p->part_rows[i] % GEMM_ROWS_STEP == 0);
        if (t->dtype != DTYPE_F32 || (uintptr_t)t->data % sizeof(float) != 0 || !whole)
            return false;
    }
    return true;
}

static enum status matrix_pack(const struct nn_param *p, float *rows, struct err *e)
{
    enum status st = ST_OK;
    int64_t first = 0;
    if (!stored_ready(p)) {
        st = nn_param_get(p, 0, p->rows, rows, e);
        return st ? st : gemm_weights_set(p->packed, 0, p->rows, rows, e);
    }
    for (int i = 0; i < p->parts && st == ST_OK; first += p->part_rows[i++])
        st = gemm_weights_set(p->packed, first, p->part_rows[i], p->part[i]->data, e);
    return st;
}

static size_t plain_bytes(const struct nn_param *p)
{
    return (size_t)(p->rows * p->columns) * sizeof(float);
}

/* What packing makes of a parameter, rounded up so that the next begins aligned. Only matrices
 * that gemm.h lays out have p->packed. */
static size_t packed_bytes(const struct nn_param *p)
{
    size_t bytes = p->packed ? gemm_weights_bytes(p->packed) : plain_bytes(p);
    return p->use == NN_TABLE ? 0 : (bytes + 63) / 64 * 64;
}

/* Room for the whole block and for one matrix as f32, where some matrix needs converting. */
static enum status block_make(struct nn_params *ps, float **rows, struct err *e)
{
    size_t bytes = 64, most = 0;
    for (int i = 0; i < ps->count; i++) {
        const struct nn_param *p = &ps->items[i];
        bytes += packed_bytes(p);
        if (p->packed && !stored_ready(p) && plain_bytes(p) > most) most = plain_bytes(p);
    }
    ps->block = mem_alloc_aligned(bytes);
    if (!ps->block) return mem_err(e, bytes);
    *rows = mem_alloc_aligned(most);
    return *rows ? ST_OK : mem_err(e, most);
}

static enum status block_fill(struct nn_params *ps, float *rows, struct err *e)
{
    char *at = ps->block;
    for (int i = 0; i < ps->count; i++) {
        struct nn_param *p = &ps->items[i];
        enum status st = ST_OK;
        size_t bytes = packed_bytes(p);
        if (p->packed) {
            st = gemm_weights_place(p->packed, at, e);
            if (st == ST_OK) st = matrix_pack(p, rows, e);
        } else if (p->use != NN_TABLE) {
            p->plain = (float *)(void *)at;
            st = nn_param_get(p, 0, p->rows, p->plain, e);
        }
        if (st) return st;
        for (int k = 0; k < p->parts && bytes > 0 && ps->done; k++) ps->done(p->part[k]);
        at += bytes;
    }
    return ST_OK;
}

enum status nn_params_pack(struct nn_params *ps, enum dtype dtype, bool reference, struct err *e)
{
    enum status st = ST_OK;
    float *rows = NULL;
    for (int i = 0; i < ps->count && st == ST_OK; i++) {
        struct nn_param *p = &ps->items[i];
        if (p->use == NN_MATRIX && !reference)
            st = gemm_weights_open(dtype, p->rows, p->columns, &p->packed, e);
    }
    if (st == ST_OK) st = block_make(ps, &rows, e);
    if (st == ST_OK) st = block_fill(ps, rows, e);
    mem_free_aligned(rows);
    ps->packed = st == ST_OK;
    if (st) unpack(ps);
    return st;
}
