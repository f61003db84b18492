/* torchfile.c - pytorch_model.bin: the zip's directory, the pickle's list, and each tensor's bytes.
 *
 * Format (torch.save since 1.6): <top>/data.pkl, a pickled dictionary whose tensors name storages;
 * each storage is an entry <top>/data/<key>, little-endian unless <top>/byteorder says "big". A
 * tensor is a window on its storage: offset, shape, strides. Contiguous ones are borrowed from the
 * map. Others, like the transposed projections of older CLIP conversions, are copied into order,
 * each once, and all together into no more memory than the file has bytes.
 */
#include "nn/torchfile.h"

#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "nn/pickle.h"
#include "nn/zipfile.h"

/* Bounds what a pickle can make us take: 64 k tensors need about 20 MB. */
#define ARENA_LIMIT_BYTES ((size_t)256 << 20)

struct torchfile {
    struct file_map map; /* empty when the bytes are the caller's */
    struct arena arena;  /* names, descriptions */
    struct stored_tensor *tensors;
    size_t count;
    void **copies;
    size_t copy_count;
    size_t copy_room; /* bytes that copies may still take */
};

struct opening {
    struct torchfile *f;
    struct zipfile zip;
    const char *what;
    struct zipfile_entry top; /* its name is "<top>/" */
};

/* The bytes of entry <top>/name. */
static const struct zipfile_entry *find_entry(
    const struct opening *o, const char *name, size_t bytes)
{
    char path[512];
    if (o->top.name_bytes + bytes > sizeof path) return NULL;
    memcpy(path, o->top.name, o->top.name_bytes);
    memcpy(path + o->top.name_bytes, name, bytes);
    return zipfile_find(&o->zip, path, o->top.name_bytes + bytes);
}

static enum status find_top(struct opening *o, const struct zipfile_entry **pickle, struct err *e)
{
    static const char name[] = "data.pkl";
    size_t n = sizeof name - 1;
    for (size_t i = 0; i < o->zip.count; i++) {
        struct zipfile_entry *entry = &o->zip.entries[i];
        size_t before = entry->name_bytes > n ? entry->name_bytes - n : 0;
        if (before == 0 || memcmp(entry->name + before, name, n) != 0) continue;
        if (memchr(entry->name, '/', before) != entry->name + before - 1) continue;
        o->top = (struct zipfile_entry){.name = entry->name, .name_bytes = before};
        *pickle = entry;
        return ST_OK;
    }
    return err_set(
        e, ST_CORRUPT, "%s is a zip archive without a data.pkl; not one of torch.save's", o->what);
}

static enum status check_order(const struct opening *o, struct err *e)
{
    const struct zipfile_entry *order = find_entry(o, "byteorder", 9);
    if (order && (order->bytes != 6 || memcmp(order->data, "little", 6) != 0))
        return err_set(e, ST_UNSUPPORTED, "%s was written on a big-endian machine", o->what);
    return ST_OK;
}

static const struct zipfile_entry *find_storage(
    const struct opening *o, const struct pickle_tensor *t)
{
    char name[64] = "data/";
    if (t->key_bytes > sizeof name - 5) return NULL;
    memcpy(name + 5, t->key, t->key_bytes);
    return find_entry(o, name, 5 + t->key_bytes);
}

/* Sizes without overflow: how many elements, and how far behind the offset the last one lies. */
static bool measure(const struct pickle_tensor *t, size_t *count, size_t *reach)
{
    *count = 1;
    *reach = 0;
    for (int i = 0; i < t->rank; i++)
        if (!mem_mul(*count, (size_t)t->shape[i], count)) return false;
    for (int i = 0; i<t->rank && * count> 0; i++) {
        size_t step;
        if (!mem_mul((size_t)t->shape[i] - 1, (size_t)t->stride[i], &step)) return false;
        if (__builtin_add_overflow(*reach, step, reach)) return false;
    }
    return true;
}

static bool is_contiguous(const struct pickle_tensor *t)
{
    int64_t want = 1;
    for (int i = t->rank - 1; i >= 0; i--) {
        if (t->shape[i] != 1 && t->stride[i] != want) return false;
        want *= t->shape[i];
    }
    return true;
}

/* Elements in row-major order from a strided window. */
static void copy_strided(
    uint8_t *to, const uint8_t *from, const struct pickle_tensor *t, size_t count)
{
    size_t width = dtype_bytes(t->dtype);
    int64_t index[LIMIT_TENSOR_RANK] = {0};
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        memcpy(to + i * width, from + at * width, width);
        for (int d = t->rank - 1; d >= 0; d--) {
            at += (size_t)t->stride[d];
            if (++index[d] < t->shape[d]) break;
            at -= (size_t)t->stride[d] * (size_t)t->shape[d];
            index[d] = 0;
        }
    }
}

static enum status keep_copy(struct opening *o, const struct pickle_tensor *p, const uint8_t *from,
    struct stored_tensor *t, struct err *e)
{
    if (t->count > (size_t)p->storage_count)
        return err_set(e, ST_UNSUPPORTED,
            "%s: tensor %s repeats its data; save it with .contiguous()", o->what, t->name);
    if (t->bytes > o->f->copy_room)
        return err_set(
            e, ST_LIMIT, "%s: strided tensors would need more memory than the file", o->what);
    uint8_t *copy = mem_alloc(t->bytes);
    if (!copy) return mem_err(e, t->bytes);
    o->f->copy_room -= t->bytes;
    copy_strided(copy, from, p, t->count);
    o->f->copies[o->f->copy_count++] = copy;
    t->data = copy;
    return ST_OK;
}

