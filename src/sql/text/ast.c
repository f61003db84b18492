/* ast.c - the grammar's actions, and feeding it.
 *
 * Nodes are found from the inside out and kept in that order; heads[] then orders those that begin
 * at the same token by length, so that the plan, which goes from the outside in, finds the one it
 * needs.
 */
#include "sql/text/ast.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"

/* Lemon's interface; its file is generated. */
void *sql_parserAlloc(void *(*allocate)(size_t), struct sql_ast *p);
void sql_parserFree(void *parser, void (*release)(void *));
void sql_parser(void *parser, int kind, int token);
void sql_parser_expects(const void *parser, bool *out, int kinds);

static enum status fail(struct sql_ast *p, enum status st, int token, const char *words)
{
    if (p->error.code != ST_OK) return p->error.code;
    err_set(&p->error, st, "%s", words);
    if (token >= 0) p->error.offset = p->scan->tokens[token].start;
    return st;
}

static void *take_memory(struct sql_ast *p, size_t bytes)
{
    void *m = arena_alloc(p->arena, bytes);
    if (m == NULL) fail(p, ST_NO_MEMORY, -1, "out of memory");
    return m;
}

void sql_ast_overflow(struct sql_ast *p)
{
    fail(p, ST_LIMIT, p->at, "the statement is nested too deep");
}

#define OPTIONS_USAGE "[OPTIONS (name = value, ...)]"

/* What each header looks like: a better answer than the one token that was wrong. */
static const struct {
    int token;
    const char *text;
} USAGES[] = {
    {TK_SEARCH,
        ": SEARCH {IMAGE | KEYWORD} [text|texts|image|images = value] [USING model] " OPTIONS_USAGE
        " AS (query)"},
    {TK_CONVERT, ": CONVERT USING model " OPTIONS_USAGE " AS (query)"},
    {TK_PREDICT, ": PREDICT USING model " OPTIONS_USAGE " AS (query)"},
    {TK_EVALUATE, ": EVALUATE USING model " OPTIONS_USAGE " AS (query)"},
    {TK_TRANSFORM, ": TRANSFORM USING model " OPTIONS_USAGE " AS (query)"},
    {TK_GENERATE, ": GENERATE USING model " OPTIONS_USAGE " AS (query)"},
    {TK_FUNCTION, ": FUNCTION module.name " OPTIONS_USAGE " {AS (query) | FROM 'path'}"},
    {TK_LIST, ": LIST {MODEL | TABLE | THANOSQL MODEL | THANOSQL DATASET}"},
    {TK_BUILD, ": BUILD MODEL name USING base " OPTIONS_USAGE " AS (query)"},
    {TK_FIT, ": FIT MODEL name [USING model] " OPTIONS_USAGE " AS (query)"},
    {TK_PRINT, ": PRINT IMAGE " OPTIONS_USAGE " AS (query)"},
    {TK_CREATE, ": CREATE TABLE name USING model " OPTIONS_USAGE " {FROM 'folder' | AS (query)}"},
};

static const char *usage(const struct sql_ast *p)
{
    for (int i = p->at; i >= 0; i--) {
        int kind = p->scan->tokens[i].kind;
        if (kind == TK_AS && i < p->at) return "";
        for (size_t k = 0; k < sizeof USAGES / sizeof USAGES[0]; k++)
            if (USAGES[k].token == kind) return USAGES[k].text;
    }
    return "";
}

void sql_ast_refuse(struct sql_ast *p, int token)
{
    if (p->error.code != ST_OK) return;
    struct sql_token t = p->scan->tokens[token];
    int length = t.end - t.start > 60 ? 60 : t.end - t.start;
    const char *header = (p->scan->holds & HOLDS_STEP) != 0 ? usage(p) : "";
    if (t.kind == LEX_END)
        err_set(&p->error, ST_SYNTAX, "incomplete input%s", header);
    else if (t.kind == LEX_ILLEGAL)
        err_set(
            &p->error, ST_SYNTAX, "unrecognized token: \"%.*s\"", length, p->scan->text + t.start);
    else
        err_set(&p->error, ST_SYNTAX, "near \"%.*s\": syntax error%s", length,
            p->scan->text + t.start, header);
    p->error.offset = t.start;
}

