/* create_table.c - reading CREATE TABLE, and running it.
 *
 * Only a statement that holds a type, a clause or an ENGINE that SQLite would misread is ours; any
 * other stays SQLite's, as written. Ours is read token by token into a list of elements and written
 * anew (create_write.c); what is said in SQLite's own words goes through untouched, and SQLite's
 * errors are told of the user's text.
 *
 * A vector column knows its length from vector(n), from CONSTRAINT c CHECK length(col) = n (also
 * vector_dims) or from an index over it, and is declared in fovea_columns; else its first rows say.
 * The statement's text is kept for SHOW CREATE TABLE in
 *   fovea_tables(tbl TEXT PRIMARY KEY, statement TEXT, made TEXT)   made: SQLite's text of it then
 */
#include "sql/dialect/create_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "sql/internal.h"
#include "sql/nearest/index_ddl.h"
#include "store/columns.h"

static const char USAGE[] =
    "CREATE TABLE [IF NOT EXISTS] t (name type, ...) [ENGINE = MergeTree ORDER BY name]";

/* What is run: in the command's arena. */
struct create_run {
    const char *sql, *schema, *name, *statement, *order, *select;
    bool replace, temporary, if_not_exists;
    struct store_index *indexes;
    int index_count;
    struct create_vector {
        const char *column;
        struct store_column declared;
    } * vectors;
    int vector_count;
};

/* --- is it ours? ------------------------------------------------------------------------------ */

/* The token behind CREATE … TABLE … name; -1 when the statement is another. */
static int behind_name(const struct sql_scan *scan)
{
    int at = 1;
    if (!ddl_spells(scan, 0, "CREATE")) return -1;
    if (ddl_spells(scan, at, "OR")) at += 2;
    if (ddl_spells(scan, at, "TEMP") || ddl_spells(scan, at, "TEMPORARY")) at++;
    if (!ddl_spells(scan, at, "TABLE")) return -1;
    at++;
    if (ddl_spells(scan, at, "IF")) at += 3;
    at++;
    if (at < scan->count && scan->tokens[at].kind == TK_DOT) at += 2;
    return at < scan->count ? at : -1;
}

/* What isn't SQLite's inside the brackets of a column's definition. */
static bool is_foreign(const struct sql_scan *scan, int at, int depth)
{
    static const char *const WORDS[] = {"CODEC", "MATERIALIZED", "ALIAS", "EPHEMERAL", NULL};
    if (depth != 1) return false;
    if (ddl_spells(scan, at, "IDENTITY") && ddl_spells(scan, at - 1, "AS")) return true;
    bool call = at + 2 < scan->count && scan->tokens[at + 1].kind == TK_ID &&
        scan->tokens[at + 2].kind == TK_LP;
    if (ddl_spells(scan, at, "DEFAULT")) return call;
    for (int i = 0; WORDS[i] != NULL; i++)
        if (ddl_spells(scan, at, WORDS[i]) && scan->tokens[at + 1].kind == TK_LP) return true;
    return false;
}

static bool is_create(struct sql_session *s, const struct sql_scan *scan)
{
    int at = behind_name(scan), depth = 0;
    if (at >= 0 && scan->tokens[at].kind != TK_LP) return create_as_is(s, scan, at);
    if (at >= 0 && ddl_spells(scan, 1, "OR")) return true; /* REPLACE: SQLite has none */
    if (at < 0) return false;
    for (; at < scan->count; at++) {
        int kind = scan->tokens[at].kind;
        bool begins = (depth == 0 && kind == TK_LP) || (depth == 1 && kind == TK_COMMA);
        depth += (kind == TK_LP) - (kind == TK_RP);
        if (begins && (ddl_spells(scan, at + 1, "INDEX") || dialect_type_is_foreign(scan, at + 2)))
            return true;
        if (is_foreign(scan, at, depth)) return true;
        if (depth == 0) return ddl_spells(scan, at + 1, "ENGINE");
    }
    return false;
}

/* --- reading ---------------------------------------------------------------------------------- */

int create_skip(const struct sql_scan *scan, int at)
{
    for (int depth = 0; at < scan->count; at++) {
        int kind = scan->tokens[at].kind;
        if (depth == 0 && (kind == TK_COMMA || kind == TK_RP)) return at;
        depth += (kind == TK_LP) - (kind == TK_RP);
    }
    return at;
}

