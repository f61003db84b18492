/* stmt.c - statements: text to something that runs, rows out of it, parameters into it.
 *
 * Text that holds nothing of ours goes to SQLite as written and ends where SQLite says. The rest is planned
 * (plan.h) into one SQLite query, and from there on both are the same to step, bind and column.
 */
#include "sql/stmt.h"

#include <string.h>

#include "base/limits.h"
#include "base/mem.h"

static enum status prepare_plain(struct sql_stmt *st, const char *text, size_t bytes, const char **tail,
    struct err *e)
{
    struct sql_session *s = st->session;
    const char *end = text + bytes, *at = text;
    int rc;
    /* SQLite gives no statement for "; " but more text may follow. */
    do {
        const char *from = at;
        rc = sqlite3_prepare_v3(s->db, from, (int)(end - from), 0, &st->rows, &at);
        if (rc != SQLITE_OK) {
            enum status status = sql_word(s, rc, e);
            if (e != NULL && e->offset >= 0) err_place(e, text, e->offset + (int)(from - text));
            return status;
        }
        if (at == from) break;
    } while (st->rows == NULL && at < end);
    *tail = at;
    if (st->rows != NULL || at == end) return ST_OK;
    err_set(e, ST_SYNTAX, "a zero byte inside the text");
    return err_place(e, text, (int)(at - text));
}

enum status sql_prepare(struct sql_session *s, const char *text, size_t bytes, struct sql_stmt **out,
    const char **tail, struct err *e)
{
    *out = NULL;
    *tail = text;
    struct sql_stmt *st = mem_zalloc(1, sizeof *st);
    if (st == NULL) return mem_err(e, sizeof *st);
    st->session = s;
    enum status status = prepare_plain(st, text, bytes, tail, e);
    if (status != ST_OK || st->rows == NULL) {
        sql_finalize(st);
        return status;
    }
    *out = st;
    return ST_OK;
}

static void end_run(struct sql_stmt *st)
{
    if (st->started) st->session->running--;
    st->started = st->row = false;
}

void sql_finalize(struct sql_stmt *st)
{
    if (st == NULL) return;
    end_run(st);
    sqlite3_finalize(st->rows);
    mem_free(st->text);
    mem_free(st->vectors);
    mem_free(st);
}

static void begin_run(struct sql_stmt *st)
{
    struct sql_session *s = st->session;
    if (s->running++ == 0) atomic_store(&s->cancel, 0);
    s->fault = ERR_INIT;
    st->started = true;
}

enum status sql_step(struct sql_stmt *st, bool *row, struct err *e)
{
    *row = false;
    if (!st->started) begin_run(st);
    enum status status = run_check(&st->session->run, e);
    int rc = status == ST_OK ? sqlite3_step(st->rows) : SQLITE_DONE;
    if (status == ST_OK && rc == SQLITE_ROW) {
        *row = st->row = true;
        return ST_OK;
    }
    if (status == ST_OK && rc != SQLITE_DONE) status = sql_word(st->session, rc, e);
    sqlite3_reset(st->rows);
    end_run(st);
    return status;
}

enum status sql_reset(struct sql_stmt *st, struct err *e)
{
    (void)e;
    sqlite3_reset(st->rows);
    end_run(st);
    return ST_OK;
}

/* --- parameters ----------------------------------------------------------------------------------- */

int sql_bind_count(const struct sql_stmt *st)
{
    return sqlite3_bind_parameter_count(st->rows);
}

int sql_bind_index(const struct sql_stmt *st, const char *name)
{
    return sqlite3_bind_parameter_index(st->rows, name);
}

const char *sql_bind_name(const struct sql_stmt *st, int i)
{
    return sqlite3_bind_parameter_name(st->rows, i);
}

static enum status bound(const struct sql_stmt *st, int i, int rc, struct err *e)
{
    if (rc == SQLITE_OK) return ST_OK;
    if (rc == SQLITE_RANGE)
        return err_set(e, ST_INVALID, "there is no parameter %d: the statement has %d", i, sql_bind_count(st));
    if (rc == SQLITE_MISUSE) return err_set(e, ST_INVALID, "the statement is running: reset it before binding");
    return sql_word(st->session, rc, e);
}

enum status sql_bind_null(struct sql_stmt *st, int i, struct err *e)
{
    return bound(st, i, sqlite3_bind_null(st->rows, i), e);
}

enum status sql_bind_int(struct sql_stmt *st, int i, int64_t v, struct err *e)
{
    return bound(st, i, sqlite3_bind_int64(st->rows, i, v), e);
}

enum status sql_bind_double(struct sql_stmt *st, int i, double v, struct err *e)
{
    return bound(st, i, sqlite3_bind_double(st->rows, i, v), e);
}

enum status sql_bind_text(struct sql_stmt *st, int i, const char *t, int64_t bytes, struct err *e)
{
    if (t == NULL) return sql_bind_null(st, i, e);
    sqlite3_uint64 n = bytes < 0 ? strlen(t) : (sqlite3_uint64)bytes;
    return bound(st, i, sqlite3_bind_text64(st->rows, i, t, n, SQLITE_TRANSIENT, SQLITE_UTF8), e);
}

enum status sql_bind_blob(struct sql_stmt *st, int i, const void *d, int64_t bytes, struct err *e)
{
    if (d == NULL) return sql_bind_null(st, i, e);
    return bound(st, i, sqlite3_bind_blob64(st->rows, i, d, (sqlite3_uint64)bytes, SQLITE_TRANSIENT), e);
}

/* --- columns -------------------------------------------------------------------------------------- */

int sql_column_count(const struct sql_stmt *st)
{
    return sqlite3_column_count(st->rows);
}

const char *sql_column_name(const struct sql_stmt *st, int i)
{
    return sqlite3_column_name(st->rows, i);
}

enum sql_type sql_column_type(const struct sql_stmt *st, int i)
{
    static const enum sql_type TYPES[] = {[SQLITE_INTEGER] = SQL_INTEGER, [SQLITE_FLOAT] = SQL_FLOAT,
        [SQLITE_TEXT] = SQL_TEXT, [SQLITE_BLOB] = SQL_BLOB, [SQLITE_NULL] = SQL_NULL};
    if (!st->row) return SQL_NULL;
    enum sql_type type = TYPES[sqlite3_column_type(st->rows, i)];
    if (type != SQL_BLOB || sqlite3_column_bytes(st->rows, i) % (int)sizeof(float) != 0) return type;
    if (st->vectors != NULL && i >= 0 && i < sqlite3_column_count(st->rows) && st->vectors[i]) return SQL_VECTOR;
    bool made = sqlite3_value_subtype(sqlite3_column_value(st->rows, i)) == SQL_SUBTYPE_VECTOR;
    return made ? SQL_VECTOR : SQL_BLOB;
}

int64_t sql_column_int(const struct sql_stmt *st, int i)
{
    return st->row ? sqlite3_column_int64(st->rows, i) : 0;
}

double sql_column_double(const struct sql_stmt *st, int i)
{
    return st->row ? sqlite3_column_double(st->rows, i) : 0;
}

const char *sql_column_text(const struct sql_stmt *st, int i)
{
    return st->row ? (const char *)sqlite3_column_text(st->rows, i) : NULL;
}

const void *sql_column_blob(const struct sql_stmt *st, int i)
{
    return st->row ? sqlite3_column_blob(st->rows, i) : NULL;
}

int64_t sql_column_bytes(const struct sql_stmt *st, int i)
{
    return st->row ? sqlite3_column_bytes(st->rows, i) : 0;
}
