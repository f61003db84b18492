/* sql_fake_model.h - models and pictures for the tests of sql/: no weights, no decoder, answers one
 * can work out by hand.
 *
 * A picture is a file that begins with "picture " and goes on with words; a text is words. Both
 * become the same bag of words: dimension hash(word) % dim counts the word, the vector has
 * length 1. So 'black cat' and the picture "picture black cat" have cosine 1. Any other file is
 * "not a picture". The models are mini (16 dimensions), twin (16, another fingerprint), wide (32),
 * large (512) and OpenAI's name (16). Include it in one file of a test program: it defines what
 * model/ and image/ define.
 */
#ifndef FOVEA_SQL_FAKE_MODEL_H
#define FOVEA_SQL_FAKE_MODEL_H

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "model/registry.h"

enum { FAKE_SIDE = 16, FAKE_PICTURE_BYTES = FAKE_SIDE * FAKE_SIDE * 3 };

struct model {
    struct model_info info;
};

struct model_worker {
    struct model *model;
};

static struct model fake_models[] = {
    {{.name = "mini", .dir = "/fake/mini", .fingerprint = "mini0", .dim = 16}},
    {{.name = "twin", .dir = "/fake/twin", .fingerprint = "twin0", .dim = 16}},
    {{.name = "wide", .dir = "/fake/wide", .fingerprint = "wide0", .dim = 32}},
    /* What GET THANOSQL MODEL clip means. */
    {{.name = "openai/clip-vit-base-patch32",
        .dir = "/fake/clip",
        .fingerprint = "clip0",
        .dim = 16}},
    {{.name = "large", .dir = "/fake/large", .fingerprint = "large0", .dim = 512}},
};
static int fake_pictures_embedded, fake_texts_embedded;

enum status model_find(const char *name, char **dir, struct err *e)
{
    for (size_t i = 0; i < sizeof fake_models / sizeof fake_models[0]; i++)
        if (strcmp(fake_models[i].info.name, name) == 0) {
            *dir = mem_strdup(fake_models[i].info.dir);
            return *dir != NULL ? ST_OK : mem_err(e, 0);
        }
    return err_set(e, ST_NOT_FOUND, "no model %s on this machine", name);
}

enum status model_open(const char *name, const char *dir, struct model **out, struct err *e)
{
    for (size_t i = 0; i < sizeof fake_models / sizeof fake_models[0]; i++)
        if (strcmp(fake_models[i].info.dir, dir) == 0) {
            *out = &fake_models[i];
            (*out)->info.picture = (struct image_spec){.width = FAKE_SIDE, .height = FAKE_SIDE};
            return ST_OK;
        }
    return err_set(e, ST_NOT_FOUND, "%s is gone", name);
}

void model_close(struct model *m)
{
    (void)m;
}

enum status model_list(
    enum status (*each)(void *user, const char *name, const char *dir, struct err *e), void *user,
    struct err *e)
{
    enum status st = ST_OK;
    for (size_t i = 0; st == ST_OK && i < sizeof fake_models / sizeof fake_models[0]; i++)
        st = each(user, fake_models[i].info.name, fake_models[i].info.dir, e);
    return st;
}

/* A known model has come when its name is that of one that is there. */
enum status model_pull(const struct model_pull *p, const struct run *run, char **dir, struct err *e)
{
    (void)run;
    return model_find(p->what, dir, e);
}

const struct model_known *model_known_find(const char *name)
{
    (void)name;
    return NULL;
}

const struct model_known *model_known_at(size_t index)
{
    (void)index;
    return NULL;
}

const struct model_info *model_info(const struct model *m)
{
    return &m->info;
}

enum status model_worker_open(
    struct model *m, int threads, struct model_worker **out, struct err *e)
{
    (void)threads;
    *out = mem_zalloc(1, sizeof **out);
    if (*out == NULL) return mem_err(e, 0);
    (*out)->model = m;
    return ST_OK;
}

void model_worker_close(struct model_worker *w)
{
    mem_free(w);
}

static void fake_embed(const char *text, size_t bytes, int dim, float *out)
{
    memset(out, 0, (size_t)dim * sizeof *out);
    for (const char *p = text, *end = text + bytes; p < end;) {
        const char *space = memchr(p, ' ', (size_t)(end - p));
        size_t n = space != NULL ? (size_t)(space - p) : (size_t)(end - p);
        if (n > 0) out[hash_64(p, n, 1) % (uint64_t)dim] += 1;
        p += n + 1;
    }
    double norm = 0;
    for (int i = 0; i < dim; i++) norm += (double)out[i] * out[i];
    for (int i = 0; i < dim && norm > 0; i++) out[i] = (float)(out[i] / sqrt(norm));
    if (norm == 0) out[0] = 1;
}

enum status model_embed_pictures(
    struct model_worker *w, const uint8_t *pixels, int count, float *out, struct err *e)
{
    (void)e;
    int dim = w->model->info.dim;
    for (int i = 0; i < count; i++) {
        const char *text = (const char *)pixels + (size_t)i * FAKE_PICTURE_BYTES;
        fake_embed(text, strnlen(text, FAKE_PICTURE_BYTES), dim, out + (size_t)i * (size_t)dim);
        fake_pictures_embedded++;
    }
    return ST_OK;
}

enum status model_embed_text(
    struct model_worker *w, const char *text, size_t bytes, float *out, struct err *e)
{
    (void)e;
    fake_embed(text, bytes, w->model->info.dim, out);
    fake_texts_embedded++;
    return ST_OK;
}

bool image_name_known(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot != NULL && (strcmp(dot, ".png") == 0 || strcmp(dot, ".jpg") == 0);
}

enum status image_prepare(const uint8_t *data, size_t bytes, const struct image_spec *spec,
    uint8_t *out, struct image_info *info, struct err *e)
{
    (void)info;
    static const char HEAD[] = "picture ";
    size_t head = sizeof HEAD - 1, room = (size_t)spec->width * (size_t)spec->height * 3;
    if (bytes < head || memcmp(data, HEAD, head) != 0)
        return err_set(e, ST_CORRUPT, "not a picture");
    while (bytes > head && data[bytes - 1] == '\n') bytes--;
    memset(out, 0, room);
    memcpy(out, data + head, bytes - head < room ? bytes - head : room);
    return ST_OK;
}

#endif
