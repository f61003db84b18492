/* postgres_time.c - PostgreSQL's functions of dates and times, and ClickHouse's shorter names for
 * the same. Dates are text (moment.h), as SQLite's own functions have them.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "sql/function/function.h"
#include "sql/function/moment.h"

static enum status take_moment(
    const struct sql_value *arg, const char *name, struct moment *out, struct err *e)
{
    struct function_text t;
    if (sql_value_type(arg) == SQL_INTEGER || sql_value_type(arg) == SQL_FLOAT)
        return err_set(e, ST_INVALID,
            "%s takes a date or a time such as '2024-01-31 12:00:00', not a number", name);
    enum status st = function_text(arg, &t, e);
    if (st != ST_OK || moment_parse(t.s, t.bytes, out)) return st;
    return err_set(e, ST_INVALID, "%s: \"%.60s\" is no date or time", name, t.s);
}

static enum status give_moment(struct sql_result *out, struct moment m, struct err *e)
{
    struct buf text;
    buf_init(&text);
    if (moment_print(m, &text)) return function_finish(out, &text, e);
    buf_deinit(&text);
    return err_set(e, ST_INVALID, "a date must lie between the years 0 and 9999");
}

/* --- now -------------------------------------------------------------------------------------- */

FUNCTION_HEAD(call_now)
{
    (void)session, (void)args, (void)count;
    struct moment m = moment_now();
    m.us -= m.us % 1000000;
    return give_moment(out, m, e);
}

static enum status give_day(struct sql_result *out, int64_t days, struct err *e)
{
    struct moment m = moment_now();
    m.us = (m.us / MOMENT_DAY_US + days) * MOMENT_DAY_US;
    m.date = true;
    return give_moment(out, m, e);
}

FUNCTION_HEAD(call_today)
{
    (void)session, (void)args, (void)count;
    return give_day(out, 0, e);
}

FUNCTION_HEAD(call_yesterday)
{
    (void)session, (void)args, (void)count;
    return give_day(out, -1, e);
}

/* --- parts ------------------------------------------------------------------------------------ */

/* The week that its Thursday is in (ISO 8601). */
static int64_t iso_week(struct moment m, int64_t *year)
{
    struct moment_parts p;
    moment_split(m, &p);
    m.us += (4 - (p.weekday == 0 ? 7 : p.weekday)) * MOMENT_DAY_US;
    moment_split(m, &p);
    *year = p.year;
    return (p.yearday - 1) / 7 + 1;
}

enum part {
    PART_YEAR,
    PART_QUARTER,
    PART_MONTH,
    PART_WEEK,
    PART_DAY,
    PART_HOUR,
    PART_MINUTE,
    PART_SECOND,
    PART_MILLISECONDS,
    PART_MICROSECONDS,
    PART_DOW,
    PART_ISODOW,
    PART_DOY,
    PART_ISOYEAR,
    PART_DECADE,
    PART_CENTURY,
    PART_EPOCH,
    PART_NONE
};

static const char *const PARTS[PART_NONE] = {"year", "quarter", "month", "week", "day", "hour",
    "minute", "second", "milliseconds", "microseconds", "dow", "isodow", "doy", "isoyear", "decade",
    "century", "epoch"};

/* Also with an s behind it, and milli- and microsecond without. */
static enum part find_part(const char *name)
{
    for (int i = 0; i < PART_NONE; i++) {
        size_t length = strlen(PARTS[i]);
        if (strncasecmp(name, PARTS[i], length) == 0 &&
            (name[length] == '\0' || strcasecmp(name + length, "s") == 0))
            return (enum part)i;
        if (PARTS[i][length - 1] == 's' && strlen(name) == length - 1 &&
            strncasecmp(name, PARTS[i], length - 1) == 0)
            return (enum part)i;
    }
    return PART_NONE;
}

static enum status take_part(
    const struct sql_value *arg, const char *name, enum part *out, struct err *e)
{
    struct function_text t;
    enum status st = function_text(arg, &t, e);
    if (st != ST_OK) return st;
    *out = find_part(t.s);
    if (*out != PART_NONE) return ST_OK;
    return err_set(e, ST_INVALID, "%s: no unit of time is called \"%.40s\"", name, t.s);
}