/* --- nodes ------------------------------------------------------------------------------------ */

/* A node of an action ends at the token before the one being fed. */
static struct sql_node *node_add(struct sql_ast *p, enum sql_node_kind kind, int first)
{
    struct sql_node *n = take_memory(p, sizeof *n);
    if (n == NULL) return NULL;
    n->kind = kind;
    n->first = first;
    n->last = p->at - 1;
    if (p->nodes_last != NULL)
        p->nodes_last->next = n;
    else
        p->nodes = n;
    p->nodes_last = n;
    n->same = p->heads[first];
    p->heads[first] = n;
    return n;
}

static bool is_rewritten(const struct sql_node *n)
{
    return n->kind == NODE_OPERATOR || n->kind == NODE_STEP || n->kind == NODE_TABLE_STEP ||
        n->kind == NODE_FORM || (n->kind == NODE_ARITHMETIC && n->vector == VECTOR_YES);
}

struct sql_node *sql_ast_find(const struct sql_ast *p, int first, int last)
{
    for (struct sql_node *n = p->heads[first]; n != NULL; n = n->same)
        if (is_rewritten(n) && n->last <= last) return n;
    return NULL;
}

/* How many of what is rewritten begin at a token; they are written one inside the other. */
static bool check_chain(struct sql_ast *p, int first, int at, int *depth)
{
    *depth = 1;
    for (const struct sql_node *n = p->heads[first]; n != NULL; n = n->same)
        if (is_rewritten(n) && n->depth >= *depth) *depth = n->depth + 1;
    if (*depth <= LIMIT_SQL_DEPTH) return true;
    fail(p, ST_LIMIT, at, "too many distance operators or casts in a row");
    return false;
}

void sql_ast_operator(struct sql_ast *p, int first, int at)
{
    int depth;
    struct sql_node *n =
        check_chain(p, first, at, &depth) ? node_add(p, NODE_OPERATOR, first) : NULL;
    if (n == NULL) return;
    n->at = at;
    n->depth = depth;
    p->rewritten_last = at;
}

/* Noted only where the scan saw what may be a vector; a row of them up to the depth that can be
 * written. */
void sql_ast_arithmetic(struct sql_ast *p, int first, int at)
{
    int depth = 1;
    if ((p->scan->holds & HOLDS_SUMS) == 0) return;
    for (struct sql_node *n = p->heads[first]; n != NULL; n = n->same) {
        if (n->kind != NODE_ARITHMETIC) continue;
        depth = n->depth + 1;
        if (depth > LIMIT_SQL_DEPTH) n->more = true;
        break;
    }
    struct sql_node *n = depth <= LIMIT_SQL_DEPTH ? node_add(p, NODE_ARITHMETIC, first) : NULL;
    if (n == NULL) return;
    n->at = at;
    n->depth = depth;
    p->operations++;
}

void sql_ast_form(struct sql_ast *p, int form, int first, int at)
{
    int depth;
    struct sql_node *n = check_chain(p, first, at, &depth) ? node_add(p, NODE_FORM, first) : NULL;
    if (n == NULL) return;
    n->at = at;
    n->form = form;
    n->depth = depth;
    p->rewritten_last = at;
    p->forms++;
}

void sql_ast_alias(struct sql_ast *p, int first, int as, int name)
{
    struct sql_alias_ast *a = take_memory(p, sizeof *a);
    int with = first - 1;
    if (a == NULL) return;
    while (with > 0 && p->scan->tokens[with].kind != TK_WITH_EXPR) with--;
    *a = (struct sql_alias_ast){.next = p->aliases,
        .name = name,
        .first = first,
        .last = as - 1,
        .with = with,
        .scope_first = name + 1,
        .scope_last = -1};
    p->aliases = a;
}

