/* datasets.c - the catalogue of data sets and the way of one from its source to a folder.
 *
 * DATASET_DIR/.get/NAME is where one grows: "file" while it is fetched, "data" while it is
 * unpacked. It is renamed when it is whole; after a break the download goes on, the rest is made
 * again.
 */
#include "sql/statement/datasets.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/archive.h"
#include "base/buf.h"
#include "base/fetch.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/near.h"

/* What the documents of ThanoSQL name and what can be searched by picture. */
static const char *const KNOWN[] = {
    "cat_and_dog_data",
    "coco_person_data",
    "diet_data",
    "mnist_data",
    "product_image_data",
    "unsplash_data",
};
enum { KNOWN_COUNT = sizeof KNOWN / sizeof KNOWN[0] };

/* --- the catalogue ---------------------------------------------------------------------------- */

struct catalogue {
    struct dataset *rows; /* in the order of names */
    size_t count, capacity;
};

static enum status catalogue_path(char **path, struct err *e)
{
    char *home = file_data_home();
    if (home == NULL)
        return err_set(
            e, ST_NOT_FOUND, "neither $XDG_DATA_HOME nor $HOME says where data sets are listed");
    *path = file_join(home, "datasets.json");
    mem_free(home);
    return *path != NULL ? ST_OK : mem_err(e, 0);
}

/* Where the name stands, or would stand. */
static size_t place_of(const struct catalogue *c, const char *name, bool *there)
{
    size_t i = 0;
    while (i < c->count && strcasecmp(c->rows[i].name, name) < 0) i++;
    *there = i < c->count && strcasecmp(c->rows[i].name, name) == 0;
    return i;
}

static enum status put(struct catalogue *c, const struct dataset *d, struct err *e)
{
    bool there;
    size_t i = place_of(c, d->name, &there);
    if (!there && c->count == c->capacity) {
        size_t capacity = c->capacity > 0 ? c->capacity * 2 : 16;
        struct dataset *grown = mem_resize(c->rows, capacity, sizeof *grown);
        if (grown == NULL) return mem_err(e, capacity * sizeof *grown);
        c->rows = grown;
        c->capacity = capacity;
    }
    if (!there) {
        memmove(c->rows + i + 1, c->rows + i, (c->count - i) * sizeof *c->rows);
        c->count++;
    }
    c->rows[i] = *d;
    return ST_OK;
}

static void take(char *out, size_t bytes, const struct json_node *object, const char *key)
{
    snprintf(out, bytes, "%s", json_str(json_get(object, key), ""));
}

static enum status read_entry(
    struct catalogue *c, const char *name, const struct json_node *v, struct err *e)
{
    struct dataset d = {.name = ""};
    if (strlen(name) >= sizeof d.name) return ST_OK;
    snprintf(d.name, sizeof d.name, "%s", name);
    take(d.source, sizeof d.source, v, "source");
    take(d.sha256, sizeof d.sha256, v, "sha256");
    take(d.data_type, sizeof d.data_type, v, "data_type");
    if (d.data_type[0] == '\0') snprintf(d.data_type, sizeof d.data_type, "image");
    return put(c, &d, e);
}

/* What stands in the file; none: nothing. mem_free the rows. */
static enum status catalogue_read(struct catalogue *c, struct err *e)
{
    char *path;
    struct json_doc *doc = NULL;
    *c = (struct catalogue){.rows = NULL};
    enum status st = catalogue_path(&path, e);
    if (st != ST_OK) return st;
    if (file_exists(path)) st = json_read_file(path, &doc, e);
    const struct json_node *root = st == ST_OK && doc != NULL ? json_root(doc) : NULL;
    if (root != NULL && !json_is_object(root))
        st = err_set(e, ST_CORRUPT, "%s is no object of data sets", path);
    for (const struct json_iter *it = root != NULL ? json_next(root, NULL) : NULL;
         it != NULL && st == ST_OK; it = json_next(root, it))
        st = read_entry(c, json_iter_key(it), json_iter_value(root, it), e);
    json_close(doc);
    mem_free(path);
    if (st != ST_OK) mem_free(c->rows);
    return st;
}

static void add_field(struct buf *b, const char *key, const char *value)
{
    if (value[0] == '\0') return;
    buf_printf(b, "%s\"%s\": ", b->data[b->bytes - 1] == '{' ? "" : ", ", key);
    buf_add_json(b, value, strlen(value));
}

static enum status catalogue_write(const struct catalogue *c, struct err *e)
{
    char *path, *home = file_data_home();
    struct buf b;
    enum status st = catalogue_path(&path, e);
    if (st == ST_OK) st = file_make_dirs(home, e);
    mem_free(home);
    buf_init(&b);
    buf_add_str(&b, "{");
    for (size_t i = 0; i < c->count && !b.failed; i++) {
        buf_add_str(&b, i > 0 ? ",\n  " : "\n  ");
        buf_add_json(&b, c->rows[i].name, strlen(c->rows[i].name));
        buf_add_str(&b, ": {");
        add_field(&b, "source", c->rows[i].source);
        add_field(&b, "sha256", c->rows[i].sha256);
        add_field(&b, "data_type", c->rows[i].data_type);
        buf_add_str(&b, "}");
    }
    buf_add_str(&b, "\n}\n");
    if (st == ST_OK) st = buf_check(&b, e);
    if (st == ST_OK) st = file_write_atomic(path, b.data, b.bytes, e);
    buf_deinit(&b);
    mem_free(path);
    return st;
}

