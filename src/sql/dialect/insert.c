/* insert.c - INSERT and UPDATE of vector columns: what is given as text becomes a BLOB.
 *
 * SQLite has no place where a value could be changed on its way into a column, but a SELECT. So
 *     INSERT INTO t(a, v) VALUES (1, '[1,2]') ON CONFLICT …
 * becomes
 *     INSERT INTO t(a, v) WITH fovea_in(c1, c2) AS (VALUES (1, '[1,2]'))
 *         SELECT c1, fovea_vector(c2, 't', 'v', 2) FROM fovea_in WHERE 1 ON CONFLICT …
 * and SET v = x becomes SET v = fovea_vector(x, …); around that stands halfvec() where the column
 * is one. Only tables made by create_table.c are looked at; their CHECK refuses text from programs
 * that don't know us.
 *
 * fovea_vector says which row holds what it refuses. Of a column whose length is not declared the
 * first vector declares it, in the transaction of the INSERT.
 */
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "sql/dialect/create_table.h"
#include "sql/dialect/postgres.h"
#include "sql/dialect/translate.h"
#include "sql/function/function.h"
#include "sql/statement/ddl.h"
#include "store/columns.h"

enum { NAME_BYTES = 256 };

/* --- the function ----------------------------------------------------------------------------- */

/* Kept with the constant argument: rows of this execution, and what is known of the column. */
struct counter {
    int64_t rows;
    int dim;
};

static struct counter *counter_of(struct sql_result *out, struct counter *fallback)
{
    sqlite3_context *ctx = (sqlite3_context *)out;
    struct counter *c = sqlite3_get_auxdata(ctx, 1);
    if (c != NULL) return c;
    c = mem_zalloc(1, sizeof *c);
    if (c == NULL) return fallback;
    sqlite3_set_auxdata(ctx, 1, c, mem_free);
    c = sqlite3_get_auxdata(ctx, 1);
    return c != NULL ? c : fallback;
}

/* The declared length; the first vector declares it. */
static enum status settle(
    struct sql_session *s, const char *table, const char *column, int *dim, struct err *e)
{
    struct store_column c;
    int given = *dim;
    enum status st = store_column_find(s->store, table, column, &c, e);
    if (st == ST_OK && c.dim > 0) *dim = c.dim;
    if (st != ST_OK || c.dim > 0) return st;
    c = (struct store_column){.dim = given, .metric = "cosine"};
    return store_column_set(s->store, table, column, &c, e);
}

/* fovea_vector(value, table, column, dim): dim 0: not declared; -1: not kept in fovea_columns. */
FUNCTION_HEAD(call_fovea_vector)
{
    (void)count;
    struct counter none = {0}, *c = counter_of(out, &none);
    const char *table = sql_value_text(args[1]), *column = sql_value_text(args[2]);
    int64_t dim = sql_value_int(args[3]);
    struct vector_arg v;
    char what[2 * NAME_BYTES + 40];
    c->rows++;
    if (sql_value_type(args[0]) == SQL_NULL) return ST_OK;
    if (table == NULL || column == NULL) return mem_err(e, 0);
    snprintf(what, sizeof what, "%.*s.%.*s, row %lld", NAME_BYTES, table, NAME_BYTES, column,
        (long long)c->rows);
    enum status st = vector_arg_init(&v, args[0], what, e);
    if (st != ST_OK && sql_value_type(args[0]) == SQL_TEXT) {
        struct err inner = e != NULL ? *e : ERR_INIT;
        st = err_set(e, st, "%s: %s", what, inner.text);
    }
    if (st == ST_OK) st = vector_arg_check(&v, what, e);
    if (dim > 0) c->dim = (int)dim;
    if (st == ST_OK && c->dim == 0) {
        c->dim = v.dim;
        if (dim == 0) st = settle(session, table, column, &c->dim, e);
    }
    if (st == ST_OK && v.dim != c->dim)
        st = err_set(e, ST_MISMATCH, "%s: a vector of %d dimensions, the column has %d", what,
            v.dim, c->dim);
    if (st == ST_OK) sql_result_vector(out, v.v, v.dim);
    vector_arg_deinit(&v);
    return st;
}

