/* listing.h - the rows of a table function that are known when it is opened. */
#ifndef FOVEA_SQL_LISTING_H
#define FOVEA_SQL_LISTING_H

#include "sql/tabfn.h"

/* Texts and integers, row after row. */
enum { LISTING_COLUMNS_MAX = 8 };
struct listing;
NODISCARD enum status listing_open(int columns, struct listing **out, struct err *e);
void listing_close(void *l);
/* The next cell, row-major; NULL text is NULL. */
NODISCARD enum status listing_add_text(struct listing *l, const char *text, struct err *e);
NODISCARD enum status listing_add_int(struct listing *l, int64_t v, struct err *e);
/* next and column of a struct sql_tabfn whose cursor is a listing. */
enum status listing_next(void *l, bool *row, struct err *e);
void listing_column(void *l, int column, struct sql_result *out);

#endif
