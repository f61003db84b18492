/* query_table.c - CREATE VIRTUAL TABLE temp.r USING fovea('SEARCH …'): the rows of a statement of
 * ours as a table, for those who reach us through a plain SQLite connection.
 *
 * The text is prepared when the table is connected, for its columns, and once for each cursor,
 * which runs it. Only temp holds such tables: a stored one would be an error to every program
 * without this library. Statements that write have no rows here.
 */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "sql/internal.h"
#include "sql/plan/plan.h"
#include "sql/stmt.h"

struct query_table {
    sqlite3_vtab base;
    struct sql_session *session;
    char *sql;
    int columns;
};

struct query_cursor {
    sqlite3_vtab_cursor base;
    struct sql_stmt *stmt;
    bool row;
    int64_t rowid;
};

/* --- the text --------------------------------------------------------------------------------- */

/* The argument without its quotes; one that was cut at commas is put together again. */
static enum status take_text(int argc, const char *const *argv, char **out, struct err *e)
{
    struct buf text;
    buf_init(&text);
    for (int i = 3; i < argc; i++) {
        if (i > 3) buf_add_char(&text, ',');
        buf_add_str(&text, argv[i]);
    }
    enum status st = buf_check(&text, e);
    char *s = text.data, quote = s != NULL ? s[0] : '\0';
    if (st == ST_OK && quote != '\0' && strchr("'\"`", quote) != NULL) {
        size_t n = 0;
        for (char *p = s + 1; *p != '\0' && (*p != quote || p[1] == quote); p++) {
            s[n++] = *p;
            if (*p == quote) p++;
        }
        s[n] = '\0';
    }
    if (st == ST_OK && (s == NULL || s[0] == '\0'))
        st = err_set(e, ST_INVALID, "USING fovea('statement'): the statement is missing");
    *out = st == ST_OK ? buf_take(&text) : NULL;
    buf_deinit(&text);
    return st;
}

/* A statement that is one, has rows and writes nothing. */
static enum status prepare(
    struct sql_session *s, const char *sql, struct sql_stmt **out, struct err *e)
{
    const char *tail;
    enum status st = sql_prepare(s, sql, strlen(sql), out, &tail, e);
    if (st != ST_OK) return st;
    const struct sql_stmt *stmt = *out;
    bool reads = stmt != NULL && sql_column_count(stmt) > 0 && stmt->command == NULL &&
        (stmt->plan == NULL || stmt->plan->save == NULL) &&
        sqlite3_stmt_readonly(stmt_prepared(stmt));
    if (!reads)
        st = err_set(
            e, ST_INVALID, "USING fovea(…) takes a statement with rows that writes nothing");
    else if (tail[strspn(tail, " \t\r\n;")] != '\0')
        st = err_set(e, ST_INVALID, "USING fovea(…) takes one statement");
    else if (sql_bind_count(stmt) > 0)
        st = err_set(e, ST_INVALID, "USING fovea(…) takes a statement without parameters");
    if (st == ST_OK) return ST_OK;
    sql_finalize(*out);
    *out = NULL;
    return st;
}

/* The columns, under names that differ. */
static void add_columns(struct buf *sql, struct sql_stmt *stmt)
{
    int count = sql_column_count(stmt);
    buf_add_str(sql, "CREATE TABLE x(");
    for (int i = 0; i < count; i++) {
        const char *name = sql_column_name(stmt, i);
        char own[300];
        bool taken = false;
        for (int k = 0; k < i && !taken; k++)
            taken = sqlite3_stricmp(name, sql_column_name(stmt, k)) == 0;
        snprintf(own, sizeof own, taken ? "%.250s:%d" : "%.250s", name, i);
        if (i > 0) buf_add_char(sql, ',');
        sql_add_name(sql, own);
        buf_add_char(sql, ' ');
        sql_add_name(sql, sql_column_type_text(stmt, i));
    }
    buf_add_char(sql, ')');
}

/* --- the table -------------------------------------------------------------------------------- */

static enum status open_table(
    struct query_table *t, int argc, const char *const *argv, struct err *e)
{
    struct sql_stmt *stmt;
    struct buf sql;
    if (sqlite3_stricmp(argv[1], "temp") != 0)
        return err_set(e, ST_INVALID,
            "a table USING fovea(…) is temporary: CREATE VIRTUAL TABLE temp.%s USING fovea(…)",
            argv[2]);
    enum status st = take_text(argc, argv, &t->sql, e);
    if (st == ST_OK) st = prepare(t->session, t->sql, &stmt, e);
    if (st != ST_OK) return st;
    buf_init(&sql);
    add_columns(&sql, stmt);
    t->columns = sql_column_count(stmt);
    st = buf_check(&sql, e);
    if (st == ST_OK && sqlite3_declare_vtab(t->session->db, sql.data) != SQLITE_OK)
        st = err_set(e, ST_INVALID, "%s", sqlite3_errmsg(t->session->db));
    buf_deinit(&sql);
    sql_finalize(stmt);
    return st;
}

