/* ordered.c - aggregates that join values in an order: string_agg, array_agg, groupArray.
 *
 * string_agg(x, sep ORDER BY k DESC, …) comes in as string_agg(x, sep, k, 1, …): behind the
 * function's own arguments stand pairs of a key and how it orders, a sum of ORDER_ flags. Rows are
 * kept, with their keys, until the group is done, then sorted (stable). The kept bytes are bounded
 * by SQLite's limit on a text.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sql/function/function.h"

/* Written by the dialect's rewriting; see there. */
enum { ORDER_DESCENDING = 1, ORDER_NULLS_FIRST = 2, ORDER_NULLS_LAST = 4 };
enum { KEYS_MAX = 8 };

struct row {
    size_t number;
    size_t separator; /* where its separator begins in separators */
    size_t separator_bytes;
    sqlite3_value *values[]; /* the value, then the keys */
};

struct gathered {
    struct row **rows;
    size_t count, capacity, bytes;
    struct buf separators;
    int keys, how[KEYS_MAX];
};

static void row_free(struct row *r, int keys)
{
    for (int i = 0; r != NULL && i <= keys; i++) sqlite3_value_free(r->values[i]);
    mem_free(r);
}

static bool make_room(struct gathered *g)
{
    if (g->count < g->capacity) return true;
    size_t capacity = g->capacity > 0 ? g->capacity * 2 : 16;
    struct row **grown = mem_resize(g->rows, capacity, sizeof *grown);
    if (grown == NULL) return false;
    g->rows = grown;
    g->capacity = capacity;
    return true;
}

static enum status check_bytes(struct sql_session *session, struct gathered *g,
    struct sql_value *const *args, int count, struct err *e)
{
    for (int i = 0; i < count; i++) {
        enum sql_type type = sql_value_type(args[i]);
        if (type == SQL_TEXT || type == SQL_BLOB) g->bytes += (size_t)sql_value_bytes(args[i]);
    }
    g->bytes += sizeof(struct row);
    if (g->bytes <= function_bytes_max(session)) return ST_OK;
    return err_set(e, ST_LIMIT, "string or blob too big");
}

/* own: how many arguments stand before the keys. */
static enum status gather(
    struct gathered *g, struct sql_value *const *args, int count, int own, struct err *e)
{
    g->keys = (count - own) / 2;
    if ((count - own) % 2 != 0 || g->keys > KEYS_MAX)
        return err_set(e, ST_INVALID, "an ordered aggregate has at most %d keys", KEYS_MAX);
    size_t bytes = sizeof(struct row) + (size_t)(g->keys + 1) * sizeof(sqlite3_value *);
    struct row *r = make_room(g) ? mem_zalloc(1, bytes) : NULL;
    if (r == NULL) return mem_err(e, bytes);
    bool kept = (r->values[0] = sqlite3_value_dup((sqlite3_value *)args[0])) != NULL;
    for (int i = 0; kept && i < g->keys; i++) {
        r->values[i + 1] = sqlite3_value_dup((sqlite3_value *)args[own + 2 * i]);
        kept = r->values[i + 1] != NULL;
        g->how[i] = (int)sql_value_int(args[own + 2 * i + 1]);
    }
    r->number = g->count;
    r->separator = g->separators.bytes;
    if (own > 1 && sql_value_type(args[1]) != SQL_NULL) {
        const char *by = sql_value_text(args[1]);
        r->separator_bytes = (size_t)sql_value_bytes(args[1]);
        kept = kept && by != NULL;
        if (kept) buf_add(&g->separators, by, r->separator_bytes);
    }
    if (!kept || g->separators.failed) {
        row_free(r, g->keys);
        return mem_err(e, bytes);
    }
    g->rows[g->count++] = r;
    return ST_OK;
}

static enum status string_agg_step(struct sql_session *session, void *state,
    struct sql_value *const *args, int count, struct err *e)
{
    struct gathered *g = state;
    if (sql_value_type(args[0]) == SQL_NULL) return ST_OK;
    enum status st = check_bytes(session, g, args, count, e);
    return st == ST_OK ? gather(g, args, count, 2, e) : st;
}

static enum status array_agg_step(struct sql_session *session, void *state,
    struct sql_value *const *args, int count, struct err *e)
{
    struct gathered *g = state;
    enum status st = check_bytes(session, g, args, count, e);
    return st == ST_OK ? gather(g, args, count, 1, e) : st;
}

/* ClickHouse's leaves NULLs out. */
static enum status group_array_step(struct sql_session *session, void *state,
    struct sql_value *const *args, int count, struct err *e)
{
    if (sql_value_type(args[0]) == SQL_NULL) return ST_OK;
    return array_agg_step(session, state, args, count, e);
}

/* --- the end of a group ----------------------------------------------------------------------- */

