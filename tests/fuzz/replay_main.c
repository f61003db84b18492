/* replay_main.c - runs a fuzz harness over its corpus, plus each file cut at a few lengths and with
 * bytes flipped: the deterministic part of fuzzing, cheap enough for every test run. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FILE_BYTES_MAX = 1 << 20, CUTS = 16, FLIPS = 64 };

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

/* A fresh heap copy each time, so that a sanitizer sees a read one byte past the end. */
static void run_copy(const uint8_t *data, size_t bytes)
{
    uint8_t *copy = malloc(bytes != 0 ? bytes : 1);
    if (copy == NULL) abort();
    if (bytes != 0) memcpy(copy, data, bytes);
    LLVMFuzzerTestOneInput(copy, bytes);
    free(copy);
}

static void run_variants(uint8_t *data, size_t bytes)
{
    uint32_t seed = 7;
    run_copy(data, bytes);
    for (size_t i = 0; i < CUTS && bytes > 0; i++) run_copy(data, next_random(&seed) % bytes);
    for (size_t i = 0; i < FLIPS && bytes > 0; i++) {
        size_t at = next_random(&seed) % bytes;
        uint8_t kept = data[at];
        data[at] = (uint8_t)(data[at] ^ (1u << (next_random(&seed) % 8)));
        run_copy(data, bytes);
        data[at] = kept;
    }
}

static int run_file(const char *path)
{
    static uint8_t data[FILE_BYTES_MAX];
    FILE *f = fopen(path, "rb");
    if (f == NULL) return 0;
    size_t bytes = fread(data, 1, sizeof data, f);
    fclose(f);
    run_variants(data, bytes);
    return 1;
}

static int run_folder(const char *path, DIR *dir)
{
    char file[4096];
    int files = 0;
    for (struct dirent *d; (d = readdir(dir)) != NULL;) {
        snprintf(file, sizeof file, "%s/%s", path, d->d_name);
        if (d->d_name[0] != '.') files += run_file(file);
    }
    closedir(dir);
    return files;
}

int main(int argc, char **argv)
{
    int files = 0;
    if (argc < 2) fprintf(stderr, "usage: %s folder-or-file...\n", argv[0]);
    for (int i = 1; i < argc; i++) {
        DIR *dir = opendir(argv[i]);
        int read = dir != NULL ? run_folder(argv[i], dir) : run_file(argv[i]);
        if (read == 0) fprintf(stderr, "%s: nothing to replay\n", argv[i]);
        if (read == 0) return 1;
        files += read;
    }
    run_copy((const uint8_t *)"", 0);
    printf("%d corpus files replayed, each whole, cut %d times and flipped %d times\n", files, CUTS,
        FLIPS);
    return files > 0 ? 0 : 1;
}
