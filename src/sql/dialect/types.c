/* types.c - the table of types.
 *
 * ClickHouse's names are told by their case (Int64, String), PostgreSQL's in any case. Only names
 * that SQLite would take for something else, or for nothing, make a statement ours (foreign); the
 * rest are here so that a statement that is ours anyway knows them. Array(T) of floats is a vector,
 * of anything else JSON as text; so are PostgreSQL's real[] and text[]. Integers beyond 64 bits are
 * kept as text, digit by digit.
 *
 * In the quoted text a " is written "" "" (four), and the letters int are torn apart by "" where
 * the affinity is not INTEGER, since SQLite would find them.
 */
#include "sql/dialect/types.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "base/near.h"
#include "sql/function/sparse.h"
#include "store/store.h"

enum type_kind {
    PLAIN,
    WRAPS,  /* Nullable(T), LowCardinality(T) */
    ARRAY,  /* Array(T) */
    VECTOR, /* vector(n) */
    SPARSE, /* sparsevec(n) */
    SERIAL,
    FLOATS, /* as the T of an array: a vector */
    REFUSED
};

struct type_row {
    const char *name;
    const char *affinity;
    const char *fallback;
    enum type_kind kind;
    bool exact; /* ClickHouse's: case counts */
    bool foreign;
    const char *instead; /* REFUSED: what to do */
};

