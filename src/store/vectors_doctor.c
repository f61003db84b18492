/* vectors_doctor.c - what is asked of an index by name: building, compacting, dropping, how it
 * stands, and sweeping what is left of those that are no more.
 */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "store/vectors_internal.h"

/* --- building ------------------------------------------------------------------------------------
 */

/* The index as the catalogue has it now, its triggers right. */
static enum status open_whole(
    struct vectors_view *v, struct store *s, const struct store_index *ix, struct err *e)
{
    struct store_index now;
    bool right;
    *v = (struct vectors_view){.store = s};
    enum status rc = vectors_catalogue_get(s, ix->schema, ix->ix, &now, e);
    if (rc == ST_OK && now.ix == 0)
        rc = err_set(e, ST_NOT_FOUND, "%s has no index %s any more", ix->table, ix->name);
    if (rc == ST_OK) rc = vectors_view_open(v, s, &now, e);
    if (rc == ST_OK) rc = vectors_triggers_check(s, &now, &v->table, &right, e);
    if (rc != ST_OK || right) return rc;
    vectors_view_close(v);
    rc = vectors_heal(s, &now, e);
    return rc == ST_OK ? vectors_view_open(v, s, &now, e) : rc;
}

static enum status build(
    struct store *s, const struct store_index *ix, const struct vectors_build *how, struct err *e)
{
    struct vectors_view v;
    struct vectors_build mine = *how;
    struct vec_generation *g = NULL;
    int64_t bad;
    if (store_in_transaction(s))
        return err_set(e, ST_INVALID, "an index is not built inside a transaction");
    if (store_schema_is_read_only(s, ix->schema))
        return err_set(e, ST_READ_ONLY, "%s is read-only", store_schema_path(s, ix->schema));
    vectors_settle(s, true);
    enum status rc = open_whole(&v, s, ix, e);
    if (rc == ST_OK && v.dir == NULL) mine.old = vectors_at_hand(s, &v.index);
    mine.graph = mine.graph || v.index.built;
    if (rc == ST_OK) rc = vectors_make(&v, &mine, &g, &bad, e);
    if (rc == ST_BUSY) rc = err_set(e, ST_BUSY, "another process builds %s", v.index.table);
    if (rc == ST_OK && v.dir == NULL) {
        rc = vectors_put(s, &v.index, g, e);
    } else {
        vec_generation_close(g);
        if (rc == ST_OK) vectors_close_index(s, &v.index);
    }
    vectors_view_close(&v);
    return rc;
}

enum status store_index_materialize(
    struct store *s, const struct store_index *ix, const struct run *run, struct err *e)
{
    struct vectors_build how = {.graph = true, .run = run};
    return build(s, ix, &how, e);
}

enum status store_index_compact(
    struct store *s, const struct store_index *ix, const struct run *run, struct err *e)
{
    struct vectors_build how = {.run = run};
    return build(s, ix, &how, e);
}

enum status store_index_drop(struct store *s, const struct store_index *ix, struct err *e)
{
    char *dir = NULL;
    bool outer = store_in_transaction(s);
    vectors_settle(s, true);
    enum status rc = vectors_forget(s, ix, e);
    if (rc != ST_OK) return rc;
    vectors_close_index(s, ix);
    /* In a transaction the files stay until it is known how that ends: the sweep finds them. */
    if (!outer) rc = vectors_dir(s, ix->schema, &dir, e);
    if (dir != NULL) vec_generation_sweep(dir, ix->ix, 0);
    mem_free(dir);
    return rc;
}

/* --- how it stands -------------------------------------------------------------------------------
 */

static bool is_of(const char *name, int64_t ix)
{
    char mark[32];
    int n = snprintf(mark, sizeof mark, "%lld-", (long long)ix);
    return strncmp(name, mark, (size_t)n) == 0;
}

static uint64_t bytes_of(const char *dir, int64_t ix)
{
    uint64_t bytes = 0;
    DIR *d = dir != NULL ? opendir(dir) : NULL;
    struct dirent *f;
    struct stat st;
    while (d != NULL && (f = readdir(d)) != NULL)
        if (is_of(f->d_name, ix) && fstatat(dirfd(d), f->d_name, &st, 0) == 0)
            bytes += (uint64_t)st.st_size;
    if (d != NULL) closedir(d);
    return bytes;
}

