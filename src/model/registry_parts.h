/* registry_parts.h - what registry.c and the files of `pull` share. Nobody else includes this. */
#ifndef FOVEA_MODEL_REGISTRY_PARTS_H
#define FOVEA_MODEL_REGISTRY_PARTS_H

#include "base/run.h"
#include "model/registry.h"

/* A folder with a config.json and weights. */
bool registry_is_model(const char *dir);
/* May this name a sub-folder of a models folder? No empty part, none that begins with a dot, no
 * blanks or control characters, LIMIT_PATH_BYTES. */
bool registry_name_sound(const char *name);
/* Where pulled models go, $XDG_DATA_HOME/fovea/models; mem_free it. */
NODISCARD enum status registry_home(char **dir, struct err *e);

/* ---- where a pull comes from ---- */

struct pull_source {
    char *name; /* to keep the model under */
    char *base; /* URL of the folder that holds the files; file:// for one on this machine */
    bool here;  /* asked for by name, and pulled before: base is NULL */
};

NODISCARD enum status pull_source_init(
    const struct model_pull *p, struct pull_source *out, struct err *e);
void pull_source_deinit(struct pull_source *s);
/* Appends text with all but unreserved characters and slashes as %XX (RFC 3986). */
void pull_add_encoded(struct buf *out, const char *text);

#endif
