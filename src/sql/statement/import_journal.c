/* import_journal.c - the transaction of an import, and what keeps it whole.
 *
 * In WAL mode every page of a large import is written twice, into the WAL and, at its checkpoint,
 * into the file. With a rollback journal a new page is written once: it was not there before, so
 * there is nothing to keep of it. Measured: a fifth to a third of the time. So an import of many
 * bytes puts the WAL aside until its commit, if it can: that needs the file for itself, so whoever
 * has it open (a server, another shell) goes on reading and the import goes through the WAL. A
 * program that opens the file meanwhile waits for the end of the import.
 *
 * synchronous=EXTRA while it lasts: FULL, and the folder is synced when the journal is gone,
 * without which a commit could be undone by a loss of power. A crash leaves a journal that the next
 * one to open the file rolls back; and store_open says WAL again.
 */
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "sql/statement/import.h"

enum { MANY_BYTES = 64 << 20, BUSY_WAIT_MS = 5000 };

/* What the pragma answers is the mode the file is in. */
static bool set_mode(struct import *im, const char *mode)
{
    sqlite3_stmt *stmt = NULL;
    char *sql = sqlite3_mprintf("PRAGMA main.journal_mode=%s", mode);
    bool is = false;
    if (sql != NULL && sqlite3_prepare_v2(im->session->db, sql, -1, &stmt, NULL) == SQLITE_OK &&
        sqlite3_step(stmt) == SQLITE_ROW) {
        const char *now = (const char *)sqlite3_column_text(stmt, 0);
        is = now != NULL && strcasecmp(now, mode) == 0;
    }
    sqlite3_finalize(stmt);
    sqlite3_free(sql);
    return is;
}

static bool is_wal(struct import *im)
{
    sqlite3_stmt *stmt = NULL;
    bool is = false;
    if (sqlite3_prepare_v2(im->session->db, "PRAGMA main.journal_mode", -1, &stmt, NULL) ==
            SQLITE_OK &&
        sqlite3_step(stmt) == SQLITE_ROW)
        is = strcasecmp((const char *)sqlite3_column_text(stmt, 0), "wal") == 0;
    sqlite3_finalize(stmt);
    return is;
}

static void put_aside(struct import *im)
{
    struct table_progress p = {.bytes_total = 0};
    struct store *store = im->session->store;
    if (im->files != NULL) table_get_progress(im->files, &p);
    bool main = sqlite3_stricmp(im->schema, "main") == 0;
    if (p.bytes_total < MANY_BYTES || !main || store_in_transaction(store) ||
        store_is_adopted(store) || !is_wal(im))
        return;
    /* Without waiting: who has the file open keeps it open. */
    sqlite3_busy_timeout(im->session->db, 0);
    im->journal = set_mode(im, "DELETE");
    sqlite3_busy_timeout(im->session->db, BUSY_WAIT_MS);
    if (im->journal) sqlite3_exec(im->session->db, "PRAGMA synchronous=EXTRA", NULL, NULL, NULL);
}

static void put_back(struct import *im)
{
    if (!im->journal) return;
    im->journal = false;
    set_mode(im, "WAL");
    sqlite3_exec(im->session->db, "PRAGMA synchronous=FULL", NULL, NULL, NULL);
}

enum status import_begin(struct import *im, struct err *e)
{
    put_aside(im);
    enum status st = store_begin(im->session->store, e);
    if (st != ST_OK) put_back(im);
    return st;
}

enum status import_end(struct import *im, enum status st, struct err *e)
{
    if (st == ST_OK) st = store_commit(im->session->store, e);
    if (st != ST_OK) store_rollback(im->session->store);
    put_back(im);
    return st;
}
