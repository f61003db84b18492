/* vectors_catalogue.c - fovea_indexes: reading, creating, dropping. What table and column are
 * called now the triggers tell (vectors_triggers.c).
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "base/mem.h"
#include "store/vectors_internal.h"

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

enum status vectors_anchor(
    struct store *s, struct store_index *ix, const struct vectors_table *t, struct err *e)
{
    const char *schema = ix->schema;
    long long id = (long long)ix->ix;
    enum status rc = vectors_triggers_make(s, ix, t, e);
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
static bool take_index(struct store_stmt *st, const char *schema,
    const struct vectors_triggers *triggers, struct store_index *ix)
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
    ix->questions = triggers->questions;
    ix->options.degree = degree >= 0 && degree <= 4096 ? (int)degree : 0;
    ix->options.build_list = list >= 0 && list <= 1 << 20 ? (int)list : 0;
    double alpha = store_double(st, 11);
    ix->options.alpha = alpha > 0 && alpha < 100 ? (float)alpha : 0;
    if (fits) vectors_triggers_names(triggers, ix);
    return fits && ix->ix > 0 && ix->dim > 0;
}

static enum status read_indexes(struct store *s, const char *schema,
    const struct vectors_triggers *triggers, struct vectors_indexes *out, struct err *e)
{
    struct store_stmt *st;
    bool row = true;
    enum status rc = store_preparef(s, &st, e,
        "SELECT ix, nonce, name, tbl, col, metric, dim, kind, declared, degree, build_list, alpha,"
        " built FROM \"%w\".fovea_indexes ORDER BY ix",
        schema);
    while (rc == ST_OK && row) {
        rc = store_step(st, &row, e);
        if (rc != ST_OK || !row) break;
        struct store_index *all = mem_resize(out->at, out->count + 1, sizeof *all);
        if (all == NULL) {
            rc = mem_err(e, sizeof *all);
            break;
        }
        out->at = all;
        out->count += take_index(st, schema, triggers, &all[out->count]);
    }
    store_finalize(st);
    return rc;
}

/* triggers: filled in any case, vectors_triggers_deinit it. */
static enum status read_all(struct store *s, const char *schema, struct vectors_triggers *triggers,
    struct vectors_indexes *out, struct err *e)
{
    *out = (struct vectors_indexes){.at = NULL};
    enum status rc = vectors_triggers_read(s, schema, triggers, e);
    if (rc == ST_OK && triggers->catalogue) rc = read_indexes(s, schema, triggers, out, e);
    if (rc == ST_OK) return rc;
    mem_free(out->at);
    *out = (struct vectors_indexes){.at = NULL};
    return rc;
}

enum status vectors_catalogue_read(
    struct store *s, const char *schema, struct store_index **out, size_t *count, struct err *e)
{
    struct vectors_triggers triggers;
    struct vectors_indexes all;
    enum status rc = read_all(s, schema, &triggers, &all, e);
    vectors_triggers_deinit(&triggers);
    *out = all.at;
    *count = all.count;
    return rc;
}

enum status vectors_catalogue_find(struct store *s, const struct store_vectors_ask *ask,
    struct vectors_triggers *triggers, struct store_index *out, struct err *e)
{
    struct vectors_triggers own;
    struct vectors_indexes all;
    *out = (struct store_index){.ix = 0};
    enum status rc = read_all(s, ask->schema, triggers != NULL ? triggers : &own, &all, e);
    for (size_t i = 0; rc == ST_OK && i < all.count; i++) {
        const struct store_index *ix = &all.at[i];
        bool of = strcasecmp(ix->table, ask->table) == 0 &&
            strcasecmp(ix->column, ask->column) == 0 && ix->metric == ask->metric;
        if (of && (out->ix == 0 || (ix->graph && !out->graph))) *out = *ix;
    }
    if (triggers == NULL) vectors_triggers_deinit(&own);
    mem_free(all.at);
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
    vectors_triggers_drop_sql(ix, sql);
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
    return vectors_run(s, &sql, e);
}

/* An index that was asked for takes the place of the codes a search made. */
static enum status replace_codes(struct store *s, const struct store_index *ix, struct err *e)
{
    struct store_vectors_ask ask = {ix->schema, ix->table, ix->column, ix->metric, NULL, ""};
    struct store_index old;
    enum status rc = vectors_catalogue_find(s, &ask, NULL, &old, e);
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
