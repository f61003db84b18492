/* file.c - see file.h and, for the format, file_format.h.
 *
 * A writer fills a shared map of the temporary file. posix_fallocate comes first, so that a store
 * into the map never meets a full disk. The temporary file carries the head of the finished one
 * with another magic and the boot it was written in, which is what resume compares; commit writes
 * the checksums and the final head, syncs and renames. The map then becomes the reader's.
 */
#include "vector/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/sys.h"
#include "vector/file_format.h"

enum {
    TRIES = 100,
    CHECK_STRIDE = 16 << 20,
    POPULATE_BYTES = 1 << 16,
    READS_MAX = 64, /* looks that read: of the first few searches */
    READ_BLOCKS = 8 /* at a time */
};

struct vec_file {
    struct vec_file_seen seen;        /* first: vec_file_touch looks at it */
    const struct vec_file_head *head; /* a copy, or the map's own */
    struct vec_file_head *copy;       /* NULL: none */
    uint8_t *map;
    const uint64_t *sums;
    size_t bytes;
    int fd; /* to read from; -1: only the map */
    _Atomic uint32_t reads;
    _Atomic uint64_t checked;
    char path[]; /* for words */
};

struct vec_file_writer {
    int fd;
    bool resumed, keep_on_cancel, in_memory;
    struct vec_file_head *head; /* the map */
    size_t bytes;
    char *tmp;   /* NULL in memory */
    char path[]; /* "" in memory */
};

/* --- heads ------------------------------------------------------------------------------------ */

static uint64_t head_check(const struct vec_file_head *h)
{
    return hash_64(h, offsetof(struct vec_file_head, check), 0);
}

/* Tells one start of the machine from another: a file left by a kill is whole in the page cache,
 * one left by a power cut is not. */
static uint64_t boot_number(void)
{
    char id[64] = {0};
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, id, sizeof id);
    if (fd >= 0) close(fd);
    return n > 0 ? hash_64(id, (size_t)n, 0) : 0;
}

static enum status head_plan(
    const struct vec_file_plan *plan, struct vec_file_head *h, struct err *e)
{
    memset(h, 0, sizeof *h);
    memcpy(h->magic, VEC_FILE_MAGIC_TMP, sizeof h->magic);
    h->version = VEC_FILE_VERSION;
    h->kind = plan->kind;
    h->set_id = plan->set_id;
    h->section_count = (uint32_t)plan->section_count;
    h->note_bytes = plan->note_bytes;
    if (plan->note_bytes > 0) memcpy(h->note, plan->note, plan->note_bytes);
    uint64_t at = VEC_FILE_PAGE, sums = 0;
    for (int i = 0; i < plan->section_count; i++) {
        const struct vec_file_section *from = &plan->sections[i];
        struct vec_file_entry *s = &h->section[i];
        if (from->bytes > (uint64_t)1 << 60 || at > (uint64_t)1 << 61)
            return err_set(e, ST_LIMIT, "section %s is too large", from->name);
        memcpy(s->name, from->name, strnlen(from->name, sizeof s->name - 1));
        s->at = at;
        s->bytes = from->bytes;
        s->check_bytes = from->check_bytes;
        s->first_sum = (uint32_t)sums;
        sums += vec_file_blocks(s);
        at += vec_file_round(s->bytes);
    }
    if (sums > UINT32_MAX) return err_set(e, ST_LIMIT, "%llu checksums", (unsigned long long)sums);
    h->sums_at = at;
    h->sum_count = sums;
    h->file_bytes = at + vec_file_round(sums * sizeof(uint64_t));
    h->boot = boot_number();
    h->check = head_check(h);
    return ST_OK;
}

/* What a section's entry must be like, so that every later access lies in the file. */
static bool entry_fits(const struct vec_file_entry *s, uint64_t at, uint64_t sums, uint64_t room)
{
    bool power = s->check_bytes >= VEC_FILE_PAGE && s->check_bytes <= 1 << 20 &&
        (s->check_bytes & (s->check_bytes - 1)) == 0;
    return power && s->at == at && s->bytes <= room - at && s->first_sum == sums &&
        s->name[sizeof s->name - 1] == '\0';
}

