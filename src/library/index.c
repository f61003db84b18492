/* index.c - one index run: look, ingest, remove, refresh the background of relevance and the files
 * of the vector engine.
 *
 * Looking is a pass that writes nothing and opens no picture: it tells how much there is to do, and
 * for an unchanged library it is all that happens. Only then is the same way walked again to
 * ingest, and a third time to remove what is gone: after ingesting, so that a moved file finds the
 * vector under its old path. Walking again costs a stat a file, far less than keeping the list
 * would complicate.
 */
#include "library/index.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "library/background.h"
#include "library/changes.h"
#include "library/ingest.h"
#include "library/library.h"
#include "library/pick.h"
#include "store/vectors.h"

enum { REPORT_ENTRIES = 8192 };
static const double DRAG_MAX = 0.1; /* of a search's cost, for rows newer than the files */

struct index {
    struct sql_session *session;
    struct store *store; /* the run's own connection */
    const struct run *run;
    struct changes_options where;
    struct options_paths roots; /* real paths */
    struct pick pick;
    uint64_t seen[CHANGE_KIND_COUNT];
    uint64_t folders; /* of CHANGE_BROKEN */
    struct index_counts counts;
    struct err missing; /* the first folder given that can't be read */
    int missing_count;
};

static void note(const struct index *x, const char *what, const char *path, const char *reason)
{
    struct buf text;
    buf_init(&text);
    if (path != NULL) buf_printf(&text, "%s: ", path);
    buf_add_str(&text, reason);
    struct run_progress p = {.what = what, .note = text.failed ? NULL : text.data};
    run_report(x->run, &p);
    buf_deinit(&text);
}

/* The first is the call's error, told at its end; the others are told as they are met. */
static void note_missing(struct index *x, const char *path, const char *reason, enum status st)
{
    if (x->missing_count++ == 0)
        err_set(&x->missing, st, "%s: %s", path, reason);
    else
        note(x, "looking", path, reason);
}

/* --- the folders given ---------------------------------------------------------------------------
 */

static bool has_root(const struct index *x, const char *real)
{
    for (size_t i = 0; i < x->roots.count; i++)
        if (strcmp(x->roots.at[i], real) == 0) return true;
    return false;
}

/* Keeps the real path of each folder once; those that are not there are noted. */
static enum status resolve_roots(struct index *x, const struct options_paths *dirs, struct err *e)
{
    x->roots.at = mem_zalloc(dirs->count, sizeof *x->roots.at);
    if (x->roots.at == NULL) return mem_err(e, dirs->count * sizeof *x->roots.at);
    for (size_t i = 0; i < dirs->count; i++) {
        struct err why = ERR_INIT;
        errno = 0;
        char *real = file_real_path(dirs->at[i], &why);
        if (real == NULL && why.code == ST_NO_MEMORY) return mem_err(e, 0);
        if (real == NULL) {
            note_missing(x, dirs->at[i],
                why.code == ST_NOT_FOUND ? "no such folder" : strerror(errno), why.code);
            continue;
        }
        if (has_root(x, real))
            mem_free(real);
        else
            x->roots.at[x->roots.count++] = real;
    }
    x->where.roots = (const char *const *)x->roots.at;
    x->where.count = x->roots.count;
    return ST_OK;
}

/* --- passes --------------------------------------------------------------------------------------
 */

struct pass {
    const char *what; /* said now and then; "indexing" tells its progress by itself */
    enum status (*visit)(struct index *x, const struct change *c, void *with, struct err *e);
    void *with;
};

static enum status run_pass(struct index *x, const struct pass *pass, struct err *e)
{
    struct changes *changes;
    struct change c;
    bool more = true;
    uint64_t entries = 0;
    memset(x->seen, 0, sizeof x->seen);
    x->folders = 0;
    enum status st = changes_open(&x->where, &changes, e);
    while (st == ST_OK && more) {
        st = changes_next(changes, &c, &more, e);
        if (st != ST_OK || !more) break;
        x->seen[c.kind]++;
        if (++entries % REPORT_ENTRIES == 0 && pass->what != NULL)
            run_report(x->run, &(struct run_progress){.what = pass->what, .done = entries});
        x->folders += c.kind == CHANGE_BROKEN && c.path[strlen(c.path) - 1] == '/';
        st = pass->visit(x, &c, pass->with, e);
        if (st == ST_OK && (x->seen[CHANGE_NONE] & 1023) == 0) st = run_check(x->run, e);
    }
    changes_close(changes);
    return st;
}

static enum status visit_look(struct index *x, const struct change *c, void *with, struct err *e)
{
    (void)with, (void)e;
    if (c->kind == CHANGE_NOTE) note(x, "looking", c->path, c->reason);
    if (c->kind == CHANGE_ROOT) note_missing(x, c->path, c->reason, c->status);
    return ST_OK;
}

