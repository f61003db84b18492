/* casts.c - x::type and CAST(x AS vector): PostgreSQL's and ClickHouse's types as functions of
 * ours.
 *
 * A cast to a type checks what it casts, as PostgreSQL does: 'abc'::int is an error. real[] is a
 * vector without a length. Unknown types are an error with the type's place.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sql/dialect/forms.h"
#include "sql/dialect/vectors.h"
#include "sql/plan/plan.h"

enum length { LENGTH_NONE, LENGTH_FIRST, LENGTH_SECOND };

/* A function with the type's length as its second argument, when one is given and taken. */
static const struct cast {
    const char *type;
    const char *function;
    enum length length;
} CASTS[] = {
    {"vector", "vector", LENGTH_FIRST},
    {"halfvec", "halfvec", LENGTH_FIRST},
    {"sparsevec", "sparsevec", LENGTH_FIRST},
    {"real[]", "vector", LENGTH_NONE},
    {"float4[]", "vector", LENGTH_NONE},
    {"float8[]", "vector", LENGTH_NONE},
    {"float[]", "vector", LENGTH_NONE},
    {"double precision[]", "vector", LENGTH_NONE},
    {"numeric[]", "vector", LENGTH_NONE},
    {"array(float32)", "vector", LENGTH_NONE},
    {"array(float64)", "vector", LENGTH_NONE},
    {"array(bfloat16)", "vector", LENGTH_NONE},
    {"int[]", "fovea_list", LENGTH_NONE},
    {"integer[]", "fovea_list", LENGTH_NONE},
    {"bigint[]", "fovea_list", LENGTH_NONE},
    {"int4[]", "fovea_list", LENGTH_NONE},
    {"int8[]", "fovea_list", LENGTH_NONE},
    {"text[]", "fovea_list", LENGTH_NONE},
    {"varchar[]", "fovea_list", LENGTH_NONE},
    {"bit", "fovea_bit", LENGTH_FIRST},
    {"bit varying", "fovea_bit", LENGTH_FIRST},
    {"smallint", "fovea_int2", LENGTH_NONE},
    {"int2", "fovea_int2", LENGTH_NONE},
    {"int", "fovea_int4", LENGTH_NONE},
    {"int4", "fovea_int4", LENGTH_NONE},
    {"integer", "fovea_int4", LENGTH_NONE},
    {"bigint", "fovea_int8", LENGTH_NONE},
    {"int8", "fovea_int8", LENGTH_NONE},
    {"oid", "fovea_int8", LENGTH_NONE},
    {"real", "fovea_float8", LENGTH_NONE},
    {"float", "fovea_float8", LENGTH_NONE},
    {"float4", "fovea_float8", LENGTH_NONE},
    {"float8", "fovea_float8", LENGTH_NONE},
    {"double", "fovea_float8", LENGTH_NONE},
    {"double precision", "fovea_float8", LENGTH_NONE},
    {"numeric", "fovea_numeric", LENGTH_SECOND},
    {"decimal", "fovea_numeric", LENGTH_SECOND},
    {"text", "fovea_text", LENGTH_NONE},
    {"name", "fovea_text", LENGTH_NONE},
    {"regclass", "fovea_text", LENGTH_NONE},
    {"uuid", "fovea_text", LENGTH_NONE},
    {"varchar", "fovea_text", LENGTH_FIRST},
    {"character varying", "fovea_text", LENGTH_FIRST},
    {"char", "fovea_text", LENGTH_FIRST},
    {"character", "fovea_text", LENGTH_FIRST},
    {"bpchar", "fovea_text", LENGTH_FIRST},
    {"boolean", "fovea_boolean", LENGTH_NONE},
    {"bool", "fovea_boolean", LENGTH_NONE},
    {"date", "fovea_date", LENGTH_NONE},
    {"timestamp", "fovea_timestamp", LENGTH_NONE},
    {"timestamptz", "fovea_timestamp", LENGTH_NONE},
    {"timestamp with time zone", "fovea_timestamp", LENGTH_NONE},
    {"timestamp without time zone", "fovea_timestamp", LENGTH_NONE},
    {"interval", "fovea_interval", LENGTH_NONE},
    {"json", "fovea_json", LENGTH_NONE},
    {"jsonb", "fovea_json", LENGTH_NONE},
    {"bytea", "fovea_bytea", LENGTH_NONE},
    {"int16", "toInt16", LENGTH_NONE},
    {"int32", "toInt32", LENGTH_NONE},
    {"int64", "toInt64", LENGTH_NONE},
    {"uint8", "toUInt8", LENGTH_NONE},
    {"uint16", "toUInt16", LENGTH_NONE},
    {"uint32", "toUInt32", LENGTH_NONE},
    {"uint64", "toUInt64", LENGTH_NONE},
    {"float32", "toFloat32", LENGTH_NONE},
    {"float64", "toFloat64", LENGTH_NONE},
    {"string", "toString", LENGTH_NONE},
    {"datetime", "toDateTime", LENGTH_NONE},
};

