/* registry.c - finds models by name in a few folders, in a fixed order, and knows some names
 * besides.
 *
 * A models folder holds model folders, or folders of an owner ("openai") that hold them. A model
 * folder is told by its config.json and a weights file; nothing is opened to list it.
 */
#include "model/registry.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "model/registry_parts.h"

static const struct model_known KNOWN[] = {
    {
        .name = "mini",
        .about = "drawings and objects in English, Korean, Japanese, Chinese; comes with Fovea",
        .licence = "see models/mini/LICENSE",
        .bytes = 17000000,
    },
    {
        .name = "openai/clip-vit-base-patch32",
        .aliases = {"ViT-B/32", "clip", "clip-vit-base-patch32"},
        .about = "photographs, English; the usual first choice",
        .licence = "MIT; its model card puts deployment out of scope",
        .bytes = 607000000,
    },
    {
        .name = "openai/clip-vit-base-patch16",
        .aliases = {"ViT-B/16", "clip-vit-base-patch16"},
        .about = "photographs, English; finer, four times the work",
        .licence = "MIT; its model card puts deployment out of scope",
        .bytes = 600000000,
    },
    {
        .name = "openai/clip-vit-large-patch14",
        .aliases = {"ViT-L/14", "clip-vit-large-patch14"},
        .about = "photographs, English; the largest, eighteen times the work",
        .licence = "MIT; its model card puts deployment out of scope",
        .bytes = 1711000000,
    },
    {
        .name = "laion/CLIP-ViT-B-32-laion2B-s34B-b79K",
        .aliases = {"CLIP-ViT-B-32-laion2B-s34B-b79K"},
        .about = "photographs, English; as base-patch32, better at finding by text",
        .licence = "MIT",
        .bytes = 607000000,
    },
};
enum { KNOWN_COUNT = sizeof KNOWN / sizeof KNOWN[0] };

const struct model_known *model_known_at(size_t index)
{
    return index < KNOWN_COUNT ? &KNOWN[index] : NULL;
}

const struct model_known *model_known_find(const char *name)
{
    for (size_t i = 0; i < KNOWN_COUNT; i++) {
        const struct model_known *k = &KNOWN[i];
        if (strcmp(k->name, name) == 0) return k;
        for (size_t j = 0; j < sizeof k->aliases / sizeof k->aliases[0] && k->aliases[j]; j++)
            if (strcasecmp(k->aliases[j], name) == 0) return k;
    }
    return NULL;
}

static bool has_file(const char *dir, const char *name)
{
    char *path = file_join(dir, name);
    bool there = path && file_exists(path);
    mem_free(path);
    return there;
}

bool registry_is_model(const char *dir)
{
    return has_file(dir, "config.json") &&
        (has_file(dir, "model.safetensors") || has_file(dir, "model.safetensors.index.json") ||
            has_file(dir, "pytorch_model.bin"));
}

bool registry_name_sound(const char *name)
{
    size_t bytes = strlen(name);
    if (bytes == 0 || bytes > 200) return false;
    for (size_t i = 0; i < bytes; i++) {
        bool first = i == 0 || name[i - 1] == '/';
        unsigned char c = (unsigned char)name[i];
        if (c <= ' ' || c == 0x7f || c == '\\') return false;
        if (first && (c == '/' || c == '.')) return false;
    }
    return name[bytes - 1] != '/';
}

/* ---- where to look: each gives a folder to mem_free, or NULL ---- */

static char *place_environment(void)
{
    const char *dir = getenv("FOVEA_MODELS");
    return dir && *dir ? mem_strdup(dir) : NULL;
}

static char *place_home(void)
{
    char *data = file_data_home();
    char *dir = data ? file_join(data, "models") : NULL;
    mem_free(data);
    return dir;
}

/* A library or an extension lies in lib/, or below, beside share/fovea. */
static char *place_library(void)
{
    Dl_info of;
    if (dladdr(&KNOWN, &of) == 0 || of.dli_fname == NULL || strstr(of.dli_fname, ".so") == NULL)
        return NULL;
    char *path = file_real_path(of.dli_fname, NULL);
    char *slash = path != NULL ? strrchr(path, '/') : NULL;
    if (slash != NULL) *slash = '\0';
    char *dir = slash != NULL ? file_join(path, FOVEA_LIB_TO_PREFIX "/share/fovea/models") : NULL;
    mem_free(path);
    return dir;
}

/* bin/fovea lies beside share/fovea. */
static char *place_program(void)
{
    char path[LIMIT_PATH_BYTES];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
    if (n <= 0) return NULL;
    path[n] = '\0';
    char *slash = strrchr(path, '/');
    if (!slash) return NULL;
    *slash = '\0';
    return file_join(path, "../share/fovea/models");
}

static char *place_installed(void)
{
    return mem_strdup(FOVEA_INSTALL_PREFIX "/share/fovea/models");
}

static char *place_source(void)
{
    return mem_strdup(FOVEA_SOURCE_DIR "/models");
}

static char *(*const PLACES[])(void) = {
    place_environment,
    place_home,
    place_library,
    place_program,
    place_installed,
    place_source,
};
enum { PLACES_COUNT = sizeof PLACES / sizeof PLACES[0] };

enum status registry_home(char **dir, struct err *e)
{
    *dir = place_home();
    if (*dir) return ST_OK;
    return err_set(e, ST_NOT_FOUND, "neither $XDG_DATA_HOME nor $HOME says where models are kept");
}

