/* nearest_shape.c - reading a SELECT for nearest.c: its order, its vector column, its query vector.
 *
 * Each check gives the reason against a step in a few words, or NULL.
 */
#include "sql/nearest/nearest_shape.h"

#include <stdlib.h>
#include <string.h>

static int kind_at(const struct sql_plan *p, int token)
{
    return token >= 0 && token < p->scan.count ? p->scan.tokens[token].kind : LEX_END;
}

static bool spells(const struct sql_plan *p, int token, const char *word)
{
    return lex_is(p->scan.text, p->scan.tokens[token], word);
}

int shape_find(const struct sql_plan *p, int kind, int first, int last)
{
    for (int i = first, depth = 0; i <= last; i++) {
        int k = kind_at(p, i);
        if (depth == 0 && k == kind) return i;
        depth += (k == TK_LP || k == TK_LB) - (k == TK_RP || k == TK_RB);
    }
    return last + 1;
}

/* --- ORDER BY --------------------------------------------------------------------------------- */

static struct nearest_span without_brackets(const struct sql_plan *p, struct nearest_span s)
{
    while (kind_at(p, s.first) == TK_LP && kind_at(p, s.last) == TK_RP &&
        shape_find(p, TK_RP, s.first + 1, s.last) == s.last) {
        s.first++;
        s.last--;
    }
    return s;
}

/* Is this one call of a distance, or one operator? */
static bool read_distance(const struct sql_plan *p, struct nearest_span s, struct shape *out)
{
    s = without_brackets(p, s);
    if (s.first > s.last) return false;
    for (const struct sql_node *n = p->ast.heads[s.first]; n != NULL; n = n->same) {
        bool call = n->kind == NODE_CALL;
        if (n->last != s.last || (!call && n->kind != NODE_OPERATOR)) continue;
        int comma = call ? plan_comma_of(p, n->at, n->last) : n->at;
        out->distance = sql_distance_find(p->scan.text, p->scan.tokens[call ? n->first : n->at]);
        if (out->distance == NULL || comma < 0) continue;
        out->sides[0] = (struct nearest_span){call ? n->at + 1 : n->first, comma - 1};
        out->sides[1] = (struct nearest_span){comma + 1, call ? n->last - 1 : n->last};
        return true;
    }
    return false;
}

static struct nearest_span columns_of(const struct sql_plan *p, const struct sql_node *select)
{
    int first = select->first + 1, kind = kind_at(p, first);
    if (kind == TK_DISTINCT || kind == TK_ALL) first++;
    return (struct nearest_span){first, select->inner->first - 1};
}

static struct nearest_span result_none(void)
{
    return (struct nearest_span){0, -1};
}

/* The expression of the result column that ORDER BY d or ORDER BY 2 means; none: last < first. */
static struct nearest_span result_of(
    struct sql_plan *p, const struct sql_node *select, struct nearest_span term)
{
    struct nearest_span none = result_none(), columns = columns_of(p, select);
    bool number = kind_at(p, term.first) == TK_INTEGER;
    if (term.first != term.last || (!number && kind_at(p, term.first) != TK_ID)) return none;
    const char *name = sql_ast_text(&p->ast, term.first);
    long wanted = number && name != NULL ? strtol(name, NULL, 10) : -1, at = 0;
    for (int i = columns.first; i <= columns.last && name != NULL;) {
        int end = shape_find(p, TK_COMMA, i, columns.last);
        struct sql_result_ast r = p->ast.results[end - 1];
        if (r.first == 0 && number) return none; /* a star before it */
        const char *alias = r.alias > 0 ? sql_ast_text(&p->ast, r.alias) : NULL;
        int last = r.alias == 0 ? end - 1 : r.alias - 1 - (kind_at(p, r.alias - 1) == TK_AS);
        bool same = !number && alias != NULL && sqlite3_stricmp(alias, name) == 0;
        if (++at == wanted || same) return (struct nearest_span){r.first - 1, last};
        i = end + 1;
    }
    return none;
}

