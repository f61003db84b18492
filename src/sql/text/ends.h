/* ends.h - where a statement ends without a semicolon. */
#ifndef FOVEA_SQL_TEXT_ENDS_H
#define FOVEA_SQL_TEXT_ENDS_H

#include "sql/text/scan.h"

enum { ENDS_MAX = 5 };

/* The tokens at which another statement may begin, when a statement can't go on at byte `at` of its
 * text: each begins a line and is a word that statements begin with. How many there are; the first
 * is the likeliest. -1: the scan is a part that ends too soon to tell. */
int sql_ends_find(const struct sql_scan *scan, int at, int out[ENDS_MAX]);
/* Does this token begin a line with a word that statements begin with? */
bool sql_ends_before(const struct sql_scan *scan, int token);
/* Is it a word that statements begin with? */
bool sql_ends_is_word(const char *text, struct sql_token t);
/* The word that statements begin with and that this one comes nearest to; NULL: none is near. */
const char *sql_ends_near(const char *word);

#endif
