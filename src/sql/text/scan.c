/* scan.c - cutting a statement into tokens, and telling which of its words are ours.
 *
 * A word of ours is one only where SQLite's language has no place for it: SEARCH, CONVERT and the
 * rest of OPENINGS at the start of a statement, or behind ( when the next tokens fit, CREATE TABLE
 * name USING. From there to its AS (or to the end, where it has none) runs the header, in which
 * values follow other rules (lexer.h). So a column called search, image or model stays a column.
 * OVER, FILTER and WINDOW are words in places of their own, as sqlite.org/lang_keywords.html has
 * it.
 */
#include "sql/text/scan.h"

#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "base/mem.h"
#include "sql/dialect/words.h"
#include "sql/nearest/distance.h"
#include "sql/text/ends.h"

struct sql_word {
    const char *text;
    int kind;
};

static const struct sql_word MEDIA_WORDS[] = {{"IMAGE", TK_IMAGE}, {"KEYWORD", TK_KEYWORD},
    {"TEXT", TK_TEXT}, {"AUDIO", TK_AUDIO}, {"VIDEO", TK_VIDEO}, {NULL, 0}};
static const struct sql_word LIST_WORDS[] = {{"MODEL", TK_MODEL}, {"TABLE", TK_TABLE},
    {"DATASET", TK_DATASET}, {"TUTORIAL", TK_TUTORIAL}, {NULL, 0}};

/* What stands between tokens. */
struct gaps {
    bool foreign; /* a comment that SQLite takes for something else */
};

struct scanner {
    struct arena *arena;
    struct sql_scan *out;
    int bytes, at;
    int capacity;
    bool header; /* between our first word and its AS */
    int header_depth;
    int query_at; /* the token behind its AS */
    struct gaps *gaps;
    int using_at; /* byte of the USING that begins a header, -1 */
    bool trigger; /* ; stands inside, END; ends it */
    bool create_table, create_view;
    int depth;
};

/* Skips blanks and comments. Where comments in comments are not closed, none nests from there on,
 * as in SQLite. */
static struct sql_token solid(const struct scanner *s, int at, enum lex_mode mode)
{
    for (;;) {
        struct sql_token t = lex_next(s->out->text, s->bytes, at, mode | s->out->flat);
        at = t.end;
        if (t.kind == LEX_OPEN_COMMENT && s->out->flat == 0) {
            s->out->flat = LEX_FLAT;
            at = t.start;
        } else if (t.kind != LEX_SPACE && t.kind != LEX_COMMENT && t.kind != LEX_OPEN_COMMENT) {
            return t;
        } else if (!s->gaps->foreign) {
            s->gaps->foreign = lex_is_foreign_comment(s->out->text, t);
        }
    }
}

static struct sql_token peek(const struct scanner *s, struct sql_token t)
{
    return solid(s, t.end, LEX_SQL);
}

static bool spells(const struct scanner *s, struct sql_token t, const char *word)
{
    return t.kind < LEX_SPACE && lex_is(s->out->text, t, word);
}

static int kind_before(const struct scanner *s, int back)
{
    int i = s->out->count - back;
    return i >= 0 ? s->out->tokens[i].kind : LEX_END;
}

/* Is the token about to be added the first of its statement (behind EXPLAIN, if there is one)? */
static bool at_start(const struct scanner *s)
{
    int count = s->out->count;
    if (count == 0) return true;
    if (s->out->tokens[0].kind != TK_EXPLAIN) return false;
    return count == 1 ||
        (count == 3 && kind_before(s, 2) == TK_QUERY && kind_before(s, 1) == TK_PLAN);
}

/* --- which words are ours --------------------------------------------------------------------- */

static bool spells_one_of(
    const struct scanner *s, struct sql_token t, const struct sql_word *words, int *kind)
{
    for (; words->text != NULL; words++) {
        if (!spells(s, t, words->text)) continue;
        if (kind != NULL) *kind = words->kind;
        return true;
    }
    return false;
}

/* USING, or OPTIONS ( */
static bool using_fits(const struct scanner *s, struct sql_token t)
{
    struct sql_token second = peek(s, t);
    return second.kind == TK_USING ||
        (spells(s, second, "OPTIONS") && peek(s, second).kind == TK_LP);
}

