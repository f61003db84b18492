/* nearest.c - which SELECTs become a nearest-neighbour step.
 *
 * The grammar gives where clauses begin; the rest is told from tokens, and what names mean from
 * SQLite: an expression is prepared alone and over the same FROM, and SQLite says whether it knows
 * it and of which table and column it is. Whatever can't be shown to be a step's stays as it is and
 * runs over rows: the same answer, and a note says why.
 */
#include "sql/nearest/nearest.h"

#include <string.h>

#include "base/mem.h"
#include "sql/nearest/nearest_shape.h"
#include "sql/plan/plan.h"
#include "sql/statement/statement.h"

/* --- what is written into the text ------------------------------------------------------------ */

static bool add(struct sql_plan *p, int token, struct sql_insert what)
{
    struct sql_insert *i = arena_alloc(&p->arena, sizeof *i), **at = &p->inserts[token];
    if (i == NULL) return false;
    *i = what;
    while (*at != NULL) at = &(*at)->next;
    *at = i;
    return true;
}

static bool insert(struct sql_plan *p, int token, const struct sql_step *of, const char *words)
{
    return words != NULL && add(p, token, (struct sql_insert){.of = of, .words = words});
}

static bool insert_part(
    struct sql_plan *p, int token, const struct sql_step *of, enum nearest_part part)
{
    return add(p, token, (struct sql_insert){.of = of, .part = (int)part});
}

static enum status note(struct sql_plan *p, int token, const char *why, struct err *e)
{
    struct sql_note *n = arena_alloc(&p->arena, sizeof *n);
    if (n == NULL) return mem_err(e, sizeof *n);
    *n = (struct sql_note){.token = token, .why = why};
    if (p->notes_last != NULL)
        p->notes_last->next = n;
    else
        p->notes = n;
    p->notes_last = n;
    return ST_OK;
}

static bool insert_step(struct sql_plan *p, const struct nearest *n, const struct shape_source *s)
{
    bool right = s->indexed || insert(p, s->name_last, n->step, " NOT INDEXED");
    if (n->joined) right = right && insert_part(p, n->from.first, n->step, NEAREST_TABLE);
    if (n->where.last < n->where.first)
        return right && insert(p, n->from.last, n->step, " WHERE") &&
            insert_part(p, n->from.last, n->step, NEAREST_CONDITION);
    return right && insert_part(p, n->where.first - 1, n->step, NEAREST_CONDITION) &&
        insert(p, n->where.first - 1, n->step, " AND (") && insert(p, n->where.last, n->step, ")");
}

/* The order takes the distance from the step, where the step's is the very number. */
static bool insert_order(struct sql_plan *p, const struct nearest *n, const struct shape *s)
{
    bool same = !n->distance->finer && !n->distance->larger_is_nearer;
    if (!n->joined || !same || s->term.last < s->term.first) return true;
    if (n->ordered) {
        struct sql_insert of = {.of = n->step, .until = s->term.last};
        of.words = arena_printf(&p->arena, " %s.fovea_distance", n->step->module);
        return of.words != NULL && add(p, s->term.first - 1, of);
    }
    const char *words = arena_printf(&p->arena, " coalesce(%s.fovea_distance,", n->step->module);
    return insert(p, s->term.first - 1, n->step, words) && insert(p, s->term.last, n->step, ")");
}

enum status emit_nearest(struct emit *m, const struct sql_step *s, int part)
{
    const struct nearest *n = s->nearest;
    int source = m->plan->scan.tokens[n->from.first].start;
    enum status st = ST_OK;
    if (part == NEAREST_TABLE) {
        rewrite_add(m->out, source, " ");
        st = emit_call(m, s);
        rewrite_add(m->out, source, " CROSS JOIN");
    } else if (n->joined) {
        rewrite_add(m->out, source, " %s = %s.fovea_rowid", n->row, s->module);
    } else {
        rewrite_add(m->out, source, " %s IN (SELECT fovea_rowid FROM ", n->row);
        st = emit_call(m, s);
        rewrite_add(m->out, source, ")");
    }
    return st;
}

static void emit_text(struct emit *m, int source, const char *text)
{
    char *quoted = sqlite3_mprintf("%Q", text);
    if (quoted == NULL)
        m->out->sql.failed = true;
    else
        rewrite_add(m->out, source, "%s", quoted);
    sqlite3_free(quoted);
}