static enum status count_rows(const struct vectors_view *v, const struct vectors_found *f,
    const struct vec_generation *g, struct store_index_state *out, struct err *e)
{
    struct vectors_bad bad = {.count = 0};
    struct vectors_reader r = {.view = v, .bad = &bad};
    struct vec_index *state = NULL;
    r.vector = mem_alloc((size_t)v->index.dim * sizeof(float));
    enum status rc = r.vector == NULL ? mem_err(e, 0) : vec_index_open(g, &state, e);
    if (rc == ST_OK) rc = vectors_row_prepare(v->store, &v->index, &v->table, &r.row, e);
    if (rc == ST_OK) rc = vectors_load(state, &r, &f->tail, e);
    if (rc == ST_OK) {
        out->rows = vec_index_rows(state);
        out->tail = vec_index_tail(state);
        out->dead = vec_index_dead(state);
        if (bad.count > 0) snprintf(out->doubt, sizeof out->doubt, "%s", bad.words);
    }
    store_finalize(r.row);
    mem_free(r.vector);
    vec_index_close(state);
    return rc;
}

/* The generation searches would use; *g is f->g, or borrowed in memory, or NULL. */
static enum status find(const struct vectors_view *v, struct vectors_found *f,
    const struct vec_generation **g, struct err *e)
{
    struct store_stmt *log = NULL;
    *f = (struct vectors_found){.g = NULL};
    *g = NULL;
    enum status rc = vectors_log_prepare(v->store, v->index.schema, &log, e);
    if (rc == ST_OK && v->dir != NULL) {
        rc = vectors_find(v, log, f, e);
        *g = f->g;
    } else if (rc == ST_OK) {
        const struct vec_generation *mine = vectors_at_hand(v->store, &v->index);
        if (mine != NULL) rc = vectors_judge(v, log, mine, f, e);
        if (rc == ST_OK && f->tail.there) *g = mine;
    }
    store_finalize(log);
    return rc;
}

static enum status describe(struct vectors_view *v, struct store_index_state *out, struct err *e)
{
    bool right = false;
    struct vectors_found f = {.g = NULL};
    const struct vec_generation *g = NULL;
    const char *state = "none";
    enum status rc = ST_OK;
    out->file_bytes = bytes_of(v->dir, v->index.ix);
    if (v->table.found && v->table.column[0] != '\0' && v->table.refused == NULL)
        rc = vectors_triggers_check(v->store, &v->index, &v->table, &right, e);
    else
        out->gone = true;
    if (out->gone) snprintf(out->doubt, sizeof out->doubt, "the table or the column is gone");
    if (rc == ST_OK && right) {
        rc = find(v, &f, &g, e);
        state = g != NULL ? "ready" : out->file_bytes > 0 ? "stale" : "declared";
        if (out->file_bytes > 0) snprintf(out->doubt, sizeof out->doubt, "%s", f.why);
    } else if (rc == ST_OK && out->doubt[0] == '\0') {
        snprintf(out->doubt, sizeof out->doubt, "its triggers were changed");
    }
    if (rc == ST_OK && g != NULL) {
        out->generation = g->facts.number;
        out->has_graph = g->has_graph;
        snprintf(out->doubt, sizeof out->doubt, "%.*s", 250, g->doubt);
        rc = count_rows(v, &f, g, out, e);
    }
    snprintf(out->state, sizeof out->state, "%s", state);
    vectors_found_deinit(&f);
    return rc;
}

enum status store_index_state(
    struct store *s, const struct store_index *ix, struct store_index_state *out, struct err *e)
{
    struct vectors_view v;
    struct vectors_hold hold = {.st = NULL};
    *out = (struct store_index_state){.generation = 0};
    enum status rc = vectors_hold_begin(&hold, s, ix->schema, e);
    if (rc == ST_OK) {
        rc = vectors_view_open(&v, s, ix, e);
        if (rc == ST_OK) rc = describe(&v, out, e);
        vectors_view_close(&v);
    }
    vectors_hold_end(&hold);
    vectors_hold_deinit(&hold);
    return rc;
}

enum status store_index_verify(
    struct store *s, const struct store_index *ix, const struct run *run, struct err *e)
{
    struct vectors_view v;
    struct vectors_found f = {.g = NULL};
    const struct vec_generation *g = NULL;
    enum status rc = vectors_view_open(&v, s, ix, e);
    if (rc == ST_OK && v.table.found) rc = find(&v, &f, &g, e);
    if (rc == ST_OK && g != NULL) rc = vec_generation_verify(g, run, e);
    vectors_found_deinit(&f);
    vectors_view_close(&v);
    return rc;
}

/* --- sweeping ------------------------------------------------------------------------------------
 */

/* Indexes of tables that are no more. An index of a table that lost its triggers may be asked for
 * again, codes that nobody asked for are made again by a search. */
