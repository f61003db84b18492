/* graph_avx512.c - AVX-512 kernels of the graph; VNNI for dot. */
#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>

#include "simd/graph_kernels.h"

/* --- rotate ----------------------------------------------------------------------------------- */

static void flip(float *x, const uint16_t *sign, size_t n)
{
    const __m512i top = _mm512_set1_epi32((int)0x80000000U);
    for (size_t i = 0; i < n; i += 16) {
        __m512i v = _mm512_loadu_si512(x + i);
        _mm512_storeu_si512(x + i, _mm512_mask_xor_epi32(v, sign[i / 16], v, top));
    }
}

/* The four steps inside sixteen coordinates. */
static __m512 hadamard16(__m512 v)
{
    __m512 p = _mm512_permute_ps(v, 0xb1);
    v = _mm512_mask_sub_ps(_mm512_add_ps(v, p), 0xaaaa, p, v);
    p = _mm512_permute_ps(v, 0x4e);
    v = _mm512_mask_sub_ps(_mm512_add_ps(v, p), 0xcccc, p, v);
    p = _mm512_shuffle_f32x4(v, v, 0xb1);
    v = _mm512_mask_sub_ps(_mm512_add_ps(v, p), 0xf0f0, p, v);
    p = _mm512_shuffle_f32x4(v, v, 0x4e);
    return _mm512_mask_sub_ps(_mm512_add_ps(v, p), 0xff00, p, v);
}

static void hadamard(float *x, size_t n)
{
    for (size_t i = 0; i < n; i += 16) _mm512_storeu_ps(x + i, hadamard16(_mm512_loadu_ps(x + i)));
    for (size_t h = 16; h < n; h *= 2)
        for (size_t i = 0; i < n; i += 2 * h)
            for (size_t j = i; j < i + h; j += 16) {
                __m512 a = _mm512_loadu_ps(x + j), b = _mm512_loadu_ps(x + j + h);
                _mm512_storeu_ps(x + j, _mm512_add_ps(a, b));
                _mm512_storeu_ps(x + j + h, _mm512_sub_ps(a, b));
            }
    __m512 root = _mm512_set1_ps(1 / sqrtf((float)n));
    for (size_t i = 0; i < n; i += 16)
        _mm512_storeu_ps(x + i, _mm512_mul_ps(_mm512_loadu_ps(x + i), root));
}

static void rotate(float *x, const struct graph_rotation *r)
{
    for (int t = 0; t < r->turns; t++) {
        flip(x, r->sign + (size_t)t * (r->n / 16), r->n);
        hadamard(x + (t % 2 != 0 ? r->n - r->power : 0), r->power);
    }
}

/* --- bytes ------------------------------------------------------------------------------------ */

/* The rest of x is read as the 64 bytes that end it, not as a masked load that begins it: what such
 * a load masks out may lie in a line that is nowhere near, and it waits for that line. */
static int32_t dot(const uint8_t *q, const int8_t *x, size_t n)
{
    __m512i s0 = _mm512_setzero_si512(), s1 = s0;
    size_t i = 0;
    for (; i + 128 <= n; i += 128) {
        s0 = _mm512_dpbusd_epi32(s0, _mm512_loadu_si512(q + i), _mm512_loadu_si512(x + i));
        s1 =
            _mm512_dpbusd_epi32(s1, _mm512_loadu_si512(q + i + 64), _mm512_loadu_si512(x + i + 64));
    }
    if (i + 64 <= n) {
        s0 = _mm512_dpbusd_epi32(s0, _mm512_loadu_si512(q + i), _mm512_loadu_si512(x + i));
        i += 64;
    }
    if (i < n && n >= 64) {
        const uint8_t *last = q + n - 64;
        __mmask64 fresh = ~(__mmask64)0 << (64 - (n - i));
        s1 = _mm512_dpbusd_epi32(
            s1, _mm512_maskz_loadu_epi8(fresh, last), _mm512_loadu_si512(x + n - 64));
    } else if (i < n) {
        __mmask64 rest = ((__mmask64)1 << n) - 1;
        s1 = _mm512_dpbusd_epi32(
            s1, _mm512_maskz_loadu_epi8(rest, q), _mm512_maskz_loadu_epi8(rest, x));
    }
    return _mm512_reduce_add_epi32(_mm512_add_epi32(s0, s1));
}

static uint32_t most(const uint32_t *x, size_t n)
{
    __m512i top = _mm512_setzero_si512();
    for (size_t i = 0; i < n; i += 16) top = _mm512_max_epu32(top, _mm512_loadu_si512(x + i));
    return _mm512_reduce_max_epu32(top);
}

/* --- the query's table ------------------------------------------------------------------------ */

