/* file.c - whole files: maps, reads, atomic writes, folders. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

enum { COPY_BYTES = 1 << 24 }; /* between two looks at errno */

/* Opens a regular file for reading: a FIFO or a device would hang or never end. */
static enum status open_regular(const char *path, int *fd, size_t *bytes, struct err *e)
{
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (*fd < 0) return err_set_errno(e, errno, "%s", path);
    struct stat st;
    enum status rc = ST_OK;
    if (fstat(*fd, &st) != 0)
        rc = err_set_errno(e, errno, "%s", path);
    else if (S_ISDIR(st.st_mode))
        rc = err_set(e, ST_INVALID, "%s is a folder", path);
    else if (!S_ISREG(st.st_mode))
        rc = err_set(e, ST_INVALID, "%s is not a regular file", path);
    else
        *bytes = (size_t)st.st_size;
    if (rc != ST_OK) close(*fd);
    return rc;
}

enum status file_map_open(const char *path, struct file_map *out, struct err *e)
{
    int fd;
    size_t bytes = 0;
    *out = (struct file_map){0};
    enum status st = open_regular(path, &fd, &bytes, e);
    if (st != ST_OK) return st;
    if (bytes > 0) {
        void *p = mmap(NULL, bytes, PROT_READ, MAP_PRIVATE, fd, 0);
        if (p == MAP_FAILED)
            st = err_set_errno(e, errno, "%s can't be mapped", path);
        else
            *out = (struct file_map){.data = p, .bytes = bytes};
    }
    close(fd);
    return st;
}

void file_map_close(struct file_map *m)
{
    if (m->data != NULL) munmap((void *)(uintptr_t)m->data, m->bytes);
    *m = (struct file_map){0};
}

static enum status read_all(
    int fd, const char *path, size_t limit_bytes, struct buf *out, struct err *e)
{
    size_t start = out->bytes;
    for (;;) {
        size_t room = out->capacity > out->bytes + 1 ? out->capacity - out->bytes - 1 : 65536;
        char *at = buf_reserve(out, room);
        if (at == NULL) return mem_err(e, room);
        ssize_t n = read(fd, at, room);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return err_set_errno(e, errno, "%s", path);
        if (n == 0) return ST_OK;
        out->bytes += (size_t)n;
        out->data[out->bytes] = '\0';
        if (out->bytes - start > limit_bytes)
            return err_set(e, ST_LIMIT, "%s is larger than %zu bytes", path, limit_bytes);
    }
}

enum status file_read(const char *path, size_t limit_bytes, struct buf *out, struct err *e)
{
    int fd;
    size_t bytes = 0;
    enum status st = open_regular(path, &fd, &bytes, e);
    if (st != ST_OK) return st;
    if (bytes > limit_bytes)
        st = err_set(
            e, ST_LIMIT, "%s has %zu bytes, at most %zu are read", path, bytes, limit_bytes);
    else if (buf_reserve(out, bytes + 1) == NULL)
        st = mem_err(e, bytes);
    else
        st = read_all(fd, path, limit_bytes, out, e);
    close(fd);
    return st;
}

static enum status write_all(
    int fd, const char *path, const char *data, size_t bytes, struct err *e)
{
    while (bytes > 0) {
        ssize_t n = write(fd, data, bytes);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return err_set_errno(e, errno, "%s", path);
        data += n;
        bytes -= (size_t)n;
    }
    return fsync(fd) == 0 ? ST_OK : err_set_errno(e, errno, "%s", path);
}

