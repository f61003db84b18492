/* regex_replace.c - regexp_replace(text, pattern, replacement [, flags]) of PostgreSQL.
 *
 * The states of the program (regex.h) are followed all at once, each with the places its groups
 * have so far (Pike's machine), in the order of preference: of two that meet, the preferred one
 * stays. As in PostgreSQL the leftmost match is taken, and of those that begin there the longest,
 * or the shortest where the first quantifier is a lazy one. One search costs at most the text's
 * characters times the program's length; with g there may be one for each match.
 *
 * Where PostgreSQL would give a group of an alternative the longest share, ours has what the first
 * fitting alternative gives it. In the replacement \1 to \9 are groups, \& is the match, \\ a
 * backslash; any other stays as it is.
 */
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "sql/function/regex.h"

enum { SAVES = 2 * REGEX_GROUPS_MAX };

struct threads {
    int count;
    int at[REGEX_OPS_MAX];
    int32_t saves[REGEX_OPS_MAX][SAVES];
};

/* A state to follow, or (slot >= 0) a place to take back. */
struct frame {
    int state, slot;
    int32_t old;
};

struct machine {
    struct regex re;
    struct threads lists[2];
    uint64_t seen[REGEX_OPS_MAX], step;
    struct frame stack[3 * REGEX_OPS_MAX + 1];
    int64_t looked;
    bool found;
    int32_t best[SAVES];
};

struct subject {
    struct sql_session *session;
    struct function_text text, replacement;
    bool all;
};

/* --- searching -------------------------------------------------------------------------------- */

static void take_match(struct machine *m, const int32_t *saves)
{
    bool earlier = m->found && saves[0] < m->best[0];
    bool longer = m->found && saves[0] == m->best[0] && saves[1] > m->best[1] && !m->re.shortest;
    if (m->found && !earlier && !longer) return;
    m->found = true;
    memcpy(m->best, saves, sizeof m->best);
}

/* Adds a state and those that follow it without a character, at a place of a text of so many bytes.
 */
static void add_thread(
    struct machine *m, struct threads *to, int state, int32_t saves[SAVES], struct regex_range at)
{
    int depth = 0;
    m->stack[depth++] = (struct frame){.state = state, .slot = -1};
    while (depth > 0) {
        struct frame f = m->stack[--depth];
        if (f.slot >= 0) {
            saves[f.slot] = f.old;
            continue;
        }
        const struct regex_op *o = &m->re.ops[f.state];
        if (m->seen[f.state] == m->step) continue;
        m->seen[f.state] = m->step;
        if (o->kind == REGEX_MATCH) take_match(m, saves);
        if (o->kind == REGEX_SPLIT) m->stack[depth++] = (struct frame){.state = o->y, .slot = -1};
        if (o->kind == REGEX_SAVE) {
            m->stack[depth++] = (struct frame){.slot = o->x, .old = saves[o->x]};
            saves[o->x] = (int32_t)at.low;
        }
        bool jumps = o->kind == REGEX_SPLIT || o->kind == REGEX_JUMP;
        bool passes = o->kind == REGEX_SAVE || (o->kind == REGEX_BEGIN && at.low == 0) ||
            (o->kind == REGEX_END && at.low == at.high);
        if (jumps || passes)
            m->stack[depth++] = (struct frame){.state = jumps ? o->x : f.state + 1, .slot = -1};
        if (o->kind > REGEX_SET) continue;
        to->at[to->count] = f.state;
        memcpy(to->saves[to->count++], saves, sizeof to->saves[0]);
    }
}

static void begin_thread(struct machine *m, struct threads *to, struct regex_range at)
{
    int32_t saves[SAVES];
    for (int i = 0; i < SAVES; i++) saves[i] = -1;
    add_thread(m, to, 0, saves, at);
}

/* Can nothing better come of it than what was found? */
static bool is_late(const struct machine *m, const int32_t *saves)
{
    return m->found && (saves[0] > m->best[0] || (m->re.shortest && saves[0] == m->best[0]));
}

/* The first match at or behind a byte: m->found, m->best. */
static enum status search(struct machine *m, const struct subject *s, size_t from, struct err *e)
{
    const char *p = s->text.s + from, *end = s->text.s + s->text.bytes;
    struct threads *now = &m->lists[0], *next = &m->lists[1];
    struct regex_range at = {(uint32_t)from, (uint32_t)s->text.bytes};
    m->found = false;
    m->step++;
    now->count = 0;
    begin_thread(m, now, at);
    while (p < end && (now->count > 0 || !m->found)) {
        uint32_t c;
        if (++m->looked % REGEX_LOOK_EVERY == 0) {
            enum status st = run_check(&s->session->run, e);
            if (st != ST_OK) return st;
        }
        p += utf8_next(p, end, &c);
        at.low = (uint32_t)(p - s->text.s);
        next->count = 0;
        m->step++;
        for (int i = 0; i < now->count; i++)
            if (!is_late(m, now->saves[i]) && regex_takes(&m->re, &m->re.ops[now->at[i]], c))
                add_thread(m, next, now->at[i] + 1, now->saves[i], at);
        if (!m->found) begin_thread(m, next, at);
        struct threads *swap = now;
        now = next;
        next = swap;
    }
    return ST_OK;
}

