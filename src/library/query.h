/* query.h - the language of a search's query: a text, a picture, or a sum of them.
 *
 *   query := [sign] term { sign term }      sign := "+" | "-", standing alone between blanks
 *   term  := [weight ":"] item              weight := a number, 2 or 0.5
 *   item  := "text in quotes" | path | text
 *
 * A path is an item that begins with / ./ ../ or ~/, or that names a picture file that is there;
 * whole queries that name one are paths even with blanks and signs in them. Everything else is
 * text. Quotes make anything a text. Signs without blanks around them are part of the word
 * ("t-shirt"). The vector is the sum of weight x unit vector of each term, scaled to length 1.
 */
#ifndef FOVEA_LIBRARY_QUERY_H
#define FOVEA_LIBRARY_QUERY_H

#include "model/model.h"

enum { QUERY_TERMS_MAX = 32 };

struct query_term {
    double weight;    /* with its sign */
    bool is_picture;  /* text is a path */
    const char *text; /* in query.text */
};

struct query {
    char *text; /* owned; cut into terms */
    struct query_term terms[QUERY_TERMS_MAX];
    int count;
};

/* Errors: INVALID (empty, a term missing, a weight of 0), LIMIT (too many terms). */
NODISCARD enum status query_parse(const char *text, size_t bytes, struct query *out, struct err *e);
void query_deinit(struct query *q);

/* dim floats of length 1. Errors name the term: NOT_FOUND, CORRUPT and others of a picture file;
 * INVALID when the terms cancel out. */
NODISCARD enum status query_embed(const struct query *q, const struct model *m,
    struct model_worker *w, float *out, struct err *e);

#endif
