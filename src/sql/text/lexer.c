/* lexer.c - one token at a time; keeps no state.
 *
 * What SQLite's tokens are: sqlite.org/lang_keywords.html, lang_expr.html, lang_comment.html.
 * Beyond them: pgvector's operators, PostgreSQL's :: ~* !~ #> and E'', ClickHouse's {name:Type},
 * lists in [], comments from # to the end of the line, and comments that nest. Where SQLite reads
 * one of these as something of its own (a name in [], E as a name), it is asked first (prepare.c).
 */
#include "sql/text/lexer.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

#include "sql/dialect/words.h"

// clang-format off
/* Sorted: looked up by halving. */
static const struct word { const char *text; int kind; } WORDS[] = {
    {"ABORT", TK_ABORT}, {"AFTER", TK_AFTER}, {"ALL", TK_ALL}, {"AND", TK_AND}, {"AS", TK_AS},
    {"ASC", TK_ASC}, {"BEFORE", TK_BEFORE}, {"BEGIN", TK_BEGIN}, {"BETWEEN", TK_BETWEEN},
    {"BY", TK_BY}, {"CASE", TK_CASE}, {"CAST", TK_CAST}, {"COLLATE", TK_COLLATE},
    {"CONFLICT", TK_CONFLICT}, {"CREATE", TK_CREATE}, {"CROSS", TK_JOIN_KW},
    {"CURRENT", TK_CURRENT}, {"CURRENT_DATE", TK_CTIME_KW}, {"CURRENT_TIME", TK_CTIME_KW},
    {"CURRENT_TIMESTAMP", TK_CTIME_KW}, {"DEFAULT", TK_DEFAULT}, {"DELETE", TK_DELETE},
    {"DESC", TK_DESC}, {"DISTINCT", TK_DISTINCT}, {"DO", TK_DO}, {"EACH", TK_EACH},
    {"ELSE", TK_ELSE}, {"END", TK_END}, {"ESCAPE", TK_ESCAPE}, {"EXCEPT", TK_EXCEPT},
    {"EXCLUDE", TK_EXCLUDE}, {"EXISTS", TK_EXISTS}, {"EXPLAIN", TK_EXPLAIN}, {"FAIL", TK_FAIL},
    {"FILTER", TK_FILTER}, {"FIRST", TK_FIRST}, {"FOLLOWING", TK_FOLLOWING}, {"FOR", TK_FOR},
    {"FROM", TK_FROM}, {"FULL", TK_JOIN_KW}, {"GLOB", TK_LIKE_KW}, {"GROUP", TK_GROUP},
    {"GROUPS", TK_GROUPS}, {"HAVING", TK_HAVING}, {"IF", TK_IF}, {"IGNORE", TK_IGNORE},
    {"IN", TK_IN}, {"INDEX", TK_INDEX}, {"INDEXED", TK_INDEXED}, {"INNER", TK_JOIN_KW},
    {"INSERT", TK_INSERT}, {"INSTEAD", TK_INSTEAD}, {"INTERSECT", TK_INTERSECT},
    {"INTO", TK_INTO}, {"IS", TK_IS}, {"ISNULL", TK_ISNULL}, {"JOIN", TK_JOIN}, {"KEY", TK_KEY},
    {"LAST", TK_LAST}, {"LEFT", TK_JOIN_KW}, {"LIKE", TK_LIKE_KW}, {"LIMIT", TK_LIMIT},
    {"MATCH", TK_MATCH}, {"MATERIALIZED", TK_MATERIALIZED}, {"NATURAL", TK_JOIN_KW},
    {"NO", TK_NO}, {"NOT", TK_NOT}, {"NOTHING", TK_NOTHING}, {"NOTNULL", TK_NOTNULL},
    {"NULL", TK_NULL}, {"NULLS", TK_NULLS}, {"OF", TK_OF}, {"OFFSET", TK_OFFSET}, {"ON", TK_ON},
    {"OR", TK_OR}, {"ORDER", TK_ORDER}, {"OTHERS", TK_OTHERS}, {"OUTER", TK_JOIN_KW},
    {"OVER", TK_OVER}, {"PARTITION", TK_PARTITION}, {"PLAN", TK_PLAN},
    {"PRECEDING", TK_PRECEDING}, {"QUERY", TK_QUERY}, {"RAISE", TK_RAISE}, {"RANGE", TK_RANGE},
    {"RECURSIVE", TK_RECURSIVE}, {"REGEXP", TK_LIKE_KW}, {"REPLACE", TK_REPLACE},
    {"RETURNING", TK_RETURNING}, {"RIGHT", TK_JOIN_KW}, {"ROLLBACK", TK_ROLLBACK},
    {"ROW", TK_ROW}, {"ROWS", TK_ROWS}, {"SELECT", TK_SELECT}, {"SET", TK_SET},
    {"TABLE", TK_TABLE}, {"TEMP", TK_TEMP}, {"TEMPORARY", TK_TEMP}, {"THEN", TK_THEN},
    {"TIES", TK_TIES}, {"TRIGGER", TK_TRIGGER}, {"UNBOUNDED", TK_UNBOUNDED},
    {"UNION", TK_UNION}, {"UNIQUE", TK_UNIQUE}, {"UPDATE", TK_UPDATE}, {"USING", TK_USING},
    {"VALUES", TK_VALUES}, {"VIEW", TK_VIEW}, {"WHEN", TK_WHEN}, {"WHERE", TK_WHERE},
    {"WINDOW", TK_WINDOW}, {"WITH", TK_WITH}, {"WITHOUT", TK_WITHOUT},
};
enum { WORD_COUNT = sizeof WORDS / sizeof WORDS[0], WORD_BYTES_MAX = 17 };