struct create_element *create_find(const struct create_table *t, const char *name)
{
    for (int i = 0; i < t->element_count; i++) {
        struct create_element *c = &t->elements[i];
        if (c->kind == CREATE_COLUMN && sqlite3_stricmp(c->name, name) == 0) return c;
    }
    return NULL;
}

static enum status read_head(struct create_table *t, struct err *e)
{
    struct ddl *d = t->d;
    enum status st = ST_OK;
    d->at = 1;
    d->usage = USAGE;
    t->replace = ddl_word(d, "OR");
    if (t->replace) st = ddl_expect_word(d, "REPLACE", e);
    t->temporary = ddl_word(d, "TEMP") || ddl_word(d, "TEMPORARY");
    if (st == ST_OK) st = ddl_expect_word(d, "TABLE", e);
    t->if_not_exists = ddl_word(d, "IF");
    if (st == ST_OK && t->if_not_exists) st = ddl_expect_word(d, "NOT", e);
    if (st == ST_OK && t->if_not_exists) st = ddl_expect_word(d, "EXISTS", e);
    if (st != ST_OK) return st;
    t->name_first = t->name_last = d->at;
    t->name = sql_ast_text(&d->ast, d->at++);
    t->schema = t->temporary ? "temp" : "main";
    if (ddl_kind(d, TK_DOT)) {
        t->schema = t->name;
        t->name_last = d->at;
        t->name = sql_ast_text(&d->ast, d->at++);
    }
    if (t->name == NULL || t->schema == NULL) return mem_err(e, 0);
    t->listed = !ddl_spells(d->scan, d->at, "ENGINE") && !ddl_spells(d->scan, d->at, "AS");
    return t->listed ? ddl_expect(d, TK_LP, e) : ST_OK;
}

/* length(col) = n and vector_dims(col) = n, turned around too. */
static bool is_length(const struct create_table *t, int at, int last, int *name, int *number)
{
    const struct sql_token *k = t->d->scan->tokens;
    bool bracket = k[at].kind == TK_LP && k[last].kind == TK_RP;
    at += bracket;
    last -= bracket;
    if (last - at != 5) return false;
    bool turned = k[at].kind == TK_INTEGER;
    int call = turned ? at + 2 : at;
    *name = call + 2;
    *number = turned ? at : last;
    bool length =
        ddl_spells(t->d->scan, call, "length") || ddl_spells(t->d->scan, call, "vector_dims");
    return length && k[call + 1].kind == TK_LP && k[call + 3].kind == TK_RP &&
        k[turned ? at + 1 : last - 1].kind == TK_EQ && k[*number].kind == TK_INTEGER;
}

static enum status set_dim(struct create_table *t, int name, int64_t dim, struct err *e)
{
    char *text = sql_ast_text(&t->d->ast, name);
    struct create_element *c = text != NULL ? create_find(t, text) : NULL;
    if (c == NULL || !c->type.vector) return ST_OK;
    if (dim < 1 || dim > LIMIT_VECTOR_DIM)
        return ddl_fail(t->d, name,
            err_set(e, ST_INVALID, "a vector has 1 to %d dimensions, not %lld", LIMIT_VECTOR_DIM,
                (long long)dim),
            e);
    if (c->type.dim != 0 && c->type.dim != dim)
        return ddl_fail(t->d, name,
            err_set(e, ST_INVALID, "the column %s has %d dimensions, here it is %lld", c->name,
                c->type.dim, (long long)dim),
            e);
    c->type.dim = (int)dim;
    return ST_OK;
}

/* CONSTRAINT c CHECK …: about a vector's length, or SQLite's. */
static enum status read_check(
    struct create_table *t, struct create_element *x, int at, struct err *e)
{
    const struct sql_scan *scan = t->d->scan;
    int name, number;
    x->kind = CREATE_CONSTRAINT;
    if (ddl_spells(scan, at, "ASSUME")) x->kind = CREATE_NOTHING;
    if (!ddl_spells(scan, at, "CHECK") || at >= x->last) return ST_OK;
    if (is_length(t, at + 1, x->last, &name, &number)) {
        char *text = sql_ast_text(&t->d->ast, name);
        struct create_element *c = text != NULL ? create_find(t, text) : NULL;
        if (c != NULL && c->type.vector) {
            x->kind = CREATE_NOTHING;
            return set_dim(t, name, strtoll(scan->text + scan->tokens[number].start, NULL, 10), e);
        }
    }
    if (scan->tokens[at + 1].kind == TK_LP && create_skip(scan, at + 1) == x->last + 1)
        return ST_OK;
    x->kind = CREATE_CHECK;
    x->check = at + 1;
    return ST_OK;
}