static bool search_fits(const struct scanner *s, struct sql_token t)
{
    struct sql_token second = peek(s, t);
    if (!spells_one_of(s, second, MEDIA_WORDS, NULL)) return false;
    struct sql_token third = peek(s, second);
    return using_fits(s, second) || (third.kind == TK_ID && peek(s, third).kind == TK_EQ);
}

/* module.name, then one of the header's words */
static bool function_fits(const struct scanner *s, struct sql_token t)
{
    struct sql_token module = peek(s, t), dot = peek(s, module);
    if (module.kind != TK_ID || dot.kind != TK_DOT) return false;
    struct sql_token name = peek(s, dot), next = peek(s, name);
    return next.kind == TK_FROM || next.kind == TK_AS ||
        (spells(s, next, "OPTIONS") && peek(s, next).kind == TK_LP);
}

static bool list_fits(const struct scanner *s, struct sql_token t)
{
    struct sql_token second = peek(s, t);
    if (spells(s, second, "THANOSQL")) {
        second = peek(s, second);
        return spells_one_of(s, second, LIST_WORDS, NULL);
    }
    bool alone = peek(s, second).kind == TK_RP || kind_before(s, 1) == TK_AS;
    return alone && spells_one_of(s, second, LIST_WORDS, NULL);
}

static bool model_fits(const struct scanner *s, struct sql_token t)
{
    return spells(s, peek(s, t), "MODEL");
}

/* The first words of our statements. nested: they stand in brackets too, where fits says so. kind
 * TK_ID: a command, of which only the header's rules for values matter here. */
static const struct opening {
    const char *word;
    int kind;
    bool nested;
    bool (*fits)(const struct scanner *s, struct sql_token t);
} OPENINGS[] = {
    {"SEARCH", TK_SEARCH, true, search_fits},
    {"CONVERT", TK_CONVERT, true, using_fits},
    {"PREDICT", TK_PREDICT, true, using_fits},
    {"EVALUATE", TK_EVALUATE, true, using_fits},
    {"TRANSFORM", TK_TRANSFORM, true, using_fits},
    {"GENERATE", TK_GENERATE, true, using_fits},
    {"FUNCTION", TK_FUNCTION, true, function_fits},
    {"LIST", TK_LIST, true, list_fits},
    {"BUILD", TK_BUILD, false, NULL},
    {"FIT", TK_FIT, false, NULL},
    {"PRINT", TK_PRINT, false, NULL},
    {"COPY", TK_ID, false, NULL},
    {"GET", TK_ID, false, NULL},
    {"UPLOAD", TK_ID, false, NULL},
    {"DELETE", TK_DELETE, false, model_fits},
};

/* The byte where CREATE [TEMP] TABLE [IF NOT EXISTS] name[.name] USING has its USING, -1 if it has
 * none. */
static int find_using(const struct scanner *s, struct sql_token table)
{
    struct sql_token t = peek(s, table);
    if (t.kind == TK_IF)
        for (int i = 0; i < 3; i++) t = peek(s, t);
    t = peek(s, t);
    if (t.kind == TK_DOT) t = peek(s, peek(s, t));
    return t.kind == TK_USING ? t.start : -1;
}

static void meet_create(struct scanner *s, struct sql_token create)
{
    struct sql_token t = peek(s, create);
    if (t.kind == TK_TEMP) t = peek(s, t);
    s->trigger = t.kind == TK_TRIGGER;
    s->create_table = t.kind == TK_TABLE;
    s->create_view = t.kind == TK_VIEW;
    if (s->create_table) s->using_at = find_using(s, t);
}

/* SET param_name = … */
static bool sets_parameter(const struct scanner *s, struct sql_token set)
{
    static const char PREFIX[] = "param_";
    struct sql_token t = peek(s, set);
    return set.kind == TK_SET && t.kind == TK_ID && t.end - t.start >= (int)sizeof PREFIX &&
        strncasecmp(s->out->text + t.start, PREFIX, sizeof PREFIX - 1) == 0;
}

