/* bench_ingest.c - from files to rows: does the ingest reach what decoding and embedding alone
 * allow?
 *
 * usage: bench_ingest NAME FOLDER MODEL [ROUNDS]
 *
 * In each round, on all cores and in turn: D, every picture of FOLDER read, decoded and resized; E,
 * as many pictures embedded; I, the folder indexed into a new library. One line comes out: name,
 * pictures, threads, medians of D, E and I in pictures a second, 1/(1/D + 1/E), I over that, the
 * lowest and highest of this ratio over the rounds, and the peak of resident memory above what the
 * model takes, in MiB. The index includes opening the library, walking the folder, and commits;
 * opening the model and the first background are done before, as they do not grow with the files.
 */
#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/run.h"
#include "fovea.h"
#include "model/registry.h"

enum { BATCH = 16, FILES_MAX = 100000, ROUNDS_MAX = 25, THREADS_MAX = 256 };

struct bench {
    const char *folder, *model_name;
    char *files[FILES_MAX];
    int count;
    int threads;
    struct model *model;
    atomic_int next;
};

static void die(const struct err *e)
{
    fprintf(stderr, "bench_ingest: %s\n", e->text);
    exit(1);
}

static void list_files(struct bench *b)
{
    DIR *dir = opendir(b->folder);
    const struct dirent *d;
    while (dir != NULL && (d = readdir(dir)) != NULL && b->count < FILES_MAX)
        if (image_name_known(d->d_name)) b->files[b->count++] = file_join(b->folder, d->d_name);
    if (dir != NULL) closedir(dir);
}

/* --- D and E: the work of one thread -------------------------------------------------------------
 */

static void *decode_some(void *arg)
{
    struct bench *b = arg;
    const struct image_spec *spec = &model_info(b->model)->picture;
    uint8_t *pixels = mem_alloc_aligned((size_t)spec->width * (size_t)spec->height * 3);
    struct err e;
    struct buf file;
    buf_init(&file);
    for (int i; (i = atomic_fetch_add(&b->next, 1)) < b->count;) {
        buf_clear(&file);
        if (file_read(b->files[i], LIMIT_PICTURE_FILE_BYTES, &file, &e) != ST_OK ||
            image_prepare((const uint8_t *)file.data, file.bytes, spec, pixels, NULL, &e) != ST_OK)
            die(&e);
    }
    buf_deinit(&file);
    mem_free_aligned(pixels);
    return NULL;
}

static void *embed_some(void *arg)
{
    struct bench *b = arg;
    const struct model_info *info = model_info(b->model);
    size_t bytes = (size_t)info->picture.width * (size_t)info->picture.height * 3;
    uint8_t *pixels = mem_alloc_aligned(bytes * BATCH);
    float *out = mem_alloc_aligned((size_t)info->dim * BATCH * sizeof *out);
    struct model_worker *w;
    struct err e;
    if (model_worker_open(b->model, 1, &w, &e) != ST_OK) die(&e);
    for (size_t i = 0; i < bytes * BATCH; i++) pixels[i] = (uint8_t)(i * 2654435761u >> 24);
    while (atomic_fetch_add(&b->next, BATCH) < b->count)
        if (model_embed_pictures(w, pixels, BATCH, out, &e) != ST_OK) die(&e);
    model_worker_close(w);
    mem_free_aligned(pixels);
    mem_free_aligned(out);
    return NULL;
}

/* Pictures a second with all threads at it. */
static double rate(struct bench *b, void *(*work)(void *))
{
    pthread_t threads[THREADS_MAX];
    atomic_store(&b->next, 0);
    int64_t begin_us = run_now_us();
    for (int i = 0; i < b->threads; i++) pthread_create(&threads[i], NULL, work, b);
    for (int i = 0; i < b->threads; i++) pthread_join(threads[i], NULL);
    return (double)b->count * 1e6 / (double)(run_now_us() - begin_us);
}

