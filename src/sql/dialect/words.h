/* words.h - words and signs of PostgreSQL and ClickHouse inside queries, told from names.
 *
 * Each is a word only where SQLite's language has no place for it, or where what follows can't be
 * meant otherwise; the scan asks token by token. Some are only spelled otherwise than SQLite's word
 * for the same (FETCH FIRST n ROWS ONLY is LIMIT n), some say nothing here (FOR UPDATE, FINAL) and
 * are left out.
 */
#ifndef FOVEA_SQL_DIALECT_WORDS_H
#define FOVEA_SQL_DIALECT_WORDS_H

#include "sql/text/scan.h"

/* The kind that t, the token behind those of scan, has; LEX_COMMENT: it is left out. bytes: where
 * the text ends. Adds to scan->holds. */
int dialect_word(struct sql_scan *scan, int bytes, struct sql_token t);
/* What is written for a token that is spelled otherwise; NULL: the token itself. */
const char *dialect_spelling(const struct sql_scan *scan, int token);

/* The text from [ at byte i to its ], when it holds constants only: numbers, texts, lists of them.
 * 0: it does not. */
int dialect_list_end(const char *text, int bytes, int i);
/* Does [ at byte i begin a list of expressions: a comma stands in it outside of brackets, or it is
 * one value? Else SQLite's quoted name does. */
bool dialect_is_list(const char *text, int bytes, int i);

#endif
