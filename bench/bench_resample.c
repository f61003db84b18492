/* bench_resample.c - times our resampler on request, for resample_pillow.py to take turns with.
 *
 * usage: bench_resample PIXELS WIDTH HEIGHT TO_WIDTH TO_HEIGHT CROP
 * PIXELS is a file of RGB bytes. Each line on stdin names a kernel set (base, avx2, avx512), or
 * "read" for merely reading the pixels. The answer is one line: CPU microseconds of one bicubic
 * resize on one thread, CRC-32 of the result. CROP > 0: only the centre CROP x CROP part of the
 * resized picture. Memory for weights and scratch is taken within the time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <zlib.h>

#include "base/file.h"
#include "base/mem.h"
#include "image/resample.h"

static double now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int number(const char *text)
{
    return (int)strtol(text, NULL, 10);
}

static const struct resample_kernels *kernels_named(const char *name)
{
#if defined(__x86_64__)
    if (strcmp(name, "avx2") == 0 && cpu_get()->found >= CPU_AVX2) return &resample_avx2;
    if (strcmp(name, "avx512") == 0 && cpu_get()->found >= CPU_AVX512 && cpu_get()->vnni)
        return &resample_avx512;
#endif
    return strcmp(name, "base") == 0 ? &resample_base : NULL;
}

static enum status load(const char *path, int width, int height, struct image *im, struct err *e)
{
    struct buf pixels;
    buf_init(&pixels);
    enum status st = file_read(path, (size_t)1 << 30, &pixels, e);
    if (st == ST_OK) st = image_init(im, width, height, 3, e);
    if (st == ST_OK && pixels.bytes != (size_t)width * (size_t)height * 3)
        st = err_set(e, ST_INVALID, "%s holds %zu bytes", path, pixels.bytes);
    if (st == ST_OK) memcpy(im->pixels, pixels.data, pixels.bytes);
    buf_deinit(&pixels);
    return st;
}

/* The floor: every byte of the picture is read once and nothing is done with it. */
static uint64_t read_all(const struct image *im)
{
    uint64_t sum = 0, word;
    size_t bytes = (size_t)im->width * (size_t)im->height * 3;
    for (size_t i = 0; i + sizeof word <= bytes; i += sizeof word) {
        memcpy(&word, im->pixels + i, sizeof word);
        sum ^= word;
    }
    return sum;
}

static enum status answer(struct resample *r, const char *name, uint8_t *out, struct err *e)
{
    size_t bytes = (size_t)r->part_width * (size_t)r->part_height * 3;
    double start = now_us();
    if (strcmp(name, "read") == 0) {
        uint64_t sum = read_all(r->in);
        printf("%.1f %d\n", now_us() - start, (int)(sum & 1));
        return ST_OK;
    }
    r->kernels = kernels_named(name);
    if (r->kernels == NULL) {
        printf("0 0\n");
        return ST_OK;
    }
    enum status st = resample_run(r, out, e);
    printf("%.1f %lu\n", now_us() - start, crc32(0, out, (uInt)bytes));
    return st;
}

static enum status serve(struct resample *r, struct err *e)
{
    char name[32];
    size_t bytes = (size_t)r->part_width * (size_t)r->part_height * 3;
    uint8_t *out = mem_alloc(bytes);
    enum status st = out != NULL ? ST_OK : mem_err(e, bytes);
    while (st == ST_OK && scanf("%31s", name) == 1) {
        st = answer(r, name, out, e);
        fflush(stdout);
    }
    mem_free(out);
    return st;
}

int main(int argc, char **argv)
{
    struct err e = ERR_INIT;
    struct image im = {0};
    if (argc != 7) {
        fprintf(stderr, "usage: %s PIXELS WIDTH HEIGHT TO_WIDTH TO_HEIGHT CROP\n", argv[0]);
        return 2;
    }
    int to_width = number(argv[4]), to_height = number(argv[5]), crop = number(argv[6]);
    enum status st = load(argv[1], number(argv[2]), number(argv[3]), &im, &e);
    if (st == ST_OK) {
        struct resample r = {.in = &im,
            .span_x = im.width,
            .span_y = im.height,
            .width = to_width,
            .height = to_height,
            .part_width = to_width,
            .part_height = to_height,
            .filter = IMAGE_BICUBIC};
        if (crop > 0) {
            r.x = (to_width - crop) / 2;
            r.y = (to_height - crop) / 2;
            r.part_width = r.part_height = crop;
        }
        st = serve(&r, &e);
    }
    image_deinit(&im);
    if (st != ST_OK) fprintf(stderr, "%s\n", e.text);
    return st == ST_OK ? 0 : 1;
}
