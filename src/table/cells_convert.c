/* cells_convert.c - cells to typed columns; see cells.h.
 *
 * Each part of the team takes a range of rows and goes through it column by column. A part stops
 * at its first fault; the first part's is worded, so the error is the same with any number of
 * threads.
 */
#include <inttypes.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "table/array.h"
#include "table/cells.h"
#include "table/json_scan.h"
#include "table/number.h"

enum { PARTS_MAX = 16, PART_ROWS_MIN = 16, PART_CELLS_MIN = 512, WORDS = 48 };

enum fault_kind { FAULT_NONE, FAULT_TYPE, FAULT_ENCODING, FAULT_DIM, FAULT_ESCAPE };

struct fault {
    enum fault_kind kind;
    size_t row, column;
    long long found; /* FAULT_DIM: numbers; FAULT_ENCODING: the byte's place */
};

struct convert {
    struct cells *c;
    struct table_values *values;
    int parts;
    struct fault faults[PARTS_MAX];
};

/* --- one value -------------------------------------------------------------------------------- */

static bool bool_get(const struct cell *x, uint8_t *out)
{
    const char *s = x->data;
    size_t n = x->bytes;
    array_trim(&s, &n);
    bool yes = (n == 1 && *s == '1') || (n == 4 && (*s | 0x20) == 't');
    bool no = (n == 1 && *s == '0') || (n == 5 && (*s | 0x20) == 'f');
    static const char *const words[] = {"false", "true"};
    for (size_t i = 1; i < n; i++)
        if ((s[i] | 0x20) != words[yes][i]) return false;
    *out = yes;
    return yes || no;
}

static bool int_get(const struct cell *x, int64_t *out)
{
    const char *s = x->data;
    size_t n = x->bytes;
    uint8_t flag;
    double real;
    if (x->kind == CELL_STRING || x->kind == CELL_ESCAPED) return false;
    array_trim(&s, &n);
    if (number_int(s, n, out)) return true;
    if (x->kind == CELL_BOOL && bool_get(x, &flag)) {
        *out = flag;
        return true;
    }
    /* 12.0, as pandas writes integers of a column with gaps */
    if (!number_real(s, n, &real) || !(real >= -0x1p53 && real <= 0x1p53)) return false;
    *out = (int64_t)real;
    return (double)*out == real;
}

static bool real_get(const struct cell *x, double *out)
{
    const char *s = x->data;
    size_t n = x->bytes;
    if (x->kind == CELL_STRING || x->kind == CELL_ESCAPED) return false;
    array_trim(&s, &n);
    return number_real(s, n, out);
}

/* --- text ------------------------------------------------------------------------------------- */