static int clause_end(const struct sql_node *select, int first)
{
    const struct sql_clauses *c = &select->clauses;
    const int starts[] = {c->where, c->group, c->having, c->window, c->order, c->limit};
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++)
        if (starts[i] > first) return starts[i] - 1;
    return select->last;
}

bool shape_read_order(struct sql_plan *p, const struct sql_node *select, struct shape *out)
{
    int order = select->clauses.order, end = clause_end(select, order);
    struct nearest_span term = {order + 2, shape_find(p, TK_COMMA, order + 2, end) - 1};
    *out = (struct shape){.plan = p, .select = select, .ordered = select, .order_last = term.last};
    out->alone = term.last == end;
    if (kind_at(p, term.last - 1) == TK_NULLS) {
        out->nulls_first = kind_at(p, term.last) == TK_FIRST;
        out->nulls_last = !out->nulls_first;
        term.last -= 2;
    }
    int kind = kind_at(p, term.last);
    out->descending = kind == TK_DESC;
    if (kind == TK_DESC || kind == TK_ASC) term.last--;
    struct nearest_span result = result_of(p, select, term);
    out->term = result.first <= result.last ? result_none() : term;
    if (result.first <= result.last) term = result;
    return term.first <= term.last && read_distance(p, term, out);
}

/* --- asking SQLite ---------------------------------------------------------------------------- */

/* SELECT expr [FROM …], prepared; NULL when SQLite doesn't take it. */
static sqlite3_stmt *try_select(const struct shape *s, struct nearest_span expr, bool from)
{
    struct sql_plan *p = s->plan;
    struct rewrite r;
    struct err e = ERR_INIT;
    int skip, source = p->scan.tokens[expr.first].start;
    sqlite3_stmt *stmt = NULL;
    rewrite_init(&r);
    struct emit m = {.plan = p, .out = &r, .tracing = true, .e = &e};
    enum status st = emit_outer_ctes(&m, s->select->first, s->select->last, &skip);
    rewrite_add(&r, source, "SELECT ");
    if (st == ST_OK) st = emit_part(&m, expr.first, expr.last);
    rewrite_add(&r, source, " ");
    if (st == ST_OK && from) st = emit_part(&m, s->from.first, s->from.last);
    if (st == ST_OK && !r.sql.failed)
        sqlite3_prepare_v2(p->session->db, r.sql.data, -1, &stmt, NULL);
    rewrite_deinit(&r);
    return stmt;
}

static bool knows(const struct shape *s, struct nearest_span expr, bool from)
{
    sqlite3_stmt *stmt = try_select(s, expr, from);
    sqlite3_finalize(stmt);
    return stmt != NULL;
}

/* Answers a question about a name; 0 when there is no row. */
static int ask(const struct shape *s, const char *sql, const char *name)
{
    sqlite3_stmt *stmt = NULL;
    int answer = 0;
    if (sqlite3_prepare_v2(s->plan->session->db, sql, -1, &stmt, NULL) == SQLITE_OK &&
        sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC) == SQLITE_OK &&
        sqlite3_step(stmt) == SQLITE_ROW)
        answer = sqlite3_column_int(stmt, 0);
    sqlite3_finalize(stmt);
    return answer;
}

/* --- the vector column ------------------------------------------------------------------------ */

static bool is_name(const struct sql_plan *p, struct nearest_span s)
{
    for (int i = s.first; i <= s.last; i++)
        if (kind_at(p, i) != ((i - s.first) % 2 == 0 ? TK_ID : TK_DOT)) return false;
    return s.first <= s.last && (s.last - s.first) % 2 == 0;
}

/* The table and column that SQLite traces a name to. */
static bool trace_origin(struct shape *s, struct nearest_span name)
{
    sqlite3_stmt *stmt = is_name(s->plan, name) ? try_select(s, name, true) : NULL;
    const char *table = stmt != NULL ? sqlite3_column_table_name(stmt, 0) : NULL;
    const char *column = stmt != NULL ? sqlite3_column_origin_name(stmt, 0) : NULL;
    const char *schema = stmt != NULL ? sqlite3_column_database_name(stmt, 0) : NULL;
    bool found = table != NULL && column != NULL && schema != NULL;
    if (found) {
        s->table = arena_printf(&s->plan->arena, "%s", table);
        s->column = arena_printf(&s->plan->arena, "%s", column);
        s->schema = arena_printf(&s->plan->arena, "%s", schema);
        found = s->table != NULL && s->column != NULL && s->schema != NULL;
    }
    sqlite3_finalize(stmt);
    return found;
}

