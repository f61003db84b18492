/* plan.c - from a scanned statement of ours to one prepared SQLite query.
 *
 * Parse, number the parameters, build the steps from the outside in (the text asks for them),
 * prepare. EXPLAIN shows the steps and that query as rows.
 */
#include "sql/plan/plan.h"

#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "sql/dialect/vectors.h"
#include "sql/nearest/nearest.h"
#include "sql/plan/arithmetic.h"
#include "sql/statement/statement.h"
#include "sql/text/expect.h"

/* --- the outer query -------------------------------------------------------------------------- */

static enum status write_top_step(struct sql_plan *p, struct sql_node *node, struct emit *m)
{
    enum status st = plan_step(p, node, false, m->e);
    if (st != ST_OK) return st;
    bool rowid = node->built->rowid_column >= 0;
    if (p->ast.explain_query_plan) rewrite_add(m->out, 0, "EXPLAIN QUERY PLAN ");
    rewrite_add(
        m->out, p->scan.tokens[node->at].start, "SELECT *%s FROM ", rowid ? ", fovea_rowid" : "");
    return emit_rows(m, node->built, "");
}

/* PRINT's rows are those of its q. */
static enum status write_printed(struct sql_plan *p, struct emit *m)
{
    struct sql_node *n = p->ast.print;
    if (n->inner != NULL) return write_top_step(p, n->inner, m);
    if (p->ast.explain_query_plan) rewrite_add(m->out, 0, "EXPLAIN QUERY PLAN ");
    return emit_tokens(m, n->query_first, n->query_last);
}

static enum status write_outer(struct sql_plan *p, struct err *e)
{
    struct emit m = {.plan = p, .out = &p->query, .e = e};
    enum status st;
    if (p->ast.top != NULL)
        st = write_top_step(p, p->ast.top, &m);
    else if (p->ast.create_using != NULL)
        st = write_top_step(p, p->ast.create_using, &m);
    else if (p->ast.print != NULL)
        st = write_printed(p, &m);
    else
        st = emit_tokens(&m, p->ast.explain ? 1 : 0, p->scan.count - 1);
    return st == ST_OK ? buf_check(&p->query.sql, e) : st;
}

/* --- EXPLAIN ---------------------------------------------------------------------------------- */

static void add_row(struct buf *sql, int number, const char *step, const char *detail)
{
    char *row = sqlite3_mprintf("%s(%d,%Q,%Q)", number > 1 ? "," : "", number, step, detail);
    if (row == NULL)
        sql->failed = true;
    else
        buf_add_str(sql, row);
    sqlite3_free(row);
}

/* A nearest step's search is run to say what it does, unless it needs the query around it. */
static void explain_nearest(
    struct sql_plan *p, const struct sql_step *s, int number, const char *what, struct buf *sql)
{
    struct rewrite r;
    struct err e = ERR_INIT;
    sqlite3_stmt *stmt = NULL;
    rewrite_init(&r);
    struct emit m = {.plan = p, .out = &r, .e = &e};
    rewrite_add(&r, 0, "SELECT fovea_detail FROM ");
    bool runs = emit_call(&m, s) == ST_OK && !r.sql.failed &&
        sqlite3_prepare_v2(p->session->db, r.sql.data, -1, &stmt, NULL) == SQLITE_OK;
    sqlite3_finalize(stmt);
    char *row =
        sqlite3_mprintf("%s(%d,%Q,%Q||%s%s%s)", number > 1 ? "," : "", number, s->statement->name,
            what, runs ? "(" : "'", runs ? r.sql.data : "for each row around it", runs ? ")" : "'");
    if (row == NULL)
        sql->failed = true;
    else
        buf_add_str(sql, row);
    sqlite3_free(row);
    rewrite_deinit(&r);
}

/* The steps from the inside out, as they will run; then the query itself. */
static enum status explain(struct sql_plan *p, struct err *e)
{
    struct buf sql, detail;
    int number = 0;
    buf_init(&sql);
    buf_init(&detail);
    buf_add_str(&sql, "SELECT column2 AS step, column3 AS detail FROM (VALUES ");
    for (const struct sql_step *s = p->steps; s != NULL; s = s->next_of_plan) {
        buf_clear(&detail);
        buf_printf(&detail, "%s: ", s->module);
        s->statement->describe(s, &detail);
        if (detail.failed) sql.failed = true;
        if (s->nearest != NULL && p->rows_only)
            buf_add_str(&detail, "rows: SQLite takes no step here");
        if (s->nearest != NULL && !p->rows_only)
            explain_nearest(p, s, ++number, detail.data, &sql);
        else
            add_row(&sql, ++number, s->statement->name, detail.data);
    }
    for (const struct sql_note *n = p->notes; n != NULL; n = n->next) {
        buf_clear(&detail);
        buf_printf(&detail, "rows: %s", n->why);
        add_row(&sql, ++number, statement_nearest.name, detail.data);
    }
    if (p->save != NULL)
        add_row(&sql, ++number, p->save->create ? "CREATE TABLE" : "UPDATE", p->save->table);
    add_row(&sql, ++number, "query", p->query.sql.data);
    buf_add_str(&sql, ") ORDER BY column1");
    sqlite3_finalize(p->stmt);
    p->stmt = NULL;
    p->save = NULL;
    p->picture_column = -1;
    enum status st = buf_check(&sql, e);
    int rc =
        st == ST_OK ? sqlite3_prepare_v2(p->session->db, sql.data, -1, &p->stmt, NULL) : SQLITE_OK;
    if (st == ST_OK) p->parameters.count = sqlite3_bind_parameter_count(p->stmt);
    buf_deinit(&sql);
    buf_deinit(&detail);
    if (st != ST_OK) return st;
    return rc == SQLITE_OK ? ST_OK : sql_word(p->session, rc, e);
}

