/* generation_folder.c - names of generations' files: finding, listing, locking, sweeping.
 *
 * A name is <ix>-<number>.<full|codes|graph>, with .tmp behind it while it is being written. A
 * generation is there when its codes are: they are written last and removed first. <ix>.lock is
 * held by whoever makes files.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/sys.h"
#include "vector/generation_files.h"

const struct vec_generation_kind VEC_GENERATION_KINDS[VEC_FILES] = {
    [VEC_FULL] = {"full", 0x4c4c5546},   /* 'FULL' */
    [VEC_CODES] = {"codes", 0x45444f43}, /* 'CODE' */
    [VEC_GRAPH] = {"graph", 0x48505247}, /* 'GRPH' */
};

struct name {
    int64_t ix;
    uint64_t number;
    enum vec_generation_file kind;
    bool temporary;
};

enum status vec_generation_path(const char *dir, const struct vec_facts *facts,
    enum vec_generation_file kind, char out[VEC_PATH_BYTES], struct err *e)
{
    int n = snprintf(out, VEC_PATH_BYTES, "%s/%lld-%llu.%s", dir, (long long)facts->ix,
        (unsigned long long)facts->number, VEC_GENERATION_KINDS[kind].end);
    if (n > 0 && n < VEC_PATH_BYTES - (int)sizeof ".tmp") return ST_OK;
    return err_set(e, ST_LIMIT, "the path of a file in %s is too long", dir);
}

/* Whether an entry of a folder is one of our names. */
static bool name_read(const char *text, struct name *out)
{
    char *at;
    if (text[0] < '0' || text[0] > '9') return false;
    errno = 0;
    out->ix = strtoll(text, &at, 10);
    if (errno != 0 || *at != '-' || at[1] < '0' || at[1] > '9') return false;
    out->number = strtoull(at + 1, &at, 10);
    if (errno != 0 || *at != '.') return false;
    for (int i = 0; i < VEC_FILES; i++) {
        size_t n = strlen(VEC_GENERATION_KINDS[i].end);
        if (strncmp(at + 1, VEC_GENERATION_KINDS[i].end, n) != 0) continue;
        out->kind = (enum vec_generation_file)i;
        out->temporary = strcmp(at + 1 + n, ".tmp") == 0;
        return out->temporary || at[1 + n] == '\0';
    }
    return false;
}

/* Every file of ours in dir (of ix only, unless ix is negative); mem_free. A folder that is not
 * there holds none. */
static enum status names_read(
    const char *dir, int64_t ix, struct name **out, size_t *count, struct err *e)
{
    size_t capacity = 0;
    enum status st = ST_OK;
    *out = NULL;
    *count = 0;
    DIR *d = opendir(dir);
    if (d == NULL) return errno == ENOENT ? ST_OK : err_set_errno(e, errno, "%s", dir);
    for (struct dirent *entry; st == ST_OK && (entry = readdir(d)) != NULL;) {
        struct name name;
        if (!name_read(entry->d_name, &name) || (ix >= 0 && name.ix != ix)) continue;
        if (*count == capacity) {
            capacity = capacity * 2 + 16;
            struct name *grown = mem_resize(*out, capacity, sizeof *grown);
            if (grown == NULL)
                st = mem_err(e, capacity * sizeof *grown);
            else
                *out = grown;
        }
        if (st == ST_OK) (*out)[(*count)++] = name;
    }
    closedir(d);
    if (st == ST_OK) return ST_OK;
    mem_free(*out);
    *out = NULL;
    return st;
}

enum status vec_generation_lock(const char *dir, int64_t ix, int *fd, struct err *e)
{
    char path[VEC_PATH_BYTES];
    enum status st = file_make_dirs(dir, e);
    if (st != ST_OK) return st;
    int n = snprintf(path, sizeof path, "%s/%lld.lock", dir, (long long)ix);
    if (n < 0 || n >= (int)sizeof path)
        return err_set(e, ST_LIMIT, "the path of a file in %s is too long", dir);
    *fd = sys_open(path, O_RDWR | O_CREAT | O_NONBLOCK | O_NOCTTY, 0666);
    if (*fd < 0) return err_set_errno(e, errno, "%s", path);
    if (sys_lock(*fd) == 0) return ST_OK;
    st = errno == EWOULDBLOCK
        ? err_set(e, ST_BUSY, "%s is held: index %lld is being written", path, (long long)ix)
        : err_set_errno(e, errno, "%s", path);
    close(*fd);
    *fd = -1;
    return st;
}