/* fovea_type_text(declared): the type as the user wrote it. */
FUNCTION_HEAD(call_fovea_type_text)
{
    (void)session, (void)count;
    struct buf text;
    buf_init(&text);
    dialect_type_text(sql_value_text(args[0]), &text);
    return function_finish(out, &text, e);
}

static const struct sql_scalar SCALARS[] = {
    {.name = "fovea_vector",
        .args_min = 4,
        .args_max = 4,
        .direct_only = true,
        .call = call_fovea_vector},
    FUNCTION("fovea_type_text", 1, 1, call_fovea_type_text),
};

const struct function_set FUNCTIONS_DIALECT = {
    .scalars = SCALARS, .scalar_count = FUNCTION_COUNT(SCALARS)};

/* --- the table's columns ---------------------------------------------------------------------- */

struct column {
    char name[NAME_BYTES];
    bool vector, half;
    int dim; /* as fovea_vector takes it */
};

struct insert {
    struct sql_session *session;
    const struct sql_scan *scan;
    struct rewrite *out;
    struct arena arena;
    char schema[NAME_BYTES], table[NAME_BYTES];
    struct column *columns;
    int count;
    bool any;   /* vector */
    int copied; /* bytes of the text that were written */
    int format; /* the token of FORMAT before VALUES, ClickHouse's; 0: none */
};

static bool is_temp(struct insert *in)
{
    return sqlite3_table_column_metadata(
               in->session->db, "temp", in->table, NULL, NULL, NULL, NULL, NULL, NULL) == SQLITE_OK;
}

static enum status find_dim(struct insert *in, struct column *c, struct err *e)
{
    struct store_column known = {.dim = 0};
    bool main = sqlite3_stricmp(in->schema, "main") == 0;
    enum status st =
        main ? store_column_find(in->session->store, in->table, c->name, &known, e) : ST_OK;
    if (known.dim > 0) c->dim = known.dim;
    if (c->dim == 0 && !main) c->dim = -1;
    return st;
}

static enum status read_row(struct insert *in, sqlite3_stmt *stmt, struct err *e)
{
    const char *name = (const char *)sqlite3_column_text(stmt, 0);
    const char *type = (const char *)sqlite3_column_text(stmt, 1);
    struct column *c = &in->columns[in->count];
    if (name == NULL || strlen(name) >= sizeof c->name) return ST_OK;
    *c = (struct column){.vector = false};
    snprintf(c->name, sizeof c->name, "%s", name);
    c->vector =
        type != NULL && strncmp(type, "BLOB \"", 6) == 0 && dialect_type_is_vector(type, &c->dim);
    c->half = c->vector && dialect_type_is_half(type);
    in->any |= c->vector;
    in->count++;
    return c->vector ? find_dim(in, c, e) : ST_OK;
}

/* Columns that can be inserted into, in their order. */
static enum status read_columns(struct insert *in, struct err *e)
{
    sqlite3_stmt *stmt = NULL;
    enum status st = ST_OK;
    if (in->schema[0] == '\0')
        snprintf(in->schema, sizeof in->schema, is_temp(in) ? "temp" : "main");
    int rc = sqlite3_prepare_v2(in->session->db,
        "SELECT name, type FROM pragma_table_xinfo(?1,?2) WHERE hidden=0", -1, &stmt, NULL);
    if (rc != SQLITE_OK) return sql_word(in->session, rc, e);
    sqlite3_bind_text(stmt, 1, in->table, -1, SQLITE_STATIC);
    sqlite3_bind_text(stmt, 2, in->schema, -1, SQLITE_STATIC);
    in->columns = arena_array(&in->arena, LIMIT_TABLE_COLUMNS, sizeof *in->columns);
    if (in->columns == NULL) st = mem_err(e, 0);
    while (st == ST_OK && in->count < LIMIT_TABLE_COLUMNS && sqlite3_step(stmt) == SQLITE_ROW)
        st = read_row(in, stmt, e);
    sqlite3_finalize(stmt);
    return st;
}

