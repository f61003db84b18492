/* graph.c - the plain loops of graph.h, which are the specification, and the choice.
 *
 * Threads: everything here is constant after start.
 */
#include "simd/graph.h"

#include <math.h>
#include <string.h>

#include "simd/graph_kernels.h"

static void flip(float *x, const uint16_t *sign, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (sign[i / 16] >> (i % 16) & 1) x[i] = -x[i];
}

static void hadamard(float *x, size_t n)
{
    for (size_t h = 1; h < n; h *= 2)
        for (size_t i = 0; i < n; i++) {
            if (i & h) continue;
            float a = x[i], b = x[i + h];
            x[i] = a + b;
            x[i + h] = a - b;
        }
    float root = 1 / sqrtf((float)n);
    for (size_t i = 0; i < n; i++) x[i] *= root;
}

static void rotate(float *x, const struct graph_rotation *r)
{
    for (int t = 0; t < r->turns; t++) {
        flip(x, r->sign + (size_t)t * (r->n / 16), r->n);
        hadamard(x + (t % 2 != 0 ? r->n - r->power : 0), r->power);
    }
}

static int32_t dot(const uint8_t *q, const int8_t *x, size_t n)
{
    int32_t sum = 0;
    for (size_t i = 0; i < n; i++) sum += q[i] * x[i];
    return sum;
}

static void look(struct graph_query *query, uint8_t *table, const float *q)
{
    double least = 0, all = 0;
    float most = 0;
    for (size_t g = 0; g < query->n; g += 4) {
        float sum = fabsf(q[g]) + fabsf(q[g + 1]) + fabsf(q[g + 2]) + fabsf(q[g + 3]);
        if (sum > most) most = sum;
    }
    float top = (float)graph_entry_max(query->n), per = most > 0 ? (top - 0.5F) / most : 0;
    for (size_t g = 0; g < query->n; g += 4)
        for (int v = 0; v < 16; v++) {
            float sum = 0;
            for (int i = 0; i < 4; i++)
                if ((v >> i & 1) == (q[g + (size_t)i] > 0)) sum += fabsf(q[g + (size_t)i]);
            table[g * 4 + (size_t)v] = (uint8_t)(sum * per + 0.5F); /* at most top */
        }
    for (size_t i = 0; i < query->n; i++) {
        least += (double)(q[i] < 0 ? q[i] : 0);
        all += (double)q[i];
    }
    double levels = (double)((1 << query->planes) - 1);
    query->table = table;
    query->step = per > 0 ? 1 / per : 0;
    query->shift = (float)(levels * least - levels / 2 * all);
}

static uint32_t estimate(float *est, const struct graph_query *query, const struct graph_edges *b,
    const float *ends, const uint8_t *next)
{
    (void)next;
    uint32_t mask = 0;
    const uint8_t *code = b->code;
    uint32_t sum[GRAPH_EDGES] = {0};
    for (int p = query->planes - 1; p >= 0; p--)
        for (size_t g = 0; g < query->n / 4; g++, code += 16)
            for (size_t j = 0; j < 16; j++) {
                sum[j] += (uint32_t)query->table[g * 16 + (code[j] & 15)] << p;
                sum[j + 16] += (uint32_t)query->table[g * 16 + (code[j] >> 4)] << p;
            }
    for (size_t j = 0; j < GRAPH_EDGES; j++) {
        float x = (float)sum[j] * query->step + query->shift;
        est[j] = ends[0] + (b->add[j] + b->mul[j] * x);
        if (est[j] < ends[1]) mask |= 1U << j;
    }
    return mask;
}

static void encode(struct graph_code *out, const struct graph_bytes *c, const struct graph_bytes *o,
    size_t n, int planes)
{
    float rr[GRAPH_LANES] = {0}, xr[GRAPH_LANES] = {0}, xc[GRAPH_LANES] = {0};
    for (size_t i = 0; i < n; i++) {
        float r = o->scale * (float)o->at[i] - c->scale * (float)c->at[i];
        rr[i % GRAPH_LANES] += r * r;
    }
    float square = graph_fold(rr), width = graph_level(planes) * sqrtf(square / (float)n);
    float per = width > 0 ? 1 / width : 0;
    int levels = (1 << planes) - 1, half = 1 << (planes - 1);
    memset(out->bits, 0, (size_t)planes * (n / 16) * sizeof out->bits[0]);
    for (size_t i = 0; i < n; i++) {
        float at = c->scale * (float)c->at[i], r = o->scale * (float)o->at[i] - at;
        float level = floorf(r * per);
        level = level < (float)-half ? (float)-half : level;
        level = level > (float)(half - 1) ? (float)(half - 1) : level;
        int u = (int)level + half;
        float x = (float)u - (float)levels * 0.5F;
        xr[i % GRAPH_LANES] += x * r;
        xc[i % GRAPH_LANES] += x * at;
        for (int p = 0; p < planes; p++) {
            uint16_t *word = out->bits + (size_t)p * (n / 16) + i / 16;
            *word = (uint16_t)(*word | (u >> (planes - 1 - p) & 1) << (i % 16));
        }
    }
    graph_factors(out, square, graph_fold(xr), graph_fold(xc));
}

static uint32_t most(const uint32_t *x, size_t n)
{
    uint32_t top = 0;
    for (size_t i = 0; i < n; i++) top = x[i] > top ? x[i] : top;
    return top;
}

const struct simd_graph simd_graph_base = {.rotate = rotate,
    .dot = dot,
    .look = look,
    .estimate = estimate,
    .encode = encode,
    .most = most};

const struct simd_graph *simd_graph_get(const struct cpu *cpu)
{
#if defined(__x86_64__)
    if (cpu->isa >= CPU_AVX512 && cpu->vnni) return &simd_graph_avx512;
    if (cpu->isa >= CPU_AVX2) return &simd_graph_avx2;
#endif
    (void)cpu;
    return &simd_graph_base;
}
