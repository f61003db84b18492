/* team.c - threads of a plan: a generation counter wakes them, a counting barrier keeps them in
 * step. */
#include "nn/team.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/mem.h"

enum { SPINS = 4000 }; /* some 10-50 us: longer than a step's unevenness, shorter than a quantum */

/* Threads wait until count moves past a value they saw. */
struct gate {
    atomic_uint turn;
    pthread_mutex_t lock;
    pthread_cond_t moved;
};

struct nn_team {
    int threads;
    int started; /* helpers that run */
    void (*work)(void *arg, int part);
    void *arg;
    bool stop;
    atomic_int arrived;
    struct gate start, barrier;
    struct helper {
        struct nn_team *team;
        int part;
        pthread_t thread;
    } * helpers;
};

static void gate_init(struct gate *g)
{
    atomic_init(&g->turn, 0);
    pthread_mutex_init(&g->lock, NULL);
    pthread_cond_init(&g->moved, NULL);
}

static void gate_deinit(struct gate *g)
{
    pthread_mutex_destroy(&g->lock);
    pthread_cond_destroy(&g->moved);
}

static void gate_open(struct gate *g)
{
    pthread_mutex_lock(&g->lock);
    atomic_fetch_add_explicit(&g->turn, 1, memory_order_release);
    pthread_cond_broadcast(&g->moved);
    pthread_mutex_unlock(&g->lock);
}

static void spin_pause(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

static void gate_wait(struct gate *g, unsigned seen, int spins)
{
    for (int i = 0; i < spins; i++) {
        if (atomic_load_explicit(&g->turn, memory_order_acquire) != seen) return;
        spin_pause();
    }
    pthread_mutex_lock(&g->lock);
    while (atomic_load_explicit(&g->turn, memory_order_acquire) == seen)
        pthread_cond_wait(&g->moved, &g->lock);
    pthread_mutex_unlock(&g->lock);
}

void nn_team_wait(struct nn_team *t)
{
    if (!t || t->threads == 1) return;
    unsigned seen = atomic_load_explicit(&t->barrier.turn, memory_order_acquire);
    if (atomic_fetch_add_explicit(&t->arrived, 1, memory_order_acq_rel) + 1 < t->threads) {
        gate_wait(&t->barrier, seen, SPINS);
        return;
    }
    atomic_store_explicit(&t->arrived, 0, memory_order_relaxed);
    gate_open(&t->barrier);
}

static void *helper_main(void *arg)
{
    struct helper *h = arg;
    struct nn_team *t = h->team;
    for (unsigned seen = 0;; seen++) {
        gate_wait(&t->start, seen, 0);
        if (t->stop) return NULL;
        t->work(t->arg, h->part);
        nn_team_wait(t); /* the run ends for all together */
    }
}

static enum status helpers_start(struct nn_team *t, struct err *e)
{
    for (int i = 0; i < t->threads - 1; i++) {
        t->helpers[i] = (struct helper){.team = t, .part = i + 1};
        int rc = pthread_create(&t->helpers[i].thread, NULL, helper_main, &t->helpers[i]);
        if (rc) return err_set_errno(e, rc, "cannot start a thread");
        t->started++;
    }
    return ST_OK;
}

enum status nn_team_open(int threads, struct nn_team **out, struct err *e)
{
    *out = NULL;
    if (threads < 1 || threads > NN_TEAM_MAX)
        return err_set(e, ST_INVALID, "a team has 1 to %d threads, not %d", NN_TEAM_MAX, threads);
    struct nn_team *t = mem_zalloc(1, sizeof *t);
    if (!t) return mem_err(e, sizeof *t);
    t->threads = threads;
    atomic_init(&t->arrived, 0);
    gate_init(&t->start);
    gate_init(&t->barrier);
    t->helpers = mem_zalloc((size_t)threads, sizeof *t->helpers);
    enum status st = t->helpers ? helpers_start(t, e) : mem_err(e, sizeof *t->helpers);
    if (st) {
        nn_team_close(t);
        return st;
    }
    *out = t;
    return ST_OK;
}

void nn_team_close(struct nn_team *t)
{
    if (!t) return;
    t->stop = true;
    gate_open(&t->start);
    for (int i = 0; i < t->started; i++) pthread_join(t->helpers[i].thread, NULL);
    gate_deinit(&t->start);
    gate_deinit(&t->barrier);
    mem_free(t->helpers);
    mem_free(t);
}

int nn_team_threads(const struct nn_team *t)
{
    return t ? t->threads : 1;
}

void nn_team_run(struct nn_team *t, void (*work)(void *arg, int part), void *arg)
{
    if (!t || t->threads == 1) {
        work(arg, 0);
        return;
    }
    t->work = work;
    t->arg = arg;
    gate_open(&t->start);
    work(arg, 0);
    nn_team_wait(t);
}