static enum status head_validate(
    const struct vec_file_head *h, const char *path, uint64_t bytes, struct err *e)
{
    if (memcmp(h->magic, VEC_FILE_MAGIC, sizeof h->magic) != 0)
        return err_set(e, ST_CORRUPT, "%s is no file of vectors, or half written", path);
    if (h->check != head_check(h))
        return err_set(e, ST_CORRUPT, "%s: the head's checksum is wrong", path);
    if (h->version != VEC_FILE_VERSION)
        return err_set(
            e, ST_CORRUPT, "%s has format %u, not %d", path, h->version, VEC_FILE_VERSION);
    if (h->file_bytes != bytes)
        return err_set(e, ST_CORRUPT, "%s has %llu bytes, its head says %llu", path,
            (unsigned long long)bytes, (unsigned long long)h->file_bytes);
    uint64_t at = VEC_FILE_PAGE, sums = 0;
    bool fits = h->section_count <= VEC_FILE_SECTIONS_MAX && h->note_bytes <= VEC_FILE_NOTE_BYTES;
    for (uint32_t i = 0; fits && i < h->section_count; i++) {
        const struct vec_file_entry *s = &h->section[i];
        fits = at <= bytes && entry_fits(s, at, sums, bytes);
        if (!fits) break;
        sums += vec_file_blocks(s);
        at += vec_file_round(s->bytes);
    }
    fits = fits && h->sum_count == sums && h->sums_at == at && at <= bytes &&
        bytes - at == vec_file_round(sums * sizeof(uint64_t));
    return fits ? ST_OK : err_set(e, ST_CORRUPT, "%s: its sections don't fit", path);
}

/* --- writing ---------------------------------------------------------------------------------- */

/* The file at fd still has the name tmp: another writer may have renamed or removed it between our
 * open and our lock. */
static bool is_named(int fd, const char *tmp)
{
    struct stat by_fd, by_name;
    return fstat(fd, &by_fd) == 0 && stat(tmp, &by_name) == 0 && by_fd.st_ino == by_name.st_ino &&
        by_fd.st_dev == by_name.st_dev;
}

static enum status lock_tmp(const char *tmp, int flags, int *out, struct err *e)
{
    for (int i = 0; i < TRIES; i++) {
        uint64_t bytes;
        int fd = sys_open(tmp, O_RDWR | O_NONBLOCK | O_NOCTTY | flags, 0666);
        if (fd < 0) return err_set_errno(e, errno, "%s", tmp);
        int failed = sys_size(fd, &bytes) != 0 || sys_lock(fd) != 0 ? errno : 0;
        if (failed == 0 && is_named(fd, tmp)) {
            *out = fd;
            return ST_OK;
        }
        close(fd);
        if (failed == EWOULDBLOCK) break;
        if (failed != 0) return err_set_errno(e, failed, "%s", tmp);
    }
    return err_set(e, ST_BUSY, "%s is being written by somebody else", tmp);
}

static enum status map_writable(struct vec_file_writer *w, struct err *e)
{
    w->head = sys_map(w->fd, w->bytes, true);
    if (w->head != NULL) return ST_OK;
    return err_set_errno(e, errno, "%s can't be mapped", w->in_memory ? "memory" : w->tmp);
}

/* Whether what lies there is a file of the same plan, from this start of the machine. */
static enum status take_over(
    struct vec_file_writer *w, const struct vec_file_head *want, struct err *e)
{
    uint64_t bytes;
    if (sys_size(w->fd, &bytes) != 0) return err_set_errno(e, errno, "%s", w->tmp);
    if (bytes != want->file_bytes) return ST_OK;
    enum status st = map_writable(w, e);
    if (st != ST_OK) return st;
    if (memcmp(w->head, want, sizeof *want) == 0)
        w->resumed = true;
    else
        munmap(w->head, w->bytes);
    if (!w->resumed) w->head = NULL;
    return ST_OK;
}

static enum status make_new(
    struct vec_file_writer *w, const struct vec_file_head *head, struct err *e)
{
    const char *name = w->in_memory ? "memory" : w->tmp;
    if (!w->in_memory && sys_truncate(w->fd, 0) != 0) return err_set_errno(e, errno, "%s", name);
    if (sys_reserve(w->fd, w->bytes) != 0)
        return err_set_errno(e, errno, "%s: %zu bytes", name, w->bytes);
    enum status st = map_writable(w, e);
    if (st == ST_OK) memcpy(w->head, head, sizeof *head);
    return st;
}

