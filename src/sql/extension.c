/* extension.c - the session of a host's connection, from .load to the connection's end.
 *
 * The table fovea_session (one row: the version) holds it. Closing a connection first disconnects
 * virtual tables, while statements may still be finalized, then looks whether any are left, and at
 * last destroys the modules: xDisconnect lets go of what the store keeps open, the module's
 * destructor closes the session. A host that could not close after all goes on with the store
 * opening again what it needs.
 *
 * A host is stopped by sqlite3_interrupt; before SQLite 3.41 nothing says so but a statement that
 * refuses to run. While long work reports its progress, one is tried now and then.
 */
#include "sql/extension.h"

#include "base/mem.h"
#include "sql/internal.h"
#include "store/vectors.h"

/* What is used: sqlite3_error_offset is the newest, of 3.38. */
enum { SQLITE_VERSION_LEAST = 3038000, LOOK_MS = 50 };
static const char TABLE[] = "fovea_session";

SQLITE_EXTENSION_INIT1

struct host {
    struct sql_session *session;
    const char *version;
    sqlite3_stmt *look; /* SELECT 1 */
    int64_t looked_ms;
};

struct host_table {
    sqlite3_vtab base;
    struct host *host;
};

struct host_cursor {
    sqlite3_vtab_cursor base;
    const char *version;
    bool given;
};

/* --- the table fovea_session ---------------------------------------------------------------------
 */

static int table_connect(
    sqlite3 *db, void *aux, int argc, const char *const *argv, sqlite3_vtab **out, char **message)
{
    (void)argc, (void)argv, (void)message;
    int rc = sqlite3_declare_vtab(db, "CREATE TABLE x(version TEXT)");
    struct host_table *t = rc == SQLITE_OK ? mem_zalloc(1, sizeof *t) : NULL;
    if (t == NULL) return rc == SQLITE_OK ? SQLITE_NOMEM : rc;
    t->host = aux;
    *out = &t->base;
    return SQLITE_OK;
}

static int table_disconnect(sqlite3_vtab *base)
{
    struct host *h = ((struct host_table *)base)->host;
    sqlite3_finalize(h->look);
    h->look = NULL;
    store_vectors_close(h->session->store);
    mem_free(base);
    return SQLITE_OK;
}

static int table_best_index(sqlite3_vtab *base, sqlite3_index_info *info)
{
    (void)base;
    info->estimatedCost = 1;
    info->estimatedRows = 1;
    return SQLITE_OK;
}

static int cursor_open(sqlite3_vtab *base, sqlite3_vtab_cursor **out)
{
    struct host_cursor *c = mem_zalloc(1, sizeof *c);
    if (c == NULL) return SQLITE_NOMEM;
    c->version = ((struct host_table *)base)->host->version;
    *out = &c->base;
    return SQLITE_OK;
}

static int cursor_close(sqlite3_vtab_cursor *base)
{
    mem_free(base);
    return SQLITE_OK;
}

static int cursor_filter(
    sqlite3_vtab_cursor *base, int plan, const char *text, int argc, sqlite3_value **argv)
{
    (void)plan, (void)text, (void)argc, (void)argv;
    ((struct host_cursor *)base)->given = false;
    return SQLITE_OK;
}

static int cursor_next(sqlite3_vtab_cursor *base)
{
    ((struct host_cursor *)base)->given = true;
    return SQLITE_OK;
}

static int cursor_eof(sqlite3_vtab_cursor *base)
{
    return ((struct host_cursor *)base)->given;
}

static int cursor_column(sqlite3_vtab_cursor *base, sqlite3_context *ctx, int column)
{
    (void)column;
    sqlite3_result_text(ctx, ((struct host_cursor *)base)->version, -1, SQLITE_STATIC);
    return SQLITE_OK;
}

static int cursor_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *rowid)
{
    (void)base;
    *rowid = 1;
    return SQLITE_OK;
}

static const sqlite3_module MODULE = {
    .xConnect = table_connect,
    .xBestIndex = table_best_index,
    .xDisconnect = table_disconnect,
    .xOpen = cursor_open,
    .xClose = cursor_close,
    .xFilter = cursor_filter,
    .xNext = cursor_next,
    .xEof = cursor_eof,
    .xColumn = cursor_column,
    .xRowid = cursor_rowid,
};

/* --- the host's interrupt ------------------------------------------------------------------------
 */

static void on_progress(void *user, const struct run_progress *p)
{
    (void)p;
    struct host *h = user;
    int64_t now = run_now_ms();
    if (now - h->looked_ms < LOOK_MS) return;
    h->looked_ms = now;
    sqlite3 *db = h->session->db;
    if (h->look == NULL && sqlite3_prepare_v2(db, "SELECT 1", -1, &h->look, NULL) != SQLITE_OK)
        return;
    if (sqlite3_step(h->look) == SQLITE_INTERRUPT) atomic_store(&h->session->cancel, 1);
    sqlite3_reset(h->look);
}

/* --- opening -------------------------------------------------------------------------------------
 */

static void host_close(void *user)
{
    struct host *h = user;
    sql_session_close(h->session);
    mem_free(h);
}

static bool has_session(sqlite3 *db)
{
    sqlite3_stmt *st = NULL;
    const char *sql = "SELECT 1 FROM pragma_module_list WHERE name = 'fovea_session'";
    bool has =
        sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW;
    sqlite3_finalize(st);
    return has;
}

/* Its first use connects the table, and from then on its end is heard of. */
static int register_host(sqlite3 *db, struct host *h)
{
    int rc =
        sqlite3_create_module_v2(db, TABLE, &MODULE, h, host_close); /* h is the module's now */
    return rc == SQLITE_OK ? sqlite3_exec(db, "SELECT 1 FROM fovea_session", NULL, NULL, NULL) : rc;
}

static int say(const struct sql_host *host, const struct err *e)
{
    if (host->message != NULL) *host->message = sqlite3_mprintf("%s", e->text);
    return SQLITE_ERROR;
}

/* The module comes before the functions: whatever fails behind it, they have their session. */
static int open_session(const struct sql_host *host, struct err *e)
{
    struct host *h = mem_zalloc(1, sizeof *h);
    enum status st =
        h != NULL ? sql_session_adopt(host->db, &h->session, e) : mem_err(e, sizeof *h);
    if (st != ST_OK) {
        mem_free(h);
        return say(host, e);
    }
    h->version = host->version;
    h->session->run.progress = on_progress;
    h->session->run.user = h;
    int rc = register_host(host->db, h);
    if (rc != SQLITE_OK) return rc;
    st = sql_session_fill(h->session, e);
    if (st == ST_OK) st = host->attach(h->session, e);
    return st == ST_OK ? SQLITE_OK : say(host, e);
}

int sql_extension_open(const struct sql_host *host)
{
    struct err e = ERR_INIT;
    SQLITE_EXTENSION_INIT2(host->api)
    if (sqlite3_libversion_number() < SQLITE_VERSION_LEAST) {
        err_set(&e, ST_UNSUPPORTED, "fovea needs SQLite 3.38 or newer, this is %s",
            sqlite3_libversion());
        return say(host, &e);
    }
    if (sqlite3_threadsafe() == 0) {
        err_set(&e, ST_UNSUPPORTED, "fovea needs an SQLite that knows threads");
        return say(host, &e);
    }
    int rc = has_session(host->db) ? SQLITE_OK : open_session(host, &e);
    /* Threads of oneDNN outlive the connection: the code must stay mapped. */
    return rc == SQLITE_OK ? SQLITE_OK_LOAD_PERMANENTLY : rc;
}
