/* weights.c - all tensors of a model's folder in one list sorted by name.
 *
 * A folder holds one file or shards; a part is one open file. The list copies the descriptions, the
 * data stays in the parts. Names that two shards both hold are refused: which one to believe is not
 * ours to say. Sharded form (transformers): model.safetensors.index.json, {"weight_map": {tensor:
 * file name}}.
 */
#include "model/weights.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "nn/safetensors.h"
#include "nn/torchfile.h"

enum { SHARDS_MAX = 256, HASH_PIECES = 16, HASH_PIECE_BYTES = 4096 };

/* One open file: one of the two is set. */
struct part {
    struct safetensors *safe;
    struct torchfile *torch;
};

struct model_weights {
    char *dir;
    struct part parts[SHARDS_MAX];
    int part_count;
    struct stored_tensor *tensors;
    size_t count;
};

static size_t part_count(const struct part *p)
{
    return p->safe ? safetensors_count(p->safe) : torchfile_count(p->torch);
}

static const struct stored_tensor *part_at(const struct part *p, size_t i)
{
    return p->safe ? safetensors_at(p->safe, i) : torchfile_at(p->torch, i);
}

static enum status open_safetensors(struct model_weights *w, const char *path, struct err *e)
{
    enum status st = safetensors_open(path, &w->parts[w->part_count].safe, e);
    if (st == ST_OK) w->part_count++;
    return st;
}

static enum status open_torchfile(struct model_weights *w, const char *path, struct err *e)
{
    enum status st = torchfile_open(path, &w->parts[w->part_count].torch, e);
    if (st == ST_OK) w->part_count++;
    return st;
}

static int compare_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The shard's name comes from outside: it must be a plain name in the same folder. */
static enum status open_shard(struct model_weights *w, const char *name, struct err *e)
{
    if (!*name || strchr(name, '/') || name[0] == '.')
        return err_set(e, ST_CORRUPT, "%s/model.safetensors.index.json names the file \"%.80s\"",
            w->dir, name);
    if (w->part_count == SHARDS_MAX)
        return err_set(e, ST_LIMIT, "%s has more than %d weight files", w->dir, SHARDS_MAX);
    char *path = file_join(w->dir, name);
    if (!path) return mem_err(e, strlen(name));
    enum status st = open_safetensors(w, path, e);
    mem_free(path);
    return st;
}

static enum status open_shards(
    struct model_weights *w, const struct json_node *map, const char *path, struct err *e)
{
    size_t count = json_count(map), n = 0;
    if (!json_is_object(map) || count == 0 || count > LIMIT_TENSORS)
        return err_set(e, ST_CORRUPT, "%s has no sound weight_map", path);
    const char **names = mem_zalloc(count, sizeof *names);
    if (!names) return mem_err(e, count * sizeof *names);
    for (const struct json_iter *it = json_next(map, NULL); it; it = json_next(map, it))
        names[n++] = json_str(json_iter_value(map, it), "");
    qsort(names, n, sizeof *names, compare_text);
    enum status st = ST_OK;
    for (size_t i = 0; i < n && st == ST_OK; i++)
        if (i == 0 || strcmp(names[i], names[i - 1]) != 0) st = open_shard(w, names[i], e);
    mem_free(names);
    return st;
}

static enum status open_index(struct model_weights *w, const char *path, struct err *e)
{
    struct json_doc *doc;
    enum status st = json_read_file(path, &doc, e);
    if (st != ST_OK) return st;
    st = open_shards(w, json_get(json_root(doc), "weight_map"), path, e);
    json_close(doc);
    return st;
}

/* The files looked for, in this order. */
static const struct {
    const char *name;
    enum status (*open)(struct model_weights *w, const char *path, struct err *e);
} FILES[] = {
    {"model.safetensors", open_safetensors},
    {"model.safetensors.index.json", open_index},
    {"pytorch_model.bin", open_torchfile},
};

static enum status open_files(struct model_weights *w, struct err *e)
{
    for (size_t i = 0; i < sizeof FILES / sizeof FILES[0]; i++) {
        char *path = file_join(w->dir, FILES[i].name);
        if (!path) return mem_err(e, strlen(w->dir));
        bool there = file_exists(path);
        enum status st = there ? FILES[i].open(w, path, e) : ST_OK;
        mem_free(path);
        if (there) return st;
    }
    return err_set(
        e, ST_NOT_FOUND, "%s holds neither model.safetensors nor pytorch_model.bin", w->dir);
}

static int compare_name(const void *a, const void *b)
{
    const struct stored_tensor *x = a, *y = b;
    return strcmp(x->name, y->name);
}

