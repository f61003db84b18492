/* queue.h - a bounded queue of pointers between threads; the backpressure of the ingest. */
#ifndef FOVEA_BASE_QUEUE_H
#define FOVEA_BASE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct queue;

NODISCARD enum status queue_open(size_t capacity, struct queue **out, struct err *e);
void queue_close(struct queue *q); /* no thread may be inside */
/* Waits for room. false when the queue was ended: the item stays the caller's. */
bool queue_put(struct queue *q, void *item);
/* Waits for an item. NULL when the queue was ended and is empty. */
void *queue_take(struct queue *q);
/* No more puts; takers drain what is there. Any thread, any number of times. */
void queue_end(struct queue *q);

#endif