/* Longer spellings stand before their beginnings. */
static const struct { const char *text; int kind; } SIGNS[] = {
    {"<=>", TK_COSINE_OP}, {"<->", TK_L2_OP}, {"<#>", TK_IP_OP}, {"<+>", TK_L1_OP},
    {"<~>", TK_BITS_OP}, {"<%>", TK_BITS_OP}, {"::", TK_TYPECAST}, {"!~*", TK_REGEX_OP},
    {"!~", TK_REGEX_OP}, {"~*", TK_REGEX_OP}, {"#>>", TK_HASH_PTR}, {"#>", TK_HASH_PTR},
    {"->>", TK_PTR}, {"->", TK_PTR}, {"<<", TK_LSHIFT}, {"<=", TK_LE}, {"<>", TK_NE},
    {">>", TK_RSHIFT}, {">=", TK_GE}, {"==", TK_EQ}, {"!=", TK_NE}, {"||", TK_CONCAT},
    {"<", TK_LT}, {">", TK_GT}, {"=", TK_EQ}, {"|", TK_BITOR}, {"&", TK_BITAND},
    {"~", TK_BITNOT}, {"+", TK_PLUS}, {"-", TK_MINUS}, {"*", TK_STAR}, {"/", TK_SLASH},
    {"%", TK_REM}, {"(", TK_LP}, {")", TK_RP}, {";", TK_SEMI}, {",", TK_COMMA}, {".", TK_DOT},
};
// clang-format on

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Letters, digits, _, $ and every byte of a character beyond ASCII. */
static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' ||
        c == '$' || (unsigned char)c >= 0x80;
}

static bool is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

struct lexer {
    const char *text;
    int bytes;
    enum lex_mode mode;
};

/* The byte at i, NUL behind the end. */
static char at(const struct lexer *l, int i)
{
    return i < l->bytes ? l->text[i] : '\0';
}

static int word_kind(const char *text, int length)
{
    if (length > WORD_BYTES_MAX) return TK_ID;
    int low = 0, high = WORD_COUNT - 1;
    while (low <= high) {
        int middle = (low + high) / 2;
        const char *word = WORDS[middle].text;
        int order = (text[0] & ~0x20) - word[0];
        if (order == 0) order = strncasecmp(text, word, (size_t)length);
        if (order == 0 && word[length] != '\0') order = -1;
        if (order == 0) return WORDS[middle].kind;
        if (order < 0)
            high = middle - 1;
        else
            low = middle + 1;
    }
    return TK_ID;
}