static enum status gather(struct model_weights *w, struct err *e)
{
    size_t room = 0;
    for (int i = 0; i < w->part_count; i++) room += part_count(&w->parts[i]);
    w->tensors = mem_zalloc(room, sizeof *w->tensors);
    if (!w->tensors) return mem_err(e, room * sizeof *w->tensors);
    for (int i = 0; i < w->part_count; i++)
        for (size_t j = 0; j < part_count(&w->parts[i]); j++)
            w->tensors[w->count++] = *part_at(&w->parts[i], j);
    qsort(w->tensors, w->count, sizeof *w->tensors, compare_name);
    for (size_t i = 1; i < w->count; i++)
        if (strcmp(w->tensors[i - 1].name, w->tensors[i].name) == 0)
            return err_set(
                e, ST_CORRUPT, "%s: tensor %s is there twice", w->dir, w->tensors[i].name);
    return ST_OK;
}

enum status model_weights_open(const char *dir, struct model_weights **out, struct err *e)
{
    *out = NULL;
    struct model_weights *w = mem_zalloc(1, sizeof *w);
    if (!w) return mem_err(e, sizeof *w);
    w->dir = mem_strdup(dir);
    enum status st = w->dir ? open_files(w, e) : mem_err(e, strlen(dir));
    if (st == ST_OK) st = gather(w, e);
    if (st == ST_OK)
        *out = w;
    else
        model_weights_close(w);
    return st;
}

void model_weights_close(struct model_weights *w)
{
    if (!w) return;
    for (int i = 0; i < w->part_count; i++) {
        safetensors_close(w->parts[i].safe);
        torchfile_close(w->parts[i].torch);
    }
    mem_free(w->tensors);
    mem_free(w->dir);
    mem_free(w);
}

size_t model_weights_count(const struct model_weights *w)
{
    return w->count;
}

const struct stored_tensor *model_weights_at(const struct model_weights *w, size_t index)
{
    return index < w->count ? &w->tensors[index] : NULL;
}

const struct stored_tensor *model_weights_find(const struct model_weights *w, const char *name)
{
    const struct stored_tensor key = {.name = name};
    return bsearch(&key, w->tensors, w->count, sizeof key, compare_name);
}

static bool is_float(enum dtype t)
{
    return t == DTYPE_F32 || t == DTYPE_F16 || t == DTYPE_BF16 || t == DTYPE_F64;
}

enum status model_weights_get(const struct model_weights *w, const char *name,
    const struct weights_shape *shape, const struct stored_tensor **out, struct err *e)
{
    const struct stored_tensor *t = model_weights_find(w, name);
    if (!t) return err_set(e, ST_CORRUPT, "%s: tensor %s is missing", w->dir, name);
    bool same = t->rank == shape->rank;
    for (int i = 0; same && i < t->rank; i++) same = t->shape[i] == shape->dim[i];
    if (!same) {
        char has[128], wanted[128];
        return err_set(e, ST_CORRUPT, "%s: tensor %s is %s, config.json wants %s", w->dir, name,
            stored_shape_text(t->rank, t->shape, has, sizeof has),
            stored_shape_text(shape->rank, shape->dim, wanted, sizeof wanted));
    }
    if (!is_float(t->dtype))
        return err_set(e, ST_UNSUPPORTED, "%s: tensor %s holds %s, not floating-point numbers",
            w->dir, name, dtype_name(t->dtype));
    *out = t;
    return ST_OK;
}

uint64_t model_weights_parameters(const struct model_weights *w)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < w->count; i++)
        if (is_float(w->tensors[i].dtype)) sum += w->tensors[i].count;
    return sum;
}

void model_weights_release(const struct stored_tensor *t)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), from = (uintptr_t)t->data,
              end = from + t->bytes;
    from = (from + page - 1) / page * page; /* whole pages only: the next tensor shares the last */
    end = end / page * page;
    if (from < end)
        (void)madvise((void *)from, end - from, MADV_DONTNEED); /* files stay mapped read-only */
}

static void hash_data(const struct stored_tensor *t, struct buf *out)
{
    const uint8_t *data = t->data;
    if (t->bytes <= HASH_PIECES * HASH_PIECE_BYTES) {
        uint64_t h = hash_64(data, t->bytes, 0);
        buf_add(out, &h, sizeof h);
        return;
    }
    uint64_t h = 0;
    for (size_t i = 0; i < HASH_PIECES; i++) {
        size_t at = (t->bytes - HASH_PIECE_BYTES) / (HASH_PIECES - 1) * i;
        if (i == HASH_PIECES - 1) at = t->bytes - HASH_PIECE_BYTES;
        h = hash_64(data + at, HASH_PIECE_BYTES, h);
    }
    buf_add(out, &h, sizeof h);
}

enum status model_weights_hash(
    const struct model_weights *w, char out[HASH_CONTENT_CHARS], struct err *e)
{
    struct buf all;
    buf_init(&all);
    for (size_t i = 0; i < w->count; i++) {
        const struct stored_tensor *t = &w->tensors[i];
        if (!is_float(t->dtype)) continue;
        char shape[256];
        buf_printf(&all, "%s %s %s ", t->name, dtype_name(t->dtype),
            stored_shape_text(t->rank, t->shape, shape, sizeof shape));
        hash_data(t, &all);
    }
    enum status st = buf_check(&all, e);
    if (st == ST_OK) hash_content(all.data, all.bytes, out);
    buf_deinit(&all);
    return st;
}
