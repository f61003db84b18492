/* typed.c - tokens as SQL draws their borders: quotes, comments, words, semicolons. Nothing more is
 * known here; the engine has the grammar.
 *
 * What clashes between dialects is decided as the engine does it: comments nest, # begins one but
 * in #>, quotes have backslash escapes in the header of a statement of ours, in OPTIONS (…) and
 * behind E, and [ opens a name only where a letter follows.
 */
#include "cli/typed.h"

#include <string.h>
#include <strings.h>

enum token {
    TOKEN_END,
    TOKEN_BLANK,
    TOKEN_WORD,
    TOKEN_SEMICOLON,
    TOKEN_GO,
    TOKEN_CELL,
    TOKEN_LEFT,
    TOKEN_RIGHT,
    TOKEN_OTHER,
    TOKEN_OPEN /* a quote or comment that nothing closes */
};

/* A text as it is read, and what decides about quotes. */
struct reader {
    const char *text;
    size_t bytes, at, length; /* the token is at, length bytes */
    bool first;               /* no word of the statement was met yet */
    bool header;              /* of a statement of ours: up to its AS */
    bool options;             /* the word before was OPTIONS */
    int depth, options_depth; /* of brackets; that of an open OPTIONS (, 0: none */
};

static bool is_word(unsigned char c)
{
    return c == '_' || c >= 0x80 || (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

static bool word_is(const char *s, size_t bytes, const char *word)
{
    return strlen(word) == bytes && strncasecmp(s, word, bytes) == 0;
}

/* Bytes up to and with the closing quote; all of them and *open when there is none. */
static size_t until_quote(const char *s, size_t bytes, char quote, bool escapes, bool *open)
{
    for (size_t i = 0; i < bytes; i++) {
        if (escapes && s[i] == '\\')
            i++;
        else if (s[i] == quote)
            return i + 1;
    }
    *open = true;
    return bytes;
}

static size_t until_comment_end(const char *s, size_t bytes, bool *open)
{
    size_t depth = 1;
    for (size_t i = 0; i + 1 < bytes; i++) {
        bool begins = s[i] == '/' && s[i + 1] == '*', ends = s[i] == '*' && s[i + 1] == '/';
        if (!begins && !ends) continue;
        depth += begins ? 1 : (size_t)-1;
        i++;
        if (depth == 0) return i + 1;
    }
    *open = true;
    return bytes;
}

static size_t until_line_end(const char *s, size_t bytes)
{
    const char *at = memchr(s, '\n', bytes);
    return at != NULL ? (size_t)(at - s) + 1 : bytes; /* the end of the text ends it too */
}

static bool opens_name(const char *s, size_t bytes)
{
    size_t i = 1;
    while (i < bytes && strchr(" \t", s[i]) != NULL && s[i] != '\0') i++;
    return i < bytes && is_word((unsigned char)s[i]) && !(s[i] >= '0' && s[i] <= '9');
}

/* The length of a blank or comment at s; 0: neither. */
static size_t blank_length(const char *s, size_t bytes, bool *open)
{
    char next = bytes > 1 ? s[1] : '\0';
    if (s[0] != '\0' && strchr(" \t\r\n\f", s[0]) != NULL) return 1;
    if (s[0] == '-' && next == '-') return until_line_end(s, bytes);
    if (s[0] == '#' && next != '>') return until_line_end(s, bytes);
    if (s[0] == '/' && next == '*') return 2 + until_comment_end(s + 2, bytes - 2, open);
    return 0;
}

static size_t quote_length(const struct reader *r, const char *s, size_t bytes, bool *open)
{
    bool escapes = r->header || r->options_depth > 0;
    if (s[0] == '\'' || s[0] == '"') return 1 + until_quote(s + 1, bytes - 1, s[0], escapes, open);
    if (s[0] == '`') return 1 + until_quote(s + 1, bytes - 1, '`', false, open);
    if (s[0] == '[' && opens_name(s, bytes))
        return 1 + until_quote(s + 1, bytes - 1, ']', false, open);
    if ((s[0] | 32) == 'e' && bytes > 1 && s[1] == '\'')
        return 2 + until_quote(s + 2, bytes - 2, '\'', true, open);
    return 0;
}

/* The token at r->at, its length in r->length. */
static enum token cut(struct reader *r)
{
    const char *s = r->text + r->at;
    size_t bytes = r->bytes - r->at;
    bool open = false;
    r->length = 1;
    if (bytes == 0) return TOKEN_END;
    size_t length = blank_length(s, bytes, &open);
    enum token kind = TOKEN_BLANK;
    if (length == 0) {
        length = quote_length(r, s, bytes, &open);
        kind = TOKEN_OTHER;
    }
    if (length > 0) {
        r->length = length;
        return open ? TOKEN_OPEN : kind;
    }
    if (s[0] == ';') return TOKEN_SEMICOLON;
    if (s[0] == '(') return TOKEN_LEFT;
    if (s[0] == ')') return TOKEN_RIGHT;
    bool go = bytes > 1 && s[0] == '\\' && (s[1] == 'G' || s[1] == 'g');
    if (go && (bytes == 2 || strchr(" \t\r\n;", s[2]) != NULL)) {
        r->length = 2;
        return TOKEN_GO;
    }
    bool cell = bytes > 2 && s[0] == '%' && s[1] == '%' && is_word((unsigned char)s[2]);
    if (cell && (r->at == 0 || s[-1] == '\n')) {
        r->length = until_line_end(s, bytes);
        return TOKEN_CELL;
    }
    if (!is_word((unsigned char)s[0])) return TOKEN_OTHER;
    while (r->length < bytes && is_word((unsigned char)s[r->length])) r->length++;
    return TOKEN_WORD;
}

/* Is this first word one of a statement whose header has values with escapes? */
static bool is_ours(const char *s, size_t bytes)
{
    static const char *const words[] = {"SEARCH", "CONVERT", "PREDICT", "EVALUATE", "FUNCTION",
        "PRINT", "BUILD", "FIT", "COPY", "GET", "UPLOAD", "LIST"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (word_is(s, bytes, words[i])) return true;
    return false;
}

static void follow_word(struct reader *r, const char *s)
{
    if (r->first) r->header = is_ours(s, r->length);
    if (r->header && r->depth == 0 && word_is(s, r->length, "as")) r->header = false;
    r->options = word_is(s, r->length, "options");
    r->first = false;
}

/* The next token; r->at stays on it until next_token is called again. */
static enum token next_token(struct reader *r)
{
    r->at += r->length;
    enum token t = cut(r);
    const char *s = r->text + r->at;
    if (t == TOKEN_BLANK || t == TOKEN_END || t == TOKEN_OPEN) return t;
    bool options = r->options;
    r->options = false;
    if (t == TOKEN_WORD) follow_word(r, s);
    if (t == TOKEN_LEFT && ++r->depth > 0 && options) r->options_depth = r->depth;
    if (t == TOKEN_RIGHT && r->depth-- == r->options_depth) r->options_depth = 0;
    if (t == TOKEN_SEMICOLON || t == TOKEN_GO || t == TOKEN_CELL)
        *r = (struct reader){
            .text = r->text, .bytes = r->bytes, .at = r->at, .length = r->length, .first = true};
    return t;
}

static struct reader reader_of(const char *text, size_t bytes)
{
    return (struct reader){.text = text, .bytes = bytes, .first = true};
}

/* Where we are in `CREATE [TEMP] TRIGGER ... END;` */
enum trigger { AT_START, BEHIND_CREATE, IN_TRIGGER, BEHIND_SEMICOLON, BEHIND_END, NO_TRIGGER };

static enum trigger next_trigger(enum trigger at, const char *s, size_t bytes)
{
    switch (at) {
    case AT_START: return word_is(s, bytes, "create") ? BEHIND_CREATE : NO_TRIGGER;
    case BEHIND_CREATE:
        if (word_is(s, bytes, "trigger")) return IN_TRIGGER;
        return word_is(s, bytes, "temp") || word_is(s, bytes, "temporary") ? at : NO_TRIGGER;
    case BEHIND_SEMICOLON:
        if (word_is(s, bytes, "end")) return BEHIND_END; /* the END of a CASE has none before it */
        return word_is(s, bytes, ";") ? BEHIND_SEMICOLON : IN_TRIGGER;
    case IN_TRIGGER:
    case BEHIND_END: return word_is(s, bytes, ";") ? BEHIND_SEMICOLON : IN_TRIGGER;
    case NO_TRIGGER: break;
    }
    return NO_TRIGGER;
}

bool typed_complete(const char *text, size_t bytes)
{
    struct reader r = reader_of(text, bytes);
    enum trigger trigger = AT_START;
    bool complete = false;
    for (enum token t = next_token(&r); t != TOKEN_END; t = next_token(&r)) {
        if (t == TOKEN_OPEN) return false;
        if (t == TOKEN_BLANK) continue;
        bool ends = t == TOKEN_SEMICOLON && trigger != IN_TRIGGER && trigger != BEHIND_SEMICOLON;
        complete = ends || t == TOKEN_GO;
        trigger = complete ? AT_START : next_trigger(trigger, text + r.at, r.length);
    }
    return complete;
}

size_t typed_skip(const char *text, size_t bytes)
{
    struct reader r = reader_of(text, bytes);
    enum token t = next_token(&r);
    while (t == TOKEN_BLANK || t == TOKEN_SEMICOLON) t = next_token(&r);
    return r.at;
}

bool typed_blank(const char *text, size_t bytes)
{
    return typed_skip(text, bytes) == bytes;
}

struct typed_go typed_find_go(const char *text, size_t bytes)
{
    struct reader r = reader_of(text, bytes);
    for (enum token t = next_token(&r); t != TOKEN_END; t = next_token(&r)) {
        if (t == TOKEN_GO)
            return (struct typed_go){.at = r.at, .bytes = 2, .vertical = text[r.at + 1] == 'G'};
        if (t == TOKEN_CELL && r.at > 0) return (struct typed_go){.at = r.at};
    }
    return (struct typed_go){.at = bytes};
}
