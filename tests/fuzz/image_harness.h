/* image_harness.h - one picture format under fuzzing: head, decode at two scales, the way to a
 * model. */
#ifndef FOVEA_FUZZ_IMAGE_HARNESS_H
#define FOVEA_FUZZ_IMAGE_HARNESS_H

#include <stdlib.h>

#include "image/image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HARNESS_SIDE = 16, HARNESS_PIXELS_MAX = 1 << 14 };

/* Sizes agree, and each failure has a reason. Pictures too large to try many of are only looked at.
 */
static inline void harness_decode(
    const uint8_t *data, size_t size, const struct image_info *info, int hint)
{
    struct err e = ERR_INIT;
    struct image im;
    if (image_decode(data, size, hint, &im, &e) != ST_OK) {
        if (e.text[0] == '\0' || im.pixels != NULL) abort();
        return;
    }
    if (im.width > info->width || im.height > info->height) abort();
    if (hint == 0 && (im.width != info->width || im.height != info->height)) abort();
    if (image_orient(&im, info->orientation, &e) != ST_OK) abort();
    if (image_to_rgb(&im, IMAGE_ALPHA_WHITE, &e) != ST_OK) abort();
    image_deinit(&im);
}

static inline int harness_run(enum image_format format, const uint8_t *data, size_t size)
{
    static const struct image_spec SPEC = {.width = HARNESS_SIDE,
        .height = HARNESS_SIDE - 3,
        .resize = HARNESS_SIDE,
        .filter = IMAGE_BICUBIC};
    uint8_t out[HARNESS_SIDE * (HARNESS_SIDE - 3) * 3];
    struct err e = ERR_INIT;
    struct image_info info;
    if (image_format_find(data, size) != format) return 0;
    if (image_info_read(data, size, &info, &e) != ST_OK) {
        if (e.text[0] == '\0') abort();
        return 0;
    }
    if ((int64_t)info.width * info.height > HARNESS_PIXELS_MAX) return 0;
    harness_decode(data, size, &info, 0);
    if (format == IMAGE_JPEG) harness_decode(data, size, &info, 20);
    if (image_prepare(data, size, &SPEC, out, NULL, &e) != ST_OK && e.text[0] == '\0') abort();
    return 0;
}

#endif