// clang-format off
#define CH(name, affinity, fallback)   {name, affinity, fallback, PLAIN, true, true, NULL}
#define ANY(name, affinity)            {name, affinity, NULL, PLAIN, false, false, NULL}
#define PG(name, affinity)             {name, affinity, NULL, PLAIN, false, true, NULL}
static const struct type_row TYPES[] = {
    CH("Int8", "INTEGER", "0"), CH("Int16", "INTEGER", "0"), CH("Int32", "INTEGER", "0"),
    CH("Int64", "INTEGER", "0"), CH("UInt8", "INTEGER", "0"), CH("UInt16", "INTEGER", "0"),
    CH("UInt32", "INTEGER", "0"), CH("UInt64", "INTEGER", "0"),
    CH("Int128", "TEXT", "'0'"), CH("Int256", "TEXT", "'0'"), CH("UInt128", "TEXT", "'0'"),
    CH("UInt256", "TEXT", "'0'"),
    {"Float32", "REAL", "0.0", FLOATS, true, true, NULL},
    {"Float64", "REAL", "0.0", FLOATS, true, true, NULL},
    {"BFloat16", "REAL", "0.0", FLOATS, true, true, NULL},
    CH("String", "TEXT", "''"), CH("FixedString", "TEXT", "''"),
    CH("Enum8", "TEXT", NULL), CH("Enum16", "TEXT", NULL), CH("Enum", "TEXT", NULL),
    CH("Date32", "TEXT", "'1900-01-01'"), CH("DateTime64", "TEXT", "'1970-01-01 00:00:00'"),
    {"Date", "TEXT", "'1970-01-01'", PLAIN, true, false, NULL},
    {"DateTime", "TEXT", "'1970-01-01 00:00:00'", PLAIN, true, false, NULL},
    {"Bool", "INTEGER", "0", PLAIN, true, false, NULL},
    {"UUID", "TEXT", "'00000000-0000-0000-0000-000000000000'", PLAIN, true, false, NULL},
    {"IPv4", "TEXT", "'0.0.0.0'", PLAIN, true, true, NULL},
    {"IPv6", "TEXT", "'::'", PLAIN, true, true, NULL},
    {"Decimal", "NUMERIC", "0", PLAIN, true, false, NULL},
    CH("Decimal32", "NUMERIC", "0"), CH("Decimal64", "NUMERIC", "0"),
    CH("Decimal128", "NUMERIC", "0"), CH("Decimal256", "NUMERIC", "0"),
    {"Nullable", NULL, NULL, WRAPS, true, true, NULL},
    {"LowCardinality", NULL, NULL, WRAPS, true, true, NULL},
    {"Array", "TEXT", "'[]'", ARRAY, true, true, NULL},
    {"Map", NULL, NULL, REFUSED, true, true, "use String with JSON in it"},
    {"Tuple", NULL, NULL, REFUSED, true, true, "use a column for each of its parts"},
    {"Nested", NULL, NULL, REFUSED, true, true, "use String with JSON in it"},
    {"Variant", NULL, NULL, REFUSED, true, true, "use String"},
    {"Dynamic", NULL, NULL, REFUSED, true, true, "use String"},
    {"QBit", NULL, NULL, REFUSED, true, true, "use Array(Float32)"},
    {"AggregateFunction", NULL, NULL, REFUSED, true, true, "keep the values themselves"},
    {"SimpleAggregateFunction", NULL, NULL, REFUSED, true, true, "keep the values themselves"},

    {"serial", "INTEGER", NULL, SERIAL, false, true, NULL},
    {"bigserial", "INTEGER", NULL, SERIAL, false, true, NULL},
    {"smallserial", "INTEGER", NULL, SERIAL, false, true, NULL},
    {"serial2", "INTEGER", NULL, SERIAL, false, true, NULL},
    {"serial4", "INTEGER", NULL, SERIAL, false, true, NULL},
    {"serial8", "INTEGER", NULL, SERIAL, false, true, NULL},
    {"vector", "BLOB", NULL, VECTOR, false, true, NULL},
    {"halfvec", "BLOB", NULL, VECTOR, false, true, NULL},
    {"sparsevec", "TEXT", NULL, SPARSE, false, true, NULL},
    {"bit", NULL, NULL, REFUSED, false, false, "use bytea, or vector(n) with <+>"},
    {"tsvector", NULL, NULL, REFUSED, false, true, "use an FTS5 table of SQLite's"},
    PG("timestamptz", "TEXT"), PG("timetz", "TEXT"), PG("jsonb", "TEXT"), PG("bytea", "BLOB"),
    PG("bpchar", "TEXT"), PG("citext", "TEXT"), PG("interval", "TEXT"),
    ANY("smallint", "INTEGER"), ANY("integer", "INTEGER"), ANY("int", "INTEGER"),
    ANY("bigint", "INTEGER"), ANY("int2", "INTEGER"), ANY("int4", "INTEGER"),
    ANY("int8", "INTEGER"), ANY("tinyint", "INTEGER"), ANY("mediumint", "INTEGER"),
    ANY("boolean", "INTEGER"), ANY("bool", "INTEGER"),
    {"real", "REAL", NULL, FLOATS, false, false, NULL},
    {"float4", "REAL", NULL, FLOATS, false, false, NULL},
    {"float8", "REAL", NULL, FLOATS, false, false, NULL},
    {"float", "REAL", NULL, FLOATS, false, false, NULL},
    {"double", "REAL", NULL, FLOATS, false, false, NULL},
    ANY("numeric", "NUMERIC"), ANY("decimal", "NUMERIC"), ANY("money", "NUMERIC"),
    ANY("text", "TEXT"), ANY("varchar", "TEXT"), ANY("character", "TEXT"), ANY("char", "TEXT"),
    ANY("nvarchar", "TEXT"), ANY("clob", "TEXT"), ANY("name", "TEXT"), ANY("string", "TEXT"),
    ANY("timestamp", "TEXT"), ANY("date", "TEXT"), ANY("time", "TEXT"), ANY("datetime", "TEXT"),
    ANY("uuid", "TEXT"), ANY("json", "TEXT"), ANY("inet", "TEXT"), ANY("cidr", "TEXT"),
    ANY("macaddr", "TEXT"), ANY("xml", "TEXT"), ANY("blob", "BLOB"),
};
// clang-format on

enum { TYPE_COUNT = sizeof TYPES / sizeof TYPES[0] };

