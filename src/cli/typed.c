/* typed.c - tokens as SQL draws their borders: quotes, comments, words, semicolons. Nothing more is
 * known here; the engine has the grammar. */
#include "cli/typed.h"

#include <string.h>
#include <strings.h>

enum token { TOKEN_END, TOKEN_BLANK, TOKEN_WORD, TOKEN_SEMICOLON, TOKEN_OTHER, TOKEN_OPEN };

/* Bytes up to and with the closing mark, or all of them and *open. */
static size_t until(const char *s, size_t bytes, const char *mark, bool *open)
{
    const char *at = memmem(s, bytes, mark, strlen(mark));
    *open = at == NULL;
    return at != NULL ? (size_t)(at - s) + strlen(mark) : bytes;
}

static bool is_word(unsigned char c)
{
    return c == '_' || c >= 0x80 || (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

/* The token at s and its length. TOKEN_OPEN: a quote or comment that nothing closes. */
static enum token next_token(const char *s, size_t bytes, size_t *length)
{
    static const char quotes[] = "'\"`[";
    bool open = false;
    *length = 1;
    if (bytes == 0) return TOKEN_END;
    if (strchr(" \t\r\n\f", s[0]) != NULL) return TOKEN_BLANK;
    if (s[0] == ';') return TOKEN_SEMICOLON;
    if (bytes > 1 && s[0] == '-' && s[1] == '-') {
        *length = until(s, bytes, "\n", &open); /* the end of the text ends this comment too */
        return TOKEN_BLANK;
    }
    if (bytes > 1 && s[0] == '/' && s[1] == '*') {
        *length = 2 + until(s + 2, bytes - 2, "*/", &open);
        return open ? TOKEN_OPEN : TOKEN_BLANK;
    }
    const char *quote = s[0] != '\0' ? strchr(quotes, s[0]) : NULL;
    if (quote != NULL) {
        const char close[2] = {*quote == '[' ? ']' : *quote, '\0'};
        *length = 1 + until(s + 1, bytes - 1, close, &open);
        return open ? TOKEN_OPEN : TOKEN_OTHER;
    }
    if (!is_word((unsigned char)s[0])) return TOKEN_OTHER;
    while (*length < bytes && is_word((unsigned char)s[*length])) ++*length;
    return TOKEN_WORD;
}

static bool word_is(const char *s, size_t bytes, const char *word)
{
    return strlen(word) == bytes && strncasecmp(s, word, bytes) == 0;
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
    bool complete = false;
    enum trigger trigger = AT_START;
    size_t length;
    for (size_t at = 0; at < bytes; at += length) {
        enum token t = next_token(text + at, bytes - at, &length);
        if (t == TOKEN_OPEN) return false;
        if (t == TOKEN_BLANK) continue;
        complete = t == TOKEN_SEMICOLON && trigger != IN_TRIGGER && trigger != BEHIND_SEMICOLON;
        trigger = complete ? AT_START : next_trigger(trigger, text + at, length);
    }
    return complete;
}

bool typed_blank(const char *text, size_t bytes)
{
    size_t length;
    for (size_t at = 0; at < bytes; at += length) {
        enum token t = next_token(text + at, bytes - at, &length);
        if (t != TOKEN_BLANK && t != TOKEN_SEMICOLON) return false;
    }
    return true;
}
