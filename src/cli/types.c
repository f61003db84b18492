/* types.c - names of types. SQLite's reading of a declaration: sqlite.org/datatype3.html, 3.1. */
#include "cli/types.h"

#include <string.h>
#include <strings.h>

enum {
    INTEGERS = 1 << CELL_INTEGER,
    NUMBERS = INTEGERS | 1 << CELL_FLOAT,
    TEXTS = 1 << CELL_TEXT,
    BYTES = TEXTS | 1 << CELL_BLOB,
    VECTORS = 1 << CELL_VECTOR,
    NULLS = 1 << CELL_NULL
};

/* Types of ClickHouse's, and what kinds of values stand for them here. never_null: Nullable can't
 * be put around it. */
static const struct click_type {
    const char *name;
    unsigned kinds;
    bool never_null;
} click_types[] = {
    {"Array", VECTORS | TEXTS, true},
    {"BFloat16", NUMBERS, false},
    {"Bool", INTEGERS, false},
    {"Date", INTEGERS | TEXTS, false},
    {"Date32", INTEGERS | TEXTS, false},
    {"DateTime", INTEGERS | TEXTS, false},
    {"DateTime64", NUMBERS | TEXTS, false},
    {"Decimal", NUMBERS | TEXTS, false},
    {"Enum8", INTEGERS | TEXTS, false},
    {"Enum16", INTEGERS | TEXTS, false},
    {"FixedString", BYTES, false},
    {"Float32", NUMBERS, false},
    {"Float64", NUMBERS, false},
    {"IPv4", TEXTS, false},
    {"IPv6", TEXTS, false},
    {"Int8", INTEGERS, false},
    {"Int16", INTEGERS, false},
    {"Int32", INTEGERS, false},
    {"Int64", INTEGERS, false},
    {"LowCardinality", NUMBERS | BYTES, true},
    {"Map", TEXTS, true},
    {"Nullable", NUMBERS | BYTES, true},
    {"String", BYTES, false},
    {"Tuple", TEXTS, true},
    {"UInt8", INTEGERS, false},
    {"UInt16", INTEGERS, false},
    {"UInt32", INTEGERS, false},
    {"UInt64", INTEGERS, false},
    {"UUID", TEXTS, false},
};

/* The name in front of a bracket, exactly: TEXT and DATE are not ClickHouse's words. */
static const struct click_type *find_click(const char *declared)
{
    size_t bytes = strcspn(declared, "( ");
    for (size_t i = 0; i < sizeof click_types / sizeof click_types[0]; i++) {
        const char *name = click_types[i].name;
        if (strlen(name) == bytes && memcmp(name, declared, bytes) == 0) return &click_types[i];
    }
    return NULL;
}

/* What SQLite's rules make of a declaration; NULL: nothing is said. */
static const char *map_declared(const char *declared, unsigned *kinds)
{
    static const struct {
        const char *piece, *name;
        unsigned kinds;
    } rules[] = {
        {"vec", "Array(Float32)", VECTORS},
        {"INT", "Int64", INTEGERS},
        {"CHAR", "String", BYTES},
        {"CLOB", "String", BYTES},
        {"TEXT", "String", BYTES},
        {"BLOB", "String", BYTES},
        {"REAL", "Float64", NUMBERS},
        {"FLOA", "Float64", NUMBERS},
        {"DOUB", "Float64", NUMBERS},
    };
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        if (strcasestr(declared, rules[i].piece) == NULL) continue;
        *kinds = rules[i].kinds;
        return rules[i].name;
    }
    return NULL;
}

static const char *name_values(unsigned seen)
{
    if (seen == 0) return "Nothing";
    if ((seen & ~(unsigned)INTEGERS) == 0) return "Int64";
    if ((seen & ~(unsigned)NUMBERS) == 0) return "Float64";
    return seen == VECTORS ? "Array(Float32)" : "String";
}

void type_add(struct buf *out, const struct column_type *t)
{
    const char *declared = t->declared != NULL ? t->declared : "";
    unsigned kinds = 0, seen = t->seen & ~(unsigned)NULLS;
    const struct click_type *click = find_click(declared);
    bool null = (t->seen & NULLS) != 0;
    if (click != NULL && (seen & ~click->kinds) == 0) {
        bool wrap = null && !click->never_null;
        buf_printf(out, wrap ? "Nullable(%s)" : "%s", declared);
        return;
    }
    const char *name = map_declared(declared, &kinds);
    if (name == NULL || (seen & ~kinds) != 0) name = name_values(seen);
    null = null || t->unseen || strcmp(name, "Nothing") == 0;
    bool array = strncmp(name, "Array", 5) == 0;
    buf_printf(out, null && !array ? "Nullable(%s)" : "%s", name);
}

/* The type's name behind Nullable( and LowCardinality(. */
static bool is_declared(const char *declared, const char *name)
{
    static const char *const around[] = {"Nullable(", "LowCardinality("};
    if (declared == NULL) return false;
    for (size_t i = 0; i < sizeof around / sizeof around[0]; i++) {
        size_t bytes = strlen(around[i]);
        if (strncmp(declared, around[i], bytes) == 0) return is_declared(declared + bytes, name);
    }
    size_t bytes = strlen(name);
    return strncmp(declared, name, bytes) == 0 && strchr(" )", declared[bytes]) != NULL;
}

bool type_is_single(const char *declared)
{
    return is_declared(declared, "Float32");
}

bool type_is_truth(const char *declared)
{
    return is_declared(declared, "Bool");
}
