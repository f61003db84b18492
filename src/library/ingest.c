/* ingest.c - feeding the workers and taking back what they finish.
 *
 * At most `limit` jobs are under way, which bounds memory and is the backpressure of the walk: when
 * it is reached, the statement's thread takes finished jobs until there is room. The queue of
 * finished jobs holds them all, so that a worker never waits for room there while this thread waits
 * for a worker.
 */
#include "library/ingest.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "base/mem.h"

enum { WORKERS_MAX = 256, BATCH = 16, BATCH_LARGE_MODEL = 4, AHEAD = 2 };
#define LARGE_MODEL_PARAMETERS ((uint64_t)200000000)
#define MEMORY_BYTES_DEFAULT ((uint64_t)160 << 20)

struct ingest {
    struct crew crew;
    struct rows *rows;
    atomic_bool stop;
    pthread_t threads[WORKERS_MAX];
    int workers;
    int limit, under_way;
    uint64_t total;
    struct ingest_counts counts;
    enum status status; /* the first failure of the run */
    struct err err;
};

static void *worker_main(void *crew)
{
    worker_live(crew);
    return NULL;
}

/* Signals are for the threads of whoever called us. One worker is enough to go on. */
static enum status start_workers(struct ingest *g, int wanted, struct err *e)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = 0;
    while (g->workers < wanted && rc == 0) {
        rc = pthread_create(&g->threads[g->workers], NULL, worker_main, &g->crew);
        g->workers += rc == 0;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return g->workers > 0 ? ST_OK : err_set_errno(e, rc, "can't start a thread");
}

static int batch_size(const struct ingest_options *how, int workers)
{
    int most =
        model_info(how->model)->parameters > LARGE_MODEL_PARAMETERS ? BATCH_LARGE_MODEL : BATCH;
    uint64_t share = (how->total + (uint64_t)workers - 1) / (uint64_t)workers;
    return share < 1 ? 1 : share < (uint64_t)most ? (int)share : most;
}

enum status ingest_open(const struct ingest_options *how, struct ingest **out, struct err *e)
{
    *out = NULL;
    struct ingest *g = mem_zalloc(1, sizeof *g);
    if (g == NULL) return mem_err(e, sizeof *g);
    int wanted = run_threads(how->run);
    if (wanted > WORKERS_MAX) wanted = WORKERS_MAX;
    uint64_t memory = how->run->memory_bytes != 0 ? how->run->memory_bytes : MEMORY_BYTES_DEFAULT;
    g->rows = how->rows;
    g->total = how->total;
    g->crew = (struct crew){.model = how->model, .run = how->run, .stop = &g->stop};
    g->crew.batch = batch_size(how, wanted);
    g->limit = wanted * g->crew.batch * AHEAD + wanted;
    enum status st = queue_open((size_t)g->limit, &g->crew.todo, e);
    if (st == ST_OK) st = queue_open((size_t)g->limit, &g->crew.done, e);
    if (st == ST_OK) st = budget_open(memory, &g->crew.budget, e);
    if (st == ST_OK) st = start_workers(g, wanted, e);
    if (st == ST_OK)
        *out = g;
    else
        ingest_close(g);
    return st;
}

static void fail(struct ingest *g, enum status st, const struct err *e)
{
    if (st == ST_OK || g->status != ST_OK) return;
    g->status = st;
    g->err = *e;
    atomic_store(&g->stop, true);
}

static void answer(struct ingest *g, struct job *j)
{
    struct err e = ERR_INIT;
    if (g->status == ST_OK) fail(g, rows_find(g->rows, j, &e), &e);
    queue_put(j->asked_by, j);
}

static void report(const struct ingest *g, const struct job *j)
{
    struct buf note;
    struct run_progress p = {.what = "indexing", .total = g->total};
    p.done = g->counts.indexed + g->counts.failed;
    if (p.total < p.done) p.total = p.done;
    buf_init(&note);
    if (j->status != ST_OK) buf_printf(&note, "%s: %s", j->path, j->err.text);
    p.note = note.failed ? NULL : note.data;
    run_report(g->crew.run, &p);
    buf_deinit(&note);
}

static void finish_job(struct ingest *g, struct job *j)
{
    struct err e = ERR_INIT;
    g->under_way--;
    if (j->fatal) fail(g, j->status, &j->err);
    if (g->status != ST_OK) {
        job_close(j);
        return;
    }
    if (j->status == ST_OK)
        g->counts.indexed++;
    else
        g->counts.failed++;
    g->counts.reused += j->reused;
    report(g, j);
    fail(g, rows_add(g->rows, j, &e), &e);
}

/* Waits for one job to come back, or answers one question. */
static void take_one(struct ingest *g)
{
    struct job *j = queue_take(g->crew.done);
    if (j->asking)
        answer(g, j);
    else
        finish_job(g, j);
}

static enum status give_status(const struct ingest *g, struct err *e)
{
    if (g->status != ST_OK && e != NULL) *e = g->err;
    return g->status;
}

/* Asks the kernel to have the file in memory by the time a worker gets to it. */
static void read_ahead(const char *path)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0) return;
    posix_fadvise(fd, 0, 0, POSIX_FADV_WILLNEED);
    close(fd);
}

enum status ingest_add(struct ingest *g, const struct change *c, struct err *e)
{
    struct job *j;
    while (g->under_way == g->limit) take_one(g);
    enum status st = give_status(g, e);
    if (st == ST_OK) st = job_open(c->path, model_info(g->crew.model)->dim, &j, e);
    if (st != ST_OK) return st;
    j->bytes = c->bytes;
    j->mtime = c->mtime;
    read_ahead(c->path);
    g->under_way++;
    queue_put(g->crew.todo, j);
    return ST_OK;
}

enum status ingest_finish(struct ingest *g, struct ingest_counts *out, struct err *e)
{
    struct err own = ERR_INIT;
    queue_end(g->crew.todo);
    while (g->under_way > 0) take_one(g);
    if (g->status == ST_OK) fail(g, rows_flush(g->rows, &own), &own);
    *out = g->counts;
    return give_status(g, e);
}

void ingest_close(struct ingest *g)
{
    if (g == NULL) return;
    if (g->crew.todo != NULL) queue_end(g->crew.todo);
    for (int i = 0; i < g->workers; i++) pthread_join(g->threads[i], NULL);
    queue_close(g->crew.todo);
    queue_close(g->crew.done);
    budget_close(g->crew.budget);
    mem_free(g);
}
