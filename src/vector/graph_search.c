/* graph_search.c - the walk of a query over the records.
 *
 * A pool of the nearest nodes by estimate. A few of the nearest not yet opened are opened together:
 * a node's own bytes give its distance (it becomes a result), its blocks estimate its neighbours,
 * and those nearer than the pool's last are offered to it. While a record is read the next one is
 * fetched. All that stay in the pool are opened in the end, so the order matters little, and a
 * round of a sixteenth of the pool costs hardly a hop more. The results by their bytes' distance
 * are ranked again by their f32 distance, as far as that can change anything.
 *
 * The walk ends when the pool is opened, or when what is left to open is farther than the k-th
 * result by a share of its distance (as in arXiv 2505.15636, with a share that grows with the
 * pool): an easy question takes half the hops of a hard one. A query that lies apart from the rows
 * (texts among pictures) is far from all of them alike; the share shrinks by its distance from
 * the rows' centre, whose unit is the rows' own mean.
 *
 * With a filter every node is walked over and only those that pass become results; the walk goes on
 * until ef of them are nearer than what is left to open, within a bound on hops.
 *
 * Slots come from a file: the largest of a record's is looked at before any is used.
 */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "vector/graph_parts.h"
#include "vector/graph_pool.h"

enum {
    EF_DEFAULT = 64,
    HOPS_PER_RESULT = 64, /* filtered: hops at most, for each result asked for */
    HOPS_MORE = 1024,
    ROUND_SHARE = 16, /* of the pool is a round */
    ROUND_MIN = 2,
    ROUND_MAX = 32,
    RERANK_LEAST = 16, /* results beside k that the re-rank may look at */
    PAGE = 4096,       /* a file's least block */
    STOP_RANK = 10,    /* the result that the end is measured from, k if that is more */
    ROW_HEAD =
        512, /* bytes of an f32 row that are fetched ahead; the processor goes on by itself */
    RERANK_SIGMAS = 5
};

/* The share by which the walk goes beyond the k-th result: this at a pool of 64, more at longer
 * ones. Measured: at 0.08 to 0.12 and powers of 0.3 to 0.5 recall 0.99 takes 20 to 40 % fewer hops
 * than without on each set of bench/vector.sh. */
#define STOP_SHARE 0.1F
#define STOP_POWER 0.4F

struct vec_graph_scratch {
    uint64_t *seen_word; /* as graph_worker's */
    uint16_t *seen_tag;
    size_t words;
    uint16_t epoch;
    uint32_t room; /* of pool and found */
    uint32_t ef_max;
    uint32_t skip; /* a slot the next search does not go to; GRAPH_NONE */
    struct graph_pool pool;
    struct graph_near *found;
    struct vec_hit *hit; /* re-ranked */
    float *x;
    uint8_t *bytes, *table; /* the query's bytes plus 128; its table */
    struct vec_place place; /* of what was looked at last */
    struct graph_shape shape;
    struct graph_space space;
    const struct simd_graph *simd;
};

/* Only what is read before it is written is zeroed: a page that nobody writes costs nothing. */
static enum status room_open(struct vec_graph_scratch *s, struct err *e)
{
    size_t n = s->shape.n, row = (size_t)s->space.dim * sizeof(float);
    s->seen_word = mem_zalloc(s->words, sizeof *s->seen_word);
    s->seen_tag = mem_zalloc(s->words, sizeof *s->seen_tag);
    s->found = mem_alloc(((size_t)s->room + 1) * sizeof *s->found);
    s->hit = mem_alloc(((size_t)s->room + 1) * sizeof *s->hit);
    s->x = mem_alloc_aligned(n * sizeof *s->x);
    s->bytes = mem_alloc_aligned(n);
    s->table = mem_alloc_aligned(n * 4);
    s->place.room_bytes = (s->shape.record > row ? s->shape.record : row) + 2 * (size_t)PAGE;
    s->place.room = mem_alloc_aligned(s->place.room_bytes);
    bool all = s->seen_word && s->seen_tag && s->found && s->hit && s->x && s->bytes && s->table &&
        s->place.room;
    if (!all) return mem_err(e, s->words * 10 + (size_t)s->room * 40 + n * 9);
    return graph_pool_open(&s->pool, s->room, ROUND_MAX * GRAPH_DEGREE_MAX, e);
}

