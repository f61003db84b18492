/* dataset.c - GET THANOSQL DATASET name [OPTIONS (overwrite=False)], and the catalogue as SQL:
 * fovea_datasets(), fovea_dataset_add(name, source[, sha256]), fovea_dataset_remove(name).
 */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "sql/internal.h"
#include "sql/listing.h"
#include "sql/statement/commands.h"
#include "sql/statement/datasets.h"
#include "sql/statement/ddl.h"

struct dataset_command {
    char name[sizeof((struct dataset *)NULL)->name];
    bool overwrite;
};

static bool is_dataset(struct sql_session *s, const struct sql_scan *scan)
{
    (void)s;
    return ddl_spells(scan, 0, "GET") &&
        !(ddl_spells(scan, 1, "THANOSQL") && ddl_spells(scan, 2, "MODEL"));
}

static enum status read_dataset(struct ddl *d, struct err *e)
{
    static const struct sql_option OPTIONS[] = {
        {.name = "overwrite", .type = OPTION_BOOLEAN, .fallback = "False"},
    };
    struct dataset_command *c = arena_alloc(&d->command->arena, sizeof *c);
    struct sql_option_values options;
    if (c == NULL) return mem_err(e, sizeof *c);
    d->command->data = c;
    d->usage = "GET THANOSQL {DATASET | MODEL} name [OPTIONS (overwrite=True)]";
    d->at = 1;
    enum status st = ddl_expect_word(d, "THANOSQL", e);
    if (st == ST_OK) st = ddl_expect_word(d, "DATASET", e);
    if (st == ST_OK) st = ddl_name(d, c->name, sizeof c->name, e);
    if (st == ST_OK) st = ddl_options(d, OPTIONS, 1, &options, e);
    if (st == ST_OK) c->overwrite = sql_option_boolean(&options, "overwrite");
    return st;
}

static enum status run_dataset(
    struct sql_session *s, const struct sql_command *command, struct err *e)
{
    const struct dataset_command *c = command->data;
    if (store_in_transaction(s->store))
        return err_set(e, ST_INVALID, "a data set can't be brought inside a transaction");
    return dataset_get(c->name, c->overwrite, &s->run, e);
}

const struct sql_command_kind sql_command_dataset = {
    .is = is_dataset, .read = read_dataset, .run = run_dataset, .message = "Success"};

/* --- the catalogue ---------------------------------------------------------------------------- */

static const char *or_null(const char *text)
{
    return text[0] != '\0' ? text : NULL;
}

static enum status add_row(void *user, const struct dataset *d, struct err *e)
{
    struct listing *l = user;
    enum status st = listing_add_text(l, d->name, e);
    if (st == ST_OK) st = listing_add_text(l, d->data_type, e);
    if (st == ST_OK) st = listing_add_text(l, or_null(d->source), e);
    return st == ST_OK ? listing_add_text(l, or_null(d->sha256), e) : st;
}

static enum status open_datasets(
    struct sql_session *s, struct sql_value *const *args, int count, void **cursor, struct err *e)
{
    (void)s, (void)args, (void)count;
    struct listing *l;
    enum status st = listing_open(4, &l, e);
    if (st == ST_OK) st = datasets_each(add_row, l, e);
    if (st == ST_OK)
        *cursor = l;
    else
        listing_close(l);
    return st;
}

static enum status take_argument(
    struct sql_value *v, const char *name, char *out, size_t bytes, struct err *e)
{
    const char *text = sql_value_text(v);
    if (text == NULL) return err_set(e, ST_INVALID, "the data set's %s is NULL", name);
    if (strlen(text) >= bytes)
        return err_set(e, ST_LIMIT, "the data set's %s is longer than %zu bytes", name, bytes - 1);
    snprintf(out, bytes, "%s", text);
    return ST_OK;
}

static enum status add_dataset(struct sql_session *s, struct sql_value *const *args, int count,
    struct sql_result *out, struct err *e)
{
    (void)s;
    struct dataset d = {.name = ""};
    enum status st = take_argument(args[0], "name", d.name, sizeof d.name, e);
    if (st == ST_OK) st = take_argument(args[1], "source", d.source, sizeof d.source, e);
    if (st == ST_OK && count > 2 && sql_value_type(args[2]) != SQL_NULL)
        st = take_argument(args[2], "sha256", d.sha256, sizeof d.sha256, e);
    if (st == ST_OK) st = dataset_add(&d, e);
    if (st == ST_OK) sql_result_text(out, d.name, -1);
    return st;
}

static enum status remove_dataset(struct sql_session *s, struct sql_value *const *args, int count,
    struct sql_result *out, struct err *e)
{
    (void)s, (void)count;
    const char *name = sql_value_text(args[0]);
    if (name == NULL) return err_set(e, ST_INVALID, "the data set's name is NULL");
    enum status st = dataset_remove(name, e);
    if (st == ST_OK) sql_result_text(out, name, -1);
    return st;
}

static const struct sql_tabfn DATASETS = {
    .name = "fovea_datasets",
    .columns = "name TEXT, data_type TEXT, source TEXT, sha256 TEXT",
    .args = "",
    .open = open_datasets,
    .next = listing_next,
    .column = listing_column,
    .close = listing_close,
};

static const struct sql_scalar CHANGES[] = {
    {.name = "fovea_dataset_add",
        .args_min = 2,
        .args_max = 3,
        .direct_only = true,
        .call = add_dataset},
    {.name = "fovea_dataset_remove",
        .args_min = 1,
        .args_max = 1,
        .direct_only = true,
        .call = remove_dataset},
};

enum status sql_datasets_add(struct sql_session *s, struct err *e)
{
    enum status st = sql_tabfn_add(s, &DATASETS, e);
    for (size_t i = 0; st == ST_OK && i < sizeof CHANGES / sizeof CHANGES[0]; i++)
        st = sql_scalar_add(s, &CHANGES[i], e);
    return st;
}
