/* options.c - checking what stands in OPTIONS (…) against a statement's table. */
#include "sql/statement/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/near.h"

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

/* A value of another type than the option's. */
static enum status refuse_value(const struct sql_ast *p, const struct sql_option *o,
    const char *takes, const struct sql_literal *v, struct err *e)
{
    const char *quote = v->kind == LITERAL_TEXT ? "'" : "";
    return sql_at(p, v->first,
        err_set(e, ST_INVALID, "%s takes %s, not %s%.60s%s", o->name, takes, quote,
            v->text != NULL ? v->text : "a list", quote),
        e);
}

static enum status check_integer(
    const struct sql_ast *p, const struct sql_option *o, const struct sql_literal *v, struct err *e)
{
    long n;
    if (!integer_of(v, &n)) return refuse_value(p, o, "a whole number", v, e);
    if (n < o->min || n > o->max)
        return sql_at(p, v->first,
            err_set(e, ST_INVALID, "%s must lie between %d and %d, not %ld", o->name, o->min,
                o->max, n),
            e);
    return ST_OK;
}

static enum status check_real(
    const struct sql_ast *p, const struct sql_option *o, const struct sql_literal *v, struct err *e)
{
    char *stop = NULL;
    double d = v->kind == LITERAL_NUMBER ? strtod(v->text, &stop) : 0;
    if (stop == NULL || *stop != '\0') return refuse_value(p, o, "a number", v, e);
    if (d >= o->min && d <= o->max) return ST_OK;
    return sql_at(p, v->first,
        err_set(e, ST_INVALID, "%s must lie between %d and %d, not %s", o->name, o->min, o->max,
            v->text),
        e);
}

static bool is_none(const struct sql_literal *v)
{
    return v->kind == LITERAL_NAME &&
        (strcasecmp(v->text, "None") == 0 || strcasecmp(v->text, "NULL") == 0);
}

static enum status check_integers(
    const struct sql_ast *p, const struct sql_option *o, const struct sql_literal *v, struct err *e)
{
    if (v->kind != LITERAL_LIST) return check_integer(p, o, v, e);
    if (v->count == 0)
        return sql_at(p, v->first, err_set(e, ST_INVALID, "%s: the list is empty", o->name), e);
    enum status st = ST_OK;
    for (const struct sql_literal *i = v->items; st == ST_OK && i != NULL; i = i->next)
        st = check_integer(p, o, i, e);
    return st;
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
    if (v->kind == LITERAL_PARAMETER && o->type == OPTION_INPUT) return ST_OK;
    if (v->kind == LITERAL_PARAMETER)
        return sql_at(p, v->first,
            err_set(e, ST_UNSUPPORTED, "%s can't be a parameter: it shapes the plan", o->name), e);
    switch (o->type) {
    case OPTION_INTEGER: return check_integer(p, o, v, e);
    case OPTION_COUNT: return is_none(v) ? ST_OK : check_integer(p, o, v, e);
    case OPTION_REAL: return check_real(p, o, v, e);
    case OPTION_INTEGERS: return check_integers(p, o, v, e);
    case OPTION_TEXTS: return check_texts(p, o, v, e);
    case OPTION_BOOLEAN:
        if (v->kind != LITERAL_LIST && boolean_of(v->text) >= 0) return ST_OK;
        return refuse_value(p, o, "True or False", v, e);
    case OPTION_NAME:
    case OPTION_TEXT:
    case OPTION_INPUT:
        if (is_text(v)) return check_choice(p, o, v, e);
        return refuse_value(p, o, "a string", v, e);
    }
    return ST_OK;
}

enum { NAMES_MAX = 1 + sizeof((struct sql_option *)NULL)->also / sizeof(const char *) };

/* An option's names, its own first; NULL behind the last. */
static const char *name_of(const struct sql_option *o, int i)
{
    if (i == 0) return o->name;
    return i < NAMES_MAX ? o->also[i - 1] : NULL;
}

static int find_option(
    const struct sql_ast *p, int token, const struct sql_option *table, int count)
{
    for (int i = 0; i < count; i++)
        for (int k = 0; name_of(&table[i], k) != NULL; k++)
            if (lex_is(p->scan->text, p->scan->tokens[token], name_of(&table[i], k))) return i;
    return -1;
}

