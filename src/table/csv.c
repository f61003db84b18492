/* csv.c - csv and tsv (RFC 4180): text cut into cells.
 *
 * A quote opens a field only at its first byte; inside, two quotes are one and line ends are text.
 * Behind the closing quote only a delimiter or a line end may follow. A row ends with LF or CRLF;
 * empty lines are passed over. Rows must have as many fields as the first.
 *
 * The first row is the header when it says so (options->header), or else when its fields are text
 * and below it some column is not; when all is text, if one is a wanted column's name or nothing is
 * wanted. A file whose first line has no comma but ';', tabs or '|' is cut there.
 *
 * A tsv whose options say so (options->escapes) has ClickHouse's and PostgreSQL's rules instead:
 * no quotes, a backslash before what means something else; one before a tab or a line end makes it
 * part of the field.
 *
 * One thread finds the fields of a block: memchr inside quotes, 16 bytes at a time outside. Several
 * convert them (cells.h).
 */
#include <inttypes.h>
#include <string.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "base/limits.h"
#include "base/mem.h"
#include "table/cells.h"

enum { BLOCK_BYTES = 4 << 20 };

enum scan { SCAN_ROW, SCAN_MORE, SCAN_OPEN, SCAN_BEHIND };

struct csv {
    struct reader r;
    struct cells cells;
    struct window text;
    const struct table_options *o;
    char delimiter;
    bool escapes;
    struct cell *first; /* the first row, in the arena */
};

/* --- fields ----------------------------------------------------------------------------------- */

/* The first delimiter or LF from p on; end when there is none. 64 bytes behind end may be read. */
static char *field_end(char *p, char *end, char delimiter)
{
#if defined(__SSE2__)
    const __m128i d = _mm_set1_epi8(delimiter), lf = _mm_set1_epi8('\n');
    for (; p < end; p += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
        __m128i hit = _mm_or_si128(_mm_cmpeq_epi8(v, d), _mm_cmpeq_epi8(v, lf));
        int mask = _mm_movemask_epi8(hit);
        if (mask == 0) continue;
        p += __builtin_ctz((unsigned)mask);
        return p < end ? p : end;
    }
    return end;
#else
    while (p < end && *p != delimiter && *p != '\n') p++;
    return p;
#endif
}

/* A quoted field; *at stands on its quote and moves behind the closing one. */
static enum scan field_quoted(char **at, char *end, bool final, struct cell *x)
{
    char *p = *at + 1;
    x->data = p;
    x->kind = CELL_QUOTED;
    for (;;) {
        char *quote = p < end ? memchr(p, '"', (size_t)(end - p)) : NULL;
        if (quote == NULL) return final ? SCAN_OPEN : SCAN_MORE;
        if (quote + 1 == end && !final) return SCAN_MORE;
        if (quote + 1 == end || quote[1] != '"') {
            x->bytes = (uint32_t)(quote - x->data);
            *at = quote + 1;
            return SCAN_ROW;
        }
        x->kind = CELL_DOUBLED;
        p = quote + 2;
    }
}

/* A field with backslashes up to the delimiter or line end that has none before it. */
static enum scan field_slashed(
    const struct csv *v, char **at, char *end, bool final, struct cell *x)
{
    char *stop = field_end(*at, end, v->delimiter), *slash;
    x->data = *at;
    x->kind = CELL_BARE;
    for (char *from = *at; (slash = memchr(from, '\\', (size_t)(stop - from))) != NULL;) {
        x->kind = CELL_SLASHED;
        from = slash + 2 < end ? slash + 2 : end;
        if (from > stop) stop = field_end(from, end, v->delimiter);
    }
    if (stop == end && !final) return SCAN_MORE;
    x->bytes = (uint32_t)(stop - *at);
    bool ends = stop == end || *stop == '\n';
    if (ends && x->bytes > 0 && stop[-1] == '\r') x->bytes--;
    *at = stop;
    return SCAN_ROW;
}

