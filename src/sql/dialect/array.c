/* array.c - [1, 2, 3], ['a', x + 1] and ARRAY[…]: JSON, which vectors, JSON functions and those of
 * arrays read alike.
 *
 * One of literals only is written as a text; any other is json_array() of its elements.
 */
#include <string.h>

#include "base/mem.h"
#include "sql/plan.h"

static const struct sql_token *token_at(const struct emit *m, int i)
{
    return &m->plan->scan.tokens[i];
}

/* Is the number one of JSON's? Not .5, 5. and 0x5. */
static bool is_json_number(const struct emit *m, int i)
{
    const struct sql_token *t = token_at(m, i);
    const char *s = m->plan->scan.text + t->start, *end = m->plan->scan.text + t->end;
    bool zeros = s[0] == '0' && end - s > 1 && s[1] != '.' && (s[1] | 0x20) != 'e';
    const char *dot = memchr(s, '.', (size_t)(end - s));
    bool digits = dot == NULL || (dot > s && dot + 1 < end && dot[1] >= '0' && dot[1] <= '9');
    return !zeros && digits;
}

/* Are these numbers, strings, NULLs and arrays of them? */
static bool is_literal(const struct emit *m, int first, int last)
{
    for (int i = first; i <= last; i++) {
        int kind = token_at(m, i)->kind, next = token_at(m, i + 1)->kind;
        bool number = kind == TK_INTEGER || kind == TK_FLOAT;
        bool sign =
            (kind == TK_MINUS || kind == TK_PLUS) && (next == TK_INTEGER || next == TK_FLOAT);
        if (sign && token_at(m, i - 1)->kind != TK_COMMA && token_at(m, i - 1)->kind != TK_LB)
            return false;
        bool text = kind == TK_STRING || kind == TK_NULL;
        bool frame = kind == TK_COMMA || kind == TK_LB || kind == TK_RB;
        if (!sign && !text && !frame && !(number && is_json_number(m, i))) return false;
    }
    return true;
}

static enum status add_json(struct emit *m, int first, int last, struct buf *out)
{
    const char *text = m->plan->scan.text;
    for (int i = first; i <= last; i++) {
        const struct sql_token *t = token_at(m, i);
        if (t->kind == TK_PLUS) continue;
        if (t->kind != TK_STRING) {
            buf_add(out, t->kind == TK_NULL ? "null" : text + t->start,
                t->kind == TK_NULL ? 4 : (size_t)(t->end - t->start));
            continue;
        }
        const char *s = sql_ast_text(&m->plan->ast, i);
        if (s == NULL) return mem_err(m->e, 0);
        buf_add_json(out, s, strlen(s));
    }
    return buf_check(out, m->e);
}

static enum status emit_text(struct emit *m, int first, int last)
{
    struct buf json;
    buf_init(&json);
    enum status st = add_json(m, first, last, &json);
    char *quoted = st == ST_OK ? sqlite3_mprintf("%Q", json.data) : NULL;
    if (st == ST_OK && quoted == NULL) st = mem_err(m->e, 0);
    if (st == ST_OK)
        rewrite_add(m->out, token_at(m, first)->start, m->arrays > 0 ? "json(%s)" : "%s", quoted);
    sqlite3_free(quoted);
    buf_deinit(&json);
    return st;
}

enum status emit_array(struct emit *m, const struct sql_node *n)
{
    int first = n->first + (token_at(m, n->first)->kind == TK_ARRAY);
    if (is_literal(m, first, n->last)) return emit_text(m, first, n->last);
    m->arrays++;
    rewrite_add(m->out, token_at(m, first)->start, "json_array(");
    enum status st = emit_part(m, first + 1, n->last - 1);
    rewrite_add(m->out, token_at(m, n->last)->start, ")");
    m->arrays--;
    return st;
}
