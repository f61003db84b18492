/* archive.c - entries one after the other from libarchive to disk.
 *
 * The library is a plug-in (plugin.h): it brings a dozen others, libxml2 and ICU among them.
 */
#include "base/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/plugin.h"

enum { BLOCK_BYTES = 1 << 16, PROGRESS_BYTES = 1 << 20 };

#define LIBRARY "libarchive.so.13"

/* What is used of it. */
// clang-format off
#define FUNCTIONS(X) \
    X(archive_entry_filetype) \
    X(archive_entry_free) \
    X(archive_entry_hardlink) \
    X(archive_entry_new) \
    X(archive_entry_pathname) \
    X(archive_entry_pathname_utf8) \
    X(archive_entry_set_filetype) \
    X(archive_entry_set_pathname) \
    X(archive_entry_set_perm) \
    X(archive_errno) \
    X(archive_error_string) \
    X(archive_read_data_block) \
    X(archive_read_disk_can_descend) \
    X(archive_read_disk_descend) \
    X(archive_read_disk_new) \
    X(archive_read_disk_open) \
    X(archive_read_free) \
    X(archive_read_new) \
    X(archive_read_next_header) \
    X(archive_read_next_header2) \
    X(archive_read_open_filename) \
    X(archive_read_support_filter_all) \
    X(archive_read_support_format_7zip) \
    X(archive_read_support_format_tar) \
    X(archive_read_support_format_zip) \
    X(archive_write_close) \
    X(archive_write_data_block) \
    X(archive_write_disk_new) \
    X(archive_write_disk_set_options) \
    X(archive_write_finish_entry) \
    X(archive_write_free) \
    X(archive_write_header)
// clang-format on

static struct {
    FUNCTIONS(PLUGIN_FIELD)
} LIB;
static bool LOADED;

static void load(void)
{
    static const char *const NAMES[] = {FUNCTIONS(PLUGIN_NAME)};
    LOADED = plugin_load(LIBRARY, NAMES, sizeof NAMES / sizeof NAMES[0], &LIB);
}

static bool library(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load);
    return LOADED;
}

struct unpacking {
    const struct archive_unpack *u;
    const struct run *run;
    struct archive *in, *out;
    bool folder; /* the source is one */
    uint64_t files, bytes, shown;
};

static enum status fail_read(const struct unpacking *x, const char *name, struct err *e)
{
    int code = LIB.archive_errno(x->in);
    const char *why = LIB.archive_error_string(x->in);
    if (x->folder && code > 0) return err_set_errno(e, code, "%s", x->u->source);
    return err_set(e, ST_CORRUPT, "%s can't be unpacked%s%s: %s", x->u->source,
        name != NULL ? " at " : "", name != NULL ? name : "", why != NULL ? why : "unknown format");
}

static enum status fail_write(const struct unpacking *x, const char *path, struct err *e)
{
    int code = LIB.archive_errno(x->out);
    return err_set_errno(e, code > 0 ? code : EIO, "%s can't be written", path);
}

static struct archive *open_file(const char *path, bool *ok)
{
    struct archive *a = LIB.archive_read_new();
    if (a == NULL) return NULL;
    LIB.archive_read_support_filter_all(a);
    LIB.archive_read_support_format_tar(a);
    LIB.archive_read_support_format_zip(a);
    LIB.archive_read_support_format_7zip(a);
    *ok = LIB.archive_read_open_filename(a, path, BLOCK_BYTES) == ARCHIVE_OK;
    return a;
}

bool archive_is(const char *path)
{
    struct archive_entry *entry;
    bool ok = false;
    struct archive *a = !library() || file_is_dir(path) ? NULL : open_file(path, &ok);
    if (a == NULL) return false;
    int rc = ok ? LIB.archive_read_next_header(a, &entry) : ARCHIVE_FATAL;
    LIB.archive_read_free(a);
    return rc == ARCHIVE_OK || rc == ARCHIVE_WARN;
}

/* Is the name one that stays inside the folder? */
static bool is_inside(const char *name)
{
    if (name[0] == '/' || name[0] == '\0' || strlen(name) >= LIMIT_PATH_BYTES) return false;
    for (const char *part = name; part != NULL; part = strchr(part, '/')) {
        part += part[0] == '/';
        if (part[0] == '.' && part[1] == '.' && (part[2] == '/' || part[2] == '\0')) return false;
    }
    return true;
}

/* The entry's name below dir; NULL: it has none that may be made. */
static const char *name_of(const struct unpacking *x, struct archive_entry *entry)
{
    const char *name = LIB.archive_entry_pathname(entry);
    if (name == NULL) name = LIB.archive_entry_pathname_utf8(entry);
    if (name != NULL && x->folder) {
        size_t root = strlen(x->u->source);
        if (strncmp(name, x->u->source, root) != 0) return NULL;
        for (name += root; *name == '/'; name++) {
        }
        if (*name == '\0') return ".";
    }
    while (name != NULL && name[0] == '.' && name[1] == '/')
        for (name += 2; *name == '/'; name++) {
        }
    return name != NULL && *name == '\0' ? "." : name;
}

