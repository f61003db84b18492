/* vectors_catalogue.c - fovea_indexes, and the triggers that write the change log.
 *
 * Three triggers an index, core SQL, no conflict clause and no unique key behind them, so that any
 * program may write the table and no outer OR IGNORE or OR REPLACE changes what they do. Each
 * touched rowid is logged; UPDATE logs the old and the new one, when the vector or the rowid is
 * another. Only the key's own name or one that no column has is used for the rowid.
 *
 * ALTER TABLE ... RENAME, by whatever program, rewrites the triggers' text: so the update trigger
 * tells what table and column are called now. DROP COLUMN is refused by SQLite while the trigger
 * names the column, as it is for an index of its own; store_index_drop first. A table that was made
 * anew has lost its triggers: then nothing is believed until there is another anchor.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "base/mem.h"
#include "store/vectors_internal.h"

static enum status has_catalogue(struct store *s, const char *schema, bool *has, struct err *e)
{
    int64_t n;
    enum status rc = vectors_int(s, &n, e,
        "SELECT count(*) FROM \"%w\".sqlite_schema WHERE type='table'"
        " AND name IN('fovea_indexes','fovea_log')",
        schema);
    *has = n == 2;
    return rc;
}

static enum status make_catalogue(struct store *s, const char *schema, struct err *e)
{
    return store_execf(s, e,
        "CREATE TABLE IF NOT EXISTS \"%w\".fovea_indexes(ix INTEGER PRIMARY KEY AUTOINCREMENT,"
        " nonce INTEGER NOT NULL, name TEXT NOT NULL COLLATE NOCASE,"
        " tbl TEXT NOT NULL COLLATE NOCASE, col TEXT NOT NULL COLLATE NOCASE,"
        " metric TEXT NOT NULL, dim INTEGER NOT NULL, kind TEXT NOT NULL,"
        " declared TEXT NOT NULL, degree INTEGER NOT NULL, build_list INTEGER NOT NULL,"
        " alpha REAL NOT NULL, built INTEGER NOT NULL);"
        "CREATE TABLE IF NOT EXISTS \"%w\".fovea_log(seq INTEGER PRIMARY KEY AUTOINCREMENT, ix,"
        " rid, nonce);"
        "CREATE INDEX IF NOT EXISTS \"%w\".fovea_log_ix ON fovea_log(ix);"
        "CREATE TABLE IF NOT EXISTS \"%w\".fovea_questions(ix, n, at BLOB, PRIMARY KEY(ix, n))"
        " WITHOUT ROWID",
        schema, schema, schema, schema);
}

/* --- triggers ------------------------------------------------------------------------------------
 */

enum { TRIGGERS = 3 };
static const char *const EVENTS[TRIGGERS] = {"insert", "update", "delete"};

/* As sqlite_schema keeps it: without schema, the name bare. */
static void add_trigger(
    struct buf *sql, int event, const struct store_index *ix, const struct vectors_table *t)
{
    static const char *const when[TRIGGERS] = {"INSERT", "UPDATE", "DELETE"};
    long long id = (long long)ix->ix;
    store_sql(sql, "fovea_%lld_%s AFTER %s ON \"%w\"", id, EVENTS[event], when[event], ix->table);
    if (event == 1)
        store_sql(sql, " WHEN old.\"%w\" IS NOT new.\"%w\" OR old.%s<>new.%s", ix->column,
            ix->column, t->rowid, t->rowid);
    store_sql(sql, " BEGIN");
    for (int row = 0; row < 2; row++) { /* old and new */
        bool has = row == 0 ? event != 0 : event != 2;
        if (has)
            store_sql(sql, " INSERT INTO fovea_log(ix,rid,nonce) VALUES(%lld,%s.%s,random());", id,
                row == 0 ? "old" : "new", t->rowid);
    }
    store_sql(sql, " END");
}

static void add_drop_triggers(const struct store_index *ix, struct buf *sql)
{
    for (int i = 0; i < TRIGGERS; i++)
        store_sql(sql, "DROP TRIGGER IF EXISTS \"%w\".fovea_%lld_%s;", ix->schema,
            (long long)ix->ix, EVENTS[i]);
}

static enum status run(struct store *s, struct buf *sql, struct err *e)
{
    enum status rc = buf_check(sql, e);
    if (rc == ST_OK) rc = store_exec(s, sql->data, e);
    buf_deinit(sql);
    return rc;
}

