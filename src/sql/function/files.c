/* files.c - picture_files(path, types, kind): the picture files of a folder as rows, in order of
 * their paths.
 *
 * Folders are walked to the bottom; hidden names are left out, a link to a folder is not followed.
 * A file is a picture when its name ends in one of the types (a JSON list as '[".jpg","png"]', any
 * case), or, without any, in one that we read. kind is 'folder', 'file' or 'glob': a pattern as
 * shells have it (* ? [a-z]), which a path is too that holds such characters and leads nowhere.
 */
#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"
#include "image/image.h"
#include "sql/internal.h"

struct file_list {
    char **paths;
    size_t count, capacity, at;
    struct json_doc *types;
    struct sql_session *session;
};

static void list_close(void *cursor)
{
    struct file_list *l = cursor;
    for (size_t i = 0; i < l->count; i++) mem_free(l->paths[i]);
    mem_free(l->paths);
    json_close(l->types);
    mem_free(l);
}

static bool wanted(const struct file_list *l, const char *name)
{
    const struct json_node *types = l->types != NULL ? json_root(l->types) : NULL;
    size_t count = json_count(types);
    if (count == 0) return image_name_known(name);
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot != NULL && i < count; i++) {
        const char *type = json_str(json_at(types, i), "");
        if (strcasecmp(dot + 1, type[0] == '.' ? type + 1 : type) == 0) return true;
    }
    return false;
}

/* path is taken over. */
static enum status list_add(struct file_list *l, char *path, struct err *e)
{
    if (l->count == l->capacity) {
        size_t capacity = l->capacity > 0 ? l->capacity * 2 : 64;
        char **grown = mem_resize(l->paths, capacity, sizeof *grown);
        if (grown == NULL) {
            mem_free(path);
            return mem_err(e, 0);
        }
        l->paths = grown;
        l->capacity = capacity;
    }
    l->paths[l->count++] = path;
    return ST_OK;
}

static enum status walk(struct file_list *l, const char *dir, int depth, struct err *e);

/* path is taken over. What vanishes or can't be looked at between readdir and here isn't a file of
 * ours. */
static enum status meet(struct file_list *l, char *path, const char *name, int depth, struct err *e)
{
    struct stat info;
    enum status st = ST_OK;
    bool there = lstat(path, &info) == 0;
    if (there && S_ISDIR(info.st_mode))
        st = walk(l, path, depth + 1, e);
    else if (there && wanted(l, name) && stat(path, &info) == 0 && S_ISREG(info.st_mode))
        return list_add(l, path, e);
    mem_free(path);
    return st;
}

static enum status walk(struct file_list *l, const char *dir, int depth, struct err *e)
{
    if (depth > LIMIT_DIR_DEPTH)
        return err_set(e, ST_LIMIT, "%s: more than %d folders deep", dir, LIMIT_DIR_DEPTH);
    DIR *d = opendir(dir);
    if (d == NULL) return err_set_errno(e, errno, "%s", dir);
    enum status st = run_check(sql_session_run(l->session), e);
    for (struct dirent *entry; st == ST_OK && (entry = readdir(d)) != NULL;) {
        if (entry->d_name[0] == '.') continue;
        char *path = file_join(dir, entry->d_name);
        st = path != NULL ? meet(l, path, entry->d_name, depth, e) : mem_err(e, 0);
    }
    closedir(d);
    return st;
}

static int by_path(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static enum status take_pattern(struct file_list *l, const char *pattern, struct err *e)
{
    glob_t found;
    struct stat info;
    int rc = glob(pattern, GLOB_NOSORT, NULL, &found);
    enum status st = rc == GLOB_NOSPACE ? mem_err(e, 0) : ST_OK;
    for (size_t i = 0; st == ST_OK && rc == 0 && i < found.gl_pathc; i++) {
        const char *path = found.gl_pathv[i];
        if (!wanted(l, path) || stat(path, &info) != 0 || !S_ISREG(info.st_mode)) continue;
        char *copy = mem_strdup(path);
        st = copy != NULL ? list_add(l, copy, e) : mem_err(e, 0);
    }
    if (rc == 0) globfree(&found);
    if (st == ST_OK && l->count == 0)
        st = err_set(e, ST_NOT_FOUND, "%s: no picture has such a name", pattern);
    return st;
}

static enum status take_file(struct file_list *l, const char *path, struct err *e)
{
    if (file_is_dir(path))
        return err_set(e, ST_INVALID, "%s is a folder; path_type='folder' takes one", path);
    if (!file_exists(path)) return err_set(e, ST_NOT_FOUND, "%s: no such file", path);
    char *copy = mem_strdup(path);
    return copy != NULL ? list_add(l, copy, e) : mem_err(e, 0);
}

static enum status take_files(
    struct file_list *l, const char *path, const char *kind, struct err *e)
{
    bool pattern = strpbrk(path, "*?[") != NULL && !file_exists(path);
    if (pattern || strcasecmp(kind, "glob") == 0) return take_pattern(l, path, e);
    if (strcasecmp(kind, "file") == 0) return take_file(l, path, e);
    if (file_is_dir(path)) return walk(l, path, 0, e);
    return file_exists(path)
        ? err_set(e, ST_INVALID, "%s is a file; path_type='file' takes one", path)
        : err_set(e, ST_NOT_FOUND, "%s: no such folder", path);
}

static enum status list_open(
    struct sql_session *s, struct sql_value *const *args, int count, void **cursor, struct err *e)
{
    (void)count;
    const char *path = sql_value_text(args[0]), *types = sql_value_text(args[1]),
               *kind = sql_value_text(args[2]);
    if (path == NULL) return ST_OK;
    struct file_list *l = mem_zalloc(1, sizeof *l);
    if (l == NULL) return mem_err(e, sizeof *l);
    l->session = s;
    enum status st = ST_OK;
    if (types != NULL)
        st = json_parse(types, strlen(types), "the list of file types", &l->types, e);
    if (st == ST_OK) st = take_files(l, path, kind != NULL ? kind : "folder", e);
    if (st != ST_OK) {
        list_close(l);
        return st;
    }
    if (l->count > 1) qsort(l->paths, l->count, sizeof *l->paths, by_path);
    *cursor = l;
    return ST_OK;
}

static enum status list_next(void *cursor, bool *row, struct err *e)
{
    (void)e;
    struct file_list *l = cursor;
    *row = l->at++ < l->count;
    return ST_OK;
}

static void list_column(void *cursor, int column, struct sql_result *out)
{
    (void)column;
    const struct file_list *l = cursor;
    sql_result_text(out, l->paths[l->at - 1], -1);
}

static const struct sql_tabfn PICTURE_FILES = {
    .name = "picture_files",
    .columns = "path TEXT",
    .args = "dir, types, kind",
    .args_required = 1,
    .direct_only = true,
    .open = list_open,
    .next = list_next,
    .column = list_column,
    .close = list_close,
};

enum status sql_files_add(struct sql_session *s, struct err *e)
{
    return sql_tabfn_add(s, &PICTURE_FILES, e);
}
