/* set.c - the list of hits that grows. */
#include "vector/set.h"

#include "base/mem.h"

void vec_list_deinit(struct vec_list *l)
{
    mem_free(l->at);
    *l = (struct vec_list){0};
}

enum status vec_list_add(struct vec_list *l, const struct vec_hit *h, struct err *e)
{
    if (l->count == l->capacity) {
        size_t capacity = l->capacity * 2 + 64;
        struct vec_hit *grown = mem_resize(l->at, capacity, sizeof *grown);
        if (grown == NULL) return mem_err(e, capacity * sizeof *grown);
        l->at = grown;
        l->capacity = capacity;
    }
    l->at[l->count++] = *h;
    return ST_OK;
}