static int table_connect(
    sqlite3 *db, void *aux, int argc, const char *const *argv, sqlite3_vtab **out, char **message)
{
    struct err e = ERR_INIT;
    struct query_table *t = mem_zalloc(1, sizeof *t);
    if (t == NULL) return SQLITE_NOMEM;
    t->session = aux;
    sqlite3_vtab_config(db, SQLITE_VTAB_DIRECTONLY);
    if (open_table(t, argc, argv, &e) == ST_OK) {
        *out = &t->base;
        return SQLITE_OK;
    }
    *message = sqlite3_mprintf("%s", e.text);
    mem_free(t->sql);
    mem_free(t);
    return status_row(e.code)->sqlite;
}

/* Another function than table_connect: with the same one the module would be a table of its own
 * name. */
static int table_create(
    sqlite3 *db, void *aux, int argc, const char *const *argv, sqlite3_vtab **out, char **message)
{
    return table_connect(db, aux, argc, argv, out, message);
}

static int table_disconnect(sqlite3_vtab *base)
{
    struct query_table *t = (struct query_table *)base;
    mem_free(t->sql);
    mem_free(t);
    return SQLITE_OK;
}

static int table_best(sqlite3_vtab *base, sqlite3_index_info *info)
{
    (void)base;
    info->estimatedCost = 1e6;
    info->estimatedRows = 1000;
    return SQLITE_OK;
}

/* --- cursors ---------------------------------------------------------------------------------- */

static int cursor_open(sqlite3_vtab *base, sqlite3_vtab_cursor **out)
{
    struct query_cursor *c = mem_zalloc(1, sizeof *c);
    (void)base;
    if (c == NULL) return SQLITE_NOMEM;
    *out = &c->base;
    return SQLITE_OK;
}

static int cursor_close(sqlite3_vtab_cursor *base)
{
    struct query_cursor *c = (struct query_cursor *)base;
    sql_finalize(c->stmt);
    mem_free(c);
    return SQLITE_OK;
}

static int cursor_next(sqlite3_vtab_cursor *base)
{
    struct query_cursor *c = (struct query_cursor *)base;
    struct err e = ERR_INIT;
    enum status st = sql_step(c->stmt, &c->row, &e);
    c->rowid++;
    if (st == ST_OK) return SQLITE_OK;
    return sql_fault_vtab(((struct query_table *)base->pVtab)->session, base->pVtab, &e);
}

static int cursor_filter(
    sqlite3_vtab_cursor *base, int number, const char *text, int argc, sqlite3_value **argv)
{
    (void)number, (void)text, (void)argc, (void)argv;
    struct query_cursor *c = (struct query_cursor *)base;
    struct query_table *t = (struct query_table *)base->pVtab;
    struct err e = ERR_INIT;
    enum status st = ST_OK;
    if (c->stmt == NULL)
        st = prepare(t->session, t->sql, &c->stmt, &e);
    else
        st = sql_reset(c->stmt, &e);
    if (st == ST_OK && sql_column_count(c->stmt) != t->columns)
        st = err_set(&e, ST_INVALID, "the tables under the statement have changed: drop this one");
    if (st != ST_OK) return sql_fault_vtab(t->session, &t->base, &e);
    c->rowid = 0;
    return cursor_next(base);
}

static int cursor_eof(sqlite3_vtab_cursor *base)
{
    return !((struct query_cursor *)base)->row;
}

static int cursor_column(sqlite3_vtab_cursor *base, sqlite3_context *ctx, int column)
{
    const struct query_cursor *c = (struct query_cursor *)base;
    sqlite3_value *v = sqlite3_column_value(c->stmt->rows, column);
    sqlite3_result_value(ctx, v);
    if (sql_column_type(c->stmt, column) == SQL_VECTOR)
        sqlite3_result_subtype(ctx, SQL_SUBTYPE_VECTOR);
    return SQLITE_OK;
}

static int cursor_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *rowid)
{
    *rowid = ((struct query_cursor *)base)->rowid;
    return SQLITE_OK;
}

static const sqlite3_module MODULE = {
    .xCreate = table_create,
    .xConnect = table_connect,
    .xBestIndex = table_best,
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

enum status sql_query_table_add(struct sql_session *s, struct err *e)
{
    int rc = sqlite3_create_module_v2(s->db, "fovea", &MODULE, s, NULL);
    return rc == SQLITE_OK ? ST_OK : sql_word(s, rc, e);
}