/* A rename is safe only once the folder that holds it is. */
static void sync_parent(const char *path)
{
    char dir[PATH_MAX];
    const char *slash = strrchr(path, '/');
    size_t n = slash == NULL ? 0 : (size_t)(slash - path);
    if (n >= sizeof dir) return;
    memcpy(dir, path, n);
    dir[n] = '\0';
    int fd = open(slash == NULL ? "." : (n == 0 ? "/" : dir), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return;
    (void)!fsync(fd);
    close(fd);
}

enum status file_write_atomic(const char *path, const void *data, size_t bytes, struct err *e)
{
    struct buf tmp;
    buf_init(&tmp);
    buf_printf(&tmp, "%s.tmp-%ld", path, (long)getpid());
    if (tmp.failed) {
        buf_deinit(&tmp);
        return mem_err(e, 0);
    }
    int fd = open(tmp.data, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    enum status st =
        fd < 0 ? err_set_errno(e, errno, "%s", path) : write_all(fd, path, data, bytes, e);
    if (fd >= 0) close(fd);
    if (st == ST_OK && rename(tmp.data, path) != 0) st = err_set_errno(e, errno, "%s", path);
    if (st == ST_OK)
        sync_parent(path);
    else if (fd >= 0)
        unlink(tmp.data);
    buf_deinit(&tmp);
    return st;
}

bool file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

bool file_is_dir(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

enum status file_make_dirs(const char *path, struct err *e)
{
    char *copy = mem_strdup(path);
    if (copy == NULL) return mem_err(e, 0);
    enum status st = ST_OK;
    for (char *at = copy + 1; st == ST_OK && copy[0] != '\0'; at++) {
        if (*at != '/' && *at != '\0') continue;
        char kept = *at;
        *at = '\0';
        if (mkdir(copy, 0777) != 0 && errno != EEXIST && !file_is_dir(copy))
            st = err_set_errno(e, errno, "%s", copy);
        *at = kept;
        if (kept == '\0') break;
    }
    if (st == ST_OK && !file_is_dir(path))
        st = err_set(e, ST_EXISTS, "%s is in the way: not a folder", path);
    mem_free(copy);
    return st;
}

enum status file_copy(const char *from, const char *to, struct err *e)
{
    size_t bytes = 0;
    int in, out;
    ssize_t n = 1;
    enum status st = open_regular(from, &in, &bytes, e);
    if (st != ST_OK) return st;
    out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (out < 0) st = err_set_errno(e, errno, "%s", to);
    while (st == ST_OK && n > 0) {
        n = sendfile(out, in, NULL, COPY_BYTES);
        if (n < 0 && errno != EINTR)
            st = err_set_errno(e, errno, "%s can't be copied to %s", from, to);
        if (n < 0) n = 1;
    }
    if (out >= 0 && close(out) != 0 && st == ST_OK) st = err_set_errno(e, errno, "%s", to);
    if (out >= 0 && st != ST_OK) unlink(to);
    close(in);
    return st;
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *at)
{
    (void)info, (void)type, (void)at;
    return remove(path);
}

enum status file_remove_tree(const char *path, struct err *e)
{
    enum { FOLDERS_OPEN = 64 };
    if (nftw(path, remove_one, FOLDERS_OPEN, FTW_DEPTH | FTW_PHYS) == 0 || errno == ENOENT)
        return ST_OK;
    return err_set_errno(e, errno, "%s can't be removed", path);
}

char *file_real_path(const char *path, struct err *e)
{
    char resolved[PATH_MAX];
    if (realpath(path, resolved) == NULL) {
        err_set_errno(e, errno, "%s", path);
        return NULL;
    }
    char *copy = mem_strdup(resolved);
    if (copy == NULL) mem_err(e, 0);
    return copy;
}

char *file_join(const char *dir, const char *name)
{
    size_t n = strlen(dir), m = strlen(name);
    bool slash = n > 0 && dir[n - 1] != '/';
    char *path = mem_alloc(n + slash + m + 1);
    if (path == NULL) return NULL;
    memcpy(path, dir, n);
    if (slash) path[n] = '/';
    memcpy(path + n + slash, name, m + 1);
    return path;
}

const char *file_base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

char *file_data_home(void)
{
    const char *xdg = getenv("XDG_DATA_HOME");
    if (xdg != NULL && xdg[0] == '/') return file_join(xdg, "fovea");
    const char *home = getenv("HOME");
    return home != NULL && home[0] == '/' ? file_join(home, ".local/share/fovea") : NULL;
}
