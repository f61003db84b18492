/* index_command.c - the statements that make, build and drop vector indexes.
 *
 *   ALTER TABLE t ADD INDEX [IF NOT EXISTS] i col TYPE vector_similarity(…) [GRANULARITY n]
 *   ALTER TABLE t MATERIALIZE INDEX i             ALTER TABLE t DROP INDEX [IF EXISTS] i
 *   CREATE INDEX [CONCURRENTLY] [IF NOT EXISTS] [i] ON t USING {hnsw | ivfflat} (col [ops])
 *       [WITH (name = value, …)]                  DROP INDEX [CONCURRENTLY] [IF EXISTS] i
 *   REINDEX INDEX [CONCURRENTLY] i                OPTIMIZE TABLE t [FINAL]
 *
 * Names are checked when the statement is prepared, so that what is wrong with them has its place.
 * Building and compacting write in transactions of their own and are refused inside one.
 */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "sql/internal.h"
#include "sql/nearest/index_ddl.h"

static enum status take_if(struct ddl *d, bool not, bool *out, struct err *e)
{
    *out = ddl_word(d, "IF");
    if (!*out) return ST_OK;
    enum status st = not ? ddl_expect_word(d, "NOT", e) : ST_OK;
    return st == ST_OK ? ddl_expect_word(d, "EXISTS", e) : st;
}

/* [schema.]name */
static enum status take_qualified(struct ddl *d, char *name, size_t bytes, struct err *e)
{
    struct store_index *ix = &index_of(d)->index;
    enum status st = ddl_name(d, name, bytes, e);
    if (st != ST_OK || !ddl_kind(d, TK_DOT)) return st;
    snprintf(ix->schema, sizeof ix->schema, "%.*s", (int)sizeof ix->schema - 1, name);
    return ddl_name(d, name, bytes, e);
}

static enum status take_table(struct ddl *d, struct err *e)
{
    struct store_index *ix = &index_of(d)->index;
    index_of(d)->table_token = d->at;
    enum status st = take_qualified(d, ix->table, sizeof ix->table, e);
    if (st != ST_OK) return st;
    if (d->scan->tokens[d->at - 2].kind == TK_DOT) index_of(d)->table_token = d->at - 1;
    if (sqlite3_table_column_metadata(
            d->session->db, ix->schema, ix->table, NULL, NULL, NULL, NULL, NULL, NULL) == SQLITE_OK)
        return ST_OK;
    return ddl_fail(
        d, index_of(d)->table_token, err_set(e, ST_NOT_FOUND, "no such table: %s", ix->table), e);
}

enum status ddl_refuse_sparse(const struct ddl *d, int token, struct err *e)
{
    return ddl_fail(d, token,
        err_set(e, ST_UNSUPPORTED,
            "a sparsevec column has no index: its rows are compared one by one. Where the numbers"
            " fit, ALTER TABLE t ADD COLUMN v vector(n), UPDATE t SET v = s::vector, and index v"),
        e);
}

static enum status check_column(struct ddl *d, struct err *e)
{
    struct store_index *ix = &index_of(d)->index;
    const char *type = NULL;
    if (sqlite3_table_column_metadata(d->session->db, ix->schema, ix->table, ix->column, &type,
            NULL, NULL, NULL, NULL) == SQLITE_OK)
        return type != NULL && strstr(type, "\"sparsevec") != NULL
            ? ddl_refuse_sparse(d, index_of(d)->column_token, e)
            : ST_OK;
    return ddl_fail(d, index_of(d)->column_token,
        err_set(e, ST_NOT_FOUND, "no such column: %s.%s", ix->table, ix->column), e);
}

/* --- the statements --------------------------------------------------------------------------- */

static enum status read_add(struct ddl *d, struct err *e)
{
    struct store_index *ix = &index_of(d)->index;
    index_of(d)->action = INDEX_ADD;
    d->usage = "ALTER TABLE t ADD INDEX [IF NOT EXISTS] name column TYPE vector_similarity(...)"
               " [GRANULARITY n]";
    enum status st = take_if(d, true, &index_of(d)->exists_ok, e);
    if (st == ST_OK) st = ddl_name(d, ix->name, sizeof ix->name, e);
    index_of(d)->column_token = d->at;
    if (st == ST_OK) st = ddl_name(d, ix->column, sizeof ix->column, e);
    if (st == ST_OK) st = check_column(d, e);
    return st == ST_OK ? ddl_clickhouse(d, e) : st;
}

