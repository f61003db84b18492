/* moment.c - reading, writing and counting days: the proleptic Gregorian calendar, in which 400
 * years have 146097 days; years are counted from March on, so that the leap day is the last.
 */
#include "sql/function/moment.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum { DAYS_OF_400_YEARS = 146097, DAYS_TO_1970 = 719468 /* from 0000-03-01 */ };

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

int64_t moment_days(int64_t year, int64_t month, int64_t day)
{
    year += floor_div(month - 1, 12);
    month = month - 1 - floor_div(month - 1, 12) * 12; /* 0: January */
    int64_t from_march = (month + 10) % 12, y = year - (month < 2);
    int64_t era = floor_div(y, 400), of_era = y - era * 400;
    int64_t day_of_year = (153 * from_march + 2) / 5 + day - 1;
    int64_t day_of_era = of_era * 365 + of_era / 4 - of_era / 100 + day_of_year;
    return era * DAYS_OF_400_YEARS + day_of_era - DAYS_TO_1970;
}

void moment_split(struct moment m, struct moment_parts *out)
{
    int64_t days = floor_div(m.us, MOMENT_DAY_US), us = m.us - days * MOMENT_DAY_US;
    int64_t shifted = days + DAYS_TO_1970, era = floor_div(shifted, DAYS_OF_400_YEARS);
    int64_t of_era = shifted - era * DAYS_OF_400_YEARS;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t day = of_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * day + 2) / 153;
    out->day = (int)(day - (153 * month + 2) / 5 + 1);
    out->month = (int)(month < 10 ? month + 3 : month - 9);
    out->year = year + era * 400 + (out->month <= 2);
    out->hour = (int)(us / INT64_C(3600000000));
    out->minute = (int)(us / 60000000 % 60);
    out->second = (int)(us / 1000000 % 60);
    out->us = (int)(us % 1000000);
    out->weekday = (int)(days + 4 - floor_div(days + 4, 7) * 7);
    out->yearday = (int)(days - moment_days(out->year, 1, 1) + 1);
}

struct moment moment_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (struct moment){.us = (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000};
}

/* --- reading ---------------------------------------------------------------------------------- */

struct reader {
    const char *p, *end;
};

/* least to most digits. */
static bool digits(struct reader *r, int least, int most, int64_t *out)
{
    int n = 0;
    for (*out = 0; n < most && r->p < r->end && isdigit((unsigned char)*r->p); n++)
        *out = *out * 10 + (*r->p++ - '0');
    return n >= least;
}

static bool sign_is(struct reader *r, char c)
{
    bool is = r->p < r->end && *r->p == c;
    r->p += is;
    return is;
}

static void skip_blanks(struct reader *r)
{
    while (r->p < r->end && isspace((unsigned char)*r->p)) r->p++;
}

/* Up to six digits count. */
static bool fraction(struct reader *r, int64_t *us)
{
    int64_t scale = 100000;
    const char *start = r->p;
    for (*us = 0; r->p < r->end && isdigit((unsigned char)*r->p); r->p++, scale /= 10)
        *us += (*r->p - '0') * scale;
    return r->p > start;
}

static bool clock_time(struct reader *r, int64_t *us)
{
    int64_t hour, minute, second = 0, part = 0;
    if (!digits(r, 1, 2, &hour) || !sign_is(r, ':') || !digits(r, 2, 2, &minute)) return false;
    if (sign_is(r, ':') && !digits(r, 2, 2, &second)) return false;
    if (sign_is(r, '.') && !fraction(r, &part)) return false;
    *us = ((hour * 60 + minute) * 60 + second) * 1000000 + part;
    return hour <= 24 && minute < 60 && second < 60 && *us <= MOMENT_DAY_US;
}

static bool zone(struct reader *r, int64_t *us)
{
    int64_t hour, minute = 0;
    *us = 0;
    if (sign_is(r, 'Z') || sign_is(r, 'z') || r->p == r->end) return true;
    bool minus = *r->p == '-';
    if (!minus && *r->p != '+') return false;
    r->p++;
    if (!digits(r, 2, 2, &hour)) return false;
    sign_is(r, ':');
    if (r->p < r->end && !digits(r, 2, 2, &minute)) return false;
    *us = (hour * 60 + minute) * 60000000 * (minus ? -1 : 1);
    return hour < 24 && minute < 60;
}

static int days_of_month(int64_t year, int64_t month)
{
    return (int)(moment_days(year, month + 1, 1) - moment_days(year, month, 1));
}

bool moment_parse(const char *text, size_t bytes, struct moment *out)
{
    struct reader r = {text, text + bytes};
    int64_t year, month, day, us = 0, east = 0;
    skip_blanks(&r);
    while (r.end > r.p && isspace((unsigned char)r.end[-1])) r.end--;
    if (!digits(&r, 4, 4, &year) || !sign_is(&r, '-') || !digits(&r, 2, 2, &month) ||
        !sign_is(&r, '-') || !digits(&r, 2, 2, &day))
        return false;
    if (month < 1 || month > 12 || day < 1 || day > days_of_month(year, month)) return false;
    out->date = r.p == r.end;
    if (!out->date && !sign_is(&r, 'T')) {
        const char *blank = r.p;
        skip_blanks(&r);
        if (r.p == blank) return false;
    }
    if (!out->date && !clock_time(&r, &us)) return false;
    skip_blanks(&r);
    if (!out->date && !zone(&r, &east)) return false;
    out->us = moment_days(year, month, day) * MOMENT_DAY_US + us - east;
    return r.p == r.end;
}

