/* forms.c - see forms.h. Each form is found by the grammar and written from its tokens; what stands
 * in it is written by emit.c, so that forms nest in each other and in ours.
 */
#include "sql/dialect/forms.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "base/mem.h"
#include "sql/dialect/words.h"
#include "sql/plan/plan.h"

/* --- tokens ----------------------------------------------------------------------------------- */

static struct sql_token token(const struct sql_plan *p, int i)
{
    return p->scan.tokens[i];
}

static bool spells(const struct sql_scan *scan, int i, const char *word)
{
    return i >= 0 && i < scan->count && lex_is(scan->text, scan->tokens[i], word);
}

static int depth_of(int kind)
{
    return (kind == TK_LP || kind == TK_LB) - (kind == TK_RP || kind == TK_RB);
}

/* The first token of that kind in [first, last] outside of brackets; last + 1: none. */
static int find(const struct sql_scan *scan, int kind, int first, int last)
{
    for (int i = first, depth = 0; i <= last; i++) {
        if (depth == 0 && scan->tokens[i].kind == kind) return i;
        depth += depth_of(scan->tokens[i].kind);
    }
    return last + 1;
}

/* The ) of the ( at a token. */
static int close_of(const struct sql_scan *scan, int open)
{
    int depth = 0, i = open;
    do depth += depth_of(scan->tokens[i++].kind);
    while (depth > 0 && i < scan->count);
    return i - 1;
}

/* --- which there are -------------------------------------------------------------------------- */

void sql_ast_cast(struct sql_ast *p, int first, int as)
{
    static const char *const TYPES[] = {"vector", "halfvec", "sparsevec", "Array"};
    int last = p->at - 2;
    bool ours = last > as && p->scan->text[p->scan->tokens[last].start] == '[';
    for (size_t i = 0; i < sizeof TYPES / sizeof TYPES[0]; i++)
        ours = ours || spells(p->scan, as + 1, TYPES[i]);
    if (ours) sql_ast_form(p, FORM_CAST_CALL, first, as);
}

/* INTERVAL … or x::interval, in brackets or not. */
static bool is_interval(const struct sql_ast *p, int first, int last)
{
    while (p->scan->tokens[first].kind == TK_LP && p->scan->tokens[last].kind == TK_RP)
        first++, last--;
    if (p->scan->tokens[first].kind == TK_INTERVAL && last - first <= 2) return true;
    return p->scan->tokens[last].kind == TK_TYPE && spells(p->scan, last, "interval") &&
        find(p->scan, TK_PLUS, first, last) > last && find(p->scan, TK_MINUS, first, last) > last;
}

void sql_ast_sum(struct sql_ast *p, int first, int at)
{
    bool plus = p->scan->tokens[at].kind == TK_PLUS;
    if (is_interval(p, at + 1, p->at - 1) || (plus && is_interval(p, first, at - 1)))
        sql_ast_form(p, FORM_SUM, first, at);
}

void sql_ast_position(struct sql_ast *p, int first, int bracket)
{
    int last = p->at - 2;
    if (!spells(p->scan, first, "position") || find(p->scan, TK_IN, bracket + 1, last) > last)
        return;
    if (find(p->scan, TK_COMMA, bracket + 1, last) > last)
        sql_ast_form(p, FORM_POSITION, first, bracket);
}

void sql_ast_any(struct sql_ast *p, int first, int at)
{
    bool any = spells(p->scan, at + 1, "ANY") || spells(p->scan, at + 1, "SOME");
    if (!any || p->scan->tokens[at].kind != TK_EQ || p->scan->tokens[at + 2].kind != TK_LP) return;
    if (p->scan->tokens[at + 3].kind == TK_SELECT || close_of(p->scan, at + 2) != p->at - 1) return;
    sql_ast_form(p, FORM_ANY, first, at);
}

/* A function's alias names its column too. One whose arguments are other tables' columns stays. */
void sql_ast_series(struct sql_ast *p, int name, int bracket, int alias)
{
    if (alias == 0 || !spells(p->scan, name, "generate_series")) return;
    int close = close_of(p->scan, bracket);
    for (int i = bracket + 1; i < close; i++)
        if (p->scan->tokens[i].kind == TK_ID && p->scan->tokens[i + 1].kind != TK_LP) return;
    sql_ast_form(p, FORM_SERIES, name, alias);
}

