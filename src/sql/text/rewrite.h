/* rewrite.h - a text made from another, which remembers where each byte came from: what SQLite says
 * about a place in the one can be told of the other. */
#ifndef FOVEA_SQL_TEXT_REWRITE_H
#define FOVEA_SQL_TEXT_REWRITE_H

#include "base/buf.h"

struct rewrite_piece {
    int at;     /* where it begins in the new text */
    int source; /* the byte of the old text it stands for */
    bool exact; /* its bytes are the old ones, so that places inside it are exact too */
};

struct rewrite {
    struct buf sql;
    struct rewrite_piece *pieces;
    int count, capacity;
};

void rewrite_init(struct rewrite *r);
void rewrite_deinit(struct rewrite *r);
/* text[start, end) as it stands. Failures are sticky in r->sql. */
void rewrite_add_source(struct rewrite *r, const char *text, int start, int end);
/* Words of ours for what stands at byte source. */
void rewrite_add(struct rewrite *r, int source, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* The byte of the old text that byte `at` of the new one stands for. */
int rewrite_source(const struct rewrite *r, int at);

#endif
