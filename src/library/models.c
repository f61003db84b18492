/* models.c - fovea_models() and fovea_pull(what, options): models on this machine, and how another
 * comes. */
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/mem.h"
#include "library/library.h"
#include "library/options.h"
#include "model/config.h"
#include "model/registry.h"
#include "model/weights.h"
#include "simd/cpu.h"

/* A model's folder described without packing its weights; what can't be read becomes the note. */
struct described {
    struct clip_config config;
    uint64_t parameters;
    struct err err;
};

static enum status describe(const char *dir, struct described *out)
{
    struct model_weights *w = NULL;
    out->err = ERR_INIT;
    enum status st = clip_config_read(dir, &out->config, &out->err);
    if (st == ST_OK) st = model_weights_open(dir, &w, &out->err);
    if (st == ST_OK) out->parameters = model_weights_parameters(w);
    model_weights_close(w);
    return st;
}

static enum status add_texts(struct listing *l, const char *const *texts, int count, struct err *e)
{
    enum status st = ST_OK;
    for (int i = 0; i < count && st == ST_OK; i++) st = listing_add_text(l, texts[i], e);
    return st;
}

static enum status add_here(void *user, const char *name, const char *dir, struct err *e)
{
    struct listing *l = user;
    struct described d;
    enum status st = listing_add_text(l, name, e);
    if (st != ST_OK) return st;
    if (describe(dir, &d) != ST_OK)
        return add_texts(l, (const char *const[]){NULL, NULL, NULL, NULL, dir, d.err.text}, 6, e);
    st = listing_add_int(l, d.config.dim, e);
    if (st == ST_OK) st = listing_add_int(l, d.config.context, e);
    if (st == ST_OK) st = listing_add_int(l, (int64_t)d.parameters, e);
    const char *forced = getenv("FOVEA_DTYPE");
    const char *dtype = forced != NULL && forced[0] != '\0' ? forced
        : cpu_get()->bf16                                   ? "bf16"
                                                            : "f32";
    const char *note = d.config.drawings_only
        ? "here; knows drawings and single objects, not photographs"
        : "here";
    return st == ST_OK ? add_texts(l, (const char *const[]){dtype, dir, note}, 3, e) : st;
}

/* Names that can be pulled and are not here. */
static enum status add_known(struct listing *l, struct err *e)
{
    enum status st = ST_OK;
    const struct model_known *k;
    for (size_t i = 0; st == ST_OK && (k = model_known_at(i)) != NULL; i++) {
        char *dir = NULL, note[256];
        bool here = model_find(k->name, &dir, NULL) == ST_OK;
        mem_free(dir);
        if (here) continue;
        snprintf(note, sizeof note, "not here: fovea pull %s (%llu MB, %s); %s", k->name,
            (unsigned long long)(k->bytes / 1000000), k->licence, k->about);
        st = add_texts(l, (const char *const[]){k->name, NULL, NULL, NULL, NULL, NULL, note}, 7, e);
    }
    return st;
}

static enum status open_models(
    struct sql_session *s, struct sql_value *const *args, int count, void **cursor, struct err *e)
{
    (void)s, (void)args, (void)count;
    struct listing *l;
    enum status st = listing_open(7, &l, e);
    if (st == ST_OK) st = model_list(add_here, l, e);
    if (st == ST_OK) st = add_known(l, e);
    if (st == ST_OK)
        *cursor = l;
    else
        listing_close(l);
    return st;
}

const struct sql_tabfn MODELS_FUNCTION = {
    .name = "fovea_models",
    .columns = "name TEXT, dim INTEGER, context INTEGER, parameters INTEGER, dtype TEXT, dir TEXT, "
               "note TEXT",
    .args = "",
    .open = open_models,
    .next = listing_next,
    .column = listing_column,
    .close = listing_close,
};

static enum status pull(
    struct sql_session *s, struct sql_value *const *args, struct listing *l, struct err *e)
{
    struct json_doc *doc = NULL;
    char *dir = NULL;
    struct model_pull p = {.what = sql_value_text(args[0])};
    if (p.what == NULL) return err_set(e, ST_INVALID, "the model to pull is NULL");
    enum status st = options_read(args[1], "name, mirror, sha256", &doc, e);
    const struct json_node *root = json_root(doc);
    p.name = json_str(json_get(root, "name"), NULL);
    p.mirror = json_str(json_get(root, "mirror"), NULL);
    p.sha256 = json_str(json_get(root, "sha256"), NULL);
    if (st == ST_OK) st = model_pull(&p, sql_session_run(s), &dir, e);
    const struct model_known *known = model_known_find(p.what);
    const char *name = p.name != NULL ? p.name
        : known != NULL               ? known->name
        : dir != NULL                 ? file_base_name(dir)
                                      : NULL;
    if (st == ST_OK) st = listing_add_text(l, name, e);
    if (st == ST_OK) st = listing_add_text(l, dir, e);
    mem_free(dir);
    json_close(doc);
    return st;
}

static enum status open_pull(
    struct sql_session *s, struct sql_value *const *args, int count, void **cursor, struct err *e)
{
    (void)count;
    struct listing *l;
    enum status st = listing_open(2, &l, e);
    if (st == ST_OK) st = pull(s, args, l, e);
    if (st == ST_OK)
        *cursor = l;
    else
        listing_close(l);
    return st;
}

const struct sql_tabfn PULL_FUNCTION = {
    .name = "fovea_pull",
    .columns = "name TEXT, dir TEXT",
    .args = "what, options",
    .args_required = 1,
    .direct_only = true,
    .open = open_pull,
    .next = listing_next,
    .column = listing_column,
    .close = listing_close,
};