static enum status writer_alloc(const char *path, struct vec_file_writer **out, struct err *e)
{
    size_t n = path == NULL ? 0 : strlen(path);
    struct vec_file_writer *w = mem_zalloc(1, sizeof *w + n + 1);
    if (w == NULL) return mem_err(e, sizeof *w + n + 1);
    w->fd = -1;
    w->in_memory = path == NULL;
    *out = w;
    if (path == NULL) return ST_OK;
    memcpy(w->path, path, n + 1);
    w->tmp = mem_alloc(n + sizeof ".tmp");
    if (w->tmp == NULL) return mem_err(e, n + sizeof ".tmp");
    memcpy(w->tmp, path, n);
    memcpy(w->tmp + n, ".tmp", sizeof ".tmp");
    return ST_OK;
}

enum status vec_file_create(const char *path, const struct vec_file_plan *plan, bool resume,
    struct vec_file_writer **out, struct err *e)
{
    struct vec_file_writer *w = NULL;
    struct vec_file_head head;
    *out = NULL;
    enum status st = head_plan(plan, &head, e);
    if (st == ST_OK) st = writer_alloc(path, &w, e);
    if (st != ST_OK) goto done;
    w->bytes = (size_t)head.file_bytes;
    w->keep_on_cancel = resume;
    if (w->in_memory) {
        w->fd = sys_memfd("fovea-vectors");
        if (w->fd < 0) st = err_set_errno(e, errno, "memory");
    } else {
        st = lock_tmp(w->tmp, O_CREAT, &w->fd, e);
    }
    if (st == ST_OK && resume && !w->in_memory) st = take_over(w, &head, e);
    if (st == ST_OK && !w->resumed) st = make_new(w, &head, e);
    if (st != ST_OK) goto done;
    *out = w;
    w = NULL;
done:
    vec_file_abandon(w, false);
    return st;
}

bool vec_file_resumed(const struct vec_file_writer *w)
{
    return w->resumed;
}

void *vec_file_part(const struct vec_file_writer *w, int section)
{
    return (uint8_t *)w->head + w->head->section[section].at;
}

enum status vec_file_sync(struct vec_file_writer *w, struct err *e)
{
    if (w->in_memory || sys_map_sync(w->head, w->bytes) == 0) return ST_OK;
    return err_set_errno(e, errno, "%s can't be written", w->tmp);
}

void vec_file_abandon(struct vec_file_writer *w, bool keep)
{
    if (w == NULL) return;
    if (w->head != NULL) munmap(w->head, w->bytes);
    if (w->fd >= 0 && !w->in_memory && !keep) (void)sys_unlink(w->tmp);
    if (w->fd >= 0) close(w->fd); /* after the unlink: the lock covers it */
    mem_free(w->tmp);
    mem_free(w);
}

/* --- committing ------------------------------------------------------------------------------- */

/* Of a section's block, whose bytes are at. */
static uint64_t bytes_sum(const struct vec_file_head *h, const struct vec_file_entry *s,
    uint64_t block, const uint8_t *at)
{
    uint64_t left = s->bytes - block * s->check_bytes;
    size_t n = left < s->check_bytes ? (size_t)left : s->check_bytes;
    return hash_64(at, n, vec_file_seed(h->set_id, h->kind, s->first_sum + block));
}

static uint64_t block_sum(
    const struct vec_file_head *h, const uint8_t *map, uint32_t section, uint64_t block)
{
    const struct vec_file_entry *s = &h->section[section];
    return bytes_sum(h, s, block, map + s->at + block * s->check_bytes);
}

static enum status write_sums(struct vec_file_head *h, const struct run *run, struct err *e)
{
    uint64_t *sums = (uint64_t *)(void *)((uint8_t *)h + h->sums_at);
    for (uint32_t i = 0; i < h->section_count; i++) {
        const struct vec_file_entry *s = &h->section[i];
        for (uint64_t b = 0; b < vec_file_blocks(s); b++) {
            enum status st = b * s->check_bytes % CHECK_STRIDE == 0 ? run_check(run, e) : ST_OK;
            if (st != ST_OK) return st;
            sums[s->first_sum + b] = block_sum(h, (const uint8_t *)h, i, b);
        }
    }
    return ST_OK;
}

static enum status sync_folder(const char *path, struct err *e)
{
    const char *slash = strrchr(path, '/');
    size_t n = slash == NULL ? 0 : (size_t)(slash - path);
    char *dir = slash == NULL ? mem_strdup(".") : n == 0 ? mem_strdup("/") : mem_strndup(path, n);
    if (dir == NULL) return mem_err(e, n + 1);
    enum status st = ST_OK;
    int fd = sys_open(dir, O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0 || sys_sync(fd) != 0) st = err_set_errno(e, errno, "%s", dir);
    if (fd >= 0) close(fd);
    mem_free(dir);
    return st;
}