static bool read_source(const struct shape *s, const struct sql_node *n, struct shape_source *out)
{
    struct sql_plan *p = s->plan;
    int depth = 0;
    for (int i = s->from.first; i < n->first; i++)
        depth += (kind_at(p, i) == TK_LP) - (kind_at(p, i) == TK_RP);
    if (depth > 0) return false;
    int table = kind_at(p, n->first + 1) == TK_DOT ? n->first + 2 : n->first;
    *out = (struct shape_source){.node = n, .indexed = n->indexed};
    out->table = sql_ast_text(&p->ast, table);
    out->name = n->at > 0 ? sql_ast_text(&p->ast, n->at) : out->table;
    out->name_last = n->at > 0 ? n->at : table;
    return out->table != NULL && out->name != NULL;
}

/* The table in FROM that the column is of. */
static const char *find_source(struct shape *s, struct nearest_span name)
{
    struct sql_plan *p = s->plan;
    bool found = false;
    const char *of = name.last > name.first ? sql_ast_text(&p->ast, name.last - 2) : NULL;
    for (const struct sql_node *n = p->ast.nodes; n != NULL; n = n->next) {
        struct shape_source source;
        if (n->kind != NODE_SOURCE || n->first <= s->from.first || n->last > s->from.last ||
            !read_source(s, n, &source))
            continue;
        if (sqlite3_stricmp(of != NULL ? source.name : source.table, of != NULL ? of : s->table))
            continue;
        if (found) return "its table stands in FROM more than once: write whose column it is";
        found = true;
        s->source = source;
    }
    if (!found || sqlite3_stricmp(s->source.table, s->table) != 0)
        return "the vector is not a column of a table named in FROM";
    for (const struct sql_node *n = p->ast.nodes; n != NULL; n = n->next) {
        const char *cte = n->kind == NODE_CTE ? sql_ast_text(&p->ast, n->first) : NULL;
        if (cte != NULL && sqlite3_stricmp(cte, s->source.table) == 0)
            return "the vector is a column of a common table expression";
    }
    return NULL;
}

/* RIGHT and FULL may leave any table's row out; LEFT the one behind it. */
static const char *check_joins(const struct shape *s)
{
    const struct sql_plan *p = s->plan;
    for (int i = s->from.first; i <= s->from.last; i++)
        if (kind_at(p, i) == TK_JOIN_KW && (spells(p, i, "RIGHT") || spells(p, i, "FULL")))
            return "a RIGHT or FULL JOIN stands in FROM";
    int i = s->source.node->first - 1;
    if (kind_at(p, i) != TK_JOIN) return NULL;
    for (i--; kind_at(p, i) == TK_JOIN_KW; i--)
        if (spells(p, i, "LEFT")) return "the vector's table stands behind a LEFT JOIN";
    return NULL;
}

/* --- the query vector ------------------------------------------------------------------------- */

/* A name in double quotes is a string to SQLite where no column has it, so alone it may mean
 * something else. */
static bool has_double_quotes(const struct shape *s, struct nearest_span span)
{
    for (int i = span.first; i <= span.last; i++)
        if (kind_at(s->plan, i) == TK_ID &&
            s->plan->scan.text[s->plan->scan.tokens[i].start] == '"')
            return true;
    return false;
}

/* Does one of the names in it mean a column of this FROM? */
static bool has_own_name(const struct shape *s, struct nearest_span q)
{
    const struct sql_plan *p = s->plan;
    for (int i = q.first; i <= q.last; i++) {
        if (kind_at(p, i) != TK_ID) continue;
        struct nearest_span name = {i, i};
        while (name.last + 2 <= q.last && kind_at(p, name.last + 1) == TK_DOT) name.last += 2;
        i = name.last;
        if (kind_at(p, i + 1) != TK_LP && knows(s, name, true)) return true;
    }
    return false;
}

