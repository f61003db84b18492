/* json.c - records: an array of objects, objects one after the other (JSON lines), or one object of
 * columns ({"a": [1, 2], "b": [3, 4]}, or {"a": {"0": 1, "1": 2}} as pandas writes it).
 *
 * Records stream through a window; only an object of columns is held whole. An object that stands
 * alone is one of columns when its values are arrays or objects of one length, and a record
 * otherwise or when the format says lines. Columns are the keys of the sampled records in the order
 * they appear (wanted columns first), a record may lack any of them; an unknown key further down is
 * an error, not a loss. Of a key twice in a record the last counts. Arrays of numbers may be
 * vectors (cells.h); every other nested value is its text.
 */
#include <inttypes.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "table/json_scan.h"

enum { BLOCK_BYTES = 4 << 20, KEY_BYTES_MAX = 1024 };

struct json {
    struct reader r;
    struct cells cells;
    struct window text;
    const struct table_options *o;
    const char **keys; /* as they are written; the columns' names may differ to be unique */
    uint64_t start;    /* of the first record */
    bool array;        /* records stand in [ ] */
    bool ended;        /* its ] was seen */
    bool learning;     /* new keys become columns */
    char **cursor;     /* object of columns: where each column's next value is; else NULL */
    size_t length;     /* of the columns */
};

static uint64_t row_number(const struct json *j)
{
    return j->r.rows + j->cells.rows + 1;
}

static enum status scan_words(const struct json *j, enum json_scan scan, struct err *e)
{
    if (scan == JSON_DEEP)
        return err_set(e, ST_LIMIT, "%s, row %" PRIu64 ": nested deeper than %d", j->r.in.name,
            row_number(j), LIMIT_JSON_DEPTH);
    return err_set(
        e, ST_CORRUPT, "%s, row %" PRIu64 " is no valid JSON record", j->r.in.name, row_number(j));
}

static struct json_text text_of(struct json *j)
{
    struct window *w = &j->text;
    return (struct json_text){w->data + w->start, w->data + w->end, window_whole(w), 0};
}

static void text_take(struct json *j, const struct json_text *t)
{
    j->text.start = (size_t)(t->p - j->text.data);
}

static enum status more(struct json *j, size_t limit, struct err *e)
{
    size_t have = window_bytes(&j->text);
    if (have >= limit)
        return err_set(e, ST_LIMIT, "%s, row %" PRIu64 " is longer than %zu bytes", j->r.in.name,
            row_number(j), limit);
    return window_fill(&j->text, have < BLOCK_BYTES / 2 ? BLOCK_BYTES : have * 2, e);
}

/* --- keys ------------------------------------------------------------------------------------- */

static bool key_is(const struct json *j, size_t column, const char *key, size_t bytes)
{
    const char *name = j->keys[column];
    return strncmp(name, key, bytes) == 0 && name[bytes] == '\0';
}

static enum status key_add(struct json *j, const char *key, size_t bytes, struct err *e)
{
    size_t column = j->r.column_count;
    if (column >= LIMIT_TABLE_COLUMNS)
        return err_set(e, ST_LIMIT, "%s, row %" PRIu64 ": more than %d different keys",
            j->r.in.name, row_number(j), LIMIT_TABLE_COLUMNS);
    enum status st = reader_name(&j->r, column, key, bytes, e);
    if (st != ST_OK) return st;
    j->keys[column] = arena_strndup(&j->r.arena, key, bytes);
    if (j->keys[column] == NULL) return mem_err(e, bytes);
    j->r.column_count++;
    return ST_OK;
}

/* The column of a key; *hint is where it probably is. */
static enum status key_find(struct json *j, const struct cell *key, size_t *hint, struct err *e)
{
    char plain[KEY_BYTES_MAX];
    const char *name = key->data;
    size_t bytes = key->bytes;
    if (bytes > sizeof plain)
        return err_set(e, ST_LIMIT, "%s, row %" PRIu64 ": a key of %zu bytes, at most %zu",
            j->r.in.name, row_number(j), bytes, sizeof plain);
    if (key->kind == CELL_ESCAPED) {
        memcpy(plain, key->data, bytes);
        name = plain;
        if (!json_unescape(plain, bytes, &bytes)) return scan_words(j, JSON_BAD, e);
    }
    if (*hint < j->r.column_count && key_is(j, *hint, name, bytes)) return ST_OK;
    for (*hint = 0; *hint < j->r.column_count; ++*hint)
        if (key_is(j, *hint, name, bytes)) return ST_OK;
    if (j->learning && bytes > 0) return key_add(j, name, bytes, e);
    if (memchr(name, '\0', bytes) != NULL) return scan_words(j, JSON_BAD, e);
    return err_set(e, ST_MISMATCH,
        "%s, row %" PRIu64 ": the key \"%.*s\" is new; no sampled record has it", j->r.in.name,
        row_number(j), bytes > 60 ? 60 : (int)bytes, name);
}

