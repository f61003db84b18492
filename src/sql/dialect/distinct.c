/* distinct.c - SELECT DISTINCT ON (keys) columns … ORDER BY terms LIMIT n: of the rows with the
 * same keys the first in the order; SELECT columns … ORDER BY terms LIMIT s, m BY keys LIMIT n: the
 * first m of them behind the first s.
 *
 *  -> SELECT c1 AS "a", … FROM (WITH fovea_c(c1, …, k1, …, o1, …) AS (
 *         SELECT columns, keys, terms FROM …), fovea_d AS (
 *         SELECT *, row_number() OVER (PARTITION BY k1, … ORDER BY o1, …) AS r FROM fovea_c)
 *         SELECT * FROM fovea_d) WHERE r - (s) BETWEEN 1 AND (m) + 0 ORDER BY o1, … LIMIT n
 *
 * Columns are told by number, since names may stand twice; how many there are, and their names,
 * SQLite says of the SELECT without its keys. In one that names columns of the query around it,
 * which SQLite can't know then, they are counted. + 0 makes a number of a parameter that is text.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sql/dialect/forms.h"
#include "sql/plan/plan.h"

enum { TERMS_MAX = 64 };

struct span {
    int first, last;
};

struct term {
    struct span expr;
    struct span how; /* ASC, DESC, NULLS … behind it */
    int last;        /* of its tokens in the text */
};

struct distinct {
    struct emit *m;
    const struct sql_node *n;
    int source;
    struct span columns, body, limit; /* last < first: none */
    struct span most, skip;           /* LIMIT skip, most BY; none: the first */
    struct term keys[TERMS_MAX], order[TERMS_MAX];
    int key_count, order_count;
};

static int kind_at(const struct distinct *d, int i)
{
    return d->m->plan->scan.tokens[i].kind;
}

/* The token of a kind in [i, last] outside of brackets; last + 1: none. */
static int find(const struct distinct *d, int kind, int i, int last)
{
    for (int depth = 0; i <= last; i++) {
        int k = kind_at(d, i);
        if (depth == 0 && k == kind) return i;
        depth += (k == TK_LP || k == TK_LB) - (k == TK_RP || k == TK_RB);
    }
    return last + 1;
}

static enum status refuse(const struct distinct *d, int at, const char *words)
{
    enum status st = err_set(d->m->e, ST_UNSUPPORTED, "%s", words);
    if (d->m->e != NULL)
        err_place(d->m->e, d->m->plan->scan.text, d->m->plan->scan.tokens[at].start);
    return st;
}

/* A result column's name or number means its expression. */
static struct span resolve(const struct distinct *d, struct span term)
{
    struct sql_ast *ast = &d->m->plan->ast;
    int kind = kind_at(d, term.first);
    bool number = kind == TK_INTEGER;
    if (term.first != term.last || (!number && kind != TK_ID)) return term;
    const char *name = sql_ast_text(ast, term.first);
    long wanted = number && name != NULL ? strtol(name, NULL, 10) : -1, at = 0;
    for (int i = d->columns.first; i <= d->columns.last && name != NULL;) {
        int end = find(d, TK_COMMA, i, d->columns.last);
        struct sql_result_ast r = ast->results[end - 1];
        if (r.first == 0 && number) return term; /* a star before it */
        const char *alias = r.alias > 0 ? sql_ast_text(ast, r.alias) : NULL;
        int last = r.alias == 0 ? end - 1 : r.alias - 1 - (kind_at(d, r.alias - 1) == TK_AS);
        if (++at == wanted || (!number && alias != NULL && sqlite3_stricmp(alias, name) == 0))
            return (struct span){r.first - 1, last};
        i = end + 1;
    }
    return term;
}