static void meet_first(struct scanner *s, struct sql_token t)
{
    if (t.kind == TK_CREATE) meet_create(s, t);
    bool alters = spells(s, t, "DROP") || spells(s, t, "ALTER");
    if (alters && peek(s, t).kind == TK_TABLE) s->out->holds |= HOLDS_DROP;
}

static void begin_header(struct scanner *s, bool step)
{
    s->header = true;
    s->header_depth = 0;
    if (step) s->out->holds |= HOLDS_STEP;
}

/* Is a query to begin here: behind (, our header's AS, CREATE TABLE t AS, CREATE VIEW v AS? */
static bool at_query(const struct scanner *s)
{
    int before = kind_before(s, 1);
    return before == TK_LP || (s->query_at > 0 && s->query_at == s->out->count) ||
        (before == TK_AS && (s->create_table || s->create_view) && s->depth == 0);
}

/* The opening that a token is; NULL: none. */
static const struct opening *find_opening(const struct scanner *s, struct sql_token t)
{
    bool start = at_start(s);
    if (!start && !at_query(s)) return NULL;
    if (t.kind != TK_ID && t.kind != TK_DELETE) return NULL;
    for (size_t i = 0; i < sizeof OPENINGS / sizeof OPENINGS[0]; i++) {
        const struct opening *o = &OPENINGS[i];
        if (!spells(s, t, o->word)) continue;
        bool ours =
            start ? o->nested || o->fits == NULL || o->fits(s, t) : o->nested && o->fits(s, t);
        return ours ? o : NULL;
    }
    return NULL;
}

/* INSERT INTO t … FROM INFILE 'path': a command whose values are as in our headers. */
static bool is_infile(const struct scanner *s, struct sql_token t)
{
    if (t.kind != TK_ID || kind_before(s, 1) != TK_FROM || !spells(s, t, "INFILE")) return false;
    for (int i = 0; i < s->out->count; i++) {
        int kind = s->out->tokens[i].kind;
        if (kind == TK_SELECT || kind == TK_VALUES || kind == TK_WITH) return false;
    }
    return s->out->tokens[0].kind == TK_INSERT;
}

/* Our first words; the kind of the token. */
static int promote(struct scanner *s, struct sql_token t)
{
    if (at_start(s)) meet_first(s, t);
    if (t.start == s->using_at && t.kind == TK_USING) begin_header(s, true);
    if (is_infile(s, t) || (at_start(s) && sets_parameter(s, t))) begin_header(s, false);
    const struct opening *o = find_opening(s, t);
    if (o == NULL) return t.kind;
    bool command = o->kind == TK_ID || o->kind == TK_DELETE;
    bool maybe = o->kind == TK_LIST && !at_start(s) && spells(s, peek(s, t), "MODEL");
    begin_header(s, !command && !maybe);
    if (maybe) s->out->holds |= HOLDS_MAYBE; /* (list model): a table list, called model */
    return o->kind;
}

/* Words of SQLite's that are words only between certain others. */
static int settle_window_word(const struct scanner *s, struct sql_token t)
{
    int next = peek(s, t).kind;
    bool behind_call = kind_before(s, 1) == TK_RP;
    if (t.kind == TK_OVER && !(behind_call && (next == TK_LP || next == TK_ID))) return TK_ID;
    if (t.kind == TK_FILTER && !(behind_call && next == TK_LP)) return TK_ID;
    if (t.kind == TK_WINDOW && !(next == TK_ID && peek(s, peek(s, t)).kind == TK_AS)) return TK_ID;
    return t.kind;
}

static bool is_word(const struct scanner *s, struct sql_token t)
{
    unsigned char c = (unsigned char)s->out->text[t.start];
    return t.kind < LEX_SPACE &&
        ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80);
}

/* What a statement is about, behind its first word. */
static int noun_kind(const struct scanner *s, struct sql_token t)
{
    static const struct sql_word MODEL[] = {{"MODEL", TK_MODEL}, {NULL, 0}};
    const struct sql_word *words = NULL;
    int kind = TK_ID;
    switch (kind_before(s, 1)) {
    case TK_SEARCH:
    case TK_PRINT: words = MEDIA_WORDS; break;
    case TK_BUILD:
    case TK_FIT: words = MODEL; break;
    case TK_LIST:
    case TK_THANOSQL: words = LIST_WORDS; break;
    default: return TK_ID;
    }
    if (kind_before(s, 1) == TK_LIST && spells(s, t, "THANOSQL")) return TK_THANOSQL;
    spells_one_of(s, t, words, &kind);
    return kind;
}

