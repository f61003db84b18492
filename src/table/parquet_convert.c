/* parquet_convert.c - see parquet_convert.h. Each (physical, logical, type) is a row of a table.
 * Civil dates follow from days by counting 400-year eras of 146,097 days from March 1 of year 0. */
#include "table/parquet_convert.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "table/half.h"
#include "table/number.h"
#include "table/parquet_values.h"

enum { NUMBER_DIGITS = 15, INT_DIGITS = 18, DECIMAL_DIGITS = 38 };

/* --- text of times ---------------------------------------------------------------------------- */

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static int put_date(char *out, int64_t days)
{
    int64_t z = days + 719468, era = floor_div(z, 146097), doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    int64_t day = doy - (153 * mp + 2) / 5 + 1, month = mp < 10 ? mp + 3 : mp - 9;
    int64_t year = yoe + era * 400 + (month <= 2);
    return snprintf(out, PARQUET_TEXT_BYTES, "%04" PRId64 "-%02d-%02d", year, (int)month, (int)day);
}

/* nanos of a day; digits: 3, 6 or 9, the least that hold the fraction are written. */
static int put_time(char *out, int64_t nanos)
{
    int64_t seconds = nanos / 1000000000, fraction = nanos % 1000000000;
    int n = snprintf(out, PARQUET_TEXT_BYTES, "%02d:%02d:%02d", (int)(seconds / 3600),
        (int)(seconds / 60 % 60), (int)(seconds % 60));
    if (fraction == 0) return n;
    int digits = 9;
    for (; fraction % 1000 == 0; fraction /= 1000) digits -= 3;
    return n + snprintf(out + n, (size_t)(PARQUET_TEXT_BYTES - n), ".%0*d", digits, (int)fraction);
}

static int put_timestamp(char *out, int64_t days, int64_t nanos, bool utc)
{
    int n = put_date(out, days);
    out[n++] = ' ';
    char time[PARQUET_TEXT_BYTES];
    int bytes = put_time(time, nanos);
    memcpy(out + n, time, (size_t)bytes);
    n += bytes;
    if (utc) memcpy(out + n, "+00:00", 6);
    return n + (utc ? 6 : 0);
}

static int64_t unit_nanos(const struct parquet_leaf *leaf)
{
    return leaf->digits == 3 ? 1000000 : leaf->digits == 6 ? 1000 : 1;
}

/* --- one value: from physical to out; text has PARQUET_TEXT_BYTES -------------------------------
 */

struct value {
    const struct parquet_leaf *leaf;
    const void *in;
    void *out;
    char *text;
};

static int64_t int_in(const struct value *v)
{
    return v->leaf->physical == PARQUET_INT64 ? *(const int64_t *)v->in : *(const int32_t *)v->in;
}

static bool give_text(const struct value *v, int bytes)
{
    *(struct table_bytes *)v->out = (struct table_bytes){v->text, (size_t)bytes};
    return true;
}

static bool get_bool(const struct value *v)
{
    *(uint8_t *)v->out = *(const uint8_t *)v->in;
    return true;
}

static bool get_int(const struct value *v)
{
    *(int64_t *)v->out = int_in(v);
    return true;
}

/* A column of NULLs only. */
static bool get_nothing(const struct value *v)
{
    (void)v;
    return false;
}

static bool get_unsigned(const struct value *v)
{
    int64_t n = int_in(v);
    bool wide = v->leaf->physical == PARQUET_INT64;
    *(int64_t *)v->out = wide ? n : (int64_t)(uint32_t)n;
    return !wide || n >= 0;
}

static bool get_float(const struct value *v)
{
    *(double *)v->out = (double)*(const float *)v->in;
    return true;
}

static bool get_double(const struct value *v)
{
    *(double *)v->out = *(const double *)v->in;
    return true;
}

static bool get_half(const struct value *v)
{
    *(double *)v->out =
        (double)half_get((const uint8_t *)((const struct table_bytes *)v->in)->data);
    return true;
}

static bool get_bytes(const struct value *v)
{
    *(struct table_bytes *)v->out = *(const struct table_bytes *)v->in;
    return true;
}

static bool get_utf8(const struct value *v)
{
    const struct table_bytes *b = v->in;
    *(struct table_bytes *)v->out = *b;
    return reader_is_utf8(b->data, b->bytes);
}

static bool get_date(const struct value *v)
{
    return give_text(v, put_date(v->text, int_in(v)));
}