static enum status make_triggers(
    struct store *s, const struct store_index *ix, const struct vectors_table *t, struct err *e)
{
    struct buf sql;
    buf_init(&sql);
    add_drop_triggers(ix, &sql);
    enum status rc = run(s, &sql, e);
    for (int i = 0; rc == ST_OK && i < TRIGGERS; i++) {
        buf_init(&sql);
        store_sql(&sql, "CREATE TRIGGER \"%w\".", ix->schema);
        add_trigger(&sql, i, ix, t);
        rc = run(s, &sql, e);
    }
    return rc;
}

static enum status check_trigger(struct store_stmt *st, const struct store_index *ix,
    const struct vectors_table *t, bool *right, struct err *e)
{
    const char *text = store_text(st, 1);
    struct buf want;
    buf_init(&want);
    store_sql(&want, "CREATE TRIGGER ");
    add_trigger(&want, (int)store_int(st, 0), ix, t);
    enum status rc = buf_check(&want, e);
    *right = rc == ST_OK && text != NULL && strcmp(text, want.data) == 0;
    buf_deinit(&want);
    return rc;
}

enum status vectors_triggers_check(struct store *s, const struct store_index *ix,
    const struct vectors_table *t, bool *right, struct err *e)
{
    struct store_stmt *st;
    bool row = true, good = true;
    int found = 0;
    long long id = (long long)ix->ix;
    *right = false;
    enum status rc = store_preparef(s, &st, e,
        "SELECT instr('insertupdatedelete', substr(name, %d)) / 6, sql FROM \"%w\".sqlite_schema"
        " WHERE type='trigger' AND name IN('fovea_%lld_insert','fovea_%lld_update',"
        "'fovea_%lld_delete')",
        snprintf(NULL, 0, "fovea_%lld_", id) + 1, ix->schema, id, id, id);
    while (rc == ST_OK && row && good) {
        rc = store_step(st, &row, e);
        if (rc == ST_OK && row) rc = check_trigger(st, ix, t, &good, e);
        found += row;
    }
    store_finalize(st);
    *right = rc == ST_OK && good && found == TRIGGERS;
    return rc;
}

enum status vectors_anchor(
    struct store *s, struct store_index *ix, const struct vectors_table *t, struct err *e)
{
    const char *schema = ix->schema;
    long long id = (long long)ix->ix;
    enum status rc = make_triggers(s, ix, t, e);
    if (rc == ST_OK)
        rc = store_execf(s, e,
            "UPDATE \"%w\".fovea_indexes SET nonce=random(), tbl=%Q, col=%Q, dim=%d WHERE ix=%lld;"
            "INSERT INTO \"%w\".fovea_log(ix,rid,nonce) VALUES(%lld,NULL,random())",
            schema, ix->table, ix->column, ix->dim, id, schema, id);
    if (rc == ST_OK)
        rc = vectors_int(
            s, &ix->nonce, e, "SELECT nonce FROM \"%w\".fovea_indexes WHERE ix=%lld", schema, id);
    return rc;
}

/* --- reading -------------------------------------------------------------------------------------
 */

/* The column's name in the update trigger: behind WHEN old., in quotes. */
static void take_column(const char *sql, struct store_index *ix)
{
    static const char mark[] = " WHEN old.\"";
    const char *from = strstr(sql, mark);
    char name[sizeof ix->column];
    size_t n = 0;
    if (from == NULL) return;
    for (from += sizeof mark - 1; *from != '\0' && n + 1 < sizeof name; from++) {
        if (*from == '"' && from[1] != '"') {
            name[n] = '\0';
            memcpy(ix->column, name, n + 1);
            return;
        }
        if (*from == '"') from++;
        name[n++] = *from;
    }
}

static bool take_name(char *out, size_t bytes, struct store_stmt *st, int i)
{
    const char *text = store_text(st, i);
    return vectors_name_set(out, bytes, text != NULL ? text : "");
}

static bool take_metric(struct store_stmt *st, int i, enum metric *out)
{
    const char *text = store_text(st, i);
    for (int m = 0; text != NULL && m < METRIC_COUNT; m++) {
        *out = (enum metric)m;
        if (strcmp(metric_name(*out), text) == 0) return true;
    }
    return false;
}