enum status vec_graph_scratch_open(
    const struct vec_graph *g, uint32_t ef_max, struct vec_graph_scratch **out, struct err *e)
{
    *out = NULL;
    struct vec_graph_scratch *s = mem_zalloc(1, sizeof *s);
    if (s == NULL) return mem_err(e, sizeof *s);
    graph_shape_get(&s->shape, g);
    graph_space_open(&s->space, g, graph_meta_of(g));
    s->simd = simd_graph_get(cpu_get());
    s->skip = GRAPH_NONE;
    s->words = (size_t)g->rows / 64 + 1;
    s->ef_max = ef_max < EF_DEFAULT ? EF_DEFAULT : ef_max;
    s->room = s->ef_max;
    enum status st = room_open(s, e);
    if (st == ST_OK)
        *out = s;
    else
        vec_graph_scratch_close(s);
    return st;
}

void vec_graph_scratch_close(struct vec_graph_scratch *s)
{
    if (s == NULL) return;
    mem_free(s->seen_word);
    mem_free(s->seen_tag);
    graph_pool_close(&s->pool);
    mem_free(s->found);
    mem_free(s->hit);
    mem_free_aligned(s->x);
    mem_free_aligned(s->bytes);
    mem_free_aligned(s->table);
    mem_free_aligned(s->place.room);
    mem_free(s);
}

void graph_scratch_skip(struct vec_graph_scratch *s, uint32_t slot)
{
    s->skip = slot;
}

/* A search under way. */
struct walk {
    const struct vec_graph_search *g;
    const struct vec_query *how;
    struct vec_graph_scratch *s;
    struct err *e;
    struct graph_query query;
    float scale, norm;             /* of the query's bytes */
    float coarse;                  /* the largest scale of a node's bytes */
    uint32_t round[ROUND_MAX + 2]; /* the slots being opened, the next, GRAPH_NONE */
    uint32_t width, width_max;     /* of rounds: they grow */
    uint32_t found, found_room;
    uint32_t stop_rank;
    float stop_share, stop; /* stop: nothing farther is opened any more */
    uint64_t hops, blocks, probes;
    bool filtered, stopped;
};

static inline bool seen(const struct vec_graph_scratch *s, uint32_t slot)
{
    size_t word = slot / 64;
    return s->seen_tag[word] == s->epoch && (s->seen_word[word] >> (slot % 64) & 1) != 0;
}

static inline void see(struct vec_graph_scratch *s, uint32_t slot)
{
    size_t word = slot / 64;
    if (s->seen_tag[word] != s->epoch) {
        s->seen_tag[word] = s->epoch;
        s->seen_word[word] = 0;
    }
    s->seen_word[word] |= (uint64_t)1 << (slot % 64);
}

static void epoch_next(struct vec_graph_scratch *s)
{
    if (++s->epoch != 0) return;
    memset(s->seen_tag, 0, s->words * sizeof *s->seen_tag);
    s->epoch = 1;
}

/* Puts x in its place among n sorted ones of at most room; the place. */
static inline uint32_t sorted_add(
    struct graph_near *at, uint32_t *n, uint32_t room, struct graph_near x)
{
    uint32_t low = 0, high = *n;
    while (low < high) {
        uint32_t mid = (low + high) / 2;
        if (x.d < at[mid].d)
            high = mid;
        else
            low = mid + 1;
    }
    uint32_t full = *n == room ? 1 : 0;
    memmove(at + low + 1, at + low, (*n - low - full) * sizeof *at);
    at[low] = x;
    *n += 1 - full;
    return low;
}

static inline float last_of(const struct graph_near *at, uint32_t n, uint32_t room)
{
    return n < room ? INFINITY : at[n - 1].d;
}

