/* add_column.c - ALTER TABLE t ADD [COLUMN] [IF NOT EXISTS] name type …, when the type is one that
 * SQLite would misread (types.h). The column is written as CREATE TABLE writes it; a vector of a
 * known length is declared. SQLite's CHECK is held against the rows there are, which it reads.
 */
#include <string.h>

#include "base/mem.h"
#include "sql/dialect/create_table.h"
#include "sql/internal.h"
#include "store/columns.h"

struct add_column {
    const char *sql, *schema, *table, *name;
    int dim; /* of a vector; 0: not known, or none */
    bool if_not_exists;
};

/* The token of the column's name; -1: the statement is another. */
static int name_at(const struct sql_scan *scan)
{
    if (!ddl_spells(scan, 0, "ALTER") || !ddl_spells(scan, 1, "TABLE")) return -1;
    int at = ddl_spells(scan, 2, "ONLY") ? 4 : 3;
    if (at < scan->count && scan->tokens[at].kind == TK_DOT) at += 2;
    if (!ddl_spells(scan, at, "ADD")) return -1;
    at++;
    if (ddl_spells(scan, at, "COLUMN")) at++;
    if (ddl_spells(scan, at, "IF")) at += 3;
    return at + 1 < scan->count ? at : -1;
}

static bool is_add(struct sql_session *s, const struct sql_scan *scan)
{
    (void)s;
    int at = name_at(scan);
    return at > 0 && dialect_type_is_foreign(scan, at + 1);
}

/* AFTER column and FIRST are places, which rows have not here. */
static int definition_end(const struct sql_scan *scan, int at)
{
    int end = create_skip(scan, at);
    for (int i = at + 1; i < end; i++)
        if (ddl_spells(scan, i, "AFTER") || ddl_spells(scan, i, "FIRST")) return i;
    return end;
}

static enum status read_names(struct ddl *d, struct add_column *a, struct err *e)
{
    d->at = ddl_spells(d->scan, 2, "ONLY") ? 3 : 2;
    a->schema = "main";
    a->table = sql_ast_text(&d->ast, d->at++);
    if (ddl_kind(d, TK_DOT)) {
        a->schema = a->table;
        a->table = sql_ast_text(&d->ast, d->at++);
    }
    return a->table != NULL && a->schema != NULL ? ST_OK : mem_err(e, 0);
}

static enum status write(
    struct create_table *t, const struct create_element *x, struct rewrite *sql, struct err *e)
{
    const struct sql_scan *scan = t->d->scan;
    int name = ddl_spells(scan, 2, "ONLY") ? 3 : 2, behind = name;
    while (!ddl_spells(scan, behind, "ADD")) behind++;
    rewrite_add(sql, scan->tokens[0].start, "ALTER TABLE ");
    rewrite_add_source(sql, scan->text, scan->tokens[name].start, scan->tokens[behind - 1].end);
    rewrite_add(sql, scan->tokens[behind].start, " ADD COLUMN ");
    return create_write_column(t, x, sql, e);
}

static enum status read_add(struct ddl *d, struct err *e)
{
    struct add_column *a = arena_alloc(&d->command->arena, sizeof *a);
    struct create_table t = {.d = d, .arena = &d->command->arena};
    int at = name_at(d->scan), end = definition_end(d->scan, at);
    struct create_element x = {.first = at, .last = end - 1};
    struct rewrite sql;
    if (a == NULL) return mem_err(e, sizeof *a);
    *a = (struct add_column){.if_not_exists = ddl_spells(d->scan, at - 1, "EXISTS")};
    d->command->data = a;
    d->usage = "ALTER TABLE t ADD COLUMN name type";
    rewrite_init(&sql);
    enum status st = read_names(d, a, e);
    t.name_last = d->at - 1;
    d->at = at;
    if (st == ST_OK) st = create_read_column(&t, &x, e);
    d->at = end;
    if (ddl_word(d, "AFTER")) d->at++;
    ddl_word(d, "FIRST");
    if (st == ST_OK) st = ddl_end(d, e);
    if (st == ST_OK) st = write(&t, &x, &sql, e);
    a->name = x.name;
    bool there = st == ST_OK &&
        sqlite3_table_column_metadata(d->session->db, a->schema, a->table, a->name, NULL, NULL,
            NULL, NULL, NULL) == SQLITE_OK;
    if (st == ST_OK && !(there && a->if_not_exists)) st = create_check(&t, &sql, e);
    if (st == ST_OK) a->sql = arena_strndup(&d->command->arena, sql.sql.data, sql.sql.bytes);
    if (st == ST_OK && a->sql == NULL) st = mem_err(e, sql.sql.bytes);
    a->dim = x.type.vector ? x.type.dim : 0;
    rewrite_deinit(&sql);
    return st;
}

static enum status run_add(struct sql_session *s, const struct sql_command *c, struct err *e)
{
    const struct add_column *a = c->data;
    if (a->if_not_exists &&
        sqlite3_table_column_metadata(
            s->db, a->schema, a->table, a->name, NULL, NULL, NULL, NULL, NULL) == SQLITE_OK)
        return ST_OK;
    enum status st = store_begin(s->store, e);
    if (st != ST_OK) return st;
    st = store_exec(s->store, a->sql, e);
    struct store_column declared = {.dim = a->dim, .metric = "cosine"};
    if (st == ST_OK && a->dim > 0 && sqlite3_stricmp(a->schema, "main") == 0)
        st = store_column_set(s->store, a->table, a->name, &declared, e);
    if (st == ST_OK) st = store_commit(s->store, e);
    if (st != ST_OK) store_rollback(s->store);
    if (st != ST_OK && e != NULL) e->offset = -1;
    return st;
}

const struct sql_command_kind sql_command_add_column = {
    .is = is_add, .read = read_add, .run = run_add};
