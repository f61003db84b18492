/* zipfile.c - reads the central directory of a zip archive and finds where each entry's bytes lie.
 *
 * Format: PKWARE APPNOTE 6.3. Read here: end record (22 bytes before a comment), ZIP64 end record
 * and its locator, central file headers (46 bytes + name + extra + comment), the ZIP64 extra field
 * (id 1), and of each local header (30 bytes) the two lengths that say where data begins. Sizes are
 * believed from the central directory only, after checking that they lie inside the file. Numbers
 * are little-endian.
 */
#include "nn/zipfile.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"

enum {
    END_BYTES = 22,
    END64_BYTES = 56,
    LOCATOR_BYTES = 20,
    CENTRAL_BYTES = 46,
    LOCAL_BYTES = 30,
    COMMENT_MAX = 65535,
    ENTRIES_MAX = LIMIT_TENSORS + 64
};

#define END_MARK 0x06054b50u
#define END64_MARK 0x06064b50u
#define LOCATOR_MARK 0x07064b50u
#define CENTRAL_MARK 0x02014b50u
#define LOCAL_MARK 0x04034b50u

static uint64_t number(const uint8_t *p, int bytes)
{
    uint64_t v = 0;
    for (int i = bytes - 1; i >= 0; i--) v = v << 8 | p[i];
    return v;
}

struct archive {
    const uint8_t *data;
    size_t bytes;
    const char *what;
};

/* bytes at offset lie inside the archive and begin with mark. */
static const uint8_t *record(const struct archive *a, uint64_t offset, size_t bytes, uint32_t mark)
{
    if (offset > a->bytes || bytes > a->bytes - offset) return NULL;
    const uint8_t *p = a->data + offset;
    return number(p, 4) == mark ? p : NULL;
}

struct directory {
    uint64_t offset, bytes, count;
};

/* The end record is searched from the back; its comment must reach just to the end of the file. */
static const uint8_t *find_end(const struct archive *a)
{
    if (a->bytes < END_BYTES) return NULL;
    size_t last = a->bytes - END_BYTES;
    for (size_t back = 0; back <= last && back <= COMMENT_MAX; back++) {
        const uint8_t *p = record(a, last - back, END_BYTES, END_MARK);
        if (p && number(p + 20, 2) == back) return p;
    }
    return NULL;
}

static enum status find_directory(const struct archive *a, struct directory *out, struct err *e)
{
    const uint8_t *end = find_end(a);
    if (!end) return err_set(e, ST_CORRUPT, "%s is cut short, or not a zip archive", a->what);
    size_t at = (size_t)(end - a->data);
    const uint8_t *locator = NULL;
    if (at >= LOCATOR_BYTES) locator = record(a, at - LOCATOR_BYTES, LOCATOR_BYTES, LOCATOR_MARK);
    if (locator) {
        const uint8_t *end64 = record(a, number(locator + 8, 8), END64_BYTES, END64_MARK);
        if (!end64) return err_set(e, ST_CORRUPT, "%s: the ZIP64 end record is missing", a->what);
        *out =
            (struct directory){number(end64 + 48, 8), number(end64 + 40, 8), number(end64 + 32, 8)};
    } else {
        if (number(end + 4, 2) != 0)
            return err_set(e, ST_UNSUPPORTED, "%s is a zip archive of several parts", a->what);
        *out = (struct directory){number(end + 16, 4), number(end + 12, 4), number(end + 10, 2)};
    }
    if (out->offset > a->bytes || out->bytes > a->bytes - out->offset)
        return err_set(e, ST_CORRUPT, "%s: the directory lies outside the file", a->what);
    if (out->count > ENTRIES_MAX)
        return err_set(e, ST_LIMIT, "%s has %llu entries, at most %d are read", a->what,
            (unsigned long long)out->count, ENTRIES_MAX);
    return ST_OK;
}

/* Sizes and offset of a central header as 64 bits each. */
struct place {
    uint64_t full, packed, local;
};

/* Fields that are all ones stand in the ZIP64 extra field, in this order. */
static bool read_place(
    const uint8_t *h, const uint8_t *extra, size_t extra_bytes, struct place *out)
{
    *out = (struct place){number(h + 24, 4), number(h + 20, 4), number(h + 42, 4)};
    uint64_t *fields[] = {&out->full, &out->packed, &out->local};
    const uint8_t *more = NULL;
    size_t more_bytes = 0;
    for (size_t at = 0; at + 4 <= extra_bytes;) {
        size_t n = (size_t)number(extra + at + 2, 2);
        if (n > extra_bytes - at - 4) return false;
        if (number(extra + at, 2) == 1) more = extra + at + 4, more_bytes = n;
        at += 4 + n;
    }
    for (int i = 0; i < 3; i++) {
        if (*fields[i] != 0xffffffffu) continue;
        if (more_bytes < 8) return false;
        *fields[i] = number(more, 8);
        more += 8;
        more_bytes -= 8;
    }
    return true;
}