/* ClickHouse's spelling first: Date is its Date, DATE is not. */
static const struct type_row *find(const struct sql_scan *scan, int at)
{
    if (at >= scan->count) return NULL;
    struct sql_token t = scan->tokens[at];
    size_t length = (size_t)(t.end - t.start);
    for (int i = 0; i < TYPE_COUNT; i++)
        if (TYPES[i].exact && strlen(TYPES[i].name) == length &&
            memcmp(scan->text + t.start, TYPES[i].name, length) == 0)
            return &TYPES[i];
    for (int i = 0; i < TYPE_COUNT; i++)
        if (!TYPES[i].exact && lex_is(scan->text, t, TYPES[i].name)) return &TYPES[i];
    return NULL;
}

/* real[], real [] or, where brackets are tokens, [ and ]; how many tokens, 0: none. */
static int brackets(const struct sql_scan *scan, int at)
{
    if (at >= scan->count) return 0;
    if (lex_is(scan->text, scan->tokens[at], "[]")) return 1;
    bool two = scan->tokens[at].kind == TK_LB && at + 1 < scan->count &&
        scan->tokens[at + 1].kind == TK_RB;
    return two ? 2 : 0;
}

bool dialect_type_is_foreign(const struct sql_scan *scan, int at)
{
    const struct type_row *row = find(scan, at);
    if (row == NULL) return false;
    bool precision = ddl_spells(scan, at + 1, "precision");
    return row->foreign || brackets(scan, at + 1 + precision) > 0 ||
        ddl_spells(scan, at + 2, "TIME");
}

static enum status unknown(struct ddl *d, struct err *e)
{
    char name[64];
    const char *guess = NULL;
    int at = d->at;
    enum status st = ddl_name(d, name, sizeof name, e);
    if (st != ST_OK) return st;
    for (int i = 0; i < TYPE_COUNT; i++) near_consider(name, TYPES[i].name, &guess);
    return ddl_fail(d, at,
        err_set(e, ST_NOT_FOUND, "there is no type %s%s%s", name,
            guess != NULL ? "; did you mean " : "", guess != NULL ? guess : ""),
        e);
}

/* --- reading ---------------------------------------------------------------------------------- */

/* (…) with anything inside, when it is there. */
static enum status skip_arguments(struct ddl *d, struct err *e)
{
    int depth = 0;
    if (d->at >= d->scan->count || d->scan->tokens[d->at].kind != TK_LP) return ST_OK;
    do {
        if (d->at >= d->scan->count) return ddl_near(d, e);
        depth += (d->scan->tokens[d->at].kind == TK_LP) - (d->scan->tokens[d->at].kind == TK_RP);
        d->at++;
    } while (depth > 0);
    return ST_OK;
}

static enum status read_dim(struct ddl *d, struct dialect_type *out, struct err *e)
{
    int64_t dim, most = out->sparse ? SPARSE_DIM_MAX : LIMIT_VECTOR_DIM;
    if (!ddl_kind(d, TK_LP)) return ST_OK;
    enum status st = ddl_integer(d, &dim, e);
    if (st == ST_OK && (dim < 1 || dim > most))
        return ddl_fail(d, d->at - 1,
            err_set(e, ST_INVALID, "a %s has 1 to %lld dimensions, not %lld",
                out->sparse ? "sparsevec" : "vector", (long long)most, (long long)dim),
            e);
    out->dim = (int)dim;
    return st == ST_OK ? ddl_expect(d, TK_RP, e) : st;
}

