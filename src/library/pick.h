/* pick.h - which model a call means, and which column of images holds its vectors.
 *
 * A column belongs to a model by fingerprint, not by name: the same weights under another name or
 * folder use the same column, other weights under the same name never do.
 */
#ifndef FOVEA_LIBRARY_PICK_H
#define FOVEA_LIBRARY_PICK_H

#include "base/hash.h"
#include "library/tables.h"
#include "sql/session.h"

struct pick {
    char model[256]; /* a name, or a folder's real path: opens it again from anywhere */
    struct tables_column column;
    char stamp[HASH_CONTENT_CHARS]; /* of the model's files: names, sizes, times */
    bool stamp_fresh;               /* not yet kept in the library */
    bool declared;                  /* the column is there and is of this model */
    bool replaced;                  /* the column holds vectors of other weights under this name */
    struct model *open;             /* NULL while nothing has needed the weights */
};

/* For writing. name: NULL for the library's own model, or MODEL_DEFAULT for a new library. The
 * model is opened only when its files are not the ones the library remembers. Errors: those of
 * finding and opening the model; LIMIT (too many columns). */
NODISCARD enum status pick_for_index(
    struct sql_session *s, struct store *store, const char *name, struct pick *out, struct err *e);
/* Opens the model if that was put off. MISMATCH: it is not what its files' stamp promised. */
NODISCARD enum status pick_open_model(struct sql_session *s, struct pick *p, struct err *e);
/* Makes and declares the column where it is missing; empties it where its model was replaced. */
NODISCARD enum status pick_declare(struct store *s, struct pick *p, struct err *e);

/* For searching: opens the model and finds its column. Errors: as above; MISMATCH when the library
 * has no vectors of this model (names the models it has, and how to index with this one). */
NODISCARD enum status pick_for_search(
    struct sql_session *s, const char *name, struct pick *out, struct err *e);

#endif