size_t cell_undouble(char *s, size_t bytes)
{
    size_t to = 0;
    for (size_t i = 0; i < bytes; i++) {
        s[to++] = s[i];
        if (s[i] == '"') i++;
    }
    return to;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    char low = (char)(c | 0x20);
    return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

/* What stands behind a backslash; *at moves behind it. An unknown letter keeps its backslash. */
static size_t unslash_one(const char **at, const char *end, char *out)
{
    static const char FROM[] = "ntr0bfav'\"\\/`", TO[] = "\n\t\r\0\b\f\a\v'\"\\/`";
    char c = *(*at)++;
    const char *known = c != '\0' ? strchr(FROM, c) : NULL;
    int high = c == 'x' && end - *at >= 2 ? hex_digit((*at)[0]) : -1;
    int low = high >= 0 ? hex_digit((*at)[1]) : -1;
    bool control = (unsigned char)c < ' ';
    if (low >= 0) {
        *out = (char)(high * 16 + low);
        *at += 2;
    } else if (known != NULL || control) {
        *out = known != NULL ? TO[known - FROM] : c;
    } else {
        out[0] = '\\';
        out[1] = c;
        return 2;
    }
    return 1;
}

size_t cell_unslash(char *s, size_t bytes)
{
    const char *from = s, *end = s + bytes;
    char *to = s;
    while (from < end) {
        if (*from != '\\' || from + 1 == end) {
            *to++ = *from++;
            continue;
        }
        from++;
        to += unslash_one(&from, end, to);
    }
    return (size_t)(to - s);
}

/* \x0102 becomes bytes in place; anything else stays. false: \x and something else. */
static bool hex_get(struct table_bytes *x, char *data)
{
    if (x->bytes < 2 || data[0] != '\\' || data[1] != 'x') return true;
    if (x->bytes % 2 != 0) return false;
    for (size_t i = 2; i < x->bytes; i += 2) {
        int high = hex_digit(data[i]), low = hex_digit(data[i + 1]);
        if (high < 0 || low < 0) return false;
        data[i / 2 - 1] = (char)(high * 16 + low);
    }
    x->bytes = x->bytes / 2 - 1;
    return true;
}

static enum fault_kind text_get(struct cell *x, bool utf8, struct table_bytes *out)
{
    if (x->kind == CELL_DOUBLED) x->bytes = (uint32_t)cell_undouble(x->data, x->bytes);
    if (x->kind == CELL_ESCAPED) {
        size_t bytes;
        if (!json_unescape(x->data, x->bytes, &bytes)) return FAULT_ESCAPE;
        x->bytes = (uint32_t)bytes;
    }
    if (x->kind == CELL_SLASHED) x->bytes = (uint32_t)cell_unslash(x->data, x->bytes);
    if (x->kind == CELL_DOUBLED || x->kind == CELL_SLASHED) x->kind = CELL_QUOTED;
    if (x->kind == CELL_ESCAPED) x->kind = CELL_STRING;
    *out = (struct table_bytes){x->data, x->bytes};
    return !utf8 || reader_is_utf8(x->data, x->bytes) ? FAULT_NONE : FAULT_ENCODING;
}

/* --- a range of rows -------------------------------------------------------------------------- */

static enum fault_kind bytes_get(
    const struct cells *c, size_t column, struct cell *x, struct table_bytes *out)
{
    enum fault_kind fault = text_get(x, c->r->columns[column].type == TABLE_TEXT, out);
    if (fault != FAULT_NONE || !c->columns[column].hex) return fault;
    return hex_get(out, x->data) ? FAULT_NONE : FAULT_TYPE;
}

static enum fault_kind value_get(
    struct cells *c, size_t column, size_t row, struct cell *x, struct fault *f)
{
    const struct table_column *t = &c->r->columns[column];
    void *data = c->columns[column].data;
    switch (t->type) {
    case TABLE_BOOL: return bool_get(x, (uint8_t *)data + row) ? FAULT_NONE : FAULT_TYPE;
    case TABLE_INT: return int_get(x, (int64_t *)data + row) ? FAULT_NONE : FAULT_TYPE;
    case TABLE_REAL: return real_get(x, (double *)data + row) ? FAULT_NONE : FAULT_TYPE;
    case TABLE_VECTOR: {
        float *out = (float *)data + row * (size_t)t->dim;
        int n = x->kind == CELL_STRING || x->kind == CELL_ESCAPED
            ? -1
            : array_read(x->data, x->bytes, out, t->dim);
        f->found = n;
        return n < 0 ? FAULT_TYPE : n != t->dim ? FAULT_DIM : FAULT_NONE;
    }
    default: return bytes_get(c, column, x, (struct table_bytes *)data + row);
    }
}

static size_t type_bytes(const struct table_column *t)
{
    static const size_t bytes[TABLE_TYPE_COUNT] = {[TABLE_BOOL] = 1,
        [TABLE_INT] = sizeof(int64_t),
        [TABLE_REAL] = sizeof(double),
        [TABLE_TEXT] = sizeof(struct table_bytes),
        [TABLE_BLOB] = sizeof(struct table_bytes)};
    return t->type == TABLE_VECTOR ? (size_t)t->dim * sizeof(float) : bytes[t->type];
}

static bool column_range(struct cells *c, size_t column, size_t from, size_t to, struct fault *f)
{
    const struct table_column *t = &c->r->columns[column];
    struct cells_column *mem = &c->columns[column];
    bool typed = t->type != TABLE_TEXT && t->type != TABLE_BLOB;
    size_t bytes = type_bytes(t);
    for (size_t row = from; row < to; row++) {
        struct cell *x = &c->at[row * c->r->column_count + column];
        mem->null[row] = cell_is_null(c, x, typed);
        if (mem->null[row]) {
            memset((char *)mem->data + row * bytes, 0, bytes);
            atomic_store_explicit(&mem->any_null, true, memory_order_relaxed);
            continue;
        }
        f->kind = value_get(c, column, row, x, f);
        if (f->kind == FAULT_NONE) continue;
        f->row = row;
        f->column = column;
        return false;
    }
    return true;
}

static void convert_part(void *arg, int step, int part)
{
    (void)step;
    struct convert *v = arg;
    struct cells *c = v->c;
    if (part >= v->parts) return;
    size_t from = c->rows * (size_t)part / (size_t)v->parts;
    size_t to = c->rows * ((size_t)part + 1) / (size_t)v->parts;
    for (size_t i = 0; i < c->r->column_count; i++)
        if (reader_keeps(c->r, i) && !column_range(c, i, from, to, &v->faults[part])) return;
}

/* --- words ------------------------------------------------------------------------------------ */

/* What bytes that are no UTF-8 look like: pairs of high bytes are EUC-KR and its kin. */
static const char *encoding_words(const char *s, size_t bytes)
{
    size_t i = 0, pairs = 0;
    while (i < bytes) {
        bool high = (unsigned char)s[i] >= 0x81;
        if (high && (i + 1 == bytes || (unsigned char)s[i + 1] < 0xa1)) break;
        pairs += high;
        i += 1 + high;
    }
    return i == bytes && pairs > 0 ? "it looks like EUC-KR (CP949) or another East Asian encoding"
                                   : "it looks like Latin-1 (Windows-1252)";
}

static enum status fault_words(
    const struct cells *c, const struct fault *f, uint64_t first, struct err *e)
{
    const struct cell *x = &c->at[f->row * c->r->column_count + f->column];
    const struct table_column *t = &c->r->columns[f->column];
    const char *name = c->r->in.name;
    uint64_t row = first + f->row + 1;
    int n = x->bytes > WORDS ? WORDS : (int)x->bytes;
    while (n > 0 && n < (int)x->bytes && ((unsigned char)x->data[n] & 0xc0) == 0x80) n--;
    const char *more = n < (int)x->bytes ? "..." : "";
    switch (f->kind) {
    case FAULT_DIM:
        return err_set(e, ST_MISMATCH,
            "%s, row %" PRIu64 ", column %s: an array of %lld numbers, not %d", name, row, t->name,
            f->found, t->dim);
    case FAULT_ENCODING:
        return err_set(e, ST_INVALID,
            "%s, row %" PRIu64 ", column %s: the text is not UTF-8; %s (iconv -t UTF-8 converts)",
            name, row, t->name, encoding_words(x->data, x->bytes));
    case FAULT_ESCAPE:
        return err_set(e, ST_CORRUPT,
            "%s, row %" PRIu64 ", column %s: a wrong escape in \"%.*s%s\"", name, row, t->name, n,
            x->data, more);
    default:
        if (!utf8_valid(x->data, (size_t)n)) n = 0;
        return err_set(e, ST_MISMATCH,
            "%s, row %" PRIu64 ", column %s: \"%.*s%s\" is no %s, which %s", name, row, t->name, n,
            x->data, more, table_type_name(t->type),
            c->columns[f->column].given ? "the column is" : "all sampled values are");
    }
}

/* --- the batch -------------------------------------------------------------------------------- */

/* A vector column whose length is not known yet takes that of its first value. */
static enum status dim_find(struct cells *c, size_t column, uint64_t first, struct err *e)
{
    struct table_column *t = &c->r->columns[column];
    for (size_t row = 0; row < c->rows && t->dim == 0; row++) {
        const struct cell *x = &c->at[row * c->r->column_count + column];
        if (cell_is_null(c, x, true)) continue;
        int dim = array_count(x->data, x->bytes);
        struct fault f = {.kind = FAULT_TYPE, .row = row, .column = column};
        if (dim <= 0) return fault_words(c, &f, first, e);
        t->dim = dim;
    }
    if (t->dim > LIMIT_VECTOR_DIM)
        return err_set(e, ST_LIMIT, "%s, column %s: vectors of %d numbers, at most %d",
            c->r->in.name, t->name, t->dim, LIMIT_VECTOR_DIM);
    return ST_OK;
}

static enum status column_room(struct cells *c, size_t column, struct err *e)
{
    struct cells_column *mem = &c->columns[column];
    size_t bytes = c->rows * type_bytes(&c->r->columns[column]);
    if (bytes > mem->data_bytes || mem->data == NULL) {
        mem_free_aligned(mem->data);
        mem->data_bytes = 0;
        mem->data = mem_alloc_aligned(bytes + 64);
        if (mem->data == NULL) return mem_err(e, bytes);
        mem->data_bytes = bytes;
    }
    if (c->rows > mem->null_bytes) {
        mem_free(mem->null);
        mem->null_bytes = 0;
        mem->null = mem_alloc(c->rows);
        if (mem->null == NULL) return mem_err(e, c->rows);
        mem->null_bytes = c->rows;
    }
    atomic_store_explicit(&mem->any_null, false, memory_order_relaxed);
    return ST_OK;
}

enum status cells_convert(
    struct cells *c, uint64_t first, struct table_values *values, struct err *e)
{
    struct convert v = {.c = c, .values = values, .parts = team_threads(c->team)};
    if (v.parts > PARTS_MAX) v.parts = PARTS_MAX;
    if (c->rows < PART_ROWS_MIN || c->rows * c->r->column_count < PART_CELLS_MIN) v.parts = 1;
    for (size_t i = 0; i < c->r->column_count; i++) {
        if (!reader_keeps(c->r, i)) continue;
        enum status st = ST_OK;
        if (c->r->columns[i].type == TABLE_VECTOR) st = dim_find(c, i, first, e);
        if (st == ST_OK) st = column_room(c, i, e);
        if (st != ST_OK) return st;
    }
    struct team_turn turn = {0};
    struct team_job job = {.work = convert_part, .arg = &v, .steps = 1, .turns = &turn};
    if (v.parts > 1)
        team_run(c->team, &job);
    else
        convert_part(&v, 0, 0);
    for (int i = 0; i < v.parts; i++)
        if (v.faults[i].kind != FAULT_NONE) return fault_words(c, &v.faults[i], first, e);
    for (size_t i = 0; i < c->r->column_count; i++) {
        struct cells_column *mem = &c->columns[i];
        if (!reader_keeps(c->r, i)) continue;
        values[i].bools = mem->data; /* the union's other names are the same pointer */
        if (atomic_load_explicit(&mem->any_null, memory_order_relaxed)) values[i].null = mem->null;
    }
    return ST_OK;
}
