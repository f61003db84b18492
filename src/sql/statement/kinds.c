/* kinds.c - the table of our statements: of which kind is this header?
 *
 * A new kind is its file and a row here.
 */
#include <stdio.h>
#include <strings.h>

#include "sql/statement.h"

extern const struct sql_statement statement_search_image, statement_search_keyword;
extern const struct sql_statement statement_convert;
extern const struct sql_statement statement_create_using;
extern const struct sql_statement statement_predict, statement_evaluate;
extern const struct sql_statement statement_list_model, statement_list_table,
    statement_list_prebuilt, statement_list_dataset;

static const struct sql_statement *const KINDS[] = {
    &statement_search_image,
    &statement_search_keyword,
    &statement_convert,
    &statement_create_using,
    &statement_predict,
    &statement_evaluate,
    &statement_list_model,
    &statement_list_table,
    &statement_list_prebuilt,
    &statement_list_dataset,
};
enum { KIND_COUNT = sizeof KINDS / sizeof KINDS[0] };

/* What ThanoSQL has beside pictures, and what becomes of it here. */
static const struct {
    int token;
    const char *why;
} ELSEWHERE[] = {
    {TK_TRANSFORM, ": it is about tables of numbers, not pictures"},
    {TK_GENERATE, ": it asks a language model on the network"},
    {TK_BUILD, ": training is not part of this version"},
    {TK_FIT, ": training is not part of this version"},
    {TK_TUTORIAL, ": there are no tutorials to list"},
    {TK_AUDIO, ": only pictures are searched"},
    {TK_VIDEO, ": only pictures are searched"},
    {TK_TEXT, ": only pictures are searched"},
};

static int kind_of(const struct sql_ast *p, int token)
{
    return token > 0 ? p->scan->tokens[token].kind : 0;
}

static enum status refuse(const struct sql_ast *p, const struct sql_node *step, struct err *e)
{
    char name[200];
    const char *why = "";
    int token = p->scan->tokens[step->at].kind, media = kind_of(p, step->parts.media);
    sql_ast_step_name(p, step, name, sizeof name);
    for (size_t i = 0; i < sizeof ELSEWHERE / sizeof ELSEWHERE[0]; i++)
        if (ELSEWHERE[i].token == token || ELSEWHERE[i].token == media) why = ELSEWHERE[i].why;
    return sql_at(p, step->at, err_set(e, ST_UNSUPPORTED, "%s is not supported%s", name, why), e);
}

static bool is_kind(
    const struct sql_statement *k, const struct sql_ast *p, const struct sql_node *step)
{
    const struct sql_literal *name = step->parts.name;
    if (k->token != p->scan->tokens[step->at].kind) return false;
    if (k->media != kind_of(p, step->parts.media) || k->thanosql != step->parts.thanosql)
        return false;
    if (k->function == NULL) return true;
    return name != NULL && name->text != NULL && strcasecmp(k->function, name->text) == 0;
}

const struct sql_statement *sql_statement_at(int i)
{
    return i < KIND_COUNT ? KINDS[i] : NULL;
}

enum status sql_statement_find(const struct sql_ast *p, const struct sql_node *step,
    const struct sql_statement **out, struct err *e)
{
    for (int i = 0; i < KIND_COUNT; i++) {
        *out = KINDS[i];
        if (is_kind(KINDS[i], p, step)) return ST_OK;
    }
    *out = NULL;
    return refuse(p, step, e);
}
