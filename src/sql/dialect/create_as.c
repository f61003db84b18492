/* create_as.c - CREATE TABLE … AS SELECT with vectors, and with ClickHouse's ENGINE.
 *
 *   CREATE [OR REPLACE] [TEMP] TABLE [IF NOT EXISTS] t AS SELECT …
 *   CREATE … TABLE t ENGINE = MergeTree ORDER BY x AS SELECT …
 *   CREATE … TABLE t (name type, …) [ENGINE = …] AS SELECT …        by position, as INSERT
 *
 * SQLite keeps of a column's type no more than its affinity: a vector would be any BLOB, without a
 * length and unknown to the search. So a table whose SELECT gives a vector is made by us: its
 * columns are found by planning the SELECT, types are those of the columns they come from, vectors
 * are declared with their length and model, and INSERT … SELECT fills it in the same transaction.
 * Any other is SQLite's own, and so is one with parameters, whose values aren't known here. What OR
 * REPLACE replaces is read before it goes.
 *
 * A result column is a vector when SQLite traces it to one, in a table, a file or a step, or when
 * its expression is known to give one (vectors.h).
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "sql/dialect/create_table.h"
#include "sql/dialect/vectors.h"
#include "sql/plan/plan.h"

struct sql_scan create_whole(const struct sql_scan *scan)
{
    struct sql_scan whole = *scan;
    while (whole.tokens[whole.count].kind != LEX_END) whole.count++;
    return whole;
}

/* --- the SELECT ------------------------------------------------------------------------------- */

struct select {
    char *text;
    struct sql_plan *plan;
};

static void select_close(struct select *q)
{
    sql_plan_close(q->plan);
    mem_free(q->text);
}

static enum status select_open(struct sql_session *s, const struct sql_scan *scan, int first,
    struct select *out, struct err *e)
{
    struct arena arena;
    struct sql_scan own;
    int start = scan->tokens[first].start, end = scan->tokens[scan->count - 1].end;
    *out = (struct select){.text = mem_strndup(scan->text + start, (size_t)(end - start))};
    if (out->text == NULL) return mem_err(e, (size_t)(end - start));
    arena_init(&arena, 0);
    enum status st = sql_scan_next(out->text, (size_t)(end - start), &arena, &own, e);
    if (st == ST_OK) st = sql_plan_open(s, &own, &arena, &out->plan, e);
    arena_deinit(&arena);
    if (st != ST_OK && e != NULL && e->offset >= 0) err_place(e, scan->text, start + e->offset);
    if (st != ST_OK) mem_free(out->text);
    return st;
}

/* The first parameter without a type, whose value nobody gives; -1: there is none. */
static int find_parameter(const struct sql_scan *scan, int first)
{
    for (int i = first; i < scan->count; i++)
        if (scan->tokens[i].kind == TK_VARIABLE && scan->text[scan->tokens[i].start] != '{')
            return i;
    return -1;
}

static bool begins_select(const struct sql_scan *scan, int at)
{
    int kind = at < scan->count ? scan->tokens[at].kind : LEX_END;
    return kind == TK_SELECT || kind == TK_WITH || kind == TK_WITH_EXPR || kind == TK_VALUES ||
        kind == TK_LP;
}

/* --- result columns that are expressions ------------------------------------------------------ */

struct piece {
    int first, last; /* of the whole piece between commas */
    bool star;
};

struct pieces {
    struct sql_plan *plan;
    int at, end; /* what is left of the list */
};

static int kind_at(const struct sql_plan *p, int i)
{
    return p->scan.tokens[i].kind;
}

