/* parquet_meta.c - see parquet_meta.h. Numbers in the reading functions are field ids of
 * parquet.thrift. */
#include "table/parquet_meta.h"

#include <string.h>

#include "base/limits.h"
#include "base/mem.h"

enum { TAIL_BYTES = 8, REQUIRED = 0, OPTIONAL = 1, REPEATED = 2, CHILDREN_MAX = 100000 };

struct element { /* SchemaElement */
    struct thrift_bytes name;
    int physical; /* -1: a group */
    int repetition;
    int64_t children;
    struct parquet_leaf leaf;
};

struct schema {
    struct element *at;
    size_t count, next; /* next: of the walk */
    size_t leaves;
};

/* --- thrift ----------------------------------------------------------------------------------- */

static void time_unit(struct thrift *t, struct parquet_leaf *leaf)
{
    struct thrift_field f = {0};
    while (thrift_next(t, &f)) {
        if (f.id >= 1 && f.id <= 3) leaf->digits = 3 * f.id;
        thrift_skip(t, f.type);
    }
}

/* TimeType, TimestampType, DecimalType and IntType differ in what their fields mean. */
static void logical_fields(struct thrift *t, int kind, struct parquet_leaf *leaf)
{
    enum { DECIMAL = 5, TIME = 7, TIMESTAMP = 8, INTEGER = 10 };
    struct thrift_field f = {0};
    while (thrift_next(t, &f)) {
        if (kind == DECIMAL && f.id == 1)
            leaf->scale = (int)thrift_int(t, &f);
        else if (kind == DECIMAL && f.id == 2)
            leaf->precision = (int)thrift_int(t, &f);
        else if ((kind == TIME || kind == TIMESTAMP) && f.id == 1)
            leaf->utc = thrift_bool(t, &f);
        else if ((kind == TIME || kind == TIMESTAMP) && f.id == 2 && f.type == THRIFT_STRUCT)
            time_unit(t, leaf);
        else if (kind == INTEGER && f.id == 2)
            leaf->logical = thrift_bool(t, &f) ? PARQUET_PLAIN : PARQUET_UNSIGNED;
        else
            thrift_skip(t, f.type);
    }
}

static void logical_type(struct thrift *t, struct parquet_leaf *leaf)
{
    // clang-format off
    static const enum parquet_logical kinds[] = {[1] = PARQUET_STRING, [2] = PARQUET_OTHER,
        [3] = PARQUET_LIST, [4] = PARQUET_STRING, [5] = PARQUET_DECIMAL, [6] = PARQUET_DATE,
        [7] = PARQUET_TIME, [8] = PARQUET_TIMESTAMP, [10] = PARQUET_PLAIN, [11] = PARQUET_NOTHING,
        [12] = PARQUET_STRING, [13] = PARQUET_PLAIN, [14] = PARQUET_UUID, [15] = PARQUET_HALF};
    // clang-format on
    struct thrift_field f = {0};
    while (thrift_next(t, &f)) {
        if (f.type != THRIFT_STRUCT) {
            thrift_skip(t, f.type);
            continue;
        }
        if (f.id < (int)(sizeof kinds / sizeof kinds[0])) leaf->logical = kinds[f.id];
        logical_fields(t, f.id, leaf);
    }
}

static void converted_type(int64_t kind, struct parquet_leaf *leaf)
{
    // clang-format off
    static const struct { enum parquet_logical logical; int digits; } kinds[] = {
        [0] = {PARQUET_STRING, 0}, [1] = {PARQUET_OTHER, 0}, [2] = {PARQUET_OTHER, 0},
        [3] = {PARQUET_LIST, 0}, [4] = {PARQUET_STRING, 0}, [5] = {PARQUET_DECIMAL, 0},
        [6] = {PARQUET_DATE, 0}, [7] = {PARQUET_TIME, 3}, [8] = {PARQUET_TIME, 6},
        [9] = {PARQUET_TIMESTAMP, 3}, [10] = {PARQUET_TIMESTAMP, 6},
        [11] = {PARQUET_UNSIGNED, 0}, [12] = {PARQUET_UNSIGNED, 0}, [13] = {PARQUET_UNSIGNED, 0},
        [14] = {PARQUET_UNSIGNED, 0}, [19] = {PARQUET_STRING, 0}, [21] = {PARQUET_PLAIN, 0}};
    // clang-format on
    if (kind < 0 || kind >= (int64_t)(sizeof kinds / sizeof kinds[0])) return;
    leaf->logical = kinds[kind].logical;
    leaf->digits = kinds[kind].digits;
}