/* One field up to its delimiter or line end, where *at then stands. */
static enum scan field(const struct csv *v, char **at, char *end, bool final, struct cell *x)
{
    if (v->escapes) return field_slashed(v, at, end, final, x);
    if (*at < end && **at == '"') {
        enum scan scan = field_quoted(at, end, final, x);
        if (scan != SCAN_ROW) return scan;
        if (*at < end && **at == '\r') {
            if (*at + 1 == end && !final) return SCAN_MORE;
            if (*at + 1 == end || (*at)[1] == '\n') (*at)++;
        }
        if (*at == end && !final) return SCAN_MORE;
        return *at == end || **at == v->delimiter || **at == '\n' ? SCAN_ROW : SCAN_BEHIND;
    }
    char *stop = field_end(*at, end, v->delimiter);
    if (stop == end && !final) return SCAN_MORE;
    x->data = *at;
    x->bytes = (uint32_t)(stop - *at);
    x->kind = CELL_BARE;
    if ((stop == end || *stop == '\n') && x->bytes > 0 && stop[-1] == '\r') x->bytes--;
    *at = stop;
    return SCAN_ROW;
}

/* One row: at most room cells are written, count tells how many there are. *at moves behind it. */
static enum scan row(struct csv *v, char **at, struct cell *out, size_t room, size_t *count)
{
    char *p = *at, *end = v->text.data + v->text.end;
    bool final = window_whole(&v->text);
    for (*count = 0;; p++) {
        struct cell spare, *x = *count < room ? &out[*count] : &spare;
        enum scan scan = field(v, &p, end, final, x);
        if (scan != SCAN_ROW) return scan;
        (*count)++;
        if (p == end || *p == '\n') break;
    }
    *at = p < end ? p + 1 : end;
    return SCAN_ROW;
}

/* Empty lines; false when there is nothing else in the window. */
static bool skip_empty(struct csv *v)
{
    struct window *w = &v->text;
    for (; w->start < w->end; w->start++) {
        const char *p = w->data + w->start;
        bool crlf = *p == '\r' && w->start + 1 < w->end && p[1] == '\n';
        if (v->escapes && v->r.column_count == 1) return true; /* an empty value */
        if (*p != '\n' && !crlf) return true;
        w->start += crlf;
    }
    return false;
}

/* --- rows ------------------------------------------------------------------------------------- */

static uint64_t row_number(const struct csv *v)
{
    return v->r.rows + v->cells.rows + 1;
}

static enum status scan_words(const struct csv *v, enum scan scan, struct err *e)
{
    return err_set(e, ST_CORRUPT, "%s, row %" PRIu64 ": %s", v->r.in.name, row_number(v),
        scan == SCAN_OPEN ? "a quote that opens a field is never closed"
                          : "text stands behind the closing quote of a field");
}

/* More text for a row that is not whole. */
static enum status more(struct csv *v, struct err *e)
{
    size_t have = window_bytes(&v->text);
    if (have >= LIMIT_TABLE_RECORD_BYTES)
        return err_set(e, ST_LIMIT,
            "%s, row %" PRIu64 " is longer than %zu bytes: is a quote never closed?", v->r.in.name,
            row_number(v), LIMIT_TABLE_RECORD_BYTES);
    return window_fill(&v->text, have < BLOCK_BYTES / 2 ? BLOCK_BYTES : have * 2, e);
}

