/* cells.c - see cells.h: memory, NULL spellings, guessing. cells_convert.c has the rest. */
#include "table/cells.h"

#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "table/array.h"
#include "table/number.h"

enum { ROWS_FIRST = 256, BATCH_BYTES = 64 << 20 };

static const char *const nulls_always[] = {"", "\\N", "NULL", NULL};
static const char *const nulls_typed[] = {
    "null", "NA", "N/A", "n/a", "<NA>", "None", "nan", "NaN", "-nan", NULL};

enum status cells_init(
    struct cells *c, struct reader *r, const struct reader_options *o, struct err *e)
{
    bool escapes = o->table->escapes && o->table->format == TABLE_TSV;
    *c = (struct cells){.r = r, .nulls = o->table->nulls, .team = o->team, .escapes = escapes};
    c->columns = mem_zalloc(r->column_count + 1, sizeof *c->columns);
    if (c->columns == NULL) return mem_err(e, r->column_count * sizeof *c->columns);
    for (size_t i = 0; i < r->column_count; i++) c->columns[i].could = UINT32_MAX;
    return ST_OK;
}

void cells_deinit(struct cells *c)
{
    for (size_t i = 0; c->columns != NULL && i < c->r->column_count; i++) {
        mem_free_aligned(c->columns[i].data);
        mem_free(c->columns[i].null);
    }
    mem_free(c->columns);
    mem_free(c->at);
    *c = (struct cells){0};
}

struct cell *cells_row(struct cells *c, struct err *e)
{
    size_t width = c->r->column_count;
    if (c->rows == c->capacity) {
        size_t capacity = c->capacity == 0 ? ROWS_FIRST : c->capacity * 2, count;
        struct cell *at = NULL;
        if (mem_mul(capacity, width, &count)) at = mem_resize(c->at, count + 1, sizeof *at);
        if (at == NULL) {
            (void)mem_err(e, capacity * width * sizeof *at);
            return NULL;
        }
        c->at = at;
        c->capacity = capacity;
    }
    return c->at + c->rows * width;
}

/* --- types given ------------------------------------------------------------------------------ */

enum status cells_want(struct cells *c, const struct table_want *want, size_t count, struct err *e)
{
    struct reader *r = c->r;
    if (!r->named && count > 0 && count != r->column_count)
        return err_set(e, ST_MISMATCH, "%s has %zu columns, %zu are wanted", r->in.name,
            r->column_count, count);
    for (size_t i = 0; i < count; i++) {
        size_t at = r->named ? reader_find(r, want[i].name) : i;
        if (at == r->column_count) continue;
        r->columns[at].type = want[i].type;
        r->columns[at].dim = want[i].type == TABLE_VECTOR ? want[i].dim : 0;
        c->columns[at].given = true;
        c->columns[at].hex = want[i].hex;
    }
    return ST_OK;
}

/* --- NULL ------------------------------------------------------------------------------------- */

static bool listed(const char *const *list, const struct cell *x)
{
    for (; *list != NULL; list++)
        if (strlen(*list) == x->bytes && memcmp(*list, x->data, x->bytes) == 0) return true;
    return false;
}

bool cell_is_null(const struct cells *c, const struct cell *x, bool typed)
{
    if (x->kind == CELL_NULL) return true;
    if (x->kind == CELL_QUOTED) return typed && x->bytes == 0;
    if (x->kind != CELL_BARE && x->kind != CELL_SLASHED) return false;
    if (c->nulls != NULL) return listed(c->nulls, x);
    if (c->escapes && !typed) return x->bytes == 2 && memcmp(x->data, "\\N", 2) == 0;
    if (x->bytes > 4 || (x->bytes > 0 && x->data[0] >= '0' && x->data[0] <= '9')) return false;
    return listed(nulls_always, x) || (typed && listed(nulls_typed, x));
}

/* --- guessing --------------------------------------------------------------------------------- */

enum {
    AS_BOOL = 1 << TABLE_BOOL,
    AS_INT = 1 << TABLE_INT,
    AS_REAL = 1 << TABLE_REAL,
    AS_VECTOR = 1 << TABLE_VECTOR
};

static uint32_t could_be_number(const char *s, size_t bytes)
{
    const char *digits = s + (bytes > 0 && s[0] == '-');
    size_t n = bytes - (size_t)(digits - s);
    if (n > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9') return 0;
    int64_t whole;
    double real;
    if (number_int(s, bytes, &whole)) return AS_INT | AS_REAL;
    if (!number_real(s, bytes, &real)) return 0;
    for (size_t i = 0; i < n; i++)
        if (digits[i] < '0' || digits[i] > '9') return AS_REAL;
    return 0; /* an integer beyond 64 bits: no double holds it */
}

static bool is_word(const char *s, size_t bytes, const char *word)
{
    for (; bytes > 0 && (*s | 0x20) == *word; bytes--, s++) word++;
    return bytes == 0 && *word == '\0';
}

uint32_t cell_could_be(const struct cell *x, int *dim)
{
    *dim = 0;
    if (x->kind == CELL_STRING || x->kind == CELL_ESCAPED || x->kind == CELL_DOUBLED ||
        x->kind == CELL_SLASHED)
        return 0;
    if (x->kind == CELL_BOOL) return AS_BOOL;
    const char *s = x->data;
    size_t bytes = x->bytes;
    array_trim(&s, &bytes);
    if (bytes == 0) return 0;
    if (s[0] == '[') {
        *dim = array_count(s, bytes);
        return *dim > 0 ? AS_VECTOR : 0;
    }
    if (is_word(s, bytes, "true") || is_word(s, bytes, "false")) return AS_BOOL;
    return could_be_number(s, bytes);
}

void cells_guess_value(struct cells *c, size_t column, const struct cell *x)
{
    struct cells_column *g = &c->columns[column];
    int dim;
    if (g->could == 0 || g->given || cell_is_null(c, x, true)) return;
    uint32_t could = cell_could_be(x, &dim);
    if (dim > 0 && g->dim > 0 && dim != g->dim) could = 0;
    if (dim > 0) g->dim = dim;
    g->could &= could;
    g->seen = true;
}

void cells_guess(struct cells *c)
{
    for (size_t i = 0; i < c->r->column_count; i++)
        for (size_t row = 0; row < c->rows && c->columns[i].could != 0; row++)
            cells_guess_value(c, i, &c->at[row * c->r->column_count + i]);
}

void cells_guess_end(struct cells *c)
{
    static const enum table_type order[] = {TABLE_BOOL, TABLE_INT, TABLE_REAL, TABLE_VECTOR};
    for (size_t i = 0; i < c->r->column_count; i++) {
        struct cells_column *g = &c->columns[i];
        struct table_column *out = &c->r->columns[i];
        if (g->given) continue;
        out->type = TABLE_TEXT;
        for (size_t t = 0; t < sizeof order / sizeof order[0] && out->type == TABLE_TEXT; t++)
            if (g->seen && (g->could >> order[t] & 1) != 0) out->type = order[t];
        out->dim = out->type == TABLE_VECTOR ? g->dim : 0;
    }
}

size_t cells_rows_max(const struct cells *c)
{
    size_t floats = 1;
    for (size_t i = 0; i < c->r->column_count; i++) floats += (size_t)c->r->columns[i].dim;
    size_t rows = BATCH_BYTES / (floats * sizeof(float));
    size_t cells = BATCH_BYTES / (c->r->column_count * sizeof(struct cell) + 1);
    if (rows > cells) rows = cells;
    return rows == 0 ? 1 : rows;
}
