/* graph_space.c - from rows and queries to prepared vectors, their bytes and their edges' codes.
 *
 * graph_parts.h says what prepared means. Everything here gives the same bits on every processor
 * and for any number of threads: sums that matter run in double or in a stated order.
 */
#include <math.h>
#include <string.h>

#include "vector/graph_parts.h"

enum { MEASURE_MAX = 65536 }; /* rows looked at for centre and scale */

static double square_of(const float *x, int dim)
{
    double sum = 0;
    for (int i = 0; i < dim; i++) sum += (double)x[i] * (double)x[i];
    return sum;
}

/* A row's length as the metric sees it; 0: it has no place. */
static double row_length(enum metric m, const float *x, int dim)
{
    double square = square_of(x, dim);
    if (!(square < 3e38)) return 0;
    if (m == METRIC_COSINE) return sqrt(square);
    return square >= 0 ? 1 : 0;
}

static void measure_length(struct graph_meta *meta, const struct vec_set *set)
{
    double most = 0;
    for (uint32_t r = 0; r < set->rows; r++) {
        double square = square_of(set->full + (size_t)r * (size_t)set->dim, set->dim);
        if (square < 3e38 && square > most) most = square;
    }
    meta->length = (float)sqrt(most);
}

/* The coordinate an inner product's row gets. */
static double extra(const struct graph_meta *meta, const float *row, int dim)
{
    double left = (double)meta->length * (double)meta->length - square_of(row, dim);
    return left > 0 ? sqrt(left) : 0;
}

static void measure_centre(struct graph_meta *meta, const struct vec_set *set, double *sum)
{
    size_t dim = (size_t)set->dim, step = set->rows / MEASURE_MAX + 1, count = 0;
    bool ip = set->metric == METRIC_IP;
    double square = 0;
    memset(sum, 0, (dim + 1) * sizeof *sum);
    for (size_t r = 0; r < set->rows; r += step) {
        const float *row = set->full + r * dim;
        double length = row_length(set->metric, row, set->dim);
        if (length <= 0) continue;
        for (size_t i = 0; i < dim; i++) sum[i] += (double)row[i] / length;
        double more = ip ? extra(meta, row, set->dim) : 0;
        sum[dim] += more;
        square += square_of(row, set->dim) / (length * length) + more * more;
        count++;
    }
    double mean_square = 0, divide = count > 0 ? (double)count : 1;
    for (size_t i = 0; i <= dim; i++) {
        meta->centre[i] = (float)(sum[i] / divide);
        mean_square += (double)meta->centre[i] * (double)meta->centre[i];
    }
    double spread = square / divide - mean_square;
    double scale = spread > 1e-30 ? 1 / sqrt(spread) : 1;
    meta->scale = (float)(scale < 1e15 ? scale : 1e15);
}

void graph_space_measure(struct graph_meta *meta, const struct vec_set *set)
{
    double sum[VEC_DIM_MAX + 1];
    meta->length = 0;
    if (set->metric == METRIC_IP) measure_length(meta, set);
    measure_centre(meta, set, sum);
}

static uint64_t mix(uint64_t *state) /* splitmix64 */
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

void graph_space_open(struct graph_space *sp, const struct vec_graph *g, const struct graph_meta *m)
{
    struct graph_shape shape;
    graph_shape_get(&shape, g);
    *sp = (struct graph_space){.metric = g->metric,
        .dim = g->dim,
        .length = m->length,
        .scale = m->scale,
        .centre = m->centre};
    size_t power = 16;
    while (power * 2 <= shape.n) power *= 2;
    sp->rotation = (struct graph_rotation){.n = shape.n,
        .power = power,
        .turns = power == shape.n ? 3 : GRAPH_TURNS,
        .sign = sp->sign};
    uint64_t state = m->seed ^ 0x726f74617465;
    size_t words = (size_t)sp->rotation.turns * (shape.n / 16);
    for (size_t i = 0; i < words; i++) sp->sign[i] = (uint16_t)(mix(&state) >> 48);
}

