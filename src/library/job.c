/* job.c - jobs, and the budget of bytes that pictures being decoded share. */
#include "library/job.h"

#include <pthread.h>
#include <string.h>

#include "base/mem.h"

enum status job_open(const char *path, int dim, struct job **out, struct err *e)
{
    size_t bytes = sizeof(struct job) + (size_t)dim * sizeof(float);
    struct job *j = mem_zalloc(1, bytes);
    *out = NULL;
    if (j == NULL) return mem_err(e, bytes);
    j->path = mem_strdup(path);
    if (j->path == NULL) {
        mem_free(j);
        return mem_err(e, strlen(path));
    }
    *out = j;
    return ST_OK;
}

void job_close(struct job *j)
{
    if (j == NULL) return;
    mem_free(j->path);
    mem_free(j);
}

struct budget {
    pthread_mutex_t lock;
    pthread_cond_t given;
    uint64_t free_bytes, total_bytes;
};

enum status budget_open(uint64_t bytes, struct budget **out, struct err *e)
{
    struct budget *b = mem_zalloc(1, sizeof *b);
    *out = b;
    if (b == NULL) return mem_err(e, sizeof *b);
    pthread_mutex_init(&b->lock, NULL);
    pthread_cond_init(&b->given, NULL);
    b->free_bytes = b->total_bytes = bytes;
    return ST_OK;
}

void budget_close(struct budget *b)
{
    if (b == NULL) return;
    pthread_cond_destroy(&b->given);
    pthread_mutex_destroy(&b->lock);
    mem_free(b);
}

uint64_t budget_take(struct budget *b, uint64_t bytes)
{
    if (bytes > b->total_bytes) bytes = b->total_bytes;
    pthread_mutex_lock(&b->lock);
    while (b->free_bytes < bytes) pthread_cond_wait(&b->given, &b->lock);
    b->free_bytes -= bytes;
    pthread_mutex_unlock(&b->lock);
    return bytes;
}

void budget_give(struct budget *b, uint64_t bytes)
{
    pthread_mutex_lock(&b->lock);
    b->free_bytes += bytes;
    pthread_cond_broadcast(&b->given);
    pthread_mutex_unlock(&b->lock);
}
