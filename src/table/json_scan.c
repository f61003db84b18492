/* json_scan.c - see json_scan.h. A nested value is gone through by recursion, LIMIT_JSON_DEPTH
 * deep at the most. */
#include "table/json_scan.h"

#include <string.h>

#include "base/limits.h"

static inline bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static enum json_scan ended(const struct json_text *t)
{
    return t->final ? JSON_BAD : JSON_MORE;
}

void json_skip_blank(struct json_text *t)
{
    while (t->p < t->end && is_blank(*t->p)) t->p++;
}

enum json_scan json_peek(struct json_text *t, char *out)
{
    json_skip_blank(t);
    *out = '\0';
    if (t->p == t->end) return ended(t);
    *out = *t->p;
    return JSON_FINE;
}

enum json_scan json_mark(struct json_text *t, char mark)
{
    char c;
    enum json_scan scan = json_peek(t, &c);
    if (scan != JSON_FINE) return scan;
    if (c != mark) return JSON_BAD;
    t->p++;
    return JSON_FINE;
}

/* --- scalars ---------------------------------------------------------------------------------- */

/* Bytes of the word that is no string's end, backslash or control character. */
static inline uint64_t plain_word(const char *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    const uint64_t ones = 0x0101010101010101u, high = 0x8080808080808080u;
    uint64_t quote = v ^ ones * '"', slash = v ^ ones * '\\';
    return (((quote - ones) & ~quote) | ((slash - ones) & ~slash) | ((v - ones * 0x20) & ~v)) &
        high;
}

static enum json_scan string(struct json_text *t, struct cell *out)
{
    char *p = t->p + 1;
    out->data = p;
    out->kind = CELL_STRING;
    for (;; p++) {
        while (t->end - p >= 8 && plain_word(p) == 0) p += 8;
        if (p >= t->end) break;
        if (*p == '"') {
            out->bytes = (uint32_t)(p - out->data);
            t->p = p + 1;
            return JSON_FINE;
        }
        if ((unsigned char)*p < 0x20) {
            t->p = p;
            return JSON_BAD;
        }
        if (*p != '\\') continue;
        out->kind = CELL_ESCAPED;
        if (++p == t->end) break;
    }
    if (t->final) t->p = t->end;
    return ended(t);
}

static inline char *digits(char *p, const char *end)
{
    while (p < end && (unsigned char)(*p - '0') < 10) p++;
    return p;
}

static enum json_scan number(struct json_text *t, struct cell *out)
{
    char *p = t->p, *at;
    if (p < t->end && *p == '-') p++;
    at = p;
    p = digits(p, t->end);
    if (p == at || (*at == '0' && p > at + 1)) return p == t->end ? ended(t) : JSON_BAD;
    if (p < t->end && *p == '.') {
        at = ++p;
        p = digits(p, t->end);
        if (p == at) return p == t->end ? ended(t) : JSON_BAD;
    }
    if (p < t->end && (*p | 0x20) == 'e') {
        p++;
        if (p < t->end && (*p == '-' || *p == '+')) p++;
        at = p;
        p = digits(p, t->end);
        if (p == at) return p == t->end ? ended(t) : JSON_BAD;
    }
    if (p == t->end && !t->final) return JSON_MORE;
    *out = (struct cell){t->p, (uint32_t)(p - t->p), CELL_NUMBER};
    t->p = p;
    return JSON_FINE;
}

static enum json_scan word(struct json_text *t, struct cell *out)
{
    // clang-format off
    static const struct {
        const char *text;
        enum cell_kind kind;
    } words[] = {{"true", CELL_BOOL}, {"false", CELL_BOOL}, {"null", CELL_NULL}, {"NaN", CELL_NULL},
        {"Infinity", CELL_NUMBER}, {"-Infinity", CELL_NUMBER}};
    // clang-format on
    size_t have = (size_t)(t->end - t->p);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        size_t bytes = strlen(words[i].text);
        if (memcmp(words[i].text, t->p, have < bytes ? have : bytes) != 0) continue;
        if (have < bytes) return ended(t);
        *out = (struct cell){t->p, (uint32_t)bytes, words[i].kind};
        t->p += bytes;
        return JSON_FINE;
    }
    return JSON_BAD;
}

