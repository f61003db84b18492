/* sqlite.c - the door of SQLite for everything but sql/: opening, transactions, statements.
 *
 * Settings and why: WAL so that readers never wait; synchronous=FULL because the file is the truth;
 * 64 KiB pages because rows hold vectors (three times the insert rate of 4 KiB, measured);
 * recursive_triggers so that REPLACE fires delete triggers; a 64 MiB cache and mmap because a scan
 * reads every page once.
 */
#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "store/sqlite_api.h"
#include "store/store.h"

enum { BUSY_WAIT_MS = 5000, DEPTH_MAX = 16, KEPT_MAX = 8 };

struct store {
    sqlite3 *db;
    char *path;
    bool read_only;
    bool adopted; /* the connection is somebody else's */
    int depth; /* of store_begin */
    bool nested[DEPTH_MAX];
    struct store_guest guest;
    struct store_stmt *kept[KEPT_MAX]; /* of constants; the first so many are there */
};

struct store_stmt {
    struct store *store;
    sqlite3_stmt *stmt;
    const char *constant; /* the text it is kept under; NULL: it isn't kept */
    bool busy;            /* kept, and somebody's now */
    int bind_rc;          /* first failed bind; comes out of the next step */
};

struct sqlite3 *store_sqlite(struct store *s)
{
    return s->db;
}

bool store_is_read_only(const struct store *s)
{
    return s->read_only;
}

const char *store_path(const struct store *s)
{
    return s->path;
}

enum status store_err(struct store *s, int rc, struct err *e)
{
    enum status st = status_from_sqlite(rc);
    if (s == NULL || s->db == NULL) return err_set(e, st, "%s", sqlite3_errstr(rc));
    int offset = sqlite3_error_offset(s->db);
    const char *words = sqlite3_errmsg(s->db);
    /* What is wrong with a text that was read while the schema changed keeps its own words. */
    bool changed = (rc & 0xff) == SQLITE_SCHEMA;
    if (changed && strcmp(words, sqlite3_errstr(SQLITE_SCHEMA)) != 0) st = ST_INVALID;
    if (st == ST_BUSY && !changed) words = "the database is locked by another process";
    if (st == ST_DISK_FULL) words = "the disk is full";
    st = err_set(e, st, "%s", words);
    if (e != NULL) e->offset = offset;
    return st;
}

/* --- opening -------------------------------------------------------------------------------------
 */

static bool is_memory(const char *path)
{
    return strcmp(path, ":memory:") == 0;
}

/* SQLite would create or silently accept some of these; a person wants to know which it was. */
static enum status check_file(const char *path, const struct store_options *how, struct err *e)
{
    if (file_is_dir(path)) return err_set(e, ST_INVALID, "%s is a folder, not a database", path);
    if (file_exists(path)) {
        if (access(path, R_OK) != 0) return err_set_errno(e, errno, "%s", path);
        return ST_OK;
    }
    if (!how->create || how->read_only) return err_set(e, ST_NOT_FOUND, "%s: no such file", path);
    const char *name = file_base_name(path);
    if (name == path) return ST_OK;
    char *dir = mem_strndup(path, (size_t)(name - path));
    if (dir == NULL) return mem_err(e, 0);
    enum status st = file_make_dirs(dir, e);
    mem_free(dir);
    return st;
}

static void add_uri_path(struct buf *uri, const char *path)
{
    for (const char *p = path; *p != '\0'; p++) {
        if (*p == '%' || *p == '?' || *p == '#')
            buf_printf(uri, "%%%02x", (unsigned)(unsigned char)*p);
        else
            buf_add_char(uri, *p);
    }
}

/* The last way in: a WAL file on read-only ground can be read only if nobody writes it. */
static int open_immutable(struct store *s)
{
    struct buf uri;
    buf_init(&uri);
    buf_add_str(&uri, "file:");
    add_uri_path(&uri, s->path);
    buf_add_str(&uri, "?immutable=1");
    sqlite3_close(s->db);
    s->db = NULL;
    int rc = uri.failed
        ? SQLITE_NOMEM
        : sqlite3_open_v2(uri.data, &s->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL);
    buf_deinit(&uri);
    return rc;
}