static enum status copy_data(struct unpacking *x, const char *path, struct err *e)
{
    const void *block;
    size_t bytes;
    la_int64_t at;
    int rc;
    while ((rc = LIB.archive_read_data_block(x->in, &block, &bytes, &at)) == ARCHIVE_OK) {
        x->bytes += bytes;
        if (x->bytes > LIMIT_ARCHIVE_BYTES)
            return err_set(e, ST_LIMIT, "%s unpacks to more than %llu bytes", x->u->source,
                (unsigned long long)LIMIT_ARCHIVE_BYTES);
        if (LIB.archive_write_data_block(x->out, block, bytes, at) < ARCHIVE_WARN)
            return fail_write(x, path, e);
        if (x->bytes - x->shown < PROGRESS_BYTES) continue;
        x->shown = x->bytes;
        run_report(
            x->run, &(struct run_progress){.what = x->u->what, .done = x->bytes, .note = path});
        enum status st = run_check(x->run, e);
        if (st != ST_OK) return st;
    }
    return rc == ARCHIVE_EOF ? ST_OK : fail_read(x, path, e);
}

/* Makes the folder or file of one entry. */
static enum status put(struct unpacking *x, struct archive_entry *entry, struct err *e)
{
    const char *name = name_of(x, entry);
    mode_t type = LIB.archive_entry_filetype(entry);
    bool folder = type == AE_IFDIR;
    if (name == NULL || !is_inside(name))
        return err_set(e, ST_CORRUPT, "%s holds the name \"%.200s\", which leads out of it",
            x->u->source, name != NULL ? name : "");
    if (!folder && (type != AE_IFREG || LIB.archive_entry_hardlink(entry) != NULL)) return ST_OK;
    if (++x->files > LIMIT_ARCHIVE_FILES)
        return err_set(e, ST_LIMIT, "%s holds more than %llu files", x->u->source,
            (unsigned long long)LIMIT_ARCHIVE_FILES);
    char *path = file_join(x->u->dir, name);
    struct archive_entry *made = LIB.archive_entry_new();
    enum status st = path == NULL || made == NULL ? mem_err(e, 0) : ST_OK;
    if (st == ST_OK) {
        LIB.archive_entry_set_pathname(made, path);
        LIB.archive_entry_set_filetype(made, folder ? AE_IFDIR : AE_IFREG);
        LIB.archive_entry_set_perm(made, folder ? 0755 : 0644);
        if (LIB.archive_write_header(x->out, made) < ARCHIVE_WARN) st = fail_write(x, path, e);
    }
    if (st == ST_OK && !folder) st = copy_data(x, path, e);
    if (st == ST_OK && LIB.archive_write_finish_entry(x->out) < ARCHIVE_WARN)
        st = fail_write(x, path, e);
    LIB.archive_entry_free(made);
    mem_free(path);
    return st;
}

static enum status put_all(struct unpacking *x, struct err *e)
{
    struct archive_entry *entry = LIB.archive_entry_new();
    enum status st = entry == NULL ? mem_err(e, 0) : ST_OK;
    while (st == ST_OK) {
        int rc = LIB.archive_read_next_header2(x->in, entry);
        if (rc == ARCHIVE_EOF) break;
        if (rc < ARCHIVE_WARN)
            st = fail_read(x, NULL, e);
        else
            st = put(x, entry, e);
        if (st == ST_OK && x->folder && LIB.archive_read_disk_can_descend(x->in))
            LIB.archive_read_disk_descend(x->in);
        if (st == ST_OK) st = run_check(x->run, e);
    }
    LIB.archive_entry_free(entry);
    return st;
}

enum status archive_unpack(const struct archive_unpack *u, const struct run *run, struct err *e)
{
    struct unpacking x = {.u = u, .run = run, .folder = file_is_dir(u->source)};
    bool ok = false;
    if (!library())
        return err_set(e, ST_UNSUPPORTED, "unpacking needs %s, which can't be opened", LIBRARY);
    enum status st = file_make_dirs(u->dir, e);
    if (st != ST_OK) return st;
    if (!x.folder && !file_exists(u->source))
        return err_set(e, ST_NOT_FOUND, "there is no file %s", u->source);
    x.out = LIB.archive_write_disk_new();
    x.in = x.folder ? LIB.archive_read_disk_new() : open_file(u->source, &ok);
    if (x.in == NULL || x.out == NULL) st = mem_err(e, 0);
    if (st == ST_OK) {
        LIB.archive_write_disk_set_options(
            x.out, ARCHIVE_EXTRACT_SECURE_NODOTDOT | ARCHIVE_EXTRACT_SECURE_SYMLINKS);
        if (x.folder) ok = LIB.archive_read_disk_open(x.in, u->source) == ARCHIVE_OK;
        st = ok ? put_all(&x, e) : fail_read(&x, NULL, e);
    }
    LIB.archive_read_free(x.in);
    if (LIB.archive_write_close(x.out) < ARCHIVE_WARN && st == ST_OK)
        st = fail_write(&x, u->dir, e);
    LIB.archive_write_free(x.out);
    return st;
}
