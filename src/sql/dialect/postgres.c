/* postgres.c - statements of PostgreSQL's around the queries: what a script or a driver says first.
 *
 *   CREATE EXTENSION [IF NOT EXISTS] vector …        what it brings is here already
 *   SET [SESSION | LOCAL] search_path {= | TO} …     settings of PostgreSQL's, taken without effect
 *   SET TIME ZONE …, SET TRANSACTION …, SET NAMES …  SHOW search_path: the value it has for ever
 *   TRUNCATE [TABLE] [ONLY] t, … [RESTART IDENTITY] [CASCADE]
 *   START TRANSACTION …, BEGIN WORK …, BEGIN ISOLATION LEVEL …, COMMIT WORK, ROLLBACK WORK, ABORT
 */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "sql/dialect/postgres.h"
#include "sql/dialect/translate.h"
#include "sql/statement/ddl.h"

enum { NAME_BYTES = 256, TABLES_MAX = 64 };

/* Sorted by nothing: looked up once a SET. */
static const struct session_setting {
    const char *name, *value;
} SETTINGS[] = {
    {"search_path", "main"},
    {"client_min_messages", "notice"},
    {"client_encoding", "UTF8"},
    {"standard_conforming_strings", "on"},
    {"statement_timeout", "0"},
    {"lock_timeout", "0"},
    {"idle_in_transaction_session_timeout", "0"},
    {"application_name", ""},
    {"extra_float_digits", "1"},
    {"datestyle", "ISO, YMD"},
    {"intervalstyle", "postgres"},
    {"timezone", "UTC"},
    {"bytea_output", "hex"},
    {"synchronous_commit", "on"},
    {"row_security", "off"},
    {"check_function_bodies", "on"},
    {"xmloption", "content"},
    {"default_tablespace", ""},
    {"default_table_access_method", "heap"},
    {"default_transaction_isolation", "serializable"},
    {"transaction_isolation", "serializable"},
    {"enable_seqscan", "on"},
    {"enable_indexscan", "on"},
    {"work_mem", "4MB"},
    {"max_parallel_workers", "8"},
    {"max_parallel_workers_per_gather", "2"},
    {"max_parallel_maintenance_workers", "2"},
    {"min_parallel_table_scan_size", "8MB"},
    {"jit", "off"},
};

static const struct session_setting *find_setting(const struct sql_scan *scan, int at)
{
    for (size_t i = 0; i < sizeof SETTINGS / sizeof SETTINGS[0]; i++)
        if (ddl_spells(scan, at, SETTINGS[i].name)) return &SETTINGS[i];
    return NULL;
}

/* --- commands --------------------------------------------------------------------------------- */

static int behind_scope(const struct sql_scan *scan)
{
    return ddl_spells(scan, 1, "SESSION") || ddl_spells(scan, 1, "LOCAL") ? 2 : 1;
}

static bool is_set(const struct sql_scan *scan)
{
    int at = behind_scope(scan);
    bool phrase = (ddl_spells(scan, at, "TIME") && ddl_spells(scan, at + 1, "ZONE")) ||
        ddl_spells(scan, at, "TRANSACTION") || ddl_spells(scan, at, "CHARACTERISTICS") ||
        (ddl_spells(scan, at, "NAMES") && at + 1 < scan->count);
    return phrase || find_setting(scan, at) != NULL;
}

static bool is_ours(struct sql_session *s, const struct sql_scan *scan)
{
    (void)s;
    if (ddl_spells(scan, 0, "SET")) return is_set(scan);
    if (ddl_spells(scan, 0, "RESET")) return find_setting(scan, 1) != NULL;
    if (ddl_spells(scan, 0, "CREATE")) return ddl_spells(scan, 1, "EXTENSION");
    return ddl_spells(scan, 0, "TRUNCATE");
}

struct tables {
    int count;
    char *schema[TABLES_MAX], *name[TABLES_MAX];
};

static enum status read_table(struct ddl *d, struct tables *t, bool missing_ok, struct err *e)
{
    char name[NAME_BYTES], schema[NAME_BYTES] = "main";
    int at = d->at;
    if (t->count == TABLES_MAX)
        return ddl_fail(d, at, err_set(e, ST_LIMIT, "at most %d tables", TABLES_MAX), e);
    enum status st = ddl_name(d, name, sizeof name, e);
    if (st == ST_OK && ddl_kind(d, TK_DOT)) {
        memcpy(schema, name, sizeof schema);
        st = ddl_name(d, name, sizeof name, e);
    }
    if (st != ST_OK) return st;
    if (sqlite3_table_column_metadata(
            d->session->db, schema, name, NULL, NULL, NULL, NULL, NULL, NULL) != SQLITE_OK) {
        if (missing_ok) return ST_OK;
        return ddl_fail(d, at, err_set(e, ST_NOT_FOUND, "no such table: %s", name), e);
    }
    t->schema[t->count] = arena_strndup(&d->command->arena, schema, strlen(schema));
    t->name[t->count] = arena_strndup(&d->command->arena, name, strlen(name));
    bool kept = t->schema[t->count] != NULL && t->name[t->count] != NULL;
    t->count++;
    return kept ? ST_OK : mem_err(e, sizeof name);
}

