/* pull.c - brings a model's files to this machine: fetched one by one into a folder beside the
 * models, opened as a check, then renamed into place.
 *
 * The folder, <models>/.pull/<hash of where from and under which name>, outlives a break: files
 * that are whole are kept, the one that was on its way goes on where it was. Files that turn out to
 * be no model are thrown away. Which files there are is found by asking: tokenizer.json before
 * vocab.json + merges.txt, model.safetensors before its shards before pytorch_model.bin.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fetch.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"
#include "model/registry_parts.h"

#define WEIGHTS_BYTES_MAX ((uint64_t)64 << 30)
enum { SHARDS_MAX = 256 };

/* One pull on its way. */
struct pulling {
    const struct model_pull *p;
    struct pull_source from;
    char *home; /* the models folder */
    char *staging;
    char *dir; /* where the model will lie */
    const struct run *run;
    struct run inner; /* the same, its progress naming the file */
    const char *file;
    struct err *e;
};

static void on_progress(void *user, const struct run_progress *p)
{
    const struct pulling *x = user;
    struct run_progress named = *p;
    named.note = x->file;
    run_report(x->run, &named);
}

/* None of the files that would do is there. */
static enum status lacks(const struct pulling *x, const char *files)
{
    return err_set(x->e, ST_NOT_FOUND, "%s holds no %s", x->from.base, files);
}

/* A file that an earlier pull brought is only checked against a hash that was given. */
static enum status check_old(struct pulling *x, const char *path, const char *sha256, bool *sound)
{
    char found[HASH_SHA256_CHARS];
    *sound = true;
    if (!sha256) return ST_OK;
    enum status st = hash_sha256_file(path, found, x->e);
    *sound = st == ST_OK && strcasecmp(found, sha256) == 0;
    if (st == ST_OK && !*sound) unlink(path);
    return st;
}

static enum status fetch_to(struct pulling *x, const char *path, const char *sha256)
{
    struct buf url;
    buf_init(&url);
    buf_printf(&url, "%s/", x->from.base);
    pull_add_encoded(&url, x->file);
    enum status st = buf_check(&url, x->e);
    struct fetch f = {
        .url = url.data,
        .path = path,
        .limit_bytes = strstr(x->file, ".json") ? LIMIT_JSON_BYTES : WEIGHTS_BYTES_MAX,
        .sha256 = sha256,
    };
    if (st == ST_OK) st = fetch_file(&f, &x->inner, x->e);
    buf_deinit(&url);
    return st;
}

static enum status get_hashed(struct pulling *x, const char *name, const char *sha256)
{
    char *path = file_join(x->staging, name);
    if (!path) return mem_err(x->e, strlen(name));
    bool sound = false;
    enum status st = ST_OK;
    x->file = name;
    if (file_exists(path)) st = check_old(x, path, sha256, &sound);
    if (st == ST_OK && !sound) st = fetch_to(x, path, sha256);
    mem_free(path);
    return st;
}

static enum status get(struct pulling *x, const char *name)
{
    return get_hashed(x, name, NULL);
}

static enum status get_tokenizer(struct pulling *x)
{
    enum status st = get(x, "tokenizer.json");
    if (st != ST_NOT_FOUND) return st;
    st = get(x, "vocab.json");
    if (st == ST_OK) st = get(x, "merges.txt");
    return st == ST_NOT_FOUND ? lacks(x, "tokenizer.json, nor vocab.json and merges.txt") : st;
}

/* Shard names come from outside; they must be plain. The same one is got once. */
static enum status get_shards(struct pulling *x, const struct json_node *map)
{
    enum status st = ST_OK;
    int count = 0;
    for (const struct json_iter *it = json_next(map, NULL); it && st == ST_OK;
         it = json_next(map, it)) {
        const char *name = json_str(json_iter_value(map, it), "");
        if (strchr(name, '/') || !registry_name_sound(name))
            return err_set(
                x->e, ST_CORRUPT, "the index of the weights names the file \"%.80s\"", name);
        char *path = file_join(x->staging, name);
        bool there = path && file_exists(path);
        mem_free(path);
        if (!there && ++count > SHARDS_MAX)
            return err_set(x->e, ST_LIMIT, "the weights lie in over %d files", SHARDS_MAX);
        if (!there) st = get(x, name);
    }
    return st;
}

static enum status get_sharded(struct pulling *x)
{
    static const char name[] = "model.safetensors.index.json";
    enum status st = get(x, name);
    if (st != ST_OK) return st;
    struct json_doc *doc = NULL;
    char *path = file_join(x->staging, name);
    st = path ? json_read_file(path, &doc, x->e) : mem_err(x->e, sizeof name);
    if (st == ST_OK) st = get_shards(x, json_get(json_root(doc), "weight_map"));
    json_close(doc);
    mem_free(path);
    return st;
}