/* Files of pandas write both types; the newer one says more and comes last. */
static void element_read(struct thrift *t, struct element *x)
{
    struct thrift_field f = {0};
    x->name.data = (const uint8_t *)"";
    x->physical = -1;
    while (thrift_next(t, &f)) {
        switch (f.id) {
        case 1: x->physical = (int)thrift_int(t, &f); break;
        case 2: x->leaf.width = (int)thrift_int(t, &f); break;
        case 3: x->repetition = (int)thrift_int(t, &f); break;
        case 4: x->name = thrift_binary(t, &f); break;
        case 5: x->children = thrift_int(t, &f); break;
        case 6: converted_type(thrift_int(t, &f), &x->leaf); break;
        case 7: x->leaf.scale = (int)thrift_int(t, &f); break;
        case 8: x->leaf.precision = (int)thrift_int(t, &f); break;
        case 10:
            if (f.type == THRIFT_STRUCT) {
                logical_type(t, &x->leaf);
                break;
            }
            /* fallthrough */
        default: thrift_skip(t, f.type);
        }
    }
    if (x->physical >= PARQUET_PHYSICAL_COUNT || x->physical < -1 || x->repetition < 0 ||
        x->repetition > REPEATED || x->children < 0 || x->children > CHILDREN_MAX ||
        (x->physical == PARQUET_FIXED && (x->leaf.width < 1 || x->leaf.width > 1 << 20)))
        t->bad = true;
    if (x->physical >= 0) x->leaf.physical = (enum parquet_physical)x->physical;
}

static void chunk_meta_read(struct thrift *t, struct parquet_chunk *c)
{
    struct thrift_field f = {0};
    int64_t type = -1, codec = 0, values = -1, bytes = -1, data = -1, dictionary = -1;
    while (thrift_next(t, &f)) {
        switch (f.id) {
        case 1: type = thrift_int(t, &f); break;
        case 4: codec = thrift_int(t, &f); break;
        case 5: values = thrift_int(t, &f); break;
        case 7: bytes = thrift_int(t, &f); break;
        case 9: data = thrift_int(t, &f); break;
        case 11: dictionary = thrift_int(t, &f); break;
        default: thrift_skip(t, f.type);
        }
    }
    if (type < 0 || type >= PARQUET_PHYSICAL_COUNT || values < 0 || bytes < 0 || data < 0 ||
        codec < 0 || codec > INT16_MAX) {
        t->bad = true;
        return;
    }
    int64_t at = dictionary > 0 && dictionary < data ? dictionary : data;
    *c = (struct parquet_chunk){(int)codec, (enum parquet_physical)type, (uint64_t)at,
        (uint64_t)bytes, (uint64_t)values, true};
}

static void chunk_read(struct thrift *t, struct parquet_chunk *c)
{
    struct thrift_field f = {0};
    bool elsewhere = false;
    while (thrift_next(t, &f)) {
        if (f.id == 3 && f.type == THRIFT_STRUCT) {
            chunk_meta_read(t, c);
            continue;
        }
        elsewhere |= f.id == 1; /* another file has the chunk */
        thrift_skip(t, f.type);
    }
    if (elsewhere) c->there = false;
}

static enum status group_read(
    struct thrift *t, struct reader *r, struct parquet_group *g, size_t leaves, struct err *e)
{
    struct thrift_field f = {0};
    int64_t rows = -1;
    g->chunks = arena_array(&r->arena, leaves + 1, sizeof *g->chunks);
    if (g->chunks == NULL) return mem_err(e, leaves * sizeof *g->chunks);
    while (thrift_next(t, &f)) {
        if (f.id == 3) {
            rows = thrift_int(t, &f);
        } else if (f.id == 1) {
            size_t n = thrift_structs(t, &f);
            t->bad |= n > leaves;
            for (size_t i = 0; i < n && !t->bad; i++) chunk_read(t, &g->chunks[i]);
        } else
            thrift_skip(t, f.type);
    }
    t->bad |= rows < 0;
    g->rows = t->bad ? 0 : (uint64_t)rows;
    return ST_OK;
}