static int by_number_down(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x < y) - (x > y);
}

enum status vec_generation_numbers(
    const char *dir, int64_t ix, uint64_t **out, size_t *count, struct err *e)
{
    struct name *names;
    size_t n;
    *out = NULL;
    *count = 0;
    enum status st = names_read(dir, ix, &names, &n, e);
    if (st != ST_OK || n == 0) return st;
    *out = mem_alloc(n * sizeof **out);
    if (*out == NULL) {
        st = mem_err(e, n * sizeof **out);
    } else {
        for (size_t i = 0; i < n; i++)
            if (names[i].kind == VEC_CODES && !names[i].temporary)
                (*out)[(*count)++] = names[i].number;
        qsort(*out, *count, sizeof **out, by_number_down);
    }
    mem_free(names);
    return st;
}

enum status vec_generation_highest(const char *dir, int64_t ix, uint64_t *out, struct err *e)
{
    struct name *names;
    size_t n;
    *out = 0;
    enum status st = names_read(dir, ix, &names, &n, e);
    for (size_t i = 0; st == ST_OK && i < n; i++)
        if (names[i].number > *out) *out = names[i].number;
    mem_free(names);
    return st;
}

static bool has_codes(const struct name *names, size_t count, uint64_t number)
{
    for (size_t i = 0; i < count; i++)
        if (names[i].number == number && names[i].kind == VEC_CODES && !names[i].temporary)
            return true;
    return false;
}

/* Codes go first: without them the generation is not there, whatever else still is. */
static int by_kind(const void *a, const void *b)
{
    const struct name *x = a, *y = b;
    return (x->kind != VEC_CODES) - (y->kind != VEC_CODES);
}

int vec_generation_sweep(const char *dir, int64_t ix, uint64_t keep)
{
    struct name *names;
    size_t count;
    int went = 0, fd = -1;
    if (names_read(dir, ix, &names, &count, NULL) != ST_OK || count == 0) return 0;
    bool quiet = vec_generation_lock(dir, ix, &fd, NULL) == ST_OK; /* nobody is making files */
    qsort(names, count, sizeof *names, by_kind);
    for (size_t i = 0; i < count; i++) {
        const struct name *at = &names[i];
        struct vec_facts facts = {.ix = ix, .number = at->number};
        char path[VEC_PATH_BYTES];
        if (vec_generation_path(dir, &facts, at->kind, path, NULL) != ST_OK) continue;
        bool old = keep == 0 || at->number < keep;
        bool orphan = quiet && !has_codes(names, count, at->number);
        bool resumable = at->kind == VEC_GRAPH && !old && !orphan;
        if (at->temporary && !resumable)
            went += vec_file_sweep(path);
        else if (!at->temporary && (old || orphan))
            went += sys_unlink(path) == 0;
    }
    if (fd >= 0) close(fd);
    char lock[VEC_PATH_BYTES];
    int n = snprintf(lock, sizeof lock, "%s/%lld.lock", dir, (long long)ix);
    if (keep == 0 && quiet && n > 0 && n < (int)sizeof lock) (void)sys_unlink(lock);
    mem_free(names);
    return went;
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

enum status vec_generation_list(const char *dir, int64_t **ids, size_t *count, struct err *e)
{
    struct name *names;
    size_t n, kept = 0;
    *ids = NULL;
    *count = 0;
    enum status st = names_read(dir, -1, &names, &n, e);
    if (st != ST_OK || n == 0) return st;
    int64_t *all = mem_alloc(n * sizeof *all);
    if (all == NULL) {
        mem_free(names);
        return mem_err(e, n * sizeof *all);
    }
    for (size_t i = 0; i < n; i++) all[i] = names[i].ix;
    mem_free(names);
    qsort(all, n, sizeof *all, by_value);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || all[i] != all[kept - 1]) all[kept++] = all[i];
    *ids = all;
    *count = kept;
    return ST_OK;
}