static enum status read_terms(struct distinct *d, struct span all, struct term *terms, int *count)
{
    for (int i = all.first; i <= all.last; ++*count) {
        int end = find(d, TK_COMMA, i, all.last), last = end - 1;
        if (*count == TERMS_MAX) return refuse(d, i, "more than 64 terms");
        if (last > i && kind_at(d, last - 1) == TK_NULLS) last -= 2;
        if (kind_at(d, last) == TK_DESC || kind_at(d, last) == TK_ASC) last--;
        struct span expr = resolve(d, (struct span){i, last});
        terms[*count] = (struct term){.expr = expr, .how = {last + 1, end - 1}, .last = end - 1};
        if (kind_at(d, expr.first) == TK_INTEGER && expr.first == expr.last)
            return refuse(
                d, i, "a number that stands for a column behind * can't be told apart: name it");
        i = end + 1;
    }
    return ST_OK;
}

static int least_of(const int *starts, size_t count, int fallback)
{
    int least = fallback;
    for (size_t i = 0; i < count; i++)
        if (starts[i] > 0 && starts[i] < least) least = starts[i];
    return least;
}

/* A number is what it must be; of an expression SQLite says what it is. */
static enum status check_number(const struct distinct *d, struct span s)
{
    int kind = kind_at(d, s.first);
    bool right = s.last > s.first ? kind != TK_MINUS
                                  : kind == TK_INTEGER || kind == TK_VARIABLE || kind == TK_ID;
    return right ? ST_OK : refuse(d, s.first, "LIMIT ... BY takes a number of rows from 0 on");
}

/* LIMIT most BY keys, LIMIT skip, most BY keys, LIMIT most OFFSET skip BY keys; then LIMIT n. */
static enum status read_limit_by(struct distinct *d, struct span *keys)
{
    int first = d->n->clauses.limit + 1, by = d->n->clauses.limit_by, last = d->n->last;
    int comma = find(d, TK_COMMA, first, by - 1), offset = find(d, TK_OFFSET, first, by - 1);
    int limit = find(d, TK_LIMIT, by, last), other = find(d, TK_OFFSET_FIRST, by, last);
    if (other < limit) limit = other;
    d->most = (struct span){comma < by ? comma + 1 : first, offset - 1};
    d->skip = comma < by ? (struct span){first, comma - 1} : (struct span){offset + 1, by - 1};
    *keys = (struct span){by + 1, limit - 1};
    d->limit = (struct span){limit, last};
    if (kind_at(d, d->n->first + 1) == TK_DISTINCT)
        return refuse(d, d->n->first + 1,
            "DISTINCT and LIMIT ... BY in one SELECT: put SELECT DISTINCT into a subquery");
    enum status st = check_number(d, d->most);
    return st == ST_OK && d->skip.first <= d->skip.last ? check_number(d, d->skip) : st;
}

/* DISTINCT ON (keys) */
static void read_distinct_on(struct distinct *d, struct span *keys)
{
    const struct sql_clauses *c = &d->n->clauses;
    keys->first = d->n->first + 4;
    keys->last = find(d, TK_RP, keys->first, d->n->last) - 1;
    d->columns.first = keys->last + 2;
    d->limit = (struct span){c->limit > 0 ? c->limit : d->n->last + 1, d->n->last};
    d->most = d->skip = (struct span){0, -1};
}

static enum status read_select(struct distinct *d)
{
    const struct sql_node *n = d->n;
    const struct sql_clauses *c = &n->clauses;
    int end = n->last + 1;
    const int starts[] = {n->inner != NULL ? n->inner->first : 0, c->where, c->group, c->having,
        c->window, c->order, c->limit};
    const int ends[] = {c->order, c->limit};
    int body = least_of(starts, sizeof starts / sizeof starts[0], end);
    struct span keys, order = {c->order + 2, (c->limit > 0 ? c->limit : end) - 1};
    enum status st = ST_OK;
    d->columns = (struct span){n->first + 1 + (kind_at(d, n->first + 1) == TK_ALL), body - 1};
    d->body = (struct span){body, least_of(ends, 2, end) - 1};
    if (c->limit_by > 0)
        st = read_limit_by(d, &keys);
    else
        read_distinct_on(d, &keys);
    if (st == ST_OK) st = read_terms(d, keys, d->keys, &d->key_count);
    if (st != ST_OK || c->order == 0) return st;
    return read_terms(d, order, d->order, &d->order_count);
}

