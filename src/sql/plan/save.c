/* save.c - the rows of a CONVERT with table_name, or of CREATE TABLE … USING, into their table.
 *
 * In three parts, so that nobody waits for a model: the rows are computed into a private temporary
 * database (it spills to disk by itself), then one short transaction writes them, then they are
 * shown from there.
 */
#include "sql/plan/save.h"

#include <string.h>

#include "base/mem.h"
#include "store/columns.h"

struct sql_spool {
    sqlite3 *db;
    sqlite3_stmt *rows;
    int columns; /* with the rowid, when there is one */
};

static enum status spool_err(struct sql_spool *s, int rc, struct err *e)
{
    return err_set(e, status_from_sqlite(rc), "the rows can't be kept: %s", sqlite3_errmsg(s->db));
}

void sql_spool_close(struct sql_spool *s)
{
    if (s == NULL) return;
    sqlite3_finalize(s->rows);
    sqlite3_close(s->db);
    mem_free(s);
}

/* A table with the columns of stmt, untyped: values stay as they are. */
static enum status spool_open(sqlite3_stmt *stmt, struct sql_spool **out, struct err *e)
{
    struct sql_spool *s = mem_zalloc(1, sizeof *s);
    if (s == NULL) return mem_err(e, sizeof *s);
    struct buf sql;
    buf_init(&sql);
    s->columns = sqlite3_column_count(stmt);
    buf_add_str(&sql, "CREATE TABLE r(");
    for (int i = 0; i < s->columns; i++) {
        if (i > 0) buf_add_char(&sql, ',');
        sql_add_name(&sql, sqlite3_column_name(stmt, i));
    }
    buf_add_str(&sql, "); BEGIN");
    int rc = sqlite3_open_v2(
        "", &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc == SQLITE_OK)
        rc = sql.failed ? SQLITE_NOMEM : sqlite3_exec(s->db, sql.data, NULL, NULL, NULL);
    buf_deinit(&sql);
    if (rc != SQLITE_OK) {
        enum status st = spool_err(s, rc, e);
        sql_spool_close(s);
        return st;
    }
    *out = s;
    return ST_OK;
}

static enum status spool_insert(struct sql_spool *s, struct sql_plan *p, struct err *e)
{
    struct buf sql;
    sqlite3_stmt *insert = NULL;
    buf_init(&sql);
    buf_add_str(&sql, "INSERT INTO r VALUES(?1");
    for (int i = 2; i <= s->columns; i++) buf_printf(&sql, ",?%d", i);
    buf_add_char(&sql, ')');
    int rc = sql.failed ? SQLITE_NOMEM : sqlite3_prepare_v2(s->db, sql.data, -1, &insert, NULL);
    buf_deinit(&sql);
    int step = SQLITE_ROW;
    p->save->rows = 0;
    while (rc == SQLITE_OK && (step = sqlite3_step(p->stmt)) == SQLITE_ROW) {
        for (int i = 0; rc == SQLITE_OK && i < s->columns; i++)
            rc = sqlite3_bind_value(insert, i + 1, sqlite3_column_value(p->stmt, i));
        if (rc == SQLITE_OK) sqlite3_step(insert);
        if (rc == SQLITE_OK) rc = sqlite3_reset(insert);
        p->save->rows++;
    }
    enum status st = rc != SQLITE_OK ? spool_err(s, rc, e) : ST_OK;
    if (st == ST_OK && step != SQLITE_DONE) st = sql_word(p->session, step, e);
    sqlite3_finalize(insert);
    sqlite3_reset(p->stmt);
    return st;
}

/* Of CREATE TABLE … USING … FROM 'path': what is wrong with the path lies where it is written, and
 * one without pictures is a mistake: no table is made, and none replaced by an empty one. */
static enum status check_input(const struct sql_plan *p, enum status st, struct err *e)
{
    const struct sql_node *n = p->ast.create_using;
    const struct sql_literal *input = n != NULL ? n->parts.input : NULL;
    if (input == NULL) return st;
    if (st == ST_OK && p->save->rows == 0)
        st = err_set(e, ST_NOT_FOUND, "%s: no picture lies in this folder%s", input->text,
            sql_option_given(&n->built->options, "file_type") != NULL ? " that file_type lets in"
                                                                      : "");
    bool path = st == ST_NOT_FOUND || st == ST_DENIED || st == ST_INVALID;
    return path ? sql_at(&p->ast, input->first, st, e) : st;
}

/* --- writing ---------------------------------------------------------------------------------- */

