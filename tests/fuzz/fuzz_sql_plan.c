/* fuzz_sql_plan.c - any bytes as SQL, scanned, parsed and planned, but not run: many more a second
 * than fuzz_sql.c, and what holds of every text is checked.
 *
 * Tokens lie in order inside the text; a statement ends behind where it begins; a failure has words
 * and a place in the text; the same text gives the same answer again, cut off behind its end too.
 */
#include <assert.h>
#include <sqlite3.h>
#include <stdlib.h>

#include "../unit/sql_fake_model.h"
#include "sql/session.h"
#include "sql/text/scan.h"

enum { STATEMENTS_MAX = 64, HEAP_BYTES = 64 << 20 };

static const char SCHEMA[] =
    "CREATE TABLE t(id INTEGER PRIMARY KEY, image_path TEXT, path TEXT, label TEXT, e BLOB, v BLOB,"
    " mini_clip BLOB);"
    "CREATE VIEW w AS SELECT id, v FROM t;"
    "CREATE TABLE fovea_columns(tbl TEXT, col TEXT, model TEXT, fingerprint TEXT, dim INTEGER, "
    "metric TEXT, PRIMARY KEY(tbl, col));"
    "INSERT INTO fovea_columns VALUES('t', 'e', 'twin', 'twin0', 16, 'cosine'),"
    " ('t', 'v', '', '', 2, 'l2');";

/* One session for all inputs: planning leaves nothing behind. */
static struct sql_session *session(void)
{
    static struct sql_session *s;
    struct err e = ERR_INIT;
    if (s != NULL) return s;
    sqlite3_hard_heap_limit64(HEAP_BYTES);
    if (sql_session_open(":memory:", &(struct store_options){.create = true}, &s, &e) != ST_OK)
        abort();
    if (store_exec(sql_session_store(s), SCHEMA, &e) != ST_OK) abort();
    sql_session_run(s)->threads = 1;
    return s;
}

/* Reading files and models from elsewhere is not what is tried here: bytes of a statement that
 * might, 0 for one that doesn't. */
static int reaches_out(const char *at, size_t bytes)
{
    static const char *const WORDS[] = {"COPY", "GET", "UPLOAD", "INFILE"};
    struct arena arena;
    struct sql_scan scan;
    int end = 0;
    arena_init(&arena, 0);
    if (sql_scan_next(at, bytes, &arena, &scan, NULL) == ST_OK)
        for (int i = 0; i < scan.count && end == 0; i++)
            for (size_t k = 0; k < sizeof WORDS / sizeof WORDS[0]; k++)
                if (lex_is(at, scan.tokens[i], WORDS[k])) end = scan.end;
    arena_deinit(&arena);
    return end;
}

static void check_scan(const char *at, size_t bytes)
{
    struct arena arena;
    struct sql_scan scan;
    int last = 0;
    arena_init(&arena, 0);
    if (sql_scan_next(at, bytes, &arena, &scan, NULL) == ST_OK) {
        for (int i = 0; i < scan.count; i++) {
            struct sql_token t = scan.tokens[i];
            if (t.start < last || t.end <= t.start || (size_t)t.end > bytes) abort();
            last = t.end;
        }
        if (scan.end < last || (size_t)scan.end > bytes) abort();
    }
    arena_deinit(&arena);
}

static enum status prepare(const char *at, size_t bytes, const char **tail)
{
    struct sql_stmt *st = NULL;
    struct err e = ERR_INIT;
    *tail = at;
    enum status rc = sql_prepare(session(), at, bytes, &st, tail, &e);
    if (*tail < at || *tail > at + bytes) abort();
    if (rc == ST_OK && e.code != ST_OK) abort();
    if (rc != ST_OK && (st != NULL || e.text[0] == '\0' || e.code != rc)) abort();
    if (rc != ST_OK && (e.line < 1 || e.offset < 0 || (size_t)e.offset > bytes)) abort();
    sql_finalize(st);
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *at = (const char *)data, *end = at + size;
    for (int i = 0; i < STATEMENTS_MAX && at < end; i++) {
        const char *tail, *again;
        check_scan(at, (size_t)(end - at));
        int skip = reaches_out(at, (size_t)(end - at));
        if (skip > 0) {
            at += skip;
            continue;
        }
        enum status rc = prepare(at, (size_t)(end - at), &tail);
        if (tail == at) break;
        enum status second = prepare(at, (size_t)(tail - at), &again);
        if (rc == ST_OK && second != ST_OK) abort();
        at = tail;
    }
    return 0;
}
