/* parameter_value.c - the text of a {name:Type} parameter as a value of its type.
 *
 * The types are ClickHouse's. A kind of type is a row; what has none is refused by name.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/near.h"
#include "sql/function/vector.h"
#include "sql/plan/parameters.h"

enum { TYPE_BYTES_MAX = 60 };

struct target {
    const struct sql_parameter *parameter;
    const char *type; /* without Nullable */
    sqlite3_stmt *stmt;
    int i;
    const char *text;
};

struct type_row {
    const char *name;
    enum status (*bind)(const struct target *t, const struct type_row *row, struct err *e);
    int64_t min, max; /* whole numbers */
};

static enum status wrong(const struct target *t, struct err *e)
{
    return err_set(e, ST_INVALID, "parameter %s takes a value of type %s, not '%.60s'",
        t->parameter->name, t->parameter->type, t->text);
}

static enum status bound(const struct target *t, int rc, struct err *e)
{
    if (rc == SQLITE_OK) return ST_OK;
    if (rc == SQLITE_NOMEM) return mem_err(e, 0);
    return err_set(e, ST_LIMIT, "the value of parameter %s is too large", t->parameter->name);
}

/* Up to the end, blanks aside. */
static bool at_end(const char *s)
{
    return s[strspn(s, " \t\r\n")] == '\0';
}

static enum status bind_text(const struct target *t, const struct type_row *row, struct err *e)
{
    (void)row;
    return bound(t,
        sqlite3_bind_text64(t->stmt, t->i, t->text, strlen(t->text), SQLITE_TRANSIENT, SQLITE_UTF8),
        e);
}

static enum status bind_real(const struct target *t, const struct type_row *row, struct err *e)
{
    (void)row;
    char *end;
    double v = strtod(t->text, &end);
    if (end == t->text || !at_end(end)) return wrong(t, e);
    return bound(t, sqlite3_bind_double(t->stmt, t->i, v), e);
}

static enum status bind_whole(const struct target *t, const struct type_row *row, struct err *e)
{
    char *end;
    errno = 0;
    long long v = strtoll(t->text, &end, 10);
    if (end == t->text || !at_end(end)) return wrong(t, e);
    if (errno == ERANGE || v < row->min || v > row->max)
        return err_set(e, ST_INVALID,
            "parameter %s of type %s lies between %lld and %lld, not %.60s", t->parameter->name,
            t->parameter->type, (long long)row->min, (long long)row->max, t->text);
    return bound(t, sqlite3_bind_int64(t->stmt, t->i, v), e);
}

static enum status bind_bool(const struct target *t, const struct type_row *row, struct err *e)
{
    (void)row;
    bool yes = strcasecmp(t->text, "true") == 0 || strcmp(t->text, "1") == 0;
    bool no = strcasecmp(t->text, "false") == 0 || strcmp(t->text, "0") == 0;
    if (!yes && !no) return wrong(t, e);
    return bound(t, sqlite3_bind_int(t->stmt, t->i, yes), e);
}

/* 2024-01-31, and with a time behind it. */
static enum status bind_date(const struct target *t, const struct type_row *row, struct err *e)
{
    int year, month, day, hour, minute, second, n = 0;
    bool date = sscanf(t->text, "%4d-%2d-%2d%n", &year, &month, &day, &n) == 3 && n == 10;
    bool time = row->max == 1;
    if (!date || month < 1 || month > 12 || day < 1 || day > 31) return wrong(t, e);
    if (!time || t->text[n] == '\0') return t->text[n] == '\0' ? bind_text(t, row, e) : wrong(t, e);
    int m = 0;
    bool clock = sscanf(t->text + n, "%*1[ T]%2d:%2d:%2d%n", &hour, &minute, &second, &m) == 3;
    if (!clock || hour > 23 || minute > 59 || second > 60) return wrong(t, e);
    const char *rest = t->text + n + m;
    if (*rest == '.') rest += 1 + strspn(rest + 1, "0123456789");
    return *rest == '\0' || strcmp(rest, "Z") == 0 ? bind_text(t, row, e) : wrong(t, e);
}

