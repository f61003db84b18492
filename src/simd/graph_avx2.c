/* graph_avx2.c - AVX2 kernels of the graph: half as wide as the AVX-512 ones, the same shapes. */
#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "simd/graph_kernels.h"

/* --- rotate ----------------------------------------------------------------------------------- */

static void flip(float *x, const uint16_t *sign, size_t n)
{
    const __m256i bit = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
    for (size_t i = 0; i < n; i += 8) {
        __m256i word = _mm256_set1_epi32(sign[i / 16] >> (i % 16));
        __m256i set = _mm256_cmpeq_epi32(_mm256_and_si256(word, bit), bit);
        __m256 top = _mm256_castsi256_ps(_mm256_slli_epi32(set, 31));
        _mm256_storeu_ps(x + i, _mm256_xor_ps(_mm256_loadu_ps(x + i), top));
    }
}

/* The three steps inside eight coordinates. */
static __m256 hadamard8(__m256 v)
{
    __m256 p = _mm256_permute_ps(v, 0xb1);
    v = _mm256_blend_ps(_mm256_add_ps(v, p), _mm256_sub_ps(p, v), 0xaa);
    p = _mm256_permute_ps(v, 0x4e);
    v = _mm256_blend_ps(_mm256_add_ps(v, p), _mm256_sub_ps(p, v), 0xcc);
    p = _mm256_permute2f128_ps(v, v, 0x01);
    return _mm256_blend_ps(_mm256_add_ps(v, p), _mm256_sub_ps(p, v), 0xf0);
}

static void hadamard(float *x, size_t n)
{
    for (size_t i = 0; i < n; i += 8) _mm256_storeu_ps(x + i, hadamard8(_mm256_loadu_ps(x + i)));
    for (size_t h = 8; h < n; h *= 2)
        for (size_t i = 0; i < n; i += 2 * h)
            for (size_t j = i; j < i + h; j += 8) {
                __m256 a = _mm256_loadu_ps(x + j), b = _mm256_loadu_ps(x + j + h);
                _mm256_storeu_ps(x + j, _mm256_add_ps(a, b));
                _mm256_storeu_ps(x + j + h, _mm256_sub_ps(a, b));
            }
    __m256 root = _mm256_set1_ps(1 / sqrtf((float)n));
    for (size_t i = 0; i < n; i += 8)
        _mm256_storeu_ps(x + i, _mm256_mul_ps(_mm256_loadu_ps(x + i), root));
}

static void rotate(float *x, const struct graph_rotation *r)
{
    for (int t = 0; t < r->turns; t++) {
        flip(x, r->sign + (size_t)t * (r->n / 16), r->n);
        hadamard(x + (t % 2 != 0 ? r->n - r->power : 0), r->power);
    }
}

/* --- bytes ------------------------------------------------------------------------------------ */

static __m128i load16(const void *p)
{
    return _mm_loadu_si128((const __m128i *)p);
}

static __m256i load32(const void *p)
{
    return _mm256_loadu_si256((const __m256i *)p);
}

/* 16-bit halves: products of a byte and a signed byte in pairs would not fit maddubs' 16 bits. */
static int32_t dot(const uint8_t *q, const int8_t *x, size_t n)
{
    __m256i sum = _mm256_setzero_si256();
    for (size_t i = 0; i < n; i += 16)
        sum = _mm256_add_epi32(sum,
            _mm256_madd_epi16(
                _mm256_cvtepu8_epi16(load16(q + i)), _mm256_cvtepi8_epi16(load16(x + i))));
    __m128i s = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
    s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0x4e));
    return _mm_cvtsi128_si32(_mm_add_epi32(s, _mm_shuffle_epi32(s, 0xb1)));
}

static uint32_t most(const uint32_t *x, size_t n)
{
    __m256i top = _mm256_setzero_si256();
    uint32_t lane[8], all = 0;
    for (size_t i = 0; i < n; i += 8) top = _mm256_max_epu32(top, load32(x + i));
    memcpy(lane, &top, sizeof lane);
    for (int i = 0; i < 8; i++) all = lane[i] > all ? lane[i] : all;
    return all;
}

/* --- the query's table ------------------------------------------------------------------------ */