static int64_t part_of(struct moment m, enum part part)
{
    struct moment_parts p;
    int64_t year, week = iso_week(m, &year);
    moment_split(m, &p);
    switch (part) {
    case PART_YEAR: return p.year;
    case PART_QUARTER: return (p.month - 1) / 3 + 1;
    case PART_MONTH: return p.month;
    case PART_WEEK: return week;
    case PART_DAY: return p.day;
    case PART_HOUR: return p.hour;
    case PART_MINUTE: return p.minute;
    case PART_DOW: return p.weekday;
    case PART_ISODOW: return p.weekday == 0 ? 7 : p.weekday;
    case PART_DOY: return p.yearday;
    case PART_ISOYEAR: return year;
    case PART_DECADE: return p.year / 10;
    case PART_CENTURY: return (p.year + 99) / 100;
    case PART_MICROSECONDS: return p.second * INT64_C(1000000) + p.us;
    default: return p.second;
    }
}

/* Whole numbers where there is no fraction of a second. */
static void give_part(struct sql_result *out, struct moment m, enum part part)
{
    struct moment_parts p;
    moment_split(m, &p);
    bool seconds = part == PART_SECOND || part == PART_EPOCH;
    if (part == PART_EPOCH && p.us == 0)
        sql_result_int(out, m.us / 1000000);
    else if (part == PART_EPOCH)
        sql_result_double(out, (double)m.us / 1e6);
    else if (seconds && p.us != 0)
        sql_result_double(out, p.second + p.us / 1e6);
    else if (part == PART_MILLISECONDS && p.us % 1000 != 0)
        sql_result_double(out, p.second * 1e3 + p.us / 1e3);
    else if (part == PART_MILLISECONDS)
        sql_result_int(out, p.second * 1000 + p.us / 1000);
    else
        sql_result_int(out, part_of(m, part));
}

FUNCTION_HEAD(call_date_part)
{
    enum part part;
    struct moment m;
    (void)session;
    if (function_any_null(args, count)) return ST_OK;
    enum status st = take_part(args[0], "date_part()", &part, e);
    if (st == ST_OK) st = take_moment(args[1], "date_part()", &m, e);
    if (st == ST_OK) give_part(out, m, part);
    return st;
}

#define PART(f, sql_name, part)                                                                    \
    FUNCTION_HEAD(f)                                                                               \
    {                                                                                              \
        struct moment m;                                                                           \
        (void)session;                                                                             \
        if (function_any_null(args, count)) return ST_OK;                                          \
        enum status st = take_moment(args[0], sql_name "()", &m, e);                               \
        if (st == ST_OK) sql_result_int(out, part_of(m, part));                                    \
        return st;                                                                                 \
    }
PART(call_year, "toYear", PART_YEAR)
PART(call_month, "toMonth", PART_MONTH)
PART(call_day, "toDayOfMonth", PART_DAY)
PART(call_weekday, "toDayOfWeek", PART_ISODOW)
PART(call_hour, "toHour", PART_HOUR)
PART(call_minute, "toMinute", PART_MINUTE)
PART(call_second, "toSecond", PART_SECOND)
#undef PART

FUNCTION_HEAD(call_unix)
{
    struct moment m = moment_now();
    (void)session;
    if (function_any_null(args, count)) return ST_OK;
    enum status st = count > 0 ? take_moment(args[0], "toUnixTimestamp()", &m, e) : ST_OK;
    if (st == ST_OK) sql_result_int(out, m.us / 1000000);
    return st;
}

