/* distinct.c - SELECT DISTINCT ON (keys) columns … ORDER BY terms LIMIT n: of the rows with the
 * same keys the first in the order.
 *
 *  -> SELECT c1 AS "a", … FROM (WITH fovea_d(c1, …, r, o1, …) AS (
 *         SELECT columns, row_number() OVER (PARTITION BY keys ORDER BY terms), terms FROM …)
 *         SELECT * FROM fovea_d) WHERE r = 1 ORDER BY o1, … LIMIT n
 *
 * Columns are told by number, since names may stand twice; how many there are, and their names,
 * SQLite says of the SELECT without its keys.
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
};

struct distinct {
    struct emit *m;
    const struct sql_node *n;
    int source;
    struct span columns, body, limit; /* last < first: none */
    struct term keys[TERMS_MAX], order[TERMS_MAX];
    int key_count, order_count;
};

static int kind_at(const struct distinct *d, int i)
{
    return d->m->plan->scan.tokens[i].kind;
}

/* The comma behind i in [i, last] outside of brackets; last + 1: none. */
static int comma_of(const struct distinct *d, int i, int last)
{
    for (int depth = 0; i <= last; i++) {
        int kind = kind_at(d, i);
        if (depth == 0 && kind == TK_COMMA) return i;
        depth += (kind == TK_LP || kind == TK_LB) - (kind == TK_RP || kind == TK_RB);
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
        int end = comma_of(d, i, d->columns.last);
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
        int end = comma_of(d, i, all.last), last = end - 1;
        if (*count == TERMS_MAX) return refuse(d, i, "DISTINCT ON with more than 64 terms");
        if (last > i && kind_at(d, last - 1) == TK_NULLS) last -= 2;
        if (kind_at(d, last) == TK_DESC || kind_at(d, last) == TK_ASC) last--;
        struct span expr = resolve(d, (struct span){i, last});
        terms[*count] = (struct term){.expr = expr, .how = {last + 1, end - 1}};
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

static enum status read_select(struct distinct *d)
{
    const struct sql_node *n = d->n;
    const struct sql_clauses *c = &n->clauses;
    int open = n->first + 3, close = open, end = n->last + 1;
    for (int depth = 1; depth > 0;) {
        int kind = kind_at(d, ++close);
        depth += (kind == TK_LP) - (kind == TK_RP);
    }
    const int starts[] = {n->inner != NULL ? n->inner->first : 0, c->where, c->group, c->having,
        c->window, c->order, c->limit};
    const int ends[] = {c->order, c->limit};
    int body = least_of(starts, sizeof starts / sizeof starts[0], end);
    d->columns = (struct span){close + 1, body - 1};
    d->body = (struct span){body, least_of(ends, 2, end) - 1};
    d->limit = (struct span){c->limit > 0 ? c->limit : end, n->last};
    struct span order = {c->order + 2, (c->limit > 0 ? c->limit : end) - 1};
    enum status st = read_terms(d, (struct span){open + 1, close - 1}, d->keys, &d->key_count);
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

static void write_names(struct distinct *d, sqlite3_stmt *stmt)
{
    struct buf names;
    buf_init(&names);
    for (int i = 0; i < sqlite3_column_count(stmt); i++) {
        buf_printf(&names, "%sc%d AS ", i > 0 ? "," : "", i + 1);
        sql_add_name(&names, sqlite3_column_name(stmt, i));
    }
    if (names.failed)
        d->m->out->sql.failed = true;
    else
        words(d, names.data);
    buf_deinit(&names);
}

/* Expressions, with the words behind each when directed. */
static enum status write_terms(
    struct distinct *d, const struct term *terms, int count, bool directed)
{
    enum status st = ST_OK;
    for (int i = 0; st == ST_OK && i < count; i++) {
        if (i > 0) words(d, ",");
        st = part(d, terms[i].expr);
        if (directed) words(d, " ");
        if (st == ST_OK && directed) st = part(d, terms[i].how);
    }
    return st;
}

static enum status write_inner(struct distinct *d, int columns)
{
    words(d, " FROM (WITH fovea_d(");
    for (int i = 1; i <= columns; i++) rewrite_add(d->m->out, d->source, "c%d,", i);
    words(d, "r");
    for (int i = 1; i <= d->order_count; i++) rewrite_add(d->m->out, d->source, ",o%d", i);
    words(d, ") AS (SELECT ");
    enum status st = part(d, d->columns);
    words(d, ", row_number() OVER (PARTITION BY ");
    if (st == ST_OK) st = write_terms(d, d->keys, d->key_count, false);
    if (d->order_count > 0) words(d, " ORDER BY ");
    if (st == ST_OK) st = write_terms(d, d->order, d->order_count, true);
    words(d, d->order_count > 0 ? "), " : ") ");
    if (st == ST_OK) st = write_terms(d, d->order, d->order_count, false);
    words(d, " ");
    if (st == ST_OK) st = part(d, d->body);
    words(d, ") SELECT * FROM fovea_d) WHERE r = 1");
    return st;
}

static enum status write_outer_order(struct distinct *d)
{
    enum status st = ST_OK;
    for (int i = 0; st == ST_OK && i < d->order_count; i++) {
        rewrite_add(d->m->out, d->source, "%so%d ", i > 0 ? "," : " ORDER BY ", i + 1);
        st = part(d, d->order[i].how);
    }
    words(d, " ");
    return st == ST_OK ? part(d, d->limit) : st;
}

enum status form_emit_distinct_on(struct emit *m, const struct sql_node *n)
{
    struct distinct *d = arena_alloc(&m->plan->arena, sizeof *d);
    if (d == NULL) return mem_err(m->e, sizeof *d);
    *d = (struct distinct){.m = m, .n = n, .source = m->plan->scan.tokens[n->first].start};
    int before = n->first > 0 ? kind_at(d, n->first - 1) : LEX_END,
        behind = kind_at(d, n->last + 1);
    static const int COMPOUNDS[] = {TK_UNION, TK_EXCEPT, TK_INTERSECT, TK_ALL};
    for (size_t i = 0; i < sizeof COMPOUNDS / sizeof COMPOUNDS[0]; i++)
        if (before == COMPOUNDS[i] || behind == COMPOUNDS[i])
            return refuse(
                d, n->first, "DISTINCT ON can't stand in a compound: put it into a subquery");
    enum status st = read_select(d);
    sqlite3_stmt *stmt = st == ST_OK ? prepare_columns(d) : NULL;
    if (st == ST_OK && stmt == NULL) return m->e != NULL ? m->e->code : ST_INVALID;
    if (st != ST_OK) return st;
    words(d, "SELECT ");
    write_names(d, stmt);
    st = write_inner(d, sqlite3_column_count(stmt));
    sqlite3_finalize(stmt);
    return st == ST_OK ? write_outer_order(d) : st;
}