/* The bytes are on the disk under the temporary name. */
static enum status finish(struct vec_file_writer *w, const struct run *run, struct err *e)
{
    enum status st = write_sums(w->head, run, e);
    if (st != ST_OK) return st;
    memcpy(w->head->magic, VEC_FILE_MAGIC, sizeof w->head->magic);
    w->head->boot = 0;
    w->head->check = head_check(w->head);
    st = vec_file_sync(w, e);
    if (st == ST_OK && !w->in_memory && sys_sync(w->fd) != 0)
        st = err_set_errno(e, errno, "%s", w->tmp);
    if (st == ST_OK && sys_protect(w->head, w->bytes) != 0)
        st = err_set_errno(e, errno, "%s", w->in_memory ? "memory" : w->tmp);
    return st;
}

static enum status publish(const struct vec_file_writer *w, struct err *e)
{
    if (w->in_memory) return ST_OK;
    if (sys_rename(w->tmp, w->path) != 0) return err_set_errno(e, errno, "%s", w->path);
    enum status st = sync_folder(w->path, e);
    if (st != ST_OK) (void)sys_unlink(w->path);
    return st;
}

static enum status file_alloc(const struct vec_file_head *h, void *map, const char *path,
    struct vec_file **out, struct err *e);
static void mark_all(struct vec_file *f);

enum status vec_file_commit(
    struct vec_file_writer *w, const struct run *run, struct vec_file **out, struct err *e)
{
    struct vec_file *f = NULL;
    enum status st = finish(w, run, e);
    if (st == ST_OK && out != NULL)
        st = file_alloc(w->head, w->head, w->in_memory ? "memory" : w->path, &f, e);
    if (st == ST_OK) st = publish(w, e);
    bool stopped = st == ST_CANCELLED || st == ST_TIMEOUT;
    if (st == ST_OK && f != NULL) {
        mark_all(f);
        w->head = NULL; /* the map is the reader's now */
        *out = f;
    } else if (f != NULL) {
        mem_free(f->seen.bits);
        mem_free(f);
    }
    vec_file_abandon(w, st == ST_OK || (stopped && w->keep_on_cancel));
    return st;
}

bool vec_file_sweep(const char *path)
{
    struct vec_file_writer *w = NULL;
    bool went = writer_alloc(path, &w, NULL) == ST_OK &&
        lock_tmp(w->tmp, 0, &w->fd, NULL) == ST_OK && sys_unlink(w->tmp) == 0;
    vec_file_abandon(w, true);
    return went;
}

/* --- reading ---------------------------------------------------------------------------------- */

static uint32_t log2_of(uint32_t power)
{
    return (uint32_t)__builtin_ctz(power);
}

/* A reader over a head whose sections fit. */
static enum status file_alloc(const struct vec_file_head *h, void *map, const char *path,
    struct vec_file **out, struct err *e)
{
    size_t n = strlen(path), words = (size_t)h->sum_count / 64 + 1;
    struct vec_file *f = mem_zalloc(1, sizeof *f + n + 1);
    if (f == NULL) return mem_err(e, sizeof *f + n + 1);
    f->seen.bits = mem_zalloc(words, sizeof *f->seen.bits);
    if (f->seen.bits == NULL) {
        mem_free(f);
        return mem_err(e, words * sizeof *f->seen.bits);
    }
    memcpy(f->path, path, n + 1);
    f->head = h;
    f->bytes = (size_t)h->file_bytes;
    f->sums = (const uint64_t *)(const void *)((const uint8_t *)map + h->sums_at);
    for (uint32_t i = 0; i < h->section_count; i++)
        f->seen.span[i] = (struct vec_file_span){.base = (const uint8_t *)map + h->section[i].at,
            .bytes = h->section[i].bytes,
            .first = h->section[i].first_sum,
            .shift = log2_of(h->section[i].check_bytes)};
    f->map = map;
    f->fd = -1;
    *out = f;
    return ST_OK;
}

static void mark_all(struct vec_file *f)
{
    memset((void *)f->seen.bits, 0xff, ((size_t)f->head->sum_count / 64 + 1) * sizeof(uint64_t));
}

