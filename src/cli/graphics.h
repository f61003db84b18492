/* graphics.h - what pictures a terminal can show, and a picture in its language.
 *
 * The environment tells some terminals; others are asked, once, and given ANSWER_MS to say. Nobody
 * is asked while keys that were typed ahead wait, as the answer would come behind them.
 */
#ifndef FOVEA_CLI_GRAPHICS_H
#define FOVEA_CLI_GRAPHICS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct graphics {
    const char *name;
    bool pixels; /* takes RGB pixels, else the bytes of a PNG */
    /* Appends the picture: data is what thumbnail() gives for this. */
    void (*add)(struct buf *out, const uint8_t *data, size_t bytes);
};

enum { GRAPHICS_SIDE_MAX = 1024, GRAPHICS_ANSWER_MS = 300 };

/* NULL: the terminal shows none, or there is none. $FOVEA_GRAPHICS (kitty, iterm, sixel, none)
 * rules over all. The answer is kept for the life of the process, but not when nobody could be
 * asked now. */
const struct graphics *graphics_find(void);

#endif