/* The SELECT that was added last. */
void sql_ast_firsts(struct sql_ast *p, int select)
{
    struct sql_node *n = select >= 0 ? p->nodes_last : NULL;
    if (n == NULL || n->kind != NODE_SELECT || n->first != select) return; /* memory is out */
    const struct sql_token *t = p->scan->tokens + select;
    bool distinct_on = t[1].kind == TK_DISTINCT && t[2].kind == TK_ON;
    int limit = n->clauses.limit, by = limit > 0 ? find(p->scan, TK_BY, limit, n->last) : n->last;
    if (limit > 0 && by <= n->last) n->clauses.limit_by = by;
    if (!distinct_on && n->clauses.limit_by == 0) return;
    sql_ast_form(p, FORM_FIRSTS, select, distinct_on ? select + 2 : by);
    if (p->nodes_last == n) return;
    p->nodes_last->clauses = n->clauses;
    p->nodes_last->inner = n->inner;
}

/* --- names of WITH expression AS name --------------------------------------------------------- */

static bool same_name(const struct sql_plan *p, int a, int b)
{
    struct sql_token x = token(p, a), y = token(p, b);
    const char *s = p->scan.text + x.start, *t = p->scan.text + y.start;
    int length = x.end - x.start, other = y.end - y.start;
    if (strchr("\"`", *s) != NULL) s++, length -= 2;
    if (strchr("\"`", *t) != NULL) t++, other -= 2;
    return length == other && strncasecmp(s, t, (size_t)length) == 0;
}

/* A name of its own: not part of another, not a call, not one that something is given. */
const struct sql_alias_ast *form_alias(const struct sql_plan *p, int i)
{
    if (p->ast.aliases == NULL || token(p, i).kind != TK_ID) return NULL;
    int before = i > 0 ? token(p, i - 1).kind : LEX_END, behind = token(p, i + 1).kind;
    if (before == TK_DOT || before == TK_AS || behind == TK_DOT || behind == TK_LP) return NULL;
    for (const struct sql_alias_ast *a = p->ast.aliases; a != NULL; a = a->next)
        if (i >= a->scope_first && i <= a->scope_last && same_name(p, a->name, i)) return a;
    return NULL;
}

enum status form_emit_alias(struct emit *m, const struct sql_alias_ast *a, int source)
{
    rewrite_add(m->out, source, "(");
    enum status st = emit_part(m, a->first, a->last);
    rewrite_add(m->out, source, ")");
    return st;
}

const char *form_spelling(const struct sql_plan *p, int i)
{
    if (p->renames != NULL && p->renames[i] != NULL) return p->renames[i];
    return dialect_spelling(&p->scan, i);
}

/* --- writing ---------------------------------------------------------------------------------- */

struct writer {
    struct emit *m;
    const struct sql_node *n;
    int source;
};

static enum status part(struct writer *w, int first, int last)
{
    if (first > last) return ST_OK;
    return emit_part(w->m, first, last);
}

static const struct sql_scan *scan_of(const struct writer *w)
{
    return &w->m->plan->scan;
}

/* function(a, b) of two operands. */
static enum status call_two(
    struct writer *w, const char *function, struct sql_token swapped, int last)
{
    int first = w->n->first, at = w->n->at;
    bool swap = swapped.kind != 0;
    rewrite_add(w->m->out, w->source, "%s(", function);
    enum status st = swap ? part(w, at + 1, last) : part(w, first, at - 1);
    rewrite_add(w->m->out, w->source, ",");
    if (st == ST_OK) st = swap ? part(w, first, at - 1) : part(w, at + 1, last);
    rewrite_add(w->m->out, w->source, ")");
    return st;
}

static enum status write_cast(struct writer *w)
{
    return form_emit_cast(w->m, w->n, w->n->at + 1, w->n->last);
}

static enum status write_cast_call(struct writer *w)
{
    return form_emit_cast(w->m, w->n, w->n->at + 1, w->n->last - 1);
}

