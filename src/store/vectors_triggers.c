/* vectors_triggers.c - the triggers that write the change log: making, reading, comparing them.
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
 *
 * All are read by one plain pass over sqlite_schema: the first search of a process waits for it,
 * and a join with the catalogue took longer to plan than the pass takes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/vectors_internal.h"

static const char *const EVENTS[VECTORS_EVENTS] = {"insert", "update", "delete"};

/* As sqlite_schema keeps it: without schema, the name bare. */
static void add_trigger(
    struct buf *sql, int event, const struct store_index *ix, const struct vectors_table *t)
{
    static const char *const when[VECTORS_EVENTS] = {"INSERT", "UPDATE", "DELETE"};
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

void vectors_triggers_drop_sql(const struct store_index *ix, struct buf *sql)
{
    for (int i = 0; i < VECTORS_EVENTS; i++)
        store_sql(sql, "DROP TRIGGER IF EXISTS \"%w\".fovea_%lld_%s;", ix->schema,
            (long long)ix->ix, EVENTS[i]);
}

enum status vectors_run(struct store *s, struct buf *sql, struct err *e)
{
    enum status rc = buf_check(sql, e);
    if (rc == ST_OK) rc = store_exec(s, sql->data, e);
    buf_deinit(sql);
    return rc;
}

enum status vectors_triggers_make(
    struct store *s, const struct store_index *ix, const struct vectors_table *t, struct err *e)
{
    struct buf sql;
    buf_init(&sql);
    vectors_triggers_drop_sql(ix, &sql);
    enum status rc = vectors_run(s, &sql, e);
    for (int i = 0; rc == ST_OK && i < VECTORS_EVENTS; i++) {
        buf_init(&sql);
        store_sql(&sql, "CREATE TRIGGER \"%w\".", ix->schema);
        add_trigger(&sql, i, ix, t);
        rc = vectors_run(s, &sql, e);
    }
    return rc;
}

/* --- reading -------------------------------------------------------------------------------------
 */

/* Whether a name is one of ours: fovea_<ix>_<event>. */
static bool name_read(const char *name, struct vectors_trigger *out)
{
    char *at;
    if (name[0] < '0' || name[0] > '9') return false;
    errno = 0;
    out->ix = strtoll(name, &at, 10);
    if (errno != 0 || *at != '_') return false;
    for (out->event = 0; out->event < VECTORS_EVENTS; out->event++)
        if (strcmp(at + 1, EVENTS[out->event]) == 0) return true;
    return false;
}

static enum status add(
    struct vectors_triggers *all, struct store_stmt *st, struct vectors_trigger one, struct err *e)
{
    const char *table = store_text(st, 2), *sql = store_text(st, 3);
    if (table == NULL || sql == NULL) return ST_OK;
    struct vectors_trigger *grown = mem_resize(all->at, all->count + 1, sizeof *grown);
    if (grown == NULL) return mem_err(e, sizeof *grown);
    all->at = grown;
    one.table = mem_strdup(table);
    one.sql = mem_strdup(sql);
    all->at[all->count++] = one;
    return one.table != NULL && one.sql != NULL ? ST_OK : mem_err(e, 0);
}

/* A row of sqlite_schema whose name begins with fovea_. */
static enum status take(
    struct vectors_triggers *all, int *tables, struct store_stmt *st, struct err *e)
{
    struct vectors_trigger one = {.ix = 0};
    const char *name = store_text(st, 1) + sizeof "fovea_" - 1, *type = store_text(st, 0);
    if (type != NULL && strcmp(type, "trigger") == 0)
        return name_read(name, &one) ? add(all, st, one, e) : ST_OK;
    if (type == NULL || strcmp(type, "table") != 0) return ST_OK;
    *tables += strcmp(name, "indexes") == 0 || strcmp(name, "log") == 0;
    all->questions |= strcmp(name, "questions") == 0;
    return ST_OK;
}

enum status vectors_triggers_read(
    struct store *s, const char *schema, struct vectors_triggers *out, struct err *e)
{
    struct store_stmt *st;
    bool row = true;
    int tables = 0;
    *out = (struct vectors_triggers){.at = NULL};
    enum status rc = store_preparef(
        s, &st, e, "SELECT type, name, tbl_name, sql FROM \"%w\".sqlite_schema", schema);
    while (rc == ST_OK && row) {
        rc = store_step(st, &row, e);
        const char *name = rc == ST_OK && row ? store_text(st, 1) : NULL;
        if (name != NULL && strncmp(name, "fovea_", sizeof "fovea_" - 1) == 0)
            rc = take(out, &tables, st, e);
    }
    store_finalize(st);
    out->catalogue = tables == 2;
    return rc;
}

void vectors_triggers_deinit(struct vectors_triggers *t)
{
    for (size_t i = 0; i < t->count; i++) {
        mem_free(t->at[i].table);
        mem_free(t->at[i].sql);
    }
    mem_free(t->at);
    *t = (struct vectors_triggers){.at = NULL};
}

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

void vectors_triggers_names(const struct vectors_triggers *all, struct store_index *ix)
{
    for (size_t i = 0; i < all->count; i++) {
        const struct vectors_trigger *t = &all->at[i];
        if (t->ix != ix->ix || strcmp(EVENTS[t->event], "update") != 0) continue;
        if (vectors_name_set(ix->table, sizeof ix->table, t->table)) take_column(t->sql, ix);
    }
}

/* --- comparing -----------------------------------------------------------------------------------
 */

enum status vectors_triggers_match(const struct vectors_triggers *all, const struct store_index *ix,
    const struct vectors_table *t, bool *right, struct err *e)
{
    enum status rc = ST_OK;
    bool good = true;
    int found = 0;
    *right = false;
    for (size_t i = 0; rc == ST_OK && good && i < all->count; i++) {
        if (all->at[i].ix != ix->ix) continue;
        struct buf want;
        buf_init(&want);
        store_sql(&want, "CREATE TRIGGER ");
        add_trigger(&want, all->at[i].event, ix, t);
        rc = buf_check(&want, e);
        good = rc == ST_OK && strcmp(all->at[i].sql, want.data) == 0;
        buf_deinit(&want);
        found++;
    }
    *right = rc == ST_OK && good && found == VECTORS_EVENTS;
    return rc;
}

enum status vectors_triggers_check(struct store *s, const struct store_index *ix,
    const struct vectors_table *t, bool *right, struct err *e)
{
    struct vectors_triggers all;
    *right = false;
    enum status rc = vectors_triggers_read(s, ix->schema, &all, e);
    if (rc == ST_OK) rc = vectors_triggers_match(&all, ix, t, right, e);
    vectors_triggers_deinit(&all);
    return rc;
}