static bool get_time(const struct value *v)
{
    int64_t n = int_in(v), unit = unit_nanos(v->leaf);
    if (n < 0 || n / (86400 * (1000000000 / unit)) > 0) return false;
    return give_text(v, put_time(v->text, n * unit));
}

static bool get_timestamp(const struct value *v)
{
    int64_t n = int_in(v), unit = unit_nanos(v->leaf), day = 86400 * (1000000000 / unit);
    int64_t days = floor_div(n, day);
    return give_text(v, put_timestamp(v->text, days, (n - days * day) * unit, v->leaf->utc));
}

/* Nanoseconds of the day and the Julian day. */
static bool get_int96(const struct value *v)
{
    int64_t nanos;
    uint32_t day;
    memcpy(&nanos, v->in, sizeof nanos);
    memcpy(&day, (const char *)v->in + sizeof nanos, sizeof day);
    if (nanos < 0 || nanos >= (int64_t)86400 * 1000000000) return false;
    return give_text(v, put_timestamp(v->text, (int64_t)day - 2440588, nanos, false));
}

static bool get_uuid(const struct value *v)
{
    const unsigned char *b = (const unsigned char *)((const struct table_bytes *)v->in)->data;
    int n = 0;
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) v->text[n++] = '-';
        n += snprintf(v->text + n, 3, "%02x", b[i]);
    }
    return give_text(v, n);
}

/* --- decimals --------------------------------------------------------------------------------- */

static bool decimal_in(const struct value *v, __int128 *out)
{
    if (v->leaf->physical == PARQUET_INT32 || v->leaf->physical == PARQUET_INT64) {
        *out = int_in(v);
        return true;
    }
    const struct table_bytes *b = v->in;
    const unsigned char *p = (const unsigned char *)b->data;
    size_t bytes = b->bytes;
    unsigned char fill = bytes > 0 && p[0] >= 0x80 ? 0xff : 0;
    for (; bytes > 16 && *p == fill; bytes--) p++;
    if (bytes > 16 || (bytes == 16 && (*p >= 0x80) != (fill != 0))) return false;
    unsigned __int128 n = fill != 0 ? ~(unsigned __int128)0 : 0;
    for (; bytes > 0; bytes--) n = n << 8 | *p++;
    *out = (__int128)n;
    return true;
}

/* Digits with the point where the scale says; at most 38 digits and a few signs. */
static int decimal_text(const struct value *v, char *out)
{
    __int128 n;
    char digits[48];
    int count = 0, bytes = 0;
    if (!decimal_in(v, &n)) return -1;
    bool negative = n < 0;
    unsigned __int128 rest = negative ? -(unsigned __int128)n : (unsigned __int128)n;
    for (; rest > 0; rest /= 10) digits[count++] = (char)('0' + (int)(rest % 10));
    while (count <= v->leaf->scale) digits[count++] = '0';
    if (negative) out[bytes++] = '-';
    for (int i = count - 1; i >= 0; i--) {
        out[bytes++] = digits[i];
        if (i == v->leaf->scale && i > 0) out[bytes++] = '.';
    }
    return bytes;
}

static bool get_decimal_int(const struct value *v)
{
    __int128 n;
    if (!decimal_in(v, &n) || n > INT64_MAX || n < INT64_MIN) return false;
    *(int64_t *)v->out = (int64_t)n;
    return true;
}

static bool get_decimal_real(const struct value *v)
{
    char text[PARQUET_TEXT_BYTES];
    int bytes = decimal_text(v, text);
    return bytes > 0 && number_real(text, (size_t)bytes, v->out);
}

static bool get_decimal_text(const struct value *v)
{
    int bytes = decimal_text(v, v->text);
    return bytes > 0 && give_text(v, bytes);
}

static bool get_decimal(const struct value *v)
{
    const struct parquet_leaf *d = v->leaf;
    if (d->scale == 0 && d->precision <= INT_DIGITS) return get_decimal_int(v);
    return d->precision <= NUMBER_DIGITS ? get_decimal_real(v) : get_decimal_text(v);
}

/* --- the table -------------------------------------------------------------------------------- */

struct row {
    enum parquet_logical logical;
    enum table_type type;
    bool (*get)(const struct value *v);
};

