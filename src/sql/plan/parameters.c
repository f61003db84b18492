/* parameters.c - numbering parameters over a whole statement, as SQLite does it: ?N and $N have
 * their number in them, a name has that of its first mention, the rest get one more than the
 * highest so far.
 */
#include "sql/plan/parameters.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"

enum { PARAMETERS_MAX = 32766, VALUES_MAX = 1000 }; /* SQLite's own bound; of one session */

static enum status grow(struct sql_parameters *p, struct arena *a, int count)
{
    if (count < p->capacity) return ST_OK;
    int capacity = count * 2 + 8;
    struct sql_parameter *grown = arena_array(a, (size_t)capacity, sizeof *grown);
    int *slots = arena_array(a, (size_t)capacity * 2, sizeof *slots);
    if (grown == NULL || slots == NULL) return ST_NO_MEMORY;
    if (p->at != NULL) memcpy(grown, p->at, (size_t)(p->count + 1) * sizeof *grown);
    p->at = grown;
    p->capacity = capacity;
    p->slots = slots;
    p->slot_count = capacity * 2;
    for (int i = 1; i <= p->count; i++) {
        if (p->at[i].name == NULL) continue;
        uint64_t h = hash_64(p->at[i].name, strlen(p->at[i].name), 1);
        while (slots[h % (uint64_t)p->slot_count] != 0) h++;
        slots[h % (uint64_t)p->slot_count] = i;
    }
    return ST_OK;
}

static int *slot_of(const struct sql_parameters *p, const char *name)
{
    uint64_t h = hash_64(name, strlen(name), 1);
    for (;; h++) {
        int *slot = &p->slots[h % (uint64_t)p->slot_count];
        if (*slot == 0 || strcmp(p->at[*slot].name, name) == 0) return slot;
    }
}

/* The number that is written in a parameter; -1: none is. */
static long own_number(const char *name)
{
    bool numbered = (name[0] == '?' || name[0] == '$') && isdigit((unsigned char)name[1]);
    return numbered ? strtol(name + 1, NULL, 10) : -1;
}

/* {name:Type}, with blanks around each. */
static enum status split(
    const struct sql_scan *scan, struct sql_token t, struct arena *a, char **name, char **type)
{
    const char *s = scan->text + t.start + 1, *end = scan->text + t.end - 1;
    const char *colon = memchr(s, ':', (size_t)(end - s)), *name_end = colon;
    const char *after = colon + 1;
    while (s < name_end && isspace((unsigned char)*s)) s++;
    while (name_end > s && isspace((unsigned char)name_end[-1])) name_end--;
    while (after < end && isspace((unsigned char)*after)) after++;
    while (end > after && isspace((unsigned char)end[-1])) end--;
    *name = arena_strndup(a, s, (size_t)(name_end - s));
    *type = arena_strndup(a, after, (size_t)(end - after));
    return *name != NULL && *type != NULL ? ST_OK : ST_NO_MEMORY;
}

static enum status fail_at(const struct sql_scan *scan, int token, enum status st, struct err *e)
{
    if (e != NULL) err_place(e, scan->text, scan->tokens[token].start);
    return st;
}

static enum status take_type(
    struct sql_parameter *x, char *type, const struct sql_scan *scan, int token, struct err *e)
{
    if (x->type == NULL) x->type = type;
    if (strcmp(x->type, type) == 0) return ST_OK;
    struct err first = ERR_INIT;
    err_place(&first, scan->text, x->start);
    return fail_at(scan, token,
        err_set(e, ST_INVALID,
            "parameter %s is of type %s in line %d, column %d, and here of type %s: it is one "
            "value, which CAST(... AS ...) makes another",
            x->name, x->type, first.line, first.column, type),
        e);
}