/* --- replacing -------------------------------------------------------------------------------- */

static void add_group(const struct machine *m, const struct subject *s, int group, struct buf *out)
{
    int32_t first = m->best[2 * group], last = m->best[2 * group + 1];
    if (first >= 0 && last > first) buf_add(out, s->text.s + first, (size_t)(last - first));
}

static void add_replacement(const struct machine *m, const struct subject *s, struct buf *out)
{
    const char *p = s->replacement.s, *end = p + s->replacement.bytes;
    while (p < end) {
        const char *slash = memchr(p, '\\', (size_t)(end - p));
        size_t plain = (size_t)((slash != NULL ? slash : end) - p);
        char c = slash != NULL && slash + 1 < end ? slash[1] : '\0';
        bool group = (c >= '1' && c <= '9') || c == '&';
        buf_add(out, p, plain);
        p += plain;
        if (slash == NULL) break;
        if (group) add_group(m, s, c == '&' ? 0 : c - '0', out);
        if (!group) buf_add_char(out, '\\');
        p += group || c == '\\' ? 2 : 1;
    }
}

static enum status replace(
    struct machine *m, const struct subject *s, struct buf *out, struct err *e)
{
    size_t copied = 0, from = 0, bytes = s->text.bytes, most = function_bytes_max(s->session);
    uint32_t c;
    enum status st = ST_OK;
    do {
        st = search(m, s, from, e);
        if (st != ST_OK || !m->found) break;
        size_t first = (size_t)m->best[0], last = (size_t)m->best[1];
        buf_add(out, s->text.s + copied, first - copied);
        add_replacement(m, s, out);
        copied = from = last;
        if (first == last) /* behind an empty match the next one begins a character on */
            from += from < bytes ? utf8_next(s->text.s + from, s->text.s + bytes, &c) : 1;
        if (out->bytes > most) return err_set(e, ST_LIMIT, "string or blob too big");
    } while (s->all && from <= bytes && !out->failed);
    buf_add(out, s->text.s + copied, bytes - copied);
    return st == ST_OK && out->bytes > most ? err_set(e, ST_LIMIT, "string or blob too big") : st;
}

/* g: all matches; i: without case; c and s: as it is anyway. */
static enum status read_flags(
    const struct function_text *flags, bool *all, bool *fold, struct err *e)
{
    for (size_t i = 0; i < flags->bytes; i++) {
        char c = flags->s[i];
        if (c == 'g')
            *all = true;
        else if (c == 'i' || c == 'c')
            *fold = c == 'i';
        else if (c != 's')
            return err_set(e, ST_INVALID,
                "regexp_replace(): invalid flags \"%.20s\": g (all matches) and i (without case)"
                " are taken",
                flags->s);
    }
    return ST_OK;
}

static enum status make(
    const struct function_text *pattern, bool fold, struct machine **out, struct err *e)
{
    struct machine *m = *out = mem_zalloc(1, sizeof *m);
    if (m == NULL) return mem_err(e, sizeof *m);
    m->re.fold = fold;
    m->re.saves = true;
    return regex_compile(pattern, &m->re, e);
}

/* The program of a pattern that is the same in every row is made once. */
FUNCTION_HEAD(call_regexp_replace)
{
    sqlite3_context *ctx = (sqlite3_context *)out;
    struct subject s = {.session = session};
    struct function_text pattern, flags = {"", 0};
    struct machine *m = sqlite3_get_auxdata(ctx, 1), *made = NULL;
    struct buf text;
    bool fold = false;
    if (function_any_null(args, count)) return ST_OK;
    enum status st = function_text(args[0], &s.text, e);
    if (st == ST_OK) st = function_text(args[1], &pattern, e);
    if (st == ST_OK) st = function_text(args[2], &s.replacement, e);
    if (st == ST_OK && count > 3) st = function_text(args[3], &flags, e);
    if (st == ST_OK) st = read_flags(&flags, &s.all, &fold, e);
    if (st == ST_OK && s.text.bytes > INT32_MAX - 1) st = err_set(e, ST_LIMIT, "string too big");
    if (st == ST_OK && (m == NULL || m->re.fold != fold)) {
        st = make(&pattern, fold, &made, e);
        m = made;
    }
    buf_init(&text);
    if (st == ST_OK) st = replace(m, &s, &text, e);
    if (st == ST_OK)
        st = function_finish(out, &text, e);
    else
        buf_deinit(&text);
    if (made != NULL && st == ST_OK)
        sqlite3_set_auxdata(ctx, 1, made, mem_free);
    else
        mem_free(made);
    return st;
}

static const struct sql_scalar SCALARS[] = {
    FUNCTION("regexp_replace", 3, 4, call_regexp_replace),
};

const struct function_set FUNCTIONS_REGEX_REPLACE = {
    .scalars = SCALARS, .scalar_count = FUNCTION_COUNT(SCALARS)};