/* --- records ---------------------------------------------------------------------------------- */

struct record {
    struct json *j;
    struct cell *out; /* NULL: the values are guessed from */
    enum status st;   /* what a key said */
    struct err *e;
};

static enum json_scan member(struct json_text *t, struct record *r, size_t *hint)
{
    struct cell key, value;
    enum json_scan scan = json_value(t, &key);
    if (scan != JSON_FINE) return scan;
    if (key.kind != CELL_STRING && key.kind != CELL_ESCAPED) return JSON_BAD;
    scan = json_mark(t, ':');
    if (scan == JSON_FINE) scan = json_value(t, &value);
    if (scan != JSON_FINE) return scan;
    r->st = key_find(r->j, &key, hint, r->e);
    if (r->st != ST_OK) return JSON_BAD;
    if (r->out != NULL)
        r->out[*hint] = value;
    else
        cells_guess_value(&r->j->cells, *hint, &value);
    ++*hint;
    return JSON_FINE;
}

/* { members }, and in an array the comma or bracket behind it. */
static enum json_scan record(struct json_text *t, struct record *r)
{
    size_t hint = 0;
    char c;
    t->depth = 1;
    enum json_scan scan = json_mark(t, '{');
    if (scan == JSON_FINE) scan = json_peek(t, &c);
    while (scan == JSON_FINE && c != '}') {
        scan = member(t, r, &hint);
        if (scan == JSON_FINE) scan = json_peek(t, &c);
        if (scan == JSON_FINE && c != '}') scan = json_mark(t, ',');
        char after;
        if (scan == JSON_FINE && c == ',') scan = json_peek(t, &after);
        if (scan == JSON_FINE && c == ',' && after != '"') return JSON_BAD;
    }
    if (scan == JSON_FINE) scan = json_mark(t, '}');
    if (scan != JSON_FINE || !r->j->array) return scan;
    scan = json_peek(t, &c);
    if (scan == JSON_FINE && c == ',') t->p++;
    if (scan == JSON_FINE && c != ',' && c != ']') return JSON_BAD;
    return scan;
}

/* Whether records are left; false at the end, with *st set when something stands where none may. */
static bool any_left(struct json *j, enum status *st, struct err *e)
{
    struct json_text t = text_of(j);
    json_skip_blank(&t);
    if (j->array && !j->ended && t.p < t.end && *t.p == ']') {
        j->ended = true;
        t.p++;
        json_skip_blank(&t);
    }
    text_take(j, &t);
    if (t.p < t.end) {
        if (j->ended) *st = scan_words(j, JSON_BAD, e);
        return !j->ended;
    }
    if (window_whole(&j->text) && j->array && !j->ended) *st = scan_words(j, JSON_BAD, e);
    return !window_whole(&j->text);
}

/* Up to most records of the window; store: into cells, else into the guesses. */
static enum status fill(struct json *j, size_t most, bool store, struct err *e)
{
    struct cells *c = &j->cells;
    enum status st = ST_OK;
    c->rows = 0;
    while (c->rows < most && any_left(j, &st, e)) {
        struct record r = {.j = j, .st = ST_OK, .e = e};
        if (store) {
            r.out = cells_row(c, e);
            if (r.out == NULL) return ST_NO_MEMORY;
            memset(r.out, 0, j->r.column_count * sizeof *r.out);
        }
        struct json_text t = text_of(j);
        enum json_scan scan = record(&t, &r);
        if (r.st != ST_OK) return r.st;
        if (scan == JSON_MORE) {
            if (c->rows > 0) return ST_OK;
            st = more(j, LIMIT_TABLE_RECORD_BYTES, e);
            if (st != ST_OK) return st;
            continue;
        }
        if (scan != JSON_FINE) return scan_words(j, scan, e);
        text_take(j, &t);
        c->rows++;
    }
    return st;
}

