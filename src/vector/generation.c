/* generation.c - opening generations, finding rows in them, and checking blocks at first touch.
 *
 * What files say is checked where it is read: sizes against each other at opening, numbers of slots
 * at each access, bytes by their checksums (file.h).
 */
#include "vector/generation.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "vector/codes_parts.h"
#include "vector/generation_files.h"

const struct vec_section_row VEC_SECTION_ROWS_TABLE[VEC_SECTION_COUNT] = {
    [VEC_SECTION_ROWS] = {"rows", VEC_FULL, 1 << 12},
    [VEC_SECTION_ROWIDS] = {"rowids", VEC_CODES, 1 << 12},
    [VEC_SECTION_ORDER] = {"order", VEC_CODES, 1 << 12},
    [VEC_SECTION_CODES + VEC_CODES_CENTRE] = {"centre", VEC_CODES, 1 << 12},
    [VEC_SECTION_CODES + VEC_CODES_HIGH] = {"high", VEC_CODES, 1 << 16},
    [VEC_SECTION_CODES + VEC_CODES_LOW] = {"low", VEC_CODES, 1 << 12},
    [VEC_SECTION_CODES + VEC_CODES_HEADS] = {"heads", VEC_CODES, 1 << 16},
    [VEC_SECTION_GRAPH + VEC_GRAPH_META] = {"meta", VEC_GRAPH, 1 << 12},
    [VEC_SECTION_GRAPH + VEC_GRAPH_NODES] = {"nodes", VEC_GRAPH, 1 << 12},
    [VEC_SECTION_GRAPH + VEC_GRAPH_ENTRIES] = {"entries", VEC_GRAPH, 1 << 12},
    [VEC_SECTION_ASKED] = {"asked", VEC_GRAPH, 1 << 12},
};

/* --- blocks at first touch -------------------------------------------------------------------- */

static enum status touch_rowid(const struct vec_generation *g, uint32_t slot, struct err *e)
{
    return vec_file_touch(g->codes_file, g->section[VEC_SECTION_ROWIDS],
        (uint64_t)slot * sizeof(int64_t), sizeof(int64_t), e);
}

static enum status touch_full(void *user, uint32_t slot, struct err *e)
{
    const struct vec_generation *g = user;
    uint64_t bytes = (uint64_t)g->set.dim * sizeof(float);
    enum status st =
        vec_file_touch(g->full_file, g->section[VEC_SECTION_ROWS], slot * bytes, bytes, e);
    return st == ST_OK ? touch_rowid(g, slot, e) : st;
}

static enum status touch_part(const struct vec_generation *g, enum vec_codes_part part,
    const void *begin, const void *end, struct err *e)
{
    const uint8_t *base = g->codes.part[part];
    uint64_t at = (uint64_t)((const uint8_t *)begin - base);
    return vec_file_touch(g->codes_file, g->section[VEC_SECTION_CODES + part], at,
        (uint64_t)((const uint8_t *)end - base) - at, e);
}

/* Whole blocks of rows, which is what a scan reads. */
static enum status touch_codes(void *user, uint32_t first, uint32_t count, struct err *e)
{
    const struct vec_generation *g = user;
    const struct vec_codes *c = &g->codes;
    size_t begin = first / 64, end = ((size_t)first + count + 63) / 64;
    if (count == 0) return ST_OK;
    enum status st = touch_part(g, VEC_CODES_HIGH, codes_block(c, begin), codes_block(c, end), e);
    if (st == ST_OK)
        st = touch_part(
            g, VEC_CODES_HEADS, codes_heads(c) + begin * 64, codes_heads(c) + end * 64, e);
    if (st == ST_OK)
        st = touch_part(
            g, VEC_CODES_HEADS, codes_halves(c) + begin * 64, codes_halves(c) + end * 64, e);
    if (st == ST_OK)
        st = touch_part(g, VEC_CODES_HEADS, codes_longest(c) + begin, codes_longest(c) + end, e);
    return st;
}

static enum status touch_low(void *user, uint32_t slot, struct err *e)
{
    const struct vec_generation *g = user;
    const uint8_t *begin = codes_low(&g->codes, slot);
    size_t bytes = CODES_LOW_BYTES(SIMD_CODE_UNITS(g->codes.dim));
    return touch_part(g, VEC_CODES_LOW, begin, begin + bytes, e);
}