static float absolute(float x)
{
    return x < 0 ? -x : x;
}

/* The 16 sums of a group: entry i is that of |v_j| where bit j of i agrees with v_j's sign, and a
 * half to round by. */
static void entries(uint8_t *out, const float *q, float per)
{
    float low[4], pair[8];
    for (int i = 0; i < 4; i++) {
        low[i] = 0.5F;
        for (int j = 0; j < 2; j++)
            if ((i >> j & 1) == (q[j] > 0)) low[i] += absolute(q[j] * per);
        pair[i] = 0;
        for (int j = 0; j < 2; j++)
            if ((i >> j & 1) == (q[j + 2] > 0)) pair[i] += absolute(q[j + 2] * per);
    }
    for (int i = 0; i < 16; i++) out[i] = (uint8_t)(low[i & 3] + pair[i >> 2]);
}

static void look(struct graph_query *query, uint8_t *table, const float *q)
{
    float wide = 0, least = 0, all = 0, top = (float)graph_entry_max(query->n);
    for (size_t g = 0; g < query->n; g += 4) {
        float sum = 0;
        for (size_t j = g; j < g + 4; j++) {
            sum += absolute(q[j]);
            least += q[j] < 0 ? q[j] : 0;
            all += q[j];
        }
        wide = sum > wide ? sum : wide;
    }
    float per = wide > 0 ? (top - 0.5F) / wide : 0;
    for (size_t g = 0; g < query->n; g += 4) entries(table + g * 4, q + g, per);
    float levels = (float)((1 << query->planes) - 1);
    query->table = table;
    query->step = per > 0 ? 1 / per : 0;
    query->shift = levels * least - levels / 2 * all;
}

/* --- estimates -------------------------------------------------------------------------------- */

/* Lanes are groups: their 16-bit sums are added up; 16 sums of 32 bits. */
static void sixteen(__m256i both, __m256i odd, __m256i out[2])
{
    __m256i even = _mm256_sub_epi16(both, _mm256_slli_epi16(odd, 8));
    __m128i e = _mm_add_epi16(_mm256_castsi256_si128(even), _mm256_extracti128_si256(even, 1));
    __m128i o = _mm_add_epi16(_mm256_castsi256_si128(odd), _mm256_extracti128_si256(odd, 1));
    out[0] = _mm256_cvtepu16_epi32(_mm_unpacklo_epi16(e, o));
    out[1] = _mm256_cvtepu16_epi32(_mm_unpackhi_epi16(e, o));
}

struct scan {
    const uint8_t *table;
    size_t bytes;
};

static void plane(const struct scan *s, const uint8_t *code, const uint8_t *next, __m256i out[4])
{
    const __m256i nibble = _mm256_set1_epi8(15);
    __m256i l0 = _mm256_setzero_si256(), l1 = l0, h0 = l0, h1 = l0;
    for (size_t i = 0; i < s->bytes; i += 32) {
        __m256i c = load32(code + i), t = load32(s->table + i);
        if (i % 64 == 0) _mm_prefetch((const char *)next + i, _MM_HINT_T0);
        __m256i l = _mm256_shuffle_epi8(t, _mm256_and_si256(c, nibble));
        __m256i h = _mm256_shuffle_epi8(t, _mm256_and_si256(_mm256_srli_epi16(c, 4), nibble));
        l0 = _mm256_add_epi16(l0, l);
        h0 = _mm256_add_epi16(h0, h);
        l1 = _mm256_add_epi16(l1, _mm256_srli_epi16(l, 8));
        h1 = _mm256_add_epi16(h1, _mm256_srli_epi16(h, 8));
    }
    sixteen(l0, l1, out);
    sixteen(h0, h1, out + 2);
}