/* --- I -------------------------------------------------------------------------------------------
 */

static void run(struct fovea *f, const char *sql, const char *text, const char *options)
{
    struct fovea_stmt *s;
    if (fovea_prepare(f, sql, -1, &s, NULL) == FOVEA_OK &&
        fovea_bind_text(s, 1, text, -1) == FOVEA_OK &&
        (options == NULL || fovea_bind_text(s, 2, options, -1) == FOVEA_OK) &&
        fovea_step(s) == FOVEA_ROW) {
        fovea_finalize(s);
        return;
    }
    fprintf(stderr, "bench_ingest: %s\n", fovea_error(f).text);
    exit(1);
}

static double index_rate(const struct bench *b)
{
    char dir[] = "/tmp/fovea-bench-XXXXXX", db[64], empty[80], options[600], command[128];
    struct fovea *f;
    if (mkdtemp(dir) == NULL) exit(1);
    snprintf(db, sizeof db, "%s/l.db", dir);
    snprintf(empty, sizeof empty, "%s/empty", dir);
    snprintf(options, sizeof options, "{\"model\":\"%s\"}", b->model_name);
    snprintf(command, sizeof command, "mkdir %s", empty);
    if (system(command) != 0 || fovea_open(db, FOVEA_OPEN_CREATE, &f) != FOVEA_OK) exit(1);
    run(f, "SELECT * FROM fovea_index(?1, ?2)", empty, options); /* opens the model */
    int64_t begin_us = run_now_us();
    run(f, "SELECT * FROM fovea_index(?1, ?2)", b->folder, options);
    double out = (double)b->count * 1e6 / (double)(run_now_us() - begin_us);
    fovea_close(f);
    snprintf(command, sizeof command, "rm -r %s", dir);
    return system(command) == 0 ? out : 0;
}

static long peak_kib(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return u.ru_maxrss;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *v, int count)
{
    qsort(v, (size_t)count, sizeof *v, by_value);
    return v[count / 2];
}

int main(int argc, char **argv)
{
    static struct bench b;
    struct err e = ERR_INIT;
    double d[ROUNDS_MAX], em[ROUNDS_MAX], in[ROUNDS_MAX], ratio[ROUNDS_MAX];
    char *dir;
    if (argc < 4) return 2;
    int rounds = argc > 4 ? (int)strtol(argv[4], NULL, 10) : 5;
    if (rounds < 1 || rounds > ROUNDS_MAX) return 2;
    b.folder = argv[2];
    b.model_name = argv[3];
    b.threads = run_threads(NULL) < THREADS_MAX ? run_threads(NULL) : THREADS_MAX;
    list_files(&b);
    long before = peak_kib(), with_index = 0;
    if (model_find(b.model_name, &dir, &e) != ST_OK ||
        model_open(b.model_name, dir, &b.model, &e) != ST_OK)
        die(&e);
    for (int r = 0; r < rounds; r++) {
        in[r] = index_rate(&b); /* first: the peak of memory is this one's */
        if (r == 0) with_index = peak_kib() - before;
        d[r] = rate(&b, decode_some);
        em[r] = rate(&b, embed_some);
        ratio[r] = in[r] * (1 / d[r] + 1 / em[r]);
        fprintf(stderr, "%s round %d: D %.1f E %.1f I %.1f, ratio %.3f\n", argv[1], r + 1, d[r],
            em[r], in[r], ratio[r]);
    }
    double middle = median(ratio, rounds), decoded = median(d, rounds),
           embedded = median(em, rounds);
    printf("%s,%d,%d,%.1f,%.1f,%.1f,%.1f,%.3f,%.3f,%.3f,%.0f\n", argv[1], b.count, b.threads,
        decoded, embedded, median(in, rounds), 1 / (1 / decoded + 1 / embedded), middle, ratio[0],
        ratio[rounds - 1], (double)with_index / 1024);
    model_close(b.model);
    mem_free(dir);
    return 0;
}