/* In a header only its own words are words. */
static int header_kind(struct scanner *s, struct sql_token t)
{
    s->header_depth += (t.kind == TK_LP) - (t.kind == TK_RP);
    if (s->header_depth < 0) s->header = false; /* the ) of what the statement stands in */
    if (!is_word(s, t) || t.kind == TK_BLOB) return t.kind;
    if (s->header_depth > 0) return TK_ID;
    if (t.kind == TK_AS) {
        s->header = false;
        s->query_at = s->out->count + 1;
        return TK_AS;
    }
    if (kind_before(s, 1) == TK_EQ) return TK_ID;
    if (t.kind == TK_USING || t.kind == TK_FROM) return t.kind;
    if (spells(s, t, "OPTIONS")) return TK_OPTIONS;
    return noun_kind(s, t);
}

/* Can an expression or a clause end with this? */
static bool ends_clause(int kind)
{
    static const int KINDS[] = {TK_ID, TK_STRING, TK_BLOB, TK_INTEGER, TK_FLOAT, TK_VARIABLE, TK_RP,
        TK_RB, TK_NULL, TK_ISNULL, TK_NOTNULL, TK_END, TK_STAR, TK_ASC, TK_DESC, TK_FIRST, TK_LAST,
        TK_CTIME_KW, TK_MODEL, TK_TABLE, TK_DATASET, TK_TUTORIAL};
    for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++)
        if (KINDS[i] == kind) return true;
    return false;
}

/* Those that SQLite hasn't. */
static bool is_operator(int kind)
{
    static const int KINDS[] = {TK_COSINE_OP, TK_L2_OP, TK_IP_OP, TK_L1_OP, TK_HASH_PTR};
    for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++)
        if (KINDS[i] == kind) return true;
    return false;
}

/* $1 and {name:Type} */
static bool is_numbered(const struct scanner *s, struct sql_token t)
{
    const char *name = s->out->text + t.start;
    return name[0] == '{' || (name[0] == '$' && name[1] >= '0' && name[1] <= '9');
}

static bool is_encode(const struct scanner *s)
{
    struct sql_token t = s->out->tokens[s->out->count - 1];
    return spells(s, t, "encode_text") || spells(s, t, "encode_image");
}

static void note(struct scanner *s, struct sql_token t)
{
    unsigned *holds = &s->out->holds;
    s->depth += (t.kind == TK_LP) - (t.kind == TK_RP);
    if (is_operator(t.kind)) *holds |= HOLDS_OPERATOR;
    if (t.kind == TK_VARIABLE && is_numbered(s, t)) *holds |= HOLDS_NUMBERED;
    bool sign = t.kind == TK_PLUS || t.kind == TK_MINUS || t.kind == TK_SLASH || t.kind == TK_STAR;
    if (!s->header && sign && ends_clause(kind_before(s, 1))) *holds |= HOLDS_SUMS;
    bool escaped = t.kind == TK_STRING && t.escapes;
    if (!s->header && escaped) *holds |= HOLDS_MAYBE;
    if (t.kind == TK_ORDER) *holds |= HOLDS_ORDER;
    if (t.kind == TK_AS && s->create_table && s->depth == 0) *holds |= HOLDS_CREATE_AS;
    if (t.kind == TK_LP && kind_before(s, 1) == TK_ID &&
        sql_distance_find(s->out->text, s->out->tokens[s->out->count - 1]) != NULL)
        *holds |= HOLDS_DISTANCE;
    if (t.kind == TK_LP && kind_before(s, 1) == TK_ID && is_encode(s)) *holds |= HOLDS_ENCODE;
}

