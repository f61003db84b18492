/* fuzz_sql_plan.c - any bytes as SQL, scanned, parsed and planned, but not run: many more a second
 * than fuzz_sql.c, and what holds of every text is checked.
 *
 * Tokens lie in order inside the text; a statement ends behind where it begins; a failure has words
 * and a place in the text; the same text gives the same answer again, cut off behind its end too.
 */
#include "sql/kept.h"
#include "sql/text/scan.h"
#include "sql_harness.h"

enum { STATEMENTS_MAX = 64 };

/* One session for all inputs: planning leaves nothing behind. */
static struct sql_session *session(void)
{
    static struct sql_session *s;
    if (s == NULL) s = sql_fuzz_open();
    return s;
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

/* What can be asked of a statement that has not run. */
static void describe(struct sql_stmt *st)
{
    for (int i = 1; i <= sql_bind_count(st); i++) {
        const char *name = sql_bind_name(st, i);
        if (name != NULL && sql_bind_index(st, name) < 1) abort();
    }
    for (int i = 0; i < sql_column_count(st); i++)
        if (sql_column_type(st, i) != SQL_NULL || sql_column_type_text(st, i) == NULL) abort();
    if (sql_message(st) != NULL) abort();
    if (sql_picture_column(st) >= sql_column_count(st)) abort();
    (void)sql_format(st);
}

static enum status prepare(const char *at, size_t bytes, const char **tail)
{
    struct sql_stmt *st = NULL;
    struct err e = ERR_INIT;
    *tail = at;
    sql_kept_clear(session());
    enum status rc = sql_prepare(session(), at, bytes, &st, tail, &e);
    if (*tail < at || *tail > at + bytes) abort();
    if (rc == ST_OK && e.code != ST_OK) abort();
    if (rc != ST_OK && (st != NULL || e.text[0] == '\0' || e.code != rc)) abort();
    if (rc != ST_OK && (e.line < 1 || e.offset < 0 || (size_t)e.offset > bytes)) abort();
    if (st != NULL) describe(st);
    sql_finalize(st);
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (sql_fuzz_leaves((const char *)data, size)) return 0;
    const char *at = (const char *)data, *end = at + size;
    for (int i = 0; i < STATEMENTS_MAX && at < end; i++) {
        const char *tail, *again;
        check_scan(at, (size_t)(end - at));
        enum status rc = prepare(at, (size_t)(end - at), &tail);
        if (tail == at) break;
        enum status second = prepare(at, (size_t)(tail - at), &again);
        if (rc == ST_OK && second != ST_OK) abort();
        at = tail;
    }
    return 0;
}
