/* typed.h - where a typed statement ends, without parsing it. */
#ifndef FOVEA_CLI_TYPED_H
#define FOVEA_CLI_TYPED_H

#include <stdbool.h>
#include <stddef.h>

/* The text ends with a semicolon that closes a statement: not one inside quotes, a comment or the
 * body of CREATE TRIGGER, which ends with END; */
bool typed_complete(const char *text, size_t bytes);
/* Only blanks, comments and semicolons. */
bool typed_blank(const char *text, size_t bytes);

#endif
