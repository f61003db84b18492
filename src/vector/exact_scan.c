/* exact_scan.c - the loops of an exact search: stretches of 1024 rows, each by its 4-bit codes,
 * then what they leave by the low nibbles, then what those leave by f32.
 *
 * Rows that a block's comparison keeps wait in a lane, so that the hot loop has no branch on data
 * and their cache misses overlap later. The limit (the k-th distance so far) falls while they wait:
 * each later step looks at it again. While there are fewer than k hits every row is kept; the most
 * promising k of the first stretch are then read first, and the limit they give settles the rest.
 *
 * Where few rows pass the condition, f32 rows are read at once: 64 rows of codes are more bytes
 * than they are, one after the other, so the crossing lies at a twelfth of the rows or less. They
 * are listed over stretches, so that each is fetched while others are read.
 */
#include <float.h>
#include <math.h>

#include "vector/codes_parts.h"
#include "vector/exact_parts.h"

enum {
    FEW_ON_AVERAGE = 5, /* rows that pass, in the blocks of a stretch that have any */
    FEW_IN_BLOCK = 2,
    LISTED_MIN = 256, /* of such rows: one fetches the other */
    LOW_AHEAD = 8,    /* candidates whose low nibbles are fetched meanwhile */
    FULL_AHEAD = 2,
    LINE_FLOATS = 16,
    AHEAD_FLOATS = 2048, /* of f32 rows, fetched before they are read: at most AHEAD_MAX rows */
    CHUNK = 16 /* f32 rows read for one query before the next: they stay in the L1 cache */
};

static void search_fail(struct search *s, enum status st, const struct err *e)
{
    pthread_mutex_lock(&s->x->scratch->lock);
    if (s->st == ST_OK) {
        s->st = st;
        if (s->e != NULL) *s->e = *e;
    }
    pthread_mutex_unlock(&s->x->scratch->lock);
    atomic_store(&s->stop, true);
}

static bool stopped(const struct search *s)
{
    return atomic_load_explicit(&s->stop, memory_order_relaxed);
}

static const float *full_row(const struct search *s, uint32_t slot)
{
    return s->x->set->full + (size_t)slot * (size_t)s->x->set->dim;
}

static bool touch_full(struct search *s, uint32_t slot)
{
    const struct vec_touch *t = s->x->touch;
    if (t == NULL || t->full == NULL) return true;
    struct err e = ERR_INIT;
    enum status st = t->full(t->user, slot, &e);
    if (st != ST_OK) search_fail(s, st, &e);
    return st == ST_OK;
}

static bool touch_low(struct search *s, uint32_t slot)
{
    const struct vec_touch *t = s->x->touch;
    if (t == NULL || t->low == NULL) return true;
    struct err e = ERR_INIT;
    enum status st = t->low(t->user, slot, &e);
    if (st != ST_OK) search_fail(s, st, &e);
    return st == ST_OK;
}

/* --- hits ------------------------------------------------------------------------------------- */

static double ask_limit(const struct ask *a)
{
    return atomic_load_explicit(&a->limit, memory_order_relaxed);
}

/* Under the lock. */
static bool probe_passes(struct search *s, const struct vec_hit *h)
{
    if (s->how->probe == NULL) return true;
    if (s->how->stats != NULL) s->how->stats->probes++;
    enum vec_verdict v = s->how->probe(s->how->probe_user, h->slot, h->rowid);
    if (v == VEC_STOP) {
        *s->how->stopped = true;
        atomic_store(&s->stop, true);
    }
    return v == VEC_PASSES;
}