/* --- an object of columns --------------------------------------------------------------------- */

/* The next value of a column; false behind its last. The text was checked when it was opened. */
static bool column_value(struct json *j, size_t column, struct cell *out)
{
    struct json_text t = {j->cursor[column], j->text.data + j->text.end, true, 0};
    char c, open = *j->cursor[column];
    if (open == '[' || open == '{' || open == ',') t.p++;
    if (json_peek(&t, &c) != JSON_FINE || c == ']' || c == '}') return false;
    if (json_value(&t, out) != JSON_FINE) return false;
    if (json_peek(&t, &c) == JSON_FINE && c == ':') {
        t.p++;
        if (json_value(&t, out) != JSON_FINE || json_peek(&t, &c) != JSON_FINE) return false;
    }
    j->cursor[column] = t.p; /* on a comma or the closing bracket */
    return true;
}

static void fill_columns(struct json *j, size_t most, struct err *e, enum status *st)
{
    struct cells *c = &j->cells;
    for (c->rows = 0; c->rows < most && j->r.rows + c->rows < j->length; c->rows++) {
        struct cell *out = cells_row(c, e);
        if (out == NULL) {
            *st = ST_NO_MEMORY;
            return;
        }
        memset(out, 0, j->r.column_count * sizeof *out);
        for (size_t i = 0; i < j->r.column_count; i++)
            if (j->cursor[i] != NULL) (void)column_value(j, i, &out[i]);
    }
}

/* Guesses from a column's values and counts them. */
static size_t column_learn(struct json *j, size_t column)
{
    struct cell x;
    char *begin = j->cursor[column];
    size_t count = 0;
    for (; column_value(j, column, &x); count++) cells_guess_value(&j->cells, column, &x);
    j->cursor[column] = begin;
    return count;
}

/* Whether the object that is the whole text has nothing but arrays and objects, at least one. */
static bool all_nested(struct json *j)
{
    struct json_text t = text_of(j);
    struct cell key, value;
    bool any = false;
    char c;
    (void)json_mark(&t, '{');
    for (; json_peek(&t, &c) == JSON_FINE && c != '}'; any = true) {
        if (c == ',') t.p++;
        (void)json_value(&t, &key);
        (void)json_mark(&t, ':');
        if (json_value(&t, &value) != JSON_FINE || value.kind != CELL_NESTED) return false;
    }
    return any;
}

/* Its members become columns. */
static enum status columns_learn(struct json *j, struct err *e)
{
    struct json_text t = text_of(j);
    struct cell key, value;
    enum status st = ST_OK;
    char c;
    bool first = true;
    j->cursor = arena_array(&j->r.arena, LIMIT_TABLE_COLUMNS, sizeof *j->cursor);
    if (j->cursor == NULL) return mem_err(e, LIMIT_TABLE_COLUMNS * sizeof *j->cursor);
    (void)json_mark(&t, '{');
    for (size_t at = 0; json_peek(&t, &c) == JSON_FINE && c != '}'; at++, first = false) {
        if (c == ',') t.p++;
        (void)json_value(&t, &key);
        (void)json_mark(&t, ':');
        (void)json_value(&t, &value);
        st = key_find(j, &key, &at, e);
        if (st != ST_OK) return st;
        j->cursor[at] = value.data;
        size_t count = column_learn(j, at);
        if (!first && count != j->length)
            return err_set(e, ST_MISMATCH, "%s: the column \"%s\" has %zu values, others %zu",
                j->r.in.name, j->r.columns[at].name, count, j->length);
        j->length = count;
    }
    return ST_OK;
}

/* --- opening ---------------------------------------------------------------------------------- */

/* Whether the object at the start is the whole text; then the window holds it. */
static enum status stands_alone(struct json *j, bool *out, struct err *e)
{
    for (*out = false;;) {
        struct json_text t = text_of(j);
        struct cell x;
        enum json_scan scan = json_value(&t, &x);
        if (scan == JSON_FINE) json_skip_blank(&t);
        bool more_text = scan == JSON_FINE && t.p == t.end && !window_whole(&j->text);
        if (scan != JSON_MORE && !more_text) {
            *out = scan == JSON_FINE && t.p == t.end;
            return scan == JSON_FINE ? ST_OK : scan_words(j, scan, e);
        }
        enum status st = more(j, LIMIT_TABLE_DOCUMENT_BYTES, e);
        if (st != ST_OK) return st;
    }
}

