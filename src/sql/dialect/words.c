/* words.c - see words.h. Looks at the tokens before and, by cutting ahead, at those behind. */
#include "sql/dialect/words.h"

#include <string.h>

#include "base/limits.h"

/* Looking around is bounded, so that the scan stays linear. */
enum { LIST_DEPTH_MAX = 16, TYPE_TOKENS_MAX = 32, LOOK_TOKENS = 256 };

/* --- looking around --------------------------------------------------------------------------- */

struct look {
    struct sql_scan *scan;
    int bytes;
};

static struct sql_token behind(const struct look *l, struct sql_token t)
{
    do t = lex_next(l->scan->text, l->bytes, t.end, LEX_SQL | l->scan->flat);
    while (t.kind == LEX_SPACE || t.kind == LEX_COMMENT || t.kind == LEX_OPEN_COMMENT);
    return t;
}

/* The token so many before the one looked at; that one itself, back 0, isn't there yet. */
static struct sql_token before(const struct look *l, int back)
{
    static const struct sql_token NONE = {.kind = LEX_END};
    int i = l->scan->count - back;
    return back > 0 && i >= 0 ? l->scan->tokens[i] : NONE;
}

static bool spells(const struct look *l, struct sql_token t, const char *word)
{
    return t.kind < LEX_SPACE && lex_is(l->scan->text, t, word);
}

static bool spells_any(const struct look *l, struct sql_token t, const char *const *words)
{
    for (; *words != NULL; words++)
        if (spells(l, t, *words)) return true;
    return false;
}

static bool is_one_of(int kind, const int *kinds)
{
    for (; *kinds != 0; kinds++)
        if (*kinds == kind) return true;
    return false;
}

/* Can an expression end with it? */
static bool ends_expression(int kind)
{
    static const int KINDS[] = {TK_ID, TK_STRING, TK_BLOB, TK_INTEGER, TK_FLOAT, TK_VARIABLE, TK_RP,
        TK_RB, TK_NULL, TK_END, TK_CTIME_KW, TK_TYPE, TK_ARRAY, 0};
    return is_one_of(kind, KINDS);
}

/* Can what stands before LIMIT end with it? */
static bool ends_clause(int kind)
{
    return ends_expression(kind) || kind == TK_ASC || kind == TK_DESC || kind == TK_FIRST ||
        kind == TK_LAST;
}

static bool begins_expression(int kind)
{
    static const int KINDS[] = {TK_ID, TK_STRING, TK_BLOB, TK_INTEGER, TK_FLOAT, TK_VARIABLE, TK_LP,
        TK_LB, TK_NULL, TK_CAST, TK_CASE, TK_ARRAY, TK_REPLACE, 0};
    return is_one_of(kind, KINDS);
}

/* --- types behind :: -------------------------------------------------------------------------- */

/* Brackets open in the type that the last tokens are. */
static int type_depth(const struct look *l)
{
    int depth = 0;
    for (int i = l->scan->count - 1; i >= 0 && l->scan->tokens[i].kind == TK_TYPE; i--) {
        char c = l->scan->text[l->scan->tokens[i].start];
        depth += (c == '(') - (c == ')');
    }
    return depth;
}

/* The last word of the type so far, behind which its length may stand. */
static struct sql_token type_word(const struct look *l)
{
    int back = 1;
    while (before(l, back).kind == TK_TYPE &&
        strchr("()0123456789,[", l->scan->text[before(l, back).start]) != NULL)
        back++;
    return before(l, back);
}

static bool continues_type(const struct look *l, struct sql_token t)
{
    int tokens = 0;
    while (tokens < TYPE_TOKENS_MAX && before(l, tokens + 1).kind == TK_TYPE) tokens++;
    if (tokens == TYPE_TOKENS_MAX) return false;
    struct sql_token last = before(l, 1), word = type_word(l);
    char c = l->scan->text[t.start], previous = l->scan->text[last.start];
    if (type_depth(l) > 0) return t.kind < LEX_SPACE && t.kind != TK_SEMI;
    if (c == '(') return previous != ')';
    if (c == '[') return true;
    if (t.kind == TK_DOT) return last.kind == TK_TYPE && previous != ')';
    if (previous == '.') return true;
    if (spells(l, t, "PRECISION")) return spells(l, word, "DOUBLE");
    if (spells(l, t, "VARYING"))
        return spells(l, word, "CHARACTER") || spells(l, word, "CHAR") || spells(l, word, "BIT");
    bool zone = t.kind == TK_WITH || t.kind == TK_WITHOUT;
    if (zone)
        return (spells(l, word, "TIME") || spells(l, word, "TIMESTAMP")) &&
            spells(l, behind(l, t), "TIME");
    if (spells(l, t, "TIME")) return spells(l, word, "WITH") || spells(l, word, "WITHOUT");
    return spells(l, t, "ZONE") && spells(l, word, "TIME");
}