/* A row and its distance, which is no farther than the limit was. */
static void offer(struct search *s, struct ask *a, uint32_t slot, double distance)
{
    const int64_t *rowids = s->x->set->rowids;
    struct vec_hit h = {distance, rowids != NULL ? rowids[slot] : (int64_t)slot, slot};
    struct err e = ERR_INIT;
    enum status st = ST_OK;
    pthread_mutex_lock(&s->x->scratch->lock);
    if (stopped(s)) {
        /* a probe or an error has ended it */
    } else if (s->list != NULL) {
        if (probe_passes(s, &h)) st = vec_list_add(s->list, &h, &e);
    } else if (vec_topk_wants(&a->top, &h) && probe_passes(s, &h)) {
        vec_topk_add(&a->top, &h);
        atomic_store_explicit(&a->limit, vec_topk_limit(&a->top), memory_order_relaxed);
    }
    pthread_mutex_unlock(&s->x->scratch->lock);
    if (st != ST_OK) search_fail(s, st, &e);
}

/* The row's own distance decides; NaN is none. */
static void settle(struct search *s, struct ask *a, uint32_t slot)
{
    const struct vec_set *set = s->x->set;
    double d = metric_distance(set->metric, a->query, full_row(s, slot), (size_t)set->dim);
    if (d <= ask_limit(a)) offer(s, a, slot, d);
}

/* --- f32 rows --------------------------------------------------------------------------------- */

/* What lane_maybe compares with, for a limit. Sums are off by relative of their terms and absolute
 * (ask_init), so what is farther than these is farther. */
static void screen_set(struct lane *l, const struct ask *a, enum metric m)
{
    double limit = l->limit, r = a->relative, least = 1 - limit - r;
    bool fit = a->query_square > 1e-20 && a->query_square < 1e36;
    switch (m) {
    case METRIC_COSINE:
        l->screen = fit && least > 0 ? least * least * a->query_square * (1 - r) : -INFINITY;
        return;
    case METRIC_IP:
        l->screen = -limit - a->absolute;
        l->slope = r * sqrt(a->query_square);
        return;
    case METRIC_L2: l->screen = limit * limit * (1 + r) + a->absolute; return;
    default: l->screen = limit * (1 + r) + a->absolute; return;
    }
}

/* The same in f32, 1e-5 and a subnormal number looser than its roundings; below 0 it tells nothing
 * (so near 0, too, that products might vanish). */
static void quick_set(struct lane *l, const struct ask *a, enum metric m)
{
    l->unit = 1;
    l->quick = (float)(l->screen * (1 + 1e-5)) + 0x1p-126F;
    if (m != METRIC_COSINE) return;
    l->quick = -1;
    if (!(l->screen > 1e-12 * a->query_square)) return;
    l->unit = (float)(1 / sqrt(a->query_square));
    l->quick = (float)(l->screen / a->query_square * (1 - 1e-5));
}

/* Follows the limit as it falls. */
static void lane_update(struct lane *l, const struct ask *a, enum metric m)
{
    double limit = ask_limit(a);
    if (limit == l->limit) return;
    l->limit = limit;
    l->need = a->coded ? vec_bound_need(&a->bound, limit) : 0;
    screen_set(l, a, m);
    quick_set(l, a, m);
}

/* Whether a row may be as near as the lane's limit. What is not finite or near underflow is left to
 * metric_distance. */
static bool lane_maybe(const struct lane *l, enum metric m, double value, double square)
{
    switch (m) {
    case METRIC_COSINE:
        if (square > 1e-20 && square < 1e36)
            return l->screen < 0 || (value > 0 && value * value >= l->screen * square);
        return true;
    case METRIC_IP:
        return !(value < l->screen - l->slope * sqrt(square) && value >= -(double)FLT_MAX);
    default: return !(value > l->screen && value <= (double)FLT_MAX);
    }
}

static void rows_kernel(
    const struct search *s, float *sums, float *squares, const struct simd_rows_in *in)
{
    switch (s->x->set->metric) {
    case METRIC_L2: s->rows->l2sq(sums, in); return;
    case METRIC_L1: s->rows->l1(sums, in); return;
    case METRIC_LINF: s->rows->linf(sums, in); return;
    default: s->rows->dot(sums, squares, in); return;
    }
}

