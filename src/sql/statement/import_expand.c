/* import_expand.c - compressed csv and JSON: decompressed into a folder of their own under $TMPDIR
 * (/tmp), read from there, and removed. Parquet has a compression of its own and is left as it is.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "sql/statement/import.h"
#include "table/codec.h"
#include "table/pattern.h"

enum { BY_NAME, NONE, GZIP, ZSTD };

bool import_compression_set(struct import *im, const char *name)
{
    static const struct {
        const char *name;
        int kind;
    } NAMES[] = {{"none", NONE}, {"auto", BY_NAME}, {"gzip", GZIP}, {"gz", GZIP}, {"zstd", ZSTD},
        {"zst", ZSTD}};
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        if (strcasecmp(name, NAMES[i].name) != 0) continue;
        im->compression = NAMES[i].kind;
        return true;
    }
    return false;
}

static enum codec_file kind_of(const struct import *im, const char *path)
{
    if (im->compression == BY_NAME) return codec_file_of(path);
    if (im->compression == NONE) return CODEC_FILE_NONE;
    return im->compression == GZIP ? CODEC_FILE_GZIP : CODEC_FILE_ZSTD;
}

static enum status make_folder(struct import *im, struct err *e)
{
    const char *base = getenv("TMPDIR");
    if (base == NULL || base[0] == '\0') base = "/tmp";
    im->folder = arena_printf(im->arena, "%s/fovea-import-XXXXXX", base);
    if (im->folder == NULL) return mem_err(e, 0);
    if (mkdtemp(im->folder) != NULL) return ST_OK;
    im->folder = NULL;
    return err_set(e, ST_IO, "no folder can be made in %s for what is decompressed", base);
}

/* Files of one pattern into folder/<pattern>; the pattern of what comes out. */
static enum status expand_pattern(struct import *im, size_t i, const char **out, struct err *e)
{
    struct file_list files = {0};
    enum codec_file kind = kind_of(im, im->paths.patterns[i]);
    enum status st = pattern_find(im->paths.patterns[i], im->arena, &files, e);
    char *dir = arena_printf(im->arena, "%s/%zu", im->folder, i);
    *out = arena_printf(im->arena, "%s/%zu/*", im->folder, i);
    if (dir == NULL || *out == NULL) return mem_err(e, 0);
    if (st == ST_OK) st = file_make_dirs(dir, e);
    for (size_t k = 0; st == ST_OK && k < files.count; k++) {
        const char *name = file_base_name(files.paths[k]);
        size_t length = strlen(name);
        if (codec_file_of(name) != CODEC_FILE_NONE) length = (size_t)(strrchr(name, '.') - name);
        char *to = arena_printf(im->arena, "%s/%.*s", dir, (int)length, name);
        if (to == NULL) return mem_err(e, 0);
        st = codec_expand(kind, files.paths[k], to, &im->session->run, e);
    }
    return st;
}

enum status import_expand(struct import *im, struct err *e)
{
    enum status st = ST_OK;
    bool any = false;
    for (size_t i = 0; i < im->paths.count; i++)
        any |= !table_is_json(im->paths.patterns[i]) &&
            kind_of(im, im->paths.patterns[i]) != CODEC_FILE_NONE;
    if (!any) return ST_OK;
    const char **patterns = arena_array(im->arena, im->paths.count, sizeof *patterns);
    if (patterns == NULL) return mem_err(e, 0);
    st = make_folder(im, e);
    for (size_t i = 0; st == ST_OK && i < im->paths.count; i++) {
        patterns[i] = im->paths.patterns[i];
        if (kind_of(im, patterns[i]) != CODEC_FILE_NONE)
            st = expand_pattern(im, i, &patterns[i], e);
    }
    im->paths.patterns = patterns;
    return st;
}

/* A folder of files, without folders in it. */
static void remove_files(const char *path)
{
    DIR *dir = opendir(path);
    struct dirent *d;
    while (dir != NULL && (d = readdir(dir)) != NULL)
        if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
            unlinkat(dirfd(dir), d->d_name, 0);
    if (dir != NULL) closedir(dir);
    rmdir(path);
}

void import_remove(struct import *im)
{
    if (im->folder == NULL) return;
    for (size_t i = 0; i < im->paths.count; i++) {
        char path[LIMIT_PATH_BYTES];
        snprintf(path, sizeof path, "%s/%zu", im->folder, i);
        remove_files(path);
    }
    rmdir(im->folder);
    im->folder = NULL;
}
