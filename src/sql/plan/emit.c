/* emit.c - writing the rewritten text: what is not ours byte for byte, comments blanked to their
 * length.
 *
 * Comments go because ours (# and nested) are not SQLite's; their length stays so that places stay.
 * A parameter becomes ?N with its number over the whole statement; inside q, where it comes in
 * through a hidden column, ?k with the column's number. A name that q can't know itself
 * (plan_step.c) is such a column too.
 */
#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "base/mem.h"
#include "sql/dialect/forms.h"
#include "sql/plan/arithmetic.h"
#include "sql/plan/plan.h"

static const struct sql_token *token_at(const struct sql_plan *p, int i)
{
    return &p->scan.tokens[i];
}

/* The blanks between two tokens. */
static void emit_gap(struct emit *m, int token)
{
    const char *text = m->plan->scan.text;
    int start = token_at(m->plan, token - 1)->end, end = token_at(m->plan, token)->start;
    for (int at = start; at < end;) {
        struct sql_token t = lex_next(text, end, at, LEX_SQL);
        if (t.kind == LEX_SPACE)
            rewrite_add_source(m->out, text, t.start, t.end);
        else /* a comment, or a word that says nothing here */
            rewrite_add(m->out, t.start, "%*s", t.end - t.start, "");
        at = t.end;
    }
}

/* Adds an argument of the step whose q is written, and its number there. */
static enum status emit_arg(struct emit *m, struct step_arg arg, int source)
{
    int number = step_arg_add(m->step, arg);
    if (number < 0)
        return err_set(
            m->e, ST_LIMIT, "a step takes at most %d values from outside", STEP_ARGS_MAX);
    rewrite_add(m->out, source, "?%d", number + 1);
    return ST_OK;
}

static enum status emit_parameter(struct emit *m, int number, int source)
{
    if (m->tracing)
        rewrite_add(m->out, source, "NULL");
    else if (m->step != NULL)
        return emit_arg(m, (struct step_arg){.parameter = number}, source);
    else
        rewrite_add(m->out, source, "?%d", number);
    return ST_OK;
}

/* The last token of a name that q takes from outside, when one begins here; -1: none does. */
static int captured(const struct emit *m, int token)
{
    for (int i = 0; m->step != NULL && i < m->step->arg_count; i++)
        if (m->step->args[i].parameter == 0 && m->step->args[i].first == token)
            return m->step->args[i].last;
    return -1;
}

static enum status emit_name(struct emit *m, int first, int last)
{
    for (int i = first; i <= last; i++) {
        if (i > first) emit_gap(m, i);
        rewrite_add_source(
            m->out, m->plan->scan.text, token_at(m->plan, i)->start, token_at(m->plan, i)->end);
    }
    return ST_OK;
}

enum status emit_call(struct emit *m, const struct sql_step *s)
{
    int source = token_at(m->plan, s->node->at)->start;
    enum status st = ST_OK;
    rewrite_add(m->out, source, "%s(", s->module);
    for (int i = 0; st == ST_OK && i < s->arg_count; i++) {
        const struct step_arg *a = &s->args[i];
        if (i > 0) rewrite_add(m->out, source, ",");
        if (s->nearest != NULL && i < NEAREST_ARGS)
            st = emit_nearest_arg(m, s, i);
        else if (m->tracing)
            rewrite_add(m->out, source, "NULL");
        else if (a->parameter != 0)
            st = emit_parameter(m, a->parameter, source);
        else if (captured(m, a->first) >= 0)
            st = emit_arg(m, *a, token_at(m->plan, a->first)->start);
        else
            st = emit_name(m, a->first, a->last);
    }
    rewrite_add(m->out, source, ")");
    return st;
}

enum status emit_rows(struct emit *m, const struct sql_step *s, const char *tail)
{
    int source = token_at(m->plan, s->node->at)->start;
    enum status st = emit_call(m, s);
    const char *order = s->order != NULL ? s->order : tail;
    if (st == ST_OK && order[0] != '\0') rewrite_add(m->out, source, "%s", order);
    return st;
}

/* In FROM. LIMIT -1 keeps SQLite from folding the step into the query around it, which would run it
 * once for each row of a join: kept apart, it is computed once and SQLite indexes the rows for the
 * join. For INSERT the rows are ordered as well, so that all of q is read before the first row is
 * written. */
static enum status emit_table_step(struct emit *m, const struct sql_node *n)
{
    int source = token_at(m->plan, n->inner->at)->start;
    enum status st = n->inner->built != NULL ? ST_OK : plan_step(m->plan, n->inner, true, m->e);
    if (st != ST_OK) return st;
    rewrite_add(m->out, source, "%s(SELECT * FROM ", n->query ? "SELECT * FROM " : "");
    const char *tail = m->plan->ast.writes_rows ? " ORDER BY rowid LIMIT -1" : " LIMIT -1";
    st = emit_rows(m, n->inner->built, tail);
    rewrite_add(m->out, source, ")");
    return st;
}

