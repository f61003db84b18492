/* json.c - jansson behind json.h.
 *
 * A json_node is a json_t, a json_iter is jansson's iterator; only this file knows. jansson
 * recurses over nesting, so depth is bounded by a scan of the brackets before it sees the text.
 * Reference: RFC 8259. Threads: a document is read by any number of threads; jansson's hash seed is
 * set once, by the first parse.
 */
#include <jansson.h>

/* jansson spells these as macros; here they are functions. */
#undef json_is_object
#undef json_is_array
#undef json_is_null
#undef json_is_number

#include "base/json.h"

#include "base/buf.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"

struct json_doc {
    json_t *root;
};

static json_t *value_of(const struct json_node *n)
{
    return (json_t *)(uintptr_t)n;
}

static const struct json_node *node_of(const json_t *v)
{
    return (const struct json_node *)(const void *)v;
}

static bool has_type(const struct json_node *n, json_type type)
{
    return n && json_typeof(value_of(n)) == type;
}

bool json_is_object(const struct json_node *n)
{
    return has_type(n, JSON_OBJECT);
}

bool json_is_array(const struct json_node *n)
{
    return has_type(n, JSON_ARRAY);
}

bool json_is_null(const struct json_node *n)
{
    return !n || has_type(n, JSON_NULL);
}

bool json_is_number(const struct json_node *n)
{
    return has_type(n, JSON_INTEGER) || has_type(n, JSON_REAL);
}

/* The deepest nesting of brackets outside strings. */
static int depth_max(const char *text, size_t bytes)
{
    int depth = 0, deepest = 0;
    bool quoted = false;
    for (size_t i = 0; i < bytes; i++) {
        char c = text[i];
        if (quoted) {
            if (c == '\\')
                i++;
            else if (c == '"')
                quoted = false;
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{' || c == '[') {
            if (++depth > deepest)
                deepest = depth;
        } else if (c == '}' || c == ']') {
            depth--;
        }
    }
    return deepest;
}

enum status json_parse(const char *text, size_t bytes, const char *what, struct json_doc **out,
    struct err *e)
{
    *out = NULL;
    if (bytes > LIMIT_JSON_BYTES)
        return err_set(e, ST_LIMIT, "%s has %zu bytes of JSON, at most %zu are read", what, bytes,
            LIMIT_JSON_BYTES);
    int depth = depth_max(text, bytes);
    if (depth > LIMIT_JSON_DEPTH)
        return err_set(e, ST_LIMIT, "%s nests JSON %d deep, at most %d is read", what, depth,
            LIMIT_JSON_DEPTH);
    struct json_doc *d = mem_zalloc(1, sizeof *d);
    if (!d)
        return mem_err(e, sizeof *d);
    json_error_t why;
    const size_t flags = JSON_DECODE_ANY | JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL;
    d->root = json_loadb(text, bytes, flags, &why);
    if (!d->root) {
        mem_free(d);
        if (json_error_code(&why) == json_error_out_of_memory)
            return mem_err(e, bytes);
        return err_set(e, ST_CORRUPT, "%s, line %d, column %d: %s", what, why.line, why.column,
            why.text);
    }
    *out = d;
    return ST_OK;
}

enum status json_read_file(const char *path, struct json_doc **out, struct err *e)
{
    *out = NULL;
    struct buf text;
    buf_init(&text);
    enum status st = file_read(path, LIMIT_JSON_BYTES, &text, e);
    if (st == ST_OK)
        st = json_parse(text.data ? text.data : "", text.bytes, path, out, e);
    buf_deinit(&text);
    return st;
}

void json_close(struct json_doc *d)
{
    if (!d)
        return;
    json_decref(d->root);
    mem_free(d);
}

const struct json_node *json_root(const struct json_doc *d)
{
    return d ? node_of(d->root) : NULL;
}

const struct json_node *json_get(const struct json_node *object, const char *key)
{
    return node_of(json_object_get(value_of(object), key));
}

const struct json_node *json_at(const struct json_node *array, size_t index)
{
    return node_of(json_array_get(value_of(array), index));
}

size_t json_count(const struct json_node *n)
{
    return json_is_array(n) ? json_array_size(value_of(n)) : json_object_size(value_of(n));
}

const char *json_str(const struct json_node *n, const char *fallback)
{
    const char *s = json_string_value(value_of(n));
    return s ? s : fallback;
}

size_t json_str_bytes(const struct json_node *n)
{
    return json_string_length(value_of(n));
}

const struct json_iter *json_next(const struct json_node *object, const struct json_iter *it)
{
    json_t *v = value_of(object);
    void *at = (void *)(uintptr_t)it;
    return (const struct json_iter *)(at ? json_object_iter_next(v, at) : json_object_iter(v));
}

const char *json_iter_key(const struct json_iter *it)
{
    return json_object_iter_key((void *)(uintptr_t)it);
}

const struct json_node *json_iter_value(const struct json_node *object, const struct json_iter *it)
{
    (void)object;
    return node_of(json_object_iter_value((void *)(uintptr_t)it));
}

int64_t json_int(const struct json_node *n, int64_t fallback)
{
    return has_type(n, JSON_INTEGER) ? (int64_t)json_integer_value(value_of(n)) : fallback;
}

double json_num(const struct json_node *n, double fallback)
{
    return json_is_number(n) ? json_number_value(value_of(n)) : fallback;
}

bool json_bool(const struct json_node *n, bool fallback)
{
    if (has_type(n, JSON_TRUE))
        return true;
    return has_type(n, JSON_FALSE) ? false : fallback;
}