static enum status write_ilike(struct writer *w)
{
    const struct sql_scan *scan = scan_of(w);
    int at = w->n->at, escape = find(scan, TK_ESCAPE, at + 1, w->n->last);
    bool not = scan->tokens[at - 1].kind == TK_NOT;
    rewrite_add(w->m->out, w->source, not ? "(NOT fovea_ilike(" : "fovea_ilike(");
    enum status st = part(w, w->n->first, at - 1 - not );
    rewrite_add(w->m->out, w->source, ",");
    if (st == ST_OK) st = part(w, at + 1, escape - 1);
    if (escape <= w->n->last) {
        rewrite_add(w->m->out, w->source, ",");
        if (st == ST_OK) st = part(w, escape + 1, w->n->last);
    }
    rewrite_add(w->m->out, w->source, not ? "))" : ")");
    return st;
}

static enum status refuse(struct writer *w, int at, const char *words)
{
    struct sql_token t = token(w->m->plan, at);
    enum status st = err_set(w->m->e, ST_UNSUPPORTED, "%s: %.*s", words,
        t.end - t.start > 60 ? 60 : t.end - t.start, w->m->plan->scan.text + t.start);
    if (w->m->e != NULL) err_place(w->m->e, w->m->plan->scan.text, t.start);
    return st;
}

static enum status write_regex(struct writer *w)
{
    struct sql_token t = token(w->m->plan, w->n->at);
    const char *s = w->m->plan->scan.text + t.start;
    bool not = s[0] == '!', fold = s[t.end - t.start - 1] == '*';
    struct sql_token straight = {0};
    rewrite_add(w->m->out, w->source, not ? "(NOT " : "(");
    enum status st = call_two(w, fold ? "fovea_regex_fold" : "fovea_regex", straight, w->n->last);
    rewrite_add(w->m->out, w->source, ")");
    return st;
}

static enum status write_bits(struct writer *w)
{
    struct sql_token straight = {0};
    bool hamming = spells(scan_of(w), w->n->at, "<~>");
    return call_two(w, hamming ? "hamming_distance" : "jaccard_distance", straight, w->n->last);
}

static enum status write_moment(struct writer *w)
{
    bool date = spells(scan_of(w), w->n->first, "DATE");
    rewrite_add(w->m->out, w->source, date ? "fovea_date(" : "fovea_timestamp(");
    enum status st = part(w, w->n->first + 1, w->n->last);
    rewrite_add(w->m->out, w->source, ")");
    return st;
}

/* INTERVAL 1 DAY: number and unit as one text. */
static enum status write_interval(struct writer *w)
{
    const struct sql_plan *p = w->m->plan;
    int first = w->n->first + 1, last = w->n->last;
    rewrite_add(w->m->out, w->source, "fovea_interval(");
    if (first == last)
        rewrite_add_source(w->m->out, p->scan.text, token(p, first).start, token(p, first).end);
    else
        rewrite_add(w->m->out, w->source, "'%.*s %.*s'",
            token(p, first).end - token(p, first).start, p->scan.text + token(p, first).start,
            token(p, last).end - token(p, last).start, p->scan.text + token(p, last).start);
    rewrite_add(w->m->out, w->source, ")");
    return ST_OK;
}

static enum status write_sum(struct writer *w)
{
    bool minus = token(w->m->plan, w->n->at).kind == TK_MINUS;
    struct sql_token how = {0};
    how.kind = !is_interval(&w->m->plan->ast, w->n->at + 1, w->n->last);
    return call_two(w, minus ? "date_subtract" : "date_add", how, w->n->last);
}

/* Only numbers, and no whole one that f32 can't hold: it is a vector. */
static bool is_vector(const char *s, int length)
{
    int numbers = 0;
    for (int i = 1; i < length - 1;) {
        struct sql_token t = lex_next(s, length, i, LEX_SQL);
        i = t.end;
        if (t.kind == LEX_SPACE || t.kind == TK_COMMA || t.kind == TK_MINUS || t.kind == TK_PLUS)
            continue;
        bool number = t.kind == TK_FLOAT || (t.kind == TK_INTEGER && t.end - t.start <= 7);
        if (!number || ++numbers > LIMIT_VECTOR_DIM) return false;
    }
    return numbers > 0;
}

