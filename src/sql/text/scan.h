/* scan.h - the tokens of one statement: where it ends, whether it holds something of ours, and
 * which of its words are ours. */
#ifndef FOVEA_SQL_TEXT_SCAN_H
#define FOVEA_SQL_TEXT_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "sql/text/lexer.h"

/* What was met. HOLDS_OURS makes a statement ours; the rest asks for a look without changing the
 * text. */
enum sql_holds {
    HOLDS_STEP = 1,       /* SEARCH IMAGE …, CONVERT USING …, CREATE TABLE t USING … */
    HOLDS_OPERATOR = 2,   /* <=> <-> <#> <+> */
    HOLDS_DISTANCE = 4,   /* a call of a distance function: models are compared */
    HOLDS_CREATE_AS = 8,  /* CREATE TABLE … AS: declarations are copied */
    HOLDS_DROP = 16,      /* DROP TABLE, ALTER TABLE … RENAME: declarations follow */
    HOLDS_ORDER = 32,     /* ORDER */
    HOLDS_SETTINGS = 64,  /* SETTINGS name = value at its end */
    HOLDS_NUMBERED = 128, /* $1, {name:Type}: SQLite gets ?1 */
    HOLDS_COMMENT = 256,  /* # or a comment in a comment */
    HOLDS_MAYBE = 512,    /* SQLite may know it otherwise: E'a', (LIST MODEL), a dialect's words */
    HOLDS_WORDS = HOLDS_MAYBE,
    HOLDS_DIALECT = 1024, /* another dialect's form that SQLite would take for something else */
    HOLDS_FORMS = 2048,   /* brackets that may be another dialect's: only its words count as ours */
    HOLDS_SUMS = 4096,    /* avg, sum, length, + - * /: of vectors they are ours */
    HOLDS_ENCODE = 8192,  /* encode_text(…), encode_image(…): the plan looks for their model */
    HOLDS_OURS = HOLDS_STEP | HOLDS_OPERATOR | HOLDS_DIALECT,
    HOLDS_NEAREST = HOLDS_DISTANCE | HOLDS_ORDER
};

struct sql_scan {
    const char *text;
    struct sql_token *tokens; /* without blanks and comments; one LEX_END behind the last */
    int count;
    int end; /* bytes of the text up to and with the ; that ends the statement */
    unsigned holds;
    /* SETTINGS and FORMAT at the end, in either order, are cut: count is without them. */
    int settings;       /* the token behind SETTINGS; 0: none */
    int settings_count; /* tokens up to the end of those */
    int format;         /* the token behind FORMAT; 0: none */
    enum lex_mode flat; /* LEX_FLAT where comments don't nest, since one is never closed; else 0 */
    bool lock;          /* FOR UPDATE is being left out */
    bool part;          /* it ends before a line that may begin another statement (words_max) */
};

/* Scans the first statement of text, leading ; skipped. Errors: LIMIT (LIMIT_SQL_BYTES), NO_MEMORY.
 * Malformed text is not an error here: whoever parses it says so. */
NODISCARD enum status sql_scan_next(
    const char *text, size_t bytes, struct arena *a, struct sql_scan *out, struct err *e);

/* A text to scan, and how far: behind so many tokens the scan ends before the next line that begins
 * with a statement's first word, and is a part. 0: it goes to the statement's end. */
struct sql_scan_text {
    const char *s;
    size_t bytes;
    int words_max;
};
NODISCARD enum status sql_scan_part(
    const struct sql_scan_text *text, struct arena *a, struct sql_scan *out, struct err *e);

/* Gives e a place where SQLite named a table but no place: that of the first token that spells the
 * name. */
void sql_scan_place(const struct sql_scan *scan, struct err *e);

#endif