static enum status part(struct distinct *d, struct span s)
{
    return s.first <= s.last ? emit_part(d->m, s.first, s.last) : ST_OK;
}

static void words(struct distinct *d, const char *text)
{
    rewrite_add(d->m->out, d->source, "%s", text);
}

/* The result's columns without the keys, prepared; NULL with e filled when SQLite doesn't take it.
 */
static sqlite3_stmt *prepare_columns(struct distinct *d)
{
    struct sql_plan *p = d->m->plan;
    struct rewrite r;
    int skip;
    sqlite3_stmt *stmt = NULL;
    rewrite_init(&r);
    struct emit m = {.plan = p, .out = &r, .tracing = true, .e = d->m->e};
    enum status st = emit_outer_ctes(&m, d->n->first, d->n->last, &skip);
    rewrite_add(&r, d->source, "SELECT ");
    if (st == ST_OK) st = emit_part(&m, d->columns.first, d->columns.last);
    rewrite_add(&r, d->source, " ");
    if (st == ST_OK && d->body.first <= d->body.last)
        st = emit_part(&m, d->body.first, d->body.last);
    if (st == ST_OK) st = buf_check(&r.sql, d->m->e);
    if (st == ST_OK) {
        int rc = sqlite3_prepare_v2(p->session->db, r.sql.data, -1, &stmt, NULL);
        if (rc != SQLITE_OK) sql_word(p->session, rc, d->m->e);
        if (rc != SQLITE_OK && d->m->e != NULL) emit_place(p, &r, d->m->e);
    }
    rewrite_deinit(&r);
    return stmt;
}

/* SELECT c1 AS "a", …; how many. */
static int write_names(struct distinct *d, sqlite3_stmt *stmt)
{
    int count = stmt != NULL ? sqlite3_column_count(stmt) : 1;
    struct buf names;
    buf_init(&names);
    if (stmt == NULL)
        for (int i = d->columns.first;
             (i = find(d, TK_COMMA, i, d->columns.last) + 1) <= d->columns.last;)
            count++;
    for (int i = 0; i < count; i++) {
        buf_printf(&names, "%sc%d", i > 0 ? "," : "", i + 1);
        if (stmt != NULL) buf_add_str(&names, " AS ");
        if (stmt != NULL) sql_add_name(&names, sqlite3_column_name(stmt, i));
    }
    if (names.failed)
        d->m->out->sql.failed = true;
    else
        rewrite_add(d->m->out, d->source, "SELECT %s", names.data);
    buf_deinit(&names);
    return count;
}

/* In brackets, where names don't matter, and without a star its columns can be counted. */
static bool can_be_counted(const struct distinct *d)
{
    int depth = 0;
    for (int i = 0; i < d->n->first; i++)
        depth += (kind_at(d, i) == TK_LP) - (kind_at(d, i) == TK_RP);
    for (int i = d->columns.first; i <= d->columns.last; i++) {
        int before = kind_at(d, i - 1);
        bool alone = i == d->columns.first || before == TK_COMMA || before == TK_DOT;
        if (kind_at(d, i) == TK_STAR && alone) return false;
    }
    return depth > 0;
}

/* The words behind a term, and those that nearest.c puts there: NULLS LAST of a distance. */
static enum status write_how(struct distinct *d, const struct term *term)
{
    const struct sql_plan *p = d->m->plan;
    words(d, " ");
    enum status st = part(d, term->how);
    const struct sql_insert *i = p->inserts != NULL ? p->inserts[term->last] : NULL;
    for (; i != NULL; i = i->next)
        if (i->of == NULL && i->words != NULL) words(d, i->words);
    return st;
}