/* --- the schema's tree ------------------------------------------------------------------------ */

static struct element *walk(struct schema *s)
{
    return s->next < s->count ? &s->at[s->next++] : NULL;
}

/* Passes over the children of a group, counting leaves; false when the tree is cut short. */
static bool walk_over(struct schema *s, int64_t children)
{
    for (; children > 0; children--) {
        struct element *x = walk(s);
        if (x == NULL) return false;
        if (x->physical >= 0) s->leaves++;
        /* a group's children follow it: they are counted in */
        if (x->physical < 0) children += x->children;
    }
    return true;
}

/* The one leaf of a list: (repeated group of one leaf) or a repeated leaf; NULL: another shape. */
static struct element *list_leaf(struct schema *s, const struct element *group, int *def)
{
    if (group->leaf.logical != PARQUET_LIST || group->children != 1 || s->next >= s->count)
        return NULL;
    struct element *inner = &s->at[s->next];
    if (inner->repetition != REPEATED) return NULL;
    *def = 1;
    if (inner->physical >= 0) return inner;
    if (inner->children != 1 || s->next + 1 >= s->count) return NULL;
    struct element *leaf = inner + 1;
    *def += leaf->repetition == OPTIONAL;
    return leaf->physical >= 0 && leaf->repetition != REPEATED ? leaf : NULL;
}

static bool is_float(const struct parquet_leaf *leaf)
{
    return leaf->physical == PARQUET_FLOAT || leaf->physical == PARQUET_DOUBLE ||
        (leaf->logical == PARQUET_HALF && leaf->physical == PARQUET_FIXED && leaf->width == 2);
}

/* A child of the root becomes a column. */
static bool column_read(struct schema *s, struct parquet_leaf *out)
{
    struct element *x = walk(s), *leaf = x;
    int def = 0;
    if (x == NULL) return false;
    size_t index = s->leaves;
    if (x->physical < 0) {
        leaf = list_leaf(s, x, &def);
        if (!walk_over(s, x->children)) return false;
    } else
        s->leaves++;
    *out = leaf != NULL ? leaf->leaf : (struct parquet_leaf){0};
    out->index = index;
    bool list = x->physical < 0;
    out->def_list = list && x->repetition == OPTIONAL;
    out->def_max = list ? out->def_list + def : x->repetition == OPTIONAL;
    out->rep_max = list;
    if (leaf == NULL || x->repetition == REPEATED)
        out->nested = x->leaf.logical == PARQUET_LIST ? "a list of more than numbers"
                                                      : "nested (a struct, map or repeated value)";
    else if (list && !is_float(out))
        out->nested = "a list of values that are no floats";
    return true;
}

static enum status columns_make(
    struct reader *r, struct schema *s, struct parquet_meta *out, struct err *e)
{
    const struct element *root = walk(s);
    if (root == NULL || root->physical >= 0)
        return err_set(e, ST_CORRUPT, "%s: the schema has no root", r->in.name);
    enum status st = reader_columns(r, (size_t)root->children, e);
    if (st != ST_OK) return st;
    out->leaves = arena_array(&r->arena, r->column_count + 1, sizeof *out->leaves);
    if (out->leaves == NULL) return mem_err(e, r->column_count * sizeof *out->leaves);
    for (size_t i = 0; st == ST_OK && i < r->column_count; i++) {
        struct thrift_bytes name = {(const uint8_t *)"", 0};
        if (s->next < s->count) name = s->at[s->next].name;
        if (!column_read(s, &out->leaves[i]))
            return err_set(e, ST_CORRUPT, "%s: the schema ends early", r->in.name);
        st = reader_name(r, i, (const char *)name.data, name.bytes, e);
    }
    out->leaf_count = s->leaves;
    r->named = true;
    return st;
}