static struct moment truncated(struct moment m, enum part part)
{
    struct moment_parts p;
    moment_split(m, &p);
    int64_t day = moment_days(p.year, p.month, p.day);
    static const int64_t STEPS[PART_NONE] = {[PART_HOUR] = INT64_C(3600000000),
        [PART_MINUTE] = 60000000,
        [PART_SECOND] = 1000000,
        [PART_MILLISECONDS] = 1000,
        [PART_MICROSECONDS] = 1};
    int64_t of_day = m.us - day * MOMENT_DAY_US;
    switch (part) {
    case PART_YEAR: day = moment_days(p.year, 1, 1); break;
    case PART_QUARTER: day = moment_days(p.year, (p.month - 1) / 3 * 3 + 1, 1); break;
    case PART_MONTH: day = moment_days(p.year, p.month, 1); break;
    case PART_WEEK: day -= (p.weekday + 6) % 7; break;
    case PART_DECADE: day = moment_days(p.year / 10 * 10, 1, 1); break;
    case PART_CENTURY: day = moment_days((p.year - 1) / 100 * 100 + 1, 1, 1); break;
    default: break;
    }
    int64_t step = STEPS[part] > 0 ? STEPS[part] : MOMENT_DAY_US;
    return (struct moment){.us = day * MOMENT_DAY_US + of_day / step * step};
}

FUNCTION_HEAD(call_date_trunc)
{
    enum part part;
    struct moment m;
    (void)session;
    if (function_any_null(args, count)) return ST_OK;
    enum status st = take_part(args[0], "date_trunc()", &part, e);
    if (st == ST_OK) st = take_moment(args[1], "date_trunc()", &m, e);
    if (st != ST_OK) return st;
    if (part >= PART_DOW && part != PART_DECADE && part != PART_CENTURY)
        return err_set(e, ST_INVALID, "date_trunc() knows no unit %s", PARTS[part]);
    return give_moment(out, truncated(m, part), e);
}

/* --- intervals -------------------------------------------------------------------------------- */

static enum status take_interval(const struct sql_value *arg, struct interval *out, struct err *e)
{
    struct function_text t;
    enum status st = function_text(arg, &t, e);
    if (st != ST_OK || interval_parse(t.s, t.bytes, out)) return st;
    return err_set(e, ST_INVALID, "\"%.60s\" is no interval such as '1 day' or '2 hours'", t.s);
}

static enum status add_interval(
    struct sql_value *const *args, int sign, struct sql_result *out, struct err *e)
{
    struct moment m;
    struct interval i;
    enum status st = take_moment(args[0], "date_add()", &m, e);
    if (st == ST_OK) st = take_interval(args[1], &i, e);
    if (st != ST_OK) return st;
    if (!moment_add(&m, &i, sign))
        return err_set(e, ST_INVALID, "a date must lie between the years 0 and 9999");
    return give_moment(out, m, e);
}

FUNCTION_HEAD(call_date_add)
{
    (void)session;
    return function_any_null(args, count) ? ST_OK : add_interval(args, 1, out, e);
}

FUNCTION_HEAD(call_date_subtract)
{
    (void)session;
    return function_any_null(args, count) ? ST_OK : add_interval(args, -1, out, e);
}

FUNCTION_HEAD(call_interval)
{
    struct interval i;
    struct buf text;
    (void)session;
    if (function_any_null(args, count)) return ST_OK;
    enum status st = take_interval(args[0], &i, e);
    if (st != ST_OK) return st;
    buf_init(&text);
    interval_print(&i, &text);
    return function_finish(out, &text, e);
}

/* --- kinds ------------------------------------------------------------------------------------ */

static enum status cast_moment(struct sql_value *const *args, bool date, const char *name,
    struct sql_result *out, struct err *e)
{
    struct moment m;
    enum status st = take_moment(args[0], name, &m, e);
    if (st != ST_OK) return st;
    if (date) m = truncated(m, PART_DAY);
    m.date = date;
    return give_moment(out, m, e);
}

FUNCTION_HEAD(call_cast_date)
{
    (void)session;
    return function_any_null(args, count) ? ST_OK : cast_moment(args, true, "a date", out, e);
}

FUNCTION_HEAD(call_cast_timestamp)
{
    (void)session;
    return function_any_null(args, count) ? ST_OK : cast_moment(args, false, "a timestamp", out, e);
}

FUNCTION_HEAD(call_to_timestamp)
{
    (void)session;
    if (function_any_null(args, count)) return ST_OK;
    double seconds = sql_value_double(args[0]);
    if (!(seconds > -1e12 && seconds < 1e12))
        return err_set(e, ST_INVALID, "to_timestamp(): %g seconds are out of range", seconds);
    return give_moment(out, (struct moment){.us = (int64_t)(seconds * 1e6)}, e);
}