/* The input of a SEARCH as the vector that it is embedded to. */
static enum status emit_input(struct emit *m, const struct nearest *n)
{
    const struct sql_literal *v = n->search->inputs;
    for (int i = 0; i < n->input; i++) v = v->next;
    int source = m->plan->scan.tokens[v->first].start;
    bool pictures = n->search->inputs_are_pictures, parameter = v->kind == LITERAL_PARAMETER;
    enum status st = ST_OK;
    if (parameter && !pictures) { /* it may be a vector */
        rewrite_add(m->out, source, "CASE typeof(");
        st = emit_part(m, v->first, v->first);
        rewrite_add(m->out, source, ") WHEN 'blob' THEN ");
        if (st == ST_OK) st = emit_part(m, v->first, v->first);
        rewrite_add(m->out, source, " ELSE ");
    }
    rewrite_add(m->out, source, pictures ? "embed_image(" : "embed_text(");
    emit_text(m, source, n->search->node->parts.model->text);
    rewrite_add(m->out, source, ", ");
    if (parameter && st == ST_OK)
        st = emit_part(m, v->first, v->first);
    else if (st == ST_OK)
        emit_text(m, source, v->text);
    rewrite_add(m->out, source, parameter && !pictures ? ") END" : ")");
    return st;
}

enum status emit_nearest_arg(struct emit *m, const struct sql_step *s, int arg)
{
    struct nearest_span a = s->nearest->args[arg];
    int source = m->plan->scan.tokens[s->nearest->from.first].start;
    if (arg == NEAREST_ARG_QUERY && s->nearest->search != NULL) return emit_input(m, s->nearest);
    if (a.last >= a.first) return emit_part(m, a.first, a.last);
    rewrite_add(m->out, source, "%d", arg == NEAREST_ARG_LIMIT ? s->nearest->top_k : 0);
    return ST_OK;
}

/* --- the step's own statements ---------------------------------------------------------------- */

/* With aliases the result columns go along, so that WHERE finds their names. */
static enum status write_statement(
    const struct nearest *n, enum nearest_query which, struct emit *m)
{
    const struct sql_plan *p = m->plan;
    int skip, source = p->scan.tokens[n->from.first].start;
    bool probe = which == NEAREST_PROBE, has_where = n->where.first <= n->where.last;
    enum status st = emit_outer_ctes(m, n->select->first, n->select->last, &skip);
    if (n->aliases && !probe)
        rewrite_add(
            m->out, source, "SELECT fovea_r%s FROM (", which == NEAREST_RANK ? ", fovea_d" : "");
    rewrite_add(m->out, source, "SELECT %s AS fovea_r", n->row);
    if (which == NEAREST_RANK)
        rewrite_add(m->out, source, ", %s(%s, ?1) AS fovea_d",
            sql_distance_of(n->distance->metric)->name, n->vector);
    if (n->aliases) {
        rewrite_add(m->out, source, ", ");
        if (st == ST_OK) st = emit_tokens(m, n->columns.first, n->columns.last);
    }
    rewrite_add(m->out, source, " ");
    if (st == ST_OK) st = emit_tokens(m, n->from.first, n->from.last);
    if (probe || has_where) rewrite_add(m->out, source, " WHERE ");
    if (probe) rewrite_add(m->out, source, "%s = ?2%s", n->row, has_where ? " AND (" : "");
    if (st == ST_OK && has_where) st = emit_tokens(m, n->where.first, n->where.last);
    if (probe) rewrite_add(m->out, source, "%s LIMIT 1", has_where ? ")" : "");
    if (n->aliases && !probe) rewrite_add(m->out, source, ")");
    return st;
}

/* Writes one and prepares it; keeps the text. */
static enum status prepare_one(
    struct nearest *n, enum nearest_query which, struct rewrite *r, struct err *e)
{
    struct sql_plan *p = n->step->plan;
    struct emit m = {.plan = p, .step = n->step, .out = r, .e = e};
    enum status st = write_statement(n, which, &m);
    if (st == ST_OK) st = buf_check(&r->sql, e);
    if (st != ST_OK) return st;
    int rc = sqlite3_prepare_v3(
        p->session->db, r->sql.data, -1, SQLITE_PREPARE_PERSISTENT, &n->stmt[which], NULL);
    if (rc != SQLITE_OK) return sql_word(p->session, rc, e);
    n->text[which] = arena_strndup(&p->arena, r->sql.data, r->sql.bytes);
    return n->text[which] != NULL ? ST_OK : mem_err(e, r->sql.bytes);
}