/* Types that a parameter is cast to: $1::vector is one name to SQLite, as Tcl's variables are. */
static bool is_type(const struct look *l, struct sql_token t)
{
    static const char *const TYPES[] = {"vector", "halfvec", "sparsevec", "bit", "real", "float",
        "float4", "float8", "double", "int", "int2", "int4", "int8", "integer", "smallint",
        "bigint", "text", "varchar", "character", "char", "numeric", "decimal", "bool", "boolean",
        "date", "timestamp", "timestamptz", "time", "json", "jsonb", "bytea", "uuid", "interval",
        "regclass", NULL};
    return spells_any(l, t, TYPES);
}

/* CAST(x AS vector(3)): SQLite would make a number of it. */
static bool casts_to_vector(const struct look *l, struct sql_token as)
{
    static const char *const TYPES[] = {"vector", "halfvec", "sparsevec", "Array", NULL};
    struct sql_token type = behind(l, as), next = behind(l, type);
    bool list = next.kind < LEX_END && l->scan->text[next.start] == '[';
    if (!spells_any(l, type, TYPES) && !list) return false;
    int depth = 0, i = l->scan->count - 1, end = i - LOOK_TOKENS;
    for (; i > 0 && i > end && depth <= 0; i--) {
        int kind = l->scan->tokens[i].kind;
        depth += (kind == TK_LP) - (kind == TK_RP);
        if (depth > 0) return l->scan->tokens[i - 1].kind == TK_CAST;
    }
    return false;
}

/* --- clauses ---------------------------------------------------------------------------------- */

static bool is_fetch(const struct look *l, struct sql_token t)
{
    return t.kind == TK_LIMIT && spells(l, t, "FETCH");
}

/* FETCH {FIRST | NEXT} [n] {ROW | ROWS} ONLY */
static int fetch_word(const struct look *l, struct sql_token t)
{
    struct sql_token next = behind(l, t);
    if (t.kind == TK_ID && spells(l, t, "FETCH") && ends_clause(before(l, 1).kind))
        return spells(l, next, "FIRST") || spells(l, next, "NEXT") ? TK_LIMIT : t.kind;
    bool first = spells(l, t, "FIRST") || spells(l, t, "NEXT");
    if (is_fetch(l, before(l, 1)) && first)
        return spells(l, next, "ROW") || spells(l, next, "ROWS") ? TK_INTEGER : LEX_COMMENT;
    bool fetched =
        is_fetch(l, before(l, 2)) || is_fetch(l, before(l, 3)) || is_fetch(l, before(l, 4));
    if (!fetched) return t.kind;
    if (spells(l, t, "ONLY")) return LEX_COMMENT;
    bool rows = spells(l, t, "ROW") || spells(l, t, "ROWS");
    return rows && spells(l, next, "ONLY") ? LEX_COMMENT : t.kind;
}

/* FOR [NO KEY] UPDATE | [KEY] SHARE [OF …] [NOWAIT | SKIP LOCKED]: rows aren't locked one by one
 * here. */
static bool is_lock(const struct look *l, struct sql_token t)
{
    struct sql_token next = behind(l, t);
    if (t.kind == TK_FOR && ends_clause(before(l, 1).kind)) {
        if (spells(l, next, "NO")) next = behind(l, next);
        if (spells(l, next, "KEY")) next = behind(l, next);
        return spells(l, next, "UPDATE") || spells(l, next, "SHARE");
    }
    return false;
}

/* Behind a table, where an alias may stand: no name before a dot has it. */
static bool is_final(const struct look *l, struct sql_token t)
{
    static const int KINDS[] = {TK_WHERE, TK_GROUP, TK_ORDER, TK_LIMIT, TK_RP, TK_COMMA, TK_JOIN,
        TK_JOIN_KW, TK_SEMI, LEX_END, TK_ON, TK_USING, TK_UNION, 0};
    if (t.kind != TK_ID || !spells(l, t, "FINAL")) return false;
    int back = before(l, 1).kind == TK_ID ? 1 : 0;
    while (back > 0 && back < 8 && before(l, back).kind == TK_ID) {
        back++;
        if (before(l, back).kind == TK_DOT || before(l, back).kind == TK_AS) back++;
    }
    int opens = before(l, back).kind;
    bool table = back > 0 && (opens == TK_FROM || opens == TK_JOIN);
    struct sql_token next = behind(l, t);
    return table && (is_one_of(next.kind, KINDS) || spells(l, next, "PREWHERE"));
}