/* toDate(x), toDateTime(x): a number is seconds since 1970; toDate takes a small one as days. */
static enum status convert_moment(
    struct sql_value *const *args, bool date, struct sql_result *out, struct err *e)
{
    enum sql_type type = sql_value_type(args[0]);
    if (type == SQL_TEXT || type == SQL_BLOB)
        return cast_moment(args, date, date ? "toDate()" : "toDateTime()", out, e);
    double n = sql_value_double(args[0]);
    if (!(n > -1e11 && n < 1e12))
        return err_set(e, ST_INVALID, "%g is out of the range of dates", n);
    struct moment m = {.us = (int64_t)n * 1000000};
    if (date && n < 65536 && n > -65536) m.us = (int64_t)n * MOMENT_DAY_US;
    if (date) m = truncated(m, PART_DAY);
    m.date = date;
    return give_moment(out, m, e);
}

FUNCTION_HEAD(call_to_date)
{
    (void)session;
    return function_any_null(args, count) ? ST_OK : convert_moment(args, true, out, e);
}

FUNCTION_HEAD(call_to_datetime)
{
    (void)session;
    if (sql_value_type(args[0]) == SQL_NULL) return ST_OK;
    if (count > 1 && sql_value_text(args[1]) != NULL && strcmp(sql_value_text(args[1]), "UTC") != 0)
        return err_set(e, ST_UNSUPPORTED, "toDateTime(): the only time zone is UTC");
    return convert_moment(args, false, out, e);
}

/* --- to_char ---------------------------------------------------------------------------------- */

static const char *const MONTHS[] = {"January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December"};
static const char *const DAYS[] = {
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};

/* The pattern's own case says the name's; full names are filled to nine columns unless FM. */
static void add_name(struct buf *out, const char *name, const char *pattern, bool whole, bool fill)
{
    int length = whole ? (int)strlen(name) : 3;
    for (int i = 0; i < length; i++) {
        bool upper = isupper((unsigned char)pattern[i > 0]) != 0;
        buf_add_char(out, (char)(upper ? toupper(name[i]) : tolower(name[i])));
    }
    if (fill && whole) buf_printf(out, "%*s", 9 - length, "");
}

static void add_number(struct buf *out, int64_t n, int width, bool fill)
{
    buf_printf(out, "%0*lld", fill ? width : 1, (long long)n);
}

/* In the order they are tried: longer ones first. */
static const char *const PATTERNS[] = {"YYYY", "yyyy", "Month", "MONTH", "month", "Day", "DAY",
    "day", "HH24", "hh24", "HH12", "hh12", "IYYY", "DDD", "Mon", "MON", "mon", "YY", "yy", "MM",
    "mm", "DD", "dd", "Dy", "DY", "dy", "HH", "hh", "MI", "mi", "SS", "ss", "MS", "US", "AM", "PM",
    "am", "pm", "IW", "WW", "TZ", "ID", "Q", "D"};

static void add_pattern(struct buf *out, const char *pattern, struct moment m, bool fill)
{
    struct moment_parts p;
    int64_t year, week = iso_week(m, &year);
    char key[8] = "";
    moment_split(m, &p);
    for (size_t i = 0; pattern[i] != '\0' && i < sizeof key - 1; i++)
        key[i] = (char)toupper(pattern[i]);
    int twelve = p.hour % 12 == 0 ? 12 : p.hour % 12;
    const struct {
        const char *key;
        int64_t value;
        int width;
    } NUMBERS[] = {{"YYYY", p.year, 4}, {"YY", p.year % 100, 2}, {"MM", p.month, 2},
        {"DD", p.day, 2}, {"DDD", p.yearday, 3}, {"HH24", p.hour, 2}, {"HH12", twelve, 2},
        {"HH", twelve, 2}, {"MI", p.minute, 2}, {"SS", p.second, 2}, {"MS", p.us / 1000, 3},
        {"US", p.us, 6}, {"IW", week, 2}, {"WW", (p.yearday - 1) / 7 + 1, 2}, {"IYYY", year, 4},
        {"Q", part_of(m, PART_QUARTER), 1}, {"D", p.weekday + 1, 1},
        {"ID", part_of(m, PART_ISODOW), 1}};
    for (size_t i = 0; i < sizeof NUMBERS / sizeof NUMBERS[0]; i++)
        if (strcmp(key, NUMBERS[i].key) == 0) {
            add_number(out, NUMBERS[i].value, NUMBERS[i].width, fill);
            return;
        }
    if (strcmp(key, "TZ") == 0)
        buf_add_str(out, "UTC");
    else if (strcmp(key, "AM") == 0 || strcmp(key, "PM") == 0)
        buf_add_str(out,
            isupper((unsigned char)pattern[0]) ? (p.hour < 12 ? "AM" : "PM")
                                               : (p.hour < 12 ? "am" : "pm"));
    else if (key[0] == 'M')
        add_name(out, MONTHS[p.month - 1], pattern, strcmp(key, "MONTH") == 0, fill);
    else
        add_name(out, DAYS[p.weekday], pattern, strcmp(key, "DAY") == 0, fill);
}