/* Up to most rows of the window become cells, reading on only as long as there is none. */
static enum status fill(struct csv *v, size_t most, struct err *e)
{
    struct cells *c = &v->cells;
    size_t width = v->r.column_count, count;
    c->rows = 0;
    while (c->rows < most) {
        bool text = skip_empty(v);
        if (!text && window_whole(&v->text)) return ST_OK;
        struct cell *out = cells_row(c, e);
        if (out == NULL) return ST_NO_MEMORY;
        char *at = text ? v->text.data + v->text.start : NULL;
        enum scan scan = text ? row(v, &at, out, width, &count) : SCAN_MORE;
        if (scan == SCAN_MORE) {
            if (c->rows > 0) return ST_OK;
            enum status st = more(v, e);
            if (st != ST_OK) return st;
            continue;
        }
        if (scan != SCAN_ROW) return scan_words(v, scan, e);
        if (count != width)
            return err_set(e, ST_CORRUPT, "%s, row %" PRIu64 " has %zu fields, not %zu",
                v->r.in.name, row_number(v), count, width);
        v->text.start = (size_t)(at - v->text.data);
        c->rows++;
    }
    return ST_OK;
}

static enum status csv_next(
    struct reader *r, size_t most, struct table_values *values, size_t *rows, struct err *e)
{
    struct csv *v = (struct csv *)r;
    size_t limit = cells_rows_max(&v->cells);
    enum status st = fill(v, most < limit ? most : limit, e);
    if (st == ST_OK) st = cells_convert(&v->cells, r->rows, values, e);
    if (st != ST_OK) return st;
    *rows = v->cells.rows;
    r->bytes = v->text.at - window_bytes(&v->text);
    return ST_OK;
}

/* --- opening ---------------------------------------------------------------------------------- */

static char delimiter_find(const struct csv *v)
{
    if (v->o->delimiter != '\0') return v->o->delimiter;
    if (v->o->format == TABLE_TSV) return '\t';
    static const char others[] = {';', '\t', '|'};
    const char *line = v->text.data + v->text.start;
    const char *stop = memchr(line, '\n', window_bytes(&v->text));
    size_t bytes = stop != NULL ? (size_t)(stop - line) : window_bytes(&v->text);
    if (bytes == 0 || memchr(line, ',', bytes) != NULL) return ',';
    for (size_t i = 0; i < sizeof others; i++)
        if (memchr(line, others[i], bytes) != NULL) return others[i];
    return ',';
}

/* The first row's cells, copied: the window moves on. */
static enum status first_row(struct csv *v, uint64_t *data_at, struct err *e)
{
    enum status st = ST_OK;
    size_t count = 0;
    enum scan scan;
    for (;;) {
        bool text = skip_empty(v);
        if (!text && window_whole(&v->text))
            return err_set(e, ST_INVALID, "%s is empty", v->r.in.name);
        if (v->delimiter == '\0' && text) v->delimiter = delimiter_find(v);
        char *at = text ? v->text.data + v->text.start : NULL;
        scan = text ? row(v, &at, NULL, 0, &count) : SCAN_MORE;
        if (scan == SCAN_ROW) break;
        if (scan != SCAN_MORE) return scan_words(v, scan, e);
        st = more(v, e);
        if (st != ST_OK) return st;
    }
    st = reader_columns(&v->r, count, e);
    if (st != ST_OK) return st;
    char *at = v->text.data + v->text.start;
    v->first = arena_array(&v->r.arena, count, sizeof *v->first);
    if (v->first == NULL) return mem_err(e, count * sizeof *v->first);
    (void)row(v, &at, v->first, count, &count);
    for (size_t i = 0; i < count; i++) {
        struct cell *x = &v->first[i];
        x->data = arena_strndup(&v->r.arena, x->data, x->bytes);
        if (x->data == NULL) return mem_err(e, x->bytes);
        if (x->kind == CELL_DOUBLED) x->bytes = (uint32_t)cell_undouble(x->data, x->bytes);
        if (x->kind == CELL_DOUBLED) x->kind = CELL_QUOTED;
    }
    v->text.start = (size_t)(at - v->text.data);
    *data_at = v->text.at - window_bytes(&v->text);
    return ST_OK;
}

