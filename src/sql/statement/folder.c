/* folder.c - CREATE TABLE t USING m FROM 'folder': the files of a folder are rows of a table
 * function, so the rest is a CONVERT.
 */
#include <string.h>

#include "sql/plan/plan.h"
#include "sql/statement/statement.h"

static void add_json_list(struct buf *out, const struct sql_literal *v)
{
    const struct sql_literal *i = v->kind == LITERAL_LIST ? v->items : v;
    for (bool first = true; i != NULL;
         i = v->kind == LITERAL_LIST ? i->next : NULL, first = false) {
        if (!first) buf_add_char(out, ',');
        buf_add_json(out, i->text, strlen(i->text));
    }
}

static void add_literal(struct buf *out, const char *text)
{
    buf_add_char(out, '\'');
    for (; *text != '\0'; text++) {
        if (*text == '\'') buf_add_char(out, '\'');
        buf_add_char(out, *text);
    }
    buf_add_char(out, '\'');
}

enum status step_source_files(struct sql_step *s, struct buf *sql, struct err *e)
{
    const struct sql_literal *input = s->node->parts.input;
    const struct sql_literal *types = sql_option_given(&s->options, "file_type");
    if (input->kind != LITERAL_TEXT && input->kind != LITERAL_NAME)
        return sql_at(&s->plan->ast, input->first,
            err_set(e, ST_INVALID, "FROM takes the path of a folder or file"), e);
    struct buf list;
    buf_init(&list);
    buf_add_char(&list, '[');
    if (types != NULL) add_json_list(&list, types);
    buf_add_char(&list, ']');
    buf_add_str(sql, "SELECT path AS image_path FROM picture_files(");
    add_literal(sql, input->text);
    buf_add_char(sql, ',');
    if (list.data != NULL) add_literal(sql, list.data);
    buf_add_char(sql, ',');
    add_literal(sql, sql_option_text(&s->options, "path_type"));
    buf_add_char(sql, ')');
    enum status st = buf_check(&list, e);
    buf_deinit(&list);
    return st;
}