static const char *check_query(const struct shape *s, struct nearest_span q)
{
    static const char OWN[] = "no side of the distance is the same for all rows";
    if (q.first > q.last || has_double_quotes(s, q)) return OWN;
    if (knows(s, q, false)) return NULL;
    return !s->nested || knows(s, q, true) || has_own_name(s, q) ? OWN : NULL;
}

/* Which side is the column, which the query? */
static const char *choose_sides(struct shape *s)
{
    const char *why = "no side of the distance is a column of a table";
    for (int i = 0; i < 2; i++) {
        struct nearest_span column = without_brackets(s->plan, s->sides[i]);
        if (!trace_origin(s, column)) continue;
        s->query = s->sides[1 - i];
        why = check_query(s, s->query);
        if (why == NULL) why = find_source(s, column);
        if (why == NULL) return NULL;
    }
    return why;
}

/* --- everything else -------------------------------------------------------------------------- */

static const char *check_clauses(const struct shape *s)
{
    const struct sql_plan *p = s->plan;
    const struct sql_clauses *c = &s->select->clauses;
    int before = kind_at(p, s->select->first - 1), behind = kind_at(p, s->select->last + 1);
    if (p->ast.body_of != NULL) return "it stands in the body of a view or trigger";
    bool offset = kind_at(p, c->limit) == TK_OFFSET_FIRST &&
        shape_find(p, TK_LIMIT, c->limit, s->select->last) > s->select->last;
    if (c->limit == 0 || offset) return "it has no LIMIT";
    if (c->limit_by > 0) return "it has LIMIT BY";
    if (kind_at(p, s->select->first + 1) == TK_DISTINCT) return "it has DISTINCT";
    if (c->group > 0 || c->having > 0) return "it has GROUP BY";
    if (c->window > 0) return "it has a window";
    if (before == TK_UNION || before == TK_EXCEPT || before == TK_INTERSECT ||
        (before == TK_ALL && kind_at(p, s->select->first - 2) == TK_UNION) || behind == TK_UNION ||
        behind == TK_EXCEPT || behind == TK_INTERSECT)
        return "it is part of a compound";
    if (s->nulls_first) return "NULLs shall come first";
    if (s->descending != s->distance->larger_is_nearer) return "the farthest shall come first";
    return NULL;
}

static const char *check_call(const struct shape *s, int token, bool result)
{
    static const char FLAGS[] =
        "SELECT count(*) > 0 AND max(flags & 2048) = 0 FROM pragma_function_list"
        " WHERE name = lower(?1)";
    static const char AGGREGATES[] =
        "SELECT count(*) FROM pragma_function_list WHERE name = lower(?1) AND type <> 's'";
    static const char MODULES[] = "SELECT count(*) FROM pragma_module_list WHERE name = lower(?1)"
                                  " AND name NOT IN ('json_each', 'json_tree')";
    const struct sql_plan *p = s->plan;
    struct sql_token t = p->scan.tokens[token];
    if (sql_distance_find(p->scan.text, t) != NULL || spells(p, token, "embed_image")) return NULL;
    const char *name = sql_ast_text(&s->plan->ast, token);
    if (name == NULL) return "memory is out";
    bool two = spells(p, token, "min") || spells(p, token, "max");
    if (result && two) {
        int close = shape_find(p, TK_RP, token + 2, s->select->last);
        if (shape_find(p, TK_COMMA, token + 2, close - 1) < close) return NULL;
    }
    if (result) return ask(s, AGGREGATES, name) ? "it has an aggregate" : NULL;
    if (ask(s, FLAGS, name)) return "a function in it may give another answer each time";
    return ask(s, MODULES, name) ? "a table function stands in it" : NULL;
}

/* Calls in a part of the SELECT. result: of its result columns, where queries in brackets have
 * aggregates of their own. */