typedef float four __attribute__((vector_size(16)));
typedef int32_t four_masks __attribute__((vector_size(16)));

/* Whether four sums are all farther than the lane's limit, seen in f32: most are. */
static bool lane_none(const struct lane *l, enum metric m, const float *sums, const float *squares)
{
    four value, square;
    four_masks far;
    memcpy(&value, sums, sizeof value);
    memcpy(&square, squares, sizeof square);
    if (m == METRIC_IP || l->quick < 0) return false;
    if (m == METRIC_COSINE) {
        value *= l->unit;
        far = (square > 1e-20F) & (square < 1e36F);
        far &= (value <= 0) | (value * value < l->quick * square);
    } else {
        far = (value > l->quick) & (value <= FLT_MAX);
    }
    return (far[0] & far[1] & far[2] & far[3]) != 0;
}

/* Reads some rows for a query; many (at most CHUNK) of them are there, the rest fills up to four.
 */
static void rows_look(
    struct search *s, struct ask *a, struct lane *l, struct simd_rows_in *in, uint32_t many)
{
    float sums[CHUNK], squares[CHUNK] = {0};
    enum metric m = s->x->set->metric;
    in->query = a->query;
    rows_kernel(s, sums, squares, in);
    for (uint32_t i = 0; i < many; i++) {
        while (i % SIMD_ROWS == 0 && i < many && lane_none(l, m, sums + i, squares + i))
            i += SIMD_ROWS;
        if (i >= many) return;
        if (!lane_maybe(l, m, (double)sums[i], (double)squares[i])) continue;
        settle(s, a, in->slots[i]);
        lane_update(l, a, m);
    }
}

static void prefetch_row(const struct search *s, uint32_t slot)
{
    const float *row = full_row(s, slot);
    for (int i = 0; i < s->x->set->dim && i < 8 * LINE_FLOATS; i += LINE_FLOATS)
        __builtin_prefetch(row + i);
}

/* Slots behind the list: what follows when all rows are read, so that fetching goes on over its
 * end. */
static void rows_extend(const struct search *s, struct worker *w, uint32_t many)
{
    uint32_t n = w->slot_count, last = w->slots[n - 1], end = s->x->set->rows - 1;
    uint32_t step = last - w->slots[0] == n - 1 ? 1 : 0;
    for (uint32_t i = 0; i < many; i++) {
        if (last < end) last += step;
        w->slots[n + i] = last;
    }
}

/* Reads the worker's listed rows for the queries that have codes, or for those that have none. */
static void rows_read(struct search *s, struct worker *w, struct lane *lanes, bool coded)
{
    uint32_t n = w->slot_count, dim = (uint32_t)s->x->set->dim;
    if (n == 0) return;
    uint32_t ahead = (AHEAD_FLOATS + dim - 1) / dim;
    if (ahead > AHEAD_MAX) ahead = AHEAD_MAX;
    rows_extend(s, w, ahead + SIMD_ROWS);
    struct simd_rows_in in = {.full = s->x->set->full, .dim = dim};
    for (uint32_t i = 0; i < n && !stopped(s); i += CHUNK) {
        uint32_t many = n - i < CHUNK ? n - i : CHUNK;
        for (uint32_t j = 0; s->x->touch != NULL && j < many; j++)
            if (!touch_full(s, w->slots[i + j])) return;
        in.slots = w->slots + i;
        in.count = (many + SIMD_ROWS - 1) / SIMD_ROWS * SIMD_ROWS;
        in.ahead = ahead;
        for (int q = 0; q < s->count; q++) {
            if (s->asks[q].coded != coded) continue;
            rows_look(s, &s->asks[q], &lanes[q], &in, many);
            in.ahead = 0;
            w->stats.rechecks += many;
        }
    }
    w->slot_count = 0;
}

/* --- candidates ------------------------------------------------------------------------------- */

