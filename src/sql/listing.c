/* listing.c - cells in a growing array. */
#include "sql/listing.h"

#include <string.h>

#include "base/mem.h"

struct cell {
    char *text;
    int64_t number;
    bool is_number;
};

struct listing {
    int columns;
    struct cell *cells;
    size_t count, capacity;
    size_t next; /* the row behind the current one */
};

enum status listing_open(int columns, struct listing **out, struct err *e)
{
    struct listing *l = mem_zalloc(1, sizeof *l);
    *out = l;
    if (l == NULL) return mem_err(e, sizeof *l);
    l->columns = columns;
    return ST_OK;
}

void listing_close(void *cursor)
{
    struct listing *l = cursor;
    if (l == NULL) return;
    for (size_t i = 0; i < l->count; i++) mem_free(l->cells[i].text);
    mem_free(l->cells);
    mem_free(l);
}

static enum status add(struct listing *l, struct cell c, struct err *e)
{
    if (l->count == l->capacity) {
        size_t capacity = l->capacity * 2 + 32;
        struct cell *grown = mem_resize(l->cells, capacity, sizeof *grown);
        if (grown == NULL) {
            mem_free(c.text);
            return mem_err(e, capacity * sizeof *grown);
        }
        l->cells = grown;
        l->capacity = capacity;
    }
    l->cells[l->count++] = c;
    return ST_OK;
}

enum status listing_add_text(struct listing *l, const char *text, struct err *e)
{
    struct cell c = {.text = text != NULL ? mem_strdup(text) : NULL};
    if (text != NULL && c.text == NULL) return mem_err(e, strlen(text));
    return add(l, c, e);
}

enum status listing_add_int(struct listing *l, int64_t v, struct err *e)
{
    return add(l, (struct cell){.number = v, .is_number = true}, e);
}

enum status listing_next(void *cursor, bool *row, struct err *e)
{
    (void)e;
    struct listing *l = cursor;
    *row = (l->next + 1) * (size_t)l->columns <= l->count;
    l->next += *row;
    return ST_OK;
}

void listing_column(void *cursor, int column, struct sql_result *out)
{
    const struct listing *l = cursor;
    const struct cell *c = &l->cells[(l->next - 1) * (size_t)l->columns + (size_t)column];
    if (c->is_number)
        sql_result_int(out, c->number);
    else if (c->text != NULL)
        sql_result_text(out, c->text, -1);
    else
        sql_result_null(out);
}
