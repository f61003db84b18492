/* udf_read.c - ClickHouse's XML to struct udf. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/near.h"
#include "base/xml.h"
#include "sql/function/udf.h"

/* Where a value stands, for messages. */
struct place {
    const char *path;
    const struct xml_node *function;
};

static int line_of(const struct place *at, const char *name)
{
    const struct xml_node *n = name != NULL ? xml_child(at->function, name, NULL) : NULL;
    return xml_line(n != NULL ? n : at->function);
}

static const char *text_of(const struct place *at, const char *name, const char *fallback)
{
    const struct xml_node *n = xml_child(at->function, name, NULL);
    return n != NULL ? xml_text(n) : fallback;
}

static enum status take_number(
    const struct place *at, const char *name, int fallback, int *out, struct err *e)
{
    const char *text = text_of(at, name, NULL);
    char *stop;
    *out = fallback;
    if (text == NULL) return ST_OK;
    long n = strtol(text, &stop, 10);
    if (stop == text || *stop != '\0' || n < 0 || n > 1000000000)
        return err_set(e, ST_INVALID, "%s, line %d: %s takes a whole number, not \"%.60s\"",
            at->path, line_of(at, name), name, text);
    *out = (int)n;
    return ST_OK;
}

/* Seconds (fallback too) to milliseconds. */
static enum status take_seconds(
    const struct place *at, const char *name, int fallback, int *out, struct err *e)
{
    enum status st = take_number(at, name, fallback, out, e);
    *out = *out > 1000000 ? 1000000000 : *out * 1000;
    return st;
}

static const struct {
    const char *name;
    enum udf_type type;
} TYPES[] = {
    {"String", UDF_STRING},
    {"FixedString", UDF_STRING},
    {"UUID", UDF_STRING},
    {"Date", UDF_STRING},
    {"DateTime", UDF_STRING},
    {"Bool", UDF_STRING},
    {"Int8", UDF_INT},
    {"Int16", UDF_INT},
    {"Int32", UDF_INT},
    {"Int64", UDF_INT},
    {"UInt8", UDF_INT},
    {"UInt16", UDF_INT},
    {"UInt32", UDF_INT},
    {"UInt64", UDF_INT},
    {"Float32", UDF_FLOAT},
    {"Float64", UDF_FLOAT},
    {"Array(Float32)", UDF_VECTOR},
    {"Array(Float64)", UDF_VECTOR},
    {"Array(BFloat16)", UDF_VECTOR},
};

static enum status take_type(const struct place *at, const struct xml_node *n, enum udf_type *out,
    bool *nullable, struct err *e)
{
    char name[64];
    const char *text = xml_text(n), *near = NULL;
    size_t bytes = strlen(text);
    *nullable = strncmp(text, "Nullable(", 9) == 0 && text[bytes - 1] == ')';
    if (*nullable) {
        text += 9;
        bytes -= 10;
    }
    snprintf(name, sizeof name, "%.*s", (int)bytes, text);
    if (strncmp(name, "FixedString(", 12) == 0) name[11] = '\0';
    for (size_t i = 0; i < sizeof TYPES / sizeof TYPES[0]; i++) {
        near_consider(name, TYPES[i].name, &near);
        if (strcmp(TYPES[i].name, name) != 0) continue;
        *out = TYPES[i].type;
        return ST_OK;
    }
    return err_set(e, ST_UNSUPPORTED, "%s, line %d: the type \"%.60s\" is not supported%s%s",
        at->path, xml_line(n), xml_text(n), near != NULL ? "; did you mean " : "",
        near != NULL ? near : "");
}

static enum status take_args(const struct place *at, struct udf *u, struct err *e)
{
    bool nullable;
    enum status st = ST_OK;
    for (const struct xml_node *a = xml_child(at->function, "argument", NULL);
         st == ST_OK && a != NULL; a = xml_child(at->function, "argument", a)) {
        const struct xml_node *type = xml_child(a, "type", NULL);
        if (u->arg_count == UDF_ARGS_MAX)
            return err_set(
                e, ST_LIMIT, "%s, line %d: over %d arguments", at->path, xml_line(a), UDF_ARGS_MAX);
        if (type == NULL)
            return err_set(
                e, ST_INVALID, "%s, line %d: the argument has no type", at->path, xml_line(a));
        st = take_type(at, type, &u->args[u->arg_count++], &nullable, e);
    }
    return st;
}

