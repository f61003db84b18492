/* trace.c - of which model a vector is: told for columns, calls of embed_… and encode_…, and
 * anything between that SQLite itself can trace to a column.
 *
 * Nothing is resolved by us. The expression is put into a SELECT of its own over the same FROM and
 * prepared; SQLite then says of which table and column its result is. What it can't say isn't
 * checked.
 */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "sql/dialect/types.h"
#include "sql/function/udf.h"
#include "sql/nearest/distance.h"
#include "sql/plan/plan.h"
#include "sql/statement/statement.h"

static const struct sql_step *find_step(const struct sql_session *s, const char *module)
{
    const struct sql_step *step = s->step_list;
    while (step != NULL && strcmp(step->module, module) != 0) step = step->next_of_session;
    return step;
}

/* The number of a step's column; -1: it has none of that name. */
static int step_column(const struct sql_step *step, const char *name)
{
    for (int i = 0; i < step->column_count; i++)
        if (strcmp(step->columns[i].name, name) == 0) return i;
    return -1;
}

/* The pictures' column is called as the source of the vectors calls it: what is it called among
 * the statement's own columns? "": it is none of them. */
static void rename_picture(sqlite3_stmt *stmt, const char *table, struct store_column *c)
{
    char source[sizeof c->picture];
    memcpy(source, c->picture, sizeof source);
    c->picture[0] = '\0';
    for (int i = 0; source[0] != '\0' && i < sqlite3_column_count(stmt); i++) {
        const char *from = sqlite3_column_table_name(stmt, i);
        const char *origin = sqlite3_column_origin_name(stmt, i);
        if (from == NULL || origin == NULL || sqlite3_stricmp(from, table) != 0) continue;
        if (sqlite3_stricmp(origin, source) != 0) continue;
        snprintf(c->picture, sizeof c->picture, "%s", sqlite3_column_name(stmt, i));
        return;
    }
}

/* The catalogue knows columns of BLOBs: of numbers and texts it need not be asked. */
static bool may_hold_vectors(const char *type)
{
    static const char *const OTHERS[] = {"INTEGER", "REAL", "TEXT"};
    for (size_t i = 0; type != NULL && i < sizeof OTHERS / sizeof OTHERS[0]; i++)
        if (sqlite3_stricmp(type, OTHERS[i]) == 0) return false;
    return true;
}

enum status trace_column(
    struct sql_session *s, sqlite3_stmt *stmt, int column, struct store_column *out, struct err *e)
{
    *out = (struct store_column){.dim = 0};
    enum status st = ST_OK;
    const char *table = sqlite3_column_table_name(stmt, column);
    const char *origin = sqlite3_column_origin_name(stmt, column);
    const char *schema = sqlite3_column_database_name(stmt, column);
    if (table == NULL || origin == NULL) return ST_OK;
    const struct sql_step *step = find_step(s, table);
    int own = step != NULL ? step_column(step, origin) : -1;
    if (own >= 0)
        *out = step->columns[own].declared;
    else if (step == NULL && schema != NULL && strcmp(schema, "main") == 0 &&
        may_hold_vectors(sqlite3_column_decltype(stmt, column)))
        st = store_column_find(s->store, table, origin, out, e);
    if (st == ST_OK) rename_picture(stmt, table, out);
    return st;
}

/* The table of the main database, and its column, that a statement's column is, through steps. */
static bool find_origin(
    struct sql_session *s, sqlite3_stmt *stmt, int column, const char **table, const char **origin)
{
    for (;;) {
        const char *schema = sqlite3_column_database_name(stmt, column);
        *table = sqlite3_column_table_name(stmt, column);
        *origin = sqlite3_column_origin_name(stmt, column);
        if (*table == NULL || *origin == NULL || schema == NULL) return false;
        const struct sql_step *step = find_step(s, *table);
        if (step == NULL) return strcmp(schema, "main") == 0;
        int own = step_column(step, *origin);
        column = own >= 0 ? step->columns[own].from : -1;
        stmt = step->rows;
        if (column < 0 || stmt == NULL) return false;
    }
}