static const char *check_calls(const struct shape *s, struct nearest_span span, bool result)
{
    const struct sql_plan *p = s->plan;
    for (int i = span.first; result && i <= span.last; i++)
        if (kind_at(p, i) == TK_OVER || kind_at(p, i) == TK_FILTER) return "it has a window";
    for (int i = span.first; i <= span.last; i++) {
        int kind = kind_at(p, i);
        if (result && kind == TK_LP &&
            (kind_at(p, i + 1) == TK_SELECT || kind_at(p, i + 1) == TK_WITH))
            i = shape_find(p, TK_RP, i + 1, span.last);
        if (kind != TK_ID || kind_at(p, i + 1) != TK_LP) continue;
        const char *why = check_call(s, i, result);
        if (why != NULL) return why;
    }
    return NULL;
}

static const char *check_inside(const struct shape *s)
{
    static const char NAMED[] =
        "SELECT count(*) FROM pragma_table_xinfo(?1) WHERE lower(name) = '_rowid_'";
    for (const struct sql_node *n = s->plan->ast.nodes; n != NULL; n = n->next)
        if (n->kind == NODE_STEP && n->first > s->select->first && n->last <= s->select->last)
            return "a statement of ours stands in it";
    const struct sql_clauses *c = &s->ordered->clauses;
    struct nearest_span order = {c->order, c->limit - 1};
    struct nearest_span body = {s->from.first, s->where.last > 0 ? s->where.last : s->from.last};
    const char *why = check_calls(s, s->columns, true);
    if (why == NULL) why = check_calls(s, order, true);
    if (why == NULL) why = check_calls(s, body, false);
    if (why == NULL) why = check_calls(s, s->query, false);
    if (why == NULL && s->nested && has_double_quotes(s, body))
        why = "a name in it stands in double quotes";
    if (why == NULL && ask(s, NAMED, s->table)) why = "a column of it is called _rowid_";
    return why;
}

static bool is_rowid(struct sql_plan *p, int token)
{
    static const char *const NAMES[] = {"rowid", "_rowid_", "oid"};
    int kind = kind_at(p, token);
    const char *name = kind == TK_ID || kind == TK_STRING ? sql_ast_text(&p->ast, token) : NULL;
    for (size_t i = 0; name != NULL && i < sizeof NAMES / sizeof NAMES[0]; i++)
        if (sqlite3_stricmp(name, NAMES[i]) == 0) return true;
    return false;
}

static void read_parts(struct shape *s)
{
    const struct sql_node *select = s->select;
    int where = select->clauses.where, depth = 0;
    s->columns = columns_of(s->plan, select);
    s->from = (struct nearest_span){select->inner->first, select->inner->last};
    s->where = where > 0 ? (struct nearest_span){where + 1, clause_end(select, where)}
                         : (struct nearest_span){0, -1};
    for (int i = 0; i < select->first; i++)
        depth += (kind_at(s->plan, i) == TK_LP) - (kind_at(s->plan, i) == TK_RP);
    s->nested = depth > 0;
    for (int i = select->first; i <= select->last; i++)
        s->names_rowid = s->names_rowid || is_rowid(s->plan, i);
}

static bool is_filtered(const struct shape *s)
{
    return s->where.last > 0 || s->source.node->first != s->from.first + 1 ||
        s->source.node->last != s->from.last;
}

enum status shape_read(struct shape *s, const char **why, struct err *e)
{
    (void)e;
    *why = check_clauses(s);
    if (*why != NULL) return ST_OK;
    read_parts(s);
    *why = choose_sides(s);
    if (*why == NULL) *why = check_joins(s);
    if (*why == NULL) *why = check_inside(s);
    if (*why == NULL) s->filtered = is_filtered(s);
    return ST_OK;
}

/* --- SEARCH ----------------------------------------------------------------------------------- */

/* The SELECT that reads just this step. */
static const struct sql_node *reader_of(const struct sql_plan *p, const struct sql_node *step)
{
    for (const struct sql_node *n = p->ast.nodes; n != NULL; n = n->next) {
        if (n->kind != NODE_SELECT || n->inner == NULL) continue;
        const struct sql_node *table = p->ast.heads[n->inner->first + 1];
        while (table != NULL && !(table->kind == NODE_TABLE_STEP && table->inner == step))
            table = table->same;
        int i = table != NULL ? table->last + 1 : 0;
        while (table != NULL && i <= n->inner->last &&
            (kind_at(p, i) == TK_AS || kind_at(p, i) == TK_ID))
            i++;
        if (table != NULL && i > n->inner->last) return n;
    }
    return NULL;
}