/* The list behind the first SELECT outside of brackets. */
static bool pieces_begin(struct sql_plan *p, struct pieces *out)
{
    static const int ENDS[] = {TK_FROM, TK_WHERE, TK_GROUP, TK_HAVING, TK_WINDOW, TK_ORDER,
        TK_LIMIT, TK_UNION, TK_EXCEPT, TK_INTERSECT};
    *out = (struct pieces){.plan = p};
    for (int i = 0, depth = 0; i < p->scan.count; i++) {
        int kind = kind_at(p, i);
        if (depth == 0 && kind == TK_SELECT && out->at == 0) {
            out->at = i + 1;
            out->end = p->scan.count;
        }
        for (size_t k = 0; k < sizeof ENDS / sizeof ENDS[0] && out->at > 0 && depth == 0; k++)
            if (kind == ENDS[k] && out->end > i) out->end = i;
        depth += (kind == TK_LP || kind == TK_LB) - (kind == TK_RP || kind == TK_RB);
    }
    int word = out->at > 0 ? kind_at(p, out->at) : LEX_END;
    if (word == TK_DISTINCT && kind_at(p, out->at + 1) == TK_ON) return false;
    if (word == TK_DISTINCT || word == TK_ALL) out->at++;
    return out->at > 0;
}

static bool pieces_next(struct pieces *s, struct piece *out)
{
    int depth = 0, i = s->at;
    if (i >= s->end) return false;
    for (; i < s->end; i++) {
        int kind = kind_at(s->plan, i);
        if (depth == 0 && kind == TK_COMMA) break;
        depth += (kind == TK_LP || kind == TK_LB) - (kind == TK_RP || kind == TK_RB);
    }
    *out = (struct piece){s->at, i - 1, false};
    int before = out->last > out->first ? kind_at(s->plan, out->last - 1) : TK_DOT;
    out->star = kind_at(s->plan, out->last) == TK_STAR && before == TK_DOT;
    s->at = i + 1;
    return true;
}

/* The tokens of the expression that column i of n is; false: a star gives it, or it isn't known. */
static bool find_expression(struct sql_plan *p, int i, int n, struct piece *out)
{
    struct pieces s;
    struct piece x;
    int count = 0, first_star = -1, last_star = -1;
    if (!pieces_begin(p, &s)) return false;
    for (struct pieces all = s; pieces_next(&all, &x); count++) {
        if (x.star) last_star = count;
        if (x.star && first_star < 0) first_star = count;
    }
    int wanted = first_star < 0 || i < first_star ? i
        : n - i < count - last_star               ? count - (n - i)
                                                  : count;
    for (int k = 0; k <= wanted && pieces_next(&s, out);) k++;
    if (wanted >= count) return false;
    struct sql_result_ast r = p->ast.results[out->last];
    if (r.first == 0) return false;
    if (r.alias > 0) out->last = r.alias - 1 - (kind_at(p, r.alias - 1) == TK_AS);
    out->first = r.first - 1;
    for (int at = out->first, depth = 0; at <= out->last; at++) {
        int kind = kind_at(p, at);
        if (depth == 0 && (kind == TK_OVER || kind == TK_FILTER)) out->last = at - 1;
        depth += (kind == TK_LP || kind == TK_LB) - (kind == TK_RP || kind == TK_RB);
    }
    return true;
}

/* Is it a vector, how long, and of which model? */
static enum status trace_expression(
    struct sql_plan *p, int i, struct store_column *out, bool *vector, struct err *e)
{
    struct piece x;
    struct sql_origin origin;
    struct model *m;
    *vector = false;
    if (!find_expression(p, i, sqlite3_column_count(p->stmt), &x)) return ST_OK;
    *vector = dialect_is_vector(p, x.first, x.last);
    enum status st = *vector ? plan_trace(p, x.first, x.last, &origin, e) : ST_OK;
    if (st != ST_OK || !*vector) return st;
    out->dim = origin.dim;
    if (!origin.known) return ST_OK;
    snprintf(out->model, sizeof out->model, "%s", origin.model);
    snprintf(out->fingerprint, sizeof out->fingerprint, "%s", origin.fingerprint);
    st = out->dim == 0 ? sql_model_get(p->session, origin.model, &m, e) : ST_OK;
    if (st == ST_OK && out->dim == 0) out->dim = model_info(m)->dim;
    return st;
}