static enum status read_head(
    int fd, const char *path, struct vec_file_head *out, uint64_t *bytes, struct err *e)
{
    if (sys_size(fd, bytes) != 0) return err_set_errno(e, errno, "%s", path);
    if (*bytes < VEC_FILE_PAGE || *bytes > SIZE_MAX)
        return err_set(e, ST_CORRUPT, "%s has %llu bytes", path, (unsigned long long)*bytes);
    ssize_t n = sys_read_at(fd, out, sizeof *out, 0);
    if (n < 0) return err_set_errno(e, errno, "%s", path);
    if (n != (ssize_t)sizeof *out)
        return err_set(e, ST_CORRUPT, "%s became shorter while it was read", path);
    return head_validate(out, path, *bytes, e);
}

/* Heads are read into memory and only then the file is mapped: whoever asks just for facts, or for
 * a few records by vec_file_look, meets no page of the map. */
static enum status open_fd(
    int fd, const char *path, uint32_t kind, struct vec_file **out, struct err *e)
{
    uint64_t bytes;
    void *map = NULL;
    struct vec_file_head *h = mem_alloc(sizeof *h);
    if (h == NULL) return mem_err(e, sizeof *h);
    enum status st = read_head(fd, path, h, &bytes, e);
    if (st == ST_OK && h->kind != kind)
        st = err_set(e, ST_CORRUPT, "%s is of kind %08x, not %08x", path, h->kind, kind);
    if (st == ST_OK && (map = sys_map(fd, (size_t)bytes, false)) == NULL)
        st = err_set_errno(e, errno, "%s can't be mapped", path);
    if (st == ST_OK) st = file_alloc(h, map, path, out, e);
    if (st == ST_OK) {
        (*out)->copy = h;
        (*out)->fd = fd;
        return ST_OK;
    }
    if (map != NULL) munmap(map, (size_t)bytes);
    mem_free(h);
    return st;
}

enum status vec_file_open(const char *path, uint32_t kind, struct vec_file **out, struct err *e)
{
    *out = NULL;
    int fd = sys_open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
    if (fd < 0) return err_set_errno(e, errno, "%s", path);
    enum status st = open_fd(fd, path, kind, out, e);
    if (st != ST_OK) close(fd);
    return st;
}

void vec_file_close(struct vec_file *f)
{
    if (f == NULL) return;
    munmap(f->map, f->bytes);
    if (f->fd >= 0) close(f->fd);
    mem_free(f->copy);
    mem_free(f->seen.bits);
    mem_free(f);
}

uint64_t vec_file_set_id(const struct vec_file *f)
{
    return f->head->set_id;
}

uint64_t vec_file_bytes(const struct vec_file *f)
{
    return f->bytes;
}

const void *vec_file_note(const struct vec_file *f, uint32_t *bytes)
{
    *bytes = f->head->note_bytes;
    return f->head->note;
}

const void *vec_file_get(const struct vec_file *f, const char *name, uint64_t *bytes, int *section)
{
    for (uint32_t i = 0; i < f->head->section_count; i++) {
        const struct vec_file_entry *s = &f->head->section[i];
        if (strcmp(s->name, name) != 0) continue;
        *bytes = s->bytes;
        *section = (int)i;
        return f->map + s->at;
    }
    return NULL;
}

/* Maps pages all at once: one by one, as they are read, costs about twice as much. A wish. */
static void populate(const uint8_t *from, uint64_t bytes)
{
#ifdef MADV_POPULATE_READ
    uintptr_t begin = (uintptr_t)from / VEC_FILE_PAGE * VEC_FILE_PAGE;
    if (bytes >= POPULATE_BYTES)
        (void)madvise((void *)begin, (uintptr_t)from + bytes - begin, MADV_POPULATE_READ);
#else
    (void)from;
    (void)bytes;
#endif
}

static enum status wrong_sum(
    const struct vec_file *f, const struct vec_file_entry *s, uint64_t block, struct err *e)
{
    return err_set(e, ST_CORRUPT, "%s: block %llu of section %s has a wrong checksum", f->path,
        (unsigned long long)block, s->name);
}

/* Whether a block was checked before; mark: it is from now on. */
static bool is_marked(const struct vec_file *f, uint64_t sum)
{
    return (atomic_load_explicit(&f->seen.bits[sum / 64], memory_order_relaxed) >> sum % 64 & 1) !=
        0;
}

static void mark(const struct vec_file *f, uint64_t sum)
{
    atomic_fetch_or_explicit(
        &f->seen.bits[sum / 64], (uint64_t)1 << sum % 64, memory_order_relaxed);
    atomic_fetch_add_explicit(&((struct vec_file *)(uintptr_t)f)->checked, 1, memory_order_relaxed);
}

