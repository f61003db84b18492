/* sixel.h - pixels as sixel graphics, what DEC's VT340 drew and xterm, foot, mlterm and others do.
 */
#ifndef FOVEA_CLI_SIXEL_H
#define FOVEA_CLI_SIXEL_H

#include <stdint.h>

#include "base/buf.h"

/* Appends the whole escape sequence for width x height pixels of RGB, rows top first. Nothing but
 * printable ASCII stands between its ESC P and ESC \. */
void sixel_add(struct buf *out, const uint8_t *rgb, int width, int height);

#endif