/* A type's name without its length, in lower case, one blank between words; and the length. */
struct type {
    char name[80];
    long lengths[2];
    int count;
};

static void add_word(struct type *t, const char *s, int length)
{
    size_t used = strlen(t->name);
    bool glued = used == 0 || strchr("([)", *s) != NULL || t->name[used - 1] == '(';
    if (used + (size_t)length + 2 > sizeof t->name) return;
    if (!glued) t->name[used++] = ' ';
    for (int i = 0; i < length; i++)
        if (s[i] != '"' && s[i] != ' ') t->name[used++] = (char)tolower((unsigned char)s[i]);
    t->name[used] = '\0';
}

static void read_type(const struct sql_plan *p, int first, int last, struct type *out)
{
    *out = (struct type){.count = 0};
    bool array = lex_is(p->scan.text, p->scan.tokens[first], "array");
    for (int i = first; i <= last; i++) {
        struct sql_token t = p->scan.tokens[i];
        const char *s = p->scan.text + t.start;
        if (*s >= '0' && *s <= '9' && out->count < 2)
            out->lengths[out->count++] = strtol(s, NULL, 10);
        else if (*s == '.')
            out->name[0] = '\0'; /* what was before is a schema */
        else if (*s == '[')
            add_word(out, "[]", 2);
        else if (array || strchr("(),", *s) == NULL)
            add_word(out, s, t.end - t.start);
    }
}

static enum status no_type(struct emit *m, int first, int last)
{
    struct sql_token a = m->plan->scan.tokens[first], b = m->plan->scan.tokens[last];
    int length = b.end - a.start > 60 ? 60 : b.end - a.start;
    enum status st = err_set(
        m->e, ST_NOT_FOUND, "type \"%.*s\" does not exist", length, m->plan->scan.text + a.start);
    if (m->e != NULL) err_place(m->e, m->plan->scan.text, a.start);
    return st;
}

enum status form_emit_cast(struct emit *m, const struct sql_node *n, int type_first, int type_last)
{
    struct type type;
    const struct cast *c = NULL;
    int source = m->plan->scan.tokens[type_first].start;
    int value = n->form == FORM_CAST_CALL ? n->first + 2 : n->first;
    read_type(m->plan, type_first, type_last, &type);
    for (size_t i = 0; i < sizeof CASTS / sizeof CASTS[0]; i++)
        if (strcmp(CASTS[i].type, type.name) == 0) c = &CASTS[i];
    if (c == NULL) return no_type(m, type_first, type_last);
    const char *function = c->function;
    bool text = strcmp(function, "fovea_text") == 0 && dialect_is_vector(m->plan, value, n->at - 1);
    if (text) function = "vector_text";
    rewrite_add(m->out, source, "%s(", function);
    enum status st = emit_part(m, value, n->at - 1);
    bool bit = strcmp(c->function, "fovea_bit") == 0;
    if (c->length == LENGTH_FIRST && !text && (type.count > 0 || bit))
        rewrite_add(m->out, source, ",%ld", type.count > 0 ? type.lengths[0] : 1);
    if (c->length == LENGTH_SECOND && type.count > 0)
        rewrite_add(m->out, source, ",%ld", type.count > 1 ? type.lengths[1] : 0);
    rewrite_add(m->out, source, ")");
    return st;
}