/* The first read finds out whether the file is a database at all. */
static int probe(sqlite3 *db)
{
    return sqlite3_exec(db, "PRAGMA schema_version", NULL, NULL, NULL);
}

static enum status open_db(struct store *s, const struct store_options *how, struct err *e)
{
    bool memory = is_memory(s->path);
    if (!memory && (how->read_only || (file_exists(s->path) && access(s->path, W_OK) != 0)))
        s->read_only = true;
    int flags = s->read_only ? SQLITE_OPEN_READONLY
                             : SQLITE_OPEN_READWRITE | (how->create ? SQLITE_OPEN_CREATE : 0);
    int rc = sqlite3_open_v2(s->path, &s->db, flags | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc == SQLITE_OK) {
        sqlite3_extended_result_codes(s->db, 1);
        sqlite3_busy_timeout(s->db, BUSY_WAIT_MS);
        rc = probe(s->db);
    }
    if ((rc & 0xff) == SQLITE_CANTOPEN || (rc & 0xff) == SQLITE_READONLY) {
        s->read_only = true;
        rc = open_immutable(s);
        if (rc == SQLITE_OK) rc = probe(s->db);
    }
    if ((rc & 0xff) == SQLITE_NOTADB)
        return err_set(e, ST_CORRUPT, "%s is not a database", s->path);
    if (rc != SQLITE_OK) {
        enum status st = store_err(s, rc, NULL);
        return err_set(e, st, "%s can't be opened: %s", s->path, sqlite3_errmsg(s->db));
    }
    return ST_OK;
}

/* page_size and journal_mode take hold only while a file is new; on others they change nothing. */
static enum status set_up(struct store *s, const struct store_options *how, struct err *e)
{
    /* temp_store stays at FILE: a sorter then has one block of memory for its rows instead of one
     * for each, and what outgrows 64 MiB goes to a file. */
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
    sqlite3_limit(s->db, SQLITE_LIMIT_WORKER_THREADS, 0);
    enum status st = store_exec(s, "PRAGMA recursive_triggers=ON; PRAGMA foreign_keys=ON;"
        "PRAGMA cache_size=-65536; PRAGMA mmap_size=1073741824; PRAGMA temp.cache_size=-65536;", e);
    if (st != ST_OK || s->read_only) return st;
    if (how->as_is) return store_exec(s, "PRAGMA synchronous=FULL", e);
    /* The cache's size is said again: SQLite counts its pages when it is said, and does not count
     * anew for a larger page. */
    st = store_exec(s, "PRAGMA page_size=65536; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
        "PRAGMA journal_size_limit=67108864; PRAGMA cache_size=-65536;", e);
    /* Another process may hold the lock the switch to WAL needs; the file works without the switch.
     */
    if (st == ST_BUSY) st = store_exec(s, "PRAGMA synchronous=FULL", e);
    return st;
}

enum status store_open(
    const char *path, const struct store_options *how, struct store **out, struct err *e)
{
    *out = NULL;
    enum status st = is_memory(path) ? ST_OK : check_file(path, how, e);
    if (st != ST_OK) return st;
    struct store *s = mem_zalloc(1, sizeof *s);
    if (s == NULL) return mem_err(e, sizeof *s);
    s->path = mem_strdup(path);
    st = s->path == NULL ? mem_err(e, 0) : open_db(s, how, e);
    if (st == ST_OK) st = set_up(s, how, e);
    if (st != ST_OK) {
        store_close(s);
        return st;
    }
    *out = s;
    return ST_OK;
}

