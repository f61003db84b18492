/* attend_avx512.c - see attend.h. Both products are one loop: rows of pairs times packed columns of
 * pairs, a tile of 4 rows by 64 columns in registers. */
#include "nn/attend.h"

#include <immintrin.h>
#include <string.h>

#include "nn/kernels.h"

enum { TILE_ROWS = 4, LANES = NN_ATTEND_STEP, TILE_VECTORS = 4 };

static size_t round_up(size_t n, size_t step)
{
    return (n + step - 1) / step * step;
}

/* Scratch: keys and values packed, then scores, weights and sums of four rows. */
struct room {
    uint32_t *keys;   /* [size / 2][padded] */
    uint32_t *values; /* [padded / 2][size] */
    float *scores;    /* [4][padded] */
    uint16_t *weights;
    float *sums; /* [4][size] */
    size_t padded;
};

static struct room room_lay(void *scratch, size_t keys, size_t size)
{
    struct room r = {.padded = round_up(keys, LANES)};
    r.keys = scratch;
    r.values = r.keys + size / 2 * r.padded;
    r.scores = (float *)(void *)(r.values + r.padded / 2 * size);
    r.sums = r.scores + TILE_ROWS * r.padded;
    r.weights = (uint16_t *)(void *)(r.sums + TILE_ROWS * size);
    return r;
}

size_t nn_attend_bytes(size_t keys, size_t size)
{
    size_t padded = round_up(keys, LANES);
    size_t bytes = size / 2 * padded * 4 + padded / 2 * size * 4 + TILE_ROWS * (padded + size) * 4 +
        TILE_ROWS * padded * 2;
    return round_up(bytes, 64);
}

/* The next head's values stand behind this one's in every row, a page apart from row to row, where
 * no hardware prefetcher follows. */
static inline void next_head(const uint16_t *row, size_t size)
{
    for (size_t i = 0; i < size; i += 32) _mm_prefetch((const char *)(row + size + i), _MM_HINT_T0);
}

static inline __m512i pair_at(const uint16_t *p)
{
    int32_t pair;
    memcpy(&pair, p, sizeof pair);
    return _mm512_set1_epi32(pair);
}

/* Transposes 16 x 16 units of 32 bits: at each stage, rows that differ in one bit of their number
 * exchange the columns that differ in the same bit. */
static inline void transpose(__m512i row[LANES])
{
    const __m512i lane = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    for (int bit = 1; bit < LANES; bit *= 2) {
        const __m512i step = _mm512_set1_epi32(bit), second = _mm512_set1_epi32(LANES);
        const __mmask16 high = _mm512_test_epi32_mask(lane, step);
        const __m512i low_index =
            _mm512_mask_add_epi32(lane, high, _mm512_sub_epi32(lane, step), second);
        const __m512i high_index =
            _mm512_mask_add_epi32(_mm512_add_epi32(lane, step), high, lane, second);
        for (int i = 0; i < LANES; i++) {
            if (i & bit) continue;
            const __m512i x = row[i], y = row[i + bit];
            row[i] = _mm512_permutex2var_epi32(x, low_index, y);
            row[i + bit] = _mm512_permutex2var_epi32(x, high_index, y);
        }
    }
}

/* Pairs of a key go down a column. Keys behind the last are zero. */
static void keys_pack(const struct nn_attend *a, const struct room *r)
{
    for (size_t key = 0; key < r->padded; key += LANES)
        for (size_t pair = 0; pair < a->size / 2; pair += LANES) {
            __m512i row[LANES];
            size_t left = a->size / 2 - pair; /* 8 or more: a head is a multiple of 16 values */
            const __mmask16 some = (__mmask16)(left >= LANES ? 0xffffu : (1u << left) - 1);
            for (size_t i = 0; i < LANES; i++) {
                const uint16_t *from = a->k + (key + i) * a->kv_step + 2 * pair;
                row[i] = key + i < a->keys ? _mm512_maskz_loadu_epi32(some, from)
                                           : _mm512_setzero_si512();
                if (pair == 0 && key + i < a->keys) next_head(from, a->size);
            }
            transpose(row);
            for (size_t i = 0; i < LANES && i < left; i++)
                _mm512_storeu_si512(r->keys + (pair + i) * r->padded + key, row[i]);
        }
}