/* Sums of absolute values of four neighbours, in the first of each four lanes. */
static float widest(const float *q, size_t n)
{
    __m512 top = _mm512_setzero_ps();
    for (size_t i = 0; i < n; i += 16) {
        __m512 v = _mm512_abs_ps(_mm512_loadu_ps(q + i));
        __m512 pair = _mm512_add_ps(v, _mm512_permute_ps(v, 0xb1));
        top = _mm512_max_ps(top, _mm512_add_ps(pair, _mm512_permute_ps(pair, 0x4e)));
    }
    return _mm512_reduce_max_ps(top);
}

/* The 16 sums of a group; v holds its four coordinates, scaled, in each four lanes: entry i is the
 * sum of |v_j| where bit j of i agrees with the sign of v_j. */
static __m128i entries(__m128 four)
{
    static const uint16_t BIT[4] = {0xaaaa, 0xcccc, 0xf0f0, 0xff00};
    __m512 v = _mm512_broadcast_f32x4(four), sum = _mm512_set1_ps(0.5F);
    const __m512 zero = _mm512_setzero_ps();
    __m512 c[4] = {_mm512_permute_ps(v, 0x00), _mm512_permute_ps(v, 0x55),
        _mm512_permute_ps(v, 0xaa), _mm512_permute_ps(v, 0xff)};
    for (int j = 0; j < 4; j++) {
        __m512 plus = _mm512_max_ps(c[j], zero), minus = _mm512_sub_ps(plus, c[j]);
        sum = _mm512_add_ps(sum, _mm512_mask_blend_ps(BIT[j], minus, plus));
    }
    return _mm512_cvtusepi32_epi8(_mm512_cvttps_epu32(sum));
}

static void look(struct graph_query *query, uint8_t *table, const float *q)
{
    size_t n = query->n;
    float wide = widest(q, n), top = (float)graph_entry_max(n);
    float per = wide > 0 ? (top - 0.5F) / wide : 0;
    __m512 least = _mm512_setzero_ps(), all = least;
    for (size_t i = 0; i < n; i += 16) {
        __m512 v = _mm512_loadu_ps(q + i);
        least = _mm512_add_ps(least, _mm512_min_ps(v, _mm512_setzero_ps()));
        all = _mm512_add_ps(all, v);
    }
    for (size_t g = 0; g < n; g += 4) {
        __m128 four = _mm_mul_ps(_mm_loadu_ps(q + g), _mm_set1_ps(per));
        _mm_storeu_si128((__m128i *)(void *)(table + g * 4), entries(four));
    }
    float levels = (float)((1 << query->planes) - 1);
    query->table = table;
    query->step = per > 0 ? 1 / per : 0;
    query->shift = levels * _mm512_reduce_add_ps(least) - levels / 2 * _mm512_reduce_add_ps(all);
}

/* --- estimates -------------------------------------------------------------------------------- */

/* Lanes are groups: their 16-bit sums are added up. */
static __m256i lanes(__m512i v)
{
    return _mm256_add_epi16(_mm512_castsi512_si256(v), _mm512_extracti64x4_epi64(v, 1));
}

static __m512i sixteen(__m512i both, __m512i odd)
{
    __m512i even = _mm512_sub_epi16(both, _mm512_slli_epi16(odd, 8));
    __m256i e = lanes(even), o = lanes(odd);
    __m128i e8 = _mm_add_epi16(_mm256_castsi256_si128(e), _mm256_extracti128_si256(e, 1));
    __m128i o8 = _mm_add_epi16(_mm256_castsi256_si128(o), _mm256_extracti128_si256(o, 1));
    __m256i all = _mm256_set_m128i(_mm_unpackhi_epi16(e8, o8), _mm_unpacklo_epi16(e8, o8));
    return _mm512_cvtepu16_epi32(all);
}

struct scan {
    const uint8_t *table;
    size_t bytes;
};

/* One plane: the looked-up sums of its 32 edges, 16 and 16. A sum fits 16 bits: table entries are
 * no larger than graph_entry_max. */
static inline __attribute__((always_inline)) void plane(
    const struct scan *s, const uint8_t *code, const uint8_t *next, __m512i *low, __m512i *high)
{
    const __m512i nibble = _mm512_set1_epi8(15);
    __m512i l0 = _mm512_setzero_si512(), l1 = l0, h0 = l0, h1 = l0;
    for (size_t i = 0; i < s->bytes; i += 64) {
        __m512i c = _mm512_loadu_si512(code + i), t = _mm512_loadu_si512(s->table + i);
        _mm_prefetch((const char *)next + i, _MM_HINT_T0);
        __m512i l = _mm512_shuffle_epi8(t, _mm512_and_si512(c, nibble));
        __m512i h = _mm512_shuffle_epi8(t, _mm512_and_si512(_mm512_srli_epi16(c, 4), nibble));
        l0 = _mm512_add_epi16(l0, l);
        h0 = _mm512_add_epi16(h0, h);
        l1 = _mm512_add_epi16(l1, _mm512_srli_epi16(l, 8));
        h1 = _mm512_add_epi16(h1, _mm512_srli_epi16(h, 8));
    }
    *low = sixteen(l0, l1);
    *high = sixteen(h0, h1);
}