uint64_t vec_file_checked(const struct vec_file *f)
{
    return atomic_load_explicit(&f->checked, memory_order_relaxed);
}

enum status vec_file_check(
    const struct vec_file *f, int section, uint64_t at, uint64_t bytes, struct err *e)
{
    const struct vec_file_entry *s = &f->head->section[section];
    if (at > s->bytes || bytes > s->bytes - at)
        return err_set(e, ST_CORRUPT, "%s: section %s has %llu bytes, none at %llu", f->path,
            s->name, (unsigned long long)s->bytes, (unsigned long long)at + bytes);
    if (bytes == 0) return ST_OK;
    uint32_t shift = f->seen.span[section].shift;
    populate(f->map + s->at + at, bytes);
    for (uint64_t b = at >> shift; b <= (at + bytes - 1) >> shift; b++) {
        uint64_t sum = s->first_sum + b;
        if (is_marked(f, sum)) continue;
        if (block_sum(f->head, f->map, (uint32_t)section, b) != f->sums[sum])
            return wrong_sum(f, s, b, e);
        mark(f, sum);
    }
    return ST_OK;
}

static bool read_whole(const struct vec_file *f, void *out, size_t bytes, uint64_t at)
{
    return sys_read_at(f->fd, out, bytes, at) == (ssize_t)bytes;
}

/* Whether it was read into room; what can't be read so is read from the map, whatever stood against
 * it. */
static bool read_blocks(
    const struct vec_file *f, const struct vec_file_range *r, struct vec_place *p, uint64_t *sums)
{
    const struct vec_file_entry *s = &f->head->section[r->section];
    uint32_t shift = f->seen.span[r->section].shift;
    if (f->fd < 0 || p->room == NULL || r->bytes == 0) return false;
    uint64_t first = r->at >> shift, last = (r->at + r->bytes - 1) >> shift;
    uint64_t from = first << shift, until = (last + 1) << shift;
    if (until > s->bytes) until = s->bytes;
    if (last - first >= READ_BLOCKS || until - from > p->room_bytes) return false;
    _Atomic uint32_t *reads = &((struct vec_file *)(uintptr_t)f)->reads;
    if (atomic_load_explicit(reads, memory_order_relaxed) >= READS_MAX) return false;
    atomic_fetch_add_explicit(reads, 1, memory_order_relaxed);
    p->at = p->room + (r->at - from);
    return read_whole(f, p->room, (size_t)(until - from), s->at + from) &&
        read_whole(f, sums, (size_t)(last - first + 1) * sizeof *sums,
            f->head->sums_at + (s->first_sum + first) * sizeof *sums);
}

enum status vec_file_look_new(
    const struct vec_file *f, const struct vec_file_range *r, struct vec_place *p, struct err *e)
{
    const struct vec_file_entry *s = &f->head->section[r->section];
    uint64_t sums[READ_BLOCKS];
    bool lies_in = r->at <= s->bytes && r->bytes <= s->bytes - r->at;
    if (!lies_in || !read_blocks(f, r, p, sums)) {
        p->at = f->map + s->at + (lies_in ? r->at : 0);
        return vec_file_check(f, r->section, r->at, r->bytes, e);
    }
    uint32_t shift = f->seen.span[r->section].shift;
    uint64_t first = r->at >> shift, last = (r->at + r->bytes - 1) >> shift;
    for (uint64_t b = first; b <= last; b++) {
        if (bytes_sum(f->head, s, b, p->room + ((b - first) << shift)) != sums[b - first])
            return wrong_sum(f, s, b, e);
        if (!is_marked(f, s->first_sum + b)) mark(f, s->first_sum + b);
    }
    return ST_OK;
}

/* Reads all again, also what was seen: doctor asks what the disk holds now. */
enum status vec_file_verify(const struct vec_file *f, const struct run *run, struct err *e)
{
    for (uint32_t i = 0; i < f->head->section_count; i++) {
        const struct vec_file_entry *s = &f->head->section[i];
        for (uint64_t b = 0; b < vec_file_blocks(s); b++) {
            enum status st = b * s->check_bytes % CHECK_STRIDE == 0 ? run_check(run, e) : ST_OK;
            if (st != ST_OK) return st;
            if (block_sum(f->head, f->map, i, b) != f->sums[s->first_sum + b])
                return wrong_sum(f, s, b, e);
        }
    }
    return ST_OK;
}
