/* walk.c - a stack of folders, each read and sorted when it is entered.
 *
 * A folder sorts as its name with a slash behind it, which makes a depth-first walk come out in the
 * byte order of whole paths ("a b.png" before "a/c.png", as ' ' < '/'). Names are looked at with
 * fstatat from their folder's descriptor: one system call a picture, none for other names where
 * readdir tells the type.
 */
#include "library/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "image/image.h"
#include "library/ignore.h"
#include "library/seen.h"

struct entry {
    const char *name; /* a folder's ends with a slash */
    bool is_dir, is_link;
};

struct frame {
    DIR *dir;
    struct arena names;
    struct entry *entries;
    size_t count, capacity, next;
    size_t path_bytes; /* of the folder's path with its slash */
    struct ignore *ignore;
    struct seen_id id;
    bool linked; /* reached through a link out of the roots */
};

struct walk {
    const char *const *roots;
    size_t root_count;
    struct seen *root_ids;
    struct seen *linked_ids; /* folders entered behind links */
    struct frame *frames[LIMIT_DIR_DEPTH];
    size_t depth;
    struct buf path;
    struct err reason;
};

static void frame_close(struct frame *f)
{
    if (f == NULL) return;
    if (f->dir != NULL) closedir(f->dir);
    arena_deinit(&f->names);
    mem_free(f->entries);
    ignore_close(f->ignore);
    mem_free(f);
}

static struct frame *frame_top(struct walk *w)
{
    return w->depth > 0 ? w->frames[w->depth - 1] : NULL;
}

/* Sets the path to the folder f and name. */
static enum status path_set(struct walk *w, const struct frame *f, const char *name, struct err *e)
{
    w->path.bytes = f->path_bytes;
    buf_add_str(&w->path, name);
    return buf_check(&w->path, e);
}

/* Deeper files speak first. */
static bool is_ignored(const struct walk *w, bool is_dir)
{
    for (size_t i = w->depth; i-- > 0;) {
        enum ignore_answer a = ignore_match(w->frames[i]->ignore, w->path.data, is_dir);
        if (a != IGNORE_UNSAID) return a == IGNORE_YES;
    }
    return false;
}

