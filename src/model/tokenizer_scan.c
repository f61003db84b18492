/* tokenizer_scan.c - the two long tables of a tokenizer.json, read in one pass without a tree.
 *
 * Nearly all of the file is "vocab" and "merges". As a JSON tree they cost five times what building
 * the tokenizer does, so they are found and read here, and the JSON door gets the text with both
 * emptied
 * ({} and []): what it then checks is the rest. Where the text is not JSON finding gives up, and
 * the door says what is wrong. Strings without escapes are borrowed from the text. Reference: RFC
 * 8259.
 */
#include "model/tokenizer_parts.h"

#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"

static void scan_blanks(struct scan *s)
{
    while (s->at < s->end && (*s->at == ' ' || *s->at == '\n' || *s->at == '\t' || *s->at == '\r'))
        s->at++;
}

bool scan_char(struct scan *s, char c)
{
    scan_blanks(s);
    if (s->at == s->end || *s->at != c) return false;
    s->at++;
    return true;
}

/* Moves behind a string; false when it has no end. in: what stands between the quotes. */
static bool skip_string(struct scan *s, struct tokenizer_text *in, bool *escaped)
{
    if (!scan_char(s, '"')) return false;
    const char *from = s->at;
    *escaped = false;
    for (; s->at < s->end && *s->at != '"'; s->at++) {
        if (*s->at != '\\') continue;
        *escaped = true;
        if (++s->at == s->end) return false;
    }
    *in = (struct tokenizer_text){from, (size_t)(s->at - from)};
    return s->at < s->end && *s->at++ == '"';
}

/* Moves behind any value; false when it has no end. Of what stands inside only brackets count. */
static bool skip_value(struct scan *s)
{
    struct tokenizer_text in;
    bool escaped;
    int depth = 0;
    scan_blanks(s);
    while (s->at < s->end) {
        char c = *s->at;
        bool closing = c == '}' || c == ']';
        if (depth == 0 && (c == ',' || closing)) return true;
        if (c == '"') {
            if (!skip_string(s, &in, &escaped)) return false;
        } else {
            s->at++;
        }
        if (c == '{' || c == '[') depth++;
        if (closing) depth--;
        if (depth == 0 && (c == '"' || closing)) return true;
    }
    return depth == 0;
}

/* Steps to the value of the next member of an object, the first time with s at its '{'. */
static bool next_member(struct scan *s, bool first, struct tokenizer_text *key)
{
    bool escaped;
    bool found =
        scan_char(s, first ? '{' : ',') && skip_string(s, key, &escaped) && scan_char(s, ':');
    if (found) scan_blanks(s);
    return found;
}

static bool same_text(struct tokenizer_text a, const char *b)
{
    return a.bytes == strlen(b) && memcmp(a.data, b, a.bytes) == 0;
}

/* The two tables among the members of the model, which begins at s. */
static void find_tables(struct scan s, struct scan_found *out)
{
    struct tokenizer_text key;
    for (bool first = true; next_member(&s, first, &key); first = false) {
        const char *from = s.at;
        if (!skip_value(&s)) return;
        struct tokenizer_text value = {from, (size_t)(s.at - from)};
        if (same_text(key, "vocab") && *from == '{') out->vocab = value;
        if (same_text(key, "merges") && *from == '[') out->merges = value;
    }
}

/* The table's brackets with its line ends between them: the door's messages keep their line
 * numbers. */
static void add_emptied(struct buf *out, struct tokenizer_text table)
{
    const char *at = table.data, *end = at + table.bytes;
    buf_add_char(out, *at);
    while ((at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        buf_add_char(out, '\n');
        at++;
    }
    buf_add_char(out, end[-1]);
}

enum status scan_tables(struct tokenizer_text text, struct scan_found *out, struct err *e)
{
    struct scan s = {.at = text.data, .end = text.data + text.bytes};
    struct tokenizer_text key;
    out->vocab = out->merges = (struct tokenizer_text){"", 0};
    for (bool first = true; next_member(&s, first, &key); first = false) {
        if (same_text(key, "model")) {
            find_tables(s, out);
            break;
        }
        if (!skip_value(&s)) break;
    }
    bool swapped = out->merges.bytes > 0 && out->merges.data < out->vocab.data;
    const char *at = text.data;
    for (int i = 0; i < 2; i++) {
        bool merges = (i == 1) != swapped;
        struct tokenizer_text gap = merges ? out->merges : out->vocab;
        if (gap.bytes == 0) continue;
        buf_add(&out->rest, at, (size_t)(gap.data - at));
        add_emptied(&out->rest, gap);
        at = gap.data + gap.bytes;
    }
    buf_add(&out->rest, at, (size_t)(text.data + text.bytes - at));
    return buf_check(&out->rest, e);
}

static bool read_hex4(const char *s, const char *end, uint32_t *out)
{
    static const char digits[] = "0123456789abcdef";
    *out = 0;
    if (end - s < 4) return false;
    for (int i = 0; i < 4; i++) {
        const char *d = memchr(digits, s[i] >= 'A' && s[i] <= 'F' ? s[i] + 32 : s[i], 16);
        if (!d) return false;
        *out = *out << 4 | (uint32_t)(d - digits);
    }
    return true;
}

/* \uXXXX, or two of them that make one character; at stands behind the 'u'. */
static bool read_escape(const char **at, const char *end, struct buf *out)
{
    uint32_t cp, low;
    if (!read_hex4(*at, end, &cp)) return false;
    *at += 4;
    if (cp >= 0xdc00 && cp <= 0xdfff) return false;
    if (cp >= 0xd800 && cp <= 0xdbff) {
        if (end - *at < 6 || (*at)[0] != '\\' || (*at)[1] != 'u') return false;
        if (!read_hex4(*at + 2, end, &low) || low < 0xdc00 || low > 0xdfff) return false;
        *at += 6;
        cp = 0x10000 + ((cp - 0xd800) << 10) + (low - 0xdc00);
    }
    utf8_add(out, cp);
    return true;
}

static bool unescape(struct tokenizer_text in, struct buf *out)
{
    static const char letters[] = "\"\\/bfnrt", meaning[] = "\"\\/\b\f\n\r\t";
    const char *at = in.data, *end = in.data + in.bytes;
    while (at < end) {
        char c = *at++;
        if (c != '\\') {
            buf_add_char(out, c);
            continue;
        }
        c = at < end ? *at++ : '\0';
        const char *letter = c ? strchr(letters, c) : NULL;
        if (letter)
            buf_add_char(out, meaning[letter - letters]);
        else if (c != 'u' || !read_escape(&at, end, out))
            return false;
    }
    return true;
}

bool scan_string(struct scan *s, struct tokenizer_text *out)
{
    bool escaped;
    if (!skip_string(s, out, &escaped)) return false;
    if (!escaped) return true;
    struct buf plain;
    buf_init(&plain);
    bool sound = unescape(*out, &plain) && !plain.failed;
    s->no_memory = plain.failed;
    char *kept = sound ? arena_strndup(s->names, plain.data ? plain.data : "", plain.bytes) : NULL;
    *out = (struct tokenizer_text){kept, plain.bytes};
    buf_deinit(&plain);
    if (sound && !kept) s->no_memory = true;
    return kept != NULL;
}

bool scan_int(struct scan *s, int32_t *out)
{
    scan_blanks(s);
    const char *from = s->at;
    int32_t v = 0;
    for (; s->at < s->end && *s->at >= '0' && *s->at <= '9'; s->at++) {
        if (v > LIMIT_VOCAB) return false;
        v = 10 * v + (*s->at - '0');
    }
    *out = v;
    return s->at > from;
}
