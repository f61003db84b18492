/* aggregate.c - aggregates that ClickHouse and PostgreSQL have and SQLite has not: distinct values,
 * any value, the value beside an extreme one, quantiles, spread, and the …If forms.
 *
 * uniq and uniqExact are the same here and count by 128-bit hashes of the values, 16 bytes each.
 * quantile is exact, between two rows in proportion. Spread is Welford's one pass (1962).
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "sql/function/function.h"

#define STEP_HEAD(f)                                                                               \
    static enum status f(struct sql_session *session, void *state, struct sql_value *const *args,  \
        int count, struct err *e)
#define FINAL_HEAD(f)                                                                              \
    static enum status f(                                                                          \
        struct sql_session *session, void *state, struct sql_result *out, struct err *e)

/* --- distinct values -------------------------------------------------------------------------- */

struct key {
    uint64_t a, b; /* both 0: an empty place */
};

struct uniq {
    struct key *keys; /* open addressing; capacity is a power of two */
    size_t count, capacity;
};

static struct key key_of(const void *data, size_t bytes, uint64_t kind)
{
    struct key k = {
        hash_64(data, bytes, kind), hash_64(data, bytes, kind ^ UINT64_C(0x9e3779b97f4a7c15))};
    if (k.a == 0 && k.b == 0) k.a = 1;
    return k;
}

/* 1 and 1.0 are one value. */
static struct key key_of_value(const struct sql_value *v)
{
    enum sql_type type = sql_value_type(v);
    double d = sql_value_double(v);
    bool whole = type == SQL_FLOAT && d == floor(d) && fabs(d) < 9e18;
    int64_t n = type == SQL_INTEGER ? sql_value_int(v) : whole ? (int64_t)d : 0;
    if (type == SQL_INTEGER || whole) return key_of(&n, sizeof n, 1);
    if (type == SQL_FLOAT) return key_of(&d, sizeof d, 2);
    if (type == SQL_NULL) return key_of("", 0, 5);
    const void *data = type == SQL_TEXT ? sql_value_text(v) : sql_value_blob(v);
    return key_of(data != NULL ? data : "", (size_t)sql_value_bytes(v), type == SQL_TEXT ? 3 : 4);
}

static void put(struct uniq *u, struct key k)
{
    size_t at = (size_t)k.a & (u->capacity - 1);
    for (; u->keys[at].a != 0 || u->keys[at].b != 0; at = (at + 1) & (u->capacity - 1))
        if (u->keys[at].a == k.a && u->keys[at].b == k.b) return;
    u->keys[at] = k;
    u->count++;
}

static bool grow(struct uniq *u)
{
    struct uniq larger = {.capacity = u->capacity > 0 ? u->capacity * 2 : 64};
    larger.keys = mem_zalloc(larger.capacity, sizeof *larger.keys);
    if (larger.keys == NULL) return false;
    for (size_t i = 0; i < u->capacity; i++)
        if (u->keys[i].a != 0 || u->keys[i].b != 0) put(&larger, u->keys[i]);
    mem_free(u->keys);
    *u = larger;
    return true;
}

/* Rows of several values count as one value; those with a NULL don't count. */
STEP_HEAD(uniq_step)
{
    struct uniq *u = state;
    (void)session;
    if (function_any_null(args, count)) return ST_OK;
    if (u->count * 2 >= u->capacity && !grow(u)) return mem_err(e, u->capacity * sizeof *u->keys);
    struct key k = key_of_value(args[0]);
    for (int i = 1; i < count; i++) {
        struct key both[2] = {k, key_of_value(args[i])};
        k = key_of(both, sizeof both, 6);
    }
    put(u, k);
    return ST_OK;
}

FINAL_HEAD(uniq_final)
{
    struct uniq *u = state;
    (void)session, (void)e;
    if (out != NULL) sql_result_int(out, (int64_t)u->count);
    mem_free(u->keys);
    return ST_OK;
}

/* --- one of the values ------------------------------------------------------------------------ */

struct chosen {
    sqlite3_value *value, *by;
};

static enum status keep(sqlite3_value **at, const struct sql_value *v, struct err *e)
{
    sqlite3_value *copy = sqlite3_value_dup((const sqlite3_value *)v);
    if (copy == NULL) return mem_err(e, 0);
    sqlite3_value_free(*at);
    *at = copy;
    return ST_OK;
}

STEP_HEAD(any_step)
{
    struct chosen *c = state;
    (void)session, (void)count;
    if (c->value != NULL || sql_value_type(args[0]) == SQL_NULL) return ST_OK;
    return keep(&c->value, args[0], e);
}