enum status store_adopt(struct sqlite3 *db, struct store **out, struct err *e)
{
    *out = NULL;
    struct store *s = mem_zalloc(1, sizeof *s);
    if (s == NULL) return mem_err(e, sizeof *s);
    const char *path = sqlite3_db_filename(db, "main");
    s->path = mem_strdup(path != NULL && path[0] != '\0' ? path : ":memory:");
    if (s->path == NULL) {
        mem_free(s);
        return mem_err(e, 0);
    }
    s->db = db;
    s->adopted = true;
    s->read_only = sqlite3_db_readonly(db, "main") == 1;
    *out = s;
    return ST_OK;
}

bool store_is_adopted(const struct store *s)
{
    return s->adopted;
}

static void free_stmt(struct store_stmt *st)
{
    sqlite3_finalize(st->stmt);
    mem_free(st);
}

void store_close(struct store *s)
{
    if (s == NULL) return;
    if (s->guest.close != NULL) s->guest.close(s);
    for (int i = 0; i < KEPT_MAX && s->kept[i] != NULL; i++) free_stmt(s->kept[i]);
    if (!s->adopted) sqlite3_close_v2(s->db);
    mem_free(s->path);
    mem_free(s);
}

/* --- statements ----------------------------------------------------------------------------------
 */

