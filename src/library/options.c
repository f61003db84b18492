/* options.c - JSON options are checked key by key: a misspelt one is an error, not a silence. */
#include "library/options.h"

#include <string.h>

#include "base/mem.h"

static bool list_has(const char *keys, const char *key)
{
    size_t bytes = strlen(key);
    for (const char *at = keys; (at = strstr(at, key)) != NULL; at++) {
        bool starts = at == keys || at[-1] == ' ';
        if (starts && bytes > 0 && (at[bytes] == ',' || at[bytes] == '\0')) return true;
    }
    return false;
}

enum status options_read(
    const struct sql_value *v, const char *keys, struct json_doc **out, struct err *e)
{
    *out = NULL;
    const char *text = v != NULL ? sql_value_text(v) : NULL;
    if (text == NULL) return ST_OK;
    enum status st = json_parse(text, (size_t)sql_value_bytes(v), "options", out, e);
    if (st != ST_OK) return st;
    const struct json_node *root = json_root(*out);
    if (!json_is_object(root)) st = err_set(e, ST_INVALID, "options must be a JSON object");
    const struct json_iter *it = json_next(root, NULL);
    for (; st == ST_OK && it != NULL; it = json_next(root, it))
        if (!list_has(keys, json_iter_key(it)))
            st = err_set(
                e, ST_INVALID, "unknown option \"%s\"; there are: %s", json_iter_key(it), keys);
    if (st == ST_OK) return ST_OK;
    json_close(*out);
    *out = NULL;
    return st;
}

static enum status path_add(struct options_paths *p, const char *path, size_t bytes, struct err *e)
{
    if (bytes == 0) return err_set(e, ST_INVALID, "a path is empty");
    char **grown = mem_resize(p->at, p->count + 1, sizeof *grown);
    if (grown == NULL) return mem_err(e, (p->count + 1) * sizeof *grown);
    p->at = grown;
    p->at[p->count] = mem_strndup(path, bytes);
    if (p->at[p->count] == NULL) return mem_err(e, bytes);
    p->count++;
    return ST_OK;
}

enum status options_paths_node(
    const struct json_node *n, const char *what, struct options_paths *out, struct err *e)
{
    enum status st = ST_OK;
    const char *one = json_str(n, NULL);
    *out = (struct options_paths){0};
    if (one != NULL) st = path_add(out, one, strlen(one), e);
    if (one == NULL && !json_is_array(n))
        st = err_set(e, ST_INVALID, "%s must be a path or an array of paths", what);
    for (size_t i = 0; st == ST_OK && one == NULL && i < json_count(n); i++) {
        const char *path = json_str(json_at(n, i), NULL);
        st = path == NULL ? err_set(e, ST_INVALID, "%s must be a path or an array of paths", what)
                          : path_add(out, path, strlen(path), e);
    }
    if (st != ST_OK) options_paths_deinit(out);
    return st;
}

/* A text that is a JSON array is one; any other text is a path, also one that begins with "[". */
static enum status read_text(
    const char *text, size_t bytes, struct options_paths *out, struct err *e)
{
    struct json_doc *doc = NULL;
    if (text[0] != '[' || json_parse(text, bytes, "paths", &doc, NULL) != ST_OK)
        return path_add(out, text, bytes, e);
    enum status st = options_paths_node(json_root(doc), "the list of folders", out, e);
    json_close(doc);
    return st;
}

enum status options_paths_read(const struct sql_value *v, struct options_paths *out, struct err *e)
{
    enum status st = ST_OK;
    size_t bytes = (size_t)sql_value_bytes(v);
    *out = (struct options_paths){0};
    if (sql_value_type(v) == SQL_BLOB) {
        const char *at = sql_value_blob(v), *end = at + bytes;
        while (st == ST_OK && at < end) {
            size_t one = strnlen(at, (size_t)(end - at));
            st = path_add(out, at, one, e);
            at += one + 1;
        }
    } else if (sql_value_type(v) == SQL_TEXT) {
        st = read_text(sql_value_text(v), bytes, out, e);
    } else {
        st = err_set(e, ST_INVALID, "the folders must be a text, a JSON array or a blob");
    }
    if (st != ST_OK) options_paths_deinit(out);
    return st;
}

void options_paths_deinit(struct options_paths *p)
{
    for (size_t i = 0; i < p->count; i++) mem_free(p->at[i]);
    mem_free(p->at);
    *p = (struct options_paths){0};
}
