/* series.c - rows of numbers and dates: generate_series(start, stop[, step]) of PostgreSQL and
 * numbers(n) of ClickHouse. A series of whole numbers, of numbers, or of dates with an interval as
 * its step; a step the wrong way gives no rows.
 */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "sql/function/function.h"
#include "sql/function/moment.h"

enum series_kind { SERIES_WHOLE, SERIES_REAL, SERIES_DATES };

struct series {
    enum series_kind kind;
    int64_t at, stop, step;
    double real_start, real_stop, real_step;
    struct moment moment, moment_stop;
    struct interval interval;
    uint64_t row; /* rows given */
    bool done;
};

static enum status take_dates(struct series *s, struct sql_value *const *args, struct err *e)
{
    struct function_text t[3] = {{"", 0}, {"", 0}, {"1 day", 5}};
    enum status st = ST_OK;
    for (int i = 0; st == ST_OK && i < 3; i++)
        if (args[i] != NULL) st = function_text(args[i], &t[i], e);
    if (st != ST_OK) return st;
    s->kind = SERIES_DATES;
    if (!moment_parse(t[0].s, t[0].bytes, &s->moment) ||
        !moment_parse(t[1].s, t[1].bytes, &s->moment_stop))
        return err_set(e, ST_INVALID,
            "generate_series() goes from a number to a number or from a date to a "
            "date, not from %.40s to %.40s",
            t[0].s, t[1].s);
    if (!interval_parse(t[2].s, t[2].bytes, &s->interval))
        return err_set(
            e, ST_INVALID, "\"%.60s\" is no interval such as '1 day' or '2 hours'", t[2].s);
    struct moment next = s->moment;
    if (!moment_add(&next, &s->interval, 1) || next.us == s->moment.us)
        return err_set(e, ST_INVALID, "step size cannot equal zero");
    s->step = next.us > s->moment.us ? 1 : -1;
    return ST_OK;
}

static bool is_number(const struct sql_value *v)
{
    return v == NULL || sql_value_type(v) == SQL_INTEGER || sql_value_type(v) == SQL_FLOAT;
}

static enum status take_series(struct series *s, struct sql_value *const *args, struct err *e)
{
    bool whole = true, numbers = true;
    for (int i = 0; i < 3; i++) {
        numbers = numbers && is_number(args[i]);
        whole = whole && (args[i] == NULL || sql_value_type(args[i]) == SQL_INTEGER);
    }
    if (!numbers) return take_dates(s, args, e);
    s->kind = whole ? SERIES_WHOLE : SERIES_REAL;
    s->at = sql_value_int(args[0]);
    s->stop = sql_value_int(args[1]);
    s->step = args[2] != NULL ? sql_value_int(args[2]) : 1;
    s->real_start = sql_value_double(args[0]);
    s->real_stop = sql_value_double(args[1]);
    s->real_step = args[2] != NULL ? sql_value_double(args[2]) : 1;
    if (whole ? s->step == 0 : s->real_step == 0)
        return err_set(e, ST_INVALID, "step size cannot equal zero");
    if (!whole && !isfinite(s->real_start + s->real_stop + s->real_step))
        return err_set(e, ST_INVALID, "generate_series() takes finite numbers");
    return ST_OK;
}

static enum status open_series(struct sql_session *session, struct sql_value *const *args,
    int count, void **cursor, struct err *e)
{
    (void)session;
    for (int i = 0; i < count; i++)
        if (args[i] != NULL && sql_value_type(args[i]) == SQL_NULL) return ST_OK; /* no rows */
    struct series *s = mem_zalloc(1, sizeof *s);
    if (s == NULL) return mem_err(e, sizeof *s);
    enum status st = take_series(s, args, e);
    if (st == ST_OK)
        *cursor = s;
    else
        mem_free(s);
    return st;
}

/* Row number s->row; false: it is beyond the end. */
static bool place(struct series *s)
{
    if (s->kind == SERIES_WHOLE) {
        if (s->row > 0 && __builtin_add_overflow(s->at, s->step, &s->at)) return false;
        return s->step > 0 ? s->at <= s->stop : s->at >= s->stop;
    }
    if (s->kind == SERIES_REAL) {
        double at = s->real_start + (double)s->row * s->real_step;
        return s->real_step > 0 ? at <= s->real_stop : at >= s->real_stop;
    }
    if (s->row > 0 && !moment_add(&s->moment, &s->interval, 1)) return false;
    return s->step > 0 ? s->moment.us <= s->moment_stop.us : s->moment.us >= s->moment_stop.us;
}

static enum status next_series(void *cursor, bool *row, struct err *e)
{
    struct series *s = cursor;
    (void)e;
    if (!s->done) s->done = !place(s);
    s->row++;
    *row = !s->done;
    return ST_OK;
}

static void series_column(void *cursor, int column, struct sql_result *out)
{
    const struct series *s = cursor;
    struct buf text;
    (void)column;
    if (s->kind == SERIES_WHOLE) {
        sql_result_int(out, s->at);
    } else if (s->kind == SERIES_REAL) {
        sql_result_double(out, s->real_start + (double)(s->row - 1) * s->real_step);
    } else {
        buf_init(&text);
        if (moment_print(s->moment, &text) && !text.failed)
            sql_result_text(out, text.data, (int64_t)text.bytes);
        buf_deinit(&text);
    }
}

static enum status open_numbers(struct sql_session *session, struct sql_value *const *args,
    int count, void **cursor, struct err *e)
{
    (void)session, (void)count;
    bool two = args[1] != NULL;
    int64_t first = two ? sql_value_int(args[0]) : 0, n = sql_value_int(args[two ? 1 : 0]);
    struct series *s = mem_zalloc(1, sizeof *s);
    if (s == NULL) return mem_err(e, sizeof *s);
    *s = (struct series){.kind = SERIES_WHOLE, .at = first, .step = 1};
    s->done = n <= 0 || __builtin_add_overflow(first, n - 1, &s->stop);
    *cursor = s;
    return ST_OK;
}

static const struct sql_tabfn TABLES[] = {
    {.name = "generate_series",
        .columns = "generate_series",
        .args = "start, stop, step",
        .args_required = 2,
        .open = open_series,
        .next = next_series,
        .column = series_column,
        .close = mem_free},
    {.name = "numbers",
        .columns = "number INTEGER",
        .args = "first, count",
        .args_required = 1,
        .open = open_numbers,
        .next = next_series,
        .column = series_column,
        .close = mem_free},
};

const struct function_set FUNCTIONS_SERIES = {
    .tables = TABLES, .table_count = FUNCTION_COUNT(TABLES)};