enum status trace_picture(
    struct sql_session *s, sqlite3_stmt *stmt, const char *fingerprint, int *out, struct err *e)
{
    struct store_column known;
    *out = -1;
    for (int i = 0; i < sqlite3_column_count(stmt); i++) {
        const char *table, *origin;
        if (!find_origin(s, stmt, i, &table, &origin)) continue;
        enum status st = store_column_picture(s->store, table, fingerprint, known.picture, e);
        if (st != ST_OK) return st;
        if (sqlite3_stricmp(known.picture, origin) != 0) continue;
        *out = i;
        return ST_OK;
    }
    return ST_OK;
}

/* The model that a call names, or that the plan has given it; NULL: it isn't told. */
static const char *model_of_call(struct sql_plan *p, int first, int last)
{
    static const char *const NAMES[] = {"embed_text", "embed_image", "encode_text", "encode_image"};
    const struct sql_token *t = p->scan.tokens;
    bool found = false;
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++)
        found = found || lex_is(p->scan.text, t[first], NAMES[i]);
    if (!found || last - first < 3 || t[first + 1].kind != TK_LP || t[last].kind != TK_RP ||
        sql_udf_has(p->session, p->scan.text + t[first].start, t[first].end - t[first].start))
        return NULL;
    const char *given = plan_encode_model(p, first);
    bool named = t[first + 2].kind == TK_STRING && t[first + 3].kind == TK_COMMA;
    return given == NULL && named ? sql_ast_text(&p->ast, first + 2) : given;
}

/* embed_text('m', …), embed_image('m', …), encode_text(…), encode_image(…) */
static bool trace_call(struct sql_plan *p, int first, int last, struct sql_origin *out)
{
    const char *name = model_of_call(p, first, last);
    struct model *m;
    if (name == NULL || sql_model_get(p->session, name, &m, NULL) != ST_OK) return false;
    snprintf(out->model, sizeof out->model, "%s", name);
    snprintf(out->fingerprint, sizeof out->fingerprint, "%s", model_info(m)->fingerprint);
    return out->known = true;
}

/* Where the column is from, and how long its vectors are as far as it is declared. */
static void take_origin(
    struct sql_plan *p, sqlite3_stmt *stmt, const struct store_column *c, struct sql_origin *out)
{
    const char *table = sqlite3_column_table_name(stmt, 0);
    const char *column = sqlite3_column_origin_name(stmt, 0);
    const char *schema = sqlite3_column_database_name(stmt, 0);
    if (!dialect_type_is_vector(sqlite3_column_decltype(stmt, 0), &out->dim)) out->dim = 0;
    if (c->dim > 0) out->dim = c->dim;
    if (c->fingerprint[0] != '\0') {
        snprintf(out->model, sizeof out->model, "%s", c->model);
        snprintf(out->fingerprint, sizeof out->fingerprint, "%s", c->fingerprint);
        out->known = true;
    }
    if (table == NULL || column == NULL || schema == NULL) return;
    out->schema = arena_printf(&p->arena, "%s", schema);
    out->column = arena_printf(&p->arena, "%s", column);
    bool whole = out->schema != NULL && out->column != NULL;
    out->table = whole ? arena_printf(&p->arena, "%s", table) : NULL;
}

static enum status trace_name(
    struct sql_plan *p, int first, int last, struct sql_origin *out, struct err *e)
{
    const struct sql_node *select = sql_ast_select_around(&p->ast, first, last);
    if (select == NULL) return ST_OK;
    struct rewrite r;
    rewrite_init(&r);
    struct emit m = {.plan = p, .out = &r, .tracing = true};
    int skip, source = p->scan.tokens[first].start;
    enum status st = emit_outer_ctes(&m, select->first, select->last, &skip);
    rewrite_add(&r, source, "SELECT ");
    if (st == ST_OK) st = emit_tokens(&m, first, last);
    /* UPDATE and DELETE name their table without the word, or behind their own. */
    bool word = p->scan.tokens[select->inner->first].kind == TK_FROM;
    rewrite_add(&r, source, "%s", word ? " " : " FROM ");
    if (st == ST_OK) st = emit_tokens(&m, select->inner->first, select->inner->last);
    sqlite3_stmt *stmt = NULL;
    struct store_column c = {.dim = 0};
    if (st == ST_OK && !r.sql.failed &&
        sqlite3_prepare_v2(p->session->db, r.sql.data, -1, &stmt, NULL) == SQLITE_OK)
        st = trace_column(p->session, stmt, 0, &c, e);
    else
        st = ST_OK; /* correlated, or more than a name: not traced */
    if (st == ST_OK && stmt != NULL) take_origin(p, stmt, &c, out);
    sqlite3_finalize(stmt);
    rewrite_deinit(&r);
    return st;
}