/* --- opening ---------------------------------------------------------------------------------- */

/* A text that SQLite doesn't take is written again with the names of another dialect where that
 * helps, and else without nearest steps: what is said about it is about the user's own. */
static enum status prepare_outer(struct sql_plan *p, struct err *e)
{
    enum status st = write_outer(p, e);
    if (st != ST_OK) return st;
    int rc = sqlite3_prepare_v3(p->session->db, p->query.sql.data, -1, 0, &p->stmt, NULL);
    if (rc == SQLITE_OK) return ST_OK;
    struct err why = ERR_INIT;
    bool again;
    sql_word(p->session, rc, &why);
    st = plan_reshape(p, &again, &why);
    if (!again && (p->rows_only || p->inserts == NULL)) {
        emit_place(p, &p->query, &why);
        if (e != NULL) *e = why;
        return st;
    }
    p->rows_only = p->rows_only || !again;
    rewrite_deinit(&p->query);
    return prepare_outer(p, e);
}

static enum status prepare(struct sql_plan *p, struct err *e)
{
    enum status st = plan_vectors(p, e);
    if (st == ST_OK) st = plan_arithmetic(p, e);
    if (st == ST_OK) st = plan_encode(p, e);
    if (st == ST_OK) st = plan_nearest(p, e);
    if (st == ST_OK) st = prepare_outer(p, e);
    if (st != ST_OK) return st;
    if (p->ast.explain_query_plan) p->save = NULL;
    st = plan_check_models(p, e);
    if (st == ST_OK && p->ast.print != NULL) st = plan_print(p, e);
    return st == ST_OK && p->ast.explain ? explain(p, e) : st;
}

/* *out is to be closed after a failure too; NULL when memory is out. */
static enum status open_plan(struct sql_session *s, const struct sql_scan *scan,
    struct arena *arena, struct sql_plan **out, struct err *e)
{
    struct sql_plan *p = *out = mem_zalloc(1, sizeof *p);
    if (p == NULL) {
        arena_deinit(arena);
        return mem_err(e, sizeof *p);
    }
    p->session = s;
    p->picture_column = -1;
    p->arena = *arena;
    p->scan = *scan;
    arena_init(arena, 0);
    rewrite_init(&p->query);
    enum status st = sql_ast_parse(&p->scan, &p->arena, &p->ast, e);
    if (st == ST_OK) st = sql_overlay_take(s, &p->scan, &p->overlay, e);
    if (st == ST_OK) st = sql_parameters_number(&p->scan, &p->arena, &p->parameters, e);
    return st == ST_OK ? prepare(p, e) : st;
}

enum status sql_plan_open(struct sql_session *s, const struct sql_scan *scan, struct arena *arena,
    struct sql_plan **out, struct err *e)
{
    enum status st = open_plan(s, scan, arena, out, e);
    if (st == ST_OK || *out == NULL) return st;
    sql_expect(&(*out)->scan, e);
    sql_suggest(s, &(*out)->scan, e); /* its steps are names too */
    sql_plan_close(*out);
    *out = NULL;
    return st;
}

/* Is anything of the text written otherwise, or anything to be said about it? */
static bool has_nearest(const struct sql_plan *p)
{
    if (p->renames != NULL || p->vectors || (p->ast.explain && p->notes != NULL)) return true;
    for (int i = 0; p->inserts != NULL && i <= p->scan.count; i++)
        if (p->inserts[i] != NULL) return true;
    return false;
}

enum status sql_plan_try(struct sql_session *s, const struct sql_scan *scan, struct arena *arena,
    struct sql_plan **out, struct err *e)
{
    struct err own = ERR_INIT;
    enum status st = open_plan(s, scan, arena, out, &own);
    if (st == ST_OK && has_nearest(*out)) return ST_OK;
    bool told = *out != NULL && (*out)->vectors; /* SQLite would take vectors for numbers */
    sql_plan_close(*out);
    *out = NULL;
    if (st == ST_OK || (!told && st != ST_NO_MEMORY && st != ST_MISMATCH)) return ST_OK;
    if (e != NULL) *e = own;
    return st;
}

enum status sql_plan_check(struct sql_session *s, const struct sql_scan *scan, struct err *e)
{
    if (sqlite3_table_column_metadata(
            s->db, "main", "fovea_columns", NULL, NULL, NULL, NULL, NULL, NULL) != SQLITE_OK)
        return ST_OK;
    struct sql_plan *p = mem_zalloc(1, sizeof *p);
    if (p == NULL) return mem_err(e, sizeof *p);
    p->session = s;
    p->scan = *scan;
    arena_init(&p->arena, 0);
    rewrite_init(&p->query);
    enum status st = sql_ast_parse(&p->scan, &p->arena, &p->ast, NULL);
    if (st == ST_OK) st = sql_parameters_number(&p->scan, &p->arena, &p->parameters, e);
    st = st == ST_OK ? plan_check_models(p, e) : ST_OK;
    sql_plan_close(p);
    return st;
}

void sql_plan_close(struct sql_plan *p)
{
    if (p == NULL) return;
    sqlite3_finalize(p->stmt);
    /* A step's q may read other steps: every statement goes before any module does. */
    for (struct sql_step *s = p->steps; s != NULL; s = s->next_of_plan) {
        sqlite3_finalize(s->rows);
        s->rows = NULL;
    }
    for (struct sql_step *s = p->steps; s != NULL; s = s->next_of_plan) step_close(s);
    rewrite_deinit(&p->query);
    arena_deinit(&p->arena);
    mem_free(p);
}