/* By physical type; the first row whose logical type fits, PARQUET_OTHER: any. */
// clang-format off
static const struct row rows[PARQUET_PHYSICAL_COUNT][7] = {
    [PARQUET_BOOLEAN] = {{PARQUET_OTHER, TABLE_BOOL, get_bool}},
    [PARQUET_INT32] = {{PARQUET_DATE, TABLE_TEXT, get_date}, {PARQUET_TIME, TABLE_TEXT, get_time},
        {PARQUET_DECIMAL, TABLE_INT, get_decimal}, {PARQUET_UNSIGNED, TABLE_INT, get_unsigned},
        {PARQUET_NOTHING, TABLE_TEXT, get_nothing}, {PARQUET_OTHER, TABLE_INT, get_int}},
    [PARQUET_INT64] = {{PARQUET_TIMESTAMP, TABLE_TEXT, get_timestamp},
        {PARQUET_TIME, TABLE_TEXT, get_time}, {PARQUET_DECIMAL, TABLE_INT, get_decimal},
        {PARQUET_UNSIGNED, TABLE_INT, get_unsigned}, {PARQUET_OTHER, TABLE_INT, get_int}},
    [PARQUET_INT96] = {{PARQUET_OTHER, TABLE_TEXT, get_int96}},
    [PARQUET_FLOAT] = {{PARQUET_OTHER, TABLE_REAL, get_float}},
    [PARQUET_DOUBLE] = {{PARQUET_OTHER, TABLE_REAL, get_double}},
    [PARQUET_BYTE_ARRAY] = {{PARQUET_STRING, TABLE_TEXT, get_utf8},
        {PARQUET_DECIMAL, TABLE_INT, get_decimal}, {PARQUET_OTHER, TABLE_BLOB, get_bytes}},
    [PARQUET_FIXED] = {{PARQUET_DECIMAL, TABLE_INT, get_decimal},
        {PARQUET_UUID, TABLE_TEXT, get_uuid}, {PARQUET_HALF, TABLE_REAL, get_half},
        {PARQUET_OTHER, TABLE_BLOB, get_bytes}},
};
// clang-format on

static const struct row *row_of(const struct parquet_leaf *leaf)
{
    const struct row *r = rows[leaf->physical];
    while (r->logical != leaf->logical && r->logical != PARQUET_OTHER) r++;
    return r;
}

enum status parquet_type(const struct reader *r, size_t column, const struct parquet_leaf *leaf,
    enum table_type *out, struct err *e)
{
    const char *name = r->columns[column].name;
    *out = row_of(leaf)->type;
    if (leaf->logical == PARQUET_DECIMAL) {
        if (leaf->precision < 1 || leaf->precision > DECIMAL_DIGITS || leaf->scale < 0 ||
            leaf->scale > leaf->precision)
            return err_set(e, ST_UNSUPPORTED, "%s, column %s: DECIMAL(%d, %d) is not read",
                r->in.name, name, leaf->precision, leaf->scale);
        bool whole = leaf->scale == 0 && leaf->precision <= INT_DIGITS;
        bool real = leaf->precision <= NUMBER_DIGITS;
        *out = whole ? TABLE_INT : real ? TABLE_REAL : TABLE_TEXT;
    }
    int width = leaf->logical == PARQUET_UUID ? 16 : leaf->logical == PARQUET_HALF ? 2 : 0;
    if (leaf->physical == PARQUET_FIXED && width > 0 && leaf->width != width)
        return err_set(e, ST_CORRUPT, "%s, column %s: values of %d bytes, not %d", r->in.name, name,
            leaf->width, width);
    return ST_OK;
}

bool parquet_makes_text(const struct parquet_leaf *leaf, enum table_type type)
{
    return type == TABLE_TEXT && row_of(leaf)->get != get_utf8;
}

static size_t type_bytes(enum table_type type)
{
    static const size_t bytes[TABLE_TYPE_COUNT] = {[TABLE_BOOL] = 1,
        [TABLE_INT] = sizeof(int64_t),
        [TABLE_REAL] = sizeof(double),
        [TABLE_TEXT] = sizeof(struct table_bytes),
        [TABLE_BLOB] = sizeof(struct table_bytes)};
    return bytes[type];
}

size_t parquet_convert(const struct parquet_convert *c)
{
    const struct row *row = row_of(c->leaf);
    size_t in_bytes = parquet_physical_bytes(c->leaf->physical), out_bytes = type_bytes(c->type);
    struct value v = {c->leaf, c->staging, c->out, c->text};
    for (size_t i = 0; i < c->rows; i++) {
        v.out = (char *)c->out + i * out_bytes;
        if (c->null != NULL && c->null[i]) {
            memset(v.out, 0, out_bytes);
            continue;
        }
        if (c->text != NULL) v.text = c->text + i * PARQUET_TEXT_BYTES;
        if (!row->get(&v)) return i;
        v.in = (const char *)v.in + in_bytes;
    }
    return c->rows;
}