/* Offers a block's edges to the pool; base: the distance of the node they start at. */
static void block_look(
    struct walk *w, const struct graph_edges *b, float base, const struct graph_edges *next)
{
    struct vec_graph_scratch *s = w->s;
    float est[GRAPH_EDGES];
    float limit = graph_pool_limit(&s->pool);
    float ends[2] = {base, w->stop < limit ? w->stop : limit};
    uint32_t near = s->simd->estimate(est, &w->query, b, ends, next->code);
    for (; near != 0; near &= near - 1) {
        int j = __builtin_ctz(near);
        if (seen(s, b->id[j])) continue;
        see(s, b->id[j]);
        graph_pool_offer(&s->pool, est[j], b->id[j]);
    }
    w->blocks++;
}

static bool passes(struct walk *w, uint32_t slot)
{
    const struct vec_query *how = w->how;
    if (how->pass != NULL && !(how->pass[slot / 64] >> (slot % 64) & 1)) return false;
    if (how->probe == NULL) return true;
    w->probes++;
    enum vec_verdict v = how->probe(how->probe_user, slot, w->g->set->rowids[slot]);
    if (v == VEC_STOP) w->stopped = true;
    return v == VEC_PASSES;
}

static float own_distance(const struct walk *w, const struct graph_own *own)
{
    /* unsigned: a file's sum may be anything */
    uint32_t raw = (uint32_t)w->s->simd->dot(w->s->bytes, own->at, w->s->shape.n);
    int32_t dot = (int32_t)(raw - 128U * (uint32_t)own->sum);
    float d = w->norm + own->norm - 2 * w->scale * own->scale * (float)dot;
    return d > 0 ? d : 0;
}

static enum status corrupt(const struct walk *w, uint32_t slot)
{
    return err_set(
        w->e, ST_CORRUPT, "graph node %u has an edge beyond %u rows", slot, w->g->graph->rows);
}

/* Inlined always: see graph_fetch. */
static inline __attribute__((always_inline)) void head_fetch(const struct walk *w, uint32_t slot)
{
    const struct graph_shape *shape = &w->s->shape;
    if (slot == GRAPH_NONE) return;
    graph_fetch(graph_record(w->g->graph, shape, slot), shape->own + sizeof(struct graph_edges));
}

/* round: the slot, and the two opened after it or GRAPH_NONE. The head of the second next and the
 * codes of the next are fetched meanwhile. */
static enum status node_open(struct walk *w, const uint32_t *round)
{
    uint32_t slot = round[0], next = round[1];
    const struct vec_graph *g = w->g->graph;
    const struct graph_shape *shape = &w->s->shape;
    const uint8_t *record = graph_record(g, shape, slot);
    const uint8_t *after = next != GRAPH_NONE ? graph_record(g, shape, next) : record;
    if (w->g->look != NULL) {
        enum status st = w->g->look(w->g->look_user, slot, &w->s->place, w->e);
        if (st != ST_OK) return st;
        record = w->s->place.at;
    }
    if (next != GRAPH_NONE) head_fetch(w, round[2]);
    const struct graph_own *own = (const struct graph_own *)(const void *)record;
    float d = own_distance(w, own);
    if (own->scale > w->coarse) w->coarse = own->scale;
    w->hops++;
    for (int i = 0; i < shape->blocks; i++) {
        const struct graph_edges *b = graph_block(shape, record, i);
        if (w->s->simd->most(b->id, GRAPH_EDGES) >= g->rows) return corrupt(w, slot);
        block_look(w, b, d, graph_block(shape, after, i));
    }
    if (d < last_of(w->s->found, w->found, w->found_room) && !(own->flags & GRAPH_VOID) &&
        passes(w, slot)) {
        sorted_add(w->s->found, &w->found, w->found_room, (struct graph_near){d, slot});
        if (w->found >= w->stop_rank)
            w->stop = w->s->found[w->stop_rank - 1].d * (1 + w->stop_share);
    }
    return ST_OK;
}

/* Takes the nearest not yet opened, as many as a round has; how many. */
static uint32_t round_take(struct walk *w)
{
    uint32_t n = 0;
    uint64_t key;
    bool enough = w->filtered && w->found == w->found_room;
    while (n < w->width && graph_pool_take(&w->s->pool, &key)) {
        if (graph_key_distance(key) > w->stop) break;
        if (enough && graph_key_distance(key) > w->s->found[w->found - 1].d) break;
        w->round[n++] = graph_key_slot(key);
    }
    /* likely the first of the next round: fetched while this one's last is read */
    w->round[n] = graph_pool_peek(&w->s->pool, &key) ? graph_key_slot(key) : GRAPH_NONE;
    w->round[n + 1] = GRAPH_NONE;
    if (w->width < w->width_max) w->width++;
    return n;
}

