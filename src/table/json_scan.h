/* json_scan.h - JSON values found in text that may go on (RFC 8259), without building anything.
 *
 * NaN, Infinity and -Infinity, which Python writes, are taken: NaN as null.
 */
#ifndef FOVEA_TABLE_JSON_SCAN_H
#define FOVEA_TABLE_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "table/cells.h"

enum json_scan {
    JSON_FINE,
    JSON_MORE, /* the text ends within the value */
    JSON_BAD,
    JSON_DEEP /* nested deeper than LIMIT_JSON_DEPTH */
};

struct json_text {
    char *p, *end;
    bool final; /* nothing follows end */
    int depth;
};

void json_skip_blank(struct json_text *t);
/* The value at t->p (blanks before it go), checked whole; t->p moves behind it, or to the byte that
 * is wrong. */
enum json_scan json_value(struct json_text *t, struct cell *out);
/* The given punctuation mark, blanks before it aside. */
enum json_scan json_mark(struct json_text *t, char mark);
/* The next byte that is no blank, without taking it; '\0' with MORE at the end. */
enum json_scan json_peek(struct json_text *t, char *out);
/* A string's inside, its escapes resolved in place; *bytes are left. A lone surrogate becomes
 * U+FFFD. false: an escape is wrong. */
bool json_unescape(char *s, size_t length, size_t *bytes);

#endif