static const struct column *find(const struct insert *in, const char *name)
{
    for (int i = 0; i < in->count; i++)
        if (sqlite3_stricmp(in->columns[i].name, name) == 0) return &in->columns[i];
    return NULL;
}

/* --- the text --------------------------------------------------------------------------------- */

/* The user's text up to a byte. */
static void copy_to(struct insert *in, int end)
{
    if (end > in->copied) rewrite_add_source(in->out, in->scan->text, in->copied, end);
    if (end > in->copied) in->copied = end;
}

static void add_words(struct insert *in, const struct buf *words)
{
    if (words->failed)
        in->out->sql.failed = true;
    else
        rewrite_add(in->out, in->copied, "%s", words->data);
}

static void add_call_end(struct insert *in, const struct column *c)
{
    struct buf words;
    buf_init(&words);
    store_sql(&words, ",%Q,%Q,%d)%s", in->table, c->name, c->dim, c->half ? ")" : "");
    add_words(in, &words);
    buf_deinit(&words);
}

/* Behind the expression at a token: a comma or a word that ends it, outside of brackets. */
static int skip_value(const struct sql_scan *scan, int at)
{
    int depth = 0;
    for (; at < scan->count; at++) {
        int kind = scan->tokens[at].kind;
        bool ends = kind == TK_COMMA || kind == TK_FROM || kind == TK_WHERE ||
            kind == TK_RETURNING || kind == TK_ORDER || kind == TK_LIMIT ||
            (kind == TK_ON && ddl_spells(scan, at + 1, "CONFLICT"));
        if (depth == 0 && ends) return at;
        depth += (kind == TK_LP) - (kind == TK_RP);
    }
    return at;
}

/* name = value, …: a vector's value is wrapped. */
static void wrap_set(struct insert *in, int at)
{
    char name[NAME_BYTES];
    const struct sql_token *t = in->scan->tokens;
    for (; at < in->scan->count; at++) {
        struct ddl d = {.session = in->session, .scan = in->scan, .at = at, .usage = ""};
        int behind = skip_value(in->scan, at);
        const struct column *c = NULL;
        if (ddl_name(&d, name, sizeof name, NULL) == ST_OK && t[d.at].kind == TK_EQ)
            c = find(in, name);
        if (c != NULL && c->vector && behind > d.at + 1) {
            copy_to(in, t[d.at + 1].start);
            rewrite_add(in->out, in->copied, "%sfovea_vector(", c->half ? "halfvec(" : "");
            copy_to(in, t[behind - 1].end);
            add_call_end(in, c);
        }
        at = behind;
        if (at >= in->scan->count || t[at].kind != TK_COMMA) return;
    }
}

static bool first_row_fits(const struct sql_scan *scan, int values, int count)
{
    int depth = 0, terms = 1;
    for (int at = values + 1; at < scan->count; at++) {
        int kind = scan->tokens[at].kind;
        depth += (kind == TK_LP) - (kind == TK_RP);
        terms += depth == 1 && kind == TK_COMMA;
        if (depth == 0) break;
    }
    return terms == count;
}

