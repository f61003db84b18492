/* sheet.h - a contact sheet: pictures in rows of five, each stretched to a 150 x 150 cell, as one
 * PNG. */
#ifndef FOVEA_IMAGE_SHEET_H
#define FOVEA_IMAGE_SHEET_H

#include "base/buf.h"
#include "image/image.h"

enum { SHEET_CELL = 150, SHEET_COLUMNS = 5, SHEET_CELLS_MAX = 1000 };

struct sheet;

NODISCARD enum status sheet_open(struct sheet **out, struct err *e);
void sheet_close(struct sheet *s);
/* The next cell, row-major, from a picture file's bytes (oriented, over white). A picture that
 * can't be read leaves a light grey cell and its reason in e; the sheet stays usable. */
NODISCARD enum status sheet_add(struct sheet *s, const uint8_t *data, size_t bytes, struct err *e);
/* Appends the PNG. Cells behind the last picture are white. INVALID when no picture was added. */
NODISCARD enum status sheet_encode_png(const struct sheet *s, struct buf *out, struct err *e);

#endif
