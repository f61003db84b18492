/* print.c - PRINT IMAGE [OPTIONS (image_col = …, base_dir = …)] AS q: q's rows, of which one column
 * is pictures.
 *
 * The rows are q's own; what is drawn of them is up to whoever shows them (sql_picture_column).
 * With base_dir the paths of that column that begin with no / stand behind it: q is wrapped in a
 * SELECT that writes them so.
 */
#include <string.h>

#include "base/near.h"
#include "sql/plan/plan.h"

static const struct sql_option PRINT_OPTIONS[] = {
    {.name = "image_col", .type = OPTION_NAME, .also = {"image_column"}},
    {.name = "base_dir", .type = OPTION_TEXT},
};

static int find_column(const struct sql_plan *p, const char *name)
{
    for (int i = 0; i < sqlite3_column_count(p->stmt); i++)
        if (sqlite3_stricmp(sqlite3_column_name(p->stmt, i), name) == 0) return i;
    return -1;
}

static enum status no_column(struct sql_plan *p, const struct sql_literal *given, struct err *e)
{
    const char *near = NULL;
    for (int i = 0; i < sqlite3_column_count(p->stmt); i++)
        near_consider(given->text, sqlite3_column_name(p->stmt, i), &near);
    enum status st = near != NULL
        ? err_set(e, ST_NOT_FOUND, "the query has no column %s; did you mean %s", given->text, near)
        : err_set(e, ST_NOT_FOUND, "the query has no column %s", given->text);
    return sql_at(&p->ast, given->first, st, e);
}

static enum status find_pictures(
    struct sql_plan *p, const struct sql_option_values *options, struct err *e)
{
    static const char *const DEFAULTS[] = {"image_path", "image", "path", NULL};
    const struct sql_literal *given = sql_option_given(options, "image_col");
    if (given != NULL) {
        p->picture_column = find_column(p, given->text);
        return p->picture_column >= 0 ? ST_OK : no_column(p, given, e);
    }
    enum status st = trace_picture(p->session, p->stmt, "", &p->picture_column, e);
    for (const char *const *name = DEFAULTS; p->picture_column < 0 && *name != NULL; name++)
        p->picture_column = find_column(p, *name);
    if (st != ST_OK || p->picture_column >= 0) return st;
    return sql_at(&p->ast, p->ast.print->at,
        err_set(e, ST_NOT_FOUND,
            "the query has no column image_path, image or path; name one with image_col"),
        e);
}

/* WITH q(c0, c1) AS (…) SELECT c0 AS "image_path", c1 AS "label" FROM q: by number, since names may
 * come twice. */
static void wrap(const struct sql_plan *p, const char *dir, struct buf *sql)
{
    int count = sqlite3_column_count(p->stmt);
    const char *slash = dir[strlen(dir) - 1] == '/' ? "" : "/";
    buf_add_str(sql, "WITH fovea_print(");
    for (int i = 0; i < count; i++) buf_printf(sql, "%sc%d", i > 0 ? "," : "", i);
    buf_printf(sql, ") AS (%s\n) SELECT ", p->query.sql.data);
    for (int i = 0; i < count; i++) {
        if (i > 0) buf_add_str(sql, ", ");
        if (i == p->picture_column)
            store_sql(sql,
                "CASE WHEN typeof(c%d)='text' AND c%d NOT GLOB '/*' THEN '%q%s'||c%d ELSE c%d END",
                i, i, dir, slash, i, i);
        else
            buf_printf(sql, "c%d", i);
        buf_add_str(sql, " AS ");
        sql_add_name(sql, sqlite3_column_name(p->stmt, i));
    }
    buf_add_str(sql, " FROM fovea_print");
}

static enum status put_behind(struct sql_plan *p, const char *dir, struct err *e)
{
    struct buf sql;
    sqlite3_stmt *stmt = NULL;
    buf_init(&sql);
    wrap(p, dir, &sql);
    enum status st = buf_check(&sql, e);
    int rc =
        st == ST_OK ? sqlite3_prepare_v2(p->session->db, sql.data, -1, &stmt, NULL) : SQLITE_OK;
    if (rc != SQLITE_OK) st = sql_word(p->session, rc, e);
    if (st == ST_OK) {
        sqlite3_finalize(p->stmt);
        p->stmt = stmt;
        buf_clear(&p->query.sql);
        buf_add(&p->query.sql, sql.data, sql.bytes);
        st = buf_check(&p->query.sql, e);
    }
    buf_deinit(&sql);
    return st;
}

enum status plan_print(struct sql_plan *p, struct err *e)
{
    const struct sql_node *n = p->ast.print;
    struct sql_option_values options = {
        .table = PRINT_OPTIONS, .count = sizeof PRINT_OPTIONS / sizeof PRINT_OPTIONS[0]};
    if (p->scan.tokens[n->parts.media].kind != TK_IMAGE)
        return sql_at(&p->ast, n->parts.media,
            err_set(e, ST_UNSUPPORTED, "only pictures are printed: PRINT IMAGE"), e);
    enum status st = sql_options_check(&p->ast, n, &options, e);
    if (st != ST_OK || p->ast.explain_query_plan) return st; /* those rows are the plan's */
    st = find_pictures(p, &options, e);
    const char *dir = sql_option_text(&options, "base_dir");
    return st == ST_OK && dir != NULL && dir[0] != '\0' ? put_behind(p, dir, e) : st;
}
