/* show.c - what ClickHouse asks about tables, as SELECTs.
 *
 *   SHOW TABLES [FROM schema] [[NOT] LIKE 'pattern']     SHOW DATABASES
 *   SHOW CREATE [TABLE] t      DESCRIBE | DESC [TABLE] t      EXISTS [TABLE] t
 *
 * SHOW CREATE gives the text a table was created with as long as the table is as that text made it
 * (fovea_tables, create_table.c), else SQLite's text of it. Tables of ours (fovea_…) are not shown.
 */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "sql/dialect/translate.h"
#include "sql/statement/ddl.h"

enum { NAME_BYTES = 256 };

/* [schema.]name of the table that is asked about. */
struct target {
    int token;
    char schema[NAME_BYTES], name[NAME_BYTES];
};

static enum status take_target(struct ddl *d, struct target *t, struct err *e)
{
    snprintf(t->schema, sizeof t->schema, "main");
    t->token = d->at;
    enum status st = ddl_name(d, t->name, sizeof t->name, e);
    if (st == ST_OK && ddl_kind(d, TK_DOT)) {
        memcpy(t->schema, t->name, sizeof t->schema);
        t->token = d->at;
        st = ddl_name(d, t->name, sizeof t->name, e);
    } else if (st == ST_OK &&
        sqlite3_table_column_metadata(
            d->session->db, "temp", t->name, NULL, NULL, NULL, NULL, NULL, NULL) == SQLITE_OK)
        snprintf(t->schema, sizeof t->schema, "temp");
    return st == ST_OK ? ddl_end(d, e) : st;
}

static enum status find(const struct ddl *d, const struct target *t, bool *found, struct err *e)
{
    struct store_stmt *st = NULL;
    enum status rc = store_preparef(d->session->store, &st, e,
        "SELECT 1 FROM \"%w\".sqlite_schema WHERE type IN ('table','view') AND name=%Q"
        " COLLATE NOCASE",
        t->schema, t->name);
    if (rc == ST_OK) rc = store_step(st, found, e);
    store_finalize(st);
    return rc == ST_OK ? ST_OK : ddl_fail(d, t->token, rc, e);
}

static enum status must_exist(const struct ddl *d, const struct target *t, struct err *e)
{
    bool found = false;
    enum status st = find(d, t, &found, e);
    if (st != ST_OK || found) return st;
    return ddl_fail(d, t->token, err_set(e, ST_NOT_FOUND, "no such table: %s", t->name), e);
}

static enum status show_tables(struct ddl *d, struct buf *sql, struct err *e)
{
    char schema[NAME_BYTES] = "main", pattern[NAME_BYTES];
    enum status st = ST_OK;
    d->usage = "SHOW TABLES [FROM schema] [[NOT] LIKE 'pattern']";
    if (ddl_word(d, "FROM") || ddl_word(d, "IN")) st = ddl_name(d, schema, sizeof schema, e);
    store_sql(sql,
        "SELECT name FROM \"%w\".sqlite_schema WHERE type IN ('table','view')"
        " AND name NOT LIKE 'sqlite\\_%%' ESCAPE '\\' AND name NOT LIKE 'fovea\\_%%' ESCAPE '\\'",
        schema);
    bool not = st == ST_OK && ddl_word(d, "NOT");
    if (st == ST_OK && (ddl_word(d, "LIKE") || ddl_word(d, "ILIKE"))) {
        st = ddl_name(d, pattern, sizeof pattern, e);
        if (st == ST_OK) store_sql(sql, " AND name %sLIKE %Q", not ? "NOT " : "", pattern);
    }
    buf_add_str(sql, " ORDER BY name");
    return st == ST_OK ? ddl_end(d, e) : st;
}

static enum status show_create(struct ddl *d, struct buf *sql, struct err *e)
{
    struct target t;
    d->usage = "SHOW CREATE [TABLE] t";
    ddl_word(d, "TABLE");
    enum status st = take_target(d, &t, e);
    if (st == ST_OK) st = must_exist(d, &t, e);
    if (st != ST_OK) return st;
    bool kept = strcmp(t.schema, "main") == 0 &&
        sqlite3_table_column_metadata(d->session->db, "main", "fovea_tables", NULL, NULL, NULL,
            NULL, NULL, NULL) == SQLITE_OK;
    buf_add_str(sql, "SELECT ");
    if (kept)
        buf_add_str(sql,
            "coalesce((SELECT k.statement FROM main.fovea_tables k WHERE k.tbl=s.name AND"
            " k.made=s.sql),s.sql)");
    else
        buf_add_str(sql, "s.sql");
    store_sql(sql,
        " AS statement FROM \"%w\".sqlite_schema s WHERE s.type IN ('table','view') AND"
        " s.name=%Q COLLATE NOCASE",
        t.schema, t.name);
    return ST_OK;
}

static enum status describe(struct ddl *d, struct buf *sql, struct err *e)
{
    struct target t;
    d->usage = "DESCRIBE [TABLE] t";
    ddl_word(d, "TABLE");
    enum status st = take_target(d, &t, e);
    if (st == ST_OK) st = must_exist(d, &t, e);
    store_sql(sql,
        "SELECT name, fovea_type_text(type) AS type, CASE WHEN hidden IN (2,3) THEN"
        " CASE hidden WHEN 2 THEN 'ALIAS' ELSE 'MATERIALIZED' END WHEN dflt_value IS NOT NULL THEN"
        " 'DEFAULT' ELSE '' END AS default_type, coalesce(dflt_value,'') AS default_expression,"
        " '' AS comment, '' AS codec_expression, '' AS ttl_expression"
        " FROM pragma_table_xinfo(%Q,%Q) ORDER BY cid",
        t.name, t.schema);
    return st;
}

static enum status tell_exists(struct ddl *d, struct buf *sql, struct err *e)
{
    struct target t;
    d->usage = "EXISTS [TABLE] t";
    ddl_word(d, "TABLE");
    bool found = false;
    enum status st = take_target(d, &t, e);
    if (st == ST_OK) st = find(d, &t, &found, e);
    store_sql(sql, "SELECT %d AS result", found);
    return st;
}

static const struct {
    const char *words[2];
    enum status (*write)(struct ddl *d, struct buf *sql, struct err *e);
} STATEMENTS[] = {
    {{"SHOW", "TABLES"}, show_tables},
    {{"SHOW", "CREATE"}, show_create},
    {{"DESCRIBE", NULL}, describe},
    {{"DESC", NULL}, describe},
    {{"EXISTS", NULL}, tell_exists},
};

enum status translate_show(
    struct sql_session *s, const struct sql_scan *scan, struct rewrite *out, struct err *e)
{
    struct ddl d = {.session = s, .scan = scan, .usage = ""};
    enum status st = ST_OK;
    for (size_t i = 0; i < sizeof STATEMENTS / sizeof STATEMENTS[0]; i++) {
        const char *const *words = STATEMENTS[i].words;
        if (!ddl_spells(scan, 0, words[0])) continue;
        if (words[1] != NULL && !ddl_spells(scan, 1, words[1])) continue;
        struct buf sql;
        buf_init(&sql);
        d.at = words[1] != NULL ? 2 : 1;
        st = STATEMENTS[i].write(&d, &sql, e);
        if (st == ST_OK) st = buf_check(&sql, e);
        if (st == ST_OK) rewrite_add(out, scan->tokens[0].start, "%s", sql.data);
        if (st == ST_OK) st = buf_check(&out->sql, e);
        buf_deinit(&sql);
        break;
    }
    return st;
}
