/* library.c - the table of what this room adds to SQL. */
#include "library/library.h"

/* Pictures for whoever shows them, and what a score is worth. */
static enum status add_shown(struct sql_session *s, struct err *e)
{
    enum status st = sql_aggregate_add(s, &SHEET_FUNCTION, e);
    if (st == ST_OK) st = sql_scalar_add(s, &SIZE_FUNCTION, e);
    if (st == ST_OK) st = sql_scalar_add(s, &THUMBNAIL_FUNCTION, e);
    return st == ST_OK ? sql_scalar_add(s, &RELEVANCE_FUNCTION, e) : st;
}

enum status library_attach(struct sql_session *s, struct err *e)
{
    static const struct sql_tabfn *const FUNCTIONS[] = {
        &INDEX_FUNCTION, &SEARCH_FUNCTION, &MODELS_FUNCTION, &PULL_FUNCTION, &DOCTOR_FUNCTION};
    enum status st = ST_OK;
    for (size_t i = 0; st == ST_OK && i < sizeof FUNCTIONS / sizeof FUNCTIONS[0]; i++)
        st = sql_tabfn_add(s, FUNCTIONS[i], e);
    return st == ST_OK ? add_shown(s, e) : st;
}

enum status library_attach_host(struct sql_session *s, struct err *e)
{
    enum status st = sql_tabfn_add(s, &SEARCH_FUNCTION, e);
    if (st == ST_OK) st = sql_tabfn_add(s, &MODELS_FUNCTION, e);
    return st == ST_OK ? add_shown(s, e) : st;
}