static uint32_t sixteen_near(float *est, const struct graph_query *query, const float *factors,
    __m512i sum, const float *ends)
{
    const float *add = factors, *mul = factors + GRAPH_EDGES;
    __m512 x = _mm512_add_ps(_mm512_mul_ps(_mm512_cvtepi32_ps(sum), _mm512_set1_ps(query->step)),
        _mm512_set1_ps(query->shift));
    x = _mm512_add_ps(_mm512_loadu_ps(add), _mm512_mul_ps(_mm512_loadu_ps(mul), x));
    x = _mm512_add_ps(x, _mm512_set1_ps(ends[0]));
    _mm512_storeu_ps(est, x);
    return _mm512_cmp_ps_mask(x, _mm512_set1_ps(ends[1]), _CMP_LT_OQ);
}

static uint32_t estimate(float *est, const struct graph_query *query, const struct graph_edges *b,
    const float *ends, const uint8_t *next)
{
    __m512i low, high;
    size_t bytes = query->n * 4;
    const struct scan s = {query->table, bytes};
    plane(&s, b->code, next, &low, &high);
    for (int p = 1; p < query->planes; p++) {
        __m512i l, h;
        plane(&s, b->code + (size_t)p * bytes, next + (size_t)p * bytes, &l, &h);
        low = _mm512_add_epi32(_mm512_add_epi32(low, low), l);
        high = _mm512_add_epi32(_mm512_add_epi32(high, high), h);
    }
    uint32_t near = sixteen_near(est, query, b->add, low, ends);
    return near | sixteen_near(est + 16, query, b->add + 16, high, ends) << 16;
}

/* --- an edge's code --------------------------------------------------------------------------- */

static __m512 coordinates(const struct graph_bytes *v, size_t i)
{
    __m512i wide =
        _mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)(const void *)(v->at + i)));
    return _mm512_mul_ps(_mm512_cvtepi32_ps(wide), _mm512_set1_ps(v->scale));
}

static float folded(__m512 v)
{
    float lane[GRAPH_LANES];
    _mm512_storeu_ps(lane, v);
    return graph_fold(lane);
}

static void encode(struct graph_code *out, const struct graph_bytes *c, const struct graph_bytes *o,
    size_t n, int planes)
{
    __m512 rr = _mm512_setzero_ps(), xr = rr, xc = rr;
    for (size_t i = 0; i < n; i += 16) {
        __m512 r = _mm512_sub_ps(coordinates(o, i), coordinates(c, i));
        rr = _mm512_add_ps(rr, _mm512_mul_ps(r, r));
    }
    float square = folded(rr), width = graph_level(planes) * sqrtf(square / (float)n);
    const __m512 per = _mm512_set1_ps(width > 0 ? 1 / width : 0);
    const int half = 1 << (planes - 1);
    const __m512 low = _mm512_set1_ps((float)-half), high = _mm512_set1_ps((float)(half - 1));
    const __m512 middle = _mm512_set1_ps((float)(2 * half - 1) * 0.5F);
    for (size_t i = 0; i < n; i += 16) {
        __m512 at = coordinates(c, i), r = _mm512_sub_ps(coordinates(o, i), at);
        __m512 level =
            _mm512_roundscale_ps(_mm512_mul_ps(r, per), _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
        level = _mm512_min_ps(_mm512_max_ps(level, low), high);
        __m512i u = _mm512_cvtps_epi32(_mm512_sub_ps(level, low));
        __m512 x = _mm512_sub_ps(_mm512_cvtepi32_ps(u), middle);
        xr = _mm512_add_ps(xr, _mm512_mul_ps(x, r));
        xc = _mm512_add_ps(xc, _mm512_mul_ps(x, at));
        for (int p = 0; p < planes; p++)
            out->bits[(size_t)p * (n / 16) + i / 16] =
                _mm512_test_epi32_mask(u, _mm512_set1_epi32(half >> p));
    }
    graph_factors(out, square, folded(xr), folded(xc));
}

const struct simd_graph simd_graph_avx512 = {.rotate = rotate,
    .dot = dot,
    .look = look,
    .estimate = estimate,
    .encode = encode,
    .most = most};
#else
typedef int not_for_this_cpu;
#endif