/* --- columns ---------------------------------------------------------------------------------- */

/* What is known of column i as a vector; *vector false: it is none. */
static enum status trace_vector(
    struct sql_plan *p, int i, struct store_column *out, bool *vector, struct err *e)
{
    int dim;
    enum status st = trace_column(p->session, p->stmt, i, out, e);
    *vector = dialect_type_is_vector(sqlite3_column_decltype(p->stmt, i), &dim) || out->dim > 0;
    if (out->dim == 0) out->dim = dim;
    if (st == ST_OK && !*vector) st = trace_expression(p, i, out, vector, e);
    if (out->metric[0] == '\0') snprintf(out->metric, sizeof out->metric, "cosine");
    return st;
}

static bool has_vectors(struct sql_session *s, const struct sql_scan *scan, int first)
{
    struct select q;
    bool found = false;
    if (find_parameter(scan, first) >= 0 || select_open(s, scan, first, &q, NULL) != ST_OK)
        return false;
    for (int i = 0; i < sqlite3_column_count(q.plan->stmt) && !found; i++) {
        struct store_column c;
        if (trace_vector(q.plan, i, &c, &found, NULL) != ST_OK) found = false;
    }
    select_close(&q);
    return found;
}

bool create_as_is(struct sql_session *s, const struct sql_scan *scan, int at)
{
    struct sql_scan whole = create_whole(scan);
    if (ddl_spells(&whole, at, "ENGINE")) return true;
    if (whole.tokens[at].kind != TK_AS || !begins_select(&whole, at + 1)) return false;
    return ddl_spells(&whole, 1, "OR") || has_vectors(s, &whole, at + 1);
}

/* The name as SQLite gives it to such a table: v, v:1, v:2. */
static const char *choose_name(struct create_table *t, const char *name)
{
    const char *unique = arena_printf(t->arena, "%s", name);
    for (int i = 1; unique != NULL && create_find(t, unique) != NULL; i++)
        unique = arena_printf(t->arena, "%s:%d", name, i);
    return unique;
}