static enum status sample(struct csv *v, struct err *e)
{
    uint64_t from = v->text.at - window_bytes(&v->text);
    uint64_t most = v->o->sample_bytes != 0 ? v->o->sample_bytes : LIMIT_TABLE_SAMPLE_BYTES;
    for (;;) {
        uint64_t at = v->text.at - window_bytes(&v->text);
        if (at - from >= most) return ST_OK;
        enum status st = fill(v, TABLE_BATCH_ROWS, e);
        if (st != ST_OK) return st;
        if (v->cells.rows == 0) return ST_OK;
        cells_guess(&v->cells);
        v->r.rows += v->cells.rows; /* for words */
    }
}

static bool wanted_name(const struct csv *v, const struct cell *x)
{
    for (size_t i = 0; i < v->o->want_count; i++) {
        const char *name = v->o->want[i].name;
        if (name != NULL && strlen(name) == x->bytes && memcmp(name, x->data, x->bytes) == 0)
            return true;
    }
    return false;
}

static bool header_is(const struct csv *v)
{
    if (v->o->header != TABLE_HEADER_AUTO) return v->o->header == TABLE_HEADER_YES;
    bool typed = false, wanted = v->o->want_count == 0;
    for (size_t i = 0; i < v->r.column_count; i++) {
        const struct cell *x = &v->first[i];
        int dim;
        bool null = cell_is_null(&v->cells, x, false);
        if (!null && cell_could_be(x, &dim) != 0) return false;
        typed |= v->cells.columns[i].seen && v->cells.columns[i].could != 0;
        wanted |= !null && wanted_name(v, x);
        if (null && !v->cells.columns[i].seen) return false;
    }
    return typed || wanted;
}

static enum status names(struct csv *v, struct err *e)
{
    enum status st = ST_OK;
    v->r.named = header_is(v);
    for (size_t i = 0; st == ST_OK && i < v->r.column_count; i++) {
        const struct cell *x = &v->first[i];
        const char *want = "";
        if (!v->r.named) cells_guess_value(&v->cells, i, x);
        if (!v->r.named && v->o->want_count == v->r.column_count && v->o->want[i].name != NULL)
            want = v->o->want[i].name;
        size_t bytes = x->bytes;
        if (v->r.named && x->kind == CELL_SLASHED) bytes = cell_unslash(x->data, bytes);
        st = v->r.named ? reader_name(&v->r, i, x->data, bytes, e)
                        : reader_name(&v->r, i, want, strlen(want), e);
    }
    return st;
}

static enum status csv_open(struct reader *r, const struct reader_options *o, struct err *e)
{
    struct csv *v = (struct csv *)r;
    uint64_t start, data_at = 0;
    v->o = o->table;
    v->escapes = o->table->escapes && o->table->format == TABLE_TSV;
    if (strchr("\n\r\"", o->table->delimiter) != NULL && o->table->delimiter != '\0')
        return err_set(e, ST_INVALID, "a quote or a line end can't be the delimiter");
    enum status st = input_text_start(&r->in, &start, e);
    if (st != ST_OK) return st;
    window_init(&v->text, &r->in, start, r->in.bytes);
    st = first_row(v, &data_at, e);
    if (st == ST_OK) st = cells_init(&v->cells, r, o, e);
    if (st == ST_OK) st = sample(v, e);
    if (st == ST_OK) st = names(v, e);
    if (st == ST_OK) st = cells_want(&v->cells, v->o->want, v->o->want_count, e);
    if (st != ST_OK) return st;
    cells_guess_end(&v->cells);
    window_deinit(&v->text);
    window_init(&v->text, &r->in, r->named ? data_at : start, r->in.bytes);
    r->rows = 0;
    return ST_OK;
}

static void csv_close(struct reader *r)
{
    struct csv *v = (struct csv *)r;
    cells_deinit(&v->cells);
    window_deinit(&v->text);
}

const struct reader_kind reader_csv = {sizeof(struct csv), csv_open, csv_next, csv_close};
