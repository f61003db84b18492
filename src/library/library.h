/* library.h - the room's one door upward: everything it has, registered as functions of a session.
 */
#ifndef FOVEA_LIBRARY_LIBRARY_H
#define FOVEA_LIBRARY_LIBRARY_H

#include "sql/tabfn.h"

/* Adds fovea_index, fovea_search, fovea_models, fovea_pull, fovea_doctor and contact_sheet to s. */
NODISCARD enum status library_attach(struct sql_session *s, struct err *e);

/* To a session in another program: what needs no connection of its own and no network. */
NODISCARD enum status library_attach_host(struct sql_session *s, struct err *e);

extern const struct sql_tabfn INDEX_FUNCTION, SEARCH_FUNCTION, MODELS_FUNCTION, PULL_FUNCTION,
    DOCTOR_FUNCTION;
extern const struct sql_aggregate SHEET_FUNCTION;

/* Rows of a table function that are known when it is opened: texts and integers in a list. */
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
