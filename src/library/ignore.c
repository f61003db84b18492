/* ignore.c - patterns as a set of places in the pattern, moved along the text byte by byte.
 *
 * The pattern is cut into steps; places[i] says that the text so far can be matched up to step i.
 * One pass over the text costs steps x bytes whatever the pattern is: a file found in someone's
 * folder must not be able to stall the walk, as backtracking over "a*a*a*a*b" would.
 */
#include "library/ignore.h"

#include <stdint.h>
#include <string.h>

#include "base/mem.h"

enum step_kind {
    STEP_BYTE,   /* this byte */
    STEP_ANY,    /* ?: one byte that is no slash */
    STEP_SET,    /* [...] */
    STEP_STAR,   /* *: any bytes that are no slash, or none */
    STEP_DEPTH,  /* the head of a double star and slash: go on, or take no folder at all */
    STEP_INSIDE, /* ... inside a folder: stays until a slash */
    STEP_REST    /* slash and double star at the end: at least one byte */
};

struct step {
    enum step_kind kind;
    unsigned char byte;
    uint16_t set_first, set_bytes; /* STEP_SET: its text in the pattern, without the brackets */
};

struct pattern {
    const char *text;
    int count;
    struct step steps[IGNORE_PATTERN_BYTES_MAX + 2];
};

static void step_add(struct pattern *p, enum step_kind kind, unsigned char byte)
{
    p->steps[p->count++] = (struct step){.kind = kind, .byte = byte};
}

/* Bytes of the set that begins at s ("[" included), 0 when it is not closed. */
static size_t set_length(const char *s, size_t bytes)
{
    size_t i = 1;
    if (i < bytes && (s[i] == '!' || s[i] == '^')) i++;
    if (i < bytes && s[i] == ']') i++; /* a bracket in the first place stands for itself */
    while (i < bytes && s[i] != ']') i++;
    return i < bytes ? i + 1 : 0;
}

static bool set_has(const char *s, size_t bytes, unsigned char c)
{
    bool negated = bytes > 0 && (s[0] == '!' || s[0] == '^');
    bool found = false;
    for (size_t i = negated ? 1 : 0; i < bytes; i++) {
        unsigned char low = (unsigned char)s[i], high = low;
        if (i + 2 < bytes && s[i + 1] == '-') {
            high = (unsigned char)s[i + 2];
            i += 2;
        }
        if (c >= low && c <= high) found = true;
    }
    return found != negated && c != '/';
}

/* A run of two stars at s: how many bytes of the pattern it takes. */
static size_t add_double_star(struct pattern *p, const char *s, size_t at, size_t bytes)
{
    bool alone = at == 0 || s[at - 1] == '/';
    if (alone && at + 2 < bytes && s[at + 2] == '/') {
        step_add(p, STEP_DEPTH, 0);
        step_add(p, STEP_INSIDE, 0);
        return 3;
    }
    step_add(p, alone && at > 0 && at + 2 == bytes ? STEP_REST : STEP_STAR, 0);
    return 2;
}

static void cut(struct pattern *p, const char *s, size_t bytes)
{
    p->text = s;
    p->count = 0;
    for (size_t i = 0; i < bytes;) {
        size_t set = s[i] == '[' ? set_length(s + i, bytes - i) : 0;
        if (set > 0) {
            struct step *at = &p->steps[p->count++];
            *at = (struct step){STEP_SET, 0, (uint16_t)(i + 1), (uint16_t)(set - 2)};
            i += set;
        } else if (s[i] == '*' && i + 1 < bytes && s[i + 1] == '*') {
            i += add_double_star(p, s, i, bytes);
        } else if (s[i] == '\\' && i + 1 < bytes) {
            step_add(p, STEP_BYTE, (unsigned char)s[i + 1]);
            i += 2;
        } else {
            enum step_kind kind = s[i] == '*' ? STEP_STAR : s[i] == '?' ? STEP_ANY : STEP_BYTE;
            step_add(p, kind, (unsigned char)s[i++]);
        }
    }
}

/* Steps that may match nothing open the places behind them. */
static void spread(const struct pattern *p, bool *places)
{
    for (int i = 0; i < p->count; i++) {
        if (!places[i]) continue;
        if (p->steps[i].kind == STEP_STAR) places[i + 1] = true;
        if (p->steps[i].kind == STEP_DEPTH) places[i + 1] = places[i + 2] = true;
    }
}

static void advance(const struct pattern *p, int i, unsigned char c, bool *next)
{
    const struct step *s = &p->steps[i];
    switch (s->kind) {
    case STEP_BYTE: next[i + 1] |= s->byte == c; break;
    case STEP_ANY: next[i + 1] |= c != '/'; break;
    case STEP_SET: next[i + 1] |= set_has(p->text + s->set_first, s->set_bytes, c); break;
    case STEP_STAR: next[i] |= c != '/'; break;
    case STEP_DEPTH: break; /* spread has gone on from here */
    case STEP_INSIDE:
        next[i] = true;
        next[i + 1] |= c == '/';
        break;
    case STEP_REST: next[i] = next[i + 1] = true; break;
    }
}