static enum status read_alter(struct ddl *d, struct err *e)
{
    struct index_command *c = d->command->data;
    d->at = 2;
    d->usage = "ALTER TABLE t {ADD | MATERIALIZE | DROP} INDEX ...";
    enum status st = take_table(d, e);
    if (st != ST_OK) return st;
    bool add = ddl_word(d, "ADD"), builds = !add && ddl_word(d, "MATERIALIZE");
    if (!add && !builds) st = ddl_expect_word(d, "DROP", e);
    if (st == ST_OK) st = ddl_expect_word(d, "INDEX", e);
    if (st != ST_OK) return st;
    if (add) return read_add(d, e);
    c->action = builds ? INDEX_MATERIALIZE : INDEX_DROP;
    d->usage = builds ? "ALTER TABLE t MATERIALIZE INDEX name [SETTINGS name = value, ...]"
                      : "ALTER TABLE t DROP INDEX [IF EXISTS] name";
    if (!builds) st = take_if(d, false, &c->missing_ok, e);
    if (st == ST_OK) st = ddl_name(d, c->index.name, sizeof c->index.name, e);
    if (st == ST_OK && builds && ddl_word(d, "SETTINGS")) {
        st = sql_overlay_read(d->scan, d->at, &c->overlay, e);
        d->at = d->scan->count;
    }
    return st;
}

/* pgvector's own naming: table_column_idx, and a number when that is taken. */
static enum status choose_name(struct ddl *d, struct err *e)
{
    struct store_index *ix = &index_of(d)->index, found = {.ix = 1};
    enum status st = ST_OK;
    for (int i = 0; st == ST_OK && found.ix != 0; i++) {
        char number[16] = "";
        if (i > 0) snprintf(number, sizeof number, "%d", i);
        snprintf(ix->name, sizeof ix->name, "%.50s_%.50s_idx%s", ix->table, ix->column, number);
        struct store_index_name name = {.schema = ix->schema, .name = ix->name};
        st = store_index_find(d->session->store, &name, &found, e);
    }
    return st;
}

static enum status read_create(struct ddl *d, struct err *e)
{
    struct index_command *c = d->command->data;
    struct store_index *ix = &c->index;
    c->action = INDEX_CREATE;
    d->usage = "CREATE INDEX [CONCURRENTLY] [IF NOT EXISTS] [name] ON table USING hnsw (column"
               " vector_cosine_ops) [WITH (m = 16, ef_construction = 64)]";
    d->at = 1;
    if (ddl_word(d, "UNIQUE"))
        return ddl_fail(d, 1, err_set(e, ST_UNSUPPORTED, "a vector index can't be UNIQUE"), e);
    enum status st = ddl_expect_word(d, "INDEX", e);
    ddl_word(d, "CONCURRENTLY");
    if (st == ST_OK) st = take_if(d, true, &c->exists_ok, e);
    bool named = !ddl_kind(d, TK_ON);
    if (st == ST_OK && named) st = take_qualified(d, ix->name, sizeof ix->name, e);
    if (st == ST_OK && named) st = ddl_expect(d, TK_ON, e);
    ddl_word(d, "ONLY");
    if (st == ST_OK) st = take_table(d, e);
    if (st == ST_OK) st = ddl_pgvector(d, e);
    if (st == ST_OK) st = check_column(d, e);
    if (st == ST_OK && !named && c->exists_ok)
        return ddl_near(d, e); /* PostgreSQL: IF NOT EXISTS needs a name */
    return st == ST_OK && !named ? choose_name(d, e) : st;
}