static enum status read_wrapped(
    struct ddl *d, const struct type_row *row, struct dialect_type *out, struct err *e)
{
    enum { TYPE_DEPTH_MAX = 8 };
    struct dialect_type inner = {.affinity = NULL};
    int first = d->at - 1;
    enum status st = ddl_expect(d, TK_LP, e);
    const struct type_row *inside = st == ST_OK ? find(d->scan, d->at) : NULL;
    int depth = 0;
    for (int i = first; i >= 0 && i >= first - 2 * TYPE_DEPTH_MAX; i -= 2)
        depth += d->scan->tokens[i + 1].kind == TK_LP;
    if (depth > TYPE_DEPTH_MAX)
        return ddl_fail(
            d, first, err_set(e, ST_LIMIT, "a type of more than %d brackets", TYPE_DEPTH_MAX), e);
    if (st == ST_OK) st = dialect_type_read(d, &inner, e);
    if (st == ST_OK) st = ddl_expect(d, TK_RP, e);
    if (st != ST_OK) return st;
    if (row->kind == WRAPS) {
        bool nullable = strcmp(row->name, "Nullable") == 0 || inner.nullable;
        *out = inner;
        out->nullable = nullable;
    } else if (inside != NULL && inside->kind == FLOATS && !inner.vector) {
        *out = (struct dialect_type){.affinity = "BLOB", .vector = true};
    }
    return ST_OK;
}

/* What may stand behind a name: (n), precision, varying, with time zone. */
static enum status read_rest(struct ddl *d, const struct type_row *row, struct err *e)
{
    if (strcmp(row->name, "double") == 0) ddl_word(d, "precision");
    if (strcmp(row->name, "character") == 0) ddl_word(d, "varying");
    enum status st = skip_arguments(d, e);
    bool time = strcmp(row->name, "timestamp") == 0 || strcmp(row->name, "time") == 0;
    if (st == ST_OK && time && (ddl_word(d, "WITH") || ddl_word(d, "WITHOUT"))) {
        st = ddl_expect_word(d, "TIME", e);
        if (st == ST_OK) st = ddl_expect_word(d, "ZONE", e);
    }
    return st;
}

enum status dialect_type_read(struct ddl *d, struct dialect_type *out, struct err *e)
{
    const struct type_row *row = find(d->scan, d->at);
    int first = d->at;
    if (row == NULL && d->at < d->scan->count && d->scan->tokens[d->at].kind == TK_ID)
        return unknown(d, e);
    if (row == NULL) return ddl_near(d, e);
    if (row->kind == REFUSED)
        return ddl_fail(d, d->at,
            err_set(e, ST_UNSUPPORTED, "the type %s is not supported: %s", row->name, row->instead),
            e);
    d->at++;
    *out = (struct dialect_type){.affinity = row->affinity,
        .fallback = row->fallback,
        .vector = row->kind == VECTOR,
        .sparse = row->kind == SPARSE,
        .serial = row->kind == SERIAL};
    bool counted = row->kind == VECTOR || row->kind == SPARSE;
    enum status st = counted                       ? read_dim(d, out, e)
        : row->kind == WRAPS || row->kind == ARRAY ? read_wrapped(d, row, out, e)
                                                   : read_rest(d, row, e);
    int array = st == ST_OK ? brackets(d->scan, d->at) : 0;
    if (array > 0) {
        bool floats = row->kind == FLOATS && brackets(d->scan, d->at + array) == 0;
        *out = (struct dialect_type){.affinity = floats ? "BLOB" : "TEXT", .vector = floats};
        for (; array > 0; array = brackets(d->scan, d->at)) d->at += array;
    }
    out->first = first;
    out->last = d->at - 1;
    return st;
}

/* --- SQLite's text of a type ------------------------------------------------------------------ */

void dialect_type_write(const struct sql_scan *scan, const struct dialect_type *t, struct buf *out)
{
    const char *text = scan->text + scan->tokens[t->first].start;
    const char *end = scan->text + scan->tokens[t->last].end;
    bool tear = strcmp(t->affinity, "INTEGER") != 0;
    buf_add_str(out, t->affinity);
    if ((size_t)(end - text) == strlen(t->affinity) &&
        strncasecmp(text, t->affinity, (size_t)(end - text)) == 0)
        return;
    buf_add_str(out, " \"");
    for (; text < end; text++) {
        bool torn = tear && end - text >= 3 && strncasecmp(text, "int", 3) == 0;
        if (*text == '"')
            buf_add_str(out, "\"\"\"\"");
        else
            buf_add_char(out, *text == '\n' || *text == '\t' || *text == '\r' ? ' ' : *text);
        if (torn) buf_add_str(out, "\"\"");
    }
    buf_add_char(out, '"');
}

