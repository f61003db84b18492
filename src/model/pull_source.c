/* pull_source.c - from what a person says (a name, a URL, a folder) to where the files lie and
 * under which name they are kept.
 *
 * Everything becomes a URL, a folder too, so that pulling has one way. Names are the hub's,
 * owner/model; its files lie at https://huggingface.co/<name>/resolve/main/<file>. A mirror holds
 * <name>/<file>.
 */
#include "model/registry_parts.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/fetch.h"
#include "base/file.h"
#include "base/mem.h"

#define HUB "https://huggingface.co/"
#define HUB_FILES "/resolve/main"

void pull_add_encoded(struct buf *out, const char *text)
{
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (plain || strchr("-._~/", c))
            buf_add_char(out, (char)c);
        else
            buf_printf(out, "%%%02X", c);
    }
}

static enum status set_text(char **to, struct buf *text, struct err *e)
{
    enum status st = buf_check(text, e);
    if (st == ST_OK) *to = buf_take(text);
    buf_deinit(text);
    return st == ST_OK && !*to ? mem_err(e, 0) : st;
}

/* file:// of a folder on this machine. */
static enum status set_folder(char **base, const char *dir, struct err *e)
{
    struct buf url;
    char *path = file_real_path(dir, e);
    if (!path) return e ? e->code : ST_NOT_FOUND;
    buf_init(&url);
    buf_add_str(&url, "file://");
    pull_add_encoded(&url, path);
    mem_free(path);
    return set_text(base, &url, e);
}

static const char *mirror_of(const struct model_pull *p)
{
    const char *mirror = p->mirror ? p->mirror : getenv("FOVEA_MIRROR");
    return mirror && *mirror ? mirror : NULL;
}

/* mirror/<name>, or the hub's place of it. */
static enum status set_named(struct pull_source *s, const struct model_pull *p, struct err *e)
{
    const char *mirror = mirror_of(p);
    if (mirror && !fetch_is_url(mirror)) {
        char *dir = file_join(mirror, s->name);
        enum status st = dir ? set_folder(&s->base, dir, e) : mem_err(e, strlen(mirror));
        mem_free(dir);
        return st;
    }
    if (!mirror && strcmp(s->name, MODEL_DEFAULT) == 0)
        return err_set(e, ST_NOT_FOUND,
            "%s comes with Fovea, in share/fovea/models, but not with this copy of it", s->name);
    if (!mirror && !strchr(s->name, '/'))
        return err_set(e, ST_NOT_FOUND,
            "'%s' is on no hub; a name there is owner/model, and `fovea models` lists those known",
            s->name);
    struct buf url;
    buf_init(&url);
    buf_add_str(&url, mirror ? mirror : HUB);
    if (url.bytes > 0 && url.data[url.bytes - 1] != '/') buf_add_char(&url, '/');
    pull_add_encoded(&url, s->name);
    if (!mirror) buf_add_str(&url, HUB_FILES);
    return set_text(&s->base, &url, e);
}

/* A URL without the slash at its end; the hub's page of a model stands for its files. */
static enum status set_url(struct pull_source *s, const char *url, struct err *e)
{
    struct buf base;
    buf_init(&base);
    buf_add_str(&base, url);
    while (base.bytes > 0 && base.data[base.bytes - 1] == '/') base.data[--base.bytes] = '\0';
    if (base.data && !strstr(base.data, "://")) {
        buf_deinit(&base);
        return err_set(e, ST_INVALID, "the URL %.100s names no host", url);
    }
    bool hub = base.data && strncasecmp(base.data, HUB, strlen(HUB)) == 0;
    const char *name = hub ? base.data + strlen(HUB) : NULL;
    const char *slash = name ? strchr(name, '/') : NULL;
    if (slash && !strchr(slash + 1, '/')) buf_add_str(&base, HUB_FILES);
    return set_text(&s->base, &base, e);
}

/* The last parts of a URL that name a model: owner/model on the hub, else the last one. */
static enum status name_of_url(struct pull_source *s, struct err *e)
{
    size_t bytes = strlen(s->base), cut = strlen(HUB_FILES);
    bool hub = bytes > cut && strcmp(s->base + bytes - cut, HUB_FILES) == 0;
    if (hub) bytes -= cut;
    int parts = hub ? 2 : 1;
    size_t from = bytes;
    while (from > 0 && (s->base[from - 1] != '/' || --parts > 0)) from--;
    s->name = mem_strndup(s->base + from, bytes - from);
    return s->name ? ST_OK : mem_err(e, bytes);
}

static enum status set_name(struct pull_source *s, const char *name, struct err *e)
{
    s->name = mem_strdup(name);
    return s->name ? ST_OK : mem_err(e, strlen(name));
}

static enum status from_folder(struct pull_source *s, const struct model_pull *p, struct err *e)
{
    char *path = file_real_path(p->what, e);
    if (!path) return e ? e->code : ST_NOT_FOUND;
    enum status st = set_folder(&s->base, p->what, e);
    if (st == ST_OK) st = set_name(s, p->name ? p->name : file_base_name(path), e);
    mem_free(path);
    return st;
}

static enum status from_url(struct pull_source *s, const struct model_pull *p, struct err *e)
{
    enum status st = set_url(s, p->what, e);
    if (st != ST_OK) return st;
    return p->name ? set_name(s, p->name, e) : name_of_url(s, e);
}

static bool is_here(const char *name)
{
    char *home = NULL;
    char *dir = registry_home(&home, NULL) == ST_OK ? file_join(home, name) : NULL;
    bool here = dir && registry_is_model(dir);
    mem_free(home);
    mem_free(dir);
    return here;
}

static enum status from_name(struct pull_source *s, const struct model_pull *p, struct err *e)
{
    const struct model_known *known = model_known_find(p->what);
    enum status st = set_name(s, known ? known->name : p->what, e);
    if (st != ST_OK) return st;
    if (!registry_name_sound(s->name))
        return err_set(
            e, ST_NOT_FOUND, "'%.100s' is no folder, no URL and no model's name", p->what);
    s->here = is_here(p->name ? p->name : s->name);
    if (!s->here) st = set_named(s, p, e);
    if (st != ST_OK || !p->name) return st;
    mem_free(s->name);
    return set_name(s, p->name, e);
}

enum status pull_source_init(const struct model_pull *p, struct pull_source *out, struct err *e)
{
    *out = (struct pull_source){0};
    enum status st;
    if (fetch_is_url(p->what))
        st = from_url(out, p, e);
    else if (file_is_dir(p->what))
        st = from_folder(out, p, e);
    else
        st = from_name(out, p, e);
    if (st == ST_OK && !registry_name_sound(out->name))
        st = err_set(
            e, ST_INVALID, "'%.100s' can't be a model's name; give another with --name", out->name);
    if (st != ST_OK) pull_source_deinit(out);
    return st;
}

void pull_source_deinit(struct pull_source *s)
{
    mem_free(s->name);
    mem_free(s->base);
    *s = (struct pull_source){0};
}