/* INDEX name column TYPE type(…) [GRANULARITY n]; types that only skip granules do nothing here. */
static enum status read_index(struct create_table *t, struct create_element *x, struct err *e)
{
    static const char *const SKIPPING[] = {"minmax", "set", "bloom_filter", "ngrambf_v1",
        "tokenbf_v1", "text", "inverted", "full_text", "hypothesis", NULL};
    struct ddl *d = t->d;
    struct index_command c = {.index = {.ix = 0}};
    enum status st = ddl_name(d, c.index.name, sizeof c.index.name, e);
    int type = d->at, column = d->at;
    x->kind = CREATE_NOTHING;
    while (type < x->last && !ddl_spells(d->scan, type, "TYPE")) type++;
    for (int i = 0; SKIPPING[i] != NULL; i++)
        if (ddl_spells(d->scan, type + 1, SKIPPING[i])) return st;
    if (st == ST_OK) st = ddl_name(d, c.index.column, sizeof c.index.column, e);
    void *data = d->command->data;
    d->command->data = &c;
    if (st == ST_OK) st = ddl_clickhouse(d, e);
    d->command->data = data;
    if (st == ST_OK && d->at != x->last + 1) st = ddl_near(d, e);
    if (st != ST_OK) return st;
    struct create_element *of = create_find(t, c.index.column);
    if (of == NULL)
        return ddl_fail(d, column,
            err_set(e, ST_NOT_FOUND, "no such column: %s.%s", t->name, c.index.column), e);
    if (!of->type.vector)
        return ddl_fail(d, column,
            err_set(e, ST_MISMATCH,
                "a vector_similarity index is over a column of vectors: %s is"
                " none",
                of->name),
            e);
    if (c.index.dim > 0) st = set_dim(t, column, c.index.dim, e);
    c.index.dim = 0; /* from the declaration */
    t->indexes[t->index_count++] = c.index;
    return st;
}

enum status create_read_column(struct create_table *t, struct create_element *x, struct err *e)
{
    static const char *const RESTS[] = {"NOT", "NULL", "DEFAULT", "PRIMARY", "UNIQUE", "CHECK",
        "REFERENCES", "COLLATE", "GENERATED", "CONSTRAINT", "COMMENT", "CODEC", "MATERIALIZED",
        "ALIAS", "AS", NULL};
    struct ddl *d = t->d;
    x->kind = CREATE_COLUMN;
    x->name = sql_ast_text(&d->ast, d->at++);
    if (x->name == NULL) return mem_err(e, 0);
    x->typed = d->at <= x->last;
    for (int i = 0; RESTS[i] != NULL; i++)
        if (ddl_spells(d->scan, d->at, RESTS[i])) x->typed = false;
    x->type.affinity = "BLOB";
    enum status st = x->typed ? dialect_type_read(d, &x->type, e) : ST_OK;
    x->rest = d->at;
    for (int i = x->rest; st == ST_OK && i <= x->last; i++) {
        x->primary |= ddl_spells(d->scan, i, "PRIMARY");
        x->identity |= ddl_spells(d->scan, i, "IDENTITY") && ddl_spells(d->scan, i - 1, "AS");
    }
    return st;
}

static enum status read_element(struct create_table *t, struct err *e)
{
    struct ddl *d = t->d;
    struct create_element *x = &t->elements[t->element_count];
    *x = (struct create_element){.first = d->at, .last = create_skip(d->scan, d->at) - 1};
    if (x->last < x->first) return ddl_near(d, e);
    enum status st = ST_OK;
    if (ddl_word(d, "INDEX"))
        st = read_index(t, x, e);
    else if (ddl_word(d, "CONSTRAINT"))
        st = read_check(t, x, d->at + 1, e);
    else if (ddl_word(d, "PROJECTION"))
        return ddl_fail(d, d->at - 1,
            err_set(e, ST_UNSUPPORTED, "PROJECTION is not supported: CREATE INDEX behind it"), e);
    else if (ddl_word(d, "CHECK"))
        st = read_check(t, x, d->at - 1, e);
    else if (ddl_word(d, "PRIMARY") || ddl_word(d, "UNIQUE") || ddl_word(d, "FOREIGN"))
        x->kind = CREATE_CONSTRAINT;
    else if (ddl_names(d->scan, d->at))
        st = create_read_column(t, x, e);
    else
        return ddl_near(d, e);
    t->element_count++;
    d->at = x->last + 1;
    return st;
}

