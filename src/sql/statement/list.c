/* list.c - LIST MODEL, LIST TABLE, LIST THANOSQL MODEL, LIST THANOSQL DATASET: rows like any other,
 * so that a SELECT may be put around them.
 *
 * LIST MODEL shows what USING takes here: the database's own names, then the models of this
 * machine. LIST THANOSQL MODEL shows what GET brings.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/file.h"
#include "base/mem.h"
#include "model/registry.h"
#include "sql/internal.h"
#include "sql/listing.h"
#include "sql/statement/commands.h"
#include "sql/statement/datasets.h"
#include "sql/statement/prebuilt.h"
#include "sql/statement/statement.h"
#include "store/model_names.h"

/* --- fovea_model_list('here' | 'documents') ----------------------------------------------------
 */

static enum status add_model(
    struct listing *l, const char *name, const char *class_name, const char *updated, struct err *e)
{
    enum status st = listing_add_text(l, name, e);
    if (st == ST_OK) st = listing_add_text(l, class_name, e);
    return st == ST_OK ? listing_add_text(l, updated, e) : st;
}

/* A folder's model, as old as its config. */
static enum status add_found(void *user, const char *name, const char *dir, struct err *e)
{
    char text[32] = "", *path = file_join(dir, "config.json");
    struct stat info;
    struct tm utc;
    if (path != NULL && stat(path, &info) == 0 && gmtime_r(&info.st_mtime, &utc) != NULL)
        strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &utc);
    mem_free(path);
    return add_model(user, name, "CLIP", text[0] != '\0' ? text : NULL, e);
}

static enum status add_named(void *user, const struct store_model_name *m, struct err *e)
{
    return add_model(user, m->name, m->class_name, m->updated, e);
}

static enum status add_here(struct sql_session *s, struct listing *l, struct err *e)
{
    enum status st = store_model_names_each(s->store, add_named, l, e);
    return st == ST_OK ? model_list(add_found, l, e) : st;
}

static enum status add_documents(struct listing *l, struct err *e)
{
    enum status st = ST_OK;
    const struct prebuilt *p;
    const struct model_known *k;
    for (size_t i = 0; st == ST_OK && (p = prebuilt_at(i)) != NULL; i++)
        if (p->source != NULL) st = add_model(l, p->name, p->class_name, NULL, e);
    for (size_t i = 0; st == ST_OK && (k = model_known_at(i)) != NULL; i++)
        st = add_model(l, k->name, "CLIP", NULL, e);
    return st;
}

static enum status open_models(
    struct sql_session *s, struct sql_value *const *args, int count, void **cursor, struct err *e)
{
    (void)count;
    const char *which = sql_value_text(args[0]);
    bool here = which != NULL && strcmp(which, "here") == 0;
    struct listing *l;
    if (!here && (which == NULL || strcmp(which, "documents") != 0))
        return err_set(e, ST_INVALID, "fovea_model_list takes 'here' or 'documents'");
    enum status st = listing_open(3, &l, e);
    if (st == ST_OK) st = here ? add_here(s, l, e) : add_documents(l, e);
    if (st == ST_OK)
        *cursor = l;
    else
        listing_close(l);
    return st;
}

static const struct sql_tabfn MODELS = {
    .name = "fovea_model_list",
    .columns = "name TEXT, class_name TEXT, last_updated_utc TEXT",
    .args = "which",
    .args_required = 1,
    .open = open_models,
    .next = listing_next,
    .column = listing_column,
    .close = listing_close,
};

enum status sql_lists_add(struct sql_session *s, struct err *e)
{
    enum status st = sql_tabfn_add(s, &MODELS, e);
    return st == ST_OK ? sql_datasets_add(s, e) : st;
}

/* --- the statements --------------------------------------------------------------------------- */

/* By the words behind LIST. */
static const struct {
    int media;
    bool thanosql;
    const char *sql;
} SOURCES[] = {
    {TK_MODEL, false, "SELECT name, class_name, last_updated_utc FROM fovea_model_list('here')"},
    {TK_MODEL, true,
        "SELECT name, class_name, last_updated_utc FROM fovea_model_list('documents')"},
    {TK_DATASET, true, "SELECT name, data_type FROM fovea_datasets()"},
    {TK_TABLE, false,
        "SELECT name AS table_name FROM sqlite_schema WHERE type='table' AND name NOT GLOB"
        " 'sqlite_*' AND name NOT GLOB 'fovea_*' ORDER BY name"},
};

static enum status list_source(struct sql_step *s, struct buf *sql, struct err *e)
{
    (void)e;
    for (size_t i = 0; i < sizeof SOURCES / sizeof SOURCES[0]; i++)
        if (SOURCES[i].media == s->statement->media &&
            SOURCES[i].thanosql == s->statement->thanosql)
            buf_add_str(sql, SOURCES[i].sql);
    return ST_OK;
}

static enum status list_plan(struct sql_step *s, struct err *e)
{
    return step_columns_of_query(s, -1, e);
}

static enum status list_compute(struct step_run *r, struct err *e)
{
    (void)r, (void)e;
    return ST_OK;
}

static void list_describe(const struct sql_step *s, struct buf *out)
{
    buf_printf(out, "%s", s->statement->name);
}

#define LIST(words, kind, of_thanosql)                                                             \
    {                                                                                              \
        .name = words, .token = TK_LIST, .media = kind, .thanosql = of_thanosql, .no_model = true, \
        .source = list_source, .plan = list_plan, .compute = list_compute,                         \
        .describe = list_describe                                                                  \
    }
const struct sql_statement statement_list_model = LIST("LIST MODEL", TK_MODEL, false);
const struct sql_statement statement_list_table = LIST("LIST TABLE", TK_TABLE, false);
const struct sql_statement statement_list_prebuilt = LIST("LIST THANOSQL MODEL", TK_MODEL, true);
const struct sql_statement statement_list_dataset = LIST("LIST THANOSQL DATASET", TK_DATASET, true);
