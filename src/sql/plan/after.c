/* after.c - keeping fovea_columns true when SQLite's own statements change tables.
 *
 * The statement is understood by its first words; what follows it is SQL made when it is prepared
 * and run in the same transaction. Only tables of the main database are declared.
 */
#include "sql/plan/after.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "sql/plan/plan.h"
#include "store/vectors.h"

static bool spells(const struct sql_scan *s, int token, const char *word)
{
    return token < s->count && lex_is(s->text, s->tokens[token], word);
}

/* A name as SQLite gives it back: without its quotes. sqlite3_free it. */
static char *name_of(const struct sql_scan *s, int token)
{
    const struct sql_token *t = &s->tokens[token];
    const char *text = s->text + t->start;
    int length = t->end - t->start;
    if (text[0] != '"' && text[0] != '`' && text[0] != '[' && text[0] != '\'')
        return sqlite3_mprintf("%.*s", length, text);
    char *name = sqlite3_mprintf("%.*s", length - 2, text + 1);
    char quote = text[0];
    for (char *from = name, *to = name; from != NULL; from++) {
        if (*from == quote && from[1] == quote) from++;
        *to++ = *from;
        if (*from == '\0') break;
    }
    return name;
}

static bool is_name(const struct sql_scan *s, int token)
{
    int kind = token < s->count ? s->tokens[token].kind : LEX_END;
    return kind == TK_ID || kind == TK_STRING;
}

/* [main.]name at a token of a table that may be declared. sqlite3_free *name; *next is the token
 * behind. */
static bool take_table(
    struct sql_session *session, const struct sql_scan *s, int at, char **name, int *next)
{
    bool schema = at + 2 < s->count && s->tokens[at + 1].kind == TK_DOT;
    *name = NULL;
    if (schema && !spells(s, at, "main")) return false;
    if (schema) at += 2;
    if (!is_name(s, at)) return false;
    *name = name_of(s, at);
    *next = at + 1;
    if (*name == NULL) return false;
    bool temporary = !schema &&
        sqlite3_table_column_metadata(
            session->db, "temp", *name, NULL, NULL, NULL, NULL, NULL, NULL) == SQLITE_OK;
    return !temporary;
}

static void add(struct buf *sql, char *text)
{
    if (text == NULL)
        sql->failed = true;
    else
        buf_add_str(sql, text);
    sqlite3_free(text);
}

static bool has_table(struct sql_session *s, const char *name)
{
    return sqlite3_table_column_metadata(s->db, "main", name, NULL, NULL, NULL, NULL, NULL, NULL) ==
        SQLITE_OK;
}

/* fovea_tables: the texts of dialect/create_table.c. */
static void add_kept(
    struct sql_session *session, struct buf *sql, const char *table, const char *to)
{
    if (!has_table(session, "fovea_tables")) return;
    add(sql,
        to == NULL ? sqlite3_mprintf("DELETE FROM fovea_tables WHERE tbl=%Q;", table)
                   : sqlite3_mprintf(
                         "UPDATE OR REPLACE fovea_tables SET tbl=%Q WHERE tbl=%Q;", to, table));
}

static void after_drop(struct sql_session *session, const struct sql_scan *s, struct buf *sql)
{
    char *name;
    int at = spells(s, 2, "IF") ? 4 : 2, next;
    if (take_table(session, s, at, &name, &next)) {
        if (has_table(session, "fovea_columns"))
            add(sql, sqlite3_mprintf("DELETE FROM fovea_columns WHERE tbl=%Q;", name));
        add_kept(session, sql, name, NULL);
    }
    sqlite3_free(name);
}

/* The column that vectors were made from is called otherwise, or is gone: to NULL. */
static void add_picture(struct sql_session *session, struct buf *sql, const char *table,
    const char *from, const char *to)
{
    if (sqlite3_table_column_metadata(session->db, "main", "fovea_columns", "picture", NULL, NULL,
            NULL, NULL, NULL) == SQLITE_OK)
        add(sql,
            sqlite3_mprintf("UPDATE fovea_columns SET picture=%Q WHERE tbl=%Q AND picture=%Q;", to,
                table, from));
}

/* RENAME TO t2, RENAME [COLUMN] a TO b, DROP [COLUMN] a */
static void after_alter(struct sql_session *session, const struct sql_scan *s, struct buf *sql)
{
    char *table, *a = NULL, *b = NULL;
    int at;
    if (!take_table(session, s, 2, &table, &at)) {
        sqlite3_free(table);
        return;
    }
    bool renames = spells(s, at, "RENAME"), drops = spells(s, at, "DROP");
    at += spells(s, at + 1, "COLUMN") ? 2 : 1;
    bool declared = has_table(session, "fovea_columns");
    if (renames && spells(s, at, "TO") && is_name(s, at + 1)) {
        a = name_of(s, at + 1);
        if (declared)
            add(sql,
                sqlite3_mprintf(
                    "UPDATE OR REPLACE fovea_columns SET tbl=%Q WHERE tbl=%Q;", a, table));
        add_kept(session, sql, table, a);
    } else if (declared && renames && is_name(s, at) && is_name(s, at + 2)) {
        a = name_of(s, at);
        b = name_of(s, at + 2);
        add(sql,
            sqlite3_mprintf("UPDATE OR REPLACE fovea_columns SET col=%Q WHERE tbl=%Q AND col=%Q;",
                b, table, a));
        add_picture(session, sql, table, a, b);
    } else if (declared && drops && is_name(s, at)) {
        a = name_of(s, at);
        add(sql, sqlite3_mprintf("DELETE FROM fovea_columns WHERE tbl=%Q AND col=%Q;", table, a));
        add_picture(session, sql, table, a, NULL);
    }
    sqlite3_free(table);
    sqlite3_free(a);
    sqlite3_free(b);
}

