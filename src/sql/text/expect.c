/* expect.c - "expected ',', FROM or WHERE", "did you mean FROM".
 *
 * The parser's tables know every token that could come; of those a few are told, in the order of
 * EXPECTED: what an expression can begin with is one thing, operators go without saying.
 */
#include "sql/text/expect.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/near.h"
#include "sql/text/ast.h"
#include "sql/text/ends.h"
#include "sql/text/tail.h"

enum { TOLD_MAX = 5, WORD_BYTES = 40 };

// clang-format off
static const struct { int kind; const char *words; } EXPECTED[] = {
    {TK_EQ, "="}, {TK_RP, ")"}, {TK_RB, "]"}, {TK_COMMA, ","}, {TK_LP, "("}, {TK_IMAGE, "IMAGE"},
    {TK_KEYWORD, "KEYWORD"}, {TK_MODEL, "MODEL"}, {TK_TABLE, "TABLE"}, {TK_THANOSQL, "THANOSQL"},
    {TK_DATASET, "DATASET"}, {TK_USING, "USING"}, {TK_OPTIONS, "OPTIONS"}, {TK_SELECT, "SELECT"},
    {TK_VALUES, "VALUES"}, {TK_INTO, "INTO"}, {TK_SET, "SET"}, {TK_FROM, "FROM"}, {TK_AS, "AS"},
    {TK_THEN, "THEN"}, {TK_WHEN, "WHEN"}, {TK_ELSE, "ELSE"}, {TK_BY, "BY"}, {TK_JOIN, "JOIN"},
    {TK_ON, "ON"}, {TK_WHERE, "WHERE"}, {TK_GROUP, "GROUP BY"}, {TK_HAVING, "HAVING"},
    {TK_ORDER, "ORDER BY"}, {TK_LIMIT, "LIMIT"}, {TK_OFFSET, "OFFSET"}, {TK_NULL, "NULL"},
    {TK_END, "END"}, {TK_AND, "AND"}, {TK_UNION, "UNION"}, {TK_RETURNING, "RETURNING"},
    {TK_DO, "DO"}, {TK_NOTHING, "NOTHING"}, {TK_UPDATE, "UPDATE"}, {TK_DELETE, "DELETE"},
    {TK_INSERT, "INSERT"}, {TK_DISTINCT, "DISTINCT"}, {TK_EXISTS, "EXISTS"},
    {TK_INTERSECT, "INTERSECT"}, {TK_EXCEPT, "EXCEPT"}, {TK_COLLATE, "COLLATE"},
    {TK_ESCAPE, "ESCAPE"}, {TK_WINDOW, "WINDOW"}, {TK_INDEXED, "INDEXED"}, {TK_CASE, "CASE"},
    {TK_BETWEEN, "BETWEEN"}, {TK_CONFLICT, "CONFLICT"}, {TK_DEFAULT, "DEFAULT"},
};
// clang-format on
enum { EXPECTED_COUNT = sizeof EXPECTED / sizeof EXPECTED[0] };

static void add(struct err *e, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Appends to the words; what has no room is left out. */
static void add(struct err *e, const char *fmt, ...)
{
    va_list args;
    size_t used = strlen(e->text);
    va_start(args, fmt);
    vsnprintf(e->text + used, sizeof e->text - used, fmt, args);
    va_end(args);
}

/* A sign in quotes, a word as it is. */
static void add_words(struct err *e, const char *words)
{
    bool sign = words[0] < 'A' || words[0] > 'Z';
    add(e, sign ? "'%s'" : "%s", words);
}

/* A word that is a name where a name may stand (%fallback of the grammar). */
static bool is_name_too(int kind)
{
    static const int KINDS[] = {TK_BY, TK_OFFSET, TK_END, TK_DO, TK_CONFLICT};
    for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++)
        if (KINDS[i] == kind) return true;
    return false;
}

static void tell(const bool *kinds, struct err *e)
{
    const char *told[TOLD_MAX + 1];
    int count = 0;
    bool expression = kinds[TK_INTEGER] && kinds[TK_CASE], operators = kinds[TK_CONCAT];
    if (expression) told[count++] = "an expression";
    if (!expression && kinds[TK_ID]) told[count++] = kinds[TK_INTEGER] ? "a value" : "a name";
    for (int i = 0; i < EXPECTED_COUNT && count < TOLD_MAX; i++) {
        int kind = EXPECTED[i].kind;
        bool said = (expression &&
                        (kind == TK_LP || kind == TK_NULL || kind == TK_CASE || kind == TK_EXISTS ||
                            kind == TK_INDEXED)) ||
            (operators &&
                (kind == TK_EQ || kind == TK_AND || kind == TK_BETWEEN || kind == TK_COLLATE ||
                    kind == TK_LP));
        said = said || (kinds[TK_ID] && is_name_too(kind));
        if (kinds[kind] && !said) told[count++] = EXPECTED[i].words;
    }
    for (int i = 0; i < count; i++) {
        add(e, "%s", i == 0 ? "; expected " : i + 1 == count ? " or " : ", ");
        if (told[i][0] >= 'a' && told[i][0] <= 'z')
            add(e, "%s", told[i]);
        else
            add_words(e, told[i]);
    }
}

