/* regex.c - a ~ b, a ~* b: does a text hold what a regular expression describes?
 *
 * The expression becomes a program of a nondeterministic automaton, all of whose states are
 * followed at once (Thompson 1968): a match costs at most the text's characters times the program's
 * length, whatever the expression. Taken are what PostgreSQL's and POSIX's extended expressions
 * share: . [ ] with ranges and
 * [:classes:], \d \w \s and their opposites, ^ $ ( ) (?: ) | * + ? {m,n}, and a ? behind a
 * quantifier, which matters where something is replaced (regex_replace.c) and nowhere here. Back
 * references, looking ahead and word boundaries are refused.
 */
#include "sql/function/regex.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

enum { DEPTH_MAX = 50, REPEAT_MAX = 255 };

struct states {
    int at[REGEX_OPS_MAX];
    int count;
};

struct program {
    struct regex re;
    /* For running it. */
    struct states lists[2];
    uint64_t seen[REGEX_OPS_MAX], step;
    int stack[2 * REGEX_OPS_MAX + 2];
};

/* --- reading ---------------------------------------------------------------------------------- */

struct parser {
    const char *start, *p, *end;
    struct regex *g;
    int depth;
    int greed; /* of what was read last: 1 the longest, -1 the shortest, 0 no matter */
    struct err *e;
};

static enum status wrong(const struct parser *r, const char *what)
{
    return err_set(r->e, ST_INVALID, "invalid regular expression: %s at character %td", what,
        r->p - r->start + 1);
}

static enum status add_op(struct parser *r, struct regex_op op)
{
    if (r->g->count == REGEX_OPS_MAX)
        return err_set(r->e, ST_LIMIT, "the regular expression is too large");
    r->g->ops[r->g->count++] = op;
    return ST_OK;
}

/* Puts an operation before those from at on, which were compiled last. */
static enum status insert_op(struct parser *r, int at, struct regex_op op)
{
    struct regex *g = r->g;
    enum status st = add_op(r, op);
    if (st != ST_OK) return st;
    memmove(g->ops + at + 1, g->ops + at, (size_t)(g->count - 1 - at) * sizeof *g->ops);
    for (int i = at + 1; i < g->count; i++) {
        struct regex_op *o = &g->ops[i];
        if (o->kind != REGEX_SPLIT && o->kind != REGEX_JUMP) continue;
        if (o->x >= at) o->x++;
        if (o->kind == REGEX_SPLIT && o->y >= at) o->y++;
    }
    g->ops[at] = op;
    return ST_OK;
}

static enum status add_range(struct parser *r, uint32_t low, uint32_t high)
{
    if (r->g->range_count == REGEX_RANGES_MAX)
        return err_set(r->e, ST_LIMIT, "the regular expression has too many ranges");
    if (low > high) return wrong(r, "a range that runs backwards");
    r->g->ranges[r->g->range_count++] = (struct regex_range){low, high};
    return ST_OK;
}

/* The ranges of a class: d, w, s, or a name of [:name:]. */
static enum status add_class(struct parser *r, const char *name, size_t bytes)
{
    static const struct {
        const char *name, *ranges; /* pairs */
    } CLASSES[] = {{"d", "09"}, {"digit", "09"}, {"w", "azAZ09__"}, {"s", "\t\r  "},
        {"space", "\t\r  "}, {"alpha", "azAZ"}, {"alnum", "azAZ09"}, {"lower", "az"},
        {"upper", "AZ"}, {"xdigit", "09afAF"}, {"punct", "!/:@[`{~"}, {"blank", "\t\t  "}};
    bool letters = bytes > 0 && (*name == 'w' || (bytes == 5 && (*name == 'a')));
    for (size_t i = 0; i < sizeof CLASSES / sizeof CLASSES[0]; i++) {
        if (strlen(CLASSES[i].name) != bytes || memcmp(CLASSES[i].name, name, bytes) != 0) continue;
        enum status st = ST_OK;
        for (const char *p = CLASSES[i].ranges; st == ST_OK && *p != '\0'; p += 2)
            st = add_range(r, (unsigned char)p[0], (unsigned char)p[1]);
        /* Letters beyond ASCII are letters. */
        return st == ST_OK && letters ? add_range(r, 0xaa, 0x10ffff) : st;
    }
    return wrong(r, "an unknown class");
}

