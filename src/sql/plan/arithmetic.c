/* arithmetic.c - embed_text(m, 'horse') + 0.5 * v: + - * / where an operand can be shown to be a
 * vector (dialect/vectors.c) become functions; of numbers they stay SQLite's.
 *
 * The grammar notes each operation, innermost first, when the scan has met one at all; here it is
 * decided which are of vectors. What stands beside a vector and can't be told (a parameter, a
 * column without a type) is left to the function: vector_combine takes vectors, vector_multiply
 * either.
 */
#include "sql/plan/arithmetic.h"

#include "base/limits.h"
#include "sql/dialect/vectors.h"

static int kind_at(const struct sql_plan *p, int token)
{
    return p->scan.tokens[token].kind;
}

static bool is_unary(const struct sql_node *n)
{
    return n->at == n->first;
}

bool arithmetic_is_vector(struct sql_plan *p, struct sql_node *n)
{
    if (n->vector == VECTOR_UNKNOWN) {
        n->vector = VECTOR_NO; /* of itself while it is found out */
        bool left = !is_unary(n) && dialect_is_vector(p, n->first, n->at - 1);
        if (left || dialect_is_vector(p, n->at + 1, n->last)) n->vector = VECTOR_YES;
    }
    return n->vector == VECTOR_YES;
}

static bool is_number(const struct sql_plan *p, int first, int last)
{
    int kind = kind_at(p, last);
    bool sign =
        first + 1 == last && (kind_at(p, first) == TK_MINUS || kind_at(p, first) == TK_PLUS);
    return (first == last || sign) && (kind == TK_INTEGER || kind == TK_FLOAT);
}

/* A number can't be added to a vector, nor divided by one. */
static enum status check(const struct sql_plan *p, const struct sql_node *n, struct err *e)
{
    if (is_unary(n)) return ST_OK;
    int kind = kind_at(p, n->at);
    bool left = is_number(p, n->first, n->at - 1), right = is_number(p, n->at + 1, n->last);
    if ((kind == TK_PLUS || kind == TK_MINUS) && (left || right))
        return sql_at(&p->ast, n->at,
            err_set(e, ST_INVALID, "a vector and a number can't be %s: multiply, or %s a vector",
                kind == TK_PLUS ? "added" : "subtracted", kind == TK_PLUS ? "add" : "subtract"),
            e);
    if (kind == TK_SLASH && left)
        return sql_at(
            &p->ast, n->at, err_set(e, ST_INVALID, "a number can't be divided by a vector"), e);
    return ST_OK;
}

/* A result column keeps the text of what is rewritten in it as its name. */
static void keep_name(struct sql_plan *p, const struct sql_node *n)
{
    for (int i = n->last; i < p->scan.count; i++) {
        struct sql_result_ast r = p->ast.results[i];
        if (r.first == 0 || r.first - 1 > n->first) continue;
        if (r.alias == 0) p->ast.result_first[i] = r.first;
        return;
    }
}

enum status plan_arithmetic(struct sql_plan *p, struct err *e)
{
    enum status st = ST_OK;
    if (p->ast.operations == 0 || !dialect_names_vectors(p->session, &p->scan)) return ST_OK;
    for (struct sql_node *n = p->ast.nodes; st == ST_OK && n != NULL; n = n->next) {
        if (n->kind != NODE_ARITHMETIC || !arithmetic_is_vector(p, n)) continue;
        p->vectors = true;
        if (n->more)
            return sql_at(
                &p->ast, n->at, err_set(e, ST_LIMIT, "too many operations on vectors in a row"), e);
        keep_name(p, n);
        st = check(p, n, e);
    }
    return st;
}

/* The operation that is the left operand of a sum and a sum of vectors itself; NULL: it is none. */
static const struct sql_node *left_sum(const struct sql_plan *p, const struct sql_node *n)
{
    for (const struct sql_node *l = p->ast.heads[n->first]; l != NULL; l = l->same) {
        if (l->kind != NODE_ARITHMETIC || l->last != n->at - 1) continue;
        int kind = kind_at(p, l->at);
        bool sum = kind == TK_PLUS || kind == TK_MINUS;
        return sum && !is_unary(l) && l->vector == VECTOR_YES ? l : NULL;
    }
    return NULL;
}

/* a + b - c is one call, vector_combine('+-', a, b, c): a row of them adds no depth. */
static enum status emit_sum(struct emit *m, const struct sql_node *n)
{
    const struct sql_node *row[LIMIT_SQL_DEPTH];
    int count = 0, source = m->plan->scan.tokens[n->at].start;
    for (; n != NULL && count < LIMIT_SQL_DEPTH; n = left_sum(m->plan, n)) row[count++] = n;
    rewrite_add(m->out, source, "vector_combine('");
    for (int i = count - 1; i >= 0; i--)
        rewrite_add(m->out, source, kind_at(m->plan, row[i]->at) == TK_PLUS ? "+" : "-");
    rewrite_add(m->out, source, "',");
    enum status st = emit_part(m, row[count - 1]->first, row[count - 1]->at - 1);
    for (int i = count - 1; st == ST_OK && i >= 0; i--) {
        rewrite_add(m->out, source, ",");
        st = emit_part(m, row[i]->at + 1, row[i]->last);
    }
    rewrite_add(m->out, source, ")");
    return st;
}

enum status emit_arithmetic(struct emit *m, const struct sql_node *n)
{
    int kind = kind_at(m->plan, n->at), source = m->plan->scan.tokens[n->at].start;
    bool unary = is_unary(n);
    if (!unary && (kind == TK_PLUS || kind == TK_MINUS)) return emit_sum(m, n);
    rewrite_add(m->out, source, kind == TK_SLASH ? "vector_divide(" : "vector_multiply(");
    if (unary) rewrite_add(m->out, source, kind == TK_MINUS ? "-1" : "1");
    enum status st = unary ? ST_OK : emit_part(m, n->first, n->at - 1);
    rewrite_add(m->out, source, ",");
    if (st == ST_OK) st = emit_part(m, n->at + 1, n->last);
    rewrite_add(m->out, source, ")");
    return st;
}
