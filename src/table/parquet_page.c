/* parquet_page.c - see parquet_page.h.
 *
 * A page is its head (Thrift) and its bytes. In version 1 repetition levels, definition levels and
 * values are compressed together, each kind of level behind its length (u32); in version 2 levels
 * stand before the compressed part and the head has their lengths.
 */
#include "table/parquet_page.h"

#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "table/codec.h"
#include "table/half.h"

enum { HEAD_BYTES_MAX = 16 << 20, PAGE_VALUES_MAX = 1 << 26, DICTIONARY_VALUES_MAX = 1 << 24 };
enum { PAGE_DATA = 0, PAGE_DICTIONARY = 2, PAGE_DATA_2 = 3, ENCODING_RLE = 3 };

struct page_head {
    int64_t type, bytes, packed; /* packed: as in the file */
    int64_t values, encoding, def_encoding, rep_encoding;
    int64_t def_bytes, rep_bytes; /* version 2 */
    bool stored;                  /* version 2: not compressed */
};

enum status parquet_wrong(const struct parquet_cursor *c, const char *what, struct err *e)
{
    return err_set(
        e, ST_CORRUPT, "%s, column %s: %s", c->r->in.name, c->r->columns[c->column].name, what);
}

/* --- heads ------------------------------------------------------------------------------------ */

static void data_head(struct thrift *t, struct page_head *h)
{
    struct thrift_field f = {0};
    while (thrift_next(t, &f)) {
        switch (f.id) {
        case 1: h->values = thrift_int(t, &f); break;
        case 2: h->encoding = thrift_int(t, &f); break;
        case 3: h->def_encoding = thrift_int(t, &f); break;
        case 4: h->rep_encoding = thrift_int(t, &f); break;
        default: thrift_skip(t, f.type);
        }
    }
}

static void data_head_2(struct thrift *t, struct page_head *h)
{
    struct thrift_field f = {0};
    while (thrift_next(t, &f)) {
        switch (f.id) {
        case 1: h->values = thrift_int(t, &f); break;
        case 4: h->encoding = thrift_int(t, &f); break;
        case 5: h->def_bytes = thrift_int(t, &f); break;
        case 6: h->rep_bytes = thrift_int(t, &f); break;
        case 7: h->stored = !thrift_bool(t, &f); break;
        default: thrift_skip(t, f.type);
        }
    }
}

static void head_parse(struct thrift *t, struct page_head *h)
{
    struct thrift_field f = {0};
    *h = (struct page_head){.type = -1,
        .bytes = -1,
        .packed = -1,
        .values = -1,
        .def_encoding = ENCODING_RLE,
        .rep_encoding = ENCODING_RLE};
    while (thrift_next(t, &f)) {
        bool nested = f.type == THRIFT_STRUCT;
        if (f.id == 1)
            h->type = thrift_int(t, &f);
        else if (f.id == 2)
            h->bytes = thrift_int(t, &f);
        else if (f.id == 3)
            h->packed = thrift_int(t, &f);
        else if (nested && (f.id == 5 || f.id == 7))
            data_head(t, h);
        else if (nested && f.id == 8)
            data_head_2(t, h);
        else
            thrift_skip(t, f.type);
    }
}

