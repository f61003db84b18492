/* columns.h - fovea_columns: which columns hold vectors, of which model and dimension (promise 4).
 *
 *   fovea_columns(tbl TEXT, col TEXT, model TEXT, fingerprint TEXT, dim INTEGER, metric TEXT,
 *                 PRIMARY KEY (tbl, col))
 *
 * model and fingerprint are NULL for vectors that no model of ours made. Names compare without
 * case.
 */
#ifndef FOVEA_STORE_COLUMNS_H
#define FOVEA_STORE_COLUMNS_H

#include "store/store.h"

struct store_column {
    char model[256];       /* "" when none */
    char fingerprint[40];  /* "" when none */
    int dim;
    char metric[16];       /* "cosine" */
};

/* Makes the table when it is missing. */
NODISCARD enum status store_columns_init(struct store *s, struct err *e);
NODISCARD enum status store_column_set(struct store *s, const char *table, const char *column,
    const struct store_column *c, struct err *e);
/* out->dim 0: the column is not declared (also when the table fovea_columns is missing). */
NODISCARD enum status store_column_find(struct store *s, const char *table, const char *column,
    struct store_column *out, struct err *e);
/* Forgets every column of the table. */
NODISCARD enum status store_columns_remove(struct store *s, const char *table, struct err *e);

#endif