/* The word among kinds that a token comes nearest to; NULL: none is near. */
static const char *meant(const struct sql_scan *scan, int token, const bool *kinds)
{
    char word[WORD_BYTES];
    const char *near = NULL;
    struct sql_token t = scan->tokens[token];
    int bytes = t.end - t.start;
    if (t.kind != TK_ID || bytes < 3 || bytes >= WORD_BYTES) return NULL;
    snprintf(word, sizeof word, "%.*s", bytes, scan->text + t.start);
    for (int i = 0; i < EXPECTED_COUNT; i++) {
        const char *words = EXPECTED[i].words;
        size_t length = strcspn(words, " ");
        char first[WORD_BYTES];
        snprintf(first, sizeof first, "%.*s", (int)length, words);
        if (!kinds[EXPECTED[i].kind] || length < 3 || near_distance(word, first) > 2) continue;
        near_consider(word, words, &near);
        if (near == NULL && near_distance(word, first) <= 1 + (length > 4)) near = words;
    }
    return near;
}

static void add_statement(const struct sql_scan *scan, struct err *e)
{
    char word[WORD_BYTES];
    struct sql_token t = scan->tokens[0];
    snprintf(word, sizeof word, "%.*s", t.end - t.start, scan->text + t.start);
    const char *near = t.end - t.start < WORD_BYTES ? sql_ends_near(word) : NULL;
    if (near != NULL) add(e, "; did you mean %s", near);
}

static int token_at(const struct sql_scan *scan, int offset)
{
    int token = 0;
    while (token < scan->count && scan->tokens[token].start < offset) token++;
    return token;
}

void sql_expect(const struct sql_scan *scan, struct err *e)
{
    bool here[SQL_KINDS_MAX] = {false}, before[SQL_KINDS_MAX] = {false};
    if (e == NULL || e->code != ST_SYNTAX || e->offset < 0 || scan->count == 0) return;
    int token = token_at(scan, e->offset);
    if (token == 0) {
        add_statement(scan, e);
        return;
    }
    struct sql_token step = sql_tail_step(scan, token);
    if (step.kind != LEX_END) {
        struct sql_token t = scan->tokens[token];
        add(e, "; what is done with a step's rows is written as SELECT * FROM (%.*s ...) %.*s ...",
            step.end - step.start, scan->text + step.start, t.end - t.start, scan->text + t.start);
        return;
    }
    if (sql_ast_expected(scan, token, here) != ST_OK) return;
    const char *near = meant(scan, token, here);
    if (near == NULL && sql_ast_expected(scan, token - 1, before) == ST_OK) {
        near = meant(scan, token - 1, before);
        if (near != NULL) {
            struct sql_token t = scan->tokens[token - 1];
            add(e, "; did you mean %.*s instead of %.*s", (int)strcspn(near, " "), near,
                t.end - t.start, scan->text + t.start);
            return;
        }
    }
    bool usage = strstr(e->text, "syntax error: ") != NULL || strstr(e->text, "input: ") != NULL;
    if (near != NULL)
        add(e, "; did you mean %s", near);
    else if (usage && here[TK_COMMA])
        add(e, "; expected ',' or '%s'", here[TK_RB] ? "]" : ")");
    else if (!usage && strncmp(e->text, "unrecognized", 12) != 0)
        tell(here, e);
}

void sql_expect_plain(const struct sql_scan *scan, struct err *e)
{
    static const int FIRST[] = {TK_SELECT, TK_WITH, TK_VALUES, TK_INSERT, TK_UPDATE, TK_DELETE};
    bool ours = false;
    if (e->code != ST_SYNTAX || e->offset < 0 || scan->count == 0) return;
    int token = token_at(scan, e->offset);
    for (size_t i = 0; i < sizeof FIRST / sizeof FIRST[0]; i++)
        ours = ours || scan->tokens[0].kind == FIRST[i];
    if (token == 0 || (ours && sql_ast_refused(scan) == token)) sql_expect(scan, e);
}
