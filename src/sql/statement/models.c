/* models.c - the names this database has for models: GET THANOSQL MODEL, UPLOAD MODEL, DELETE
 * MODEL.
 *
 *   GET THANOSQL MODEL m [OPTIONS (model_name='n', overwrite=False)] [AS n]
 *   UPLOAD MODEL n [OPTIONS (framework='pytorch', overwrite=False)] FROM 'folder'
 *   DELETE MODEL n
 *
 * A name is a row of fovea_model_names; the files of a model lie in the registry's folders and are
 * shared by all databases.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "base/mem.h"
#include "model/registry.h"
#include "sql/internal.h"
#include "sql/statement/commands.h"
#include "sql/statement/ddl.h"
#include "sql/statement/prebuilt.h"
#include "sql/text/expect.h"
#include "store/model_names.h"

enum model_action { MODEL_GET, MODEL_UPLOAD, MODEL_DELETE };

struct model_command {
    enum model_action action;
    struct store_model_name model; /* the new name; its source */
    bool overwrite;
};

/* --- reading ---------------------------------------------------------------------------------- */

static enum status take_text(struct ddl *d, char *out, size_t bytes, struct err *e)
{
    struct sql_literal *v;
    int at = d->at;
    enum status st = ddl_value(d, &v, e);
    if (st != ST_OK) return st;
    if ((v->kind != LITERAL_NAME && v->kind != LITERAL_TEXT) || v->text[0] == '\0')
        return ddl_fail(d, at, err_set(e, ST_SYNTAX, "a name is expected here: %s", d->usage), e);
    if (strlen(v->text) >= bytes)
        return ddl_fail(d, at, err_set(e, ST_LIMIT, "a name of %zu bytes at most", bytes - 1), e);
    snprintf(out, bytes, "%s", v->text);
    return ST_OK;
}

static enum status read_get(struct ddl *d, struct err *e)
{
    static const struct sql_option OPTIONS[] = {
        {.name = "model_name", .type = OPTION_NAME},
        {.name = "overwrite", .type = OPTION_BOOLEAN, .fallback = "False"},
    };
    struct model_command *c = d->command->data;
    struct sql_option_values options;
    d->usage = "GET THANOSQL MODEL name [OPTIONS (model_name='mine', overwrite=True)] [AS mine]";
    d->at = 3;
    enum status st = take_text(d, c->model.source, sizeof c->model.source, e);
    if (st == ST_OK) st = ddl_options(d, OPTIONS, 2, &options, e);
    if (st != ST_OK) return st;
    const char *name = sql_option_text(&options, "model_name");
    snprintf(c->model.name, sizeof c->model.name, "%s",
        name != NULL ? name : file_base_name(c->model.source));
    c->overwrite = sql_option_boolean(&options, "overwrite");
    if (!ddl_word(d, "AS")) return ST_OK;
    int at = d->at;
    st = take_text(d, c->model.name, sizeof c->model.name, e);
    if (st != ST_OK || name == NULL || strcasecmp(name, c->model.name) == 0) return st;
    return ddl_fail(d, at,
        err_set(e, ST_INVALID, "AS %.60s and model_name='%.60s' say different names",
            c->model.name, name),
        e);
}

static enum status read_upload(struct ddl *d, struct err *e)
{
    static const char *const FRAMEWORKS[] = {"pytorch", NULL};
    static const struct sql_option OPTIONS[] = {
        {.name = "framework", .type = OPTION_NAME, .fallback = "pytorch", .choices = FRAMEWORKS},
        {.name = "overwrite", .type = OPTION_BOOLEAN, .fallback = "False"},
    };
    struct model_command *c = d->command->data;
    struct sql_option_values options;
    d->usage = "UPLOAD MODEL name [OPTIONS (framework='pytorch', overwrite=True)] FROM 'folder'";
    d->at = 2;
    enum status st = take_text(d, c->model.name, sizeof c->model.name, e);
    if (st == ST_OK) st = ddl_options(d, OPTIONS, 2, &options, e);
    if (st == ST_OK) st = ddl_expect_word(d, "FROM", e);
    int at = d->at;
    if (st == ST_OK) st = take_text(d, c->model.source, sizeof c->model.source, e);
    if (st != ST_OK) return st;
    c->overwrite = sql_option_boolean(&options, "overwrite");
    if (!file_is_dir(c->model.source) || model_known_find(c->model.source) != NULL)
        st = ddl_fail(d, at,
            err_set(e, ST_NOT_FOUND,
                "there is no folder %s: a model is a folder with config.json, the tokenizer's "
                "files "
                "and model.safetensors or pytorch_model.bin",
                c->model.source),
            e);
    return st;
}

static enum status read_delete(struct ddl *d, struct err *e)
{
    struct model_command *c = d->command->data;
    d->usage = "DELETE MODEL name";
    d->at = 2;
    return take_text(d, c->model.name, sizeof c->model.name, e);
}