/* + - * / of vectors: of the model of either operand. */
static enum status trace_operation(
    struct sql_plan *p, const struct sql_node *n, struct sql_origin *out, struct err *e)
{
    enum status st = plan_trace(p, n->first, n->at - 1, out, e);
    return st == ST_OK && !out->known ? plan_trace(p, n->at + 1, n->last, out, e) : st;
}

/* The operation that tokens [first, last] are, brackets around it aside; NULL: none. */
static const struct sql_node *operation_at(const struct sql_plan *p, int first, int last)
{
    const struct sql_token *t = p->scan.tokens;
    for (; first < last; first++, last--) {
        for (const struct sql_node *n = p->ast.heads[first]; n != NULL; n = n->same)
            if (n->kind == NODE_ARITHMETIC && n->vector == VECTOR_YES && n->last == last) return n;
        if (t[first].kind != TK_LP || t[last].kind != TK_RP) return NULL;
    }
    return NULL;
}

enum status plan_trace(
    struct sql_plan *p, int first, int last, struct sql_origin *out, struct err *e)
{
    const struct sql_token *t = p->scan.tokens;
    const struct sql_node *operation = operation_at(p, first, last);
    *out = (struct sql_origin){.known = false};
    if (operation != NULL) return trace_operation(p, operation, out, e);
    if (first > last || trace_call(p, first, last, out) || t[first].kind != TK_ID) return ST_OK;
    for (int i = first + 1; i <= last; i++)
        if (t[i].kind != TK_ID && t[i].kind != TK_DOT) return ST_OK;
    return trace_name(p, first, last, out, e);
}

int plan_comma_of(const struct sql_plan *p, int bracket, int last)
{
    int depth = 0, comma = -1;
    for (int i = bracket; i < last; i++) {
        int kind = p->scan.tokens[i].kind;
        depth += (kind == TK_LP || kind == TK_LB) - (kind == TK_RP || kind == TK_RB);
        if (kind != TK_COMMA || depth != 1) continue;
        if (comma >= 0) return -1;
        comma = i;
    }
    return comma;
}

bool plan_sides(const struct sql_plan *p, const struct sql_node *n, struct sql_sides *out)
{
    bool call = n->kind == NODE_CALL;
    if (call && sql_distance_find(p->scan.text, p->scan.tokens[n->first]) == NULL) return false;
    bool operation = n->kind == NODE_ARITHMETIC && n->vector == VECTOR_YES;
    if (n->kind != NODE_OPERATOR && !call && !operation) return false;
    int comma = call ? plan_comma_of(p, n->at, n->last) : n->at;
    *out = (struct sql_sides){
        {call ? n->at + 1 : n->first, comma + 1}, {comma - 1, call ? n->last - 1 : n->last}};
    return comma >= 0;
}

static enum status check_node(struct sql_plan *p, const struct sql_node *n, struct err *e)
{
    struct sql_origin a, b;
    struct sql_sides s;
    bool call = n->kind == NODE_CALL;
    if (!plan_sides(p, n, &s)) return ST_OK;
    enum status st = plan_trace(p, s.first[0], s.last[0], &a, e);
    if (st == ST_OK) st = plan_trace(p, s.first[1], s.last[1], &b, e);
    if (st != ST_OK || !a.known || !b.known || strcmp(a.fingerprint, b.fingerprint) == 0) return st;
    if (strcmp(a.model, b.model) == 0)
        return sql_at(&p->ast, call ? n->first : n->at,
            err_set(e, ST_MISMATCH,
                "these vectors are of two states of model %s: one of them must be made again",
                a.model),
            e);
    return sql_at(&p->ast, call ? n->first : n->at,
        err_set(e, ST_MISMATCH, "a vector of model %s can't be %s one of model %s", a.model,
            n->kind == NODE_ARITHMETIC ? "combined with" : "compared with", b.model),
        e);
}

enum status plan_check_models(struct sql_plan *p, struct err *e)
{
    for (const struct sql_node *n = p->ast.nodes; n != NULL; n = n->next) {
        enum status st = check_node(p, n, e);
        if (st != ST_OK) return st;
    }
    return ST_OK;
}