/* A row of the catalogue is outside bytes: one that makes no sense is no index. */
static bool take_index(struct store_stmt *st, const char *schema, struct store_index *ix)
{
    *ix = (struct store_index){.ix = store_int(st, 0), .nonce = store_int(st, 1)};
    bool fits = vectors_name_set(ix->schema, sizeof ix->schema, schema) &&
        take_name(ix->name, sizeof ix->name, st, 2) &&
        take_name(ix->table, sizeof ix->table, st, 3) &&
        take_name(ix->column, sizeof ix->column, st, 4) && take_metric(st, 5, &ix->metric) &&
        take_name(ix->declared, sizeof ix->declared, st, 8);
    int64_t dim = store_int(st, 6), degree = store_int(st, 9), list = store_int(st, 10);
    const char *kind = store_text(st, 7);
    ix->dim = dim >= 1 && dim <= LIMIT_VECTOR_DIM ? (int)dim : 0;
    ix->graph = kind != NULL && strcmp(kind, "hnsw") == 0;
    ix->built = store_int(st, 12) != 0;
    ix->questions = store_int(st, 15) != 0;
    ix->options.degree = degree >= 0 && degree <= 4096 ? (int)degree : 0;
    ix->options.build_list = list >= 0 && list <= 1 << 20 ? (int)list : 0;
    double alpha = store_double(st, 11);
    ix->options.alpha = alpha > 0 && alpha < 100 ? (float)alpha : 0;
    const char *table = store_text(st, 13), *sql = store_text(st, 14);
    if (fits && table != NULL && sql != NULL && vectors_name_set(ix->table, 128, table))
        take_column(sql, ix);
    return fits && ix->ix > 0 && ix->dim > 0;
}

/* The + keeps SQLite from making an index for a dozen rows. */
static enum status prepare_read(
    struct store *s, const char *schema, struct store_stmt **st, struct err *e)
{
    return store_preparef(s, st, e,
        "SELECT i.ix, i.nonce, i.name, i.tbl, i.col, i.metric, i.dim, i.kind, i.declared,"
        " i.degree, i.build_list, i.alpha, i.built, t.tbl_name, t.sql,"
        " (SELECT count(*) FROM \"%w\".sqlite_schema WHERE name='fovea_questions')"
        " FROM \"%w\".fovea_indexes i LEFT JOIN \"%w\".sqlite_schema t"
        " ON +t.type='trigger' AND +t.name=('fovea_'||i.ix||'_update') ORDER BY i.ix",
        schema, schema, schema);
}

enum status vectors_catalogue_read(
    struct store *s, const char *schema, struct store_index **out, size_t *count, struct err *e)
{
    struct store_stmt *st;
    bool row = true;
    *out = NULL;
    *count = 0;
    enum status rc = prepare_read(s, schema, &st, NULL);
    if (rc != ST_OK) {
        rc = has_catalogue(s, schema, &row, e);
        if (rc != ST_OK || !row) return rc;
        rc = prepare_read(s, schema, &st, e);
    }
    while (rc == ST_OK && row) {
        rc = store_step(st, &row, e);
        if (rc != ST_OK || !row) break;
        struct store_index *all = mem_resize(*out, *count + 1, sizeof *all);
        if (all == NULL) {
            rc = mem_err(e, sizeof *all);
            break;
        }
        *out = all;
        *count += take_index(st, schema, &all[*count]);
    }
    store_finalize(st);
    if (rc == ST_OK) return rc;
    mem_free(*out);
    *out = NULL;
    *count = 0;
    return rc;
}

enum status vectors_catalogue_find(
    struct store *s, const struct store_vectors_ask *ask, struct store_index *out, struct err *e)
{
    struct store_index *all;
    size_t count;
    *out = (struct store_index){.ix = 0};
    enum status rc = vectors_catalogue_read(s, ask->schema, &all, &count, e);
    for (size_t i = 0; rc == ST_OK && i < count; i++) {
        bool of = strcasecmp(all[i].table, ask->table) == 0 &&
            strcasecmp(all[i].column, ask->column) == 0 && all[i].metric == ask->metric;
        if (of && (out->ix == 0 || (all[i].graph && !out->graph))) *out = all[i];
    }
    mem_free(all);
    return rc;
}

