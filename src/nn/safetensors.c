/* safetensors.c - the .safetensors format, checked before anything is believed.
 *
 * Format (github.com/huggingface/safetensors, "Format"): u64 little-endian n; n bytes of JSON, an
 * object from tensor name to {"dtype", "shape", "data_offsets": [begin, end]}; then the data, to
 * which the offsets are relative. "__metadata__" maps strings to strings and is skipped. As the
 * reference reader does, we want the data to be covered exactly: sorted by begin, each tensor
 * starts where the one before ended and the last ends with the file. That rules out overlaps, holes
 * and truncation.
 */
#include "nn/safetensors.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"

enum { LENGTH_BYTES = 8 };

struct safetensors {
    struct file_map map;     /* empty when the bytes are the caller's */
    struct json_doc *header; /* owns the names */
    struct stored_tensor *tensors;
    size_t count;
};

/* What is being read, for the helpers below. */
struct reading {
    const char *what;    /* the file's name in messages */
    const uint8_t *data; /* behind the header */
    size_t bytes;
};

static enum status read_shape(
    const struct reading *r, const struct json_node *shape, struct stored_tensor *t, struct err *e)
{
    if (!json_is_array(shape))
        return err_set(e, ST_CORRUPT, "%s: tensor %s has no shape", r->what, t->name);
    size_t rank = json_count(shape);
    if (rank > LIMIT_TENSOR_RANK)
        return err_set(e, ST_LIMIT, "%s: tensor %s has %zu dimensions, at most %d are read",
            r->what, t->name, rank, LIMIT_TENSOR_RANK);
    t->rank = (int)rank;
    t->count = 1;
    for (size_t i = 0; i < rank; i++) {
        t->shape[i] = json_int(json_at(shape, i), -1);
        if (t->shape[i] < 0 || !mem_mul(t->count, (size_t)t->shape[i], &t->count))
            return err_set(e, ST_CORRUPT, "%s: tensor %s has a senseless shape", r->what, t->name);
    }
    if (!mem_mul(t->count, dtype_bytes(t->dtype), &t->bytes))
        return err_set(e, ST_CORRUPT, "%s: tensor %s has a senseless shape", r->what, t->name);
    return ST_OK;
}

static enum status read_tensor(
    const struct reading *r, const struct json_node *entry, struct stored_tensor *t, struct err *e)
{
    const char *type = json_str(json_get(entry, "dtype"), NULL);
    if (!type) return err_set(e, ST_CORRUPT, "%s: tensor %s has no dtype", r->what, t->name);
    t->dtype = dtype_find(type);
    if (t->dtype == DTYPE_COUNT)
        return err_set(e, ST_UNSUPPORTED, "%s: tensor %s holds %.16s, which is not read", r->what,
            t->name, type);
    enum status st = read_shape(r, json_get(entry, "shape"), t, e);
    if (st != ST_OK) return st;
    const struct json_node *offsets = json_get(entry, "data_offsets");
    int64_t begin = json_int(json_at(offsets, 0), -1);
    int64_t end = json_int(json_at(offsets, 1), -1);
    if (json_count(offsets) != 2 || begin < 0 || end < begin)
        return err_set(e, ST_CORRUPT, "%s: tensor %s has no sound data_offsets", r->what, t->name);
    if ((uint64_t)end > r->bytes)
        return err_set(e, ST_CORRUPT,
            "%s: tensor %s ends at byte %lld of the data, the file has %zu", r->what, t->name,
            (long long)end, r->bytes);
    if ((uint64_t)(end - begin) != t->bytes) {
        char shape[128];
        return err_set(e, ST_CORRUPT, "%s: tensor %s is %s of %s, %zu bytes, but has %lld", r->what,
            t->name, stored_shape_text(t->rank, t->shape, shape, sizeof shape),
            dtype_name(t->dtype), t->bytes, (long long)(end - begin));
    }
    t->data = r->data + begin;
    return ST_OK;
}

/* By place; an empty tensor goes before what starts at the same place. */
static int compare_place(const void *a, const void *b)
{
    const struct stored_tensor *x = a, *y = b;
    uintptr_t p = (uintptr_t)x->data, q = (uintptr_t)y->data;
    if (p != q) return p < q ? -1 : 1;
    return (x->bytes > y->bytes) - (x->bytes < y->bytes);
}