struct ingesting {
    struct ingest *ingest; /* NULL: there is no picture to embed */
    struct rows *rows;
};

static enum status visit_ingest(struct index *x, const struct change *c, void *with, struct err *e)
{
    const struct ingesting *to = with;
    if (c->kind == CHANGE_WORK && to->ingest != NULL) return ingest_add(to->ingest, c, e);
    if (c->kind != CHANGE_BROKEN) return ST_OK;
    note(x, "indexing", c->path, c->reason);
    return rows_add_broken(to->rows, c->path, c->reason, e);
}

static enum status visit_remove(struct index *x, const struct change *c, void *with, struct err *e)
{
    if (c->kind != CHANGE_GONE) return ST_OK;
    x->counts.removed += c->id != 0;
    return rows_remove(with, c->id, c->path, e);
}

static void count_seen(struct index *x)
{
    const uint64_t *seen = x->seen;
    x->counts.unchanged = seen[CHANGE_NONE];
    x->counts.failed = seen[CHANGE_FAILED] + seen[CHANGE_BROKEN];
    x->counts.found = seen[CHANGE_NONE] + seen[CHANGE_WORK] + seen[CHANGE_FAILED] +
        seen[CHANGE_BROKEN] - x->folders;
}

static enum status ingest(struct index *x, struct rows *rows, struct err *e)
{
    struct ingesting to = {.rows = rows};
    struct ingest_counts done = {0};
    enum status st = ST_OK;
    if (x->seen[CHANGE_WORK] > 0) {
        st = pick_open_model(x->session, &x->pick, e);
        if (st != ST_OK) return st;
        struct ingest_options how = {x->run, x->pick.open, rows, x->seen[CHANGE_WORK]};
        st = ingest_open(&how, &to.ingest, e);
    }
    if (st == ST_OK) st = run_pass(x, &(struct pass){NULL, visit_ingest, &to}, e);
    if (to.ingest != NULL) {
        struct err after = ERR_INIT;
        enum status finished = ingest_finish(to.ingest, &done, &after);
        if (st == ST_OK && finished != ST_OK) {
            st = finished;
            if (e != NULL) *e = after;
        }
        ingest_close(to.ingest);
    }
    if (st == ST_OK) st = rows_flush(rows, e);
    count_seen(x);
    x->counts.indexed = done.indexed;
    x->counts.reused = done.reused;
    x->counts.failed += done.failed;
    return st;
}

static enum status write_changes(struct index *x, struct err *e)
{
    bool gone = x->seen[CHANGE_GONE] > 0;
    if (x->seen[CHANGE_WORK] + x->seen[CHANGE_BROKEN] == 0 && !gone) return ST_OK;
    struct rows *rows;
    enum status st = rows_open(x->store, &x->pick, &rows, e);
    if (st != ST_OK) return st;
    if (x->seen[CHANGE_WORK] + x->seen[CHANGE_BROKEN] > 0) st = ingest(x, rows, e);
    if (st == ST_OK && gone) st = run_pass(x, &(struct pass){"removing", visit_remove, rows}, e);
    if (st == ST_OK) st = rows_flush(rows, e);
    rows_close(rows);
    return st;
}

/* Searches of the new rows find them in the files, not in the tail. The rows are safe by now:
 * trouble with files that can be made again is a note. */
static enum status refresh_vectors(struct index *x, struct err *e)
{
    struct err why = ERR_INIT;
    struct store_vectors *v = NULL;
    struct store_vectors_ask ask = {
        .table = "images", .column = x->pick.column.name, .metric = METRIC_COSINE, .run = x->run};
    enum status st = store_vectors_get(x->store, &ask, &v, &why);
    if (st == ST_OK && v != NULL && vec_index_drag(store_vectors_state(v)) > DRAG_MAX)
        st = store_index_compact(x->store, store_vectors_index(v), x->run, &why);
    if (st == ST_OK) return ST_OK;
    if (st == ST_CANCELLED || st == ST_TIMEOUT || st == ST_NO_MEMORY) {
        if (e != NULL) *e = why;
        return st;
    }
    note(x, "indexing", "the vectors' files", why.text);
    return ST_OK;
}

static enum status prepare(struct index *x, const struct index_options *how, struct err *e)
{
    enum status st = tables_init(x->store, e);
    if (st == ST_OK) st = pick_for_index(x->session, x->store, how->model, &x->pick, e);
    if (st == ST_OK && x->pick.replaced)
        note(x, "indexing", NULL,
            "the model has changed since its vectors were made: every picture is embedded anew");
    if (st == ST_OK) st = pick_declare(x->store, &x->pick, e);
    x->where.store = x->store;
    x->where.column = x->pick.column.name;
    x->where.retry = how->retry;
    return st;
}

