/* sys.h - the system calls that make, map and keep files, with a switch that makes each of them
 * fail.
 *
 * Each is the call of its name: same arguments, same answer, errno. A test hangs in a hook, which
 * sees every call before it is made and may refuse it (tests/fault) or end the process there
 * (tests/crash).
 */
#ifndef FOVEA_BASE_SYS_H
#define FOVEA_BASE_SYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

int sys_open(const char *path, int flags, mode_t mode);
int sys_memfd(const char *name);
/* The bytes of a regular file in *bytes; another kind gives EINVAL, a folder EISDIR. */
int sys_size(int fd, uint64_t *bytes);
/* pread; once more when a signal came between. */
ssize_t sys_read_at(int fd, void *out, size_t bytes, uint64_t at);
int sys_truncate(int fd, uint64_t bytes);
/* Makes the file that long, with its space on the disk taken. */
int sys_reserve(int fd, uint64_t bytes);
/* The whole of [0, bytes), shared; NULL when it fails. */
void *sys_map(int fd, size_t bytes, bool writable);
int sys_protect(void *map, size_t bytes); /* read only from now on */
int sys_map_sync(void *map, size_t bytes);
int sys_sync(int fd);
int sys_lock(int fd); /* flock: exclusive, without waiting */
int sys_rename(const char *from, const char *to);
int sys_unlink(const char *path);

/* hook gives an errno with which the call fails, or 0: it is made. NULL switches off. Set while no
 * other thread makes calls. */
void sys_hook_set(int (*hook)(void *user, const char *call), void *user);

#endif