bool form_is_vector(const struct sql_plan *p, int i)
{
    struct sql_token t = token(p, i);
    const char *s = p->scan.text + t.start, *open = strchr(s, '[');
    return is_vector(open, t.end - t.start - (int)(open - s));
}

/* The list as JSON inside an SQL text: quotes of SQLite's texts become JSON's. */
static void add_json_list(struct buf *out, const char *s, int length)
{
    for (int i = 0; i < length;) {
        struct sql_token t = lex_next(s, length, i, LEX_VALUES);
        const char *at = s + t.start;
        i = t.end;
        if (t.kind == TK_STRING) {
            t = lex_next(s, length, t.start, LEX_SQL); /* no backslashes here */
            i = t.end;
            char *copy = mem_alloc((size_t)(t.end - t.start));
            size_t n = 0;
            for (int k = 1; copy != NULL && k < t.end - t.start - 1; k++) {
                copy[n++] = at[k];
                if (at[k] == '\'') k++;
            }
            if (copy == NULL)
                out->failed = true;
            else
                buf_add_json(out, copy, n);
            mem_free(copy);
        } else if (t.kind == TK_NULL || lex_is(s, t, "true") || lex_is(s, t, "false")) {
            for (int k = t.start; k < t.end; k++) buf_add_char(out, (char)(s[k] | 0x20));
        } else if (t.kind == TK_FLOAT && (at[0] == '.' || at[t.end - t.start - 1] == '.')) {
            buf_printf(out, "%s%.*s%s", at[0] == '.' ? "0" : "", t.end - t.start, at,
                at[0] == '.' ? "" : "0");
        } else if (t.kind != LEX_SPACE && t.kind != LEX_COMMENT && t.kind != TK_PLUS) {
            buf_add(out, at, (size_t)(t.end - t.start));
        }
    }
}

static enum status write_array(struct writer *w)
{
    struct sql_token t = token(w->m->plan, w->n->first);
    const char *s = w->m->plan->scan.text + t.start, *open = strchr(s, '[');
    int length = t.end - t.start - (int)(open - s);
    struct buf json;
    buf_init(&json);
    bool vector = is_vector(open, length);
    add_json_list(&json, open, length);
    char *quoted =
        json.failed ? NULL : sqlite3_mprintf(vector ? "vector(%Q)" : "json(%Q)", json.data);
    if (quoted == NULL)
        w->m->out->sql.failed = true;
    else
        rewrite_add(w->m->out, w->source, "%s", quoted);
    sqlite3_free(quoted);
    buf_deinit(&json);
    return ST_OK;
}

static enum status write_list(struct writer *w)
{
    rewrite_add(w->m->out, w->source, "fovea_array(");
    enum status st = part(w, w->n->first + 1, w->n->last - 1);
    rewrite_add(w->m->out, w->source, ")");
    return st;
}

static enum status write_nothing(struct writer *w)
{
    (void)w;
    return ST_OK;
}

static enum status write_parametric(struct writer *w)
{
    int open = w->n->at, close = close_of(scan_of(w), open);
    struct sql_token name = token(w->m->plan, w->n->first);
    if (name.end - name.start < 8 ||
        strncasecmp(w->m->plan->scan.text + name.start, "quantile", 8) != 0)
        return refuse(w, w->n->first, "the one function with parameters of its own is quantile");
    rewrite_add(w->m->out, w->source, "fovea_quantile(");
    enum status st = part(w, close + 2, w->n->last - 1);
    rewrite_add(w->m->out, w->source, ",");
    if (st == ST_OK) st = part(w, open + 1, close - 1);
    rewrite_add(w->m->out, w->source, ")");
    return st;
}

/* One ORDER BY term in [first, last]: its expression and the flags of ordered.c. */
static enum status write_key(struct writer *w, int first, int last)
{
    const struct sql_scan *scan = scan_of(w);
    int how = 0;
    if (last > first && scan->tokens[last - 1].kind == TK_NULLS) {
        how |= scan->tokens[last].kind == TK_FIRST ? 2 : 4;
        last -= 2;
    }
    if (scan->tokens[last].kind == TK_DESC) how |= 1;
    if (scan->tokens[last].kind == TK_DESC || scan->tokens[last].kind == TK_ASC) last--;
    rewrite_add(w->m->out, w->source, ",");
    enum status st = part(w, first, last);
    rewrite_add(w->m->out, w->source, ",%d", how);
    return st;
}