static enum status get_weights(struct pulling *x)
{
    enum status st = get_hashed(x, "model.safetensors", x->p->sha256);
    if (st == ST_NOT_FOUND) st = get_sharded(x);
    if (st == ST_NOT_FOUND) st = get_hashed(x, "pytorch_model.bin", x->p->sha256);
    return st == ST_NOT_FOUND ? lacks(x, "model.safetensors or pytorch_model.bin") : st;
}

static enum status get_all(struct pulling *x)
{
    enum status st = get(x, "config.json");
    if (st == ST_NOT_FOUND) return lacks(x, "config.json");
    if (st == ST_OK) st = get_tokenizer(x);
    if (st == ST_OK) {
        st = get(x, "preprocessor_config.json");
        if (st == ST_NOT_FOUND) st = ST_OK; /* then it is CLIP's own way */
    }
    if (st == ST_OK) st = get_weights(x);
    if (st == ST_OK) err_clear(x->e);
    return st;
}

/* The staging folder is flat. */
static void remove_staging(const struct pulling *x)
{
    DIR *d = opendir(x->staging);
    if (!d) return;
    for (struct dirent *entry = readdir(d); entry; entry = readdir(d))
        unlinkat(dirfd(d), entry->d_name, 0);
    closedir(d);
    rmdir(x->staging);
}

static enum status check(struct pulling *x)
{
    struct model *m = NULL;
    enum status st = model_open(x->from.name, x->staging, &m, x->e);
    model_close(m);
    return st;
}

/* What is here is no good: going on with it would fail again even when its source is mended. Breaks
 * of the network, a full disk, a cancel are not of this kind. */
static bool is_bad_source(enum status st)
{
    return st == ST_CORRUPT || st == ST_NOT_FOUND || st == ST_UNSUPPORTED || st == ST_LIMIT ||
        st == ST_INVALID;
}

/* The name is given back by the folder that appears under it in one step. */
static enum status move_in(struct pulling *x)
{
    char *above = mem_strdup(x->dir);
    if (!above) return mem_err(x->e, strlen(x->dir));
    *strrchr(above, '/') = '\0';
    enum status st = file_make_dirs(above, x->e);
    mem_free(above);
    if (st == ST_OK && rename(x->staging, x->dir) != 0)
        st = err_set_errno(x->e, errno, "%s can't be moved to %s", x->staging, x->dir);
    return st;
}

static enum status set_paths(struct pulling *x)
{
    enum status st = registry_home(&x->home, x->e);
    if (st != ST_OK) return st;
    x->dir = file_join(x->home, x->from.name);
    if (!x->dir) return mem_err(x->e, strlen(x->home));
    if (x->from.here) return ST_OK;
    struct buf staging;
    buf_init(&staging);
    uint64_t key = hash_64(x->from.base, strlen(x->from.base), 0);
    key = hash_64(x->from.name, strlen(x->from.name), key);
    buf_printf(&staging, "%s/.pull/%016llx", x->home, (unsigned long long)key);
    st = buf_check(&staging, x->e);
    if (st == ST_OK) x->staging = buf_take(&staging);
    buf_deinit(&staging);
    return st == ST_OK && !x->staging ? mem_err(x->e, strlen(x->home)) : st;
}

static enum status pull(struct pulling *x)
{
    enum status st = set_paths(x);
    if (st != ST_OK || x->from.here) return st;
    if (registry_is_model(x->dir)) {
        return err_set(x->e, ST_EXISTS,
            "%s is there already; remove it, or keep this one under another name", x->dir);
    }
    st = file_make_dirs(x->staging, x->e);
    if (st == ST_OK) st = get_all(x);
    if (st == ST_OK) st = check(x);
    if (st == ST_OK) st = move_in(x);
    if (is_bad_source(st)) remove_staging(x);
    rmdir(x->staging); /* fails while there is something to go on with */
    char *pulls = file_join(x->home, ".pull");
    if (pulls) rmdir(pulls); /* fails while a pull waits there */
    mem_free(pulls);
    return st;
}

enum status model_pull(const struct model_pull *p, const struct run *run, char **dir, struct err *e)
{
    struct err own = ERR_INIT;
    struct pulling x = {.p = p, .run = run, .e = e ? e : &own};
    *dir = NULL;
    if (run) x.inner = *run;
    x.inner.progress = on_progress;
    x.inner.user = &x;
    /* mini comes with Fovea; asking for it by name is answered by where it lies */
    bool ships = strcmp(p->what, MODEL_DEFAULT) == 0 && !p->mirror;
    if (ships && model_find(p->what, dir, x.e) == ST_OK) return ST_OK;
    enum status st = pull_source_init(p, &x.from, x.e);
    if (st == ST_OK) st = pull(&x);
    if (st == ST_OK) {
        *dir = x.dir;
        x.dir = NULL;
    }
    mem_free(x.home);
    mem_free(x.staging);
    mem_free(x.dir);
    pull_source_deinit(&x.from);
    return st;
}