/* A type that a column of another table has, as it can stand in ours. */
static bool is_plain_type(const char *declared)
{
    static const char ALLOWED[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_ (),\"'[]:.";
    return declared != NULL && declared[strspn(declared, ALLOWED)] == '\0' &&
        strstr(declared, "GENERATED") == NULL;
}

static enum status add_column(struct create_table *t, struct sql_plan *p, int i, struct err *e)
{
    struct create_element *x = &t->elements[t->element_count];
    const char *declared = sqlite3_column_decltype(p->stmt, i);
    struct store_column *c = arena_alloc(t->arena, sizeof *c);
    bool vector;
    if (c == NULL) return mem_err(e, sizeof *c);
    enum status st = trace_vector(p, i, c, &vector, e);
    if (st != ST_OK) return st;
    bool quoted = vector && declared != NULL && strncmp(declared, "BLOB \"", 6) == 0;
    const char *type = quoted || (!vector && is_plain_type(declared)) ? declared : "";
    if (vector && !quoted)
        type =
            c->dim > 0 ? arena_printf(t->arena, "BLOB \"vector(%d)\"", c->dim) : "BLOB \"vector\"";
    *x = (struct create_element){.kind = CREATE_COLUMN,
        .name = (char *)(uintptr_t)choose_name(t, sqlite3_column_name(p->stmt, i)),
        .sql_type = type != NULL ? arena_printf(t->arena, "%s", type) : NULL,
        .declared = c,
        .type = {.vector = vector, .dim = c->dim}};
    t->element_count++;
    return x->name != NULL && x->sql_type != NULL ? ST_OK : mem_err(e, 0);
}

enum status create_as_columns(struct create_table *t, struct err *e)
{
    struct select q;
    enum status st = select_open(t->d->session, t->d->scan, t->select_first, &q, e);
    if (st != ST_OK) return st;
    int count = sqlite3_column_count(q.plan->stmt);
    t->elements = arena_array(t->arena, (size_t)count + 1, sizeof *t->elements);
    if (t->elements == NULL) st = mem_err(e, 0);
    for (int i = 0; st == ST_OK && i < count; i++) st = add_column(t, q.plan, i, e);
    select_close(&q);
    return st;
}

/* AS SELECT … at t->d->at, up to the end. */
enum status create_as_read(struct create_table *t, struct err *e)
{
    struct ddl *d = t->d;
    struct select q;
    t->select_first = d->at + 1;
    int parameter = find_parameter(d->scan, t->select_first);
    d->usage = CREATE_AS_USAGE;
    if (!ddl_word(d, "AS") || !begins_select(d->scan, d->at)) return ddl_near(d, e);
    d->at = d->scan->count;
    if (parameter >= 0)
        return ddl_fail(d, parameter,
            err_set(e, ST_UNSUPPORTED,
                "a parameter can't stand in CREATE TABLE ... AS SELECT with columns or an ENGINE"),
            e);
    if (t->elements == NULL) return ST_OK;
    enum status st = select_open(d->session, d->scan, t->select_first, &q, e);
    if (st == ST_OK) select_close(&q);
    return st;
}

/* --- writing ---------------------------------------------------------------------------------- */

void create_as_write(struct create_table *t, struct rewrite *out)
{
    const struct sql_scan *scan = t->d->scan;
    int source = scan->tokens[t->name_first].start, behind = scan->tokens[t->name_last].end;
    rewrite_add(out, scan->tokens[0].start, "CREATE %sTABLE %s", t->temporary ? "TEMP " : "",
        t->if_not_exists ? "IF NOT EXISTS " : "");
    rewrite_add_source(out, scan->text, source, behind);
    for (int i = 0; i < t->element_count; i++) {
        const struct create_element *x = &t->elements[i];
        struct buf column;
        buf_init(&column);
        store_sql(&column, "%s\n  \"%w\"", i > 0 ? "," : "(", x->name);
        if (x->sql_type[0] != '\0') buf_printf(&column, " %s", x->sql_type);
        if (x->type.vector) dialect_vector_check(&column, x->name, x->type.dim);
        if (column.failed)
            out->sql.failed = true;
        else
            rewrite_add(out, source, "%s", column.data);
        buf_deinit(&column);
    }
    rewrite_add(out, source, ")");
}

/* What SHOW CREATE TABLE shows of a table without a list: its columns and the ENGINE. */
void create_as_statement(const struct create_table *t, struct buf *out)
{
    const struct sql_scan *scan = t->d->scan;
    int name = scan->tokens[t->name_first].start, name_end = scan->tokens[t->name_last].end;
    int engine = scan->tokens[t->name_last + 1].start;
    int engine_end = scan->tokens[t->select_first - 2].end;
    buf_printf(out, "CREATE TABLE %.*s\n(", name_end - name, scan->text + name);
    for (int i = 0; i < t->element_count; i++) {
        store_sql(out, "%s\n    \"%w\"", i > 0 ? "," : "", t->elements[i].name);
        if (t->elements[i].sql_type[0] != '\0') buf_add_char(out, ' ');
        dialect_type_text(t->elements[i].sql_type, out);
    }
    buf_printf(out, "\n)\n%.*s", engine_end - engine, scan->text + engine);
}

enum status create_as_run(struct sql_session *s, struct err *e, const char *fmt, ...)
{
    struct sql_stmt *stmt = NULL;
    const char *tail;
    struct buf sql;
    va_list args;
    bool row = true;
    buf_init(&sql);
    va_start(args, fmt);
    store_vsql(&sql, fmt, args);
    va_end(args);
    enum status st = buf_check(&sql, e);
    if (st == ST_OK) st = sql_prepare(s, sql.data, sql.bytes, &stmt, &tail, e);
    while (st == ST_OK && row) st = sql_step(stmt, &row, e);
    sql_finalize(stmt);
    buf_deinit(&sql);
    return st;
}
