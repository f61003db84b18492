/* cell.h - one value on its way out, and its text in the two families of forms: the program's own
 * and ClickHouse's.
 *
 * They differ in little: ClickHouse writes a whole float without ".0", a blob as its bytes and a
 * Bool as a word. Numbers of both read back as the same numbers.
 */
#ifndef FOVEA_CLI_CELL_H
#define FOVEA_CLI_CELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum cell_kind { CELL_NULL, CELL_INTEGER, CELL_FLOAT, CELL_TEXT, CELL_BLOB, CELL_VECTOR };

struct cell {
    enum cell_kind kind;
    int64_t integer;
    double number;
    int decimals; /* of a float: 0 the shortest text that reads back the same, else so many (a box:
                     3 at most) */
    bool single;  /* the float is one of 32 bits: its text is the shortest of those */
    bool truth;   /* an integer 0 or 1 that its column calls a Bool */
    const char *data; /* text, blob, vector (little-endian f32); borrowed for the call */
    size_t bytes;
};

/* Appends a value's text: numbers, x'0a', [0.5,-1]; text raw; nothing for NULL. */
void cell_add_text(struct buf *out, const struct cell *c);
/* The same as ClickHouse has it; still nothing for NULL, and text and blobs raw. */
void cell_add_click(struct buf *out, const struct cell *c);
/* As JSON. click: blobs as text and whole floats without ".0"; else blobs are hexadecimal. NaN and
 * infinity, which JSON lacks, are null. */
void cell_add_json(struct buf *out, const struct cell *c, bool click);

/* The shortest decimal text that reads back as the same double (or float). */
void cell_add_double(struct buf *out, double d);
void cell_add_float(struct buf *out, float f);
/* The same laid out as ECMAScript does it, which is what ClickHouse writes: 1, 0.000001, 1e-7,
 * 100000000000000000000, 1e21, nan, inf. single: the digits of a float. */
void cell_add_number(struct buf *out, double d, bool single);

#endif
