/* fuzz_kept.c - any bytes as SQL, run as a driver does that prepares each statement anew, over a
 * schema that changes meanwhile.
 *
 * The script is run in two sessions, one that keeps finalized statements (sql/kept.h) and one that
 * forgets them before each is prepared. Both must tell the same: outcomes, columns, rows. Each
 * statement runs, runs again from the same text, and once more behind a change of the schema or of
 * a setting; one that was prepared before the change is run behind it. Changes are said through the
 * session, or through another connection. Its length chooses where they begin.
 */
#include "base/buf.h"
#include "sql/kept.h"
#include "sql_harness.h"

enum { STATEMENTS_MAX = 8, ROWS_MAX = 50, TIME_MS = 1500, LOG_BYTES_MAX = 1 << 20 };

struct twin {
    struct sql_session *session, *other;
    struct buf log;
    bool keeps;
    bool vague; /* out of time or memory: nothing is compared any more */
};

/* What another connection may have done since. */
static const struct {
    const char *sql;
    bool other; /* connection */
} CHANGES[] = {
    {"ALTER TABLE t ADD COLUMN n1 BLOB DEFAULT x'0000803f'", true},
    {"SET hnsw.ef_search = 7", false},
    {"CREATE INDEX i1 ON t(label)", true},
    {"ALTER TABLE c ADD COLUMN n2 Array(Float32)", false},
    {"DROP TABLE p; CREATE TABLE p(n TEXT, e BLOB \"vector(1)\");"
     " UPDATE fovea_columns SET dim = 1 WHERE tbl = 'p'",
        true},
    {"DROP TABLE IF EXISTS p", true},
    {"CREATE INDEX i2 ON t USING hnsw (v vector_l2_ops)", false},
    {"INSERT INTO t(id, v) VALUES(99, vector('[5,6]'))", true},
    {"ALTER TABLE t RENAME COLUMN label TO label2", true},
    {"SET model = 'twin'", false},
    {"DROP VIEW w", true},
    {"CREATE TABLE w(v TEXT, id)", true},
    {"ALTER TABLE t DROP COLUMN path", true},
    {"DROP TABLE c", false},
    {"CREATE TABLE c(id UInt8, v Array(Float32)) ENGINE = MergeTree ORDER BY id", false},
};

/* Their answers aren't the same twice. */
static bool is_fickle(const char *at, size_t bytes)
{
    static const char *const WORDS[] = {"RANDOM", "RAND", "NOW", "CURRENT", "TIME", "DATE", "UUID",
        "ANALYZE", "JULIANDAY", "UNIXEPOCH", "INDEXES", "DATASET", "TODAY", "YESTERDAY", "VERSION",
        "VECTOR_INDEXES", "GEN_RANDOM", "GENERATE", "TRANSACTION_", "STATEMENT_", "CLOCK_",
        "TO_TIME", "STRFTIME", "DATA_VERSION"};
    for (size_t i = 0; i < bytes; i++) {
        if (i > 0 && (at[i - 1] | 0x20) >= 'a' && (at[i - 1] | 0x20) <= 'z') continue;
        for (size_t k = 0; k < sizeof WORDS / sizeof WORDS[0]; k++)
            if (bytes - i >= strlen(WORDS[k]) &&
                strncasecmp(at + i, WORDS[k], strlen(WORDS[k])) == 0)
                return true;
    }
    return false;
}

static void tell(struct twin *t, enum status rc)
{
    if (rc == ST_OK) return;
    t->vague |= rc == ST_NO_MEMORY || rc == ST_TIMEOUT || rc == ST_CANCELLED;
    buf_printf(&t->log, "error %d\n", (int)rc); /* its words hang on who notices it first */
}

static void tell_row(struct twin *t, struct sql_stmt *st)
{
    for (int i = 0; i < sql_column_count(st) && t->log.bytes < LOG_BYTES_MAX; i++) {
        const char *name = sql_column_name(st, i);
        enum sql_type type = sql_column_type(st, i);
        buf_printf(&t->log, "%s %s %d ", name != NULL ? name : "?", sql_column_type_text(st, i),
            (int)type);
        int64_t bytes = type == SQL_NULL ? 0 : sql_column_bytes(st, i);
        const void *data = sql_column_blob(st, i);
        if (bytes > 0 && data != NULL) buf_add(&t->log, data, (size_t)bytes);
        buf_add_char(&t->log, '\n');
    }
}