/* PRIMARY KEY (id) of the table, over one column. */
static void find_primary(struct create_table *t)
{
    for (int i = 0; i < t->element_count; i++) {
        const struct create_element *x = &t->elements[i];
        int at = x->first;
        if (x->kind != CREATE_CONSTRAINT) continue;
        if (ddl_spells(t->d->scan, at, "CONSTRAINT")) at += 2;
        if (!ddl_spells(t->d->scan, at, "PRIMARY") || x->last - at != 4) continue;
        char *name = sql_ast_text(&t->d->ast, at + 3);
        struct create_element *c = name != NULL ? create_find(t, name) : NULL;
        if (c != NULL) c->primary = true;
    }
}

/* SQLite's STRICT and WITHOUT ROWID; PostgreSQL's WITH (…), which is about its pages. */
static enum status read_tail(struct create_table *t, struct err *e)
{
    struct ddl *d = t->d;
    if (ddl_word(d, "ENGINE")) {
        enum status st = create_read_engine(t, e);
        return st == ST_OK && d->at < d->scan->count ? create_as_read(t, e) : st;
    }
    if (ddl_spells(d->scan, d->at, "AS")) return create_as_read(t, e);
    if (ddl_word(d, "WITH")) {
        enum status st = ddl_expect(d, TK_LP, e);
        while (st == ST_OK && !ddl_kind(d, TK_RP))
            if (d->at++ >= d->scan->count) st = ddl_near(d, e);
        return st;
    }
    if (ddl_spells(d->scan, d->at, "SETTINGS")) d->at = d->scan->count;
    if (d->at >= d->scan->count) return ST_OK;
    t->tail_first = d->at;
    t->tail_last = d->scan->count - 1;
    for (; d->at < d->scan->count; d->at++) {
        bool known = ddl_spells(d->scan, d->at, "STRICT") ||
            ddl_spells(d->scan, d->at, "WITHOUT") || ddl_spells(d->scan, d->at, "ROWID") ||
            d->scan->tokens[d->at].kind == TK_COMMA;
        t->strict |= ddl_spells(d->scan, d->at, "STRICT");
        if (!known) return ddl_near(d, e);
    }
    return ST_OK;
}

static enum status read_all(struct create_table *t, struct err *e)
{
    struct ddl *d = t->d;
    t->order_first = t->tail_first = -1;
    enum status st = read_head(t, e);
    if (st == ST_OK && !t->listed) {
        st = read_tail(t, e);
        d->usage = CREATE_AS_USAGE;
        if (st == ST_OK && t->select_first == 0) st = ddl_near(d, e);
        return st == ST_OK ? create_as_columns(t, e) : st;
    }
    t->element_capacity = d->scan->count;
    t->elements = arena_array(t->arena, (size_t)t->element_capacity, sizeof *t->elements);
    int indexes = 1;
    for (int i = 0; i < d->scan->count; i++) indexes += ddl_spells(d->scan, i, "INDEX");
    t->indexes = arena_array(t->arena, (size_t)indexes, sizeof *t->indexes);
    if (st == ST_OK && (t->elements == NULL || t->indexes == NULL)) return mem_err(e, 0);
    do {
        if (st == ST_OK) st = read_element(t, e);
    } while (st == ST_OK && ddl_kind(d, TK_COMMA));
    if (st == ST_OK) st = ddl_expect(d, TK_RP, e);
    if (st == ST_OK) st = read_tail(t, e);
    find_primary(t);
    return st;
}

/* --- what is run ------------------------------------------------------------------------------ */