static enum status check_cover(const struct reading *r, const struct safetensors *s, struct err *e)
{
    const uint8_t *at = r->data;
    for (size_t i = 0; i < s->count; i++) {
        const struct stored_tensor *t = &s->tensors[i];
        const uint8_t *begin = t->data;
        if (begin < at)
            return err_set(e, ST_CORRUPT, "%s: tensor %s overlaps %s", r->what, t->name,
                s->tensors[i - 1].name);
        if (begin > at)
            return err_set(e, ST_CORRUPT, "%s: %zu bytes before tensor %s belong to none", r->what,
                (size_t)(begin - at), t->name);
        at = begin + t->bytes;
    }
    if (at != r->data + r->bytes)
        return err_set(e, ST_CORRUPT, "%s: %zu bytes at the end belong to no tensor", r->what,
            (size_t)(r->data + r->bytes - at));
    return ST_OK;
}

static enum status read_tensors(const struct reading *r, struct safetensors *s, struct err *e)
{
    const struct json_node *root = json_root(s->header);
    if (!json_is_object(root))
        return err_set(e, ST_CORRUPT, "%s: the header is not a JSON object", r->what);
    size_t room = json_count(root);
    if (room > LIMIT_TENSORS)
        return err_set(
            e, ST_LIMIT, "%s has %zu tensors, at most %d are read", r->what, room, LIMIT_TENSORS);
    s->tensors = mem_zalloc(room, sizeof *s->tensors);
    if (!s->tensors) return mem_err(e, room * sizeof *s->tensors);
    for (const struct json_iter *it = json_next(root, NULL); it; it = json_next(root, it)) {
        const char *name = json_iter_key(it);
        if (strcmp(name, "__metadata__") == 0) continue;
        struct stored_tensor *t = &s->tensors[s->count];
        t->name = name;
        enum status st = read_tensor(r, json_iter_value(root, it), t, e);
        if (st != ST_OK) return st;
        s->count++;
    }
    qsort(s->tensors, s->count, sizeof *s->tensors, compare_place);
    return check_cover(r, s, e);
}

static uint64_t read_u64(const uint8_t *p)
{
    uint64_t v = 0;
    for (int i = 7; i >= 0; i--) v = v << 8 | p[i];
    return v;
}

static enum status read_header(
    struct safetensors *s, const uint8_t *data, size_t bytes, const char *what, struct err *e)
{
    if (bytes < LENGTH_BYTES)
        return err_set(
            e, ST_CORRUPT, "%s has %zu bytes, too few for a safetensors file", what, bytes);
    if (stored_is_pointer(data, bytes))
        return err_set(
            e, ST_CORRUPT, "%s is a Git LFS pointer; `git lfs pull` fetches the file", what);
    uint64_t length = read_u64(data);
    if (length > bytes - LENGTH_BYTES)
        return err_set(e, ST_CORRUPT,
            "%s: a header of %llu bytes in a file of %zu; cut short, or not a safetensors file",
            what, (unsigned long long)length, bytes);
    const uint8_t *text = data + LENGTH_BYTES;
    /* The reference reader wants the header to begin with '{': no byte-order mark, no blanks. */
    if (length == 0 || text[0] != '{')
        return err_set(e, ST_CORRUPT, "%s: the header is not a JSON object", what);
    enum status st = json_parse((const char *)text, (size_t)length, what, &s->header, e);
    if (st != ST_OK) return st;
    struct reading r = {
        .what = what, .data = text + length, .bytes = bytes - LENGTH_BYTES - (size_t)length};
    return read_tensors(&r, s, e);
}

enum status safetensors_open_bytes(
    const void *data, size_t bytes, const char *what, struct safetensors **out, struct err *e)
{
    *out = NULL;
    struct safetensors *s = mem_zalloc(1, sizeof *s);
    if (!s) return mem_err(e, sizeof *s);
    enum status st = read_header(s, data, bytes, what, e);
    if (st == ST_OK)
        *out = s;
    else
        safetensors_close(s);
    return st;
}

enum status safetensors_open(const char *path, struct safetensors **out, struct err *e)
{
    *out = NULL;
    struct file_map map;
    enum status st = file_map_open(path, &map, e);
    if (st != ST_OK) return st;
    st = safetensors_open_bytes(map.data, map.bytes, path, out, e);
    if (st == ST_OK)
        (*out)->map = map;
    else
        file_map_close(&map);
    return st;
}

void safetensors_close(struct safetensors *s)
{
    if (!s) return;
    json_close(s->header);
    mem_free(s->tensors);
    file_map_close(&s->map);
    mem_free(s);
}

size_t safetensors_count(const struct safetensors *s)
{
    return s->count;
}

const struct stored_tensor *safetensors_at(const struct safetensors *s, size_t index)
{
    return index < s->count ? &s->tensors[index] : NULL;
}
