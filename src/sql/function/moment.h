/* moment.h - dates and times as text: 'YYYY-MM-DD' and 'YYYY-MM-DD hh:mm:ss[.ffffff]', UTC, years 0
 * to 9999 of the Gregorian calendar; intervals such as '1 day', '-2 months', '1 year 3 mons
 * 01:30:00'.
 */
#ifndef FOVEA_SQL_FUNCTION_MOMENT_H
#define FOVEA_SQL_FUNCTION_MOMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct moment {
    int64_t us; /* since 1970-01-01 00:00:00 */
    bool date;  /* the text had no time */
};

struct moment_parts {
    int64_t year;
    int month, day, hour, minute, second, us;
    int weekday; /* 0: Sunday */
    int yearday; /* from 1 */
};

struct interval {
    int64_t months, days, us;
};

#define MOMENT_DAY_US INT64_C(86400000000)

/* A zone behind the time (Z, +02, -03:30) is taken into account. false: it is no moment. */
bool moment_parse(const char *text, size_t bytes, struct moment *out);
/* false: the year is outside of 0 … 9999. */
bool moment_print(struct moment m, struct buf *out);
void moment_split(struct moment m, struct moment_parts *out);
/* Of a day; months and days may lie outside their ranges. */
int64_t moment_days(int64_t year, int64_t month, int64_t day);
struct moment moment_now(void);

bool interval_parse(const char *text, size_t bytes, struct interval *out);
void interval_print(const struct interval *i, struct buf *out);
/* A day beyond the month's last becomes its last. A date stays a date when only days and months are
 * added. false: the result is out of range. */
bool moment_add(struct moment *m, const struct interval *i, int sign);

#endif