static enum status forget_orphans(
    struct store *s, const struct store_index *all, size_t count, struct err *e)
{
    enum status rc = ST_OK;
    for (size_t i = 0; rc == ST_OK && i < count; i++) {
        struct vectors_table t;
        bool right = false;
        if (store_schema_is_read_only(s, all[i].schema)) continue;
        rc = vectors_table_read(s, &all[i], &t, e);
        bool there = t.found && t.column[0] != '\0' && t.refused == NULL;
        if (rc == ST_OK && there) rc = vectors_triggers_check(s, &all[i], &t, &right, e);
        if (rc == ST_OK && (!there || (!right && !all[i].graph)))
            rc = vectors_forget(s, &all[i], e);
    }
    return rc;
}

static bool is_index(const struct store_index *all, size_t count, const char *schema, int64_t ix)
{
    for (size_t i = 0; i < count; i++)
        if (all[i].ix == ix && strcasecmp(all[i].schema, schema) == 0) return true;
    return false;
}

/* Generations before the one that is used, and files of no index. */
static enum status sweep_files(
    struct store *s, const char *schema, const struct store_index *all, size_t count, int *files)
{
    char *dir;
    int64_t *ids = NULL;
    size_t n = 0;
    enum status rc = vectors_dir(s, schema, &dir, NULL);
    if (rc != ST_OK || dir == NULL) return rc;
    rc = vec_generation_list(dir, &ids, &n, NULL);
    for (size_t i = 0; rc == ST_OK && i < n; i++)
        if (!is_index(all, count, schema, ids[i])) *files += vec_generation_sweep(dir, ids[i], 0);
    mem_free(ids);
    mem_free(dir);
    return ST_OK;
}

static enum status sweep_index(
    struct store *s, const struct store_index *ix, int *files, struct err *e)
{
    struct vectors_view v;
    struct vectors_found f = {.g = NULL};
    const struct vec_generation *g = NULL;
    enum status rc = vectors_view_open(&v, s, ix, e);
    if (rc == ST_OK) rc = find(&v, &f, &g, e);
    if (rc == ST_OK && g != NULL && v.dir != NULL) {
        struct vectors_place place = {g->facts.log_seq, g->facts.log_nonce};
        *files += vec_generation_sweep(v.dir, ix->ix, g->facts.number);
        if (!store_schema_is_read_only(s, ix->schema)) rc = vectors_log_trim(s, ix, &place, e);
    }
    vectors_found_deinit(&f);
    vectors_view_close(&v);
    return rc;
}

/* Log rows of indexes that are no more. */
static enum status sweep_log(struct store *s, const char *schema, struct err *e)
{
    int64_t there;
    if (store_schema_is_read_only(s, schema)) return ST_OK;
    enum status rc = vectors_int(s, &there, e,
        "SELECT count(*)=2 FROM \"%w\".sqlite_schema WHERE type='table'"
        " AND name IN('fovea_indexes','fovea_log')",
        schema);
    if (rc != ST_OK || there == 0) return rc;
    return store_execf(s, e,
        "DELETE FROM \"%w\".fovea_log WHERE ix NOT IN (SELECT ix FROM \"%w\".fovea_indexes)",
        schema, schema);
}

static enum status sweep_schema(struct store *s, const char *schema, int *files, struct err *e)
{
    struct store_index *all;
    size_t count;
    enum status rc = vectors_catalogue_read(s, schema, &all, &count, e);
    if (rc == ST_OK) rc = forget_orphans(s, all, count, e);
    mem_free(all);
    if (rc == ST_OK) rc = vectors_catalogue_read(s, schema, &all, &count, e);
    if (rc != ST_OK) return rc;
    rc = sweep_log(s, schema, e);
    if (rc == ST_OK) rc = sweep_files(s, schema, all, count, files);
    for (size_t i = 0; rc == ST_OK && i < count; i++) rc = sweep_index(s, &all[i], files, e);
    mem_free(all);
    return rc;
}

enum status store_vectors_sweep(struct store *s, int *files, struct err *e)
{
    struct store_stmt *st;
    struct buf names;
    bool row = true;
    *files = 0;
    if (store_in_transaction(s))
        return err_set(e, ST_INVALID, "nothing is swept inside a transaction");
    vectors_settle(s, true);
    buf_init(&names);
    enum status rc = store_prepare(
        s, "SELECT name FROM pragma_database_list WHERE name<>'temp' ORDER BY seq", &st, e);
    while (rc == ST_OK && row) {
        rc = store_step(st, &row, e);
        if (rc == ST_OK && row) buf_add(&names, store_text(st, 0), strlen(store_text(st, 0)) + 1);
    }
    store_finalize(st);
    if (rc == ST_OK) rc = buf_check(&names, e);
    for (size_t at = 0; rc == ST_OK && at < names.bytes; at += strlen(names.data + at) + 1)
        rc = sweep_schema(s, names.data + at, files, e);
    buf_deinit(&names);
    return rc;
}
