/* image_case.h - what the tests of image/ share: golden files, checksums, formula pictures. */
#ifndef FOVEA_TEST_IMAGE_CASE_H
#define FOVEA_TEST_IMAGE_CASE_H

#include "test.h"

#include <zlib.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "image/image.h"
#include "simd/cpu.h"

#define CASE_DIR FOVEA_SOURCE_DIR "/tests/golden/image/"

static inline uint32_t case_crc(const uint8_t *pixels, size_t bytes)
{
    return (uint32_t)crc32(0, pixels, (uInt)bytes);
}

static inline uint32_t case_image_crc(const struct image *im)
{
    return case_crc(im->pixels, (size_t)im->width * (size_t)im->height * (size_t)im->channels);
}

/* The file's bytes in a block of exactly their size, so that a sanitizer sees any read past the
 * end. */
static inline uint8_t *case_read(const char *folder, const char *name, size_t *bytes)
{
    struct err e = ERR_INIT;
    struct buf b;
    char path[1024];
    snprintf(path, sizeof path, CASE_DIR "%s/%s", folder, name);
    buf_init(&b);
    assert_ok(file_read(path, 1 << 24, &b, &e), &e);
    uint8_t *copy = mem_alloc(b.bytes);
    assert_non_null(copy);
    if (b.bytes > 0) memcpy(copy, b.data, b.bytes);
    *bytes = b.bytes;
    buf_deinit(&b);
    return copy;
}

static inline struct json_doc *case_json(void)
{
    struct err e = ERR_INIT;
    struct json_doc *doc = NULL;
    assert_ok(json_read_file(CASE_DIR "image.json", &doc, &e), &e);
    return doc;
}

static inline int case_int(const struct json_node *row, const char *key)
{
    return (int)json_int(json_get(row, key), -1);
}

static inline uint32_t case_u32(const struct json_node *n)
{
    return (uint32_t)json_int(n, -1);
}

/* The same pixels as tools/golden/image_files.py, formula(). */
static inline struct image case_formula(int width, int height, int channels, uint32_t seed)
{
    struct err e = ERR_INIT;
    struct image im;
    assert_ok(image_init(&im, width, height, channels, &e), &e);
    uint8_t *to = im.pixels;
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            bool rough = ((x >> 3) + (y >> 2)) % 3 == 0;
            for (int c = 0; c < channels; c++) {
                seed = seed * 1664525u + 1013904223u;
                *to++ = (uint8_t)(rough ? seed >> 24 : (uint32_t)(x * 3 + y * 5 + c * 70));
            }
        }
    }
    return im;
}

/* Runs check once for each kernel set this CPU has, forced. */
static inline void case_each_isa(void (*check)(void))
{
    for (int isa = CPU_BASE; isa < CPU_ISA_COUNT; isa++) {
        if (isa > (int)cpu_get()->found) {
            print_message("  skipped %s: this CPU lacks it\n", cpu_isa_name((enum cpu_isa)isa));
            continue;
        }
        cpu_force((enum cpu_isa)isa);
        check();
    }
    cpu_force(cpu_get()->found);
}

#endif
