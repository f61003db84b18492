/* session.c - opening a session, the models it holds, and how a running statement is stopped.
 *
 * SQLite's own work is stopped through its progress handler, which looks at the same struct run as
 * our loops do: one cancel flag and one deadline for both. Models are opened once and kept: opening
 * one maps and packs its weights. Threads: one at a time; sql_cancel sets an atomic and SQLite's
 * interrupt flag (an atomic store), so that it may come from another thread or a signal handler.
 */
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "model/registry.h"
#include "sql/function/words.h"
#include "sql/internal.h"
#include "sql/kept.h"
#include "sql/nearest/knn.h"
#include "sql/plan/parameters.h"
#include "sql/statement/commands.h"
#include "sql/statement/embed.h"
#include "sql/text/expect.h"
#include "store/model_names.h"

enum { PROGRESS_OPS = 4000 }; /* virtual machine steps between two looks at the clock: some 50 us */

struct sql_model_slot {
    struct sql_model_slot *next;
    char *name;
    char *dir;
    struct model *model; /* owned by the first slot of its folder */
    struct model_worker *worker;
    bool owner;
};

static int on_progress(void *user)
{
    struct sql_session *s = user;
    return run_check(&s->run, NULL) != ST_OK;
}

/* Takes the store over. */
static enum status open_on(struct store *store, struct sql_session **out, struct err *e)
{
    struct sql_session *s = mem_zalloc(1, sizeof *s);
    if (s == NULL) {
        store_close(store);
        return mem_err(e, sizeof *s);
    }
    atomic_init(&s->cancel, 0);
    s->run.cancel = &s->cancel;
    s->fault = ERR_INIT;
    s->store = store;
    s->db = store_sqlite(store);
    s->changed = -1;
    if (!store_is_adopted(store)) sqlite3_progress_handler(s->db, PROGRESS_OPS, on_progress, s);
    enum status st = embed_cache_open(&s->cache, e);
    if (st == ST_OK)
        *out = s;
    else
        sql_session_close(s);
    return st;
}

enum status sql_session_fill(struct sql_session *s, struct err *e)
{
    enum status st = sql_functions_add(s, e);
    if (st == ST_OK) st = sql_files_add(s, e);
    if (st == ST_OK) st = sql_settings_add(s, e);
    if (st == ST_OK) st = sql_words_add(s, e);
    if (st == ST_OK) st = sql_query_table_add(s, e);
    if (st == ST_OK) st = sql_knn_add(s, e);
    if (st == ST_OK) st = sql_near_duplicates_add(s, e);
    if (st == ST_OK) st = sql_lists_add(s, e);
    if (st == ST_OK) st = sql_vector_indexes_add(s, e);
    mem_free(s->builtins);
    s->builtins = NULL;
    return st;
}

enum status sql_session_open(
    const char *path, const struct store_options *how, struct sql_session **out, struct err *e)
{
    struct store *store;
    *out = NULL;
    enum status st = store_open(path, how, &store, e);
    if (st == ST_OK) st = open_on(store, out, e);
    if (st == ST_OK) st = sql_session_fill(*out, e);
    if (st == ST_OK || *out == NULL) return st;
    sql_session_close(*out);
    *out = NULL;
    return st;
}

enum status sql_session_adopt(struct sqlite3 *db, struct sql_session **out, struct err *e)
{
    struct store *store;
    *out = NULL;
    enum status st = store_adopt(db, &store, e);
    return st == ST_OK ? open_on(store, out, e) : st;
}

static void close_models(struct sql_session *s)
{
    for (struct sql_model_slot *m = s->models; m != NULL; m = m->next) {
        model_worker_close(m->worker);
        m->worker = NULL;
    }
    while (s->models != NULL) {
        struct sql_model_slot *m = s->models;
        s->models = m->next;
        if (m->owner) model_close(m->model);
        mem_free(m->name);
        mem_free(m->dir);
        mem_free(m);
    }
}

void sql_session_close(struct sql_session *s)
{
    if (s == NULL) return;
    sql_kept_close(s);
    sqlite3_finalize(s->vector_names);
    store_close(s->store);
    close_models(s);
    embed_cache_close(s->cache);
    sql_parameters_clear(s);
    mem_free(s->builtins);
    mem_free(s);
}

struct store *sql_session_store(struct sql_session *s)
{
    return s->store;
}

struct run *sql_session_run(struct sql_session *s)
{
    return &s->run;
}

void sql_cancel(struct sql_session *s)
{
    atomic_store(s->run.cancel != NULL ? s->run.cancel : &s->cancel, 1);
    sqlite3_interrupt(s->db);
}

void sql_count_read(struct sql_session *s, uint64_t rows, int64_t bytes)
{
    struct sql_statistics *read = &s->read;
    bool first = read->rows_read < 0, known = bytes >= 0 && (first || read->bytes_read >= 0);
    read->rows_read = (first ? 0 : read->rows_read) + (int64_t)rows;
    read->bytes_read = known ? (first ? 0 : read->bytes_read) + bytes : -1;
}

struct sql_statistics sql_statistics(const struct sql_session *s)
{
    return s->read;
}

int64_t sql_changes(const struct sql_session *s)
{
    return s->changed >= 0 ? s->changed : store_changes(s->store);
}

/* --- models ----------------------------------------------------------------------------------- */

