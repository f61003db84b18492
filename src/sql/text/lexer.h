/* lexer.h - text to tokens, as SQLite cuts it, with our operators and the value forms of our
 * statements. */
#ifndef FOVEA_SQL_TEXT_LEXER_H
#define FOVEA_SQL_TEXT_LEXER_H

#include <stdbool.h>
#include <stddef.h>

#include "sql/grammar.h" /* Lemon's: TK_... */

/* Kinds that never reach the grammar. */
enum {
    LEX_SPACE = 1000,
    LEX_COMMENT,
    LEX_OPEN_COMMENT, /* up to the end */
    LEX_ILLEGAL,
    LEX_END
};

struct sql_token {
    int kind;       /* TK_..., LEX_... */
    int start, end; /* bytes of the text */
    bool escapes;   /* a string in which \\ escapes */
};

/* LEX_VALUES: the header of one of our statements, where 'a' and "a" are strings with backslash
 * escapes and [ begins a list. LEX_FLAT, or'ed in: comments don't nest. */
enum lex_mode { LEX_SQL, LEX_VALUES, LEX_FLAT, LEX_VALUES_FLAT };

/* The token at byte `at` of text (bytes long); LEX_END behind the last. Blanks and comments are
 * tokens too. */
struct sql_token lex_next(const char *text, int bytes, int at, enum lex_mode mode);

/* Is it a comment that SQLite takes for something else: one from # on, or one that nests? */
bool lex_is_foreign_comment(const char *text, struct sql_token t);

/* Does the token spell this word, in any case? */
bool lex_is(const char *text, struct sql_token t, const char *word);

#endif