/* ---- find ---- */

/* The folder of name in a place, or NULL; mem_free it. */
static char *find_in(size_t place, const char *name)
{
    char *root = PLACES[place]();
    char *dir = root ? file_join(root, name) : NULL;
    mem_free(root);
    if (dir && registry_is_model(dir)) return dir;
    mem_free(dir);
    return NULL;
}

static enum status not_found(const char *name, const struct model_known *known, struct err *e)
{
    struct buf where;
    buf_init(&where);
    for (size_t i = 0; i < PLACES_COUNT; i++) {
        char *root = PLACES[i]();
        if (root && file_is_dir(root)) buf_printf(&where, "%s%s", where.bytes ? ", " : "", root);
        mem_free(root);
    }
    const char *looked = where.data ? where.data : "no folder";
    enum status st;
    if (known)
        st = err_set(e, ST_NOT_FOUND,
            "the model %s is not on this machine (looked in %s); "
            "`fovea pull %s` gets it",
            known->name, looked, name);
    else
        st = err_set(e, ST_NOT_FOUND,
            "there is no model '%.100s' (looked in %s); `fovea models` lists "
            "what there is, `fovea pull` brings one from a folder, a URL or the hub",
            name, looked);
    buf_deinit(&where);
    return st;
}

enum status model_find(const char *name, char **dir, struct err *e)
{
    const struct model_known *known = model_known_find(name);
    *dir = NULL;
    if (file_is_dir(name) && has_file(name, "config.json")) {
        *dir = file_real_path(name, e);
        return *dir ? ST_OK : ST_NOT_FOUND;
    }
    if (strchr(name, '/') && file_is_dir(name) && !known)
        return err_set(e, ST_NOT_FOUND, "the folder %s holds no config.json, so no model", name);
    /* a folder of just that name goes before what the name is an alias of */
    const char *names[] = {name, known ? known->name : name};
    for (size_t i = 0; i < 2 * PLACES_COUNT && !*dir; i++) {
        const char *kept = names[i / PLACES_COUNT];
        if (registry_name_sound(kept)) *dir = find_in(i % PLACES_COUNT, kept);
    }
    return *dir ? ST_OK : not_found(name, known, e);
}

/* ---- list ---- */

struct listed {
    char *name, *dir;
};

struct listing {
    struct listed *rows;
    size_t count, room;
};

static bool is_listed(const struct listing *l, const char *name)
{
    for (size_t i = 0; i < l->count; i++)
        if (strcmp(l->rows[i].name, name) == 0) return true;
    return false;
}

/* Takes both strings. */
static enum status add_row(struct listing *l, char *name, char *dir, struct err *e)
{
    if (l->count == l->room) {
        size_t room = l->room ? 2 * l->room : 16;
        struct listed *rows = mem_resize(l->rows, room, sizeof *rows);
        if (!rows) {
            mem_free(name);
            mem_free(dir);
            return mem_err(e, room * sizeof *rows);
        }
        l->rows = rows;
        l->room = room;
    }
    l->rows[l->count++] = (struct listed){name, dir};
    return ST_OK;
}

static enum status list_folder(
    struct listing *l, const char *root, const char *owner, struct err *e);

/* One entry of a models folder: a model, or an owner's folder with models. */
static enum status list_entry(
    struct listing *l, const char *root, const char *owner, const char *entry, struct err *e)
{
    char *name = owner ? file_join(owner, entry) : mem_strdup(entry);
    char *dir = name ? file_join(root, name) : NULL;
    enum status st = ST_OK;
    if (!dir)
        st = mem_err(e, strlen(entry));
    else if (registry_is_model(dir) && !is_listed(l, name))
        return add_row(l, name, dir, e);
    else if (!owner && file_is_dir(dir))
        st = list_folder(l, root, name, e);
    mem_free(name);
    mem_free(dir);
    return st;
}

/* A folder that can't be read holds no models. */
static enum status list_folder(
    struct listing *l, const char *root, const char *owner, struct err *e)
{
    char *path = owner ? file_join(root, owner) : mem_strdup(root);
    if (!path) return mem_err(e, strlen(root));
    DIR *d = opendir(path);
    mem_free(path);
    enum status st = ST_OK;
    for (struct dirent *entry = d ? readdir(d) : NULL; entry && st == ST_OK; entry = readdir(d))
        if (entry->d_name[0] != '.') st = list_entry(l, root, owner, entry->d_name, e);
    if (d) closedir(d);
    return st;
}

static int compare_rows(const void *a, const void *b)
{
    return strcmp(((const struct listed *)a)->name, ((const struct listed *)b)->name);
}

enum status model_list(
    enum status (*each)(void *user, const char *name, const char *dir, struct err *e), void *user,
    struct err *e)
{
    struct listing l = {0};
    enum status st = ST_OK;
    for (size_t i = 0; i < PLACES_COUNT && st == ST_OK; i++) {
        char *root = PLACES[i]();
        size_t before = l.count;
        if (root) st = list_folder(&l, root, NULL, e);
        mem_free(root);
        if (l.count > before)
            qsort(l.rows + before, l.count - before, sizeof *l.rows, compare_rows);
    }
    for (size_t i = 0; i < l.count; i++) {
        if (st == ST_OK) st = each(user, l.rows[i].name, l.rows[i].dir, e);
        mem_free(l.rows[i].name);
        mem_free(l.rows[i].dir);
    }
    mem_free(l.rows);
    return st;
}
