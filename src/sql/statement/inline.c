/* inline.c - ClickHouse's INSERT with its rows behind it, in one of the formats that files have.
 *
 *   INSERT INTO [TABLE] t [(a, b, …)] FORMAT {CSV | CSVWithNames | TSV | TSVWithNames |
 * JSONEachRow} 1,"x" 2,"y"
 *
 * The data begins behind the blanks and the line end that follow the format's name, and ends at an
 * empty line or with the text; a ; at its very end is no data. (FORMAT Values is SQL: insert.c.)
 */
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "sql/statement/commands.h"
#include "sql/statement/ddl.h"
#include "sql/statement/import.h"

static const char USAGE[] = "INSERT INTO t [(column, ...)] FORMAT CSV, and rows behind it";

/* --- where it is ------------------------------------------------------------------------------ */

struct cursor {
    const char *text;
    int bytes;
    struct sql_token t;
};

static void next(struct cursor *c)
{
    do c->t = lex_next(c->text, c->bytes, c->t.end, LEX_SQL);
    while (c->t.kind == LEX_SPACE || c->t.kind == LEX_COMMENT);
}

static bool word(struct cursor *c, const char *text)
{
    bool is = c->t.kind < LEX_SPACE && lex_is(c->text, c->t, text);
    if (is) next(c);
    return is;
}

/* The end of the format's name; 0: the text begins with another statement. */
static int find_head(const char *text, int bytes)
{
    struct cursor c = {.text = text, .bytes = bytes};
    next(&c);
    while (c.t.kind == TK_SEMI) next(&c);
    if (!word(&c, "INSERT") || !word(&c, "INTO")) return 0;
    word(&c, "TABLE");
    next(&c);
    if (c.t.kind == TK_DOT) {
        next(&c);
        next(&c);
    }
    if (c.t.kind == TK_LP)
        while (c.t.kind != LEX_END && c.t.kind != TK_RP) next(&c);
    if (c.t.kind == TK_RP) next(&c);
    if (!word(&c, "FORMAT") || c.t.kind != TK_ID) return 0;
    return c.t.end;
}

static size_t find_data(const char *text, size_t bytes, size_t at)
{
    while (at < bytes && (text[at] == ' ' || text[at] == '\t' || text[at] == '\r')) at++;
    return at < bytes && text[at] == '\n' ? at + 1 : at;
}

/* An empty line; the end of the text when there is none. */
static size_t find_end(const char *text, size_t bytes, size_t at)
{
    for (const char *line = text + at; line < text + bytes; line++) {
        line = memchr(line, '\n', (size_t)(text + bytes - line));
        if (line == NULL) break;
        size_t next_line = (size_t)(line - text) + 1;
        if (next_line < bytes && text[next_line] == '\r') next_line++;
        if (next_line < bytes && text[next_line] == '\n') return next_line + 1;
    }
    return bytes;
}

/* --- the statement ---------------------------------------------------------------------------- */

static enum status run_inline(struct sql_session *s, const struct sql_command *c, struct err *e)
{
    struct arena arena;
    struct import im = *(const struct import *)c->data;
    arena_init(&arena, 0);
    im.arena = &arena;
    im.session = s;
    enum status st = import_run(&im, e);
    arena_deinit(&arena);
    return st;
}

static const struct sql_command_kind INLINE = {.run = run_inline};

static enum status read_inline(struct ddl *d, struct import *im, struct err *e)
{
    static const char *const NAMES[] = {"the data"};
    int token, format;
    d->usage = USAGE;
    d->at = 2;
    ddl_word(d, "TABLE");
    token = d->at;
    enum status st = import_read_table(d, im, e);
    if (st == ST_OK) st = import_read_columns(d, im, e);
    if (st == ST_OK) st = ddl_expect_word(d, "FORMAT", e);
    format = d->at;
    if (st == ST_OK) st = import_read_format(d, im, e);
    if (st != ST_OK) return st;
    im->paths.patterns = NAMES;
    im->paths.count = 1;
    if (im->options.format == TABLE_PARQUET || im->options.format == TABLE_NPY)
        return ddl_fail(d, format,
            err_set(e, ST_UNSUPPORTED, "rows in a statement are text: CSV, TSV or JSONEachRow"), e);
    st = import_targets(im, e);
    return st == ST_NOT_FOUND ? ddl_fail(d, token, st, e) : st;
}

/* The tokens of the head alone. */
static enum status read_head(
    struct sql_session *s, const char *text, size_t head, struct sql_command *c, struct err *e)
{
    struct sql_scan scan;
    struct arena arena;
    struct import *im = arena_alloc(&c->arena, sizeof *im);
    if (im == NULL) return mem_err(e, sizeof *im);
    *im = (struct import){.session = s, .arena = &c->arena};
    c->data = im;
    arena_init(&arena, 0);
    enum status st = sql_scan_next(text, head, &arena, &scan, e);
    while (st == ST_OK && scan.tokens[scan.count].kind != LEX_END) scan.count++;
    struct ddl d = {
        .session = s, .scan = &scan, .command = c, .ast = {.scan = &scan, .arena = &c->arena}};
    if (st == ST_OK) st = read_inline(&d, im, e);
    arena_deinit(&arena);
    return st;
}

enum status sql_inline_open(
    struct sql_session *s, const char *text, size_t bytes, struct sql_inline *out, struct err *e)
{
    int limit = bytes < LIMIT_SQL_BYTES ? (int)bytes : (int)LIMIT_SQL_BYTES;
    int head = find_head(text, limit);
    *out = (struct sql_inline){NULL, 0};
    if (head == 0) return ST_OK;
    size_t data = find_data(text, bytes, (size_t)head), end = find_end(text, bytes, data);
    struct sql_command *c = mem_zalloc(1, sizeof *c);
    if (c == NULL) return mem_err(e, sizeof *c);
    out->end = end;
    c->kind = &INLINE;
    arena_init(&c->arena, 0);
    enum status st = read_head(s, text, (size_t)head, c, e);
    while (end > data && strchr(" \t\r\n", text[end - 1]) != NULL) end--;
    if (end > data && text[end - 1] == ';') end--;
    struct import *im = c->data;
    char *copy = st == ST_OK ? arena_strndup(&c->arena, text + data, end - data) : NULL;
    if (st == ST_OK && copy == NULL) st = mem_err(e, end - data);
    if (st == ST_OK) im->options.memory = copy;
    if (st == ST_OK) im->options.memory_bytes = end - data;
    if (st == ST_OK)
        out->command = c;
    else
        sql_command_close(c);
    return st;
}
