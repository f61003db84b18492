/* vector_indexes.c - vector_indexes(): each index as it was declared, is built, and stands. */
#include <stdio.h>

#include "base/mem.h"
#include "sql/internal.h"
#include "sql/nearest/knn.h"
#include "store/vectors.h"

struct indexes {
    struct sql_session *session;
    struct store_index *list;
    size_t count, shown;
    struct store_index_state state;
};

static void close_indexes(void *cursor)
{
    struct indexes *x = cursor;
    mem_free(x->list);
    mem_free(x);
}

static enum status open_indexes(
    struct sql_session *s, struct sql_value *const *args, int count, void **cursor, struct err *e)
{
    (void)args, (void)count;
    struct indexes *x = mem_zalloc(1, sizeof *x);
    if (x == NULL) return mem_err(e, sizeof *x);
    x->session = s;
    enum status st = store_index_list(s->store, &x->list, &x->count, e);
    if (st == ST_OK)
        *cursor = x;
    else
        close_indexes(x);
    return st;
}

static enum status next_index(void *cursor, bool *row, struct err *e)
{
    struct indexes *x = cursor;
    *row = x->shown < x->count;
    if (!*row) return ST_OK;
    return store_index_state(x->session->store, &x->list[x->shown++], &x->state, e);
}

static void show_ours(const struct store_index *ix, struct sql_result *out)
{
    char text[160];
    struct vec_graph g = {.metric = ix->metric, .dim = ix->dim}; /* what is chosen by dimension */
    if (ix->graph && vec_graph_plan(&g, &ix->options, NULL) == ST_OK)
        snprintf(text, sizeof text, "graph, degree %d, build_list %d", g.options.degree,
            g.options.build_list);
    else if (ix->graph)
        snprintf(text, sizeof text, "graph");
    else
        snprintf(text, sizeof text, "codes");
    sql_result_text(out, text, -1);
}

static void index_value(void *cursor, int column, struct sql_result *out)
{
    const struct indexes *x = cursor;
    const struct store_index *ix = &x->list[x->shown - 1];
    const struct store_index_state *s = &x->state;
    switch (column) {
    case 0: sql_result_text(out, ix->name, -1); break;
    case 1: sql_result_text(out, ix->schema, -1); break;
    case 2: sql_result_text(out, ix->table, -1); break;
    case 3: sql_result_text(out, ix->column, -1); break;
    case 4: sql_result_text(out, metric_name(ix->metric), -1); break;
    case 5: sql_result_int(out, ix->dim); break;
    case 6: sql_result_text(out, ix->declared, -1); break;
    case 7: show_ours(ix, out); break;
    case 8: sql_result_text(out, s->state, -1); break;
    case 9: sql_result_text(out, s->doubt, -1); break;
    case 10: sql_result_int(out, s->rows); break;
    case 11: sql_result_int(out, s->tail); break;
    case 12: sql_result_int(out, s->dead); break;
    case 13: sql_result_int(out, s->has_graph); break;
    case 14: sql_result_int(out, (int64_t)s->file_bytes); break;
    default: sql_result_int(out, (int64_t)s->generation); break;
    }
}

enum status sql_vector_indexes_add(struct sql_session *s, struct err *e)
{
    static const struct sql_tabfn FUNCTION = {.name = "vector_indexes",
        .columns = "name TEXT, schema TEXT, tbl TEXT, col TEXT, metric TEXT, dimensions INTEGER,"
                   " declared TEXT, ours TEXT, state TEXT, doubt TEXT, rows INTEGER, tail INTEGER,"
                   " dead INTEGER, has_graph INTEGER, bytes INTEGER, generation INTEGER",
        .args = "",
        .open = open_indexes,
        .next = next_index,
        .column = index_value,
        .close = close_indexes};
    return sql_tabfn_add(s, &FUNCTION, e);
}
