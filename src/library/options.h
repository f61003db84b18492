/* options.h - reading the arguments of the library's table functions: JSON options and lists of
 * folders. */
#ifndef FOVEA_LIBRARY_OPTIONS_H
#define FOVEA_LIBRARY_OPTIONS_H

#include "base/json.h"
#include "sql/tabfn.h"

/* Parses a JSON object (NULL: none) whose keys must all be in the list "a, b, c". *out may be NULL.
 * Errors: INVALID (no object, or an unknown key: names it and those there are), CORRUPT. */
NODISCARD enum status options_read(
    const struct sql_value *v, const char *keys, struct json_doc **out, struct err *e);

/* A list of paths as arguments give them: a JSON array of texts, one path, or a blob of paths with
 * a zero byte behind each but the last (for names that JSON can't hold: not UTF-8). */
struct options_paths {
    char **at;
    size_t count;
};

NODISCARD enum status options_paths_read(
    const struct sql_value *v, struct options_paths *out, struct err *e);
/* The same from a node of the options: a text or an array of texts. */
NODISCARD enum status options_paths_node(
    const struct json_node *n, const char *what, struct options_paths *out, struct err *e);
void options_paths_deinit(struct options_paths *p);

#endif