static enum status exec(struct store *store, struct buf *sql, struct err *e)
{
    enum status st = buf_check(sql, e);
    if (st == ST_OK) st = store_exec(store, sql->data, e);
    if (e != NULL) e->offset = -1; /* a place in our own SQL says nothing to anybody */
    buf_clear(sql);
    return st;
}

static bool has_column(struct sql_plan *p, const char *table, const char *column)
{
    return sqlite3_table_column_metadata(
               p->session->db, NULL, table, column, NULL, NULL, NULL, NULL, NULL) == SQLITE_OK;
}

/* A new table gets all the columns of the step, with the types of q's. */
static enum status make_table(struct sql_plan *p, struct err *e)
{
    const struct sql_step *s = (p->ast.top != NULL ? p->ast.top : p->ast.create_using)->built;
    struct buf sql;
    buf_init(&sql);
    enum status st = ST_OK;
    if (p->save->replace) {
        buf_add_str(&sql, "DROP TABLE IF EXISTS ");
        sql_add_name(&sql, p->save->table);
        st = exec(p->session->store, &sql, e);
    }
    buf_add_str(&sql, "CREATE TABLE ");
    sql_add_name(&sql, p->save->table);
    for (int i = 0; i < s->column_count; i++) {
        if (s->columns[i].hidden) continue;
        buf_add_char(&sql, i == 0 ? '(' : ',');
        sql_add_name(&sql, s->columns[i].name);
        buf_printf(&sql, " %s", s->columns[i].type);
    }
    buf_add_char(&sql, ')');
    if (st == ST_OK) st = exec(p->session->store, &sql, e);
    if (st == ST_OK && p->save->replace)
        st = store_columns_remove(p->session->store, p->save->table, e);
    buf_deinit(&sql);
    return st;
}

static enum status add_column(struct sql_plan *p, struct err *e)
{
    if (has_column(p, p->save->table, p->save->column)) return ST_OK;
    struct buf sql;
    buf_init(&sql);
    buf_add_str(&sql, "ALTER TABLE ");
    sql_add_name(&sql, p->save->table);
    buf_add_str(&sql, " ADD COLUMN ");
    sql_add_name(&sql, p->save->column);
    buf_printf(&sql, " VECTOR_BLOB(%d)", p->save->declared.dim);
    enum status st = exec(p->session->store, &sql, e);
    buf_deinit(&sql);
    return st;
}

/* INSERT of all columns, or UPDATE of one by rowid or picture: ?1 is the vector, ?2 what finds the
 * row. */
static void write_statement(const struct sql_plan *p, int columns, struct buf *sql)
{
    const struct sql_save *save = p->save;
    buf_add_str(sql, save->create ? "INSERT INTO " : "UPDATE ");
    sql_add_name(sql, save->table);
    if (save->create) {
        buf_add_str(sql, " VALUES(?1");
        for (int i = 2; i <= columns; i++) buf_printf(sql, ",?%d", i);
        buf_add_char(sql, ')');
        return;
    }
    buf_add_str(sql, " SET ");
    sql_add_name(sql, save->column);
    buf_add_str(sql, "=?1 WHERE ");
    if (save->by_rowid)
        buf_add_str(sql, "_rowid_");
    else
        sql_add_name(sql, save->picture);
    buf_add_str(sql, "=?2");
}

static int column_of(sqlite3_stmt *stmt, const char *name)
{
    for (int i = 0; i < sqlite3_column_count(stmt); i++)
        if (sqlite3_stricmp(sqlite3_column_name(stmt, i), name) == 0) return i;
    return -1;
}

static int bind_row(const struct sql_plan *p, sqlite3_stmt *from, sqlite3_stmt *to, int columns)
{
    const struct sql_save *save = p->save;
    int rc = SQLITE_OK;
    if (!save->create) {
        int vector = column_of(from, save->column);
        int key = save->by_rowid ? columns - 1 : column_of(from, save->picture);
        if (vector < 0 || key < 0) return SQLITE_MISMATCH;
        rc = sqlite3_bind_value(to, 1, sqlite3_column_value(from, vector));
        return rc == SQLITE_OK ? sqlite3_bind_value(to, 2, sqlite3_column_value(from, key)) : rc;
    }
    for (int i = 0; rc == SQLITE_OK && i < columns; i++)
        rc = sqlite3_bind_value(to, i + 1, sqlite3_column_value(from, i));
    return rc;
}

