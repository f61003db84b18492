/* options.c - checking what stands in OPTIONS (…) against a statement's table. */
#include "sql/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum status sql_at(const struct sql_ast *p, int token, enum status st, struct err *e)
{
    if (e != NULL) err_place(e, p->scan->text, p->scan->tokens[token].start);
    return st;
}

static const struct {
    const char *word;
    bool value;
} BOOLEANS[] = {{"true", true}, {"false", false}, {"1", true}, {"0", false}};

static int boolean_of(const char *text)
{
    for (size_t i = 0; text != NULL && i < sizeof BOOLEANS / sizeof BOOLEANS[0]; i++)
        if (strcasecmp(text, BOOLEANS[i].word) == 0) return BOOLEANS[i].value;
    return -1;
}

/* "a, b, c" of a statement's options. */
static void list_options(const struct sql_option *table, int count, char *out, size_t bytes)
{
    out[0] = '\0';
    for (int i = 0; i < count; i++) {
        size_t used = strlen(out);
        snprintf(out + used, bytes - used, "%s%s", i > 0 ? ", " : "", table[i].name);
    }
}

static bool integer_of(const struct sql_literal *v, long *out)
{
    char *stop;
    if (v->kind != LITERAL_NUMBER) return false;
    *out = strtol(v->text, &stop, 10);
    return *stop == '\0';
}

static enum status check_integer(
    const struct sql_ast *p, const struct sql_option *o, const struct sql_literal *v, struct err *e)
{
    long n;
    if (!integer_of(v, &n))
        return sql_at(p, v->first,
            err_set(e, ST_INVALID, "%s takes a whole number, not %s", o->name,
                v->text != NULL ? v->text : "a list"),
            e);
    if (n < o->min || n > o->max)
        return sql_at(p, v->first,
            err_set(e, ST_INVALID, "%s must lie between %d and %d, not %ld", o->name, o->min,
                o->max, n),
            e);
    return ST_OK;
}

static enum status check_choice(
    const struct sql_ast *p, const struct sql_option *o, const struct sql_literal *v, struct err *e)
{
    char names[200] = "";
    for (const char *const *c = o->choices; c != NULL && *c != NULL; c++) {
        if (strcasecmp(v->text, *c) == 0) return ST_OK;
        size_t used = strlen(names);
        snprintf(names + used, sizeof names - used, "%s'%s'", used > 0 ? " or " : "", *c);
    }
    if (o->choices == NULL) return ST_OK;
    return sql_at(
        p, v->first, err_set(e, ST_INVALID, "%s must be %s, not '%s'", o->name, names, v->text), e);
}

static bool is_text(const struct sql_literal *v)
{
    return v->kind == LITERAL_TEXT || v->kind == LITERAL_NAME;
}

static enum status check_texts(
    const struct sql_ast *p, const struct sql_option *o, const struct sql_literal *v, struct err *e)
{
    if (is_text(v)) return ST_OK;
    bool texts = v->kind == LITERAL_LIST && v->count > 0;
    for (const struct sql_literal *i = texts ? v->items : NULL; i != NULL; i = i->next)
        texts = texts && is_text(i);
    return texts
        ? ST_OK
        : sql_at(p, v->first, err_set(e, ST_INVALID, "%s takes a list of strings", o->name), e);
}

static enum status check_value(
    const struct sql_ast *p, const struct sql_option *o, const struct sql_literal *v, struct err *e)
{
    if (v->kind == LITERAL_PARAMETER)
        return sql_at(p, v->first,
            err_set(e, ST_UNSUPPORTED, "%s can't be a parameter: it shapes the plan", o->name), e);
    switch (o->type) {
    case OPTION_INTEGER: return check_integer(p, o, v, e);
    case OPTION_TEXTS: return check_texts(p, o, v, e);
    case OPTION_BOOLEAN:
        if (v->kind != LITERAL_LIST && boolean_of(v->text) >= 0) return ST_OK;
        return sql_at(p, v->first, err_set(e, ST_INVALID, "%s takes True or False", o->name), e);
    case OPTION_NAME:
    case OPTION_TEXT:
        if (is_text(v)) return check_choice(p, o, v, e);
        return sql_at(p, v->first, err_set(e, ST_INVALID, "%s takes a string", o->name), e);
    }
    return ST_OK;
}

static int find_option(
    const struct sql_ast *p, int token, const struct sql_option *table, int count)
{
    for (int i = 0; i < count; i++)
        if (lex_is(p->scan->text, p->scan->tokens[token], table[i].name)) return i;
    return -1;
}

static enum status check_one(const struct sql_ast *p, const struct sql_option_ast *o,
    struct sql_option_values *out, struct err *e)
{
    struct sql_token t = p->scan->tokens[o->name];
    int i = find_option(p, o->name, out->table, out->count);
    if (i < 0) {
        char names[300];
        list_options(out->table, out->count, names, sizeof names);
        return sql_at(p, o->name,
            err_set(e, ST_INVALID, "unknown option %.*s: there %s %s", t.end - t.start,
                p->scan->text + t.start, out->count == 1 ? "is only" : "are",
                out->count > 0 ? names : "none"),
            e);
    }
    if (out->given[i] != NULL)
        return sql_at(
            p, o->name, err_set(e, ST_INVALID, "option %s is given twice", out->table[i].name), e);
    out->given[i] = o->value;
    return check_value(p, &out->table[i], o->value, e);
}

enum status sql_options_check(const struct sql_ast *p, const struct sql_node *step,
    struct sql_option_values *out, struct err *e)
{
    for (const struct sql_option_ast *o = step->parts.options; o != NULL; o = o->next) {
        enum status st = check_one(p, o, out, e);
        if (st != ST_OK) return st;
    }
    for (int i = 0; i < out->count; i++)
        if (out->table[i].required && out->given[i] == NULL)
            return sql_at(
                p, step->at, err_set(e, ST_INVALID, "option %s is missing", out->table[i].name), e);
    return ST_OK;
}

const struct sql_literal *sql_option_given(const struct sql_option_values *v, const char *name)
{
    for (int i = 0; i < v->count; i++)
        if (strcmp(v->table[i].name, name) == 0) return v->given[i];
    return NULL;
}

const char *sql_option_text(const struct sql_option_values *v, const char *name)
{
    for (int i = 0; i < v->count; i++)
        if (strcmp(v->table[i].name, name) == 0)
            return v->given[i] != NULL ? v->given[i]->text : v->table[i].fallback;
    return NULL;
}

int sql_option_integer(const struct sql_option_values *v, const char *name)
{
    const char *text = sql_option_text(v, name);
    return text != NULL ? (int)strtol(text, NULL, 10) : 0;
}

bool sql_option_boolean(const struct sql_option_values *v, const char *name)
{
    return boolean_of(sql_option_text(v, name)) == 1;
}