/* Moves the m candidates of the highest scores to the front (Hoare's selection). */
static void candidates_select(struct candidate *at, uint32_t count, uint32_t m)
{
    uint32_t low = 0, high = count;
    while (high - low > 1 && low != m) {
        float pivot = at[low + (high - low) / 2].score;
        uint32_t i = low, j = high - 1;
        for (;;) {
            while (at[i].score > pivot) i++;
            while (at[j].score < pivot) j--;
            if (i >= j) break;
            struct candidate t = at[i];
            at[i++] = at[j];
            at[j--] = t;
        }
        uint32_t cut = i == low ? i + 1 : i; /* [low, cut) >= pivot >= [cut, high) */
        if (m < cut)
            high = cut;
        else
            low = cut;
    }
}

static void prefetch_low(const struct vec_codes *c, uint32_t slot)
{
    const uint8_t *low = codes_low(c, slot);
    size_t bytes = CODES_LOW_BYTES(SIMD_CODE_UNITS(c->dim));
    for (size_t i = 0; i < bytes && i < 512; i += 64) __builtin_prefetch(low + i);
}

/* By the low nibbles; those that stay move to the front. Returns how many. */
static uint32_t refine_low(
    struct search *s, struct worker *w, struct ask *a, struct lane *l, uint32_t range[2])
{
    size_t units = SIMD_CODE_UNITS(s->x->codes->dim);
    lane_update(l, a, s->x->set->metric);
    double need = l->need;
    uint32_t kept = range[0];
    for (uint32_t i = range[0]; i < range[1]; i++) {
        struct candidate *c = &l->candidates[i];
        if (i + LOW_AHEAD < range[1]) prefetch_low(s->x->codes, c[LOW_AHEAD].slot);
        if ((double)c->score < need) continue;
        if (!touch_low(s, c->slot)) return range[0];
        w->stats.codes8++;
        int32_t dot = s->code->row(codes_low(s->x->codes, c->slot) + 4, a->bound.query, units);
        double score = vec_bound_score8(&a->bound, c->slot, c->dot, dot);
        if (score < need) continue;
        struct candidate *to = &l->candidates[kept++];
        *to = (struct candidate){c->slot, c->dot, nextafterf((float)score, INFINITY)};
    }
    return kept;
}

static void refine(
    struct search *s, struct worker *w, struct ask *a, struct lane *l, uint32_t range[2])
{
    uint32_t end = refine_low(s, w, a, l, range);
    for (uint32_t i = range[0]; i < end && !stopped(s); i++) {
        if (i + FULL_AHEAD < end) prefetch_row(s, l->candidates[i + FULL_AHEAD].slot);
        lane_update(l, a, s->x->set->metric);
        if ((double)l->candidates[i].score < l->need) continue;
        if (!touch_full(s, l->candidates[i].slot)) return;
        w->stats.rechecks++;
        settle(s, a, l->candidates[i].slot);
    }
}

static void lane_empty(struct search *s, struct worker *w, struct ask *a, struct lane *l)
{
    uint32_t n = l->waiting, first = 0, k = s->how->k;
    if (s->list == NULL && ask_limit(a) == INFINITY && k < n / 2) {
        candidates_select(l->candidates, n, k);
        refine(s, w, a, l, (uint32_t[2]){0, k});
        first = k;
    }
    refine(s, w, a, l, (uint32_t[2]){first, n});
    l->waiting = 0;
}

/* --- stretches -------------------------------------------------------------------------------- */

/* The rows of a block that are there and pass. */
static uint64_t block_rows(const struct search *s, uint32_t block)
{
    uint32_t left = s->x->set->rows - block * 64;
    uint64_t rows = left >= 64 ? UINT64_MAX : ((uint64_t)1 << left) - 1;
    return s->how->pass != NULL ? rows & s->how->pass[block] : rows;
}

