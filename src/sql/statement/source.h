/* source.h - what a statement computes from: a column of q that holds vectors of its model, or one
 * with pictures.
 *
 * emb_col and image_col name them. Without, the vectors are in the first column of these that q has
 * and that is not known to hold another model's:
 *     <model>_<base>, as CONVERT calls it in dialect A (mini_clip, tutorial_search_clip_clipen)
 *     convert_result, as CONVERT calls it in dialect C
 *     embedding, when fovea_columns declares it to be of this model
 * and else come from pictures, which are embedded as they are met: of the column that vectors of
 * the same table were made from (fovea_columns.picture), else of image_path, image or path.
 */
#ifndef FOVEA_SQL_STATEMENT_SOURCE_H
#define FOVEA_SQL_STATEMENT_SOURCE_H

#include "sql/statement/statement.h"

enum source_dialect { DIALECT_A, DIALECT_B, DIALECT_C };
/* Setting thanosql_dialect, for a text that doesn't tell. */
enum source_dialect source_dialect(const struct sql_step *s);

/* Fills vector_column, or else picture_column, and batch. result_first: convert_result goes before
 * <model>_<base>. Errors: NOT_FOUND, MISMATCH (another model's vectors). */
NODISCARD enum status source_plan(struct sql_step *s, bool result_first, struct err *e);
/* Pictures only: fills picture_column; NOT_FOUND. */
NODISCARD enum status source_plan_pictures(struct sql_step *s, struct err *e);
/* The column of q that an option names, or else name; *column -1: q has none of that name, which is
 * an error where the option was given. */
NODISCARD enum status source_column(
    struct sql_step *s, const char *option, const char *name, int *column, struct err *e);
/* batch_size, bounded by what a model takes at once: more gains nothing. */
void source_take_batch(struct sql_step *s);

/* Vectors of the batch's rows, NULL where there is none; borrowed until the next call. vectors has
 * room for r->count. */
NODISCARD enum status source_vectors(struct step_run *r, const float **vectors, struct err *e);
/* ", vectors from column embedding" */
void source_describe(const struct sql_step *s, struct buf *out);
/* A word for whoever waits, once for each statement: "Searching...". */
void source_announce(struct sql_step *s, const char *what, const char *words);

#endif