void dialect_vector_check(struct buf *sql, const char *name, int dim)
{
    if (dim > 0)
        store_sql(sql,
            " CONSTRAINT \"%w takes vectors of %d numbers, a BLOB of %d bytes\" CHECK"
            "(\"%w\" IS NULL OR typeof(\"%w\")='blob' AND length(\"%w\")=%d)",
            name, dim, dim * 4, name, name, name, dim * 4);
    else
        store_sql(sql,
            " CONSTRAINT \"%w takes vectors, BLOBs of 4-byte floats\" CHECK"
            "(\"%w\" IS NULL OR typeof(\"%w\")='blob' AND length(\"%w\")%%4=0)",
            name, name, name, name);
}

void dialect_sparse_check(struct buf *sql, const char *name, int dim)
{
    char dimensions[16] = "[1-9]*";
    if (dim > 0) snprintf(dimensions, sizeof dimensions, "%d", dim);
    store_sql(sql,
        " CONSTRAINT \"%w takes sparse vectors, a text {1:0.5,3:2}/%d\" CHECK(\"%w\" IS NULL OR"
        " typeof(\"%w\")='text' AND \"%w\" GLOB '{*}/%s' AND"
        " \"%w\" NOT GLOB '*[^0-9:,{}/.eE+ -]*')",
        name, dim > 0 ? dim : 5, name, name, name, dimensions, name);
}

/* Between the quotes; NULL when there are none. */
static const char *quoted_part(const char *declared, size_t *bytes)
{
    const char *open = strchr(declared, '"'), *close = strrchr(declared, '"');
    if (open == NULL || close == open || close[1] != '\0') return NULL;
    *bytes = (size_t)(close - open) - 1;
    return open + 1;
}

void dialect_type_text(const char *declared, struct buf *out)
{
    size_t bytes = 0;
    const char *text = declared != NULL ? quoted_part(declared, &bytes) : NULL;
    if (text == NULL && declared != NULL) buf_add_str(out, declared);
    for (size_t i = 0; text != NULL && i < bytes; i++) {
        bool four = bytes - i >= 4 && memcmp(text + i, "\"\"\"\"", 4) == 0;
        if (text[i] != '"' || four) buf_add_char(out, text[i]);
        if (text[i] == '"') i += four ? 3 : 1;
    }
}

bool dialect_type_is_vector(const char *declared, int *dim)
{
    static const char *const VECTORS[] = {"vector(", "halfvec(", "VECTOR_BLOB("};
    static const char *const ARRAYS[] = {
        "Array(Float", "Array(BFloat", "vector\"", "halfvec\"", "VECTOR_BLOB"};
    *dim = 0;
    if (declared == NULL) return false;
    const char *text = strchr(declared, '"');
    text = text != NULL ? text + 1 : declared;
    for (size_t i = 0; i < sizeof VECTORS / sizeof VECTORS[0]; i++) {
        size_t length = strlen(VECTORS[i]);
        if (strncasecmp(text, VECTORS[i], length) != 0) continue;
        long n = strtol(text + length, NULL, 10);
        *dim = n >= 1 && n <= LIMIT_VECTOR_DIM ? (int)n : 0;
        return true;
    }
    for (size_t i = 0; i < sizeof ARRAYS / sizeof ARRAYS[0]; i++)
        if (strncasecmp(text, ARRAYS[i], strlen(ARRAYS[i])) == 0) return true;
    return strncmp(declared, "BLOB \"", 6) == 0 && strstr(text, "[]") != NULL;
}

bool dialect_type_is_half(const char *declared)
{
    const char *text = declared != NULL ? strchr(declared, '"') : NULL;
    return text != NULL && strncasecmp(text + 1, "halfvec", 7) == 0;
}
