/* prebuilt.h - the model names of ThanoSQL's documents: what each one was, and what stands for it
 * here. */
#ifndef FOVEA_SQL_STATEMENT_PREBUILT_H
#define FOVEA_SQL_STATEMENT_PREBUILT_H

#include <stddef.h>

struct prebuilt {
    const char *name;       /* "tutorial_search_clip" */
    const char *class_name; /* "CLIPEn" */
    const char *source;     /* the registry's name; NULL: not to be had */
    const char *why;        /* source NULL: why not */
};

const struct prebuilt *prebuilt_find(const char *name); /* without case; NULL: not one of theirs */
const struct prebuilt *prebuilt_at(size_t index);       /* NULL behind the last */

#endif
