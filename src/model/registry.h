/* registry.h - models by name: where they lie on this machine, which names are known, how one gets
 * here.
 *
 * Looked for in this order: a folder that the name itself names; $FOVEA_MODELS/<name>;
 * $XDG_DATA_HOME/fovea/models/<name>; <prefix>/share/fovea/models/<name> beside the library or
 * the program; the models/ folder of the source tree it was built from. A slash in a name is a
 * sub-folder.
 */
#ifndef FOVEA_MODEL_REGISTRY_H
#define FOVEA_MODEL_REGISTRY_H

#include "base/buf.h"
#include "model/model.h"

/* A name we know without having it: what `pull` fetches. */
struct model_known {
    const char *name;     /* "openai/clip-vit-base-patch32" */
    const char *aliases[4];
    const char *about;    /* one line for `fovea models` */
    const char *licence;
    uint64_t bytes;       /* about what `pull` moves */
};

const struct model_known *model_known_find(const char *name); /* aliases too; NULL when unknown */
const struct model_known *model_known_at(size_t index);       /* NULL behind the last */

/* The folder of a name or folder; mem_free *dir. NOT_FOUND says where it looked and which command
 * gets it. */
NODISCARD enum status model_find(const char *name, char **dir, struct err *e);
#define MODEL_DEFAULT "mini"

/* Calls each() for every model folder found, first hit per name. A folder that is no model is
 * skipped. */
NODISCARD enum status model_list(enum status (*each)(void *user, const char *name, const char *dir,
    struct err *e), void *user, struct err *e);

struct model_pull {
    const char *what;      /* a known name, a base URL (https://host/path/to/model), or a folder */
    const char *name;      /* name to keep it under; NULL: from what */
    const char *mirror; /* a folder or base URL that holds <name>/<file>; NULL: $FOVEA_MIRROR, then
                           the known place */
    const char *sha256;    /* of the weights file, or NULL */
};
/* Brings the model's files into $XDG_DATA_HOME/fovea/models/<name> (resumed, hashed, checked by
 * opening it, then renamed into place). *dir: mem_free it. */
NODISCARD enum status model_pull(
    const struct model_pull *p, const struct run *run, char **dir, struct err *e);

#endif
