/* text.h - strings of anywhere made fit for a terminal: no control characters, a width in columns.
 *
 * Paths and database values are foreign bytes. Shown raw, an escape sequence in a file's name would
 * drive the terminal, and a newline would forge a row.
 */
#ifndef FOVEA_CLI_TEXT_H
#define FOVEA_CLI_TEXT_H

#include <stddef.h>

#include "base/buf.h"

/* ClickHouse's mark for NULL where people read. */
#define TEXT_NULL "ᴺᵁᴸᴸ"

/* Appends s with control characters as \n, \t, \x1b and bytes that are not UTF-8 as \xff. */
void text_add_visible(struct buf *out, const char *s, size_t bytes);
/* The same, but lines stay lines: tabs and line ends (\n, \r\n) go out as they are. */
void text_add_lines(struct buf *out, const char *s, size_t bytes);
/* Columns of a terminal that text_add_visible's text takes. */
size_t text_visible_width(const char *s, size_t bytes);
/* Appends s (already visible) in at most width columns: the middle gives way to an ellipsis, the
 * end keeps two thirds, since a path tells most at its end. */
void text_add_shortened(struct buf *out, const char *s, size_t bytes, size_t width);
/* Bytes of the longest beginning (end) of s that takes at most width columns. */
size_t text_head_bytes(const char *s, size_t bytes, size_t width);
size_t text_tail_bytes(const char *s, size_t bytes, size_t width);
void text_add_spaces(struct buf *out, size_t count);

/* Appends a string of our statements: in quotes, with quotes and backslashes doubled. */
void text_add_quoted(struct buf *out, const char *text);

#endif