static enum status number_one(struct sql_parameters *p, const struct sql_scan *scan,
    struct arena *a, int token, struct err *e)
{
    struct sql_token t = scan->tokens[token];
    char *name, *type = NULL;
    enum status st = ST_OK;
    if (scan->text[t.start] == '{')
        st = split(scan, t, a, &name, &type);
    else
        name = arena_strndup(a, scan->text + t.start, (size_t)(t.end - t.start));
    if (st == ST_OK && name != NULL) st = grow(p, a, p->count + 1);
    if (st != ST_OK || name == NULL) return mem_err(e, 0);
    long number = own_number(name);
    bool anonymous = name[0] == '?' && number < 0;
    if (number < 0 && !anonymous && *slot_of(p, name) != 0) number = *slot_of(p, name);
    if (number < 0) number = p->count + 1;
    if (number < 1 || number > PARAMETERS_MAX)
        return fail_at(scan, token,
            err_set(e, ST_LIMIT, "a parameter's number lies between 1 and %d", PARAMETERS_MAX), e);
    if (grow(p, a, (int)number) != ST_OK) return mem_err(e, 0);
    p->of[token] = (int)number;
    if (number > p->count) p->count = (int)number;
    struct sql_parameter *x = &p->at[number];
    if (x->name == NULL && !anonymous) {
        x->name = name;
        x->start = t.start;
        *slot_of(p, name) = (int)number;
    }
    if (type == NULL) return ST_OK;
    p->typed = true;
    return take_type(x, type, scan, token, e);
}

enum status sql_parameters_number(
    const struct sql_scan *scan, struct arena *a, struct sql_parameters *out, struct err *e)
{
    enum status st = ST_OK;
    *out = (struct sql_parameters){.of = arena_array(a, (size_t)scan->count + 1, sizeof(int))};
    if (out->of == NULL) return mem_err(e, 0);
    for (int i = 0; st == ST_OK && i < scan->count; i++)
        if (scan->tokens[i].kind == TK_VARIABLE) st = number_one(out, scan, a, i, e);
    return st;
}

int sql_parameters_find(const struct sql_parameters *p, const char *name)
{
    long number = own_number(name);
    if (number > 0) return number <= p->count ? (int)number : 0;
    return p->slot_count > 0 ? *slot_of(p, name) : 0;
}

/* --- values of the session -------------------------------------------------------------------- */

enum status sql_parameters_take(struct sql_session *s, const struct sql_parameters *p,
    sqlite3_stmt *stmt, const char *text, struct err *e)
{
    for (int i = 1; p->typed && i <= p->count; i++) {
        const struct sql_parameter *x = &p->at[i];
        if (x->type == NULL || x->bound) continue;
        const struct sql_parameter_value *v = s->parameters;
        while (v != NULL && strcmp(v->name, x->name) != 0) v = v->next;
        enum status st = v != NULL
            ? sql_parameter_bind(x, stmt, i, v->text, e)
            : err_set(e, ST_NOT_FOUND, "parameter %s of type %s has no value: SET param_%s = ...",
                  x->name, x->type, x->name);
        if (st == ST_OK) continue;
        if (e != NULL && text != NULL) err_place(e, text, x->start);
        return st;
    }
    return ST_OK;
}

enum status sql_parameter_set(
    struct sql_session *s, const char *name, const char *text, struct err *e)
{
    int count = 0;
    struct sql_parameter_value *v = s->parameters;
    for (; v != NULL && strcmp(v->name, name) != 0; v = v->next) count++;
    char *copy = mem_strdup(text);
    if (copy == NULL) return mem_err(e, strlen(text));
    if (v != NULL) {
        mem_free(v->text);
        v->text = copy;
        return ST_OK;
    }
    v = count < VALUES_MAX ? mem_zalloc(1, sizeof *v) : NULL;
    char *key = v != NULL ? mem_strdup(name) : NULL;
    if (key == NULL) {
        mem_free(v);
        mem_free(copy);
        return count == VALUES_MAX
            ? err_set(e, ST_LIMIT, "at most %d parameters can be set", VALUES_MAX)
            : mem_err(e, sizeof *v);
    }
    *v = (struct sql_parameter_value){.next = s->parameters, .name = key, .text = copy};
    s->parameters = v;
    return ST_OK;
}

void sql_parameters_clear(struct sql_session *s)
{
    while (s->parameters != NULL) {
        struct sql_parameter_value *v = s->parameters;
        s->parameters = v->next;
        mem_free(v->name);
        mem_free(v->text);
        mem_free(v);
    }
}
