/* number.h - decimal text to numbers, exactly: what strtof and strtod give, without a locale.
 *
 * Grammar: [-] digits [. digits] [(e|E) [+-] digits], a digit on at least one side of the point;
 * and nan, inf, infinity in any case with an optional sign. No blanks, no '+', no hexadecimal.
 */
#ifndef FOVEA_TABLE_NUMBER_H
#define FOVEA_TABLE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NUMBER_BYTES_MAX = 1100 }; /* longer text is no number: 768 digits decide a double */

/* The number at s, which ends before end: how many bytes it takes; 0 when there is none. What is
 * behind it is the caller's business. */
size_t number_f32(const char *s, const char *end, float *out);
size_t number_f64(const char *s, const char *end, double *out);
/* The whole text is an integer that fits. */
bool number_int(const char *s, size_t bytes, int64_t *out);
/* The whole text is a number. */
bool number_real(const char *s, size_t bytes, double *out);

#endif