enum status vectors_catalogue_get(
    struct store *s, const char *schema, int64_t ix, struct store_index *out, struct err *e)
{
    struct store_index *all;
    size_t count;
    *out = (struct store_index){.ix = 0};
    enum status rc = vectors_catalogue_read(s, schema, &all, &count, e);
    for (size_t i = 0; rc == ST_OK && i < count; i++)
        if (all[i].ix == ix) *out = all[i];
    mem_free(all);
    return rc;
}

enum status store_index_find(
    struct store *s, const struct store_index_name *name, struct store_index *out, struct err *e)
{
    struct store_index *all;
    size_t count;
    const char *schema = name->schema != NULL ? name->schema : "main";
    *out = (struct store_index){.ix = 0};
    enum status rc = vectors_catalogue_read(s, schema, &all, &count, e);
    for (size_t i = 0; rc == ST_OK && i < count; i++) {
        if (all[i].name[0] == '\0' || strcasecmp(all[i].name, name->name) != 0) continue;
        if (name->table != NULL && strcasecmp(all[i].table, name->table) != 0) continue;
        if (out->ix != 0)
            rc = err_set(e, ST_INVALID, "%s and %s both have an index %s: name the table",
                out->table, all[i].table, name->name);
        *out = all[i];
    }
    mem_free(all);
    if (rc != ST_OK) out->ix = 0;
    return rc;
}

static enum status add_schema(
    struct store *s, const char *schema, struct store_index **all, size_t *count, struct err *e)
{
    struct store_index *some;
    size_t n;
    enum status rc = vectors_catalogue_read(s, schema, &some, &n, e);
    if (rc != ST_OK || n == 0) {
        mem_free(some);
        return rc;
    }
    struct store_index *grown = mem_resize(*all, *count + n, sizeof *grown);
    if (grown != NULL) {
        memcpy(grown + *count, some, n * sizeof *some);
        *all = grown;
        *count += n;
    }
    mem_free(some);
    return grown != NULL ? ST_OK : mem_err(e, n * sizeof *some);
}

enum status store_index_list(
    struct store *s, struct store_index **out, size_t *count, struct err *e)
{
    struct store_stmt *st;
    bool row = true;
    *out = NULL;
    *count = 0;
    enum status rc = store_prepare(
        s, "SELECT name FROM pragma_database_list WHERE name<>'temp' ORDER BY seq", &st, e);
    while (rc == ST_OK && row) {
        rc = store_step(st, &row, e);
        if (rc == ST_OK && row) rc = add_schema(s, store_text(st, 0), out, count, e);
    }
    store_finalize(st);
    if (rc == ST_OK) return rc;
    mem_free(*out);
    *out = NULL;
    *count = 0;
    return rc;
}

/* --- creating and dropping -----------------------------------------------------------------------
 */

static enum status check_new(
    struct store *s, struct store_index *ix, struct vectors_table *t, bool *exists, struct err *e)
{
    struct store_index old;
    bool declared;
    int dim;
    *exists = false;
    enum status rc = vectors_table_read(s, ix, t, e);
    if (rc != ST_OK) return rc;
    if (t->refused != NULL)
        return err_set(
            e, ST_UNSUPPORTED, "%s can't have a vector index: %s", ix->table, t->refused);
    if (!t->found) return err_set(e, ST_NOT_FOUND, "no such table: %s", ix->table);
    if (t->column[0] == '\0')
        return err_set(e, ST_NOT_FOUND, "%s has no column %s", ix->table, ix->column);
    vectors_name_set(ix->table, sizeof ix->table, t->name);
    vectors_name_set(ix->column, sizeof ix->column, t->column);
    if (ix->graph) {
        struct store_index_name name = {ix->schema, ix->table, ix->name};
        rc = store_index_find(s, &name, &old, e);
        *exists = rc == ST_OK && old.ix != 0;
        if (rc != ST_OK || *exists) return rc;
    }
    rc = vectors_table_dim(s, ix, &declared, &dim, e);
    if (rc != ST_OK) return rc;
    if (ix->dim == 0) ix->dim = dim;
    if (ix->dim == 0)
        return err_set(e, ST_INVALID,
            "%s.%s: the dimension is not known: declare the column or"
            " insert a vector first",
            ix->table, ix->column);
    if (ix->dim < 1 || ix->dim > LIMIT_VECTOR_DIM)
        return err_set(
            e, ST_INVALID, "an index of %d dimensions, at most %d", ix->dim, LIMIT_VECTOR_DIM);
    if (dim != 0 && dim != ix->dim)
        return err_set(e, ST_INVALID, "%s.%s has %d dimensions, the index %d", ix->table,
            ix->column, dim, ix->dim);
    return ST_OK;
}

