/* print.c - PRINT IMAGE [OPTIONS (image_col = …)] AS q: q's rows, of which one column is pictures.
 *
 * The rows are q's own; what is drawn of them is up to whoever shows them (sql_picture_column).
 */
#include "base/near.h"
#include "sql/plan/plan.h"

static const struct sql_option PRINT_OPTIONS[] = {
    {.name = "image_col", .type = OPTION_NAME, .also = {"image_column"}},
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

enum status plan_print(struct sql_plan *p, struct err *e)
{
    static const char *const DEFAULTS[] = {"image_path", "image", "path"};
    const struct sql_node *n = p->ast.print;
    struct sql_option_values options = {
        .table = PRINT_OPTIONS, .count = sizeof PRINT_OPTIONS / sizeof PRINT_OPTIONS[0]};
    if (p->scan.tokens[n->parts.media].kind != TK_IMAGE)
        return sql_at(&p->ast, n->parts.media,
            err_set(e, ST_UNSUPPORTED, "only pictures are printed: PRINT IMAGE"), e);
    enum status st = sql_options_check(&p->ast, n, &options, e);
    if (st != ST_OK) return st;
    const struct sql_literal *given = sql_option_given(&options, "image_col");
    if (given != NULL) {
        p->picture_column = find_column(p, given->text);
        return p->picture_column >= 0 ? ST_OK : no_column(p, given, e);
    }
    for (size_t i = 0; p->picture_column < 0 && i < sizeof DEFAULTS / sizeof DEFAULTS[0]; i++)
        p->picture_column = find_column(p, DEFAULTS[i]);
    if (p->picture_column >= 0) return ST_OK;
    return sql_at(&p->ast, n->at,
        err_set(e, ST_NOT_FOUND,
            "the query has no column image_path, image or path; name one with image_col"),
        e);
}