static void run(struct twin *t, struct sql_stmt *st)
{
    struct err e = ERR_INIT;
    bool row = true;
    enum status rc = ST_OK;
    for (int i = 1; rc == ST_OK && i <= sql_bind_count(st) && i < 4; i++)
        rc = sql_bind_text(st, i, "[1,2]", -1, &e);
    for (int i = 0; rc == ST_OK && row && i < ROWS_MAX; i++) {
        rc = sql_step(st, &row, &e);
        if (rc == ST_OK && row) tell_row(t, st);
    }
    tell(t, rc);
}

/* NULL: nothing can run. */
static struct sql_stmt *prepare(struct twin *t, const char *at, size_t bytes, const char **tail)
{
    struct sql_stmt *st = NULL;
    struct err e = ERR_INIT;
    if (!t->keeps) sql_kept_clear(t->session);
    tell(t, sql_prepare(t->session, at, bytes, &st, tail, &e));
    return st;
}

static void run_anew(struct twin *t, const char *at, size_t bytes)
{
    const char *tail;
    struct sql_stmt *st = prepare(t, at, bytes, &tail);
    if (st != NULL) run(t, st);
    sql_finalize(st);
}

static void change(struct twin *t, size_t i)
{
    const char *sql = CHANGES[i % (sizeof CHANGES / sizeof CHANGES[0])].sql;
    struct err e = ERR_INIT;
    if (CHANGES[i % (sizeof CHANGES / sizeof CHANGES[0])].other)
        tell(t, store_exec(sql_session_store(t->other), sql, &e));
    else
        run_anew(t, sql, strlen(sql));
}

static void run_script(struct twin *t, size_t turn, const char *at, const char *end)
{
    struct err e = ERR_INIT;
    for (int i = 0; i < STATEMENTS_MAX && at < end; i++) {
        const char *tail = at;
        struct sql_stmt *st = prepare(t, at, (size_t)(end - at), &tail);
        if (tail == at) break;
        if (st != NULL) run(t, st);
        sql_finalize(st);
        run_anew(t, at, (size_t)(tail - at));
        const char *behind;
        struct sql_stmt *held = prepare(t, at, (size_t)(tail - at), &behind);
        if (held != NULL) run(t, held);
        if (held != NULL && sql_reset(held, &e) != ST_OK) abort();
        change(t, turn + (size_t)i);
        if (held != NULL) run(t, held);
        sql_finalize(held);
        run_anew(t, at, (size_t)(tail - at));
        at = tail;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct twin twins[2] = {{.keeps = true}, {.keeps = false}};
    if (sql_fuzz_leaves((const char *)data, size)) return 0;
    if (is_fickle((const char *)data, size)) return 0;
    for (int i = 0; i < 2; i++) {
        struct twin *t = &twins[i];
        t->session = sql_fuzz_open_at("twin/t.db");
        t->other = sql_fuzz_open_at("twin/t.db");
        if (store_exec(sql_session_store(t->session), SQL_FUZZ_SCHEMA, NULL) != ST_OK) abort();
        sqlite3_busy_timeout(store_sqlite(sql_session_store(t->other)), 0);
        buf_init(&t->log);
        sql_session_run(t->session)->deadline_ms = run_now_ms() + TIME_MS;
        run_script(t, size, (const char *)data, (const char *)data + size);
        sql_session_close(t->other);
        sql_session_close(t->session);
        if (file_remove_tree("twin", NULL) != ST_OK) abort();
    }
    const struct buf *a = &twins[0].log, *b = &twins[1].log;
    bool vague = twins[0].vague || twins[1].vague || a->failed || b->failed;
    if (!vague && (a->bytes != b->bytes || (a->bytes > 0 && memcmp(a->data, b->data, a->bytes)))) {
        fprintf(stderr, "kept:\n%s\nanew:\n%s\n", a->data, b->data);
        abort();
    }
    buf_deinit(&twins[0].log);
    buf_deinit(&twins[1].log);
    return 0;
}