STEP_HEAD(any_last_step)
{
    struct chosen *c = state;
    (void)session, (void)count;
    return sql_value_type(args[0]) == SQL_NULL ? ST_OK : keep(&c->value, args[0], e);
}

static enum status extreme_step(
    struct chosen *c, struct sql_value *const *args, int sign, struct err *e)
{
    if (sql_value_type(args[1]) == SQL_NULL) return ST_OK;
    if (c->by != NULL && sign * function_compare(args[1], (const struct sql_value *)c->by) <= 0)
        return ST_OK;
    enum status st = keep(&c->by, args[1], e);
    return st == ST_OK ? keep(&c->value, args[0], e) : st;
}

STEP_HEAD(arg_max_step)
{
    (void)session, (void)count;
    return extreme_step(state, args, 1, e);
}

STEP_HEAD(arg_min_step)
{
    (void)session, (void)count;
    return extreme_step(state, args, -1, e);
}

FINAL_HEAD(chosen_final)
{
    struct chosen *c = state;
    (void)session, (void)e;
    if (out != NULL && c->value != NULL) function_result(out, (const struct sql_value *)c->value);
    sqlite3_value_free(c->value);
    sqlite3_value_free(c->by);
    return ST_OK;
}

/* --- quantiles -------------------------------------------------------------------------------- */

struct quantile {
    double *values;
    size_t count, capacity;
    double level;
};

static enum status quantile_add(
    struct quantile *q, const struct sql_value *v, double level, struct err *e)
{
    if (sql_value_type(v) == SQL_NULL) return ST_OK;
    if (!(level >= 0 && level <= 1))
        return err_set(e, ST_INVALID, "quantile()'s level lies between 0 and 1, not %g", level);
    if (q->count == q->capacity) {
        size_t capacity = q->capacity > 0 ? q->capacity * 2 : 64;
        double *grown = mem_resize(q->values, capacity, sizeof *grown);
        if (grown == NULL) return mem_err(e, capacity * sizeof *grown);
        q->values = grown;
        q->capacity = capacity;
    }
    q->values[q->count++] = sql_value_double(v);
    q->level = level;
    return ST_OK;
}

/* quantile(level)(x) comes in as fovea_quantile(x, level). */
STEP_HEAD(quantile_step)
{
    (void)session;
    return quantile_add(state, args[0], count > 1 ? sql_value_double(args[1]) : 0.5, e);
}

