/* tail.c - SEARCH … AS (SELECT …) ORDER BY x LIMIT 3, as SELECT * FROM (SEARCH … AS (SELECT …))
 * ORDER BY x LIMIT 3.
 *
 * The original ends a step behind its query; whoever puts the query in brackets expects to go on.
 * The brackets must be there: behind AS SELECT … the clauses are that SELECT's own. The same behind
 * EXPLAIN, LIST and CREATE TABLE t AS.
 */
#include "sql/text/tail.h"

static bool is_kind(int kind, const int *kinds)
{
    for (; *kinds != 0; kinds++)
        if (*kinds == kind) return true;
    return false;
}

static bool spells(const struct sql_scan *scan, int at, const char *const *words)
{
    for (; at < scan->count && *words != NULL; words++)
        if (lex_is(scan->text, scan->tokens[at], *words)) return true;
    return false;
}

/* The token behind AS on the level of at; scan->count: there is none. */
static int behind_as(const struct sql_scan *scan, int at)
{
    int depth = 0;
    for (; at < scan->count && depth >= 0; at++) {
        int kind = scan->tokens[at].kind;
        depth += (kind == TK_LP) - (kind == TK_RP);
        if (depth == 0 && kind == TK_AS) return at + 1;
    }
    return scan->count;
}

/* The token behind the bracket that closes the one at `at`. */
static int behind_bracket(const struct sql_scan *scan, int at)
{
    int depth = 0;
    for (; at < scan->count; at++) {
        int kind = scan->tokens[at].kind;
        depth += (kind == TK_LP) - (kind == TK_RP);
        if (depth == 0) return at + 1;
    }
    return at;
}

/* The first word of the step that the statement is; -1: it is none. */
static int find_step(const struct sql_scan *scan)
{
    static const int STEPS[] = {
        TK_SEARCH, TK_CONVERT, TK_PREDICT, TK_EVALUATE, TK_FUNCTION, TK_LIST, 0};
    const struct sql_token *t = scan->tokens;
    int at = 0;
    if (scan->count > 0 && t[0].kind == TK_EXPLAIN)
        at = scan->count > 3 && t[1].kind == TK_QUERY && t[2].kind == TK_PLAN ? 3 : 1;
    if (at < scan->count && t[at].kind == TK_CREATE) at = behind_as(scan, at);
    return at < scan->count && is_kind(t[at].kind, STEPS) ? at : -1;
}

void sql_tail_translate(const struct sql_scan *scan, struct rewrite *out)
{
    static const char *const THANOSQL[] = {"THANOSQL", NULL};
    static const char *const CLAUSES[] = {"WHERE", "ORDER", "LIMIT", "OFFSET", "FETCH", NULL};
    int step = find_step(scan), end = scan->count;
    if (step < 0) return;
    const struct sql_token *t = scan->tokens;
    if (t[step].kind == TK_LIST) {
        end = step + 2 + spells(scan, step + 1, THANOSQL);
    } else {
        int query = behind_as(scan, step);
        if (query < scan->count && t[query].kind == TK_LP) end = behind_bracket(scan, query);
    }
    if (!spells(scan, end, CLAUSES)) return;
    rewrite_add_source(out, scan->text, t[0].start, t[step].start);
    rewrite_add(out, t[step].start, "SELECT * FROM (");
    rewrite_add_source(out, scan->text, t[step].start, t[end - 1].end);
    rewrite_add(out, t[end].start, ")");
    rewrite_add_source(out, scan->text, t[end - 1].end, scan->end);
}

struct sql_token sql_tail_step(const struct sql_scan *scan, int token)
{
    static const char *const CLAUSES[] = {"WHERE", "ORDER", "LIMIT", "OFFSET", "FETCH", "GROUP",
        "HAVING", "UNION", "EXCEPT", "INTERSECT", "JOIN", "LEFT", NULL};
    int step = find_step(scan);
    bool behind = step >= 0 && token > step && spells(scan, token, CLAUSES);
    return behind ? scan->tokens[step] : (struct sql_token){.kind = LEX_END};
}