static enum status read_truncate(struct ddl *d, struct err *e)
{
    struct tables *t = arena_alloc(&d->command->arena, sizeof *t);
    if (t == NULL) return mem_err(e, sizeof *t);
    d->command->data = t;
    d->usage = "TRUNCATE [TABLE] t, ... [RESTART IDENTITY] [CASCADE]";
    d->at = 1;
    ddl_word(d, "TABLE");
    bool missing_ok = ddl_word(d, "IF");
    enum status st = missing_ok ? ddl_expect_word(d, "EXISTS", e) : ST_OK;
    do {
        ddl_word(d, "ONLY");
        if (st == ST_OK) st = read_table(d, t, missing_ok, e);
    } while (st == ST_OK && ddl_kind(d, TK_COMMA));
    bool identity = st == ST_OK && (ddl_word(d, "RESTART") || ddl_word(d, "CONTINUE"));
    if (identity) st = ddl_expect_word(d, "IDENTITY", e);
    if (st == ST_OK && !ddl_word(d, "CASCADE")) ddl_word(d, "RESTRICT");
    return st == ST_OK ? ddl_end(d, e) : st;
}

static enum status read_extension(struct ddl *d, struct err *e)
{
    static const char *const KNOWN[] = {"vector", "pgcrypto", "plpgsql"};
    char name[NAME_BYTES];
    d->usage = "CREATE EXTENSION [IF NOT EXISTS] vector";
    d->at = 2;
    bool exists = ddl_word(d, "IF");
    enum status st = exists ? ddl_expect(d, TK_NOT, e) : ST_OK;
    if (st == ST_OK && exists) st = ddl_expect_word(d, "EXISTS", e);
    int at = d->at;
    if (st == ST_OK) st = ddl_name(d, name, sizeof name, e);
    if (st != ST_OK) return st;
    d->at = d->scan->count; /* WITH SCHEMA x VERSION y CASCADE */
    for (size_t i = 0; i < sizeof KNOWN / sizeof KNOWN[0]; i++)
        if (sqlite3_stricmp(name, KNOWN[i]) == 0) return ST_OK;
    return ddl_fail(d, at,
        err_set(e, ST_NOT_FOUND, "extension \"%.60s\" is not available: vector is", name), e);
}

static enum status read_any(struct ddl *d, struct err *e)
{
    if (ddl_spells(d->scan, 0, "TRUNCATE")) return read_truncate(d, e);
    if (ddl_spells(d->scan, 0, "CREATE")) return read_extension(d, e);
    d->at = d->scan->count;
    if (d->scan->count > behind_scope(d->scan) + (ddl_spells(d->scan, 0, "SET") ? 1 : -1))
        return ST_OK;
    d->usage = "SET name {= | TO} value";
    return ddl_near(d, e);
}

static enum status empty_one(
    struct sql_session *s, const char *schema, const char *name, struct err *e)
{
    return store_execf(s->store, e, "DELETE FROM \"%w\".\"%w\"", schema, name);
}

static enum status run_any(struct sql_session *s, const struct sql_command *command, struct err *e)
{
    const struct tables *t = command->data;
    if (t == NULL || t->count == 0) return ST_OK;
    enum status st = store_begin(s->store, e);
    if (st != ST_OK) return st;
    for (int i = 0; st == ST_OK && i < t->count; i++)
        st = empty_one(s, t->schema[i], t->name[i], e);
    if (st == ST_OK) st = store_commit(s->store, e);
    if (st != ST_OK) store_rollback(s->store);
    return st;
}

const struct sql_command_kind sql_command_postgres = {
    .is = is_ours, .read = read_any, .run = run_any};

/* --- statements that become others ------------------------------------------------------------ */

/* BEGIN and COMMIT with words that SQLite's haven't. */
static const char *transaction_of(const struct sql_scan *scan)
{
    bool more = scan->count > 1;
    if (ddl_spells(scan, 0, "START") && ddl_spells(scan, 1, "TRANSACTION")) return "BEGIN";
    if (ddl_spells(scan, 0, "ABORT"))
        return !more || ddl_spells(scan, 1, "WORK") || ddl_spells(scan, 1, "TRANSACTION")
            ? "ROLLBACK"
            : NULL;
    int at = ddl_spells(scan, 1, "TRANSACTION") ? 2 : 1;
    bool work = ddl_spells(scan, 1, "WORK");
    bool level = ddl_spells(scan, at, "ISOLATION") || ddl_spells(scan, at, "READ");
    if (ddl_spells(scan, 0, "BEGIN") && (work || level)) return "BEGIN";
    if (!work || scan->count > 2) return NULL;
    if (ddl_spells(scan, 0, "COMMIT") || ddl_spells(scan, 0, "END")) return "COMMIT";
    return ddl_spells(scan, 0, "ROLLBACK") ? "ROLLBACK" : NULL;
}

enum status translate_postgres(
    struct sql_session *s, const struct sql_scan *scan, struct rewrite *out, struct err *e)
{
    (void)s;
    if (scan->count == 0) return ST_OK;
    int source = scan->tokens[0].start;
    const char *words = transaction_of(scan);
    if (words != NULL) rewrite_add(out, source, "%s", words);
    if (ddl_spells(scan, 0, "SHOW")) {
        bool level = ddl_spells(scan, 1, "TRANSACTION") && ddl_spells(scan, 2, "ISOLATION");
        bool zone = ddl_spells(scan, 1, "TIME") && ddl_spells(scan, 2, "ZONE");
        const struct session_setting *set = scan->count == 2 ? find_setting(scan, 1) : NULL;
        if (level) rewrite_add(out, source, "SELECT 'serializable' AS transaction_isolation");
        if (zone) rewrite_add(out, source, "SELECT 'UTC' AS \"TimeZone\"");
        if (set != NULL) rewrite_add(out, source, "SELECT '%s' AS \"%s\"", set->value, set->name);
    }
    return buf_check(&out->sql, e);
}