static uint32_t escaped(uint32_t c)
{
    return c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c == 'f' ? '\f' : c;
}

static bool is_alnum(uint32_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Behind a backslash: one of \d \w \s, in upper case the opposite, or a character. */
static enum status escape(struct parser *r)
{
    uint32_t c;
    if (r->p == r->end) return wrong(r, "a backslash");
    r->p += utf8_next(r->p, r->end, &c);
    uint32_t low = c | 0x20;
    if (low == 'd' || low == 'w' || low == 's') {
        char name = (char)low;
        int first = r->g->range_count;
        enum status st = add_class(r, &name, 1);
        struct regex_op set = {
            .kind = REGEX_SET, .negated = c != low, .x = first, .y = r->g->range_count};
        return st == ST_OK ? add_op(r, set) : st;
    }
    if (is_alnum(c) && escaped(c) == c) return wrong(r, "an escape that isn't supported");
    return add_op(r, (struct regex_op){.kind = REGEX_CHAR, .c = escaped(c)});
}

/* One element of [ ]: a class, a character, a range. */
static enum status set_element(struct parser *r)
{
    uint32_t low, high;
    if (r->end - r->p > 3 && r->p[0] == '[' && r->p[1] == ':') {
        const char *name = r->p + 2, *close = memmem(name, (size_t)(r->end - name), ":]", 2);
        if (close == NULL) return wrong(r, "a class without its end");
        enum status st = add_class(r, name, (size_t)(close - name));
        r->p = close + 2;
        return st;
    }
    r->p += utf8_next(r->p, r->end, &low);
    if (low == '\\' && r->p < r->end) {
        r->p += utf8_next(r->p, r->end, &low);
        char name = (char)low;
        if (low == 'd' || low == 'w' || low == 's') return add_class(r, &name, 1);
        low = escaped(low);
    }
    high = low;
    if (r->end - r->p > 1 && r->p[0] == '-' && r->p[1] != ']') {
        r->p++;
        r->p += utf8_next(r->p, r->end, &high);
        if (high == '\\' && r->p < r->end) r->p += utf8_next(r->p, r->end, &high);
    }
    return add_range(r, low, high);
}

static enum status set(struct parser *r)
{
    struct regex_op op = {.kind = REGEX_SET, .x = r->g->range_count};
    op.negated = r->p < r->end && *r->p == '^';
    r->p += op.negated;
    bool first = true;
    enum status st = ST_OK;
    while (st == ST_OK && r->p < r->end && (first || *r->p != ']')) {
        st = set_element(r);
        first = false;
    }
    if (st != ST_OK) return st;
    if (r->p == r->end) return wrong(r, "[ without its ]");
    r->p++;
    op.y = r->g->range_count;
    return add_op(r, op);
}

static enum status alternation(struct parser *r);

/* Where a group begins or ends; of groups beyond the ninth nothing is kept. */
static enum status save(struct parser *r, int group, int end)
{
    struct regex_op op = {.kind = REGEX_SAVE, .x = 2 * group + end};
    return group < REGEX_GROUPS_MAX ? add_op(r, op) : ST_OK;
}

static enum status group(struct parser *r)
{
    bool plain = r->end - r->p > 1 && r->p[0] == '?' && r->p[1] == ':';
    if (plain) r->p += 2;
    if (!plain && r->p < r->end && *r->p == '?') return wrong(r, "a group that isn't supported");
    if (++r->depth > DEPTH_MAX)
        return err_set(r->e, ST_LIMIT, "the regular expression is nested too deep");
    int number = plain || !r->g->saves ? REGEX_GROUPS_MAX : ++r->g->groups;
    enum status st = save(r, number, 0);
    if (st == ST_OK) st = alternation(r);
    if (st == ST_OK) st = save(r, number, 1);
    r->depth--;
    if (st != ST_OK) return st;
    if (r->p == r->end) return wrong(r, "( without its )");
    r->p++;
    return ST_OK;
}

static enum status atom(struct parser *r)
{
    uint32_t c;
    r->p += utf8_next(r->p, r->end, &c);
    switch (c) {
    case '.': return add_op(r, (struct regex_op){.kind = REGEX_ANY});
    case '^': return add_op(r, (struct regex_op){.kind = REGEX_BEGIN});
    case '$': return add_op(r, (struct regex_op){.kind = REGEX_END});
    case '[': return set(r);
    case '(': return group(r);
    case '\\': return escape(r);
    case '*':
    case '+':
    case '?': r->p--; return wrong(r, "a quantifier behind nothing");
    default: return add_op(r, (struct regex_op){.kind = REGEX_CHAR, .c = c});
    }
}

/* --- repetition ------------------------------------------------------------------------------- */

/* The operations [first, last) once more at the end. */
static enum status copy(struct parser *r, int first, int last)
{
    int shift = r->g->count - first;
    enum status st = ST_OK;
    for (int i = first; st == ST_OK && i < last; i++) {
        struct regex_op op = r->g->ops[i];
        bool jumps = op.kind == REGEX_SPLIT || op.kind == REGEX_JUMP;
        if (jumps) op.x += shift;
        if (op.kind == REGEX_SPLIT) op.y += shift;
        st = add_op(r, op);
    }
    return st;
}

/* How often what stands in front of a quantifier comes; most < 0: any number of times. */
struct times {
    int least, most;
    bool lazy; /* as few as possible are preferred */
};

/* A SPLIT prefers its x: that is to go on without what is repeated, when it is lazy. */
static void prefer(struct regex_op *split, bool lazy)
{
    int x = split->x;
    if (!lazy) return;
    split->x = split->y;
    split->y = x;
}

static enum status star(struct parser *r, int first, bool lazy)
{
    enum status st = insert_op(r, first, (struct regex_op){.kind = REGEX_SPLIT, .x = first + 1});
    if (st == ST_OK) st = add_op(r, (struct regex_op){.kind = REGEX_JUMP, .x = first});
    if (st != ST_OK) return st;
    r->g->ops[first].y = r->g->count;
    prefer(&r->g->ops[first], lazy);
    return ST_OK;
}

static enum status maybe(struct parser *r, int first, bool lazy)
{
    enum status st = insert_op(r, first, (struct regex_op){.kind = REGEX_SPLIT, .x = first + 1});
    if (st != ST_OK) return st;
    r->g->ops[first].y = r->g->count;
    prefer(&r->g->ops[first], lazy);
    return ST_OK;
}

/* What stands from first on, so many times. */
static enum status repeat(struct parser *r, int first, const struct times *t)
{
    int length = r->g->count - first, last = first;
    enum status st = ST_OK;
    if (t->most == 0) {
        r->g->count = first;
        return ST_OK;
    }
    for (int i = 1; st == ST_OK && i < t->least; i++) {
        last = r->g->count;
        st = copy(r, first, first + length);
    }
    if (st == ST_OK && t->most < 0 && t->least > 0) {
        struct regex_op again = {.kind = REGEX_SPLIT, .x = last, .y = r->g->count + 1};
        prefer(&again, t->lazy);
        return add_op(r, again);
    }
    if (st == ST_OK && t->most < 0) return star(r, first, t->lazy);
    int own = first; /* where an unchanged copy stands */
    for (int i = t->least > 0 ? t->least : 1; st == ST_OK && i < t->most; i++) {
        last = r->g->count;
        st = copy(r, own, own + length);
        if (st == ST_OK) st = maybe(r, last, t->lazy);
    }
    return st == ST_OK && t->least == 0 ? maybe(r, first, t->lazy) : st;
}

static bool count(struct parser *r, int *out)
{
    const char *start = r->p;
    for (*out = 0; r->p < r->end && *r->p >= '0' && *r->p <= '9' && *out <= REPEAT_MAX; r->p++)
        *out = *out * 10 + (*r->p - '0');
    return r->p > start && *out <= REPEAT_MAX;
}

/* {m} {m,} {m,n} */
static enum status bounds(struct parser *r, struct times *t)
{
    r->p++;
    if (!count(r, &t->least)) return wrong(r, "{ without a number up to 255");
    t->most = t->least;
    if (r->p < r->end && *r->p == ',') {
        r->p++;
        t->most = -1;
        if (r->p < r->end && *r->p != '}' && !count(r, &t->most))
            return wrong(r, "{ without a number up to 255");
    }
    if (r->p == r->end || *r->p != '}') return wrong(r, "{ without its }");
    if (t->most >= 0 && t->most < t->least) return wrong(r, "{ } that runs backwards");
    r->p++;
    return ST_OK;
}

static enum status piece(struct parser *r)
{
    int first = r->g->count;
    struct times t = {1, 1, false};
    r->greed = 0;
    enum status st = atom(r);
    char c = st == ST_OK && r->p < r->end ? *r->p : '\0';
    bool number = c == '{' && r->end - r->p > 1 && r->p[1] >= '0' && r->p[1] <= '9';
    if (number) {
        st = bounds(r, &t);
    } else if (c == '*' || c == '+' || c == '?') {
        r->p++;
        t = (struct times){c == '+', c == '?' ? 1 : -1, false};
    } else {
        return st;
    }
    t.lazy = st == ST_OK && r->p < r->end && *r->p == '?';
    r->p += t.lazy;
    if (t.least != t.most) r->greed = t.lazy ? -1 : 1;
    return st == ST_OK ? repeat(r, first, &t) : st;
}

/* Pieces up to | or ) or the end; the first quantifier says what the branch prefers. */
static enum status branch(struct parser *r)
{
    enum status st = ST_OK;
    int greed = 0;
    while (st == ST_OK && r->p < r->end && *r->p != '|' && *r->p != ')') {
        st = piece(r);
        if (greed == 0) greed = r->greed;
    }
    r->greed = greed;
    return st;
}

/* a|b|c: each branch but the last ends with a jump behind all; they are chained by x until then. */
static enum status alternation(struct parser *r)
{
    int first = r->g->count, chain = -1, branches = 1;
    enum status st = ST_OK;
    for (;; branches++) {
        if (st == ST_OK) st = branch(r);
        if (st != ST_OK || r->p == r->end || *r->p == ')') break;
        r->p++;
        st = insert_op(r, first, (struct regex_op){.kind = REGEX_SPLIT, .x = first + 1});
        int jump = r->g->count;
        if (st == ST_OK) st = add_op(r, (struct regex_op){.kind = REGEX_JUMP, .x = chain});
        if (st != ST_OK) break;
        chain = jump;
        r->g->ops[first].y = r->g->count;
        first = r->g->count;
    }
    while (st == ST_OK && chain >= 0) {
        int next = r->g->ops[chain].x;
        r->g->ops[chain].x = r->g->count;
        chain = next;
    }
    if (branches > 1) r->greed = 1;
    return st;
}

enum status regex_compile(const struct function_text *pattern, struct regex *g, struct err *e)
{
    struct parser r = {
        .start = pattern->s, .p = pattern->s, .end = pattern->s + pattern->bytes, .g = g, .e = e};
    enum status st = g->saves ? save(&r, 0, 0) : ST_OK;
    if (st == ST_OK) st = alternation(&r);
    if (st == ST_OK && r.p < r.end) return wrong(&r, ") without its (");
    if (st == ST_OK && g->saves) st = save(&r, 0, 1);
    g->shortest = r.greed < 0;
    return st == ST_OK ? add_op(&r, (struct regex_op){.kind = REGEX_MATCH}) : st;
}

/* --- running ---------------------------------------------------------------------------------- */

/* Adds a state and those that follow it without a character. true: the end is among them. */
static bool add_state(struct program *g, struct states *to, int state, bool begin, bool end)
{
    int depth = 0;
    g->stack[depth++] = state;
    while (depth > 0) {
        int at = g->stack[--depth];
        const struct regex_op *o = &g->re.ops[at];
        if (g->seen[at] == g->step) continue;
        g->seen[at] = g->step;
        if (o->kind == REGEX_MATCH) return true;
        if (o->kind == REGEX_SPLIT) g->stack[depth++] = o->y;
        if (o->kind == REGEX_SPLIT || o->kind == REGEX_JUMP) g->stack[depth++] = o->x;
        bool passed = (o->kind == REGEX_BEGIN && begin) || (o->kind == REGEX_END && end);
        if (passed || o->kind == REGEX_SAVE) g->stack[depth++] = at + 1;
        if (o->kind <= REGEX_SET) to->at[to->count++] = at;
    }
    return false;
}

static bool in_set(const struct regex *g, const struct regex_op *o, uint32_t c)
{
    for (int i = o->x; i < o->y; i++)
        if (c >= g->ranges[i].low && c <= g->ranges[i].high) return true;
    return false;
}

bool regex_takes(const struct regex *g, const struct regex_op *o, uint32_t c)
{
    if (o->kind == REGEX_ANY) return true;
    if (o->kind == REGEX_CHAR) return o->c == c || (g->fold && utf8_fold(o->c) == utf8_fold(c));
    bool in = in_set(g, o, c);
    uint32_t low = g->fold ? utf8_fold(c) : c;
    if (!in && g->fold)
        in = in_set(g, o, low) || (low >= 'a' && low <= 'z' && in_set(g, o, low - 32));
    return in != o->negated;
}

static enum status search(struct sql_session *session, struct program *g,
    const struct function_text *text, bool *found, struct err *e)
{
    const char *s = text->s, *end = s + text->bytes;
    struct states *now = &g->lists[0], *next = &g->lists[1];
    uint32_t c;
    now->count = 0;
    g->step++;
    *found = add_state(g, now, 0, true, s == end);
    for (int64_t i = 1; !*found && s < end; i++) {
        if (i % REGEX_LOOK_EVERY == 0) {
            enum status st = run_check(&session->run, e);
            if (st != ST_OK) return st;
        }
        s += utf8_next(s, end, &c);
        next->count = 0;
        g->step++;
        for (int k = 0; k < now->count && !*found; k++)
            if (regex_takes(&g->re, &g->re.ops[now->at[k]], c))
                *found = add_state(g, next, now->at[k] + 1, false, s == end);
        if (!*found) *found = add_state(g, next, 0, false, s == end);
        struct states *swap = now;
        now = next;
        next = swap;
    }
    return ST_OK;
}

/* The program of a pattern that is the same in every row is made once. */
static enum status match(struct sql_session *session, struct sql_value *const *args, bool fold,
    struct sql_result *out, struct err *e)
{
    sqlite3_context *ctx = (sqlite3_context *)out;
    struct function_text text, pattern;
    bool found = false;
    struct program *g = sqlite3_get_auxdata(ctx, 1), *made = NULL;
    enum status st = function_text(args[0], &text, e);
    if (st == ST_OK) st = function_text(args[1], &pattern, e);
    if (st == ST_OK && g == NULL) {
        g = made = mem_zalloc(1, sizeof *g);
        if (g != NULL) g->re.fold = fold;
        st = g != NULL ? regex_compile(&pattern, &g->re, e) : mem_err(e, sizeof *g);
    }
    if (st == ST_OK) st = search(session, g, &text, &found, e);
    if (st == ST_OK) sql_result_int(out, found);
    if (made != NULL && st == ST_OK)
        sqlite3_set_auxdata(ctx, 1, made, mem_free);
    else
        mem_free(made);
    return st;
}

FUNCTION_HEAD(call_regex)
{
    return function_any_null(args, count) ? ST_OK : match(session, args, false, out, e);
}

FUNCTION_HEAD(call_regex_fold)
{
    return function_any_null(args, count) ? ST_OK : match(session, args, true, out, e);
}

static const struct sql_scalar SCALARS[] = {
    FUNCTION("fovea_regex", 2, 2, call_regex),
    FUNCTION("fovea_regex_fold", 2, 2, call_regex_fold),
    FUNCTION("regexp_like", 2, 2, call_regex),
};

const struct function_set FUNCTIONS_REGEX = {
    .scalars = SCALARS, .scalar_count = FUNCTION_COUNT(SCALARS)};