enum status create_check(struct create_table *t, const struct rewrite *sql, struct err *e)
{
    sqlite3_stmt *stmt = NULL;
    struct err own = ERR_INIT;
    enum status st = buf_check(&sql->sql, e);
    if (st != ST_OK) return st;
    int rc = t->replace ? SQLITE_OK
                        : sqlite3_prepare_v2(t->d->session->db, sql->sql.data, -1, &stmt, NULL);
    sqlite3_finalize(stmt);
    if (rc == SQLITE_OK) return ST_OK;
    st = sql_word(t->d->session, rc, &own);
    int at =
        own.offset >= 0 ? rewrite_source(sql, own.offset) : t->d->scan->tokens[t->name_last].start;
    if (e != NULL) *e = own;
    if (e != NULL) err_place(e, t->d->scan->text, at);
    return st;
}

static enum status keep_vectors(struct create_table *t, struct create_run *r, struct err *e)
{
    r->vectors = arena_array(t->arena, (size_t)t->element_count + 1, sizeof *r->vectors);
    if (r->vectors == NULL) return mem_err(e, 0);
    for (int i = 0; i < t->element_count; i++) {
        const struct create_element *x = &t->elements[i];
        if (x->kind != CREATE_COLUMN || !x->type.vector || x->type.dim == 0) continue;
        struct store_column plain = {.dim = x->type.dim, .metric = "cosine"};
        r->vectors[r->vector_count].column = x->name;
        r->vectors[r->vector_count++].declared = x->declared != NULL ? *x->declared : plain;
    }
    for (int i = 0; i < t->index_count; i++) {
        snprintf(t->indexes[i].schema, sizeof t->indexes[i].schema, "%s", t->schema);
        snprintf(t->indexes[i].table, sizeof t->indexes[i].table, "%s", t->name);
    }
    return ST_OK;
}

/* What SHOW CREATE TABLE gives: "" when SQLite's text of it does. */
static char *statement_of(const struct create_table *t)
{
    const struct sql_scan *scan = t->d->scan;
    int first = scan->tokens[0].start;
    int last = scan->tokens[t->select_first > 0 ? t->select_first - 2 : scan->count - 1].end;
    struct buf text;
    buf_init(&text);
    if (t->listed)
        buf_add(&text, scan->text + first, (size_t)(last - first));
    else if (t->clickhouse)
        create_as_statement(t, &text);
    char *out = text.failed
        ? NULL
        : arena_strndup(t->arena, text.data != NULL ? text.data : "", text.bytes);
    buf_deinit(&text);
    return out;
}

/* SELECT …; "" when nothing is said to fill it. */
static char *select_of(const struct create_table *t)
{
    const struct sql_scan *scan = t->d->scan;
    int first = scan->tokens[t->select_first].start, last = scan->tokens[scan->count - 1].end;
    if (t->select_first == 0) last = first;
    return arena_strndup(t->arena, scan->text + first, (size_t)(last - first));
}

static enum status keep(struct create_table *t, const struct rewrite *sql, struct err *e)
{
    struct ddl *d = t->d;
    struct create_run *r = arena_alloc(t->arena, sizeof *r);
    struct buf order;
    if (r == NULL) return mem_err(e, sizeof *r);
    buf_init(&order);
    create_order_columns(t, &order);
    *r = (struct create_run){.schema = t->schema,
        .name = t->name,
        .replace = t->replace,
        .temporary = t->temporary,
        .if_not_exists = t->if_not_exists,
        .indexes = t->indexes,
        .index_count = t->index_count,
        .sql = arena_strndup(t->arena, sql->sql.data, sql->sql.bytes),
        .statement = statement_of(t),
        .select = select_of(t),
        .order = arena_strndup(t->arena, order.bytes > 0 ? order.data : "", order.bytes)};
    bool ok = !order.failed && r->sql != NULL && r->statement != NULL && r->select != NULL &&
        r->order != NULL;
    buf_deinit(&order);
    d->command->data = r;
    return ok ? keep_vectors(t, r, e) : mem_err(e, 0);
}

static enum status read_create(struct ddl *d, struct err *e)
{
    struct create_table t = {.d = d, .arena = &d->command->arena};
    const struct sql_scan *cut = d->scan;
    struct sql_scan whole = create_whole(cut);
    struct rewrite sql;
    rewrite_init(&sql);
    d->scan = d->ast.scan = &whole;
    enum status st = read_all(&t, e);
    if (st == ST_OK && t.listed) st = create_write(&t, &sql, e);
    if (st == ST_OK && !t.listed) create_as_write(&t, &sql);
    if (st == ST_OK) st = create_check(&t, &sql, e);
    if (st == ST_OK) st = keep(&t, &sql, e);
    rewrite_deinit(&sql);
    d->scan = d->ast.scan = cut;
    d->at = cut->count;
    return st;
}