static bool add(struct scanner *s, struct sql_token t)
{
    if (s->out->count == s->capacity) {
        int capacity = s->capacity > 0 ? s->capacity * 2 : 64;
        struct sql_token *grown = arena_array(s->arena, (size_t)capacity, sizeof *grown);
        if (grown == NULL) return false;
        if (s->out->count > 0) memcpy(grown, s->out->tokens, (size_t)s->out->count * sizeof *grown);
        s->out->tokens = grown;
        s->capacity = capacity;
    }
    s->out->tokens[s->out->count++] = t;
    return true;
}

/* Does this ; end the statement? In a trigger only the one behind END that follows a ;. */
static bool ends(const struct scanner *s)
{
    return !s->trigger || (kind_before(s, 1) == TK_END && kind_before(s, 2) == TK_SEMI);
}

/* The next token, its kind settled. */
static struct sql_token take(struct scanner *s)
{
    struct sql_token t = solid(s, s->at, s->header ? LEX_VALUES : LEX_SQL);
    s->at = t.end;
    if (t.kind >= LEX_SPACE || t.kind == TK_SEMI) return t;
    if (s->header)
        t.kind = header_kind(s, t);
    else if (t.kind == TK_OVER || t.kind == TK_FILTER || t.kind == TK_WINDOW)
        t.kind = settle_window_word(s, t);
    else
        t.kind = promote(s, t);
    if (!s->header && t.kind < LEX_SPACE) t.kind = dialect_word(s->out, s->bytes, t);
    return t;
}

static bool begins_settings(const struct sql_scan *scan, int i)
{
    const struct sql_token *t = scan->tokens + i;
    if (i + 3 >= scan->count || !lex_is(scan->text, t[0], "SETTINGS") || t[1].kind != TK_ID)
        return false;
    return t[2].kind == TK_EQ || (i + 5 < scan->count && t[2].kind == TK_DOT && t[4].kind == TK_EQ);
}

/* SETTINGS name = value at the end of a statement, where SQLite's language has no place for it. */
static void cut_settings(struct scanner *s)
{
    struct sql_scan *out = s->out;
    int depth = 0;
    if (spells(s, out->tokens[0], "ALTER")) return;
    for (int i = 0; i < out->count && out->settings == 0; i++) {
        depth += (out->tokens[i].kind == TK_LP) - (out->tokens[i].kind == TK_RP);
        if (depth != 0 || out->tokens[i].kind != TK_ID || !begins_settings(out, i)) continue;
        for (int k = i; k < out->count; k++)
            if (sql_ends_before(out, k))
                return; /* they end a statement that ends before this one */
        out->settings = i + 1;
        out->settings_count = out->count;
        out->count = i;
        out->holds |= HOLDS_SETTINGS;
    }
}

/* FORMAT name as the last two words of a query, behind something that can be its end: no text of
 * SQLite's ends so. */
static void cut_format(struct scanner *s)
{
    struct sql_scan *out = s->out;
    int first = out->tokens[0].kind, at = out->count - 2;
    static const struct sql_word TELLING[] = {
        {"SHOW", 0}, {"DESCRIBE", 0}, {"DESC", 0}, {"EXISTS", 0}, {NULL, 0}};
    bool query = first == TK_SELECT || first == TK_WITH || first == TK_VALUES || first == TK_LP ||
        first == TK_EXPLAIN || (out->holds & HOLDS_STEP) != 0 ||
        spells_one_of(s, out->tokens[0], TELLING, NULL);
    if (!query || first == TK_CREATE || at < 1 || out->format > 0) return;
    const struct sql_token *t = out->tokens + at;
    if (t[0].kind != TK_ID || !spells(s, t[0], "FORMAT") || !ends_clause(t[-1].kind)) return;
    if (t[1].kind != TK_ID && t[1].kind != TK_NULL) return;
    out->format = at + 1;
    out->count = at;
}

static void cut_ends(struct scanner *s)
{
    if (s->out->count == 0) return;
    cut_format(s);
    cut_settings(s);
    cut_format(s);
}

/* May the line that the last token begins be another statement? Where it is likely that it isn't,
 * a part would only have to be read again: in brackets, behind what nothing ends with (UNION), in a
 * CASE, behind WITH x AS (…). */