/* The statement that lists is prepared until SQLite knows every name in it: by themselves, then
 * with the result columns' names, then with names from the queries around it. */
static enum status prepare_list(struct nearest *n, struct err *e)
{
    enum status st;
    bool again, tried = false;
    do {
        struct rewrite r;
        rewrite_init(&r);
        *e = ERR_INIT;
        st = prepare_one(n, NEAREST_LIST, &r, e);
        bool unknown = st != ST_OK && strncmp(e->text, "no such column: ", 16) == 0;
        again = unknown && !tried;
        if (unknown && !again) {
            n->aliases = false;
            again = n->correlated && plan_capture(n->step, &r, e);
        } else if (again) {
            n->aliases = tried = true;
        }
        rewrite_deinit(&r);
    } while (again);
    return st;
}

static enum status prepare_all(struct nearest *n, struct err *e)
{
    enum status st = prepare_list(n, e);
    for (int i = NEAREST_LIST + 1; st == ST_OK && i < NEAREST_QUERIES; i++) {
        struct rewrite r;
        rewrite_init(&r);
        st = prepare_one(n, (enum nearest_query)i, &r, e);
        rewrite_deinit(&r);
    }
    return st;
}

/* --- building --------------------------------------------------------------------------------- */

static char *quoted(struct sql_plan *p, const char *prefix, const char *name)
{
    struct buf b;
    buf_init(&b);
    if (prefix != NULL) {
        sql_add_name(&b, prefix);
        buf_add_char(&b, '.');
    }
    sql_add_name(&b, name);
    char *out = b.failed ? NULL : arena_strndup(&p->arena, b.data, b.bytes);
    buf_deinit(&b);
    return out;
}

static bool take_names(struct nearest *n, const struct shape *shape)
{
    struct sql_plan *p = n->step->plan;
    n->row = quoted(p, shape->source.name, "_rowid_");
    n->vector = quoted(p, shape->source.name, shape->column);
    n->schema = arena_printf(&p->arena, "%s", shape->schema);
    n->table = arena_printf(&p->arena, "%s", shape->table);
    n->column = arena_printf(&p->arena, "%s", shape->column);
    return n->row != NULL && n->vector != NULL && n->schema != NULL && n->table != NULL &&
        n->column != NULL;
}

static void take_limit(struct nearest *n, const struct shape *shape)
{
    const struct sql_node *select = shape->ordered;
    struct nearest_span *limit = &n->args[NEAREST_ARG_LIMIT], *offset = limit + 1;
    n->top_k = shape->top_k;
    *limit = *offset = (struct nearest_span){0, -1};
    if (n->top_k > 0) return;
    int first = select->clauses.limit + 1, last = select->last;
    int behind = shape_find(shape->plan, TK_LIMIT, first, last);
    if (shape->plan->scan.tokens[first - 1].kind == TK_OFFSET_FIRST) { /* OFFSET m [LIMIT n] */
        *limit = (struct nearest_span){behind + 1, last};
        *offset = (struct nearest_span){first, behind - 1};
        return;
    }
    int word = shape_find(shape->plan, TK_OFFSET, first, last);
    int comma = shape_find(shape->plan, TK_COMMA, first, last);
    *limit = (struct nearest_span){comma <= last ? comma + 1 : first, word - 1};
    *offset = word <= last ? (struct nearest_span){word + 1, last}
        : comma <= last    ? (struct nearest_span){first, comma - 1}
                           : (struct nearest_span){0, -1};
}

static bool add_columns(struct sql_step *s)
{
    static const char *const COLUMNS[][2] = {
        {"fovea_rowid", "INTEGER"}, {"fovea_detail", "TEXT"}, {"fovea_distance", "REAL"}};
    for (size_t i = 0; i < sizeof COLUMNS / sizeof COLUMNS[0]; i++)
        if (step_column_add(s, COLUMNS[i][0], COLUMNS[i][1]) == NULL) return false;
    return true;
}

/* SQLite tells a step which of its first 63 columns are asked for. */
static bool may_join(const struct nearest *n, const struct shape *s)
{
    enum { ARGS_MAX = 32 };
    bool alone = s->source.node->first == s->from.first + 1 && s->source.node->last == s->from.last;
    return s->search == NULL && alone && !s->names_rowid && n->step->arg_count <= ARGS_MAX;
}