static enum status write_rows(struct sql_plan *p, struct sql_spool *s, struct err *e)
{
    struct buf sql;
    sqlite3_stmt *write = NULL;
    buf_init(&sql);
    write_statement(p, s->columns, &sql);
    int rc =
        sql.failed ? SQLITE_NOMEM : sqlite3_prepare_v2(p->session->db, sql.data, -1, &write, NULL);
    buf_deinit(&sql);
    while (rc == SQLITE_OK && sqlite3_step(s->rows) == SQLITE_ROW) {
        rc = bind_row(p, s->rows, write, s->columns);
        if (rc == SQLITE_OK) sqlite3_step(write);
        if (rc == SQLITE_OK) rc = sqlite3_reset(write);
    }
    enum status st = rc == SQLITE_OK ? ST_OK : sql_word(p->session, rc, e);
    if (st != ST_OK && e != NULL) e->offset = -1;
    sqlite3_finalize(write);
    sqlite3_reset(s->rows);
    return st;
}

/* Rows that q leaves out may hold vectors that another model, or another state of this one, made.
 * They go: a column is of one model. */
static enum status clear_others(struct sql_plan *p, struct err *e)
{
    struct store_column before;
    struct buf sql;
    enum status st =
        store_column_find(p->session->store, p->save->table, p->save->column, &before, e);
    if (st != ST_OK || before.dim == 0) return st;
    if (strcmp(before.fingerprint, p->save->declared.fingerprint) == 0) return ST_OK;
    buf_init(&sql);
    buf_add_str(&sql, "UPDATE ");
    sql_add_name(&sql, p->save->table);
    buf_add_str(&sql, " SET ");
    sql_add_name(&sql, p->save->column);
    buf_add_str(&sql, "=NULL");
    st = exec(p->session->store, &sql, e);
    buf_deinit(&sql);
    return st;
}

static enum status write_table(struct sql_plan *p, struct sql_spool *s, struct err *e)
{
    struct store *store = p->session->store;
    enum status st = store_begin(store, e);
    if (st != ST_OK) return st;
    st = p->save->create ? make_table(p, e) : add_column(p, e);
    if (st == ST_OK && !p->save->create) st = clear_others(p, e);
    if (st == ST_OK) st = write_rows(p, s, e);
    /* Declarations are of the main database's tables. */
    bool temporary = sqlite3_table_column_metadata(p->session->db, "temp", p->save->table, NULL,
                         NULL, NULL, NULL, NULL, NULL) == SQLITE_OK;
    if (st == ST_OK && !temporary)
        st = store_column_set(store, p->save->table, p->save->column, &p->save->declared, e);
    if (st == ST_OK) st = store_commit(store, e);
    if (st != ST_OK) store_rollback(store);
    return st;
}

static enum status prepare_rows(struct sql_spool *s, int columns, struct err *e)
{
    struct buf sql;
    buf_init(&sql);
    buf_add_str(&sql, "SELECT ");
    if (columns == s->columns) buf_add_char(&sql, '*');
    for (int i = 0; columns < s->columns && i < columns; i++) {
        if (i > 0) buf_add_char(&sql, ',');
        sql_add_name(&sql, sqlite3_column_name(s->rows, i));
    }
    buf_add_str(&sql, " FROM r ORDER BY rowid");
    sqlite3_stmt *stmt = NULL;
    int rc = sql.failed ? SQLITE_NOMEM : sqlite3_prepare_v2(s->db, sql.data, -1, &stmt, NULL);
    buf_deinit(&sql);
    if (rc != SQLITE_OK) return spool_err(s, rc, e);
    sqlite3_finalize(s->rows);
    s->rows = stmt;
    return ST_OK;
}

enum status sql_save_run(struct sql_plan *p, struct sql_spool **out, struct err *e)
{
    struct sql_spool *s = NULL;
    if (store_is_read_only(p->session->store))
        return err_set(
            e, ST_READ_ONLY, "the database is read-only: %s can't be written", p->save->table);
    enum status st = spool_open(p->stmt, &s, e);
    if (st != ST_OK) return st;
    st = check_input(p, spool_insert(s, p, e), e);
    if (st == ST_OK) st = prepare_rows(s, s->columns, e);
    int64_t began_us = run_now_us();
    if (st == ST_OK) st = write_table(p, s, e);
    p->save->write_us = run_now_us() - began_us;
    if (st == ST_OK) st = prepare_rows(s, p->save->by_rowid ? s->columns - 1 : s->columns, e);
    if (st != ST_OK) {
        sql_spool_close(s);
        return st;
    }
    *out = s;
    return ST_OK;
}

sqlite3_stmt *sql_spool_rows(struct sql_spool *s)
{
    return s->rows;
}