static enum status emit_operator(struct emit *m, const struct sql_node *n)
{
    static const struct {
        int token;
        const char *function;
    } FUNCTIONS[] = {{TK_COSINE_OP, "cosineDistance"}, {TK_L2_OP, "L2Distance"},
        {TK_IP_OP, "fovea_negative_inner_product"}, {TK_L1_OP, "L1Distance"}};
    int source = token_at(m->plan, n->at)->start;
    size_t i = 0;
    while (FUNCTIONS[i].token != token_at(m->plan, n->at)->kind) i++;
    rewrite_add(m->out, source, "%s(", FUNCTIONS[i].function);
    enum status st = emit_part(m, n->first, n->at - 1);
    rewrite_add(m->out, source, ",");
    if (st == ST_OK) st = emit_part(m, n->at + 1, n->last);
    rewrite_add(m->out, source, ")");
    return st;
}

/* E'…' as SQLite's string. */
static enum status emit_string(struct emit *m, int token)
{
    const char *text = sql_ast_text(&m->plan->ast, token);
    char *quoted = text != NULL ? sqlite3_mprintf("%Q", text) : NULL;
    if (quoted == NULL) return mem_err(m->e, 0);
    rewrite_add(m->out, token_at(m->plan, token)->start, "%s", quoted);
    sqlite3_free(quoted);
    return ST_OK;
}

static enum status emit_node(struct emit *m, const struct sql_node *n)
{
    if (n->kind == NODE_OPERATOR) return emit_operator(m, n);
    if (n->kind == NODE_TABLE_STEP) return emit_table_step(m, n);
    if (n->kind == NODE_FORM) return form_emit(m, n);
    if (n->kind == NODE_ARITHMETIC) return emit_arithmetic(m, n);
    return err_set(m->e, ST_INTERNAL, "a step stands where none can");
}

/* What stands at token i, all of it; *next is the token behind. */
static enum status emit_one(struct emit *m, int i, int last, int *next)
{
    const struct sql_token *t = token_at(m->plan, i);
    const struct sql_node *n = sql_ast_find(&m->plan->ast, i, last);
    int name_last = captured(m, i);
    *next = i + 1;
    if (n != NULL) {
        *next = n->last + 1;
        return emit_node(m, n);
    }
    if (name_last >= 0 && !m->tracing) {
        *next = name_last + 1;
        return emit_arg(m, (struct step_arg){.first = i, .last = name_last}, t->start);
    }
    if (t->kind == TK_STRING && t->escapes) return emit_string(m, i);
    if (t->kind == TK_VARIABLE) return emit_parameter(m, m->plan->parameters.of[i], t->start);
    const struct sql_alias_ast *alias = form_alias(m->plan, i);
    if (alias != NULL) return form_emit_alias(m, alias, t->start);
    const char *words = form_spelling(m->plan, i);
    if (words != NULL) {
        rewrite_add(m->out, t->start, "%s", words);
        return ST_OK;
    }
    rewrite_add_source(m->out, m->plan->scan.text, t->start, t->end);
    return ST_OK;
}

/* AS "a <=> b" behind a result column that the user gave no name. */
static void emit_result_name(struct emit *m, int first, int last)
{
    const char *text = m->plan->scan.text;
    int source = token_at(m->plan, first)->start;
    struct buf name;
    buf_init(&name);
    char *copy = mem_strndup(text + source, (size_t)(token_at(m->plan, last)->end - source));
    if (copy != NULL) sql_add_name(&name, copy);
    mem_free(copy);
    if (copy == NULL || name.failed)
        m->out->sql.failed = true;
    else
        rewrite_add(m->out, source, " AS %s", name.data);
    buf_deinit(&name);
}

/* What belongs behind a token; a step's own statements are written without the step. *next: the
 * token that is written then. */
static enum status emit_inserts(struct emit *m, int token, int *next)
{
    enum status st = ST_OK;
    const struct sql_insert *i = m->plan->inserts != NULL ? m->plan->inserts[token] : NULL;
    for (; st == ST_OK && i != NULL; i = i->next) {
        if (i->of != NULL && (m->tracing || m->plan->rows_only || m->step == i->of)) continue;
        if (i->words != NULL)
            rewrite_add(m->out, token_at(m->plan, token)->start, "%s", i->words);
        else
            st = emit_nearest(m, i->of, i->part);
        if (i->until > 0) *next = i->until + 1;
    }
    return st;
}