static uint32_t estimate(float *est, const struct graph_query *query, const struct graph_edges *b,
    const float *ends, const uint8_t *next)
{
    const struct scan s = {query->table, query->n * 4};
    const __m256 step = _mm256_set1_ps(query->step), shift = _mm256_set1_ps(query->shift);
    __m256i sum[4], more[4];
    uint32_t near = 0;
    plane(&s, b->code, next, sum);
    for (size_t p = 1; p < (size_t)query->planes; p++) {
        plane(&s, b->code + p * s.bytes, next + p * s.bytes, more);
        for (int i = 0; i < 4; i++)
            sum[i] = _mm256_add_epi32(_mm256_add_epi32(sum[i], sum[i]), more[i]);
    }
    for (int i = 0; i < 4; i++) {
        __m256 x = _mm256_add_ps(_mm256_mul_ps(_mm256_cvtepi32_ps(sum[i]), step), shift);
        x = _mm256_mul_ps(_mm256_loadu_ps(b->mul + i * 8), x);
        x = _mm256_add_ps(_mm256_loadu_ps(b->add + i * 8), x);
        x = _mm256_add_ps(x, _mm256_set1_ps(ends[0]));
        _mm256_storeu_ps(est + i * 8, x);
        __m256 less = _mm256_cmp_ps(x, _mm256_set1_ps(ends[1]), _CMP_LT_OQ);
        near |= (uint32_t)_mm256_movemask_ps(less) << (i * 8);
    }
    return near;
}

/* --- an edge's code --------------------------------------------------------------------------- */

static __m256 coordinates(const struct graph_bytes *v, size_t i)
{
    __m256i wide =
        _mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)(v->at + i)));
    return _mm256_mul_ps(_mm256_cvtepi32_ps(wide), _mm256_set1_ps(v->scale));
}

static __m256 add_product(__m256 sum, __m256 a, __m256 b)
{
    return _mm256_add_ps(sum, _mm256_mul_ps(a, b));
}

static float folded(const __m256 v[2])
{
    float lane[GRAPH_LANES];
    _mm256_storeu_ps(lane, v[0]);
    _mm256_storeu_ps(lane + 8, v[1]);
    return graph_fold(lane);
}

static float residual_square(const struct graph_bytes *c, const struct graph_bytes *o, size_t n)
{
    __m256 rr[2] = {_mm256_setzero_ps(), _mm256_setzero_ps()};
    for (size_t i = 0; i < n; i += 8) {
        __m256 r = _mm256_sub_ps(coordinates(o, i), coordinates(c, i));
        rr[i / 8 % 2] = add_product(rr[i / 8 % 2], r, r);
    }
    return folded(rr);
}

/* Bit `bit` of eight levels. */
static unsigned bits_of(__m256i u, int bit)
{
    return (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_slli_epi32(u, 31 - bit)));
}

static void encode(struct graph_code *out, const struct graph_bytes *c, const struct graph_bytes *o,
    size_t n, int planes)
{
    __m256 xr[2] = {_mm256_setzero_ps(), _mm256_setzero_ps()}, xc[2] = {xr[0], xr[0]};
    float square = residual_square(c, o, n);
    float width = graph_level(planes) * sqrtf(square / (float)n);
    const int half = 1 << (planes - 1);
    const __m256 per = _mm256_set1_ps(width > 0 ? 1 / width : 0);
    const __m256 low = _mm256_set1_ps((float)-half), high = _mm256_set1_ps((float)(half - 1));
    const __m256 middle = _mm256_set1_ps((float)(2 * half - 1) * 0.5F);
    uint8_t *bytes = (uint8_t *)out->bits;
    for (size_t i = 0; i < n; i += 8) {
        size_t k = i / 8 % 2;
        __m256 at = coordinates(c, i), r = _mm256_sub_ps(coordinates(o, i), at);
        __m256 level = _mm256_floor_ps(_mm256_mul_ps(r, per));
        level = _mm256_min_ps(_mm256_max_ps(level, low), high);
        __m256i u = _mm256_cvtps_epi32(_mm256_sub_ps(level, low));
        __m256 x = _mm256_sub_ps(_mm256_cvtepi32_ps(u), middle);
        xr[k] = add_product(xr[k], x, r);
        xc[k] = add_product(xc[k], x, at);
        for (int p = 0; p < planes; p++)
            bytes[(size_t)p * (n / 8) + i / 8] = (uint8_t)bits_of(u, planes - 1 - p);
    }
    graph_factors(out, square, folded(xr), folded(xc));
}

const struct simd_graph simd_graph_avx2 = {.rotate = rotate,
    .dot = dot,
    .look = look,
    .estimate = estimate,
    .encode = encode,
    .most = most};
#else
typedef int not_for_this_cpu;
#endif