/* The option that a misspelled name comes nearest to, when it is near; NULL when none is. */
static const char *nearest_option(
    const struct sql_option_values *v, struct sql_token t, const char *text)
{
    char name[40];
    const char *best = NULL, *own = NULL;
    snprintf(name, sizeof name, "%.*s", t.end - t.start, text + t.start);
    for (int i = 0; i < v->count; i++)
        for (int k = 0; name_of(&v->table[i], k) != NULL; k++) {
            const char *before = best;
            near_consider(name, name_of(&v->table[i], k), &best);
            if (best != before) own = v->table[i].name;
        }
    return own;
}

/* Options that the documents have for what is not here, and what does it instead. */
static const struct {
    const char *name, *instead;
} ELSEWHERE[] = {
    {"question", "no model here answers questions; PREDICT with labels=['...', '...'] chooses "
                 "among answers"},
    {"text_col", "texts are read by CONVERT with convert_type='text' and by embed_text()"},
    {"audio_col", "sounds are not read; pictures are, with image_col"},
    {"video_col", "videos are not read; pictures are, with image_col"},
    {"task", "it is for models of language; PREDICT with labels=['...', '...'] needs none"},
};

static const char *instead_of(const struct sql_ast *p, int token)
{
    for (size_t i = 0; i < sizeof ELSEWHERE / sizeof ELSEWHERE[0]; i++)
        if (lex_is(p->scan->text, p->scan->tokens[token], ELSEWHERE[i].name))
            return ELSEWHERE[i].instead;
    return NULL;
}

static enum status unknown_option(
    const struct sql_ast *p, int token, const struct sql_option_values *v, struct err *e)
{
    struct sql_token t = p->scan->tokens[token];
    const char *name = p->scan->text + t.start, *near = nearest_option(v, t, p->scan->text);
    int length = t.end - t.start;
    char names[300], guess[60] = "";
    const char *instead = instead_of(p, token);
    if (instead != NULL)
        return sql_at(p, token,
            err_set(e, ST_UNSUPPORTED, "option %.*s is not supported: %s", length, name, instead),
            e);
    list_options(v->table, v->count, names, sizeof names);
    if (near != NULL) snprintf(guess, sizeof guess, "; did you mean %s", near);
    enum status st = v->count == 0
        ? err_set(e, ST_INVALID, "unknown option %.*s: this statement has none", length, name)
        : err_set(e, ST_INVALID, "unknown option %.*s: there are %s%s", length, name, names, guess);
    return sql_at(p, token, st, e);
}

static enum status check_one(const struct sql_ast *p, const struct sql_option_ast *o,
    struct sql_option_values *out, struct err *e)
{
    int i = find_option(p, o->name, out->table, out->count);
    if (i < 0) return unknown_option(p, o->name, out, e);
    if (out->given[i] != NULL) {
        struct sql_token t = p->scan->tokens[o->name];
        const char *name = out->table[i].name;
        bool other = !lex_is(p->scan->text, t, name);
        enum status st = err_set(e, ST_INVALID, "option %s is given twice%s%.*s%s", name,
            other ? " (" : "", other ? t.end - t.start : 0, p->scan->text + t.start,
            other ? " is another name of it)" : "");
        return sql_at(p, o->name, st, e);
    }
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

double sql_option_real(const struct sql_option_values *v, const char *name)
{
    const char *text = sql_option_text(v, name);
    return text != NULL ? strtod(text, NULL) : 0;
}

bool sql_option_none(const struct sql_option_values *v, const char *name)
{
    const struct sql_literal *given = sql_option_given(v, name);
    return given != NULL && is_none(given);
}

const struct sql_literal *sql_option_items(const struct sql_option_values *v, const char *name)
{
    const struct sql_literal *given = sql_option_given(v, name);
    return given != NULL && given->kind == LITERAL_LIST ? given->items : given;
}

bool sql_option_boolean(const struct sql_option_values *v, const char *name)
{
    return boolean_of(sql_option_text(v, name)) == 1;
}
