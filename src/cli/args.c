/* args.c - options parsed by their tables. */
#include "cli/args.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/near.h"

enum { NAME_BYTES_MAX = 32 }; /* shown of an option's name */

const struct arg_option args_common[] = {
    {"quiet", 'q', NULL, "say nothing on stderr but errors"},
    {"help", 'h', NULL, "show this"},
    {NULL, 0, NULL, NULL},
};

/* The slot of the option with this name (letter 0) or letter, in either table. */
static const struct arg_option *find(
    struct args *a, const char *name, size_t bytes, char letter, const char ***slot)
{
    for (int table = 0; table < 2; table++) {
        const struct arg_option *rows = table == 0 ? a->options : args_common;
        for (int i = 0; rows[i].name != NULL; i++) {
            bool same = letter != 0
                ? rows[i].letter == letter
                : strlen(rows[i].name) == bytes && memcmp(rows[i].name, name, bytes) == 0;
            if (!same) continue;
            *slot = table == 0 ? &a->values[i] : &a->common[i];
            return &rows[i];
        }
    }
    return NULL;
}

static enum status unknown(
    const struct args *a, const char *command, const char *name, struct err *e)
{
    const char *best = NULL;
    for (int table = 0; table < 2; table++) {
        const struct arg_option *rows = table == 0 ? a->options : args_common;
        for (int i = 0; rows[i].name != NULL; i++) near_consider(name, rows[i].name, &best);
    }
    if (best == NULL)
        return err_set(e, ST_INVALID, "fovea %s has no option --%s; fovea help %s lists them",
            command, name, command);
    return err_set(
        e, ST_INVALID, "fovea %s has no option --%s; did you mean --%s?", command, name, best);
}

static enum status put(
    const struct arg_option *o, const char **slot, const char *value, struct err *e)
{
    if (*slot != NULL && o->value != NULL)
        return err_set(e, ST_INVALID, "--%s is given twice", o->name);
    *slot = value;
    return ST_OK;
}

/* The command line as it is read. */
struct reader {
    struct args *a;
    const char *command;
    int argc, at;
    char **argv;
};

/* --name, --name=value or --name value; r->at moves over what was used. */
static enum status parse_long(struct reader *r, struct err *e)
{
    const char *name = r->argv[r->at] + 2, *equals = strchr(name, '='), **slot;
    size_t bytes = equals != NULL ? (size_t)(equals - name) : strlen(name);
    const struct arg_option *o = find(r->a, name, bytes, 0, &slot);
    if (o == NULL) {
        char shown[NAME_BYTES_MAX + 1] = "";
        memcpy(shown, name, bytes < NAME_BYTES_MAX ? bytes : NAME_BYTES_MAX);
        return unknown(r->a, r->command, shown, e);
    }
    if (o->value == NULL && equals != NULL)
        return err_set(e, ST_INVALID, "--%s takes no value", o->name);
    if (o->value == NULL) return put(o, slot, "", e);
    if (equals != NULL) return put(o, slot, equals + 1, e);
    if (r->at + 1 >= r->argc)
        return err_set(e, ST_INVALID, "--%s needs a value: --%s %s", o->name, o->name, o->value);
    return put(o, slot, r->argv[++r->at], e);
}

static enum status unknown_letter(const struct reader *r, char letter, struct err *e)
{
    return err_set(e, ST_INVALID,
        "fovea %s has no option -%c; fovea help %s lists them (words that begin with a dash go "
        "behind --)",
        r->command, letter, r->command);
}

/* -q, -n 5, -n5, -qn5 */
static enum status parse_short(struct reader *r, struct err *e)
{
    for (const char *p = r->argv[r->at] + 1; *p != '\0'; p++) {
        const char **slot;
        const struct arg_option *o = find(r->a, NULL, 0, *p, &slot);
        if (o == NULL) return unknown_letter(r, *p, e);
        if (o->value == NULL) {
            *slot = "";
            continue;
        }
        if (p[1] != '\0') return put(o, slot, p + 1, e);
        if (r->at + 1 >= r->argc)
            return err_set(e, ST_INVALID, "-%c needs a value: -%c %s", *p, *p, o->value);
        return put(o, slot, r->argv[++r->at], e);
    }
    return ST_OK;
}

enum status args_parse(struct args *a, const char *command, int argc, char **argv, struct err *e)
{
    struct reader r = {.a = a, .command = command, .argc = argc, .argv = argv};
    bool only_words = false;
    a->words = argv;
    a->word_count = 0;
    for (; r.at < argc; r.at++) {
        char *word = argv[r.at];
        enum status st = ST_OK;
        if (only_words || word[0] != '-' || word[1] == '\0')
            a->words[a->word_count++] = word; /* never ahead of r.at */
        else if (strcmp(word, "--") == 0)
            only_words = true;
        else
            st = word[1] == '-' ? parse_long(&r, e) : parse_short(&r, e);
        if (st != ST_OK) return st;
    }
    return ST_OK;
}

const char *args_get(const struct args *a, const char *name)
{
    for (int i = 0; a->options[i].name != NULL; i++)
        if (strcmp(a->options[i].name, name) == 0) return a->values[i];
    for (int i = 0; args_common[i].name != NULL; i++)
        if (strcmp(args_common[i].name, name) == 0) return a->common[i];
    return NULL;
}

bool args_has(const struct args *a, const char *name)
{
    return args_get(a, name) != NULL;
}

enum status args_get_count(
    const struct args *a, const char *name, int64_t max, int64_t *count, struct err *e)
{
    const char *text = args_get(a, name);
    if (text == NULL) return ST_OK;
    char *end;
    errno = 0;
    long long n = strtoll(text, &end, 10);
    if (end == text || *end != '\0' || errno != 0 || n < 1 || n > max)
        return err_set(e, ST_INVALID, "--%s is a number from 1 to %lld, not \"%s\"", name,
            (long long)max, text);
    *count = n;
    return ST_OK;
}