/* --- nested values ---------------------------------------------------------------------------- */

static enum json_scan member_key(struct json_text *t)
{
    struct cell key;
    char c;
    enum json_scan scan = json_peek(t, &c);
    if (scan == JSON_FINE) scan = c == '"' ? string(t, &key) : JSON_BAD;
    if (scan == JSON_FINE) scan = json_mark(t, ':');
    return scan;
}

static enum json_scan nested(struct json_text *t, struct cell *out)
{
    char *from = t->p, open = *t->p++, close = open == '[' ? ']' : '}', c;
    struct cell inner;
    if (t->depth >= LIMIT_JSON_DEPTH) return JSON_DEEP;
    t->depth++;
    enum json_scan scan = json_peek(t, &c);
    bool empty = scan == JSON_FINE && c == close;
    if (empty) t->p++;
    while (scan == JSON_FINE && !empty) {
        if (open == '{') scan = member_key(t);
        if (scan == JSON_FINE) scan = json_value(t, &inner);
        if (scan == JSON_FINE) scan = json_peek(t, &c);
        if (scan != JSON_FINE) break;
        if (c != ',' && c != close) scan = JSON_BAD;
        if (c == ',' || c == close) t->p++;
        if (c == close) break;
    }
    t->depth--;
    *out = (struct cell){from, (uint32_t)(t->p - from), CELL_NESTED};
    return scan;
}

enum json_scan json_value(struct json_text *t, struct cell *out)
{
    char c;
    enum json_scan scan = json_peek(t, &c);
    if (scan != JSON_FINE) return scan;
    if (c == '"') return string(t, out);
    if (c == '[' || c == '{') return nested(t, out);
    bool infinite = c == '-' && (t->end - t->p == 1 || t->p[1] == 'I');
    if ((c == '-' && !infinite) || (c >= '0' && c <= '9')) return number(t, out);
    return word(t, out);
}

/* --- escapes ---------------------------------------------------------------------------------- */

static int hex4(const char *p)
{
    int n = 0;
    for (int i = 0; i < 4; i++) {
        char c = p[i];
        int digit = c >= '0' && c <= '9' ? c - '0' : -1;
        if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') digit = (c | 0x20) - 'a' + 10;
        if (digit < 0) return -1;
        n = n * 16 + digit;
    }
    return n;
}

static size_t put_utf8(char *out, uint32_t cp)
{
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    size_t n = cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = n - 1; i > 0; i--, cp >>= 6) out[i] = (char)(0x80 | (cp & 0x3f));
    out[0] = (char)(lead[n] | cp);
    return n;
}

/* \uXXXX at p, and the second half of a pair if it follows; how many bytes it took, 0: wrong. */
static size_t unicode(const char *p, const char *end, uint32_t *cp)
{
    int first = end - p >= 6 ? hex4(p + 2) : -1;
    if (first < 0) return 0;
    *cp = (uint32_t)first;
    if (first < 0xd800 || first > 0xdfff) return 6;
    int second = end - p >= 12 && p[6] == '\\' && p[7] == 'u' ? hex4(p + 8) : -1;
    bool pair = first < 0xdc00 && second >= 0xdc00 && second <= 0xdfff;
    *cp =
        pair ? 0x10000u + ((uint32_t)(first - 0xd800) << 10) + (uint32_t)(second - 0xdc00) : 0xfffd;
    return pair ? 12 : 6;
}

bool json_unescape(char *s, size_t length, size_t *bytes)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    const char *p = s, *end = s + length;
    char *out = s;
    while (p < end) {
        if (*p != '\\') {
            *out++ = *p++;
            continue;
        }
        if (end - p < 2) return false;
        if (p[1] == 'u') {
            uint32_t cp;
            size_t took = unicode(p, end, &cp);
            if (took == 0) return false;
            out += put_utf8(out, cp);
            p += took;
            continue;
        }
        const char *at = memchr(from, p[1], sizeof from - 1);
        if (at == NULL) return false;
        *out++ = to[at - from];
        p += 2;
    }
    *bytes = (size_t)(out - s);
    return true;
}