static enum status sample(struct json *j, struct err *e)
{
    uint64_t most = j->o->sample_bytes != 0 ? j->o->sample_bytes : LIMIT_TABLE_SAMPLE_BYTES;
    for (;;) {
        if (j->text.at - window_bytes(&j->text) - j->start >= most) return ST_OK;
        enum status st = fill(j, TABLE_BATCH_ROWS, false, e);
        if (st != ST_OK) return st;
        if (j->cells.rows == 0) return ST_OK;
        j->r.rows += j->cells.rows;
    }
}

static enum status wanted(struct json *j, struct err *e)
{
    enum status st = ST_OK;
    for (size_t i = 0; st == ST_OK && i < j->o->want_count; i++)
        if (j->o->want[i].name != NULL && reader_find(&j->r, j->o->want[i].name) == i)
            st = key_add(j, j->o->want[i].name, strlen(j->o->want[i].name), e);
    return st == ST_OK ? cells_want(&j->cells, j->o->want, j->o->want_count, e) : st;
}

/* Finds out the form, and learns from the records or columns. */
static enum status learn(struct json *j, struct err *e)
{
    char c;
    bool columns = false;
    struct json_text t = text_of(j);
    if (json_peek(&t, &c) != JSON_FINE) c = '\0';
    text_take(j, &t);
    if (c == '\0') return err_set(e, ST_INVALID, "%s holds no records", j->r.in.name);
    if (c != '[' && c != '{')
        return err_set(e, ST_CORRUPT, "%s is no JSON of records", j->r.in.name);
    j->learning = true;
    enum status st = ST_OK;
    if (c == '{' && j->o->format != TABLE_JSONL) st = stands_alone(j, &columns, e);
    if (st != ST_OK) return st;
    if (columns && all_nested(j)) return columns_learn(j, e);
    j->array = c == '[';
    j->text.start += j->array;
    j->start = j->text.at - window_bytes(&j->text);
    return sample(j, e);
}

static enum status json_open(struct reader *r, const struct reader_options *o, struct err *e)
{
    struct json *j = (struct json *)r;
    j->o = o->table;
    r->named = true;
    enum status st = input_text_start(&r->in, &j->start, e);
    if (st == ST_OK) st = reader_columns(r, LIMIT_TABLE_COLUMNS, e);
    if (st == ST_OK) st = cells_init(&j->cells, r, o, e);
    r->column_count = 0;
    if (st != ST_OK) return st;
    j->keys = arena_array(&r->arena, LIMIT_TABLE_COLUMNS, sizeof *j->keys);
    if (j->keys == NULL) return mem_err(e, LIMIT_TABLE_COLUMNS * sizeof *j->keys);
    window_init(&j->text, &r->in, j->start, r->in.bytes);
    st = more(j, LIMIT_TABLE_RECORD_BYTES, e);
    if (st == ST_OK) st = wanted(j, e);
    if (st == ST_OK) st = learn(j, e);
    if (st != ST_OK) return st;
    if (r->column_count == 0) return err_set(e, ST_INVALID, "%s holds no records", r->in.name);
    cells_guess_end(&j->cells);
    j->learning = j->ended = false;
    r->rows = 0;
    if (j->cursor != NULL) return ST_OK;
    window_deinit(&j->text);
    window_init(&j->text, &r->in, j->start, r->in.bytes);
    return more(j, LIMIT_TABLE_RECORD_BYTES, e);
}

static enum status json_next(
    struct reader *r, size_t most, struct table_values *values, size_t *rows, struct err *e)
{
    struct json *j = (struct json *)r;
    enum status st = ST_OK;
    size_t limit = cells_rows_max(&j->cells);
    if (most > limit) most = limit;
    if (j->cursor != NULL)
        fill_columns(j, most, e, &st);
    else
        st = fill(j, most, true, e);
    if (st == ST_OK) st = cells_convert(&j->cells, r->rows, values, e);
    if (st != ST_OK) return st;
    *rows = j->cells.rows;
    r->bytes = j->text.at - (j->cursor != NULL ? 0 : window_bytes(&j->text));
    return ST_OK;
}

static void json_close(struct reader *r)
{
    struct json *j = (struct json *)r;
    cells_deinit(&j->cells);
    window_deinit(&j->text);
}

const struct reader_kind reader_json = {sizeof(struct json), json_open, json_next, json_close};