/* Expressions of keys and terms. */
static enum status write_values(struct distinct *d, const struct term *terms, int count)
{
    enum status st = ST_OK;
    for (int i = 0; st == ST_OK && i < count; i++) {
        words(d, ",");
        st = part(d, terms[i].expr);
    }
    return st;
}

/* ORDER BY o1 DESC, … */
static enum status write_order(struct distinct *d)
{
    enum status st = ST_OK;
    for (int i = 0; st == ST_OK && i < d->order_count; i++) {
        rewrite_add(d->m->out, d->source, "%so%d", i > 0 ? "," : " ORDER BY ", i + 1);
        st = write_how(d, &d->order[i]);
    }
    return st;
}

static void write_numbered(struct distinct *d, const char *name, int count)
{
    for (int i = 1; i <= count; i++)
        rewrite_add(d->m->out, d->source, "%s%s%d", i > 1 ? "," : "", name, i);
}

static enum status write_inner(struct distinct *d, int columns)
{
    words(d, " FROM (WITH fovea_c(");
    write_numbered(d, "c", columns);
    words(d, ",");
    write_numbered(d, "k", d->key_count);
    words(d, d->order_count > 0 ? "," : "");
    write_numbered(d, "o", d->order_count);
    words(d, ") AS (SELECT ");
    enum status st = part(d, d->columns);
    if (st == ST_OK) st = write_values(d, d->keys, d->key_count);
    if (st == ST_OK) st = write_values(d, d->order, d->order_count);
    words(d, " ");
    if (st == ST_OK) st = part(d, d->body);
    words(d, "), fovea_d AS (SELECT *, row_number() OVER (PARTITION BY ");
    write_numbered(d, "k", d->key_count);
    if (st == ST_OK) st = write_order(d);
    words(d, ") AS r FROM fovea_c) SELECT * FROM fovea_d) WHERE r");
    return st;
}

/* The number of a row among those with its keys. */
static enum status write_numbers(struct distinct *d)
{
    enum status st = ST_OK;
    if (d->most.last < d->most.first) {
        words(d, " = 1");
        return st;
    }
    if (d->skip.first <= d->skip.last) {
        words(d, " - (");
        st = part(d, d->skip);
        words(d, ")");
    }
    words(d, " BETWEEN 1 AND (");
    if (st == ST_OK) st = part(d, d->most);
    words(d, ") + 0");
    return st;
}

enum status form_emit_firsts(struct emit *m, const struct sql_node *n)
{
    struct distinct *d = arena_alloc(&m->plan->arena, sizeof *d);
    if (d == NULL) return mem_err(m->e, sizeof *d);
    *d = (struct distinct){.m = m, .n = n, .source = m->plan->scan.tokens[n->first].start};
    int before = n->first > 0 ? kind_at(d, n->first - 1) : LEX_END,
        behind = kind_at(d, n->last + 1);
    static const int COMPOUNDS[] = {TK_UNION, TK_EXCEPT, TK_INTERSECT, TK_ALL};
    for (size_t i = 0; i < sizeof COMPOUNDS / sizeof COMPOUNDS[0]; i++)
        if (before == COMPOUNDS[i] || behind == COMPOUNDS[i])
            return n->clauses.limit_by > 0
                ? refuse(d, n->at, "LIMIT BY can't stand in a compound: put it into a subquery")
                : refuse(
                      d, n->first, "DISTINCT ON can't stand in a compound: put it into a subquery");
    enum status st = read_select(d);
    sqlite3_stmt *stmt = st == ST_OK ? prepare_columns(d) : NULL;
    if (st != ST_OK) return st;
    if (stmt == NULL && !can_be_counted(d)) return m->e != NULL ? m->e->code : ST_INVALID;
    st = write_inner(d, write_names(d, stmt));
    sqlite3_finalize(stmt);
    if (st == ST_OK) st = write_numbers(d);
    if (st == ST_OK) st = write_order(d);
    words(d, " ");
    return st == ST_OK ? part(d, d->limit) : st;
}