/* --- the program ------------------------------------------------------------------------------ */

/* script in one of the folders it may lie in; NULL: in none. mem_free it. */
static char *find_script(const char *xml, const char *script)
{
    static const char *const PLACES[] = {"user_scripts", "../user_scripts", "."};
    char *dir = mem_strdup(xml), *slash = dir != NULL ? strrchr(dir, '/') : NULL, *found = NULL;
    if (slash != NULL) *slash = '\0';
    for (size_t i = 0; dir != NULL && found == NULL && i < sizeof PLACES / sizeof PLACES[0]; i++) {
        char *place = file_join(slash != NULL ? dir : ".", PLACES[i]);
        char *path = place != NULL ? file_join(place, script) : NULL;
        if (path != NULL && file_exists(path)) found = file_real_path(path, NULL);
        mem_free(place);
        mem_free(path);
    }
    mem_free(dir);
    return found;
}

static enum status add_word(
    struct udf *u, int *count, const char *word, size_t bytes, struct err *e)
{
    char **grown = mem_resize(u->argv, (size_t)*count + 2, sizeof *grown);
    char *copy = mem_strndup(word, bytes);
    if (grown != NULL) u->argv = grown;
    if (grown == NULL || copy == NULL) {
        mem_free(copy);
        return mem_err(e, bytes);
    }
    grown[(*count)++] = copy;
    grown[*count] = NULL;
    return ST_OK;
}

/* Words apart by blanks, the first a script. */
static enum status take_words(
    const struct place *at, struct udf *u, const char *command, struct err *e)
{
    int count = 0;
    enum status st = ST_OK;
    size_t bytes = strcspn(command, " \t\n");
    char *script = mem_strndup(command, bytes);
    char *path = script != NULL ? find_script(at->path, script) : NULL;
    if (path == NULL)
        st = err_set(e, ST_NOT_FOUND,
            "%s, line %d: there is no script %s, neither in user_scripts/ nor beside the file",
            at->path, line_of(at, "command"), script != NULL ? script : "");
    else if (access(path, X_OK) != 0)
        st = err_set(e, ST_DENIED, "%s can't be run: chmod +x it", path);
    if (st == ST_OK) st = add_word(u, &count, path, strlen(path), e);
    for (const char *p = command + bytes; st == ST_OK && *p != '\0'; p += bytes) {
        p += strspn(p, " \t\n");
        bytes = strcspn(p, " \t\n");
        if (bytes > 0) st = add_word(u, &count, p, bytes, e);
    }
    mem_free(script);
    mem_free(path);
    return st;
}

static enum status take_command(const struct place *at, struct udf *u, struct err *e)
{
    int direct, count = 0;
    const char *command = text_of(at, "command", "");
    enum status st = take_number(at, "execute_direct", 1, &direct, e);
    if (st != ST_OK) return st;
    if (command[0] == '\0')
        return err_set(
            e, ST_INVALID, "%s, line %d: it has no command", at->path, line_of(at, NULL));
    if (strchr(command, '{') != NULL)
        return err_set(e, ST_UNSUPPORTED, "%s, line %d: parameters in a command: \"%.100s\"",
            at->path, line_of(at, "command"), command);
    if (direct != 0) return take_words(at, u, command, e);
    st = add_word(u, &count, "/bin/sh", 7, e);
    if (st == ST_OK) st = add_word(u, &count, "-c", 2, e);
    return st == ST_OK ? add_word(u, &count, command, strlen(command), e) : st;
}

/* --- a function ------------------------------------------------------------------------------- */

static enum status check_choice(const struct place *at, const char *name, const char *value,
    const char *const *choices, struct err *e)
{
    for (const char *const *c = choices; *c != NULL; c++)
        if (strcasecmp(*c, value) == 0) return ST_OK;
    return err_set(e, ST_UNSUPPORTED, "%s, line %d: %s is \"%.60s\"; %s%s%s is supported", at->path,
        line_of(at, name), name, value, choices[0], choices[1] != NULL ? " or " : "",
        choices[1] != NULL ? choices[1] : "");
}