/* Two rows of values interleaved; an odd last row with zeros. */
static void values_pack(const struct nn_attend *a, const struct room *r)
{
    for (size_t key = 0; key < r->padded; key += 2) {
        const uint16_t *row = a->v + key * a->kv_step;
        uint32_t *to = r->values + key / 2 * a->size;
        if (key < a->keys) next_head(row, a->size);
        if (key + 1 < a->keys) next_head(row + a->kv_step, a->size);
        for (size_t i = 0; i < a->size; i += LANES) {
            __m256i even = _mm256_setzero_si256(), odd = even;
            if (key < a->keys) even = _mm256_loadu_si256((const __m256i *)(const void *)(row + i));
            if (key + 1 < a->keys)
                odd = _mm256_loadu_si256((const __m256i *)(const void *)(row + a->kv_step + i));
            const __m512i low = _mm512_cvtepu16_epi32(even);
            const __m512i high = _mm512_slli_epi32(_mm512_cvtepu16_epi32(odd), 16);
            _mm512_storeu_si512(to + i, _mm512_or_si512(low, high));
        }
    }
}

/* c [4][columns] = pairs of rows times packed columns; vectors of them at once. */
struct tile {
    const uint16_t *row[TILE_ROWS];
    const uint32_t *columns;
    size_t step;  /* from one pair of packed columns to the next */
    size_t pairs; /* to sum over */
    float *out;
    size_t out_step;
};

static inline __attribute__((always_inline)) void tile_run(const struct tile *t, size_t vectors)
{
    __m512 sum[TILE_ROWS][TILE_VECTORS];
    for (size_t r = 0; r < TILE_ROWS; r++)
        for (size_t v = 0; v < vectors; v++) sum[r][v] = _mm512_setzero_ps();
    for (size_t i = 0; i < t->pairs; i++) {
        __m512bh column[TILE_VECTORS];
        for (size_t v = 0; v < vectors; v++)
            column[v] = (__m512bh)_mm512_loadu_si512(t->columns + i * t->step + v * LANES);
        for (size_t r = 0; r < TILE_ROWS; r++) {
            const __m512bh pair = (__m512bh)pair_at(t->row[r] + 2 * i);
            for (size_t v = 0; v < vectors; v++)
                sum[r][v] = _mm512_dpbf16_ps(sum[r][v], column[v], pair);
        }
    }
    for (size_t r = 0; r < TILE_ROWS; r++)
        for (size_t v = 0; v < vectors; v++)
            _mm512_storeu_ps(t->out + r * t->out_step + v * LANES, sum[r][v]);
}

/* All columns, a multiple of 16 of them. */
static void tiles_run(struct tile t, size_t columns)
{
    size_t vectors = columns / LANES;
    for (; vectors >= TILE_VECTORS; vectors -= TILE_VECTORS) {
        tile_run(&t, TILE_VECTORS);
        t.columns += TILE_VECTORS * LANES;
        t.out += TILE_VECTORS * LANES;
    }
    if (vectors == 3) tile_run(&t, 3);
    if (vectors == 2) tile_run(&t, 2);
    if (vectors == 1) tile_run(&t, 1);
}

/* Query rows first .. first + 3; rows behind the last repeat it and are not stored. */
static void rows_attend(const struct nn_attend *a, const struct room *r, size_t first)
{
    size_t rows = a->queries - first < TILE_ROWS ? a->queries - first : TILE_ROWS;
    struct tile t = {.columns = r->keys,
        .step = r->padded,
        .pairs = a->size / 2,
        .out = r->scores,
        .out_step = r->padded};
    for (size_t i = 0; i < TILE_ROWS; i++) {
        t.row[i] = a->q + (first + (i < rows ? i : rows - 1)) * a->q_step;
        next_head(t.row[i], a->size);
    }
    tiles_run(t, r->padded);
    const struct nn_softmax how = {.n = r->padded,
        .rows = rows,
        .causal = a->causal,
        .valid = a->seen + (a->causal ? first : 0),
        .scale = a->scale};
    nn_kernels_avx512.softmax_bf16(r->weights, r->scores, &how);
    struct tile sum = {.columns = r->values,
        .step = a->size,
        .pairs = (a->keys + 1) / 2,
        .out = r->sums,
        .out_step = a->size};
    for (size_t i = 0; i < TILE_ROWS; i++)
        sum.row[i] = r->weights + (i < rows ? i : rows - 1) * r->padded;
    tiles_run(sum, a->size);
    for (size_t i = 0; i < rows; i++)
        nn_kernels_avx512.to_bf16(
            a->out + (first + i) * a->out_step, r->sums + i * a->size, a->size);
}

void nn_attend_bf16(const struct nn_attend *a, void *scratch)
{
    const struct room r = room_lay(scratch, a->keys, a->size);
    keys_pack(a, &r);
    values_pack(a, &r);
    for (size_t first = 0; first < a->queries; first += TILE_ROWS) rows_attend(a, &r, first);
}