/* The head at the window's start; the window moves behind it and holds the page's bytes. */
static enum status head_read(struct parquet_cursor *c, struct page_head *h, struct err *e)
{
    struct window *w = &c->window;
    for (size_t want = 1024;; want *= 4) {
        enum status st = window_fill(w, want, e);
        if (st != ST_OK) return st;
        const uint8_t *data = (const uint8_t *)w->data + w->start;
        struct thrift t = {.p = data, .end = data + window_bytes(w)};
        head_parse(&t, h);
        if (!t.bad) {
            w->start += (size_t)(t.p - data);
            break;
        }
        if (window_whole(w) || want > HEAD_BYTES_MAX)
            return parquet_wrong(c, "a page's head is malformed", e);
    }
    if (h->bytes < 0 || h->packed < 0 || h->type < 0)
        return parquet_wrong(c, "a page's head is malformed", e);
    if ((uint64_t)h->bytes > LIMIT_TABLE_PAGE_BYTES || (uint64_t)h->packed > LIMIT_TABLE_PAGE_BYTES)
        return err_set(e, ST_LIMIT, "%s, column %s: a page of %lld bytes, at most %zu",
            c->r->in.name, c->r->columns[c->column].name, (long long)h->bytes,
            LIMIT_TABLE_PAGE_BYTES);
    enum status st = window_fill(w, (size_t)h->packed, e);
    if (st == ST_OK && (uint64_t)h->packed > window_bytes(w))
        st = parquet_wrong(c, "a page is longer than its column chunk", e);
    return st;
}

/* --- bytes ------------------------------------------------------------------------------------ */

static struct thrift_bytes page_bytes(const struct parquet_cursor *c, const struct page_head *h)
{
    const uint8_t *at = (const uint8_t *)c->window.data + c->window.start;
    return (struct thrift_bytes){at, (size_t)h->packed};
}

/* The bytes in the file become bytes at *out: of c->page, or where they lie. */
static enum status unpack(struct parquet_cursor *c, struct thrift_bytes in, size_t bytes,
    const uint8_t **out, struct err *e)
{
    *out = in.data;
    if (c->chunk->codec == 0)
        return in.bytes == bytes ? ST_OK : parquet_wrong(c, "a page's sizes differ", e);
    if (bytes > c->page_room || c->page == NULL) {
        mem_free(c->page);
        c->page_room = 0;
        c->page = mem_alloc(bytes);
        if (c->page == NULL) return mem_err(e, bytes);
        c->page_room = bytes;
    }
    *out = c->page;
    if (bytes == 0 || codec_decompress(c->chunk->codec, in.data, in.bytes, c->page, bytes))
        return ST_OK;
    return parquet_wrong(c, "a page does not decompress to the size it says", e);
}

static enum status dictionary_read(
    struct parquet_cursor *c, const struct page_head *h, struct err *e)
{
    const uint8_t *data;
    size_t bytes = (size_t)h->bytes;
    mem_free(c->dictionary_page);
    mem_free(c->dictionary.values);
    c->dictionary_page = NULL;
    c->dictionary = (struct parquet_dictionary){0};
    if (h->values < 0 || h->values > DICTIONARY_VALUES_MAX || h->values > h->bytes)
        return parquet_wrong(c, "a dictionary's count is malformed", e);
    if (h->encoding != 0 && h->encoding != 2)
        return parquet_wrong(c, "a dictionary that is not PLAIN", e);
    size_t count = (size_t)h->values;
    enum status st = unpack(c, page_bytes(c, h), bytes, &data, e);
    if (st != ST_OK) return st;
    c->dictionary_page = mem_alloc(bytes);
    c->dictionary.values = mem_zalloc(count + 1, parquet_physical_bytes(c->leaf->physical));
    if (c->dictionary_page == NULL || c->dictionary.values == NULL) return mem_err(e, bytes);
    if (bytes > 0) memcpy(c->dictionary_page, data, bytes);
    if (!parquet_values_init(&c->values, 0, c->dictionary_page, bytes, count) ||
        !parquet_values_get(&c->values, c->dictionary.values, count))
        return parquet_wrong(c, c->values.wrong, e);
    c->dictionary.count = count;
    return ST_OK;
}

/* --- levels ----------------------------------------------------------------------------------- */

static int width_of(int most)
{
    return most == 0 ? 0 : 32 - __builtin_clz((unsigned)most);
}

