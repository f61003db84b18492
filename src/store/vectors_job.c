/* vectors_job.c - a thread that makes the next generation on a connection of its own.
 *
 * It knows the file's path and the index's id and nonce, nothing else: what it makes is found in
 * the folder by whoever looks there next. So the thread shares with its store two atomics only. One
 * builder an index among all processes: the files' lock tells, and who comes second goes home. It
 * is nice to searches: one thread, a low priority.
 */
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>

#include "base/mem.h"
#include "store/vectors_internal.h"

enum { NICE = 10 };

struct vectors_job {
    pthread_t thread;
    atomic_int cancel, done;
    char *path;
    int64_t ix, nonce;
    bool full;
    struct vectors_questions questions; /* at NULL: the next generation is made */
    struct vectors_job_end end;
};

/* Questions are written, and asked. */
static void keep(struct vectors_job *j, const struct vectors_view *v, const struct run *run)
{
    struct store_stmt *log = NULL;
    struct vectors_found f = {.g = NULL};
    vectors_questions_write(v->store, &v->index, &j->questions);
    enum status rc = vectors_log_prepare(v->store, "main", &log, NULL);
    if (rc == ST_OK) rc = vectors_find(v, log, &f, NULL);
    store_finalize(log);
    if (rc == ST_OK && f.g != NULL) {
        vectors_questions_calibrate(v, f.g, run);
        j->end = (struct vectors_job_end){f.g->facts.number, f.g->has_graph};
    }
    vectors_found_deinit(&f);
}

static void make(struct vectors_job *j, struct store *s)
{
    struct store_index ix;
    struct vectors_view v = {.store = s};
    struct vec_generation *g = NULL;
    int64_t bad;
    bool right = false;
    enum status rc = vectors_catalogue_get(s, "main", j->ix, &ix, NULL);
    if (rc == ST_OK && (ix.ix == 0 || ix.nonce != j->nonce)) return;
    if (rc == ST_OK) rc = vectors_view_open(&v, s, &ix, NULL);
    if (rc == ST_OK) rc = vectors_triggers_check(s, &ix, &v.table, &right, NULL);
    if (rc == ST_OK && !right) rc = ST_NOT_FOUND;
    struct run run = {.cancel = &j->cancel, .threads = 1};
    if (rc == ST_OK && j->questions.at != NULL) {
        keep(j, &v, &run);
        rc = ST_NOT_FOUND;
    }
    struct vectors_build how = {.full = j->full, .graph = ix.built, .run = &run};
    if (rc == ST_OK) rc = vectors_make(&v, &how, &g, &bad, NULL);
    if (rc == ST_OK) j->end = (struct vectors_job_end){g->facts.number, g->has_graph};
    vec_generation_close(g);
    vectors_view_close(&v);
}

static void *work(void *arg)
{
    struct vectors_job *j = arg;
    struct store *s = NULL;
    const struct store_options how = {.as_is = true};
    (void)setpriority(PRIO_PROCESS, 0, NICE); /* of this thread, on Linux */
    if (store_open(j->path, &how, &s, NULL) == ST_OK) make(j, s);
    store_close(s);
    atomic_store(&j->done, 1);
    return NULL;
}

/* A file whose readers keep writers out is not read for seconds behind its back. */
static bool readers_wait_for_nobody(struct store *s, const char *schema)
{
    struct store_stmt *st;
    bool row = false, wal = false;
    if (store_preparef(s, &st, NULL, "PRAGMA \"%w\".journal_mode", schema) != ST_OK) return false;
    if (store_step(st, &row, NULL) == ST_OK && row) wal = strcmp(store_text(st, 0), "wal") == 0;
    store_finalize(st);
    return wal;
}

static bool copy_questions(
    struct vectors_job *j, const struct vectors_questions *q, const struct store_index *ix)
{
    if (q == NULL) return true;
    size_t bytes = (size_t)q->count * (size_t)ix->dim * sizeof(float);
    j->questions.at = mem_alloc(bytes);
    if (j->questions.at == NULL) return false;
    memcpy(j->questions.at, q->at, bytes);
    j->questions.count = q->count;
    return true;
}

struct vectors_job *vectors_job_start(
    const struct vectors_view *v, bool full, const struct vectors_questions *questions)
{
    struct store *s = v->store;
    const char *schema = v->index.schema;
    if (v->dir == NULL || store_is_adopted(s) || store_schema_is_read_only(s, schema) ||
        !readers_wait_for_nobody(s, schema))
        return NULL;
    struct vectors_job *j = mem_zalloc(1, sizeof *j);
    if (j == NULL) return NULL;
    j->path = mem_strdup(store_schema_path(s, schema));
    j->ix = v->index.ix;
    j->nonce = v->index.nonce;
    j->full = full;
    bool ready = j->path != NULL && copy_questions(j, questions, &v->index);
    if (ready && pthread_create(&j->thread, NULL, work, j) == 0) return j;
    vectors_questions_drop(&j->questions);
    mem_free(j->path);
    mem_free(j);
    return NULL;
}

bool vectors_job_done(const struct vectors_job *j)
{
    return atomic_load(&j->done) != 0;
}

struct vectors_job_end vectors_job_end(struct vectors_job *j, bool cancel)
{
    if (cancel) atomic_store(&j->cancel, 1);
    pthread_join(j->thread, NULL);
    struct vectors_job_end end = j->end;
    vectors_questions_drop(&j->questions);
    mem_free(j->path);
    mem_free(j);
    return end;
}