static enum status locate(const struct archive *a, const uint8_t *h, const struct place *p,
    struct zipfile_entry *entry, struct err *e)
{
    int shown = (int)(entry->name_bytes < 80 ? entry->name_bytes : 80);
    if (number(h + 8, 2) & 1)
        return err_set(
            e, ST_UNSUPPORTED, "%s: entry %.*s is encrypted", a->what, shown, entry->name);
    if (number(h + 10, 2) != 0 || p->full != p->packed)
        return err_set(e, ST_UNSUPPORTED,
            "%s: entry %.*s is compressed; weights are read from archives as torch.save writes "
            "them",
            a->what, shown, entry->name);
    const uint8_t *local = record(a, p->local, LOCAL_BYTES, LOCAL_MARK);
    if (!local)
        return err_set(e, ST_CORRUPT, "%s: entry %.*s has no header", a->what, shown, entry->name);
    size_t skip = LOCAL_BYTES + (size_t)number(local + 26, 2) + (size_t)number(local + 28, 2);
    size_t room = a->bytes - (size_t)(local - a->data);
    if (skip > room || p->full > room - skip)
        return err_set(e, ST_CORRUPT, "%s: entry %.*s reaches past the end of the file", a->what,
            shown, entry->name);
    entry->data = local + skip;
    entry->bytes = (size_t)p->full;
    return ST_OK;
}

/* The entry whose central header begins at *at, which moves behind it. */
static enum status read_entry(
    const struct archive *a, uint64_t *at, uint64_t end, struct zipfile_entry *entry, struct err *e)
{
    const uint8_t *h = record(a, *at, CENTRAL_BYTES, CENTRAL_MARK);
    if (!h || *at + CENTRAL_BYTES > end)
        return err_set(e, ST_CORRUPT, "%s: the directory is broken", a->what);
    size_t name = (size_t)number(h + 28, 2), extra = (size_t)number(h + 30, 2);
    size_t all = CENTRAL_BYTES + name + extra + (size_t)number(h + 32, 2);
    struct place p;
    if (all > end - *at || !read_place(h, h + CENTRAL_BYTES + name, extra, &p))
        return err_set(e, ST_CORRUPT, "%s: the directory is broken", a->what);
    *entry = (struct zipfile_entry){.name = (const char *)h + CENTRAL_BYTES, .name_bytes = name};
    *at += all;
    return locate(a, h, &p, entry, e);
}

static int compare_names(const void *a, const void *b)
{
    const struct zipfile_entry *x = a, *y = b;
    size_t shared = x->name_bytes < y->name_bytes ? x->name_bytes : y->name_bytes;
    int order = memcmp(x->name, y->name, shared);
    return order ? order : (x->name_bytes > y->name_bytes) - (x->name_bytes < y->name_bytes);
}

static enum status read_entries(
    const struct archive *a, const struct directory *d, struct zipfile *z, struct err *e)
{
    uint64_t at = d->offset;
    for (uint64_t i = 0; i < d->count; i++) {
        enum status st = read_entry(a, &at, d->offset + d->bytes, &z->entries[i], e);
        if (st != ST_OK) return st;
        z->count++;
    }
    if (z->count > 1) qsort(z->entries, z->count, sizeof *z->entries, compare_names);
    for (size_t i = 1; i < z->count; i++)
        if (compare_names(&z->entries[i - 1], &z->entries[i]) == 0)
            return err_set(e, ST_CORRUPT, "%s: two entries have one name", a->what);
    return ST_OK;
}

enum status zipfile_open(
    const uint8_t *data, size_t bytes, const char *what, struct zipfile *out, struct err *e)
{
    *out = (struct zipfile){0};
    struct archive a = {.data = data, .bytes = bytes, .what = what};
    struct directory d = {0};
    enum status st = find_directory(&a, &d, e);
    if (st != ST_OK) return st;
    out->entries = mem_zalloc((size_t)d.count, sizeof *out->entries);
    if (!out->entries) return mem_err(e, (size_t)d.count * sizeof *out->entries);
    st = read_entries(&a, &d, out, e);
    if (st != ST_OK) zipfile_close(out);
    return st;
}

void zipfile_close(struct zipfile *z)
{
    mem_free(z->entries);
    *z = (struct zipfile){0};
}

const struct zipfile_entry *zipfile_find(const struct zipfile *z, const char *name, size_t bytes)
{
    const struct zipfile_entry key = {.name = name, .name_bytes = bytes};
    if (z->count == 0) return NULL;
    return bsearch(&key, z->entries, z->count, sizeof key, compare_names);
}