static enum status emit_span(struct emit *m, int first, int last, bool whole)
{
    if (m->depth == LIMIT_SQL_DEPTH)
        return err_set(m->e, ST_LIMIT, "the statement is nested too deep");
    m->depth++;
    enum status st = ST_OK;
    for (int i = first; st == ST_OK && i <= last;) {
        if (i > first) emit_gap(m, i);
        st = emit_one(m, i, last, &i);
        int result = m->plan->ast.result_first[i - 1] - 1;
        if (st == ST_OK && result >= first) emit_result_name(m, result, i - 1);
        if (st == ST_OK && (whole || i <= last)) st = emit_inserts(m, i - 1, &i);
    }
    m->depth--;
    return st;
}

enum status emit_tokens(struct emit *m, int first, int last)
{
    return emit_span(m, first, last, true);
}

enum status emit_part(struct emit *m, int first, int last)
{
    return emit_span(m, first, last, false);
}

/* --- common table expressions ----------------------------------------------------------------- */

static bool same_name(const struct sql_plan *p, int a, int b)
{
    const struct sql_token *x = token_at(p, a), *y = token_at(p, b);
    int length = x->end - x->start;
    return length == y->end - y->start &&
        strncasecmp(p->scan.text + x->start, p->scan.text + y->start, (size_t)length) == 0;
}

static bool names(const struct sql_plan *p, int first, int last, int name)
{
    for (int i = first; i <= last; i++)
        if (same_name(p, i, name)) return true;
    return false;
}

/* Does the query in [first, last] stand under the WITH of this expression, and behind it in its
 * list? */
static bool sees(const struct sql_node *cte, int first, int last)
{
    const struct sql_node *with = cte->inner;
    return with != NULL && with->first < first && last <= with->last && cte->last < first;
}

/* Is the expression one of those that [first, last] names, itself or through another it names? The
 * list is walked backwards, since an expression names only those before it. */
static int choose_ctes(
    const struct sql_plan *p, int first, int last, const struct sql_node **chosen, int room)
{
    const struct sql_node *seen[64];
    int count = 0, kept = 0;
    for (const struct sql_node *n = p->ast.nodes; n != NULL; n = n->next)
        if (n->kind == NODE_CTE && sees(n, first, last) && count < 64) seen[count++] = n;
    for (int i = count - 1; i >= 0 && kept < room; i--) {
        bool wanted = names(p, first, last, seen[i]->first);
        for (int k = 0; k < kept && !wanted; k++)
            wanted = names(p, chosen[k]->first + 1, chosen[k]->last, seen[i]->first);
        for (int k = 0; k < kept && wanted; k++)
            wanted = !same_name(p, chosen[k]->first, seen[i]->first);
        if (wanted) chosen[kept++] = seen[i];
    }
    return kept;
}

/* The names that the query's own WITH defines hide those outside. */
static bool hidden(const struct sql_plan *p, int with, const struct sql_node *cte)
{
    for (const struct sql_node *n = p->ast.nodes; n != NULL; n = n->next)
        if (n->kind == NODE_CTE && n->inner != NULL && n->inner->first == with &&
            same_name(p, n->first, cte->first))
            return true;
    return false;
}

enum status emit_outer_ctes(struct emit *m, int first, int last, int *skip)
{
    const struct sql_plan *p = m->plan;
    const struct sql_node *chosen[32];
    bool own = token_at(p, first)->kind == TK_WITH, begun = false;
    bool recursive = own && token_at(p, first + 1)->kind == TK_RECURSIVE;
    int count = choose_ctes(p, first, last, chosen, 32), source = token_at(p, first)->start;
    enum status st = ST_OK;
    *skip = 0;
    for (int i = count - 1; st == ST_OK && i >= 0; i--) {
        if (own && hidden(p, first, chosen[i])) continue;
        rewrite_add(m->out, source, begun ? ", " : "WITH RECURSIVE ");
        begun = true;
        st = emit_tokens(m, chosen[i]->first, chosen[i]->last);
    }
    if (!begun) return st;
    rewrite_add(m->out, source, own ? ", " : " ");
    if (own) *skip = recursive ? 2 : 1;
    return st;
}

/* --- places ----------------------------------------------------------------------------------- */

int emit_token_at(const struct sql_plan *p, const struct rewrite *r, int at)
{
    int byte = rewrite_source(r, at), low = 0, high = p->scan.count - 1;
    while (low <= high) {
        int middle = (low + high) / 2;
        const struct sql_token *t = token_at(p, middle);
        if (byte >= t->start && byte < t->end) return middle;
        if (byte < t->start)
            high = middle - 1;
        else
            low = middle + 1;
    }
    return -1;
}

void emit_place(const struct sql_plan *p, const struct rewrite *r, struct err *e)
{
    if (e->offset >= 0) err_place(e, p->scan.text, rewrite_source(r, e->offset));
    sql_scan_place(&p->scan, e);
}
