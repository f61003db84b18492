/* library.h - the room's one door upward: everything it has, registered as functions of a session.
 */
#ifndef FOVEA_LIBRARY_LIBRARY_H
#define FOVEA_LIBRARY_LIBRARY_H

#include "sql/listing.h"

/* Adds fovea_index, fovea_search, fovea_models, fovea_pull, fovea_doctor, contact_sheet,
 * picture_size, thumbnail and relevance to s. */
NODISCARD enum status library_attach(struct sql_session *s, struct err *e);

/* To a session in another program: what needs no connection of its own and no network. */
NODISCARD enum status library_attach_host(struct sql_session *s, struct err *e);

extern const struct sql_tabfn INDEX_FUNCTION, SEARCH_FUNCTION, MODELS_FUNCTION, PULL_FUNCTION,
    DOCTOR_FUNCTION;
extern const struct sql_aggregate SHEET_FUNCTION;
extern const struct sql_scalar SIZE_FUNCTION, THUMBNAIL_FUNCTION, RELEVANCE_FUNCTION;

#endif