static enum status read_with_known(struct catalogue *c, struct err *e)
{
    enum status st = catalogue_read(c, e);
    for (size_t i = 0; st == ST_OK && i < KNOWN_COUNT; i++) {
        struct dataset d = {.data_type = "image"};
        bool there;
        snprintf(d.name, sizeof d.name, "%s", KNOWN[i]);
        place_of(c, d.name, &there);
        if (!there) st = put(c, &d, e);
    }
    return st;
}

enum status datasets_each(enum status (*each)(void *user, const struct dataset *d, struct err *e),
    void *user, struct err *e)
{
    struct catalogue c;
    enum status st = read_with_known(&c, e);
    for (size_t i = 0; st == ST_OK && i < c.count; i++) st = each(user, &c.rows[i], e);
    mem_free(c.rows);
    return st;
}

/* A name becomes a folder's. */
static bool name_sound(const char *name)
{
    if (name[0] == '\0' || name[0] == '.' || name[0] == '-') return false;
    for (; *name != '\0'; name++)
        if ((unsigned char)*name <= ' ' || strchr("/\\:*?\"<>|\x7f", *name) != NULL) return false;
    return true;
}

static enum status check_entry(const struct dataset *d, struct err *e)
{
    size_t digits = strspn(d->sha256, "0123456789abcdefABCDEF");
    if (!name_sound(d->name))
        return err_set(
            e, ST_INVALID, "\"%s\" can't be the name of a data set: it names a folder", d->name);
    if (d->sha256[0] != '\0' && (digits != HASH_SHA256_CHARS - 1 || d->sha256[digits] != '\0'))
        return err_set(e, ST_INVALID, "sha256 takes 64 hexadecimal digits, not \"%s\"", d->sha256);
    if (strcmp(d->data_type, "image") != 0)
        return err_set(e, ST_INVALID, "data_type must be 'image', not '%s'", d->data_type);
    return ST_OK;
}

enum status dataset_add(const struct dataset *d, struct err *e)
{
    struct dataset entry = *d;
    struct catalogue c;
    if (entry.data_type[0] == '\0') snprintf(entry.data_type, sizeof entry.data_type, "image");
    enum status st = check_entry(&entry, e);
    if (st == ST_OK && !fetch_is_url(d->source)) {
        char *path = file_real_path(d->source, e);
        if (path == NULL) return e != NULL ? e->code : ST_NOT_FOUND;
        snprintf(entry.source, sizeof entry.source, "%s", path);
        if (file_is_dir(path) && entry.sha256[0] != '\0')
            st = err_set(e, ST_INVALID, "a folder has no sha256: %s", path);
        mem_free(path);
    }
    if (st == ST_OK) st = catalogue_read(&c, e);
    if (st != ST_OK) return st;
    st = put(&c, &entry, e);
    if (st == ST_OK) st = catalogue_write(&c, e);
    mem_free(c.rows);
    return st;
}

enum status dataset_remove(const char *name, struct err *e)
{
    struct catalogue c;
    bool there;
    enum status st = catalogue_read(&c, e);
    if (st != ST_OK) return st;
    size_t i = place_of(&c, name, &there);
    if (there) {
        memmove(c.rows + i, c.rows + i + 1, (--c.count - i) * sizeof *c.rows);
        st = catalogue_write(&c, e);
    } else {
        st = err_set(e, ST_NOT_FOUND, "the catalogue has no data set %s", name);
    }
    mem_free(c.rows);
    return st;
}

/* --- getting one ------------------------------------------------------------------------------ */

static enum status no_such(const struct catalogue *c, const char *name, struct err *e)
{
    const char *near = NULL;
    for (size_t i = 0; i < c->count; i++) near_consider(name, c->rows[i].name, &near);
    return err_set(e, ST_NOT_FOUND,
        "there is no data set %s%s%s; `fovea datasets add %s SOURCE` says where it lies", name,
        near != NULL ? "; did you mean " : "", near != NULL ? near : "", name);
}

static enum status find(const char *name, struct dataset *out, struct err *e)
{
    struct catalogue c;
    bool there;
    enum status st = read_with_known(&c, e);
    if (st != ST_OK) return st;
    size_t i = place_of(&c, name, &there);
    if (!there)
        st = no_such(&c, name, e);
    else
        *out = c.rows[i];
    mem_free(c.rows);
    if (st == ST_OK && out->source[0] == '\0')
        st = err_set(e, ST_NOT_FOUND,
            "nothing says where the data set %s lies: the server that had it is gone; "
            "`fovea datasets add %s SOURCE` does (a folder, an archive, a URL)",
            out->name, out->name);
    return st;
}