enum status store_exec(struct store *s, const char *sql, struct err *e)
{
    int rc = sqlite3_exec(s->db, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? ST_OK : store_err(s, rc, e);
}

void store_vsql(struct buf *sql, const char *fmt, va_list args)
{
    char *text = sqlite3_vmprintf(fmt, args);
    if (text == NULL)
        sql->failed = true;
    else
        buf_add_str(sql, text);
    sqlite3_free(text);
}

void store_sql(struct buf *sql, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    store_vsql(sql, fmt, args);
    va_end(args);
}

enum status store_execf(struct store *s, struct err *e, const char *fmt, ...)
{
    struct buf sql;
    va_list args;
    buf_init(&sql);
    va_start(args, fmt);
    store_vsql(&sql, fmt, args);
    va_end(args);
    enum status st = buf_check(&sql, e);
    if (st == ST_OK) st = store_exec(s, sql.data, e);
    buf_deinit(&sql);
    return st;
}

enum status store_preparef(
    struct store *s, struct store_stmt **out, struct err *e, const char *fmt, ...)
{
    struct buf sql;
    va_list args;
    *out = NULL;
    buf_init(&sql);
    va_start(args, fmt);
    store_vsql(&sql, fmt, args);
    va_end(args);
    enum status st = buf_check(&sql, e);
    if (st == ST_OK) st = store_prepare(s, sql.data, out, e);
    buf_deinit(&sql);
    return st;
}

bool store_has_table(struct store *s, const char *name)
{
    return sqlite3_table_column_metadata(s->db, "main", name, NULL, NULL, NULL, NULL, NULL, NULL) ==
        SQLITE_OK;
}

enum status store_find_column(
    struct store *s, const char *table, const char *column, bool *found, struct err *e)
{
    int rc = sqlite3_table_column_metadata(
        s->db, "main", table, column, NULL, NULL, NULL, NULL, NULL);
    *found = rc == SQLITE_OK;
    return rc == SQLITE_OK || rc == SQLITE_ERROR ? ST_OK : store_err(s, rc, e);
}

/* Within the caller's transaction ours is a savepoint, which nests: one bit a level tells how to
 * end it. */

enum status store_begin(struct store *s, struct err *e)
{
    if (s->depth == DEPTH_MAX)
        return err_set(e, ST_LIMIT, "transactions nest more than %d deep", DEPTH_MAX);
    bool nested = sqlite3_get_autocommit(s->db) == 0;
    enum status st = store_exec(s, nested ? "SAVEPOINT fovea_nested" : "BEGIN IMMEDIATE", e);
    if (st == ST_OK) s->nested[s->depth++] = nested;
    return st;
}

enum status store_commit(struct store *s, struct err *e)
{
    assert(s->depth > 0);
    enum status st = store_exec(s, s->nested[s->depth - 1] ? "RELEASE fovea_nested" : "COMMIT", e);
    if (st == ST_OK) s->depth--;
    return st;
}

/* SQLite ends the whole transaction by itself on some errors (a full disk): then nothing is left to
 * undo. */
void store_rollback(struct store *s)
{
    if (s->depth == 0) return;
    bool nested = s->nested[--s->depth];
    if (sqlite3_get_autocommit(s->db) != 0) return;
    sqlite3_exec(s->db, nested ? "ROLLBACK TO fovea_nested; RELEASE fovea_nested" : "ROLLBACK",
        NULL, NULL, NULL);
}

/* How long a busy file is waited for; 0 also when a handler of a host's decides. */
static int busy_wait_ms(struct store *s)
{
    sqlite3_stmt *st = NULL;
    int ms = 0;
    if (sqlite3_prepare_v2(s->db, "PRAGMA busy_timeout", -1, &st, NULL) == SQLITE_OK &&
        sqlite3_step(st) == SQLITE_ROW)
        ms = sqlite3_column_int(st, 0);
    sqlite3_finalize(st);
    return ms;
}

enum status store_begin_now(struct store *s, struct err *e)
{
    int wait_ms = busy_wait_ms(s);
    if (wait_ms > 0) sqlite3_busy_timeout(s->db, 0);
    enum status st = store_begin(s, e);
    if (wait_ms > 0) sqlite3_busy_timeout(s->db, wait_ms);
    return st;
}

bool store_in_transaction(const struct store *s)
{
    return sqlite3_get_autocommit(s->db) == 0;
}

const char *store_schema_path(const struct store *s, const char *schema)
{
    return sqlite3_db_filename(s->db, schema);
}

bool store_schema_is_read_only(const struct store *s, const char *schema)
{
    return s->read_only || sqlite3_db_readonly(s->db, schema) != 0;
}

enum store_hold store_schema_hold(const struct store *s, const char *schema)
{
    int state = sqlite3_txn_state(s->db, schema);
    if (state == SQLITE_TXN_WRITE) return STORE_WRITES;
    return state == SQLITE_TXN_READ ? STORE_READS : STORE_HOLDS_NOTHING;
}

struct store_guest *store_guest(struct store *s)
{
    return &s->guest;
}

enum status store_prepare(struct store *s, const char *sql, struct store_stmt **out, struct err *e)
{
    *out = NULL;
    struct store_stmt *st = mem_zalloc(1, sizeof *st);
    if (st == NULL) return mem_err(e, sizeof *st);
    st->store = s;
    const char *tail = NULL;
    int rc = sqlite3_prepare_v2(s->db, sql, -1, &st->stmt, &tail);
    if (rc != SQLITE_OK) {
        mem_free(st);
        return store_err(s, rc, e);
    }
    /* SQLite leaves what lies behind the first statement; a caller's condition may have put it
     * there. */
    if (tail[strspn(tail, " \t\r\n;")] != '\0') {
        store_finalize(st);
        enum status status = err_set(e, ST_SYNTAX, "more than one statement");
        if (e != NULL) e->offset = (int)(tail - sql);
        return status;
    }
    *out = st;
    return ST_OK;
}

static struct store_stmt **find_kept(struct store *s, const char *constant)
{
    for (int i = 0; i < KEPT_MAX; i++)
        if (s->kept[i] == NULL || s->kept[i]->constant == constant) return &s->kept[i];
    return NULL;
}

enum status store_prepare_constant(
    struct store *s, const char *constant, struct store_stmt **out, struct err *e)
{
    struct store_stmt **kept = s->adopted ? NULL : find_kept(s, constant);
    if (kept != NULL && *kept != NULL && !(*kept)->busy) {
        (*kept)->busy = true;
        *out = *kept;
        return ST_OK;
    }
    enum status st = store_prepare(s, constant, out, e);
    if (st != ST_OK || kept == NULL || *kept != NULL) return st;
    (*out)->constant = constant;
    (*out)->busy = true;
    *kept = *out;
    return ST_OK;
}

void store_finalize(struct store_stmt *st)
{
    if (st == NULL) return;
    if (st->constant == NULL) {
        free_stmt(st);
        return;
    }
    store_reset(st);
    sqlite3_clear_bindings(st->stmt);
    st->bind_rc = SQLITE_OK;
    st->busy = false;
}

static void note_bind(struct store_stmt *st, int rc)
{
    if (st->bind_rc == SQLITE_OK) st->bind_rc = rc;
}

void store_bind_null(struct store_stmt *st, int i)
{
    note_bind(st, sqlite3_bind_null(st->stmt, i));
}

void store_bind_int(struct store_stmt *st, int i, int64_t v)
{
    note_bind(st, sqlite3_bind_int64(st->stmt, i, v));
}

void store_bind_double(struct store_stmt *st, int i, double v)
{
    note_bind(st, sqlite3_bind_double(st->stmt, i, v));
}

void store_bind_text(struct store_stmt *st, int i, const char *text, int64_t bytes)
{
    if (text == NULL) {
        store_bind_null(st, i);
        return;
    }
    sqlite3_uint64 n = bytes < 0 ? strlen(text) : (sqlite3_uint64)bytes;
    note_bind(st, sqlite3_bind_text64(st->stmt, i, text, n, SQLITE_TRANSIENT, SQLITE_UTF8));
}

void store_bind_blob(struct store_stmt *st, int i, const void *data, int64_t bytes)
{
    if (data == NULL)
        store_bind_null(st, i);
    else
        note_bind(
            st, sqlite3_bind_blob64(st->stmt, i, data, (sqlite3_uint64)bytes, SQLITE_TRANSIENT));
}

enum status store_step(struct store_stmt *st, bool *row, struct err *e)
{
    *row = false;
    int rc = st->bind_rc != SQLITE_OK ? st->bind_rc : sqlite3_step(st->stmt);
    if (rc == SQLITE_ROW) {
        *row = true;
        return ST_OK;
    }
    enum status status = rc == SQLITE_DONE ? ST_OK : store_err(st->store, rc, e);
    store_reset(st);
    return status;
}

enum status store_run(struct store_stmt *st, struct err *e)
{
    bool row = true;
    enum status status = ST_OK;
    while (status == ST_OK && row) status = store_step(st, &row, e);
    store_reset(st);
    sqlite3_clear_bindings(st->stmt);
    return status;
}

void store_reset(struct store_stmt *st)
{
    sqlite3_reset(st->stmt);
    st->bind_rc = SQLITE_OK;
}

int64_t store_int(struct store_stmt *st, int i)
{
    return sqlite3_column_int64(st->stmt, i);
}

double store_double(struct store_stmt *st, int i)
{
    return sqlite3_column_double(st->stmt, i);
}

const char *store_text(struct store_stmt *st, int i)
{
    return (const char *)sqlite3_column_text(st->stmt, i);
}

const void *store_blob(struct store_stmt *st, int i)
{
    return sqlite3_column_blob(st->stmt, i);
}

int store_bytes(struct store_stmt *st, int i)
{
    return sqlite3_column_bytes(st->stmt, i);
}

bool store_is_null(struct store_stmt *st, int i)
{
    return sqlite3_column_type(st->stmt, i) == SQLITE_NULL;
}

bool store_is_blob(struct store_stmt *st, int i)
{
    return sqlite3_column_type(st->stmt, i) == SQLITE_BLOB;
}

int64_t store_last_rowid(const struct store *s)
{
    return sqlite3_last_insert_rowid(s->db);
}

void store_set_last_rowid(struct store *s, int64_t rowid)
{
    sqlite3_set_last_insert_rowid(s->db, rowid);
}

int64_t store_changes(const struct store *s)
{
    return sqlite3_changes64(s->db);
}