void store_index_drop_sql(const struct store_index *ix, struct buf *sql)
{
    add_drop_triggers(ix, sql);
    store_sql(sql,
        "DELETE FROM \"%w\".fovea_indexes WHERE ix=%lld;"
        "DELETE FROM \"%w\".fovea_log WHERE ix=%lld;",
        ix->schema, (long long)ix->ix, ix->schema, (long long)ix->ix);
    if (ix->questions)
        store_sql(sql, "DELETE FROM \"%w\".fovea_questions WHERE ix=%lld;", ix->schema,
            (long long)ix->ix);
}

static enum status forget(struct store *s, const struct store_index *ix, struct err *e)
{
    struct buf sql;
    buf_init(&sql);
    store_index_drop_sql(ix, &sql);
    return run(s, &sql, e);
}

/* An index that was asked for takes the place of the codes a search made. */
static enum status replace_codes(struct store *s, const struct store_index *ix, struct err *e)
{
    struct store_vectors_ask ask = {ix->schema, ix->table, ix->column, ix->metric, NULL, ""};
    struct store_index old;
    enum status rc = vectors_catalogue_find(s, &ask, &old, e);
    if (rc == ST_OK && old.ix != 0 && !old.graph) rc = forget(s, &old, e);
    return rc;
}

static enum status add_index(
    struct store *s, struct store_index *ix, const struct vectors_table *t, struct err *e)
{
    struct store_stmt *st = NULL;
    enum status rc = make_catalogue(s, ix->schema, e);
    if (rc == ST_OK && ix->graph) rc = replace_codes(s, ix, e);
    if (rc == ST_OK)
        rc = store_preparef(s, &st, e,
            "INSERT INTO \"%w\".fovea_indexes(nonce,name,tbl,col,metric,dim,kind,declared,degree,"
            "build_list,alpha,built) VALUES(random(),?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,0)",
            ix->schema);
    if (rc != ST_OK) return rc;
    store_bind_text(st, 1, ix->name, -1);
    store_bind_text(st, 2, ix->table, -1);
    store_bind_text(st, 3, ix->column, -1);
    store_bind_text(st, 4, metric_name(ix->metric), -1);
    store_bind_int(st, 5, ix->dim);
    store_bind_text(st, 6, ix->graph ? "hnsw" : "codes", -1);
    store_bind_text(st, 7, ix->declared, -1);
    store_bind_int(st, 8, ix->options.degree);
    store_bind_int(st, 9, ix->options.build_list);
    store_bind_double(st, 10, (double)ix->options.alpha);
    rc = store_run(st, e);
    store_finalize(st);
    ix->ix = store_last_rowid(s);
    ix->built = false;
    ix->questions = true;
    return rc == ST_OK ? vectors_anchor(s, ix, t, e) : rc;
}

enum status store_index_create(struct store *s, const struct store_index *spec, bool exists_ok,
    struct store_index *out, struct err *e)
{
    struct vectors_table t;
    struct store_index ix = *spec;
    bool exists;
    if (ix.schema[0] == '\0') vectors_name_set(ix.schema, sizeof ix.schema, "main");
    enum status rc = store_begin(s, e);
    if (rc != ST_OK) return rc;
    rc = check_new(s, &ix, &t, &exists, e);
    if (rc == ST_OK && exists && !exists_ok)
        rc = err_set(e, ST_EXISTS, "%s already has an index %s", ix.table, ix.name);
    if (rc == ST_OK && !exists) rc = add_index(s, &ix, &t, e);
    if (rc == ST_OK && exists) {
        struct store_index_name name = {ix.schema, ix.table, ix.name};
        struct store_index there;
        rc = store_index_find(s, &name, &there, e);
        ix = there;
    }
    if (rc == ST_OK) rc = store_commit(s, e);
    if (rc != ST_OK) {
        store_rollback(s);
        return rc;
    }
    *out = ix;
    return ST_OK;
}

enum status vectors_forget(struct store *s, const struct store_index *ix, struct err *e)
{
    enum status rc = store_begin(s, e);
    if (rc != ST_OK) return rc;
    rc = forget(s, ix, e);
    if (rc == ST_OK) rc = store_commit(s, e);
    if (rc != ST_OK) store_rollback(s);
    return rc;
}