/* What readdir's type leaves open: is the name a folder? A name that is gone by now is none. */
static bool resolve_is_dir(int dir, const char *name, unsigned char type, bool *is_link)
{
    struct stat st;
    *is_link = type == DT_LNK;
    if (type == DT_DIR) return true;
    if (type != DT_LNK && type != DT_UNKNOWN) return false;
    if (type == DT_UNKNOWN && fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
        *is_link = S_ISLNK(st.st_mode);
    return fstatat(dir, name, &st, 0) == 0 && S_ISDIR(st.st_mode);
}

static enum status entry_add(struct walk *w, struct frame *f, const struct dirent *d, struct err *e)
{
    if (d->d_name[0] == '.') return ST_OK; /* hidden, and the folder and its parent */
    bool is_link, known = image_name_known(d->d_name);
    if (!known && d->d_type == DT_REG) return ST_OK;
    bool is_dir = resolve_is_dir(dirfd(f->dir), d->d_name, d->d_type, &is_link);
    if (!is_dir && !known) return ST_OK;
    enum status st = path_set(w, f, d->d_name, e);
    if (st != ST_OK || is_ignored(w, is_dir)) return st;
    if (f->count == f->capacity) {
        size_t capacity = f->capacity * 2 + 64;
        struct entry *grown = mem_resize(f->entries, capacity, sizeof *grown);
        if (grown == NULL) return mem_err(e, capacity * sizeof *grown);
        f->entries = grown;
        f->capacity = capacity;
    }
    char *name = arena_printf(&f->names, is_dir ? "%s/" : "%s", d->d_name);
    if (name == NULL) return mem_err(e, strlen(d->d_name) + 2);
    f->entries[f->count++] = (struct entry){name, is_dir, is_link};
    return ST_OK;
}

static int entry_compare(const void *a, const void *b)
{
    return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

/* Reads the folder's own .foveaignore, if it is a file. */
static enum status read_ignore(struct frame *f, struct err *e)
{
    enum status st = ST_OK;
    struct buf text;
    struct stat info;
    int fd = openat(dirfd(f->dir), IGNORE_FILE, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 && (errno == ENOENT || errno == ELOOP)) return ST_OK;
    if (fd < 0) return err_set_errno(e, errno, "%s", IGNORE_FILE);
    buf_init(&text);
    char *room = buf_reserve(&text, IGNORE_FILE_BYTES_MAX + 1);
    ssize_t got = 0;
    if (room == NULL) st = mem_err(e, IGNORE_FILE_BYTES_MAX);
    if (st == ST_OK && fstat(fd, &info) == 0 && S_ISREG(info.st_mode))
        got = read(fd, room, IGNORE_FILE_BYTES_MAX + 1);
    if (st == ST_OK && got < 0) st = err_set_errno(e, errno, "%s", IGNORE_FILE);
    if (st == ST_OK && got > IGNORE_FILE_BYTES_MAX)
        st = err_set(e, ST_LIMIT, "%s has more than %d bytes", IGNORE_FILE, IGNORE_FILE_BYTES_MAX);
    if (st == ST_OK) st = ignore_open(room, (size_t)got, f->path_bytes, &f->ignore, e);
    buf_deinit(&text);
    close(fd);
    return st;
}

static enum status read_names(struct walk *w, struct frame *f, struct err *e)
{
    enum status st = read_ignore(f, e);
    const struct dirent *d = NULL;
    while (st == ST_OK && (errno = 0, d = readdir(f->dir)) != NULL) st = entry_add(w, f, d, e);
    if (st == ST_OK && errno != 0) st = err_set_errno(e, errno, "can't read the folder");
    if (f->count > 0) qsort(f->entries, f->count, sizeof *f->entries, entry_compare);
    return st;
}

/* Enters the folder that w->path names (it ends with a slash), opened from the folder above. */
static enum status frame_open(
    struct walk *w, int above, const char *name, bool linked, struct err *e)
{
    struct stat info;
    struct frame *f = mem_zalloc(1, sizeof *f);
    if (f == NULL) return mem_err(e, sizeof *f);
    enum status st = ST_OK;
    arena_init(&f->names, 0);
    f->linked = linked;
    f->path_bytes = w->path.bytes;
    int fd = openat(above, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &info) != 0) {
        st = err_set_errno(e, errno, "can't open the folder");
        if (fd >= 0) close(fd);
        goto done;
    }
    f->id = (struct seen_id){info.st_dev, info.st_ino};
    f->dir = fdopendir(fd);
    if (f->dir == NULL) {
        close(fd);
        st = mem_err(e, sizeof *f);
        goto done;
    }
    w->frames[w->depth++] = f; /* its rules hold for its names */
    st = read_names(w, f, e);
    if (st == ST_OK) return ST_OK;
    w->depth--;
    w->path.bytes = f->path_bytes;
    w->path.data[w->path.bytes] = '\0';
done:
    frame_close(f);
    return st;
}

enum status walk_open(
    const char *const *roots, size_t count, size_t index, struct walk **out, struct err *e)
{
    enum status st = ST_OK;
    *out = NULL;
    struct walk *w = mem_zalloc(1, sizeof *w);
    if (w == NULL) return mem_err(e, sizeof *w);
    buf_init(&w->path);
    w->roots = roots;
    w->root_count = count;
    st = seen_open(&w->root_ids, e);
    if (st == ST_OK) st = seen_open(&w->linked_ids, e);
    for (size_t i = 0; st == ST_OK && i < count; i++) {
        struct stat info;
        bool fresh;
        if (stat(roots[i], &info) != 0) continue; /* its own walk says so */
        st = seen_add(w->root_ids, (struct seen_id){info.st_dev, info.st_ino}, &fresh, e);
    }
    buf_add_str(&w->path, roots[index]);
    if (w->path.bytes == 0 || w->path.data[w->path.bytes - 1] != '/') buf_add_char(&w->path, '/');
    if (st == ST_OK) st = buf_check(&w->path, e);
    if (st == ST_OK) st = frame_open(w, AT_FDCWD, roots[index], false, e);
    if (st == ST_OK)
        *out = w;
    else
        walk_close(w);
    return st;
}

void walk_close(struct walk *w)
{
    if (w == NULL) return;
    while (w->depth > 0) frame_close(w->frames[--w->depth]);
    seen_close(w->root_ids);
    seen_close(w->linked_ids);
    buf_deinit(&w->path);
    mem_free(w);
}

static void give(struct walk *w, enum walk_kind kind, struct walk_entry *out)
{
    *out = (struct walk_entry){.kind = kind, .path = w->path.data, .path_bytes = w->path.bytes};
    out->reason = kind == WALK_FILE ? NULL : w->reason.text;
}

/* *given: out is filled. A name that is gone by now, or is no regular file, gives nothing. */
static enum status visit_file(
    struct walk *w, struct frame *f, const struct entry *at, struct walk_entry *out, bool *given)
{
    struct stat info;
    if (fstatat(dirfd(f->dir), at->name, &info, 0) != 0) {
        bool dangling = errno == ENOENT && at->is_link;
        if (errno == ENOENT && !dangling) return ST_OK;
        err_set_errno(
            &w->reason, errno, dangling ? "the link leads nowhere" : "can't look at the file");
        give(w, WALK_BROKEN, out);
        *given = true;
        return ST_OK;
    }
    if (!S_ISREG(info.st_mode)) return ST_OK;
    give(w, WALK_FILE, out);
    out->bytes = (int64_t)info.st_size;
    out->mtime = (double)info.st_mtim.tv_sec + (double)info.st_mtim.tv_nsec * 1e-9;
    *given = true;
    return ST_OK;
}

static bool is_ancestor(const struct walk *w, struct seen_id id)
{
    for (size_t i = 0; i < w->depth; i++)
        if (w->frames[i]->id.dev == id.dev && w->frames[i]->id.ino == id.ino) return true;
    return false;
}

static bool is_below_roots(const struct walk *w, const char *real)
{
    for (size_t i = 0; i < w->root_count; i++) {
        size_t bytes = strlen(w->roots[i]);
        if (bytes > 0 && w->roots[i][bytes - 1] == '/') bytes--;
        if (strncmp(real, w->roots[i], bytes) == 0 && (real[bytes] == '/' || real[bytes] == '\0'))
            return true;
    }
    return false;
}

/* Whether a folder that a name leads to is ours to enter. *given: a note about a loop. */
static enum status may_enter(
    struct walk *w, const struct entry *at, bool linked, bool *enter, struct walk_entry *out)
{
    struct stat info;
    struct err *e = &w->reason;
    *enter = false;
    if (stat(w->path.data, &info) != 0) { /* entering says why */
        *enter = true;
        return ST_OK;
    }
    struct seen_id id = {info.st_dev, info.st_ino};
    if (is_ancestor(w, id)) {
        err_set(e, ST_INVALID, "a folder loop: it leads back to a folder above it");
        give(w, WALK_NOTE, out);
        return ST_OK;
    }
    if (seen_has(w->root_ids, id)) return ST_OK; /* walked as itself */
    if (!linked) {
        *enter = true;
        return ST_OK;
    }
    if (at->is_link) {
        char *real = file_real_path(w->path.data, NULL);
        bool inside = real != NULL && is_below_roots(w, real);
        mem_free(real);
        if (inside) return ST_OK;
    }
    return seen_add(w->linked_ids, id, enter, e);
}

static enum status visit_folder(
    struct walk *w, struct frame *f, const struct entry *at, struct walk_entry *out, bool *given)
{
    bool linked = f->linked || at->is_link, enter = false;
    enum status st = ST_OK;
    if (w->depth == LIMIT_DIR_DEPTH) {
        st = err_set(&w->reason, ST_LIMIT, "more than %d folders deep", LIMIT_DIR_DEPTH);
    } else if (w->path.bytes >= LIMIT_PATH_BYTES - 1) {
        st = err_set(&w->reason, ST_LIMIT, "its path has more than %d bytes", LIMIT_PATH_BYTES - 1);
    } else {
        out->path = NULL;
        st = may_enter(w, at, linked, &enter, out);
        *given = st == ST_OK && out->path != NULL;
        if (st == ST_OK && enter) st = frame_open(w, dirfd(f->dir), at->name, linked, &w->reason);
    }
    if (st == ST_OK || st == ST_NO_MEMORY) return st;
    if (st == ST_NOT_FOUND && !at->is_link) return ST_OK; /* gone by now */
    give(w, WALK_FOLDER, out);
    *given = true;
    return ST_OK;
}

enum status walk_next(struct walk *w, struct walk_entry *out, bool *more, struct err *e)
{
    enum status st = ST_OK;
    bool given = false;
    *more = false;
    while (st == ST_OK && !given && w->depth > 0) {
        struct frame *f = frame_top(w);
        if (f->next == f->count) {
            frame_close(f);
            w->depth--;
            continue;
        }
        const struct entry *at = &f->entries[f->next++];
        st = path_set(w, f, at->name, e);
        if (st != ST_OK) return st;
        w->reason = ERR_INIT;
        st = at->is_dir ? visit_folder(w, f, at, out, &given) : visit_file(w, f, at, out, &given);
        if (st != ST_OK && e != NULL) *e = w->reason;
    }
    *more = given;
    return st;
}
