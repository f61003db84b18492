/* encode_model.c - of which model encode_text('…') and encode_image('…') are.
 *
 * Of the model of the vector they are compared or combined with, when it can be told (trace.c),
 * else of the one that SETTINGS model = '…' of the statement names: such a call is written with the
 * model in front. The rest is left to the run: setting model, else mini; but where that model's
 * vectors are longer or shorter than the column's, it is said here, with the place.
 */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "sql/dialect/vectors.h"
#include "sql/function/udf.h"
#include "sql/plan/plan.h"

static int kind_at(const struct sql_plan *p, int token)
{
    return p->scan.tokens[token].kind;
}

static int close_of(const struct sql_plan *p, int open)
{
    int depth = 0, i = open;
    do depth += (kind_at(p, i) == TK_LP) - (kind_at(p, i) == TK_RP);
    while (depth > 0 && ++i < p->scan.count);
    return i;
}

/* A call of ours without a model's name whose model is not told yet. */
static bool is_open_call(const struct sql_plan *p, int token)
{
    struct sql_token t = p->scan.tokens[token];
    const char *text = p->scan.text;
    if (t.kind != TK_ID || kind_at(p, token + 1) != TK_LP) return false;
    if (!lex_is(text, t, "encode_text") && !lex_is(text, t, "encode_image")) return false;
    if (sql_udf_has(p->session, text + t.start, t.end - t.start)) return false;
    if (plan_comma_of(p, token + 1, close_of(p, token + 1)) >= 0) return false;
    return plan_encode_model(p, token) == NULL;
}

const char *plan_encode_model(const struct sql_plan *p, int token)
{
    return p->encodes != NULL ? p->encodes[token] : NULL;
}

/* Writes the model in front. */
static enum status give_model(struct sql_plan *p, int token, const char *model, struct err *e)
{
    struct sql_insert *i = arena_alloc(&p->arena, sizeof *i), **at = &p->inserts[token + 1];
    char *quoted = sqlite3_mprintf("%Q,", model);
    char *words = quoted != NULL ? arena_printf(&p->arena, "%s", quoted) : NULL;
    sqlite3_free(quoted);
    p->encodes[token] = arena_printf(&p->arena, "%s", model);
    if (i == NULL || words == NULL || p->encodes[token] == NULL) return mem_err(e, 0);
    *i = (struct sql_insert){.words = words};
    while (*at != NULL) at = &(*at)->next;
    *at = i;
    dialect_keep_names(p, token);
    return ST_OK;
}

/* The numbers of the vectors in a column: as declared, else those of the first that is there. */
static int dim_of(const struct sql_plan *p, const struct sql_origin *o)
{
    sqlite3_stmt *stmt = NULL;
    int dim = o->dim;
    if (dim > 0 || o->table == NULL) return dim;
    char *sql = sqlite3_mprintf("SELECT CASE typeof(v) WHEN 'blob' THEN length(v) / 4 ELSE"
                                " json_array_length(v) END FROM (SELECT \"%w\" AS v FROM"
                                " \"%w\".\"%w\" LIMIT 100) WHERE typeof(v) = 'blob' OR"
                                " (typeof(v) = 'text' AND json_valid(v)) LIMIT 1",
        o->column, o->schema, o->table);
    if (sql != NULL && sqlite3_prepare_v2(p->session->db, sql, -1, &stmt, NULL) == SQLITE_OK &&
        sqlite3_step(stmt) == SQLITE_ROW)
        dim = sqlite3_column_int(stmt, 0);
    sqlite3_finalize(stmt);
    sqlite3_free(sql);
    return dim;
}

/* The model that the run will take, beside a column of no known model. One that can't be opened is
 * the run's to tell. */
static enum status check_dim(
    struct sql_plan *p, int token, const struct sql_origin *o, struct err *e)
{
    const char *name = sql_setting_model(p->session, &p->overlay);
    struct sql_token t = p->scan.tokens[token];
    struct model *m;
    int dim = dim_of(p, o);
    if (name[0] == '\0') name = "mini";
    if (dim <= 0 || sql_model_get(p->session, name, &m, NULL) != ST_OK) return ST_OK;
    if (model_info(m)->dim == dim) return ST_OK;
    return sql_at(&p->ast, token,
        err_set(e, ST_MISMATCH,
            "%.*s() gives vectors of model %s with %d dimensions, those of column %s.%s have %d;"
            " SET model = '...' names another model",
            t.end - t.start, p->scan.text + t.start, name, model_info(m)->dim,
            o->table != NULL ? o->table : "", o->column != NULL ? o->column : "", dim),
        e);
}

/* Both sides of a comparison, or of a sum of vectors. */
static enum status consider(struct sql_plan *p, const struct sql_node *n, struct err *e)
{
    struct sql_sides s;
    enum status st = ST_OK;
    if (!plan_sides(p, n, &s)) return ST_OK;
    for (int side = 0; st == ST_OK && side < 2; side++) {
        struct sql_origin other = {.known = false};
        bool traced = false;
        for (int i = s.first[side]; st == ST_OK && i <= s.last[side]; i++) {
            if (!is_open_call(p, i)) continue;
            if (!traced) st = plan_trace(p, s.first[1 - side], s.last[1 - side], &other, e);
            traced = true;
            if (st == ST_OK && other.known) st = give_model(p, i, other.model, e);
            if (st == ST_OK && !other.known) st = check_dim(p, i, &other, e);
        }
    }
    return st;
}

enum status plan_encode(struct sql_plan *p, struct err *e)
{
    enum status st = ST_OK;
    if ((p->scan.holds & HOLDS_ENCODE) == 0) return ST_OK;
    if (p->inserts == NULL)
        p->inserts = arena_array(&p->arena, (size_t)p->scan.count + 1, sizeof *p->inserts);
    p->encodes = arena_array(&p->arena, (size_t)p->scan.count + 1, sizeof *p->encodes);
    if (p->inserts == NULL || p->encodes == NULL) return mem_err(e, 0);
    for (struct sql_node *n = p->ast.nodes; st == ST_OK && n != NULL; n = n->next)
        st = consider(p, n, e);
    const char *model = "";
    for (int i = 0; i < p->overlay.count; i++)
        if (p->overlay.id[i] == SETTING_MODEL) model = p->overlay.model;
    for (int i = 0; st == ST_OK && model[0] != '\0' && i < p->scan.count; i++)
        if (is_open_call(p, i)) st = give_model(p, i, model, e);
    return st;
}