void sql_ast_alias_scope(struct sql_ast *p, int with)
{
    for (struct sql_alias_ast *a = p->aliases; a != NULL; a = a->next)
        if (a->with == with && a->scope_last < 0) a->scope_last = p->at - 1;
}

/* E'…' is written without its escapes. */
void sql_ast_string(struct sql_ast *p, int at)
{
    if (p->scan->tokens[at].escapes) p->rewritten_last = at;
}

/* named: the token of its name, 0 for none. SQLite names a column without AS by its text; of one
 * that is rewritten that text is kept as its name. */
void sql_ast_result(struct sql_ast *p, int first, int named)
{
    if (!named && (p->rewritten_last >= first || p->aliases != NULL))
        p->result_first[p->at - 1] = first + 1;
    p->results[p->at - 1] = (struct sql_result_ast){first + 1, named};
}

void sql_ast_call(struct sql_ast *p, int first, int bracket)
{
    struct sql_node *n = node_add(p, NODE_CALL, first);
    if (n != NULL) n->at = bracket;
}

int sql_ast_from(struct sql_ast *p, int first)
{
    struct sql_node *n = node_add(p, NODE_FROM, first);
    return n != NULL ? first : -1;
}

void sql_ast_select(struct sql_ast *p, int first, int from)
{
    if (first < 0) return; /* memory is out */
    struct sql_node *n = node_add(p, NODE_SELECT, first);
    if (n == NULL || from < 0) return;
    n->inner = p->heads[from];
    while (n->inner != NULL && n->inner->kind != NODE_FROM) n->inner = n->inner->same;
}

/* Of the SELECT that was added last. */
void sql_ast_clauses(struct sql_ast *p, int select, struct sql_clauses clauses)
{
    struct sql_node *n = select >= 0 ? p->heads[select] : NULL;
    if (n != NULL && n->kind == NODE_SELECT && n == p->nodes_last) n->clauses = clauses;
}

/* A table in FROM, with its ON or USING. */
void sql_ast_source(struct sql_ast *p, int name, int alias, bool indexed)
{
    struct sql_node *n = node_add(p, NODE_SOURCE, name);
    if (n == NULL) return;
    n->at = alias;
    n->indexed = indexed;
}

void sql_ast_cte(struct sql_ast *p, int first)
{
    struct sql_node *n = node_add(p, NODE_CTE, first);
    if (n == NULL) return;
    if (p->cte_count == (int)(sizeof p->ctes / sizeof p->ctes[0]))
        fail(p, ST_LIMIT, first, "too many common table expressions");
    else
        p->ctes[p->cte_count++] = n;
}

/* first: the word WITH. Its node covers what it governs; of INSERT, UPDATE and DELETE that is the
 * rest. */
void sql_ast_with(struct sql_ast *p, int first, int ctes)
{
    struct sql_node *n = node_add(p, NODE_WITH, first);
    if (n == NULL) return;
    if (first == 0 ||
        (p->scan->tokens[first - 1].kind != TK_LP && p->scan->tokens[first - 1].kind != TK_AS))
        n->last = p->scan->count - 1;
    while (ctes-- > 0 && p->cte_count > 0) p->ctes[--p->cte_count]->inner = n;
}

/* --- our statements --------------------------------------------------------------------------- */

/* first: q's first token; of a step that is q, it is the step's. */
void sql_ast_query(struct sql_ast *p, int first, struct sql_node *step)
{
    p->query_first = step != NULL ? step->first : first;
    p->query_last = p->at - 1;
    p->query_step = step;
}

struct sql_node *sql_ast_source_step(struct sql_ast *p, int first, struct sql_step_parts parts)
{
    struct sql_node *n = node_add(p, NODE_STEP, first);
    if (n == NULL) return NULL;
    n->at = first;
    n->parts = parts;
    n->query_first = n->query_last = -1;
    return n;
}