bool moment_print(struct moment m, struct buf *out)
{
    struct moment_parts p;
    moment_split(m, &p);
    if (p.year < 0 || p.year > 9999) return false;
    buf_printf(out, "%04d-%02d-%02d", (int)p.year, p.month, p.day);
    if (m.date) return true;
    buf_printf(out, " %02d:%02d:%02d", p.hour, p.minute, p.second);
    if (p.us == 0) return true;
    buf_printf(out, ".%06d", p.us);
    while (!out->failed && out->data[out->bytes - 1] == '0') out->data[--out->bytes] = '\0';
    return true;
}

/* --- intervals -------------------------------------------------------------------------------- */

static const struct unit {
    const char *name; /* also with s behind it */
    int64_t months, days, us;
} UNITS[] = {
    {"microsecond", 0, 0, 1},
    {"millisecond", 0, 0, 1000},
    {"second", 0, 0, 1000000},
    {"sec", 0, 0, 1000000},
    {"minute", 0, 0, 60000000},
    {"min", 0, 0, 60000000},
    {"hour", 0, 0, INT64_C(3600000000)},
    {"day", 0, 1, 0},
    {"week", 0, 7, 0},
    {"month", 1, 0, 0},
    {"mon", 1, 0, 0},
    {"quarter", 3, 0, 0},
    {"year", 12, 0, 0},
    {"decade", 120, 0, 0},
};

static const struct unit *find_unit(const char *s, size_t n)
{
    for (size_t i = 0; i < sizeof UNITS / sizeof UNITS[0]; i++) {
        size_t length = strlen(UNITS[i].name);
        bool plural = n == length + 1 && (s[length] | 0x20) == 's';
        if ((n == length || plural) && strncasecmp(s, UNITS[i].name, length) == 0) return &UNITS[i];
    }
    return NULL;
}

static bool add_scaled(int64_t *sum, int64_t count, int64_t each)
{
    int64_t product;
    return !__builtin_mul_overflow(count, each, &product) &&
        !__builtin_add_overflow(*sum, product, sum);
}

/* -3 days, 1.5 hours, 01:30:00 */
static bool term(struct reader *r, struct interval *out)
{
    int64_t whole, us = 0, time;
    bool minus = sign_is(r, '-');
    if (!minus) sign_is(r, '+');
    struct reader clock = *r;
    if (clock_time(&clock, &time)) {
        *r = clock;
        return add_scaled(&out->us, time, minus ? -1 : 1);
    }
    if (!digits(r, 1, 12, &whole) || (sign_is(r, '.') && !fraction(r, &us))) return false;
    skip_blanks(r);
    const char *word = r->p;
    while (r->p < r->end && isalpha((unsigned char)*r->p)) r->p++;
    static const struct unit SECOND = {"", 0, 0, 1000000};
    const struct unit *u =
        r->p == word && r->p == r->end ? &SECOND : find_unit(word, (size_t)(r->p - word));
    if (u == NULL || (us != 0 && (u->months != 0 || u->us < 1000000) && u->days == 0)) return false;
    int64_t of_unit = u->days > 0 ? u->days * MOMENT_DAY_US : u->us, sign = minus ? -1 : 1;
    return add_scaled(&out->months, whole * sign, u->months) &&
        add_scaled(&out->days, whole * sign, u->days) &&
        add_scaled(&out->us, whole * sign, u->us) &&
        add_scaled(&out->us, us * sign, of_unit / 1000000);
}

bool interval_parse(const char *text, size_t bytes, struct interval *out)
{
    struct reader r = {text, text + bytes};
    *out = (struct interval){0};
    skip_blanks(&r);
    if (r.p == r.end) return false;
    while (r.p < r.end) {
        if (r.end - r.p == 3 && strncasecmp(r.p, "ago", 3) == 0 && r.p > text) {
            *out = (struct interval){-out->months, -out->days, -out->us};
            return true;
        }
        if (!term(&r, out)) return false;
        while (r.p < r.end && (isspace((unsigned char)*r.p) || *r.p == ',')) r.p++;
    }
    return true;
}

static void print_count(struct buf *out, int64_t n, const char *unit)
{
    if (n == 0) return;
    buf_printf(out, "%s%lld %s%s", out->bytes > 0 ? " " : "", (long long)n, unit,
        n == 1 || n == -1 ? "" : "s");
}

void interval_print(const struct interval *i, struct buf *out)
{
    int64_t us = i->us < 0 ? -i->us : i->us;
    print_count(out, i->months / 12, "year");
    print_count(out, i->months % 12, "mon");
    print_count(out, i->days, "day");
    if (us == 0 && out->bytes > 0) return;
    buf_printf(out, "%s%s%02lld:%02lld:%02lld", out->bytes > 0 ? " " : "", i->us < 0 ? "-" : "",
        (long long)(us / INT64_C(3600000000)), (long long)(us / 60000000 % 60),
        (long long)(us / 1000000 % 60));
    if (us % 1000000 != 0) buf_printf(out, ".%06lld", (long long)(us % 1000000));
}

bool moment_add(struct moment *m, const struct interval *i, int sign)
{
    struct moment_parts p;
    int64_t days, us, months, limit = INT64_C(10000) * 12;
    moment_split(*m, &p);
    if (i->months > limit || i->months < -limit || i->days > 4000000 || i->days < -4000000 ||
        i->us > 4000000 * MOMENT_DAY_US || i->us < -4000000 * MOMENT_DAY_US)
        return false;
    months = p.month + sign * i->months;
    int last = days_of_month(p.year, months);
    days = moment_days(p.year, months, p.day < last ? p.day : last) + sign * i->days;
    us = m->us - floor_div(m->us, MOMENT_DAY_US) * MOMENT_DAY_US + sign * i->us;
    m->us = days * MOMENT_DAY_US + us;
    m->date = m->date && i->us == 0;
    moment_split(*m, &p);
    return p.year >= 0 && p.year <= 9999;
}
