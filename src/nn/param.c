/* param.c - see param.h. Packing reads a matrix as f32, whatever it is stored as, then lets gemm.h
 * lay it out. */
#include "nn/param.h"

#include <string.h>

#include "base/mem.h"

void nn_params_init(struct nn_params *ps)
{
    *ps = (struct nn_params){0};
}

void nn_params_deinit(struct nn_params *ps)
{
    for (int i = 0; i < ps->count; i++) {
        mem_free_aligned(ps->items[i].plain);
        gemm_weights_close(ps->items[i].packed);
    }
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

static enum status plain_pack(struct nn_param *p, struct err *e)
{
    size_t bytes = (size_t)(p->rows * p->columns) * sizeof(float);
    p->plain = mem_alloc_aligned(bytes);
    return p->plain ? nn_param_get(p, 0, p->rows, p->plain, e) : mem_err(e, bytes);
}

static enum status matrix_pack(struct nn_param *p, enum dtype dtype, struct err *e)
{
    enum status st = gemm_weights_open(dtype, p->rows, p->columns, &p->packed, e);
    if (st) return st;
    size_t bytes = (size_t)(p->rows * p->columns) * sizeof(float);
    float *rows = mem_alloc_aligned(bytes);
    if (!rows) return mem_err(e, bytes);
    st = nn_param_get(p, 0, p->rows, rows, e);
    if (st == ST_OK) st = gemm_weights_set(p->packed, rows, e);
    mem_free_aligned(rows);
    return st;
}

enum status nn_params_pack(struct nn_params *ps, enum dtype dtype, bool reference, struct err *e)
{
    for (int i = 0; i < ps->count; i++) {
        struct nn_param *p = &ps->items[i];
        enum status st = ST_OK;
        if (p->plain || p->packed) /* from a try that ran out of memory */
            continue;
        if (p->use == NN_VECTOR || (p->use == NN_MATRIX && reference))
            st = plain_pack(p, e);
        else if (p->use == NN_MATRIX)
            st = matrix_pack(p, dtype, e);
        if (st) {
            mem_free_aligned(p->plain);
            gemm_weights_close(p->packed);
            p->plain = NULL;
            p->packed = NULL;
            return st;
        }
    }
    ps->packed = true;
    return ST_OK;
}