/* OFFSET m before LIMIT, or without one: where the word can be no alias, and no LIMIT stands. */
static bool is_offset_first(const struct look *l, struct sql_token t)
{
    static const int VALUES[] = {TK_INTEGER, TK_VARIABLE, TK_LP, 0};
    if (t.kind != TK_OFFSET || !ends_clause(before(l, 1).kind)) return false;
    if (!is_one_of(behind(l, t).kind, VALUES)) return false;
    for (int back = 1, depth = 0; back <= LOOK_TOKENS && depth <= 0; back++) {
        int kind = before(l, back).kind;
        if (depth == 0 && kind == TK_LIMIT) return false;
        if (depth == 0 && (kind == TK_SELECT || kind == TK_BY)) return true;
        depth += (kind == TK_LP) - (kind == TK_RP);
    }
    return true;
}

/* ROWS of OFFSET 5 ROWS. */
static bool is_offset_rows(const struct look *l, struct sql_token t)
{
    int value = before(l, 1).kind, word = before(l, 2).kind;
    bool offset = word == TK_OFFSET || word == TK_OFFSET_FIRST;
    return (t.kind == TK_ROWS || t.kind == TK_ROW) && offset &&
        (value == TK_INTEGER || value == TK_VARIABLE);
}

static int clause_word(struct look *l, struct sql_token t)
{
    int kind = fetch_word(l, t);
    if (is_offset_first(l, t)) kind = TK_OFFSET_FIRST;
    if (is_offset_rows(l, t)) kind = LEX_COMMENT;
    if (kind != t.kind) {
        l->scan->holds |= HOLDS_WORDS;
        return kind;
    }
    if (is_lock(l, t)) {
        l->scan->holds |= HOLDS_WORDS;
        l->scan->lock = true;
        return LEX_COMMENT;
    }
    if (is_final(l, t)) {
        l->scan->holds |= HOLDS_WORDS;
        return LEX_COMMENT;
    }
    bool where = t.kind == TK_ID && spells(l, t, "PREWHERE") && ends_expression(before(l, 1).kind);
    bool all = t.kind == TK_ALL && before(l, 1).kind == TK_LIMIT;
    if (where && !begins_expression(behind(l, t).kind)) where = false;
    if (where || all) l->scan->holds |= HOLDS_WORDS;
    return where ? TK_WHERE : all ? TK_INTEGER : t.kind;
}

/* --- expressions ------------------------------------------------------------------------------ */

static bool first_is(const struct look *l, struct sql_token string, const char *characters)
{
    int at = string.start + 1;
    while (at < string.end && l->scan->text[at] == ' ') at++;
    char c = at < string.end - 1 ? l->scan->text[at] : '\0';
    return c != '\0' && strchr(characters, c) != NULL;
}

/* DATE '2024-01-31', INTERVAL '1 day', INTERVAL 1 DAY */
static int literal_word(const struct look *l, struct sql_token t)
{
    static const char *const MOMENTS[] = {"DATE", "TIMESTAMP", "TIMESTAMPTZ", NULL};
    struct sql_token next = behind(l, t);
    if (ends_expression(before(l, 1).kind)) return t.kind;
    if (spells_any(l, t, MOMENTS) && next.kind == TK_STRING && first_is(l, next, "0123456789"))
        return TK_MOMENT;
    if (!spells(l, t, "INTERVAL")) return t.kind;
    if (next.kind == TK_STRING && first_is(l, next, "0123456789+-")) return TK_INTERVAL;
    return next.kind == TK_INTEGER && behind(l, next).kind == TK_ID ? TK_INTERVAL : t.kind;
}

/* The token behind the ) of the ( that t is; one of kind LEX_END when it is too far away. */
static struct sql_token behind_brackets(const struct look *l, struct sql_token t)
{
    int depth = 0, looked = 0;
    while (t.kind < LEX_SPACE && (depth > 0 || t.kind == TK_LP)) {
        depth += (t.kind == TK_LP) - (t.kind == TK_RP);
        t = behind(l, t);
        if (++looked > LOOK_TOKENS) t.kind = LEX_END;
    }
    return t;
}

