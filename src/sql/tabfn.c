/* tabfn.c - one virtual table module that serves every struct sql_tabfn.
 *
 * Arguments are hidden columns behind the visible ones. best_index asks for an equality on each
 * argument that the query gives; idxNum is the mask of those. A query that gives an argument from a
 * table which is not yet read in that join order gets SQLITE_CONSTRAINT, and SQLite tries another
 * order. Threads: the session's.
 */
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "sql/internal.h"

struct tabfn_module {
    struct sql_session *session;
    const struct sql_tabfn *fn;
    int columns;
    int args;
};

struct tabfn_table {
    sqlite3_vtab base;
    const struct tabfn_module *module;
};

struct tabfn_cursor {
    sqlite3_vtab_cursor base;
    const struct tabfn_module *module;
    void *open; /* what fn->open gave */
    bool opened;
    bool row;
    int64_t rowid;
    sqlite3_value *args[SQL_TABFN_ARGS_MAX];
};

/* Names in a list as "a, b(1,2), c". */
static int count_list(const char *list)
{
    int count = list[strspn(list, " ")] != '\0', depth = 0;
    for (const char *p = list; *p != '\0'; p++) {
        depth += (*p == '(') - (*p == ')');
        count += *p == ',' && depth == 0;
    }
    return count;
}

/* The n-th name of the list of arguments. */
static void arg_name(const char *args, int n, char *out, size_t bytes)
{
    const char *p = args;
    while (n-- > 0) p = strchr(p, ',') + 1;
    p += strspn(p, " ");
    size_t length = strcspn(p, ", ");
    if (length >= bytes) length = bytes - 1;
    memcpy(out, p, length);
    out[length] = '\0';
}

static int table_connect(
    sqlite3 *db, void *aux, int argc, const char *const *argv, sqlite3_vtab **out, char **message)
{
    (void)argc, (void)argv, (void)message;
    const struct tabfn_module *m = aux;
    struct buf sql;
    buf_init(&sql);
    buf_printf(&sql, "CREATE TABLE x(%s", m->fn->columns);
    for (int i = 0; i < m->args; i++) {
        char name[64];
        arg_name(m->fn->args, i, name, sizeof name);
        buf_printf(&sql, ", \"%s\" HIDDEN", name);
    }
    buf_add_char(&sql, ')');
    int rc = sql.failed ? SQLITE_NOMEM : sqlite3_declare_vtab(db, sql.data);
    buf_deinit(&sql);
    if (rc != SQLITE_OK) return rc;
    sqlite3_vtab_config(db, m->fn->direct_only ? SQLITE_VTAB_DIRECTONLY : SQLITE_VTAB_INNOCUOUS);
    struct tabfn_table *t = mem_zalloc(1, sizeof *t);
    if (t == NULL) return SQLITE_NOMEM;
    t->module = m;
    *out = &t->base;
    return SQLITE_OK;
}

static int table_disconnect(sqlite3_vtab *vtab)
{
    mem_free(vtab);
    return SQLITE_OK;
}

static int missing_argument(struct tabfn_table *t, int arg)
{
    char name[64];
    struct err e;
    arg_name(t->module->fn->args, arg, name, sizeof name);
    err_set(&e, ST_INVALID, "%s() needs its argument %s: %s(%s)", t->module->fn->name, name,
        t->module->fn->name, t->module->fn->args);
    return sql_fault_vtab(t->module->session, &t->base, &e);
}

static int table_best_index(sqlite3_vtab *vtab, sqlite3_index_info *info)
{
    struct tabfn_table *t = (struct tabfn_table *)vtab;
    const struct tabfn_module *m = t->module;
    int at[SQL_TABFN_ARGS_MAX] = {0}; /* constraint of each argument + 1 */
    int wanted = 0, next = 0;
    for (int i = 0; i < info->nConstraint; i++) {
        int arg = info->aConstraint[i].iColumn - m->columns;
        if (arg < 0 || info->aConstraint[i].op != SQLITE_INDEX_CONSTRAINT_EQ) continue;
        wanted |= 1 << arg;
        if (info->aConstraint[i].usable) at[arg] = i + 1;
    }
    for (int arg = 0; arg < m->args; arg++) {
        if ((wanted & 1 << arg) == 0 && arg < m->fn->args_required) return missing_argument(t, arg);
        if ((wanted & 1 << arg) != 0 && at[arg] == 0) return SQLITE_CONSTRAINT;
        if (at[arg] == 0) continue;
        info->aConstraintUsage[at[arg] - 1].argvIndex = ++next;
        info->aConstraintUsage[at[arg] - 1].omit = 1;
    }
    info->idxNum = wanted;
    info->estimatedCost = 1e6;
    info->estimatedRows = 1000;
    return SQLITE_OK;
}

static int cursor_open(sqlite3_vtab *vtab, sqlite3_vtab_cursor **out)
{
    struct tabfn_cursor *c = mem_zalloc(1, sizeof *c);
    if (c == NULL) return SQLITE_NOMEM;
    c->module = ((struct tabfn_table *)vtab)->module;
    *out = &c->base;
    return SQLITE_OK;
}