static void list_rows(struct worker *w, uint64_t rows, uint32_t block)
{
    if (rows == UINT64_MAX) {
        for (uint32_t i = 0; i < 64; i++) w->slots[w->slot_count + i] = block * 64 + i;
        w->slot_count += 64;
        return;
    }
    for (; rows != 0; rows &= rows - 1)
        w->slots[w->slot_count++] = block * 64 + (uint32_t)__builtin_ctzll(rows);
}

static void lane_add(
    struct lane *l, const struct vec_bound *b, const int32_t *dots, uint64_t kept, uint32_t block)
{
    for (; kept != 0; kept &= kept - 1) {
        uint32_t r = (uint32_t)__builtin_ctzll(kept), slot = block * 64 + r;
        l->candidates[l->waiting++] =
            (struct candidate){slot, dots[r], vec_bound_score4(b, slot, dots[r])};
        if (l->waiting < WAITING_MIN) prefetch_low(b->codes, slot);
    }
}

/* A block by its codes, for up to four queries that share the reading. */
static void block_scan(
    struct search *s, struct worker *w, struct lane *lanes, const int range[2], uint32_t block)
{
    const struct vec_codes *c = s->x->codes;
    const int8_t *queries[4];
    int count = range[1] - range[0];
    for (int i = 0; i < count; i++) queries[i] = s->asks[range[0] + i].bound.query;
    size_t units = SIMD_CODE_UNITS(c->dim);
    s->code->dots(w->dots, codes_block(c, block), queries, count, units);
    uint64_t rows = block_rows(s, block);
    const float *halves = c->metric == METRIC_L2 ? codes_halves(c) + (size_t)block * 64 : NULL;
    for (int i = 0; i < count; i++) {
        struct ask *a = &s->asks[range[0] + i];
        struct lane *l = &lanes[range[0] + i];
        struct simd_code_bound b = vec_bound_block(&a->bound, l->need, block);
        uint64_t kept =
            s->code->keep(&b, w->dots + 64 * i, codes_heads(c) + (size_t)block * 64, halves);
        lane_add(l, &a->bound, w->dots + 64 * i, kept & rows, block);
    }
}

static bool touch_codes(struct search *s, uint32_t block, uint32_t blocks)
{
    const struct vec_touch *t = s->x->touch;
    if (t == NULL || t->codes == NULL) return true;
    uint32_t first = block * 64, count = blocks * 64, left = s->x->set->rows - first;
    struct err e = ERR_INIT;
    enum status st = t->codes(t->user, first, count < left ? count : left, &e);
    if (st != ST_OK) search_fail(s, st, &e);
    return st == ST_OK;
}

/* Blocks [first, end), and which of them are read by their codes, a bit each. In the others the
 * rows that pass are few: their f32 vectors are fewer bytes. */
struct stretch {
    uint32_t first, end, dense;
};

static bool in_codes(const struct stretch *at, uint32_t block)
{
    return (at->dense >> (block - at->first) & 1) != 0;
}

static void stretch_choose(const struct search *s, struct stretch *at)
{
    int rows = 0, some = 0;
    at->dense = 0;
    for (uint32_t b = at->first; b < at->end; b++) {
        int passing = __builtin_popcountll(block_rows(s, b));
        rows += passing;
        some += passing > 0;
        if (passing > FEW_IN_BLOCK) at->dense |= (uint32_t)1 << (b - at->first);
    }
    if (rows <= some * FEW_ON_AVERAGE) at->dense = 0;
}

/* Queries [range[0], range[1]), at most four, by codes. */
static void stretch_codes(struct search *s, struct worker *w, struct lane *lanes,
    const int range[2], const struct stretch *at)
{
    for (uint32_t b = at->first; b < at->end; b++) {
        if (!in_codes(at, b)) continue;
        block_scan(s, w, lanes, range, b);
        uint64_t passing = (uint64_t)__builtin_popcountll(block_rows(s, b));
        w->stats.codes4 += passing * (uint64_t)(range[1] - range[0]);
    }
    for (int q = range[0]; q < range[1]; q++)
        if (lanes[q].waiting >= WAITING_MIN) lane_empty(s, w, &s->asks[q], &lanes[q]);
}