/* By the first words; NULL: it is none of these. */
static enum status (*reader_of(const struct sql_scan *scan, enum model_action *action))(
    struct ddl *d, struct err *e)
{
    bool get = ddl_spells(scan, 0, "GET") && ddl_spells(scan, 1, "THANOSQL") &&
        ddl_spells(scan, 2, "MODEL");
    bool model = ddl_spells(scan, 1, "MODEL");
    bool upload = model && ddl_spells(scan, 0, "UPLOAD");
    bool delete = model && ddl_spells(scan, 0, "DELETE");
    *action = get ? MODEL_GET : upload ? MODEL_UPLOAD : MODEL_DELETE;
    return get ? read_get : upload ? read_upload : delete ? read_delete : NULL;
}

static bool is_model(struct sql_session *s, const struct sql_scan *scan)
{
    enum model_action action;
    (void)s;
    return reader_of(scan, &action) != NULL;
}

static enum status read_model(struct ddl *d, struct err *e)
{
    struct model_command *c = arena_alloc(&d->command->arena, sizeof *c);
    if (c == NULL) return mem_err(e, sizeof *c);
    d->command->data = c;
    return reader_of(d->scan, &c->action)(d, e);
}

/* --- running ---------------------------------------------------------------------------------- */

/* What the documents call it becomes what the registry does. */
static enum status resolve(struct store_model_name *m, struct err *e)
{
    const struct prebuilt *p = prebuilt_find(m->source);
    snprintf(m->class_name, sizeof m->class_name, "%s", p != NULL ? p->class_name : "CLIP");
    if (p == NULL) return ST_OK;
    if (p->source == NULL)
        return err_set(e, ST_UNSUPPORTED, "the model %s (%s) can't be had: %s", p->name,
            p->class_name, p->why);
    snprintf(m->source, sizeof m->source, "%s", p->source);
    return ST_OK;
}

static enum status check_free(struct sql_session *s, const struct model_command *c, struct err *e)
{
    bool found;
    enum status st = store_model_name_find(s->store, c->model.name, NULL, &found, e);
    if (st != ST_OK || !found || c->overwrite) return st;
    return err_set(e, ST_EXISTS,
        "there is a model %s already; OPTIONS (overwrite=True) replaces it", c->model.name);
}

static enum status get(struct sql_session *s, struct model_command *c, struct err *e)
{
    struct model *opened;
    char *dir = NULL;
    enum status st = check_free(s, c, e);
    if (st == ST_OK) st = resolve(&c->model, e);
    if (st != ST_OK) return st;
    if (model_find(c->model.source, &dir, NULL) != ST_OK) {
        struct model_pull p = {.what = c->model.source};
        st = model_pull(&p, &s->run, &dir, e);
    }
    mem_free(dir);
    if (st == ST_OK) st = sql_model_get(s, c->model.source, &opened, e);
    return st == ST_OK ? store_model_name_set(s->store, &c->model, e) : st;
}

/* The folder is copied to where models are kept, so that the name outlives it. */
static enum status upload(struct sql_session *s, struct model_command *c, struct err *e)
{
    char *dir = NULL;
    enum status st = check_free(s, c, e);
    if (st != ST_OK) return st;
    struct model_pull p = {.what = c->model.source, .name = c->model.name};
    st = model_pull(&p, &s->run, &dir, e);
    if (st == ST_OK) {
        snprintf(c->model.class_name, sizeof c->model.class_name, "User_PyTorch");
        snprintf(c->model.source, sizeof c->model.source, "%s", dir);
        st = store_model_name_set(s->store, &c->model, e);
    }
    mem_free(dir);
    return st;
}

/* A name is forgotten; a model that the registry has under it stays there. */
static enum status forget(struct sql_session *s, const struct model_command *c, struct err *e)
{
    bool found;
    char *dir = NULL;
    enum status st = store_model_name_find(s->store, c->model.name, NULL, &found, e);
    if (st != ST_OK || found)
        return st == ST_OK ? store_model_name_remove(s->store, c->model.name, e) : st;
    if (model_find(c->model.name, &dir, NULL) == ST_OK) {
        st = err_set(e, ST_UNSUPPORTED,
            "%s is a model of this machine, not of this database; its folder is %s", c->model.name,
            dir);
        mem_free(dir);
        return st;
    }
    err_set(e, ST_NOT_FOUND, "there is no model %s; LIST MODEL shows what there is", c->model.name);
    sql_suggest_model(s, c->model.name, e);
    return ST_NOT_FOUND;
}

static enum status run_model(
    struct sql_session *s, const struct sql_command *command, struct err *e)
{
    struct model_command c = *(const struct model_command *)command->data;
    if (c.action != MODEL_DELETE && store_in_transaction(s->store))
        return err_set(e, ST_INVALID, "a model can't be brought inside a transaction");
    enum status st = c.action == MODEL_GET ? get(s, &c, e)
        : c.action == MODEL_UPLOAD         ? upload(s, &c, e)
                                           : forget(s, &c, e);
    if (st == ST_OK) sql_model_forget(s, c.model.name);
    return st;
}

const struct sql_command_kind sql_command_model = {
    .is = is_model, .read = read_model, .run = run_model, .message = "Success"};
