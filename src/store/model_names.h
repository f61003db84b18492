/* model_names.h - fovea_model_names: what this database calls its models (GET THANOSQL MODEL … AS
 * name, UPLOAD MODEL name).
 *
 *   fovea_model_names(name TEXT PRIMARY KEY, class_name TEXT, source TEXT, updated TEXT)
 *
 * class_name is the base class ThanoSQL shows ("CLIPEn"), source what the registry finds the model
 * by (a name or a folder), updated UTC. Names compare without case.
 */
#ifndef FOVEA_STORE_MODEL_NAMES_H
#define FOVEA_STORE_MODEL_NAMES_H

#include "store/store.h"

struct store_model_name {
    char name[256];
    char class_name[64];
    char source[4096];
    char updated[32]; /* as read; set: now */
};

/* *found false: this database has no such name (also when the table is missing). out may be NULL.
 */
NODISCARD enum status store_model_name_find(
    struct store *s, const char *name, struct store_model_name *out, bool *found, struct err *e);
/* Makes the table when it is missing; replaces what the name was. */
NODISCARD enum status store_model_name_set(
    struct store *s, const struct store_model_name *m, struct err *e);
NODISCARD enum status store_model_name_remove(struct store *s, const char *name, struct err *e);
/* All of them in the order of names. */
NODISCARD enum status store_model_names_each(struct store *s,
    enum status (*each)(void *user, const struct store_model_name *m, struct err *e), void *user,
    struct err *e);

#endif
