/* queue.c - a ring of pointers behind a mutex and two conditions. Held for a few instructions at a
 * time, between pieces of work that take milliseconds: contention does not matter here. */
#include "base/queue.h"

#include <pthread.h>

#include "base/mem.h"

struct queue {
    pthread_mutex_t lock;
    pthread_cond_t can_put, can_take;
    size_t capacity, first, count;
    bool ended;
    void *items[];
};

enum status queue_open(size_t capacity, struct queue **out, struct err *e)
{
    struct queue *q = mem_zalloc(1, sizeof *q + capacity * sizeof q->items[0]);
    if (q == NULL) return mem_err(e, capacity * sizeof q->items[0]);
    pthread_mutex_init(&q->lock, NULL);
    pthread_cond_init(&q->can_put, NULL);
    pthread_cond_init(&q->can_take, NULL);
    q->capacity = capacity;
    *out = q;
    return ST_OK;
}

void queue_close(struct queue *q)
{
    if (q == NULL) return;
    pthread_cond_destroy(&q->can_take);
    pthread_cond_destroy(&q->can_put);
    pthread_mutex_destroy(&q->lock);
    mem_free(q);
}

bool queue_put(struct queue *q, void *item)
{
    pthread_mutex_lock(&q->lock);
    while (q->count == q->capacity && !q->ended) pthread_cond_wait(&q->can_put, &q->lock);
    bool taken = !q->ended;
    if (taken) {
        q->items[(q->first + q->count) % q->capacity] = item;
        q->count++;
        pthread_cond_signal(&q->can_take);
    }
    pthread_mutex_unlock(&q->lock);
    return taken;
}

void *queue_take(struct queue *q)
{
    void *item = NULL;
    pthread_mutex_lock(&q->lock);
    while (q->count == 0 && !q->ended) pthread_cond_wait(&q->can_take, &q->lock);
    if (q->count > 0) {
        item = q->items[q->first];
        q->first = (q->first + 1) % q->capacity;
        q->count--;
        pthread_cond_signal(&q->can_put);
    }
    pthread_mutex_unlock(&q->lock);
    return item;
}

void queue_end(struct queue *q)
{
    pthread_mutex_lock(&q->lock);
    q->ended = true;
    pthread_cond_broadcast(&q->can_put);
    pthread_cond_broadcast(&q->can_take);
    pthread_mutex_unlock(&q->lock);
}