/* --- the footer ------------------------------------------------------------------------------- */

static enum status schema_read(struct thrift *t, const struct thrift_field *f, struct reader *r,
    struct schema *s, struct err *e)
{
    size_t n = thrift_structs(t, f);
    if (r->column_count > 0) t->bad = true; /* a schema twice */
    if (t->bad) return ST_OK;
    s->count = 0;
    s->at = arena_array(&r->arena, n + 1, sizeof *s->at);
    if (s->at == NULL) return mem_err(e, n * sizeof *s->at);
    for (; s->count < n && !t->bad; s->count++) element_read(t, &s->at[s->count]);
    return ST_OK;
}

static enum status groups_read(struct thrift *t, const struct thrift_field *f, struct reader *r,
    struct parquet_meta *out, struct err *e)
{
    enum status st = ST_OK;
    size_t n = thrift_structs(t, f);
    if (out->groups != NULL) t->bad = true;
    if (t->bad) return ST_OK;
    out->groups = arena_array(&r->arena, n + 1, sizeof *out->groups);
    if (out->groups == NULL) return mem_err(e, n * sizeof *out->groups);
    for (; st == ST_OK && out->group_count < n && !t->bad; out->group_count++) {
        struct parquet_group *g = &out->groups[out->group_count];
        st = group_read(t, r, g, out->leaf_count, e);
        t->bad |= g->rows > INT64_MAX - out->rows;
        out->rows += g->rows;
    }
    return st;
}

static enum status footer_read(
    struct thrift *t, struct reader *r, struct parquet_meta *out, struct err *e)
{
    struct thrift_field f = {0};
    struct schema s = {0};
    enum status st = ST_OK;
    while (st == ST_OK && thrift_next(t, &f)) {
        if (f.id == 2) {
            st = schema_read(t, &f, r, &s, e);
            if (st == ST_OK && !t->bad) st = columns_make(r, &s, out, e);
        } else if (f.id == 4)
            st = groups_read(t, &f, r, out, e);
        else
            thrift_skip(t, f.type);
    }
    if (st == ST_OK && (t->bad || r->column_count == 0))
        st = err_set(e, ST_CORRUPT, "%s: the footer is malformed", r->in.name);
    return st;
}

enum status parquet_meta_read(struct reader *r, struct parquet_meta *out, struct err *e)
{
    uint8_t tail[TAIL_BYTES];
    const char *name = r->in.name;
    if (r->in.bytes < 4 + TAIL_BYTES)
        return err_set(e, ST_CORRUPT, "%s is no Parquet file: too short", name);
    enum status st = input_read(&r->in, r->in.bytes - TAIL_BYTES, tail, TAIL_BYTES, e);
    if (st != ST_OK) return st;
    if (memcmp(tail + 4, "PARE", 4) == 0)
        return err_set(e, ST_UNSUPPORTED, "%s is encrypted", name);
    if (memcmp(tail + 4, "PAR1", 4) != 0)
        return err_set(
            e, ST_CORRUPT, "%s is no whole Parquet file: it does not end with PAR1", name);
    size_t bytes =
        (size_t)tail[0] | (size_t)tail[1] << 8 | (size_t)tail[2] << 16 | (size_t)tail[3] << 24;
    if (bytes > r->in.bytes - 4 - TAIL_BYTES)
        return err_set(
            e, ST_CORRUPT, "%s: a footer of %zu bytes is longer than the file", name, bytes);
    if (bytes > LIMIT_TABLE_FOOTER_BYTES)
        return err_set(e, ST_LIMIT, "%s: a footer of %zu bytes, at most %zu", name, bytes,
            LIMIT_TABLE_FOOTER_BYTES);
    uint8_t *footer = mem_alloc(bytes);
    if (footer == NULL) return mem_err(e, bytes);
    st = input_read(&r->in, r->in.bytes - TAIL_BYTES - bytes, footer, bytes, e);
    struct thrift t = {.p = footer, .end = footer + bytes};
    if (st == ST_OK) st = footer_read(&t, r, out, e);
    mem_free(footer);
    return st;
}
