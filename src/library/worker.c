/* worker.c - decode a batch, embed it, again: one thread a core, nothing handed on in between.
 *
 * With as many workers as cores, each core is always at one of the two works, so that pictures come
 * out at 1/(1/D + 1/E) for D and E the rates of decoding and of embedding alone on all cores; a
 * pipeline of separate threads could not be faster and would have to be balanced. A batch is filled
 * with pictures that could be decoded, so that only a worker's last one is small.
 */
#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "library/job.h"

enum { FILE_BYTES_LARGE = 16 << 20, PICTURE_BYTES_SMALL = 4 << 20 };

struct worker {
    const struct crew *crew;
    struct model_worker *model;
    const struct model_info *info;
    size_t picture_bytes; /* of one decoded picture */
    uint8_t *pixels;      /* batch pictures */
    float *vectors;       /* batch x dim */
    struct job *batch[MODEL_BATCH_MAX];
    int count;
    struct queue *answers;
    struct buf file;
};

static void send(const struct worker *w, struct job *j, enum status st)
{
    j->status = st;
    j->asking = false;
    queue_put(w->crew->done, j);
}

static void worker_deinit(struct worker *w)
{
    model_worker_close(w->model);
    mem_free_aligned(w->pixels);
    mem_free_aligned(w->vectors);
    queue_close(w->answers);
    buf_deinit(&w->file);
}

static enum status worker_init(struct worker *w, const struct crew *crew, struct err *e)
{
    memset(w, 0, sizeof *w);
    w->crew = crew;
    w->info = model_info(crew->model);
    w->picture_bytes = (size_t)w->info->picture.width * (size_t)w->info->picture.height * 3;
    buf_init(&w->file);
    size_t batch = (size_t)crew->batch;
    w->pixels = mem_alloc_aligned(w->picture_bytes * batch);
    w->vectors = mem_alloc_aligned((size_t)w->info->dim * batch * sizeof *w->vectors);
    if (w->pixels == NULL || w->vectors == NULL) return mem_err(e, w->picture_bytes * batch);
    enum status st = queue_open(1, &w->answers, e);
    return st == ST_OK ? model_worker_open(crew->model, 1, &w->model, e) : st;
}

/* What decoding may hold at once: JPEG is decoded small, except for the coefficients of progressive
 * files; others come out whole, four bytes a pixel. */
static uint64_t decode_bytes(const struct image_info *info)
{
    uint64_t pixels = (uint64_t)info->width * (uint64_t)info->height;
    return info->format == IMAGE_JPEG ? pixels : pixels * 4;
}

/* Is the content known already? The statement's thread looks it up: the connection is its own. */
static bool ask(struct worker *w, struct job *j)
{
    j->asked_by = w->answers;
    j->asking = true;
    queue_put(w->crew->done, j);
    return queue_take(w->answers) != NULL && j->reused;
}

/* From the file's bytes to the batch's next place; OK with j->reused when that was not needed. */
static enum status decode(struct worker *w, struct job *j, uint64_t held)
{
    uint64_t taken = 0;
    hash_content(w->file.data, w->file.bytes, j->hash);
    const uint8_t *data = (const uint8_t *)w->file.data;
    struct err *e = &j->err;
    if (w->file.bytes == 0) return err_set(e, ST_CORRUPT, "the file is empty");
    if (ask(w, j)) return ST_OK;
    enum status st = image_info_read(data, w->file.bytes, &j->info, e);
    if (st != ST_OK) return st;
    uint64_t want = decode_bytes(&j->info);
    if (held == 0 && want > PICTURE_BYTES_SMALL) taken = budget_take(w->crew->budget, want);
    uint8_t *out = w->pixels + w->picture_bytes * (size_t)w->count;
    st = image_prepare(data, w->file.bytes, &w->info->picture, out, &j->info, e);
    if (taken > 0) budget_give(w->crew->budget, taken);
    return st;
}

/* The row has the path already: a reason does not repeat it. */
static enum status read_file(struct worker *w, struct job *j)
{
    enum status st = file_read(j->path, LIMIT_PICTURE_FILE_BYTES, &w->file, &j->err);
    if (st == ST_OK) return st;
    size_t bytes = strlen(j->path), words = strlen(j->err.text);
    if (strncmp(j->err.text, j->path, words < bytes ? words : bytes) != 0) return st;
    const char *rest =
        words > bytes ? j->err.text + bytes : status_row(st)->text; /* a long path cut it off */
    rest += strspn(rest, ": ");
    memmove(j->err.text, rest, strlen(rest) + 1);
    return st;
}

/* A large file holds the whole budget from before it is read: holding some while waiting for more
 * could leave two workers waiting for each other. */
static enum status load(struct worker *w, struct job *j)
{
    uint64_t held = 0;
    buf_clear(&w->file);
    if (j->bytes > FILE_BYTES_LARGE) held = budget_take(w->crew->budget, UINT64_MAX);
    enum status st = read_file(w, j);
    if (st == ST_OK) st = decode(w, j, held);
    if (held > 0) {
        buf_deinit(&w->file);
        buf_init(&w->file);
        budget_give(w->crew->budget, held);
    }
    return st;
}

static enum status check_vector(struct job *j, int dim)
{
    for (int i = 0; i < dim; i++)
        if (!isfinite(j->vector[i]))
            return err_set(
                &j->err, ST_CORRUPT, "the model gives numbers for it that are not finite");
    return ST_OK;
}

static void embed(struct worker *w)
{
    struct err e = ERR_INIT;
    size_t dim = (size_t)w->info->dim;
    if (w->count == 0) return;
    enum status st = run_check(w->crew->run, &e);
    if (st == ST_OK) st = model_embed_pictures(w->model, w->pixels, w->count, w->vectors, &e);
    for (int i = 0; i < w->count; i++) {
        struct job *j = w->batch[i];
        if (st == ST_OK) {
            memcpy(j->vector, w->vectors + dim * (size_t)i, dim * sizeof(float));
            send(w, j, check_vector(j, w->info->dim));
            continue;
        }
        j->err = e;
        j->fatal = true;
        send(w, j, st);
    }
    w->count = 0;
}

static void take(struct worker *w, struct job *j)
{
    enum status st = run_check(w->crew->run, &j->err);
    if (st == ST_OK && atomic_load(w->crew->stop)) st = err_set(&j->err, ST_CANCELLED, "cancelled");
    j->fatal = st != ST_OK;
    if (st == ST_OK) st = load(w, j);
    if (st != ST_OK || j->reused) {
        send(w, j, st);
        return;
    }
    w->batch[w->count++] = j;
    if (w->count == w->crew->batch) embed(w);
}

void worker_live(const struct crew *crew)
{
    struct worker w;
    struct err e = ERR_INIT;
    struct job *j;
    enum status st = worker_init(&w, crew, &e);
    while ((j = queue_take(crew->todo)) != NULL) {
        if (st == ST_OK) {
            take(&w, j);
            continue;
        }
        j->err = e;
        j->fatal = true;
        send(&w, j, st);
    }
    if (st == ST_OK) embed(&w);
    worker_deinit(&w);
}