/* WITH expression AS name: ClickHouse's, told from WITH name [(…)] AS [NOT] [MATERIALIZED] ( */
static bool names_expression(const struct look *l, struct sql_token with)
{
    static const int STARTS[] = {TK_LB, TK_ARRAY, TK_INTEGER, TK_FLOAT, TK_VARIABLE, TK_BLOB,
        TK_MINUS, TK_NULL, TK_CASE, TK_CAST, 0};
    static const int BEFORE[] = {LEX_END, TK_LP, TK_AS, TK_EXPLAIN, TK_PLAN, 0};
    struct sql_token t = behind(l, with), next = behind(l, t);
    if (!is_one_of(before(l, 1).kind, BEFORE)) return false;
    if (t.kind == TK_LP) return behind_brackets(l, t).kind == TK_AS;
    bool starts = is_one_of(t.kind, STARTS), call = t.kind == TK_ID && next.kind == TK_LP;
    if (t.kind != TK_ID && !starts && next.kind != TK_AS) return false;
    next = call ? behind_brackets(l, next) : next;
    if (next.kind != TK_AS) return call || starts;
    next = behind(l, next);
    if (next.kind == TK_NOT) next = behind(l, next);
    if (next.kind == TK_MATERIALIZED) next = behind(l, next);
    return next.kind != TK_LP;
}

static int expression_word(struct look *l, struct sql_token t)
{
    int previous = before(l, 1).kind;
    if (t.kind == TK_WITH) return names_expression(l, t) ? TK_WITH_EXPR : t.kind;
    if (t.kind != TK_ID) return t.kind;
    bool like = ends_expression(previous) || previous == TK_NOT;
    if (like && spells(l, t, "ILIKE") && begins_expression(behind(l, t).kind)) return TK_ILIKE;
    bool trims = previous == TK_LP && spells(l, before(l, 2), "TRIM");
    static const char *const SIDES[] = {"BOTH", "LEADING", "TRAILING", NULL};
    if (trims && spells_any(l, t, SIDES) &&
        (begins_expression(behind(l, t).kind) || behind(l, t).kind == TK_FROM))
        return TK_TRIM_SIDE;
    return literal_word(l, t);
}

/* Forms without a word of their own: f(a)(b), f(x ORDER BY y), f(a FROM b), left(x, 1), DISTINCT
 * ON, f(a IN b), x = ANY(y), generate_series(…) AS i, a ~ b, LIMIT 1 BY a. */
static bool may_be_form(const struct look *l, struct sql_token t)
{
    struct sql_token last = before(l, 1);
    if (t.kind == TK_LP)
        return last.kind == TK_RP || last.kind == TK_JOIN_KW || spells(l, last, "ANY") ||
            spells(l, last, "SOME") || spells(l, last, "position") ||
            spells(l, last, "generate_series");
    if (t.kind == TK_ON) return last.kind == TK_DISTINCT;
    if (t.kind == TK_BY)
        return last.kind == TK_INTEGER || last.kind == TK_VARIABLE || last.kind == TK_RP;
    if (t.kind == TK_BITNOT) return ends_expression(last.kind);
    if (t.kind == TK_FOR) return ends_expression(last.kind);
    if (t.kind != TK_ORDER && t.kind != TK_FROM) return false;
    for (int back = 1, depth = 0; back <= LOOK_TOKENS && depth <= 0; back++) {
        int kind = before(l, back).kind;
        if (depth == 0 && (kind == TK_SELECT || kind == TK_DELETE || kind == TK_PARTITION))
            return false;
        depth += (kind == TK_LP) - (kind == TK_RP);
        if (depth > 0) return before(l, back + 1).kind == TK_ID;
    }
    return false;
}

int dialect_word(struct sql_scan *scan, int bytes, struct sql_token t)
{
    struct look l = {scan, bytes};
    struct sql_token last = before(&l, 1);
    if (scan->lock) { /* what is behind FOR UPDATE, up to the statement's or the bracket's end */
        if (t.kind != TK_RP) return LEX_COMMENT;
        scan->lock = false;
    }
    if (last.kind == TK_TYPECAST || (last.kind == TK_TYPE && continues_type(&l, t))) {
        if (last.kind == TK_TYPECAST && before(&l, 2).kind == TK_VARIABLE && is_type(&l, t))
            scan->holds |= HOLDS_DIALECT;
        return TK_TYPE;
    }
    if (t.kind == TK_AS && casts_to_vector(&l, t)) scan->holds |= HOLDS_DIALECT;
    int kind = clause_word(&l, t);
    if (kind == t.kind) kind = expression_word(&l, t);
    static const int SIGNS[] = {TK_TYPECAST, TK_ARRAY, TK_LB, TK_BITS_OP, TK_REGEX_OP, 0};
    if (kind != t.kind || is_one_of(kind, SIGNS)) scan->holds |= HOLDS_WORDS;
    if (may_be_form(&l, t)) scan->holds |= HOLDS_FORMS;
    static const char *const SUMS[] = {
        "avg", "sum", "length", "toString", "pg_typeof", "toTypeName", NULL};
    if (t.kind == TK_LP && spells_any(&l, last, SUMS)) scan->holds |= HOLDS_SUMS;
    return kind;
}

