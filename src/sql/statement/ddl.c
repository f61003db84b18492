/* ddl.c - reading the tokens of a command one after the other.
 */
#include "sql/statement/ddl.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sql/text/expect.h"

enum { LISTS_MAX = 16 };

static struct sql_token token(const struct ddl *d)
{
    return d->scan->tokens[d->at < d->scan->count ? d->at : d->scan->count];
}

struct ddl_place ddl_place(const struct ddl *d, int at)
{
    struct err e = ERR_INIT;
    err_place(&e, d->scan->text, d->scan->tokens[at].start);
    return (struct ddl_place){e.offset, e.line, e.column};
}

enum status ddl_fail(const struct ddl *d, int at, enum status st, struct err *e)
{
    if (e != NULL) err_place(e, d->scan->text, d->scan->tokens[at].start);
    if (st == ST_NOT_FOUND) sql_suggest(d->session, d->scan, e);
    return st;
}

enum status ddl_near(const struct ddl *d, struct err *e)
{
    struct sql_token t = token(d);
    int length = t.end - t.start > 60 ? 60 : t.end - t.start;
    enum status st = t.kind == LEX_END ? err_set(e, ST_SYNTAX, "incomplete input: %s", d->usage)
                                       : err_set(e, ST_SYNTAX, "near \"%.*s\": syntax error: %s",
                                             length, d->scan->text + t.start, d->usage);
    return ddl_fail(d, d->at < d->scan->count ? d->at : d->scan->count, st, e);
}

bool ddl_word(struct ddl *d, const char *word)
{
    bool is = d->at < d->scan->count && lex_is(d->scan->text, token(d), word);
    d->at += is;
    return is;
}

bool ddl_kind(struct ddl *d, int kind)
{
    bool is = d->at < d->scan->count && token(d).kind == kind;
    d->at += is;
    return is;
}

enum status ddl_expect(struct ddl *d, int kind, struct err *e)
{
    return ddl_kind(d, kind) ? ST_OK : ddl_near(d, e);
}

enum status ddl_expect_word(struct ddl *d, const char *word, struct err *e)
{
    return ddl_word(d, word) ? ST_OK : ddl_near(d, e);
}

bool ddl_names(const struct sql_scan *scan, int at)
{
    if (at >= scan->count) return false;
    struct sql_token t = scan->tokens[at];
    char first = scan->text[t.start] | 0x20;
    bool word = t.kind < LEX_SPACE && first >= 'a' && first <= 'z';
    return t.kind == TK_ID || t.kind == TK_STRING || word;
}

enum status ddl_name(struct ddl *d, char *out, size_t bytes, struct err *e)
{
    struct sql_token t = token(d);
    const char *s = d->scan->text + t.start;
    size_t n = 0;
    if (!ddl_names(d->scan, d->at)) return ddl_near(d, e);
    bool quoted = strchr("'\"`[", *s) != NULL;
    char quote = *s == '[' ? ']' : *s;
    for (const char *p = s + quoted, *end = s + (t.end - t.start) - quoted; p < end; p++) {
        if (n + 1 == bytes)
            return ddl_fail(
                d, d->at, err_set(e, ST_LIMIT, "a name of %zu bytes at most", bytes - 1), e);
        out[n++] = *p;
        if (quoted && *p == quote) p++;
    }
    out[n] = '\0';
    d->at++;
    return ST_OK;
}

enum status ddl_integer(struct ddl *d, int64_t *out, struct err *e)
{
    bool minus = token(d).kind == TK_MINUS;
    d->at += minus;
    *out = 0;
    if (token(d).kind != TK_INTEGER) return ddl_near(d, e);
    const char *text = d->scan->text; /* which ends with its last token */
    for (int i = token(d).start; i < token(d).end; i++) {
        int digit = text[i] - '0';
        if (digit < 0 || digit > 9) return ddl_near(d, e);
        *out = *out > (INT64_MAX - digit) / 10 ? INT64_MAX : *out * 10 + digit;
    }
    if (minus) *out = -*out;
    d->at++;
    return ST_OK;
}

enum status ddl_end(const struct ddl *d, struct err *e)
{
    return d->at >= d->scan->count ? ST_OK : ddl_near(d, e);
}

bool ddl_spells(const struct sql_scan *scan, int at, const char *word)
{
    return at < scan->count && lex_is(scan->text, scan->tokens[at], word);
}

/* --- values and OPTIONS ----------------------------------------------------------------------- */

/* Behind its [. */
static enum status read_list(struct ddl *d, int first, struct sql_literal **out, struct err *e)
{
    struct sql_literal *items = NULL, *item;
    if (d->lists == LISTS_MAX)
        return ddl_fail(
            d, first, err_set(e, ST_LIMIT, "lists in lists, more than %d of them", LISTS_MAX), e);
    d->lists++;
    while (!ddl_kind(d, TK_RB)) {
        enum status st = items != NULL ? ddl_expect(d, TK_COMMA, e) : ST_OK;
        if (st == ST_OK) st = ddl_value(d, &item, e);
        if (st != ST_OK) return st;
        items = items != NULL ? sql_ast_literal_join(items, item) : item;
    }
    d->lists--;
    *out = sql_ast_list(&d->ast, first, items);
    return ST_OK;
}

enum status ddl_value(struct ddl *d, struct sql_literal **out, struct err *e)
{
    int first = d->at;
    if (ddl_kind(d, TK_LB)) {
        enum status st = read_list(d, first, out, e);
        if (st != ST_OK) return st;
    } else {
        bool minus = ddl_kind(d, TK_MINUS);
        int kind = token(d).kind;
        bool number = kind == TK_INTEGER || kind == TK_FLOAT;
        bool word = kind == TK_ID || kind == TK_STRING || kind == TK_VARIABLE;
        if (d->at >= d->scan->count || !(number || (word && !minus))) return ddl_near(d, e);
        *out = sql_ast_literal(&d->ast, first, d->at);
        d->at++;
    }
    bool whole = *out != NULL && ((*out)->kind == LITERAL_LIST || (*out)->text != NULL);
    return whole ? ST_OK : mem_err(e, sizeof **out);
}

enum status ddl_options(struct ddl *d, const struct sql_option *table, int count,
    struct sql_option_values *out, struct err *e)
{
    struct sql_node node = {.first = 0, .at = d->at};
    *out = (struct sql_option_values){.table = table, .count = count};
    if (ddl_word(d, "OPTIONS")) {
        enum status st = ddl_expect(d, TK_LP, e);
        do {
            struct sql_literal *value = NULL;
            int name = d->at;
            if (st == ST_OK) st = ddl_expect(d, TK_ID, e);
            if (st == ST_OK) st = ddl_expect(d, TK_EQ, e);
            if (st == ST_OK) st = ddl_value(d, &value, e);
            if (st != ST_OK) return st;
            struct sql_option_ast *o = sql_ast_option(&d->ast, name, value);
            if (o == NULL) return mem_err(e, sizeof *o);
            node.parts.options =
                node.parts.options != NULL ? sql_ast_option_join(node.parts.options, o) : o;
        } while (ddl_kind(d, TK_COMMA));
        st = ddl_expect(d, TK_RP, e);
        if (st != ST_OK) return st;
    }
    return sql_options_check(&d->ast, &node, out, e);
}