/* A kind of level of version 1; *p moves behind it. */
static bool levels_take(struct rle *r, const uint8_t **p, const uint8_t *end, int most)
{
    if (most == 0) return true;
    if (end - *p < 4) return false;
    const uint8_t *at = *p;
    size_t bytes = (size_t)at[0] | (size_t)at[1] << 8 | (size_t)at[2] << 16 | (size_t)at[3] << 24;
    if (bytes > (size_t)(end - at) - 4) return false;
    rle_init(r, at + 4, bytes, width_of(most));
    *p = at + 4 + bytes;
    return true;
}

static enum status data_read(struct parquet_cursor *c, const struct page_head *h, struct err *e)
{
    const uint8_t *p;
    enum status st = unpack(c, page_bytes(c, h), (size_t)h->bytes, &p, e);
    if (st != ST_OK) return st;
    const uint8_t *end = p + h->bytes;
    if ((c->leaf->def_max > 0 && h->def_encoding != ENCODING_RLE) ||
        (c->leaf->rep_max > 0 && h->rep_encoding != ENCODING_RLE))
        return parquet_wrong(c, "levels in the old BIT_PACKED encoding are not read", e);
    if (!levels_take(&c->rep, &p, end, c->leaf->rep_max) ||
        !levels_take(&c->def, &p, end, c->leaf->def_max))
        return parquet_wrong(c, "levels are longer than their page", e);
    if (!parquet_values_init(&c->values, (int)h->encoding, p, (size_t)(end - p), (size_t)h->values))
        return parquet_wrong(c, c->values.wrong, e);
    return ST_OK;
}

static enum status data_read_2(struct parquet_cursor *c, const struct page_head *h, struct err *e)
{
    const uint8_t *in = (const uint8_t *)c->window.data + c->window.start, *p;
    if (h->def_bytes < 0 || h->rep_bytes < 0 || h->def_bytes > h->packed ||
        h->rep_bytes > h->packed - h->def_bytes || h->def_bytes + h->rep_bytes > h->bytes)
        return parquet_wrong(c, "levels are longer than their page", e);
    size_t levels = (size_t)(h->def_bytes + h->rep_bytes);
    rle_init(&c->rep, in, (size_t)h->rep_bytes, width_of(c->leaf->rep_max));
    rle_init(&c->def, in + h->rep_bytes, (size_t)h->def_bytes, width_of(c->leaf->def_max));
    size_t bytes = (size_t)h->bytes - levels, packed = (size_t)h->packed - levels;
    p = in + levels;
    enum status st = ST_OK;
    if (!h->stored)
        st = unpack(c, (struct thrift_bytes){in + levels, packed}, bytes, &p, e);
    else if (packed != bytes)
        st = parquet_wrong(c, "a page's sizes differ", e);
    if (st != ST_OK) return st;
    if (!parquet_values_init(&c->values, (int)h->encoding, p, bytes, (size_t)h->values))
        return parquet_wrong(c, c->values.wrong, e);
    return ST_OK;
}

/* --- the chunk -------------------------------------------------------------------------------- */

enum status parquet_cursor_start(
    struct parquet_cursor *c, const struct parquet_chunk *chunk, struct err *e)
{
    const struct input *in = &c->r->in;
    if (!chunk->there) return parquet_wrong(c, "the file does not have its values", e);
    if (chunk->physical != c->leaf->physical)
        return parquet_wrong(c, "the schema and the column chunk differ in type", e);
    if (!codec_known(chunk->codec)) {
        const char *name = codec_name(chunk->codec);
        return err_set(e, ST_UNSUPPORTED,
            "%s, column %s: the codec %s is not read (none, snappy, gzip and zstd are)", in->name,
            c->r->columns[c->column].name, name != NULL ? name : "of an unknown number");
    }
    if (chunk->at > in->bytes || chunk->bytes > in->bytes - chunk->at)
        return parquet_wrong(c, "its pages lie outside the file", e);
    mem_free(c->dictionary_page);
    mem_free(c->dictionary.values);
    c->dictionary_page = NULL;
    c->dictionary = (struct parquet_dictionary){0};
    c->chunk = chunk;
    c->values_left = chunk->values;
    c->page_left = c->level_count = c->level_at = 0;
    c->values.leaf = c->leaf;
    c->values.dictionary = &c->dictionary;
    c->window.in = in;
    c->window.at = chunk->at;
    c->window.stop = chunk->at + chunk->bytes;
    c->window.start = c->window.end = 0;
    return ST_OK;
}