static enum status entries_look(struct walk *w)
{
    const struct vec_graph *g = w->g->graph;
    const struct graph_meta *m = graph_meta_of(g);
    const uint8_t *at = g->part[VEC_GRAPH_ENTRIES];
    for (uint32_t i = 0; i < m->entries; i += GRAPH_EDGES, at += w->s->shape.block) {
        const struct graph_edges *b = (const struct graph_edges *)(const void *)at;
        if (w->s->simd->most(b->id, GRAPH_EDGES) >= g->rows)
            return err_set(w->e, ST_CORRUPT, "a graph's entry is beyond %u rows", g->rows);
        block_look(w, b, w->norm, b);
        graph_pool_merge(&w->s->pool);
    }
    return ST_OK;
}

static enum status walk_run(struct walk *w)
{
    uint64_t hops_max =
        w->filtered ? (uint64_t)w->found_room * HOPS_PER_RESULT + HOPS_MORE : UINT64_MAX;
    enum status st = entries_look(w);
    while (st == ST_OK && !w->stopped && w->hops < hops_max) {
        uint32_t n = round_take(w);
        if (n == 0) break;
        head_fetch(w, w->round[1]);
        for (uint32_t i = 0; i < n && st == ST_OK && !w->stopped; i++)
            st = node_open(w, w->round + i);
        graph_pool_merge(&w->s->pool);
        if (st == ST_OK) st = run_check(w->how->run, w->e);
    }
    return st;
}

/* The query as coordinates, bytes and table. false: it is near nothing. */
static bool query_prepare(struct walk *w, const float *query)
{
    struct vec_graph_scratch *s = w->s;
    size_t n = s->shape.n;
    if (!graph_space_query(&s->space, query, s->x)) return false;
    float most = 0;
    for (size_t i = 0; i < n; i++) most = fabsf(s->x[i]) > most ? fabsf(s->x[i]) : most;
    float per = most > 1e-30F ? 127 / most : 0;
    int32_t square = 0;
    for (size_t i = 0; i < n; i++) {
        int v = (int)lrintf(s->x[i] * per);
        square += v * v;
        s->bytes[i] = (uint8_t)(v + 128);
    }
    w->scale = per > 0 ? most / 127 : 0;
    w->norm = w->scale * w->scale * (float)square;
    w->query = (struct graph_query){.n = n, .planes = s->shape.planes};
    if (w->norm > 1) w->stop_share /= w->norm;
    s->simd->look(&w->query, s->table, s->x);
    return true;
}

static int hit_compare(const struct vec_hit *a, const struct vec_hit *b)
{
    if (a->distance != b->distance) return a->distance < b->distance ? -1 : 1;
    return a->slot < b->slot ? -1 : a->slot > b->slot;
}

static void hit_add(struct vec_hit *at, uint32_t n, const struct vec_hit *hit)
{
    uint32_t i = n;
    for (; i > 0 && hit_compare(hit, &at[i - 1]) < 0; i--) at[i] = at[i - 1];
    at[i] = *hit;
}

/* How many results may be among the k nearest: bytes are off by half a step in each coordinate, so
 * that a squared distance d is off by about 2 sqrt(d) times the step over sqrt(12), on both sides.
 */
static uint32_t rerank_count(const struct walk *w)
{
    const struct graph_near *found = w->s->found;
    uint32_t k = w->how->k, most = k + (k > RERANK_LEAST ? k : RERANK_LEAST), count = k;
    if (w->found <= k) return w->found;
    float step = sqrtf((w->scale * w->scale + w->coarse * w->coarse) / 12);
    float end = found[k - 1].d + RERANK_SIGMAS * 2 * sqrtf(2 * found[k - 1].d) * step;
    while (count < w->found && count < most && found[count].d <= end) count++;
    return count;
}

