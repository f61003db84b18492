/* pick.c - model to column, with as little opening of weights as can be.
 *
 * An unchanged library is looked through without opening the model: the library remembers a stamp
 * of the model's files (name, size and time of each) beside the fingerprint they had.
 */
#include "library/pick.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"
#include "model/registry.h"

/* Sums the files' hashes, so that the order in which the folder gives them does not matter. */
static enum status stamp_folder(const char *dir, char out[HASH_CONTENT_CHARS], struct err *e)
{
    uint64_t sum[2] = {hash_64(dir, strlen(dir), 0), 0};
    const struct dirent *d;
    DIR *files = opendir(dir);
    if (files == NULL) return err_set_errno(e, errno, "%s", dir);
    while ((d = readdir(files)) != NULL) {
        struct stat info;
        struct buf line;
        if (fstatat(dirfd(files), d->d_name, &info, 0) != 0 || !S_ISREG(info.st_mode)) continue;
        buf_init(&line);
        buf_printf(&line, "%s %lld %lld.%09ld", d->d_name, (long long)info.st_size,
            (long long)info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
        if (!line.failed) sum[0] += hash_64(line.data, line.bytes, 1);
        sum[1] += line.failed;
        buf_deinit(&line);
    }
    closedir(files);
    if (sum[1] > 0) return mem_err(e, 0);
    hash_content(sum, sizeof sum, out);
    return ST_OK;
}

/* The name that will find the model again: a folder's becomes its real path. */
static enum status set_name(struct pick *p, const char *name, struct err *e)
{
    char *real = NULL;
    if (strchr(name, '/') != NULL && file_is_dir(name)) {
        real = file_real_path(name, e);
        if (real == NULL) return e != NULL ? e->code : ST_IO;
        name = real;
    }
    enum status st = ST_OK;
    if (strlen(name) >= sizeof p->model)
        st = err_set(e, ST_LIMIT, "the model's name has more than %zu bytes", sizeof p->model - 1);
    else
        snprintf(p->model, sizeof p->model, "%s", name);
    mem_free(real);
    return st;
}

/* The name asked for, else the library's own, else the default. */
static enum status name_model(struct store *s, const char *name, struct pick *p, struct err *e)
{
    struct buf own;
    bool found = false;
    enum status st = ST_OK;
    *p = (struct pick){.stamp_fresh = true};
    buf_init(&own);
    if (name == NULL) st = tables_fact_get(s, "model", &own, &found, e);
    if (st == ST_OK) st = set_name(p, name != NULL ? name : found ? own.data : MODEL_DEFAULT, e);
    buf_deinit(&own);
    return st;
}

static enum status stamp_matches(
    struct store *s, const char *column, const char *stamp, bool *same, struct err *e)
{
    char key[TABLES_COLUMN_CHARS + 16];
    struct buf kept;
    buf_init(&kept);
    snprintf(key, sizeof key, "stamp:%s", column);
    enum status st = tables_fact_get(s, key, &kept, same, e);
    *same = st == ST_OK && *same && strcmp(kept.data, stamp) == 0;
    buf_deinit(&kept);
    return st;
}

/* embedding_<the name's last part>, in letters, digits and _; a number behind it where that is
 * taken. */
static void name_column(const struct tables_columns *all, struct pick *p)
{
    char base[48];
    size_t n = 0;
    for (const char *c = file_base_name(p->model); *c != '\0' && n + 1 < sizeof base; c++)
        base[n++] = isalnum((unsigned char)*c) ? (char)tolower((unsigned char)*c) : '_';
    base[n] = '\0';
    for (int copy = 1, taken = 1; taken != 0; copy++) {
        taken = 0;
        if (copy == 1)
            snprintf(p->column.name, sizeof p->column.name, "embedding_%s", base);
        else
            snprintf(p->column.name, sizeof p->column.name, "embedding_%s_%d", base, copy);
        for (int i = 0; i < all->count; i++)
            taken |= strcasecmp(all->at[i].name, p->column.name) == 0;
    }
}

static const struct tables_column *find_fingerprint(
    const struct tables_columns *all, const char *fingerprint)
{
    for (int i = 0; i < all->count; i++)
        if (strcmp(all->at[i].of.fingerprint, fingerprint) == 0) return &all->at[i];
    return NULL;
}

static const struct tables_column *find_name(const struct tables_columns *all, const char *model)
{
    for (int i = 0; i < all->count; i++)
        if (strcmp(all->at[i].of.model, model) == 0) return &all->at[i];
    return NULL;
}

static void describe(const struct pick *p, struct store_column *out)
{
    const struct model_info *info = model_info(p->open);
    *out = (struct store_column){.dim = info->dim, .metric = "cosine"};
    snprintf(out->model, sizeof out->model, "%s", p->model);
    snprintf(out->fingerprint, sizeof out->fingerprint, "%s", info->fingerprint);
}

/* With the model open: the column of its fingerprint, the one it replaces, or a new one. */
static enum status choose_column(const struct tables_columns *all, struct pick *p, struct err *e)
{
    const struct tables_column *same = find_fingerprint(all, model_info(p->open)->fingerprint);
    const struct tables_column *namesake = find_name(all, p->model);
    p->declared = same != NULL;
    p->replaced = same == NULL && namesake != NULL;
    if (same != NULL || namesake != NULL) {
        p->column = same != NULL ? *same : *namesake;
    } else if (all->count == 0) {
        snprintf(p->column.name, sizeof p->column.name, "embedding");
    } else {
        if (all->count == TABLES_COLUMNS_MAX)
            return err_set(
                e, ST_LIMIT, "the library has vectors of %d models already", TABLES_COLUMNS_MAX);
        name_column(all, p);
    }
    describe(p, &p->column.of);
    return ST_OK;
}

enum status pick_for_index(
    struct sql_session *s, struct store *store, const char *name, struct pick *out, struct err *e)
{
    struct tables_columns all = {.count = 0};
    char *dir = NULL;
    enum status st = name_model(store, name, out, e);
    if (st == ST_OK) st = tables_columns_read(store, &all, e);
    if (st == ST_OK) st = model_find(out->model, &dir, e);
    if (st == ST_OK) st = stamp_folder(dir, out->stamp, e);
    mem_free(dir);
    for (int i = 0; st == ST_OK && i < all.count && !out->declared; i++) {
        st = stamp_matches(store, all.at[i].name, out->stamp, &out->declared, e);
        if (out->declared) out->column = all.at[i];
        out->stamp_fresh = !out->declared;
    }
    if (st != ST_OK || out->declared) return st;
    st = sql_model_get(s, out->model, &out->open, e);
    return st == ST_OK ? choose_column(&all, out, e) : st;
}

enum status pick_open_model(struct sql_session *s, struct pick *p, struct err *e)
{
    if (p->open != NULL) return ST_OK;
    enum status st = sql_model_get(s, p->model, &p->open, e);
    if (st != ST_OK) return st;
    if (strcmp(model_info(p->open)->fingerprint, p->column.of.fingerprint) != 0)
        return err_set(
            e, ST_MISMATCH, "model %s changed while it was read: run it again", p->model);
    return ST_OK;
}

static enum status add_column(struct store *s, const char *name, struct err *e)
{
    struct buf sql;
    int64_t there = 0;
    buf_init(&sql);
    buf_printf(&sql, "SELECT count(*) FROM pragma_table_info('images') WHERE name = '%s'", name);
    enum status st = buf_check(&sql, e);
    if (st == ST_OK) st = tables_number(s, sql.data, &there, e);
    buf_clear(&sql);
    buf_printf(&sql, "ALTER TABLE images ADD COLUMN \"%s\" BLOB", name);
    if (st == ST_OK) st = buf_check(&sql, e);
    if (st == ST_OK && there == 0) st = store_exec(s, sql.data, e);
    buf_deinit(&sql);
    return st;
}

static enum status empty_column(struct store *s, const char *name, struct err *e)
{
    struct buf sql;
    buf_init(&sql);
    buf_printf(&sql,
        "UPDATE images SET \"%s\" = NULL; DELETE FROM fovea_library WHERE key = 'background:%s'",
        name, name);
    enum status st = buf_check(&sql, e);
    if (st == ST_OK) st = store_exec(s, sql.data, e);
    buf_deinit(&sql);
    return st;
}

static enum status declare(struct store *s, struct pick *p, struct err *e)
{
    char key[TABLES_COLUMN_CHARS + 16];
    bool found = false;
    struct buf own;
    enum status st = ST_OK;
    buf_init(&own);
    if (!p->declared) st = add_column(s, p->column.name, e);
    if (st == ST_OK && p->replaced) st = empty_column(s, p->column.name, e);
    if (st == ST_OK && !p->declared)
        st = store_column_set(s, "images", p->column.name, &p->column.of, e);
    snprintf(key, sizeof key, "stamp:%s", p->column.name);
    if (st == ST_OK) st = tables_fact_set(s, key, p->stamp, -1, e);
    if (st == ST_OK) st = tables_fact_get(s, "model", &own, &found, e);
    if (st == ST_OK && !found) st = tables_fact_set(s, "model", p->model, -1, e);
    buf_deinit(&own);
    return st;
}

enum status pick_declare(struct store *s, struct pick *p, struct err *e)
{
    if (p->declared && !p->stamp_fresh) return ST_OK;
    enum status st = store_begin(s, e);
    if (st == ST_OK) st = declare(s, p, e);
    if (st == ST_OK) st = store_commit(s, e);
    if (st != ST_OK) {
        store_rollback(s);
        return st;
    }
    p->declared = true;
    p->stamp_fresh = false;
    return ST_OK;
}

static enum status mismatch(const struct tables_columns *all, const struct pick *p, struct err *e)
{
    const struct tables_column *namesake = find_name(all, p->model);
    const char *fingerprint = model_info(p->open)->fingerprint;
    if (namesake != NULL)
        return err_set(e, ST_MISMATCH,
            "the library's vectors were made by another %s (%.8s) than the one "
            "here (%.8s): fovea index DIR embeds the pictures anew",
            p->model, namesake->of.fingerprint, fingerprint);
    struct buf names;
    buf_init(&names);
    for (int i = 0; i < all->count; i++)
        buf_printf(&names, "%s%s", i > 0 ? ", " : "", all->at[i].of.model);
    err_set(e, ST_MISMATCH,
        "the library has no vectors of %s (it has those of: %s): "
        "fovea index --model %s DIR adds them",
        p->model, all->count > 0 ? names.data : "none", p->model);
    buf_deinit(&names);
    return ST_MISMATCH;
}

enum status pick_for_search(
    struct sql_session *s, const char *name, struct pick *out, struct err *e)
{
    struct store *store = sql_session_store(s);
    struct tables_columns all = {.count = 0};
    enum status st = name_model(store, name, out, e);
    if (st == ST_OK) st = tables_columns_read(store, &all, e);
    if (st == ST_OK) st = sql_model_get(s, out->model, &out->open, e);
    if (st != ST_OK) return st;
    const struct tables_column *own = find_fingerprint(&all, model_info(out->open)->fingerprint);
    if (own == NULL) return mismatch(&all, out, e);
    out->column = *own;
    out->declared = true;
    return ST_OK;
}
