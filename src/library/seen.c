/* seen.c - open addressing with linear probing, at most half full. No inode has the number 0. */
#include "library/seen.h"

#include <stdint.h>

#include "base/mem.h"

struct seen {
    struct seen_id *slots; /* ino 0: free */
    size_t capacity;       /* a power of two */
    size_t count;
};

/* The slot that holds id, or the free one where it belongs. Fibonacci hashing (Knuth, vol. 3, 6.4).
 */
static size_t slot_find(const struct seen_id *slots, size_t capacity, struct seen_id id)
{
    uint64_t mixed = ((uint64_t)id.ino ^ ((uint64_t)id.dev << 40)) * 0x9e3779b97f4a7c15u;
    size_t i = (size_t)(mixed >> 20) & (capacity - 1);
    while (slots[i].ino != 0 && (slots[i].ino != id.ino || slots[i].dev != id.dev))
        i = (i + 1) & (capacity - 1);
    return i;
}

enum status seen_open(struct seen **out, struct err *e)
{
    struct seen *s = mem_zalloc(1, sizeof *s);
    if (s != NULL) s->slots = mem_zalloc(64, sizeof *s->slots);
    *out = s;
    if (s != NULL && s->slots != NULL) {
        s->capacity = 64;
        return ST_OK;
    }
    seen_close(s);
    *out = NULL;
    return mem_err(e, 64 * sizeof *s->slots);
}

void seen_close(struct seen *s)
{
    if (s == NULL) return;
    mem_free(s->slots);
    mem_free(s);
}

static enum status grow(struct seen *s, struct err *e)
{
    size_t capacity = s->capacity * 2;
    struct seen_id *slots = mem_zalloc(capacity, sizeof *slots);
    if (slots == NULL) return mem_err(e, capacity * sizeof *slots);
    for (size_t i = 0; i < s->capacity; i++)
        if (s->slots[i].ino != 0) slots[slot_find(slots, capacity, s->slots[i])] = s->slots[i];
    mem_free(s->slots);
    s->slots = slots;
    s->capacity = capacity;
    return ST_OK;
}

enum status seen_add(struct seen *s, struct seen_id id, bool *fresh, struct err *e)
{
    enum status st = s->count * 2 >= s->capacity ? grow(s, e) : ST_OK;
    if (st != ST_OK) return st;
    size_t i = slot_find(s->slots, s->capacity, id);
    *fresh = s->slots[i].ino == 0;
    if (*fresh) s->count++;
    s->slots[i] = id;
    return ST_OK;
}

bool seen_has(const struct seen *s, struct seen_id id)
{
    return s->slots[slot_find(s->slots, s->capacity, id)].ino != 0;
}
