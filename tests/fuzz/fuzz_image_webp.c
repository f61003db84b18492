/* fuzz_image_webp.c - the webp decoder on any bytes. */
#include "image_harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return harness_run(IMAGE_WEBP, data, size);
}
