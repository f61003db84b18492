/* file.c - file('path'[, format]) behind FROM and JOIN becomes the name of a virtual table
 * (statement/file_table.h). Not in views and triggers, which outlive the session that knows it.
 */
#include <string.h>

#include "base/mem.h"
#include "sql/dialect/translate.h"
#include "sql/statement/ddl.h"
#include "sql/statement/file_table.h"
#include "sql/statement/import.h"

static bool is_call(const struct sql_scan *scan, int at)
{
    if (at < 1 || at + 2 >= scan->count || !ddl_spells(scan, at, "file")) return false;
    int before = scan->tokens[at - 1].kind;
    return (before == TK_FROM || before == TK_JOIN) && scan->tokens[at + 1].kind == TK_LP &&
        scan->tokens[at + 2].kind == TK_STRING;
}

static bool is_kept(const struct sql_scan *scan)
{
    if (!ddl_spells(scan, 0, "CREATE")) return false;
    for (int at = 1; at < 3; at++)
        if (ddl_spells(scan, at, "VIEW") || ddl_spells(scan, at, "TRIGGER")) return true;
    return false;
}

/* The call at d->at; goes behind it. */
static enum status read_call(struct ddl *d, struct import *im, char *name, struct err *e)
{
    int token = d->at;
    d->usage = "file('path'[, format])";
    char *path = sql_ast_text(&d->ast, d->at + 2);
    if (path == NULL) return mem_err(e, 0);
    d->at += 3;
    enum status st = ddl_kind(d, TK_COMMA) ? import_read_format(d, im, e) : ST_OK;
    if (st == ST_OK) st = ddl_expect(d, TK_RP, e);
    struct file_table f = {path, &im->options};
    if (st == ST_OK) st = file_table_add(d->session, &f, name, e);
    return st == ST_OK || (e != NULL && e->line > 0) ? st : ddl_fail(d, token, st, e);
}

enum status translate_files(
    struct sql_session *s, const struct sql_scan *scan, struct rewrite *out, struct err *e)
{
    struct arena arena;
    enum status st = ST_OK;
    int copied = scan->count > 0 ? scan->tokens[0].start : 0, begin = copied;
    if (is_kept(scan)) return ST_OK;
    arena_init(&arena, 0);
    for (int at = 1; st == ST_OK && at < scan->count; at++) {
        struct import im = {.session = s, .options = {.escapes = true}};
        struct ddl d = {
            .session = s, .scan = scan, .at = at, .ast = {.scan = scan, .arena = &arena}};
        char name[FILE_TABLE_NAME_BYTES];
        if (!is_call(scan, at)) continue;
        st = read_call(&d, &im, name, e);
        if (st != ST_OK) break;
        rewrite_add_source(out, scan->text, copied, scan->tokens[at].start);
        rewrite_add(out, scan->tokens[at].start, "%s", name);
        copied = scan->tokens[d.at - 1].end;
    }
    arena_deinit(&arena);
    if (st != ST_OK || copied == begin) return st;
    rewrite_add_source(out, scan->text, copied, scan->end);
    return buf_check(&out->sql, e);
}