static const float *row_of(const struct walk *w, uint32_t i)
{
    return w->g->set->full + (size_t)w->s->found[i].id * (size_t)w->g->set->dim;
}

/* f32 distances of the nearest results, sorted. */
static enum status rerank(struct walk *w, const float *query, struct vec_hits *hits)
{
    const struct vec_set *set = w->g->set;
    size_t dim = (size_t)set->dim;
    uint32_t k = w->how->k, n = 0, count = rerank_count(w);
    for (uint32_t i = 0; i < count; i++) {
        struct vec_hit hit = {.slot = w->s->found[i].id};
        const float *row = row_of(w, i);
        if (w->g->look_row != NULL) {
            enum status st =
                w->g->look_row(w->g->look_user, hit.slot, &w->s->place, &hit.rowid, w->e);
            if (st != ST_OK) return st;
            row = w->s->place.at;
        } else {
            hit.rowid = set->rowids[hit.slot];
        }
        if (i + 1 < count) graph_fetch(row_of(w, i + 1), ROW_HEAD);
        hit.distance = metric_distance(set->metric, query, row, dim);
        if (!isnan(hit.distance)) hit_add(w->s->hit, n++, &hit);
    }
    hits->count = n < k ? n : k;
    hits->tied = n > k && k > 0 && w->s->hit[k].distance == w->s->hit[k - 1].distance;
    memcpy(hits->at, w->s->hit, hits->count * sizeof *hits->at);
    if (w->how->stats != NULL) w->how->stats->rechecks += count;
    return ST_OK;
}

static void count_up(const struct walk *w)
{
    if (w->how->stopped != NULL) *w->how->stopped = w->stopped;
    if (w->how->stats == NULL) return;
    w->how->stats->hops += w->hops;
    w->how->stats->estimates += w->blocks * GRAPH_EDGES;
    w->how->stats->probes += w->probes;
}

static uint32_t round_width(uint32_t ef)
{
    uint32_t width = ef / ROUND_SHARE;
    return width < ROUND_MIN ? ROUND_MIN : width > ROUND_MAX ? ROUND_MAX : width;
}

enum status vec_graph_search(const struct vec_graph_search *g, const float *query,
    const struct vec_query *how, struct vec_hits *hits, struct err *e)
{
    struct vec_graph_scratch *s = g->scratch;
    hits->count = 0;
    hits->tied = false;
    if (how->stopped != NULL) *how->stopped = false;
    if (how->k > hits->capacity)
        return err_set(e, ST_LIMIT, "%u hits asked for, room for %u", how->k, hits->capacity);
    for (int i = 0; i < g->graph->dim; i++)
        if (!isfinite(query[i])) return err_set(e, ST_INVALID, "the query is not finite");
    if (g->graph->rows == 0 || how->k == 0) return ST_OK;
    uint32_t ef = g->ef != 0 ? g->ef : EF_DEFAULT;
    if (ef < how->k) ef = how->k;
    if (ef > s->ef_max)
        return err_set(e, ST_LIMIT, "ef of %u, the scratch has room for %u", ef, s->ef_max);
    bool filtered = how->pass != NULL || how->probe != NULL;
    uint32_t found_room = how->k + (how->k > RERANK_LEAST ? how->k : RERANK_LEAST);
    struct walk w = {.g = g,
        .how = how,
        .s = s,
        .e = e,
        .filtered = filtered,
        .found_room = filtered || found_room > ef ? ef : found_room,
        .stop_rank = filtered    ? UINT32_MAX
            : how->k > STOP_RANK ? how->k
                                 : STOP_RANK,
        .stop_share = STOP_SHARE * powf((float)ef / 64, STOP_POWER),
        .stop = INFINITY,
        .width = 1,
        .width_max = round_width(ef)};
    graph_pool_clear(&s->pool, filtered ? s->room : ef);
    if (!query_prepare(&w, query)) return ST_OK;
    epoch_next(s);
    if (s->skip != GRAPH_NONE) see(s, s->skip);
    s->skip = GRAPH_NONE;
    enum status st = walk_run(&w);
    if (st == ST_OK) st = rerank(&w, query, hits);
    count_up(&w);
    return st;
}