/* Of numbers: a vector. Of anything else: text, as JSON is. */
static enum status bind_array(const struct target *t, const struct type_row *row, struct err *e)
{
    static const char *const NUMBERS[] = {"float", "bfloat", "int", "uint", "decimal"};
    const char *inner = strchr(t->type, '(');
    bool numbers = false;
    for (size_t i = 0; inner != NULL && i < sizeof NUMBERS / sizeof NUMBERS[0]; i++)
        numbers = numbers || strncasecmp(inner + 1, NUMBERS[i], strlen(NUMBERS[i])) == 0;
    if (!numbers) return t->text[0] == '[' ? bind_text(t, row, e) : wrong(t, e);
    float *v = mem_alloc(LIMIT_VECTOR_DIM * sizeof *v);
    if (v == NULL) return mem_err(e, 0);
    int dim;
    struct err why = ERR_INIT;
    enum status st = vector_parse(t->text, strlen(t->text), v, &dim, &why);
    if (st != ST_OK)
        st = err_set(
            e, st, "parameter %s of type %s: %s", t->parameter->name, t->parameter->type, why.text);
    else
        st = bound(t,
            sqlite3_bind_blob64(
                t->stmt, t->i, v, (sqlite3_uint64)dim * sizeof *v, SQLITE_TRANSIENT),
            e);
    mem_free(v);
    return st;
}

// clang-format off
static const struct type_row TYPES[] = {
    {"String", bind_text, 0, 0}, {"FixedString", bind_text, 0, 0}, {"UUID", bind_text, 0, 0},
    {"Float32", bind_real, 0, 0}, {"Float64", bind_real, 0, 0}, {"Decimal", bind_real, 0, 0},
    {"Int8", bind_whole, INT8_MIN, INT8_MAX}, {"Int16", bind_whole, INT16_MIN, INT16_MAX},
    {"Int32", bind_whole, INT32_MIN, INT32_MAX}, {"Int64", bind_whole, INT64_MIN, INT64_MAX},
    {"UInt8", bind_whole, 0, UINT8_MAX}, {"UInt16", bind_whole, 0, UINT16_MAX},
    {"UInt32", bind_whole, 0, UINT32_MAX}, {"UInt64", bind_whole, 0, INT64_MAX},
    {"Bool", bind_bool, 0, 0}, {"Date", bind_date, 0, 0}, {"Date32", bind_date, 0, 0},
    {"DateTime", bind_date, 0, 1}, {"DateTime64", bind_date, 0, 1}, {"Array", bind_array, 0, 0},
};
// clang-format on

static enum status unknown(const struct sql_parameter *p, const char *name, struct err *e)
{
    const char *near = NULL;
    for (size_t i = 0; i < sizeof TYPES / sizeof TYPES[0]; i++)
        near_consider(name, TYPES[i].name, &near);
    return err_set(e, ST_UNSUPPORTED, "parameter %s has an unknown type %s%s%s", p->name, p->type,
        near != NULL ? "; did you mean " : "", near != NULL ? near : "");
}

enum status sql_parameter_bind(
    const struct sql_parameter *p, sqlite3_stmt *stmt, int i, const char *text, struct err *e)
{
    static const char *const WRAPPERS[] = {"Nullable(", "LowCardinality("};
    char name[TYPE_BYTES_MAX] = "";
    const char *type = p->type;
    bool nullable = false;
    for (size_t k = 0; k < sizeof WRAPPERS / sizeof WRAPPERS[0];) {
        size_t bytes = strlen(WRAPPERS[k]);
        bool wrapped = strncasecmp(type, WRAPPERS[k], bytes) == 0;
        nullable = nullable || (wrapped && k == 0);
        type += wrapped ? bytes : 0;
        k = wrapped ? 0 : k + 1;
    }
    struct target t = {p, type, stmt, i, text};
    size_t bytes = strcspn(type, "( )");
    if (bytes < sizeof name) memcpy(name, type, bytes);
    if (nullable && (strcasecmp(text, "NULL") == 0 || strcmp(text, "\\N") == 0))
        return bound(&t, sqlite3_bind_null(stmt, i), e);
    for (size_t k = 0; k < sizeof TYPES / sizeof TYPES[0]; k++)
        if (strcasecmp(name, TYPES[k].name) == 0) return TYPES[k].bind(&t, &TYPES[k], e);
    return unknown(p, name, e);
}
