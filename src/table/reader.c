/* reader.c - see reader.h: the table of formats, and what they share about columns. */
#include "table/reader.h"

#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"

enum { NAME_TRIES = 16 };

// clang-format off
static const struct {
    const char *name;
    const struct reader_kind *kind;
    const char *ends; /* of file names, each with its dot and a blank behind */
} formats[TABLE_FORMAT_COUNT] = {
    [TABLE_AUTO]    = {"auto",    NULL,            ""},
    [TABLE_CSV]     = {"csv",     &reader_csv,     ".csv .txt "},
    [TABLE_TSV]     = {"tsv",     &reader_csv,     ".tsv .tab "},
    [TABLE_JSON]    = {"json",    &reader_json,    ".json "},
    [TABLE_JSONL]   = {"jsonl",   &reader_json,    ".jsonl .ndjson "},
    [TABLE_PARQUET] = {"parquet", &reader_parquet, ".parquet .pqt .pq "},
    [TABLE_NPY]     = {"npy",     &reader_npy,     ".npy "},
};

static const char *const type_names[] = {
    [TABLE_BOOL] = "boolean", [TABLE_INT] = "integer", [TABLE_REAL] = "number",
    [TABLE_TEXT] = "text", [TABLE_BLOB] = "blob", [TABLE_VECTOR] = "vector",
};
// clang-format on
_Static_assert(sizeof type_names / sizeof type_names[0] == TABLE_TYPE_COUNT, "a name each");

const char *table_type_name(enum table_type type)
{
    return type_names[type];
}

const char *table_format_name(enum table_format format)
{
    return formats[format].name;
}

enum table_format table_format_of(const char *path)
{
    const char *dot = strrchr(path, '.');
    size_t bytes = dot != NULL ? strlen(dot) : 0;
    for (int i = 0; i < TABLE_FORMAT_COUNT && bytes > 1; i++)
        for (const char *at = formats[i].ends; *at != '\0'; at = strchr(at, ' ') + 1)
            if (strncasecmp(at, dot, bytes) == 0 && at[bytes] == ' ') return (enum table_format)i;
    return TABLE_AUTO;
}

static bool begins(const char *head, size_t bytes, const char *magic)
{
    size_t n = strlen(magic);
    return bytes >= n && memcmp(head, magic, n) == 0;
}

enum status reader_format(const struct input *in, enum table_format *out, struct err *e)
{
    *out = table_format_of(in->name);
    if (*out != TABLE_AUTO) return ST_OK;
    char head[64];
    size_t bytes = in->bytes < sizeof head ? (size_t)in->bytes : sizeof head;
    enum status st = input_read(in, 0, head, bytes, e);
    if (st != ST_OK) return st;
    size_t i = 0;
    while (i < bytes && strchr(" \t\r\n", head[i]) != NULL && head[i] != '\0') i++;
    if (begins(head, bytes, "PAR1") || begins(head, bytes, "PARE"))
        *out = TABLE_PARQUET;
    else if (begins(head, bytes, "\x93NUMPY"))
        *out = TABLE_NPY;
    else
        *out = i < bytes && (head[i] == '{' || head[i] == '[') ? TABLE_JSON : TABLE_CSV;
    return ST_OK;
}

enum status reader_open(struct input *in, enum table_format format, const struct reader_options *o,
    struct reader **out, struct err *e)
{
    const struct reader_kind *kind = formats[format].kind;
    *out = NULL;
    struct reader *r = mem_zalloc(1, kind->bytes);
    if (r == NULL) {
        input_close(in);
        return mem_err(e, kind->bytes);
    }
    r->kind = kind;
    r->in = *in;
    in->fd = -1;
    arena_init(&r->arena, LIMIT_TABLE_DOCUMENT_BYTES); /* a footer that lies ends here */
    enum status st = kind->open(r, o, e);
    if (st != ST_OK) {
        reader_close(r);
        return st;
    }
    *out = r;
    return ST_OK;
}

void reader_close(struct reader *r)
{
    if (r == NULL) return;
    r->kind->close(r);
    input_close(&r->in);
    arena_deinit(&r->arena);
    mem_free(r);
}

enum status reader_next(
    struct reader *r, size_t most, struct table_values *values, size_t *rows, struct err *e)
{
    *rows = 0;
    memset(values, 0, r->column_count * sizeof *values);
    enum status st = r->kind->next(r, most, values, rows, e);
    if (st == ST_OK) r->rows += *rows;
    return st;
}

enum status reader_columns(struct reader *r, size_t count, struct err *e)
{
    if (count > LIMIT_TABLE_COLUMNS)
        return err_set(e, ST_LIMIT, "%s has %zu columns, at most %d are read", r->in.name, count,
            LIMIT_TABLE_COLUMNS);
    r->columns = arena_array(&r->arena, count + 1, sizeof *r->columns);
    if (r->columns == NULL) return mem_err(e, count * sizeof *r->columns);
    r->column_count = count;
    for (size_t i = 0; i < count; i++) r->columns[i].type = TABLE_TEXT;
    return ST_OK;
}

bool reader_is_utf8(const char *s, size_t bytes)
{
    uint64_t all = 0, word;
    size_t i = 0;
    for (; i + sizeof word <= bytes; i += sizeof word) {
        memcpy(&word, s + i, sizeof word);
        all |= word;
    }
    for (; i < bytes; i++) all |= (unsigned char)s[i];
    return (all & 0x8080808080808080u) == 0 || utf8_valid(s, bytes);
}

static bool name_taken(const struct reader *r, size_t before, const char *name)
{
    for (size_t i = 0; i < before; i++)
        if (r->columns[i].name != NULL && strcasecmp(r->columns[i].name, name) == 0) return true;
    return false;
}

enum status reader_name(
    struct reader *r, size_t column, const char *name, size_t bytes, struct err *e)
{
    if (!utf8_valid(name, bytes) || memchr(name, '\0', bytes) != NULL)
        return err_set(
            e, ST_INVALID, "%s: the name of column %zu is not UTF-8", r->in.name, column + 1);
    char *out = bytes == 0 ? arena_printf(&r->arena, "c%zu", column + 1)
                           : arena_strndup(&r->arena, name, bytes);
    for (size_t i = 1; out != NULL && name_taken(r, column, out); i++) {
        if (i == NAME_TRIES)
            return err_set(e, ST_INVALID, "%s: column %zu is called like others: \"%.60s\"",
                r->in.name, column + 1, out);
        out = bytes == 0 ? arena_printf(&r->arena, "c%zu_%zu", column + 1, column + i)
                         : arena_printf(&r->arena, "%.*s_%zu", (int)bytes, name, column + i);
    }
    if (out == NULL) return mem_err(e, bytes);
    r->columns[column].name = out;
    return ST_OK;
}

size_t reader_find(const struct reader *r, const char *name)
{
    for (size_t i = 0; i < r->column_count; i++)
        if (strcmp(r->columns[i].name, name) == 0) return i;
    for (size_t i = 0; i < r->column_count; i++)
        if (strcasecmp(r->columns[i].name, name) == 0) return i;
    return r->column_count;
}