enum status vec_generation_look_node(void *user, uint32_t slot, struct vec_place *p, struct err *e)
{
    const struct vec_generation *g = user;
    uint64_t record = g->graph.bytes[VEC_GRAPH_NODES] / g->set.rows;
    struct vec_file_range r = {
        g->section[VEC_SECTION_GRAPH + VEC_GRAPH_NODES], slot * record, record};
    return vec_file_look(g->graph_file, &r, p, e);
}

enum status vec_generation_look_row(
    void *user, uint32_t slot, struct vec_place *p, int64_t *rowid, struct err *e)
{
    const struct vec_generation *g = user;
    uint64_t bytes = (uint64_t)g->set.dim * sizeof(float);
    struct vec_file_range r = {g->section[VEC_SECTION_ROWS], slot * bytes, bytes};
    enum status st = vec_generation_rowid(g, slot, rowid, e);
    return st == ST_OK ? vec_file_look(g->full_file, &r, p, e) : st;
}

uint64_t vec_generation_checked(const struct vec_generation *g)
{
    return vec_file_checked(g->full_file) + vec_file_checked(g->codes_file) +
        (g->has_graph ? vec_file_checked(g->graph_file) : 0);
}

/* --- joining files ---------------------------------------------------------------------------- */

static bool same_facts(const struct vec_facts *a, const struct vec_facts *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

static enum status facts_check(const struct vec_facts *f, struct err *e)
{
    bool sane = f->metric >= 0 && f->metric < METRIC_COUNT && f->dim >= 1 &&
        f->dim <= VEC_DIM_MAX && f->rows <= VEC_ROWS_MAX;
    return sane ? ST_OK
                : err_set(e, ST_CORRUPT, "a generation of metric %d, %d dimensions, %u rows",
                      f->metric, f->dim, f->rows);
}

/* The section's bytes into *at, when it is there with that size. */
static enum status section_take(
    struct vec_generation *g, int which, uint64_t want, const void **at, struct err *e)
{
    const struct vec_section_row *row = &VEC_SECTION_ROWS_TABLE[which];
    const struct vec_file *const files[VEC_FILES] = {g->full_file, g->codes_file, g->graph_file};
    uint64_t bytes = 0;
    *at = vec_file_get(files[row->file], row->name, &bytes, &g->section[which]);
    if (*at != NULL && bytes == want) return ST_OK;
    return err_set(e, ST_CORRUPT, "section %s of generation %llu has %llu bytes, not %llu",
        row->name, (unsigned long long)g->facts.number, (unsigned long long)bytes,
        (unsigned long long)want);
}

static enum status take_codes(struct vec_generation *g, struct err *e)
{
    g->has_codes = vec_codes_have((enum metric)g->facts.metric);
    g->codes = (struct vec_codes){
        .metric = (enum metric)g->facts.metric, .dim = g->facts.dim, .rows = g->facts.rows};
    for (int i = 0; g->has_codes && i < VEC_CODES_PARTS; i++) {
        const void *at;
        uint64_t want = vec_codes_bytes((enum vec_codes_part)i, g->facts.dim, g->facts.rows);
        enum status st = section_take(g, VEC_SECTION_CODES + i, want, &at, e);
        if (st != ST_OK) return st;
        g->codes.part[i] = (void *)(uintptr_t)at;
    }
    if (!g->has_codes) return ST_OK;
    enum { CENTRE_BYTES_MAX = (VEC_DIM_MAX + 64) * 4 + (1 << 12) };
    _Alignas(64) uint8_t room[CENTRE_BYTES_MAX];
    struct vec_place p = {.room = room, .room_bytes = sizeof room};
    struct vec_file_range r = {g->section[VEC_SECTION_CODES + VEC_CODES_CENTRE], 0,
        vec_codes_bytes(VEC_CODES_CENTRE, g->facts.dim, g->facts.rows)};
    enum status st = vec_file_look(g->codes_file, &r, &p, e);
    if (st != ST_OK) return st;
    struct vec_codes codes = g->codes;
    codes.part[VEC_CODES_CENTRE] = (void *)(uintptr_t)p.at;
    return vec_codes_check(&codes, e);
}

static enum status read_rowid(
    const struct vec_generation *g, uint32_t slot, int64_t *rowid, struct err *e)
{
    enum { BLOCK = 1 << 12 };
    _Alignas(64) uint8_t room[BLOCK];
    struct vec_place p = {.room = room, .room_bytes = sizeof room};
    struct vec_file_range r = {
        g->section[VEC_SECTION_ROWIDS], (uint64_t)slot * sizeof(int64_t), sizeof(int64_t)};
    enum status st = vec_file_look(g->codes_file, &r, &p, e);
    *rowid = 0;
    if (st == ST_OK) memcpy(rowid, p.at, sizeof *rowid);
    return st;
}

enum status vec_generation_rowid(
    const struct vec_generation *g, uint32_t slot, int64_t *rowid, struct err *e)
{
    if (!g->dense) return read_rowid(g, slot, rowid, e);
    *rowid = g->rowid_first + slot;
    return ST_OK;
}

/* The slot of the i-th row by rowid, and its rowid. */
static enum status row_at(
    const struct vec_generation *g, uint32_t i, uint32_t *slot, int64_t *rowid, struct err *e)
{
    *slot = i;
    if (g->by_rowid != NULL) {
        enum status st = vec_file_touch(g->codes_file, g->section[VEC_SECTION_ORDER],
            (uint64_t)i * sizeof(uint32_t), sizeof(uint32_t), e);
        if (st != ST_OK) return st;
        *slot = g->by_rowid[i];
        if (*slot >= g->set.rows)
            return err_set(e, ST_CORRUPT, "the order names slot %u of %u rows", *slot, g->set.rows);
    }
    return read_rowid(g, *slot, rowid, e);
}

static enum status take_rowids(struct vec_generation *g, struct err *e)
{
    const void *at;
    uint64_t order_bytes;
    uint32_t slot;
    enum status st =
        section_take(g, VEC_SECTION_ROWIDS, (uint64_t)g->facts.rows * sizeof(int64_t), &at, e);
    if (st != ST_OK) return st;
    g->set.rowids = at;
    at = vec_file_get(g->codes_file, VEC_SECTION_ROWS_TABLE[VEC_SECTION_ORDER].name, &order_bytes,
        &g->section[VEC_SECTION_ORDER]);
    if (at != NULL && order_bytes != 0) {
        st = section_take(g, VEC_SECTION_ORDER, (uint64_t)g->facts.rows * sizeof(uint32_t), &at, e);
        if (st != ST_OK) return st;
        g->by_rowid = at;
    }
    if (g->facts.rows == 0) return ST_OK;
    st = row_at(g, 0, &slot, &g->rowid_first, e);
    if (st == ST_OK) st = row_at(g, g->facts.rows - 1, &slot, &g->rowid_last, e);
    uint64_t span = (uint64_t)g->rowid_last - (uint64_t)g->rowid_first;
    g->dense = st == ST_OK && g->by_rowid == NULL && span == g->facts.rows - 1;
    return st;
}

/* Both files' facts into g, when they agree. */
static enum status take_facts(struct vec_generation *g, struct err *e)
{
    uint32_t full_bytes, codes_bytes;
    const void *full = vec_file_note(g->full_file, &full_bytes);
    const void *codes = vec_file_note(g->codes_file, &codes_bytes);
    g->set_id = vec_file_set_id(g->codes_file);
    if (vec_file_set_id(g->full_file) != g->set_id)
        return err_set(e, ST_CORRUPT, "full and codes are of different generations");
    if (full_bytes != sizeof g->facts || codes_bytes != sizeof g->facts || !same_facts(full, codes))
        return err_set(e, ST_CORRUPT, "full and codes say different things of themselves");
    memcpy(&g->facts, codes, sizeof g->facts);
    return facts_check(&g->facts, e);
}

enum status vec_generation_join(
    struct vec_file *full, struct vec_file *codes, struct vec_generation **out, struct err *e)
{
    const void *at;
    *out = NULL;
    struct vec_generation *g = mem_zalloc(1, sizeof *g);
    if (g == NULL) {
        vec_file_close(full);
        vec_file_close(codes);
        return mem_err(e, sizeof *g);
    }
    g->full_file = full;
    g->codes_file = codes;
    enum status st = take_facts(g, e);
    if (st == ST_OK)
        st = section_take(g, VEC_SECTION_ROWS,
            (uint64_t)g->facts.rows * (uint64_t)g->facts.dim * sizeof(float), &at, e);
    if (st != ST_OK) goto done;
    g->set = (struct vec_set){.metric = (enum metric)g->facts.metric,
        .dim = g->facts.dim,
        .rows = g->facts.rows,
        .full = at};
    g->touch = (struct vec_touch){touch_codes, touch_low, touch_full, g};
    st = take_rowids(g, e);
    if (st == ST_OK) st = take_codes(g, e);
done:
    if (st == ST_OK)
        *out = g;
    else
        vec_generation_close(g);
    return st;
}

static enum status take_calibration(struct vec_generation *g, struct err *e)
{
    const void *at;
    enum status st = section_take(g, VEC_SECTION_ASKED, sizeof g->calibration, &at, e);
    if (st == ST_OK)
        st = vec_file_touch(
            g->graph_file, g->section[VEC_SECTION_ASKED], 0, sizeof g->calibration, e);
    if (st != ST_OK) return st;
    memcpy(&g->calibration, at, sizeof g->calibration);
    if (vec_calibration_fits(&g->calibration)) return ST_OK;
    return err_set(e, ST_CORRUPT, "a graph's calibration makes no sense");
}

static enum status take_graph(struct vec_generation *g, struct err *e)
{
    uint32_t note_bytes;
    struct vec_graph_note note;
    const void *at = vec_file_note(g->graph_file, &note_bytes);
    if (vec_file_set_id(g->graph_file) != g->set_id || note_bytes != sizeof note)
        return err_set(e, ST_CORRUPT, "the graph is of another generation");
    memcpy(&note, at, sizeof note);
    if (!same_facts(&note.facts, &g->facts))
        return err_set(e, ST_CORRUPT, "the graph is of another generation");
    g->graph = (struct vec_graph){.metric = g->set.metric,
        .dim = g->set.dim,
        .rows = g->set.rows,
        .options = {.degree = note.degree,
            .build_list = note.build_list,
            .alpha = note.alpha,
            .bits = note.bits,
            .seed = note.seed}};
    for (int i = 0; i < VEC_GRAPH_PARTS; i++) {
        int which = VEC_SECTION_GRAPH + i;
        uint64_t bytes = 0;
        at = vec_file_get(
            g->graph_file, VEC_SECTION_ROWS_TABLE[which].name, &bytes, &g->section[which]);
        if (at == NULL) return err_set(e, ST_CORRUPT, "the graph has not all its sections");
        g->graph.part[i] = (void *)(uintptr_t)at;
        g->graph.bytes[i] = (size_t)bytes;
        enum status st = i == VEC_GRAPH_NODES
            ? ST_OK
            : vec_file_touch(g->graph_file, g->section[which], 0, bytes, e);
        if (st != ST_OK) return st;
    }
    enum status st = vec_graph_open(&g->graph, e);
    return st == ST_OK ? take_calibration(g, e) : st;
}

enum status vec_generation_join_graph(
    struct vec_generation *g, struct vec_file *graph, struct err *e)
{
    g->graph_file = graph;
    enum status st = take_graph(g, e);
    g->has_graph = st == ST_OK;
    if (st == ST_OK) return ST_OK;
    vec_file_close(graph);
    g->graph_file = NULL;
    return st;
}

/* --- opening ---------------------------------------------------------------------------------- */

static enum status open_part(const char *dir, const struct vec_facts *facts,
    enum vec_generation_file kind, struct vec_file **out, struct err *e)
{
    char path[VEC_PATH_BYTES];
    *out = NULL;
    enum status st = vec_generation_path(dir, facts, kind, path, e);
    return st == ST_OK ? vec_file_open(path, VEC_GENERATION_KINDS[kind].kind, out, e) : st;
}

static enum status open_number(
    const char *dir, const struct vec_facts *named, struct vec_generation **out, struct err *e)
{
    struct vec_file *full = NULL, *codes = NULL, *graph = NULL;
    *out = NULL;
    enum status st = open_part(dir, named, VEC_CODES, &codes, e);
    if (st == ST_OK) st = open_part(dir, named, VEC_FULL, &full, e);
    if (st != ST_OK) {
        vec_file_close(codes);
        return st;
    }
    st = vec_generation_join(full, codes, out, e);
    if (st != ST_OK) return st;
    struct vec_generation *g = *out;
    if (g->facts.ix != named->ix || g->facts.number != named->number) {
        st = err_set(e, ST_CORRUPT, "a file of %lld-%llu is named %lld-%llu",
            (long long)g->facts.ix, (unsigned long long)g->facts.number, (long long)named->ix,
            (unsigned long long)named->number);
        vec_generation_close(g);
        *out = NULL;
        return st;
    }
    struct err why = ERR_INIT;
    st = open_part(dir, named, VEC_GRAPH, &graph, &why);
    if (st == ST_OK) st = vec_generation_join_graph(g, graph, &why);
    if (st != ST_OK && st != ST_NOT_FOUND) memcpy(g->doubt, why.text, sizeof g->doubt);
    return ST_OK;
}

/* One look at the folder. *again: a file went while we looked, so a newer one may have come. */
static enum status open_newest(const char *dir, const struct vec_facts *named,
    struct vec_generation **out, bool *again, struct err *e)
{
    uint64_t *numbers;
    size_t count;
    struct err why = ERR_INIT;
    *again = false;
    enum status st = vec_generation_numbers(dir, named->ix, &numbers, &count, e);
    if (st != ST_OK) return st;
    st = ST_NOT_FOUND;
    for (size_t i = 0; st != ST_OK && st != ST_NO_MEMORY && i < count; i++) {
        struct vec_facts at = {.ix = named->ix, .number = numbers[i]};
        struct err found = ERR_INIT;
        if (named->number != 0 && numbers[i] >= named->number) continue;
        st = open_number(dir, &at, out, &found);
        *again |= st == ST_NOT_FOUND;
        if (st != ST_OK && why.text[0] == '\0') why = found;
    }
    mem_free(numbers);
    if (st == ST_NO_MEMORY) return err_set(e, st, "%s", why.text);
    if (st != ST_OK)
        return err_set(e, ST_NOT_FOUND, "no generation of index %lld opens%s%.400s",
            (long long)named->ix, why.text[0] != '\0' ? ": " : "", why.text);
    if (why.text[0] != '\0') memcpy((*out)->doubt, why.text, sizeof why.text);
    return ST_OK;
}

enum status vec_generation_open(
    const char *dir, int64_t ix, uint64_t below, struct vec_generation **out, struct err *e)
{
    enum { LOOKS = 3 };
    struct vec_facts named = {.ix = ix, .number = below};
    enum status st = ST_NOT_FOUND;
    bool again = true;
    *out = NULL;
    for (int i = 0; st == ST_NOT_FOUND && again && i < LOOKS; i++)
        st = open_newest(dir, &named, out, &again, e);
    return st;
}

void vec_generation_close(struct vec_generation *g)
{
    if (g == NULL) return;
    vec_file_close(g->full_file);
    vec_file_close(g->codes_file);
    vec_file_close(g->graph_file);
    mem_free(g);
}

/* --- rows by rowid ---------------------------------------------------------------------------- */

/* Rowids are distinct, so the i-th is at least first + i and at most last - (rows - 1 - i): the
 * window left to search is as wide as there are gaps. */
enum status vec_generation_slot(
    const struct vec_generation *g, int64_t rowid, int64_t *out, struct err *e)
{
    *out = -1;
    if (g->set.rows == 0 || rowid < g->rowid_first || rowid > g->rowid_last) return ST_OK;
    uint64_t above = (uint64_t)rowid - (uint64_t)g->rowid_first;
    uint64_t below = (uint64_t)g->rowid_last - (uint64_t)rowid, last = g->set.rows - 1;
    uint64_t low = below < last ? last - below : 0, high = above < last ? above : last;
    while (low <= high) {
        uint64_t mid = low + (high - low) / 2;
        uint32_t slot;
        int64_t found;
        enum status st = row_at(g, (uint32_t)mid, &slot, &found, e);
        if (st != ST_OK) return st;
        if (found == rowid) {
            *out = slot;
            return ST_OK;
        }
        if (found < rowid)
            low = mid + 1;
        else if (mid == 0)
            break;
        else
            high = mid - 1;
    }
    return ST_OK;
}

/* --- doctor ----------------------------------------------------------------------------------- */

static enum status verify_order(const struct vec_generation *g, struct err *e)
{
    int64_t before = 0;
    for (uint32_t i = 0; i < g->set.rows; i++) {
        uint32_t slot;
        int64_t rowid;
        enum status st = row_at(g, i, &slot, &rowid, e);
        if (st != ST_OK) return st;
        if (i > 0 && rowid <= before)
            return err_set(
                e, ST_CORRUPT, "row %lld follows row %lld", (long long)rowid, (long long)before);
        before = rowid;
    }
    return ST_OK;
}

enum status vec_generation_verify(
    const struct vec_generation *g, const struct run *run, struct err *e)
{
    enum status st = vec_file_verify(g->full_file, run, e);
    if (st == ST_OK) st = vec_file_verify(g->codes_file, run, e);
    if (st == ST_OK && g->has_graph) st = vec_file_verify(g->graph_file, run, e);
    if (st == ST_OK) st = verify_order(g, e);
    if (st == ST_OK && g->has_codes) st = vec_codes_check(&g->codes, e);
    if (st == ST_OK && g->has_graph) st = vec_graph_verify(&g->graph, e);
    return st;
}