static enum status read_tensor(
    struct opening *o, const struct pickle_tensor *p, struct stored_tensor *t, struct err *e)
{
    const struct zipfile_entry *storage = find_storage(o, p);
    size_t width = dtype_bytes(p->dtype), bytes, reach;
    *t = (struct stored_tensor){.name = p->name, .dtype = p->dtype, .rank = p->rank};
    memcpy(t->shape, p->shape, sizeof t->shape);
    if (!storage) return err_set(e, ST_CORRUPT, "%s: tensor %s has no storage", o->what, t->name);
    if (!mem_mul((size_t)p->storage_count, width, &bytes) || bytes != storage->bytes)
        return err_set(e, ST_CORRUPT, "%s: the storage of tensor %s has %zu bytes, not %lld x %zu",
            o->what, t->name, storage->bytes, (long long)p->storage_count, width);
    size_t room = (size_t)p->storage_count, offset = (size_t)p->offset;
    if (!measure(p, &t->count, &reach) || !mem_mul(t->count, width, &t->bytes) || offset > room ||
        (t->count > 0 && reach >= room - offset))
        return err_set(e, ST_CORRUPT, "%s: tensor %s reaches past its storage", o->what, t->name);
    t->data = storage->data + offset * width;
    if (t->count == 0 || is_contiguous(p)) return ST_OK;
    return keep_copy(o, p, t->data, t, e);
}

static enum status read_tensors(struct opening *o, const struct pickle_list *list, struct err *e)
{
    struct torchfile *f = o->f;
    f->tensors = mem_zalloc(list->count, sizeof *f->tensors);
    f->copies = mem_zalloc(list->count, sizeof *f->copies);
    if (!f->tensors || !f->copies) return mem_err(e, list->count * sizeof *f->tensors);
    for (; f->count < list->count; f->count++) {
        enum status st = read_tensor(o, &list->tensors[f->count], &f->tensors[f->count], e);
        if (st != ST_OK) return st;
    }
    return ST_OK;
}

/* What the file is instead, where that can be told from its first bytes. */
static enum status check_head(const uint8_t *data, size_t bytes, const char *what, struct err *e)
{
    static const uint8_t old[] = {
        0x80, 0x02, 0x8a, 0x0a}; /* the pickle of a ten-byte magic number */
    if (bytes >= 2 && memcmp(data, "PK", 2) == 0) return ST_OK;
    if (stored_is_pointer(data, bytes))
        return err_set(
            e, ST_CORRUPT, "%s is a Git LFS pointer; `git lfs pull` fetches the file", what);
    if (bytes >= sizeof old && memcmp(data, old, sizeof old) == 0)
        return err_set(e, ST_UNSUPPORTED,
            "%s has the format of before PyTorch 1.6; convert it once in Python: "
            "torch.save(torch.load(path, weights_only=True), path)",
            what);
    return err_set(e, ST_CORRUPT, "%s is not a file of torch.save", what);
}

static enum status read_all(struct opening *o, struct err *e)
{
    const struct zipfile_entry *pickle = NULL;
    struct pickle_list list;
    enum status st = find_top(o, &pickle, e);
    if (st == ST_OK) st = check_order(o, e);
    if (st == ST_OK) st = pickle_read(*pickle, o->what, &o->f->arena, &list, e);
    if (st == ST_OK) st = read_tensors(o, &list, e);
    return st;
}

enum status torchfile_open_bytes(
    const void *data, size_t bytes, const char *what, struct torchfile **out, struct err *e)
{
    *out = NULL;
    struct opening o = {.what = what};
    enum status st = check_head(data, bytes, what, e);
    if (st == ST_OK) st = zipfile_open(data, bytes, what, &o.zip, e);
    if (st != ST_OK) return st;
    o.f = mem_zalloc(1, sizeof *o.f);
    if (o.f) {
        arena_init(&o.f->arena, ARENA_LIMIT_BYTES);
        o.f->copy_room = bytes;
    }
    st = o.f ? read_all(&o, e) : mem_err(e, sizeof *o.f);
    zipfile_close(&o.zip);
    if (st == ST_OK)
        *out = o.f;
    else
        torchfile_close(o.f);
    return st;
}

enum status torchfile_open(const char *path, struct torchfile **out, struct err *e)
{
    *out = NULL;
    struct file_map map;
    enum status st = file_map_open(path, &map, e);
    if (st != ST_OK) return st;
    st = torchfile_open_bytes(map.data, map.bytes, path, out, e);
    if (st == ST_OK)
        (*out)->map = map;
    else
        file_map_close(&map);
    return st;
}

void torchfile_close(struct torchfile *f)
{
    if (!f) return;
    for (size_t i = 0; i < f->copy_count; i++) mem_free(f->copies[i]);
    mem_free(f->copies);
    mem_free(f->tensors);
    arena_deinit(&f->arena);
    file_map_close(&f->map);
    mem_free(f);
}

size_t torchfile_count(const struct torchfile *f)
{
    return f->count;
}

const struct stored_tensor *torchfile_at(const struct torchfile *f, size_t index)
{
    return index < f->count ? &f->tensors[index] : NULL;
}