/* NULLs are the largest, as PostgreSQL has it, unless it is said where they go. */
static int compare_key(const sqlite3_value *a, const sqlite3_value *b, int how)
{
    const struct sql_value *x = (const struct sql_value *)a, *y = (const struct sql_value *)b;
    bool x_null = sql_value_type(x) == SQL_NULL, y_null = sql_value_type(y) == SQL_NULL;
    bool first = (how & ORDER_NULLS_FIRST) != 0 ||
        ((how & ORDER_NULLS_LAST) == 0 && (how & ORDER_DESCENDING) != 0);
    if (x_null || y_null) return (x_null - y_null) * (first ? -1 : 1);
    int order = function_compare(x, y);
    return (how & ORDER_DESCENDING) != 0 ? -order : order;
}

static int compare_rows(const void *a, const void *b, void *user)
{
    const struct gathered *g = user;
    const struct row *x, *y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    for (int i = 0; i < g->keys; i++) {
        int order = compare_key(x->values[i + 1], y->values[i + 1], g->how[i]);
        if (order != 0) return order;
    }
    return (x->number > y->number) - (x->number < y->number);
}

static enum status write_text(const struct gathered *g, struct buf *text, struct err *e)
{
    for (size_t i = 0; i < g->count; i++) {
        const struct row *r = g->rows[i];
        struct function_text t;
        enum status st = function_text((const struct sql_value *)r->values[0], &t, e);
        if (st != ST_OK) return st;
        if (i > 0) buf_add(text, g->separators.data + r->separator, r->separator_bytes);
        buf_add(text, t.s, t.bytes);
    }
    return ST_OK;
}

static enum status write_list(const struct gathered *g, struct buf *text, struct err *e)
{
    enum status st = ST_OK;
    buf_add_char(text, '[');
    for (size_t i = 0; st == ST_OK && i < g->count; i++) {
        if (i > 0) buf_add_char(text, ',');
        st = function_add_json(text, (const struct sql_value *)g->rows[i]->values[0], e);
    }
    buf_add_char(text, ']');
    return st;
}

static void gathered_free(struct gathered *g)
{
    for (size_t i = 0; i < g->count; i++) row_free(g->rows[i], g->keys);
    mem_free(g->rows);
    buf_deinit(&g->separators);
}

static enum status give_text(struct gathered *g, struct sql_result *out, struct err *e)
{
    struct buf text;
    buf_init(&text);
    enum status st = write_text(g, &text, e);
    if (st == ST_OK) return function_finish(out, &text, e);
    buf_deinit(&text);
    return st;
}

static enum status give_list(struct gathered *g, struct sql_result *out, struct err *e)
{
    struct buf text;
    buf_init(&text);
    enum status st = write_list(g, &text, e);
    if (st == ST_OK) return function_finish_json(out, &text, e);
    buf_deinit(&text);
    return st;
}

static enum status finish(struct gathered *g,
    enum status (*give)(struct gathered *, struct sql_result *, struct err *),
    struct sql_result *out, struct err *e)
{
    enum status st = ST_OK;
    if (g->keys > 0 && g->count > 1)
        qsort_r(g->rows, g->count, sizeof(struct row *), compare_rows, g);
    if (out != NULL) st = give(g, out, e);
    gathered_free(g);
    return st;
}

/* NULL of no rows, as PostgreSQL has it. */
static enum status string_agg_final(
    struct sql_session *session, void *state, struct sql_result *out, struct err *e)
{
    struct gathered *g = state;
    (void)session;
    return finish(g, give_text, g->count > 0 ? out : NULL, e);
}

static enum status array_agg_final(
    struct sql_session *session, void *state, struct sql_result *out, struct err *e)
{
    struct gathered *g = state;
    (void)session;
    return finish(g, give_list, g->count > 0 ? out : NULL, e);
}

/* ClickHouse gives an empty list. */
static enum status group_array_final(
    struct sql_session *session, void *state, struct sql_result *out, struct err *e)
{
    (void)session;
    return finish(state, give_list, out, e);
}

// clang-format off
static const struct sql_aggregate AGGREGATES[] = {
    {.name = "string_agg", .args_min = 2, .args_max = 2, .state_bytes = sizeof(struct gathered),
        .step = string_agg_step, .final = string_agg_final, .yields = true},
    {.name = "fovea_string_agg", .args_min = 2, .args_max = 2 + 2 * KEYS_MAX,
        .state_bytes = sizeof(struct gathered), .step = string_agg_step, .final = string_agg_final},
    {.name = "array_agg", .args_min = 1, .args_max = 1, .state_bytes = sizeof(struct gathered),
        .step = array_agg_step, .final = array_agg_final},
    {.name = "fovea_array_agg", .args_min = 1, .args_max = 1 + 2 * KEYS_MAX,
        .state_bytes = sizeof(struct gathered), .step = array_agg_step, .final = array_agg_final},
    {.name = "groupArray", .args_min = 1, .args_max = 1, .state_bytes = sizeof(struct gathered),
        .step = group_array_step, .final = group_array_final},
};
// clang-format on

const struct function_set FUNCTIONS_ORDERED = {
    .aggregates = AGGREGATES, .aggregate_count = FUNCTION_COUNT(AGGREGATES)};
