/* json.h - the door of jansson: bounded parsing and typed look-ups.
 *
 * A json_node is borrowed from its document and lives as long as it. Look-ups take NULL and give
 * NULL, so a path of them needs one check at its end.
 */
#ifndef FOVEA_BASE_JSON_H
#define FOVEA_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct json_doc;
struct json_node;

/* Parses text of at most LIMIT_JSON_BYTES; what names the source in errors ("config.json").
 * Any JSON value may be at the top; duplicate keys are refused. Errors: CORRUPT (line and column),
 * LIMIT, NO_MEMORY. */
NODISCARD enum status json_parse(const char *text, size_t bytes, const char *what,
    struct json_doc **out, struct err *e);
NODISCARD enum status json_read_file(const char *path, struct json_doc **out, struct err *e);
void json_close(struct json_doc *d);
const struct json_node *json_root(const struct json_doc *d);

const struct json_node *json_get(const struct json_node *object, const char *key);
const struct json_node *json_at(const struct json_node *array, size_t index);
size_t json_count(const struct json_node *array_or_object); /* 0 for anything else */

bool json_is_object(const struct json_node *n);
bool json_is_array(const struct json_node *n);
bool json_is_null(const struct json_node *n); /* true for NULL too */
/* These give fallback when the node is absent or of another type. */
const char *json_str(const struct json_node *n, const char *fallback);
size_t json_str_bytes(const struct json_node *n); /* strings may hold NULs */
int64_t json_int(const struct json_node *n, int64_t fallback);
double json_num(const struct json_node *n, double fallback); /* integers too */
bool json_bool(const struct json_node *n, bool fallback);
bool json_is_number(const struct json_node *n);

/* Walks an object in the order of the text: start with iter = NULL, ends with NULL. */
struct json_iter;
const struct json_iter *json_next(const struct json_node *object, const struct json_iter *it);
const char *json_iter_key(const struct json_iter *it);
const struct json_node *json_iter_value(const struct json_node *object, const struct json_iter *it);

#endif