/* The body stands in [first, behind): columns are those that it gives. */
static void wrap_body(struct insert *in, const struct column *const *columns, int count, int first)
{
    const struct sql_token *t = in->scan->tokens;
    int behind = first, depth = 0;
    for (; behind < in->scan->count; behind++) {
        int kind = t[behind].kind;
        bool conflict = kind == TK_ON && ddl_spells(in->scan, behind + 1, "CONFLICT");
        if (depth == 0 && (kind == TK_RETURNING || conflict)) break;
        depth += (kind == TK_LP) - (kind == TK_RP);
    }
    copy_to(in, t[first].start);
    rewrite_add(in->out, in->copied, "WITH fovea_in(");
    for (int i = 0; i < count; i++) rewrite_add(in->out, in->copied, "%sc%d", i > 0 ? "," : "", i);
    rewrite_add(in->out, in->copied, ") AS (");
    copy_to(in, t[behind - 1].end);
    rewrite_add(in->out, in->copied, ") SELECT ");
    for (int i = 0; i < count; i++) {
        const char *comma = i > 0 ? "," : "";
        if (columns[i] != NULL && columns[i]->vector) {
            rewrite_add(in->out, in->copied, "%s%sfovea_vector(c%d", comma,
                columns[i]->half ? "halfvec(" : "", i);
            add_call_end(in, columns[i]);
        } else
            rewrite_add(in->out, in->copied, "%sc%d", comma, i);
    }
    rewrite_add(in->out, in->copied, " FROM fovea_in WHERE 1");
}

/* (a, b, …) at a token: the columns; the token behind. */
static int read_list(struct insert *in, int at, const struct column **columns, int *count)
{
    char name[NAME_BYTES];
    struct ddl d = {.session = in->session, .scan = in->scan, .at = at + 1, .usage = ""};
    for (*count = 0; *count < LIMIT_TABLE_COLUMNS; ++*count) {
        if (ddl_name(&d, name, sizeof name, NULL) != ST_OK) return -1;
        columns[*count] = find(in, name);
        if (ddl_kind(&d, TK_COMMA)) continue;
        ++*count;
        return ddl_kind(&d, TK_RP) ? d.at : -1;
    }
    return -1;
}

static enum status wrap_insert(struct insert *in, int at, struct err *e)
{
    const struct sql_scan *scan = in->scan;
    int count = in->count;
    const struct column **columns = arena_array(&in->arena, LIMIT_TABLE_COLUMNS, sizeof *columns);
    if (columns == NULL) return mem_err(e, 0);
    for (int i = 0; i < count; i++) columns[i] = &in->columns[i];
    if (ddl_spells(scan, at, "AS")) at += 2;
    if (at < scan->count && scan->tokens[at].kind == TK_LP && !ddl_spells(scan, at + 1, "SELECT") &&
        !ddl_spells(scan, at + 1, "VALUES"))
        at = read_list(in, at, columns, &count);
    if (at < 0 || at >= scan->count) return ST_OK;
    if (in->format > 0) {
        copy_to(in, scan->tokens[in->format].start);
        in->copied = scan->tokens[in->format + 1].start;
        at = in->format + 1;
    }
    int kind = scan->tokens[at].kind;
    bool values = kind == TK_VALUES;
    if (!values && kind != TK_SELECT && kind != TK_WITH) return ST_OK;
    if (values && !first_row_fits(scan, at, count)) return ST_OK; /* SQLite's words for it */
    bool vectors = false;
    for (int i = 0; i < count; i++) vectors |= columns[i] != NULL && columns[i]->vector;
    if (vectors) wrap_body(in, columns, count, at);
    return ST_OK;
}

/* Where INSERT, REPLACE or UPDATE stands: first, or behind EXPLAIN and WITH; -1. */
static int find_verb(const struct sql_scan *scan)
{
    int at = ddl_spells(scan, 0, "EXPLAIN") ? 1 : 0, depth = 0;
    if (at == 1 && ddl_spells(scan, 1, "QUERY")) at = 3;
    bool with = ddl_spells(scan, at, "WITH");
    for (; at < scan->count; at++) {
        int kind = scan->tokens[at].kind;
        bool verb = kind == TK_INSERT || kind == TK_REPLACE || kind == TK_UPDATE;
        if (depth == 0 && verb) return at;
        if (!with || (depth == 0 && kind == TK_SELECT)) return -1;
        depth += (kind == TK_LP) - (kind == TK_RP);
    }
    return -1;
}