static enum status copy_declarations(struct sql_session *session, const char *table,
    sqlite3_stmt *stmt, struct buf *sql, struct err *e)
{
    enum status st = ST_OK;
    for (int i = 0; st == ST_OK && i < sqlite3_column_count(stmt); i++) {
        struct store_column c;
        st = trace_column(session, stmt, i, &c, e);
        if (st == ST_OK && c.dim > 0)
            add(sql,
                sqlite3_mprintf("INSERT OR REPLACE INTO"
                                " fovea_columns(tbl,col,model,fingerprint,dim,metric,picture)"
                                " VALUES(%Q,%Q,nullif(%Q,''),nullif(%Q,''),%d,%Q,nullif(%Q,''));",
                    table, sqlite3_column_name(stmt, i), c.model, c.fingerprint, c.dim, c.metric,
                    c.picture));
    }
    return st;
}

static enum status after_create(struct sql_session *session, const struct sql_scan *s,
    const char *select, struct buf *sql, struct err *e)
{
    char *name = NULL;
    int at = 2, next;
    sqlite3_stmt *stmt = NULL;
    if (spells(s, at, "IF")) at += 3;
    bool declares = s->tokens[1].kind == TK_TABLE && take_table(session, s, at, &name, &next) &&
        sqlite3_table_column_metadata(
            session->db, "main", name, NULL, NULL, NULL, NULL, NULL, NULL) != SQLITE_OK &&
        sqlite3_prepare_v2(session->db, select, -1, &stmt, NULL) == SQLITE_OK;
    enum status st = declares ? copy_declarations(session, name, stmt, sql, e) : ST_OK;
    if (sql->bytes > 0) {
        /* The first declaration may come from a step, before any was kept. */
        st = st == ST_OK ? store_columns_init(session->store, e) : st;
    }
    sqlite3_finalize(stmt);
    sqlite3_free(name);
    return st;
}

/* Statements that drop the indexes of the column that ALTER TABLE t DROP [COLUMN] a names. */
static enum status leave_indexes(
    struct sql_session *session, const struct sql_scan *s, struct buf *sql, struct err *e)
{
    char *table, *column = NULL;
    int at;
    struct store_index *all = NULL;
    size_t count = 0;
    enum status st = ST_OK;
    bool drops = take_table(session, s, 2, &table, &at) && spells(s, at, "DROP");
    if (drops) at += spells(s, at + 1, "COLUMN") ? 2 : 1;
    if (drops && is_name(s, at)) column = name_of(s, at);
    if (column != NULL) st = store_index_list(session->store, &all, &count, e);
    for (size_t i = 0; st == ST_OK && i < count; i++)
        if (sqlite3_stricmp(all[i].schema, "main") == 0 &&
            sqlite3_stricmp(all[i].table, table) == 0 &&
            sqlite3_stricmp(all[i].column, column) == 0)
            store_index_drop_sql(&all[i], sql);
    mem_free(all);
    sqlite3_free(table);
    sqlite3_free(column);
    return st;
}

enum status sql_after_open(struct sql_session *s, const struct sql_scan *scan, const char *select,
    struct sql_after *out, struct err *e)
{
    struct buf sql, before;
    enum status st = ST_OK;
    *out = (struct sql_after){NULL, NULL};
    if ((scan->holds & (HOLDS_CREATE_AS | HOLDS_DROP)) == 0 || store_is_read_only(s->store))
        return ST_OK;
    buf_init(&sql);
    buf_init(&before);
    if (select == NULL && spells(scan, 0, "ALTER")) st = leave_indexes(s, scan, &before, e);
    if (select != NULL)
        st = after_create(s, scan, select, &sql, e);
    else if (spells(scan, 0, "DROP"))
        after_drop(s, scan, &sql);
    else if (spells(scan, 0, "ALTER"))
        after_alter(s, scan, &sql);
    if (st == ST_OK) st = buf_check(&sql, e);
    if (st == ST_OK) st = buf_check(&before, e);
    if (st == ST_OK && sql.bytes > 0) out->behind = buf_take(&sql);
    if (st == ST_OK && before.bytes > 0) out->before = buf_take(&before);
    buf_deinit(&sql);
    buf_deinit(&before);
    return st;
}
