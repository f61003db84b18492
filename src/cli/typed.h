/* typed.h - where a typed statement ends, without parsing it. */
#ifndef FOVEA_CLI_TYPED_H
#define FOVEA_CLI_TYPED_H

#include <stdbool.h>
#include <stddef.h>

/* The text ends with a semicolon or a \G that closes a statement: not one inside quotes, a comment
 * or the body of CREATE TRIGGER, which ends with END; */
bool typed_complete(const char *text, size_t bytes);
/* Only blanks, comments and semicolons. */
bool typed_blank(const char *text, size_t bytes);
/* Bytes of those at the beginning. */
size_t typed_skip(const char *text, size_t bytes);

/* ClickHouse's and MySQL's ends of a statement: \G shows its rows vertically, \g is a semicolon;
 * and a line that begins with %%, the next cell of a notebook. */
struct typed_go {
    size_t at; /* where the sign is; the text's length: there is none */
    size_t bytes; /* of the sign; 0: it belongs to what follows */
    bool vertical;
};
struct typed_go typed_find_go(const char *text, size_t bytes);

#endif
