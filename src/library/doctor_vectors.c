/* doctor_vectors.c - a line for each vector index: how it stands, whether its files are whole, and
 * what to do; and the files that belong to none.
 *
 * Nothing here can lose what a person made: the files beside a database are worked out of it. So
 * what is damaged is mended by making it anew, and what is left over is removed, when asked (fix).
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"
#include "library/doctor_parts.h"
#include "store/vectors.h"
#include "vector/generation.h"

/* Rows and changed rows from which a rewrite of the files is worth a word. */
static const double DRAG_SHARE = 0.25;

/* "near on images(embedding), cosine, 512 numbers: ready, 10000 rows, 12 new, 3 gone, graph,
 * generation 4, 61.2 MB"; codes without a declaration have no name. */
static void add_state(
    struct buf *out, const struct store_index *ix, const struct store_index_state *s)
{
    bool main = strcmp(ix->schema, "main") == 0, named = ix->name[0] != '\0';
    buf_printf(out, "%s %s %s%s%s(%s), %s, %d numbers: %s", named ? ix->name : "codes",
        named ? "on" : "of", main ? "" : ix->schema, main ? "" : ".", ix->table, ix->column,
        metric_name(ix->metric), ix->dim, s->state);
    if (s->generation == 0) return;
    buf_printf(out, ", %u rows, %u new, %u gone%s, generation %llu, %.1f MB", s->rows, s->tail,
        s->dead, s->has_graph ? ", graph" : "", (unsigned long long)s->generation,
        (double)s->file_bytes / 1e6);
}

enum todo { TODO_NOTHING, TODO_FORGET, TODO_ANEW, TODO_MATERIALIZE, TODO_COMPACT };

static enum todo todo_of(const struct store_index *ix, const struct store_index_state *s)
{
    if (s->gone) return TODO_FORGET;
    if (s->doubt[0] != '\0') return TODO_ANEW;
    if (ix->graph && !s->has_graph) return TODO_MATERIALIZE;
    bool much = (double)s->tail + s->dead > DRAG_SHARE * s->rows;
    return much && s->generation > 0 ? TODO_COMPACT : TODO_NOTHING;
}

static void add_advice(struct buf *out, const struct store_index *ix, enum todo todo)
{
    static const char *const WORDS[] = {
        [TODO_NOTHING] = "",
        [TODO_FORGET] = "; fovea doctor --fix forgets it",
        [TODO_ANEW] = "; until it is made anew searches read the rows; fovea doctor --fix makes it",
        [TODO_COMPACT] = "; much has changed since; fovea doctor --fix writes it anew",
    };
    if (todo == TODO_MATERIALIZE)
        buf_printf(out,
            "; there is no graph yet and searches are exact; ALTER TABLE %s MATERIALIZE INDEX %s "
            "or fovea doctor --fix builds it",
            ix->table, ix->name);
    else
        buf_add_str(out, WORDS[todo]);
}

/* Files whose bytes have changed must not be what the next ones are made of. */
static enum status make_anew(struct exam *x, const struct store_index *ix, struct err *e)
{
    struct buf dir;
    const char *path = store_schema_path(x->store, ix->schema);
    buf_init(&dir);
    buf_printf(&dir, "%s-vec", path != NULL ? path : "");
    enum status st = buf_check(&dir, e);
    if (st == ST_OK && path != NULL && path[0] != '\0') vec_generation_sweep(dir.data, ix->ix, 0);
    buf_deinit(&dir);
    return st == ST_OK ? store_index_materialize(x->store, ix, sql_session_run(x->session), e) : st;
}

/* Does what is called for; what came of it stands in e. */
static enum status fix_index(
    struct exam *x, const struct store_index *ix, bool damaged, struct err *e)
{
    struct store_index_state s;
    const struct run *run = sql_session_run(x->session);
    if (damaged) return make_anew(x, ix, e);
    enum status st = store_index_state(x->store, ix, &s, e);
    if (st != ST_OK) return st;
    enum todo todo = todo_of(ix, &s);
    if (todo == TODO_COMPACT) return store_index_compact(x->store, ix, run, e);
    bool build = todo == TODO_ANEW || todo == TODO_MATERIALIZE;
    return build ? store_index_materialize(x->store, ix, run, e) : ST_OK;
}