void parquet_cursor_deinit(struct parquet_cursor *c)
{
    window_deinit(&c->window);
    parquet_values_deinit(&c->values);
    mem_free(c->dictionary_page);
    mem_free(c->dictionary.values);
    mem_free(c->page);
    mem_free(c->staging);
    mem_free(c->null);
    mem_free_aligned(c->out);
    mem_free(c->text);
    *c = (struct parquet_cursor){0};
}

enum status parquet_cursor_load(struct parquet_cursor *c, struct err *e)
{
    enum status st = ST_OK;
    while (st == ST_OK && c->page_left == 0 && c->values_left > 0) {
        struct page_head h = {0};
        st = head_read(c, &h, e);
        if (st != ST_OK) return st;
        bool data = h.type == PAGE_DATA || h.type == PAGE_DATA_2;
        if (data && (h.values < 0 || (uint64_t)h.values > c->values_left))
            return parquet_wrong(c, "pages have more values than their column chunk", e);
        if (data && h.values > PAGE_VALUES_MAX)
            return parquet_wrong(c, "a page of more than 67,108,864 values", e);
        if (h.type == PAGE_DICTIONARY) st = dictionary_read(c, &h, e);
        if (h.type == PAGE_DATA) st = data_read(c, &h, e);
        if (h.type == PAGE_DATA_2) st = data_read_2(c, &h, e);
        c->window.start += (size_t)h.packed;
        if (st != ST_OK || !data) continue;
        c->page_left = (size_t)h.values;
        c->values_left -= (uint64_t)h.values;
    }
    return st;
}

enum status parquet_cursor_rows(
    struct parquet_cursor *c, size_t rows, size_t *present, struct err *e)
{
    *present = rows;
    c->any_null = false;
    if (c->leaf->def_max > 0) *present = 0;
    for (size_t n, at = 0; c->leaf->def_max > 0 && at < rows; at += n) {
        n = rows - at < PARQUET_LEVELS ? rows - at : PARQUET_LEVELS;
        if (!rle_get(&c->def, c->def_level, n)) return parquet_wrong(c, "levels end early", e);
        for (size_t i = 0; i < n; i++) {
            bool there = c->def_level[i] == (uint32_t)c->leaf->def_max;
            c->null[at + i] = !there;
            *present += there;
        }
    }
    c->any_null = *present < rows;
    c->page_left -= rows;
    if (!parquet_values_get(&c->values, c->staging, *present))
        return parquet_wrong(c, c->values.wrong, e);
    return ST_OK;
}

/* --- lists ------------------------------------------------------------------------------------ */

/* count floats of the page to out; NULL: they are passed over. */
static enum status floats_take(struct parquet_cursor *c, float *out, size_t count, struct err *e)
{
    union {
        float f[PARQUET_LEVELS];
        double d[PARQUET_LEVELS];
        struct table_bytes b[PARQUET_LEVELS];
    } some;
    for (size_t n; count > 0; count -= n) {
        n = count < PARQUET_LEVELS ? count : PARQUET_LEVELS;
        bool straight = out != NULL && c->leaf->physical == PARQUET_FLOAT;
        if (!parquet_values_get(&c->values, straight ? (void *)out : &some, n))
            return parquet_wrong(c, c->values.wrong, e);
        for (size_t i = 0; out != NULL && !straight && i < n; i++)
            out[i] = c->leaf->physical == PARQUET_DOUBLE ? (float)some.d[i]
                : c->leaf->physical == PARQUET_FLOAT     ? some.f[i]
                                                     : half_get((const uint8_t *)some.b[i].data);
        if (out != NULL) out += n;
    }
    return ST_OK;
}