struct sql_node *sql_ast_step(struct sql_ast *p, int first, struct sql_step_parts parts)
{
    struct sql_node *n = sql_ast_source_step(p, first, parts);
    if (n == NULL) return NULL;
    n->query_first = p->query_first;
    n->query_last = p->query_last;
    n->inner = p->query_step;
    return n;
}

void sql_ast_table_step(struct sql_ast *p, int first, struct sql_node *step)
{
    struct sql_node *n = node_add(p, NODE_TABLE_STEP, first);
    if (n != NULL) n->inner = step;
}

void sql_ast_query_step(struct sql_ast *p, int first, struct sql_node *step)
{
    sql_ast_table_step(p, first, step);
    if (p->nodes_last != NULL) p->nodes_last->query = true;
}

void sql_ast_top_step(struct sql_ast *p, struct sql_node *step)
{
    p->top = step;
}

void sql_ast_create_as(struct sql_ast *p, int name, int select)
{
    p->create_as_first = select;
    p->create_name = name;
}

void sql_ast_print(struct sql_ast *p, struct sql_node *print)
{
    p->print = print;
}

void sql_ast_create_using(struct sql_ast *p, int first, int name, struct sql_node *step)
{
    bool temporary = p->scan->tokens[first + 1].kind == TK_TEMP;
    if (temporary || p->scan->tokens[name + 1].kind == TK_DOT) {
        fail(p, ST_UNSUPPORTED, temporary ? first + 1 : name,
            "CREATE TABLE ... USING makes a table of the main database: neither TEMP nor a schema");
        return;
    }
    p->create_using = step;
    p->create_name = name;
}

/* Appends the words of tokens [first, last] in upper case, or as they are. */
static void add_words(const struct sql_ast *p, int first, int last, bool upper, struct buf *out)
{
    for (int i = first; i <= last; i++) {
        struct sql_token t = p->scan->tokens[i];
        bool dotted = t.kind == TK_DOT || (i > 0 && p->scan->tokens[i - 1].kind == TK_DOT);
        if (out->bytes > 0 && !dotted) buf_add_char(out, ' ');
        for (int k = t.start; k < t.end; k++) {
            char c = p->scan->text[k];
            buf_add_char(out, upper && c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c);
        }
    }
}

void sql_ast_step_name(
    const struct sql_ast *p, const struct sql_node *step, char *out, size_t bytes)
{
    struct buf words;
    buf_init(&words);
    const struct sql_step_parts *parts = &step->parts;
    int kind = p->scan->tokens[step->at].kind;
    add_words(p, step->at, step->at, true, &words);
    if (kind == TK_BUILD || kind == TK_FIT) buf_add_str(&words, " MODEL");
    if (kind == TK_CREATE) buf_add_str(&words, " TABLE USING");
    if (parts->thanosql) buf_add_str(&words, " THANOSQL");
    if (parts->media > 0) add_words(p, parts->media, parts->media, true, &words);
    if (kind == TK_FUNCTION && parts->name != NULL)
        add_words(p, parts->name->first, parts->name->last, false, &words);
    snprintf(out, bytes, "%s", words.failed || words.data == NULL ? "" : words.data);
    buf_deinit(&words);
}

/* --- values ----------------------------------------------------------------------------------- */

/* One escape behind a backslash, as Python reads it; an unknown one stays as written. */
static const char *add_escape(struct buf *out, const char *s)
{
    static const char FROM[] = "ntr0'\"\\", TO[] = "\n\t\r\0'\"\\";
    const char *known = *s != '\0' ? strchr(FROM, *s) : NULL;
    if (known == NULL) buf_add_char(out, '\\');
    buf_add_char(out, known != NULL ? TO[known - FROM] : *s);
    return s + 1;
}