/* --- spellings -------------------------------------------------------------------------------- */

const char *dialect_spelling(const struct sql_scan *scan, int token)
{
    struct sql_token t = scan->tokens[token];
    switch (t.kind) {
    case TK_LIMIT: return lex_is(scan->text, t, "FETCH") ? "LIMIT" : NULL;
    case TK_WHERE: return lex_is(scan->text, t, "PREWHERE") ? "WHERE" : NULL;
    case TK_INTEGER:
        if (lex_is(scan->text, t, "ALL")) return "-1";
        return lex_is(scan->text, t, "FIRST") || lex_is(scan->text, t, "NEXT") ? "1" : NULL;
    case TK_JOIN_KW:
        if (scan->tokens[token + 1].kind != TK_LP) return NULL;
        return lex_is(scan->text, t, "LEFT") ? "\"left\""
            : lex_is(scan->text, t, "RIGHT") ? "\"right\""
                                             : NULL;
    default: return NULL;
    }
}

/* --- lists ------------------------------------------------------------------------------------ */

static int skip_blanks(const char *text, int bytes, int i)
{
    struct sql_token t = lex_next(text, bytes, i, LEX_VALUES);
    while (t.kind == LEX_SPACE || t.kind == LEX_COMMENT)
        t = lex_next(text, bytes, t.end, LEX_VALUES);
    return t.start;
}

/* A token that may be a constant: where another list begins, [ or ARRAY[, none is read. */
static struct sql_token constant_next(const char *text, int bytes, int i)
{
    static const struct sql_token NONE = {.kind = LEX_END};
    bool list = i < bytes && (text[i] == '[' || (text[i] | 0x20) == 'a');
    return list ? NONE : lex_next(text, bytes, i, LEX_SQL);
}

/* A number with its sign, a text, NULL, TRUE, FALSE; the byte behind it, 0: it is none. */
static int constant_end(const char *text, int bytes, int i)
{
    static const char *const WORDS[] = {"NULL", "TRUE", "FALSE"};
    struct sql_token t = constant_next(text, bytes, i);
    if (t.kind == TK_MINUS || t.kind == TK_PLUS) {
        t = constant_next(text, bytes, t.end);
        return t.kind == TK_INTEGER || t.kind == TK_FLOAT ? t.end : 0;
    }
    if (t.kind == TK_INTEGER || t.kind == TK_FLOAT) return t.end;
    if (t.kind == TK_STRING && !t.escapes) return t.end;
    for (size_t k = 0; k < sizeof WORDS / sizeof WORDS[0]; k++)
        if (t.kind < LEX_SPACE && lex_is(text, t, WORDS[k])) return t.end;
    return 0;
}

int dialect_list_end(const char *text, int bytes, int i)
{
    int depth = 0;
    bool value = false; /* one stands before, so that a comma may follow */
    bool fresh = false; /* nothing stands behind the last [ */
    for (;; i = skip_blanks(text, bytes, i)) {
        char c = i < bytes ? text[i] : '\0';
        int end = i + 1;
        if (c == '[' && !value) {
            if (++depth > LIST_DEPTH_MAX) return 0;
            fresh = true;
        } else if (c == ']' && (value || fresh)) {
            if (--depth == 0) return end;
            value = true;
            fresh = false;
        } else if (c == ',' && value) {
            value = false;
        } else {
            end = value || c == '\0' ? 0 : constant_end(text, bytes, i);
            if (end == 0) return 0;
            value = true;
            fresh = false;
        }
        i = end;
    }
}

bool dialect_is_list(const char *text, int bytes, int i)
{
    int depth = 0, count = 0;
    bool value = false;
    for (i++; i < bytes;) {
        struct sql_token t = lex_next(text, bytes, i, LEX_VALUES);
        i = t.end;
        if (t.kind == LEX_SPACE || t.kind == LEX_COMMENT) continue;
        if (t.kind >= LEX_SPACE || t.kind == TK_SEMI) return false;
        if (t.kind == TK_RB && depth == 0) return value && count == 1;
        if (t.kind == TK_COMMA && depth == 0) return true;
        depth += (t.kind == TK_LP || t.kind == TK_LB) - (t.kind == TK_RP || t.kind == TK_RB);
        if (depth > LIMIT_SQL_DEPTH) return false;
        value = t.kind == TK_VARIABLE;
        count++;
    }
    return false;
}
