/* columns.h - fovea_columns: which columns hold vectors, of which model and dimension (promise 4).
 *
 *   fovea_columns(tbl TEXT, col TEXT, model TEXT, fingerprint TEXT, dim INTEGER, metric TEXT,
 *                 picture TEXT, PRIMARY KEY (tbl, col))
 *
 * model and fingerprint are NULL for vectors that no model of ours made, picture where they were
 * not made from pictures of a column of the same table. Names compare without case. A table of
 * before there was picture is read as it is, and gets the column when it is next written.
 */
#ifndef FOVEA_STORE_COLUMNS_H
#define FOVEA_STORE_COLUMNS_H

#include "store/store.h"

struct store_column {
    char model[256];       /* "" when none */
    char fingerprint[40];  /* "" when none */
    int dim;
    char metric[16];       /* "cosine" */
    char picture[256];     /* the column with the pictures they are of; "" when not known */
};

/* Makes the table when it is missing, or what it lacks. */
NODISCARD enum status store_columns_init(struct store *s, struct err *e);
NODISCARD enum status store_column_set(struct store *s, const char *table, const char *column,
    const struct store_column *c, struct err *e);
/* out->dim 0: the column is not declared (also when the table fovea_columns is missing). */
NODISCARD enum status store_column_find(struct store *s, const char *table, const char *column,
    struct store_column *out, struct err *e);
/* The column with the pictures that a vector column of the table was made from: one of this
 * model's if there is one. *out "": none is known. */
NODISCARD enum status store_column_picture(struct store *s, const char *table,
    const char *fingerprint, char out[256], struct err *e);
/* Forgets every column of the table. */
NODISCARD enum status store_columns_remove(struct store *s, const char *table, struct err *e);

#endif
