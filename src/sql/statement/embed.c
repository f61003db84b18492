/* embed.c - the way from bytes to vectors, and the memory of what was computed.
 *
 * A batch goes in phases: files are read and hashed, those not remembered are decoded on all cores,
 * then embedded on all cores. The phases do not overlap: with every core busy in each, the sum of
 * both times is what overlapping would need too. The memory is an open-addressed table that is
 * emptied when it is full: the plainest policy whose cost stays bounded. Threads: decoders share
 * only an atomic counter and write to their own slots.
 */
#include "sql/statement/embed.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/mem.h"
#include "sql/internal.h"

enum {
    CACHE_SLOTS = 1 << 14,
    CACHE_USED_MAX = CACHE_SLOTS * 3 / 4,
    CACHE_FLOATS_MAX = 16 << 20,
    THREADS_MAX = 32
};

struct cache_key {
    char content[HASH_CONTENT_CHARS];
    char kind; /* 't' a text, 'p' a picture */
};

struct cache_slot {
    struct cache_key key;
    const struct model *model; /* NULL: free */
    float *vector;
};

struct embed_cache {
    struct cache_slot *slots;
    size_t used, floats;
};

enum status embed_cache_open(struct embed_cache **out, struct err *e)
{
    *out = mem_zalloc(1, sizeof **out);
    return *out != NULL ? ST_OK : mem_err(e, sizeof **out);
}

static void cache_empty(struct embed_cache *c)
{
    for (size_t i = 0; c->slots != NULL && i < CACHE_SLOTS; i++) mem_free(c->slots[i].vector);
    mem_free(c->slots);
    *c = (struct embed_cache){0};
}

void embed_cache_close(struct embed_cache *c)
{
    if (c == NULL) return;
    cache_empty(c);
    mem_free(c);
}

static struct cache_key key_of(char kind, const void *data, size_t bytes)
{
    struct cache_key k = {.kind = kind};
    hash_content(data, bytes, k.content);
    return k;
}

/* The slot of the key, or the free one where it would go. */
static struct cache_slot *slot_of(
    struct embed_cache *c, const struct cache_key *k, const struct model *m)
{
    size_t at = (size_t)hash_64(k, sizeof *k, 0) % CACHE_SLOTS;
    while (c->slots[at].model != NULL &&
        (c->slots[at].model != m || memcmp(&c->slots[at].key, k, sizeof *k) != 0))
        at = (at + 1) % CACHE_SLOTS;
    return &c->slots[at];
}

static bool cache_get(
    struct embed_cache *c, const struct cache_key *k, const struct model *m, float *out)
{
    if (c->slots == NULL) return false;
    const struct cache_slot *slot = slot_of(c, k, m);
    if (slot->model == NULL) return false;
    memcpy(out, slot->vector, (size_t)model_info(m)->dim * sizeof *out);
    return true;
}

/* Remembering is optional: without memory it is left out. */
static void cache_put(
    struct embed_cache *c, const struct cache_key *k, const struct model *m, const float *v)
{
    size_t dim = (size_t)model_info(m)->dim;
    if (c->used >= CACHE_USED_MAX || c->floats + dim > CACHE_FLOATS_MAX) cache_empty(c);
    if (c->slots == NULL) c->slots = mem_zalloc(CACHE_SLOTS, sizeof *c->slots);
    if (c->slots == NULL) return;
    struct cache_slot *slot = slot_of(c, k, m);
    float *copy = slot->model == NULL ? mem_alloc(dim * sizeof *copy) : NULL;
    if (copy == NULL) return;
    memcpy(copy, v, dim * sizeof *copy);
    *slot = (struct cache_slot){.key = *k, .model = m, .vector = copy};
    c->used++;
    c->floats += dim;
}

enum status embed_text(
    struct sql_session *s, struct model *m, struct embed_words words, float *out, struct err *e)
{
    struct cache_key k = key_of('t', words.text, words.bytes);
    if (cache_get(s->cache, &k, m, out)) {
        s->embedded.remembered++;
        return ST_OK;
    }
    struct model_worker *w;
    enum status st = sql_model_worker(s, m, &w, e);
    int64_t began_us = run_now_us();
    if (st == ST_OK) st = model_embed_text(w, words.text, words.bytes, out, e);
    s->embedded.texts++;
    s->embedded.model_us += run_now_us() - began_us;
    if (st == ST_OK) cache_put(s->cache, &k, m, out);
    return st;
}

/* --- pictures --------------------------------------------------------------------------------- */

struct batch {
    struct embed_picture *pictures;
    struct cache_key *keys;
    bool *known; /* answered from memory, or failed */
    int count;
    const struct image_spec *spec;
    uint8_t *pixels; /* of all, in order */
    size_t pixels_each;
    struct sql_session *session;
    struct model *model;
    atomic_int next;
};