/* The number of the input whose score ORDER BY begins with, from 0; -1: none. */
static int ordered_by(const struct sql_step *search, const struct sql_node *select)
{
    struct sql_plan *p = search->plan;
    int first = select->clauses.order + 2;
    int last = shape_find(p, TK_COMMA, first, clause_end(select, select->clauses.order)) - 1;
    if (kind_at(p, last) != TK_DESC) return -1;
    struct nearest_span term = {first, last - 1}, result = result_of(p, select, term);
    if (result.first <= result.last) term = result;
    if (!is_name(p, term)) return -1;
    const char *name = sql_ast_text(&p->ast, term.last);
    for (int i = 0; name != NULL && i < search->column_count; i++)
        if (search->columns[i].computed >= 0 && sqlite3_stricmp(search->columns[i].name, name) == 0)
            return search->columns[i].computed;
    return -1;
}

static const struct sql_node *query_of(const struct sql_step *search)
{
    const struct sql_node *node = search->node, *n;
    n = node->inner == NULL ? search->plan->ast.heads[node->query_first] : NULL;
    while (n != NULL && !(n->kind == NODE_SELECT && n->last == node->query_last)) n = n->same;
    return n;
}

/* q: every row of FROM that passes WHERE is a row of it. */
static bool is_plain_query(const struct sql_plan *p, const struct sql_node *q)
{
    if (q == NULL || q->inner == NULL || kind_at(p, q->first + 1) == TK_DISTINCT) return false;
    const struct sql_clauses *c = &q->clauses;
    return c->group == 0 && c->having == 0 && c->window == 0 && c->order == 0 && c->limit == 0;
}

static bool take_origin(struct shape *s, const struct sql_step *search)
{
    const char *table = sqlite3_column_table_name(search->rows, search->vector_column);
    const char *column = sqlite3_column_origin_name(search->rows, search->vector_column);
    const char *schema = sqlite3_column_database_name(search->rows, search->vector_column);
    if (table == NULL || column == NULL || schema == NULL) return false;
    s->table = arena_printf(&s->plan->arena, "%s", table);
    s->column = arena_printf(&s->plan->arena, "%s", column);
    s->schema = arena_printf(&s->plan->arena, "%s", schema);
    return s->table != NULL && s->column != NULL && s->schema != NULL;
}

/* The SELECT whose order and LIMIT count. */
static bool read_reader(const struct sql_step *search, struct shape *out)
{
    struct sql_plan *p = search->plan;
    const struct sql_node *reader = reader_of(p, search->node);
    if (reader == NULL || reader->clauses.order == 0 || reader->clauses.where > 0) return false;
    *out = (struct shape){.plan = p,
        .select = reader,
        .ordered = reader,
        .distance = sql_distance_of(METRIC_COSINE),
        .columns = columns_of(p, reader)};
    if (check_clauses(out) != NULL || check_calls(out, out->columns, true) != NULL) return false;
    out->input = ordered_by(search, reader);
    return out->input >= 0;
}

bool shape_read_search(const struct sql_step *search, struct shape *out)
{
    const struct sql_node *q = query_of(search);
    if (search->vector_column < 0 || !is_plain_query(search->plan, q)) return false;
    /* The order is checked where it stands; everything else is q's. */
    if (search->top_k > 0 && search->input_count == 1)
        *out = (struct shape){.plan = search->plan,
            .ordered = q,
            .distance = sql_distance_of(METRIC_COSINE),
            .top_k = search->top_k};
    else if (!read_reader(search, out))
        return false;
    out->select = q;
    out->query = out->sides[0] = (struct nearest_span){0, -1};
    read_parts(out);
    out->nested = true;
    if (!take_origin(out, search) || find_source(out, (struct nearest_span){0, 0}) != NULL)
        return false;
    if (check_joins(out) != NULL || check_inside(out) != NULL) return false;
    out->filtered = is_filtered(out);
    return true;
}