/* The text between the quotes; a NUL in it ends it, since everything it names ends there too. */
static char *decode_quoted(struct sql_ast *p, const char *s, int length, bool escapes)
{
    struct buf out;
    buf_init(&out);
    char quote = s[0] == '[' ? ']' : s[0];
    const char *end = s + length - 1;
    for (s++; s < end;) {
        if (escapes && *s == '\\' && s + 1 < end) {
            s = add_escape(&out, s + 1);
            continue;
        }
        buf_add_char(&out, *s);
        s += *s == quote && s + 1 < end && s[1] == quote ? 2 : 1;
    }
    char *text =
        out.failed ? NULL : arena_strndup(p->arena, out.data != NULL ? out.data : "", out.bytes);
    buf_deinit(&out);
    if (text == NULL) fail(p, ST_NO_MEMORY, -1, "out of memory");
    return text;
}

const struct sql_node *sql_ast_select_around(const struct sql_ast *p, int first, int last)
{
    const struct sql_node *best = NULL;
    for (const struct sql_node *n = p->nodes; n != NULL; n = n->next) {
        if (n->kind != NODE_SELECT || n->inner == NULL || n->first > first || n->last < last)
            continue;
        if (best == NULL || n->first > best->first) best = n;
    }
    return best;
}

/* The name or string of a token, decoded; "" behind the last one. */
char *sql_ast_text(struct sql_ast *p, int token)
{
    struct sql_token t = p->scan->tokens[token];
    const char *s = t.kind == LEX_END ? "" : p->scan->text + t.start;
    if (t.kind == TK_STRING && s[0] != '\'' && s[0] != '"') { /* E'…' */
        s++;
        t.start++;
    }
    if (s[0] == '\'' || s[0] == '"' || s[0] == '`' || s[0] == '[')
        return decode_quoted(p, s, t.end - t.start, t.escapes);
    char *text = arena_strndup(p->arena, s, (size_t)(t.end - t.start));
    if (text == NULL) fail(p, ST_NO_MEMORY, -1, "out of memory");
    return text;
}

struct sql_literal *sql_ast_literal(struct sql_ast *p, int first, int last)
{
    struct sql_literal *v = take_memory(p, sizeof *v);
    if (v == NULL) return NULL;
    int kind = p->scan->tokens[last].kind;
    v->first = first;
    v->last = last;
    v->tail = v;
    v->kind = kind == TK_STRING                  ? LITERAL_TEXT
        : kind == TK_VARIABLE                    ? LITERAL_PARAMETER
        : kind == TK_INTEGER || kind == TK_FLOAT ? LITERAL_NUMBER
                                                 : LITERAL_NAME;
    v->text = sql_ast_text(p, last);
    if (v->text == NULL || first == last) return v;
    const char *before = "", *between = "-";
    if (p->scan->tokens[first].kind != TK_MINUS) {
        before = sql_ast_text(p, first);
        between = ".";
    }
    v->text = before != NULL ? arena_printf(p->arena, "%s%s%s", before, between, v->text) : NULL;
    if (v->text == NULL) fail(p, ST_NO_MEMORY, -1, "out of memory");
    return v;
}

struct sql_literal *sql_ast_list(struct sql_ast *p, int first, struct sql_literal *items)
{
    struct sql_literal *v = take_memory(p, sizeof *v);
    if (v == NULL) return NULL;
    v->kind = LITERAL_LIST;
    v->first = first;
    v->last = p->at - 1;
    v->tail = v;
    v->items = items;
    for (; items != NULL; items = items->next) v->count++;
    return v;
}

struct sql_literal *sql_ast_literal_join(struct sql_literal *list, struct sql_literal *more)
{
    if (list == NULL || more == NULL) return list;
    list->tail->next = more;
    list->tail = more;
    return list;
}

struct sql_option_ast *sql_ast_option(struct sql_ast *p, int name, struct sql_literal *value)
{
    struct sql_option_ast *o = take_memory(p, sizeof *o);
    if (o == NULL) return NULL;
    o->name = name;
    o->value = value;
    o->tail = o;
    return o;
}

struct sql_option_ast *sql_ast_option_join(struct sql_option_ast *list, struct sql_option_ast *more)
{
    if (list == NULL || more == NULL) return list;
    list->tail->next = more;
    list->tail = more;
    return list;
}

/* --- feeding ---------------------------------------------------------------------------------- */