static enum status write_ordered_call(struct writer *w)
{
    static const struct {
        const char *name, *function;
        bool separator;
    } FUNCTIONS[] = {{"string_agg", "fovea_string_agg", true},
        {"group_concat", "fovea_string_agg", true}, {"array_agg", "fovea_array_agg", false},
        {"json_agg", "fovea_array_agg", false}, {"json_group_array", "fovea_array_agg", false}};
    const struct sql_scan *scan = scan_of(w);
    int open = w->n->at, last = w->n->last, order = find(scan, TK_ORDER, open + 1, last);
    size_t i = 0;
    while (
        i < sizeof FUNCTIONS / sizeof FUNCTIONS[0] && !spells(scan, w->n->first, FUNCTIONS[i].name))
        i++;
    if (i == sizeof FUNCTIONS / sizeof FUNCTIONS[0])
        return refuse(w, w->n->first, "ORDER BY stands in string_agg and array_agg only, not in");
    if (scan->tokens[open + 1].kind == TK_DISTINCT)
        return refuse(w, open + 1, "ORDER BY can't stand beside this word in an aggregate");
    rewrite_add(w->m->out, w->source, "%s(", FUNCTIONS[i].function);
    enum status st = part(w, open + 1, order - 1);
    if (FUNCTIONS[i].separator && find(scan, TK_COMMA, open + 1, order - 1) == order)
        rewrite_add(w->m->out, w->source, ",','");
    for (int at = order + 2; st == ST_OK && at < last;) {
        int comma = find(scan, TK_COMMA, at, last - 1);
        st = write_key(w, at, comma - 1);
        at = comma + 1;
    }
    rewrite_add(w->m->out, w->source, ")");
    return st;
}

/* extract(field FROM x) */
static enum status write_extract(struct writer *w, int from)
{
    struct sql_token field = token(w->m->plan, w->n->at + 1);
    bool quoted = field.kind == TK_STRING;
    if (from != w->n->at + 2) return refuse(w, w->n->at + 1, "extract() takes a field before FROM");
    rewrite_add(w->m->out, w->source, "date_part(%s%.*s%s,", quoted ? "" : "'",
        field.end - field.start, w->m->plan->scan.text + field.start, quoted ? "" : "'");
    enum status st = part(w, from + 1, w->n->last - 1);
    rewrite_add(w->m->out, w->source, ")");
    return st;
}

static enum status write_substring(struct writer *w, int from, int length)
{
    int first = w->n->at + 1, last = w->n->last - 1;
    int end = from <= last ? from : length;
    rewrite_add(w->m->out, w->source, "substr(");
    enum status st = part(w, first, end - 1);
    rewrite_add(w->m->out, w->source, ",");
    if (from > last) rewrite_add(w->m->out, w->source, "1");
    if (st == ST_OK && from <= last) st = part(w, from + 1, length - 1);
    if (length <= last) rewrite_add(w->m->out, w->source, ",");
    if (st == ST_OK && length <= last) st = part(w, length + 1, last);
    rewrite_add(w->m->out, w->source, ")");
    return st;
}

/* trim([BOTH | LEADING | TRAILING] [characters] FROM x) */
static enum status write_trim(struct writer *w, int from)
{
    const struct sql_scan *scan = scan_of(w);
    int first = w->n->at + 1;
    bool side = scan->tokens[first].kind == TK_TRIM_SIDE;
    const char *function = spells(scan, first, "LEADING") ? "ltrim("
        : spells(scan, first, "TRAILING")                 ? "rtrim("
                                                          : "trim(";
    rewrite_add(w->m->out, w->source, "%s", function);
    enum status st = part(w, from + 1, w->n->last - 1);
    if (st == ST_OK && first + side < from) {
        rewrite_add(w->m->out, w->source, ",");
        st = part(w, first + side, from - 1);
    }
    rewrite_add(w->m->out, w->source, ")");
    return st;
}

