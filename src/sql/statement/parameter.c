/* parameter.c - SET param_name = value: what {name:Type} is where nobody binds it.
 *
 * The value is kept as text, a string without its quotes and anything else as it is written; the
 * type is known only where it is used.
 */
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "sql/plan/parameters.h"
#include "sql/statement/commands.h"
#include "sql/statement/ddl.h"

static const char PREFIX[] = "param_";
enum { PREFIX_BYTES = sizeof PREFIX - 1 };

struct setting {
    const char *name, *text;
};

static bool is_parameter(struct sql_session *s, const struct sql_scan *scan)
{
    (void)s;
    if (scan->count < 2 || !ddl_spells(scan, 0, "SET")) return false;
    struct sql_token t = scan->tokens[1];
    return t.end - t.start > PREFIX_BYTES &&
        strncasecmp(scan->text + t.start, PREFIX, PREFIX_BYTES) == 0;
}

/* The token behind a value: it ends with its line, brackets aside. */
static int value_end(const struct sql_scan *scan, int first)
{
    for (int i = first, depth = 0; i < scan->count; i++) {
        struct sql_token t = scan->tokens[i];
        int before = scan->tokens[i - 1].end;
        bool line = memchr(scan->text + before, '\n', (size_t)(t.start - before)) != NULL;
        if (i > first && depth == 0 && line) return i;
        depth += (t.kind == TK_LP || t.kind == TK_LB) - (t.kind == TK_RP || t.kind == TK_RB);
    }
    return scan->count;
}

static enum status read_parameter(struct ddl *d, struct err *e)
{
    const struct sql_scan *scan = d->scan;
    struct setting *set = arena_alloc(&d->command->arena, sizeof *set);
    if (set == NULL) return mem_err(e, sizeof *set);
    d->command->data = set;
    d->usage = "SET param_name = value";
    char *name = sql_ast_text(&d->ast, 1);
    d->at = 2;
    enum status st = ddl_expect(d, TK_EQ, e);
    if (st != ST_OK) return st;
    if (d->at >= scan->count) return ddl_near(d, e);
    int end = value_end(scan, d->at);
    struct sql_token first = scan->tokens[d->at], last = scan->tokens[end - 1];
    set->name = name != NULL ? name + PREFIX_BYTES : NULL;
    set->text = d->at + 1 == end && first.kind == TK_STRING
        ? sql_ast_text(&d->ast, d->at)
        : arena_strndup(
              &d->command->arena, scan->text + first.start, (size_t)(last.end - first.start));
    d->at = end;
    return set->name != NULL && set->text != NULL ? ST_OK : mem_err(e, 0);
}

static enum status run_parameter(struct sql_session *s, const struct sql_command *c, struct err *e)
{
    const struct setting *set = c->data;
    return sql_parameter_set(s, set->name, set->text, e);
}

const struct sql_command_kind sql_command_parameter = {
    .is = is_parameter, .read = read_parameter, .run = run_parameter};
