/* fuzz_image_bmp.c - the bmp decoder on any bytes. */
#include "image_harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return harness_run(IMAGE_BMP, data, size);
}