static bool exists(struct sql_session *s, const struct create_run *r)
{
    return sqlite3_table_column_metadata(
               s->db, r->schema, r->name, NULL, NULL, NULL, NULL, NULL, NULL) == SQLITE_OK;
}

static enum status keep_text(struct sql_session *s, const struct create_run *r, struct err *e)
{
    enum status st = store_exec(s->store,
        "CREATE TABLE IF NOT EXISTS fovea_tables(tbl TEXT PRIMARY KEY COLLATE NOCASE,"
        " statement TEXT NOT NULL, made TEXT NOT NULL)",
        e);
    if (st != ST_OK) return st;
    return store_execf(s->store, e,
        "INSERT OR REPLACE INTO fovea_tables SELECT name, %Q, sql FROM main.sqlite_schema"
        " WHERE type='table' AND name=%Q COLLATE NOCASE",
        r->statement, r->name);
}

/* The rows of a table that is replaced may be what the new one is made of: they are set aside. */
static enum status set_aside(struct sql_session *s, const struct create_run *r, struct err *e)
{
    enum status st = store_exec(s->store, "DROP TABLE IF EXISTS temp.fovea_replaced", e);
    return st == ST_OK ? create_as_run(s, e, "CREATE TEMP TABLE fovea_replaced AS %s", r->select)
                       : st;
}

static enum status fill(
    struct sql_session *s, const struct create_run *r, bool aside, struct err *e)
{
    if (!aside)
        return create_as_run(s, e, "INSERT INTO \"%w\".\"%w\" %s", r->schema, r->name, r->select);
    enum status st = create_as_run(
        s, e, "INSERT INTO \"%w\".\"%w\" SELECT * FROM temp.fovea_replaced", r->schema, r->name);
    return st == ST_OK ? store_exec(s->store, "DROP TABLE temp.fovea_replaced", e) : st;
}

static enum status make(struct sql_session *s, const struct create_run *r, struct err *e)
{
    bool kept = sqlite3_stricmp(r->schema, "main") == 0, fills = r->select[0] != '\0';
    bool aside = fills && r->replace && exists(s, r);
    enum status st = aside ? set_aside(s, r, e) : ST_OK;
    if (st != ST_OK) return st;
    if (r->replace) {
        st = store_execf(s->store, e, "DROP TABLE IF EXISTS \"%w\".\"%w\"", r->schema, r->name);
        if (st == ST_OK && kept) st = store_columns_remove(s->store, r->name, e);
    }
    if (st == ST_OK) st = store_exec(s->store, r->sql, e);
    if (st == ST_OK && r->order[0] != '\0')
        st = store_execf(s->store, e, "CREATE INDEX \"%w\".\"%w_order_by\" ON \"%w\"(%s)",
            r->schema, r->name, r->name, r->order);
    for (int i = 0; st == ST_OK && kept && i < r->vector_count; i++)
        st = store_column_set(s->store, r->name, r->vectors[i].column, &r->vectors[i].declared, e);
    for (int i = 0; st == ST_OK && i < r->index_count; i++) {
        struct store_index made;
        st = store_index_create(s->store, &r->indexes[i], false, &made, e);
    }
    if (st == ST_OK && kept && r->statement[0] != '\0') st = keep_text(s, r, e);
    return st == ST_OK && fills ? fill(s, r, aside, e) : st;
}

static enum status run_create(struct sql_session *s, const struct sql_command *c, struct err *e)
{
    const struct create_run *r = c->data;
    if (r->if_not_exists && exists(s, r)) return ST_OK;
    enum status st = store_begin(s->store, e);
    if (st != ST_OK) return st;
    st = make(s, r, e);
    if (st == ST_OK) st = store_commit(s->store, e);
    if (st != ST_OK) store_rollback(s->store);
    if (st != ST_OK && e != NULL) /* a place in our own SQL */
        e->offset = -1, e->line = e->column = 0;
    return st;
}

const struct sql_command_kind sql_command_create_table = {
    .is = is_create, .read = read_create, .run = run_create};