static int compare_doubles(const void *a, const void *b)
{
    double x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

FINAL_HEAD(quantile_final)
{
    struct quantile *q = state;
    (void)session, (void)e;
    if (out != NULL && q->count > 0) {
        qsort(q->values, q->count, sizeof *q->values, compare_doubles);
        double at = q->level * (double)(q->count - 1);
        size_t low = (size_t)at, high = low + 1 < q->count ? low + 1 : low;
        sql_result_double(
            out, q->values[low] + (q->values[high] - q->values[low]) * (at - (double)low));
    }
    mem_free(q->values);
    return ST_OK;
}

/* --- spread ----------------------------------------------------------------------------------- */

struct spread {
    double mean, squares;
    int64_t count;
};

STEP_HEAD(spread_step)
{
    struct spread *s = state;
    (void)session, (void)count, (void)e;
    if (sql_value_type(args[0]) == SQL_NULL) return ST_OK;
    double d = sql_value_double(args[0]) - s->mean;
    s->mean += d / (double)++s->count;
    s->squares += d * (sql_value_double(args[0]) - s->mean);
    return ST_OK;
}

/* less 1: of a sample, which needs two rows; 0: of all there is. */
static enum status give_spread(const struct spread *s, int less, bool root, struct sql_result *out)
{
    if (out == NULL || s->count <= less) return ST_OK;
    double variance = s->squares / (double)(s->count - less);
    sql_result_double(out, root ? sqrt(variance) : variance);
    return ST_OK;
}

FINAL_HEAD(stddev_samp_final)
{
    (void)session, (void)e;
    return give_spread(state, 1, true, out);
}

FINAL_HEAD(stddev_pop_final)
{
    (void)session, (void)e;
    return give_spread(state, 0, true, out);
}

FINAL_HEAD(var_samp_final)
{
    (void)session, (void)e;
    return give_spread(state, 1, false, out);
}

FINAL_HEAD(var_pop_final)
{
    (void)session, (void)e;
    return give_spread(state, 0, false, out);
}

/* --- conditions ------------------------------------------------------------------------------- */

struct tally {
    int64_t all, true_ones;
    double sum;
    int64_t whole;
    bool real, overflow;
};

static bool is_true(const struct sql_value *v)
{
    return sql_value_type(v) != SQL_NULL && sql_value_double(v) != 0;
}

/* The last argument is the condition. */
STEP_HEAD(tally_step)
{
    struct tally *t = state;
    (void)session, (void)e;
    if (sql_value_type(args[0]) == SQL_NULL) return ST_OK;
    t->all++;
    if (!is_true(args[count - 1])) return ST_OK;
    t->true_ones++;
    t->sum += sql_value_double(args[0]);
    if (sql_value_type(args[0]) == SQL_INTEGER)
        t->overflow |= __builtin_add_overflow(t->whole, sql_value_int(args[0]), &t->whole);
    else
        t->real = true;
    return ST_OK;
}

FINAL_HEAD(count_if_final)
{
    const struct tally *t = state;
    (void)session, (void)e;
    if (out != NULL) sql_result_int(out, t->true_ones);
    return ST_OK;
}

FINAL_HEAD(sum_if_final)
{
    const struct tally *t = state;
    (void)session;
    if (out == NULL) return ST_OK;
    if (t->real)
        sql_result_double(out, t->sum);
    else if (t->overflow)
        return err_set(e, ST_INVALID, "integer overflow");
    else
        sql_result_int(out, t->whole);
    return ST_OK;
}

FINAL_HEAD(avg_if_final)
{
    const struct tally *t = state;
    (void)session, (void)e;
    if (out != NULL && t->true_ones > 0) sql_result_double(out, t->sum / (double)t->true_ones);
    return ST_OK;
}

FINAL_HEAD(bool_and_final)
{
    const struct tally *t = state;
    (void)session, (void)e;
    if (out != NULL && t->all > 0) sql_result_int(out, t->true_ones == t->all);
    return ST_OK;
}

FINAL_HEAD(bool_or_final)
{
    const struct tally *t = state;
    (void)session, (void)e;
    if (out != NULL && t->all > 0) sql_result_int(out, t->true_ones > 0);
    return ST_OK;
}

#define ROW(sql_name, least, most, kind, step_f, final_f)                                          \
    {                                                                                              \
        .name = sql_name, .args_min = least, .args_max = most, .state_bytes = sizeof(struct kind), \
        .step = step_f, .final = final_f                                                           \
    }
// clang-format off
static const struct sql_aggregate AGGREGATES[] = {
    ROW("uniq", 1, 127, uniq, uniq_step, uniq_final),
    ROW("uniqExact", 1, 127, uniq, uniq_step, uniq_final),
    ROW("any", 1, 1, chosen, any_step, chosen_final),
    ROW("anyLast", 1, 1, chosen, any_last_step, chosen_final),
    ROW("any_value", 1, 1, chosen, any_step, chosen_final),
    ROW("argMax", 2, 2, chosen, arg_max_step, chosen_final),
    ROW("argMin", 2, 2, chosen, arg_min_step, chosen_final),
    ROW("fovea_quantile", 2, 2, quantile, quantile_step, quantile_final),
    ROW("quantile", 1, 1, quantile, quantile_step, quantile_final),
    {.name = "median", .args_min = 1, .args_max = 1, .state_bytes = sizeof(struct quantile),
        .step = quantile_step, .final = quantile_final, .yields = true},
    ROW("stddev", 1, 1, spread, spread_step, stddev_samp_final),
    ROW("stddev_samp", 1, 1, spread, spread_step, stddev_samp_final),
    ROW("stddevSamp", 1, 1, spread, spread_step, stddev_samp_final),
    ROW("stddev_pop", 1, 1, spread, spread_step, stddev_pop_final),
    ROW("stddevPop", 1, 1, spread, spread_step, stddev_pop_final),
    ROW("variance", 1, 1, spread, spread_step, var_samp_final),
    ROW("var_samp", 1, 1, spread, spread_step, var_samp_final),
    ROW("varSamp", 1, 1, spread, spread_step, var_samp_final),
    ROW("var_pop", 1, 1, spread, spread_step, var_pop_final),
    ROW("varPop", 1, 1, spread, spread_step, var_pop_final),
    ROW("countIf", 1, 1, tally, tally_step, count_if_final),
    ROW("sumIf", 2, 2, tally, tally_step, sum_if_final),
    ROW("avgIf", 2, 2, tally, tally_step, avg_if_final),
    ROW("bool_and", 1, 1, tally, tally_step, bool_and_final),
    ROW("every", 1, 1, tally, tally_step, bool_and_final),
    ROW("bool_or", 1, 1, tally, tally_step, bool_or_final),
};
// clang-format on

const struct function_set FUNCTIONS_AGGREGATE = {
    .aggregates = AGGREGATES, .aggregate_count = FUNCTION_COUNT(AGGREGATES)};
