/* fuzz_image_exif.c - EXIF blocks of any bytes: whatever comes out makes sense. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "image/exif.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct image_info info = {.orientation = 1};
    exif_read(data, size, &info);
    if (info.orientation < 1 || info.orientation > 8) abort();
    if (info.has_place && !(fabs(info.lat) <= 90 && fabs(info.lon) <= 180)) abort();
    if (!info.has_taken_at && info.taken_at != 0) abort();
    return 0;
}