static struct sql_model_slot *slot_find(struct sql_session *s, const char *name, const char *dir)
{
    for (struct sql_model_slot *m = s->models; m != NULL; m = m->next) {
        if (name != NULL && strcmp(m->name, name) == 0) return m;
        if (dir != NULL && strcmp(m->dir, dir) == 0) return m;
    }
    return NULL;
}

/* dir is taken over. */
static enum status slot_add(
    struct sql_session *s, const char *name, char *dir, struct sql_model_slot **out, struct err *e)
{
    struct sql_model_slot *same = slot_find(s, NULL, dir);
    struct sql_model_slot *m = mem_zalloc(1, sizeof *m);
    char *copy = mem_strdup(name);
    enum status st = m == NULL || copy == NULL ? mem_err(e, sizeof *m) : ST_OK;
    if (st == ST_OK && same != NULL) m->model = same->model;
    if (st == ST_OK && same == NULL) st = model_open(name, dir, &m->model, e);
    if (st != ST_OK) {
        mem_free(m);
        mem_free(copy);
        mem_free(dir);
        return st;
    }
    *m = (struct sql_model_slot){
        .next = s->models, .name = copy, .dir = dir, .model = m->model, .owner = same == NULL};
    s->models = *out = m;
    return ST_OK;
}

/* A name of the database's own stands for what the registry finds. */
static enum status find_model(struct sql_session *s, const char *name, char **dir, struct err *e)
{
    struct store_model_name own;
    bool found;
    enum status st = store_model_name_find(s->store, name, &own, &found, e);
    if (st == ST_OK) st = model_find(found ? own.source : name, dir, e);
    if (st == ST_NOT_FOUND) sql_suggest_model(s, name, e);
    return st;
}

enum status sql_model_get(
    struct sql_session *s, const char *name, struct model **out, struct err *e)
{
    struct sql_model_slot *m = slot_find(s, name, NULL);
    if (m == NULL) {
        char *dir;
        enum status st = find_model(s, name, &dir, e);
        if (st == ST_OK) st = slot_add(s, name, dir, &m, e);
        if (st != ST_OK) return st;
    }
    *out = m->model;
    return ST_OK;
}

enum status sql_model_check(struct sql_session *s, const char *name, struct err *e)
{
    char *dir = NULL;
    if (slot_find(s, name, NULL) != NULL) return ST_OK;
    enum status st = find_model(s, name, &dir, e);
    mem_free(dir);
    return st;
}

void sql_model_forget(struct sql_session *s, const char *name)
{
    for (struct sql_model_slot *m = s->models; m != NULL; m = m->next)
        if (strcasecmp(m->name, name) == 0) m->name[0] = '\0';
}

enum status sql_model_worker(
    struct sql_session *s, struct model *model, struct model_worker **out, struct err *e)
{
    struct sql_model_slot *m = s->models;
    while (m != NULL && !(m->model == model && m->owner)) m = m->next;
    if (m == NULL) return err_set(e, ST_INTERNAL, "the model is not one of this session's");
    if (m->worker == NULL) {
        enum status st = model_worker_open(model, run_threads(&s->run), &m->worker, e);
        if (st != ST_OK) return st;
    }
    *out = m->worker;
    return ST_OK;
}

/* --- failures --------------------------------------------------------------------------------- */

/* In a host no statement of ours begins that would take a cancel back: it ends with its failure. */
static void keep_fault(struct sql_session *s, const struct err *e)
{
    s->fault = *e;
    if (store_is_adopted(s->store)) atomic_store(&s->cancel, 0);
}

void sql_fault(struct sql_session *s, sqlite3_context *ctx, const struct err *e)
{
    keep_fault(s, e);
    sqlite3_result_error(ctx, e->text, -1);
    sqlite3_result_error_code(ctx, status_row(e->code)->sqlite);
}

int sql_fault_vtab(struct sql_session *s, sqlite3_vtab *vtab, const struct err *e)
{
    keep_fault(s, e);
    sqlite3_free(vtab->zErrMsg);
    vtab->zErrMsg = sqlite3_mprintf("%s", e->text);
    return status_row(e->code)->sqlite;
}

/* SQLite's one code for everything wrong with a statement, told apart by its words. */
static enum status status_of_words(const char *words)
{
    static const struct {
        const char *piece;
        enum status st;
    } KINDS[] = {
        {"syntax error", ST_SYNTAX},
        {"incomplete input", ST_SYNTAX},
        {"unrecognized token", ST_SYNTAX},
        {"no such ", ST_NOT_FOUND},
        {"already exists", ST_EXISTS},
        {"already another table", ST_EXISTS},
        {"parser stack overflow", ST_LIMIT},
        {"too many ", ST_LIMIT},
        {"too large", ST_LIMIT},
    };
    for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++)
        if (strstr(words, KINDS[i].piece) != NULL) return KINDS[i].st;
    return ST_INVALID;
}

enum status sql_word(struct sql_session *s, int rc, struct err *e)
{
    const char *words = sqlite3_errmsg(s->db);
    if (s->fault.code != ST_OK && strstr(words, s->fault.text) != NULL) {
        if (e != NULL) *e = s->fault;
        enum status st = s->fault.code;
        s->fault = ERR_INIT;
        return st;
    }
    if ((rc & 0xff) == SQLITE_INTERRUPT) {
        enum status st = run_check(&s->run, e);
        return st != ST_OK ? st : err_set(e, ST_CANCELLED, "cancelled");
    }
    enum status st = store_err(s->store, rc, e);
    if (st != ST_INVALID || e == NULL) return st;
    return e->code = status_of_words(e->text);
}