static void check_depth(struct sql_ast *p)
{
    int depth = 0;
    for (int i = 0; i < p->scan->count; i++) {
        int kind = p->scan->tokens[i].kind;
        depth += (kind == TK_LP || kind == TK_LB) - (kind == TK_RP || kind == TK_RB);
        if (depth > LIMIT_SQL_DEPTH) {
            fail(p, ST_LIMIT, i, "the statement is nested too deep");
            return;
        }
    }
}

/* The tokens before end. */
static void feed(struct sql_ast *p, void *parser, int end)
{
    const struct sql_scan *scan = p->scan;
    for (p->at = 0; p->at < end && p->error.code == ST_OK; p->at++) {
        if (scan->tokens[p->at].kind >= LEX_SPACE)
            sql_ast_refuse(p, p->at);
        else
            sql_parser(parser, scan->tokens[p->at].kind, p->at);
    }
}

/* A view or trigger is run by whoever opens the file next, perhaps without our steps. */
static void check_bodies(struct sql_ast *p)
{
    for (const struct sql_node *n = p->nodes; n != NULL && p->body_of != NULL; n = n->next)
        if (n->kind == NODE_STEP) {
            char words[240], name[100];
            sql_ast_step_name(p, n, name, sizeof name);
            snprintf(words, sizeof words,
                "%s can't stand in the body of %s: keep its rows with"
                " CREATE TABLE t AS SELECT * FROM (...)",
                name, p->body_of);
            fail(p, ST_UNSUPPORTED, n->at, words);
        }
}

static void *begin_parse(const struct sql_scan *scan, struct arena *arena, struct sql_ast *out)
{
    *out = (struct sql_ast){.scan = scan, .arena = arena, .error = ERR_INIT, .rewritten_last = -1};
    out->heads = arena_array(arena, (size_t)scan->count + 1, sizeof(struct sql_node *));
    out->result_first = arena_array(arena, (size_t)scan->count + 1, sizeof(int));
    out->results = arena_array(arena, (size_t)scan->count + 1, sizeof(struct sql_result_ast));
    bool room = out->heads != NULL && out->result_first != NULL && out->results != NULL;
    return room ? sql_parserAlloc(mem_alloc, out) : NULL;
}

enum status sql_ast_parse(
    const struct sql_scan *scan, struct arena *arena, struct sql_ast *out, struct err *e)
{
    void *parser = begin_parse(scan, arena, out);
    if (parser == NULL) return mem_err(e, 0);
    check_depth(out);
    feed(out, parser, scan->count);
    if (out->error.code == ST_OK) sql_parser(parser, 0, out->at);
    sql_parserFree(parser, mem_free);
    if (out->error.code == ST_OK) check_bodies(out);
    if (out->error.code == ST_OK) return ST_OK;
    if (e != NULL) {
        *e = out->error;
        err_place(e, scan->text, e->offset);
    }
    return out->error.code;
}

enum status sql_ast_expected(const struct sql_scan *scan, int token, bool out[SQL_KINDS_MAX])
{
    struct arena arena;
    struct sql_ast ast;
    arena_init(&arena, 0);
    enum status st = ST_NO_MEMORY;
    void *parser = begin_parse(scan, &arena, &ast);
    if (parser != NULL) {
        check_depth(&ast);
        feed(&ast, parser, token);
        st = ast.error.code;
        if (st == ST_OK) sql_parser_expects(parser, out, SQL_KINDS_MAX);
        sql_parserFree(parser, mem_free);
    }
    arena_deinit(&arena);
    return st;
}

int sql_ast_refused(const struct sql_scan *scan)
{
    struct arena arena;
    struct sql_ast ast;
    int token = -1;
    arena_init(&arena, 0);
    enum status st = sql_ast_parse(scan, &arena, &ast, NULL);
    if (st == ST_SYNTAX)
        for (token = 0; token < scan->count; token++)
            if (scan->tokens[token].start >= ast.error.offset) break;
    arena_deinit(&arena);
    return token;
}