static bool is_next(const struct scanner *s)
{
    const struct sql_scan *out = s->out;
    int last = out->count - 1;
    bool with = out->tokens[0].kind == TK_WITH && kind_before(s, 2) == TK_RP;
    return s->depth <= 0 && !s->trigger && !with && out->tokens[last].kind != TK_END &&
        ends_clause(kind_before(s, 2));
}

/* Takes the last token back where a part ends before it. Brackets may have been miscounted: quotes
 * of our headers are other quotes than SQL's. */
static bool ends_part(struct scanner *s, int words_max)
{
    enum { LONG = 16 };
    struct sql_scan *out = s->out;
    int last = out->count - 1;
    if (words_max == 0 || last < words_max || !sql_ends_before(out, last)) return false;
    out->part = is_next(s) || last >= words_max * LONG;
    if (!out->part) return false;
    s->at = out->tokens[last].start;
    out->count = last;
    return true;
}

enum status sql_scan_part(
    const struct sql_scan_text *given, struct arena *a, struct sql_scan *out, struct err *e)
{
    /* One byte more than allowed is enough to see that there are too many. */
    int limit = (int)LIMIT_SQL_BYTES + 1;
    const char *text = given->s;
    size_t bytes = given->bytes;
    *out = (struct sql_scan){.text = text};
    struct gaps gaps = {.foreign = false};
    struct scanner s = {.arena = a,
        .out = out,
        .gaps = &gaps,
        .using_at = -1,
        .bytes = bytes < (size_t)limit ? (int)bytes : limit};
    int first = 0;
    struct sql_token t;
    for (;;) {
        t = take(&s);
        bool done = t.kind == LEX_END || (t.kind == TK_SEMI && out->count > 0 && ends(&s));
        if (t.kind == LEX_COMMENT || (t.kind == TK_SEMI && out->count == 0)) continue;
        if (out->count == 0) first = t.start;
        if (done) break;
        note(&s, t);
        if (out->count == LIMIT_SQL_TOKENS) {
            err_set(e, ST_LIMIT, "the statement has more than %d words", LIMIT_SQL_TOKENS);
            return e != NULL ? err_place(e, text, first) : ST_LIMIT;
        }
        if (!add(&s, t)) return mem_err(e, 0);
        if (ends_part(&s, given->words_max)) break;
    }
    out->end = s.at;
    if (gaps.foreign) out->holds |= HOLDS_COMMENT;
    if (out->end - first > (int)LIMIT_SQL_BYTES - 1 && s.bytes == limit && bytes >= (size_t)limit) {
        err_set(e, ST_LIMIT, "the statement is longer than %zu bytes", LIMIT_SQL_BYTES);
        return e != NULL ? err_place(e, text, first) : ST_LIMIT;
    }
    struct sql_token end = {.kind = LEX_END, .start = t.start, .end = t.start};
    if (!add(&s, end)) return mem_err(e, 0);
    out->count--;
    cut_ends(&s);
    return ST_OK;
}

enum status sql_scan_next(
    const char *text, size_t bytes, struct arena *a, struct sql_scan *out, struct err *e)
{
    return sql_scan_part(&(struct sql_scan_text){.s = text, .bytes = bytes}, a, out, e);
}

void sql_scan_place(const struct sql_scan *scan, struct err *e)
{
    static const char *const WORDS[] = {"no such table: ", "no such module: ", "no such index: "};
    const char *name = NULL;
    for (size_t i = 0; e != NULL && i < sizeof WORDS / sizeof WORDS[0]; i++)
        if (strncmp(e->text, WORDS[i], strlen(WORDS[i])) == 0) name = e->text + strlen(WORDS[i]);
    if (name == NULL || e->line > 0) return;
    const char *dot = strrchr(name, '.'); /* schema.table */
    for (int i = 0; i < scan->count; i++) {
        struct sql_token t = scan->tokens[i];
        bool quotes = t.kind == TK_ID && strchr("\"`[", scan->text[t.start]) != NULL;
        struct sql_token bare = {.kind = t.kind, .start = t.start + quotes, .end = t.end - quotes};
        if (!lex_is(scan->text, bare, name) && (dot == NULL || !lex_is(scan->text, bare, dot + 1)))
            continue;
        err_place(e, scan->text, t.start);
        return;
    }
}