static enum status say_missing(const struct index *x, struct err *e)
{
    if (x->missing_count == 0) return ST_OK;
    const char *rest = x->roots.count > 0 ? "; what can be read is indexed" : "";
    if (x->missing_count == 1) return err_set(e, x->missing.code, "%s%s", x->missing.text, rest);
    return err_set(e, x->missing.code, "%s, and %d more such folders%s", x->missing.text,
        x->missing_count - 1, rest);
}

/* The statement that called us keeps SQLite from ending a read transaction on its connection: after
 * each of our commits a snapshot would stay pinned, another process's write would make the next one
 * fail, and the log could not be reset. So a run writes through a connection of its own; a library
 * in memory has only the one, and no other process. *own: to be closed, or NULL. */
static enum status open_own(struct index *x, struct store **own, struct err *e)
{
    struct store *given = sql_session_store(x->session);
    x->store = given;
    if (strcmp(store_path(given), ":memory:") == 0 || store_is_read_only(given)) return ST_OK;
    if (store_in_transaction(given))
        return err_set(e, ST_INVALID, "fovea_index can't run inside a transaction");
    enum status st = store_open(store_path(given), &(struct store_options){0}, own, e);
    if (st == ST_OK) x->store = *own;
    return st;
}

enum status index_run(
    struct sql_session *s, const struct index_options *how, struct index_counts *out, struct err *e)
{
    struct index x = {.session = s, .run = sql_session_run(s)};
    struct store *own = NULL;
    enum status st = resolve_roots(&x, how->dirs, e);
    if (st == ST_OK && x.roots.count > 0) {
        st = open_own(&x, &own, e);
        if (st == ST_OK) st = prepare(&x, how, e);
        if (st == ST_OK) st = run_pass(&x, &(struct pass){"looking", visit_look, NULL}, e);
        count_seen(&x);
        if (st == ST_OK) st = write_changes(&x, e);
        bool changed = x.counts.indexed + x.counts.removed > 0;
        if (st == ST_OK) st = background_refresh(s, x.store, &x.pick, changed, e);
        if (st == ST_OK) st = refresh_vectors(&x, e);
    }
    if (st == ST_OK) st = say_missing(&x, e);
    store_close(own);
    options_paths_deinit(&x.roots);
    *out = x.counts;
    return st;
}

/* --- the table function --------------------------------------------------------------------------
 */

struct cursor {
    struct index_counts counts;
    bool given;
};

static enum status open_cursor(
    struct sql_session *s, struct sql_value *const *args, int count, void **cursor, struct err *e)
{
    struct json_doc *doc = NULL;
    struct options_paths dirs = {0};
    struct cursor *c = mem_zalloc(1, sizeof *c);
    if (c == NULL) return mem_err(e, sizeof *c);
    enum status st = options_read(count > 1 ? args[1] : NULL, "model, retry", &doc, e);
    if (st == ST_OK) st = options_paths_read(args[0], &dirs, e);
    if (st == ST_OK) {
        const struct json_node *root = json_root(doc);
        struct index_options how = {
            .dirs = &dirs, .model = json_str(json_get(root, "model"), NULL)};
        how.retry = json_bool(json_get(root, "retry"), false);
        st = index_run(s, &how, &c->counts, e);
    }
    options_paths_deinit(&dirs);
    json_close(doc);
    if (st == ST_OK)
        *cursor = c;
    else
        mem_free(c);
    return st;
}

static enum status next_row(void *cursor, bool *row, struct err *e)
{
    (void)e;
    struct cursor *c = cursor;
    *row = !c->given;
    c->given = true;
    return ST_OK;
}

static void give_column(void *cursor, int column, struct sql_result *out)
{
    const struct index_counts *n = &((struct cursor *)cursor)->counts;
    const uint64_t values[] = {
        n->found, n->indexed, n->unchanged, n->removed, n->failed, n->reused};
    sql_result_int(out, (int64_t)values[column]);
}

/* fovea_index(dirs, options): {"model": text, "retry": bool}. */
const struct sql_tabfn INDEX_FUNCTION = {
    .name = "fovea_index",
    .columns = "found INTEGER, indexed INTEGER, unchanged INTEGER, removed INTEGER, failed "
               "INTEGER, reused INTEGER",
    .args = "dirs, options",
    .args_required = 1,
    .direct_only = true,
    .open = open_cursor,
    .next = next_row,
    .column = give_column,
    .close = mem_free,
};