static enum status read_drop(struct ddl *d, struct err *e)
{
    struct index_command *c = d->command->data;
    c->action = INDEX_DROP;
    d->usage = "DROP INDEX [CONCURRENTLY] [IF EXISTS] name";
    d->at = 2;
    ddl_word(d, "CONCURRENTLY");
    enum status st = take_if(d, false, &c->missing_ok, e);
    if (st == ST_OK) st = take_qualified(d, c->index.name, sizeof c->index.name, e);
    if (st == ST_OK && !ddl_word(d, "CASCADE")) ddl_word(d, "RESTRICT");
    return st;
}

static enum status read_reindex(struct ddl *d, struct err *e)
{
    index_of(d)->action = INDEX_REINDEX;
    d->usage = "REINDEX INDEX [CONCURRENTLY] name";
    d->at = 2;
    ddl_word(d, "CONCURRENTLY");
    return take_qualified(d, index_of(d)->index.name, sizeof index_of(d)->index.name, e);
}

static enum status read_optimize(struct ddl *d, struct err *e)
{
    index_of(d)->action = INDEX_OPTIMIZE;
    d->usage = "OPTIMIZE TABLE t [FINAL]";
    d->at = 1;
    enum status st = ddl_expect_word(d, "TABLE", e);
    if (st == ST_OK) st = take_table(d, e);
    ddl_word(d, "FINAL");
    return st;
}

/* --- whose statement is it? ------------------------------------------------------------------- */

/* ALTER TABLE t {ADD | MATERIALIZE | DROP} INDEX: INDEX is a word SQLite takes for no column. */
static bool is_alter(const struct sql_scan *scan)
{
    int at = scan->count > 3 && scan->tokens[3].kind == TK_DOT ? 5 : 3;
    return ddl_spells(scan, 1, "TABLE") && ddl_spells(scan, at + 1, "INDEX") &&
        (ddl_spells(scan, at, "ADD") || ddl_spells(scan, at, "MATERIALIZE") ||
            ddl_spells(scan, at, "DROP"));
}

/* CREATE INDEX … ON [ONLY] t USING */
static bool is_create(const struct sql_scan *scan)
{
    int at = ddl_spells(scan, 1, "UNIQUE") ? 2 : 1;
    if (!ddl_spells(scan, at, "INDEX")) return false;
    while (at < scan->count && scan->tokens[at].kind != TK_ON) at++;
    at += ddl_spells(scan, at + 1, "ONLY") && !ddl_spells(scan, at + 2, "USING") ? 3 : 2;
    if (at < scan->count && scan->tokens[at].kind == TK_DOT) at += 2;
    return at < scan->count && scan->tokens[at].kind == TK_USING;
}

/* DROP INDEX name of an index of ours; SQLite's are SQLite's. */
static bool is_drop(struct sql_session *s, const struct sql_scan *scan)
{
    if (!ddl_spells(scan, 1, "INDEX")) return false;
    if (ddl_spells(scan, 2, "CONCURRENTLY")) return true;
    struct index_command own = {.index.schema = "main"};
    struct sql_command c = {.data = &own};
    struct store_index found = {.ix = 0};
    struct ddl d = {.session = s, .scan = scan, .usage = "", .command = &c};
    if (read_drop(&d, NULL) != ST_OK) return false;
    struct store_index_name name = {.schema = own.index.schema, .name = own.index.name};
    return store_index_find(s->store, &name, &found, NULL) == ST_OK && found.ix != 0;
}

/* By the statement's first words; NULL: it is none of these. */
static enum status (*reader_of(struct sql_session *s, const struct sql_scan *scan))(
    struct ddl *d, struct err *e)
{
    if (ddl_spells(scan, 0, "ALTER") && is_alter(scan)) return read_alter;
    if (ddl_spells(scan, 0, "CREATE") && is_create(scan)) return read_create;
    if (ddl_spells(scan, 0, "DROP") && is_drop(s, scan)) return read_drop;
    if (ddl_spells(scan, 0, "REINDEX") && ddl_spells(scan, 1, "INDEX")) return read_reindex;
    return ddl_spells(scan, 0, "OPTIMIZE") ? read_optimize : NULL;
}

static bool is_index(struct sql_session *s, const struct sql_scan *scan)
{
    return reader_of(s, scan) != NULL;
}