static enum status write_from_call(struct writer *w)
{
    const struct sql_scan *scan = scan_of(w);
    int last = w->n->last - 1, from = find(scan, TK_FROM, w->n->at + 1, last);
    int length = find(scan, TK_FOR, w->n->at + 1, last);
    if (spells(scan, w->n->first, "substring") || spells(scan, w->n->first, "substr"))
        return write_substring(w, from, length);
    if (length <= last) return refuse(w, length, "syntax error near");
    if (spells(scan, w->n->first, "extract")) return write_extract(w, from);
    if (spells(scan, w->n->first, "trim")) return write_trim(w, from);
    return refuse(w, w->n->first, "FROM can't stand in the arguments of");
}

static enum status write_position(struct writer *w)
{
    int open = w->n->at, last = w->n->last - 1, in = find(scan_of(w), TK_IN, open + 1, last);
    rewrite_add(w->m->out, w->source, "positionUTF8(");
    enum status st = part(w, in + 1, last);
    rewrite_add(w->m->out, w->source, ",");
    if (st == ST_OK) st = part(w, open + 1, in - 1);
    rewrite_add(w->m->out, w->source, ")");
    return st;
}

static enum status write_any(struct writer *w)
{
    enum status st = part(w, w->n->first, w->n->at - 1);
    rewrite_add(w->m->out, w->source, " IN (SELECT value FROM json_each(fovea_list(");
    if (st == ST_OK) st = part(w, w->n->at + 3, w->n->last - 1);
    rewrite_add(w->m->out, w->source, ")))");
    return st;
}

static enum status write_series(struct writer *w)
{
    const struct sql_plan *p = w->m->plan;
    struct sql_token column = token(p, w->n->at);
    int open = find(scan_of(w), TK_LP, w->n->first, w->n->last), close = close_of(scan_of(w), open);
    int table = token(p, close + 1).kind == TK_AS ? close + 2 : close + 1;
    rewrite_add(w->m->out, w->source, "(SELECT generate_series AS %.*s FROM generate_series(",
        column.end - column.start, p->scan.text + column.start);
    enum status st = part(w, open + 1, close - 1);
    rewrite_add(w->m->out, w->source, ")) AS %.*s", token(p, table).end - token(p, table).start,
        p->scan.text + token(p, table).start);
    return st;
}

static enum status write_firsts(struct writer *w)
{
    return form_emit_firsts(w->m, w->n);
}

static enum status write_offset(struct writer *w)
{
    int first = w->n->first, last = w->n->last, limit = find(scan_of(w), TK_LIMIT, first, last);
    enum status st = ST_OK;
    rewrite_add(w->m->out, w->source, limit <= last ? "LIMIT " : "LIMIT -1");
    if (limit <= last) st = part(w, limit + 1, last);
    rewrite_add(w->m->out, w->source, " OFFSET ");
    return st == ST_OK ? part(w, first + 1, limit - 1) : st;
}

enum status form_emit(struct emit *m, const struct sql_node *n)
{
    static enum status (*const WRITERS[FORM_COUNT])(struct writer * w) = {
        [FORM_CAST] = write_cast,
        [FORM_CAST_CALL] = write_cast_call,
        [FORM_ILIKE] = write_ilike,
        [FORM_REGEX] = write_regex,
        [FORM_BITS] = write_bits,
        [FORM_MOMENT] = write_moment,
        [FORM_INTERVAL] = write_interval,
        [FORM_SUM] = write_sum,
        [FORM_ARRAY] = write_array,
        [FORM_LIST] = write_list,
        [FORM_WITH] = write_nothing,
        [FORM_PARAMETRIC] = write_parametric,
        [FORM_ORDERED_CALL] = write_ordered_call,
        [FORM_FROM_CALL] = write_from_call,
        [FORM_POSITION] = write_position,
        [FORM_ANY] = write_any,
        [FORM_SERIES] = write_series,
        [FORM_FIRSTS] = write_firsts,
        [FORM_OFFSET] = write_offset,
    };
    struct writer w = {.m = m, .n = n, .source = m->plan->scan.tokens[n->at].start};
    return WRITERS[n->form](&w);
}
