/* team.c - see team.h. Parts are claimed by counting; helpers join a run under the lock and leave
 * it under the lock, so that none of them touches a job that has ended. */
#include "base/team.h"

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/mem.h"

enum { SPINS = 2000 }; /* some microseconds: longer than parts differ, shorter than a quantum */

struct team {
    int threads;
    int started; /* helpers that run */
    pthread_mutex_t lock;
    pthread_cond_t wake, left;
    const struct team_job *job; /* NULL between runs */
    uint64_t run;             /* counts them */
    int inside;               /* helpers in this run */
    bool stop;
    pthread_t helpers[];
};

static void spin_pause(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

static void turn_wait(const struct team_turn *turn, int parts)
{
    for (int i = 0; atomic_load_explicit(&turn->done, memory_order_acquire) < parts; i++) {
        if (i < SPINS)
            spin_pause();
        else
            sched_yield(); /* who holds the part may need this core */
    }
}

static void job_run(const struct team_job *job, int parts)
{
    for (int step = 0; step < job->steps; step++) {
        struct team_turn *turn = &job->turns[step];
        int part;
        while ((part = atomic_fetch_add_explicit(&turn->taken, 1, memory_order_relaxed)) < parts) {
            job->work(job->arg, step, part);
            atomic_fetch_add_explicit(&turn->done, 1, memory_order_release);
        }
        turn_wait(turn, parts);
    }
}

static void *helper_main(void *arg)
{
    struct team *t = arg;
    uint64_t seen = 0;
    pthread_mutex_lock(&t->lock);
    while (!t->stop) {
        if (!t->job || t->run == seen) {
            pthread_cond_wait(&t->wake, &t->lock);
            continue;
        }
        const struct team_job *job = t->job;
        seen = t->run;
        t->inside++;
        pthread_mutex_unlock(&t->lock);
        job_run(job, t->threads);
        pthread_mutex_lock(&t->lock);
        if (--t->inside == 0) pthread_cond_signal(&t->left);
    }
    pthread_mutex_unlock(&t->lock);
    return NULL;
}

enum status team_open(int threads, struct team **out, struct err *e)
{
    *out = NULL;
    if (threads < 1 || threads > TEAM_MAX)
        return err_set(e, ST_INVALID, "a team has 1 to %d threads, not %d", TEAM_MAX, threads);
    size_t bytes = sizeof(struct team) + (size_t)threads * sizeof(pthread_t);
    struct team *t = mem_zalloc(1, bytes);
    if (!t) return mem_err(e, bytes);
    t->threads = threads;
    pthread_mutex_init(&t->lock, NULL);
    pthread_cond_init(&t->wake, NULL);
    pthread_cond_init(&t->left, NULL);
    for (; t->started < threads - 1; t->started++) {
        int rc = pthread_create(&t->helpers[t->started], NULL, helper_main, t);
        if (rc) {
            team_close(t);
            return err_set_errno(e, rc, "cannot start a thread");
        }
    }
    *out = t;
    return ST_OK;
}

void team_close(struct team *t)
{
    if (!t) return;
    pthread_mutex_lock(&t->lock);
    t->stop = true;
    pthread_cond_broadcast(&t->wake);
    pthread_mutex_unlock(&t->lock);
    for (int i = 0; i < t->started; i++) pthread_join(t->helpers[i], NULL);
    pthread_mutex_destroy(&t->lock);
    pthread_cond_destroy(&t->wake);
    pthread_cond_destroy(&t->left);
    mem_free(t);
}

int team_threads(const struct team *t)
{
    return t ? t->threads : 1;
}

void team_run(struct team *t, const struct team_job *job)
{
    if (!t || t->threads == 1) {
        for (int step = 0; step < job->steps; step++) job->work(job->arg, step, 0);
        return;
    }
    for (int step = 0; step < job->steps; step++) {
        atomic_store_explicit(&job->turns[step].taken, 0, memory_order_relaxed);
        atomic_store_explicit(&job->turns[step].done, 0, memory_order_relaxed);
    }
    pthread_mutex_lock(&t->lock);
    t->job = job;
    t->run++;
    pthread_cond_broadcast(&t->wake);
    pthread_mutex_unlock(&t->lock);
    job_run(job, t->threads);
    pthread_mutex_lock(&t->lock);
    t->job = NULL;
    while (t->inside > 0) pthread_cond_wait(&t->left, &t->lock);
    pthread_mutex_unlock(&t->lock);
}