struct list_row {
    size_t length, taken; /* elements seen; of them already copied out */
    float *out;
};

/* Elements that were counted but not yet taken from the page. */
static enum status row_flush(struct parquet_cursor *c, struct list_row *row, struct err *e)
{
    size_t count = row->length - row->taken;
    float *out = row->out != NULL ? row->out + row->taken : NULL;
    row->taken = row->length;
    return floats_take(c, out, count, e);
}

/* More levels; level_count 0: the chunk is at its end. Values of the page before must be taken. */
static enum status levels_more(struct parquet_cursor *c, struct list_row *row, struct err *e)
{
    c->level_at = c->level_count = 0;
    enum status st = c->page_left == 0 ? row_flush(c, row, e) : ST_OK;
    if (st == ST_OK && c->page_left == 0) st = parquet_cursor_load(c, e);
    if (st != ST_OK) return st;
    size_t n = c->page_left < PARQUET_LEVELS ? c->page_left : PARQUET_LEVELS;
    if (n > 0 && (!rle_get(&c->def, c->def_level, n) || !rle_get(&c->rep, c->rep_level, n)))
        return parquet_wrong(c, "levels end early", e);
    c->page_left -= n;
    c->level_count = n;
    return ST_OK;
}

/* The first element of a row, or what stands for none; then all that continue it. */
static enum status list_read(
    struct parquet_cursor *c, struct parquet_list *l, struct list_row *row, struct err *e)
{
    uint32_t full = (uint32_t)c->leaf->def_max, empty = (uint32_t)c->leaf->def_list;
    uint32_t def = c->def_level[c->level_at];
    if (c->rep_level[c->level_at] != 0) return parquet_wrong(c, "a row begins within a list", e);
    bool there = def > empty;
    if (!there) {
        c->level_at++;
        l->length = def == empty ? 0 : -1;
        return ST_OK;
    }
    for (bool first = true;; first = false) {
        if (c->level_at == c->level_count) {
            enum status st = levels_more(c, row, e);
            if (st != ST_OK) return st;
            if (c->level_count == 0) break;
        }
        if (!first && c->rep_level[c->level_at] == 0) break;
        if (c->def_level[c->level_at] != full)
            return parquet_wrong(c, "a vector has an element that is NULL", e);
        c->level_at++;
        row->length++;
        if (l->out != NULL && row->length > (size_t)l->dim) break;
        if (row->length > LIMIT_VECTOR_DIM) break;
    }
    l->length = (int)row->length;
    return ST_OK;
}

enum status parquet_cursor_lists(struct parquet_cursor *c, struct parquet_list *l, struct err *e)
{
    c->any_null = false;
    for (size_t i = 0; i < l->rows; i++) {
        struct list_row row = {.out = l->out != NULL ? l->out + i * (size_t)l->dim : NULL};
        enum status st = ST_OK;
        if (c->level_at == c->level_count) st = levels_more(c, &row, e);
        if (st == ST_OK && c->level_count == 0) st = parquet_wrong(c, "fewer values than rows", e);
        if (st == ST_OK) st = list_read(c, l, &row, e);
        bool null = l->length <= 0;
        if (st == ST_OK && l->out != NULL && !null && l->length != l->dim)
            return err_set(e, ST_MISMATCH,
                "%s, row %llu, column %s: a list of %s%d numbers, not %d", c->r->in.name,
                (unsigned long long)(c->r->rows + i + 1), c->r->columns[c->column].name,
                l->length > l->dim ? "at least " : "", l->length, l->dim);
        if (st == ST_OK) st = row_flush(c, &row, e);
        if (st != ST_OK) return st;
        if (l->null == NULL) continue;
        l->null[i] = null;
        c->any_null |= null;
        if (null && l->out != NULL) memset(row.out, 0, (size_t)l->dim * sizeof(float));
    }
    return ST_OK;
}
