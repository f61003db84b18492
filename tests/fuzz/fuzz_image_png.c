/* fuzz_image_png.c - the png decoder on any bytes, and on the same with every CRC mended, so that
 * changes inside chunks get past the check. */
#include <string.h>

#include <zlib.h>

#include "base/mem.h"
#include "image_harness.h"

enum { SIGNATURE_BYTES = 8, FRAME_BYTES = 12 };

static uint32_t get32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void mend(uint8_t *data, size_t size)
{
    size_t at = SIGNATURE_BYTES;
    while (size - at >= FRAME_BYTES && get32(data + at) <= size - at - FRAME_BYTES) {
        size_t length = get32(data + at);
        uint32_t crc = (uint32_t)crc32(0, data + at + 4, (uInt)(length + 4));
        for (int i = 0; i < 4; i++)
            data[at + 8 + length + (size_t)i] = (uint8_t)(crc >> (24 - 8 * i));
        at += FRAME_BYTES + length;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    (void)harness_run(IMAGE_PNG, data, size);
    if (size < SIGNATURE_BYTES) return 0;
    uint8_t *copy = mem_alloc(size);
    if (copy == NULL) return 0;
    memcpy(copy, data, size);
    mend(copy, size);
    (void)harness_run(IMAGE_PNG, copy, size);
    mem_free(copy);
    return 0;
}
