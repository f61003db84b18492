/* vector.h - vectors as SQL sees them: a BLOB of little-endian f32, or text as '[1, 2.5, -3e-2]'.
 */
#ifndef FOVEA_SQL_FUNCTION_VECTOR_H
#define FOVEA_SQL_FUNCTION_VECTOR_H

#include "base/buf.h"
#include "base/err.h"
#include "sql/tabfn.h"

/* Reads a text of numbers in brackets into out (room for LIMIT_VECTOR_DIM). White space may stand
 * around the numbers. Errors: INVALID (says what is wrong at which character), LIMIT (too many
 * numbers). */
NODISCARD enum status vector_parse(
    const char *text, size_t bytes, float *out, int *dim, struct err *e);
/* Appends '[…]', each number the shortest that reads back the same. */
void vector_print(const float *v, int dim, struct buf *out);

/* One number of it at *p, which moves behind; places in errors count from start. */
NODISCARD enum status vector_parse_number(
    const char **p, const char *start, const char *end, float *out, struct err *e);
void vector_print_number(float v, struct buf *out);

/* A vector argument, whichever form it has. */
struct vector_arg {
    const float *v; /* NULL: the argument is NULL */
    int dim;
    float *owned; /* aligned copy or parsed text; vector_arg_deinit frees it */
};
/* what: "L2Distance()", "column e": begins the messages. Errors: INVALID (a number, a blob whose
 * length is no multiple of 4), LIMIT. */
NODISCARD enum status vector_arg_init(
    struct vector_arg *a, const struct sql_value *v, const char *what, struct err *e);
/* The same for a text that is argument number i of the function whose result is out: one that is
 * the same in every row is read once. */
NODISCARD enum status vector_arg_keep(
    struct vector_arg *a, const struct sql_value *v, int i, struct sql_result *out, struct err *e);
/* INVALID when a number in it is NaN or infinite: a blob may hold any bytes. */
NODISCARD enum status vector_arg_check(const struct vector_arg *a, const char *what, struct err *e);
void vector_arg_deinit(struct vector_arg *a);

#endif
