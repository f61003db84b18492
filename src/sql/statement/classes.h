/* classes.h - ThanoSQL's base models, the names behind BUILD MODEL … USING: what each is for. */
#ifndef FOVEA_SQL_STATEMENT_CLASSES_H
#define FOVEA_SQL_STATEMENT_CLASSES_H

enum class_kind {
    CLASS_CLASSIFIER, /* of pictures, built from labelled ones */
    CLASS_CONTRAST,   /* of pictures, built without labels */
    CLASS_READY,      /* pictures and texts; comes trained and is not built */
    CLASS_OTHER       /* not for pictures alone */
};

struct model_class {
    const char *name; /* as it stands behind BUILD MODEL … USING */
    enum class_kind kind;
    const char *also;  /* a spelling that the documents have too; NULL: none */
    const char *about; /* OTHER: what it is for */
};

/* By name, in any case; NULL: there is none. */
const struct model_class *class_find(const char *name);
/* The class that comes nearest to a misspelled name; NULL: none is near. */
const char *class_near(const char *name);
#endif
