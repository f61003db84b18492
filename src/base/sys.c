/* sys.c - see sys.h. */
#include "base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static int (*hook_call)(void *user, const char *call);
static void *hook_user;

void sys_hook_set(int (*hook)(void *user, const char *call), void *user)
{
    hook_call = hook;
    hook_user = user;
}

static bool refused(const char *call)
{
    int errnum = hook_call != NULL ? hook_call(hook_user, call) : 0;
    if (errnum != 0) errno = errnum;
    return errnum != 0;
}

int sys_open(const char *path, int flags, mode_t mode)
{
    return refused("open") ? -1 : open(path, flags | O_CLOEXEC, mode);
}

int sys_memfd(const char *name)
{
    return refused("memfd") ? -1 : memfd_create(name, MFD_CLOEXEC);
}

int sys_size(int fd, uint64_t *bytes)
{
    struct stat st;
    *bytes = 0;
    if (refused("size") || fstat(fd, &st) != 0) return -1;
    *bytes = (uint64_t)st.st_size;
    if (S_ISREG(st.st_mode)) return 0;
    errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
    return -1;
}

ssize_t sys_read_at(int fd, void *out, size_t bytes, uint64_t at)
{
    if (refused("read")) return -1;
    ssize_t n;
    do {
        n = pread(fd, out, bytes, (off_t)at);
    } while (n < 0 && errno == EINTR);
    return n;
}

int sys_truncate(int fd, uint64_t bytes)
{
    return refused("truncate") ? -1 : ftruncate(fd, (off_t)bytes);
}

int sys_reserve(int fd, uint64_t bytes)
{
    if (refused("reserve")) return -1;
    int errnum;
    do {
        errnum = posix_fallocate(fd, 0, (off_t)bytes);
    } while (errnum == EINTR);
    if (errnum == 0) return 0;
    errno = errnum;
    return -1;
}

void *sys_map(int fd, size_t bytes, bool writable)
{
    if (refused("map")) return NULL;
    void *p = mmap(NULL, bytes, writable ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, fd, 0);
    return p == MAP_FAILED ? NULL : p;
}

int sys_protect(void *map, size_t bytes)
{
    return refused("protect") ? -1 : mprotect(map, bytes, PROT_READ);
}

int sys_map_sync(void *map, size_t bytes)
{
    return refused("msync") ? -1 : msync(map, bytes, MS_SYNC);
}

int sys_sync(int fd)
{
    return refused("fsync") ? -1 : fsync(fd);
}

int sys_lock(int fd)
{
    return refused("lock") ? -1 : flock(fd, LOCK_EX | LOCK_NB);
}

int sys_rename(const char *from, const char *to)
{
    return refused("rename") ? -1 : rename(from, to);
}

int sys_unlink(const char *path)
{
    return refused("unlink") ? -1 : unlink(path);
}