struct getting {
    struct dataset d;
    const struct run *run;
    char *dir;   /* where it will lie */
    char *stage; /* where it grows */
    char *file;  /* what was fetched */
    char *data;  /* what will be renamed */
    struct err *e;
};

static enum status check_hash(const struct getting *g, const char *path)
{
    char found[HASH_SHA256_CHARS];
    if (g->d.sha256[0] == '\0') return ST_OK;
    enum status st = hash_sha256_file(path, found, g->e);
    if (st != ST_OK || strcasecmp(found, g->d.sha256) == 0) return st;
    return err_set(g->e, ST_CORRUPT, "%s has the SHA-256 %s, not %s as the catalogue says",
        g->d.source, found, g->d.sha256);
}

static enum status fetch(struct getting *g)
{
    struct fetch f = {.url = g->d.source,
        .path = g->file,
        .limit_bytes = LIMIT_ARCHIVE_BYTES,
        .sha256 = g->d.sha256[0] != '\0' ? g->d.sha256 : NULL};
    return fetch_file(&f, g->run, g->e);
}

/* The last part of a path or URL, without ?… and #…, fit for a file. */
static void file_name_of(const char *source, char *out, size_t bytes)
{
    size_t end = strcspn(source, "?#"), begin = end;
    while (begin > 0 && source[begin - 1] != '/') begin--;
    snprintf(out, bytes, "%.*s", (int)(end - begin), source + begin);
    if (!name_sound(out)) snprintf(out, bytes, "data");
}

/* A file that is no archive becomes the data set's only one. */
static enum status keep_file(struct getting *g, const char *path)
{
    char name[256];
    file_name_of(g->d.source, name, sizeof name);
    char *to = file_join(g->data, name);
    enum status st = to != NULL ? file_make_dirs(g->data, g->e) : mem_err(g->e, 0);
    if (st == ST_OK && path == g->file) {
        if (rename(path, to) != 0) st = err_set_errno(g->e, errno, "%s", to);
    } else if (st == ST_OK) {
        st = file_copy(path, to, g->e);
    }
    mem_free(to);
    return st;
}

/* The only entry of a folder, when that is a folder itself; else NULL. mem_free it. */
static char *only_folder(const char *dir)
{
    DIR *entries = opendir(dir);
    char *only = NULL;
    int count = 0;
    for (struct dirent *d; entries != NULL && (d = readdir(entries)) != NULL;) {
        if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0) continue;
        if (++count == 1) only = file_join(dir, d->d_name);
    }
    if (entries != NULL) closedir(entries);
    if (count == 1 && only != NULL && file_is_dir(only)) return only;
    mem_free(only);
    return NULL;
}

/* The whole data set takes the place of the one that is there. */
static enum status move_in(struct getting *g, bool unpacked)
{
    char *top = unpacked ? only_folder(g->data) : NULL;
    enum status st = file_remove_tree(g->dir, g->e);
    if (st == ST_OK && rename(top != NULL ? top : g->data, g->dir) != 0)
        st = err_set_errno(g->e, errno, "%s", g->dir);
    mem_free(top);
    return st;
}

static enum status get(struct getting *g)
{
    bool url = fetch_is_url(g->d.source);
    const char *from = url ? g->file : g->d.source;
    enum status st = file_make_dirs(g->stage, g->e);
    if (st == ST_OK) st = file_remove_tree(g->data, g->e);
    if (st == ST_OK && url) st = fetch(g);
    if (st == ST_OK && !url && !file_is_dir(from)) st = check_hash(g, from);
    if (st != ST_OK) return st;
    bool unpack = file_is_dir(from) || archive_is(from);
    struct archive_unpack u = {.source = from, .dir = g->data, .what = "unpacking"};
    st = unpack ? archive_unpack(&u, g->run, g->e) : keep_file(g, from);
    if (st == ST_OK) st = move_in(g, unpack && !file_is_dir(from));
    if (st != ST_OK) return st;
    st = file_remove_tree(g->stage, g->e);
    rmdir(DATASET_DIR "/.get"); /* fails while another one grows there */
    return st;
}

enum status dataset_get(const char *name, bool overwrite, const struct run *run, struct err *e)
{
    struct getting g = {.run = run, .e = e};
    enum status st = find(name, &g.d, e);
    if (st != ST_OK) return st;
    g.dir = file_join(DATASET_DIR, g.d.name);
    g.stage = file_join(DATASET_DIR "/.get", g.d.name);
    g.file = g.stage != NULL ? file_join(g.stage, "file") : NULL;
    g.data = g.stage != NULL ? file_join(g.stage, "data") : NULL;
    if (g.dir == NULL || g.file == NULL || g.data == NULL)
        st = mem_err(e, 0);
    else if (file_is_dir(g.dir) && !overwrite)
        st = err_set(
            e, ST_EXISTS, "%s is there already; OPTIONS (overwrite=True) replaces it", g.dir);
    if (st == ST_OK) st = get(&g);
    mem_free(g.dir);
    mem_free(g.stage);
    mem_free(g.file);
    mem_free(g.data);
    return st;
}