static struct sql_token token(int kind, int start, int end)
{
    return (struct sql_token){.kind = kind, .start = start, .end = end};
}

/* Up to the end of the line, without it. */
static struct sql_token line_comment(const struct lexer *l, int i)
{
    int end = i;
    while (end < l->bytes && l->text[end] != '\n') end++;
    return token(LEX_COMMENT, i, end);
}

/* An open comment reaches to the end of the text, as in SQLite. */
static struct sql_token block_comment(const struct lexer *l, int i)
{
    int end = i + 2, depth = 1;
    bool flat = (l->mode & LEX_FLAT) != 0;
    while (end < l->bytes && depth > 0) {
        bool opens = !flat && at(l, end) == '/' && at(l, end + 1) == '*';
        bool closes = at(l, end) == '*' && at(l, end + 1) == '/';
        depth += opens - closes;
        end += opens || closes ? 2 : 1;
    }
    return token(depth > 0 ? LEX_OPEN_COMMENT : LEX_COMMENT, i, end < l->bytes ? end : l->bytes);
}

/* From a quote to its end, doubled quotes inside. */
static struct sql_token quoted(const struct lexer *l, int i, int kind, bool escapes)
{
    char quote = l->text[i];
    for (int end = i + 1; end < l->bytes; end++) {
        if (escapes && l->text[end] == '\\')
            end++;
        else if (l->text[end] == quote && at(l, end + 1) == quote)
            end++;
        else if (l->text[end] == quote)
            return (struct sql_token){kind, i, end + 1, escapes};
    }
    return token(LEX_ILLEGAL, i, l->bytes);
}

/* E'…': a string with backslash escapes. */
static struct sql_token escaped(const struct lexer *l, int i)
{
    struct sql_token t = quoted(l, i + 1, TK_STRING, true);
    t.start = i;
    return t;
}

/* SQLite's quoted name, or a list: one token when it holds constants only. first: where it begins,
 * at [ or at ARRAY before it. */
static struct sql_token bracketed(const struct lexer *l, int first, int i)
{
    int list = dialect_list_end(l->text, l->bytes, i);
    if (list > 0) return token(TK_ARRAY, first, list);
    if (first < i || dialect_is_list(l->text, l->bytes, i)) return token(TK_LB, first, i + 1);
    const char *end = memchr(l->text + i, ']', (size_t)(l->bytes - i));
    return end != NULL ? token(TK_ID, i, (int)(end - l->text) + 1)
                       : token(LEX_ILLEGAL, i, l->bytes);
}

static struct sql_token number(const struct lexer *l, int i)
{
    int end = i, kind = TK_INTEGER;
    if (at(l, i) == '0' && (at(l, i + 1) | 0x20) == 'x' && is_hex(at(l, i + 2))) {
        end += 2;
        while (is_hex(at(l, end))) end++;
    } else {
        while (is_digit(at(l, end))) end++;
        if (at(l, end) == '.') {
            kind = TK_FLOAT;
            end++;
            while (is_digit(at(l, end))) end++;
        }
        int sign = at(l, end + 1) == '+' || at(l, end + 1) == '-';
        if ((at(l, end) | 0x20) == 'e' && is_digit(at(l, end + 1 + sign))) {
            kind = TK_FLOAT;
            end += 1 + sign;
            while (is_digit(at(l, end))) end++;
        }
    }
    if (is_name(at(l, end))) kind = LEX_ILLEGAL;
    while (is_name(at(l, end))) end++;
    return token(kind, i, end);
}

/* ?  ?12  :name  @name  $name, and $name::part(suffix) as SQLite takes from Tcl is left to SQLite.
 */
static struct sql_token variable(const struct lexer *l, int i)
{
    int end = i + 1;
    if (l->text[i] == '?')
        while (is_digit(at(l, end))) end++;
    else
        while (is_name(at(l, end))) end++;
    return token(l->text[i] != '?' && end == i + 1 ? LEX_ILLEGAL : TK_VARIABLE, i, end);
}

