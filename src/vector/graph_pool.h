/* graph_pool.h - the nearest nodes met on a walk, sorted; new ones wait and are merged together.
 *
 * A node is one number: its distance, as bits that order like it, above its slot, above whether it
 * is opened; so sorting and merging compare whole numbers and never guess a branch. Nodes are
 * offered one by one, cost an append, and are merged when the walk has read a few records: most
 * records bring a handful, and what a sorted insertion costs is the mispredicted search for its
 * place.
 */
#ifndef FOVEA_VECTOR_GRAPH_POOL_H
#define FOVEA_VECTOR_GRAPH_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/err.h"

#define GRAPH_OPENED 1U /* the lowest bit, so that no order changes; slots are below 2^31 */

struct graph_pool {
    uint64_t *at;                     /* nearest first; at[-1] is 0 */
    uint64_t *fresh, *spare, *merged; /* fresh[-1] is 0, as at[-1] */
    uint32_t n, room, first;          /* first: every one before it is opened */
    uint32_t waiting, waiting_room;
    uint64_t *memory;
};

/* room: how many at most; waiting: how many may be offered between two merges. */
NODISCARD enum status graph_pool_open(
    struct graph_pool *p, uint32_t room, uint32_t waiting, struct err *e);
void graph_pool_close(struct graph_pool *p);
/* Sorts what waits and merges it in; the farthest beyond room go. */
void graph_pool_merge(struct graph_pool *p);

static inline uint64_t graph_key(float d, uint32_t slot)
{
    uint32_t bits;
    memcpy(&bits, &d, sizeof bits);
    bits ^= (uint32_t)((int32_t)bits >> 31) | 0x80000000U;
    return (uint64_t)bits << 32 | slot << 1;
}

static inline float graph_key_distance(uint64_t key)
{
    uint32_t bits = (uint32_t)(key >> 32);
    bits ^= (bits >> 31) != 0 ? 0x80000000U : 0xffffffffU;
    float d;
    memcpy(&d, &bits, sizeof d);
    return d;
}

static inline uint32_t graph_key_slot(uint64_t key)
{
    return (uint32_t)key >> 1;
}

static inline void graph_pool_clear(struct graph_pool *p, uint32_t room)
{
    p->n = p->first = p->waiting = 0;
    p->room = room;
}

/* What a node must be nearer than to stay. */
static inline float graph_pool_limit(const struct graph_pool *p)
{
    return p->n < p->room ? __builtin_inff() : graph_key_distance(p->at[p->n - 1]);
}

static inline void graph_pool_offer(struct graph_pool *p, float d, uint32_t slot)
{
    p->fresh[p->waiting++] = graph_key(d, slot);
}

/* The nearest not yet opened; false: all are. */
static inline bool graph_pool_peek(struct graph_pool *p, uint64_t *key)
{
    while (p->first < p->n && (p->at[p->first] & GRAPH_OPENED) != 0) p->first++;
    if (p->first == p->n) return false;
    *key = p->at[p->first];
    return true;
}

/* The same, and it becomes opened. */
static inline bool graph_pool_take(struct graph_pool *p, uint64_t *key)
{
    if (!graph_pool_peek(p, key)) return false;
    p->at[p->first++] |= GRAPH_OPENED;
    return true;
}

#endif