static void picture_fails(struct embed_picture *p, const struct err *e)
{
    p->status = e->code;
    snprintf(p->reason, sizeof p->reason, "%.*s", (int)sizeof p->reason - 1, e->text);
}

/* Reads, hashes and decodes one picture. Runs on any thread: touches its own slots and only reads
 * the memory. */
static void prepare_one(struct batch *b, int i)
{
    struct embed_picture *p = &b->pictures[i];
    struct err e = ERR_INIT;
    struct buf file;
    buf_init(&file);
    enum status st = ST_OK;
    const void *data = p->data;
    size_t bytes = p->bytes;
    if (p->path != NULL) {
        st = file_read(p->path, LIMIT_PICTURE_FILE_BYTES, &file, &e);
        data = file.data != NULL ? (const void *)file.data : "";
        bytes = file.bytes;
    }
    if (st == ST_OK) {
        b->keys[i] = key_of('p', data, bytes);
        b->known[i] = cache_get(b->session->cache, &b->keys[i], b->model, p->out);
        if (!b->known[i])
            st = image_prepare(
                data, bytes, b->spec, b->pixels + (size_t)i * b->pixels_each, NULL, &e);
    }
    p->status = st;
    if (st != ST_OK) {
        picture_fails(p, &e);
        b->known[i] = true;
    }
    buf_deinit(&file);
}

static void *prepare_thread(void *user)
{
    struct batch *b = user;
    for (int i; (i = atomic_fetch_add(&b->next, 1)) < b->count;)
        if (run_check(&b->session->run, NULL) == ST_OK) prepare_one(b, i);
    return NULL;
}

/* A thread that can't be started is one core less, not a failure: this thread works too. */
static void prepare_all(struct batch *b)
{
    pthread_t threads[THREADS_MAX];
    int wanted = run_threads(&b->session->run) - 1, started = 0;
    if (wanted > b->count - 1) wanted = b->count - 1;
    if (wanted > THREADS_MAX) wanted = THREADS_MAX;
    while (started < wanted && pthread_create(&threads[started], NULL, prepare_thread, b) == 0)
        started++;
    prepare_thread(b);
    for (int i = 0; i < started; i++) pthread_join(threads[i], NULL);
}

/* Moves the pixels to compute to the front, embeds them, hands the vectors out. */
static enum status embed_prepared(struct batch *b, struct err *e)
{
    int which[MODEL_BATCH_MAX], count = 0, dim = model_info(b->model)->dim;
    for (int i = 0; i < b->count; i++) {
        if (b->known[i]) continue;
        if (count != i)
            memcpy(b->pixels + (size_t)count * b->pixels_each,
                b->pixels + (size_t)i * b->pixels_each, b->pixels_each);
        which[count++] = i;
    }
    if (count == 0) return ST_OK;
    int64_t began_us = run_now_us();
    struct model_worker *w;
    float *vectors = mem_zalloc((size_t)count * (size_t)dim, sizeof *vectors);
    if (vectors == NULL) return mem_err(e, 0);
    enum status st = sql_model_worker(b->session, b->model, &w, e);
    if (st == ST_OK) st = model_embed_pictures(w, b->pixels, count, vectors, e);
    for (int i = 0; st == ST_OK && i < count; i++) {
        const float *v = vectors + (size_t)i * (size_t)dim;
        memcpy(b->pictures[which[i]].out, v, (size_t)dim * sizeof *v);
        cache_put(b->session->cache, &b->keys[which[i]], b->model, v);
    }
    mem_free(vectors);
    b->session->embedded.pictures += (uint64_t)count;
    b->session->embedded.model_us += run_now_us() - began_us;
    return st;
}

enum status embed_pictures(struct sql_session *s, struct model *m, struct embed_picture *pictures,
    int count, struct err *e)
{
    const struct image_spec *spec = &model_info(m)->picture;
    struct cache_key keys[MODEL_BATCH_MAX];
    bool known[MODEL_BATCH_MAX] = {0};
    struct batch b = {.pictures = pictures,
        .keys = keys,
        .known = known,
        .count = count,
        .spec = spec,
        .pixels_each = (size_t)spec->width * (size_t)spec->height * 3,
        .session = s,
        .model = m};
    b.pixels = mem_alloc_aligned((size_t)count * b.pixels_each);
    if (b.pixels == NULL) return mem_err(e, (size_t)count * b.pixels_each);
    int64_t began_us = run_now_us();
    prepare_all(&b);
    s->embedded.decode_us += run_now_us() - began_us;
    s->embedded.asked += (uint64_t)count;
    for (int i = 0; i < count; i++)
        s->embedded.remembered += known[i] && pictures[i].status == ST_OK;
    enum status st = run_check(&s->run, e);
    if (st == ST_OK) st = embed_prepared(&b, e);
    mem_free_aligned(b.pixels);
    return st;
}
