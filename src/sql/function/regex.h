/* regex.h - a regular expression as a program: what matching (regex.c) and replacing
 * (regex_replace.c) share. Inside function/ only.
 *
 * A program is run by following its operations from the first: CHAR, ANY and SET take a character
 * and go on, SPLIT goes on at x and at y, of which x is preferred, JUMP at x, BEGIN and END where
 * the text begins and ends, SAVE notes the place as number x.
 */
#ifndef FOVEA_SQL_FUNCTION_REGEX_H
#define FOVEA_SQL_FUNCTION_REGEX_H

#include "sql/function/function.h"

enum {
    REGEX_OPS_MAX = 4000,
    REGEX_RANGES_MAX = 1000,
    REGEX_GROUPS_MAX = 10,  /* the whole match and \1 to \9 */
    REGEX_LOOK_EVERY = 4096 /* characters between two looks at the statement's cancel */
};

enum regex_kind {
    REGEX_CHAR,
    REGEX_ANY,
    REGEX_SET,
    REGEX_SPLIT,
    REGEX_JUMP,
    REGEX_BEGIN,
    REGEX_END,
    REGEX_SAVE,
    REGEX_MATCH
};

struct regex_op {
    enum regex_kind kind;
    bool negated;
    uint32_t c;
    int x, y; /* SPLIT, JUMP: where to; SET: its ranges [x, y); SAVE: which */
};

struct regex_range {
    uint32_t low, high;
};

struct regex {
    bool fold;     /* without case */
    bool saves;    /* groups note their places: group k as 2k and 2k + 1 */
    bool shortest; /* its first quantifier is a lazy one: the shortest match is meant */
    int count, range_count, groups;
    struct regex_op ops[REGEX_OPS_MAX];
    struct regex_range ranges[REGEX_RANGES_MAX];
};

/* g->fold and g->saves are set by the caller, the rest is zero.
 * Errors: INVALID (with the character's number), LIMIT. */
NODISCARD enum status regex_compile(
    const struct function_text *pattern, struct regex *g, struct err *e);
/* Does CHAR, ANY or SET take the character? */
bool regex_takes(const struct regex *g, const struct regex_op *o, uint32_t c);

#endif