static struct nearest *nearest_open(struct sql_plan *p, const struct shape *shape)
{
    struct sql_step *s = arena_alloc(&p->arena, sizeof *s);
    struct nearest *n = arena_alloc(&p->arena, sizeof *n);
    if (s == NULL || n == NULL) return NULL;
    *s = (struct sql_step){.plan = p,
        .session = p->session,
        .node = shape->select,
        .statement = &statement_nearest,
        .picture_column = -1,
        .vector_column = -1,
        .rowid_column = -1,
        .nearest = n};
    for (int i = 0; i < NEAREST_ARGS; i++) s->args[s->arg_count++].parameter = -1 - i;
    *n = (struct nearest){.step = s,
        .select = shape->select,
        .distance = shape->distance,
        .from = shape->from,
        .where = shape->where,
        .columns = shape->columns,
        .filtered = shape->filtered,
        .cut = shape->alone && !shape->distance->finer,
        .input = shape->input,
        .correlated = shape->nested};
    n->args[NEAREST_ARG_QUERY] = shape->query;
    take_limit(n, shape);
    return add_columns(s) && take_names(n, shape) ? n : NULL;
}

/* *why: what stands against it. */
static enum status build(
    struct sql_plan *p, const struct shape *shape, const char **why, struct err *e)
{
    struct err own = ERR_INIT;
    struct nearest *n = nearest_open(p, shape);
    if (n == NULL) return mem_err(e, sizeof *n);
    n->search = shape->search;
    if (prepare_all(n, &own) != ST_OK) {
        nearest_finalize(n);
        *why = arena_printf(&p->arena, "its FROM and WHERE can't be run alone (%s)", own.text);
        return *why != NULL && own.code != ST_NO_MEMORY ? ST_OK : mem_err(e, 0);
    }
    n->joined = n->step->args_first = may_join(n, shape);
    n->ordered = n->joined && shape->alone && shape->term.first <= shape->term.last &&
        n->distance == sql_distance_of(n->distance->metric);
    n->step->next_of_plan = p->steps;
    p->steps = n->step;
    enum status st = step_register(n->step, e);
    if (st != ST_OK) return st;
    bool written = insert_step(p, n, &shape->source) && insert_order(p, n, shape);
    return written ? ST_OK : mem_err(e, 0);
}

static enum status consider(struct sql_plan *p, struct sql_node *select, struct err *e)
{
    struct shape shape;
    const char *why = NULL;
    if (!shape_read_order(p, select, &shape)) return ST_OK;
    select->at = select->clauses.order;
    enum status st = shape_read(&shape, &why, e);
    if (st == ST_OK && why == NULL) st = build(p, &shape, &why, e);
    bool said = shape.descending || shape.nulls_first || shape.nulls_last;
    if (st == ST_OK && !said && !insert(p, shape.order_last, NULL, " NULLS LAST"))
        return mem_err(e, 0);
    return st == ST_OK && why != NULL ? note(p, select->clauses.order, why, e) : st;
}

enum status plan_nearest_search(struct sql_step *search, bool *made, struct err *e)
{
    struct sql_plan *p = search->plan;
    struct shape shape;
    const char *why = NULL;
    *made = false;
    if (p->rows_only || !shape_read_search(search, &shape)) return ST_OK;
    shape.search = search;
    if (p->inserts == NULL)
        p->inserts = arena_array(&p->arena, (size_t)p->scan.count + 1, sizeof *p->inserts);
    if (p->inserts == NULL) return mem_err(e, 0);
    enum status st = build(p, &shape, &why, e);
    *made = st == ST_OK && why == NULL;
    return st;
}

enum status plan_nearest(struct sql_plan *p, struct err *e)
{
    enum status st = ST_OK;
    if ((p->scan.holds & (HOLDS_OPERATOR | HOLDS_DISTANCE)) == 0) return ST_OK;
    if (p->inserts == NULL)
        p->inserts = arena_array(&p->arena, (size_t)p->scan.count + 1, sizeof *p->inserts);
    if (p->inserts == NULL) return mem_err(e, 0);
    for (struct sql_node *n = p->ast.nodes; st == ST_OK && n != NULL; n = n->next)
        if (n->kind == NODE_SELECT && n->inner != NULL && n->clauses.order > 0)
            st = consider(p, n, e);
    return st;
}