static enum status take_kind(const struct place *at, struct udf *u, struct err *e)
{
    static const char *const KINDS[] = {"executable", "executable_pool", NULL};
    static const char *const FORMATS[] = {"TabSeparated", "TSV", NULL};
    const char *kind = text_of(at, "type", "");
    int header;
    enum status st = check_choice(at, "type", kind, KINDS, e);
    if (st == ST_OK) st = check_choice(at, "format", text_of(at, "format", ""), FORMATS, e);
    if (st == ST_OK) st = take_number(at, "send_chunk_header", 0, &header, e);
    if (st != ST_OK) return st;
    u->pool = strcasecmp(kind, KINDS[1]) == 0;
    u->chunk_header = header != 0;
    st = take_number(at, "command_read_timeout", 10000, &u->read_ms, e);
    if (st == ST_OK) st = take_number(at, "command_write_timeout", 10000, &u->write_ms, e);
    if (st == ST_OK) st = take_seconds(at, "command_termination_timeout", 10, &u->kill_ms, e);
    return st == ST_OK ? take_seconds(at, "max_command_execution_time", 10, &u->run_ms, e) : st;
}

static enum status take_name(const struct place *at, struct udf *u, struct err *e)
{
    const char *name = text_of(at, "name", "");
    if (name[0] == '\0')
        return err_set(
            e, ST_INVALID, "%s, line %d: the function has no name", at->path, line_of(at, NULL));
    if (strlen(name) > 200)
        return err_set(
            e, ST_LIMIT, "%s, line %d: a name of 200 bytes at most", at->path, line_of(at, "name"));
    u->name = mem_strdup(name);
    u->file = mem_strdup(at->path);
    u->returns_text = mem_strdup(text_of(at, "return_type", ""));
    return u->name == NULL || u->file == NULL || u->returns_text == NULL ? mem_err(e, 0) : ST_OK;
}

static enum status read_function(const struct place *at, struct udf **out, struct err *e)
{
    struct udf *u = mem_zalloc(1, sizeof *u);
    if (u == NULL) return mem_err(e, sizeof *u);
    const struct xml_node *returns = xml_child(at->function, "return_type", NULL);
    enum status st = take_name(at, u, e);
    if (st == ST_OK && returns == NULL)
        st = err_set(e, ST_INVALID, "%s, line %d: %s has no return_type", at->path,
            line_of(at, NULL), u->name);
    if (st == ST_OK) st = take_type(at, returns, &u->returns, &u->nullable, e);
    if (st == ST_OK) st = take_args(at, u, e);
    if (st == ST_OK) st = take_kind(at, u, e);
    if (st == ST_OK) st = take_command(at, u, e);
    if (st == ST_OK)
        *out = u;
    else
        udf_close(u);
    return st;
}

enum status udf_read(const char *path, struct udf **list, struct err *e)
{
    struct xml_doc *doc;
    enum status st = xml_read_file(path, &doc, e);
    if (st != ST_OK) return st;
    const struct xml_node *root = xml_root(doc);
    if (xml_child(root, "function", NULL) == NULL)
        st = err_set(e, ST_INVALID, "%s declares no function: <functions><function>…", path);
    for (const struct xml_node *f = xml_child(root, "function", NULL); st == ST_OK && f != NULL;
         f = xml_child(root, "function", f)) {
        struct place at = {path, f};
        struct udf *u = NULL;
        st = read_function(&at, &u, e);
        if (st != ST_OK) break;
        u->next = *list;
        *list = u;
    }
    xml_close(doc);
    return st;
}

void udf_close(struct udf *u)
{
    if (u == NULL) return;
    udf_process_close(u);
    for (int i = 0; u->argv != NULL && u->argv[i] != NULL; i++) mem_free(u->argv[i]);
    mem_free(u->argv);
    mem_free(u->name);
    mem_free(u->file);
    mem_free(u->returns_text);
    mem_free(u);
}