/* {name:Type} of ClickHouse. */
static struct sql_token braced(const struct lexer *l, int i)
{
    int end = i + 1;
    while (is_space(at(l, end))) end++;
    int name = end;
    while (is_name(at(l, end))) end++;
    bool right = end > name;
    while (is_space(at(l, end))) end++;
    right = right && at(l, end) == ':';
    while (end < l->bytes && l->text[end] != '}' && l->text[end] != ';') end++;
    right = right && at(l, end) == '}';
    return right ? token(TK_VARIABLE, i, end + 1) : token(LEX_ILLEGAL, i, end);
}

static struct sql_token blob(const struct lexer *l, int i)
{
    int end = i + 2;
    while (is_hex(at(l, end))) end++;
    bool right = at(l, end) == '\'' && (end - i) % 2 == 0;
    while (!right && end < l->bytes && l->text[end] != '\'') end++;
    return token(right ? TK_BLOB : LEX_ILLEGAL, i, end < l->bytes ? end + 1 : l->bytes);
}

static struct sql_token sign(const struct lexer *l, int i)
{
    char c = l->text[i];
    for (size_t k = 0; k < sizeof SIGNS / sizeof SIGNS[0]; k++) {
        if (SIGNS[k].text[0] != c) continue;
        int length = (int)strlen(SIGNS[k].text);
        if (length <= l->bytes - i && memcmp(l->text + i, SIGNS[k].text, (size_t)length) == 0)
            return token(SIGNS[k].kind, i, i + length);
    }
    return token(LEX_ILLEGAL, i, i + 1);
}

static struct sql_token name(const struct lexer *l, int i)
{
    int end = i;
    while (is_name(at(l, end))) end++;
    if (at(l, end) == '[' && end - i == 5 && strncasecmp(l->text + i, "ARRAY", 5) == 0 &&
        l->mode == LEX_SQL)
        return bracketed(l, i, end);
    return token(word_kind(l->text + i, end - i), i, end);
}

static struct sql_token space(const struct lexer *l, int i)
{
    int end = i;
    while (end < l->bytes && is_space(l->text[end])) end++;
    return token(LEX_SPACE, i, end);
}

struct sql_token lex_next(const char *text, int bytes, int i, enum lex_mode mode)
{
    const struct lexer l = {text, bytes, mode};
    if (i >= bytes) return token(LEX_END, bytes, bytes);
    char c = text[i], after = at(&l, i + 1);
    bool values = (mode & LEX_VALUES) != 0;
    if (is_space(c)) return space(&l, i);
    if (c == '#' && after == '>') return sign(&l, i);
    if (c == '#' || (c == '-' && after == '-')) return line_comment(&l, i);
    if (c == '/' && after == '*') return block_comment(&l, i);
    if (is_digit(c) || (c == '.' && is_digit(after))) return number(&l, i);
    if (c == '\'' || (c == '"' && values)) return quoted(&l, i, TK_STRING, values);
    if ((c | 0x20) == 'e' && after == '\'') return escaped(&l, i);
    if (c == '"' || c == '`') return quoted(&l, i, TK_ID, false);
    if (c == '[') return values ? token(TK_LB, i, i + 1) : bracketed(&l, i, i);
    if (c == ']') return token(TK_RB, i, i + 1);
    if (c == '{') return braced(&l, i);
    if (c == ':' && after == ':') return sign(&l, i);
    if (c == '?' || c == ':' || c == '@' || c == '$') return variable(&l, i);
    if ((c == 'x' || c == 'X') && after == '\'') return blob(&l, i);
    return is_name(c) ? name(&l, i) : sign(&l, i);
}

bool lex_is_foreign_comment(const char *text, struct sql_token t)
{
    if (t.kind != LEX_COMMENT || text[t.start] == '#') return t.kind == LEX_COMMENT;
    for (int i = t.start + 2; text[t.start] == '/' && i + 1 < t.end; i++)
        if (text[i] == '/' && text[i + 1] == '*') return true;
    return false;
}

bool lex_is(const char *text, struct sql_token t, const char *word)
{
    size_t length = (size_t)(t.end - t.start);
    /* The first letter settles most. */
    if (length == 0 || (text[t.start] | 0x20) != (word[0] | 0x20)) return false;
    return strlen(word) == length && strncasecmp(text + t.start, word, length) == 0;
}