static const char *find_pattern(const char *at)
{
    for (size_t i = 0; i < sizeof PATTERNS / sizeof PATTERNS[0]; i++)
        if (strncmp(at, PATTERNS[i], strlen(PATTERNS[i])) == 0) return PATTERNS[i];
    return NULL;
}

FUNCTION_HEAD(call_to_char)
{
    struct moment m;
    struct function_text format;
    struct buf text;
    (void)session;
    if (function_any_null(args, count)) return ST_OK;
    enum status st = take_moment(args[0], "to_char()", &m, e);
    if (st == ST_OK) st = function_text(args[1], &format, e);
    if (st != ST_OK) return st;
    buf_init(&text);
    bool fill = true;
    for (const char *at = format.s; *at != '\0';) {
        const char *pattern = find_pattern(at);
        const char *quote = *at == '"' ? strchr(at + 1, '"') : NULL;
        bool fm = strncmp(at, "FM", 2) == 0;
        if (fm) {
            fill = false;
            at += 2;
        } else if (quote != NULL) {
            buf_add(&text, at + 1, (size_t)(quote - at - 1));
            at = quote + 1;
        } else if (pattern != NULL) {
            add_pattern(&text, pattern, m, fill);
            at += strlen(pattern);
            fill = true;
        } else {
            buf_add_char(&text, *at++);
        }
    }
    return function_finish(out, &text, e);
}

// clang-format off
static const struct sql_scalar SCALARS[] = {
    {.name = "now", .call = call_now},
    {.name = "transaction_timestamp", .call = call_now},
    {.name = "statement_timestamp", .call = call_now},
    {.name = "clock_timestamp", .call = call_now},
    {.name = "today", .call = call_today}, {.name = "yesterday", .call = call_yesterday},
    {.name = "toUnixTimestamp", .args_min = 1, .args_max = 1, .deterministic = true,
        .call = call_unix},
    FUNCTION("date_part", 2, 2, call_date_part),
    FUNCTION("date_trunc", 2, 2, call_date_trunc),
    FUNCTION("date_add", 2, 2, call_date_add),
    FUNCTION("date_subtract", 2, 2, call_date_subtract),
    FUNCTION("fovea_interval", 1, 1, call_interval),
    FUNCTION("fovea_date", 1, 1, call_cast_date),
    FUNCTION("fovea_timestamp", 1, 1, call_cast_timestamp),
    FUNCTION("to_timestamp", 1, 1, call_to_timestamp),
    FUNCTION("to_char", 2, 2, call_to_char),
    FUNCTION("toDate", 1, 1, call_to_date),
    FUNCTION("toDateTime", 1, 2, call_to_datetime),
    FUNCTION("toYear", 1, 1, call_year), FUNCTION("toMonth", 1, 1, call_month),
    FUNCTION("toDayOfMonth", 1, 1, call_day), FUNCTION("toDayOfWeek", 1, 1, call_weekday),
    FUNCTION("toHour", 1, 1, call_hour), FUNCTION("toMinute", 1, 1, call_minute),
    FUNCTION("toSecond", 1, 1, call_second),
};
// clang-format on

const struct function_set FUNCTIONS_POSTGRES_TIME = {
    .scalars = SCALARS, .scalar_count = FUNCTION_COUNT(SCALARS)};