/* The rows that codes are not worth it for; they wait for others. */
static void stretch_rest(
    struct search *s, struct worker *w, struct lane *lanes, const struct stretch *at)
{
    for (uint32_t b = at->first; b < at->end; b++)
        if (!in_codes(at, b)) list_rows(w, block_rows(s, b), b);
    if (w->slot_count >= LISTED_MIN) rows_read(s, w, lanes, true);
}

static void stretch_full(
    struct search *s, struct worker *w, struct lane *lanes, const struct stretch *at)
{
    if (w->slot_count > 0) rows_read(s, w, lanes, true);
    for (uint32_t b = at->first; b < at->end; b++) list_rows(w, block_rows(s, b), b);
    rows_read(s, w, lanes, false);
}

/* Neighbours with codes in fours, which share the reading of a block; those without together. */
static void stretch_scan(struct search *s, struct worker *w, struct lane *lanes, struct stretch *at)
{
    int coded = 0;
    for (int q = 0; q < s->count; q++) {
        lane_update(&lanes[q], &s->asks[q], s->x->set->metric);
        coded += s->asks[q].coded;
    }
    if (coded > 0) stretch_choose(s, at);
    if (coded > 0 && at->dense != 0 && !touch_codes(s, at->first, at->end - at->first)) return;
    for (int q = 0, end; q < s->count && !stopped(s); q = end) {
        for (end = q; end < s->count && end < q + 4 && s->asks[end].coded;) end++;
        if (end > q)
            stretch_codes(s, w, lanes, (int[2]){q, end}, at);
        else
            end++;
    }
    if (coded > 0 && !stopped(s)) stretch_rest(s, w, lanes, at);
    if (coded < s->count && !stopped(s)) stretch_full(s, w, lanes, at);
}

static void stats_add(struct search *s, const struct vec_stats *from)
{
    struct vec_stats *to = s->how->stats;
    if (to == NULL) return;
    pthread_mutex_lock(&s->x->scratch->lock);
    to->codes4 += from->codes4;
    to->codes8 += from->codes8;
    to->rechecks += from->rechecks;
    pthread_mutex_unlock(&s->x->scratch->lock);
}

void search_work(void *search, int step, int part)
{
    struct search *s = search;
    struct vec_exact_scratch *scratch = s->x->scratch;
    if (step > 0 || part >= scratch->threads) return;
    struct worker *w = &scratch->workers[part];
    struct lane *lanes = &scratch->lanes[part * scratch->queries];
    w->slot_count = 0;
    w->stats = (struct vec_stats){0};
    for (int q = 0; q < s->count; q++) {
        lanes[q].waiting = 0;
        lanes[q].limit = NAN; /* equals nothing: need is computed first */
    }
    uint32_t blocks = (uint32_t)(((uint64_t)s->x->set->rows + 63) / 64);
    while (!stopped(s)) {
        uint32_t first = atomic_fetch_add(&s->next, STRETCH_BLOCKS);
        if (first >= blocks) break;
        uint32_t end = blocks - first < STRETCH_BLOCKS ? blocks : first + STRETCH_BLOCKS;
        struct err e = ERR_INIT;
        enum status st = run_check(s->how->run, &e);
        if (st != ST_OK) search_fail(s, st, &e);
        if (st == ST_OK) stretch_scan(s, w, lanes, &(struct stretch){.first = first, .end = end});
    }
    if (!stopped(s)) rows_read(s, w, lanes, true);
    for (int q = 0; q < s->count && !stopped(s); q++)
        if (s->asks[q].coded) lane_empty(s, w, &s->asks[q], &lanes[q]);
    stats_add(s, &w->stats);
}