bool ignore_pattern_match(const char *pattern, size_t bytes, const char *text)
{
    struct pattern p;
    bool here[IGNORE_PATTERN_BYTES_MAX + 4] = {false}, next[IGNORE_PATTERN_BYTES_MAX + 4];
    if (bytes > IGNORE_PATTERN_BYTES_MAX) return false;
    cut(&p, pattern, bytes);
    here[0] = true;
    spread(&p, here);
    for (; *text != '\0'; text++) {
        memset(next, 0, (size_t)p.count + 2);
        for (int i = 0; i < p.count; i++)
            if (here[i]) advance(&p, i, (unsigned char)*text, next);
        spread(&p, next);
        memcpy(here, next, (size_t)p.count + 2);
    }
    return here[p.count];
}

struct rule {
    size_t first, bytes; /* in ig->text */
    bool negated, dirs_only, anchored;
};

struct ignore {
    size_t base_bytes;
    char *text;
    struct rule *rules;
    size_t count, capacity;
};

/* Trailing blanks go unless the last is behind a backslash. */
static size_t trimmed(const char *s, size_t bytes)
{
    while (bytes > 0 && (s[bytes - 1] == ' ' || s[bytes - 1] == '\t' || s[bytes - 1] == '\r')) {
        if (bytes >= 2 && s[bytes - 2] == '\\') break;
        bytes--;
    }
    return bytes;
}

static bool rule_read(const struct ignore *ig, size_t first, size_t bytes, struct rule *r)
{
    const char *s = ig->text + first;
    bytes = trimmed(s, bytes);
    if (bytes == 0 || s[0] == '#') return false;
    *r = (struct rule){.first = first, .bytes = bytes};
    if (s[0] == '!') {
        r->negated = true;
        r->first++;
        r->bytes--;
    }
    s = ig->text + r->first;
    if (r->bytes > 0 && s[r->bytes - 1] == '/') {
        r->dirs_only = true;
        r->bytes--;
    }
    r->anchored = memchr(s, '/', r->bytes) != NULL;
    if (r->bytes > 0 && s[0] == '/') {
        r->first++;
        r->bytes--;
    }
    return r->bytes > 0;
}

static enum status rule_add(struct ignore *ig, size_t first, size_t bytes, struct err *e)
{
    struct rule r;
    if (!rule_read(ig, first, bytes, &r)) return ST_OK;
    if (r.bytes > IGNORE_PATTERN_BYTES_MAX)
        return err_set(e, ST_LIMIT, "%s: a pattern has %zu bytes, the most is %d", IGNORE_FILE,
            r.bytes, IGNORE_PATTERN_BYTES_MAX);
    if (ig->count == IGNORE_RULES_MAX)
        return err_set(e, ST_LIMIT, "%s: more than %d patterns", IGNORE_FILE, IGNORE_RULES_MAX);
    if (ig->count == ig->capacity) {
        size_t capacity = ig->capacity * 2 + 8;
        struct rule *grown = mem_resize(ig->rules, capacity, sizeof *grown);
        if (grown == NULL) return mem_err(e, capacity * sizeof *grown);
        ig->rules = grown;
        ig->capacity = capacity;
    }
    ig->rules[ig->count++] = r;
    return ST_OK;
}

enum status ignore_open(
    const char *text, size_t bytes, size_t base_bytes, struct ignore **out, struct err *e)
{
    enum status st = ST_OK;
    *out = NULL;
    struct ignore *ig = mem_zalloc(1, sizeof *ig);
    if (ig == NULL) return mem_err(e, sizeof *ig);
    ig->base_bytes = base_bytes;
    ig->text = mem_strndup(text, bytes);
    if (ig->text == NULL) st = mem_err(e, bytes);
    for (size_t at = 0; st == ST_OK && at < bytes;) {
        const char *newline = memchr(ig->text + at, '\n', bytes - at);
        size_t line = newline != NULL ? (size_t)(newline - (ig->text + at)) : bytes - at;
        st = rule_add(ig, at, line, e);
        at += line + 1;
    }
    if (st != ST_OK || ig->count == 0)
        ignore_close(ig);
    else
        *out = ig;
    return st;
}

void ignore_close(struct ignore *ig)
{
    if (ig == NULL) return;
    mem_free(ig->rules);
    mem_free(ig->text);
    mem_free(ig);
}

enum ignore_answer ignore_match(const struct ignore *ig, const char *path, bool is_dir)
{
    if (ig == NULL) return IGNORE_UNSAID;
    const char *below = path + ig->base_bytes;
    const char *slash = strrchr(below, '/');
    const char *name = slash != NULL ? slash + 1 : below;
    for (size_t i = ig->count; i-- > 0;) {
        const struct rule *r = &ig->rules[i];
        if (r->dirs_only && !is_dir) continue;
        if (ignore_pattern_match(ig->text + r->first, r->bytes, r->anchored ? below : name))
            return r->negated ? IGNORE_NO : IGNORE_YES;
    }
    return IGNORE_UNSAID;
}
