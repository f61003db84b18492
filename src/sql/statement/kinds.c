/* kinds.c - the table of our statements: of which kind is this header?
 *
 * A new kind is its file and a row here.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/near.h"
#include "sql/statement/statement.h"

extern const struct sql_statement statement_search_keyword;
extern const struct sql_statement statement_convert;
extern const struct sql_statement statement_create_using;
extern const struct sql_statement statement_predict, statement_evaluate;
extern const struct sql_statement statement_build, statement_fit;
extern const struct sql_statement statement_emb_mean, statement_similarity;
extern const struct sql_statement statement_list_model, statement_list_table,
    statement_list_prebuilt, statement_list_dataset;

static const struct sql_statement *const KINDS[] = {
    &statement_search_image,
    &statement_search_keyword,
    &statement_convert,
    &statement_create_using,
    &statement_predict,
    &statement_evaluate,
    &statement_build,
    &statement_fit,
    &statement_emb_mean,
    &statement_similarity,
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

/* A FUNCTION that there is none of. */
static enum status refuse_function(
    const struct sql_ast *p, const struct sql_node *step, struct err *e)
{
    const struct sql_literal *name = step->parts.name;
    const char *text = name->text != NULL ? name->text : "", *near = NULL;
    struct buf known;
    if (strncasecmp(text, "preprocess.", 11) == 0 && strcasestr(text, "video") != NULL)
        return sql_at(p, name->first,
            err_set(e, ST_UNSUPPORTED, "FUNCTION %s is not supported: videos are not read", text),
            e);
    buf_init(&known);
    for (int i = 0; i < KIND_COUNT; i++) {
        if (KINDS[i]->function == NULL) continue;
        buf_printf(&known, "%s%s", known.bytes > 0 ? ", " : "", KINDS[i]->function);
        near_consider(text, KINDS[i]->function, &near);
    }
    enum status st = err_set(e, ST_NOT_FOUND, "there is no FUNCTION %s: there are %s%s%s", text,
        known.data != NULL ? known.data : "", near != NULL ? "; did you mean " : "",
        near != NULL ? near : "");
    buf_deinit(&known);
    return sql_at(p, name->first, st, e);
}

/* A header that ends with FROM 'path', of a kind that reads a query. */
static enum status refuse_path(const struct sql_ast *p, const struct sql_node *step,
    const struct sql_statement *kind, struct err *e)
{
    return sql_at(p, step->parts.input->first,
        err_set(e, ST_INVALID, "%s reads a query: AS (SELECT ...), not FROM a path", kind->name),
        e);
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
        if (!is_kind(KINDS[i], p, step)) continue;
        bool path = step->query_first < 0 && KINDS[i]->source == NULL;
        return path ? refuse_path(p, step, KINDS[i], e) : ST_OK;
    }
    *out = NULL;
    if (p->scan->tokens[step->at].kind == TK_FUNCTION) return refuse_function(p, step, e);
    return refuse(p, step, e);
}