static bool ends_exam(enum status st)
{
    return st == ST_NO_MEMORY || st == ST_CANCELLED || st == ST_TIMEOUT;
}

static enum status check_index(struct exam *x, const struct store_index *ix)
{
    struct store_index_state s;
    struct buf text;
    struct err why = ERR_INIT, unmended = ERR_INIT;
    const struct run *run = sql_session_run(x->session);
    enum status whole = store_index_verify(x->store, ix, run, &why);
    if (x->fix && !ends_exam(whole) && fix_index(x, ix, whole != ST_OK, &unmended) == ST_OK &&
        whole != ST_OK) {
        err_clear(&why);
        whole = store_index_verify(x->store, ix, run, &why);
    }
    enum status st = ends_exam(whole) ? whole : store_index_state(x->store, ix, &s, &why);
    if (ends_exam(st)) return err_set(x->e, st, "%s", why.text);
    if (st != ST_OK) return doctor_line(x, "index", "bad", "%s: %s", ix->name, why.text);
    buf_init(&text);
    add_state(&text, ix, &s);
    if (s.doubt[0] != '\0') buf_printf(&text, "; %s", s.doubt);
    if (whole != ST_OK) buf_printf(&text, "; %s", why.text);
    if (unmended.code != ST_OK) buf_printf(&text, "; %s", unmended.text);
    enum todo todo = whole == ST_OK ? todo_of(ix, &s) : TODO_ANEW;
    add_advice(&text, ix, todo);
    st = buf_check(&text, x->e);
    bool bad = whole != ST_OK || unmended.code != ST_OK;
    const char *verdict = todo != TODO_NOTHING ? "note" : "ok";
    if (st == ST_OK) st = doctor_line(x, "index", bad ? "bad" : verdict, "%s", text.data);
    buf_deinit(&text);
    return st;
}

/* --- files of no index ---------------------------------------------------------------------------
 */

static bool is_known(const struct store_index *at, size_t count, int64_t ix)
{
    for (size_t i = 0; i < count; i++)
        if (at[i].ix == ix && strcmp(at[i].schema, "main") == 0) return true;
    return false;
}

/* How many indexes that are no more have files beside the database. */
static size_t count_orphans(const struct exam *x, const struct store_index *at, size_t count)
{
    int64_t *ids = NULL;
    size_t found = 0, orphans = 0;
    struct buf dir;
    buf_init(&dir);
    buf_printf(&dir, "%s-vec", store_path(x->store));
    if (!dir.failed && file_is_dir(dir.data) &&
        vec_generation_list(dir.data, &ids, &found, NULL) == ST_OK)
        for (size_t i = 0; i < found; i++) orphans += !is_known(at, count, ids[i]);
    mem_free(ids);
    buf_deinit(&dir);
    return orphans;
}

static enum status check_files(struct exam *x, const struct store_index *at, size_t count)
{
    size_t orphans = count_orphans(x, at, count);
    if (orphans == 0) return ST_OK;
    return doctor_line(x, "index files", "note",
        "of %zu indexes that are no more; fovea doctor --fix removes them", orphans);
}

static enum status sweep(struct exam *x)
{
    int files = 0;
    struct err why = ERR_INIT;
    enum status st = store_vectors_sweep(x->store, &files, &why);
    if (ends_exam(st)) return err_set(x->e, st, "%s", why.text);
    if (st != ST_OK) return doctor_line(x, "index files", "bad", "%s", why.text);
    return files == 0 ? ST_OK : doctor_line(x, "index files", "ok", "%d left over removed", files);
}

enum status doctor_vectors(struct exam *x)
{
    struct store_index *at = NULL;
    size_t count = 0;
    struct err why = ERR_INIT;
    if (x->store == NULL) return ST_OK;
    enum status st = x->fix ? sweep(x) : ST_OK;
    if (st != ST_OK) return st;
    st = store_index_list(x->store, &at, &count, &why);
    if (ends_exam(st)) return err_set(x->e, st, "%s", why.text);
    if (st != ST_OK) return doctor_line(x, "index", "bad", "%s", why.text);
    for (size_t i = 0; st == ST_OK && i < count; i++) st = check_index(x, &at[i]);
    if (st == ST_OK) st = check_files(x, at, count);
    mem_free(at);
    return st;
}