/* (x * by - centre) * scale, padded and rotated. */
static bool place(const struct graph_space *sp, const float *x, double by, double more, float *out)
{
    size_t dim = (size_t)sp->dim, n = sp->rotation.n;
    float factor = (float)by * sp->scale;
    if (!(factor < 1e30F)) return false;
    for (size_t i = 0; i < dim; i++) out[i] = x[i] * factor - sp->centre[i] * sp->scale;
    for (size_t i = dim; i < n; i++) out[i] = 0;
    if (sp->metric == METRIC_IP) out[dim] = ((float)more - sp->centre[dim]) * sp->scale;
    simd_graph_get(cpu_get())->rotate(out, &sp->rotation);
    return true;
}

bool graph_space_row(const struct graph_space *sp, const float *row, float *out)
{
    double length = row_length(sp->metric, row, sp->dim), more = 0;
    if (length <= 0) return false;
    if (sp->metric == METRIC_IP) {
        double left = (double)sp->length * (double)sp->length - square_of(row, sp->dim);
        more = left > 0 ? sqrt(left) : 0;
    }
    return place(sp, row, 1 / length, more, out);
}

bool graph_space_query(const struct graph_space *sp, const float *query, float *out)
{
    double length = 1;
    if (sp->metric != METRIC_L2) {
        double square = square_of(query, sp->dim);
        if (!(square > 0 && square < 3e38)) return false;
        length = sqrt(square);
        if (sp->metric == METRIC_IP) length /= sp->length > 0 ? (double)sp->length : 1;
    }
    if (!place(sp, query, 1 / length, 0, out)) return false;
    for (size_t i = 0; i < sp->rotation.n; i++)
        if (!(fabsf(out[i]) < 1e15F)) return false; /* so far off that no row is near */
    return true;
}

void graph_own_write(struct graph_own *own, const float *x, size_t n)
{
    float most = 0;
    for (size_t i = 0; i < n; i++) most = fabsf(x[i]) > most ? fabsf(x[i]) : most;
    float per = most > 1e-30F ? 127 / most : 0;
    int32_t sum = 0, square = 0;
    for (size_t i = 0; i < n; i++) {
        int v = (int)lrintf(x[i] * per);
        own->at[i] = (int8_t)(v > 127 ? 127 : v < -127 ? -127 : v);
        sum += own->at[i];
        square += own->at[i] * own->at[i];
    }
    own->scale = per > 0 ? most / 127 : 0;
    own->norm = own->scale * own->scale * (float)square;
    own->sum = sum;
    own->flags = own->degree = 0;
}

void graph_own_void(struct graph_own *own, size_t n)
{
    *own = (struct graph_own){.flags = GRAPH_VOID};
    memset(own->at, 0, n);
}

void graph_own_flip(uint8_t *out, const int8_t *at, size_t n)
{
    for (size_t i = 0; i < n; i += 8) {
        uint64_t eight;
        memcpy(&eight, at + i, 8);
        eight ^= 0x8080808080808080u;
        memcpy(out + i, &eight, 8);
    }
}

void graph_edge_write(
    struct graph_edges *b, int j, const struct graph_code *code, size_t n, int planes)
{
    size_t at = (size_t)(j & 15), shift = j < 16 ? 0 : 4;
    uint8_t *byte = b->code + at;
    for (size_t i = 0; i < (size_t)planes * (n / 16); i++, byte += 64) {
        unsigned word = code->bits[i];
        byte[0] = (uint8_t)(byte[0] | (word & 15) << shift);
        byte[16] = (uint8_t)(byte[16] | (word >> 4 & 15) << shift);
        byte[32] = (uint8_t)(byte[32] | (word >> 8 & 15) << shift);
        byte[48] = (uint8_t)(byte[48] | (word >> 12 & 15) << shift);
    }
    b->add[j] = code->add;
    b->mul[j] = code->mul;
}