static void cursor_end(struct tabfn_cursor *c)
{
    if (c->opened && c->open != NULL) c->module->fn->close(c->open);
    c->open = NULL;
    c->opened = c->row = false;
    for (int i = 0; i < SQL_TABFN_ARGS_MAX; i++) {
        sqlite3_value_free(c->args[i]);
        c->args[i] = NULL;
    }
}

static int cursor_close(sqlite3_vtab_cursor *base)
{
    cursor_end((struct tabfn_cursor *)base);
    mem_free(base);
    return SQLITE_OK;
}

static int cursor_fault(struct tabfn_cursor *c, const struct err *e)
{
    return sql_fault_vtab(c->module->session, c->base.pVtab, e);
}

static int cursor_next(sqlite3_vtab_cursor *base)
{
    struct tabfn_cursor *c = (struct tabfn_cursor *)base;
    struct err e = ERR_INIT;
    c->row = false;
    c->rowid++;
    if (c->open == NULL) return SQLITE_OK;
    enum status st = run_check(&c->module->session->run, &e);
    if (st == ST_OK) st = c->module->fn->next(c->open, &c->row, &e);
    return st == ST_OK ? SQLITE_OK : cursor_fault(c, &e);
}

static int cursor_filter(
    sqlite3_vtab_cursor *base, int mask, const char *plan, int argc, sqlite3_value **argv)
{
    (void)plan, (void)argc;
    struct tabfn_cursor *c = (struct tabfn_cursor *)base;
    struct sql_value *args[SQL_TABFN_ARGS_MAX] = {0};
    struct err e = ERR_INIT;
    cursor_end(c);
    c->rowid = 0;
    for (int arg = 0, next = 0; arg < c->module->args; arg++) {
        if ((mask & 1 << arg) == 0) continue;
        c->args[arg] = sqlite3_value_dup(argv[next++]);
        if (c->args[arg] == NULL) return SQLITE_NOMEM;
        args[arg] = (struct sql_value *)c->args[arg];
    }
    enum status st = c->module->fn->open(c->module->session, args, c->module->args, &c->open, &e);
    c->opened = st == ST_OK;
    return st == ST_OK ? cursor_next(base) : cursor_fault(c, &e);
}

static int cursor_eof(sqlite3_vtab_cursor *base)
{
    return !((struct tabfn_cursor *)base)->row;
}

static int cursor_column(sqlite3_vtab_cursor *base, sqlite3_context *ctx, int column)
{
    struct tabfn_cursor *c = (struct tabfn_cursor *)base;
    if (column < c->module->columns)
        c->module->fn->column(c->open, column, (struct sql_result *)ctx);
    else if (c->args[column - c->module->columns] != NULL)
        sqlite3_result_value(ctx, c->args[column - c->module->columns]);
    return SQLITE_OK;
}

static int cursor_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *rowid)
{
    *rowid = ((struct tabfn_cursor *)base)->rowid;
    return SQLITE_OK;
}

static const sqlite3_module MODULE = {
    .xCreate = table_connect, /* the same as xConnect: eponymous, and may be made in temp too */
    .xConnect = table_connect,
    .xBestIndex = table_best_index,
    .xDisconnect = table_disconnect,
    .xDestroy = table_disconnect,
    .xOpen = cursor_open,
    .xClose = cursor_close,
    .xFilter = cursor_filter,
    .xNext = cursor_next,
    .xEof = cursor_eof,
    .xColumn = cursor_column,
    .xRowid = cursor_rowid,
};

/* A query over an eponymous table reads main, and so keeps a read transaction open on it. One that
 * works for hours and commits on the way would then meet its own old snapshot, and the log could
 * not be reset: so what has side effects is a table of temp, whose name is found first. */
static enum status add_to_temp(struct sql_session *s, const struct sql_tabfn *fn, struct err *e)
{
    struct buf sql;
    buf_init(&sql);
    buf_printf(&sql, "CREATE VIRTUAL TABLE temp.%s USING %s", fn->name, fn->name);
    enum status st = buf_check(&sql, e);
    if (st == ST_OK) st = store_exec(s->store, sql.data, e);
    buf_deinit(&sql);
    return st;
}

enum status sql_tabfn_add(struct sql_session *s, const struct sql_tabfn *fn, struct err *e)
{
    int args = count_list(fn->args);
    if (args > SQL_TABFN_ARGS_MAX)
        return err_set(
            e, ST_LIMIT, "%s has %d arguments, at most %d", fn->name, args, SQL_TABFN_ARGS_MAX);
    struct tabfn_module *m = mem_zalloc(1, sizeof *m);
    if (m == NULL) return mem_err(e, sizeof *m);
    *m = (struct tabfn_module){
        .session = s, .fn = fn, .columns = count_list(fn->columns), .args = args};
    int rc = sqlite3_create_module_v2(
        s->db, fn->name, &MODULE, m, mem_free); /* frees m on failure too */
    if (rc != SQLITE_OK) return sql_word(s, rc, e);
    return fn->direct_only && !fn->reads_only ? add_to_temp(s, fn, e) : ST_OK;
}
