/* pictures.c - what the statement kinds share: the model of USING, and a batch of pictures to
 * vectors. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "sql/plan/plan.h"
#include "sql/statement/classes.h"
#include "sql/statement/embed.h"
#include "sql/statement/prebuilt.h"
#include "sql/statement/statement.h"
#include "store/model_names.h"

static void lower(char *text)
{
    for (; text != NULL && *text != '\0'; text++)
        if (*text >= 'A' && *text <= 'Z') *text = (char)(*text - 'A' + 'a');
}

/* ThanoSQL's columns are named by model in lower case. */
static char *label_of(struct sql_step *s, const char *name)
{
    size_t bytes = strlen(name);
    while (bytes > 1 && name[bytes - 1] == '/') bytes--;
    size_t start = bytes;
    while (start > 0 && name[start - 1] != '/') start--;
    char *label = arena_strndup(&s->plan->arena, name + start, bytes - start);
    lower(label);
    return label;
}

/* ... and by its base model: of one of this database's names what stands there, of the documents'
 * what they were; every other model is a CLIP. */
static enum status take_base(struct sql_step *s, const char *name, struct err *e)
{
    struct store_model_name own;
    const struct prebuilt *known = prebuilt_find(name);
    const char *class_name = known != NULL ? known->class_name : "CLIP";
    bool found;
    enum status st = store_model_name_find(s->session->store, name, &own, &found, e);
    if (st != ST_OK) return st;
    if (found && class_find(own.class_name) != NULL) class_name = own.class_name;
    char *base = arena_strndup(&s->plan->arena, class_name, strlen(class_name));
    if (base == NULL) return mem_err(e, 0);
    lower(base);
    s->base = base;
    return ST_OK;
}

/* A name of the documents that isn't here is told how it gets here, or why it can't. */
static enum status no_model(const char *name, const struct err *why, struct err *e)
{
    const struct prebuilt *known = why->code == ST_NOT_FOUND ? prebuilt_find(name) : NULL;
    if (known == NULL) return err_set(e, why->code, "%s", why->text);
    if (known->source == NULL)
        return err_set(e, ST_NOT_FOUND, "model %s (%s) can't be had: %s", known->name,
            known->class_name, known->why);
    return err_set(
        e, ST_NOT_FOUND, "model %s is not here: GET THANOSQL MODEL %s gets it", name, known->name);
}

enum status step_take_model(struct sql_step *s, struct err *e)
{
    const struct sql_ast *p = &s->plan->ast;
    const struct sql_literal *name = s->node->parts.model;
    if (name->kind != LITERAL_NAME && name->kind != LITERAL_TEXT)
        return sql_at(p, name->first, err_set(e, ST_INVALID, "USING takes a model's name"), e);
    struct err why = ERR_INIT;
    enum status st = sql_model_get(s->session, name->text, &s->model, &why);
    if (st != ST_OK) return sql_at(p, name->first, no_model(name->text, &why, e), e);
    if (model_info(s->model)->dim > LIMIT_VECTOR_DIM)
        return sql_at(p, name->first,
            err_set(e, ST_LIMIT, "model %s has %d dimensions, at most %d", name->text,
                model_info(s->model)->dim, LIMIT_VECTOR_DIM),
            e);
    s->label = label_of(s, name->text);
    return s->label != NULL ? take_base(s, name->text, e) : mem_err(e, 0);
}

char *step_vector_name(struct sql_step *s)
{
    return arena_printf(&s->plan->arena, "%s_%s", s->label, s->base);
}

char *step_other_vector_name(struct sql_step *s)
{
    bool clip = strcmp(s->base, "clip") == 0;
    return arena_printf(&s->plan->arena, "%s_%s", s->label, clip ? "clipen" : "clip");
}

char *step_vector_type(struct sql_step *s)
{
    return arena_printf(&s->plan->arena, "VECTOR_BLOB(%d)", model_info(s->model)->dim);
}

struct store_column step_declaration(const struct sql_step *s)
{
    const struct model_info *info = model_info(s->model);
    struct store_column c = {.dim = info->dim};
    snprintf(c.model, sizeof c.model, "%s", s->node->parts.model->text);
    snprintf(c.fingerprint, sizeof c.fingerprint, "%s", info->fingerprint);
    snprintf(c.metric, sizeof c.metric, "cosine");
    if (s->text_column >= 0 || s->picture_column < 0) return c;
    const char *picture = s->query_names[s->picture_column];
    if (strlen(picture) < sizeof c.picture) snprintf(c.picture, sizeof c.picture, "%s", picture);
    return c;
}

enum status step_find_pictures(const struct sql_step *s, int *out, struct err *e)
{
    static const char *const DEFAULTS[] = {"image_path", "image", "path"};
    const char *fingerprint = s->model != NULL ? model_info(s->model)->fingerprint : "";
    enum status st = trace_picture(s->session, s->rows, fingerprint, out, e);
    for (size_t i = 0; *out < 0 && i < sizeof DEFAULTS / sizeof DEFAULTS[0]; i++)
        *out = step_query_column(s, DEFAULTS[i]);
    return st;
}

static void note_unreadable(struct step_run *r, const struct embed_picture *p)
{
    if (r->unreadable++ > 0) return;
    /* A file's failure names the path already; a decoder's doesn't. */
    bool named = p->path == NULL || strstr(p->reason, p->path) != NULL;
    snprintf(r->first_unreadable, sizeof r->first_unreadable, "%s%s%s", named ? "" : p->path,
        named ? "" : ": ", p->reason);
}

/* The picture in q's column: a path, or the picture's own bytes. false: NULL. */
static bool take_picture(const struct step_run *r, int row, struct embed_picture *p)
{
    sqlite3_value *v = step_value(r, row, r->step->picture_column);
    int type = sqlite3_value_type(v);
    if (type == SQLITE_NULL) return false;
    if (type == SQLITE_BLOB) {
        p->data = sqlite3_value_bytes(v) > 0 ? sqlite3_value_blob(v) : "";
        p->bytes = (size_t)sqlite3_value_bytes(v);
        return true;
    }
    p->path = (const char *)sqlite3_value_text(v);
    return p->path != NULL;
}

enum status step_embed_pictures(struct step_run *r, bool *have, struct err *e)
{
    struct embed_picture pictures[MODEL_BATCH_MAX];
    int rows[MODEL_BATCH_MAX], count = 0;
    size_t dim = (size_t)model_info(r->step->model)->dim;
    if (r->vectors == NULL)
        r->vectors = mem_alloc_aligned((size_t)r->step->batch * dim * sizeof(float));
    if (r->vectors == NULL) return mem_err(e, 0);
    for (int i = 0; i < r->count; i++) {
        have[i] = false;
        pictures[count] = (struct embed_picture){.out = r->vectors + (size_t)i * dim};
        if (take_picture(r, i, &pictures[count])) rows[count++] = i;
    }
    if (count == 0) return ST_OK;
    enum status st = embed_pictures(r->step->session, r->step->model, pictures, count, e);
    for (int k = 0; st == ST_OK && k < count; k++) {
        have[rows[k]] = pictures[k].status == ST_OK;
        if (pictures[k].status != ST_OK) note_unreadable(r, &pictures[k]);
    }
    if (st == ST_OK)
        run_report(&r->step->session->run,
            &(struct run_progress){
                .what = "embedding", .done = r->done + (uint64_t)r->count, .total = r->total});
    return st;
}