static enum status read_index(struct ddl *d, struct err *e)
{
    struct index_command *c = arena_alloc(&d->command->arena, sizeof *c);
    if (c == NULL) return mem_err(e, sizeof *c);
    snprintf(c->index.schema, sizeof c->index.schema, "main");
    d->command->data = c;
    return reader_of(d->session, d->scan)(d, e);
}

/* --- running ---------------------------------------------------------------------------------- */

static enum status find(
    struct sql_session *s, const struct index_command *c, struct store_index *out, struct err *e)
{
    struct store_index_name name = {.schema = c->index.schema, .name = c->index.name};
    if (c->index.table[0] != '\0') name.table = c->index.table;
    enum status st = store_index_find(s->store, &name, out, e);
    if (st == ST_OK && out->ix == 0 && !c->missing_ok)
        st = err_set(e, ST_NOT_FOUND, "no such index: %s", c->index.name);
    return st;
}

static struct run run_of(struct sql_session *s, const struct index_command *c)
{
    struct run run = s->run;
    double memory = sql_setting(s, &c->overlay, SETTING_MEMORY);
    double threads = sql_setting(s, &c->overlay, SETTING_THREADS);
    if (memory > 0) run.memory_bytes = (uint64_t)memory;
    if (threads > 0) run.threads = (int)threads;
    return run;
}

/* Building again what is built is making it as if all rows were new. */
static enum status build(struct sql_session *s, const struct index_command *c,
    const struct store_index *ix, struct err *e)
{
    struct run run = run_of(s, c);
    bool again = c->action == INDEX_REINDEX && ix->built;
    return again ? store_index_compact(s->store, ix, &run, e)
                 : store_index_materialize(s->store, ix, &run, e);
}

/* One that was made and could not be built is gone again, unless it was stopped: REINDEX INDEX goes
 * on with it. */
static enum status create(struct sql_session *s, const struct index_command *c, struct err *e)
{
    struct store_index ix, before;
    struct store_index_name name = {
        .schema = c->index.schema, .table = c->index.table, .name = c->index.name};
    enum status st = store_index_find(s->store, &name, &before, e);
    if (st == ST_OK) st = store_index_create(s->store, &c->index, c->exists_ok, &ix, e);
    if (st != ST_OK || c->action == INDEX_ADD || before.ix != 0) return st;
    st = build(s, c, &ix, e);
    if (st != ST_OK && st != ST_CANCELLED && st != ST_TIMEOUT) {
        enum status dropped = store_index_drop(s->store, &ix, NULL);
        (void)dropped; /* the build's failure is what is told */
    }
    return st;
}

static enum status optimize(struct sql_session *s, const struct index_command *c, struct err *e)
{
    struct store_index *list = NULL;
    size_t count = 0;
    struct run run = run_of(s, c);
    enum status st = store_index_list(s->store, &list, &count, e);
    for (size_t i = 0; st == ST_OK && i < count; i++)
        if (sqlite3_stricmp(list[i].table, c->index.table) == 0 &&
            sqlite3_stricmp(list[i].schema, c->index.schema) == 0)
            st = store_index_compact(s->store, &list[i], &run, e);
    mem_free(list);
    return st;
}

static bool builds(const struct index_command *c)
{
    return c->action == INDEX_MATERIALIZE || c->action == INDEX_CREATE ||
        c->action == INDEX_REINDEX || c->action == INDEX_OPTIMIZE;
}

static enum status run_index(
    struct sql_session *s, const struct sql_command *command, struct err *e)
{
    const struct index_command *c = command->data;
    struct store_index ix = {.ix = 0};
    if (builds(c) && store_in_transaction(s->store))
        return err_set(e, ST_INVALID, "an index can't be built inside a transaction");
    if (c->action == INDEX_OPTIMIZE) return optimize(s, c, e);
    if (c->action == INDEX_ADD || c->action == INDEX_CREATE) return create(s, c, e);
    enum status st = find(s, c, &ix, e);
    if (st != ST_OK || ix.ix == 0) return st;
    return c->action == INDEX_DROP ? store_index_drop(s->store, &ix, e) : build(s, c, &ix, e);
}

const struct sql_command_kind sql_command_index = {
    .is = is_index, .read = read_index, .run = run_index};