/* Is a column of the table declared as a vector? Cheaper than asking what its columns are: nearly
 * no table has one. */
static bool may_hold_vectors(const struct insert *in)
{
    sqlite3_stmt *stmt = NULL;
    char *sql = in->schema[0] != '\0'
        ? sqlite3_mprintf("SELECT * FROM \"%w\".\"%w\" LIMIT 0", in->schema, in->table)
        : sqlite3_mprintf("SELECT * FROM \"%w\" LIMIT 0", in->table);
    bool found =
        sql == NULL || sqlite3_prepare_v2(in->session->db, sql, -1, &stmt, NULL) != SQLITE_OK;
    for (int i = 0; !found && i < sqlite3_column_count(stmt); i++) {
        const char *type = sqlite3_column_decltype(stmt, i);
        found = type != NULL && strncmp(type, "BLOB \"", 6) == 0;
    }
    sqlite3_finalize(stmt);
    sqlite3_free(sql);
    return found;
}

static enum status translate(struct insert *in, int verb, struct err *e)
{
    const struct sql_scan *scan = in->scan;
    bool update = scan->tokens[verb].kind == TK_UPDATE;
    struct ddl d = {.session = in->session, .scan = scan, .at = verb + 1, .usage = ""};
    if (ddl_word(&d, "OR")) d.at++;
    if (!update && !ddl_word(&d, "INTO")) return ST_OK;
    if (ddl_name(&d, in->table, sizeof in->table, NULL) != ST_OK) return ST_OK;
    if (ddl_kind(&d, TK_DOT)) {
        memcpy(in->schema, in->table, sizeof in->schema);
        if (ddl_name(&d, in->table, sizeof in->table, NULL) != ST_OK) return ST_OK;
    }
    for (int at = d.at; at + 1 < scan->count && !update && in->format == 0; at++) {
        if (ddl_spells(scan, at, "FORMAT") && ddl_spells(scan, at + 1, "VALUES")) in->format = at;
        if (scan->tokens[at].kind == TK_VALUES || scan->tokens[at].kind == TK_SELECT) break;
    }
    if (in->format == 0 && !may_hold_vectors(in)) return ST_OK;
    enum status st = read_columns(in, e);
    if (st != ST_OK || (!in->any && in->format == 0)) return st;
    in->copied = scan->tokens[0].start;
    int begin = in->copied, depth = 0;
    if (!update) st = wrap_insert(in, d.at, e);
    for (int at = d.at; st == ST_OK && at < scan->count; at++) {
        depth += (scan->tokens[at].kind == TK_LP) - (scan->tokens[at].kind == TK_RP);
        if (depth == 0 && scan->tokens[at].kind == TK_SET) wrap_set(in, at + 1);
    }
    /* Something was put in: the rest, with SETTINGS and FORMAT and the ; */
    if (in->copied > begin) copy_to(in, scan->end);
    return st == ST_OK ? buf_check(&in->out->sql, e) : st;
}

enum status translate_insert(
    struct sql_session *s, const struct sql_scan *scan, struct rewrite *out, struct err *e)
{
    int verb = find_verb(scan);
    if (verb < 0) return ST_OK;
    struct insert in = {.session = s, .scan = scan, .out = out};
    arena_init(&in.arena, 0);
    enum status st = translate(&in, verb, e);
    arena_deinit(&in.arena);
    return st;
}

/* --- all kinds -------------------------------------------------------------------------------- */

enum status sql_translate(struct sql_session *s, const struct sql_scan *scan, struct rewrite *out,
    bool *again, struct err *e)
{
    enum status st = translate_files(s, scan, out, e);
    *again = out->sql.bytes > 0;
    if (st == ST_OK && !*again) st = translate_postgres(s, scan, out, e);
    if (st == ST_OK && out->sql.bytes == 0) st = translate_show(s, scan, out, e);
    return st == ST_OK && out->sql.bytes == 0 ? translate_insert(s, scan, out, e) : st;
}
