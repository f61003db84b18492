/* postgres_json.c - the elements of a JSON list as rows: json_array_elements(list) of PostgreSQL,
 * and json_array_elements_text, on top of SQLite's json_each.
 *
 * The first gives each as JSON ("cat" in quotes, null as a word), the other as text, null as NULL.
 * The column is called value. Not in the list of a SELECT, where PostgreSQL takes them too: SQLite
 * has functions of rows only behind FROM, and the scalars of these names say so.
 */
#include <string.h>

#include "base/mem.h"
#include "sql/function/function.h"

struct elements {
    struct sql_session *session;
    sqlite3_stmt *stmt;
};

static void close_elements(void *cursor)
{
    struct elements *c = cursor;
    if (c != NULL) sqlite3_finalize(c->stmt);
    mem_free(c);
}

static enum status check_list(
    struct sql_session *s, const struct sql_value *arg, bool *is_null, struct err *e)
{
    struct function_text text = {NULL, 0};
    sqlite3_stmt *stmt = NULL;
    *is_null = sql_value_type(arg) == SQL_NULL;
    if (*is_null) return ST_OK;
    enum status st = function_text(arg, &text, e);
    if (st != ST_OK) return st;
    int rc = sqlite3_prepare_v2(
        s->db, "SELECT CASE WHEN json_valid(?1) THEN json_type(?1) END", -1, &stmt, NULL);
    if (rc == SQLITE_OK) rc = sqlite3_bind_text(stmt, 1, text.s, (int)text.bytes, SQLITE_STATIC);
    if (rc == SQLITE_OK) rc = sqlite3_step(stmt);
    const char *type = rc == SQLITE_ROW ? (const char *)sqlite3_column_text(stmt, 0) : NULL;
    if (rc != SQLITE_ROW)
        st = sql_word(s, rc, e);
    else if (type == NULL)
        st = err_set(
            e, ST_INVALID, "json_array_elements() takes a JSON list; \"%.40s\" is no JSON", text.s);
    else if (strcmp(type, "array") != 0)
        st = err_set(
            e, ST_INVALID, "json_array_elements() takes a JSON list, not %s: %.40s", type, text.s);
    sqlite3_finalize(stmt);
    return st;
}

static enum status open_with(struct sql_session *s, const char *sql, const struct sql_value *arg,
    void **cursor, struct err *e)
{
    struct function_text text = {NULL, 0};
    bool is_null;
    enum status st = check_list(s, arg, &is_null, e);
    if (st != ST_OK || is_null) return st;
    st = function_text(arg, &text, e);
    if (st != ST_OK) return st;
    struct elements *c = mem_zalloc(1, sizeof *c);
    if (c == NULL) return mem_err(e, sizeof *c);
    c->session = s;
    int rc = sqlite3_prepare_v2(s->db, sql, -1, &c->stmt, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_text(c->stmt, 1, text.s, (int)text.bytes, SQLITE_TRANSIENT);
    if (rc != SQLITE_OK) {
        st = sql_word(s, rc, e);
        close_elements(c);
        return st;
    }
    *cursor = c;
    return ST_OK;
}

static enum status open_json(
    struct sql_session *s, struct sql_value *const *args, int count, void **cursor, struct err *e)
{
    (void)count;
    return open_with(s,
        "SELECT CASE type WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' ELSE"
        " json_quote(value) END FROM json_each(?1)",
        args[0], cursor, e);
}

static enum status open_text(
    struct sql_session *s, struct sql_value *const *args, int count, void **cursor, struct err *e)
{
    (void)count;
    return open_with(s,
        "SELECT CASE type WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' ELSE"
        " CAST(value AS TEXT) END FROM json_each(?1)",
        args[0], cursor, e);
}

static enum status next_element(void *cursor, bool *row, struct err *e)
{
    struct elements *c = cursor;
    int rc = sqlite3_step(c->stmt);
    *row = rc == SQLITE_ROW;
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? ST_OK : sql_word(c->session, rc, e);
}

static void element_column(void *cursor, int column, struct sql_result *out)
{
    struct elements *c = cursor;
    (void)column;
    const char *text = (const char *)sqlite3_column_text(c->stmt, 0);
    if (text == NULL)
        sql_result_null(out);
    else
        sql_result_text(out, text, sqlite3_column_bytes(c->stmt, 0));
}

FUNCTION_HEAD(refuse_elements)
{
    (void)session, (void)args, (void)count, (void)out;
    return err_set(e, ST_UNSUPPORTED,
        "json_array_elements() gives rows, which stand behind FROM here: SELECT t.id, e.value FROM"
        " t, json_array_elements(t.list) AS e");
}

#define ELEMENTS(sql_name, f)                                                                      \
    {                                                                                              \
        .name = sql_name, .columns = "value TEXT", .args = "list", .args_required = 1, .open = f,  \
        .next = next_element, .column = element_column, .close = close_elements                    \
    }

static const struct sql_tabfn TABLES[] = {
    ELEMENTS("json_array_elements", open_json),
    ELEMENTS("jsonb_array_elements", open_json),
    ELEMENTS("json_array_elements_text", open_text),
    ELEMENTS("jsonb_array_elements_text", open_text),
};

static const struct sql_scalar SCALARS[] = {
    FUNCTION("json_array_elements", 1, 1, refuse_elements),
    FUNCTION("jsonb_array_elements", 1, 1, refuse_elements),
    FUNCTION("json_array_elements_text", 1, 1, refuse_elements),
    FUNCTION("jsonb_array_elements_text", 1, 1, refuse_elements),
};

const struct function_set FUNCTIONS_POSTGRES_JSON = {.scalars = SCALARS,
    .scalar_count = FUNCTION_COUNT(SCALARS),
    .tables = TABLES,
    .table_count = FUNCTION_COUNT(TABLES)};
